//! `duplicate-key`: an object has the same key twice.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("duplicate-key"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "an object has the same key twice",
    explanation: r"JSON programs disagree on which of the two counts: reviewers may read one value and callers get the other.

Keep the one that is meant.",
    bad: r#"{"flowId":"main","version":"1.0.0","version":"1.1.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
