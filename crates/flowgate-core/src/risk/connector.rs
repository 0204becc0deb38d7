//! What the change of a connector means: ways that lead elsewhere, new ones, and those that are gone.

use super::cause::Cause;
use super::sides::{Sides, branch};
use super::{RiskReason, fields};
use crate::delta::{Change, ChangeKind, Subject};
use crate::flow::branch::Branch;
use crate::flow::{Connector, ElementType, FlowView, names};
use crate::ids::ElementId;

pub(super) fn causes(sides: &Sides<'_>, change: &Change) -> Vec<Cause> {
    let before = change.renamed_from.as_ref().unwrap_or(&change.subject);
    let old = before.connector(sides.old.index);
    let new = change.subject.connector(sides.new.index);
    match (change.change, old, new) {
        (ChangeKind::Added, _, Some(new)) => vec![added(sides, change, new)],
        (ChangeKind::Removed, Some(old), _) => removed(sides, &change.subject, old),
        (ChangeKind::Modified, Some(old), Some(new)) => modified(sides, change, old, new),
        // Two of one id, or of which one could not be read: nobody can say which is meant.
        _ => vec![Cause::new(
            RiskReason::WayChanged,
            "it cannot be told from another of its id",
        )],
    }
}

fn unreached() -> Cause {
    Cause::new(RiskReason::NotReached, "no call comes here")
}

fn redrawn() -> Cause {
    Cause::new(RiskReason::IdChanged, "the same way, drawn anew")
}

fn same_as_default() -> Cause {
    Cause::new(
        RiskReason::SameAsDefault,
        "it leads where all other cases lead",
    )
}

/// Whether a way is for one case of several.
fn is_case(branch: &Branch<'_>) -> bool {
    matches!(branch, Branch::When(_) | Branch::Called(_))
}

/// That callers no longer come to the element that a way led to, although it is still there.
fn cut_off(sides: &Sides<'_>, old: &Connector) -> Option<Cause> {
    let is_lost = sides.old.surely_reaches(&old.source) && sides.is_cut_off(&old.target);
    is_lost.then(|| {
        Cause::new(
            RiskReason::PlaceCutOff,
            format!(
                "no caller reaches {} any more",
                name(&sides.old, &old.target)
            ),
        )
    })
}

fn added(sides: &Sides<'_>, change: &Change, new: &Connector) -> Cause {
    let source = &new.source;
    if !sides.new.reaches(source) {
        return unreached();
    }
    if !sides.is_there(&new.target) {
        return nowhere(&sides.new, new);
    }
    if change.renamed_from.is_some() {
        return redrawn();
    }
    if !sides.is_old(source) {
        return Cause::new(RiskReason::PartOfElement, "a way out of a new element");
    }
    if sides.lost_way(source, &branch(&sides.new, new)) {
        // What is gone in its favour says what that means.
        return Cause::new(RiskReason::PartOfElement, "takes the place of another way");
    }
    let was = (sides.before(source), sides.before(&new.target));
    if is_case(&branch(&sides.new, new))
        && Sides::default_leads(&sides.new, source, &new.target)
        && Sides::default_leads(&sides.old, was.0, was.1)
    {
        return same_as_default();
    }
    let target = name(&sides.new, &new.target);
    Cause::new(
        RiskReason::BranchAdded,
        format!("callers{} reach {target}", who(&sides.new, new)),
    )
}

fn removed(sides: &Sides<'_>, subject: &Subject, old: &Connector) -> Vec<Cause> {
    let source = sides.now(&old.source);
    if sides.lives_on(subject) {
        return vec![redrawn()];
    }
    if sides.new.flow().element(source).is_none() {
        return vec![Cause::new(
            RiskReason::PartOfElement,
            "went with the element that it left",
        )];
    }
    if !sides.old.reaches(&old.source) {
        return vec![unreached()];
    }
    let case = branch(&sides.old, old);
    if sides.has_way(source, &case, sides.now(&old.target)) {
        return vec![redrawn()];
    }
    if is_case(&case)
        && Sides::default_leads(&sides.old, &old.source, &old.target)
        && Sides::default_leads(&sides.new, source, sides.now(&old.target))
    {
        return vec![same_as_default()];
    }
    match sides.new_way(source, &case) {
        Some(new) => redirected(sides, old, new),
        None => vec![Cause::new(
            RiskReason::BranchRemoved,
            format!(
                "callers{} no longer reach {}",
                who(&sides.old, old),
                name(&sides.old, &old.target)
            ),
        )],
    }
}

