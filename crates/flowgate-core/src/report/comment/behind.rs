//! Behind the scenes: what is new, gone or different and callers do not notice, by name, with what it does; and how much
//! only moved.

use super::ink::{Ink, LONGEST_WAY};
use super::sides::Sides;
use crate::delta::{Change, ChangeKind, FieldChange, Subject, SubjectKind};
use crate::flow::{Element, FlowView};
use crate::ids::ElementId;
use crate::redact::REDACTED;
use crate::report::routes::Route;
use crate::report::story::count;
use crate::report::{safe, secrets};
use crate::risk::{is_heard, is_sound};

const ROWS: usize = 60;

pub(super) fn section(sides: &Sides<'_>, ink: &Ink<'_>) -> Option<String> {
    let mut rows: Vec<String> = sides
        .delta
        .changes
        .iter()
        .filter_map(|change| row(sides, change, ink))
        .collect();
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    if more > 0 {
        rows.push(format!("| … | and {more} more | |"));
    }
    rows.extend(moved(sides));
    if rows.is_empty() {
        return None;
    }
    let summary = format!(
        "Behind the scenes ({})",
        rows.len() + more.saturating_sub(1)
    );
    let head = ["| | What | Detail |".to_owned(), "|---|---|---|".to_owned()];
    let lines: Vec<String> = head.into_iter().chain(rows).collect();
    Some(super::details::folded(&summary, &lines.join("\n")))
}

/// Whether the table of what callers notice says all of a change.
fn is_told(sides: &Sides<'_>, change: &Change) -> bool {
    let is_way = || {
        let way = change.subject.connector(side(sides, change).index);
        way.is_some_and(|way| {
            let leads_there = |route: &Route| match change.change {
                ChangeKind::Removed => route.before.as_ref() == Some(&way.target),
                _ => route.after.as_ref() == Some(&way.target),
            };
            let mut routes = sides.routes.changed.iter();
            routes.any(|route| route.source == way.source && leads_there(route))
        })
    };
    let told = |field: &FieldChange| match change.subject {
        Subject::Element(_) => is_heard(&field.pointer) || is_sound(&field.pointer),
        _ => field.pointer == "/targetId",
    };
    let all_told = || {
        change
            .fields
            .iter()
            .all(|field| field.layout || told(field))
    };
    match (change.change, &change.subject) {
        (ChangeKind::Modified, Subject::Element(_)) => all_told(),
        (ChangeKind::Modified, _) => all_told() && is_way(),
        (ChangeKind::Moved, _) | (_, Subject::Element(_)) => false,
        (ChangeKind::Added | ChangeKind::Removed, _) => is_way(),
    }
}

fn moved(sides: &Sides<'_>) -> Option<String> {
    let of = |kind| {
        let moved = sides.delta.of(kind);
        moved
            .filter(|change| change.change == ChangeKind::Moved)
            .count()
    };
    let what: Vec<String> = [
        (of(SubjectKind::Element), "element"),
        (of(SubjectKind::Connector), "connector"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, noun)| count(number, noun))
    .collect();
    (!what.is_empty()).then(|| format!("| ▫️ | {} | only moved on the canvas |", what.join(", ")))
}

/// Whether a thing of before lives on under another id, or a connector only names what does: the row of the new id says it.
fn only_renamed(sides: &Sides<'_>, change: &Change) -> bool {
    let mut renamed = sides
        .delta
        .changes
        .iter()
        .filter_map(|other| Some((other.renamed_from.as_ref()?, &other.subject)));
    if change.change == ChangeKind::Removed {
        return renamed.any(|(was, _)| *was == change.subject);
    }
    let is_end = |field: &FieldChange| {
        let id = |json: &Option<String>| crate::report::words::spoken(json.as_deref());
        let (before, after) = (id(&field.before), id(&field.after));
        matches!(field.pointer.as_str(), "/sourceId" | "/targetId")
            && renamed
                .clone()
                .any(|(was, is)| was.id() == before && is.id() == after)
    };
    change.change == ChangeKind::Modified
        && change.subject.kind() == SubjectKind::Connector
        && change
            .fields
            .iter()
            .all(|field| field.layout || is_end(field))
}

