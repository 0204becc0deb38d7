//! `missing-field`: an element or connector lacks a field that it needs.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("missing-field"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "an element or connector lacks a needed field",
    explanation: r"An element needs `id` and `type`, a connector needs `sourceId` and `targetId`. Without them CXone refuses the
version; callers keep what is live now.

Add the field, or remove the unfinished element.",
    bad: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin"},{"id":"end","type":"End"}],"connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],"connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
