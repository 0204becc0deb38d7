//! `version-required`: `version` is missing.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-required"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "`version` is missing",
    explanation: r#"Each published version has a number; without one nothing can be published, and nobody can name the version to go
back to.

Add `"version": "1.0.0"` to a new flow; for others `flowgate bump` writes the next number."#,
    bad: r#"{"flowId":"main","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
