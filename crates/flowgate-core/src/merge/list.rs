//! Three lists of things become one: which thing is which, and in what order they stand.

use std::collections::BTreeMap;

use super::Side;
use super::value::Three;
use crate::flow::json::Value;
use crate::flow::pairing::Pairing;

/// One thing, wherever it stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot<'f> {
    /// Its versions.
    pub(super) three: Three<'f>,
    /// Where it stands in our list.
    pub(super) ours: Option<usize>,
    /// Where it stands in their list.
    pub(super) theirs: Option<usize>,
}

impl Slot<'_> {
    fn is_common(&self) -> bool {
        self.ours.is_some() && self.theirs.is_some()
    }
}

/// Which thing is which.
pub(super) struct Pairings {
    /// Of the base and of ours.
    pub(super) ours: Pairing,
    /// Of the base and of theirs.
    pub(super) theirs: Pairing,
    /// Of ours and of theirs: asked about what both added.
    pub(super) added: Pairing,
}

/// All things of three lists.
pub(super) struct Arranged<'f> {
    /// Those of the base first, in its order, then those that ours added, then those that theirs added.
    pub(super) slots: Vec<Slot<'f>>,
    base: usize,
    ours: Vec<usize>,
    theirs: Vec<usize>,
}

/// An order of slots, and whether both sides can agree on it.
pub(super) struct Order {
    pub(super) slots: Vec<usize>,
    pub(super) is_agreed: bool,
}

/// Puts the versions of each thing side by side.
pub(super) fn arrange<'f>(
    [base, ours, theirs]: [&[Value<'f>]; 3],
    pairings: &Pairings,
) -> Arranged<'f> {
    let mut slots: Vec<Slot<'f>> = vec![Slot::default(); base.len()];
    for (slot, value) in slots.iter_mut().zip(base) {
        slot.three.base = Some(*value);
    }
    let mut our_order = Vec::with_capacity(ours.len());
    for (index, value) in ours.iter().enumerate() {
        let slot = pairings.ours.old_of(index).unwrap_or_else(|| {
            slots.push(Slot::default());
            slots.len() - 1
        });
        slots[slot].three.ours = Some(*value);
        slots[slot].ours = Some(index);
        our_order.push(slot);
    }
    let mut their_order = Vec::with_capacity(theirs.len());
    for (index, value) in theirs.iter().enumerate() {
        let added_by_both = || {
            let slot = our_order[pairings.added.old_of(index)?];
            (slot >= base.len()).then_some(slot)
        };
        let of_base = pairings.theirs.old_of(index);
        let slot = of_base.or_else(added_by_both).unwrap_or_else(|| {
            slots.push(Slot::default());
            slots.len() - 1
        });
        slots[slot].three.theirs = Some(*value);
        slots[slot].theirs = Some(index);
        their_order.push(slot);
    }
    Arranged {
        slots,
        base: base.len(),
        ours: our_order,
        theirs: their_order,
    }
}

impl Arranged<'_> {
    /// The order of the things that are left: what one side moved stands where that side put it, what was added
    /// stands behind what it was put behind. Where the two cannot agree, the order of `take` counts.
    pub(super) fn order<'k>(
        &self,
        take: Side,
        is_left: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k str,
    ) -> Order {
        let common = |list: &[usize]| -> Vec<usize> {
            let common = list.iter().filter(|slot| self.slots[**slot].is_common());
            common.copied().collect()
        };
        let moved = |list: &[usize]| {
            let known = list.iter().filter(|slot| **slot < self.base);
            !known.is_sorted()
        };
        let (ours, theirs) = (common(&self.ours), common(&self.theirs));
        let which = match (ours == theirs, moved(&ours), moved(&theirs)) {
            (true, _, _) | (_, true, false) => Some(Side::Ours),
            (_, false, true) => Some(Side::Theirs),
            _ => None,
        };
        let spine = match which.unwrap_or(take) {
            Side::Ours => ours,
            Side::Theirs => theirs,
        };
        let runs = [&self.ours, &self.theirs].map(|list| self.runs(list, &is_left));
        let mut slots = Vec::with_capacity(self.slots.len());
        for anchor in std::iter::once(None).chain(spine.into_iter().map(Some)) {
            slots.extend(anchor.filter(|slot| is_left(*slot)));
            let mut behind: Vec<&Vec<usize>> =
                runs.iter().filter_map(|runs| runs.get(&anchor)).collect();
            // Which of two additions at one place comes first must not depend on who merges whom.
            behind.sort_by_key(|run| run.first().map(|slot| key(*slot)));
            slots.extend(behind.into_iter().flatten());
        }
        Order {
            slots,
            is_agreed: which.is_some(),
        }
    }

    /// What only this list has, by what it stands behind.
    fn runs(
        &self,
        list: &[usize],
        is_left: impl Fn(usize) -> bool,
    ) -> BTreeMap<Option<usize>, Vec<usize>> {
        let mut runs: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        let mut anchor = None;
        for &slot in list {
            if self.slots[slot].is_common() {
                anchor = Some(slot);
            } else if is_left(slot) {
                runs.entry(anchor).or_default().push(slot);
            }
        }
        runs
    }
}
