//! Secrets that are known by value, in every form in which they may come back.
//!
//! A text is searched as it is and as it reads once its escapes are taken for what they stand for (percent, JSON, HTML),
//! one layer after the other: so no list of forms has to foresee how they stand in one another. Only base64, which mixes
//! its neighbours in, has forms of its own.

use std::ops::Range;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::noncontiguous::NFA;

use super::{forms, merge};
use crate::report::safe;

/// Known values shorter than this hide nothing: they would blot out half of every text.
pub(super) const SHORTEST: usize = 4;

/// So many layers of escapes are taken off a text: JSON in JSON in a query is three.
const LAYERS: usize = 6;

/// More of a secret than this is not looked for where a text was cut inside of it.
const LONGEST_CUT: usize = 512;

/// A set of known secrets.
#[derive(Default, Clone)]
pub(super) struct Known {
    values: Vec<Value>,
    finder: Option<NFA>,
    /// Whether each form of the finder may stand inside of a word.
    forms: Vec<Form>,
    /// All values in order, and all of them reversed in order, for what is left of one at the edge of a cut text.
    heads: Vec<Vec<u8>>,
    tails: Vec<Vec<u8>>,
    longest: usize,
}

/// A known secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) hides: Hides,
}

/// Where a known secret is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hides {
    /// Wherever it stands.
    Everywhere,
    /// As a word, and not as a part of one: it is short.
    Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    hides: Hides,
}

impl Known {
    /// Knows these values; those that are too short are left out.
    pub(super) fn new(mut values: Vec<Value>) -> Self {
        values.retain(|value| value.text.len() >= SHORTEST);
        values.sort();
        values.dedup_by(|a, b| a.text == b.text);
        if values.is_empty() {
            return Self::default();
        }
        let mut patterns: Vec<(Vec<u8>, Hides)> = Vec::new();
        for value in &values {
            let plain = plain_forms(&value.text);
            patterns.extend(plain.into_iter().map(|form| (form, value.hides)));
            if value.hides == Hides::Everywhere {
                let encoded = forms::base64(&value.text).into_iter();
                patterns.extend(encoded.map(|form| (form.into_bytes(), Hides::Everywhere)));
            }
        }
        patterns.retain(|(form, _)| form.len() >= SHORTEST);
        patterns.sort();
        patterns.dedup_by(|a, b| a.0 == b.0);
        let texts = patterns.iter().map(|(form, _)| form);
        let finder = NFA::new(texts).ok();
        let mut heads: Vec<Vec<u8>> = values
            .iter()
            .map(|value| value.text.clone().into_bytes())
            .collect();
        heads.sort();
        let mut tails: Vec<Vec<u8>> = heads.clone();
        for tail in &mut tails {
            tail.reverse();
        }
        tails.sort();
        Self {
            forms: patterns
                .into_iter()
                .map(|(_, hides)| Form { hides })
                .collect(),
            values,
            finder,
            longest: heads.iter().map(Vec::len).max().unwrap_or(0),
            heads,
            tails,
        }
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn forms(&self) -> usize {
        self.forms.len()
    }

    /// Ranges of bytes that hold known secrets.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let Some(finder) = &self.finder else { return };
        self.find_in(finder, text.as_bytes(), |range| range, found);
        let mut layer = Layer::of(text.as_bytes());
        for _ in 0..LAYERS {
            let Some(next) = layer else { break };
            self.find_in(finder, &next.bytes, |range| next.source(range), found);
            layer = next.deeper();
        }
        self.cut(text, found);
    }

    fn find_in(
        &self,
        finder: &NFA,
        bytes: &[u8],
        source: impl Fn(Range<usize>) -> Range<usize>,
        found: &mut Vec<Range<usize>>,
    ) {
        // Of the forms that end at one byte, longest first, so many are looked at; a shorter one is inside of a longer.
        const MOST: usize = 8;
        let Ok(mut state) = finder.start_state(Anchored::No) else {
            return;
        };
        for (at, &byte) in bytes.iter().enumerate() {
            state = finder.next_state(Anchored::No, state, byte);
            if !finder.is_match(state) {
                continue;
            }
            let hits = (0..finder.match_len(state).min(MOST)).filter_map(|nth| {
                let pattern = finder.match_pattern(state, nth);
                let range = at + 1 - finder.pattern_len(pattern)..at + 1;
                let form = self.forms.get(pattern.as_usize())?;
                let is_hidden = form.hides == Hides::Everywhere || is_word(bytes, &range);
                is_hidden.then_some(range)
            });
            found.extend(hits.min_by_key(|range| range.start).map(&source));
        }
    }

