//! Three versions of one value become one: members of objects one by one, items of arrays by a key of theirs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Side;
use super::list::{self, Pairings};
use crate::delta::item_keys;
use crate::flow::format::Tree;
use crate::flow::json::{Kind, Value, pointer_step};
use crate::flow::pairing::Pairing;
use crate::flow::value_eq;

/// Deeper than this a value is merged as a whole: nobody reads longer pointers, and hostile depth stays cheap.
const MAX_DEPTH: usize = 32;

/// The three versions; a missing one is a value that is not there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Three<'f> {
    pub(super) base: Option<Value<'f>>,
    pub(super) ours: Option<Value<'f>>,
    pub(super) theirs: Option<Value<'f>>,
}

impl<'f> Three<'f> {
    pub(super) fn of(self, side: Side) -> Option<Value<'f>> {
        match side {
            Side::Ours => self.ours,
            Side::Theirs => self.theirs,
        }
    }

    /// A version of it, whichever there is.
    pub(super) fn any(self) -> Option<Value<'f>> {
        self.ours.or(self.theirs).or(self.base)
    }

    /// The side whose version both can live with, where there is one: the other did not change it, or in the same way.
    pub(super) fn agreed(self) -> Option<Side> {
        if same(self.ours, self.theirs) || same(self.base, self.theirs) {
            Some(Side::Ours)
        } else {
            same(self.base, self.ours).then_some(Side::Theirs)
        }
    }
}

pub(super) fn same(a: Option<Value<'_>>, b: Option<Value<'_>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => value_eq(a, b),
        _ => false,
    }
}

/// Merges values; where the sides contradict each other, one of them is taken and the place is remembered.
pub(super) struct Values {
    take: Side,
    pointer: String,
    depth: usize,
    /// JSON pointers of what is not decided; the empty one is the whole value.
    pub(super) clashes: Vec<String>,
}

impl Values {
    pub(super) fn new(take: Side) -> Self {
        Self {
            take,
            pointer: String::new(),
            depth: 0,
            clashes: Vec::new(),
        }
    }

    /// The merged value; `None` where nothing is left of it.
    pub(super) fn merge<'f>(&mut self, three: Three<'f>) -> Option<Tree<'f>> {
        if let Some(agreed) = three.agreed() {
            return three.of(agreed).map(Tree::Kept);
        }
        let Three {
            base: Some(base),
            ours: Some(ours),
            theirs: Some(theirs),
        } = three
        else {
            return self.clash(three);
        };
        if self.depth >= MAX_DEPTH {
            return self.clash(three);
        }
        match [base, ours, theirs].map(Value::kind) {
            [Kind::Object, Kind::Object, Kind::Object] => Some(self.members(base, ours, theirs)),
            [Kind::Array, Kind::Array, Kind::Array] => {
                self.items(base, ours, theirs).or_else(|| self.clash(three))
            }
            _ => self.clash(three),
        }
    }

    fn clash<'f>(&mut self, three: Three<'f>) -> Option<Tree<'f>> {
        self.clashes.push(self.pointer.clone());
        three.of(self.take).map(Tree::Kept)
    }

    fn step<T>(&mut self, segment: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&pointer_step(segment));
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        self.pointer.truncate(length);
        result
    }

    fn members<'f>(&mut self, base: Value<'f>, ours: Value<'f>, theirs: Value<'f>) -> Tree<'f> {
        let mut members: BTreeMap<Cow<'f, str>, Three<'f>> = BTreeMap::new();
        let keyed = |value: Value<'f>| {
            value
                .members()
                .map(|(key, value)| (Cow::Borrowed(key.text()), value))
        };
        for (key, value) in keyed(base) {
            members.entry(key).or_default().base = Some(value);
        }
        for (key, value) in keyed(ours) {
            members.entry(key).or_default().ours = Some(value);
        }
        for (key, value) in keyed(theirs) {
            members.entry(key).or_default().theirs = Some(value);
        }
        let merged = members.into_iter().filter_map(|(key, three)| {
            let value = self.step(&key, |values| values.merge(three))?;
            Some((key, value))
        });
        Tree::Object(merged.collect())
    }

    /// Items that have a key are merged by it; `None` where they have none, or the sides cannot agree on their order.
    fn items<'f>(
        &mut self,
        base: Value<'f>,
        ours: Value<'f>,
        theirs: Value<'f>,
    ) -> Option<Tree<'f>> {
        let [base, ours, theirs] =
            [base, ours, theirs].map(|list| list.items().collect::<Vec<_>>());
        let [base_keys, our_keys, their_keys] = item_keys([&base, &ours, &theirs])?;
        let pairing = |old: &[String], new: &[String]| {
            let mut pairing = Pairing::new(old.len(), new.len());
            pairing.by_key(|index| Some(&old[index]), |index| Some(&new[index]));
            pairing
        };
        let pairings = Pairings {
            ours: pairing(&base_keys, &our_keys),
            theirs: pairing(&base_keys, &their_keys),
            added: pairing(&our_keys, &their_keys),
        };
        let arranged = list::arrange([&base, &ours, &theirs], &pairings);
        let clashes = self.clashes.len();
        let mut merged: Vec<Option<Tree<'f>>> = Vec::with_capacity(arranged.slots.len());
        for slot in &arranged.slots {
            let index = slot.ours.or(slot.theirs).unwrap_or_default().to_string();
            merged.push(self.step(&index, |values| values.merge(slot.three)));
        }
        let key = |slot: usize| {
            let slot = arranged.slots[slot];
            let ours = slot.ours.map(|index| our_keys[index].as_str());
            let theirs = || slot.theirs.map(|index| their_keys[index].as_str());
            ours.or_else(theirs).unwrap_or_default()
        };
        let order = arranged.order(self.take, |slot| merged[slot].is_some(), key);
        if !order.is_agreed {
            self.clashes.truncate(clashes);
            return None;
        }
        let items = order.slots.into_iter();
        Some(Tree::Array(
            items.filter_map(|slot| merged[slot].take()).collect(),
        ))
    }
}
