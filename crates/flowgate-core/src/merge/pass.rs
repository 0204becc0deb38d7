//! One way through three flows. Where the sides contradict each other it takes one of them, so that two passes give
//! both versions of what is not decided, and the same of everything else.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use semver::Version;

use super::list::{self, Arranged, Order, Pairings};
use super::value::{Three, Values, same};
use super::{Clash, Conflict, Side, Sides, top};
use crate::delta::{same_connectors, same_elements};
use crate::flow::format::Tree;
use crate::flow::json::Value;
use crate::flow::pairing::Pairing;
use crate::flow::{Flow, Layout, names};
use crate::ids::{ConnectorId, ElementId};

/// One way through.
pub(super) struct Pass<'f, 'p> {
    sides: Sides<'f>,
    layout: &'p Layout,
    take: Side,
    /// Elements that one side removed and the other needs.
    contested: &'p BTreeSet<ElementId>,
    done: Done<'f>,
}

/// What came of it.
pub(super) struct Done<'f> {
    pub(super) file: Tree<'f>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) notes: Vec<String>,
    /// Elements that a connector needs and that are gone by the merge alone.
    pub(super) needed: BTreeSet<ElementId>,
}

impl<'f, 'p> Pass<'f, 'p> {
    pub(super) fn new(
        sides: Sides<'f>,
        layout: &'p Layout,
        take: Side,
        contested: &'p BTreeSet<ElementId>,
    ) -> Self {
        Self {
            sides,
            layout,
            take,
            contested,
            done: Done {
                file: Tree::Object(Vec::new()),
                conflicts: Vec::new(),
                notes: Vec::new(),
                needed: BTreeSet::new(),
            },
        }
    }

