//! `waiver-expired`: a waiver's last day is over.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, PolicyContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("waiver-expired"),
    severity: Severity::Warning,
    firm: None,
    summary: "a waiver's last day is over",
    explanation: "It excuses nothing any more: what it covered counts again.

Mend what it covered and remove it, or agree on another last day. A change that touches the file is not told, since it may be doing
just that.",
    bad: waived!(mended, "2020"),
    good: waived!(has it, "2999"),
    check: Check::Policy(check),
};

fn check(context: &PolicyContext<'_>, sink: &mut Sink) {
    let over = context
        .waivers
        .iter()
        .filter(|waiver| waiver.is_over(context.today))
        .filter(|waiver| !context.is_changing(&waiver.location.path));
    for waiver in over {
        let name = super::named(waiver);
        let covered = context.findings.iter().filter(|found| waiver.covers(found));
        let message = match covered.count() {
            0 => format!("{name} held until {}", waiver.until),
            1 => format!(
                "{name} held until {}: what it covered counts again",
                waiver.until
            ),
            many => format!(
                "{name} held until {}: {many} findings that it covered count again",
                waiver.until
            ),
        };
        let until = waiver.until.to_string();
        let [rule, flow, element, fingerprint] = waiver.subject();
        sink.raise_at(
            &RULE,
            None,
            waiver.location.clone(),
            &[rule, flow, element, fingerprint, &until],
            message,
        )
        .hint("mend what it covered and remove it, or agree on another last day");
    }
}
