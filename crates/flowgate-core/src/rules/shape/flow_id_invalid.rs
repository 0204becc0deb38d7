//! `flow-id-invalid`: `flowId` is missing or is not a flow id.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("flow-id-invalid"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "`flowId` is missing or is not a valid flow id",
    explanation: r"The identity of a flow is its `flowId`, never its path: without a valid one nobody knows which flow callers
would get.

A flow id has 1 to 128 of the characters `A-Z a-z 0-9 . _ -`. Copy it from CXone, or choose one for a new flow
and keep it for ever.",
    bad: r#"{"flowId":"main line","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main-line","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
