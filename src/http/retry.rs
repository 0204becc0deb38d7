//! How long to wait before trying again. Time and randomness are passed in; whether a call may be repeated at all is for
//! the caller to say.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Tells the time of day.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl WallClock {
    /// A clock that tells what the function tells.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WallClock")
    }
}

/// Tells a random number, evenly spread over 0 to `u32::MAX`.
#[derive(Clone)]
pub struct Entropy(Arc<dyn Fn() -> u32 + Send + Sync>);

impl Entropy {
    /// Randomness from the function.
    pub fn new(next: impl Fn() -> u32 + Send + Sync + 'static) -> Self {
        Self(Arc::new(next))
    }

    /// A random part of `most`, from nothing to the whole.
    pub fn part_of(&self, most: Duration) -> Duration {
        most.mul_f64(f64::from((self.0)()) / f64::from(u32::MAX))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

/// How often and how long to try again where the other side does not say (contract, "Retrying").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The longest first wait; it doubles with every attempt.
    pub base: Duration,
    /// No wait is longer than this.
    pub longest: Duration,
    /// How often a call is tried against a server that is down. A 429 does not count: there the run's deadline alone
    /// ends it.
    pub attempts: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            attempts: 5,
        }
    }
}

impl RetryPolicy {
    /// The wait after the failed attempt `attempt` (from 0): a random part of `2^attempt × base` (full jitter, so that
    /// workers do not come back all at once).
    pub fn backoff(&self, attempt: u32, entropy: &Entropy) -> Duration {
        let most = self
            .base
            .saturating_mul(2_u32.saturating_pow(attempt))
            .min(self.longest);
        entropy.part_of(most)
    }
}

/// What time it is for the server, which reckons by its own clock: ours may be wrong.
fn for_the_server(headers: &HeaderMap, now: SystemTime) -> SystemTime {
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    date.and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(now)
}

/// No wait is longer, and none that is added to a moment leaves the clock.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// What `Retry-After` asks for: seconds, or the time until an HTTP date (none if that has passed).
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // However long: more than a century is for ever.
        let seconds = text.parse::<u64>().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(FOR_EVER));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = for_the_server(headers, now);
    Some(date.duration_since(now).unwrap_or_default())
}

/// How long a rate limit is used up, by `X-RateLimit-Remaining` and `X-RateLimit-Reset`; `None` where requests remain or
/// nothing is said.
pub fn used_up(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let number = |name: &str| {
        let text = headers.get(name)?.to_str().ok()?;
        text.trim().parse::<f64>().ok()
    };
    if number("x-ratelimit-remaining")? >= 1.0 {
        return None;
    }
    let reset = number("x-ratelimit-reset")?;
    // Some count seconds from now, some from 1970.
    let since_1970 = for_the_server(headers, now)
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?
        .as_secs_f64();
    let seconds = if reset > 1e9 {
        reset - since_1970
    } else {
        reset
    };
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        retry_after(&headers, now)
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("0.5"), Some(Duration::from_millis(500)));
        for long in ["9999999999", &"9".repeat(40)] {
            assert_eq!(asked(long), Some(FOR_EVER), "{long}");
        }
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:49:40 GMT"),
            Some(Duration::from_secs(3))
        );
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Duration::ZERO),
            "a date that has passed asks for nothing"
        );
        for rubbish in ["soon", "-3", "NaN", "1e999", ""] {
            assert_eq!(asked(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_makes_no_wait_longer_or_shorter() {
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let at = |seconds| httpdate::fmt_http_date(there + Duration::from_secs(seconds));
        let mut headers = HeaderMap::new();
        headers.insert(DATE, at(0).parse().unwrap());
        headers.insert(RETRY_AFTER, at(3).parse().unwrap());
        headers.insert("x-ratelimit-remaining", 0.into());
        headers.insert("x-ratelimit-reset", 1_800_000_005.into());
        let hour = Duration::from_secs(3600);
        for here in [there - hour, there, there + hour] {
            assert_eq!(retry_after(&headers, here), Some(Duration::from_secs(3)));
            assert_eq!(used_up(&headers, here), Some(Duration::from_secs(5)));
        }
    }

    #[test]
    fn backoff_doubles_to_its_limit_and_is_spread_over_the_whole_range() {
        let policy = RetryPolicy::default();
        let longest = Entropy::new(|| u32::MAX);
        let seconds: Vec<u64> = (0..8)
            .map(|attempt| policy.backoff(attempt, &longest).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(
            policy.backoff(3, &Entropy::new(|| 0)),
            Duration::ZERO,
            "full jitter goes down to nothing"
        );
    }

    #[test]
    fn a_limit_that_is_used_up_is_read_in_seconds_from_now_and_from_1970() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let wait = |remaining: &str, reset: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining", remaining.parse().unwrap());
            headers.insert("x-ratelimit-reset", reset.parse().unwrap());
            used_up(&headers, now)
        };
        assert_eq!(wait("0", "3"), Some(Duration::from_secs(3)));
        assert_eq!(wait("0", "1800000004"), Some(Duration::from_secs(4)));
        assert_eq!(wait("1", "3"), None, "requests remain");
        assert_eq!(wait("0", "1700000000"), None, "it is over");
        assert_eq!(wait("0", "soon"), None);
        assert_eq!(used_up(&HeaderMap::new(), now), None);
    }
}
