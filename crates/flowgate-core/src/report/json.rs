//! `--format json` of check and deploy: stable from the first release (design, "Interfaces").

use serde::Serialize;

use super::risk::RiskRow;
use crate::delta::{Delta, DeltaMatrix};
use crate::drift::Standing;
use crate::finding::{Excuse, Finding, Severity};
use crate::plan::Reason;
use crate::receipt::{AsReviewed, Receipt, State};
use crate::redact::Redactor;
use crate::review::{FlowReview, Review};

/// Raised when a field changes its meaning or goes away; not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// How the run ended, for the reader of the report.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing stands in the way.
    Passed,
    /// Findings at or above the limit, a blocked flow, a failed deployment.
    Failed,
}

impl Outcome {
    /// Of a run that failed, or did not.
    pub fn of(fails: bool) -> Self {
        if fails {
            Outcome::Failed
        } else {
            Outcome::Passed
        }
    }
}

/// The whole report of a check.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// See [`SCHEMA_VERSION`].
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    schema_version: u32,
    result: Outcome,
    findings: Vec<FindingRow>,
    flows: Vec<FlowRow>,
    /// What was not looked at where flow files may be, and why: one sentence each.
    notes: Vec<String>,
}

/// The whole report of a deployment: that of the check with what happened.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployReport {
    #[serde(flatten)]
    check: CheckReport,
    receipts: Vec<ReceiptRow>,
    #[cfg_attr(test, schemars(schema_with = "super::schema::metrics"))]
    metrics: serde_json::Value,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingRow {
    rule: &'static str,
    severity: Severity,
    message: String,
    path: String,
    line: u32,
    column: u32,
    flow_id: Option<String>,
    element: Option<String>,
    element_name: Option<String>,
    fingerprint: String,
    cause: Option<String>,
    existing: bool,
    /// Why it does not count; `null` where it does.
    excuse: Option<ExcuseRow>,
    hint: Option<String>,
}

/// Why a finding does not count.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum ExcuseRow {
    /// Somebody lives with it until the end of this day.
    Waived { reason: String, until: String },
    /// It was there when the team began.
    Accepted,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FlowRow {
    flow_id: Option<String>,
    path: String,
    version: Option<String>,
    baseline: BaselineRow,
    standing: Option<Standing>,
    delta_matrix: Option<DeltaMatrix>,
    /// `null` where there is nothing to compare.
    risk: Option<RiskRow>,
    plan: PlanRow,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
struct BaselineRow {
    kind: &'static str,
    version: Option<String>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
struct PlanRow {
    action: &'static str,
    reasons: Vec<Reason>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptRow {
    flow_id: Option<String>,
    name: String,
    path: String,
    version: Option<String>,
    version_id: Option<String>,
    state: State,
    verified: bool,
    error: Option<String>,
    live_now: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_reviewed: Option<AsReviewed>,
    notices: Vec<String>,
}

/// The report of a check.
pub fn check(review: &Review, result: Outcome, redactor: &Redactor) -> CheckReport {
    CheckReport {
        schema_version: SCHEMA_VERSION,
        result,
        findings: review
            .findings
            .iter()
            .map(|finding| finding_row(finding, redactor))
            .collect(),
        flows: review
            .flows
            .iter()
            .map(|flow| flow_row(flow, redactor))
            .collect(),
        notes: review
            .notes
            .iter()
            .map(|note| redactor.text(note).into_owned())
            .collect(),
    }
}

/// The report of a deployment. `metrics` come as the caller counted them.
pub fn deploy(
    review: &Review,
    receipts: &[Receipt],
    metrics: serde_json::Value,
    result: Outcome,
    redactor: &Redactor,
) -> DeployReport {
    DeployReport {
        check: check(review, result, redactor),
        receipts: receipts
            .iter()
            .map(|receipt| receipt_row(receipt, redactor))
            .collect(),
        metrics,
    }
}

fn finding_row(finding: &Finding, redactor: &Redactor) -> FindingRow {
    let text = |text: &str| redactor.of_flow(text).into_owned();
    FindingRow {
        rule: finding.rule.as_str(),
        severity: finding.severity,
        message: text(&finding.message),
        path: finding.location.path.to_string(),
        line: finding.location.start.line,
        column: finding.location.start.column,
        flow_id: finding.flow.as_ref().map(ToString::to_string),
        element: finding.element.as_ref().map(|id| text(id.as_str())),
        element_name: finding.element_name.as_deref().map(text),
        fingerprint: finding.fingerprint.as_str().to_owned(),
        cause: finding
            .cause
            .as_ref()
            .map(|cause| cause.as_str().to_owned()),
        existing: finding.existing,
        excuse: finding.excuse.as_ref().map(|excuse| match excuse {
            Excuse::Waived { reason, until } => ExcuseRow::Waived {
                reason: text(reason),
                until: until.to_string(),
            },
            Excuse::Accepted => ExcuseRow::Accepted,
        }),
        hint: finding.hint.as_deref().map(text),
    }
}

fn flow_row(flow: &FlowReview, redactor: &Redactor) -> FlowRow {
    FlowRow {
        flow_id: flow.flow_id.as_ref().map(ToString::to_string),
        path: flow.path.to_string(),
        version: flow.version().map(ToString::to_string),
        baseline: BaselineRow {
            kind: flow.baseline.kind(),
            version: flow.baseline.version().map(ToString::to_string),
        },
        standing: flow.standing,
        delta_matrix: flow.delta.as_deref().map(Delta::matrix),
        risk: super::risk::row(flow, redactor),
        plan: PlanRow {
            action: flow.plan.action.as_str(),
            reasons: flow
                .plan
                .reasons
                .iter()
                .map(|reason| Reason {
                    code: reason.code,
                    text: redactor.of_flow(&reason.text).into_owned(),
                })
                .collect(),
        },
    }
}

fn receipt_row(receipt: &Receipt, redactor: &Redactor) -> ReceiptRow {
    let text = |text: &str| redactor.of_flow(text).into_owned();
    ReceiptRow {
        flow_id: receipt.flow_id.as_ref().map(ToString::to_string),
        name: text(&receipt.name),
        path: receipt.path.to_string(),
        version: receipt.version.clone(),
        version_id: receipt.version_id.as_ref().map(ToString::to_string),
        state: receipt.state,
        verified: receipt.verified,
        error: receipt.error.as_deref().map(text),
        live_now: receipt.live_now.as_deref().map(text),
        as_reviewed: receipt.as_reviewed,
        notices: receipt.notices.iter().map(|notice| text(notice)).collect(),
    }
}

#[cfg(test)]
mod tests;
