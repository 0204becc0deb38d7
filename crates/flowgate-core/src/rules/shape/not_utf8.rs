//! `not-utf8`: the file is not UTF-8.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("not-utf8"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "the file is not UTF-8 text",
    explanation: r"Prompts with accents would reach callers as rubbish, or not at all; the file is not read past the first bad
byte.

Save it as UTF-8, without a byte order mark. Files from Windows tools are often UTF-16 or Windows-1252.",
    bad: "(the bytes 7B 22 E9 22 …: Latin-1)",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
