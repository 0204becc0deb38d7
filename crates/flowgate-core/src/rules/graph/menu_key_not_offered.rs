//! `menu-key-not-offered`: a menu has a way for a key that nobody is told of.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, menus, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("menu-key-not-offered"),
    severity: Severity::Info,
    firm: None,
    summary: "a menu has a way for a key that nobody is told of",
    explanation: "Nobody takes the way but who knows of it. Often the prompt was changed and the way was forgotten, or it leads to what was announced once.

Tell callers of the key, or remove the way. Only raised where callers are told of other keys of the same menu; `0`, `*` and `#` may be known
without being told.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","name":"Menu","configuration":{"prompt":"Press 1 for sales."}},
  {"id":"sales","type":"Queue","name":"Sales"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"sales","label":"press 1"},
  {"id":"c3","sourceId":"menu","targetId":"end","label":"press 2"},
  {"id":"c4","sourceId":"menu","targetId":"menu","label":"wrong or no input"},
  {"id":"c9","sourceId":"sales","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","name":"Menu","configuration":{"prompt":"Press 1 for sales, press 2 to end the call."}},
  {"id":"sales","type":"Queue","name":"Sales"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"sales","label":"press 1"},
  {"id":"c3","sourceId":"menu","targetId":"end","label":"press 2"},
  {"id":"c4","sourceId":"menu","targetId":"menu","label":"wrong or no input"},
  {"id":"c9","sourceId":"sales","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    /// Keys that callers know: somebody, once more, the end of what is entered.
    const KNOWN: [char; 3] = ['0', '*', '#'];
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    for menu in menus::all(context) {
        let untold = menu.answered.difference(&menu.offered);
        let untold: Vec<char> = untold.copied().filter(|key| !KNOWN.contains(key)).collect();
        if menu.offered.is_empty() || untold.is_empty() {
            continue;
        }
        let heard = menus::heard_around(context, graph, menu.at);
        let is_named = |key: char| heard.iter().any(|text| menus::names_key(text, key));
        let element = &flow.elements()[menu.at];
        let (span, name) = graph_view::place(flow, menu.at);
        for key in untold.into_iter().filter(|&key| !is_named(key)) {
            sink.raise(
                &RULE,
                Some(flow),
                (flow.source(), span),
                &[element.id.as_str(), &key.to_string()],
                format!("{name} has a way for {key}, and callers are not told of it"),
            )
            .about(&element.id, words::name(flow, element))
            .hint(format!("tell callers of {key}, or remove the way"));
        }
    }
}
