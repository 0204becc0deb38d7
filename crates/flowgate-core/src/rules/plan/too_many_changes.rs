//! `too-many-changes`: one run would write more flows than anybody meant.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Firm, PlanContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("too-many-changes"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("it blocks the run: set `max-changes`")),
    summary: "merging would write more flows at once than `max-changes` allows",
    explanation: "One merge seldom changes many flows. Where it would, something else is the likely reason: a folder that moved, a
wrong tenant, a formatter that changed more than layout. So nothing is written at all, and the plan says what
would have been.

Merge in smaller parts, or raise `max-changes` for this repository.",
    bad: r#"--- plan
{"maxChanges":1}
--- flows/a.json
{"flowId":"a","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- flows/b.json
{"flowId":"b","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- plan
{"maxChanges":1}
--- flows/a.json
{"flowId":"a","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Plan(check),
};

fn check(context: &PlanContext<'_>, sink: &mut Sink) {
    let (writes, most) = (context.writes.len(), context.max_changes);
    let Some(first) = context.writes.first().filter(|_| writes > most) else {
        return;
    };
    // Its place is the first of them: a finding has one.
    sink.raise_at(
        &RULE,
        None,
        first.anchor.clone(),
        &[],
        format!("{writes} flows would be written, and `max-changes` is {most}: none of them is"),
    )
    .hint("merge in smaller parts, or raise `max-changes`");
}
