//! What stands in arrays and objects: walking through them, and keys where they stand.

use super::{Document, KeyId, Kind, Node, Value};
use crate::text::Span;

/// Items of an array, see [`Value::items`].
#[derive(Clone)]
pub struct Children<'d> {
    pub(super) document: &'d Document,
    pub(super) at: u32,
    pub(super) end: u32,
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

/// A key of an object, where it stands. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Key<'d> {
    document: &'d Document,
    index: u32,
}

impl<'d> Key<'d> {
    fn node(self) -> Node {
        self.document.nodes[self.index as usize]
    }

    /// What it is known by in its document.
    pub fn id(self) -> KeyId {
        KeyId(self.node().next)
    }

    /// Its text, decoded.
    pub fn text(self) -> &'d str {
        let source = self.document.source.as_str();
        self.document.keys.text(source, self.id())
    }

    /// Its text in quotes, exactly as written.
    pub fn raw(self) -> &'d str {
        self.document.source.slice(self.node().span)
    }

    /// Whether something is escaped in it.
    pub fn is_escaped(self) -> bool {
        self.node().kind == Kind::EscapedString
    }

    /// Its place among the sorted keys of its document: keys of one document sort by it as by their texts.
    pub fn rank(self) -> u32 {
        let source = self.document.source.as_str();
        self.document.keys.rank(source, self.id())
    }

    /// What stands under it.
    pub fn value(self) -> Value<'d> {
        Value {
            document: self.document,
            index: self.index + 1,
        }
    }

    /// Where it stands.
    pub fn span(self) -> Span {
        self.node().span
    }

    /// Whether it is this text, whose print is given.
    pub(super) fn is(self, text: &str, print: u16) -> bool {
        self.node().print == print && self.text() == text
    }
}

/// Members of an object, see [`Value::members`].
#[derive(Clone)]
pub struct Members<'d>(Children<'d>);

impl<'d> Members<'d> {
    /// Keys and values in turn.
    pub(super) fn new(keys_and_values: Children<'d>) -> Self {
        Self(keys_and_values)
    }
}

impl<'d> Iterator for Members<'d> {
    type Item = (Key<'d>, Value<'d>);

    fn next(&mut self) -> Option<(Key<'d>, Value<'d>)> {
        let Children { document, at, end } = self.0;
        if at >= end {
            return None;
        }
        self.0.at += 1;
        let key = Key {
            document,
            index: at,
        };
        Some((key, self.0.next()?))
    }
}
