//! What is different inside one element or connector, field by field.
//!
//! Law: there is a field that is not layout exactly when the two differ in content. Objects in arrays are matched by a
//! key of theirs, so that one new menu option is one change.

use std::collections::HashSet;

use super::FieldChange;
use crate::flow::canonical::{Member, join, members, write_value};
use crate::flow::json::{Kind, Value};
use crate::flow::pairing::Pairing;
use crate::flow::{Layout, value_eq};
use crate::redact::Neighbour;

/// Keys that may name an object in an array, surest first.
const ITEM_KEYS: [&str; 5] = ["id", "digit", "key", "name", "label"];

/// Deeper than this a value is one field: nobody reads longer pointers, and hostile depth stays cheap.
const MAX_DEPTH: usize = 32;

/// The fields that differ, by sorted key; indices are those of the new arrays (of the old ones for what is gone).
pub(super) fn field_changes(old: Value<'_>, new: Value<'_>, layout: &Layout) -> Vec<FieldChange> {
    let mut fields = Fields::default();
    for (key, old, new) in join(&members(old), &members(new)) {
        fields.in_layout = layout.contains(key);
        fields.step(key, |fields| match (old, new) {
            // Settings that are all new, or all gone, are still settings of their own: what callers hear is among them.
            (Some(one), None) if key == "configuration" && has_members(one) => {
                fields.members(&members(one), &[]);
            }
            (None, Some(one)) if key == "configuration" && has_members(one) => {
                fields.members(&[], &members(one));
            }
            _ => fields.compare(old, new),
        });
    }
    fields.changes
}

fn has_members(value: Value<'_>) -> bool {
    value.members().next().is_some()
}

/// The value as it was written, without white space between its parts.
fn compact(value: Value<'_>) -> String {
    let raw = value.raw();
    if !matches!(value.kind(), Kind::Array | Kind::Object) {
        return raw.to_owned();
    }
    let (mut in_string, mut escaped) = (false, false);
    raw.chars()
        .filter(|&c| {
            if in_string {
                in_string = escaped || c != '"';
                escaped = !escaped && c == '\\';
                return true;
            }
            in_string = c == '"';
            !matches!(c, ' ' | '\t' | '\n' | '\r')
        })
        .collect()
}

#[derive(Default)]
struct Fields {
    changes: Vec<FieldChange>,
    pointer: String,
    depth: usize,
    in_layout: bool,
    /// What neighbours call the value, before and after.
    beside: [Option<Neighbour>; 2],
}

impl Fields {
    /// Does something one step deeper.
    fn step(&mut self, segment: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        for c in segment.chars() {
            match c {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                c => self.pointer.push(c),
            }
        }
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.pointer.truncate(length);
    }

    fn push(&mut self, before: Option<Value<'_>>, after: Option<Value<'_>>, order: bool) {
        self.changes.push(FieldChange {
            pointer: self.pointer.clone(),
            before: before.map(compact),
            after: after.map(compact),
            beside: self.beside.clone(),
            layout: self.in_layout,
            order,
        });
    }

    fn compare(&mut self, old: Option<Value<'_>>, new: Option<Value<'_>>) {
        let (Some(was), Some(is)) = (old, new) else {
            return self.push(old, new, false);
        };
        if was.raw() == is.raw() {
            return;
        }
        match (was.kind(), is.kind()) {
            (Kind::Object, Kind::Object) if self.depth < MAX_DEPTH => {
                self.members(&members(was), &members(is));
            }
            (Kind::Array, Kind::Array) if self.depth < MAX_DEPTH => {
                let a: Vec<_> = was.items().collect();
                let b: Vec<_> = is.items().collect();
                match item_keys([&a, &b]) {
                    Some([a_keys, b_keys]) => {
                        let mut pairing = Pairing::new(a.len(), b.len());
                        pairing.by_key(|i| Some(&a_keys[i]), |i| Some(&b_keys[i]));
                        if !pairing.is_in_order() {
                            self.push(old, new, true);
                        }
                        self.items(&a, &b, &pairing);
                    }
                    None => self.items(&a, &b, &trimmed(&a, &b)),
                }
            }
            _ if !value_eq(was, is) => self.push(old, new, false),
            _ => {}
        }
    }

    fn members(&mut self, old: &[Member<'_>], new: &[Member<'_>]) {
        let around = std::mem::take(&mut self.beside);
        for (key, was, is) in join(old, new) {
            self.beside = [old, new].map(|members| {
                let members = members.iter().map(|(key, value)| (key.text(), *value));
                Neighbour::in_object(key, members)
            });
            self.step(key, |fields| fields.compare(was, is));
        }
        self.beside = around;
    }

    fn items(&mut self, old: &[Value<'_>], new: &[Value<'_>], pairing: &Pairing) {
        let around = self.beside.clone();
        for (index, item) in new.iter().enumerate() {
            let old_index = pairing.old_of(index);
            let was = old_index.map(|old_index| old[old_index]);
            self.beside = [
                old_index
                    .and_then(|at| item_before(old, at))
                    .or_else(|| around[0].clone()),
                item_before(new, index).or_else(|| around[1].clone()),
            ];
            self.step(&index.to_string(), |fields| {
                fields.compare(was, Some(*item));
            });
        }
        for index in pairing.lone_old() {
            self.beside = [item_before(old, index).or_else(|| around[0].clone()), None];
            self.step(&index.to_string(), |fields| {
                fields.push(Some(old[index]), None, false);
            });
        }
        self.beside = around;
    }
}

/// What the item before calls this one.
fn item_before(items: &[Value<'_>], at: usize) -> Option<Neighbour> {
    Neighbour::in_list(*items.get(at.checked_sub(1)?)?, items.len())
}

/// The values of the first key that names every item of all these arrays.
pub(crate) fn item_keys<const N: usize>(lists: [&[Value<'_>]; N]) -> Option<[Vec<String>; N]> {
    if lists.iter().any(|items| items.is_empty()) {
        return None;
    }
    ITEM_KEYS.iter().find_map(|key| {
        let mut named = [const { Vec::new() }; N];
        for (names, items) in named.iter_mut().zip(lists) {
            *names = key_values(items, key)?;
        }
        Some(named)
    })
}

fn key_values(items: &[Value<'_>], key: &str) -> Option<Vec<String>> {
    let mut seen = HashSet::with_capacity(items.len());
    items
        .iter()
        .map(|item| {
            let value = item.get(key)?;
            if matches!(value.kind(), Kind::Array | Kind::Object | Kind::Null) {
                return None;
            }
            let mut text = String::new();
            write_value(&mut text, value);
            seen.insert(text.clone()).then_some(text)
        })
        .collect()
}

/// Common ends are the same items; what stands between goes side by side as far as it reaches.
fn trimmed(old: &[Value<'_>], new: &[Value<'_>]) -> Pairing {
    let shorter = old.len().min(new.len());
    let same = |(a, b): &(&Value<'_>, &Value<'_>)| value_eq(**a, **b);
    let front = old.iter().zip(new).take_while(same).count();
    let back = old[front..].iter().rev().zip(new[front..].iter().rev());
    let back = back.take_while(same).count();
    let mut pairing = Pairing::new(old.len(), new.len());
    for index in 0..shorter - back {
        pairing.pair(index, index);
    }
    for index in 1..=back {
        pairing.pair(old.len() - index, new.len() - index);
    }
    pairing
}
