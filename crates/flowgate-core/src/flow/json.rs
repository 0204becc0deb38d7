//! A strict RFC 8259 reader that keeps what others lose: the place of everything, numbers as they were written, and
//! both of two duplicate keys.
//!
//! The result is one flat list of nodes in document order (a container knows where it ends), so reading and dropping a
//! document never recurse. What the members mean is for `native` to say.

mod keys;
mod members;
mod messages;
mod reader;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use keys::{KeyId, Names, PerKey};
pub use members::{Children, Key, Members};

use keys::Keys;

use crate::text::{SourceText, Span};

/// How deep arrays and objects may stand in one another.
pub const MAX_DEPTH: usize = 512;

/// What kind of value a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// A number; its text is kept as written.
    Number,
    /// A string without escapes: the text between the quotes is its value.
    PlainString,
    /// A string with at least one escape.
    EscapedString,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The kind as a person would call it, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::True | Kind::False => "a boolean",
            Kind::Number => "a number",
            Kind::PlainString | Kind::EscapedString => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// Index of a value in its [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

#[derive(Debug, Clone, Copy)]
struct Node {
    span: Span,
    kind: Kind,
    /// Of a key: its print, which most other keys have not.
    print: u16,
    /// Index of the first node after this one and all that it contains. Of a key, whose value follows at once, its id.
    next: u32,
}

/// A key that an object holds more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key where it stands first.
    pub first: Span,
    /// The key where it stands again.
    pub again: Span,
}

/// Why a text is not JSON, and where. Reading stops at the first one: what follows it has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong, for people.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Whether it is the depth limit that was met.
    pub kind: SyntaxErrorKind,
}

/// Kinds of [`SyntaxError`] that are told apart by a rule of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Not JSON.
    Syntax,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// A JSON text that was read.
#[derive(Debug, Clone)]
pub struct Document {
    source: SourceText,
    nodes: Vec<Node>,
    keys: Keys,
    duplicates: Vec<DuplicateKey>,
}

impl Document {
    /// Reads a text of at most 4 GiB.
    ///
    /// # Errors
    /// The first place that is not JSON, or that stands deeper than [`MAX_DEPTH`].
    pub fn read(source: SourceText) -> Result<Self, SyntaxError> {
        Self::read_from(source, 0)
    }

    /// Reads a text from this byte on (what stands before it is not JSON, such as a byte order mark). Places still count
    /// from the beginning of the text.
    ///
    /// # Errors
    /// As [`Document::read`]; also where `start` is not the beginning of a scalar.
    pub fn read_from(source: SourceText, start: u32) -> Result<Self, SyntaxError> {
        Self::read_outline(source, start, MAX_DEPTH)
    }

    /// Reads a text as [`Document::read_from`] does, and keeps no more of it than what stands at most this deep: a deeper
    /// array or object is checked to its end and appears to be empty.
    ///
    /// # Errors
    /// As [`Document::read_from`].
    pub fn read_outline(source: SourceText, start: u32, depth: usize) -> Result<Self, SyntaxError> {
        let (nodes, keys, duplicates) = reader::read(source.as_str(), start, depth)?;
        Ok(Self {
            source,
            nodes,
            keys,
            duplicates,
        })
    }

    /// The text that was read.
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value {
            document: self,
            index: 0,
        }
    }

    /// The value with this index.
    pub fn value(&self, node: NodeId) -> Value<'_> {
        Value {
            document: self,
            index: node.0,
        }
    }

    /// What stands in a span between its first and its last byte, which are quotes.
    fn inner(&self, quoted: Span) -> &str {
        self.source.slice(Span {
            start: quoted.start + 1,
            end: quoted.end - 1,
        })
    }

    /// Keys that stand more than once in one object, in document order.
    pub fn duplicate_keys(&self) -> &[DuplicateKey] {
        &self.duplicates
    }
}

/// A value in a document. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document,
    index: u32,
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.raw())
    }
}

impl<'d> Value<'d> {
    fn node(self) -> Node {
        self.document.nodes[self.index as usize]
    }

    /// Its index in the document.
    pub fn id(self) -> NodeId {
        NodeId(self.index)
    }

    /// What kind of value it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Where it stands.
    pub fn span(self) -> Span {
        self.node().span
    }

