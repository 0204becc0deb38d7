//! `no-timeout`: an element may wait for ever.

use crate::finding::{RuleId, Severity};
use crate::flow::ElementType;
use crate::rules::{
    Check, FlowContext, Role, Rule, Sink, branch_names, graph_view, settings_seen, words,
};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("no-timeout"),
    severity: Severity::Info,
    firm: None,
    summary: "nothing says how long an element waits",
    explanation: "Callers wait until the platform gives up, which may be long after they have.

Set how long it waits. A setting counts whose name has `timeout`, `wait` or `deadline` in it (`timeoutSeconds`, `maxWait`, `ttl`), and so does a
connector for that case (`timeout`, `no input`). Only raised where another element of the same type in the flow sets it: on `Queue`,
`API`, on an `IVR` that waits for input (`options`, `digits`, …), and on types that `[types]` calls `input`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"API","name":"Customer","configuration":{"timeoutSeconds":5}},
  {"id":"b","type":"API","name":"Balance"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"API","name":"Customer","configuration":{"timeoutSeconds":5}},
  {"id":"b","type":"API","name":"Balance","configuration":{"timeoutSeconds":5}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let asking = settings_seen::asking_for_input(flow);
    let limits = settings_seen::keys(flow, |key| {
        const WORDS: [&str; 5] = ["timeout", "time_out", "time-out", "wait", "deadline"];
        key == "ttl" || WORDS.iter().any(|word| key.contains(word))
    });
    let has: Vec<Option<bool>> = flow
        .elements()
        .iter()
        .enumerate()
        .map(|(at, element)| {
            // An announcement waits for nobody.
            let waits = || {
                context.settings.types.have(&element.kind, Role::Input)
                    && (element.kind != ElementType::Ivr
                        || settings_seen::says(flow, element, &asking))
            };
            (graph.is_reached(at) && waits()).then(|| {
                // Its settings mostly tell, and are told faster than what its ways are called.
                let mut ways = graph.leaving(at).iter();
                settings_seen::says(flow, element, &limits)
                    || ways.any(|&way| branch_names::ends_a_wait(context, way))
            })
        })
        .collect();
    for at in settings_seen::outliers(flow, &has) {
        let element = &flow.elements()[at];
        let (span, name) = graph_view::place(flow, at);
        let message = format!(
            "nothing says how long {name} waits; other {} elements here say it",
            element.kind.as_str()
        );
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            message,
        )
        .about(&element.id, words::name(flow, element))
        .hint("set how long it waits, as the others do");
    }
}
