//! Places in a text: byte spans, and the lines and columns that people see.
//!
//! Lines and columns count from 1; columns count Unicode scalars. Nothing here knows what the text means.

use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::ids::RepoPath;

/// A range of bytes `[start, end)` in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The empty span before the byte `at`.
    pub fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }
}

/// A line and a column, both from 1; the column counts Unicode scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalars, from 1.
    pub column: u32,
}

/// A text with the path it was found under. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SourceText(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: RepoPath,
    text: String,
    /// Made when first asked for, since a clean file never needs it.
    index: OnceLock<Index>,
}

/// So that no place costs more to find than another, however long its line is.
#[derive(Debug)]
struct Index {
    /// Byte offset of each line's first byte.
    lines: Vec<u32>,
    /// How many scalars begin before each block of [`BLOCK`] bytes.
    scalars: Vec<u32>,
}

/// Bytes between two checkpoints of the index.
const BLOCK: usize = 1024;

impl SourceText {
    /// A text found at `path`.
    pub fn new(path: RepoPath, text: String) -> Self {
        Self(Arc::new(Inner {
            path,
            text,
            index: OnceLock::new(),
        }))
    }

    /// Where the text was found.
    pub fn path(&self) -> &RepoPath {
        &self.0.path
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The text of a span; empty where the span is not one of this text's.
    pub fn slice(&self, span: Span) -> &str {
        self.0
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// The line and column of a byte; past the end, those of the end.
    pub fn position(&self, offset: u32) -> Position {
        let lines = &self.index().lines;
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0);
        let column = self
            .scalars_before(offset as usize)
            .saturating_sub(self.scalars_before(start as usize));
        Position {
            line: count(line),
            column: column + 1,
        }
    }

    /// How many scalars begin before a byte.
    fn scalars_before(&self, offset: usize) -> u32 {
        let bytes = self.as_str().as_bytes();
        let end = offset.min(bytes.len());
        let block = end / BLOCK;
        let before = self.index().scalars.get(block).copied().unwrap_or(0);
        before + begun(bytes.get(block * BLOCK..end).unwrap_or(&[]))
    }

    /// The part of a byte's line that people can bear to look at: all of it up to `whole` scalars, else so many from
    /// at most `before` scalars before the byte. With it, how many of its scalars stand before the byte.
    pub(crate) fn around(&self, offset: u32, before: usize, whole: usize) -> (&str, usize) {
        let at = self.position(offset);
        let line = self.line(at.line).unwrap_or("");
        let start = self.index().lines.get(at.line as usize - 1);
        let start = start.copied().unwrap_or(0) as usize;
        let length = self.scalars_before(start + line.len()) - self.scalars_before(start);
        let column = at.column as usize - 1;
        let upto = |text: &str| {
            let end = text.char_indices().nth(whole);
            end.map_or(text.len(), |(end, _)| end)
        };
        if length as usize <= whole || column <= before {
            return (&line[..upto(line)], column);
        }
        let end = (offset as usize).min(self.as_str().len());
        let ahead = self.as_str().get(start..end).unwrap_or("");
        let from = ahead.char_indices().nth_back(before - 1);
        let rest = line.get(from.map_or(0, |(from, _)| from)..).unwrap_or("");
        (&rest[..upto(rest)], before)
    }

    /// The bytes of the line that a byte stands in, without its end of line.
    pub(crate) fn line_around(&self, offset: u32) -> std::ops::Range<usize> {
        let line = self.position(offset).line;
        let start = self
            .index()
            .lines
            .get(line as usize - 1)
            .copied()
            .unwrap_or(0) as usize;
        start..start + self.line(line).map_or(0, str::len)
    }

    /// The text of a line (from 1) without its end of line.
    pub fn line(&self, line: u32) -> Option<&str> {
        let lines = &self.index().lines;
        let index = (line as usize).checked_sub(1)?;
        let start = *lines.get(index)? as usize;
        let end = lines
            .get(index + 1)
            .map_or(self.as_str().len(), |&next| next as usize);
        Some(
            self.as_str()
                .get(start..end)?
                .trim_end_matches(['\n', '\r']),
        )
    }

    /// The text up to the end of the line that holds the end of a span, where that is little; else the same text. Places
    /// up to there are the same in both.
    pub(crate) fn as_far_as_line_of(&self, span: Span) -> Self {
        const LITTLE: usize = 4096;
        let text = self.as_str();
        let end = (span.end as usize).min(text.len());
        let rest = text.get(end..).unwrap_or("");
        let end = end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        match text.get(..end) {
            Some(part) if end <= LITTLE => Self::new(self.path().clone(), part.to_owned()),
            _ => self.clone(),
        }
    }

    fn index(&self) -> &Index {
        self.0.index.get_or_init(|| {
            let bytes = self.as_str().as_bytes();
            let breaks = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
            let mut scalars = vec![0];
            let mut all = 0;
            for block in bytes.chunks(BLOCK) {
                all += begun(block);
                scalars.push(all);
            }
            Index {
                lines: std::iter::once(0)
                    .chain(breaks.map(|(at, _)| count(at) + 1))
                    .collect(),
                scalars,
            }
        })
    }
}

/// How many scalars begin in these bytes: continuation bytes begin none.
fn begun(bytes: &[u8]) -> u32 {
    count(bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count())
}

/// Counts of a text fit `u32`: the reader refuses anything larger (see `flow::json`).
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Characters that are seen by machines only: controls, direction overrides, zero-width and filler characters, tags.
pub(crate) fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether nothing of a text can be seen: white space, what is invisible, and signs that only change a character before them.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || is_invisible(c)
            || matches!(c, '\u{300}'..='\u{36f}' | '\u{2800}' | '\u{fe00}'..='\u{fe0f}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_scalars_and_lines_end_where_people_see_them_end() {
        let text = SourceText::new("a.json".parse().unwrap(), "ab\r\nçé=x\nlast".into());
        assert_eq!(text.position(0), Position { line: 1, column: 1 });
        assert_eq!(text.position(4), Position { line: 2, column: 1 });
        assert_eq!(text.position(8), Position { line: 2, column: 3 });
        assert_eq!(text.position(999), Position { line: 3, column: 5 });
        assert_eq!(text.line(1), Some("ab"));
        assert_eq!(text.line(2), Some("çé=x"));
        assert_eq!(text.line(3), Some("last"));
        assert_eq!(text.line(4), None);
    }

