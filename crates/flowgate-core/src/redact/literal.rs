//! Whether a text is a secret itself, or a name of one, a reference to where it is kept, a place that is filled in later.

use std::ops::Range;

use super::names::{Holds, holds, is_secret_key};

/// Shorter values are no secrets: they could be anything.
const SHORTEST: usize = 6;

/// Longer values are not looked at letter by letter.
const LONGEST: usize = 64 * 1024;

/// The parts of a value of a secret field that are secrets themselves: all of it, or what stands beside and inside of
/// its placeholders (`${KEY:-literal}`). No part is empty.
pub(super) fn in_value(holds: Holds, value: &str) -> Vec<Range<usize>> {
    let is_secret = |value: &str| match holds {
        Holds::Maybe => looks_random(value) && is_plausible(Holds::Key, value),
        holds => is_plausible(holds, value),
    };
    let whole = trimmed(value);
    if is_secret(&value[whole.clone()]) {
        return vec![whole];
    }
    if value.len() > LONGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (placeholders, beside) = parts(value);
    if placeholders.is_empty() {
        // `Token 9f8e7d6c5b4a`: a way to log in, and what logs in.
        let mut words = words(value);
        if let (Some(_), Some(second), None) = (words.next(), words.next(), words.next())
            && !value.contains(BETWEEN_PARTS)
            && looks_made(&value[second.clone()])
            && is_secret(&value[second.clone()])
        {
            found.push(second);
        } else {
            found.extend(in_list(value));
        }
        return found;
    }
    for inside in placeholders {
        if let Some(default) = default_of(value, inside)
            && is_secret(&value[default.clone()])
        {
            found.push(default);
        }
    }
    for run in beside {
        let made = words(&value[run.clone()]).filter_map(|word| made_in(&value[run.clone()], word));
        found.extend(made.map(|made| run.start + made.start..run.start + made.end));
    }
    found.sort_by_key(|range| range.start);
    found
}

/// What stands between the parts of a list: of a cookie, of a query, of headers.
const BETWEEN_PARTS: [char; 5] = [';', ',', '&', '|', '\n'];

/// What a machine made among the parts of a list of names and values: `lang=de; session=9f8e7d6c5b4a; Path=/`.
fn in_list(value: &str) -> Vec<Range<usize>> {
    // What a part of these names is no secret, however it looks.
    const OPEN: [&str; 14] = [
        "domain", "path", "expires", "max-age", "samesite", "version", "priority", "realm",
        "scope", "host", "uri", "url", "user", "username",
    ];
    let mut found = Vec::new();
    if !value.contains(['=', ':']) {
        return found;
    }
    let mut start = 0;
    for part in value.split(BETWEEN_PARTS) {
        let (named, at) = (part.split_once(['=', ':']), start);
        start += part.len() + 1;
        let is_open = |name: &str| {
            let name = name.rsplit(char::is_whitespace).next().unwrap_or("");
            OPEN.iter().any(|open| name.eq_ignore_ascii_case(open))
        };
        if named.is_some_and(|(name, _)| is_open(name.trim_end())) {
            continue;
        }
        let made = words(part).filter_map(|word| made_in(part, word));
        found.extend(made.map(|made| at + made.start..at + made.end));
    }
    found
}

/// What a machine made in a word of a text: all of it, or what stands behind the name, without quotes and what ends it.
pub(super) fn made_in(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let around = |c: char| matches!(c, '"' | '\'' | '`') || BETWEEN_PARTS.contains(&c);
    let whole = &text[word.clone()];
    let value = match whole.split_once('=') {
        Some((_, value)) if !value.bytes().all(|byte| byte == b'=') => value,
        _ => whole,
    };
    let begins = word.end - value.trim_start_matches(around).len();
    let value = text[begins..word.end].trim_end_matches(around);
    (looks_made(value) && is_plausible(Holds::Key, value)).then(|| begins..begins + value.len())
}