    /// Its text, exactly as written.
    pub fn raw(self) -> &'d str {
        self.document.source.slice(self.node().span)
    }

    /// The decoded value of a string.
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        match self.kind() {
            Kind::PlainString => Some(Cow::Borrowed(self.inner())),
            Kind::EscapedString => Some(Cow::Owned(unescape(self.inner()))),
            _ => None,
        }
    }

    /// Where parts of a string's decoded value stand in the source, from byte to byte. The parts are in order and apart from
    /// one another.
    pub fn sources_of(self, parts: &[std::ops::Range<usize>]) -> Vec<std::ops::Range<usize>> {
        let start = self.span().start as usize + usize::from(self.kind() != Kind::Number);
        if self.kind() != Kind::EscapedString {
            let moved = |part: &std::ops::Range<usize>| start + part.start..start + part.end;
            return parts.iter().map(moved).collect();
        }
        let inner = self.inner();
        let (mut at, mut decoded) = (0, 0);
        // A place inside of a character is where that begins.
        let mut place_of = |wanted: usize| {
            while at < inner.len() && decoded < wanted {
                let (written, long) = first_char(&inner[at..]);
                if decoded + long > wanted {
                    break;
                }
                at += written;
                decoded += long;
            }
            start + at
        };
        parts
            .iter()
            .map(|part| place_of(part.start)..place_of(part.end))
            .collect()
    }

    /// The text of a number, as written.
    pub fn as_number(self) -> Option<&'d str> {
        (self.kind() == Kind::Number).then(|| self.raw())
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// Whether it is a string, or could hold one.
    pub fn may_hold_text(self) -> bool {
        !matches!(
            self.kind(),
            Kind::Null | Kind::True | Kind::False | Kind::Number
        )
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    /// Keys and values of an object, in document order; nothing for other kinds.
    pub fn members(self) -> Members<'d> {
        Members::new(self.children(Kind::Object))
    }

    /// Items of an array, in document order; nothing for other kinds.
    pub fn items(self) -> Children<'d> {
        self.children(Kind::Array)
    }

    /// The first member of an object with this key.
    pub fn get(self, key: &str) -> Option<Value<'d>> {
        let print = keys::print(key);
        self.members()
            .find(|(name, _)| name.is(key, print))
            .map(|(_, value)| value)
    }

    /// The first member with each of these keys, found in one pass.
    pub fn pick<const N: usize>(self, names: &Names<N>) -> [Option<Value<'d>>; N] {
        let mut found = [None; N];
        for (key, value) in self.members() {
            for ((name, print), slot) in names.prints().zip(&mut found) {
                if key.is(name, print) {
                    slot.get_or_insert(value);
                }
            }
        }
        found
    }

    /// What stands between the quotes of a string.
    fn inner(self) -> &'d str {
        self.document.inner(self.span())
    }

    fn children(self, kind: Kind) -> Children<'d> {
        let node = self.node();
        let end = if node.kind == kind {
            node.next
        } else {
            self.index + 1
        };
        Children {
            document: self.document,
            at: self.index + 1,
            end,
        }
    }
}

/// A key as a step of a JSON pointer (RFC 6901, section 3).
pub(crate) fn pointer_step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// How many bytes the first character of the inside of a string takes, as it is written and decoded.
fn first_char(inner: &str) -> (usize, usize) {
    let bytes = inner.as_bytes();
    let Some(b'\\') = bytes.first() else {
        let long = inner.chars().next().map_or(1, char::len_utf8);
        return (long, long);
    };
    let surrogate = || {
        bytes
            .get(2..)
            .and_then(hex4)
            .is_some_and(|unit| (0xD800..0xDC00).contains(&unit))
    };
    let written = match bytes.get(1) {
        Some(b'u') if surrogate() => 12,
        Some(b'u') => 6,
        _ => 2,
    };
    (
        written,
        unescape(inner.get(..written).unwrap_or(inner)).len(),
    )
}

/// Decodes the inside of a string that the reader accepted.
fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or("");
        match escape {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let mut unit = hex4(rest.as_bytes()).unwrap_or(0xFFFD);
                rest = rest.get(4..).unwrap_or("");
                if (0xD800..0xDC00).contains(&unit) {
                    let low = rest.as_bytes().get(2..).and_then(hex4).unwrap_or(0xDC00);
                    rest = rest.get(6..).unwrap_or("");
                    unit = 0x10000 + ((unit - 0xD800) << 10) + (low.saturating_sub(0xDC00) & 0x3FF);
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    out
}

/// Offsets, lengths and indices fit `u32`: `reader::read` refuses larger texts first.
fn offset(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    bytes.get(..4)?.iter().try_fold(0, |unit, &byte| {
        Some(unit * 16 + char::from(byte).to_digit(16)?)
    })
}