    /// What is left of a known secret where a text was cut: before `…`, or behind one.
    fn cut(&self, text: &str, found: &mut Vec<Range<usize>>) {
        const CUT: char = '…';
        for (at, mark) in text.match_indices(CUT).take(16) {
            let before = text.as_bytes().get(..at).unwrap_or(&[]);
            if let Some(length) = left_of(&self.heads, self.longest, before, false) {
                found.push(at - length..at);
            }
            let behind = at + mark.len();
            let after = text.as_bytes().get(behind..).unwrap_or(&[]);
            if let Some(length) = left_of(&self.tails, self.longest, after, true) {
                found.push(behind..behind + length);
            }
        }
    }
}

/// The length of the longest end of `text` that one of these begins with (`reversed`: of its beginning, from behind).
fn left_of(sorted: &[Vec<u8>], longest: usize, text: &[u8], reversed: bool) -> Option<usize> {
    let most = text.len().min(longest).min(LONGEST_CUT);
    let mut edge = if reversed {
        text[..most].to_vec()
    } else {
        text[text.len() - most..].to_vec()
    };
    if reversed {
        edge.reverse();
    }
    (SHORTEST..=most).rev().find(|&length| {
        let part = &edge[most - length..];
        let at = sorted.partition_point(|value| value.as_slice() < part);
        sorted.get(at).is_some_and(|value| value.starts_with(part))
    })
}

/// Whether no letter or digit stands beside a range.
fn is_word(bytes: &[u8], range: &Range<usize>) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    !is_part(before) && !is_part(bytes.get(range.end))
}

/// The value as it is, on one line, and as it reads where its own escapes are taken for escapes.
fn plain_forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec(), safe::line(value).into_bytes()];
    let mut layer = Layer::of(value.as_bytes());
    for _ in 0..LAYERS {
        let Some(next) = layer else { break };
        forms.push(next.bytes.clone());
        layer = next.deeper();
    }
    // A form writes a blank as `+`.
    for nth in 0..forms.len() {
        if forms[nth].contains(&b' ') {
            let plus = |&byte: &u8| if byte == b' ' { b'+' } else { byte };
            forms.push(forms[nth].iter().map(plus).collect());
        }
    }
    forms
}

/// A text with one layer of its escapes taken off, and where each byte of it was.
struct Layer {
    bytes: Vec<u8>,
    /// For each byte where what it was written as begins, and behind the last one where that ends.
    from: Vec<usize>,
}

impl Layer {
    /// `None` where the text has no escape.
    fn of(text: &[u8]) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut from = Vec::new();
        let mut at = 0;
        let mut any = false;
        // Most texts have no escape: nothing is copied for them.
        let first = text
            .iter()
            .position(|byte| matches!(byte, b'%' | b'\\' | b'&' | b'#' | 0xE2))?;
        bytes.extend_from_slice(text.get(..first)?);
        from.extend(0..first);
        at += first;
        while at < text.len() {
            let rest = &text[at..];
            if let Some((length, decoded)) = escape(rest) {
                any = true;
                let mut buffer = [0; 4];
                let decoded = match decoded {
                    Decoded::Byte(byte) => {
                        buffer[0] = byte;
                        &buffer[..1]
                    }
                    Decoded::Char(char) => char.encode_utf8(&mut buffer).as_bytes(),
                    Decoded::Nothing => &[],
                };
                bytes.extend_from_slice(decoded);
                from.resize(bytes.len(), at);
                at += length;
            } else {
                bytes.push(rest[0]);
                from.push(at);
                at += 1;
            }
        }
        from.push(text.len());
        any.then_some(Self { bytes, from })
    }

    fn deeper(&self) -> Option<Self> {
        let mut deeper = Self::of(&self.bytes)?;
        for at in &mut deeper.from {
            *at = self.from.get(*at).copied().unwrap_or(0);
        }
        Some(deeper)
    }

    fn source(&self, range: Range<usize>) -> Range<usize> {
        let at = |at: usize| self.from.get(at).copied().unwrap_or(0);
        at(range.start)..at(range.end)
    }
}

