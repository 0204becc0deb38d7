//! What a change means for callers, and from it the step that the version must take. A pure function of a delta and
//! its two flows.
//!
//! # Levels
//! | level | means for callers | step |
//! |---|---|---|
//! | `breaking` | something that worked is gone: a place they reached, or a choice they had | major (minor while the version is 0.x) |
//! | `risky` | they reach, hear or wait for something else, or an outside system is asked something else | minor |
//! | `safe` | they notice nothing: names, notes, new ids, what no call reaches | patch |
//!
//! Only moving things on the canvas is safe and needs no step at all. Routine work (another prompt, another queue, a new
//! branch) is a minor step: that is what most releases of a contact centre are. Only taking something away is a major
//! one. What nobody can judge (a field of an unknown name) is risky: unknown is not safe.
//!
//! Each reason, with its level and definition, stands in one table: [`RiskReason`].

mod assess;
mod cause;
mod connector;
mod element;
mod fields;
#[cfg(test)]
mod laws;
mod reason;
mod sides;
mod step;
#[cfg(test)]
mod tests;

pub use assess::{ChangeRisk, FlowRisk, assess};
pub use cause::Cause;
pub(crate) use fields::{is_heard, is_sound, of_connector};
pub use reason::RiskReason;
pub use step::{Step, VersionStep};

use serde::Serialize;

/// How much callers may notice. Ordered: worst last.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Callers notice nothing.
    Safe,
    /// Callers may notice something.
    Risky,
    /// Something that callers had is gone.
    Breaking,
}

impl Risk {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Risk::Safe => "safe",
            Risk::Risky => "risky",
            Risk::Breaking => "breaking",
        }
    }

    /// The sign in reports. It says nothing about whether the change may be merged.
    pub fn sign(self) -> &'static str {
        match self {
            Risk::Safe => "⚪",
            Risk::Risky => "🟡",
            Risk::Breaking => "🔴",
        }
    }
}
