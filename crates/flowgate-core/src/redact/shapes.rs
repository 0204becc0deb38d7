//! Secrets that give themselves away by their shape.

use std::ops::Range;

use super::beginnings::{self, Shape};
use super::literal::{has_stand_in, is_literal, is_plausible};
use super::names::Holds;

pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    // One look at a text, which most of them do not survive, in place of a search for each shape.
    let seen = beginnings::seen(text);
    for (_, find) in FINDERS.iter().filter(|(shape, _)| seen.has(*shape)) {
        find(text, found);
    }
}

type Find = fn(&str, &mut Vec<Range<usize>>);

const FINDERS: [(Shape, Find); 5] = [
    (Shape::Scheme, schemes),
    (Shape::UserInfo, user_info),
    (Shape::Prefixed, prefixed),
    (Shape::WebToken, json_web_tokens),
    (Shape::PrivateKey, private_keys),
];

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b'-')
}

fn run(text: &str, start: usize, of: impl Fn(u8) -> bool) -> &str {
    let rest = text.get(start..).unwrap_or("");
    let length = rest.bytes().take_while(|&byte| of(byte)).count();
    &rest[..length]
}

/// Ways to log in that are named before what logs in.
pub(super) const SCHEMES: [&str; 2] = ["bearer", "basic"];

/// `Bearer …` and `Basic …`, where what follows is no word: of letters and digits, or of base64 with a colon inside.
fn schemes(text: &str, found: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    for scheme in SCHEMES {
        for (at, _) in lower.match_indices(scheme) {
            let after = at + scheme.len();
            let spaces = run(text, after, |byte| matches!(byte, b' ' | b'\t' | b':')).len();
            let encoded = text
                .get(after..)
                .is_some_and(|rest| rest.starts_with("%20"));
            let start = after + if encoded { 3 } else { spaces };
            if start == after {
                continue;
            }
            let token = run(text, start, is_token);
            let is_secret = if scheme == "basic" {
                is_user_and_password(token) || token.len() >= 16 && logs_in(token)
            } else {
                logs_in(token)
            };
            if is_secret && is_literal(token) {
                found.push(start..start + token.len());
            }
        }
    }
}

/// Whether a token is more than a word or a number.
fn logs_in(token: &str) -> bool {
    let count = |kind: fn(&u8) -> bool| token.bytes().filter(kind).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let turns = token.as_bytes().windows(2);
    let turns = turns.filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    token.len() >= 8 && digits >= 2 && letters >= 2 || token.len() >= 16 && turns.count() >= 2
}

/// Whether a token is base64 of `user:password`.
fn is_user_and_password(token: &str) -> bool {
    let digits = token
        .trim_end_matches(['.', ',', ';'])
        .trim_end_matches('=');
    if digits.len() < 4 || digits.len() > 4096 || digits.len() % 4 == 1 {
        return false;
    }
    let (mut bits, mut held, mut has_colon) = (0_u32, 0, false);
    for digit in digits.bytes() {
        let six = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            let byte = bits >> held & 0xff;
            has_colon |= byte == u32::from(b':');
            if byte < 0x20 {
                return false;
            }
        }
    }
    has_colon
}

/// `https://user:password@host` and `https://token@host`.
fn user_info(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, separator) in text.match_indices("://") {
        let start = at + separator.len();
        let rest = &text[start..];
        let authority = rest
            .find(|char: char| {
                char.is_whitespace()
                    || matches!(char, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\')
            })
            .map_or(rest, |end| &rest[..end]);
        let user = authority.rfind('@').map(|end| &authority[..end]);
        if let Some(user) = user.filter(|user| {
            is_literal(user) && (user.contains(':') || is_plausible(Holds::Key, user))
        }) {
            found.push(start..start + user.len());
        }
    }
}

/// Prefixes that their makers chose so that leaks can be found, with the fewest characters that follow.
pub(super) const PREFIXES: [(&str, usize); 34] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("whsec_", 10),
    ("sk-ant-", 16),
    ("sk-proj-", 16),
    ("AIza", 30),
    ("ya29.", 20),
    ("SG.", 30),
    ("npm_", 30),
    ("pypi-", 30),
    ("hvs.", 20),
    ("dop_v1_", 30),
    ("shpat_", 20),
    ("hooks.slack.com/services/", 10),
    ("AccountKey=", 10),
    ("EAAC", 30),
    ("sq0csp-", 20),
];

fn prefixed(text: &str, found: &mut Vec<Range<usize>>) {
    for (prefix, fewest) in PREFIXES {
        let mut seen = 0;
        for (at, _) in text.match_indices(prefix) {
            if at < seen {
                continue;
            }
            let inside_a_word = !prefix.ends_with(['_', '-', '/', '='])
                && text[..at]
                    .bytes()
                    .next_back()
                    .is_some_and(|byte| byte.is_ascii_alphanumeric());
            if inside_a_word {
                continue;
            }
            let tail = run(text, at + prefix.len(), is_token);
            seen = at + prefix.len() + tail.len();
            let whole = &text[at..at + prefix.len() + tail.len()];
            if tail.len() >= fewest && !has_stand_in(whole) {
                found.push(at..at + prefix.len() + tail.len());
            }
        }
    }
}

/// Three parts of base64 with dots between them, the first of which begins like a JSON object.
fn json_web_tokens(text: &str, found: &mut Vec<Range<usize>>) {
    let mut seen = 0;
    for (at, _) in text.match_indices("eyJ") {
        if at < seen {
            continue;
        }
        let token = run(text, at, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
        });
        seen = at + token.len();
        if token.len() >= 20 && token.contains('.') && !has_stand_in(token) {
            found.push(at..at + token.len());
        }
    }
}

/// From the first line of a private key to its last, or to the end of the text.
fn private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(begin) = text[at..].find("-----BEGIN ") {
        let start = at + begin;
        at = start + "-----BEGIN ".len();
        let head: String = text[at..].chars().take(40).collect();
        if !head.contains("PRIVATE KEY") {
            continue;
        }
        let end = text[at..]
            .find("-----END ")
            .map_or(text.len(), |end| at + end);
        let tail = &text[end..];
        let length = tail
            .strip_prefix("-----END ")
            .and_then(|rest| rest.find("-----"))
            .map_or(tail.len(), |dashes| "-----END ".len() + dashes + 5);
        found.push(start..end + length);
        at = end + length;
    }
}
