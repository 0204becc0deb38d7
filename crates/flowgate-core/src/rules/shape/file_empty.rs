//! `file-empty`: the file has no content.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("file-empty"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "the file is empty",
    explanation: r"There is no flow in the file; callers keep what is live now.

Export the flow again, or delete the file. Deleting it does not take a published flow away.",
    bad: "",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
