//! `required-branch-missing`: an element has no branch that the team requires of its type.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Role, Rule, Sink, branch_names, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("required-branch-missing"),
    severity: Severity::Error,
    firm: None,
    summary: "an element has no branch that your settings require of its type",
    explanation: "Your team decided what must never be left open for callers, under `[types]` in `flowgate.toml`: `required-branches`
of a type.

Add a connector whose label or condition has the name in it. `error` stands for all of `error-labels` and for a setting such as
`onError`, `default` for the branch of all other cases. Elements that no call reaches are not asked.",
    bad: r#"--- flowgate.toml
[types.API]
required-branches = ["timeout"]
--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","name":"Customer"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    good: r#"--- flowgate.toml
[types.API]
required-branches = ["timeout"]
--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","name":"Customer"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"},
  {"id":"c3","sourceId":"crm","targetId":"end","label":"on timeout"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let types = &context.settings.types;
    if types.names().next().is_none() {
        return;
    }
    let Some(graph) = context.graph() else { return };
    for (at, element) in flow.elements().iter().enumerate() {
        let is_dead_end = graph.leaving(at).is_empty() && !types.have(&element.kind, Role::Exit);
        // A dead end is worse than this, and nobody comes to what is not reached.
        if !graph.is_reached(at) || is_dead_end {
            continue;
        }
        for branch in types.required_branches(&element.kind) {
            if branch_names::has(context, graph, at, branch) {
                continue;
            }
            let (span, name) = graph_view::place(flow, at);
            let message = format!(
                "{name} has no branch {}, which your settings require of every {}",
                words::quote(branch),
                element.kind.as_str()
            );
            sink.raise(
                &RULE,
                Some(flow),
                (flow.source(), span),
                &[element.id.as_str(), &branch.to_lowercase()],
                message,
            )
            .about(&element.id, words::name(flow, element))
            .hint(format!("add a connector called {}", words::quote(branch)));
        }
    }
}
