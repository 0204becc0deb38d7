//! What is folded away: the delta matrix, every changed field, the picture.

use super::ink::Ink;
use super::safe;
use super::sides::Sides;
use crate::delta::{Bucket, Buckets, Delta, FieldChange, SubjectKind};
use crate::report::{mermaid, secrets, values};
use crate::review::Picture;

pub(super) fn folded(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{body}\n\n</details>")
}

/// How many of what, in one line, with the ids below.
pub(super) fn matrix(delta: &Delta, ink: &Ink<'_>) -> Option<String> {
    if delta.is_empty() {
        return None;
    }
    let mut lines = vec![
        "| | Added | Removed | Modified | Only moved |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    let mut totals = [0; 4];
    for (name, kind) in [
        ("Elements", SubjectKind::Element),
        ("Connectors", SubjectKind::Connector),
    ] {
        let buckets = delta.buckets(kind);
        let Buckets {
            added,
            removed,
            modified,
            moved,
        } = &buckets;
        let mut cells = Vec::new();
        for (total, bucket) in totals.iter_mut().zip([added, removed, modified, moved]) {
            *total += bucket.len();
            cells.push(ids(bucket, ink));
        }
        lines.push(format!("| {name} | {} |", cells.join(" | ")));
    }
    let [added, removed, modified, moved] = totals;
    Some(folded(
        &format!(
            "Delta matrix: {added} added, {removed} removed, {modified} modified, {moved} only moved"
        ),
        &lines.join("\n"),
    ))
}

fn ids(bucket: &Bucket, ink: &Ink<'_>) -> String {
    const SHOWN: usize = 12;
    if bucket.is_empty() {
        return "0".to_owned();
    }
    let mut shown: Vec<String> = bucket.iter().take(SHOWN).map(|id| ink.code(id)).collect();
    if bucket.len() > SHOWN {
        shown.push("…".to_owned());
    }
    format!("{}: {}", bucket.len(), shown.join(", "))
}

/// Every changed field with its values; `None` where none is.
pub(super) fn fields(sides: &Sides<'_>, ink: &Ink<'_>) -> Option<String> {
    let rows: Vec<String> = sides
        .delta
        .changes
        .iter()
        .flat_map(|change| {
            let changed = change.fields.iter().filter(|field| !field.layout);
            changed.map(move |field| (change, field))
        })
        .map(|(change, field)| {
            let (before, after) = shown(field, ink);
            format!(
                "| {} ({}) | {} | {} | {} |",
                ink.text(&change.name),
                ink.code(&change.subject.id()),
                ink.code(&field.pointer),
                before.unwrap_or_else(|| "–".to_owned()),
                after.unwrap_or_else(|| "–".to_owned()),
            )
        })
        .collect();
    (!rows.is_empty()).then(|| {
        folded(
            &format!("Every changed field ({})", rows.len()),
            &format!(
                "| Where | Field | Before | After |\n|---|---|---|---|\n{}",
                rows.join("\n")
            ),
        )
    })
}

/// What a field is called for people: where it stands, from the configuration on.
pub(super) fn name(field: &FieldChange) -> &str {
    let pointer = field.pointer.trim_start_matches('/');
    pointer.strip_prefix("configuration/").unwrap_or(pointer)
}

/// The values of a field as code, redacted.
pub(super) fn shown(field: &FieldChange, ink: &Ink<'_>) -> (Option<String>, Option<String>) {
    let shown = secrets::shown(field, ink.redactor);
    let raw = [field.before.as_deref(), field.after.as_deref()];
    let (before, after) = values::apart(shown, raw, safe::CODE);
    let code = |value: String| safe::code(&value);
    (before.map(code), after.map(code))
}

/// A picture with more boxes than this is folded.
const BOXES_IN_SIGHT: usize = 15;

/// The picture of the changed part; `None` where there is nothing to see or too much.
pub(super) fn picture(sides: &Sides<'_>, ink: &Ink<'_>) -> Option<Picture> {
    let drawn = mermaid::changed_part(&sides.old, &sides.new, sides.delta, ink.redactor)?;
    let (diagram, boxes) = drawn;
    let diagram = format!(
        "{}\n\n<sub>Green: new · yellow: changed · grey, dashed: gone · red: missing</sub>",
        safe::fence(&diagram, "mermaid")
    );
    Some(Picture { diagram, boxes })
}

/// A small picture in sight, where there is room for it; else folded.
pub(super) fn shown_picture(picture: &Picture, has_room: bool) -> String {
    if has_room && picture.boxes <= BOXES_IN_SIGHT {
        return picture.diagram.clone();
    }
    folded("Picture of the changed part", &picture.diagram)
}
