//! Words for messages: elements with their ids, quoted text of bearable length.

pub(super) use crate::flow::nearest;
use crate::flow::{Element, Flow, names};
use crate::ids::ElementId;
use crate::text::Span;

/// Longest text of a file that a message repeats.
const LONGEST: usize = 80;

/// Text of a file between back-ticks, cut to a bearable length.
pub(super) fn quote(text: &str) -> String {
    format!("`{}`", short(text))
}

/// Text of a file, cut to a bearable length.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Several texts of a file, quoted; past the fifth only how many more.
pub(super) fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    const SHOWN: usize = 5;
    let mut texts = texts.into_iter();
    let shown: Vec<String> = texts.by_ref().take(SHOWN).map(quote).collect();
    match texts.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What people call an element.
pub(super) fn name(flow: &Flow, element: &Element) -> String {
    names::element(flow, element)
}

/// An element for a sentence: its name, with the id beside it where the name is not made of it.
pub(super) fn element(flow: &Flow, element: &Element) -> String {
    let (kind, id) = (element.kind.as_str(), element.id.as_str());
    let name = name(flow, element);
    if name == format!("{kind} {id}") {
        format!("{kind} {}", quote(id))
    } else {
        format!("{name} ({})", quote(id))
    }
}

/// The element with an id for a sentence; the id alone where there is none.
pub(super) fn element_by_id(flow: &Flow, id: &ElementId) -> String {
    flow.element(id)
        .map_or_else(|| quote(id.as_str()), |found| element(flow, found))
}

/// Where a member of an element or connector stands; the whole of it where it has no such member.
pub(super) fn span_of(flow: &Flow, node: crate::flow::json::NodeId, key: &str) -> Span {
    let value = flow.value(node);
    value.get(key).unwrap_or(value).span()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_of_a_file_is_cut_and_long_lists_are_counted() {
        assert_eq!(quote(&"é".repeat(100)), format!("`{}…`", "é".repeat(80)));
        assert_eq!(
            list(["a", "b", "c", "d", "e", "f", "g"]),
            "`a`, `b`, `c`, `d`, `e` and 2 more"
        );
    }
}
