//! What the change of an element means.

use std::collections::BTreeSet;

use super::cause::Cause;
use super::sides::Sides;
use super::{RiskReason, fields};
use crate::delta::{Change, ChangeKind};
use crate::flow::{Element, ElementType, Way};
use crate::ids::ElementId;

pub(super) fn causes(sides: &Sides<'_>, change: &Change, id: &ElementId) -> Vec<Cause> {
    let now = sides.new.flow().element(id);
    let before = sides.old.flow().element(sides.before(id));
    let immutable = before.is_some_and(|element| element.kind.is_immutable());
    match change.change {
        ChangeKind::Moved => Vec::new(),
        ChangeKind::Added => vec![added(sides, change, now, immutable)],
        ChangeKind::Removed => vec![removed(sides, change, id, immutable)],
        ChangeKind::Modified if immutable => vec![refused()],
        ChangeKind::Modified => modified(sides, change, id, before, now),
    }
}

fn refused() -> Cause {
    Cause::new(
        RiskReason::BeginOrEndChanged,
        "calls that are under way rely on it; CXone refuses the version",
    )
}

fn unreached() -> Cause {
    Cause::new(RiskReason::NotReached, "no call reaches it")
}

fn added(sides: &Sides<'_>, change: &Change, now: Option<&Element>, immutable: bool) -> Cause {
    if change.renamed_from.is_some() {
        return if immutable {
            refused()
        } else {
            Cause::new(RiskReason::IdChanged, "only its id is new")
        };
    }
    let Some(element) = now.filter(|element| sides.new.reaches(&element.id)) else {
        return unreached();
    };
    match element.kind {
        ElementType::Api | ElementType::Database => Cause::new(
            RiskReason::OutsideSystemAdded,
            "calls now depend on the answer of an outside system",
        ),
        _ => Cause::new(RiskReason::ElementAdded, "callers come to a new place"),
    }
}

fn removed(sides: &Sides<'_>, change: &Change, id: &ElementId, immutable: bool) -> Cause {
    if sides.new.flow().is_damaged(id) {
        return Cause::new(
            RiskReason::SettingChanged,
            "it stands in the file but cannot be read",
        );
    }
    if immutable {
        return refused();
    }
    if sides.lives_on(&change.subject) {
        return Cause::new(RiskReason::IdChanged, "only its id is new");
    }
    if !sides.old.reaches(id) {
        return unreached();
    }
    if is_bypassed(sides, id) {
        return Cause::new(
            RiskReason::ElementBypassed,
            "callers go on without coming here",
        );
    }
    Cause::new(
        RiskReason::ElementRemoved,
        "callers who came here no longer can",
    )
}

/// Whether the way was closed around it: it had one way on, and all that led to it now leads there. A hand-off is no
/// station that can be left out.
fn is_bypassed(sides: &Sides<'_>, id: &ElementId) -> bool {
    let old = &sides.old;
    let kind = old.flow().element(id).map(|element| &element.kind);
    if matches!(kind, Some(ElementType::Queue | ElementType::Agent)) {
        return false;
    }
    let Some(on) = way_on(sides, id) else {
        return false;
    };
    let Some(index) = old.flow().element_index(id) else {
        return false;
    };
    let mut sources = old.graph().predecessors(index).iter().map(|edge| {
        let source = &old.flow().elements()[edge.element].id;
        (source, sides.now(source))
    });
    sources.all(|(was, is)| {
        // What leads here and is gone too says so itself.
        was == id
            || sides.new.flow().element(is).is_none()
            || sides.new.joined_exits(is).any(|exit| exit.target() == on)
    })
}

/// Where callers go from here when what is gone is left out: the one element that stays.
fn way_on<'s>(sides: &'s Sides<'_>, id: &'s ElementId) -> Option<&'s ElementId> {
    const LOOKED_AT: usize = 16;
    let mut at = id;
    for _ in 0..LOOKED_AT {
        // Who stays here for another round goes on from here in the end.
        let exits = sides.old.joined_exits(at).map(Way::target);
        let targets: BTreeSet<&ElementId> = exits.filter(|target| *target != at).collect();
        let (Some(target), 1) = (targets.first(), targets.len()) else {
            return None;
        };
        let now = sides.now(target);
        if sides.new.flow().element(now).is_some() {
            return Some(now);
        }
        at = target;
    }
    None
}

fn modified(
    sides: &Sides<'_>,
    change: &Change,
    id: &ElementId,
    before: Option<&Element>,
    now: Option<&Element>,
) -> Vec<Cause> {
    let reached = sides.new.reaches(id) || sides.old.reaches(sides.before(id));
    if !reached {
        return vec![unreached()];
    }
    let kind = now.or(before).map(|element| &element.kind);
    let fields = change.fields.iter().filter(|field| !field.layout);
    let mut causes: Vec<Cause> = fields
        .map(|field| {
            let reason = kind.map_or(RiskReason::SettingChanged, |kind| {
                fields::of_element(kind, field)
            });
            Cause::new(reason, notice(reason))
        })
        .collect();
    if causes.is_empty() {
        causes.push(Cause::new(
            RiskReason::SettingChanged,
            notice(RiskReason::SettingChanged),
        ));
    }
    causes
}

/// What callers notice of a changed field.
fn notice(reason: RiskReason) -> &'static str {
    match reason {
        RiskReason::ElementRetyped => "callers who come here meet something of another kind",
        RiskReason::EndpointChanged => "another address is asked on behalf of callers",
        RiskReason::TimeoutShortened => "callers or systems are given less time here",
        RiskReason::PromptChanged => "callers hear something else",
        RiskReason::SoundChanged => "callers hear another recording, voice or language",
        RiskReason::SkillChanged => "callers are handed to somebody else",
        RiskReason::DefaultBranchChanged => "calls that fit no other case are treated differently",
        RiskReason::ConditionChanged => "calls are told apart by another condition",
        RiskReason::NameChanged => "only a name or a note for designers is different",
        _ => "a setting is different whose meaning only the tenant knows",
    }
}
