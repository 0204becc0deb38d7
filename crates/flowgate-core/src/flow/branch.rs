//! When a way is taken, as far as its fields say.

use std::borrow::Cow;
use std::ops::Range;

use crate::flow::canonical::write_value;
use crate::flow::json::{Document, Kind, Names, NodeId, PerKey, Value};
use crate::flow::vocabulary::{Meaning, Meanings, NATIVE};
use crate::flow::{Flow, Way, words};

/// Fields that hold what must be true for a connector to be taken, those that say that it is for all other cases, and
/// those that hold what people call it.
const FIELDS: [&str; 16] = [
    "condition",
    "when",
    "on",
    "expression",
    "case",
    "value",
    "digit",
    "key",
    "event",
    "branch",
    "outcome",
    "isDefault",
    "default",
    "label",
    "number",
    "type",
];
const CONDITIONS: Range<usize> = 0..11;
const SAYS_DEFAULT: Range<usize> = 11..13;
const CALLED: Range<usize> = 13..16;

/// Which of the fields the keys of a document are.
pub(super) type Fields = PerKey<Option<usize>>;

/// The fields of a document that say when a way is taken.
pub(super) fn fields(document: &Document) -> Fields {
    PerKey::of(document, |key| {
        FIELDS.iter().position(|field| *field == key)
    })
}
/// Fields that say how a condition compares.
const HOW: Names<4> = Names::of(["operator", "op", "type", "kind"]);
/// When a way is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Branch<'a> {
    /// Nothing is said.
    Always,
    /// In all cases that no other connector takes.
    Default,
    /// When this condition holds.
    When(Cow<'a, str>),
    /// In the case that people call so; what exactly must hold is not said here.
    Called(Cow<'a, str>),
}

impl<'a> Branch<'a> {
    pub(crate) fn of(flow: &'a Flow, connector: NodeId) -> Self {
        let value = flow.value(connector);
        let known = flow.index().branch_fields();
        let mut found = [None; FIELDS.len()];
        for (key, member) in value.members() {
            if let Some(Some(field)) = known.get(key.id()) {
                found[*field].get_or_insert(member);
            }
        }
        let mut says_default = found[SAYS_DEFAULT].iter().flatten();
        let says_default = says_default.any(|member| member.kind() == Kind::True);
        let first_text =
            |range: Range<usize>| found[range].iter().copied().flatten().find_map(text);
        let condition = first_text(CONDITIONS);
        let called = first_text(CALLED);
        let is_default = |text: &Option<Cow<'a, str>>| text.as_deref().is_some_and(is_default);
        if says_default
            || is_default(&condition)
            || (condition.is_none() && is_default(&called))
            || found[0].is_some_and(compares_nothing)
        {
            return Branch::Default;
        }
        match (condition, called) {
            (Some(condition), _) => Branch::When(condition),
            (None, Some(called)) => Branch::Called(called),
            (None, None) => Branch::Always,
        }
    }

    /// The same of any way.
    pub(crate) fn of_way(flow: &'a Flow, way: Way<'a>) -> Self {
        let Some(setting) = way.setting() else {
            return Self::of(flow, way.node());
        };
        if setting.is_plain {
            Branch::Always
        } else if is_default(&setting.label) {
            Branch::Default
        } else {
            Branch::Called(Cow::Borrowed(&setting.label))
        }
    }

    /// The condition or the name, where there is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Branch::When(text) | Branch::Called(text) => Some(text),
            Branch::Always | Branch::Default => None,
        }
    }
}

fn is_default(text: &str) -> bool {
    let meant = meanings(text);
    meant.has(Meaning::Default) || meant.has(Meaning::MaybeDefault)
}

/// Whether a word for all other cases may be a choice of its own beside them.
pub(crate) fn may_be_a_choice(text: &str) -> bool {
    meanings(text).has(Meaning::MaybeDefault)
}

fn meanings(text: &str) -> Meanings {
    // What is longer is no word for all other cases; conditions are, and there are many.
    const LONGEST: usize = 40;
    if text.len() > LONGEST {
        return Meanings::default();
    }
    if text == "*" {
        return NATIVE.whole(&["other".to_owned()]);
    }
    NATIVE.whole(&words::split(text))
}

/// `{"operator": "default"}` and the like.
fn compares_nothing(condition: Value<'_>) -> bool {
    let how = condition.pick(&HOW);
    let mut how = how.into_iter().flatten();
    how.any(|how| text(how).as_deref().is_some_and(is_default))
}

fn text(value: Value<'_>) -> Option<Cow<'_, str>> {
    let text = match (value.kind(), value.as_str()) {
        (Kind::Null, _) => return None,
        (_, Some(Cow::Borrowed(text))) => Cow::Borrowed(text.trim()),
        (_, Some(Cow::Owned(text))) => Cow::Owned(text.trim().to_owned()),
        (Kind::Object | Kind::Array, None) => Cow::Owned(canonical(value)),
        (_, None) => Cow::Borrowed(value.raw()),
    };
    (!text.is_empty()).then_some(text)
}

/// Words around the key that a caller presses, in the languages that designers write.
const PRESSED: [&str; 31] = [
    "press", "pressed", "key", "digit", "dtmf", "option", "choice", "choose", "select", "button",
    "for", "the", "on", "taste", "drücken", "drücke", "wahl", "wählen", "touche", "tapez",
    "appuyez", "sur", "tecla", "marque", "pulse", "opción", "tasto", "premere", "toets", "druk",
    "tecle",
];

/// The key of a telephone that this names, alone or as in `press 1`, `Taste 2` and `option #`; `None` for anything else.
pub(crate) fn key_pressed(text: &str) -> Option<char> {
    let mut pressed = None;
    let words =
        text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '#' | '*'));
    for word in words.filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            (Some(key @ ('0'..='9' | '#' | '*')), None) if pressed.is_none() => pressed = Some(key),
            _ if PRESSED.contains(&word.to_lowercase().as_str()) => {}
            _ => return None,
        }
    }
    pressed
}

/// The one form of a value: key order, escapes and white space say nothing.
pub(crate) fn canonical(value: Value<'_>) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_what_people_write_on_a_way() {
        for (text, key) in [
            ("1", '1'),
            ("press 1", '1'),
            ("Taste 2 drücken", '2'),
            ("option: #", '#'),
            ("DTMF-*", '*'),
        ] {
            assert_eq!(key_pressed(text), Some(key), "{text}");
        }
        for text in [
            "",
            "press",
            "12",
            "1 or 2",
            "press 1 for sales",
            "no input",
            "一",
        ] {
            assert_eq!(key_pressed(text), None, "{text}");
        }
    }

    #[test]
    fn the_way_of_all_other_cases_is_seen_in_what_designers_write() {
        for (way, default) in [
            (r#""label": "padrão""#, true),
            (r#""on": "otherwise""#, true),
            (r#""condition": {"operator": "default"}"#, true),
            (
                r#""condition": {"operator": "equals", "value": "START"}"#,
                false,
            ),
            (r#""on": "timeout""#, false),
            (r#""label": "default", "condition": "tier == 1""#, false),
        ] {
            let flow = crate::flow::testing::flow(&format!(
                r#"{{"flowId":"f","version":"1.0.0","elements":[],"connectors":[{{"sourceId":"a","targetId":"b",{way}}}]}}"#
            ));
            let said = Branch::of(&flow, flow.connectors()[0].node);
            assert_eq!(said == Branch::Default, default, "{way}: {said:?}");
        }
    }
}
