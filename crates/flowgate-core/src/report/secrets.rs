//! The values of a changed field without its secrets: by the field's name, by the name that stands beside it in a list
//! of names and values, by value, by shape.

use std::rc::Rc;

use super::safe;
use crate::delta::FieldChange;
use crate::flow::json::Value;
use crate::redact::{Named, Neighbour, Redactor};

/// Both values as one line of plain text each; that a secret changed stays visible.
pub(super) fn shown(field: &FieldChange, redactor: &Redactor) -> (Option<String>, Option<String>) {
    // What is invisible goes first: it could part a secret so that nobody knows its shape.
    let line = |value: &Option<String>| value.as_deref().map(safe::line);
    let [old, new] = &field.beside;
    let keys = [old, new].map(|beside| Named::at(&field.pointer, beside.as_ref()));
    let (before, after) = (line(&field.before), line(&field.after));
    redactor.values([&keys[0], &keys[1]], before.as_deref(), after.as_deref())
}

/// Both values as they were written where they hold no secret; else what may be shown of them, as JSON strings.
pub(super) fn data(field: &FieldChange, redactor: &Redactor) -> (Option<String>, Option<String>) {
    let (before, after) = shown(field, redactor);
    let of = |raw: &Option<String>, shown: Option<String>| {
        let (raw, shown) = (raw.as_ref()?, shown?);
        if shown == safe::line(raw) {
            return Some(raw.clone());
        }
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&shown).is_ok();
        Some(if is_json {
            shown
        } else {
            serde_json::Value::from(shown).to_string()
        })
    };
    (of(&field.before, before), of(&field.after, after))
}

/// One value of a flow at this JSON pointer, as it may be shown.
pub(super) fn value(pointer: &str, value: Value<'_>, redactor: &Redactor) -> String {
    one(&Named::at(pointer, None), value, redactor)
}

/// The members of a value at this JSON pointer, as they may be shown.
pub(super) fn members<'v>(
    pointer: &str,
    object: Value<'v>,
    redactor: &Redactor,
) -> impl Iterator<Item = (&'v str, String)> {
    let all = move || object.members().map(|(key, value)| (key.text(), value));
    all().map(move |(key, value)| {
        let beside = Neighbour::in_object(key, all());
        let key_at = Named::at(&format!("{pointer}/{key}"), beside.as_ref());
        (key, one(&key_at, value, redactor))
    })
}

fn one(key: &Rc<Named>, value: Value<'_>, redactor: &Redactor) -> String {
    let line = safe::line(value.raw());
    let (shown, _) = redactor.values([key, key], Some(&line), None);
    shown.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::{Change, diff};
    use crate::flow::Layout;
    use crate::redact::{REDACTED, REDACTED_CHANGED};
    use crate::report::fixture;

    fn changed(before: &str, after: &str) -> Change {
        let [old, new] = [before, after].map(|text| fixture::flow("a.json", text));
        diff(&old, &new, &Layout::default()).changes.remove(0)
    }

    #[test]
    fn the_name_beside_a_value_hides_it() {
        let text = |secret: &str, kind: &str| {
            format!(
                r#"{{"elements": [{{"id": "a", "type": "API", "headers": [
            {{"name": "Accept", "value": "{kind}"}}, {{"value": "{secret}", "name": "X-Api-Key"}}]}}], "connectors": []}}"#
            )
        };
        let change = changed(&text("hunter-1x", "json"), &text("hunter-2x", "xml"));
        let of = |index: usize| shown(&change.fields[index], &Redactor::default());
        assert_eq!(of(0), (Some("\"json\"".into()), Some("\"xml\"".into())));
        assert_eq!(
            of(1),
            (Some(REDACTED.into()), Some(REDACTED_CHANGED.into()))
        );
    }

    #[test]
    fn it_hides_it_in_a_connector_without_id_beside_one_that_has_one() {
        let text = |secret: &str| {
            format!(
                r#"{{"flowId": "a", "elements": [{{"id": "a", "type": "Begin"}}, {{"id": "b", "type": "End"}}], "connectors": [
                {{"id": "1", "sourceId": "a", "targetId": "b"}},
                {{"sourceId": "a", "targetId": "b", "headers": [{{"name": "X-Api-Key", "value": "{secret}"}}]}}]}}"#
            )
        };
        let change = changed(&text("hunter-1x"), &text("hunter-2x"));
        let told = shown(&change.fields[0], &Redactor::default());
        assert_eq!(told, (Some(REDACTED.into()), Some(REDACTED_CHANGED.into())));
    }

    #[test]
    fn a_secret_that_changed_beside_something_else_is_said_to_have_changed() {
        let text = |address: &str| {
            format!(
                r#"{{"elements": [{{"id": "a", "type": "API", "url": "{address}"}}], "connectors": []}}"#
            )
        };
        let change = changed(
            &text("https://ann:hunter1@h/x"),
            &text("https://ann:hunter2@h/y"),
        );
        let told = shown(&change.fields[0], &Redactor::default());
        let quoted = |text: &str| Some(format!("\"https://{text}\""));
        let after = format!("{REDACTED_CHANGED}@h/y");
        assert_eq!(told, (quoted(&format!("{REDACTED}@h/x")), quoted(&after)));
        let same = changed(
            &text("https://ann:hunter1@h/x"),
            &text("https://ann:hunter1@h/y"),
        );
        let told = shown(&same.fields[0], &Redactor::default());
        assert_eq!(told.1, quoted(&format!("{REDACTED}@h/y")));
    }
}
