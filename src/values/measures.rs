//! Sizes, waits, lists.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// Why a text is not the value it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidValue {
    pub(super) expected: &'static str,
}

/// A TOML value as a person would type it on the command line.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a text in quotes, or a number that is not negative"
)]
enum Typed {
    Number(u64),
    Text(String),
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Typed::Number(number) => number.fmt(f),
            Typed::Text(text) => text.fmt(f),
        }
    }
}

/// A number of bytes: `128MiB`, `64 KiB`, `1000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Typed")]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// So many mebibytes.
    pub const fn mebibytes(count: u64) -> Self {
        Self(count * 1024 * 1024)
    }
}

impl FromStr for ByteSize {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let expected = InvalidValue {
            expected: "a number of bytes such as `128MiB`, `64KiB` or `1000`",
        };
        let (number, unit) = number_and_unit(text);
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            _ => return Err(expected),
        };
        number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or(expected)
    }
}

impl TryFrom<Typed> for ByteSize {
    type Error = InvalidValue;

    fn try_from(typed: Typed) -> Result<Self, InvalidValue> {
        typed.to_string().parse()
    }
}

/// How long to wait: `30s`, `15m`, `500ms`, `1h`; a number alone counts seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Typed")]
pub struct Wait(pub Duration);

impl Wait {
    /// So many seconds.
    pub const fn seconds(count: u64) -> Self {
        Self(Duration::from_secs(count))
    }
}

impl FromStr for Wait {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let expected = InvalidValue {
            expected: "a time such as `30s`, `15m`, `500ms` or `1h`",
        };
        let (number, unit) = number_and_unit(text);
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "" | "s" => 1000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            _ => return Err(expected),
        };
        number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(milliseconds))
            .map(|total| Self(Duration::from_millis(total)))
            .ok_or(expected)
    }
}

impl TryFrom<Typed> for Wait {
    type Error = InvalidValue;

    fn try_from(typed: Typed) -> Result<Self, InvalidValue> {
        typed.to_string().parse()
    }
}

/// Several waits, separated by commas: `0s, 2s, 500ms`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "List")]
pub struct Waits(pub Vec<Duration>);

impl FromStr for Waits {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        List::split(text).try_into()
    }
}

impl TryFrom<List> for Waits {
    type Error = InvalidValue;

    fn try_from(list: List) -> Result<Self, InvalidValue> {
        let waits: Result<Vec<Duration>, _> = list
            .0
            .iter()
            .map(|text| text.parse::<Wait>().map(|wait| wait.0))
            .collect();
        waits
            .ok()
            .filter(|waits| !waits.is_empty() && waits.is_sorted())
            .map(Self)
            .ok_or(InvalidValue {
                expected: "times that rise, such as `0s, 2s, 5s`",
            })
    }
}

fn number_and_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

/// Texts separated by commas (outside `{…}`) or new lines; in `flowgate.toml` also an array.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "TypedList")]
pub struct List(pub Vec<String>);

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of texts, or one text in quotes"
)]
enum TypedList {
    Text(String),
    Texts(Vec<String>),
}

impl From<TypedList> for List {
    fn from(list: TypedList) -> Self {
        match list {
            TypedList::Text(text) => List::split(&text),
            TypedList::Texts(texts) => List(texts),
        }
    }
}

impl List {
    fn split(text: &str) -> Self {
        let mut depth = 0_usize;
        let parts = text.split(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == '\n' || (c == ',' && depth == 0)
        });
        Self(
            parts
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Several lists (a flag that was given more than once) as one.
    pub fn concat(lists: Vec<List>) -> Self {
        Self(lists.into_iter().flat_map(|list| list.0).collect())
    }
}

impl FromStr for List {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::split(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_waits_are_read_as_people_write_them() {
        assert_eq!("128MiB".parse(), Ok(ByteSize::mebibytes(128)));
        assert_eq!("64 kib".parse(), Ok(ByteSize(65_536)));
        assert_eq!("0".parse(), Ok(ByteSize(0)));
        assert_eq!("15m".parse(), Ok(Wait::seconds(900)));
        assert_eq!("500ms".parse(), Ok(Wait(Duration::from_millis(500))));
        assert_eq!("7".parse(), Ok(Wait::seconds(7)));
        for bad in ["", "MiB", "-1", "1.5s", "99999999999999999999", "1 day"] {
            assert!(bad.parse::<ByteSize>().is_err(), "{bad}");
            assert!(bad.parse::<Wait>().is_err(), "{bad}");
        }
        assert!("18446744073709551615g".parse::<ByteSize>().is_err());
        let waits = [0, 20, 2000].map(Duration::from_millis).to_vec();
        assert_eq!("0, 20ms,2s".parse(), Ok(Waits(waits)));
        for bad in ["", "2s, 1s", "soon"] {
            assert!(bad.parse::<Waits>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_comma_inside_a_globs_braces_separates_nothing() {
        let List(globs) = "flows/{a,b}/*.json, other/*.json\n\n!x.json"
            .parse()
            .unwrap();
        assert_eq!(globs, ["flows/{a,b}/*.json", "other/*.json", "!x.json"]);
    }
}
