//! What elements are set to: whether their configuration says a thing, and whether others of their type say it.
//!
//! Formats differ between tenants: that a thing is missing is only known where the same flow shows that it exists.

use crate::flow::json::{Kind, PerKey, Value};
use crate::flow::{Element, ElementType, Flow};
use crate::redact::last_word;

/// The keys of a flow that are wanted, asked about in lower case. Made once for all its elements.
pub(super) fn keys(flow: &Flow, wanted: impl Fn(&str) -> bool) -> PerKey<bool> {
    PerKey::of(flow.document(), |key| wanted(&key.to_lowercase()))
}

/// Whether a member of the element's configuration, or of the element itself, has such a key and says something.
pub(super) fn says(flow: &Flow, element: &Element, wanted: &PerKey<bool>) -> bool {
    let value = flow.value(element.node);
    let in_object = |object: Value<'_>| {
        object.members().any(|(key, value)| {
            wanted.has(key.id())
                && !matches!(value.kind(), Kind::Null | Kind::False)
                && value.raw() != "\"\""
        })
    };
    in_object(value) || value.get("configuration").is_some_and(in_object)
}

/// Elements that miss what at least one other element of the same type has, by their place in the flow.
pub(super) fn outliers(flow: &Flow, has: &[Option<bool>]) -> Vec<usize> {
    let elements = flow.elements();
    let shown: Vec<&ElementType> = has
        .iter()
        .zip(elements)
        .filter(|(has, _)| **has == Some(true))
        .map(|(_, element)| &element.kind)
        .collect();
    let missing = |&at: &usize| has[at] == Some(false) && shown.contains(&&elements[at].kind);
    (0..elements.len()).filter(missing).collect()
}

/// Keys that say of an element that it asks callers to press or say something.
pub(super) fn asking_for_input(flow: &Flow) -> PerKey<bool> {
    keys(flow, |key| {
        matches!(
            last_word(key).as_str(),
            "options" | "digits" | "choices" | "grammar"
        ) || [
            "maxdigits",
            "inputtype",
            "collect",
            "collectinput",
            "termination",
            "numdigits",
        ]
        .contains(&key)
    })
}

/// Keys that say what happens when an element fails.
pub(super) fn for_failures(flow: &Flow) -> PerKey<bool> {
    const BEGINNINGS: [&str; 8] = [
        "onerror",
        "onfail",
        "ontimeout",
        "errortarget",
        "errorbranch",
        "errorhandl",
        "fallback",
        "overflow",
    ];
    keys(flow, |key| {
        let key = key.replace(['_', '-'], "");
        BEGINNINGS.iter().any(|start| key.starts_with(start))
    })
}
