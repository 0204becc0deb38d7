//! `flow-file-deleted`: a flow file is gone, and its flow is in no other file.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, RepositoryContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("flow-file-deleted"),
    severity: Severity::Warning,
    firm: None,
    summary: "a flow file was deleted; what is live stays live",
    explanation: "Deleting a file never removes a published flow: callers reach it as before, but nobody can review or take back
its changes any more.

If the flow is to end, remove it on CXone first; if not, keep its file. A file that only moved is no deletion.",
    bad: r#"--- before flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- before flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- flows/moved.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Repository(check),
};

fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for file in context.gone() {
        // What cannot be read is no deletion; its fault of shape is said already.
        if !file.exists {
            let raised = sink.raise_at(
                &RULE,
                file.base.id.as_ref(),
                file.base.anchor.clone(),
                &[],
                format!(
                    "{} is deleted, but its flow stays live",
                    words::quote(file.path.as_str())
                ),
            );
            raised.hint("remove the flow on CXone if it is to end, else keep its file");
        }
    }
}
