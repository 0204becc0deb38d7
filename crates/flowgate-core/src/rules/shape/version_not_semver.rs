//! `version-not-semver`: `version` is not semantic versioning.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-not-semver"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "`version` is not a semantic version",
    explanation: r#"CXone takes only `MAJOR.MINOR.PATCH`; anything else is refused and callers keep what is live now.

Write `"1.2.0"` or `{"major":1,"minor":2,"patch":0}`: three whole numbers without leading zeros."#,
    bad: r#"{"flowId":"main","version":"1.2","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.2.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
