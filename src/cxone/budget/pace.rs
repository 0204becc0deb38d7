//! How many requests a second: what was set, and what was learned from refusals. No waiting happens here.
//!
//! The highest rate that can still be is halved in on between what was borne and what was refused. To guess high is
//! cheap where requests are quick (what was missed in a second's wait is made up in a burst), so the first guess is what
//! was served; from the second refusal on the guesses are careful.
//!
//! Servers that count by window or by a deep bucket bear a second's worth at once; others bear the rate alone, and what
//! they served before the first refusal says nothing about it. So more is tried evenly, one request after another.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
/// A rate that is used to the full for so long is borne: in it lies a whole second of the server's clock.
const PROVED: Duration = Duration::from_millis(1500);
/// How long all is quiet before more is tried than was ever borne; doubles with every try that fails.
const PATIENCE: Duration = Duration::from_secs(20);
const LONGEST_PATIENCE: Duration = Duration::from_secs(160);
/// Where no more than so many were served before the first refusal, hardly anything is known: more is tried at once.
const FEW: u32 = 3;

#[derive(Debug)]
pub(super) struct Pace {
    /// What was set: never more than this.
    set: Option<u32>,
    learned: Option<Learned>,
    under_way: u32,
    /// When requests of the last second were answered, the oldest first.
    answered: VecDeque<Instant>,
    /// When the last one was sent.
    sent: Option<Instant>,
    /// The quickest way there and back.
    quickest: Option<Duration>,
}

/// How the requests of a second are spread over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spread {
    /// As they come.
    Bunched,
    /// One after another, equally far apart.
    Even,
}

/// What refusals taught, in requests a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Learned {
    rate: u32,
    spread: Spread,
    /// This much was borne; 0 where nothing is known.
    low: u32,
    /// And in this way.
    low_spread: Spread,
    /// For so long.
    low_for: Duration,
    /// How more is tried next.
    next: Spread,
    /// More than this will not be borne.
    high: u32,
    /// The rate that was refused.
    refused: u32,
    /// Since when `rate` is in force.
    since: Instant,
    /// How long all has to be quiet before more is tried.
    calm: Duration,
    /// The same after a try that failed.
    patience: Duration,
    /// By how much it is raised then.
    step: u32,
}

impl Pace {
    pub(super) fn new(set: Option<u32>) -> Self {
        Self {
            set,
            learned: None,
            under_way: 0,
            answered: VecDeque::new(),
            sent: None,
            quickest: None,
        }
    }

    /// Takes a turn, or says how long to wait for one (`None`: until a request under way is answered).
    pub(super) fn turn(&mut self, now: Instant) -> Result<(), Option<Duration>> {
        self.forget(now);
        let mut wait = self.wait(now);
        if wait.is_err() {
            if let Some(learned) = &mut self.learned {
                learned.grow(now);
            }
            wait = self.wait(now);
        }
        wait?;
        self.under_way += 1;
        self.sent = Some(now);
        Ok(())
    }

