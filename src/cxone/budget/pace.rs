//! How many requests a second: what was set, and what was learned from refusals. No waiting happens here.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
/// How long a learned pace must hold before a little more is tried.
const CALM: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Pace {
    /// What was set: never more than this.
    set: Option<u32>,
    learned: Option<Learned>,
    under_way: u32,
    /// When requests of the last second were answered, oldest first.
    answered: VecDeque<Instant>,
}

/// What refusals taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Learned {
    /// Requests a second.
    rate: u32,
    /// Up to here it may grow fast; above, carefully.
    known_good: u32,
    /// When `rate` was last changed.
    since: Instant,
}

impl Pace {
    pub(super) fn new(set: Option<u32>) -> Self {
        Self {
            set,
            learned: None,
            under_way: 0,
            answered: VecDeque::new(),
        }
    }

    /// Takes a turn, or says how long to wait for one (`None`: until a request under way is answered).
    pub(super) fn turn(&mut self, now: Instant) -> Result<(), Option<Duration>> {
        self.forget(now);
        let taken = self.under_way.saturating_add(self.last_second());
        if taken >= self.allowed() {
            self.grow(now);
            if taken >= self.allowed() {
                let oldest = self.answered.front();
                return Err(oldest.map(|&answered| (answered + SECOND) - now));
            }
        }
        self.under_way += 1;
        Ok(())
    }

    pub(super) fn give_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// A request was served; `late` if it was under way when another was refused.
    pub(super) fn answered(&mut self, now: Instant, late: bool) {
        self.forget(now);
        if let Some(learned) = self.learned.as_mut().filter(|_| late) {
            learned.rate = learned.rate.saturating_add(1);
            learned.known_good = learned.known_good.max(learned.rate);
        }
        self.answered.push_back(now);
    }

    /// A request was refused: what was served in the last second is what the server bears.
    pub(super) fn refused(&mut self, now: Instant) {
        self.forget(now);
        let served = self.last_second();
        let learned = match self.learned {
            // Nothing served says nothing about us: somebody else has used it up. Feel the way from the bottom.
            None if served == 0 => Learned {
                rate: 1,
                known_good: u32::MAX,
                since: now,
            },
            None => Learned {
                rate: served,
                known_good: served,
                since: now,
            },
            Some(before) => {
                let less = before.rate.saturating_sub((before.rate / 16).max(1)).max(1);
                let least = before.rate.div_ceil(2).min(less);
                Learned {
                    rate: served.clamp(least, less),
                    known_good: if served < least {
                        less
                    } else {
                        served.min(less)
                    },
                    since: now,
                }
            }
        };
        self.learned = Some(learned);
    }

    fn allowed(&self) -> u32 {
        let learned = self.learned.map_or(u32::MAX, |learned| learned.rate);
        self.set.unwrap_or(u32::MAX).max(1).min(learned)
    }

    /// Somebody has to wait: perhaps the server bears more by now.
    fn grow(&mut self, now: Instant) {
        if let Some(learned) = &mut self.learned {
            let held = now - learned.since;
            if learned.rate < learned.known_good {
                if held >= SECOND {
                    learned.rate = learned.rate.saturating_mul(2).min(learned.known_good);
                    learned.since = now;
                }
            } else if held >= CALM {
                learned.rate = learned.rate.saturating_add((learned.rate / 20).max(1));
                learned.known_good = learned.rate;
                learned.since = now;
            }
        }
    }

    fn forget(&mut self, now: Instant) {
        while self
            .answered
            .front()
            .is_some_and(|&answered| answered + SECOND <= now)
        {
            self.answered.pop_front();
        }
    }

    fn last_second(&self) -> u32 {
        u32::try_from(self.answered.len()).unwrap_or(u32::MAX)
    }
}