fn modified(sides: &Sides<'_>, change: &Change, old: &Connector, new: &Connector) -> Vec<Cause> {
    let reached = sides.new.reaches(&new.source) || sides.old.reaches(&old.source);
    if !reached {
        return vec![unreached()];
    }
    let mut causes = Vec::new();
    if sides.now(&old.source) != &new.source {
        causes.extend(removed(sides, &change.subject, old));
        if sides.is_old(&new.source) {
            causes.push(added(sides, change, new));
        }
    } else if sides.now(&old.target) != &new.target {
        causes.extend(redirected(sides, old, new));
    }
    let (was, is) = (branch(&sides.old, old), branch(&sides.new, new));
    let is_other_case = was != is;
    if is_other_case {
        causes.push(match (&was, &is) {
            (Branch::Default, _) | (_, Branch::Default) => Cause::new(
                RiskReason::DefaultBranchChanged,
                "calls that fit no other case are treated differently",
            ),
            _ => Cause::new(
                RiskReason::ConditionChanged,
                "callers take this way by another choice or condition",
            ),
        });
    }
    let others = change.fields.iter().filter(|field| {
        !field.layout && !matches!(field.pointer.as_str(), "/sourceId" | "/targetId")
    });
    let others = others.map(fields::of_connector).filter(|reason| {
        // What the branch is made of was judged as a whole: one field gives one reason.
        let is_part = match reason {
            RiskReason::ConditionChanged | RiskReason::SettingChanged => true,
            RiskReason::NameChanged => [&was, &is]
                .iter()
                .any(|branch| matches!(branch, Branch::Called(_))),
            _ => false,
        };
        !is_other_case || !is_part
    });
    causes.extend(others.map(|reason| Cause::new(reason, reason.words())));
    if causes.is_empty() {
        causes.push(redrawn());
    }
    causes
}

fn redirected(sides: &Sides<'_>, old: &Connector, new: &Connector) -> Vec<Cause> {
    if !sides.is_there(&new.target) {
        return vec![nowhere(&sides.new, new)];
    }
    let hands_off = |side: &FlowView<'_>, id: &ElementId| {
        side.flow()
            .element(id)
            .is_some_and(|element| matches!(element.kind, ElementType::Queue | ElementType::Agent))
    };
    let reason = if branch(&sides.old, old) == Branch::Default {
        RiskReason::DefaultBranchChanged
    } else if hands_off(&sides.old, &old.target) || hands_off(&sides.new, &new.target) {
        RiskReason::HandOffChanged
    } else {
        RiskReason::WayChanged
    };
    let elsewhere = Cause::new(
        reason,
        format!(
            "callers{} reach {} instead of {}",
            who(&sides.new, new),
            name(&sides.new, &new.target),
            name(&sides.old, &old.target)
        ),
    );
    cut_off(sides, old).into_iter().chain([elsewhere]).collect()
}

fn nowhere(side: &FlowView<'_>, connector: &Connector) -> Cause {
    Cause::new(
        RiskReason::LeadsNowhere,
        format!("callers{} reach nothing", who(side, connector)),
    )
}

/// ` who take “press 2”`, where something is written on the way.
fn who(side: &FlowView<'_>, connector: &Connector) -> String {
    let label = names::label(side.flow(), connector);
    label.map_or_else(String::new, |label| format!(" who take “{label}”"))
}

fn name(side: &FlowView<'_>, id: &ElementId) -> String {
    side.flow().element(id).map_or_else(
        || format!("`{id}`"),
        |element| names::element(side.flow(), element),
    )
}