    pub(super) fn run(mut self) -> Done<'f> {
        let mut members = self.top();
        let (elements, ids) = self.elements();
        let connectors = self.connectors(&ids);
        members.push((Cow::Borrowed("elements"), Tree::Array(elements)));
        members.push((Cow::Borrowed("connectors"), Tree::Array(connectors)));
        self.done.file = Tree::Object(members);
        self.done
    }

    /// What the file holds besides elements and connectors.
    fn top(&mut self) -> Vec<(Cow<'f, str>, Tree<'f>)> {
        let mut members: BTreeMap<String, Three<'f>> = BTreeMap::new();
        for (key, value) in self.sides.base.into_iter().flat_map(top) {
            members.entry(key).or_default().base = Some(value);
        }
        for (key, value) in top(self.sides.ours) {
            members.entry(key).or_default().ours = Some(value);
        }
        for (key, value) in top(self.sides.theirs) {
            members.entry(key).or_default().theirs = Some(value);
        }
        let mut merged = Vec::with_capacity(members.len() + 2);
        for (key, three) in members {
            let higher = (key == "version").then(|| self.higher(three)).flatten();
            let value = higher.or_else(|| {
                let mut values = Values::new(self.take);
                let value = values.merge(three);
                if !values.clashes.is_empty() {
                    let name = format!("`{key}` of the file");
                    self.clash(name, three, values.clashes);
                }
                value
            });
            merged.extend(value.map(|value| (Cow::Owned(key), value)));
        }
        merged
    }

    /// Both raised the version, each for its own change: the higher one is for both.
    fn higher(&mut self, three: Three<'f>) -> Option<Tree<'f>> {
        if three.agreed().is_some() {
            return None;
        }
        let version = |flow: &'f Flow| -> Option<&'f Version> { flow.version() };
        let (ours, theirs) = (version(self.sides.ours)?, version(self.sides.theirs)?);
        let side = if ours >= theirs {
            Side::Ours
        } else {
            Side::Theirs
        };
        self.done.notes.push(format!(
            "the version is {ours} in ours and {theirs} in theirs; the higher one is kept"
        ));
        three.of(side).map(Tree::Kept)
    }

    fn elements(&mut self) -> (Vec<Tree<'f>>, BTreeSet<String>) {
        let Sides { base, ours, theirs } = self.sides;
        let values = |flow: &'f Flow| -> Vec<Value<'f>> {
            let elements = flow.elements().iter();
            elements.map(|element| flow.value(element.node)).collect()
        };
        let pairings = self.pairings(
            same_elements,
            |flow| flow.elements().len(),
            |flow, index| &flow.elements()[index].id,
        );
        let lists = [
            base.map(values).unwrap_or_default(),
            values(ours),
            values(theirs),
        ];
        let arranged = list::arrange([&lists[0], &lists[1], &lists[2]], &pairings);
        let mut merged = Vec::with_capacity(arranged.slots.len());
        let mut keys = Vec::with_capacity(arranged.slots.len());
        for slot in &arranged.slots {
            let id = text(slot.three.any(), "id");
            let contested = self.contested.iter().any(|needed| needed.as_str() == id);
            merged.push(if contested {
                slot.three.of(self.take).map(Tree::Kept)
            } else {
                let mut values = Values::new(self.take);
                let value = values.merge(slot.three);
                if !values.clashes.is_empty() {
                    self.clash(self.element_name(&id), slot.three, values.clashes);
                }
                value
            });
            keys.push(id);
        }
        // Callers notice nothing of the order of elements, so nobody has to decide it.
        let order = order(Side::Ours, &arranged, &merged, &keys);
        let ids = keys
            .iter()
            .zip(&merged)
            .filter(|(_, value)| value.is_some());
        let ids = ids.map(|(id, _)| id.clone()).collect();
        (in_order(merged, &order), ids)
    }

    fn connectors(&mut self, elements: &BTreeSet<String>) -> Vec<Tree<'f>> {
        let Sides { base, ours, theirs } = self.sides;
        let values = |flow: &'f Flow| -> Vec<Value<'f>> {
            let connectors = flow.connectors().iter();
            connectors
                .map(|connector| flow.value(connector.node))
                .collect()
        };
        let layout = self.layout;
        let pairings = self.pairings(
            |old, new| same_connectors(old, new, layout),
            |flow| flow.connectors().len(),
            added_as,
        );
        let lists = [
            base.map(values).unwrap_or_default(),
            values(ours),
            values(theirs),
        ];
        let arranged = list::arrange([&lists[0], &lists[1], &lists[2]], &pairings);
        let mut merged = Vec::with_capacity(arranged.slots.len());
        let mut keys = Vec::with_capacity(arranged.slots.len());
        for slot in &arranged.slots {
            let name = self.connector_name(slot);
            let mut values = Values::new(self.take);
            let value = values.merge(slot.three);
            if !values.clashes.is_empty() {
                self.clash(name.clone(), slot.three, values.clashes);
            }
            if let Some(value) = &value {
                self.ends(value, slot.three, &name, elements);
            }
            keys.push(slot.three.any().map_or("", Value::raw).to_owned());
            merged.push(value);
        }
        // Nor of connectors, but of ways without an id that leave one element.
        let nameless = |list: &[Value<'f>]| list.iter().any(|value| value.get("id").is_none());
        let counts = nameless(&lists[1]) && nameless(&lists[2]);
        let take = if counts { self.take } else { Side::Ours };
        let order = order(take, &arranged, &merged, &keys);
        if counts && !order.is_agreed {
            self.done.conflicts.push(Conflict {
                name: "connectors".to_owned(),
                clash: Clash::Order,
            });
        }
        in_order(merged, &order)
    }

    /// An end that is gone although no side wanted this connector to lead nowhere.
    fn ends(
        &mut self,
        connector: &Tree<'f>,
        three: Three<'f>,
        name: &str,
        left: &BTreeSet<String>,
    ) {
        for key in ["sourceId", "targetId"] {
            let Some(end) = member(connector, key) else {
                continue;
            };
            let Ok(id) = end.parse::<ElementId>() else {
                continue;
            };
            let lacks = |flow: &Flow| flow.element(&id).is_none();
            let (ours, theirs) = (lacks(self.sides.ours), lacks(self.sides.theirs));
            let dangled = |value: Option<Value<'_>>, lacks: bool| {
                lacks && value.is_some() && text(value, key) == end
            };
            if left.contains(end.as_ref())
                || dangled(three.ours, ours)
                || dangled(three.theirs, theirs)
            {
                continue;
            }
            self.done.conflicts.push(Conflict {
                name: self.element_name(&end),
                clash: Clash::Needed {
                    removed_by: if ours { Side::Ours } else { Side::Theirs },
                    connector: name.to_owned(),
                },
            });
            self.done.needed.insert(id);
        }
    }

    /// Which thing of which flow is which. What both sides added is one thing where `added` gives it one key.
    fn pairings<K: Eq + Hash>(
        &self,
        pair: impl Fn(&Flow, &Flow) -> Pairing,
        count: impl Fn(&Flow) -> usize,
        added: impl Fn(&'f Flow, usize) -> K,
    ) -> Pairings {
        let Sides { base, ours, theirs } = self.sides;
        let of_base = |side: &Flow| {
            base.map_or_else(|| Pairing::new(0, count(side)), |base| pair(base, side))
        };
        let (of_ours, of_theirs) = (of_base(ours), of_base(theirs));
        let mut both = Pairing::new(count(ours), count(theirs));
        both.by_key(
            |index| of_ours.old_of(index).is_none().then(|| added(ours, index)),
            |index| {
                of_theirs
                    .old_of(index)
                    .is_none()
                    .then(|| added(theirs, index))
            },
        );
        Pairings {
            ours: of_ours,
            theirs: of_theirs,
            added: both,
        }
    }

    fn clash(&mut self, name: String, three: Three<'f>, mut fields: Vec<String>) {
        fields.retain(|pointer| !pointer.is_empty());
        let clash = match three {
            Three { base: None, .. } => Clash::Added,
            Three { ours: None, .. } => Clash::Removed(Side::Ours),
            Three { theirs: None, .. } => Clash::Removed(Side::Theirs),
            _ => Clash::Fields(fields),
        };
        self.done.conflicts.push(Conflict { name, clash });
    }

    fn flows(&self) -> impl Iterator<Item = &'f Flow> {
        [
            Some(self.sides.ours),
            Some(self.sides.theirs),
            self.sides.base,
        ]
        .into_iter()
        .flatten()
    }

    fn element_name(&self, id: &str) -> String {
        let found = id.parse::<ElementId>().ok().and_then(|id| {
            self.flows()
                .find_map(|flow| Some(names::element(flow, flow.element(&id)?)))
        });
        match found {
            Some(name) if name != id => format!("{name} ({id})"),
            _ => id.to_owned(),
        }
    }

    fn connector_name(&self, slot: &list::Slot<'f>) -> String {
        let Sides { base, ours, theirs } = self.sides;
        let nth = |flow: &Flow, index: usize| {
            let connector = &flow.connectors()[index];
            names::connector(flow, connector).to_string()
        };
        // As it is called where it was changed.
        let is_theirs = same(slot.three.base, slot.three.ours) && slot.theirs.is_some();
        match (slot.ours.filter(|_| !is_theirs), slot.theirs) {
            (Some(index), _) => nth(ours, index),
            (None, Some(index)) => nth(theirs, index),
            (None, None) => base.map_or_else(String::new, names::flow),
        }
    }
}

