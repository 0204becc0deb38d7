//! Three runs of the program in one cell of the fault matrix, held to what must come of them.

use std::fs;
use std::io::BufReader;

use flowgate_sandbox::{Operation, Outcome, Sandbox};
use serde_json::Value;

use super::cell::{Cell, FLOWS};
use super::table::Truth;
use super::trouble::{PATIENCE, Stage, Times, Trouble};
use crate::support::{Ended, Repo};

/// A cell being tried, and all that was wrong so far.
pub(super) struct Trial<'a> {
    pub(super) cell: &'a Cell,
    pub(super) flow: &'static str,
    pub(super) sandbox: &'a Sandbox,
    pub(super) audit: std::path::PathBuf,
    pub(super) complaints: Vec<String>,
}

impl Trial<'_> {
    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.complaints.push(what());
        }
    }

    pub(super) fn deploy(&self, repo: &Repo, trouble: Option<Trouble>) -> Ended {
        let sandbox = format!("--sandbox={}", self.sandbox.base_url());
        let audit = format!("--audit-file={}", self.audit.display());
        let patience = if trouble == Some(Trouble::Timeout) {
            PATIENCE
        } else {
            "20s"
        };
        // Only a limit that never ends is ended by the run's deadline.
        let endless = trouble.is_some_and(Trouble::is_too_many) && self.cell.times == Times::Always;
        let deadline = if endless { "5s" } else { "5m" };
        repo.flowgate(&[
            "deploy",
            &sandbox,
            &audit,
            "--format=json",
            "--base-dir=../base",
            "--concurrency=1",
            "--retry-base=1ms",
            "--ambiguous-read-delays=0s,150ms,500ms",
            "--read-back-deadline=600ms",
            "--request-timeout",
            patience,
            "--run-deadline",
            deadline,
        ])
        .cwd(repo.root().join("head"))
        .end()
    }

    pub(super) fn judge_first(&mut self, ended: &Ended) {
        let expected = self.cell.expected;
        let receipts = receipts(ended);
        self.judge_states(ended, &receipts);
        let (operation, nth) = self.cell.stage.call();
        let calls = self
            .sandbox
            .requests()
            .iter()
            .filter(|request| request.operation == Some(operation))
            .filter(|request| {
                operation == Operation::Token || request.flow_id.as_deref() == Some(self.flow)
            })
            .count();
        self.expect(calls >= nth as usize, || {
            format!("the fault was never met: {calls} calls of {operation}")
        });
        let target = receipts
            .iter()
            .find(|receipt| receipt["flowId"] == self.flow);
        let Some(target) = target.cloned() else {
            self.complaints.push(format!("no receipt: {}", ended.all()));
            return;
        };
        self.expect(target["state"] == expected.state, || {
            format!(
                "state {} instead of {}: {target}",
                target["state"], expected.state
            )
        });
        let is_green = expected.exit == 0;
        self.expect(target["verified"] == is_green, || {
            format!("verified: {target}")
        });
        let error = target["error"].as_str().unwrap_or_default();
        self.expect(error.is_empty() == is_green, || format!("error: {target}"));
        if !is_green {
            self.judge_message(error);
        }
        self.judge_audit();
        self.judge_platform(&receipts);
        let flow = self.sandbox.state().flow(self.flow).cloned().unwrap();
        let live = flow.published().unwrap();
        let truth = match (live.version.as_str(), &live.metadata) {
            ("1.0.0", _) => Truth::Before,
            (_, Some(_)) => Truth::Ours,
            (_, None) => Truth::Theirs,
        };
        self.expect(truth == expected.truth, || format!("live is {truth:?}"));
        let waits = truth == Truth::Before && flow.versions.len() == 2;
        self.expect(waits == expected.waits, || {
            format!("stored and not live: {waits}")
        });
    }

    /// The exit code follows from the receipts, and only the flow that met the fault is not fine.
    fn judge_states(&mut self, ended: &Ended, receipts: &[Value]) {
        let states: Vec<&str> = receipts
            .iter()
            .filter_map(|receipt| receipt["state"].as_str())
            .collect();
        self.expect(states.len() == FLOWS.len(), || {
            format!("receipts: {}", ended.all())
        });
        let code = states.iter().map(|state| match *state {
            "VERIFIED" | "SKIPPED" => 0,
            "BLOCKED" | "FAILED" => 4,
            _ => 5,
        });
        let code = code.max().unwrap_or(-1);
        self.expect(ended.code == code, || {
            format!("exit code {} with {states:?}", ended.code)
        });
        let spreads = self.cell.times == Times::Always
            && (self.cell.stage.call().0 == Operation::Token || self.cell.trouble.is_too_many());
        if !spreads {
            let exit = self.cell.expected.exit;
            self.expect(ended.code == exit, || {
                format!("exit code {} instead of {exit}", ended.code)
            });
            // The first token is fetched once for all flows that are asked about: they share what becomes of it.
            let is_shared = self.cell.stage == Stage::FirstToken;
            let flow = self.flow;
            let others = |receipt: &&Value| receipt["flowId"] != flow && !is_shared;
            for receipt in receipts.iter().filter(others) {
                self.expect(receipt["state"] == "VERIFIED", || {
                    format!("one flow's fault stopped another: {receipt}")
                });
            }
        }
    }

    fn judge_message(&mut self, error: &str) {
        let Cell {
            stage,
            trouble,
            expected,
            ..
        } = self.cell;
        let operation = stage.call().0;
        let mut parts: Vec<String> = Vec::new();
        if expected.quotes {
            let attempted = stage.attempted();
            parts.push(match operation {
                Operation::Token => attempted.to_owned(),
                _ => format!("{attempted} `{}`: ", self.flow),
            });
            if trouble.closes_the_gate(self.cell.times) {
                parts.push("the run's deadline".to_owned());
            } else {
                parts.push(trouble.said().to_owned());
                parts.push(trouble.hint(operation).to_owned());
            }
        }
        parts.extend(expected.says.iter().map(|&text| text.to_owned()));
        parts.push(expected.live_now.to_owned());
        for part in parts {
            self.expect(error.contains(&part), || {
                format!("`{part}` is missing in: {error}")
            });
        }
        self.expect(
            !error.contains("sandbox-secret") && !error.contains('<'),
            || format!("this should not be shown: {error}"),
        );
    }

    fn judge_audit(&mut self) {
        let events: Vec<Value> = fs::read_to_string(&self.audit)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let of_flow: Vec<&Value> = events
            .iter()
            .filter(|event| event["flowId"] == self.flow)
            .collect();
        let statuses: Vec<&str> = of_flow
            .iter()
            .filter_map(|event| event["status"].as_str())
            .collect();
        let expected = self.cell.expected;
        self.expect(statuses == expected.audit, || {
            format!("audit: {statuses:?}")
        });
        let live_now = of_flow.last().and_then(|event| event["liveNow"].as_str());
        let live_now = live_now.unwrap_or_default().to_owned();
        self.expect(live_now.starts_with(expected.live_now), || {
            format!("audit: {live_now}")
        });
        let statuses: Vec<&str> = events
            .iter()
            .filter_map(|event| event["status"].as_str())
            .collect();
        let ends = (statuses.first().copied(), statuses.last().copied());
        self.expect(ends == (Some("RUN_START"), Some("RUN_END")), || {
            format!("audit: {ends:?}")
        });
    }

    /// No version twice, no write twice, nothing green that is not live.
    fn judge_platform(&mut self, receipts: &[Value]) {
        let state = self.sandbox.state();
        for flow in FLOWS {
            let found = state.flow(flow).unwrap();
            let mut numbers: Vec<&str> =
                found.versions.iter().map(|v| v.version.as_str()).collect();
            numbers.sort_unstable();
            self.expect(
                numbers == ["1.0.0"] || numbers == ["1.0.0", "1.0.1"],
                || format!("versions of {flow}: {numbers:?}"),
            );
            let green = receipts.iter().any(|receipt| {
                receipt["flowId"] == flow
                    && (receipt["verified"] == true
                        || ["VERIFIED", "SKIPPED", "PUBLISHED_UNVERIFIED"]
                            .iter()
                            .any(|state| receipt["state"] == *state))
            });
            let live = found.published().unwrap();
            self.expect(!green || live.elements.get().contains("new words"), || {
                format!("{flow} is reported as live, and is not")
            });
        }
        for operation in [Operation::CreateVersion, Operation::Publish] {
            for flow in FLOWS {
                let sent = self
                    .sandbox
                    .requests()
                    .iter()
                    .filter(|request| {
                        request.operation == Some(operation)
                            && request.flow_id.as_deref() == Some(flow)
                            && !matches!(request.outcome, Outcome::Answered(401 | 429))
                    })
                    .count();
                self.expect(sent <= 1, || {
                    format!("{operation} of {flow} was sent {sent} times")
                });
            }
        }
    }

    pub(super) fn judge_second(&mut self, ended: &Ended) {
        let receipts = receipts(ended);
        // What somebody published in the console is never overwritten unseen, however often it is tried.
        let is_theirs = self.cell.stage == Stage::ReadForeignVersion;
        let code = if is_theirs { 4 } else { 0 };
        self.expect(ended.code == code, || {
            format!("the second run: {}", ended.all())
        });
        let flow = self.flow;
        for receipt in receipts
            .iter()
            .filter(|receipt| !is_theirs || receipt["flowId"] != flow)
        {
            let done = receipt["state"] == "VERIFIED" || receipt["state"] == "SKIPPED";
            self.expect(done, || format!("the second run: {receipt}"));
        }
        let state = self.sandbox.state();
        for flow in FLOWS {
            let found = state.flow(flow).unwrap();
            let live = found.published().unwrap();
            let words = if is_theirs && flow == self.flow {
                "somebody else's words"
            } else {
                "new words"
            };
            self.expect(found.versions.len() == 2 && live.version == "1.0.1", || {
                format!(
                    "the second run left {} of {} versions live of {flow}",
                    live.version,
                    found.versions.len()
                )
            });
            self.expect(live.elements.get().contains(words), || {
                format!("the second run left {flow} with {}", live.elements)
            });
        }
    }

    pub(super) fn writes(&self) -> usize {
        self.sandbox.count(Operation::CreateVersion) + self.sandbox.count(Operation::Publish)
    }

    pub(super) fn judge_third(&mut self, ended: &Ended, before: usize) {
        let code = if self.cell.stage == Stage::ReadForeignVersion {
            4
        } else {
            0
        };
        self.expect(ended.code == code, || {
            format!("the third run: {}", ended.all())
        });
        let writes = self.writes() - before;
        self.expect(writes == 0, || {
            format!("the third run wrote {writes} times")
        });
        let head = ended
            .err
            .lines()
            .find_map(|line| line.strip_prefix("audit head: "));
        let audit = BufReader::new(fs::File::open(&self.audit).unwrap());
        let verified = flowgate::audit::verify(audit, head).unwrap();
        self.expect(head.is_some() && verified.is_sound(), || {
            format!("the audit: {:?} {:?}", head, verified.faults)
        });
    }
}

fn receipts(ended: &Ended) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ended.out).unwrap_or_default();
    report["receipts"].as_array().cloned().unwrap_or_default()
}
