//! What a team lives with: waivers, each with a reason and a last day, and the findings that were accepted when it began.
//!
//! What they mean for a run is for [`crate::policy`]; that they are out of date is for [`crate::rules`].

use crate::day::Day;
use crate::finding::{Finding, Fingerprint, Location, RuleId};
use crate::ids::{ElementId, FlowId};

/// A waiver covers findings that have all of what it names. It names a rule or a fingerprint at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rule.
    pub rule: Option<RuleId>,
    /// The flow.
    pub flow: Option<FlowId>,
    /// The element.
    pub element: Option<ElementId>,
    /// The finding itself.
    pub fingerprint: Option<Fingerprint>,
    /// Why, for people.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Day,
    /// Where it stands.
    pub location: Location,
}

impl Waiver {
    /// Whether it is about this finding, whatever day it is.
    pub fn covers(&self, finding: &Finding) -> bool {
        fn fits<T: PartialEq>(named: Option<&T>, found: Option<&T>) -> bool {
            named.is_none() || named == found
        }
        fits(self.rule.as_ref(), Some(&finding.rule))
            && fits(self.flow.as_ref(), finding.flow.as_ref())
            && fits(self.element.as_ref(), finding.element.as_ref())
            && fits(self.fingerprint.as_ref(), Some(&finding.fingerprint))
    }

    /// Whether its last day is over.
    pub fn is_over(&self, today: Day) -> bool {
        today > self.until
    }

    /// What tells it from others.
    pub fn subject(&self) -> [&str; 4] {
        [
            self.rule.map_or("", RuleId::as_str),
            self.flow.as_ref().map_or("", FlowId::as_str),
            self.element.as_ref().map_or("", ElementId::as_str),
            self.fingerprint.as_ref().map_or("", Fingerprint::as_str),
        ]
    }
}

/// A finding that was there when `flowgate accept` recorded what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its flow.
    pub flow: FlowId,
    /// The finding.
    pub fingerprint: Fingerprint,
    /// Where its line stands.
    pub location: Location,
}
