//! `elements-not-array`: `elements` is missing or not an array.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("elements-not-array"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "`elements` is missing or not an array",
    explanation: r#"Without its list of elements there is no flow to check or publish; callers keep what is live now.

Write `"elements": [ … ]`. As long as it is missing, connectors are not checked against it."#,
    bad: r#"{"flowId":"main","version":"1.0.0","elements":{"begin":{"type":"Begin"},"end":{"type":"End"}},"connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
