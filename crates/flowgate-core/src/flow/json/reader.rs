//! The reader itself: one loop over the bytes, no recursion, and error messages that say what was expected and what
//! was found.
//!
//! Nothing here knows what a flow is.

use super::keys::{Interner, Keys};
use super::messages::Fault;
use super::{
    DuplicateKey, Kind, MAX_DEPTH, Node, SyntaxError, SyntaxErrorKind, hex4, offset, scan,
};
use crate::text::Span;

/// Reads the one value that the text holds from the byte `start` on; what stands deeper than `depth` is checked and not
/// kept.
pub(super) fn read(
    text: &str,
    start: u32,
    depth: usize,
) -> Result<(Vec<Node>, Keys, Vec<DuplicateKey>), SyntaxError> {
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError {
            message: "the text is larger than 4 GiB".into(),
            span: Span::at(0),
            kind: SyntaxErrorKind::Syntax,
        });
    }
    Reader {
        text,
        bytes: text.as_bytes(),
        at: start as usize,
        comma: 0,
        depth,
        nodes: Vec::with_capacity(if depth < MAX_DEPTH {
            0
        } else {
            text.len() / 16 + 1
        }),
        open: Vec::new(),
        keys: Interner::new(text),
        last: Vec::new(),
        duplicates: Vec::new(),
    }
    .read()
    .map_err(|fault| *fault.0)
}

/// What the reader expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// At the top, or after a key's `:`.
    Value,
    /// After `[`: a value or `]`.
    FirstItem,
    /// After a comma in an array.
    Item,
    /// After `{`: a key or `}`.
    FirstKey,
    /// After a comma in an object.
    Key,
    /// After a value inside a container, or the end at the top.
    CommaOrEnd,
}

/// A container that is not closed yet.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) kind: Kind,
    pub(super) start: u32,
    /// Its node; `None` where it stands too deep to be kept.
    node: Option<u32>,
    /// Which of the first keys of the document stand in it, a bit each.
    keys: u64,
    /// Whether a key may stand in it twice: the bits cannot tell.
    doubtful: bool,
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// Where the last comma between values stands, for the message about one too many.
    pub(super) comma: usize,
    /// What stands deeper is not kept.
    depth: usize,
    pub(super) nodes: Vec<Node>,
    /// Open containers, innermost last.
    pub(super) open: Vec<Open>,
    keys: Interner<'t>,
    /// Per key: the container that was found to hold it last, and the node where it stands in that.
    last: Vec<(u32, u32)>,
    duplicates: Vec<DuplicateKey>,
}

