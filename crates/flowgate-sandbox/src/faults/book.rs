//! The script in use: how often each entry has matched, and so what the next call suffers.

use super::{Entry, Fault, Script};
use crate::operation::Operation;

/// The script in use: entries and how often each has matched.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pages: Vec<Page>,
}

#[derive(Debug)]
struct Page {
    entry: Entry,
    seen: u32,
    counting: Counting,
}

/// Whether a call that another fault has already decided counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counting {
    /// `nth` is about calls: each counts.
    EveryCall,
    /// Faults queued one behind the other: only calls that this one could decide count.
    FreeCalls,
}

/// What one call has to suffer.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) hooks: Vec<Fault>,
    pub(crate) outcome: Option<Fault>,
}

impl Book {
    pub(crate) fn new(script: Script) -> Self {
        let mut book = Self::default();
        for entry in script.entries {
            book.add(entry, Counting::EveryCall);
        }
        book
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.add(entry, Counting::EveryCall);
    }

    pub(crate) fn queue(&mut self, entry: Entry) {
        self.add(entry, Counting::FreeCalls);
    }

    pub(crate) fn clear(&mut self) {
        self.pages.clear();
    }

    fn add(&mut self, entry: Entry, counting: Counting) {
        self.pages.push(Page {
            entry,
            seen: 0,
            counting,
        });
    }

    /// Counts one call and says what happens to it.
    pub(crate) fn draw(&mut self, operation: Option<Operation>, flow_id: Option<&str>) -> Drawn {
        let mut drawn = Drawn::default();
        for page in &mut self.pages {
            if !page.entry.matches(operation, flow_id) {
                continue;
            }
            let adds_up = page.entry.fault.adds_up();
            let taken = drawn.outcome.is_some() && !adds_up;
            if taken && page.counting == Counting::FreeCalls {
                continue;
            }
            page.seen = page.seen.saturating_add(1);
            if !page.entry.hits(page.seen) {
                continue;
            }
            if adds_up {
                drawn.hooks.push(page.entry.fault.clone());
            } else if !taken {
                drawn.outcome = Some(page.entry.fault.clone());
            }
        }
        drawn
    }
}
