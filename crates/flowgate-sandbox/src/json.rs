//! Raw JSON text: flow content is never turned into numbers or maps, so that it comes back as it
//! was sent. The few ways in which a platform rewrites it are changes of this text.

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::config::{Behaviour, Config};

/// Reads `text` as an object with the members of `T`. Derived readers would also take an array.
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The members of an array, each as its own text.
pub(crate) fn array(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// The value of a JSON string.
pub(crate) fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Which part of a flow a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Elements,
    Connectors,
    Metadata,
}

/// `raw` as this tenant gives it back.
pub(crate) fn as_read(raw: &RawValue, part: Part, config: &Config) -> Box<RawValue> {
    let mut members = match part {
        Part::Elements | Part::Connectors => array(raw),
        Part::Metadata => None,
    };
    let mut text = raw.get().to_owned();
    if let Some(members) = &mut members {
        if config.does(Behaviour::ReordersArrays) {
            members.reverse();
        }
        let members: Vec<String> = members
            .iter()
            .map(|member| {
                if part == Part::Elements && config.does(Behaviour::AddsMembers) {
                    with_server_members(member.get())
                } else {
                    member.get().to_owned()
                }
            })
            .collect();
        if config.does(Behaviour::ReordersArrays) || config.does(Behaviour::AddsMembers) {
            text = format!("[{}]", members.join(","));
        }
    }
    if config.does(Behaviour::NormalisesNumbers) {
        text = with_short_numbers(&text);
    }
    RawValue::from_string(text).unwrap_or_else(|_| raw.to_owned())
}

fn with_server_members(object: &str) -> String {
    const ADDED: &str = r#""serverRevision":1,"lastEditedBy":"platform""#;
    match object.trim_end().strip_suffix('}') {
        Some(head) if head.trim() == "{" => format!("{{{ADDED}}}"),
        Some(head) => format!("{head},{ADDED}}}"),
        None => object.to_owned(),
    }
}

/// Takes the zeros off the end of each fraction: `1.10` becomes `1.1`, `2.0` becomes `2`.
fn with_short_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' => {
                let end = rest
                    .find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'))
                    .unwrap_or(rest.len());
                out.push_str(&short_number(&rest[..end]));
                rest = &rest[end..];
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

/// The length of the JSON string that `text` starts with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn short_number(number: &str) -> String {
    let exponent_at = number.find(['e', 'E']).unwrap_or(number.len());
    let (mantissa, exponent) = number.split_at(exponent_at);
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    format!("{mantissa}{exponent}")
}

/// The JSON text of a value of ours.
pub(crate) fn raw_of<T: serde::Serialize>(value: &T) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn numbers_are_shortened_outside_strings_only() {
        let text = r#"[1.10,-2.0e3,100,1.0,{"a 1.10":"\"2.0"},12345678901234567890,0.0]"#;
        let short = r#"[1.1,-2e3,100,1,{"a 1.10":"\"2.0"},12345678901234567890,0]"#;
        assert_eq!(with_short_numbers(text), short);
    }

    #[test]
    fn a_plain_tenant_gives_back_the_very_text() {
        let text = "[ {\"id\": \"a\", \"n\": 1.10} ,\n{} ]";
        let read = as_read(&raw(text), Part::Elements, &Config::default());
        assert_eq!(read.get(), text);
    }

    #[test]
    fn members_are_added_and_order_turned_without_touching_the_rest() {
        let config = Config {
            behaviours: [Behaviour::AddsMembers, Behaviour::ReordersArrays].into(),
            ..Config::default()
        };
        let read = as_read(
            &raw(r#"[{"id":"a","n":1.10},{ }]"#),
            Part::Elements,
            &config,
        );
        assert_eq!(
            read.get(),
            r#"[{"serverRevision":1,"lastEditedBy":"platform"},{"id":"a","n":1.10,"serverRevision":1,"lastEditedBy":"platform"}]"#
        );
    }

    #[test]
    fn an_array_is_no_object_even_where_its_values_would_fit() {
        #[derive(Deserialize)]
        struct One {
            #[expect(dead_code, reason = "only whether it can be read matters")]
            a: u8,
        }
        assert!(object::<One>(r#" {"a": 1}"#).is_some());
        assert!(object::<One>("[1]").is_none());
    }
}
