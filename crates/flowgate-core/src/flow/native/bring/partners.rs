//! Which item of a list of the file is which one of the same list of what is live.

use std::collections::BTreeMap;

use crate::flow::json::Value;
use crate::flow::{Layout, content_eq};

/// Which item of the file is which one of what is live.
#[derive(Default)]
pub(super) struct Partners {
    pub(super) old_of: BTreeMap<usize, usize>,
    pub(super) new_of: BTreeMap<usize, usize>,
}

/// By id; those without one by content, the n-th with the n-th.
pub(super) fn of(olds: &[Value<'_>], news: &[Value<'_>], layout: &Layout) -> Partners {
    let id = |value: &Value<'_>| {
        value
            .get("id")
            .and_then(|id| Some(id.as_str()?.into_owned()))
    };
    let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut nameless: Vec<usize> = Vec::new();
    for (index, value) in olds.iter().enumerate().rev() {
        match id(value) {
            Some(id) => by_id.entry(id).or_default().push(index),
            None => nameless.insert(0, index),
        }
    }
    let mut partners = Partners::default();
    for (index, value) in news.iter().enumerate() {
        let was = match id(value) {
            Some(id) => by_id.get_mut(&id).and_then(Vec::pop),
            None => nameless
                .iter()
                .position(|&was| content_eq(olds[was], *value, layout))
                .map(|place| nameless.remove(place)),
        };
        if let Some(was) = was {
            partners.old_of.insert(index, was);
            partners.new_of.insert(was, index);
        }
    }
    partners
}
