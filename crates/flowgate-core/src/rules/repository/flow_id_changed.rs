//! `flow-id-changed`: a file holds another flow than before, and the flow of before is in no file.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, RepositoryContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("flow-id-changed"),
    severity: Severity::Error,
    firm: None,
    summary: "the `flowId` of a file was changed",
    explanation: "A `flowId` is the flow's identity on CXone. With another one, merging would create a second flow that no number
leads to, and the flow that callers reach would stay as it is, with no file of its own.

Put the old `flowId` back. For a new flow, add a new file.",
    bad: r#"--- before flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- flows/main.json
{"flowId":"mian","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- before flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- flows/main.json
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Repository(check),
};

fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for file in context.gone() {
        if let (Some(flow), Some(before)) = (file.flow, &file.base.id)
            && flow.id.is_some()
        {
            let raised = sink.raise_at(
                &RULE,
                flow.id.as_ref(),
                flow.anchor.clone(),
                &[before.as_str()],
                format!("the flow id was {} before", words::quote(before.as_str())),
            );
            raised.hint(format!(
                "put {} back; for a new flow, add a new file",
                words::quote(before.as_str())
            ));
        }
    }
}
