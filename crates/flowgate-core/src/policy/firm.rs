//! Rules that no team may ease: a check that is green while merging is refused would be a lie.

use crate::rules::{Check, Rule};

/// What may not be done with a rule, and what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firm {
    /// Its findings stay errors that count: no lower severity, no waiver, not accepted.
    Error(&'static str),
    /// It may be less than an error, but not `off`: the plan blocks flows for this reason, and a reason must be seen.
    Seen(&'static str),
}

impl Firm {
    /// What keeps this rule firm; `None` where a team may decide.
    pub fn of(rule: &Rule) -> Option<Self> {
        if matches!(rule.check, Check::Shape) {
            return Some(Firm::Error("such a file cannot be published: mend it"));
        }
        Some(match rule.id.as_str() {
            "connector-missing-source" | "connector-missing-target" | "duplicate-element-id" => {
                Firm::Error("CXone refuses such a flow: mend it")
            }
            "unsupported-element-type" => {
                Firm::Error("CXone refuses such a flow: declare the type under `[types]`")
            }
            "immutable-element-changed" => {
                Firm::Error("CXone lets no version change Begin or End: give the flow a new id")
            }
            "duplicate-flow-id" => {
                Firm::Error("two files would be published over each other: keep one")
            }
            "edited-in-console" => {
                Firm::Error("it blocks the flow: set `on-drift` to say what merging does")
            }
            "new-flow-refused" => Firm::Error("it blocks the flow: set `on-new-flow`"),
            "version-exists" => {
                Firm::Error("it blocks the flow: raise the version, or set `version-policy`")
            }
            "version-history-full" => Firm::Error(
                "CXone refuses another version: set `max-version-history` if it keeps more",
            ),
            "not-in-order" => Firm::Error("it blocks the flow: a dispatch that names it overrules"),
            "too-many-changes" => Firm::Error("it blocks the run: set `max-changes`"),
            "baseline-unavailable" => Firm::Seen("nobody knows what would be overwritten"),
            _ => return None,
        })
    }

    /// Why, and what to do instead.
    pub fn why(self) -> &'static str {
        match self {
            Firm::Error(why) | Firm::Seen(why) => why,
        }
    }
}
