//! A platform that shows what was written only after a while: shorter than we wait, and longer.

use std::time::Duration;

use flowgate_sandbox::{Config, Fault, Operation, Sandbox, Visibility};

use crate::run_deploy::stage::flow;
use crate::support::{Ended, Repo};

/// A change of a flow that is live.
struct Story {
    repo: Repo,
    sandbox: Sandbox,
}

impl Story {
    async fn of(config: Config) -> Self {
        let repo = Repo::new();
        let sandbox = Sandbox::start(config).await.unwrap();
        let before = flow("accounts", "1.0.0", "Hello");
        sandbox.seed_published(&before, "1.0.0").unwrap();
        repo.write("base/flows/accounts.json", before);
        repo.write(
            "head/flows/accounts.json",
            flow("accounts", "1.1.0", "Good day"),
        );
        Self { repo, sandbox }
    }

    fn deploy(&self, deadline: &str) -> Ended {
        let sandbox = format!("--sandbox={}", self.sandbox.base_url());
        let args = [
            "deploy",
            &sandbox,
            "--base-dir=../base",
            "--ambiguous-read-delays=0s,50ms,100ms",
            "--read-back-deadline",
            deadline,
        ];
        let run = self.repo.flowgate(&args);
        run.cwd(self.repo.root().join("head")).end()
    }

    /// Creates and publications that were sent.
    fn writes(&self) -> (usize, usize) {
        let count = |operation| self.sandbox.count(operation);
        (count(Operation::CreateVersion), count(Operation::Publish))
    }

    /// In the end the new version is stored once and live, and a further run writes nothing.
    fn is_whole(&self) {
        let writes = self.writes();
        let done = self.deploy("30s");
        assert_eq!((done.code, self.writes()), (0, writes), "{}", done.all());
        let state = self.sandbox.state();
        let found = state.flow("accounts").unwrap();
        assert_eq!(found.published().unwrap().version, "1.1.0");
        assert_eq!(found.versions.len(), 2);
    }
}

fn publications_show_after(visibility: Visibility) -> Config {
    Config {
        publish_visible: visibility,
        ..Config::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shows_before_the_deadline_is_waited_for() {
    let story = Story::of(publications_show_after(Visibility::AfterReads(3))).await;
    let done = story.deploy("30s");
    assert_eq!(done.code, 0, "{}", done.all());
    assert!(done.out.contains("read back and right"), "{}", done.out);
    assert_eq!(story.writes(), (1, 1));
    story.is_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shows_after_the_deadline_is_no_success_and_nothing_is_written_about_it() {
    let hidden = Visibility::After(Duration::from_secs(4));
    let story = Story::of(publications_show_after(hidden)).await;
    let done = story.deploy("300ms");
    assert_eq!(done.code, 5, "{}", done.all());
    for says in [
        "CXone accepted the publication of 1.1.0",
        "accepted, not visible yet",
        "live now: not known, before it was 1.0.0",
    ] {
        assert!(done.out.contains(says), "{says}: {}", done.out);
    }
    assert_eq!(story.writes(), (1, 1), "nothing is taken back");
    tokio::time::sleep(Duration::from_secs(4)).await;
    story.is_whole();
    assert_eq!(story.writes(), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn run_again_before_it_shows_it_is_published_again_and_not_created() {
    let hidden = Visibility::After(Duration::from_secs(3));
    let story = Story::of(publications_show_after(hidden)).await;
    assert_eq!(story.deploy("100ms").code, 5);
    let done = story.deploy("30s");
    assert_eq!(done.code, 0, "{}", done.all());
    assert_eq!(story.writes().0, 1);
    story.is_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_shows_after_everybody_stopped_looking_is_taken_over_by_the_next_run() {
    for wait in [0, 3] {
        let story = Story::of(Config {
            create_visible: Visibility::After(Duration::from_secs(3)),
            ..Config::default()
        })
        .await;
        story
            .sandbox
            .fail_next(Operation::CreateVersion, Fault::DropAfter);
        let done = story.deploy("30s");
        assert_eq!(done.code, 4, "{}", done.all());
        assert!(done.out.contains("run again"), "{}", done.out);
        assert_eq!(story.writes(), (1, 0));
        tokio::time::sleep(Duration::from_secs(wait)).await;
        // While it does not show, the number is found to be taken, and by what is not known yet.
        let mut done = story.deploy("30s");
        if wait == 0 {
            assert_eq!(done.code, 4, "{}", done.all());
            tokio::time::sleep(Duration::from_secs(4)).await;
            done = story.deploy("30s");
        }
        assert_eq!(done.code, 0, "{}", done.all());
        assert_eq!(story.writes().1, 1);
        story.is_whole();
    }
}
