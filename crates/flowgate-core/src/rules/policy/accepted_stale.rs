//! `accepted-stale`: findings that were accepted are gone.

use std::collections::{BTreeMap, HashSet};

use crate::finding::{Fingerprint, RuleId, Severity};
use crate::ids::FlowId;
use crate::rules::{Check, PolicyContext, Rule, Sink, words};
use crate::waiver::Accepted;

pub(crate) static RULE: Rule = Rule {
    id: RuleId("accepted-stale"),
    severity: Severity::Info,
    firm: None,
    summary: "findings that were accepted are gone",
    explanation: "Good news: somebody mended them. Left standing, the entries would silently accept the same faults when they come back.

Run `flowgate accept --prune`, which drops what is gone and accepts nothing new. Only said of flows that were looked at; a change
that touches the file is not told.",
    bad: r#"--- flowgate-accepted.toml
[accepted.main]
0123456789abcdef0123456789abcdef = { rule = "dead-end", element = "mail" }
--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Policy(check),
};

fn check(context: &PolicyContext<'_>, sink: &mut Sink) {
    if context.accepted.is_empty() {
        return;
    }
    let found: HashSet<&Fingerprint> = context
        .findings
        .iter()
        .map(|finding| &finding.fingerprint)
        .collect();
    let mut gone: BTreeMap<&FlowId, Vec<&Accepted>> = BTreeMap::new();
    for accepted in context.accepted {
        if !found.contains(&accepted.fingerprint)
            && context.was_judged(Some(&accepted.flow))
            && !context.is_changing(&accepted.location.path)
        {
            gone.entry(&accepted.flow).or_default().push(accepted);
        }
    }
    for (flow, entries) in gone {
        let Some(first) = entries.first() else {
            continue;
        };
        let id = words::quote(flow.as_str());
        let message = match entries.len() {
            1 => format!("a finding of {id} that was accepted is gone"),
            many => format!("{many} findings of {id} that were accepted are gone"),
        };
        sink.raise_at(
            &RULE,
            None,
            first.location.clone(),
            &[flow.as_str()],
            message,
        )
        .hint("`flowgate accept --prune` drops what is gone");
    }
}
