//! What a changed field means, by its name: the one place that guesses at names of fields for risk.

use std::cmp::Ordering;

use super::RiskReason;
use crate::delta::FieldChange;
use crate::flow::ElementType;

/// For designers only, at the top of an element or connector and of its configuration.
const NOTES: [&str; 10] = [
    "comment",
    "comments",
    "description",
    "displayname",
    "label",
    "name",
    "note",
    "notes",
    "tags",
    "title",
];
const HEARD: [&str; 20] = [
    "announcement",
    "audio",
    "audiofile",
    "greeting",
    "language",
    "media",
    "message",
    "musicfile",
    "prompt",
    "promptfile",
    "promptid",
    "prompts",
    "prompttext",
    "say",
    "speech",
    "ssml",
    "text",
    "voice",
    "wav",
    "whisper",
];
const ADDRESSES: [&str; 12] = [
    "baseurl",
    "connection",
    "connectionstring",
    "database",
    "endpoint",
    "host",
    "hostname",
    "server",
    "serviceurl",
    "uri",
    "url",
    "webhook",
];
const HANDED_TO: [&str; 16] = [
    "agent",
    "agentid",
    "agentname",
    "destination",
    "number",
    "phonenumber",
    "queue",
    "queueid",
    "queuename",
    "skill",
    "skillid",
    "skillname",
    "skills",
    "team",
    "teamid",
    "transferto",
];
const DECIDES: [&str; 8] = [
    "case",
    "cases",
    "condition",
    "conditions",
    "criteria",
    "expression",
    "rule",
    "when",
];
const DEFAULTS: [&str; 4] = ["default", "defaultbranch", "isdefault", "otherwise"];
const TIMES: [&str; 3] = ["timeout", "timelimit", "wait"];

/// Whether callers hear what stands there, by the name of the field or of what it is a part of: `/configuration/prompts/en`.
pub(crate) fn is_heard(pointer: &str) -> bool {
    let keys = keys(pointer);
    let is_other = |last: &String| ADDRESSES.contains(&last.as_str()) || is_time(last);
    let is_other = keys.last().is_some_and(is_other);
    !is_other && keys.iter().any(|key| HEARD.contains(&key.as_str()))
}

/// What it means that this field of an element is different.
pub(super) fn of_element(kind: &ElementType, field: &FieldChange) -> RiskReason {
    let keys = keys(&field.pointer);
    let Some(last) = keys.last().map(String::as_str) else {
        return RiskReason::SettingChanged;
    };
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    // A hand-off may be configured by the name of its queue or skill alone.
    let by_name = matches!(kind, ElementType::Queue | ElementType::Agent);
    match keys.as_slice() {
        ["type"] => return RiskReason::ElementRetyped,
        ["configuration", key] if NOTES.contains(key) => {
            return if by_name && *key == "name" {
                RiskReason::SkillChanged
            } else {
                RiskReason::NameChanged
            };
        }
        [key] if NOTES.contains(key) => return RiskReason::NameChanged,
        _ => {}
    }
    if ADDRESSES.contains(&last) || is_address(field) {
        return RiskReason::EndpointChanged;
    }
    if is_time(last) {
        return if is_shorter(field) {
            RiskReason::TimeoutShortened
        } else {
            RiskReason::SettingChanged
        };
    }
    let among = |words: &[&str]| keys.iter().rev().any(|key| words.contains(key));
    if among(&HEARD) {
        RiskReason::PromptChanged
    } else if among(&HANDED_TO) {
        RiskReason::SkillChanged
    } else if among(&DEFAULTS) {
        RiskReason::DefaultBranchChanged
    } else if among(&DECIDES) {
        RiskReason::ConditionChanged
    } else {
        RiskReason::SettingChanged
    }
}

/// What it means that this field of a connector is different, its ends and its condition left out.
pub(crate) fn of_connector(field: &FieldChange) -> RiskReason {
    let keys = keys(&field.pointer);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    match keys.as_slice() {
        [key] if NOTES.contains(key) => RiskReason::NameChanged,
        ["configuration", key] if NOTES.contains(key) => RiskReason::NameChanged,
        _ if keys.iter().any(|key| DECIDES.contains(key)) => RiskReason::ConditionChanged,
        _ if keys.iter().any(|key| is_time(key)) && is_shorter(field) => {
            RiskReason::TimeoutShortened
        }
        _ => RiskReason::SettingChanged,
    }
}

/// The keys of a pointer, indices left out, in one way of writing: `maxWait_Time` is `maxwaittime`.
fn keys(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .filter(|key| !key.is_empty() && !key.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|key| {
            let letters = key.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
            letters.flat_map(char::to_lowercase).collect()
        })
        .collect()
}

fn is_time(key: &str) -> bool {
    TIMES.iter().any(|word| key.contains(word))
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
