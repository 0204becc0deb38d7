//! What a plan may decide of a flow, as values; the words of those decisions that more than one place makes.

use semver::Version;

use super::{Action, Reason, Touch};
use crate::platform::{VersionSummary, Wrong, was_wrong};

/// What is done with a flow, and why.
pub(super) type Decision = (Action, Vec<Reason>);

pub(super) fn reason(code: &'static str, text: impl Into<String>) -> Reason {
    Reason {
        code,
        text: text.into(),
    }
}

pub(super) fn nothing(code: &'static str, text: impl Into<String>) -> Decision {
    (Action::Nothing, vec![reason(code, text)])
}

pub(super) fn blocked(code: &'static str, text: impl Into<String>) -> Decision {
    (Action::Blocked, vec![reason(code, text)])
}

/// What is known of a fault of an earlier run, and whom it concerns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fault<'a> {
    /// The version of ours that CXone holds with other content than was sent, where one is known.
    pub wrong: Option<&'a Wrong>,
    /// Whether a person started the run: then it is a failure of this run too, whatever that changes.
    pub by_hand: bool,
}

/// A stored version that is not put live again unasked. Where it was wrong, the run that is about it is no success.
pub(super) fn held_back(held: &VersionSummary, touch: Touch, fault: Fault<'_>) -> Decision {
    if let Some(wrong) = fault.wrong.filter(|wrong| wrong.version_id == held.id) {
        let why = was_wrong(held, wrong);
        return if fault.by_hand || touch.asks_for_write() {
            blocked("taken-back", why)
        } else {
            nothing("taken-back", why)
        };
    }
    let what = if held.publication.is_known() {
        "was taken back"
    } else {
        "is stored, and CXone does not tell whether it was live and was taken back"
    };
    let number = words(held.version.as_ref());
    nothing(
        "held",
        format!("{number} {what}; it stays so until its file changes or a dispatch names it"),
    )
}

pub(super) fn words(version: Option<&Version>) -> String {
    version.map_or_else(|| "an unnumbered version".to_owned(), Version::to_string)
}