fn trimmed(value: &str) -> Range<usize> {
    let start = value.len() - value.trim_start().len();
    start..start + value.trim().len()
}

/// The words of a text, by their places.
pub(super) fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let start = text.as_ptr() as usize;
    text.split_whitespace().map(move |word| {
        let at = word.as_ptr() as usize - start;
        at..at + word.len()
    })
}

/// What stands before the text that a placeholder falls back on.
const FALLS_BACK: [&str; 6] = [":-", ":=", "||", "??", "default(", ":"];

/// What follows `:-`, `:=` or, in Spring's way, `:` after a name; or `default('…')`, `?? '…'`, `|| '…'`.
fn default_of(value: &str, inside: Range<usize>) -> Option<Range<usize>> {
    let text = &value[inside.clone()];
    let (at, sign) = FALLS_BACK
        .iter()
        .find_map(|sign| Some((text.find(sign)?, *sign)))?;
    let rest = &text[at + sign.len()..];
    let quoted = |c: char| matches!(c, '"' | '\'' | '`' | ' ' | ')' | '}' | '{' | '$' | '(');
    let start = rest.len() - rest.trim_start_matches(quoted).len();
    let word = rest[start..].trim_end_matches(quoted);
    // `${vault:crm1}` says where the secret is kept.
    let is_name = word.is_empty() || sign == ":" && !looks_made(word);
    let start = inside.start + at + sign.len() + start;
    (!is_name).then_some(start..start + word.len())
}

/// What a reference to the place where a secret is kept begins with.
const KEPT: [&str; 15] = [
    "$",
    "@",
    "#{",
    "vault",
    "secret",
    "env",
    "arn:",
    "op://",
    "ssm:",
    "keyvault",
    "kv:",
    "projects/",
    "ref:",
    "your",
    "/",
];

/// Whether a text stands for itself: no placeholder, no reference to where the secret is kept.
pub(super) fn is_literal(value: &str) -> bool {
    let first = value.chars().next();
    let masked = value
        .chars()
        .all(|c| Some(c) == first || matches!(c, '*' | 'x' | 'X' | '.' | '•' | '-' | '_'));
    let begins = |kept: &str| {
        let head = value.as_bytes().get(..kept.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(kept.as_bytes()))
    };
    if masked || KEPT.iter().any(|kept| begins(kept)) || has_placeholder(value) {
        return false;
    }
    !has_stand_in(value)
}

/// What stands in texts that only stand where a secret will.
const STANDS_IN: [&str; 8] = [
    "changeme",
    "change-me",
    "replace",
    "placeholder",
    "redacted",
    "xxxx",
    "****",
    "todo",
];

/// Whether a text says itself that it only stands where a secret will.
pub(super) fn has_stand_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    STANDS_IN.iter().any(|word| lower.contains(word))
}

/// Whether the value of such a field is a secret.
pub(super) fn is_plausible(holds: Holds, value: &str) -> bool {
    let value = value.trim();
    if value.len() < SHORTEST
        || value.contains(char::is_whitespace)
        || value.contains("://")
        || !is_literal(value)
    {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        // Letters alone are mostly the name of a variable or of a way to log in.
        const WORDS: [&str; 12] = [
            "required", "optional", "disabled", "enabled", "hidden", "masked", "prompt", "caller",
            "default", "inherit", "unused", "expired",
        ];
        let name = value
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
        let path = name && value.contains(['_', '.']);
        return holds == Holds::Password
            && !WORDS.contains(&value.to_ascii_lowercase().as_str())
            && !is_secret_key(value)
            && !path;
    }
    // `token2`, `crm.token.v1` are names; a key mixes digits among its letters.
    let name = digits <= 2 && self::holds(value).is_some();
    // Base64 ends so too.
    let call = value.ends_with(')') || value.trim_end_matches('=').contains("==");
    !name && !call
}

