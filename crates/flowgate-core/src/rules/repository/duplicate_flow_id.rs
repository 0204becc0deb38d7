//! `duplicate-flow-id`: two files hold a flow with the same id.

use std::collections::BTreeMap;

use crate::finding::{Fingerprint, RuleId, Severity};
use crate::rules::context::FileContext;
use crate::rules::{Check, Firm, Outline, RepositoryContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("duplicate-flow-id"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("two files would be published over each other: keep one")),
    summary: "two files of the repository have the same `flowId`",
    explanation: "Both files claim to be the same flow, so which of them callers get would be chance; neither is published.

Give the copy a `flowId` of its own, or delete it. Only files that a change touches are reported.",
    bad: r#"--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- flows/copy.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- flows/copy.json
{"flowId":"copy","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Repository(check),
};

fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    let mut by_id: BTreeMap<_, Vec<(&FileContext, &Outline)>> = BTreeMap::new();
    for file in context.files {
        if let Some(flow) = &file.flow
            && let Some(id) = &flow.id
        {
            by_id.entry(id).or_default().push((file, flow));
        }
    }
    for (id, files) in by_id {
        let mut cause: Option<Fingerprint> = None;
        for (at, (file, flow)) in files.iter().enumerate() {
            let Some((other, there)) = files.get(usize::from(at == 0)).filter(|_| file.changed)
            else {
                continue;
            };
            let line = there.anchor.start.line;
            let finding = sink.raise_at(
                &RULE,
                Some(id),
                flow.anchor.clone(),
                &[],
                format!(
                    "the flow id {} stands in {} too, line {line}",
                    words::quote(id.as_str()),
                    words::quote(other.path.as_str())
                ),
            );
            finding.hint("give the copy a `flowId` of its own, or delete it");
            match &cause {
                Some(cause) => drop(finding.follows_from(cause.clone())),
                None => cause = Some(finding.fingerprint.clone()),
            }
        }
    }
}
