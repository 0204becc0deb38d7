//! Which members of an element or connector say only where it is drawn.
//!
//! A member counts as layout at the top level of an element or connector alone: `configuration.position` is content.
//! The default is short on purpose: a layout field too few is noise, one too many hides a change from reviewers.

use std::collections::BTreeSet;

use super::canonical::write_string;
use crate::hash::sha256_hex;

/// The list of layout fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Sorted, each once. Few enough to be compared one by one.
    fields: Vec<String>,
}

/// A field that may not stand in the list, since callers would notice when it changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be a layout field: it says what the flow does, not where it is drawn")]
pub struct NotLayout(pub String);

impl Layout {
    /// The fields of the default list.
    pub const DEFAULT: [&str; 8] = [
        "canvas",
        "coordinates",
        "layout",
        "position",
        "x",
        "xws",
        "y",
        "yws",
    ];

    /// Members that every element or connector needs to mean something.
    const CONTENT: [&str; 5] = ["configuration", "id", "sourceId", "targetId", "type"];

    /// A list of fields; order and repetition do not matter.
    pub fn new(fields: impl IntoIterator<Item = String>) -> Result<Self, NotLayout> {
        let fields: BTreeSet<String> = fields.into_iter().collect();
        match Self::CONTENT.iter().find(|name| fields.contains(**name)) {
            Some(name) => Err(NotLayout((*name).to_owned())),
            None => Ok(Self {
                fields: fields.into_iter().collect(),
            }),
        }
    }

    /// Whether a top-level member of an element or connector is layout.
    pub fn contains(&self, member: &str) -> bool {
        self.fields.iter().any(|field| field == member)
    }

    /// The fields, sorted.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    /// Eight hexadecimal digits that name this list inside a digest.
    pub(super) fn tag(&self) -> String {
        // Written as JSON, so that no two lists of any names at all are written alike.
        let mut text = String::from("[");
        for (index, field) in self.fields().enumerate() {
            if index > 0 {
                text.push(',');
            }
            write_string(&mut text, field);
        }
        text.push(']');
        let mut tag = sha256_hex(&text);
        tag.truncate(8);
        tag
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            fields: Self::DEFAULT.map(str::to_owned).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(fields: &[&str]) -> Layout {
        Layout::new(fields.iter().map(|field| (*field).to_owned())).unwrap()
    }

    #[test]
    fn the_same_fields_in_any_order_are_the_same_list() {
        assert_eq!(list(&["x", "y"]), list(&["y", "x", "y"]));
        assert_eq!(list(&["x", "y"]).tag(), list(&["y", "x", "y"]).tag());
    }

    #[test]
    fn other_fields_have_another_tag() {
        assert_ne!(list(&["x", "y"]).tag(), list(&["x"]).tag());
        assert_ne!(list(&["x\",\"y"]).tag(), list(&["x", "y"]).tag());
        assert_ne!(list(&[]).tag(), list(&[""]).tag());
    }

    #[test]
    fn what_callers_would_notice_cannot_be_called_layout() {
        let refused = Layout::new(["x".to_owned(), "targetId".to_owned()]);
        assert_eq!(refused, Err(NotLayout("targetId".to_owned())));
    }
}
