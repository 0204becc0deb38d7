//! From a delta and both flows to the risk of each change and of the whole.

use semver::Version;

use super::cause::Cause;
use super::sides::{self, Sides};
use super::{Risk, RiskReason, Step, VersionStep, connector, element};
use crate::delta::{ChangeKind, Delta, Subject};
use crate::flow::FlowView;

/// The risk of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRisk {
    /// What was changed.
    pub subject: Subject,
    /// Its name for people.
    pub name: String,
    /// Why, worst first; never empty.
    pub causes: Vec<Cause>,
    /// Names on the way of a call from Begin to the place, Begin left out; `…` stands for what was cut in front. Empty
    /// where no call comes there, and for what is safe.
    pub way: Vec<String>,
}

impl ChangeRisk {
    /// How risky it is.
    pub fn risk(&self) -> Risk {
        let risks = self.causes.iter().map(|cause| cause.reason.risk());
        risks.max().unwrap_or(Risk::Safe)
    }
}

/// The risk of all changes of one flow, in the order of the delta.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowRisk {
    /// One for each change of the delta.
    pub changes: Vec<ChangeRisk>,
}

impl FlowRisk {
    /// The worst of all; `None` where nothing is different.
    pub fn level(&self) -> Option<Risk> {
        self.changes.iter().map(ChangeRisk::risk).max()
    }

    /// The step that the version needs; `None` where no new version is needed.
    pub fn step(&self) -> Option<Step> {
        let causes = self.changes.iter().flat_map(|change| &change.causes);
        causes.filter_map(|cause| cause.reason.step()).max()
    }

    /// Holds the proposed version against the step that is needed; `None` where none is needed or there is no
    /// successor.
    pub fn version_step(&self, before: &Version, now: &Version) -> Option<VersionStep> {
        VersionStep::new(self.step()?, before, now)
    }

    /// Changes of at least this risk, worst first, else in the order of the delta.
    pub fn at_least(&self, risk: Risk) -> Vec<&ChangeRisk> {
        let changes = self.changes.iter();
        let mut changes: Vec<_> = changes.filter(|change| change.risk() >= risk).collect();
        // Reasons stand in the order of their weight: a skill or a target that is another ranks above a text.
        changes.sort_by_key(|change| {
            let first = change.causes.first().map(|cause| cause.reason);
            (std::cmp::Reverse(change.risk()), first)
        });
        changes
    }
}

/// What the change means for callers. `delta` is that of `old` and `new`.
pub fn assess(old: FlowView<'_>, new: FlowView<'_>, delta: &Delta) -> FlowRisk {
    if delta.is_empty() {
        return FlowRisk::default();
    }
    let sides = Sides::new(old, new, delta);
    let changes = delta.changes.iter().map(|change| {
        let mut causes = match (&change.change, &change.subject) {
            (ChangeKind::Moved, _) => vec![Cause::new(
                RiskReason::Moved,
                "only its place on the canvas is different",
            )],
            (_, Subject::Element(id)) => element::causes(&sides, change, id),
            _ => connector::causes(&sides, change),
        };
        causes.sort_by_key(|cause| cause.reason);
        causes.dedup();
        let mut risk = ChangeRisk {
            subject: change.subject.clone(),
            name: change.name.clone(),
            causes,
            way: Vec::new(),
        };
        if risk.risk() > Risk::Safe {
            risk.way = way(&sides, &change.subject);
        }
        risk
    });
    FlowRisk {
        changes: changes.collect(),
    }
}

/// The way of a call to what was changed: as it will be, else as it was.
fn way(sides: &Sides<'_>, subject: &Subject) -> Vec<String> {
    [&sides.new, &sides.old]
        .into_iter()
        .find_map(|side| {
            let id = match subject {
                Subject::Element(id) => id,
                other => &other.connector(side.index)?.source,
            };
            side.surely_reaches(id).then(|| sides::way(side, id))
        })
        .unwrap_or_default()
}
