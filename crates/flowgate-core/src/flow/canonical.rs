//! The canonical form of a flow and its digest (contract, "Digest, in sync, verified").
//!
//! Two texts of one flow that differ in white space, key order, the order of elements and connectors, the spelling of
//! strings and numbers, or in layout alone have one canonical form. Not RFC 8785: numbers keep their exact value.
//!
//! Elements sort by id. Connectors with an id come first and sort by it; those without sort by their source and keep
//! their order within it. What shares its id keeps its order. Of the file's members only `flowId`, `elements` and
//! `connectors` take part; what the reader could not read takes no part, and stands among its problems.

use std::borrow::Cow;
use std::cmp::Ordering;

use sha2::{Digest as _, Sha256};

use super::json::{Kind, Value};
use super::number::normal;
use super::{Connector, Flow, Layout};
use crate::ids::{Digest, hex};

/// A member of an object: its key by decoded value, and its value.
pub(crate) type Member<'d> = (Cow<'d, str>, Value<'d>);

/// A key with its values in two objects, at least one of them.
pub(crate) type Joined<'m, 'd> = (&'m str, Option<Value<'d>>, Option<Value<'d>>);

/// Where canonical text goes.
pub(crate) trait Sink {
    /// Takes the next piece.
    fn put(&mut self, text: &str);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Sha256 {
    fn put(&mut self, text: &str) {
        self.update(text.as_bytes());
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
    flow.id()?;
    let mut hasher = Sha256::new();
    write_flow(&mut hasher, flow, layout);
    let hash = hex(&hasher.finalize());
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
            .all(|((a_key, a), (b_key, b))| a_key == b_key && value_eq(*a, *b))
}

/// The members of an object sorted by key; what shares its key keeps its order.
pub(crate) fn members(value: Value<'_>) -> Vec<Member<'_>> {
    let mut members: Vec<Member<'_>> = value
        .members()
        .map(|(key, value)| (key.as_str().unwrap_or_default(), value))
        .collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    members
}

/// The members of an element or connector without its layout, sorted by key.
pub(crate) fn content<'d>(value: Value<'d>, layout: &Layout) -> Vec<Member<'d>> {
    let mut members = members(value);
    members.retain(|(key, _)| !layout.contains(key));
    members
}

/// Members of two sorted objects side by side; the n-th of a key goes with the n-th.
pub(crate) fn join<'m, 'd>(old: &'m [Member<'d>], new: &'m [Member<'d>]) -> Vec<Joined<'m, 'd>> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut out = Vec::with_capacity(old.len().max(new.len()));
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((was, _)), Some((is, _))) => was.cmp(is),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return out,
        };
        let was = old.next_if(|_| order.is_le());
        let is = new.next_if(|_| order.is_ge());
        if let Some((key, _)) = was.or(is) {
            out.push((
                key.as_ref(),
                was.map(|member| member.1),
                is.map(|member| member.1),
            ));
        }
    }
}

/// Writes the canonical form of an object with these members.
pub(crate) fn write_members(out: &mut impl Sink, members: &[Member<'_>]) {
    out.put("{");
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.put(",");
        }
        write_string(out, key);
        out.put(":");
        write_value(out, *value);
    }
    out.put("}");
}

/// Writes the canonical form of a value.
pub(crate) fn write_value(out: &mut impl Sink, value: Value<'_>) {
    match value.kind() {
        Kind::Null | Kind::True | Kind::False | Kind::PlainString => out.put(value.raw()),
        Kind::EscapedString => write_string(out, &value.as_str().unwrap_or_default()),
        Kind::Number => out.put(&normal(value.raw())),
        Kind::Object => write_members(out, &members(value)),
        Kind::Array => {
            out.put("[");
            for (index, item) in value.items().enumerate() {
                if index > 0 {
                    out.put(",");
                }
                write_value(out, item);
            }
            out.put("]");
        }
    }
}

/// Writes a string in the one way: escaped is what JSON asks to be, in its shortest form, and nothing else.
pub(super) fn write_string(out: &mut impl Sink, text: &str) {
    out.put("\"");
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
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
    out.put("\"");
}

fn write_flow(out: &mut impl Sink, flow: &Flow, layout: &Layout) {
    let mut connectors: Vec<&Connector> = flow.connectors().iter().collect();
    connectors.sort_by_key(|connector| match &connector.id {
        Some(id) => (0, id.as_str()),
        None => (1, connector.source.as_str()),
    });
    let mut elements: Vec<_> = flow.elements().iter().collect();
    elements.sort_by_key(|element| element.id.as_str());

    out.put("{\"connectors\":");
    let nodes = connectors.into_iter().map(|connector| connector.node);
    write_list(out, nodes.map(|node| flow.value(node)), layout);
    out.put(",\"elements\":");
    let nodes = elements.into_iter().map(|element| element.node);
    write_list(out, nodes.map(|node| flow.value(node)), layout);
    out.put(",\"flowId\":");
    match flow.id() {
        Some(id) => write_string(out, id.as_str()),
        None => out.put("null"),
    }
    out.put("}");
}

fn write_list<'d>(out: &mut impl Sink, values: impl Iterator<Item = Value<'d>>, layout: &Layout) {
    out.put("[");
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.put(",");
        }
        write_members(out, &content(value, layout));
    }
    out.put("]");
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
