//! Which element and connector of one flow is which of the other, and how they differ.
//!
//! Linear in the size of both flows, but for sorting. Of a flow only elements and connectors are compared.

use std::collections::{BTreeMap, HashMap};

use super::fields::field_changes;
use super::name::connector_name;
use super::{Change, ChangeKind, Delta, FieldChange, Subject};
use crate::flow::canonical::{content, write_members};
use crate::flow::json::Value;
use crate::flow::pairing::Pairing;
use crate::flow::{Flow, Layout, content_eq, names};
use crate::ids::ElementId;

/// Members of a connector that name it and its ends; all others are what it carries.
const CONNECTOR_ENDS: [&str; 3] = ["id", "sourceId", "targetId"];

/// What is different from `old` to `new`.
///
/// What shares its id is matched in file order. A connector without an id is matched among those of its source, whose
/// order counts: one that jumped the queue was removed and added.
pub fn diff(old: &Flow, new: &Flow, layout: &Layout) -> Delta {
    let mut changes = Vec::new();

    let same = same_elements(old, new);
    let again = elements_again(old, new, layout, &same);
    let (before, after) = (elements(old), elements(new));
    report(&before, &after, layout, &same, &again, &mut changes);

    let called_before: HashMap<&ElementId, &ElementId> = again
        .pairs()
        .map(|(was, is)| (&new.elements()[is].id, &old.elements()[was].id))
        .collect();
    let same = same_connectors(old, new, layout);
    let again = connectors_again(old, new, layout, &same, &called_before);
    let (before, after) = (connectors(old), connectors(new));
    report(&before, &after, layout, &same, &again, &mut changes);
    Delta { changes }
}

/// The delta from nothing: everything of the flow is new.
pub fn all_new(flow: &Flow) -> Delta {
    let added = |side: Side<'_>| -> Vec<Change> {
        let things = side.things.iter().enumerate();
        things
            .map(|(index, (subject, _))| Change {
                subject: subject.clone(),
                name: (side.name)(index),
                change: ChangeKind::Added,
                renamed_from: None,
                fields: Vec::new(),
            })
            .collect()
    };
    let changes = [elements(flow), connectors(flow)]
        .into_iter()
        .flat_map(added)
        .collect();
    Delta { changes }
}

/// Elements or connectors of one flow, in file order.
struct Side<'f> {
    things: Vec<(Subject, Value<'f>)>,
    name: Box<dyn Fn(usize) -> String + 'f>,
}

fn elements(flow: &Flow) -> Side<'_> {
    Side {
        things: flow
            .elements()
            .iter()
            .map(|element| {
                (
                    Subject::Element(element.id.clone()),
                    flow.value(element.node),
                )
            })
            .collect(),
        name: Box::new(|index| flow.index().name(index).to_owned()),
    }
}

fn connectors(flow: &Flow) -> Side<'_> {
    let mut nameless: HashMap<&ElementId, usize> = HashMap::new();
    let mut subject = |index: usize| {
        let connector = &flow.connectors()[index];
        if let Some(id) = &connector.id {
            return Subject::Connector(id.clone());
        }
        let next = nameless.entry(&connector.source).or_default();
        let nth = *next;
        *next += 1;
        Subject::NthConnector {
            source: connector.source.clone(),
            nth,
        }
    };
    Side {
        things: (0..flow.connectors().len())
            .map(|index| (subject(index), connector_value(flow, index)))
            .collect(),
        name: Box::new(|index| connector_name(flow, &flow.connectors()[index])),
    }
}

/// Says what became of each thing. `same` pairs what kept its identity, `again` what came back under another.
fn report(
    old: &Side<'_>,
    new: &Side<'_>,
    layout: &Layout,
    same: &Pairing,
    again: &Pairing,
    changes: &mut Vec<Change>,
) {
    for (index, (subject, value)) in new.things.iter().enumerate() {
        let (change, fields) = match same.old_of(index) {
            None => (ChangeKind::Added, Vec::new()),
            Some(was) => match difference(old.things[was].1, *value, layout) {
                None => continue,
                Some(difference) => difference,
            },
        };
        changes.push(Change {
            subject: subject.clone(),
            name: (new.name)(index),
            change,
            renamed_from: again.old_of(index).map(|was| old.things[was].0.clone()),
            fields,
        });
    }
    for index in same.lone_old() {
        changes.push(Change {
            subject: old.things[index].0.clone(),
            name: (old.name)(index),
            change: ChangeKind::Removed,
            renamed_from: None,
            fields: Vec::new(),
        });
    }
}

fn difference(
    old: Value<'_>,
    new: Value<'_>,
    layout: &Layout,
) -> Option<(ChangeKind, Vec<FieldChange>)> {
    if old.raw() == new.raw() {
        return None;
    }
    let fields = field_changes(old, new, layout);
    let change = if fields.iter().all(|field| field.layout) {
        ChangeKind::Moved
    } else {
        ChangeKind::Modified
    };
    (!fields.is_empty()).then_some((change, fields))
}

/// Which element of `old` is which of `new`: by id.
pub(crate) fn same_elements(old: &Flow, new: &Flow) -> Pairing {
    let mut same = Pairing::new(old.elements().len(), new.elements().len());
    same.by_key(
        |index| Some(&old.elements()[index].id),
        |index| Some(&new.elements()[index].id),
    );
    same
}

