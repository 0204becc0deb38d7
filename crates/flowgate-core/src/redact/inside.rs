//! The secrets in one text of a flow: by the key that it stands under, by their shape, by the name before them, by being
//! long and random; also in JSON inside of the text.
//!
//! What is found here is what the rule reports and what no report shows. Each text is gone through a fixed number of
//! times, whatever it holds.

use std::iter;
use std::ops::Range;
use std::rc::Rc;

use super::literal;
use super::marks::{Mark, Marks};
use super::names::{Holds, holds};
use super::walk::{Named, Walk};
use super::{merge, shapes};
use crate::flow::json::Document;
use crate::text::{SourceText, is_invisible};

/// How a secret was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// It is known by value.
    Known,
    /// By the name of its field.
    Field,
    /// By its shape.
    Shape,
    /// By the name before it in the text.
    Name,
    /// It is long and random, in a place where keys stand.
    Random,
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// Bytes of the decoded text.
    pub range: Range<usize>,
    /// How it was known.
    pub why: Why,
}

/// The secrets in a text that stands under this key, in order, apart from one another.
pub(crate) fn secrets(key: &Named, text: &str, marks: Marks) -> Vec<Secret> {
    // What nobody sees could part a secret so that nobody knows it.
    if marks.has(Mark::Unusual) && text.contains(is_invisible) {
        return parted(key, text);
    }
    let mut found = Vec::new();
    if let Some(holds) = key.holds().filter(|_| !names_a_reference(key)) {
        let ranges = literal::in_value(holds, text);
        found.extend(ranges.into_iter().map(|range| Secret {
            range,
            why: Why::Field,
        }));
    }
    // Half of all texts are ids: they begin no secret of a known shape, name none, and are not random by our measure.
    if marks.has(Mark::BeyondIds) {
        let mut shaped = Vec::new();
        shapes::find(text, &mut shaped);
        found.extend(shaped.into_iter().map(|range| Secret {
            range,
            why: Why::Shape,
        }));
        if [Mark::Colon, Mark::Equals, Mark::Quote]
            .iter()
            .any(|mark| marks.has(*mark))
        {
            by_name(key, text, &mut found);
        }
        if found.is_empty() && key.is_for_keys() {
            found.extend(random(text, marks).into_iter().map(|range| Secret {
                range,
                why: Why::Random,
            }));
        }
    }
    apart(found)
}

/// What is long and random in a text: all of it, or what a placeholder falls back on, as in `${KEY:-literal}`.
fn random(text: &str, marks: Marks) -> Vec<Range<usize>> {
    if is_random(text) && literal::is_literal(text.trim()) {
        let start = text.len() - text.trim_start().len();
        iter::once(start..start + text.trim().len()).collect()
    } else if marks.has(Mark::Opening) {
        literal::in_value(Holds::Maybe, text)
    } else {
        Vec::new()
    }
}

/// The same for a text as it is seen.
fn parted(key: &Named, text: &str) -> Vec<Secret> {
    let seen = |&(_, c): &(usize, char)| c.is_whitespace() || !is_invisible(c);
    let (mut visible, mut from) = (String::new(), Vec::new());
    for (at, c) in text.char_indices().filter(seen) {
        let c = if c.is_whitespace() { ' ' } else { c };
        visible.push(c);
        from.resize(visible.len(), at);
    }
    from.push(text.len());
    let mut found = secrets(key, &visible, Marks::of(&visible));
    for secret in &mut found {
        let end = secret.range.end.saturating_sub(1);
        let last = from.get(end).copied().unwrap_or(text.len());
        let width = text[last..].chars().next().map_or(0, char::len_utf8);
        secret.range = from[secret.range.start]..last + width;
    }
    found
}

/// In order, apart from one another; what overlaps is one secret.
pub(super) fn apart(mut found: Vec<Secret>) -> Vec<Secret> {
    if found.len() < 2 {
        return found;
    }
    let firsts: Vec<(Range<usize>, Why)> = {
        found.sort_by_key(|secret| (secret.range.start, secret.why));
        found
            .iter()
            .map(|secret| (secret.range.clone(), secret.why))
            .collect()
    };
    let ranges = merge(firsts.iter().map(|(range, _)| range.clone()).collect());
    ranges
        .into_iter()
        .map(|range| {
            let nth = firsts.partition_point(|(first, _)| first.start < range.start);
            let why = firsts.get(nth).map_or(Why::Name, |first| first.1);
            Secret { range, why }
        })
        .collect()
}

/// A field that says which secret, not what it is.
fn names_a_reference(key: &Named) -> bool {
    const ABOUT: [&str; 14] = [
        "id",
        "ref",
        "reference",
        "alias",
        "path",
        "location",
        "source",
        "arn",
        "format",
        "style",
        "status",
        "header",
        "message",
        "key-id",
    ];
    ABOUT.contains(&key.last_word()) || key.is_spoken()
}

