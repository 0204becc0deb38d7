//! What the change of an element means.

use std::collections::BTreeSet;

use super::cause::Cause;
use super::sides::Sides;
use super::{RiskReason, fields};
use crate::delta::{Change, ChangeKind};
use crate::flow::branch::Branch;
use crate::flow::{Element, ElementType, FlowView, Way};
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
pub(super) fn is_bypassed(sides: &Sides<'_>, id: &ElementId) -> bool {
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
    let ways = Settings::new(sides, id);
    let mut causes: Vec<Cause> = ways.causes(sides);
    let others = fields.filter(|field| !ways.explain(&field.pointer));
    let others = others.map(|field| {
        let reason = kind.map_or(RiskReason::SettingChanged, |kind| {
            fields::of_element(kind, field)
        });
        Cause::new(reason, notice(reason))
    });
    causes.extend(others);
    if causes.is_empty() {
        causes.push(Cause::new(
            RiskReason::SettingChanged,
            notice(RiskReason::SettingChanged),
        ));
    }
    causes
}

/// Ways that the settings of one element name, before and after.
struct Settings<'a> {
    before: Vec<Way<'a>>,
    after: Vec<Way<'a>>,
}

impl<'a> Settings<'a> {
    fn new(sides: &Sides<'a>, id: &ElementId) -> Self {
        let of = |view: &FlowView<'a>, id: &ElementId| -> Vec<Way<'a>> {
            let exits = view.exits(id).iter().map(|&way| view.index.way(way));
            exits.filter(|way| way.pointer().is_some()).collect()
        };
        Self {
            before: of(&sides.old, sides.before(id)),
            after: of(&sides.new, id),
        }
    }

    /// Whether a changed field is one of these ways, or holds some of them.
    fn explain(&self, pointer: &str) -> bool {
        let mut all = self.before.iter().chain(&self.after);
        all.any(|way| {
            let place = way.pointer().unwrap_or("");
            place == pointer
                || place
                    .strip_prefix(pointer)
                    .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// What callers notice of those that are different. Compared by what they are called, not by where they stand.
    fn causes(&self, sides: &Sides<'_>) -> Vec<Cause> {
        let label = |way: &Way<'_>| way.setting().map(|setting| setting.label.clone());
        let who = |way: &Way<'_>| {
            let label = label(way).unwrap_or_default();
            format!("callers who take “{label}”")
        };
        let mut causes = Vec::new();
        let mut gone: Vec<&Way<'_>> = self.before.iter().collect();
        for way in &self.after {
            let twin = gone.iter().position(|old| label(old) == label(way));
            let before = twin.map(|at| gone.remove(at));
            let same = before.is_some_and(|old| sides.now(old.target()) == way.target());
            if !sides.is_there(way.target()) {
                causes.push(Cause::new(
                    RiskReason::LeadsNowhere,
                    format!("{} reach nothing", who(way)),
                ));
            } else if same {
            } else if let Some(old) = before {
                if sides.is_cut_off(old.target()) {
                    causes.push(cut_off(sides, old));
                }
                let is_default = Branch::of_way(sides.new.flow(), *way) == Branch::Default;
                let reason = if is_default {
                    RiskReason::DefaultBranchChanged
                } else {
                    RiskReason::WayChanged
                };
                let (now, was) = (sides.new.name(way.target()), sides.old.name(old.target()));
                causes.push(Cause::new(
                    reason,
                    format!(
                        "{} reach {} instead of {}",
                        who(way),
                        now.unwrap_or_default(),
                        was.unwrap_or_default()
                    ),
                ));
            } else {
                let now = sides.new.name(way.target()).unwrap_or_default();
                causes.push(Cause::new(
                    RiskReason::BranchAdded,
                    format!("{} reach {now}", who(way)),
                ));
            }
        }
        for old in gone {
            if sides.is_cut_off(old.target()) {
                causes.push(cut_off(sides, old));
            }
            let was = sides.old.name(old.target()).unwrap_or_default();
            causes.push(Cause::new(
                RiskReason::BranchRemoved,
                format!("{} no longer reach {was}", who(old)),
            ));
        }
        causes
    }
}

fn cut_off(sides: &Sides<'_>, old: &Way<'_>) -> Cause {
    let was = sides.old.name(old.target()).unwrap_or_default();
    Cause::new(
        RiskReason::PlaceCutOff,
        format!("no caller reaches {was} any more"),
    )
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
