//! The budget that all workers of a run share: when the next request may be sent, and when it is too late.
//!
//! A 429 with `Retry-After` closes the gate for all. It also teaches how many requests a second are welcome: from then on a
//! request may begin only when fewer than that many are under way or were answered within about the last second, so that
//! no second on the server's clock sees more than that many, whether it counts by bucket or by window. Who may repeat
//! what is for `call` to say.

mod pace;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use pace::Pace;

/// A gate is never closed for less: a `Retry-After: 0` must not become a busy loop.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);
/// No run takes longer, and no clock overflows by it: the server chooses the number in `Retry-After`.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be set about a [`Budget`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a run may wait and repeat.
    pub run: Duration,
    /// `max-requests-per-second`.
    pub per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            run: Duration::from_secs(15 * 60),
            per_second: None,
        }
    }
}

/// Whether a request is worth sending when the run's deadline has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lateness {
    /// The first attempt of a read: how else could a run that is late find out what it did?
    Tolerated,
    /// A write, or any repeat.
    TooLate,
}

/// The run's deadline has passed, or would pass while waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeadlinePassed {
    /// How long the wait would have been.
    pub(super) wait: Duration,
}

/// Shared by all calls of a run.
#[derive(Debug)]
pub struct Budget {
    deadline: Instant,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    opens: Instant,
    /// When the last 429 came: requests sent before it teach nothing new.
    refused: Option<Instant>,
    pace: Pace,
}

impl Budget {
    /// A budget whose deadline counts from now.
    pub fn new(limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            deadline: now + limits.run.min(LONGEST),
            state: Mutex::new(State {
                opens: now,
                refused: None,
                pace: Pace::new(limits.per_second),
            }),
            freed: Notify::new(),
        }
    }

    /// Waits until a request may be sent.
    pub(super) async fn admit(&self, lateness: Lateness) -> Result<Permit<'_>, DeadlinePassed> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let now = Instant::now();
            let wait = {
                let mut state = self.state();
                let wait = state.opens.saturating_duration_since(now);
                if wait.is_zero() {
                    match state.pace.turn(now) {
                        Ok(()) => {
                            if lateness == Lateness::TooLate && now >= self.deadline {
                                state.pace.give_back();
                                return Err(DeadlinePassed { wait });
                            }
                            return Ok(Permit {
                                budget: self,
                                sent: now,
                                spent: true,
                            });
                        }
                        Err(wait) => wait,
                    }
                } else {
                    Some(wait)
                }
            };
            if let Some(wait) = wait {
                self.has_time_for(wait)?;
            }
            // With no wait known, all turns are taken by requests under way, each of which has a time-out.
            let wait = wait.unwrap_or(Duration::from_secs(1));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = freed => {}
            }
        }
    }

    /// Whether a wait would end before the deadline.
    pub(super) fn has_time_for(&self, wait: Duration) -> Result<(), DeadlinePassed> {
        if wait > self.deadline.saturating_duration_since(Instant::now()) {
            Err(DeadlinePassed { wait })
        } else {
            Ok(())
        }
    }

    /// Nobody sends anything before the wait is over.
    pub(super) fn close_for(&self, wait: Duration) {
        let mut state = self.state();
        state.opens = state
            .opens
            .max(Instant::now() + wait.clamp(SHORTEST_WAIT, LONGEST));
    }

    /// The server said that nothing is left until then. In whole seconds the last one cannot be told: to wait for all of it
    /// would lose most of each, and with a pace that no second exceeds nothing is refused either.
    pub(super) fn used_up(&self, reset: Duration) {
        if reset > Duration::from_secs(1) {
            self.close_for(reset);
        } else {
            self.state().pace.used_up(Instant::now());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to send one request; ends with its answer. Dropped without one, the server may have counted it.
#[derive(Debug)]
pub(super) struct Permit<'b> {
    budget: &'b Budget,
    sent: Instant,
    /// Whether the server will have counted the request.
    spent: bool,
}

impl Permit<'_> {
    /// The server answered, and not 429.
    pub(super) fn served(self) {
        let took = Instant::now().saturating_duration_since(self.sent);
        self.budget.state().pace.took(took);
    }

    /// The server answered 429: learn from it, and keep all others back for as long as it asks.
    pub(super) fn refused(mut self, retry_after: Option<Duration>) {
        self.spent = false;
        let now = Instant::now();
        {
            let mut state = self.budget.state();
            // Several workers may be refused at once; only the first refusal says something about the rate.
            if state.refused.is_none_or(|refused| self.sent > refused) {
                state.refused = Some(now);
                let opens = now + retry_after.unwrap_or_default().min(LONGEST);
                state.pace.refused(now, opens);
            }
        }
        if let Some(wait) = retry_after {
            self.budget.close_for(wait);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.budget.state();
            state.pace.give_back();
            if self.spent {
                // Sent before a refusal came and served all the same: it belongs to what the server bore then.
                let late = state.refused.is_some_and(|refused| self.sent <= refused);
                state.pace.served(Instant::now(), late);
            }
        }
        self.budget.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
