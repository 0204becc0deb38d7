//! Which optional calls this tenant has, learned from its answers, so that what it does not have is asked for once and not
//! before and after each write of each flow.

use std::sync::atomic::{AtomicU8, Ordering};

const NOT_KNOWN: u8 = 0;
const HAS: u8 = 1;
const HAS_NOT: u8 = 2;

/// What is known about one call. A tenant that has answered once has it: a later refusal is that answer's alone.
#[derive(Debug, Default)]
pub(super) struct Offered(AtomicU8);

impl Offered {
    /// Whether the tenant said that it has no such call.
    pub(super) fn is_refused(&self) -> bool {
        self.0.load(Ordering::Relaxed) == HAS_NOT
    }

    /// The tenant answered with this status.
    pub(super) fn learn(&self, status: u16) {
        let learned = if matches!(status, 405 | 501) {
            HAS_NOT
        } else {
            HAS
        };
        let change = |known| (known == NOT_KNOWN || learned == HAS).then_some(learned);
        let _unchanged = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_once_is_offered() {
        let call = Offered::default();
        assert!(!call.is_refused());
        call.learn(404);
        call.learn(405);
        assert!(!call.is_refused());

        let call = Offered::default();
        call.learn(501);
        assert!(call.is_refused());
        // Another flow's answer was under way.
        call.learn(200);
        assert!(!call.is_refused());
    }
}
