//! The time of day, passed in. Nothing else in the program asks the operating system for it.
//!
//! Waiting and measuring go through `tokio::time`, which tests can pause; this is only for what is written down.

use std::fmt;

use flowgate_core::day::Day;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Tells the time of day.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Today, in UTC.
    fn today(&self) -> Day {
        let date = self.now().to_zoned(TimeZone::UTC).date();
        let number = |number: i8| u8::try_from(number).ok();
        // On a day that no calendar has, nothing is waived any more.
        let year = u16::try_from(date.year()).ok();
        year.zip(number(date.month()))
            .zip(number(date.day()))
            .and_then(|((year, month), day)| Day::new(year, month, day))
            .unwrap_or(Day::LAST)
    }

    /// Now, as ISO-8601 in UTC with milliseconds: `2026-01-31T09:30:00.000Z`.
    fn stamp(&self) -> String {
        format!("{:.3}", self.now())
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still: for tests, the demo, and whatever has to come out the same twice.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_milliseconds_and_is_in_utc() {
        let clock = FixedClock(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.stamp(), "1970-01-01T00:00:00.000Z");
        assert_eq!(clock.today().to_string(), "1970-01-01");
    }
}
