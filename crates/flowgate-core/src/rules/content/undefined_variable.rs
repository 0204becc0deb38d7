//! `undefined-variable`: a text uses a variable that nothing sets.

use crate::finding::{RuleId, Severity};
use crate::redact::marks::Mark;
use crate::rules::{Check, FlowContext, Rule, Sink, variables, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("undefined-variable"),
    severity: Severity::Warning,
    firm: None,
    summary: "a text uses a variable that nothing sets",
    explanation: "Callers hear the name of the variable, or a gap where their name or number should be; a decision takes the wrong way.

Declare the variable under `variables`, or mend its name. Looked for are `{{name}}` and `${name}`. Where the flow has a list of
`variables`, each name must stand there or be set by an element (`variable`, `assign`, `output`, …); without a list, only names that
are nearly those of a variable that an element sets are reported. Names that the platform sets (`caller`, `contact`, `session`,
`secrets`, …) are known.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"output":"customerName"}},
  {"id":"hi","type":"IVR","configuration":{"prompt":"Hello {{customrName}}, {{customerName}}."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c0","sourceId":"crm","targetId":"hi"},
  {"id":"c2","sourceId":"hi","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"output":"customerName"}},
  {"id":"hi","type":"IVR","configuration":{"prompt":"Hello {{customerName}}."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c0","sourceId":"crm","targetId":"hi"},
  {"id":"c2","sourceId":"hi","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

/// What the platform sets, and where it keeps things.
const KNOWN: [&str; 34] = [
    "caller",
    "callerid",
    "contact",
    "contactid",
    "call",
    "callid",
    "session",
    "system",
    "sys",
    "env",
    "secret",
    "secrets",
    "vault",
    "flow",
    "global",
    "globals",
    "ani",
    "dnis",
    "now",
    "date",
    "time",
    "today",
    "input",
    "digits",
    "config",
    "this",
    "else",
    "user",
    "agent",
    "queue",
    "tenant",
    "params",
    "request",
    "response",
];

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let declared = context.declared();
    if declared.all().next().is_none() {
        return;
    }
    let texts = context.texts().iter();
    for text in texts.filter(|text| text.marks.has(Mark::Opening)) {
        let mut seen = Vec::new();
        for name in variables::used(&text.text) {
            let known = |known: &str| known.eq_ignore_ascii_case(name);
            if seen.contains(&name)
                || declared.all().any(known)
                || KNOWN.iter().any(|name| known(name))
            {
                continue;
            }
            seen.push(name);
            let near = words::nearest(name, declared.all());
            if !declared.has_list && near.is_none() {
                continue;
            }
            let message = format!(
                "{} uses {}, which nothing sets",
                text.whose(context.flow),
                words::quote(name)
            );
            let hint = near.map_or_else(
                || "declare it under `variables`, or set it in an element before".to_owned(),
                |near| format!("did you mean {}?", words::quote(near)),
            );
            text.raise(&RULE, context, sink, name, message).hint(hint);
        }
    }
}
