//! `menu-without-invalid-way`: a menu says nothing about wrong or no input.

use crate::finding::{RuleId, Severity};
use crate::flow::words::split;
use crate::rules::menus::Others;
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, menus, settings_seen, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("menu-without-invalid-way"),
    severity: Severity::Warning,
    firm: None,
    summary: "a menu says nothing about wrong or no input",
    explanation: "Who presses another key, or none, hears silence until they hang up or the call drops.

Add a way for wrong and for no input, or one for all other cases. A note only where the menu has a limit of tries (`maxRetries`, `attempts`), which
the platform acts on. Silent where no menu of the flow has such a way: then the tenant does it by itself.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR","name":"Menu","configuration":{"prompt":"Press 1 for sales, press 2 to end the call."}},
  {"id":"sales","type":"Queue","name":"Sales"},
  {"id":"again","type":"IVR","name":"Again","configuration":{"prompt":"Press 1 or 2."}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"sales","label":"press 1"},
  {"id":"c3","sourceId":"menu","targetId":"end","label":"press 2"},
  {"id":"c5","sourceId":"sales","targetId":"again","label":"other"},
  {"id":"c6","sourceId":"again","targetId":"end","label":"1"},
  {"id":"c7","sourceId":"again","targetId":"sales","label":"2"},
  {"id":"c8","sourceId":"again","targetId":"end","label":"no input"},
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
    let flow = context.flow;
    let menus = menus::all(context);
    if !menus.iter().any(|menu| menu.others != Others::Unsaid) {
        return;
    }
    let limits = settings_seen::keys(flow, |key| {
        let words = split(key);
        let mut words = words.iter();
        words.any(|word| {
            matches!(
                word.as_str(),
                "retries" | "tries" | "attempts" | "retry" | "repeat" | "repeats"
            )
        })
    });
    for menu in menus.iter().filter(|menu| menu.others == Others::Unsaid) {
        let element = &flow.elements()[menu.at];
        let (span, name) = graph_view::place(flow, menu.at);
        let is_limited = settings_seen::says(flow, element, &limits);
        let finding = sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            format!("{name} has ways for keys, and none for wrong or no input"),
        );
        finding
            .about(&element.id, words::name(flow, element))
            .hint("add a way for wrong or no input");
        if is_limited {
            finding.severity = Severity::Info;
        }
    }
}
