//! `not-in-order`: what is live does not come from a commit that this one builds on.

use crate::finding::{RuleId, Severity};
use crate::order::Order;
use crate::rules::{Check, Firm, PlatformContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("not-in-order"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("it blocks the flow: a dispatch that names it overrules")),
    summary: "what is live comes from a commit that this one does not build on",
    explanation: "Every version that Flowgate publishes names its commit. A deployment writes only over versions of commits that it
builds on, so that the job of last week, run again, never brings last week back.

If the commit is newer, run the job of the newest commit. If the history of the branch was rewritten, start the
workflow by hand on the deploy branch and name the flow (`flow`): what the branch says now is then deployed.",
    bad: r#"--- platform
{"published":"absent","versions":[],"order":"newer"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","versions":[],"order":"fine"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Platform(check),
};

fn check(context: &PlatformContext<'_>, sink: &mut Sink) {
    // Where the plan has a version all the same, somebody named the flow by hand.
    let objection = context.order.and_then(Order::objection);
    let Some(why) = objection.filter(|_| context.number.is_none()) else {
        return;
    };
    let head = context.head;
    sink.raise(&RULE, Some(head), (head.source(), head.anchor()), &[], why)
        .hint("run the job of the newest commit, or start the workflow by hand on the deploy branch and name the flow");
}
