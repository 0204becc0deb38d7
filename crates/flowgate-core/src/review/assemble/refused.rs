//! Faults that CXone refuses, in flows that merging would send to it: there they are no old faults. A merge that will
//! fail must not be green, however long the file has been like this.

use crate::finding::{Finding, RuleId};
use crate::flow::Flow;
use crate::plan::{Action, Planned, Touch};
use crate::rules::{self, Firm, RuleSettings};

/// Lets such faults count where merging sends the flow, or would if nothing blocked it. What is live with a fault was
/// accepted with it. `plan` is `None` where there is no flow to plan for.
pub(super) fn let_count(
    findings: &mut [Finding],
    touch: Touch,
    plan: Option<&Planned>,
    live: Option<&Flow>,
    settings: &RuleSettings,
) {
    let is_sent = match plan {
        Some(plan) => !matches!(plan.action, Action::Nothing),
        None => touch.asks_for_write(),
    };
    let mut refused: Vec<&mut Finding> = findings
        .iter_mut()
        .filter(|finding| is_sent && finding.existing && is_refused(finding.rule))
        .collect();
    if refused.is_empty() {
        return;
    }
    let taken = live.map(|live| rules::fingerprints(live, settings));
    for finding in &mut refused {
        let taken = taken.as_ref();
        finding.existing = taken.is_some_and(|taken| taken.contains(&finding.fingerprint));
    }
}

fn is_refused(rule: RuleId) -> bool {
    let firm = rules::find(rule.as_str()).and_then(|rule| rule.firm);
    matches!(firm, Some(Firm::Refused(_)))
}
