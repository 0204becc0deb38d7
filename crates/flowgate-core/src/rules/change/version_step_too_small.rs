//! `version-step-too-small`: the version rose, but by less than what the change means for callers.

use super::version_not_increased::{is_stored, version_span};
use crate::finding::{RuleId, Severity};
use crate::risk::Risk;
use crate::rules::{ChangeContext, Check, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-step-too-small"),
    severity: Severity::Warning,
    firm: None,
    summary: "`version` rose by a smaller step than the change means for callers",
    explanation: "The step of a version tells those who plan a release how much callers may notice. A major step says that something
is gone that callers had: a place, or a choice. A minor step says that they reach, hear or wait for something else;
that is what most releases are. A patch says that they notice nothing. While the version is 0.x, minor is enough for
all.

Raise `version` to the one that is named, or let `flowgate bump FILE` write it. The comment says at each change why
it is breaking, risky or safe.",
    bad: r#"--- before
{"flowId":"main","version":"1.2.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hello","type":"IVR","configuration":{"prompt":"Hello"}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"hello"},
  {"id":"c2","sourceId":"hello","targetId":"end"}]}
--- after
{"flowId":"main","version":"1.2.1",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hello","type":"IVR","configuration":{"prompt":"We are closed"}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"hello"},
  {"id":"c2","sourceId":"hello","targetId":"end"}]}"#,
    good: r#"--- before
{"flowId":"main","version":"1.2.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hello","type":"IVR","configuration":{"prompt":"Hello"}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"hello"},
  {"id":"c2","sourceId":"hello","targetId":"end"}]}
--- after
{"flowId":"main","version":"1.3.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hello","type":"IVR","configuration":{"prompt":"We are closed"}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"hello"},
  {"id":"c2","sourceId":"hello","targetId":"end"}]}"#,
    check: Check::Change(check),
};

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    let (head, baseline) = (context.head, context.baseline);
    let (Some(now), Some(before)) = (head.version(), baseline.version()) else {
        return;
    };
    // Where it did not rise at all, `version-not-increased` says so.
    let rose = now.cmp_precedence(before).is_gt();
    if !rose || context.delta.is_layout_only() || is_stored(context, now) {
        return;
    }
    let risk = context.risk;
    let Some(step) = risk.version_step(before, now).filter(|step| !step.enough) else {
        return;
    };
    // A connector that leads nowhere takes elements with it that come back when it is mended.
    if !head.is_whole() || !head.index().graph().loose_ends().is_empty() {
        return;
    }
    let worst = risk.at_least(Risk::Risky).into_iter().next();
    let why = worst.and_then(|change| {
        let cause = change.causes.first()?;
        let (name, level) = (words::short(&change.name), change.risk().as_str());
        Some(format!("{name} is {level}, {}", cause.notice))
    });
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    let command = words::quote(&format!("flowgate bump {}", head.source().path()));
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), version_span(head)),
        &[],
        format!(
            "{before} → {now} is too small a step, a {} one is needed{why}",
            step.needed.as_str()
        ),
    )
    .hint(format!(
        "run {command}, or set `version` to {}",
        step.lowest
    ));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{change_findings, sections};

    fn found(edit: impl Fn(&str) -> String) -> Vec<(String, String)> {
        let sections = sections(super::RULE.bad);
        let findings = change_findings(&sections[0].1, &edit(&sections[1].1), None, None);
        let told = findings.into_iter().map(|finding| {
            let hint = finding.hint.unwrap_or_default();
            (finding.message, hint)
        });
        told.collect()
    }

    #[test]
    fn it_says_which_step_and_why() {
        insta::assert_debug_snapshot!(found(str::to_owned), @r#"
        [
            (
                "1.2.0 → 1.2.1 is too small a step, a minor one is needed: We are closed is risky, callers hear something else",
                "run `flowgate bump flows/main.json`, or set `version` to 1.3.0",
            ),
        ]
        "#);
    }

    #[test]
    fn it_is_silent_where_the_version_did_not_rise_or_a_connector_leads_nowhere() {
        for edit in [
            ("\"1.2.1\"", "\"1.2.0\""),
            ("\"1.2.1\"", "\"1.1.0\""),
            ("\"targetId\":\"end\"", "\"targetId\":\"edn\""),
        ] {
            let found = found(|text| text.replace(edit.0, edit.1));
            assert!(!found.is_empty(), "{edit:?}");
            let step = found
                .iter()
                .any(|(message, _)| message.contains("too small"));
            assert!(!step, "{found:#?}");
        }
    }
}
