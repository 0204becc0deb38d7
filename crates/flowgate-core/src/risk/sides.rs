//! Both flows of a change as graphs, and what is the same thing on both sides.

use std::collections::{HashMap, HashSet};

use crate::delta::{ChangeKind, Delta, Subject, SubjectKind};
use crate::flow::branch::Branch;
use crate::flow::{Connector, Element, ElementType, FlowView};
use crate::ids::ElementId;

/// How many elements of a way are told; what stands before them is `…`.
pub(super) const TOLD: usize = 6;

/// Before and after.
pub(super) struct Sides<'a> {
    pub(super) old: FlowView<'a>,
    pub(super) new: FlowView<'a>,
    /// Elements whose id alone is new: old to new, and back.
    renamed: HashMap<&'a ElementId, &'a ElementId>,
    was: HashMap<&'a ElementId, &'a ElementId>,
    /// Things that live on under another id.
    lives_on: HashSet<&'a Subject>,
    /// All ways of now, where some are gone: source, case, target.
    ways: HashSet<(&'a ElementId, Branch<'a>, &'a ElementId)>,
    /// By source and case: the first way that is new.
    added: HashMap<(&'a ElementId, Branch<'a>), &'a Connector>,
    /// Source (its id of now) and case of ways that are gone.
    removed: HashSet<(&'a ElementId, Branch<'a>)>,
}

impl<'a> Sides<'a> {
    pub(super) fn new(old: FlowView<'a>, new: FlowView<'a>, delta: &'a Delta) -> Self {
        let mut sides = Self {
            old,
            new,
            renamed: HashMap::new(),
            was: HashMap::new(),
            lives_on: HashSet::new(),
            ways: HashSet::new(),
            added: HashMap::new(),
            removed: HashSet::new(),
        };
        for change in &delta.changes {
            if let Some(before) = &change.renamed_from {
                sides.lives_on.insert(before);
                if let (Subject::Element(was), Subject::Element(is)) = (before, &change.subject) {
                    sides.renamed.insert(was, is);
                    sides.was.insert(is, was);
                }
            }
        }
        sides.look_at_ways(delta);
        sides
    }

    fn look_at_ways(&mut self, delta: &'a Delta) {
        for change in delta.of(SubjectKind::Connector) {
            let subject = &change.subject;
            match change.change {
                ChangeKind::Added => {
                    if let Some(new) = subject.connector(self.new.index) {
                        let case = (&new.source, branch(&self.new, new));
                        self.added.entry(case).or_insert(new);
                    }
                }
                ChangeKind::Removed if !self.lives_on(subject) => {
                    if let Some(old) = subject.connector(self.old.index) {
                        let source = self.renamed.get(&old.source);
                        let case = branch(&self.old, old);
                        self.removed
                            .insert((source.copied().unwrap_or(&old.source), case));
                    }
                }
                _ => {}
            }
        }
        if !self.removed.is_empty() {
            let ways = self.new.flow().connectors().iter();
            self.ways = ways
                .map(|way| (&way.source, branch(&self.new, way), &way.target))
                .collect();
        }
    }

    /// Whether there is a way now from this source to this target in this case.
    pub(super) fn has_way(
        &self,
        source: &ElementId,
        case: &Branch<'_>,
        target: &ElementId,
    ) -> bool {
        self.ways.contains(&(source, case.clone(), target))
    }

    /// The new way out of this element in this case.
    pub(super) fn new_way(&self, source: &ElementId, case: &Branch<'_>) -> Option<&'a Connector> {
        self.added.get(&(source, case.clone())).copied()
    }

    /// Whether a way out of this element in this case is gone.
    pub(super) fn lost_way(&self, source: &ElementId, case: &Branch<'_>) -> bool {
        self.removed.contains(&(source, case.clone()))
    }

    /// The id that an element of before has now.
    pub(super) fn now<'s>(&'s self, id: &'s ElementId) -> &'s ElementId {
        self.renamed.get(id).copied().unwrap_or(id)
    }

    /// The id that an element of now had before.
    pub(super) fn before<'s>(&'s self, id: &'s ElementId) -> &'s ElementId {
        self.was.get(id).copied().unwrap_or(id)
    }

    /// Whether this thing of before lives on under another id.
    pub(super) fn lives_on(&self, subject: &Subject) -> bool {
        self.lives_on.contains(subject)
    }

    /// Whether an element of now was there before.
    pub(super) fn is_old(&self, id: &ElementId) -> bool {
        let id = self.before(id);
        self.old.flow().element(id).is_some() || self.old.flow().is_damaged(id)
    }

    /// Whether calls surely came to this element of before, and it is still there, and none comes to it now.
    pub(super) fn is_cut_off(&self, before: &ElementId) -> bool {
        let now = self.now(before);
        // Where a call ends is no place that callers miss: there is another end, or another finding says so.
        let is_end = |element: &Element| element.kind == ElementType::End;
        !self.old.flow().element(before).is_some_and(is_end)
            && self.old.surely_reaches(before)
            && self.new.flow().element(now).is_some()
            && self.new.is_known()
            && !self.new.surely_reaches(now)
            && !super::element::is_bypassed(self, before)
    }

    /// Whether a way for all other cases leads from this element to that one, in this flow.
    pub(super) fn default_leads(
        view: &FlowView<'_>,
        source: &ElementId,
        target: &ElementId,
    ) -> bool {
        let mut exits = view.exits(source).iter().map(|&way| view.index.way(way));
        exits.any(|way| {
            way.target() == target && Branch::of_way(view.flow(), way) == Branch::Default
        })
    }

    /// Whether there is an element of this id now.
    pub(super) fn is_there(&self, id: &ElementId) -> bool {
        let flow = self.new.flow();
        flow.element(id).is_some() || flow.is_damaged(id) || flow.has_unidentified_elements()
    }
}

/// When a connector is taken.
pub(super) fn branch<'a>(view: &FlowView<'a>, connector: &Connector) -> Branch<'a> {
    Branch::of(view.flow(), connector.node)
}

/// The names on the last part of the way of a call to this element.
pub(super) fn way(view: &FlowView<'_>, id: &ElementId) -> Vec<String> {
    let (mut steps, is_cut) = view.way_to(id, TOLD).unwrap_or_default();
    if is_cut {
        steps.insert(0, "…".to_owned());
    }
    steps
}
