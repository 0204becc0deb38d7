//! The one redactor: secrets never reach a log, a comment, an artifact, an error or a diff.
//!
//! It knows secrets three ways: by value (what the program was given, in every form that it may be written in), by the
//! name of the field that holds them (`keys`), and by shape (`shapes`). In doubt it hides. Escaping what is left is not
//! its work: that is for [`crate::report::safe`].

mod beginnings;
mod forms;
mod keys;
mod pairs;
mod shapes;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub use keys::is_secret_key;

/// What stands where a secret was.
pub const REDACTED: &str = "‹redacted›";

/// What stands where a secret is that was another one before.
pub const REDACTED_CHANGED: &str = "‹redacted, changed›";

/// Known values shorter than this hide nothing: they would blot out half of every text.
const SHORTEST_KNOWN: usize = 4;

/// Hides secrets in texts and fields.
#[derive(Default)]
pub struct Redactor {
    /// Every form of every known secret.
    known: Vec<String>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} forms)", self.known.len())
    }
}

impl Redactor {
    /// A redactor that knows these values. Values of fewer than four bytes are left out.
    pub fn new(known_secrets: Vec<String>) -> Self {
        let mut known: Vec<String> = known_secrets
            .into_iter()
            .map(|secret| secret.trim().to_owned())
            .filter(|secret| secret.len() >= SHORTEST_KNOWN)
            .flat_map(|secret| forms::of(&secret))
            .collect();
        known.sort();
        known.dedup();
        Self { known }
    }

    /// The text without its secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let secrets = self.find(text);
        if secrets.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(replace(text, &secrets, &mut []))
    }

    /// A line with a marked range of bytes, both without secrets: a range inside a secret marks all of what stands
    /// in its place.
    pub fn marked(&self, text: &str, mark: Range<usize>) -> (String, Range<usize>) {
        let secrets = self.find(text);
        let mut ends = [(mark.start, Side::Start), (mark.end, Side::End)];
        let shown = replace(text, &secrets, &mut ends);
        (shown, ends[0].0..ends[1].0)
    }

    /// The value of a field as it may be shown. `name` is a key or a JSON pointer; the value is JSON or plain text.
    pub fn field<'t>(&self, name: &str, value: &'t str) -> Cow<'t, str> {
        if hides(name) && says_something(value) {
            Cow::Borrowed(REDACTED)
        } else {
            self.text(value)
        }
    }

    /// The two values of a changed field as they may be shown. That a secret changed stays visible.
    pub fn change<'t>(
        &self,
        name: &str,
        before: Option<&'t str>,
        after: Option<&'t str>,
    ) -> (Option<Cow<'t, str>>, Option<Cow<'t, str>>) {
        let shown_before = before.map(|value| self.field(name, value));
        let mut shown_after = after.map(|value| self.field(name, value));
        if before != after && shown_before == shown_after {
            shown_after = shown_after.map(|shown| match shown.rfind(REDACTED) {
                Some(at) => {
                    let (head, tail) = shown.split_at(at);
                    let tail = tail.strip_prefix(REDACTED).unwrap_or("");
                    Cow::Owned(format!("{head}{REDACTED_CHANGED}{tail}"))
                }
                None => shown,
            });
        }
        (shown_before, shown_after)
    }

    /// Ranges of bytes that hold secrets: in order, apart from one another.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for form in &self.known {
            found.extend(
                text.match_indices(form.as_str())
                    .map(|(at, form)| at..at + form.len()),
            );
        }
        pairs::find(text, &mut found);
        shapes::find(text, &mut found);
        merge(found)
    }
}

/// Ranges of bytes that are secrets by their shape alone: tokens with known prefixes, keys, credentials in addresses.
pub(crate) fn shaped(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    shapes::find(text, &mut found);
    merge(found)
}

/// Ranges of bytes that are named as secrets in a text: `password=…`, `"apiKey": …`.
pub(crate) fn named(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    pairs::find(text, &mut found);
    merge(found)
}

/// Whether a key, or any part of a JSON pointer, says that its value is secret.
fn hides(name: &str) -> bool {
    name.split('/').any(is_secret_key)
}

/// Whether a value can hold a secret at all: nothing is hidden by showing `null`, a boolean or an empty text.
fn says_something(value: &str) -> bool {
    !matches!(
        value.trim(),
        "" | "\"\"" | "null" | "true" | "false" | "{}" | "[]"
    )
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// Replaces the ranges and moves `places` (byte offsets) to where they are afterwards.
fn replace(text: &str, secrets: &[Range<usize>], places: &mut [(usize, Side)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut moved: Vec<usize> = places.iter().map(|place| place.0).collect();
    for secret in secrets {
        out.push_str(text.get(at..secret.start).unwrap_or(""));
        let start = out.len();
        out.push_str(REDACTED);
        at = secret.end;
        for (place, moved) in places.iter().zip(&mut moved) {
            if place.0 >= secret.end {
                *moved = place.0 - secret.end + out.len();
            } else if place.0 > secret.start {
                *moved = if place.1 == Side::Start {
                    start
                } else {
                    out.len()
                };
            } else if place.0 == secret.start {
                *moved = start;
            }
        }
    }
    out.push_str(text.get(at..).unwrap_or(""));
    for (place, moved) in places.iter_mut().zip(moved) {
        place.0 = moved;
    }
    out
}
