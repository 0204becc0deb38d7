//! The repository, GitHub, CXone, and what can happen in them.

mod rollback;
mod stranger;
mod trouble;

use std::fs;
use std::time::Duration;

use flowgate_sandbox::{Config, Outcome};

use super::model::{FLOWS, Line, Live, live, routes, typed, words};
use crate::run_deploy::stage::{Begun, Stage, flow, with_queue};

pub(super) use rollback::Wish;
pub(super) use stranger::Stranger;
pub(super) use trouble::Trouble;

/// How a run is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    ToTheEnd,
    /// SIGKILL so long after the start.
    Killed(Duration),
    /// SIGTERM so long after the start.
    Cancelled(Duration),
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
                let text = if routes(line.merged) {
                    with_queue(&text)
                } else {
                    text
                };
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
