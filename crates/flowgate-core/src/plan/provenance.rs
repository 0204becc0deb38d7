//! Whether a planned write may be carried out by this commit: it must be in order, and have come by pull requests.

use super::decision::{Decision, Fault, blocked, held_back, nothing};
use super::{Action, Planned, Touch};
use crate::order::{Arrival, Order, Provenance};
use crate::platform::FlowOnPlatform;

/// The plan once it is known where the content of the file comes from. `platform` is what CXone said about the flow.
pub fn check_provenance(
    planned: Planned,
    touch: Touch,
    platform: Option<&FlowOnPlatform>,
    provenance: &Provenance,
    fault: Fault<'_>,
) -> Planned {
    // A flow that is blocked is superseded too: what stands in its way does not matter any more.
    if matches!(planned.action, Action::Blocked)
        && touch.asks_for_write()
        && let Some((action, reasons)) = provenance.order.as_ref().and_then(superseded)
    {
        return Planned {
            action,
            reasons,
            ..planned
        };
    }
    // What is taken back since it is wrong comes from no file.
    if !planned.action.writes() || matches!(planned.action, Action::TakeBack { .. }) {
        return planned;
    }
    let refused = provenance.arrival.as_ref().and_then(not_by_pull_request);
    let decision = refused.filter(|_| touch != Touch::Named).or_else(|| {
        let order = provenance.order.as_ref()?;
        out_of_order(&planned, touch, platform, order, fault)
    });
    let arrival = provenance.arrival.clone();
    match decision {
        Some((action, reasons)) => Planned {
            action,
            reasons,
            arrival,
            ..planned
        },
        None => Planned { arrival, ..planned },
    }
}

/// What is done in place of a write whose content did not come by merged pull requests; `None` where it did.
fn not_by_pull_request(arrival: &Arrival) -> Option<Decision> {
    match arrival {
        Arrival::Merged { .. } | Arrival::PushAllowed => None,
        Arrival::Pushed { commit, author } => {
            let by = author.as_ref().map(|author| format!(" by {author}"));
            Some(nothing(
                "direct-push",
                format!(
                    "commit {}{} changed it without a merged pull request: it stays unpublished until a pull request changes it or a start by hand names it",
                    commit.short(),
                    by.unwrap_or_default()
                ),
            ))
        }
        Arrival::NotCovered { pull_request } => Some(nothing(
            "newly-covered",
            format!(
                "`flows` did not cover it when #{pull_request} was merged, so its check did not show what that does; the next change of it publishes it"
            ),
        )),
        Arrival::Unknown { why } => Some(nothing(
            "origin-unknown",
            format!(
                "whether its changes came by merged pull requests could not be found out ({why}): it is left as it is"
            ),
        )),
    }
}

/// What is done with a flow of which another commit has taken this one's place; `None` where none has.
fn superseded(order: &Order) -> Option<Decision> {
    let by = order.superseded_by()?.short();
    let text = match order {
        Order::Superseded { .. } => format!(
            "superseded by {by}: the branch says otherwise of it since commit {by}, whose own run deploys that"
        ),
        _ => format!(
            "superseded by {by}: what is live comes from that commit, which is newer than this one"
        ),
    };
    Some(nothing("superseded", text))
}

/// What is done in place of a write that is not this commit's to do; `None` where it is.
fn out_of_order(
    planned: &Planned,
    touch: Touch,
    platform: Option<&FlowOnPlatform>,
    order: &Order,
    fault: Fault<'_>,
) -> Option<Decision> {
    if let Some(superseded) = superseded(order) {
        return Some(superseded);
    }
    if *order == Order::TakenBack
        && touch != Touch::Named
        && let Action::Publish { version_id, .. } = &planned.action
        && let Some(stored) = platform.and_then(|said| said.stored(version_id))
    {
        return Some(held_back(stored, touch, fault));
    }
    let why = order.objection()?;
    let is_overruled = touch == Touch::Named && order.may_be_overruled();
    (!is_overruled).then(|| blocked(NOT_IN_ORDER, why))
}

/// The reason's code, and the rule, where what is live comes from a commit that this one does not build on.
pub const NOT_IN_ORDER: &str = "not-in-order";
