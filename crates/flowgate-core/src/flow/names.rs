//! Names for people: real ids are GUIDs, so everything that people read calls things by what their designers called them.
//!
//! The texts come from flow files and are hostile: white space is folded and the length capped here, but nothing is
//! escaped. Each report escapes for its own place.

use std::borrow::Cow;
use std::fmt;

use super::json::{Kind, Value};
use super::{Connector, Element, Flow, Way};
use crate::ids::ElementId;
use crate::text::{is_blank, is_invisible};

/// The longest name, in scalars.
const NAME: usize = 80;

/// How much of a prompt stands for a missing name, in scalars.
const PROMPT: usize = 40;

/// How many members of an object are looked at: a name does not hide behind a thousand others.
const LOOKED_AT: usize = 256;

const FLOW_NAMES: [&str; 3] = ["name", "displayName", "title"];

/// What people call this element: its label or name, else the beginning of its prompt, else its type and id.
pub fn element(flow: &Flow, element: &Element) -> String {
    flow.index().name_of(element)
}

pub(super) fn of_element(flow: &Flow, element: &Element) -> String {
    let words = flow.vocabulary();
    let value = flow.value(element.node);
    let configuration = || value.get("configuration");
    first_text(value, words.element_names, NAME)
        .or_else(|| first_text(configuration()?, words.configured_names, NAME))
        .or_else(|| first_text(configuration()?, words.heard, PROMPT))
        .unwrap_or_else(|| {
            let text = format!("{} {}", element.kind.as_str(), element.id);
            folded(&text, NAME).unwrap_or(text)
        })
}

/// What people call the flow: its name, else its id, else the name of its file.
pub fn flow(flow: &Flow) -> String {
    let path = flow.source().path().as_str();
    first_text(flow.document().root(), &FLOW_NAMES, NAME)
        .or_else(|| flow.id().map(|id| id.as_str().to_owned()))
        .or_else(|| folded(path.rsplit('/').next()?, NAME))
        .unwrap_or_else(|| path.to_owned())
}

/// What people call this connector.
pub fn connector(flow: &Flow, connector: &Connector) -> ConnectorName {
    let end = |id: &ElementId| flow.element(id).map(|found| element(flow, found));
    ConnectorName {
        source: end(&connector.source),
        label: label(flow, connector),
        target: end(&connector.target),
    }
}

/// What people call a way out: what the caller does, or what happens.
pub fn label(flow: &Flow, connector: &Connector) -> Option<String> {
    let labels = flow.vocabulary().way_labels;
    let value = flow.value(connector.node);
    first(value, labels, NAME, scalar)
        .or_else(|| first(value.get("configuration")?, labels, NAME, scalar))
}

pub(super) fn of_way(flow: &Flow, way: Way<'_>) -> Option<String> {
    match (way.connector(), way.setting()) {
        (Some(connector), _) => label(flow, connector),
        // That a setting says what comes next says nothing about when.
        (None, Some(setting)) if setting.is_plain => None,
        (None, setting) => folded(&setting?.label, NAME),
    }
}

/// A connector as people see it: `Source –[label]→ Target`, with `?` for an end that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorName {
    /// The name of the element it leaves, if there is one.
    pub source: Option<String>,
    /// What is written on it.
    pub label: Option<String>,
    /// The name of the element it leads to, if there is one.
    pub target: Option<String>,
}

impl fmt::Display for ConnectorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source.as_deref().unwrap_or("?");
        let target = self.target.as_deref().unwrap_or("?");
        match &self.label {
            Some(label) => write!(f, "{source} –[{label}]→ {target}"),
            None => write!(f, "{source} → {target}"),
        }
    }
}

fn first_text(object: Value<'_>, keys: &[&str], longest: usize) -> Option<String> {
    first(object, keys, longest, |value| {
        value.as_str().map(Into::into)
    })
}

/// Digits and conditions are often written as numbers or booleans.
fn scalar(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Kind::Number | Kind::True | Kind::False => Some(value.raw().to_owned()),
        _ => value.as_str().map(Into::into),
    }
}

