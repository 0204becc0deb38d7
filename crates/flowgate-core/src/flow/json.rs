//! A strict RFC 8259 reader that keeps what others lose: the place of everything, numbers as they were written, and
//! both of two duplicate keys.
//!
//! The result is one flat list of nodes in document order (a container knows where it ends), so reading and dropping a
//! document never recurse. What the members mean is for `native` to say.

use std::borrow::Cow;

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
    /// Index of the first node after this one and all that it contains.
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
    duplicates: Vec<DuplicateKey>,
}

impl Document {
    /// Reads a text of at most 4 GiB.
    ///
    /// # Errors
    /// The first place that is not JSON, or that stands deeper than [`MAX_DEPTH`].
    pub fn read(source: SourceText) -> Result<Self, SyntaxError> {
        let (nodes, duplicates) = Reader::new(source.as_str()).read()?;
        Ok(Self {
            source,
            nodes,
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
        let raw = self.raw();
        let inner = || raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
        match self.kind() {
            Kind::PlainString => Some(Cow::Borrowed(inner())),
            Kind::EscapedString => Some(Cow::Owned(unescape(inner()))),
            _ => None,
        }
    }

    /// The text of a number, as written.
    pub fn as_number(self) -> Option<&'d str> {
        (self.kind() == Kind::Number).then(|| self.raw())
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    /// Keys and values of an object, in document order; nothing for other kinds.
    pub fn members(self) -> Members<'d> {
        Members(self.children(Kind::Object))
    }

    /// Items of an array, in document order; nothing for other kinds.
    pub fn items(self) -> Children<'d> {
        self.children(Kind::Array)
    }

    /// The first member of an object with this key.
    pub fn get(self, key: &str) -> Option<Value<'d>> {
        self.members()
            .find(|(name, _)| name.as_str().is_some_and(|name| name == key))
            .map(|(_, value)| value)
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

/// Items of an array, see [`Value::items`].
#[derive(Clone)]
pub struct Children<'d> {
    document: &'d Document,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Children<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        (self.at < self.end).then(|| {
            let value = Value {
                document: self.document,
                index: self.at,
            };
            self.at = value.node().next;
            value
        })
    }
}

/// Members of an object, see [`Value::members`].
#[derive(Clone)]
pub struct Members<'d>(Children<'d>);

impl<'d> Iterator for Members<'d> {
    type Item = (Value<'d>, Value<'d>);

