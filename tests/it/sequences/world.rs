//! The repository, GitHub, CXone, and what can happen in them.

use std::fs;
use std::time::Duration;

use flowgate_sandbox::{Config, Entry, Fault, Moment, Operation, Outcome, RetryAfter, Scripted};
use serde_json::json;

use super::model::{FLOWS, Line, Live, live, typed, words};
use crate::run_check::propose;
use crate::run_deploy::stage::{Begun, Stage, flow};

/// How a run is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    ToTheEnd,
    /// SIGKILL so long after the start.
    Killed(Duration),
    /// SIGTERM so long after the start.
    Cancelled(Duration),
}

/// What goes wrong at CXone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    CreateLost,
    PublishLost,
    /// Done, and answered 503.
    CreateDenied,
    PublishDenied,
    CreateFails,
    PublishFails,
    TooMany,
    /// For the whole run.
    ReadsFail,
    ListsFail,
    TokensFail,
}

impl Trouble {
    pub(super) const ALL: [Self; 10] = [
        Self::CreateLost,
        Self::PublishLost,
        Self::CreateDenied,
        Self::PublishDenied,
        Self::CreateFails,
        Self::PublishFails,
        Self::TooMany,
        Self::ReadsFail,
        Self::ListsFail,
        Self::TokensFail,
    ];

    fn entry(self) -> Entry {
        let (create, publish) = (Operation::CreateVersion, Operation::Publish);
        let denied = Fault::Status(Scripted {
            at: Moment::Committed,
            ..Scripted::new(503)
        });
        let slower = Fault::Status(Scripted {
            retry_after: Some(RetryAfter::Seconds(0)),
            ..Scripted::new(429)
        });
        match self {
            Self::CreateLost => Entry::new(create, Fault::DropAfter),
            Self::PublishLost => Entry::new(publish, Fault::DropAfter),
            Self::CreateDenied => Entry::new(create, denied),
            Self::PublishDenied => Entry::new(publish, denied),
            Self::CreateFails => Entry::new(create, Fault::status(500)),
            Self::PublishFails => Entry::new(publish, Fault::DropBefore),
            Self::TooMany => Entry::new(publish, slower).times(2),
            Self::ReadsFail => Entry::new(Operation::ReadFlow, Fault::status(500)).times(u32::MAX),
            Self::ListsFail => {
                Entry::new(Operation::ListVersions, Fault::status(502)).times(u32::MAX)
            }
            Self::TokensFail => Entry::new(Operation::Token, Fault::DropBefore).times(u32::MAX),
        }
    }

    /// Whether it keeps CXone from saying what is live.
    fn blinds(self) -> bool {
        matches!(self, Self::ReadsFail | Self::ListsFail | Self::TokensFail)
    }
}

/// What starts a run and is no merge.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stranger {
    /// A pull request whose flow is broken and whose settings would let it through.
    Proposal,
    /// The same, from a workflow that runs with the base's rights.
    Target,
    /// A fork's pull request, merged.
    Fork,
    Tag,
    /// A trial of the merge queue.
    Queue,
}

impl Stranger {
    pub(super) const ALL: [Self; 5] = [
        Self::Proposal,
        Self::Target,
        Self::Fork,
        Self::Tag,
        Self::Queue,
    ];
}

/// A merge as its push tells it.
#[derive(Debug, Clone)]
struct Push {
    before: String,
    after: String,
    /// What the branch says of each flow there.
    says: [u32; 2],
    touched: Vec<usize>,
}

pub(super) struct World {
    stage: Stage,
    lines: [Line; 2],
    pushes: Vec<Push>,
    edits: u32,
    pulls: u64,
    runs: usize,
}

fn path(index: usize) -> String {
    format!("flows/{}.json", FLOWS[index])
}

fn version(merge: u32) -> String {
    format!("1.{merge}.0")
}

impl World {
    /// Both flows are live, by a merge.
    pub(super) fn begin() -> Self {
        let config = Config {
            latency: Duration::from_millis(5),
            ..Config::default()
        };
        let mut world = Self {
            stage: Stage::on(config),
            lines: <[Line; 2]>::default(),
            pushes: Vec::new(),
            edits: 0,
            pulls: 0,
            runs: 0,
        };
        world.merge(&[0, 1]);
        world.run_last(How::ToTheEnd);
        world.check();
        assert!(world.lines.iter().all(|line| line.least == 1));
        world
    }

    /// How many runs there were.
    pub(super) fn runs(&self) -> usize {
        self.runs
    }

