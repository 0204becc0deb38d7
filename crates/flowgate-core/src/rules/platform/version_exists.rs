//! `version-exists`: the version number is stored with other content.

use crate::finding::{RuleId, Severity};
use crate::flow::json::Value;
use crate::ids::Digest;
use crate::platform::VersionSummary;
use crate::rules::{Check, Firm, PlatformContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-exists"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("it blocks the flow: raise the version, or set `version-policy`")),
    summary: "the version number is taken by a stored version with other content",
    explanation: "CXone has a version with this number already, and it holds something else: creating it is refused, and
publishing the stored one would give callers what nobody reviewed here.

Choose a number that is free; `flowgate bump FILE` does, and with `version-policy: auto` the deployment takes the
next free patch number itself. If the stored version was not made by Flowgate its
content is not known, and is taken to be different.",
    bad: r#"--- platform
{"published":"absent","versions":[{"version":"1.1.0","digest":"fg1.00000000.1111111111111111111111111111111111111111111111111111111111111111"}]}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","versions":[{"version":"1.1.0","digest":"fg1.00000000.1111111111111111111111111111111111111111111111111111111111111111"}]}
--- after
{"flowId":"main","version":"1.2.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Platform(check),
};

fn check(context: &PlatformContext<'_>, sink: &mut Sink) {
    let head = context.head;
    let (Some(version), true) = (head.version(), context.creates_version) else {
        return;
    };
    if context.number.is_some_and(|number| number != version) {
        // The plan takes a free one (`version-policy: auto`).
        return;
    }
    let listed = context.platform.history.listed().unwrap_or_default();
    let same_number = || {
        listed
            .iter()
            .filter(|stored| stored.version.as_ref() == Some(version))
    };
    if same_number()
        .any(|stored| digest_of(stored).is_some() && digest_of(stored) == context.digest)
    {
        return;
    }
    let Some(stored) = same_number().next() else {
        return;
    };
    let difference = match (digest_of(stored), context.digest) {
        (Some(theirs), Some(ours)) => format!(
            "with other content (digest {}, here {})",
            theirs.short(),
            ours.short()
        ),
        (Some(theirs), None) => format!("with other content (digest {})", theirs.short()),
        (None, _) => "and was not put there by Flowgate, so its content is not known".to_owned(),
    };
    let span = head.top("version").map_or(head.anchor(), Value::span);
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), span),
        &[&version.to_string()],
        format!("version {version} is stored on CXone already, {difference}"),
    )
    .hint(format!(
        "choose a free number: run {}",
        words::quote(&format!("flowgate bump {}", head.source().path()))
    ));
}

fn digest_of(stored: &VersionSummary) -> Option<&Digest> {
    stored.record.as_ref().map(|record| &record.content_digest)
}