enum Decoded {
    Byte(u8),
    Char(char),
    Nothing,
}

/// The escape that a text begins with: its length and what it stands for.
fn escape(text: &[u8]) -> Option<(usize, Decoded)> {
    match text.first()? {
        b'%' => Some((3, Decoded::Byte(u8::try_from(hex(text.get(1..3)?)?).ok()?))),
        b'\\' => json_escape(text),
        b'&' => html_escape(text),
        // A label of a picture.
        b'#' => numbered(text.get(1..)?, 10, 1),
        // What has no width stands in markdown to part what would be a link.
        0xE2 if text.starts_with("\u{200b}".as_bytes()) => Some((3, Decoded::Nothing)),
        _ => None,
    }
}

fn json_escape(text: &[u8]) -> Option<(usize, Decoded)> {
    let byte = match text.get(1)? {
        b'u' => return unicode_escape(text),
        b'x' => return Some((4, Decoded::Char(char::from_u32(hex(text.get(2..4)?)?)?))),
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        // Markdown escapes all of these.
        byte if byte.is_ascii_punctuation() => *byte,
        _ => return None,
    };
    Some((2, Decoded::Byte(byte)))
}

fn unicode_escape(text: &[u8]) -> Option<(usize, Decoded)> {
    let unit = hex(text.get(2..6)?)?;
    if !(0xD800..0xDC00).contains(&unit) {
        return Some((6, Decoded::Char(char::from_u32(unit)?)));
    }
    let low = text
        .get(6..8)
        .filter(|mark| mark == b"\\u")
        .and(text.get(8..12));
    let low = hex(low?)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    let char = char::from_u32(0x10000 + ((unit - 0xD800) << 10) + low)?;
    Some((12, Decoded::Char(char)))
}

/// Escapes of HTML by their names.
const NAMED: [(&[u8], u8); 6] = [
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&quot;", b'"'),
    (b"&apos;", b'\''),
    (b"&nbsp;", b' '),
];

fn html_escape(text: &[u8]) -> Option<(usize, Decoded)> {
    if let Some((name, byte)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((name.len(), Decoded::Byte(*byte)));
    }
    let digits = text.strip_prefix(b"&#")?;
    match digits.first()? {
        b'x' | b'X' => numbered(&digits[1..], 16, 3),
        _ => numbered(digits, 10, 2),
    }
}

/// A character by its number, with `;` behind it.
fn numbered(digits: &[u8], radix: u32, before: usize) -> Option<(usize, Decoded)> {
    let end = digits.iter().take(8).position(|&byte| byte == b';')?;
    let number = std::str::from_utf8(digits.get(..end)?).ok()?;
    let char = char::from_u32(u32::from_str_radix(number, radix).ok()?)?;
    Some((before + end + 1, Decoded::Char(char)))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

/// Ranges on the borders of characters: what was found in bytes may begin inside of one.
pub(super) fn on_borders(text: &str, ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let ranges = ranges.into_iter().map(|range| {
        let (mut start, mut end) = (range.start, range.end);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    });
    merge(ranges.collect())
}

/// Escapes that are looked for.
#[cfg(test)]
pub(super) fn escapes() -> Vec<String> {
    let named = NAMED.map(|(name, _)| String::from_utf8_lossy(name).into_owned());
    let numbered = [
        "%41",
        "%2541",
        "\\u0041",
        "\\x41",
        "\\ud83d\\ude00",
        "&#65;",
        "&#x41;",
        "#65;",
    ];
    named
        .into_iter()
        .chain(numbered.map(str::to_owned))
        .collect()
}
