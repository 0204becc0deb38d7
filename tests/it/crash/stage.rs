//! A repository, a sandbox on disk, an audit file; runs of the real process in it, and what must be true in the end.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{Config, Operation, Outcome, Sandbox, State};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::running::{Ended, Running};
use super::window::Window;
use crate::support::Repo;

/// Where the three flows stand: two are live already, one is new.
const FLOWS: [(&str, Option<&str>, &str); 3] = [
    ("accounts", Some("1.0.0"), "1.1.0"),
    ("billing", Some("1.0.0"), "1.1.0"),
    ("claims", None, "1.0.0"),
];
const PATIENCE: Duration = Duration::from_secs(60);

/// What becomes of the call that was under way when the process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// It happens after all, before anybody runs again.
    Lands,
    /// It happens while the next run is under way.
    LandsInTheNextRun,
    /// It never happens: the platform was restarted from its disk.
    Lost,
}

impl Aftermath {
    pub(super) const ALL: [Self; 3] = [Self::Lands, Self::LandsInTheNextRun, Self::Lost];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lands => "what was under way landed",
            Self::LandsInTheNextRun => "landed in the next run",
            Self::Lost => "was lost",
        }
    }
}

pub(super) struct Stage {
    /// What is held open; nothing where the moment is left to chance.
    window: Option<Window>,
    /// Which flow is hit.
    nth: u32,
    repo: Repo,
    folder: TempDir,
    sandbox: Option<Sandbox>,
    /// Writes that a sandbox before this one was asked for.
    before: usize,
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

fn flow(id: &str, version: &str) -> String {
    format!(
        r#"{{"flowId": "{id}", "version": "{version}", "elements": [
  {{"id": "b", "type": "Begin", "configuration": {{}}}},
  {{"id": "m", "type": "IVR", "configuration": {{"prompt": "{id} {version}", "wait": 1.50}}}},
  {{"id": "e", "type": "End", "configuration": {{}}}}
], "connectors": [{{"id": "1", "sourceId": "b", "targetId": "m"}}, {{"id": "2", "sourceId": "m", "targetId": "e"}}]}}
"#
    )
}

impl Stage {
    pub(super) fn new(window: Window, round: u32) -> Self {
        Self::set(Some(window), round)
    }

    /// A stage on which nothing is held.
    pub(super) fn plain() -> Self {
        Self::set(None, 0)
    }

    fn set(window: Option<Window>, round: u32) -> Self {
        let mut repo = Repo::git();
        for (id, live, _) in FLOWS {
            if let Some(live) = live {
                repo = repo.file(&format!("flows/{id}.json"), flow(id, live));
            }
        }
        repo = repo.commit("what is live");
        for (id, _, version) in FLOWS {
            repo = repo.file(&format!("flows/{id}.json"), flow(id, version));
        }
        // The last flow is never hit, so that there is always one that must not be begun.
        let nth = 1 + round % 2;
        let folder = TempDir::new().unwrap();
        let mut stage = Self {
            window,
            nth,
            repo: repo.commit("the merge"),
            folder,
            sandbox: None,
            before: 0,
        };
        let sandbox = stage.start_sandbox();
        for (id, live, _) in FLOWS {
            if let Some(live) = live {
                sandbox.seed_published(&flow(id, live), live).unwrap();
            }
        }
        for fault in window.map_or(Vec::new(), |window| window.faults(nth, stage.folder.path())) {
            sandbox.add_fault(fault);
        }
        stage.sandbox = Some(sandbox);
        stage
    }