    fn wait(&self, now: Instant) -> Result<(), Option<Duration>> {
        let set = self.set.map(|set| set.max(1));
        let bunched = self.learned.filter(|it| it.spread == Spread::Bunched);
        let most = set.into_iter().chain(bunched.map(|it| it.rate)).min();
        if let Some(most) = most {
            self.in_any_second(most, now)?;
        }
        match (self.learned, self.sent) {
            (Some(learned), Some(last)) if learned.spread == Spread::Even => {
                let next = last + SECOND / learned.rate;
                if next > now {
                    Err(Some(next - now))
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    /// Whether one more is sent with no second of the server's clock seeing more than `most`.
    ///
    /// When the server counted a request is not known, but the next one will be under way for no less than the quickest
    /// was: so much earlier than a second after the answer it may be sent.
    fn in_any_second(&self, most: u32, now: Instant) -> Result<(), Option<Duration>> {
        let apart = SECOND.saturating_sub(self.quickest.unwrap_or_default());
        let over = |answered: &Instant| *answered + apart <= now;
        let counted = self.answered.len() - self.answered.partition_point(over);
        if self.under_way.saturating_add(number(counted)) < most {
            return Ok(());
        }
        let oldest = self.answered.iter().find(|answered| !over(answered));
        Err(oldest.map(|&answered| (answered + apart) - now))
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
        let bunched = |learned: &&mut Learned| late && learned.spread == Spread::Bunched;
        if let Some(learned) = self.learned.as_mut().filter(bunched) {
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

    /// An answer said that it was the last one for this second: as good a lesson as the first refusal.
    pub(super) fn used_up(&mut self, now: Instant) {
        self.forget(now);
        let served = number(self.answered.len());
        self.learned
            .get_or_insert_with(|| Learned::first(served, now));
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
    /// What was served in the last second is the most that the server can bear, unless it was hardly anything.
    fn first(served: u32, since: Instant) -> Self {
        let rate = served.max(1);
        let patience = if served > FEW { PATIENCE } else { PROVED };
        Self {
            rate,
            spread: Spread::Bunched,
            low: 0,
            low_spread: Spread::Bunched,
            low_for: Duration::ZERO,
            next: Spread::Even,
            high: rate,
            refused: u32::MAX,
            since,
            calm: patience,
            patience,
            step: 1,
        }
    }

    fn after_refusal(self, served: u32, since: Instant) -> Self {
        let most = self.rate.saturating_sub(1).max(1);
        let high = match self.spread {
            Spread::Bunched => served.clamp(self.rate.div_ceil(2).min(most), most),
            Spread::Even => most,
        };
        let after = Self {
            refused: self.rate,
            since,
            calm: self.patience,
            step: 1,
            ..self
        };
        if self.low > 0 && self.low < self.rate {
            after.back_from(high)
        } else {
            // Nothing was borne yet; or what was is not any more: others are there too, or the way has become uneven.
            let patience = self.patience * if self.low > 0 { 2 } else { 1 };
            Self {
                low: 0,
                rate: middle(high - high / 4, high),
                high,
                ..after.patient(patience)
            }
        }
    }

    /// More was tried than was ever borne, and no more than `high` will be.
    fn back_from(self, high: u32) -> Self {
        let low = self.low.min(high);
        let after = Self {
            low,
            ..self.patient(self.patience * 2)
        };
        if high - low > low / 8 {
            let rate = middle(low, high);
            return Self {
                rate,
                high,
                ..after
            };
        }
        // In a short time a window may by chance have borne a little more than it does.
        let is_short = self.low_spread == Spread::Even && self.low_for < 2 * PROVED;
        let rate = if is_short { low - low / 16 } else { low };
        Self {
            rate,
            high: rate,
            spread: self.low_spread,
            next: match self.spread {
                Spread::Bunched => Spread::Even,
                Spread::Even => Spread::Bunched,
            },
            ..after
        }
    }

    fn patient(self, patience: Duration) -> Self {
        let patience = patience.min(LONGEST_PATIENCE);
        Self {
            calm: patience,
            patience,
            ..self
        }
    }

    /// It belongs to what the server bore when it refused another.
    fn served_late(&mut self) {
        if self.rate <= self.low {
            return;
        }
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
            self.borne(now);
            self.rate = middle(self.low, self.high).min(self.low.saturating_mul(2));
        } else if self.rate >= self.high && held >= self.calm {
            self.borne(now);
            self.rate = self.rate.saturating_add(self.step.max(self.rate / 20));
            self.high = self.rate;
            self.spread = self.next;
            self.step = self.step.saturating_mul(2);
            self.calm = PROVED;
        }
    }

    fn borne(&mut self, now: Instant) {
        self.low_for = now.saturating_duration_since(self.since);
        (self.low, self.low_spread, self.since) = (self.rate, self.spread, now);
    }
}

/// The upper of the middles: with nothing between them the higher one is tried.
fn middle(low: u32, high: u32) -> u32 {
    low + (high - low).div_ceil(2)
}
