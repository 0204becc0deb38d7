//! Rules about what a team lives with: waivers and accepted findings.

pub(super) mod accepted_stale;
pub(super) mod waiver_expired;
pub(super) mod waiver_stale;

use super::words;
use crate::waiver::Waiver;

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