fn row(sides: &Sides<'_>, change: &Change, ink: &Ink<'_>) -> Option<String> {
    if only_renamed(sides, change) || is_told(sides, change) {
        return None;
    }
    let view = side(sides, change);
    let name = match &change.subject {
        Subject::Element(id) => ink.element(view, id),
        _ => ink.text(&change.name),
    };
    if let Some(was) = &change.renamed_from {
        let was = ink.code(&was.id());
        return Some(format!(
            "| 🔁 | {name} | the same as {was} before, only its id is new |"
        ));
    }
    let (sign, detail) = match (change.change, &change.subject) {
        (ChangeKind::Moved, _) => return None,
        (ChangeKind::Added, Subject::Element(id)) => ("➕", what_it_does(&sides.new, id, ink)),
        (ChangeKind::Removed, Subject::Element(id)) => ("➖", what_it_does(&sides.old, id, ink)),
        (ChangeKind::Modified, _) => ("✏️", fields(sides, change, ink)),
        // What a new or lost element is connected to stands in its own row.
        (ChangeKind::Added, _) if loose(&sides.new, change, &sides.old) => return None,
        (ChangeKind::Removed, _) if loose(&sides.old, change, &sides.new) => return None,
        (ChangeKind::Added, _) => ("➕", "new way".to_owned()),
        (ChangeKind::Removed, _) => ("➖", "way gone".to_owned()),
    };
    let way = way(view, change, ink);
    Some(format!("| {sign} | {name}{way} | {detail} |"))
}

/// The side that shows a change: the new one, unless what changed is gone there.
fn side<'s>(sides: &'s Sides<'_>, change: &Change) -> &'s FlowView<'s> {
    let is_gone = match &change.subject {
        Subject::Element(id) => sides.new.flow().element(id).is_none(),
        _ => change.change == ChangeKind::Removed,
    };
    if is_gone { &sides.old } else { &sides.new }
}

/// How a call gets there from Begin, in small letters below the name.
fn way(view: &FlowView<'_>, change: &Change, ink: &Ink<'_>) -> String {
    let at = match &change.subject {
        Subject::Element(id) => Some(id),
        _ => source(view, change),
    };
    let Some(at) = at else {
        return String::new();
    };
    let words = match view.way_to(at, LONGEST_WAY).map(|way| way.0).as_deref() {
        None => "no call gets there".to_owned(),
        Some([] | [_]) => "at the start of the call".to_owned(),
        Some([before @ .., _]) => format!("after {}", ink.way(before)),
    };
    format!("<br><sub>{words}</sub>")
}

/// The element that a connector leaves.
fn source<'s>(view: &'s FlowView<'_>, change: &'s Change) -> Option<&'s ElementId> {
    match &change.subject {
        Subject::NthConnector { source, .. } => Some(source),
        Subject::Connector(id) => view
            .index
            .connector(id)
            .map(|at| &view.flow().connectors()[at].source),
        Subject::Element(_) => None,
    }
}

/// Whether a connector of `view` leaves an element that `other` does not have.
fn loose(view: &FlowView<'_>, change: &Change, other: &FlowView<'_>) -> bool {
    source(view, change).is_some_and(|source| other.flow().element(source).is_none())
}

/// What an element asks, how long it waits, where it goes on: from the plain values of its configuration.
fn what_it_does(view: &FlowView<'_>, id: &ElementId, ink: &Ink<'_>) -> String {
    const FACTS: usize = 4;
    let mut facts = Vec::new();
    if let Some(element) = view.flow().element(id) {
        facts.extend(request(view, element, ink));
        facts.extend(settings(view, element, ink));
        facts.truncate(FACTS);
    }
    let exits = view.exits(id);
    for (nth, &way) in exits.iter().take(FACTS).enumerate() {
        facts.push(format!(
            "{} → {}",
            ink.text(&view.label_or_nth(way, nth)),
            ink.target(view, view.index.way(way).target())
        ));
    }
    if exits.len() > FACTS {
        facts.push(format!("and {} more ways", exits.len() - FACTS));
    }
    facts.join(" · ")
}

