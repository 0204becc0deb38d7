//! `duplicate-flow-id`: two files hold a flow with the same id.

use std::collections::BTreeMap;

use crate::finding::{Fingerprint, RuleId, Severity};
use crate::rules::context::FileContext;
use crate::rules::{Check, RepositoryContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("duplicate-flow-id"),
    severity: Severity::Error,
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
    let mut by_id: BTreeMap<_, Vec<&FileContext>> = BTreeMap::new();
    for file in context.files {
        if let Some(id) = file.flow.id() {
            by_id.entry(id).or_default().push(file);
        }
    }
    for (id, files) in by_id {
        let mut cause: Option<Fingerprint> = None;
        for (at, file) in files.iter().enumerate().filter(|(_, file)| file.changed) {
            let Some(other) = files.get(usize::from(at == 0)) else {
                continue;
            };
            let line = other.flow.source().position(other.flow.anchor().start).line;
            let finding = sink.raise(
                &RULE,
                Some(&file.flow),
                (file.flow.source(), file.flow.anchor()),
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
