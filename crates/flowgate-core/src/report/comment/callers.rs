//! What callers would notice: ways that lead elsewhere, and what they hear.

use super::details;
use super::ink::{Ink, LONGEST_WAY};
use super::sides::Sides;
use crate::delta::{Change, ChangeKind, FieldChange, Subject};
use crate::flow::FlowView;
use crate::flow::{Connector, names};
use crate::ids::ElementId;
use crate::redact::Named;
use crate::report::routes::Route;
use crate::report::{safe, values, words};
use crate::risk::{Cause, ChangeRisk, Risk, RiskReason, is_heard, is_sound};

const ROWS: usize = 40;

/// Of so many things that happen to callers the verdict tells.
const CLAUSES: usize = 3;

/// What happens to callers in a sentence, worst first: ways, places that are lost, what decides and hands over, texts. `say`
/// writes text from a flow.
pub(super) fn verdict(sides: &Sides<'_>, say: &dyn Fn(&str) -> String) -> String {
    let mut clauses: Vec<String> = ways(sides, say).into_iter().flatten().collect();
    clauses.extend(lost_place(sides, say));
    clauses.extend(decision(sides, say));
    clauses.extend(setting(sides, &DECIDES, say));
    let is_first = clauses.is_empty();
    clauses.extend(texts(sides, is_first, say).into_iter().flatten());
    if clauses.is_empty() {
        clauses.extend(setting(sides, RiskReason::ALL, say));
    }
    clauses.truncate(CLAUSES);
    match clauses.as_slice() {
        [] if sides.delta.is_empty() => "Nothing changes.".to_owned(),
        [] if sides.delta.is_layout_only() => {
            "Only moved on the canvas: callers notice nothing.".to_owned()
        }
        [] => "No way leads elsewhere and callers hear the same.".to_owned(),
        [first, rest @ ..] => {
            let mut text: String = first.chars().take(1).flat_map(char::to_uppercase).collect();
            text.extend(first.chars().skip(1));
            for clause in rest {
                text.push_str("; ");
                text.push_str(clause);
            }
            text.push('.');
            text
        }
    }
}

/// Ways that lead nowhere, and the worst of the others that are different.
fn ways(sides: &Sides<'_>, say: &dyn Fn(&str) -> String) -> [Option<String>; 2] {
    let changed = sides.routes.changed.iter();
    let (lost, other): (Vec<&Route>, Vec<&Route>) = changed.partition(|way| sides.is_lost(way));
    let nowhere = lost.split_first().map(|(first, others)| {
        let more = match others.len() {
            0 => String::new(),
            1 => ", and 1 more way leads nowhere".to_owned(),
            others => format!(", and {others} more ways lead nowhere"),
        };
        format!(
            "callers {} would reach nothing{more}",
            who(sides, first, say)
        )
    });
    let gone = other.iter().find(|way| way.after.is_none());
    let elsewhere = gone.or(other.first()).map(|way| {
        let who = who(sides, way, say);
        let more = more(other.len());
        let name = |target| sides.new.name(target).or_else(|| sides.old.name(target));
        match (&way.before, &way.after) {
            (_, Some(target)) if sides.new.ends_call(target) => {
                format!("callers {who} would reach the end of the call{more}")
            }
            (_, Some(target)) => {
                let target = name(target).unwrap_or_default();
                format!("callers {who} would reach {}{more}", say(&target))
            }
            (before, None) => {
                let before = before.as_ref().and_then(name).unwrap_or_default();
                format!("callers {who} would no longer reach {}{more}", say(&before))
            }
        }
    });
    [nowhere, elsewhere]
}

/// A place that calls reached and reach no more, besides one that a way of before led to.
fn lost_place(sides: &Sides<'_>, say: &dyn Fn(&str) -> String) -> Option<String> {
    let is_lost = |change: &&ChangeRisk| {
        let mut reasons = change.causes.iter().map(|cause| cause.reason);
        reasons.any(|it| matches!(it, RiskReason::ElementRemoved | RiskReason::PlaceCutOff))
    };
    let is_told = |change: &&ChangeRisk| {
        let mut gone = sides
            .routes
            .changed
            .iter()
            .filter(|way| way.after.is_none());
        let before = gone.next().and_then(|way| way.before.as_ref());
        matches!((&change.subject, before), (Subject::Element(id), Some(before)) if id == before)
    };
    let changes = sides.risk.changes.iter().filter(is_lost);
    let lost: Vec<&ChangeRisk> = changes.filter(|change| !is_told(change)).collect();
    let first = lost.first()?;
    let more = more(lost.len());
    Some(format!(
        "no call reaches {} any more{more}",
        say(&first.name)
    ))
}

