//! Whether it is this commit's turn to write a flow.

use super::decision::{Decision, blocked, held_back, nothing};
use super::{Action, Facts, Touch};
use crate::order::Order;

/// The decision, if it is this commit's turn to carry it out.
pub(super) fn in_turn(decision: Decision, facts: &Facts<'_>) -> Decision {
    let Some(order) = facts.order.filter(|_| decision.0.writes()) else {
        return decision;
    };
    if let Order::Superseded { tip } = order {
        return nothing(
            "superseded",
            format!(
                "the branch says otherwise of it since commit {}, whose own run deploys that",
                tip.short()
            ),
        );
    }
    if *order == Order::TakenBack
        && facts.touch != Touch::Named
        && let Action::Publish { version_id, .. } = &decision.0
        && let Some(stored) = facts.platform.and_then(|said| said.stored(version_id))
    {
        return held_back(stored);
    }
    match order.objection() {
        Some(_) if facts.touch == Touch::Named && order.may_be_overruled() => decision,
        Some(why) => blocked("not-in-order", why),
        None => decision,
    }
}
