//! `unused-variable`: a declared variable is used nowhere.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Rule, Sink, variables, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("unused-variable"),
    severity: Severity::Info,
    firm: None,
    summary: "a declared variable is used nowhere",
    explanation: "Callers notice nothing, but often a name is mistyped where the variable was meant: then they hear a gap.

Use it or delete it. Only variables of the flow's own list of `variables` are looked at; any text or key that has the name in it
uses it.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "variables":["name","unpaid"],
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hi","type":"IVR","configuration":{"prompt":"Hello {{name}}."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"hi"},
  {"id":"c2","sourceId":"hi","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hi","type":"IVR","configuration":{"prompt":"Hello {{name}}."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"hi"},
  {"id":"c2","sourceId":"hi","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    // What could not be read may use any variable.
    if !context.is_whole() {
        return;
    }
    let flow = context.flow;
    let declared = context.declared();
    if declared.listed.is_empty() {
        return;
    }
    let unused = variables::unused(context);
    for (name, &span) in declared
        .listed
        .iter()
        .filter(|(name, _)| unused.contains(name.as_str()))
    {
        let message = format!("the variable {} is used nowhere", words::quote(name));
        sink.raise(&RULE, Some(flow), (flow.source(), span), &[name], message)
            .hint("use it or delete it");
    }
}