/// Ways that lead as before and are taken in another case.
fn decision(sides: &Sides<'_>, say: &dyn Fn(&str) -> String) -> Option<String> {
    let cases: Vec<_> = sides.other_cases().collect();
    let (way, ..) = cases.first()?;
    let at = sides.new.name(&way.source).unwrap_or_default();
    let more = more(cases.len());
    Some(format!(
        "callers at {} would be told apart by another condition{more}",
        say(&at)
    ))
}

/// Settings that decide where a call goes, what it meets and how long it waits.
const DECIDES: [RiskReason; 6] = [
    RiskReason::BeginOrEndChanged,
    RiskReason::ElementRetyped,
    RiskReason::EndpointChanged,
    RiskReason::SkillChanged,
    RiskReason::TimeoutShortened,
    RiskReason::ConditionChanged,
];

/// The worst that a setting of an element does to callers, of these reasons.
fn setting(
    sides: &Sides<'_>,
    reasons: &[RiskReason],
    say: &dyn Fn(&str) -> String,
) -> Option<String> {
    let noticed = sides.risk.at_least(Risk::Risky).into_iter();
    let of_these = noticed.filter_map(|change| {
        let mut causes = change.causes.iter();
        let is_one =
            |cause: &&Cause| cause.reason.risk() > Risk::Safe && reasons.contains(&cause.reason);
        let cause = causes.find(is_one)?;
        matches!(change.subject, Subject::Element(_)).then_some((change, cause))
    });
    let all: Vec<_> = of_these.collect();
    let (change, cause) = all.first()?;
    let more = more(all.len());
    let (at, notice) = (say(&change.name), say(&cause.notice));
    Some(format!("at {at}: {notice}{more}"))
}

/// What callers no longer hear where nothing takes its place, and what is new; `is_first` where nothing is said before.
fn texts(sides: &Sides<'_>, is_first: bool, say: &dyn Fn(&str) -> String) -> [Option<String>; 2] {
    let heard = heard(sides).filter(|heard| heard.reach == Reach::Calls);
    let (silent, new): (Vec<_>, Vec<_>) = heard.partition(|heard| heard.what.is_silence());
    let is_there = |heard: &&Heard<'_>| sides.new.has(heard.at);
    let silent: Vec<_> = silent.iter().filter(is_there).collect();
    let silence = silent.first().map(|heard| {
        let at = sides.new.name(heard.at).unwrap_or_default();
        let more = more(silent.len());
        format!("callers would hear nothing at {} any more{more}", say(&at))
    });
    let new = match new.len() {
        0 => None,
        1 if is_first && silence.is_none() => Some("callers would hear one new text".to_owned()),
        1 => Some("one text is new".to_owned()),
        texts if is_first && silence.is_none() => {
            Some(format!("callers would hear {texts} new texts"))
        }
        texts => Some(format!("{texts} texts are new")),
    };
    [silence, new]
}

/// How many there are besides the first.
fn more(all: usize) -> String {
    match all - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    }
}

/// `who press 2`, or `who take *on error* at Main menu`.
fn who(sides: &Sides<'_>, route: &Route, say: &dyn Fn(&str) -> String) -> String {
    let label = route.label.trim();
    let digits = label
        .strip_prefix("press ")
        .or_else(|| label.strip_prefix("Press "))
        .unwrap_or(label);
    if digits.chars().count() == 1 && digits.chars().all(|c| c.is_ascii_digit() || c == '*') {
        return format!("who press {}", say(digits));
    }
    let at = sides.new.name(&route.source).unwrap_or_default();
    format!("at {} ({})", say(&at), say(label))
}

