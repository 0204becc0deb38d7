//! Two values of one field, so that a reader sees where they differ: escapes are decoded, what is the same is cut, and a
//! change of characters that nobody can see is said by their names.

use std::collections::BTreeMap;

use crate::text::is_invisible;

/// So much of what is the same stays in front of the difference.
const BEFORE: usize = 24;

/// Both values for people, where each may show so many characters. `raw` are the values as they stand in the files.
pub(super) fn apart(
    (before, after): (Option<String>, Option<String>),
    raw: [Option<&str>; 2],
    most: usize,
) -> (Option<String>, Option<String>) {
    let blank = |shown: String, raw: Option<&str>| match raw.and_then(hidden) {
        Some(hidden) if shown == "\"\"" => format!("{shown} ({hidden})"),
        _ => shown,
    };
    let before = before.map(|value| blank(decoded(value), raw[0]));
    let after = after.map(|value| blank(decoded(value), raw[1]));
    let (Some(old), Some(new)) = (&before, &after) else {
        return (before, after);
    };
    if old == new {
        let unseen = unseen(raw);
        let after = unseen.map(|unseen| format!("{new} ({unseen})"));
        return (before.clone(), after.or_else(|| before.clone()));
    }
    if old.chars().count() <= most && new.chars().count() <= most {
        return (before, after);
    }
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b);
    let same = same.count();
    // A difference that shows without a cut needs none.
    if same + BEFORE <= most / 2 {
        return (before, after);
    }
    let cut = |text: &str| {
        let kept: String = text.chars().skip(same.saturating_sub(BEFORE)).collect();
        format!("…{kept}")
    };
    (Some(cut(old)), Some(cut(new)))
}

/// A JSON text with its escapes decoded, between quotes; anything else as it is.
fn decoded(value: String) -> String {
    if !value.starts_with('"') || !value.contains('\\') {
        return value;
    }
    match serde_json::from_str::<String>(&value) {
        Ok(text) => format!("\"{}\"", super::safe::line(&text)),
        Err(_) => value,
    }
}

/// The characters of a text of which nothing can be seen.
fn hidden(raw: &str) -> Option<String> {
    let text = serde_json::from_str::<String>(raw).ok()?;
    let mut names: Vec<String> = text.chars().map(named).collect();
    names.dedup();
    let is_hidden = !names.is_empty() && crate::text::is_blank(&text);
    is_hidden.then(|| names.join(", "))
}

/// Which characters came and went that cannot be seen; `None` where that is not the difference.
pub(super) fn unseen([before, after]: [Option<&str>; 2]) -> Option<String> {
    let count = |raw: &str| {
        let text = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
        let mut counts: BTreeMap<char, i64> = BTreeMap::new();
        for c in text
            .chars()
            .filter(|&c| c.is_whitespace() || is_invisible(c))
        {
            *counts.entry(c).or_default() += 1;
        }
        counts
    };
    let (old, new) = (count(before?), count(after?));
    let mut came = Vec::new();
    let mut went = Vec::new();
    let mut all: Vec<char> = old.keys().chain(new.keys()).copied().collect();
    all.sort_unstable();
    all.dedup();
    for c in all {
        let of = |counts: &BTreeMap<char, i64>| counts.get(&c).copied().unwrap_or(0);
        match of(&new) - of(&old) {
            0 => {}
            more if more > 0 => came.push(named(c)),
            _ => went.push(named(c)),
        }
    }
    let said = [("new", came), ("gone", went)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what}: {}", names.join(", ")));
    let said: Vec<String> = said.collect();
    Some(if said.is_empty() {
        "only characters that cannot be seen stand elsewhere".to_owned()
    } else {
        format!("differs in what cannot be seen, {}", said.join("; "))
    })
}

fn named(c: char) -> String {
    let name = match c {
        ' ' => "space",
        '\n' => "line break",
        '\r' => "carriage return",
        '\t' => "tab",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "pop directional formatting",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{feff}' => "zero width no-break space",
        _ => return format!("U+{:04X}", u32::from(c)),
    };
    format!("{name} (U+{:04X})", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: &str, after: &str, most: usize) -> (String, String) {
        let line = |json: &str| Some(super::super::safe::line(json));
        let (old, new) = apart(
            (line(before), line(after)),
            [Some(before), Some(after)],
            most,
        );
        (old.unwrap(), new.unwrap())
    }

    #[test]
    fn a_difference_past_the_cut_is_shown_where_it_is() {
        let long = "log('step'); ".repeat(80);
        let (before, after) = of(
            &format!("\"{long}charge(10)\""),
            &format!("\"{long}charge(1000)\""),
            160,
        );
        assert!(
            before.starts_with('…') && before.ends_with("charge(10)\""),
            "{before}"
        );
        assert!(after.ends_with("charge(1000)\""), "{after}");
        assert!(before.chars().count() < 60);
        assert_eq!(
            of("\"a\"", "\"b\"", 160),
            ("\"a\"".to_owned(), "\"b\"".to_owned())
        );
    }

    #[test]
    fn what_cannot_be_seen_is_said_by_name() {
        for (before, after, said) in [
            ("\"Hi\"", "\"H\u{200b}i\"", "new: zero width space (U+200B)"),
            ("\"Hi\"", "\"H\\u200bi\"", "new: zero width space (U+200B)"),
            (
                "\"a b\"",
                "\"a\u{a0}b\"",
                "new: no-break space (U+00A0); gone: space (U+0020)",
            ),
            (
                "\"a b\"",
                "\"a\\nb\"",
                "new: line break (U+000A); gone: space (U+0020)",
            ),
            ("\"a  b\"", "\"a b\"", "gone: space (U+0020)"),
            ("\"a\u{2061}b\"", "\"ab\"", "gone: U+2061"),
            (
                "\"Menu\"",
                "\"\u{200b}\"",
                "\"\" (zero width space (U+200B))",
            ),
        ] {
            let (_, shown) = of(before, after, 160);
            assert!(shown.contains(said), "{before} {after}: {shown}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(
            of("\"f\\u00fcr\"", "\"f\\u00fcnf\"", 160),
            ("\"für\"".to_owned(), "\"fünf\"".to_owned())
        );
    }
}
