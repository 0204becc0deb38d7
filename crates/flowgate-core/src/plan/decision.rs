//! What a plan may decide of a flow, as values; the words of those decisions that more than one place makes.

use semver::Version;

use super::{Action, Reason};
use crate::platform::VersionSummary;

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

/// A stored version that is not put live again unasked.
pub(super) fn held_back(held: &VersionSummary) -> Decision {
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
