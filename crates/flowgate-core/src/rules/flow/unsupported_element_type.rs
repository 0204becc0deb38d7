//! `unsupported-element-type`: an element has a type that the tenant does not accept.

use std::collections::{BTreeSet, HashMap};

use crate::finding::{Fingerprint, RuleId, Severity};
use crate::rules::{Check, Firm, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("unsupported-element-type"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone refuses such a flow: declare the type under `[types]`")),
    summary: "an element has a type that CXone does not accept",
    explanation: "CXone refuses the whole version, so callers keep what is live now.

Correct the type. If your tenant has types of its own, declare them under `[types]` in `flowgate.toml`, with what they do
(their `roles`), or add them to `allowed-node-types`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"Ivr"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let allowed: BTreeSet<&str> = context
        .settings
        .allowed_types
        .iter()
        .map(String::as_str)
        .chain(context.settings.types.names())
        .collect();
    let mut causes: HashMap<&str, Fingerprint> = HashMap::new();
    for element in flow.elements() {
        let kind = element.kind.as_str();
        if allowed.contains(kind) {
            continue;
        }
        let finding = sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), words::span_of(flow, element.node, "type")),
            &[element.id.as_str(), kind],
            format!(
                "{} has the type {}, which CXone does not accept",
                words::element(flow, element),
                words::quote(kind)
            ),
        );
        finding.about(&element.id, words::name(flow, element));
        // One type that is not known is one mistake, however many elements have it.
        if let Some(cause) = causes.get(kind) {
            finding.follows_from(cause.clone());
            continue;
        }
        causes.insert(kind, finding.fingerprint.clone());
        let accepted = || words::list(allowed.iter().copied());
        finding.hint(match words::nearest(kind, allowed.iter().copied()) {
            Some(nearest) => format!("did you mean {}?", words::quote(nearest)),
            None => format!(
                "accepted are {}; declare other types of your tenant under `[types]`",
                accepted()
            ),
        });
    }
}
