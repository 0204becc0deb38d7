//! A runner: a repository, its GitHub and the tenant, and runs of an example by act.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{ENVIRONMENT, READER_CLIENT_ID, READER_CLIENT_SECRET};
use serde_json::{Value, json};

use crate::run_check::FLOW;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::pages::root;
use crate::workflows::{OURSELVES, table};

/// The repository, GitHub and the tenant, and a runner.
pub(super) struct Runner {
    program: PathBuf,
    pub(super) stage: Stage,
    workflow: PathBuf,
    action: PathBuf,
    /// Client and secret that the environment holds; none for a fork.
    pub(super) client: Option<(&'static str, &'static str)>,
    runs: u32,
}

/// How a run of the workflow ended.
pub(super) struct Ended {
    green: bool,
    pub(super) log: String,
}

impl Runner {
    /// One that runs this example, word by word but for what [`of_example`] says.
    pub(super) fn of(example: &str) -> Option<Self> {
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

    pub(super) fn run(&mut self, event: &str, payload: &Value) -> Ended {
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

    pub(super) fn bodies(&self, pull: u64) -> Vec<String> {
        let github = self.stage.fake.state();
        github.bodies(pull).into_iter().map(str::to_owned).collect()
    }

    /// A flow that is live as it stands on `main`.
    pub(super) fn live(&mut self) {
        let before = self.stage.head();
        self.stage.merge(1, &[(FLOW, flow("a", "1.0.0", "hello"))]);
        self.stage.push(&before).end().ends(0, "live");
    }
}

impl Ended {
    #[track_caller]
    pub(super) fn is(self, green: bool, says: &[&str]) -> Self {
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
