//! The schema of `flowgate.toml`, made from the keys, their types, the flags' help and the rules, and held to
//! `schemas/config.json`, which `flowgate schema config` prints.

use clap::ValueEnum;
use flowgate_core::policy::{FailOn, may_be_excused};
use flowgate_core::rules::{self, Role, Rule};
use serde_json::{Map, Value, json};

use super::{FileSettings, Tables};
use crate::cli::Cli;
use crate::testing::is_fresh;
use crate::values::{
    BaselineChoice, ByteSize, DirectPushChoice, DriftChoice, LayoutChoice, List, NewFlowChoice,
    ScopeChoice, Verify, VersionChoice, Wait, Waits,
};

/// What a value of the file may look like.
pub(super) trait Described {
    /// Its schema.
    fn schema() -> Value;
}

impl Described for bool {
    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

impl Described for u32 {
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
}

impl Described for u16 {
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX })
    }
}

impl Described for String {
    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

impl Described for List {
    fn schema() -> Value {
        texts()
    }
}

impl Described for ByteSize {
    fn schema() -> Value {
        let text =
            json!({ "type": "string", "pattern": r"^\s*\d+\s*([bB]|[kKmMgG]([iI]?[bB])?)?\s*$" });
        json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, text] })
    }
}

impl Described for Wait {
    fn schema() -> Value {
        let text = json!({ "type": "string", "pattern": r"^\s*\d+\s*(ms|s|m|min|h)?\s*$" });
        json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, text] })
    }
}

impl Described for Waits {
    fn schema() -> Value {
        texts()
    }
}

impl Described for FailOn {
    fn schema() -> Value {
        let words = [FailOn::Error, FailOn::Warning, FailOn::Info, FailOn::Never];
        json!({ "enum": words.map(FailOn::as_str) })
    }
}

macro_rules! choices {
    ($($choice:ty),*) => {$(
        impl Described for $choice {
            fn schema() -> Value {
                let words = <$choice>::value_variants().iter();
                let words = words.filter_map(ValueEnum::to_possible_value);
                json!({ "enum": words.map(|word| word.get_name().to_owned()).collect::<Vec<_>>() })
            }
        }
    )*};
}

choices!(
    BaselineChoice,
    DirectPushChoice,
    DriftChoice,
    LayoutChoice,
    NewFlowChoice,
    ScopeChoice,
    Verify,
    VersionChoice
);

fn texts() -> Value {
    json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
}

/// What the help says about the flag of this name.
fn help(key: &str) -> String {
    let cli = Cli::whole();
    let mut commands: Vec<_> = cli.get_subcommands().collect();
    commands.extend(
        cli.get_subcommands()
            .flat_map(clap::Command::get_subcommands),
    );
    let mut args = commands.into_iter().flat_map(clap::Command::get_arguments);
    let arg = args.find(|arg| arg.get_long() == Some(key)).unwrap();
    arg.get_help().unwrap().to_string()
}

fn object(properties: &Value, required: &[&str]) -> Value {
    let mut object = json!({
        "type": "object", "properties": properties, "additionalProperties": false
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// Words that a team may say about a rule.
fn levels(rule: &Rule) -> &'static [&'static str] {
    match rule.firm {
        Some(firm) if firm.stays_an_error() => &["error"],
        Some(_) => &["error", "warning", "info"],
        None => &["error", "warning", "info", "off"],
    }
}

fn tables() -> Value {
    let rules: Map<String, Value> = rules::ALL
        .iter()
        .map(|rule| {
            let level = json!({ "description": rule.summary, "enum": levels(rule) });
            (rule.id.to_string(), level)
        })
        .collect();
    let waivable: Vec<&str> = rules::ALL
        .iter()
        .filter(|rule| may_be_excused(rule.id))
        .map(|rule| rule.id.as_str())
        .collect();
    let text = json!({ "type": "string", "minLength": 1 });
    json!({
        "rules": {
            "description": "How bad findings are.",
            "type": "object", "properties": rules, "additionalProperties": false
        },
        "paths": {
            "description": "The same for some files; of several that match, the last one decides.",
            "type": "array",
            "items": object(&json!({
                "match": texts(),
                "rules": { "$ref": "#/properties/rules" }
            }), &["match", "rules"])
        },
        "types": {
            "description": "Element types, and what they do with a call.",
            "type": "object",
            "additionalProperties": object(&json!({
                "roles": { "anyOf": [
                    { "enum": Role::ALL.map(Role::as_str) },
                    { "type": "array", "items": { "enum": Role::ALL.map(Role::as_str) } }
                ] },
                "required-branches": texts()
            }), &[])
        },
        "waivers": {
            "description": "What the team lives with for a while.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rule": { "enum": waivable },
                    "flow": { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$" },
                    "element": text,
                    "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                    "reason": { "type": "string", "pattern": r"\S" },
                    "until": {
                        "description": "The last day on which it holds.",
                        "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"
                    }
                },
                "additionalProperties": false,
                "required": ["reason", "until"],
                "anyOf": [{ "required": ["rule"] }, { "required": ["fingerprint"] }]
            }
        }
    })
}

#[test]
fn the_schema_of_the_settings_file_is_what_is_read() {
    let mut properties = tables();
    assert!(Tables::KEYS.iter().all(|key| properties.get(key).is_some()));
    for (key, mut schema) in FileSettings::schemas() {
        schema["description"] = json!(help(key));
        properties[key] = schema;
    }
    let mut made = object(&properties, &[]);
    made["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    made["$id"] = json!("urn:flowgate:schema:config:1");
    made["title"] = json!("flowgate.toml");
    is_fresh("config", &made);
}
