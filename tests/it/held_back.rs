//! What holds a deployment back at a desk as in a workflow: more writes than anybody meant, an audit that cannot be
//! written, an answer that is about something else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{Config, Fault, Moment, Operation, Sandbox, Scripted};

use crate::run_deploy::stage::flow;
use crate::support::{Ended, Repo};

/// A change of so many flows, which are live as they were before.
struct Story {
    repo: Repo,
    sandbox: Sandbox,
}

impl Story {
    async fn of(flows: usize) -> Self {
        let repo = Repo::new();
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        for number in 0..flows {
            let id = format!("line-{number:02}");
            let before = flow(&id, "1.0.0", "Hello");
            sandbox.seed_published(&before, "1.0.0").unwrap();
            repo.write(&format!("base/flows/{id}.json"), before);
            repo.write(
                &format!("head/flows/{id}.json"),
                flow(&id, "1.1.0", "Good day"),
            );
        }
        Self { repo, sandbox }
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        let sandbox = format!("--sandbox={}", self.sandbox.base_url());
        let fixed = ["deploy", &sandbox, "--base-dir=../base", "--concurrency=1"];
        fixed.iter().chain(more).map(ToString::to_string).collect()
    }

    fn run(&self, way: &Command) -> Ended {
        let run = self.repo.flowgate(&[]);
        run.by(way).cwd(self.repo.root().join("head")).end()
    }

    fn deploy(&self, more: &[&str]) -> Ended {
        let mut way = Command::new(cargo_bin!("flowgate"));
        way.args(self.args(more));
        self.run(&way)
    }

    /// The same where no file may grow beyond so many blocks of 512 bytes, and writing more is an error.
    fn deploy_with_room_for(&self, blocks: u32, more: &[&str]) -> Ended {
        let mut way = Command::new("/bin/sh");
        way.args([
            "-c",
            r#"trap "" XFSZ; ulimit -f "$1"; shift; exec "$@""#,
            "sh",
        ])
        .arg(blocks.to_string())
        .arg(cargo_bin!("flowgate"))
        .args(self.args(more));
        self.run(&way)
    }

    fn audit(&self) -> PathBuf {
        self.repo.root().join("audit.jsonl")
    }

    fn writes(&self) -> usize {
        self.sandbox.count(Operation::CreateVersion) + self.sandbox.count(Operation::Publish)
    }
}

fn announced(audit: &Path) -> usize {
    let text = fs::read_to_string(audit).unwrap();
    text.matches(r#""status":"INITIATED""#).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_writes_than_anybody_meant_are_shown_and_not_made() {
    let story = Story::of(21).await;
    let done = story.deploy(&[]);
    assert_eq!(done.code, 3, "{}", done.all());
    assert!(done.out.contains("line-20"), "{}", done.all());
    assert!(
        done.err
            .contains("21 flows would be written, and `max-changes` is 20"),
        "{}",
        done.all()
    );
    let done = story.deploy(&["--format=json"]);
    assert_eq!(done.code, 3, "{}", done.all());
    assert!(done.out.contains(r#""flowId": "line-20""#), "{}", done.out);
    assert_eq!(story.writes(), 0);
    // As many as may be.
    let done = story.deploy(&["--max-changes=21"]);
    assert_eq!((done.code, story.writes()), (0, 42), "{}", done.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_stops_the_writes_that_it_cannot_hold() {
    // Room for no line, and for a few.
    for blocks in [0, 1, 4, 8, 12] {
        let story = Story::of(6).await;
        let audit = story.audit();
        let file = format!("--audit-file={}", audit.display());
        let done = story.deploy_with_room_for(blocks, &[&file]);
        let writes = story.writes();
        let told = done.all();
        assert_eq!(done.code, 4, "{blocks}: {told}");
        assert!(told.contains("could not write the audit"), "{told}");
        assert!(
            writes < 12 && writes <= announced(&audit),
            "{blocks}: {told}"
        );
        if blocks == 0 {
            assert_eq!(writes, 0, "{told}");
        }

        // With room again the rest is done, and the torn line is forgiven.
        let done = story.deploy(&[&file]);
        assert_eq!((done.code, story.writes()), (0, 12), "{}", done.all());
        let verify = ["audit", "verify", audit.to_str().unwrap()];
        let proved = story.repo.flowgate(&verify).end();
        assert_eq!(proved.code, 0, "{}", proved.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_cannot_hold_an_audit() {
    let story = Story::of(1).await;
    // A place that can hold no file is wrong use; a folder that is not there is a failure of this machine.
    for (place, code) in [
        ("/dev/null", 2),
        ("/dev/full", 2),
        ("/dev/zero", 2),
        (".", 2),
        ("none/audit.jsonl", 4),
    ] {
        let done = story.deploy(&["--audit-file", place]);
        assert_eq!(
            (done.code, story.writes()),
            (code, 0),
            "{place}: {}",
            done.all()
        );
        assert!(done.err.contains("could not write"), "{}", done.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_another_version_is_looked_into_and_not_followed() {
    // A cache or a gateway answers the create with what it has at hand: the version that is live.
    for (at, code) in [(Moment::Committed, 0), (Moment::Received, 4)] {
        for more in ["", r#", "version": "1.0.0""#] {
            let story = Story::of(1).await;
            let old = story.sandbox.state().flow("line-00").unwrap().versions[0]
                .id
                .clone();
            let fault = Fault::Status(Scripted {
                body: Some(format!(r#"{{"id": "{old}"{more}}}"#)),
                at,
                ..Scripted::new(200)
            });
            story.sandbox.fail_next(Operation::CreateVersion, fault);
            let done = story.deploy(&["--ambiguous-read-delays=0s,20ms"]);
            assert_eq!(done.code, code, "{}", done.all());
            let state = story.sandbox.state();
            let found = state.flow("line-00").unwrap();
            let live = if code == 0 { "1.1.0" } else { "1.0.0" };
            assert_eq!(found.published().unwrap().version, live);
            assert_eq!(story.sandbox.count(Operation::CreateVersion), 1);
            // The old version was never put live again.
            let publishes = usize::from(code == 0);
            assert_eq!(story.sandbox.count(Operation::Publish), publishes);
        }
    }
}
