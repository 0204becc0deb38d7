//! Ways out of elements, before and after: which lead elsewhere, which are new, which are gone.
//!
//! Compared by what the caller does (the label), not by the connector's id: a connector that was drawn anew with the
//! same label and target is nothing that a caller notices.

use std::collections::HashMap;

use crate::delta::{Delta, Subject};
use crate::flow::FlowView;
use crate::flow::branch::Branch;
use crate::ids::ElementId;

/// One way out of an element that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// The element it leaves (of the proposed flow).
    pub(super) source: ElementId,
    /// What the caller does to take it.
    pub(super) label: String,
    /// Where it led; `None` where it is new.
    pub(super) before: Option<ElementId>,
    /// Where it leads; `None` where it is gone.
    pub(super) after: Option<ElementId>,
}

/// Ways that are different, and the labels of those that are not, of the elements that have both.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub(super) changed: Vec<Route>,
    pub(super) same: Vec<String>,
}

pub(super) fn compare(old: &FlowView<'_>, new: &FlowView<'_>, delta: &Delta) -> Routes {
    // Elements whose id alone is new are the same elements.
    let renamed: HashMap<&ElementId, &ElementId> = delta
        .changes
        .iter()
        .filter_map(|change| match (&change.renamed_from, &change.subject) {
            (Some(Subject::Element(was)), Subject::Element(is)) => Some((was, is)),
            _ => None,
        })
        .collect();
    let was: HashMap<&ElementId, &ElementId> =
        renamed.iter().map(|(&was, &is)| (is, was)).collect();
    let mut routes = Routes::default();
    for element in new.flow().elements() {
        let id = &element.id;
        let old_id = was.get(id).copied().unwrap_or(id);
        if old.flow().element(old_id).is_none() || are_as_before(old, new, old_id, id, &renamed) {
            continue;
        }
        let before: Vec<(String, ElementId)> = ways(old, old_id)
            .map(|(label, target)| {
                let target = renamed.get(&target).map_or(target, |&is| is.clone());
                (label, target)
            })
            .collect();
        let after: Vec<(String, ElementId)> = ways(new, id).collect();
        // The same ways lead nowhere now where what they led to was removed.
        let lost = |(_, target): &(String, ElementId)| !new.has(target) && old.has(target);
        if before == after && !after.iter().any(lost) {
            continue;
        }
        let mut gone: Vec<Option<(String, ElementId)>> = before.into_iter().map(Some).collect();
        let mut take = |fits: &dyn Fn(&(String, ElementId)) -> bool| {
            gone.iter_mut()
                .find(|way| way.as_ref().is_some_and(fits))
                .and_then(Option::take)
        };
        let mut open = Vec::new();
        for way in after {
            match take(&|old| *old == way) {
                Some(before) if lost(&way) => routes.changed.push(Route {
                    source: id.clone(),
                    label: way.0,
                    before: Some(before.1),
                    after: Some(way.1),
                }),
                Some(_) => routes.same.push(way.0),
                None => open.push(way),
            }
        }
        for (label, target) in open {
            let before = take(&|(old, _)| *old == label);
            if before.is_none() && both_default(&[(old, old_id), (new, id)], &was, &target) {
                continue;
            }
            routes.changed.push(Route {
                source: id.clone(),
                label,
                before: before.map(|(_, target)| target),
                after: Some(target),
            });
        }
        let gone = gone.into_iter().flatten();
        let gone =
            gone.filter(|(_, target)| !both_default(&[(old, old_id), (new, id)], &was, target));
        routes.changed.extend(gone.map(|(label, target)| Route {
            source: id.clone(),
            label,
            before: Some(target),
            after: None,
        }));
    }
    routes
}

/// Whether the ways out of an element are written as before, and lead to elements that stand where they stood.
fn are_as_before(
    old: &FlowView<'_>,
    new: &FlowView<'_>,
    old_id: &ElementId,
    id: &ElementId,
    renamed: &HashMap<&ElementId, &ElementId>,
) -> bool {
    let (before, after) = (old.exits(old_id), new.exits(id));
    before.len() == after.len()
        && before.iter().zip(after).all(|(&before, &after)| {
            let (before, after) = (old.index.way(before), new.index.way(after));
            before.target() == after.target()
                && !renamed.contains_key(before.target())
                && before.pointer() == after.pointer()
                && before.setting().map(|way| &way.label) == after.setting().map(|way| &way.label)
                && before.ends().target.is_some() == after.ends().target.is_some()
                && old.flow().value(before.node()).raw() == new.flow().value(after.node()).raw()
        })
}

/// Whether all other cases lead to this element (of the proposed flow) on both sides: a case that leads there too is
/// nothing that callers notice.
fn both_default(
    sides: &[(&FlowView<'_>, &ElementId); 2],
    was: &HashMap<&ElementId, &ElementId>,
    target: &ElementId,
) -> bool {
    let before = was.get(target).copied().unwrap_or(target);
    sides
        .iter()
        .zip([before, target])
        .all(|((view, source), target)| {
            let mut exits = view.exits(source).iter().map(|&way| view.index.way(way));
            exits.any(|way| {
                way.target() == target && Branch::of_way(view.flow(), way) == Branch::Default
            })
        })
}

fn ways<'v>(
    view: &'v FlowView<'_>,
    id: &ElementId,
) -> impl Iterator<Item = (String, ElementId)> + 'v {
    let mut nameless = 0;
    view.exits(id).iter().map(move |&way| {
        let label = view.label_or_nth(way, nameless);
        nameless += usize::from(view.index.label(way).is_none());
        (label, view.index.way(way).target().clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::ChangeKind;
    use crate::flow::ElementTypes;
    use crate::report::fixture::{self, LIVE};

    fn routes(head: &str, delta: &Delta) -> Routes {
        let (old, new) = (fixture::flow("a.json", LIVE), fixture::flow("a.json", head));
        let types = ElementTypes::default();
        compare(
            &FlowView::new(&old, &types),
            &FlowView::new(&new, &types),
            delta,
        )
    }

    #[test]
    fn a_connector_drawn_anew_is_nothing_that_callers_notice() {
        let head = LIVE.replace("\"c4\"", "\"c99\"");
        assert_eq!(routes(&head, &Delta::default()).changed, []);
    }

    #[test]
    fn an_element_under_a_new_id_is_the_same_place() {
        let head = LIVE.replace("queue-002", "queue-2002");
        let mut change = fixture::change(
            fixture::element("queue-2002"),
            "Accounts",
            ChangeKind::Added,
            &[],
        );
        change.renamed_from = Some(fixture::element("queue-002"));
        let delta = Delta {
            changes: vec![change],
        };
        assert_eq!(routes(&head, &delta).changed, []);
    }

    #[test]
    fn a_lost_way_and_a_new_way_are_told_apart_from_one_that_leads_elsewhere() {
        let head = LIVE
            .replace("\"press 1\"", "\"press 9\"")
            .replace("\"queue-002\", \"label\"", "\"end\", \"label\"");
        let routes = routes(&head, &Delta::default());
        let told: Vec<_> = routes
            .changed
            .iter()
            .map(|route| {
                (
                    route.label.as_str(),
                    route.before.is_some(),
                    route.after.is_some(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("press 9", false, true),
                ("press 2", true, true),
                ("press 1", true, false)
            ]
        );
        assert_eq!(routes.same, ["no input"]);
    }
}