/// The section; `None` where callers notice nothing.
pub(super) fn section(sides: &Sides<'_>, ink: &Ink<'_>) -> Option<String> {
    let routes = &sides.routes.changed;
    let cases: Vec<_> = sides.other_cases().collect();
    let heard: Vec<_> = heard(sides).collect();
    let sounds: Vec<_> = sounds(sides).collect();
    let all = routes.len() + cases.len() + heard.len() + sounds.len();
    let more = all.saturating_sub(ROWS);
    let routes = routes.iter().map(|route| route_row(sides, route, ink));
    let cases = cases.into_iter().map(|case| case_row(sides, case, ink));
    let heard = heard.iter().map(|heard| heard_row(sides, heard, ink));
    let sounds = sounds.into_iter();
    let sounds = sounds.map(|(at, field)| sound_row(sides, at, field, ink));
    // Only those that are shown are written.
    let all = routes.chain(cases).chain(heard).chain(sounds);
    let rows: Vec<String> = all.take(ROWS).collect();
    if rows.is_empty() {
        return None;
    }
    let mut lines = vec![
        "**What callers would notice**".to_owned(),
        format!("| | Way of the call | {} | After merging |", sides.before),
        "|---|---|---|---|".to_owned(),
    ];
    lines.extend(rows);
    if more > 0 {
        lines.push(format!("| … | and {more} more | | |"));
    }
    let mut text = lines.join("\n");
    text.push_str(&unchanged(sides, ink).unwrap_or_default());
    Some(text)
}

fn unchanged(sides: &Sides<'_>, ink: &Ink<'_>) -> Option<String> {
    const SHOWN: usize = 8;
    let same = &sides.routes.same;
    let first = sides.routes.changed.first()?;
    // Said of one element only: labels of several would be taken for those of one.
    let one = sides
        .routes
        .changed
        .iter()
        .all(|route| route.source == first.source);
    if !one || same.is_empty() {
        return None;
    }
    let mut labels: Vec<String> = same
        .iter()
        .take(SHOWN)
        .map(|label| ink.text(label))
        .collect();
    if same.len() > SHOWN {
        labels.push("…".to_owned());
    }
    let all = same.len() + sides.routes.changed.len();
    Some(format!(
        "\n\nUnchanged: {} ({} of {all} exits).",
        labels.join(", "),
        same.len()
    ))
}

fn route_row(sides: &Sides<'_>, route: &Route, ink: &Ink<'_>) -> String {
    const NOWHERE: &str = "**nowhere** ❌";
    let what = match (&route.before, &route.after) {
        (None, _) => "🆕 new way",
        (_, None) => "✂️ way gone",
        _ => "🔀 goes elsewhere",
    };
    let before = route.before.as_ref().map_or_else(
        || "nothing".to_owned(),
        |target| {
            // An old target under its new id stands in the new flow only.
            if sides.old.flow().element(target).is_some() {
                ink.target(&sides.old, target)
            } else {
                ink.target(&sides.new, target)
            }
        },
    );
    let after = match &route.after {
        Some(target) if sides.new.has(target) => ink.target(&sides.new, target),
        Some(_) => NOWHERE.to_owned(),
        None => "no such way".to_owned(),
    };
    format!(
        "| {what} | {} → **{}** | {before} | {after} |",
        way(sides, &route.source, ink),
        ink.text(&route.label)
    )
}

fn case_row(
    sides: &Sides<'_>,
    (way_out, _, field): (&Connector, &Change, &FieldChange),
    ink: &Ink<'_>,
) -> String {
    let (before, after) = details::shown(field, ink);
    let nothing = || "nothing".to_owned();
    let label = names::label(sides.new.flow(), way_out);
    format!(
        "| 🔀 another condition | {} → **{}** | {} | {} |",
        way(sides, &way_out.source, ink),
        ink.text(label.as_deref().unwrap_or("next")),
        before.unwrap_or_else(nothing),
        after.unwrap_or_else(nothing)
    )
}

fn way(sides: &Sides<'_>, id: &ElementId, ink: &Ink<'_>) -> String {
    let way_to = |view: &FlowView<'_>| Some(view.way_to(id, LONGEST_WAY)?.0);
    let steps = way_to(&sides.new)
        .or_else(|| way_to(&sides.old))
        .or_else(|| Some(vec![sides.new.name(id).or_else(|| sides.old.name(id))?]));
    ink.way(&steps.unwrap_or_default())
}

/// Whether calls get to an element, before or after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Calls,
    NoCall,
}

/// A text that callers hear, or no longer hear, at an element.
struct Heard<'s> {
    at: &'s ElementId,
    reach: Reach,
    what: HeardChange<'s>,
}

enum HeardChange<'s> {
    New(String),
    Gone(String),
    Field(&'s FieldChange),
}

impl HeardChange<'_> {
    /// Whether nothing is heard where something was.
    fn is_silence(&self) -> bool {
        match self {
            HeardChange::New(_) => false,
            HeardChange::Gone(_) => true,
            HeardChange::Field(field) => words::spoken(field.after.as_deref()).trim().is_empty(),
        }
    }
}

