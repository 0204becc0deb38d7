//! Rules about what a team lives with: waivers and accepted findings.

use super::words;
use crate::waiver::Waiver;

/// A waiver of a dead end until the end of a year, and a flow that has it or has it no longer: what both rules about
/// waivers show.
macro_rules! waived {
    (has it, $year:literal) => {
        waived!(
            $year,
            r#"{"id":"mail","type":"IVR"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"mail"}]}"#
        )
    };
    (mended, $year:literal) => {
        waived!(
            $year,
            r#"{"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#
        )
    };
    ($year:literal, $rest:literal) => {
        concat!(
            r#"--- flowgate.toml
[[waivers]]
rule = "dead-end"
flow = "main"
reason = "the voicemail system hangs up by itself"
until = "#,
            $year,
            r#"-12-31
--- flows/main.json
{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  "#,
            $rest
        )
    };
}

pub(super) mod accepted_stale;
pub(super) mod waiver_expired;
pub(super) mod waiver_stale;

/// A waiver for a sentence: what it is about.
fn named(waiver: &Waiver) -> String {
    let [rule, flow, element, fingerprint] = waiver.subject();
    let what = if rule.is_empty() { fingerprint } else { rule };
    let mut name = format!("the waiver of {}", words::quote(what));
    for (word, of) in [("at", element), ("in", flow)] {
        if !of.is_empty() {
            name = format!("{name} {word} {}", words::quote(of));
        }
    }
    name
}