    fn next(&mut self) -> Option<(Value<'d>, Value<'d>)> {
        Some((self.0.next()?, self.0.next()?))
    }
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

fn hex4(bytes: &[u8]) -> Option<u32> {
    bytes.get(..4)?.iter().try_fold(0, |unit, &byte| {
        Some(unit * 16 + char::from(byte).to_digit(16)?)
    })
}

/// What the reader expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// After `[`: a value or `]`.
    FirstItem,
    /// After `{`: a key or `}`.
    FirstKey,
    Key,
    /// After a value inside a container, or the end at the top.
    CommaOrEnd,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// Open containers, innermost last.
    open: Vec<u32>,
    duplicates: Vec<DuplicateKey>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            nodes: Vec::with_capacity(text.len() / 16 + 1),
            open: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    fn read(mut self) -> Result<(Vec<Node>, Vec<DuplicateKey>), SyntaxError> {
        if u32::try_from(self.bytes.len()).is_err() {
            return Err(SyntaxError {
                message: "the text is larger than 4 GiB".into(),
                span: Span::at(0),
                kind: SyntaxErrorKind::Syntax,
            });
        }
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            let Some(&byte) = self.bytes.get(self.at) else {
                return if expect == Expect::CommaOrEnd && self.open.is_empty() {
                    Ok((self.nodes, self.duplicates))
                } else {
                    Err(self.error("the text ends in the middle of a value"))
                };
            };
            expect = match expect {
                Expect::FirstItem if byte == b']' => self.close(),
                Expect::FirstKey if byte == b'}' => self.close(),
                Expect::Value | Expect::FirstItem => self.value(byte)?,
                Expect::FirstKey | Expect::Key => {
                    if byte != b'"' {
                        return Err(self.error("expected a key in double quotes"));
                    }
                    self.string()?;
                    self.skip_space();
                    if self.bytes.get(self.at) != Some(&b':') {
                        return Err(self.error("expected `:` after the key"));
                    }
                    self.at += 1;
                    Expect::Value
                }
                Expect::CommaOrEnd => self.comma_or_end(byte)?,
            };
        }
    }

    fn value(&mut self, byte: u8) -> Result<Expect, SyntaxError> {
        match byte {
            b'{' => self.open(Kind::Object).map(|()| Expect::FirstKey),
            b'[' => self.open(Kind::Array).map(|()| Expect::FirstItem),
            b'"' => self.string().map(|()| Expect::CommaOrEnd),
            b'-' | b'0'..=b'9' => self.number().map(|()| Expect::CommaOrEnd),
            b't' => self.word("true", Kind::True),
            b'f' => self.word("false", Kind::False),
            b'n' => self.word("null", Kind::Null),
            _ => Err(self.error("expected a value")),
        }
    }

    fn comma_or_end(&mut self, byte: u8) -> Result<Expect, SyntaxError> {
        let Some(&container) = self.open.last() else {
            return Err(self.error("expected the end of the text: it may hold one value only"));
        };
        let kind = self.nodes[container as usize].kind;
        match (kind, byte) {
            (Kind::Object, b',') => {
                self.at += 1;
                Ok(Expect::Key)
            }
            (Kind::Array, b',') => {
                self.at += 1;
                Ok(Expect::Value)
            }
            (Kind::Object, b'}') | (Kind::Array, b']') => Ok(self.close()),
            (Kind::Object, _) => Err(self.error("expected `,` or `}`")),
            _ => Err(self.error("expected `,` or `]`")),
        }
    }

    fn open(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(SyntaxError {
                message: format!(
                    "arrays and objects stand more than {MAX_DEPTH} deep in one another"
                ),
                span: self.here(1),
                kind: SyntaxErrorKind::TooDeep,
            });
        }
        self.open.push(offset(self.nodes.len()));
        self.push(kind, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Expect {
        self.at += 1;
        let next = offset(self.nodes.len());
        let end = offset(self.at);
        if let Some(container) = self.open.pop() {
            let node = &mut self.nodes[container as usize];
            node.next = next;
            node.span.end = end;
            if node.kind == Kind::Object {
                self.find_duplicates(container, next);
            }
        }
        Expect::CommaOrEnd
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let next = offset(self.nodes.len() + 1);
        self.nodes.push(Node {
            span: Span {
                start: offset(start),
                end: offset(end),
            },
            kind,
            next,
        });
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Expect, SyntaxError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.push(kind, self.at, self.at + word.len());
        self.at += word.len();
        Ok(Expect::CommaOrEnd)
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            if self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                return Err(self.error("a number may not begin with `0`"));
            }
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if start == self.at {
            Err(self.error("expected a digit"))
        } else {
            Ok(())
        }
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let mut kind = Kind::PlainString;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    self.push(kind, start, self.at);
                    return Ok(());
                }
                Some(b'\\') => {
                    kind = Kind::EscapedString;
                    self.escape()?;
                }
                Some(0..=0x1F) => {
                    return Err(self.error("a control character inside a string must be escaped"));
                }
                Some(_) => self.at += 1,
                None => {
                    self.at = start;
                    return Err(self.error("this string is never closed"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.unicode_escape(self.at)?;
                if (0xDC00..0xE000).contains(&unit) {
                    return Err(self.error("half of a surrogate pair is not a character"));
                }
                let pair = (0xD800..0xDC00).contains(&unit);
                if pair {
                    let low = self.bytes.get(self.at + 6..self.at + 8) == Some(b"\\u");
                    if !low || !(0xDC00..0xE000).contains(&self.unicode_escape(self.at + 6)?) {
                        return Err(self.error("half of a surrogate pair is not a character"));
                    }
                }
                self.at += if pair { 12 } else { 6 };
            }
            _ => {
                return Err(self.error(
                    "unknown escape; allowed are `\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX`",
                ));
            }
        }
        Ok(())
    }

    fn unicode_escape(&self, at: usize) -> Result<u32, SyntaxError> {
        self.bytes
            .get(at + 2..)
            .and_then(hex4)
            .ok_or_else(|| self.error("`\\u` needs four hexadecimal digits"))
    }

    fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn find_duplicates(&mut self, container: u32, end: u32) {
        /// Up to this many keys, comparing all pairs is cheaper than a map.
        const FEW: usize = 12;
        let mut keys: Vec<u32> = Vec::new();
        let mut at = container + 1;
        while at < end {
            keys.push(at);
            at = self.nodes[at as usize + 1].next;
        }
        if keys.len() < 2 {
            return;
        }
        let name = |key: u32| {
            let node = self.nodes[key as usize];
            let inner = &self.text[node.span.start as usize + 1..node.span.end as usize - 1];
            if node.kind == Kind::EscapedString {
                Cow::Owned(unescape(inner))
            } else {
                Cow::Borrowed(inner)
            }
        };
        let mut found = Vec::new();
        let mut note = |first: u32, again: u32| {
            let span = |key: u32| self.nodes[key as usize].span;
            found.push(DuplicateKey {
                first: span(first),
                again: span(again),
            });
        };
        if keys.len() <= FEW {
            for (index, &key) in keys.iter().enumerate() {
                if let Some(&first) = keys[..index]
                    .iter()
                    .find(|&&first| name(first) == name(key))
                {
                    note(first, key);
                }
            }
        } else {
            let mut seen = std::collections::HashMap::with_capacity(keys.len());
            for &key in &keys {
                match seen.entry(name(key)) {
                    std::collections::hash_map::Entry::Occupied(first) => note(*first.get(), key),
                    std::collections::hash_map::Entry::Vacant(free) => {
                        free.insert(key);
                    }
                }
            }
        }
        self.duplicates.extend(found);
    }

    fn here(&self, length: usize) -> Span {
        let start = self.at.min(self.bytes.len());
        let mut end = (start + length).min(self.bytes.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span {
            start: offset(start),
            end: offset(end),
        }
    }

    fn error(&self, message: &str) -> SyntaxError {
        SyntaxError {
            message: message.to_owned(),
            span: self.here(1),
            kind: SyntaxErrorKind::Syntax,
        }
    }
}

/// Offsets and indices fit `u32`: `read` refuses larger texts first.
fn offset(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