/// Elements that differ in nothing but their id.
fn elements_again(old: &Flow, new: &Flow, layout: &Layout, same: &Pairing) -> Pairing {
    let mut again = Pairing::new(old.elements().len(), new.elements().len());
    let key = |flow: &Flow, index: usize| {
        text_without(flow.value(flow.elements()[index].node), layout, &["id"])
    };
    again.by_sure_key(
        |index| same.new_of(index).is_none().then(|| key(old, index)),
        |index| same.old_of(index).is_none().then(|| key(new, index)),
    );
    again
}

/// Which connector of `old` is which of `new`: by id, and without one by what it is among those of its source.
pub(crate) fn same_connectors(old: &Flow, new: &Flow, layout: &Layout) -> Pairing {
    let mut same = Pairing::new(old.connectors().len(), new.connectors().len());
    same.by_key(
        |index| old.connectors()[index].id.as_ref(),
        |index| new.connectors()[index].id.as_ref(),
    );
    let mut by_source: BTreeMap<&ElementId, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for index in nameless(old) {
        let source = &old.connectors()[index].source;
        by_source.entry(source).or_default().0.push(index);
    }
    for index in nameless(new) {
        let source = &new.connectors()[index].source;
        by_source.entry(source).or_default().1.push(index);
    }
    for (before, after) in by_source.into_values() {
        for (was, is) in in_one_source(old, &before, new, &after, layout) {
            same.pair(was, is);
        }
    }
    same
}

fn nameless(flow: &Flow) -> impl Iterator<Item = usize> {
    let all = flow.connectors().iter().enumerate();
    all.filter(|(_, connector)| connector.id.is_none())
        .map(|(index, _)| index)
}

/// Pairs of connectors without an id that leave one element, in the same order on both sides.
fn in_one_source(
    old: &Flow,
    before: &[usize],
    new: &Flow,
    after: &[usize],
    layout: &Layout,
) -> Vec<(usize, usize)> {
    let same = |(was, is): &(&usize, &usize)| {
        let (was, is) = (connector_value(old, **was), connector_value(new, **is));
        content_eq(was, is, layout)
    };
    let front = before.iter().zip(after).take_while(same).count();
    let back = before[front..]
        .iter()
        .rev()
        .zip(after[front..].iter().rev());
    let back = back.take_while(same).count();
    let mut pairs: Vec<(usize, usize)> = before
        .iter()
        .zip(after)
        .take(front)
        .chain(before.iter().rev().zip(after.iter().rev()).take(back))
        .map(|(was, is)| (*was, *is))
        .collect();

    let (before, after) = (
        &before[front..before.len() - back],
        &after[front..after.len() - back],
    );
    let mut middle = Pairing::new(before.len(), after.len());
    let text = |flow, index| text_without(connector_value(flow, index), layout, &[]);
    middle.by_key(
        |index| Some(text(old, before[index])),
        |index| Some(text(new, after[index])),
    );
    let target = |flow: &Flow, index: usize| flow.connectors()[index].target.clone();
    let label = |flow: &Flow, index: usize| names::label(flow, &flow.connectors()[index]);
    let labelled = |flow: &Flow, index| (target(flow, index), label(flow, index));
    middle.by_key(
        |index| Some(labelled(old, before[index])),
        |index| Some(labelled(new, after[index])),
    );
    middle.by_key(
        |index| label(old, before[index]),
        |index| label(new, after[index]),
    );
    middle.by_key(
        |index| Some(target(old, before[index])),
        |index| Some(target(new, after[index])),
    );
    middle.keep_order();
    pairs.extend(middle.pairs().map(|(was, is)| (before[was], after[is])));
    pairs
}

/// Connectors that differ in nothing but their id, their place, and ends that are called otherwise now.
fn connectors_again(
    old: &Flow,
    new: &Flow,
    layout: &Layout,
    same: &Pairing,
    called_before: &HashMap<&ElementId, &ElementId>,
) -> Pairing {
    let mut again = Pairing::new(old.connectors().len(), new.connectors().len());
    let old_key = |index: usize| {
        let connector = &old.connectors()[index];
        let carries = text_without(connector_value(old, index), layout, &CONNECTOR_ENDS);
        (connector.source.clone(), connector.target.clone(), carries)
    };
    let new_key = |index: usize| {
        let connector = &new.connectors()[index];
        let carries = text_without(connector_value(new, index), layout, &CONNECTOR_ENDS);
        let before = |id| ElementId::clone(called_before.get(id).unwrap_or(&id));
        (
            before(&connector.source),
            before(&connector.target),
            carries,
        )
    };
    again.by_sure_key(
        |index| same.new_of(index).is_none().then(|| old_key(index)),
        |index| same.old_of(index).is_none().then(|| new_key(index)),
    );
    again
}

fn connector_value(flow: &Flow, index: usize) -> Value<'_> {
    flow.value(flow.connectors()[index].node)
}

/// The canonical text of an element or connector without its layout and these members.
fn text_without(value: Value<'_>, layout: &Layout, left_out: &[&str]) -> String {
    let mut members = content(value, layout);
    members.retain(|(key, _)| !left_out.contains(&key.text()));
    let mut text = String::new();
    write_members(&mut text, &members);
    text
}
