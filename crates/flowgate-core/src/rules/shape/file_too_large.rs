//! `file-too-large`: the file is over the size limit.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("file-too-large"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "the file is larger than the size limit",
    explanation: r"The file is not read, so nothing of it is checked or published; callers keep what is live now.

A flow of this size is mostly something else (embedded audio, a wrong export). Take that out, or raise the limit
if the flow really is that large.",
    bad: "(a file of 200 MiB)",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
