//! When a connector is taken, as far as its fields say: the one place that guesses at their names.

use crate::flow::Flow;
use crate::flow::json::{Kind, NodeId, Value};

/// Fields that hold what must be true for a connector to be taken.
const CONDITIONS: [&str; 8] = [
    "condition",
    "when",
    "expression",
    "case",
    "value",
    "digit",
    "branch",
    "outcome",
];
/// What the connector of all other cases is called, in the languages that designers write.
const DEFAULTS: [&str; 32] = [
    "default",
    "else",
    "otherwise",
    "other",
    "anything else",
    "everything else",
    "all other",
    "all others",
    "none of these",
    "fallback",
    "any",
    "*",
    "no match",
    "nomatch",
    "sonst",
    "andernfalls",
    "ansonsten",
    "alles andere",
    "sinon",
    "autre",
    "autrement",
    "par défaut",
    "otro",
    "en otro caso",
    "por defecto",
    "altrimenti",
    "altro",
    "caso contrário",
    "anders",
    "それ以外",
    "その他",
    "其他",
];

/// When a connector is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Branch {
    /// Nothing is said.
    Always,
    /// In all cases that no other connector takes.
    Default,
    /// When this condition holds.
    When(String),
    /// In the case that people call so; what exactly must hold is not said here.
    Called(String),
}

impl Branch {
    pub(crate) fn of(flow: &Flow, connector: NodeId) -> Self {
        let value = flow.value(connector);
        let says_default = ["isDefault", "default"].into_iter().any(|key| {
            let member = value.get(key);
            member.is_some_and(|member| member.kind() == Kind::True)
        });
        let texts = |keys: &[&str]| {
            let mut found = keys.iter().filter_map(|key| text(value.get(key)?));
            found.next()
        };
        let condition = texts(&CONDITIONS);
        let called = texts(&["label", "type"]);
        let is_default = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default().to_lowercase();
            DEFAULTS.contains(&text.as_str())
        };
        if says_default || is_default(&condition) || (condition.is_none() && is_default(&called)) {
            return Branch::Default;
        }
        match (condition, called) {
            (Some(condition), _) => Branch::When(condition),
            (None, Some(called)) => Branch::Called(called),
            (None, None) => Branch::Always,
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

fn text(value: Value<'_>) -> Option<String> {
    let text = match value.kind() {
        Kind::Null => return None,
        _ => value
            .as_str()
            .map_or_else(|| squeeze(value.raw()), |text| text.trim().to_owned()),
    };
    (!text.is_empty()).then_some(text)
}

/// JSON without the white space between its tokens.
pub(crate) fn squeeze(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    json.chars()
        .filter(|&letter| {
            let kept = inside || !letter.is_ascii_whitespace();
            inside ^= letter == '"' && !escaped;
            escaped = inside && letter == '\\' && !escaped;
            kept
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_between_tokens_goes_and_inside_texts_stays() {
        assert_eq!(squeeze("{ \"a \\\" b\" : [1, 2] }"), "{\"a \\\" b\":[1,2]}");
        assert_eq!(squeeze("[\"\\\\\", \"x y\"]"), "[\"\\\\\",\"x y\"]");
    }
}
