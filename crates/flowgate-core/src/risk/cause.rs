//! Why a change is as risky as it is, and what callers would notice.

use super::RiskReason;

/// One reason of a change's risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which.
    pub reason: RiskReason,
    /// What callers would notice, in a sentence without full stop. Names are those of the file: hostile text. No value
    /// of a field is in it.
    pub notice: String,
}

impl Cause {
    pub(super) fn new(reason: RiskReason, notice: impl Into<String>) -> Self {
        Self {
            reason,
            notice: notice.into(),
        }
    }
}