/// What stands inside of a text under a name: in JSON, else as it is written in scripts, headers, queries.
fn by_name(key: &Named, text: &str, found: &mut Vec<Secret>) {
    if !in_json(text, found) {
        assigned(text, key.is_spoken(), found);
    }
}

/// The secrets of a text that is JSON; `false` where it is none.
fn in_json(text: &str, found: &mut Vec<Secret>) -> bool {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) {
        return false;
    }
    let Some(document) = document(text) else {
        return false;
    };
    let ranges = of_document(&document);
    found.extend(ranges.into_iter().map(|range| Secret {
        range,
        why: Why::Name,
    }));
    true
}

fn document(text: &str) -> Option<Document> {
    let path = "text".parse().ok()?;
    Document::read(SourceText::new(path, text.to_owned())).ok()
}

/// The secrets of a document, as bytes of its text.
fn of_document(document: &Document) -> Vec<Range<usize>> {
    of_value(document, Named::new(""))
}

fn of_value(document: &Document, key: Rc<Named>) -> Vec<Range<usize>> {
    let mut walk = Walk::through(document);
    let mut ranges = Vec::new();
    walk.texts(key, document.root(), false, |key, value, text| {
        let found = secrets(&key, &text, Marks::of(&text));
        let parts: Vec<_> = found.into_iter().map(|secret| secret.range).collect();
        ranges.extend(value.sources_of(&parts));
    });
    merge(ranges)
}

/// The secrets of a value that is written as JSON and stands under this key, as bytes of what is written.
pub(crate) fn in_written(key: &Rc<Named>, json: &str) -> Vec<Range<usize>> {
    document(json).map_or_else(Vec::new, |document| of_value(&document, Rc::clone(key)))
}

/// No name is longer.
const LONGEST_NAME: usize = 80;

/// So many blanks may stand between a name, its sign and its value.
const BLANKS: usize = 8;

/// `name = "value"`, `'name': 'value'`, `Name: value`, `name=value&`, `set("name", "value")`.
fn assigned(text: &str, is_spoken: bool, found: &mut Vec<Secret>) {
    let bytes = text.as_bytes();
    let in_sentence = is_spoken || bytes.iter().filter(|&&byte| byte == b' ').nth(2).is_some();
    // How much of values may be looked at more than once: a value may hold names and values itself.
    let mut left = 4 * text.len();
    let mut seen = 0;
    for (at, &sign) in bytes.iter().enumerate() {
        if at < seen || !matches!(sign, b'=' | b':' | b',') {
            continue;
        }
        let Some(name) = name_before(text, at, sign) else {
            continue;
        };
        let Some(holds) = held(name, text, at, sign) else {
            continue;
        };
        let value = Assigned::after(text, at + 1, sign == b':' && has_several_words(name));
        if sign == b',' && value.form != Form::Quoted {
            continue;
        }
        // A list of several parts tells nobody anything.
        let is_list = has_several_words(name) && value.text.contains('=');
        let is_told = value.form != Form::Quoted && sign == b':' && in_sentence && !is_list;
        let ranges = match value.form {
            // In a sentence, `password: …` is what callers are told.
            _ if is_spoken || is_told => made_words(value.text, if is_spoken { 12 } else { 8 }),
            Form::Quoted => literal::in_value(holds, value.text),
            Form::Apart => made_words(value.text, 8),
            Form::Tight if holds == Holds::Maybe => literal::in_value(holds, value.text),
            Form::Tight => literal::in_value(Holds::Key, value.text),
        };
        left = left.saturating_sub(value.text.len());
        if left == 0 {
            seen = value.start + value.text.len();
        } else if let Some(last) = ranges.last() {
            seen = value.start + last.end;
        }
        found.extend(ranges.into_iter().map(|range| Secret {
            range: value.start + range.start..value.start + range.end,
            why: Why::Name,
        }));
    }
}

/// The words that a machine made.
fn made_words(value: &str, shortest: usize) -> Vec<Range<usize>> {
    literal::words(value)
        .filter_map(|word| literal::made_in(value, word))
        .filter(|made| made.len() >= shortest)
        .collect()
}

/// How a value is written behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Quoted,
    /// `name=value`
    Tight,
    /// `name = value`: in a script, the name of another one.
    Apart,
}

/// What is assigned to a name.
struct Assigned<'t> {
    start: usize,
    text: &'t str,
    form: Form,
}