    pub(super) fn merge(&mut self, which: &[usize]) {
        self.pulls += 1;
        let before = self.stage.head();
        let files: Vec<(String, String)> = which
            .iter()
            .map(|&index| {
                let line = &mut self.lines[index];
                line.merged += 1;
                let text = flow(FLOWS[index], &version(line.merged), &words(line.merged));
                (path(index), text)
            })
            .collect();
        let files: Vec<(&str, String)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.clone()))
            .collect();
        let after = self.stage.merge(self.pulls, &files);
        let says = [self.lines[0].merged, self.lines[1].merged];
        self.pushes.push(Push {
            before,
            after,
            says,
            touched: which.to_vec(),
        });
    }

    fn begun(&mut self, name: &str, payload: &serde_json::Value) -> Begun {
        self.runs += 1;
        let audit = self.stage.folder.path().join("audit.jsonl");
        self.stage
            .event(name, payload)
            .env("FLOWGATE_AUDIT_FILE", &audit.display().to_string())
            .env("FLOWGATE_AMBIGUOUS_READ_DELAYS", "0s,30ms")
    }

    /// The job of this push; its exit code, `None` where a signal ended it.
    fn run(&mut self, push: &Push, how: How) -> Option<i32> {
        let audit = self.stage.folder.path().join("audit.jsonl");
        let was = fs::read_to_string(&audit).unwrap_or_default().len();
        let payload = Stage::push_of(&push.before, &push.after);
        let begun = self.begun("push", &payload);
        let code = match how {
            How::ToTheEnd => Some(begun.end().code),
            How::Killed(after) => begun.cut_short(after, "KILL"),
            How::Cancelled(after) => begun.cut_short(after, "TERM"),
        };
        self.settle();
        if let (Some(code), How::ToTheEnd) = (code, how) {
            assert!(matches!(code, 0 | 4 | 5), "exit code {code}");
            // Every flow that the merge changed is accounted for.
            let audit = fs::read_to_string(&audit).unwrap();
            for &index in &push.touched {
                let named = format!(r#""flowId":"{}""#, FLOWS[index]);
                assert!(audit[was..].contains(&named), "{named} is in no event");
            }
        }
        code
    }

    /// Waits until what a killed process sent has landed: CXone has no publication on condition, so an edit in that
    /// moment would rightly be replaced (`docs/reliability.md`).
    fn settle(&self) {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let requests = self.stage.sandbox.requests();
            if requests.iter().all(|call| call.outcome != Outcome::Pending) {
                return;
            }
        }
    }

    /// The job of the last merge.
    pub(super) fn run_last(&mut self, how: How) {
        let push = self.pushes.last().unwrap().clone();
        let code = self.run(&push, how);
        if code == Some(0) {
            self.is_green(&push);
        }
    }

    /// Green means that everything is live as the branch says, but for what somebody else decided, and said so.
    fn is_green(&self, push: &Push) {
        let state = self.stage.sandbox.state();
        for (index, line) in self.lines.iter().enumerate() {
            if line.follows() {
                assert_eq!(live(&state, FLOWS[index]), Live::Merge(line.merged));
            }
            let is_touched = push.touched.contains(&index);
            assert!(
                !(is_touched && line.edited.is_some()),
                "the merge of {} was not deployed, and the run is green",
                FLOWS[index]
            );
        }
    }

    /// The job of the last merge, while CXone fails.
    pub(super) fn run_last_with(&mut self, trouble: Trouble) {
        let writes = self.stage.writes();
        self.stage.sandbox.add_fault(trouble.entry());
        let push = self.pushes.last().unwrap().clone();
        let code = self.run(&push, How::ToTheEnd);
        self.stage.sandbox.clear_faults();
        if trouble.blinds() {
            assert_eq!(code, Some(4), "{trouble:?}");
            assert_eq!(self.stage.writes(), writes, "{trouble:?}");
        }
        if code == Some(0) {
            self.is_green(&push);
        }
    }

    /// Somebody edits a flow in the console.
    pub(super) fn edit(&mut self, index: usize) {
        self.edits += 1;
        let id = FLOWS[index];
        let text = flow(id, "0.0.0", &typed(self.edits));
        self.stage.sandbox.console_edit(id, &text).unwrap();
        self.lines[index].edited = Some(self.edits);
    }

    /// An old job runs again: where the branch says otherwise of a flow by now, nothing happens to it.
    pub(super) fn run_again(&mut self, back: usize) {
        let Some(push) = self.pushes.iter().rev().nth(back).cloned() else {
            return;
        };
        let old = |world: &Self| {
            let state = world.stage.sandbox.state();
            let is_old = |&index: &usize| push.says[index] != world.lines[index].merged;
            (0..FLOWS.len())
                .filter(is_old)
                .map(|index| {
                    let found = state.flow(FLOWS[index]).unwrap();
                    (found.versions.len(), found.publishes.len())
                })
                .collect::<Vec<_>>()
        };
        let before = old(self);
        self.checkout(&push.after);
        self.run(&push, How::ToTheEnd);
        self.checkout("main");
        assert_eq!(old(self), before, "an old job wrote");
    }

    fn checkout(&self, what: &str) {
        self.stage.repo.run_git(&["checkout", "--quiet", what]);
    }

    /// What was published before is published again.
    pub(super) fn take_back(&mut self, index: usize) {
        let id = FLOWS[index];
        let state = self.stage.sandbox.state();
        let Live::Merge(now) = live(&state, id) else {
            return;
        };
        let found = state.flow(id).unwrap();
        let before = found.versions.iter().rev().find(|version| {
            let was = found
                .publishes
                .iter()
                .any(|was| was.version_id == version.id);
            was && version.elements.get().contains("merge ")
                && Some(version.id.as_str()) != found.published().map(|v| v.id.as_str())
        });
        let Some(before) = before else {
            return;
        };
        self.stage.publish(id, &before.id);
        let line = &mut self.lines[index];
        let state = self.stage.sandbox.state();
        if let Live::Merge(again) = live(&state, id) {
            line.held.remove(&again);
            line.held.insert(now);
            line.least = again;
        }
    }

    /// A run that is none of a merge writes nothing.
    pub(super) fn let_in(&mut self, stranger: Stranger) {
        let writes = self.stage.writes();
        self.pulls += 1;
        let number = self.pulls;
        let broken = flow(FLOWS[0], "9.9.9", "Let me in")
            .replace(r#""targetId": "e""#, r#""targetId": "nowhere""#);
        let excuse = "fail-on = \"never\"\ndirect-push = \"deploy\"\non-drift = \"overwrite\"\n";
        let files = [
            (path(0), broken),
            ("flowgate.toml".to_owned(), excuse.to_owned()),
        ];
        let files = [
            (files[0].0.as_str(), files[0].1.clone()),
            (files[1].0.as_str(), files[1].1.clone()),
        ];
        let mut payload = propose(&self.stage, number, &files);
        let trial = self.stage.head();
        let (name, code) = match stranger {
            Stranger::Proposal => ("pull_request", 1),
            Stranger::Target => {
                self.checkout("main");
                ("pull_request_target", 1)
            }
            Stranger::Fork => {
                payload["action"] = json!("closed");
                payload["pull_request"]["merged"] = json!(true);
                payload["pull_request"]["head"]["repo"]["id"] = json!(99);
                ("pull_request", 3)
            }
            Stranger::Tag => {
                payload = Stage::push_of(&self.pushes[0].before, &trial);
                payload["ref"] = json!("refs/tags/v1");
                ("push", 0)
            }
            Stranger::Queue => {
                let base = self.stage.repo.run_git(&["rev-parse", "main"]);
                payload = json!({"merge_group": {
                    "head_sha": trial, "base_sha": base, "base_ref": "refs/heads/main",
                }});
                ("merge_group", 1)
            }
        };
        let done = self.begun(name, &payload).end();
        assert_eq!(done.code, code, "{stranger:?}: {}", done.log);
        assert_eq!(self.stage.writes(), writes, "{stranger:?} wrote");
        self.checkout("main");
    }

    /// What must be true at any time.
    pub(super) fn check(&mut self) {
        let state = self.stage.sandbox.state();
        for (line, id) in self.lines.iter_mut().zip(FLOWS) {
            line.check(&state, id);
        }
    }

    /// Once more, and then there is nothing left to do.
    pub(super) fn converge(&mut self) {
        self.run_last(How::ToTheEnd);
        self.check();
        let writes = self.stage.writes();
        self.run_last(How::ToTheEnd);
        assert_eq!(self.stage.writes(), writes, "the last run writes nothing");
        self.check();
        for (line, id) in self.lines.iter().zip(FLOWS) {
            if line.follows() {
                assert_eq!(line.least, line.merged, "{id} is live as merged");
            }
        }
        let audit = self.stage.folder.path().join("audit.jsonl");
        let audit = audit.display().to_string();
        let verified = self.stage.repo.flowgate(&["audit", "verify", &audit]).end();
        assert_eq!(verified.code, 0, "{}", verified.all());
    }
}
