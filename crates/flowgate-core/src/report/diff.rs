//! `flowgate diff` as text and as data: what is different, by name, field by field, before and after.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::SCHEMA_VERSION;
use super::terminal::{Colour, buckets};
use super::{safe, secrets, values};
use crate::delta::{Change, ChangeKind, Delta, DiffReport, SubjectKind};
use crate::flow::Flow;
use crate::redact::{FoundSecrets, Redactor};

/// The longest value that is shown.
const VALUE: usize = 200;

/// The delta for a terminal; a sentence where nothing is different.
pub fn render(
    delta: &Delta,
    old: &Flow,
    new: &Flow,
    redactor: &Redactor,
    colour: Colour,
) -> String {
    if delta.is_empty() {
        return "no difference\n".to_owned();
    }
    let mut out = String::new();
    let redactor = &redactor.with(&FoundSecrets::of([old, new]));
    for change in &delta.changes {
        one(change, redactor, colour, &mut out);
    }
    let _ = write!(
        out,
        "\nelements: {}\nconnectors: {}\n",
        buckets(&delta.buckets(SubjectKind::Element)),
        buckets(&delta.buckets(SubjectKind::Connector))
    );
    safe::stop_commands(out)
}

/// The whole answer of `flowgate diff --format json`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffData {
    /// See [`SCHEMA_VERSION`].
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    schema_version: u32,
    #[serde(flatten)]
    report: DiffReport,
}

/// The delta for other programs, without its secrets: by name, by the name that stands beside a value, by shape. Values
/// that hold none stay as they were written.
pub fn data(delta: &Delta, old: &Flow, new: &Flow, redactor: &Redactor) -> DiffData {
    let redactor = &redactor.with(&FoundSecrets::of([old, new]));
    let mut told = delta.clone();
    for (change, told) in delta.changes.iter().zip(&mut told.changes) {
        told.name = redactor.of_flow(&change.name).into_owned();
        for (field, told) in change.fields.iter().zip(&mut told.fields) {
            (told.before, told.after) = secrets::data(field, redactor);
        }
    }
    DiffData {
        schema_version: SCHEMA_VERSION,
        report: told.report(),
    }
}

fn one(change: &Change, redactor: &Redactor, colour: Colour, out: &mut String) {
    let (sign, code, word) = match change.change {
        ChangeKind::Added => ('+', "32", "added"),
        ChangeKind::Removed => ('-', "31", "removed"),
        ChangeKind::Modified => ('~', "33", "modified"),
        ChangeKind::Moved => ('.', "2", "only moved"),
    };
    let plain =
        |text: &str| safe::cap(&safe::terminal(&redactor.of_flow(&safe::line(text))), VALUE);
    let kind = match change.subject.kind() {
        SubjectKind::Element => "element",
        SubjectKind::Connector => "connector",
    };
    let was = change
        .renamed_from
        .as_ref()
        .map(|was| format!(", the same as {} before", plain(&was.id())));
    let head = format!(
        "{sign} {kind} {} ({}) {word}{}",
        plain(&change.name),
        plain(&change.subject.id()),
        was.unwrap_or_default()
    );
    match colour {
        Colour::Plain => out.push_str(&head),
        Colour::Ansi => {
            let _ = write!(out, "\u{1b}[{code}m{head}\u{1b}[0m");
        }
    }
    out.push('\n');
    for field in &change.fields {
        let shown = secrets::shown(field, redactor);
        let raw = [field.before.as_deref(), field.after.as_deref()];
        let (before, after) = values::apart(shown, raw, VALUE);
        let side = |value: Option<String>| {
            value.map_or_else(
                || "(none)".to_owned(),
                |value| safe::cap(&safe::terminal(&value), VALUE),
            )
        };
        let _ = writeln!(
            out,
            "    {}: {} → {}",
            plain(&field.pointer),
            side(before),
            side(after)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::review::Review;

    fn of(review: &Review) -> String {
        let flow = &review.flows[0];
        let (old, new) = (flow.baseline.flow().unwrap(), flow.flow().unwrap());
        let delta = flow.delta.as_ref().unwrap();
        render(delta, old, new, &Redactor::default(), Colour::Plain)
    }

    #[test]
    fn fields_stand_before_and_after_without_their_secrets() {
        let review = fixture::broken_main_line();
        let shown = of(&review);
        insta::assert_snapshot!(shown, @r#"
    ~ element Main menu (ivr-002) modified
        /configuration/prompt: "For sales, press 1. For accounts, press 2." → "For sales, press 1. For accounts, press 2. Have your customer number ready."
        /configuration/apiKey: ‹redacted› → ‹redacted, changed›
    . element Sales (queue-001) only moved
        /x: (none) → 4
    + element Customer lookup (api-004) added
    ~ connector Main menu –[press 2]→ api-04 (c4) modified
        /targetId: "queue-002" → "api-04"
    + connector Customer lookup –[on error]→ Accounts (c6) added

    elements: 1 added, 1 modified, 1 only moved
    connectors: 1 added, 1 modified
    "#);
    }

    #[test]
    fn data_keeps_values_as_written_and_tells_no_secret_not_even_one_that_a_neighbour_names() {
        let text = |secret: &str, number: &str| {
            format!(
                r#"{{"elements": [{{"id": "a", "type": "API", "retries": {number}, "configuration": {{"headers": [{{"name": "X-Api-Key", "value": "{secret}"}}]}}}}], "connectors": []}}"#
            )
        };
        let old = fixture::flow("a.json", &text("hunter1", "1.10"));
        let new = fixture::flow("a.json", &text("hunter2", "2e1"));
        let delta = crate::delta::diff(&old, &new, &crate::flow::Layout::default());
        let report = data(&delta, &old, &new, &Redactor::default());
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains("hunter"), "{json}");
        assert!(json.contains("‹redacted, changed›"), "{json}");
        assert!(json.contains(r#""before":1.10,"after":2e1"#), "{json}");
    }

    #[test]
    fn hostile_values_stay_in_their_line() {
        let review = fixture::hostile();
        let shown = of(&review);

        assert!(
            !shown.contains("c4n4ry") && !shown.contains("##["),
            "{shown}"
        );
        assert!(shown.chars().all(|char| char == '\n' || !char.is_control()));
    }
}
