//! `not-json`: the file is not JSON.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("not-json"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "the file is not valid JSON",
    explanation: r"The flow cannot be read past this place, so nothing of it is checked or published; callers keep what is live
now.

Often it is a comma too many or too few, a comment, or the marks of an unfinished merge.",
    bad: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}],}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
