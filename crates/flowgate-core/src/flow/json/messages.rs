//! What the reader says about a text that is not JSON: what was expected, what was found, and a word about the mistakes
//! that people really make.
//!
//! Nothing here reads on; each function makes one error.

use super::offset;
use super::reader::Reader;
use super::{Kind, SyntaxError, SyntaxErrorKind};
use crate::text::Span;

/// Why reading stops. In a box, since room for it is handed on with every token that is read.
pub(super) struct Fault(pub(super) Box<SyntaxError>);

impl Reader<'_> {
    /// The error for anything but `what` at the present place, with a word about the mistakes that people really make.
    pub(super) fn expected(&self, what: &str) -> Fault {
        let word = self.word_here();
        let mut length = word.chars().take(20).map(char::len_utf8).sum::<usize>();
        let rest = self.text.get(self.at..).unwrap_or("");
        let advice = match word {
            "True" | "TRUE" | "False" | "FALSE" | "Null" | "NULL" => {
                ": `true`, `false` and `null` are written in lower case"
            }
            "undefined" | "None" | "nil" => ": write `null`",
            "NaN" | "Infinity" => ": JSON has no such number",
            _ if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
                .iter()
                .any(|marker| rest.starts_with(marker)) =>
            {
                length = 7;
                ": this is the mark of a merge conflict that was not resolved"
            }
            _ if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') => {
                ": JSON has no comments"
            }
            _ if rest.starts_with(['\'', '`', '\u{201C}', '\u{201D}', '\u{2018}', '\u{2019}']) => {
                ": only `\"` quotes a string"
            }
            _ if rest.starts_with('+') => ": a number may not begin with `+`",
            _ if rest.starts_with('.') => ": a number needs a digit before its decimal point",
            _ if what.starts_with("`,`") && rest.starts_with('"') => {
                ": is a comma missing before it?"
            }
            _ => "",
        };
        let found = match rest.chars().next() {
            None => "the end of the text".to_owned(),
            Some(_) if !word.is_empty() => {
                let cut = if length < word.len() { "…" } else { "" };
                format!("`{}{cut}`", &word[..length])
            }
            Some(_) if length == 7 => format!("`{}`", &rest[..length]),
            Some('`') => "a back-tick".to_owned(),
            Some(visible) if visible.is_ascii_graphic() => format!("`{visible}`"),
            Some(other) => format!("the character U+{:04X}", u32::from(other)),
        };
        self.error_at(
            self.at,
            length.max(1),
            &format!("expected {what}, found {found}{advice}"),
        )
    }

    /// Letters and digits from the present place on.
    pub(super) fn word_here(&self) -> &str {
        let rest = self.text.get(self.at..).unwrap_or("");
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    }

    pub(super) fn comma_too_many(&self, end: &str) -> Fault {
        let message = format!("a value must follow this comma, found `{end}`: take the comma out");
        self.error_at(self.comma, 1, &message)
    }

    pub(super) fn control_character(&self, string: usize, byte: u8) -> Fault {
        match byte {
            b'\n' | b'\r' => self.error_at(
                string,
                self.at - string,
                "this string is not closed on its line: a closing `\"` is missing, or a line break must be written `\\n`",
            ),
            b'\t' => self.error_at(self.at, 1, "a tab inside a string must be written `\\t`"),
            _ => {
                let message = format!(
                    "the control character U+{byte:04X} inside a string must be written `\\u{byte:04x}`"
                );
                self.error_at(self.at, 1, &message)
            }
        }
    }

    pub(super) fn ends_too_early(&self) -> Fault {
        // Where people look for the end, not after the last line break.
        let end = self.text.trim_end().len();
        let Some(container) = self.open.last() else {
            return self.error_at(end, 0, "expected a value, found the end of the text");
        };
        let before = &self.text[..container.start as usize];
        let line = before.matches('\n').count() + 1;
        let (what, close) = if container.kind == Kind::Object {
            ("object", "}")
        } else {
            ("array", "]")
        };
        let message = format!(
            "the text ends, but the {what} that begins on line {line} is not closed with `{close}`"
        );
        self.error_at(end, 0, &message)
    }

    /// An error about `length` bytes from `start` on, cut at the end of the text and stretched to whole scalars.
    pub(super) fn error_at(&self, start: usize, length: usize, message: &str) -> Fault {
        let start = start.min(self.bytes.len());
        let mut end = (start + length).min(self.bytes.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Fault(Box::new(SyntaxError {
            message: message.to_owned(),
            span: Span {
                start: offset(start),
                end: offset(end),
            },
            kind: SyntaxErrorKind::Syntax,
        }))
    }
}
