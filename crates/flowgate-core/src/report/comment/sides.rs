//! One flow before and after, as all sections look at it. What they say of it is theirs.

use crate::delta::{Change, Delta, FieldChange};
use crate::flow::{Connector, names};
use crate::report::routes::{Route, Routes, compare};
use crate::report::view::View;
use crate::review::{Baseline, FlowReview};
use crate::risk::{FlowRisk, RiskReason, of_connector};

/// One flow before and after.
pub(super) struct Sides<'a> {
    pub(super) old: View<'a>,
    pub(super) new: View<'a>,
    pub(super) delta: &'a Delta,
    pub(super) risk: &'a FlowRisk,
    pub(super) routes: Routes,
    /// What the old side is called.
    pub(super) before: &'static str,
}

impl<'a> Sides<'a> {
    /// `None` where there is nothing to compare, or it is not at hand.
    pub(super) fn new(flow: &'a FlowReview) -> Option<Self> {
        let (old, new) = (View::new(flow.baseline.flow()?), View::new(flow.flow()?));
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
            let sides = self.old.changed(&change.subject);
            let sides = sides.zip(self.new.changed(&change.subject));
            let same = sides.filter(|(old, new)| {
                names::label(self.old.flow, old) == names::label(self.new.flow, new)
            });
            let cases = change.fields.iter().filter(is_case);
            cases.filter_map(move |field| Some((same?.1, change, field)))
        })
    }
}
