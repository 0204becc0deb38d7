//! The risk of a flow's change in the JSON report.

use serde::Serialize;

use crate::redact::Redactor;
use crate::review::FlowReview;
use crate::risk::{ChangeRisk, Risk, Step};

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
pub(super) struct RiskRow {
    /// `none` where nothing is different.
    level: &'static str,
    /// The step that the version needs; `null` where no new version is needed.
    step: Option<Step>,
    reasons: Vec<ReasonRow>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
struct ReasonRow {
    code: &'static str,
    level: Risk,
    id: String,
    name: String,
    text: String,
    way: Vec<String>,
}

/// The risk of this flow's change, worst first; `None` where there is nothing to compare.
pub(super) fn row(flow: &FlowReview, redactor: &Redactor) -> Option<RiskRow> {
    let risk = flow.risk.as_ref()?;
    let changes = risk.at_least(Risk::Safe);
    Some(RiskRow {
        level: risk.level().map_or("none", Risk::as_str),
        step: risk.step(),
        reasons: changes
            .into_iter()
            .flat_map(|change| reasons(change, redactor))
            .collect(),
    })
}

fn reasons(change: &ChangeRisk, redactor: &Redactor) -> Vec<ReasonRow> {
    let text = |text: &str| redactor.of_flow(text).into_owned();
    let causes = change.causes.iter();
    causes
        .map(|cause| ReasonRow {
            code: cause.reason.code(),
            level: cause.reason.risk(),
            id: text(&change.subject.id()),
            name: text(&change.name),
            text: text(&cause.notice),
            way: change.way.iter().map(|name| text(name)).collect(),
        })
        .collect()
}
