//! The values of a changed field without its secrets: by the field's name, by the name that stands beside it in a list
//! of names and values, by value, by shape.

use super::safe;
use crate::delta::{Change, FieldChange, Subject};
use crate::flow::Flow;
use crate::flow::json::Value;
use crate::redact::{REDACTED, REDACTED_CHANGED, Redactor, is_secret_key};

/// Both values as one line of plain text each; that a secret changed stays visible.
pub(super) fn shown(
    flows: [&Flow; 2],
    change: &Change,
    field: &FieldChange,
    redactor: &Redactor,
) -> (Option<String>, Option<String>) {
    if flows
        .iter()
        .any(|flow| has_secret_neighbour(flow, change, field))
    {
        let after = match field.before {
            Some(_) => REDACTED_CHANGED,
            None => REDACTED,
        };
        return (
            field.before.as_ref().map(|_| REDACTED.to_owned()),
            field.after.as_ref().map(|_| after.to_owned()),
        );
    }
    // What is invisible goes first: it could part a secret so that nobody knows its shape.
    let line = |value: &Option<String>| value.as_deref().map(safe::line);
    let (before, after) = (line(&field.before), line(&field.after));
    let (before, after) = redactor.change(&field.pointer, before.as_deref(), after.as_deref());
    (before.map(Into::into), after.map(Into::into))
}

/// Both values as they were written where they hold no secret; else what may be shown of them, as JSON strings.
pub(super) fn data(
    flows: [&Flow; 2],
    change: &Change,
    field: &FieldChange,
    redactor: &Redactor,
) -> (Option<String>, Option<String>) {
    let (before, after) = shown(flows, change, field, redactor);
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

/// Whether a sibling of the field says that it holds a secret: `{"name": "Authorization", "value": …}`.
fn has_secret_neighbour(flow: &Flow, change: &Change, field: &FieldChange) -> bool {
    let (parent, last) = field.pointer.rsplit_once('/').unwrap_or_default();
    // Only a value is named by its neighbour: a prompt beside the name `Password reset` is no secret.
    if parent.is_empty() || !matches!(last, "value" | "values" | "val") {
        return false;
    }
    let node = match &change.subject {
        Subject::Element(id) => flow.element(id).map(|element| element.node),
        Subject::Connector(id) => flow
            .connectors()
            .iter()
            .find(|connector| connector.id.as_ref() == Some(id))
            .map(|connector| connector.node),
        Subject::NthConnector { source, nth } => flow
            .connectors()
            .iter()
            .filter(|connector| connector.id.is_none() && connector.source == *source)
            .nth(*nth)
            .map(|connector| connector.node),
    };
    let mut value = node.map(|node| flow.value(node));
    for part in parent.split('/').skip(1) {
        value = value.and_then(|value| step(value, part));
    }
    value.is_some_and(|value| {
        ["name", "key", "header", "field"]
            .iter()
            .any(|key| text_of(value, key).is_some_and(|name| is_secret_key(&name)))
    })
}

/// One part of a JSON pointer; in an array it is an index or, where items have keys, the key.
fn step<'d>(value: Value<'d>, part: &str) -> Option<Value<'d>> {
    if !value.is_array() {
        return value.get(&part.replace("~1", "/").replace("~0", "~"));
    }
    let by_index = part.parse().ok().and_then(|index| value.items().nth(index));
    by_index.or_else(|| {
        value.items().find(|item| {
            ["id", "digit", "key", "name", "label"]
                .iter()
                .any(|key| text_of(*item, key).is_some_and(|text| text == part))
        })
    })
}

fn text_of<'d>(value: Value<'d>, key: &str) -> Option<std::borrow::Cow<'d, str>> {
    value.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::ChangeKind;
    use crate::report::fixture;

    #[test]
    fn the_name_beside_a_value_hides_it() {
        let text = r#"{"elements": [{"id": "a", "type": "API", "headers": [
            {"name": "Accept", "value": "json"}, {"name": "X-Api-Key", "value": "plain"}]}], "connectors": []}"#;
        let flow = fixture::flow("a.json", text);
        let pointers = [
            ("/headers/1/value", "\"plain\"", "\"other\""),
            ("/headers/0/value", "\"json\"", "\"xml\""),
        ];
        let change = fixture::change(fixture::element("a"), "a", ChangeKind::Modified, &pointers);
        let of = |index: usize| {
            shown(
                [&flow, &flow],
                &change,
                &change.fields[index],
                &Redactor::default(),
            )
        };
        assert_eq!(
            of(0),
            (Some(REDACTED.into()), Some(REDACTED_CHANGED.into()))
        );
        assert_eq!(of(1), (Some("\"json\"".into()), Some("\"xml\"".into())));
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
        let [old, new] = ["plain", "other"].map(|secret| fixture::flow("a.json", &text(secret)));
        let delta = crate::delta::diff(&old, &new, &crate::flow::Layout::default());
        let change = &delta.changes[0];
        let told = shown(
            [&old, &new],
            change,
            &change.fields[0],
            &Redactor::default(),
        );
        assert_eq!(told, (Some(REDACTED.into()), Some(REDACTED_CHANGED.into())));
    }
}
