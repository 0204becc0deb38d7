//! `wrong-type`: a value has the wrong JSON type.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("wrong-type"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "a value has the wrong type",
    explanation: r"The element or connector cannot be understood, so it is left out of all further checks; what leads to it is not
reported a second time.

Ids and types are texts, elements and connectors are objects, the file itself is one object.",
    bad: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":7,"type":"Begin"},{"id":"end","type":"End"}],"connectors":[{"sourceId":"7","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"7","type":"Begin"},{"id":"end","type":"End"}],"connectors":[{"sourceId":"7","targetId":"end"}]}"#,
    check: Check::Shape,
};
