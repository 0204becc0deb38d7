//! How many requests a second: what was set, and what was learned from refusals. No waiting happens here.
//!
//! The highest rate that can still be is halved in on between what was borne and what was refused. To guess high is
//! cheap where requests are quick (what was missed in a second's wait is made up in a burst), so the first guess is what
//! was served; from the second refusal on the guesses are careful.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
/// A rate that is used to the full for so long is borne: in it lies a whole second of the server's clock.
const PROVED: Duration = Duration::from_millis(1500);
/// How long all is quiet before more is tried than was ever borne; doubles with every try that fails.
const CALM: Duration = Duration::from_secs(20);
const LONGEST_CALM: Duration = Duration::from_secs(160);

#[derive(Debug)]
pub(super) struct Pace {
    /// What was set: never more than this.
    set: Option<u32>,
    learned: Option<Learned>,
    under_way: u32,
    /// When requests of the last second were answered, the oldest first.
    answered: VecDeque<Instant>,
    /// The quickest way there and back.
    quickest: Option<Duration>,
}

/// What refusals taught, in requests a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Learned {
    rate: u32,
    /// This much was borne; 0 where nothing is known.
    low: u32,
    /// More than this will not be borne.
    high: u32,
    /// The rate that was refused.
    refused: u32,
    /// Since when `rate` is in force.
    since: Instant,
    calm: Duration,
    /// By how much it is raised after the next calm.
    step: u32,
}

impl Pace {
    pub(super) fn new(set: Option<u32>) -> Self {
        Self {
            set,
            learned: None,
            under_way: 0,
            answered: VecDeque::new(),
            quickest: None,
        }
    }

    /// Takes a turn, or says how long to wait for one (`None`: until a request under way is answered).
    ///
    /// When the server counted a request is not known, but the next one will be under way for no less than the quickest
    /// was: so much earlier than a second after the answer it may be sent.
    pub(super) fn turn(&mut self, now: Instant) -> Result<(), Option<Duration>> {
        self.forget(now);
        let apart = SECOND.saturating_sub(self.quickest.unwrap_or_default());
        let over = |answered: &Instant| *answered + apart <= now;
        let counted = self.answered.len() - self.answered.partition_point(over);
        let taken = self.under_way.saturating_add(number(counted));
        if taken >= self.allowed() {
            if let Some(learned) = &mut self.learned {
                learned.grow(now);
            }
            if taken >= self.allowed() {
                let oldest = self.answered.iter().find(|answered| !over(answered));
                return Err(oldest.map(|&answered| (answered + apart) - now));
            }
        }
        self.under_way += 1;
        Ok(())
    }

    pub(super) fn give_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// How long a request took that was answered in full.
    pub(super) fn took(&mut self, latency: Duration) {
        let quickest = self.quickest.map_or(latency, |known| known.min(latency));
        self.quickest = Some(quickest);
    }

    /// A request was served; `late` if it was under way when another was refused.
    pub(super) fn served(&mut self, now: Instant, late: bool) {
        self.forget(now);
        if let Some(learned) = self.learned.as_mut().filter(|_| late) {
            learned.served_late();
        }
        self.answered.push_back(now);
    }

    /// A request was refused, and nobody will send another before `opens`.
    pub(super) fn refused(&mut self, now: Instant, opens: Instant) {
        self.forget(now);
        let served = number(self.answered.len());
        self.learned = Some(match self.learned {
            None => Learned::first(served, opens),
            Some(before) => before.after_refusal(served, opens),
        });
    }

    fn allowed(&self) -> u32 {
        let learned = self.learned.map_or(u32::MAX, |learned| learned.rate);
        self.set.unwrap_or(u32::MAX).max(1).min(learned)
    }

    fn forget(&mut self, now: Instant) {
        let over = |answered: &Instant| *answered + SECOND <= now;
        while self.answered.front().is_some_and(over) {
            self.answered.pop_front();
        }
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Learned {
    /// What was served in the last second is the most that the server can bear. (Nothing served says nothing about us:
    /// somebody else has used it up. Then it is felt for from the bottom.)
    fn first(served: u32, since: Instant) -> Self {
        Self {
            rate: served.max(1),
            low: 0,
            high: if served == 0 { u32::MAX } else { served },
            refused: u32::MAX,
            since,
            calm: CALM,
            step: 1,
        }
    }

    fn after_refusal(self, served: u32, since: Instant) -> Self {
        let most = self.rate.saturating_sub(1).max(1);
        let high = served.clamp(self.rate.div_ceil(2).min(most), most);
        // What was borne and is not any more: others are there too, or the way there has become uneven.
        let (low, calm) = if self.low >= self.rate {
            (0, (self.calm * 2).min(LONGEST_CALM))
        } else {
            (self.low.min(high), self.calm)
        };
        let floor = if low == 0 { high - high / 4 } else { low };
        Self {
            rate: middle(floor, high),
            low,
            high,
            refused: self.rate,
            since,
            calm,
            step: 1,
        }
    }

    /// It belongs to what the server bore when it refused another.
    fn served_late(&mut self) {
        let high = self
            .high
            .saturating_add(1)
            .min(self.refused.saturating_sub(1));
        if self.rate == self.high {
            self.rate = high;
        }
        self.high = high.max(self.high);
    }

    /// Somebody has to wait: perhaps the server bears more.
    fn grow(&mut self, now: Instant) {
        let held = now.saturating_duration_since(self.since);
        if self.rate < self.high && held >= PROVED {
            self.low = self.rate;
            self.rate = middle(self.low, self.high).min(self.low.saturating_mul(2));
            self.since = now;
        } else if self.rate >= self.high && held >= self.calm {
            self.low = self.rate;
            self.rate = self.rate.saturating_add(self.step.max(self.rate / 20));
            self.high = self.rate;
            self.step = self.step.saturating_mul(2);
            self.since = now;
        }
    }
}

/// The upper of the middles: with nothing between them the higher one is tried.
fn middle(low: u32, high: u32) -> u32 {
    low + (high - low).div_ceil(2)
}
