//! Secrets by the name that stands before them: members of JSON (also of JSON inside a JSON string), lists of names and
//! values, `key=value`, `Header: value`.

use std::ops::Range;

use super::inside::{has_several_words, line};
use super::names::is_secret_key;
use super::says_something;

/// No name is longer.
const LONGEST_NAME: usize = 80;

/// What texts of members stand between.
pub(super) const QUOTES: [&str; 3] = ["\"", "\\\"", "'"];

pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    // One of the two stands between every name and its value.
    if !text.contains([':', '=']) {
        return;
    }
    for quote in QUOTES {
        members(text, quote, found);
    }
    assignments(text, found);
}

/// `"key": value`, where `quote` is what stands around texts.
fn members(text: &str, quote: &str, found: &mut Vec<Range<usize>>) {
    // Set by `"name": "Authorization"`: the next `value` is the secret.
    let mut names_a_secret = false;
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find(quote)) {
        let start = at + open + quote.len();
        at = start;
        if quote == "\"" && text[..start - 1].ends_with('\\') {
            continue;
        }
        let Some(length) = text.get(start..).and_then(|rest| rest.find(quote)) else {
            return;
        };
        let end = start + length;
        if length > LONGEST_NAME || quote == "\"" && text[..end].ends_with('\\') {
            continue;
        }
        let Some(value) = after_colon(text, end + quote.len()) else {
            continue;
        };
        let key = unescaped(&text[start..end]);
        let secret = is_secret_key(&key) || names_a_secret && is_value(&key);
        let names = is_name(&key) && text[value..].starts_with(quote);
        if !secret && !names {
            // Values of other members are walked through, not skipped: each byte is looked at once.
            at = end + quote.len();
            continue;
        }
        let range = value_at(text, value, quote);
        let shown = &text[range.clone()];
        if secret && says_something(shown) {
            at = range.end;
            found.push(range);
            names_a_secret = false;
        } else if names {
            names_a_secret = is_secret_key(&unescaped(shown));
            // The name's own text is no key.
            let closed = text[range.end..].starts_with(quote);
            at = range.end + if closed { quote.len() } else { 0 };
        } else {
            at = end + quote.len();
        }
    }
}

fn is_name(key: &str) -> bool {
    ["name", "key", "header", "field", "parameter"]
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name))
}

fn is_value(key: &str) -> bool {
    ["value", "values", "val"]
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name))
}

/// Where the value begins, if a colon follows.
fn after_colon(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let colon = rest.trim_start().strip_prefix(':')?;
    Some(text.len() - colon.trim_start().len())
}

/// The inside of a text, or the whole of any other value, that begins at `at`.
fn value_at(text: &str, at: usize, quote: &str) -> Range<usize> {
    let rest = &text[at..];
    if let Some(inner) = rest.strip_prefix(quote) {
        let start = at + quote.len();
        return start..start + end_of_text(inner, quote);
    }
    if rest.starts_with(['{', '[']) {
        return at..at + end_of_container(rest, quote);
    }
    let end = rest
        .find([',', '}', ']', '\n', '\r', '"'])
        .unwrap_or(rest.len());
    at..at + rest[..end].trim_end().len()
}

/// Length of a text up to its closing quote (or all, where it is cut off).
fn end_of_text(inner: &str, quote: &str) -> usize {
    let mut at = 0;
    while let Some(next) = inner.get(at..).and_then(|rest| rest.find(quote)) {
        let end = at + next;
        let slashes = inner[..end]
            .bytes()
            .rev()
            .take_while(|&byte| byte == b'\\')
            .count();
        if slashes.is_multiple_of(2) {
            return end;
        }
        at = end + quote.len();
    }
    inner.len()
}

/// Length of an object or array, or of all that is there of it.
fn end_of_container(text: &str, quote: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        if let Some(inner) = rest.strip_prefix(quote) {
            at += quote.len() + end_of_text(inner, quote) + quote.len();
            continue;
        }
        let Some(char) = rest.chars().next() else {
            break;
        };
        at += char.len_utf8();
        match char {
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// `\u0070assword` is a password too.
fn unescaped(key: &str) -> String {
    if key.contains('\\') {
        serde_json::from_str(&format!("\"{key}\"")).unwrap_or_else(|_| key.to_owned())
    } else {
        key.to_owned()
    }
}

fn is_end(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '‹' | '&' | ';' | ',' | ')' | '}' | ']'
        )
}

/// `key=value` (queries, connection strings, shell) and `Key: value` (headers).
fn assignments(text: &str, found: &mut Vec<Range<usize>>) {
    let mut seen = 0;
    for (at, sign) in text.match_indices(['=', ':']) {
        if at < seen {
            continue;
        }
        let before = text[..at].trim_end_matches(' ');
        let name_length = before
            .bytes()
            .rev()
            .take(LONGEST_NAME)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
            .count();
        let name = &before[before.len() - name_length..];
        if !is_secret_key(name) {
            continue;
        }
        let after = &text[at + 1..];
        let value = after.trim_start_matches([' ', '"', '\'', '\\']);
        let start = text.len() - value.len();
        let whole_line = has_several_words(name).then(|| line(value));
        // A cookie that says nothing of a value is one to eat.
        let whole_line = whole_line.filter(|&length| {
            name.to_ascii_lowercase().ends_with("authorization") || value[..length].contains('=')
        });
        let length = whole_line.unwrap_or_else(|| value.find(is_end).unwrap_or(value.len()));
        let value = &value[..length];
        seen = start + length;
        let prose = sign == ":"
            && whole_line.is_none()
            && value.chars().all(char::is_alphabetic)
            && text[start + length..].starts_with(' ');
        if !prose && says_something(value) {
            found.push(start..start + length);
        }
    }
}
