//! The members of one object, and what to say about one that is missing.
//!
//! One pass over the object finds all that is asked for; a near miss among the other keys becomes the hint.

use super::super::json::{Names, Value};
use super::super::nearest::nearest;

/// How many keys of an object are looked through for a near miss.
const LOOKED_AT: usize = 64;

/// The first member of an object with each of some keys.
pub(super) struct Members<'d, 'k, const N: usize> {
    object: Value<'d>,
    keys: &'k Names<N>,
    values: [Option<Value<'d>>; N],
}

impl<'d, 'k, const N: usize> Members<'d, 'k, N> {
    /// Looks the keys up.
    pub(super) fn new(object: Value<'d>, keys: &'k Names<N>) -> Self {
        let values = object.pick(keys);
        Self {
            object,
            keys,
            values,
        }
    }

    /// The value of the key with this index.
    pub(super) fn get(&self, index: usize) -> Option<Value<'d>> {
        self.values.get(index).copied().flatten()
    }

    /// The key with this index.
    pub(super) fn key(&self, index: usize) -> &'static str {
        self.keys.text(index)
    }

    /// What to do about a missing key: rename the one that was probably meant (a known other name, or a near miss).
    pub(super) fn hint(&self, key: &str, other_names: &[&str]) -> Option<String> {
        let names = || {
            let members = self.object.members().take(LOOKED_AT);
            let names = members.map(|(name, _)| name.text());
            names.filter(|name| !self.keys.contain(name))
        };
        nearest(key, names())
            .or_else(|| {
                other_names
                    .iter()
                    .find_map(|other| names().find(|name| name == other))
            })
            .map(|found| format!("there is `{found}`: did you mean `{key}`?"))
    }
}
