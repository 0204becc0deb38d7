//! `not-a-file`: what stands at the path is not a regular file.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("not-a-file"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "a directory, a symbolic link or something unreadable stands where a flow file should be",
    explanation: r"The flow that should stand here is not read, so nothing of it is checked or published; callers keep what is live
now.

Symbolic links are never followed: a link could lead out of the repository. Put the flow itself at this path, or
narrow the `flows` globs.",
    bad: "flows/main.json -> ../elsewhere/main.json",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
