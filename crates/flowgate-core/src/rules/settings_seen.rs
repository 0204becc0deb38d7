//! What elements are set to: whether their configuration says a thing, and whether others of their type say it.
//!
//! Formats differ between tenants: that a thing is missing is only known where the same flow shows that it exists.

use super::texts::last_word;
use crate::flow::json::{Kind, Value};
use crate::flow::{Element, ElementType, Flow};

/// Whether a member of the element's configuration, or of the element itself, has such a key and says something.
pub(super) fn says(flow: &Flow, element: &Element, wanted: impl Fn(&str) -> bool) -> bool {
    let value = flow.value(element.node);
    let in_object = |object: Value<'_>| {
        object.members().any(|(key, value)| {
            let key = key
                .as_str()
                .map(|key| key.to_lowercase())
                .unwrap_or_default();
            wanted(&key)
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

/// Whether an element asks callers to press or say something, as far as its configuration tells.
pub(super) fn waits_for_input(flow: &Flow, element: &Element) -> bool {
    says(flow, element, |key| {
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
