//! The end of a run's time, counted from the start of the process. Past it CXone is asked no more, and what is known by then is
//! judged and told if that takes moments: whoever reckons or waits for longer is stopped.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use flowgate_core::parallel::Halt;

use crate::exit::{Ends, Exit};
use crate::threads::WORTH_THREADS;

/// So much longer, or a tenth of the whole time, may it take to tell what is known.
const GRACE: Duration = Duration::from_secs(2);

/// The time that a run has.
#[derive(Debug, Clone)]
pub struct Deadline {
    began: Instant,
    limit: Duration,
    halt: Halt,
    is_watched: Arc<AtomicBool>,
}

/// The run's time is over. Whoever writes to CXone has clocks of its own: nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the run's deadline of {} s passed while {during}", limit.as_secs_f32())]
pub struct DeadlinePassed {
    limit: Duration,
    during: &'static str,
}

impl Ends for DeadlinePassed {
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    fn hint(&self) -> Option<String> {
        Some(
            "nothing was written to CXone; set a longer `run-deadline`, or change fewer and smaller flows at once"
                .to_owned(),
        )
    }
}

impl Deadline {
    /// So long after a process began.
    pub fn new(began: Instant, limit: Duration) -> Self {
        Self {
            began,
            limit,
            halt: Halt::default(),
            is_watched: Arc::default(),
        }
    }

    /// What is left of the time.
    pub fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }

    /// The same, with the moments in which what is known is told.
    fn left_to_tell(&self) -> Duration {
        let grace = GRACE.max(self.limit / 10);
        let whole = self.limit.saturating_add(grace);
        whole.saturating_sub(self.began.elapsed())
    }

    /// What stops long work in its middle, once somebody watches.
    pub fn halt(&self) -> Halt {
        self.halt.clone()
    }

    /// Stops work on so many bytes of flows in its middle, where that is over. What takes moments is not watched.
    pub fn watch_over(&self, bytes: usize) {
        if bytes >= WORTH_THREADS {
            self.watch();
        }
    }

    fn watch(&self) {
        if self.is_watched.swap(true, Ordering::Relaxed) {
            return;
        }
        let (left, halt) = (self.left_to_tell(), self.halt());
        // Nobody waits for it: it ends with the process.
        thread::spawn(move || {
            thread::sleep(left);
            halt.set();
        });
    }

    /// Whether there is time left; `during` says what is under way.
    ///
    /// # Errors
    /// The time is over.
    pub fn holds(&self, during: &'static str) -> Result<(), DeadlinePassed> {
        if self.left_to_tell().is_zero() {
            Err(self.passed(during))
        } else {
            Ok(())
        }
    }

    /// Waits for this, and no longer than there is time.
    ///
    /// # Errors
    /// The time is over.
    pub async fn bounds<T>(
        &self,
        during: &'static str,
        task: impl Future<Output = T>,
    ) -> Result<T, DeadlinePassed> {
        self.holds(during)?;
        let ended = tokio::time::timeout(self.left_to_tell(), task).await;
        ended.map_err(|_| self.passed(during))
    }

    /// What to say where it is known that the time is over.
    pub fn passed(&self, during: &'static str) -> DeadlinePassed {
        DeadlinePassed {
            limit: self.limit,
            during,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_work_is_stopped_when_the_time_is_over_and_not_before() {
        let deadline = Deadline::new(Instant::now(), Duration::from_millis(60));
        deadline.watch();
        deadline.watch();
        let halt = deadline.halt();
        let since = Instant::now();
        while !halt.is_set() && since.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(2));
        }
        assert!(halt.is_set() && since.elapsed() >= Duration::from_secs(2));
        assert!(deadline.left().is_zero());
        let passed = deadline.holds("flows were judged").unwrap_err();
        assert_eq!(
            passed.to_string(),
            "the run's deadline of 0.06 s passed while flows were judged"
        );
        let later = Deadline::new(Instant::now(), Duration::MAX);
        later.watch();
        assert!(later.holds("").is_ok() && !later.halt().is_set());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_waited_for_past_it() {
        let hour = Duration::from_secs(3600);
        let deadline = Deadline::new(Instant::now(), hour);
        assert!(deadline.left() <= hour);
        let quick = deadline.bounds("", async { 7 }).await;
        assert_eq!(quick, Ok(7));
        let slow = deadline.bounds("GitHub was asked", tokio::time::sleep(2 * hour));
        assert!(slow.await.is_err());
    }
}
