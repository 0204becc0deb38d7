//! A calendar day. Which day it is today is never known here: it is passed in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day of the calendar, as `YYYY-MM-DD`. Ordered: earlier first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day of the calendar; expected `YYYY-MM-DD`")]
pub struct InvalidDay(pub String);

impl Day {
    /// The last day that can be written.
    pub const LAST: Day = Day {
        year: 9999,
        month: 12,
        day: 31,
    };

    /// The day with these numbers; `None` where the calendar has none.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        ((1..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self {
            year,
            month,
            day,
        })
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let number = |range| {
            let digits: &str = text.get(range)?;
            let all = digits.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let read = || {
            let bytes = text.as_bytes();
            if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
                return None;
            }
            let small = |number: u16| u8::try_from(number).ok();
            Day::new(
                number(0..4)?,
                number(5..7).and_then(small)?,
                number(8..10).and_then(small)?,
            )
        };
        read().ok_or_else(|| InvalidDay(text.to_owned()))
    }
}

impl TryFrom<String> for Day {
    type Error = InvalidDay;

    fn try_from(text: String) -> Result<Self, InvalidDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_it_is_written_and_the_calendar_decides() {
        for text in ["2026-11-24", "2028-02-29", "2000-02-29", "0001-01-01"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in [
            "2027-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-04-31",
            "2026-1-1",
            "26-01-01",
            "2026-01-00",
            "+026-01-01",
            "2026-01-01T00:00",
            "２026-01-0",
            "0000-01-01",
            "",
        ] {
            assert_eq!(text.parse::<Day>(), Err(InvalidDay(text.to_owned())));
        }
        assert!(Day::new(2026, 11, 24) < Day::new(2026, 12, 1));
    }
}
