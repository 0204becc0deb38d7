//! `version-not-increased`: the content changed and the version did not rise above the baseline's.

use semver::Version;

use crate::finding::{RuleId, Severity};
use crate::flow::Flow;
use crate::flow::json::Value;
use crate::platform::VersionSummary;
use crate::risk::{Step, VersionStep};
use crate::rules::{ChangeContext, Check, Rule, Sink, words};
use crate::text::Span;

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-not-increased"),
    severity: Severity::Error,
    firm: None,
    summary: "elements or connectors changed, but `version` is not above the live one",
    explanation: "A version number names one content for ever: it is what people roll back to. With the same number CXone refuses
the new content, or nobody can tell the two apart.

Raise `version`; `flowgate bump FILE` writes the number. Moving elements on the canvas needs no new number.
Going back to exactly what an older version held, as `git revert` does, needs none either: that version is
published again.",
    bad: r#"--- before
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- after
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"bye","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"bye"},
  {"id":"c2","sourceId":"bye","targetId":"end"}]}"#,
    good: r#"--- before
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"bye","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"bye"},
  {"id":"c2","sourceId":"bye","targetId":"end"}]}"#,
    check: Check::Change(check),
};

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    let now = context.number.or_else(|| context.head.version());
    let (Some(now), Some(before)) = (now, context.baseline.version()) else {
        return;
    };
    // Build metadata says nothing about which of two is newer.
    let taken = context.taken_on_base;
    let taken = taken.filter(|taken| now.cmp_precedence(taken).is_eq());
    let increased = now.cmp_precedence(before).is_gt() && taken.is_none();
    if increased || context.delta.is_layout_only() || is_stored(context, now) {
        return;
    }
    let head = context.head;
    let message = if let Some(taken) = taken.filter(|taken| *taken > before) {
        format!("the flow changed, but the base branch has {taken} for other content already")
    } else if now == before {
        format!("the flow changed, but its version is still {now}")
    } else {
        format!("the flow changed, but its version {now} is not above {before}")
    };
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), version_span(head)),
        &[],
        message,
    )
    .hint(hint(context, taken.unwrap_or(before).max(before)));
}

/// Where `version` stands.
pub(super) fn version_span(flow: &Flow) -> Span {
    flow.top("version").map_or(flow.anchor(), Value::span)
}

fn listed<'a>(context: &ChangeContext<'a>) -> &'a [VersionSummary] {
    let history = context.platform.map(|platform| &platform.history);
    history
        .and_then(|history| history.listed())
        .unwrap_or_default()
}

/// Whether exactly this is stored already, as after a revert.
pub(super) fn is_stored(context: &ChangeContext<'_>, now: &Version) -> bool {
    listed(context).iter().any(|stored| {
        let digest = stored.record.as_ref().map(|record| &record.content_digest);
        stored.version.as_ref() == Some(now) && digest.is_some() && digest == context.digest
    })
}

fn hint(context: &ChangeContext<'_>, before: &Version) -> String {
    let command = words::quote(&format!("flowgate bump {}", context.head.source().path()));
    // Above everything that is stored: a number that was used and taken back is taken.
    let stored = listed(context)
        .iter()
        .filter_map(|stored| stored.version.as_ref());
    let highest = stored.fold(before, |highest, version| highest.max(version));
    let step = context.risk.step();
    let step = VersionStep::new(step.unwrap_or(Step::Patch), highest, highest);
    match step.map(|step| step.lowest) {
        Some(next) => format!("run {command}, or set `version` to {next}"),
        None => format!("run {command}"),
    }
}
