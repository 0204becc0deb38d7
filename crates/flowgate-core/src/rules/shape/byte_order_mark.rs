//! `byte-order-mark`: a byte order mark stands before the JSON value.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("byte-order-mark"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "the file begins with a byte order mark",
    explanation: r#"JSON has no byte order mark; CXone and other tools may refuse the file.

Save it as UTF-8 without one (in many editors: "UTF-8", not "UTF-8 with BOM")."#,
    bad: "\u{feff}{\"flowId\":\"main\",\"version\":\"1.0.0\",\"elements\":[{\"id\":\"begin\",\"type\":\"Begin\"},{\"id\":\"end\",\"type\":\"End\"}],\n \"connectors\":[{\"sourceId\":\"begin\",\"targetId\":\"end\"}]}",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
