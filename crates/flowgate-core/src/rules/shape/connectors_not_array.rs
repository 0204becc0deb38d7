//! `connectors-not-array`: `connectors` is missing or not an array.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("connectors-not-array"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "`connectors` is missing or not an array",
    explanation: r#"Without connectors no call gets past its first element.

Write `"connectors": [ … ]`; an empty list is `[]`."#,
    bad: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
