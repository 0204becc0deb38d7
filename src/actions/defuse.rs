//! Takes the meaning out of text that the runner would read as a command.
//!
//! The runner knows two forms: `##[command]` anywhere in a line, and `::command::` at its start, white space before it
//! ignored. Both are broken by a zero-width space inside the mark, which people do not see.

use std::borrow::Cow;
use std::io::{self, Write};

const OLD_MARK: &str = "##[";
const NEW_MARK: &str = "::";

/// The text without commands. Lines end where the runner ends them, at CR too.
pub fn defuse(text: &str) -> Cow<'_, str> {
    if !text.contains(OLD_MARK) && !text.contains(NEW_MARK) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive(['\n', '\r']) {
        let rest = line.trim_start();
        let indent = line.get(..line.len() - rest.len()).unwrap_or_default();
        safe.push_str(indent);
        let rest = if let Some(after) = rest.strip_prefix(NEW_MARK) {
            safe.push_str(":\u{200b}:");
            after
        } else {
            rest
        };
        safe.push_str(&rest.replace(OLD_MARK, "##\u{200b}["));
    }
    Cow::Owned(safe)
}

/// A JSON document without commands and with the same meaning: the mark can stand in strings alone, where it is escaped.
/// (No line of a JSON document begins with `::`.)
pub fn defuse_json(json: &str) -> Cow<'_, str> {
    if json.contains(OLD_MARK) {
        Cow::Owned(json.replace(OLD_MARK, "#\\u0023["))
    } else {
        Cow::Borrowed(json)
    }
}

/// A stream of text that loses its commands on the way, line by line. What is not UTF-8 is replaced.
#[derive(Debug)]
pub struct Defused<W: Write> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> Defused<W> {
    /// Everything that is written goes to `out`, made safe.
    pub fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
        }
    }

    fn pass_on(&mut self, end: usize) -> io::Result<()> {
        let line: Vec<u8> = self.line.drain(..end).collect();
        self.out
            .write_all(defuse(&String::from_utf8_lossy(&line)).as_bytes())
    }
}

impl<W: Write> Write for Defused<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What is held back already ends no line.
        let held = self.line.len();
        self.line.extend_from_slice(bytes);
        if let Some(last) = bytes.iter().rposition(|b| matches!(b, b'\n' | b'\r')) {
            self.pass_on(held + last + 1)?;
        }
        Ok(bytes.len())
    }

    /// Flushes whole lines; the beginning of one is held back, since its end may make it a command.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Drop for Defused<W> {
    fn drop(&mut self) {
        // Nobody is left to be told of an error.
        let _ = self.pass_on(self.line.len());
        let _ = self.out.flush();
    }
}