const ADDRESS: [&str; 4] = ["url", "endpoint", "uri", "address"];

fn request(view: &FlowView<'_>, element: &Element, ink: &Ink<'_>) -> Option<String> {
    let configuration = view.flow().value(element.node).get("configuration")?;
    let address = ADDRESS
        .iter()
        .find_map(|key| configuration.get(key)?.as_str())?;
    let method = configuration
        .get("method")
        .and_then(crate::flow::json::Value::as_str);
    Some(match method {
        Some(method) => ink.code(&format!("{method} {address}")),
        None => ink.code(&address),
    })
}

fn settings(view: &FlowView<'_>, element: &Element, ink: &Ink<'_>) -> Vec<String> {
    let Some(configuration) = view.flow().value(element.node).get("configuration") else {
        return Vec::new();
    };
    configuration
        .members()
        .filter_map(|(key, value)| {
            let key = key.text();
            let told = ADDRESS.contains(&key) || matches!(key, "method" | "name") || is_heard(key);
            if told || value.is_object() || value.is_array() {
                return None;
            }
            if let Some(seconds) = seconds(key, value.as_number()) {
                return Some(format!("waits {seconds} s"));
            }
            let shown = secrets::value(&format!("/{key}"), value, ink.redactor);
            let shown = crate::report::words::spoken(Some(&shown));
            if shown == REDACTED {
                return Some(format!("{} {shown}", ink.text(key)));
            }
            Some(format!("{} {}", ink.text(key), safe::code(&shown)))
        })
        .collect()
}

/// Seconds, where the key says its unit.
fn seconds(key: &str, number: Option<&str>) -> Option<u64> {
    let number: u64 = number?.parse().ok()?;
    let key = key.to_ascii_lowercase();
    if !(key.contains("timeout") || key.contains("wait")) {
        return None;
    }
    if key.ends_with("ms") || key.ends_with("millis") || key.ends_with("milliseconds") {
        return number.is_multiple_of(1000).then_some(number / 1000);
    }
    (key.ends_with("seconds") || key.ends_with("sec") || key.ends_with("secs")).then_some(number)
}

/// What is different, in a line.
fn fields(sides: &Sides<'_>, change: &Change, ink: &Ink<'_>) -> String {
    const SHOWN: usize = 3;
    // What is heard stands in the table of what callers notice.
    let is_told = |field: &FieldChange| {
        let is_element = matches!(change.subject, Subject::Element(_));
        field.layout || is_element && (is_heard(&field.pointer) || is_sound(&field.pointer))
    };
    let fields = change.fields.iter();
    let told: Vec<_> = fields.filter(|field| !is_told(field)).collect();
    let mut parts: Vec<String> = told
        .iter()
        .take(SHOWN)
        .map(|field| {
            let is_target =
                field.pointer == "/targetId" && change.subject.kind() == SubjectKind::Connector;
            if let (true, Some(before), Some(after)) = (is_target, &field.before, &field.after) {
                return format!(
                    "was {}, now {}",
                    end(&sides.old, before, ink),
                    end(&sides.new, after, ink)
                );
            }
            let name = super::details::name(field);
            let (before, after) = super::details::shown(field, ink);
            match (before, after) {
                (None, Some(after)) => format!("{}: now {after}", ink.code(name)),
                (Some(before), None) => format!("{}: was {before}, now gone", ink.code(name)),
                (before, after) => format!(
                    "{}: {} → {}",
                    ink.code(name),
                    before.unwrap_or_default(),
                    after.unwrap_or_default()
                ),
            }
        })
        .collect();
    if told.len() > SHOWN {
        parts.push(format!("and {} more", count(told.len() - SHOWN, "field")));
    }
    parts.join(" · ")
}

fn end(view: &FlowView<'_>, json: &str, ink: &Ink<'_>) -> String {
    let id = crate::report::words::spoken(Some(json));
    id.parse()
        .map_or_else(|_| ink.code(json), |id| ink.target(view, &id))
}