impl<'t> Assigned<'t> {
    /// What stands behind a sign; `whole_line` where it may have several words.
    fn after(text: &'t str, at: usize, whole_line: bool) -> Self {
        let bytes = text.as_bytes();
        let mut start = at;
        if matches!(bytes.get(start), Some(b'>' | b'=')) {
            start += 1;
        }
        let tight = start;
        start += blanks(bytes.get(start..).unwrap_or(&[]).iter());
        let slashes = bytes.get(start..).unwrap_or(&[]).iter().take(4);
        let slashes = slashes.take_while(|&&byte| byte == b'\\').count();
        if let Some(&quote @ (b'"' | b'\'' | b'`')) = bytes.get(start + slashes) {
            start += slashes + 1;
            let length = quoted(bytes.get(start..).unwrap_or(&[]), quote, slashes);
            return Self {
                start,
                text: text.get(start..start + length).unwrap_or(""),
                form: Form::Quoted,
            };
        }
        let rest = text.get(start..).unwrap_or("");
        let is_end = |c: char| {
            matches!(
                c,
                '"' | '\'' | '`' | '<' | '>' | '&' | ';' | ',' | ')' | ']' | '\\'
            ) || c.is_whitespace()
        };
        let length = if whole_line {
            line(rest)
        } else {
            rest.find(is_end).unwrap_or(rest.len())
        };
        Self {
            start,
            text: &rest[..length],
            form: if start == tight || whole_line {
                Form::Tight
            } else {
                Form::Apart
            },
        }
    }
}

/// Length of the value of a header that has several parts, some of which may stand in quotes: `a=1; b="2"`. It ends with its
/// line, or with the quote that the header itself stands in.
pub(super) fn line(rest: &str) -> usize {
    let mut opened = None;
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        match c {
            '\n' | '\r' | '`' | '<' | '>' | '\\' => return at,
            '"' | '\'' if opened == Some(c) => opened = None,
            '"' | '\'' if opened.is_none() && before == '=' => opened = Some(c),
            '"' | '\'' if opened.is_none() => return at,
            _ => {}
        }
        before = c;
    }
    rest.len()
}

/// Length of what stands up to its closing quote, before which as many backslashes stand as before the opening one.
fn quoted(rest: &[u8], quote: u8, slashes: usize) -> usize {
    let mut at = 0;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' if slashes == 0 => at += 1,
            b'\\' if rest.get(at + slashes) == Some(&quote) => break,
            byte if byte == quote => break,
            _ => {}
        }
        at += 1;
    }
    at.min(rest.len())
}

/// What stands under a name in a text. In the query of an address, `key` and `code` hold a key.
fn held(name: &str, text: &str, at: usize, sign: u8) -> Option<Holds> {
    if let Some(holds) = holds(name) {
        return Some(holds);
    }
    let before = text.as_bytes().get(at.wrapping_sub(name.len() + 1));
    let in_query = sign == b'=' && matches!(before, Some(b'?' | b'&' | b';' | b','));
    let is_key = ["key", "code", "k"]
        .iter()
        .any(|key| name.eq_ignore_ascii_case(key));
    (in_query && is_key).then_some(Holds::Maybe)
}

/// `Authorization` and `Cookie` have values of several words.
pub(super) fn has_several_words(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("authorization") || name.ends_with("cookie")
}

/// The name before a sign, without its quotes.
fn name_before(text: &str, at: usize, sign: u8) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut end = at;
    // `:=`, `==` and `=>` are signs too.
    if sign == b'=' && bytes.get(end.wrapping_sub(1)) == Some(&b':') {
        end -= 1;
    }
    end -= blanks(bytes.get(..end)?.iter().rev());
    let quotes = bytes.get(..end)?.iter().rev().take(4);
    let quotes = quotes
        .take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']'))
        .count();
    // What is passed to a function is named in quotes.
    if sign == b',' && quotes == 0 {
        return None;
    }
    end -= quotes;
    let head = text.get(..end)?;
    let start = head
        .char_indices()
        .rev()
        .take(LONGEST_NAME)
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .last()?
        .0;
    head.get(start..)
}

fn blanks<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes
        .take(BLANKS)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

/// Long and random by its letters.
fn is_random(text: &str) -> bool {
    let value = text.trim();
    let token = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'~')
    };
    if value.len() < 24 || value.len() > 512 || !value.bytes().all(token) {
        return false;
    }
    // Ids are long and random too, and there are many: what tells them apart at once comes first.
    let has = |kind: fn(&char) -> bool| value.chars().filter(kind).count() >= 3;
    let mixed =
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    mixed && entropy(value) > 4.0
}

/// Bits a letter, after Shannon.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let share = |&count: &u32| f64::from(count) / total;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(share)
        .map(|share| -share * share.log2())
        .sum()
}