impl Reader<'_> {
    fn read(mut self) -> Result<(Vec<Node>, Keys, Vec<DuplicateKey>), Fault> {
        if !self.text.is_char_boundary(self.at) {
            return Err(self.error_at(0, 0, "the text does not begin here"));
        }
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            let Some(&byte) = self.bytes.get(self.at) else {
                if expect == Expect::CommaOrEnd && self.open.is_empty() {
                    // Inner objects are closed before the ones around them.
                    self.duplicates.sort_by_key(|found| found.again.start);
                    return Ok((self.nodes, self.keys.into_keys(), self.duplicates));
                }
                return Err(self.ends_too_early());
            };
            expect = match expect {
                Expect::FirstItem if byte == b']' => self.close(),
                Expect::FirstKey if byte == b'}' => self.close(),
                Expect::Item if byte == b']' => return Err(self.comma_too_many("]")),
                Expect::Key if byte == b'}' => return Err(self.comma_too_many("}")),
                Expect::Value | Expect::FirstItem | Expect::Item => self.value(byte)?,
                Expect::FirstKey | Expect::Key => self.key(byte)?,
                Expect::CommaOrEnd => self.comma_or_end(byte)?,
            };
        }
    }

    fn key(&mut self, byte: u8) -> Result<Expect, Fault> {
        if byte != b'"' {
            return Err(self.expected("a key in double quotes"));
        }
        let start = self.at;
        let kind = self.string()?;
        self.push_key(kind, start);
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b':') {
            return Err(self.expected("`:` after the key"));
        }
        self.at += 1;
        self.skip_space();
        match self.bytes.get(self.at) {
            Some(&byte) => self.value(byte),
            None => Err(self.ends_too_early()),
        }
    }

    fn value(&mut self, byte: u8) -> Result<Expect, Fault> {
        match byte {
            b'"' => {
                let start = self.at;
                let kind = self.string()?;
                self.push(kind, start, self.at);
                Ok(Expect::CommaOrEnd)
            }
            b'{' => self.open(Kind::Object).map(|()| Expect::FirstKey),
            b'[' => self.open(Kind::Array).map(|()| Expect::FirstItem),
            b'-' | b'0'..=b'9' => self.number().map(|()| Expect::CommaOrEnd),
            b't' => self.word("true", Kind::True),
            b'f' => self.word("false", Kind::False),
            b'n' => self.word("null", Kind::Null),
            _ => Err(self.expected("a value")),
        }
    }

    fn comma_or_end(&mut self, byte: u8) -> Result<Expect, Fault> {
        let Some(container) = self.open.last() else {
            return Err(self.expected("the end of the text after its one value"));
        };
        let object = container.kind == Kind::Object;
        match byte {
            b',' => {
                self.comma = self.at;
                self.at += 1;
                Ok(if object { Expect::Key } else { Expect::Item })
            }
            b'}' if object => Ok(self.close()),
            b']' if !object => Ok(self.close()),
            _ if object => Err(self.expected("`,` or `}`")),
            _ => Err(self.expected("`,` or `]`")),
        }
    }

    fn open(&mut self, kind: Kind) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            let message =
                format!("arrays and objects stand more than {MAX_DEPTH} deep in one another");
            let mut fault = self.error_at(self.at, 1, &message);
            fault.0.kind = SyntaxErrorKind::TooDeep;
            return Err(fault);
        }
        let node = offset(self.nodes.len());
        let kept = self.push(kind, self.at, self.at + 1);
        self.open.push(Open {
            kind,
            start: offset(self.at),
            node: kept.then_some(node),
            keys: 0,
            doubtful: false,
        });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Expect {
        self.at += 1;
        let next = offset(self.nodes.len());
        let end = offset(self.at);
        let Some(open) = self.open.pop() else {
            return Expect::CommaOrEnd;
        };
        if let Some(container) = open.node {
            let node = &mut self.nodes[container as usize];
            node.next = next;
            node.span.end = end;
            if open.doubtful {
                self.find_duplicates(container, next);
            }
        }
        Expect::CommaOrEnd
    }

    /// Keeps a value, where it does not stand too deep; says whether.
    fn push(&mut self, kind: Kind, start: usize, end: usize) -> bool {
        if self.open.len() > self.depth {
            return false;
        }
        let next = offset(self.nodes.len() + 1);
        let span = Span {
            start: offset(start),
            end: offset(end),
        };
        self.nodes.push(Node {
            span,
            kind,
            print: 0,
            next,
        });
        true
    }

    /// Keeps a key that ends here, where it does not stand too deep.
    fn push_key(&mut self, kind: Kind, start: usize) {
        if self.open.len() > self.depth {
            return;
        }
        let span = Span {
            start: offset(start),
            end: offset(self.at),
        };
        let inner = Span {
            start: span.start + 1,
            end: span.end - 1,
        };
        let (id, print) = self.keys.intern(inner, kind);
        self.nodes.push(Node {
            span,
            kind,
            print,
            next: id.0,
        });
        if let Some(object) = self.open.last_mut() {
            // A flow has few keys. The others are looked at when their object ends.
            let bit = 1_u64.checked_shl(id.0).unwrap_or(0);
            object.doubtful |= bit == 0 || object.keys & bit != 0;
            object.keys |= bit;
        }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Expect, Fault> {
        if self.word_here() != word {
            return Err(self.expected("a value"));
        }
        self.push(kind, self.at, self.at + word.len());
        self.at += word.len();
        Ok(Expect::CommaOrEnd)
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            if self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                return Err(self.error_at(self.at - 1, 1, "a number may not begin with a zero"));
            }
        } else {
            self.digits("a digit after `-`")?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits("a digit after the decimal point")?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("a digit in the exponent")?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    fn digits(&mut self, what: &str) -> Result<(), Fault> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if start == self.at {
            Err(self.expected(what))
        } else {
            Ok(())
        }
    }

    /// Passes over a string and says whether something is escaped in it.
    fn string(&mut self) -> Result<Kind, Fault> {
        let start = self.at;
        let mut kind = Kind::PlainString;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(kind);
                }
                Some(b'\\') => {
                    kind = Kind::EscapedString;
                    self.escape()?;
                }
                Some(&byte @ 0..=0x1F) => return Err(self.control_character(start, byte)),
                Some(_) => self.at += scan::plain(self.bytes.get(self.at..).unwrap_or(&[])),
                None => return Err(self.error_at(start, 1, "this string is never closed")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        const HALF: &str = "half of a surrogate pair is not a character; expected `\\uD800`-`\\uDBFF` followed at \
                            once by `\\uDC00`-`\\uDFFF`";
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.unicode_escape(self.at)?;
                if (0xDC00..0xE000).contains(&unit) {
                    return Err(self.error_at(self.at, 6, HALF));
                }
                let pair = (0xD800..0xDC00).contains(&unit);
                if pair {
                    let low = self.bytes.get(self.at + 6..self.at + 8) == Some(b"\\u");
                    if !low || !(0xDC00..0xE000).contains(&self.unicode_escape(self.at + 6)?) {
                        return Err(self.error_at(self.at, 6, HALF));
                    }
                }
                self.at += if pair { 12 } else { 6 };
            }
            None => return Err(self.error_at(self.at, 1, "the text ends inside a string")),
            Some(_) => {
                return Err(self.error_at(
                    self.at,
                    2,
                    "unknown escape; expected one of `\\\"` `\\\\` `\\/` `\\b` `\\f` `\\n` `\\r` `\\t` `\\uXXXX`",
                ));
            }
        }
        Ok(())
    }

    fn unicode_escape(&self, at: usize) -> Result<u32, Fault> {
        self.bytes
            .get(at + 2..)
            .and_then(hex4)
            .ok_or_else(|| self.error_at(at, 2, "expected four hexadecimal digits after `\\u`"))
    }

    fn skip_space(&mut self) {
        // Between most tokens there is none.
        if matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += scan::space(self.bytes.get(self.at..).unwrap_or(&[]));
        }
    }

    fn find_duplicates(&mut self, container: u32, end: u32) {
        self.last.resize(self.keys.len(), (u32::MAX, 0));
        let mut key = container + 1;
        while key < end {
            let last = &mut self.last[self.nodes[key as usize].next as usize];
            if last.0 == container {
                let first = last.1;
                self.note_duplicate(first, key);
            } else {
                *last = (container, key);
            }
            key = self.nodes[key as usize + 1].next;
        }
    }

    fn note_duplicate(&mut self, first: u32, again: u32) {
        self.duplicates.push(DuplicateKey {
            first: self.nodes[first as usize].span,
            again: self.nodes[again as usize].span,
        });
    }
}