/// What is different for callers to hear.
fn heard<'s>(sides: &'s Sides<'_>) -> impl Iterator<Item = Heard<'s>> {
    sides.delta.changes.iter().flat_map(|change| {
        let Subject::Element(at) = &change.subject else {
            return Vec::new();
        };
        let reach = if sides.old.reaches(at) || sides.new.reaches(at) {
            Reach::Calls
        } else {
            Reach::NoCall
        };
        let texts: Vec<HeardChange<'_>> = match change.change {
            ChangeKind::Added if change.renamed_from.is_none() => {
                let text = sides.new.heard(at).map(HeardChange::New);
                text.into_iter().collect()
            }
            ChangeKind::Removed => {
                let text = sides.old.heard(at).map(HeardChange::Gone);
                text.into_iter().collect()
            }
            ChangeKind::Modified => {
                let fields = change.fields.iter();
                let heard = fields.filter(|field| is_heard(&field.pointer));
                heard.map(HeardChange::Field).collect()
            }
            _ => Vec::new(),
        };
        let texts = texts.into_iter();
        texts.map(|what| Heard { at, reach, what }).collect()
    })
}

/// Recordings, voices and languages that are different: how callers hear something, not what.
fn sounds<'s>(
    sides: &'s Sides<'_>,
) -> impl Iterator<Item = (&'s ElementId, &'s FieldChange)> + use<'s> {
    sides.delta.changes.iter().flat_map(|change| {
        let at = match &change.subject {
            Subject::Element(id) => Some(id),
            _ => None,
        };
        let fields = change.fields.iter();
        let fields = fields.filter(|field| !field.layout && is_sound(&field.pointer));
        fields.filter_map(move |field| Some((at?, field)))
    })
}

fn sound_row(sides: &Sides<'_>, at: &ElementId, field: &FieldChange, ink: &Ink<'_>) -> String {
    let (before, after) = details::shown(field, ink);
    let nothing = || "nothing".to_owned();
    format!(
        "| 🎧 sounds different | {}, {} | {} | {} |",
        way(sides, at, ink),
        ink.text(details::name(field)),
        before.unwrap_or_else(nothing),
        after.unwrap_or_else(nothing)
    )
}

fn heard_row(sides: &Sides<'_>, heard: &Heard<'_>, ink: &Ink<'_>) -> String {
    let note = match heard.reach {
        Reach::Calls => "",
        Reach::NoCall => "; no call gets there",
    };
    let way = way(sides, heard.at, ink);
    let quoted = |text: &str| format!("“{}”", ink.text(text));
    match &heard.what {
        HeardChange::New(text) => {
            format!("| 🔊 hears | {way} | nothing | {}{note} |", quoted(text))
        }
        HeardChange::Gone(text) => {
            format!(
                "| 🔇 no longer hears | {way} | {} | nothing{note} |",
                quoted(text)
            )
        }
        HeardChange::Field(field) => {
            let name = ink.text(details::name(field));
            let (before, now) = heard_before_and_after(field, ink);
            format!("| 🔊 hears | {way}, {name} | {before} | {now}{note} |")
        }
    }
}

fn heard_before_and_after(field: &FieldChange, ink: &Ink<'_>) -> (String, String) {
    // Decoded first: an escape could hide the shape of a secret.
    let spoken = |value: &Option<String>| words::spoken(value.as_deref());
    let (before, after) = (spoken(&field.before), spoken(&field.after));
    let key = Named::at(&field.pointer, None);
    let (before, after) = ink.redactor.heard(&key, &before, &after);
    let (before, after) = words::difference(&before, &after);
    let show = |part: &words::Part| {
        if part.is_nothing() {
            return "nothing".to_owned();
        }
        let mut pieces = vec![safe::inline(&part.head)];
        if !part.changed.is_empty() {
            pieces.push(format!("**{}**", safe::inline(&part.changed)));
        }
        pieces.push(safe::inline(&part.tail));
        pieces.retain(|piece| !piece.is_empty());
        format!("“{}”", pieces.join(" "))
    };
    let mut now = show(&after);
    if before == after {
        let raw = [field.before.as_deref(), field.after.as_deref()];
        let unseen = values::unseen(raw).unwrap_or_default();
        now = format!("{now} ({unseen})");
    }
    (show(&before), now)
}