    fn start_sandbox(&self) -> Sandbox {
        let config = Config {
            data: Some(self.data()),
            latency: Duration::from_millis(15),
            ..Config::default()
        };
        runtime().block_on(Sandbox::start(config)).unwrap()
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(super) fn audit(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .arg("deploy")
            .arg(format!("--sandbox={}", self.sandbox().base_url()))
            .args(["--base", "HEAD~1", "--concurrency", "1", "--audit-file"])
            .arg(self.audit())
            .current_dir(self.repo.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(super) fn start(&self) -> Running {
        let binary = cargo_bin!("flowgate");
        Running {
            child: self.command(binary, &[]).spawn().unwrap(),
        }
    }

    pub(super) fn deploy(&self) -> Ended {
        self.start().end()
    }

    /// A run whose audit may not grow beyond a few blocks: the kernel ends it in the middle of a line.
    pub(super) fn deploy_with_little_room(&self, round: u32) -> Ended {
        self.let_go();
        let blocks = (1 + round / 2 % 8).to_string();
        let binary = cargo_bin!("flowgate").display().to_string();
        let script = r#"ulimit -f "$1"; shift; exec "$@""#;
        let args = ["-c", script, "sh", &blocks, &binary];
        let child = self.command(Path::new("/bin/sh"), &args).spawn().unwrap();
        Running { child }.end()
    }

    /// A run that the kernel ends when one of its threads is about to make its `nth` call of this kind. (What it starts,
    /// such as git, is left in peace.)
    pub(super) fn deploy_until_call(&self, call: &str, nth: u32) -> Ended {
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=KILL:when={nth}");
        let binary = cargo_bin!("flowgate").display().to_string();
        let args = [
            "-f",
            "-b",
            "execve",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &trace,
            "-e",
            &inject,
            &binary,
        ];
        let child = self.command(Path::new("strace"), &args).spawn().unwrap();
        Running { child }.end()
    }

    pub(super) fn wait_for_the_window(&self) {
        let open = self.folder.path().join("open");
        until("the window opens", || open.exists());
        let state = State::load(&self.data()).unwrap();
        let versions: usize = state.flows.values().map(|flow| flow.versions.len()).sum();
        let publishes: usize = state.flows.values().map(|flow| flow.publishes.len()).sum();
        let window = self.window.unwrap();
        let (created, live) = window.progress(self.nth as usize);
        assert!(
            versions >= 2 + created && publishes >= 2 + live,
            "{}: {versions} versions, {publishes} publications",
            window.name()
        );
    }

    /// The call that is held goes on.
    pub(super) fn let_go(&self) {
        fs::write(self.folder.path().join("go"), "").unwrap();
    }

    /// What becomes of the call that is held.
    pub(super) fn release(&mut self, aftermath: Aftermath) {
        match aftermath {
            Aftermath::Lands => {
                self.let_go();
                self.settle();
            }
            Aftermath::LandsInTheNextRun => {
                let (audit, go) = (self.audit(), self.folder.path().join("go"));
                let was = fs::metadata(&audit).map_or(0, |file| file.len());
                std::thread::spawn(move || {
                    until("the next run begins", || {
                        fs::metadata(&audit).map_or(0, |file| file.len()) > was || go.exists()
                    });
                    // A stage that has ended has no folder any more.
                    let _ = fs::write(go, "");
                });
            }
            Aftermath::Lost => {
                self.before += self.writes();
                runtime().block_on(self.sandbox.take().unwrap().shutdown());
                self.sandbox = Some(self.start_sandbox());
            }
        }
    }

    /// Waits until no call is under way.
    pub(super) fn settle(&self) {
        self.let_go();
        until("all calls end", || {
            let requests = self.sandbox().requests();
            requests.iter().all(|call| call.outcome != Outcome::Pending)
        });
    }

    fn count(&self, operation: Operation) -> usize {
        self.sandbox().count(operation)
    }

    /// How many writes were sent.
    pub(super) fn writes(&self) -> usize {
        self.before + self.count(Operation::CreateVersion) + self.count(Operation::Publish)
    }

    /// The flows that a write was sent for.
    pub(super) fn begun(&self) -> BTreeSet<String> {
        let requests = self.sandbox().requests();
        let writes = requests.into_iter().filter(|call| {
            matches!(
                call.operation,
                Some(Operation::CreateVersion | Operation::Publish)
            )
        });
        writes.filter_map(|call| call.flow_id).collect()
    }

    /// Cuts the last line of the audit off, somewhere inside.
    pub(super) fn tear_audit(&self, round: u32) {
        let bytes = fs::read(self.audit()).unwrap();
        let text = bytes.strip_suffix(b"\n").unwrap();
        let begin = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let kept = 1 + (round as usize * 37 + bytes.len()) % (text.len() - begin - 1);
        fs::write(self.audit(), &bytes[..begin + kept]).unwrap();
    }

    /// Whether the last line of the audit has no end.
    pub(super) fn is_torn(&self) -> bool {
        let bytes = fs::read(self.audit()).unwrap_or_default();
        bytes.last().is_some_and(|last| *last != b'\n')
    }

    /// Nothing lost, nothing twice, and what is published is the file.
    pub(super) fn assert_final(&self) {
        let state = State::load(&self.data()).unwrap();
        assert_eq!(state.flows.len(), FLOWS.len());
        for (id, live, version) in FLOWS {
            let found = state.flow(id).unwrap();
            let numbers: Vec<&str> = found.versions.iter().map(|v| v.version.as_str()).collect();
            let wanted: Vec<&str> = live.into_iter().chain([version]).collect();
            assert_eq!(numbers, wanted, "{id}: no version twice, none lost");
            let contents: BTreeSet<&str> =
                found.versions.iter().map(|v| v.elements.get()).collect();
            assert_eq!(contents.len(), wanted.len(), "{id}: no content twice");
            let published = found.published().unwrap();
            assert_eq!(published.version, version);
            let file: Value = serde_json::from_str(&flow(id, version)).unwrap();
            let elements: Value = serde_json::from_str(published.elements.get()).unwrap();
            let connectors: Value = serde_json::from_str(published.connectors.get()).unwrap();
            assert_eq!(
                (&file["elements"], &file["connectors"]),
                (&elements, &connectors)
            );
        }
    }

    /// The chain is sound, and a torn line is named.
    pub(super) fn assert_audit(&self, torn: bool) {
        let file = self.audit().display().to_string();
        let verified = self.repo.flowgate(&["audit", "verify", &file]).end();
        assert_eq!(verified.code, 0, "{}", verified.all());
        let text = fs::read_to_string(self.audit()).unwrap();
        assert_eq!(text.contains(r#""status":"RECOVERED""#), torn);
        assert_eq!(
            verified.err.contains("torn by a crash"),
            torn,
            "{}",
            verified.err
        );
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < PATIENCE,
            "it never came to it that {what}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}
