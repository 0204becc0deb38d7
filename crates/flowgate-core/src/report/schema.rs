//! The published schemas of flow files and reports: made from the declarations, held to the files in `schemas/`.
//!
//! `flowgate schema` prints those files. Deriving is for tests alone, so that nobody who runs the program carries it.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Value, json};

use super::diff::DiffData;
use super::drift::DriftReport;
use super::json::{CheckReport, DeployReport};
use super::rules::RuleList;
use crate::flow::ElementType;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Semantic versioning's own expression, without what nobody needs to capture.
const SEMVER: &str = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-((0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(\+([0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*))?$";

/// What `--format json` prints, whatever the command, and what is written to `--metrics-file`. Members may be added;
/// readers let those pass.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is wanted")]
enum Report {
    Deploy(DeployReport),
    Check(CheckReport),
    Diff(DiffData),
    Drift(DriftReport),
    Rules(RuleList),
    Metrics(#[schemars(schema_with = "metrics")] Value),
}

/// The figures of a deployment: the program declares them, and its own test holds them to the file.
pub(super) fn metrics(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "$ref": "#/$defs/Metrics" })
}

fn path(name: &str) -> String {
    format!("{}/../../schemas/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn committed(name: &str) -> Value {
    let text = std::fs::read_to_string(path(name)).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).unwrap()
}

fn is_fresh(name: &str, made: &Value) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(name), format!("{made:#}\n")).unwrap();
    }
    assert!(
        committed(name) == *made,
        "schemas/{name}.json is behind: UPDATE_DOCS=1 cargo test -p flowgate-core --lib schema"
    );
}

#[test]
fn the_schema_of_reports_is_what_is_written() {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut made = generator.into_root_schema_for::<Report>().to_value();
    made["$id"] = json!("urn:flowgate:schema:report:1");
    let known = committed("report");
    for name in ["Metrics", "Latency"] {
        let declared = known["$defs"][name].clone();
        made["$defs"][name] = declared;
    }
    is_fresh("report", &made);
}

/// Of shape alone: that ids are there and used once is for the rules.
#[test]
fn the_schema_of_flow_files_is_what_is_read() {
    let id = json!({ "type": "string", "minLength": 1 });
    let known: Vec<&str> = ElementType::KNOWN.iter().map(ElementType::as_str).collect();
    let number = json!({ "type": "integer", "minimum": 0 });
    let made = json!({
        "$schema": DIALECT,
        "$id": "urn:flowgate:schema:flow:1",
        "title": "Flow file",
        "description": "One CXone flow. Other members are kept; those at the top are not published.",
        "type": "object",
        "required": ["flowId", "version", "elements", "connectors"],
        "properties": {
            "flowId": {
                "description": "The flow's identity, whatever the file is called.",
                "type": "string",
                "pattern": r"^[A-Za-z0-9._-]{1,128}$",
                "not": { "enum": [".", ".."] }
            },
            "version": {
                "description": "The number that the next published version gets.",
                "anyOf": [
                    { "type": "string", "pattern": SEMVER },
                    {
                        "type": "object",
                        "required": ["major", "minor", "patch"],
                        "properties": { "major": number, "minor": number, "patch": number }
                    }
                ]
            },
            "elements": {
                "description": "What happens to a call, one step each.",
                "type": "array",
                "items": { "$ref": "#/$defs/Element" }
            },
            "connectors": {
                "description": "Which step follows which.",
                "type": "array",
                "items": { "$ref": "#/$defs/Connector" }
            }
        },
        "$defs": {
            "Element": {
                "type": "object",
                "required": ["id", "type"],
                "properties": {
                    "id": id,
                    "type": {
                        "description": "A built-in type, or one of your tenant (`[types]` in flowgate.toml).",
                        "type": "string",
                        "minLength": 1,
                        "anyOf": [{ "enum": known }, true]
                    },
                    "configuration": { "type": "object" }
                }
            },
            "Connector": {
                "type": "object",
                "required": ["sourceId", "targetId"],
                "properties": {
                    "id": id,
                    "sourceId": { "description": "The element that it leaves.", "type": "string", "minLength": 1 },
                    "targetId": { "description": "The element that it leads to.", "type": "string", "minLength": 1 }
                }
            }
        }
    });
    is_fresh("flow", &made);
}
