//! What a changed field means for callers, by its name.

use std::cmp::Ordering;

use super::RiskReason;
use crate::delta::FieldChange;
use crate::flow::vocabulary::{Field, NATIVE};
use crate::flow::{ElementType, words};

/// Whether callers hear the text that stands there, by the name of the field or of what it is a part of:
/// `/configuration/prompts/en`.
pub(crate) fn is_heard(pointer: &str) -> bool {
    meaning(pointer) == Some(Field::Spoken)
}

/// Whether it says in which recording, voice or language callers hear something.
pub(crate) fn is_sound(pointer: &str) -> bool {
    meaning(pointer) == Some(Field::Sound)
}

/// What stands at this place: what the last key says that says anything. What is an address or a time by its own name is
/// no text, whatever it is a part of.
fn meaning(pointer: &str) -> Option<Field> {
    let mut keys = keys(pointer).rev();
    let last = keys.next().and_then(field);
    last.or_else(|| keys.find_map(outer))
}

fn field(key: &str) -> Option<Field> {
    // A unit or a bound stands beside the word: `timeoutSeconds`, `maxWait`.
    NATIVE.field(key).or_else(|| {
        let words = words::split(key);
        let is_time = |run: &str| NATIVE.field(run) == Some(Field::Time);
        words::any_run(&words, 2, is_time).then_some(Field::Time)
    })
}

/// What the name of an object or list says about all that stands in it.
fn outer(key: &str) -> Option<Field> {
    let told = NATIVE.field(key)?;
    (!matches!(told, Field::Note | Field::Address)).then_some(told)
}

/// What it means that this field of an element is different.
pub(super) fn of_element(kind: &ElementType, field: &FieldChange) -> RiskReason {
    let keys: Vec<&str> = keys(&field.pointer).collect();
    // A hand-off may be configured by the name of its queue or skill alone.
    let by_name = matches!(kind, ElementType::Queue | ElementType::Agent);
    let is_note = |key: &str| NATIVE.field(key) == Some(Field::Note);
    match keys.as_slice() {
        ["type"] => return RiskReason::ElementRetyped,
        ["configuration", key, ..] if is_note(key) => {
            return if by_name && *key == "name" {
                RiskReason::SkillChanged
            } else {
                RiskReason::NameChanged
            };
        }
        [key, ..] if is_note(key) => return RiskReason::NameChanged,
        _ => {}
    }
    let told = meaning(&field.pointer);
    if told == Some(Field::Address) || is_address(field) {
        return RiskReason::EndpointChanged;
    }
    match told {
        Some(Field::Time) if is_shorter(field) => RiskReason::TimeoutShortened,
        Some(Field::Spoken) => RiskReason::PromptChanged,
        Some(Field::Sound) => RiskReason::SoundChanged,
        Some(Field::HandedTo) => RiskReason::SkillChanged,
        Some(Field::Default) => RiskReason::DefaultBranchChanged,
        Some(Field::Condition) => RiskReason::ConditionChanged,
        Some(Field::Time | Field::Note | Field::Address | Field::Script) | None => {
            RiskReason::SettingChanged
        }
    }
}

/// What it means that this field of a connector is different, its ends and its condition left out.
pub(crate) fn of_connector(field: &FieldChange) -> RiskReason {
    let keys: Vec<&str> = keys(&field.pointer).collect();
    let is = |key: &&str, wanted: Field| NATIVE.field(key) == Some(wanted);
    match keys.as_slice() {
        [key, ..] | ["configuration", key, ..] if is(key, Field::Note) => RiskReason::NameChanged,
        _ if keys.iter().any(|key| is(key, Field::Condition)) => RiskReason::ConditionChanged,
        _ if keys.iter().any(|key| self::field(key) == Some(Field::Time)) && is_shorter(field) => {
            RiskReason::TimeoutShortened
        }
        _ => RiskReason::SettingChanged,
    }
}