    #[test]
    fn a_place_far_into_a_long_line_has_its_column_and_what_stands_around_it() {
        let line = "é€x".repeat(5_000);
        let text = SourceText::new("a.json".parse().unwrap(), format!("ab\n{line}\r\nend"));
        let offset = 3 + 6 * 3_000;
        let at = Position {
            line: 2,
            column: 9_001,
        };
        assert_eq!(text.position(offset), at);
        assert_eq!(text.around(offset, 3, 6), ("é€xé€x", 3));
        // Near the line's beginning and end, and past it.
        assert_eq!(text.around(3 + 6, 60, 6), ("é€xé€x", 3));
        assert_eq!(text.around(3 + 6 * 4_999, 3, 60), ("é€xé€x", 3));
        assert_eq!(text.around(3 + 6 * 5_000, 3, 60), ("é€x", 3));
        assert_eq!(text.around(0, 60, 160), ("ab", 0));
        assert_eq!(text.around(u32::MAX, 60, 160), ("end", 3));
    }

    #[test]
    fn five_thousand_places_in_one_line_of_two_megabytes_are_found_at_once() {
        let item = "€".repeat(140);
        let text = SourceText::new("a.json".parse().unwrap(), item.repeat(5_000));
        assert!(text.as_str().len() >= 2_000_000);
        let begin = std::time::Instant::now();
        for nth in 0..5_000 {
            let start = nth * 420;
            let end = start + 9;
            let place = crate::finding::Location::new(&text, Span { start, end });
            let columns = (place.start.column, place.end.column);
            assert_eq!(columns, (nth * 140 + 1, nth * 140 + 4));
            assert_eq!(place.excerpt.length, 3);
        }
        // Looking at the whole line for each would take minutes.
        assert!(begin.elapsed() < std::time::Duration::from_secs(10));
    }
}
