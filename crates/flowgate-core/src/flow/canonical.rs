//! The canonical form of a flow and its digest (contract, "Digest, in sync, verified").
//!
//! Two texts of one flow that differ in white space, key order, the order of elements and connectors, the spelling of
//! strings and numbers, or in layout alone have one canonical form. Not RFC 8785: numbers keep their exact value.
//!
//! Elements sort by id. Connectors with an id come first and sort by it; those without sort by their source and keep
//! their order within it. What shares its id keeps its order. Of the file's members only `flowId`, `elements` and
//! `connectors` take part; what the reader could not read takes no part, and stands among its problems.

mod hashed;

use std::cmp::Ordering;

use super::json::{Key, Kind, NodeId, PerKey, Value};
use super::number::normal;
use super::{Flow, Layout};
use crate::ids::Digest;
use hashed::Hashed;

/// A member of an object: its key and its value.
pub(crate) type Member<'d> = (Key<'d>, Value<'d>);

/// A key with its values in two objects, at least one of them.
pub(crate) type Joined<'d> = (&'d str, Option<Value<'d>>, Option<Value<'d>>);

/// Where canonical text goes.
pub(crate) trait Sink {
    /// Takes the next piece.
    fn put(&mut self, text: &str);

    /// Takes a sign of JSON; most pieces are one.
    fn sign(&mut self, sign: u8);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }

    fn sign(&mut self, sign: u8) {
        self.push(char::from(sign));
    }
}

/// The canonical form. Without a valid flow id its `flowId` is `null`.
pub fn canonical(flow: &Flow, layout: &Layout) -> String {
    let mut out = String::with_capacity(flow.source().as_str().len());
    write_flow(&mut out, flow, layout);
    out
}

/// The digest of the canonical form; `None` for a flow without a valid id, since nothing can be said about its identity.
pub fn digest(flow: &Flow, layout: &Layout) -> Option<Digest> {
    flow.index().digest(layout)
}

pub(super) fn compute_digest(flow: &Flow, layout: &Layout) -> Option<Digest> {
    flow.id()?;
    let mut hashed = Hashed::new();
    write_flow(&mut hashed, flow, layout);
    let hash = hashed.finish();
    format!("fg1.{}.{hash}", layout.tag()).parse().ok()
}

/// Whether two values mean the same: keys in any order, strings by decoded value, numbers by exact decimal value; the
/// order of arrays counts.
pub fn value_eq(a: Value<'_>, b: Value<'_>) -> bool {
    if a.raw() == b.raw() {
        return true;
    }
    match (a.kind(), b.kind()) {
        (Kind::Object, Kind::Object) => members_eq(&members(a), &members(b)),
        (Kind::Array, Kind::Array) => {
            let (mut a, mut b) = (a.items(), b.items());
            loop {
                match (a.next(), b.next()) {
                    (None, None) => return true,
                    (Some(a), Some(b)) if value_eq(a, b) => {}
                    _ => return false,
                }
            }
        }
        (Kind::Number, Kind::Number) => normal(a.raw()) == normal(b.raw()),
        _ => a.as_str().is_some_and(|text| b.as_str() == Some(text)),
    }
}

/// Whether two elements or connectors are the same but for their layout.
pub fn content_eq(a: Value<'_>, b: Value<'_>, layout: &Layout) -> bool {
    a.raw() == b.raw() || members_eq(&content(a, layout), &content(b, layout))
}

fn members_eq(a: &[Member<'_>], b: &[Member<'_>]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|((a_key, a), (b_key, b))| a_key.text() == b_key.text() && value_eq(*a, *b))
}

/// The members of an object sorted by key; what shares its key keeps its order.
pub(crate) fn members(value: Value<'_>) -> Vec<Member<'_>> {
    sorted(value.members().collect())
}

/// The members of an element or connector without its layout, sorted by key.
pub(crate) fn content<'d>(value: Value<'d>, layout: &Layout) -> Vec<Member<'d>> {
    let members = value.members();
    sorted(
        members
            .filter(|(key, _)| !layout.contains(key.text()))
            .collect(),
    )
}

