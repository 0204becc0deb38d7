//! The rate limiter. Runs on the runtime's clock; what it refuses is not counted.

use std::time::Duration;

use hyper::StatusCode;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::config::{Hints, LimitKind, RateLimit};

#[derive(Debug)]
pub(crate) struct Limiter {
    limit: RateLimit,
    started: Instant,
    bucket: f64,
    filled: Instant,
    window: u64,
    used: u32,
}

/// What is left after a call, for the hint headers.
struct Left {
    of: f64,
    calls: f64,
    reset: Duration,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit, now: Instant) -> Self {
        let bucket = match limit.kind {
            LimitKind::TokenBucket { burst, .. } => burst,
            LimitKind::FixedWindow { .. } => 0.0,
        };
        Self {
            limit,
            started: now,
            bucket,
            filled: now,
            window: 0,
            used: 0,
        }
    }

    /// Counts a call: headers to add to its answer, or the refusal.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Vec<(String, String)>, Answer> {
        let (admitted, left) = self.count(now);
        let hints = match self.limit.hints {
            Hints::Off => Vec::new(),
            Hints::On => vec![
                ("X-RateLimit-Limit".to_owned(), left.of.to_string()),
                (
                    "X-RateLimit-Remaining".to_owned(),
                    left.calls.floor().to_string(),
                ),
                (
                    "X-RateLimit-Reset".to_owned(),
                    left.reset.as_secs_f64().ceil().to_string(),
                ),
            ],
        };
        if admitted {
            return Ok(hints);
        }
        let mut answer = Answer::error(
            StatusCode::TOO_MANY_REQUESTS,
            "RATE_LIMITED",
            "too many requests",
        );
        if let Some(retry_after) = self.limit.retry_after {
            answer = answer.with_retry_after(retry_after);
        }
        answer.headers.extend(hints);
        Err(answer)
    }

    fn count(&mut self, now: Instant) -> (bool, Left) {
        match self.limit.kind {
            LimitKind::TokenBucket { rate, burst } => {
                let gained = (now - self.filled).as_secs_f64() * rate;
                self.bucket = (self.bucket + gained).min(burst);
                self.filled = now;
                let admitted = self.bucket >= 1.0;
                if admitted {
                    self.bucket -= 1.0;
                }
                let missing = (1.0 - self.bucket).max(0.0) / rate;
                let left = Left {
                    of: burst,
                    calls: self.bucket,
                    reset: Duration::try_from_secs_f64(missing).unwrap_or(Duration::MAX),
                };
                (admitted, left)
            }
            LimitKind::FixedWindow { per_second } => {
                let since = now - self.started;
                if since.as_secs() != self.window {
                    self.window = since.as_secs();
                    self.used = 0;
                }
                let admitted = self.used < per_second;
                if admitted {
                    self.used += 1;
                }
                let left = Left {
                    of: f64::from(per_second),
                    calls: f64::from(per_second - self.used),
                    reset: Duration::from_secs(since.as_secs() + 1).saturating_sub(since),
                };
                (admitted, left)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry_after::RetryAfter;

    fn admitted(limiter: &mut Limiter, calls: u32, now: Instant) -> u32 {
        (0..calls)
            .map(|_| u32::from(limiter.admit(now).is_ok()))
            .sum()
    }

    fn limit(kind: LimitKind) -> RateLimit {
        RateLimit {
            kind,
            retry_after: Some(RetryAfter::Seconds(1)),
            hints: Hints::On,
        }
    }

    #[test]
    fn a_bucket_lets_the_burst_through_and_then_the_rate() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let (rate, burst) = (4.0, 8.0);
        let mut limiter = Limiter::new(limit(LimitKind::TokenBucket { rate, burst }), start);
        assert_eq!(admitted(&mut limiter, 20, start), 8);
        assert_eq!(admitted(&mut limiter, 20, after(500)), 2);
        assert_eq!(admitted(&mut limiter, 20, after(60_000)), 8);
    }

    #[test]
    fn a_window_starts_anew_each_second() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut limiter = Limiter::new(limit(LimitKind::FixedWindow { per_second: 3 }), start);
        assert_eq!(admitted(&mut limiter, 5, start), 3);
        assert_eq!(admitted(&mut limiter, 5, after(999)), 0);
        let hints = limiter.admit(after(1000)).unwrap();
        assert!(hints.contains(&("X-RateLimit-Remaining".into(), "2".into())));
        assert_eq!(admitted(&mut limiter, 5, after(1500)), 2);
        let refusal = limiter.admit(after(1500)).unwrap_err();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert!(refusal.headers.contains(&header("Retry-After", "1")));
        assert!(
            refusal
                .headers
                .contains(&header("X-RateLimit-Remaining", "0"))
        );
    }
}
