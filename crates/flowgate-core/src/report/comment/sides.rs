//! One flow before and after, as all sections look at it. What they say of it is theirs.

use crate::delta::{Change, Delta, FieldChange};
use crate::flow::FlowView;
use crate::flow::{Connector, names};
use crate::report::routes::{Route, Routes, compare};
use crate::review::{Baseline, FlowReview};
use crate::risk::{FlowRisk, RiskReason, of_connector};

/// One flow before and after.
pub(super) struct Sides<'a> {
    pub(super) old: FlowView<'a>,
    pub(super) new: FlowView<'a>,
    pub(super) delta: &'a Delta,
    pub(super) risk: &'a FlowRisk,
    pub(super) routes: Routes,
    /// What the old side is called.
    pub(super) before: &'static str,
}

impl<'a> Sides<'a> {
    /// `None` where there is nothing to compare, or it is not at hand.
    pub(super) fn new(flow: &'a FlowReview) -> Option<Self> {
        let view = |side| FlowView::new(side, &flow.types);
        let (old, new) = (view(flow.baseline.flow()?), view(flow.flow()?));
        let delta = flow.delta.as_deref()?;
        let routes = compare(&old, &new, delta);
        Some(Self {
            old,
            new,
            delta,
            risk: flow.risk.as_ref()?,
            routes,
            before: match flow.baseline {
                Baseline::Published(_) => "Live now",
                _ => "On the base branch",
            },
        })
    }

    /// Whether callers who take it reach nothing after merging.
    pub(super) fn is_lost(&self, route: &Route) -> bool {
        let target = route.after.as_ref();
        target.is_some_and(|target| !self.new.has(target))
    }

    /// Ways that are called and lead as before, and are taken in another case; with the fields that say so.
    pub(super) fn other_cases(&self) -> impl Iterator<Item = (&Connector, &Change, &FieldChange)> {
        self.delta.changes.iter().flat_map(|change| {
            let is_case = |field: &&FieldChange| {
                !field.layout && of_connector(field) == RiskReason::ConditionChanged
            };
            let (before, after) = (self.old.index, self.new.index);
            let sides = change.subject.connector(before);
            let sides = sides.zip(change.subject.connector(after));
            let same = sides.filter(|(old, new)| {
                names::label(before.flow(), old) == names::label(after.flow(), new)
            });
            let cases = change.fields.iter().filter(is_case);
            cases.filter_map(move |field| Some((same?.1, change, field)))
        })
    }
}