fn sorted(mut members: Vec<Member<'_>>) -> Vec<Member<'_>> {
    members.sort_by_key(|(key, _)| key.rank());
    members
}

/// Members of two sorted objects side by side; the n-th of a key goes with the n-th.
pub(crate) fn join<'d>(old: &[Member<'d>], new: &[Member<'d>]) -> Vec<Joined<'d>> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut out = Vec::with_capacity(old.len().max(new.len()));
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((was, _)), Some((is, _))) => was.text().cmp(is.text()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return out,
        };
        let was = old.next_if(|_| order.is_le());
        let is = new.next_if(|_| order.is_ge());
        if let Some((key, _)) = was.or(is) {
            out.push((
                key.text(),
                was.map(|member| member.1),
                is.map(|member| member.1),
            ));
        }
    }
}

/// Writes the canonical form of an object with these members.
pub(crate) fn write_members(out: &mut impl Sink, members: &[Member<'_>]) {
    let mut writer = Writer::new(out);
    writer.open.extend(members.iter().map(|(key, _)| *key));
    writer.members(0);
}

/// Writes the canonical form of a value.
pub(crate) fn write_value(out: &mut impl Sink, value: Value<'_>) {
    Writer::new(out).value(value);
}

/// Writes canonical forms.
struct Writer<'o, 'd, S> {
    out: &'o mut S,
    /// Sorted keys of the objects that are being written, innermost last: one piece of memory for all of them.
    open: Vec<Key<'d>>,
}

impl<'o, 'd, S: Sink> Writer<'o, 'd, S> {
    fn new(out: &'o mut S) -> Self {
        Self {
            out,
            open: Vec::new(),
        }
    }

    fn value(&mut self, value: Value<'d>) {
        match value.kind() {
            Kind::Null | Kind::True | Kind::False | Kind::PlainString => self.out.put(value.raw()),
            Kind::EscapedString => write_string(self.out, &value.as_str().unwrap_or_default()),
            Kind::Number => self.out.put(&normal(value.raw())),
            Kind::Object => self.object(value, |_| true),
            Kind::Array => self.list(value.items(), Self::value),
        }
    }

    fn object(&mut self, object: Value<'d>, is_kept: impl Fn(&Key<'d>) -> bool) {
        let first = self.open.len();
        self.open
            .extend(object.members().map(|(key, _)| key).filter(is_kept));
        self.open[first..].sort_by_key(|key| key.rank());
        self.members(first);
    }

    /// Writes the open members from here on, and closes them.
    fn members(&mut self, first: usize) {
        self.out.sign(b'{');
        // What is open inside of a member is closed again when it is written.
        for index in first..self.open.len() {
            if index > first {
                self.out.sign(b',');
            }
            let key = self.open[index];
            if key.is_escaped() {
                write_string(self.out, key.text());
            } else {
                self.out.put(key.raw());
            }
            self.out.sign(b':');
            self.value(key.value());
        }
        self.open.truncate(first);
        self.out.sign(b'}');
    }

    fn list(
        &mut self,
        values: impl Iterator<Item = Value<'d>>,
        mut write: impl FnMut(&mut Self, Value<'d>),
    ) {
        self.out.sign(b'[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.out.sign(b',');
            }
            write(self, value);
        }
        self.out.sign(b']');
    }
}

