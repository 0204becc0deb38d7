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
    /// Byte offset of each line's first byte; made when first asked for, since a clean file never needs it.
    lines: OnceLock<Vec<u32>>,
}

impl SourceText {
    /// A text found at `path`.
    pub fn new(path: RepoPath, text: String) -> Self {
        Self(Arc::new(Inner {
            path,
            text,
            lines: OnceLock::new(),
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
        let lines = self.lines();
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0) as usize;
        let text = self.as_str();
        let end = (offset as usize).min(text.len());
        let column = text.as_bytes().get(start..end).map_or(0, |bytes| {
            // Continuation bytes do not begin a scalar.
            bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
        });
        Position {
            line: count(line),
            column: count(column) + 1,
        }
    }

    /// The text of a line (from 1) without its end of line.
    pub fn line(&self, line: u32) -> Option<&str> {
        let lines = self.lines();
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

    fn lines(&self) -> &[u32] {
        self.0.lines.get_or_init(|| {
            let breaks = self
                .0
                .text
                .bytes()
                .enumerate()
                .filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| count(at) + 1))
                .collect()
        })
    }
}

/// Counts of a text fit `u32`: the reader refuses anything larger (see `flow::json`).
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
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
}
