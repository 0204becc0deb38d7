//! The delta as `flowgate diff --format json` prints it (design, "Interfaces"): one row per field that differs.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{Change, ChangeKind, Delta, DeltaMatrix, FieldChange, SubjectKind};

/// The whole answer.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffReport {
    /// Ids by kind of change.
    pub delta_matrix: DeltaMatrix,
    /// What is different, one row for each field; what was added or removed has one row without a field.
    pub changes: Vec<DiffRow>,
}

/// One field that is different, or one thing that was added or removed.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffRow {
    /// The id of the element or connector.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Which of the two it is.
    pub kind: SubjectKind,
    /// How it was changed as a whole.
    pub change: ChangeKind,
    /// The id it had before, where nothing but the id is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// JSON pointer inside the element or connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value before, as it was written.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<RawValue>>,
    /// The value after, as it was written.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Value>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<RawValue>>,
}

impl Delta {
    /// The delta as data for other programs.
    pub fn report(&self) -> DiffReport {
        DiffReport {
            delta_matrix: self.matrix(),
            changes: self.changes.iter().flat_map(rows).collect(),
        }
    }
}

fn rows(change: &Change) -> Vec<DiffRow> {
    let row = |field: Option<&FieldChange>| DiffRow {
        id: change.subject.id(),
        name: change.name.clone(),
        kind: change.subject.kind(),
        change: change.change,
        renamed_from: change.renamed_from.as_ref().map(super::Subject::id),
        field: field.map(|field| field.pointer.clone()),
        before: field.and_then(|field| raw(field.before.as_ref())),
        after: field.and_then(|field| raw(field.after.as_ref())),
    };
    if change.fields.is_empty() {
        vec![row(None)]
    } else {
        change.fields.iter().map(|field| row(Some(field))).collect()
    }
}

/// The text as JSON; were it none, it would be said as a string rather than left out.
fn raw(text: Option<&String>) -> Option<Box<RawValue>> {
    let text = text?;
    RawValue::from_string(text.clone())
        .or_else(|_| to_raw_value(text))
        .ok()
}
