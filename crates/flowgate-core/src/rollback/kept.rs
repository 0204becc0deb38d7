//! What must not get lost between two versions: Begin and End, and where callers are routed to.

use crate::flow::{Element, ElementType, Flow, Layout, content_eq, names};

/// Begin and End that are not the same in both, for people.
pub(super) fn immutable_changed(live: &Flow, target: &Flow, layout: &Layout) -> Vec<String> {
    let of = |flow: &'_ Flow| -> Vec<Element> {
        let all = flow.elements().iter();
        all.filter(|element| element.kind.is_immutable())
            .cloned()
            .collect()
    };
    let mut changed = Vec::new();
    for element in of(live) {
        let now = target.element(&element.id);
        let what = match now {
            None => "is not there",
            Some(now) if now.kind != element.kind => "has another type",
            Some(now) if !content_eq(live.value(element.node), target.value(now.node), layout) => {
                "is another"
            }
            Some(_) => continue,
        };
        changed.push(format!("{} {what}", named(live, &element)));
    }
    for element in of(target) {
        if live.element(&element.id).is_none() {
            changed.push(format!("{} is one more", named(target, &element)));
        }
    }
    changed
}

/// Routing elements of the live version that the other one has not, for people.
pub(super) fn routing_lost(live: &Flow, target: &Flow) -> Vec<String> {
    let routes = |element: &&Element| {
        matches!(
            element.kind,
            ElementType::Queue | ElementType::Agent | ElementType::Conditional
        )
    };
    let is_lost = |element: &&Element| {
        target
            .element(&element.id)
            .is_none_or(|now| now.kind != element.kind)
    };
    live.elements()
        .iter()
        .filter(routes)
        .filter(is_lost)
        .map(|element| named(live, element))
        .collect()
}

fn named(flow: &Flow, element: &Element) -> String {
    let name = names::element(flow, element);
    let id = element.id.as_str();
    if name == id {
        format!("`{id}`")
    } else {
        format!("{name} (`{id}`)")
    }
}
