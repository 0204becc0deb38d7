//! One cell of the fault matrix: three flows, one fault, and a sandbox of its own. What is run and judged stands in `trial`.

use std::fmt;

use flowgate_sandbox::{Config, Sandbox};
use tokio::runtime::Runtime;

use super::table::Expected;
use super::trial::Trial;
use super::trouble::{Stage, Times, Trouble};
use crate::support::Repo;

/// The flows of the change, in the order in which they are deployed.
pub(super) const FLOWS: [&str; 3] = ["alpha-line", "bravo-line", "charlie-line"];

/// Which of the three flows the fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    First,
    Middle,
    Last,
}

impl Position {
    pub(super) const ALL: [Self; 3] = [Self::First, Self::Middle, Self::Last];

    fn flow(self) -> &'static str {
        FLOWS[self as usize]
    }
}

/// One cell.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) stage: Stage,
    pub(super) trouble: Trouble,
    pub(super) times: Times,
    pub(super) position: Position,
    pub(super) expected: Expected,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stage,
            trouble,
            times,
            position,
            ..
        } = self;
        write!(f, "{stage:?} × {trouble:?} {times:?} × {position:?}")
    }
}

/// What all cells share: the files of a change, and the runtime of the sandboxes.
pub(super) struct Bench {
    repo: Repo,
    runtime: Runtime,
}

fn file(flow: &str, version: &str, words: &str) -> String {
    format!(
        r#"{{
  "flowId": "{flow}",
  "version": "{version}",
  "elements": [
    {{"id": "begin", "type": "Begin", "configuration": {{}}}},
    {{"id": "menu", "type": "IVR", "configuration": {{"prompt": "{words}"}}}},
    {{"id": "end", "type": "End", "configuration": {{}}}}
  ],
  "connectors": [
    {{"id": "c1", "sourceId": "begin", "targetId": "menu"}},
    {{"id": "c2", "sourceId": "menu", "targetId": "end"}}
  ]
}}
"#
    )
}

fn before(flow: &str) -> String {
    file(flow, "1.0.0", "old words")
}

fn after(flow: &str) -> String {
    file(flow, "1.0.1", "new words")
}

impl Bench {
    pub(super) fn new() -> Self {
        let repo = Repo::new().directory("audit");
        for flow in FLOWS {
            repo.write(&format!("base/flows/{flow}.json"), before(flow));
            repo.write(&format!("head/flows/{flow}.json"), after(flow));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self { repo, runtime }
    }

    /// All that is wrong with what comes of a cell.
    pub(super) fn run(&self, number: usize, cell: &Cell) -> Vec<String> {
        let sandbox = self
            .runtime
            .block_on(Sandbox::start(Config::default()))
            .unwrap();
        for flow in FLOWS {
            sandbox.seed_published(&before(flow), "1.0.0").unwrap();
        }
        let flow = cell.position.flow();
        for entry in cell
            .stage
            .script(cell.trouble, cell.times, flow, &after(flow))
        {
            sandbox.add_fault(entry);
        }
        let mut trial = Trial {
            cell,
            flow,
            sandbox: &sandbox,
            audit: self.repo.root().join(format!("audit/{number}.jsonl")),
            complaints: Vec::new(),
        };
        let first = trial.deploy(&self.repo, Some(cell.trouble));
        trial.judge_first(&first);
        sandbox.clear_faults();
        let second = trial.deploy(&self.repo, None);
        trial.judge_second(&second);
        let writes = trial.writes();
        let third = trial.deploy(&self.repo, None);
        trial.judge_third(&third, writes);
        let complaints = trial.complaints;
        self.runtime.block_on(sandbox.shutdown());
        complaints
    }
}