/// The value, not blank, of the foremost of the keys.
fn first(
    object: Value<'_>,
    keys: &[&str],
    longest: usize,
    text: impl Fn(Value<'_>) -> Option<String>,
) -> Option<String> {
    object
        .members()
        .take(LOOKED_AT)
        .filter_map(|(key, value)| {
            let rank = keys.iter().position(|wanted| *wanted == key.text())?;
            Some((rank, folded(&text(value)?, longest)?))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, text)| text)
}

/// The text in one line of at most `longest` scalars (and `…` where it was cut), without what nobody can see; `None` where
/// nothing of it can be seen.
fn folded(text: &str, longest: usize) -> Option<String> {
    if is_blank(text) {
        return None;
    }
    let mut out = String::new();
    let mut length = 0;
    let visible = |c: &char| !is_invisible(*c);
    for word in text.split_whitespace() {
        let word: Cow<'_, str> = if word.chars().all(|c| visible(&c)) {
            Cow::Borrowed(word)
        } else {
            Cow::Owned(word.chars().filter(visible).collect())
        };
        if word.is_empty() {
            continue;
        }
        for c in (length > 0).then_some(' ').into_iter().chain(word.chars()) {
            if length == longest {
                out.truncate(out.trim_end().len());
                out.push('…');
                return Some(out);
            }
            out.push(c);
            length += 1;
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::{Content, native};
    use super::*;

    fn read(text: &str) -> std::sync::Arc<Flow> {
        let content = Content::Bytes(text.as_bytes().to_vec());
        let reading = native::read("flows/Main line.json".parse().unwrap(), content);
        reading.flow.unwrap()
    }

    #[test]
    fn an_element_is_called_by_its_name_else_by_its_words_else_by_type_and_id() {
        let long = "word ".repeat(100);
        for (rest, name) in [
            (r#""name":"n","label":" Main\n\t menu ""#, "Main menu"),
            (r#""label":"  ","title":"T""#, "T"),
            (r#""label":7,"configuration":{"label":"l","name":"n"}"#, "n"),
            (
                r#""configuration":{"message":"m","prompt":"Welcome to the very helpful help desk of Example Ltd"}"#,
                "Welcome to the very helpful help desk of…",
            ),
            (r#""configuration":{"prompt":{"text":"x"}}"#, "IVR x1"),
            ("\"a\":1", "IVR x1"),
        ] {
            let flow = read(&format!(
                r#"{{"flowId":"f","elements":[{{"id":"x1","type":"IVR",{rest}}}]}}"#
            ));
            assert_eq!(element(&flow, &flow.elements()[0]), name);
        }
        let flow = read(&format!(
            r#"{{"elements":[{{"id":"{long}","type":"IVR"}}]}}"#
        ));
        assert_eq!(
            element(&flow, &flow.elements()[0]).chars().count(),
            NAME + 1
        );
    }

    #[test]
    fn a_connector_is_called_by_its_ends_and_what_is_written_on_it() {
        let flow = read(
            r#"{"elements":[{"id":"a","type":"IVR","label":"Menu"},{"id":"b","type":"Queue","label":"Sales"}],
                "connectors":[
                    {"sourceId":"a","targetId":"b","digit":1,"configuration":{"label":"deeper"}},
                    {"sourceId":"a","targetId":"b"},
                    {"sourceId":"b","targetId":"gone","configuration":{"event":"timeout"}},
                    {"sourceId":"lost","targetId":"b","condition":true,"key":"k"}]}"#,
        );
        let names: Vec<String> = flow
            .connectors()
            .iter()
            .map(|way| connector(&flow, way).to_string())
            .collect();
        assert_eq!(
            names,
            [
                "Menu –[1]→ Sales",
                "Menu → Sales",
                "Sales –[timeout]→ ?",
                "? –[true]→ Sales"
            ]
        );
    }

    #[test]
    fn a_flow_is_called_by_its_name_else_its_id_else_its_file() {
        assert_eq!(
            flow(&read(r#"{"title":"T","name":"Main line","flowId":"f"}"#)),
            "Main line"
        );
        assert_eq!(flow(&read(r#"{"name":"","flowId":"f"}"#)), "f");
        assert_eq!(flow(&read("{}")), "Main line.json");
    }
}
