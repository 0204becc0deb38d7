//! `menu-key-without-way`: callers are told to press a key that no way answers.

use crate::finding::{RuleId, Severity};
use crate::rules::menus::Others;
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, menus, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("menu-key-without-way"),
    severity: Severity::Warning,
    firm: None,
    summary: "callers are told to press a key that no way answers",
    explanation: "Callers press what they were told, and hear the menu again, or nothing. Often the way was removed and the prompt still speaks of it.

Add a way for the key, or take it out of the prompt or the options. Read are prompts (`press 2`, `drücken Sie die 2`, `appuyez sur le 2`, …) and
options of menus that have ways for keys. Silent where all other cases lead on to somewhere else, and where ways are called by names that may
stand for keys.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","name":"Menu","configuration":{"prompt":"Press 1 for sales, press 2 for service."}},
  {"id":"sales","type":"Queue","name":"Sales"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"sales","label":"press 1"},
  {"id":"c4","sourceId":"menu","targetId":"menu","label":"wrong or no input"},
  {"id":"c9","sourceId":"sales","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","name":"Menu","configuration":{"prompt":"Press 1 for sales, press 2 for service."}},
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
    let flow = context.flow;
    for menu in menus::all(context) {
        if menu.others == Others::LeadOn || menu.has_names {
            continue;
        }
        let element = &flow.elements()[menu.at];
        let (span, name) = graph_view::place(flow, menu.at);
        for key in menu.offered.difference(&menu.answered) {
            sink.raise(
                &RULE,
                Some(flow),
                (flow.source(), span),
                &[element.id.as_str(), &key.to_string()],
                format!("{name} tells callers to press {key}, and no way answers"),
            )
            .about(&element.id, words::name(flow, element))
            .hint(format!(
                "add a way for {key}, or take it out of what callers are told"
            ));
        }
    }
}
