//! Finding for each thing of one list its partner in another: by the surest sign first, then by weaker ones.
//!
//! Knows nothing about flows. Every stage is linear in the things that are still alone.

use std::collections::VecDeque;
use std::hash::Hash;

use crate::ids::FastMap;

/// Which thing of the new list is which thing of the old one, both by index.
#[derive(Debug)]
pub(crate) struct Pairing {
    new_of: Vec<Option<usize>>,
    old_of: Vec<Option<usize>>,
}

impl Pairing {
    /// Nobody has a partner yet.
    pub(crate) fn new(old: usize, new: usize) -> Self {
        Self {
            new_of: vec![None; old],
            old_of: vec![None; new],
        }
    }

    /// The partner of a new thing.
    pub(crate) fn old_of(&self, new: usize) -> Option<usize> {
        self.old_of[new]
    }

    /// The partner of an old thing.
    pub(crate) fn new_of(&self, old: usize) -> Option<usize> {
        self.new_of[old]
    }

    /// Old things without a partner, in order.
    pub(crate) fn lone_old(&self) -> impl Iterator<Item = usize> {
        lone(&self.new_of)
    }

    /// New things without a partner, in order.
    pub(crate) fn lone_new(&self) -> impl Iterator<Item = usize> {
        lone(&self.old_of)
    }

    /// All pairs, in the order of the new list.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.old_of
            .iter()
            .enumerate()
            .filter_map(|(new, old)| Some(((*old)?, new)))
    }

    /// Makes two things partners.
    pub(crate) fn pair(&mut self, old: usize, new: usize) {
        self.new_of[old] = Some(new);
        self.old_of[new] = Some(old);
    }

    /// Pairs things without a partner that have the same key, the n-th with the n-th. No key, no partner.
    pub(crate) fn by_key<K: Eq + Hash>(
        &mut self,
        old_key: impl Fn(usize) -> Option<K>,
        new_key: impl Fn(usize) -> Option<K>,
    ) {
        let mut waiting = group(self.lone_old(), old_key);
        let pairs: Vec<_> = self
            .lone_new()
            .filter_map(|new| Some((waiting.get_mut(&new_key(new)?)?.pop_front()?, new)))
            .collect();
        for (old, new) in pairs {
            self.pair(old, new);
        }
    }

    /// As [`Pairing::by_key`], but only where a key stands as often among the lone old things as among the lone new
    /// ones: else which is whose would be a guess.
    pub(crate) fn by_sure_key<K: Eq + Hash>(
        &mut self,
        old_key: impl Fn(usize) -> Option<K>,
        new_key: impl Fn(usize) -> Option<K>,
    ) {
        let mut waiting = group(self.lone_old(), old_key);
        for (key, new) in group(self.lone_new(), new_key) {
            if let Some(old) = waiting.remove(&key).filter(|old| old.len() == new.len()) {
                for (old, new) in old.into_iter().zip(new) {
                    self.pair(old, new);
                }
            }
        }
    }

    /// Takes apart as few pairs as will do, so that all that stay stand in the same order in both lists.
    pub(crate) fn keep_order(&mut self) {
        let pairs: Vec<_> = self.pairs().collect();
        let olds: Vec<usize> = pairs.iter().map(|(old, _)| *old).collect();
        let mut kept = vec![false; pairs.len()];
        for index in longest_increasing(&olds) {
            kept[index] = true;
        }
        for ((old, new), kept) in pairs.into_iter().zip(kept) {
            if !kept {
                self.new_of[old] = None;
                self.old_of[new] = None;
            }
        }
    }

    /// Whether all pairs stand in the same order in both lists.
    pub(crate) fn is_in_order(&self) -> bool {
        self.pairs().map(|(old, _)| old).is_sorted()
    }
}

fn lone(partners: &[Option<usize>]) -> impl Iterator<Item = usize> {
    partners
        .iter()
        .enumerate()
        .filter(|(_, partner)| partner.is_none())
        .map(|(index, _)| index)
}

fn group<K: Eq + Hash>(
    things: impl Iterator<Item = usize>,
    key: impl Fn(usize) -> Option<K>,
) -> FastMap<K, VecDeque<usize>> {
    let mut groups: FastMap<K, VecDeque<usize>> = FastMap::default();
    for thing in things {
        if let Some(key) = key(thing) {
            groups.entry(key).or_default().push_back(thing);
        }
    }
    groups
}

/// Indices of a longest increasing subsequence of different numbers, last first.
fn longest_increasing(numbers: &[usize]) -> Vec<usize> {
    // `ends[n]` is the index of the smallest number that ends a subsequence of n + 1 numbers.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|&end| numbers[end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    std::iter::successors(ends.last().copied(), |&index| before[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairing(old: &[char], new: &[char]) -> Pairing {
        let mut pairing = Pairing::new(old.len(), new.len());
        pairing.by_key(|index| Some(old[index]), |index| Some(new[index]));
        pairing
    }

    #[test]
    fn the_nth_of_a_key_goes_with_the_nth() {
        let pairing = pairing(&['a', 'b', 'a'], &['a', 'a', 'a', 'c']);
        assert_eq!(pairing.pairs().collect::<Vec<_>>(), [(0, 0), (2, 1)]);
        assert_eq!(pairing.lone_old().collect::<Vec<_>>(), [1]);
        assert_eq!(pairing.lone_new().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn where_numbers_differ_nothing_is_guessed() {
        let mut pairing = Pairing::new(2, 3);
        let (old, new) = (['a', 'b'], ['a', 'a', 'b']);
        pairing.by_sure_key(|index| Some(old[index]), |index| Some(new[index]));
        assert_eq!(pairing.pairs().collect::<Vec<_>>(), [(1, 2)]);
    }

    #[test]
    fn what_jumped_the_queue_loses_its_partner_and_nobody_else() {
        let mut pairing = pairing(&['a', 'b', 'c', 'd'], &['d', 'a', 'b', 'c']);
        assert!(!pairing.is_in_order());
        pairing.keep_order();
        assert!(pairing.is_in_order());
        assert_eq!(pairing.lone_new().collect::<Vec<_>>(), [0]);
        assert_eq!(pairing.lone_old().collect::<Vec<_>>(), [3]);
    }
}
