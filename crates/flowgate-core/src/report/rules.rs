//! The rules as data, for programs: `flowgate rules --format json`.

use serde::Serialize;

use super::json::SCHEMA_VERSION;
use crate::finding::Severity;
use crate::rules::{ALL, Firm};

/// Every rule, in the order of the documentation.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleList {
    /// See [`SCHEMA_VERSION`].
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    schema_version: u32,
    rules: Vec<RuleRow>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
struct RuleRow {
    id: &'static str,
    kind: &'static str,
    severity: Severity,
    summary: &'static str,
    /// Why no team may make it less than an error; `null` where one may.
    firm: Option<&'static str>,
}

/// The list.
pub fn list() -> RuleList {
    let rows = ALL.iter().map(|rule| RuleRow {
        id: rule.id.as_str(),
        kind: rule.kind(),
        severity: rule.severity,
        summary: rule.summary,
        firm: rule
            .firm
            .filter(|firm| firm.stays_an_error())
            .map(Firm::why),
    });
    RuleList {
        schema_version: SCHEMA_VERSION,
        rules: rows.collect(),
    }
}
