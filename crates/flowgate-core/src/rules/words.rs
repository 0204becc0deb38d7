//! Words for messages: names of elements, quoted text of bearable length, the nearest of some candidates.

use crate::flow::{Element, Flow};
use crate::ids::ElementId;
use crate::text::Span;

/// Longest text of a file that a message repeats.
const LONGEST: usize = 80;
/// Longer texts have no nearest one: comparing them costs more than the hint is worth.
const LONGEST_COMPARED: usize = 64;

/// Text of a file between back-ticks, cut to a bearable length.
pub(super) fn quote(text: &str) -> String {
    format!("`{}`", cut(text))
}

fn cut(text: &str) -> String {
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
    own_name(flow, element)
        .unwrap_or_else(|| format!("{} {}", element.kind.as_str(), cut(element.id.as_str())))
}

/// An element for a sentence: its name, else its type, with the id beside it.
pub(super) fn element(flow: &Flow, element: &Element) -> String {
    let id = quote(element.id.as_str());
    match own_name(flow, element) {
        Some(name) => format!("{name} ({id})"),
        None => format!("{} {id}", cut(element.kind.as_str())),
    }
}

fn own_name(flow: &Flow, element: &Element) -> Option<String> {
    let value = flow.value(element.node);
    let own = ["label", "name", "displayName", "title"]
        .into_iter()
        .find_map(|key| value.get(key)?.as_str());
    own.or_else(|| value.get("configuration")?.get("name")?.as_str())
        .map(|name| cut(name.trim()))
        .filter(|name| !name.is_empty())
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

/// The candidate that `text` was probably meant to be: few letters away, first of equals.
pub(super) fn nearest<'c>(
    text: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wanted: Vec<char> = letters(text)?;
    // A third of the letters may be wrong; with more, any id would do.
    let mut limit = (wanted.len().max(3) / 3).min(4);
    let mut best = None;
    for candidate in candidates {
        if candidate.len().abs_diff(text.len()) > 4 * (limit + 1) {
            continue;
        }
        let Some(other) = letters(candidate) else {
            continue;
        };
        let distance = distance(&wanted, &other);
        if distance <= limit {
            best = Some(candidate);
            if distance == 0 {
                break;
            }
            limit = distance - 1;
        }
    }
    best
}

fn letters(text: &str) -> Option<Vec<char>> {
    let short = text.chars().nth(LONGEST_COMPARED).is_none();
    short.then(|| text.chars().flat_map(char::to_lowercase).collect())
}

/// Letters to add, drop, replace or swap with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_what_was_meant_and_a_stranger_finds_nothing() {
        let ids = ["api-004", "queue-1", "Begin"];
        assert_eq!(nearest("api-04", ids), Some("api-004"));
        assert_eq!(nearest("api-040", ids), Some("api-004"));
        assert_eq!(nearest("begin", ids), Some("Begin"));
        assert_eq!(nearest("queue-2", ["queue-1", "queue-2x"]), Some("queue-1"));
        assert_eq!(nearest("welcome", ids), None);
        assert_eq!(nearest(&"x".repeat(100_000), ids), None);
    }

    #[test]
    fn long_text_of_a_file_is_cut_and_long_lists_are_counted() {
        assert_eq!(quote(&"é".repeat(100)), format!("`{}…`", "é".repeat(80)));
        assert_eq!(
            list(["a", "b", "c", "d", "e", "f", "g"]),
            "`a`, `b`, `c`, `d`, `e` and 2 more"
        );
    }
}
