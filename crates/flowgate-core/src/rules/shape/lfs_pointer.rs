//! `lfs-pointer`: a Git LFS pointer stands where the content should be.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("lfs-pointer"),
    severity: Severity::Error,
    firm: Some(super::UNPUBLISHABLE),
    summary: "the file is a Git LFS pointer, not a flow",
    explanation: r"Git holds only a pointer; the flow itself is in LFS storage and was not fetched. Nothing is checked or
published.

Flow files are small text: take them out of LFS (`git lfs untrack`), so that reviewers see their changes too.",
    bad: "version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
",
    good: r#"{"flowId":"main","version":"1.0.0","elements":[{"id":"begin","type":"Begin"},{"id":"end","type":"End"}],
 "connectors":[{"sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Shape,
};