/// Writes a string in the one way: escaped is what JSON asks to be, in its shortest form, and nothing else.
pub(super) fn write_string(out: &mut impl Sink, text: &str) {
    out.sign(b'"');
    let mut rest = text;
    let is_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    while let Some(at) = rest.bytes().position(is_escaped) {
        out.put(&rest[..at]);
        let byte = rest.as_bytes()[at];
        match byte {
            b'"' => out.put("\\\""),
            b'\\' => out.put("\\\\"),
            b'\n' => out.put("\\n"),
            b'\r' => out.put("\\r"),
            b'\t' => out.put("\\t"),
            8 => out.put("\\b"),
            12 => out.put("\\f"),
            _ => out.put(&format!("\\u{byte:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.put(rest);
    out.sign(b'"');
}

fn write_flow(out: &mut impl Sink, flow: &Flow, layout: &Layout) {
    let connectors = sorted_by_id(flow.connectors().iter().map(|connector| {
        let id = match &connector.id {
            Some(id) => (0, id.as_str()),
            None => (1, connector.source.as_str()),
        };
        (id, connector.node)
    }));
    let elements = flow.elements().iter();
    let elements = sorted_by_id(elements.map(|element| ((0, element.id.as_str()), element.node)));

    let is_layout = PerKey::of(flow.document(), |key| layout.contains(key));
    let mut writer = Writer::new(out);
    let mut things = |out: &str, nodes: &mut dyn Iterator<Item = NodeId>| {
        writer.out.put(out);
        let values = nodes.map(|node| flow.value(node));
        writer.list(values, |writer, value| {
            writer.object(value, |key| !is_layout.has(key.id()));
        });
    };
    things("{\"connectors\":", &mut connectors.into_iter());
    things(",\"elements\":", &mut elements.into_iter());
    out.put(",\"flowId\":");
    match flow.id() {
        Some(id) => write_string(out, id.as_str()),
        None => out.put("null"),
    }
    out.sign(b'}');
}

/// The nodes in the order of their ids; what shares its id keeps its order. The number comes before the text.
fn sorted_by_id<'f>(things: impl Iterator<Item = ((u8, &'f str), NodeId)>) -> Vec<NodeId> {
    // Numbers are compared faster than texts, and the first bytes of ids mostly tell.
    let beginning = |id: &str| {
        let mut eight = [0; 8];
        for (to, from) in eight.iter_mut().zip(id.bytes()) {
            *to = from;
        }
        u64::from_be_bytes(eight)
    };
    let keyed = things.map(|((class, id), node)| (class, beginning(id), id, node));
    let mut keyed: Vec<_> = keyed.collect();
    keyed.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    keyed.into_iter().map(|(_, _, _, node)| node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::testing::flow;

    #[test]
    fn the_canonical_form_of_a_flow_written_loosely() {
        let loose = flow(
            r#"{ "version": "1.0.0", "name": "ignored", "flowId": "main",
              "elements": [
                { "type": "IVR", "x": 10, "id": "b", "configuration": { "retries": 3.0, "prompt": "caf\u00e9\/\u000a\u001F", "position": 1 } },
                { "id": "a", "type": "Begin", "position": { "x": 1 } }
              ],
              "connectors": [
                { "sourceId": "b", "targetId": "a" }, { "sourceId": "a", "targetId": "b", "label": "2" },
                { "sourceId": "a", "targetId": "b", "label": "1" }, { "id": "z", "sourceId": "a", "targetId": "a" }
              ] }"#,
        );
        assert_eq!(
            canonical(&loose, &Layout::default()),
            concat!(
                r#"{"connectors":[{"id":"z","sourceId":"a","targetId":"a"},"#,
                r#"{"label":"2","sourceId":"a","targetId":"b"},{"label":"1","sourceId":"a","targetId":"b"},"#,
                r#"{"sourceId":"b","targetId":"a"}],"#,
                r#""elements":[{"id":"a","type":"Begin"},"#,
                r#"{"configuration":{"position":1,"prompt":"café/\n\u001f","retries":3},"id":"b","type":"IVR"}],"#,
                r#""flowId":"main"}"#,
            )
        );
    }

    #[test]
    fn the_digest_names_its_algorithm_and_its_layout_list() {
        let tiny = flow(r#"{"flowId":"main","elements":[],"connectors":[]}"#);
        let default = digest(&tiny, &Layout::default()).unwrap();
        let none = digest(&tiny, &Layout::new([]).unwrap()).unwrap();
        // printf '{"connectors":[],"elements":[],"flowId":"main"}' | sha256sum
        assert!(
            default
                .as_str()
                .ends_with(".c97962d9bf1e22184eba1b85163c22eb5a166449f50a4d8a75d478f42137a1aa"),
            "{default}"
        );
        assert_eq!(default.as_str()[13..], none.as_str()[13..]);
        assert_ne!(default, none);
    }

    #[test]
    fn a_flow_without_an_id_has_no_digest() {
        let nameless = flow(r#"{"elements":[],"connectors":[]}"#);
        assert_eq!(digest(&nameless, &Layout::default()), None);
    }

    #[test]
    fn a_value_as_deep_as_the_reader_allows_has_a_digest() {
        let deep = format!("{}1{}", "[".repeat(508), "]".repeat(508));
        let text = format!(
            r#"{{"flowId":"main","elements":[{{"id":"a","type":"IVR","configuration":{deep}}}],"connectors":[]}}"#
        );
        assert!(digest(&flow(&text), &Layout::default()).is_some());
    }
}
