//! A list for each of many things, all in one piece of memory.

/// The list of thing `i` stands at `starts[i]..starts[i + 1]`.
#[derive(Debug, Clone)]
pub(crate) struct Lists<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T: Copy> Lists<T> {
    /// Lists for this many things, from pairs of a thing and an item; items keep their order.
    pub(crate) fn new(things: usize, pairs: impl Iterator<Item = (usize, T)> + Clone) -> Self {
        let mut starts = vec![0; things + 1];
        for (thing, _) in pairs.clone() {
            starts[thing + 1] += 1;
        }
        for thing in 0..things {
            starts[thing + 1] += starts[thing];
        }
        let mut items = Vec::new();
        if let Some((_, any)) = pairs.clone().next() {
            items = vec![any; starts[things]];
            let mut free = starts.clone();
            for (thing, item) in pairs {
                items[free[thing]] = item;
                free[thing] += 1;
            }
        }
        Self { starts, items }
    }

    /// How many lists there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The list of a thing; empty where there is no such thing.
    pub(crate) fn of(&self, thing: usize) -> &[T] {
        let range = self.starts.get(thing).zip(self.starts.get(thing + 1));
        range
            .and_then(|(&start, &end)| self.items.get(start..end))
            .unwrap_or(&[])
    }
}