/// By what two connectors that both sides added are one: their id, else what is written on the way out of an element.
#[derive(PartialEq, Eq, Hash)]
enum AddedAs<'f> {
    Id(&'f ConnectorId),
    Way(&'f ElementId, String),
}

fn added_as(flow: &Flow, index: usize) -> AddedAs<'_> {
    let connector = &flow.connectors()[index];
    if let Some(id) = &connector.id {
        return AddedAs::Id(id);
    }
    let label = names::label(flow, connector);
    let carries = || flow.value(connector.node).raw().to_owned();
    AddedAs::Way(&connector.source, label.unwrap_or_else(carries))
}

fn order(
    take: Side,
    arranged: &Arranged<'_>,
    merged: &[Option<Tree<'_>>],
    keys: &[String],
) -> Order {
    arranged.order(
        take,
        |slot| merged[slot].is_some(),
        |slot| keys[slot].as_str(),
    )
}

fn in_order<'f>(mut merged: Vec<Option<Tree<'f>>>, order: &Order) -> Vec<Tree<'f>> {
    let slots = order.slots.iter();
    slots.filter_map(|slot| merged[*slot].take()).collect()
}

fn text(value: Option<Value<'_>>, key: &str) -> String {
    let text = value.and_then(|value| value.get(key)?.as_str());
    text.unwrap_or_default().into_owned()
}

/// A text member of a merged object.
fn member<'t>(tree: &'t Tree<'_>, key: &str) -> Option<Cow<'t, str>> {
    match tree {
        Tree::Kept(value) => value.get(key)?.as_str(),
        Tree::Object(members) => {
            let (_, value) = members.iter().find(|(name, _)| name == key)?;
            match value {
                Tree::Kept(value) => value.as_str(),
                Tree::Object(_) | Tree::Array(_) => None,
            }
        }
        Tree::Array(_) => None,
    }
}