/// Whether a text was made by a machine, wherever it stands: digits among its letters, and many of both.
pub(super) fn looks_made(value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    value.len() >= 8 && digits >= 2 && letters >= 2 && changes(bytes) >= 3
}

/// Whether a text is so long and so mixed that it names nothing.
fn looks_random(value: &str) -> bool {
    value.len() >= 16 && changes(value.as_bytes()) >= 4
}

/// How often a letter follows a digit or a digit a letter.
fn changes(bytes: &[u8]) -> usize {
    let changes = |pair: &&[u8]| {
        pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic()
            || pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit()
    };
    bytes.windows(2).filter(changes).count()
}

/// What a placeholder begins and ends with: `{{x}}`, `${x}`, `{x}`, `%x%`, `<x>`, `[[x]]`, `$(x)`.
const PLACEHOLDERS: [(&str, &str); 5] = [
    ("{", "}"),
    ("%", "%"),
    ("<", ">"),
    ("[[", "]]"),
    ("$(", ")"),
];

/// Whether a text holds a place that is filled in while a call runs.
pub(crate) fn has_placeholder(text: &str) -> bool {
    PLACEHOLDERS
        .iter()
        .any(|(open, close)| next_placeholder(text, 0, (open, close), "").is_some())
}

/// The inside of the first placeholder of this kind at or after a place. Each byte is looked at once.
/// `also` may stand inside besides what stands in names and paths.
fn next_placeholder(
    text: &str,
    from: usize,
    (open, close): (&str, &str),
    also: &str,
) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    // Where the inside begins, if all since then may stand in one.
    let mut start = None;
    let mut at = from;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some(begun) = start
            && rest.starts_with(close.as_bytes())
        {
            if at > begun {
                return Some(begun..at);
            }
            start = None;
            if open != close {
                at += close.len();
                continue;
            }
        }
        if start.is_none() && rest.starts_with(open.as_bytes()) {
            at += open.len();
            start = Some(at);
            continue;
        }
        let letter = text.get(at..).and_then(|rest| rest.chars().next());
        let Some(letter) = letter else { break };
        let inside = letter.is_alphanumeric()
            || " _-.:{$[]()'/|@#,".contains(letter)
            || also.contains(letter);
        if !inside {
            start = None;
            // What cannot stand inside may open another one.
            if rest.starts_with(open.as_bytes()) {
                at += open.len();
                start = Some(at);
                continue;
            }
        }
        at += letter.len_utf8();
    }
    None
}

/// The insides of placeholders, and the runs of text beside them.
fn parts(text: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let mut placeholders = Vec::new();
    for (open, close) in PLACEHOLDERS {
        let mut from = 0;
        while let Some(inside) = next_placeholder(text, from, (open, close), "?\"=+!~^&*") {
            from = inside.end + close.len();
            placeholders.push(inside);
        }
    }
    placeholders.sort_by_key(|range| (range.start, range.end));
    let mut beside = Vec::new();
    let mut at = 0;
    for inside in &placeholders {
        let end = text[..inside.start]
            .trim_end_matches(['{', '$', '%', '<', '[', '(', '#'])
            .len();
        if end > at {
            beside.push(at..end);
        }
        let rest = &text[inside.end..];
        let after = rest.trim_start_matches(['}', '%', '>', ']', ')']);
        at = at.max(text.len() - after.len());
    }
    if at < text.len() {
        beside.push(at..text.len());
    }
    (placeholders, beside)
}

/// What is looked for here, and what closes it.
#[cfg(test)]
pub(super) fn sought() -> Vec<(String, String)> {
    let alone = FALLS_BACK.iter().chain(&KEPT).chain(&STANDS_IN);
    let alone = alone.map(|token| ((*token).to_owned(), String::new()));
    let between = BETWEEN_PARTS.map(|sign| (sign.to_string(), String::new()));
    let pairs = PLACEHOLDERS.map(|(open, close)| (open.to_owned(), close.to_owned()));
    alone.chain(between).chain(pairs).collect()
}
