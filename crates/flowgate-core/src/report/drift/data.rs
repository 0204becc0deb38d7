//! Where each flow of a branch stands, for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Drift;
use crate::delta::{ChangeKind, SubjectKind};
use crate::drift::{ConsoleEdit, DriftState, LiveVersion};
use crate::finding::Severity;
use crate::redact::Redactor;
use crate::report::json::{Outcome, SCHEMA_VERSION};

/// The report for programs.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftReport {
    /// See [`SCHEMA_VERSION`].
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    schema_version: u32,
    result: Outcome,
    commit: Option<String>,
    drift_count: usize,
    counts: BTreeMap<DriftState, usize>,
    flows: Vec<DriftRow>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DriftRow {
    flow_id: Option<String>,
    path: String,
    name: String,
    state: DriftState,
    severity: Option<Severity>,
    message: String,
    version: Option<String>,
    live: Option<LiveRow>,
    edits: Vec<EditRow>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LiveRow {
    version: Option<String>,
    version_id: Option<String>,
    commit: Option<String>,
    pull_request: Option<u64>,
    edited_by: Option<String>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
struct EditRow {
    kind: SubjectKind,
    id: String,
    name: String,
    change: ChangeKind,
}

/// The report as data: every flow file, the worst first.
pub fn data(drift: &Drift, result: Outcome, redactor: &Redactor) -> DriftReport {
    let text = |text: &str| redactor.of_flow(text).into_owned();
    let live = |live: &LiveVersion| LiveRow {
        version: live.version.as_ref().map(ToString::to_string),
        version_id: live.version_id.as_ref().map(|id| text(id.as_str())),
        commit: live.commit.as_ref().map(ToString::to_string),
        pull_request: live.pull_request,
        edited_by: live.edited_by.as_deref().map(text),
    };
    let edit = |edit: &ConsoleEdit| EditRow {
        kind: edit.subject.kind(),
        id: text(&edit.subject.id()),
        name: text(&edit.name),
        change: edit.change,
    };
    let number = |state| {
        let flows = drift.flows.iter();
        flows.filter(|flow| flow.state == state).count()
    };
    DriftReport {
        schema_version: SCHEMA_VERSION,
        result,
        commit: drift.commit.as_ref().map(ToString::to_string),
        drift_count: drift.count(),
        counts: DriftState::ALL
            .into_iter()
            .map(|state| (state, number(state)))
            .collect(),
        flows: drift
            .sorted()
            .into_iter()
            .map(|flow| DriftRow {
                flow_id: flow.flow_id.as_ref().map(ToString::to_string),
                path: flow.path.to_string(),
                name: text(&flow.name),
                state: flow.state,
                severity: drift.severity(flow),
                message: text(&flow.why),
                version: flow.version.as_ref().map(ToString::to_string),
                live: flow.live.as_ref().map(live),
                edits: flow.edits.iter().map(edit).collect(),
            })
            .collect(),
    }
}
