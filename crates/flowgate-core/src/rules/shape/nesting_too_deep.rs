//! `nesting-too-deep`: arrays and objects stand deeper in one another than the limit.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("nesting-too-deep"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "arrays and objects are nested deeper than the limit",
    explanation: r"No flow is nested like this, and a file that is can bring programs down; it is not read past this place.

Find out what wrote the file.",
    bad: "[[[[[[ … more than 512 deep … ]]]]]]",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
