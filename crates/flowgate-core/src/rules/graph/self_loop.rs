//! `self-loop`: an element leads to itself in every case.

use crate::finding::{RuleId, Severity};
use crate::flow::Element;
use crate::rules::branch::Branch;
use crate::rules::{Check, FlowContext, Role, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("self-loop"),
    severity: Severity::Warning,
    firm: None,
    summary: "an element leads to itself, and nothing says when",
    explanation: "Callers may hear the same thing over and over. On purpose, such a connector says when it is taken (`no input`,
`wrong input`): then this rule is silent.

Say on the connector when it is taken, or lead it elsewhere. Queues, hold music (anything called so) and types
of your tenant may lead to themselves, unless `[types]` says that they are no `hold`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"menu"},
  {"id":"c3","sourceId":"menu","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"menu","label":"no input"},
  {"id":"c3","sourceId":"menu","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    for connector in flow
        .connectors()
        .iter()
        .filter(|connector| connector.source == connector.target)
    {
        let Some(element) = flow.element(&connector.source) else {
            continue;
        };
        if may_repeat(context, element) || Branch::of(flow, connector.node) != Branch::Always {
            continue;
        }
        let id = connector.id.as_ref().map_or("", |id| id.as_str());
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), flow.value(connector.node).span()),
            &[element.id.as_str(), id],
            format!(
                "{} leads to itself, and nothing says when",
                words::element(flow, element)
            ),
        )
        .about(&element.id, words::name(flow, element))
        .hint("say on the connector when it is taken, or lead it elsewhere");
    }
}

/// Waiting is repeating: what holds callers, and whatever is called so.
fn may_repeat(context: &FlowContext<'_>, element: &Element) -> bool {
    let name = words::name(context.flow, element).to_lowercase();
    context.settings.types.have(&element.kind, Role::Hold)
        || ["music", "hold", "wait"]
            .iter()
            .any(|word| name.contains(word))
}
