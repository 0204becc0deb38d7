//! `waiver-stale`: a waiver covers nothing any more.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, PolicyContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("waiver-stale"),
    severity: Severity::Warning,
    firm: None,
    summary: "a waiver covers nothing any more",
    explanation: "What it excused is gone. Left standing, it would silently excuse the same fault when somebody makes it again.

Remove it from `flowgate.toml`. Only said where all that the waiver could cover was looked at: the flow that it names, or, where it
names none, every flow. A change that touches the file is not told, since it may be removing it.",
    bad: waived!(mended, "2999"),
    good: waived!(has it, "2999"),
    check: Check::Policy(check),
};

fn check(context: &PolicyContext<'_>, sink: &mut Sink) {
    for waiver in context.waivers {
        // One that is over is another rule's matter.
        if waiver.is_over(context.today)
            || context.is_changing(&waiver.location.path)
            || !context.was_judged(waiver.flow.as_ref())
            || context.findings.iter().any(|found| waiver.covers(found))
        {
            continue;
        }
        sink.raise_at(
            &RULE,
            None,
            waiver.location.clone(),
            &waiver.subject(),
            format!("{} covers nothing any more", super::named(waiver)),
        )
        .hint("remove it");
    }
}