/// The keys of a pointer, indices left out.
fn keys(pointer: &str) -> impl DoubleEndedIterator<Item = &str> {
    let keys = pointer.split('/').filter(|key| !key.is_empty());
    keys.filter(|key| !key.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_address(field: &FieldChange) -> bool {
    let values = [&field.before, &field.after].into_iter().flatten();
    values
        .map(|json| json.trim_start_matches('"').to_ascii_lowercase())
        .any(|text| text.starts_with("https:") || text.starts_with("http:"))
}

/// Whether both are amounts of one unit and the new one is less. A limit where there was none is less too.
fn is_shorter(field: &FieldChange) -> bool {
    let Some(after) = field.after.as_deref().and_then(amount) else {
        return false;
    };
    match field.before.as_deref() {
        None | Some("null") => true,
        Some(before) => amount(before).is_some_and(|(before, unit)| {
            unit == after.1 && after.0.partial_cmp(&before) == Some(Ordering::Less)
        }),
    }
}

/// `"30s"` is 30 of `s`. Only the order counts, so a float will do.
fn amount(json: &str) -> Option<(f64, String)> {
    let text = json.trim_matches('"').trim();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    // `PT1M30S` is more than one amount.
    let one = !after.contains(|c: char| c.is_ascii_digit());
    let unit = format!("{before}#{}", after.trim());
    one.then(|| Some((number.parse().ok()?, unit)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(pointer: &str, before: &str, after: &str) -> FieldChange {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        FieldChange {
            pointer: pointer.to_owned(),
            before: some(before),
            after: some(after),
            beside: [None, None],
            layout: false,
            order: false,
        }
    }

    #[test]
    fn fields_of_elements_mean_what_their_names_say() {
        use RiskReason as R;
        for (pointer, before, after, reason) in [
            (
                "/configuration/prompts/2/text",
                "\"a\"",
                "\"b\"",
                R::PromptChanged,
            ),
            (
                "/configuration/timeoutSeconds",
                "30",
                "8",
                R::TimeoutShortened,
            ),
            (
                "/configuration/timeoutSeconds",
                "8",
                "30",
                R::SettingChanged,
            ),
            (
                "/configuration/timeoutSeconds",
                "",
                "30",
                R::TimeoutShortened,
            ),
            ("/configuration/timeoutSeconds", "30", "", R::SettingChanged),
            (
                "/configuration/max_wait",
                "\"30s\"",
                "\"9s\"",
                R::TimeoutShortened,
            ),
            (
                "/configuration/max_wait",
                "\"30s\"",
                "\"9m\"",
                R::SettingChanged,
            ),
            (
                "/configuration/max_wait",
                "\"PT2M\"",
                "\"PT1M59S\"",
                R::SettingChanged,
            ),
            (
                "/configuration/base-url",
                "\"a\"",
                "\"b\"",
                R::EndpointChanged,
            ),
            (
                "/configuration/odd",
                "\"a\"",
                "\"https://b\"",
                R::EndpointChanged,
            ),
            ("/configuration/skillId", "1", "2", R::SkillChanged),
            (
                "/configuration/rules/0/when",
                "\"a\"",
                "\"b\"",
                R::ConditionChanged,
            ),
            (
                "/configuration/isDefault",
                "true",
                "false",
                R::DefaultBranchChanged,
            ),
            ("/configuration/retries", "1", "2", R::SettingChanged),
            ("/configuration/name", "\"a\"", "\"b\"", R::NameChanged),
            ("/configuration/tags/0", "\"a\"", "\"b\"", R::NameChanged),
            ("/description", "\"a\"", "\"b\"", R::NameChanged),
            ("/priority", "1", "2", R::SettingChanged),
            ("/type", "\"a\"", "\"b\"", R::ElementRetyped),
        ] {
            let field = field(pointer, before, after);
            assert_eq!(of_element(&ElementType::Ivr, &field), reason, "{field:?}");
        }
        let name = field("/configuration/name", "\"a\"", "\"b\"");
        assert_eq!(of_element(&ElementType::Queue, &name), R::SkillChanged);
    }

    #[test]
    fn fields_of_connectors_mean_what_their_names_say() {
        use RiskReason as R;
        for (pointer, before, after, reason) in [
            ("/label", "\"a\"", "\"b\"", R::NameChanged),
            ("/priority", "1", "2", R::SettingChanged),
            ("/configuration/notes/3", "\"a\"", "\"b\"", R::NameChanged),
            ("/configuration/weight", "1", "2", R::SettingChanged),
            ("/when/hours/0", "\"9\"", "\"8\"", R::ConditionChanged),
            ("/configuration/max-wait", "9", "8", R::TimeoutShortened),
            ("/configuration/max-wait", "8", "9", R::SettingChanged),
            ("/configuration/weight", "9", "8", R::SettingChanged),
        ] {
            let field = field(pointer, before, after);
            assert_eq!(of_connector(&field), reason, "{field:?}");
        }
    }
}
