//! How long to wait before asking GitHub again. Time is handed in.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use super::error::ErrorKind;
use crate::http::{retry_after, used_up};

type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and waits.
#[derive(Clone)]
pub struct Timer {
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    sleep: Arc<dyn Fn(Duration) -> Sleep + Send + Sync>,
}

impl Timer {
    /// A timer from its two abilities.
    pub fn new<S>(
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
        sleep: impl Fn(Duration) -> S + Send + Sync + 'static,
    ) -> Self
    where
        S: Future<Output = ()> + Send + 'static,
    {
        Self {
            now: Arc::new(now),
            sleep: Arc::new(move |time| Box::pin(sleep(time))),
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.now)()
    }

    pub(super) async fn sleep(&self, time: Duration) {
        (self.sleep)(time).await;
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer")
    }
}

/// In seconds, see [`Pace::settle`].
const SETTLE: [u32; 5] = [1, 2, 4, 8, 15];

/// How patient to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The waits between attempts where GitHub is down.
    pub down: Vec<Duration>,
    /// All waits together that GitHub may ask of one call.
    pub longest_limit: Duration,
    /// What to wait where GitHub limits calls and does not say how long.
    pub unnamed_limit: Duration,
    /// When to ask again what GitHub learns a little later than it starts a run: half a minute together.
    pub settle: Vec<Duration>,
    /// When to look again for the trial merge of a pull request: GitHub makes it a moment after a push.
    pub trial: Vec<Duration>,
}

impl Pace {
    /// As the default, with this for its first second.
    #[must_use]
    pub fn from_base(base: Duration) -> Self {
        Self {
            down: [1, 3, 9].map(|times| base * times).to_vec(),
            settle: SETTLE.map(|times| base * times).to_vec(),
            trial: [1, 3].map(|times| base * times).to_vec(),
            ..Self::default()
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            down: [1, 3, 9].map(Duration::from_secs).to_vec(),
            longest_limit: Duration::from_secs(5 * 60),
            // GitHub's own advice for secondary limits.
            unnamed_limit: Duration::from_secs(60),
            settle: SETTLE
                .map(|times| Duration::from_secs(times.into()))
                .to_vec(),
            trial: [1, 3].map(Duration::from_secs).to_vec(),
        }
    }
}

/// [`ErrorKind::RateLimited`] if an answer with status 403 or 429 means "later", with how much later where it says.
pub(super) fn limited(
    status: u16,
    headers: &HeaderMap,
    said: &str,
    now: SystemTime,
) -> Option<ErrorKind> {
    if !matches!(status, 403 | 429) {
        return None;
    }
    if let Some(wait) = retry_after(headers, now).or_else(|| used_up(headers, now)) {
        return Some(ErrorKind::RateLimited(Some(wait)));
    }
    // A 403 for want of a right says nothing about rates.
    (status == 429 || said.to_ascii_lowercase().contains("rate limit"))
        .then_some(ErrorKind::RateLimited(None))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    #[test]
    fn a_limit_is_told_from_a_missing_right() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 10:00:00 GMT").unwrap();
        let unix = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let ask = |status, headers: &[(&'static str, String)], said: &str| {
            let headers = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                .collect();
            limited(status, &headers, said, now)
        };
        let named = |seconds| Some(ErrorKind::RateLimited(Some(Duration::from_secs(seconds))));
        let header = |name, value: &str| [(name, value.to_owned())];
        assert_eq!(
            ask(403, &[], "Resource not accessible by integration"),
            None
        );
        assert_eq!(ask(404, &header("retry-after", "1"), ""), None);
        assert_eq!(ask(403, &header("retry-after", "7"), ""), named(7));
        assert_eq!(
            ask(
                429,
                &header("retry-after", "Sun, 22 Nov 2026 10:00:03 GMT"),
                ""
            ),
            named(3)
        );
        assert_eq!(
            ask(403, &[], "You have exceeded a secondary rate limit."),
            Some(ErrorKind::RateLimited(None))
        );
        assert_eq!(
            ask(429, &header("retry-after", "soon"), ""),
            Some(ErrorKind::RateLimited(None))
        );
        let used_up = [
            ("x-ratelimit-remaining", "0".to_owned()),
            ("x-ratelimit-reset", (unix + 30).to_string()),
        ];
        assert_eq!(ask(403, &used_up, ""), named(30));
        let left = [("x-ratelimit-remaining", "12".to_owned())];
        assert_eq!(ask(403, &left, "no right"), None);
    }
}
