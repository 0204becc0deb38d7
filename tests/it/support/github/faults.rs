//! What goes wrong, and what happens behind the program's back.

use super::state::State;

/// Which request it befalls: the next one with this method whose path and query contain this text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When(pub(crate) &'static str, pub(crate) &'static str);

impl When {
    pub(super) fn matches(self, method: &str, path: &str) -> bool {
        self.0 == method && path.contains(self.1)
    }
}

/// What befalls it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// This status; nothing is done.
    Status(u16),
    /// It is done, and then answered with this status.
    DoneThenStatus(u16),
    /// It is done, and then the connection breaks.
    DoneThenDropped,
    /// Nothing is done and the connection breaks.
    Dropped,
    /// Nothing is done, and nobody answers for a minute.
    Hangs,
    /// A secondary rate limit: 403 with `Retry-After`.
    SecondaryLimit(u64),
    /// 429 without a word about how long.
    TooMany,
    /// The primary rate limit, over in so many seconds by the server's own clock, which is an hour ahead of ours.
    UsedUp(u64),
}

pub(super) type Hook = Box<dyn FnOnce(&mut State) + Send>;

#[derive(Default)]
pub(super) struct Script {
    pub(super) faults: Vec<(When, Fault)>,
    pub(super) before: Vec<(When, Hook)>,
}

impl Script {
    pub(super) fn take_fault(&mut self, method: &str, path: &str) -> Option<Fault> {
        let found = self
            .faults
            .iter()
            .position(|(w, _)| w.matches(method, path))?;
        Some(self.faults.remove(found).1)
    }

    pub(super) fn take_hook(&mut self, method: &str, path: &str) -> Option<Hook> {
        let found = self
            .before
            .iter()
            .position(|(w, _)| w.matches(method, path))?;
        Some(self.before.remove(found).1)
    }
}
