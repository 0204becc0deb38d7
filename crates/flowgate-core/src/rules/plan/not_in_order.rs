//! `not-in-order`: what is live does not come from a commit that this one builds on.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Firm, PlanContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("not-in-order"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("it blocks the flow: a dispatch that names it overrules")),
    summary: "what is live comes from a commit that this one does not build on",
    explanation: "Every version that Flowgate publishes names its commit. A deployment writes only over versions of commits that it
builds on, so that the job of last week, run again, never brings last week back.

If the commit is newer, run the job of the newest commit. If the history of the branch was rewritten, start the
workflow by hand on the deploy branch and name the flow (`flow`): what the branch says now is then deployed.",
    bad: r#"--- plan
{"live":"newer"}
--- flows/main.json
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- plan
{"live":"older"}
--- flows/main.json
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Plan(check),
};

fn check(context: &PlanContext<'_>, sink: &mut Sink) {
    for (flow, why) in context.out_of_order {
        sink.raise_at(
            &RULE,
            flow.id.as_ref(),
            flow.anchor.clone(),
            &[],
            (*why).to_owned(),
        )
        .hint("run the job of the newest commit, or start the workflow by hand on the deploy branch and name the flow");
    }
}
