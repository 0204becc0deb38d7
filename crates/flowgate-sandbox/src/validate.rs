//! What the platform refuses about a request body, field by field. Pure: bodies and the published
//! version in, a draft or the list of all that is wrong out.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::FieldError;
use crate::config::Config;
use crate::json;
use crate::state::{Draft, Version};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionBody<'a> {
    #[serde(borrow)]
    flow_id: Option<&'a RawValue>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    elements: Option<&'a RawValue>,
    #[serde(borrow)]
    connectors: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    configuration: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connector<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    source_id: Option<&'a RawValue>,
    #[serde(borrow)]
    target_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishBody<'a> {
    #[serde(borrow)]
    version_id: Option<&'a RawValue>,
    #[serde(borrow)]
    snapshot: Option<&'a RawValue>,
    #[serde(borrow)]
    bypass_validation: Option<&'a RawValue>,
}

/// Collects what is wrong.
#[derive(Default)]
struct Faulty(Vec<FieldError>);

impl Faulty {
    fn add(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            message: message.into(),
            code,
        });
    }

    /// The string at `field`, or an error.
    fn text(&mut self, field: &str, raw: Option<&RawValue>) -> Option<String> {
        let Some(raw) = raw else {
            self.add(field, "REQUIRED", "is required");
            return None;
        };
        match json::string(raw) {
            Some(text) if !text.is_empty() => Some(text),
            Some(_) => {
                self.add(field, "REQUIRED", "must not be empty");
                None
            }
            None => {
                self.add(field, "INVALID", "must be a string");
                None
            }
        }
    }

    /// The array at `field`, or an error.
    fn list<'a>(&mut self, field: &str, raw: Option<&'a RawValue>) -> Option<Vec<&'a RawValue>> {
        let Some(raw) = raw else {
            self.add(field, "REQUIRED", "is required");
            return None;
        };
        let members = json::array(raw);
        if members.is_none() {
            self.add(field, "INVALID", "must be an array");
        }
        members
    }
}

/// Judges the body of a create.
pub(crate) fn version_body(
    body: &[u8],
    flow_id: &str,
    published: Option<&Version>,
    config: &Config,
) -> Result<Draft, Vec<FieldError>> {
    let mut faulty = Faulty::default();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let Some(body) = json::object::<VersionBody<'_>>(text) else {
        faulty.add("", "MALFORMED", "the body must be one JSON object");
        return Err(faulty.0);
    };
    if let Some(named) = faulty.text("flowId", body.flow_id)
        && named != flow_id
    {
        faulty.add("flowId", "MISMATCH", "is not the flow of the path");
    }
    let version = faulty.text("version", body.version);
    if let Some(version) = &version
        && semver::Version::parse(version).is_err()
    {
        faulty.add("version", "INVALID", "must be MAJOR.MINOR.PATCH");
    }
    let optional_text = |faulty: &mut Faulty, field: &str, raw: Option<&RawValue>| {
        raw.and_then(|raw| faulty.text(field, Some(raw)))
    };
    let name = optional_text(&mut faulty, "name", body.name);
    let description = optional_text(&mut faulty, "description", body.description);
    if let Some(metadata) = body.metadata
        && !metadata.get().starts_with('{')
    {
        faulty.add("metadata", "INVALID", "must be an object");
    }
    let elements = faulty.list("elements", body.elements);
    let ids = elements
        .as_deref()
        .map(|elements| element_ids(elements, config, &mut faulty));
    if let (Some(elements), Some(published)) = (&elements, published) {
        immutable_elements(elements, published, &mut faulty);
    }
    if let Some(connectors) = faulty.list("connectors", body.connectors) {
        connector_ends(&connectors, ids.as_ref(), &mut faulty);
    }
    match (version, body.elements, body.connectors) {
        (Some(version), Some(elements), Some(connectors)) if faulty.0.is_empty() => Ok(Draft {
            version,
            name,
            description,
            elements: elements.to_owned(),
            connectors: connectors.to_owned(),
            metadata: body.metadata.map(ToOwned::to_owned),
            idempotency_key: None,
        }),
        _ => Err(faulty.0),
    }
}

fn element_ids(elements: &[&RawValue], config: &Config, faulty: &mut Faulty) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (at, raw) in elements.iter().enumerate() {
        let Some(element) = json::object::<Element<'_>>(raw.get()) else {
            faulty.add(format!("elements[{at}]"), "INVALID", "must be an object");
            continue;
        };
        let field = format!("elements[{at}].id");
        if let Some(id) = faulty.text(&field, element.id)
            && !ids.insert(id.clone())
        {
            let message = format!("`{id}` is the id of two elements");
            faulty.add(field, "DUPLICATE_ID", message);
        }
        let field = format!("elements[{at}].type");
        if let Some(kind) = faulty.text(&field, element.kind)
            && !config.node_types.contains(&kind)
        {
            let message = format!("`{kind}` is not a supported node type");
            faulty.add(field, "UNSUPPORTED_NODE_TYPE", message);
        }
    }
    ids
}

fn connector_ends(
    connectors: &[&RawValue],
    elements: Option<&BTreeSet<String>>,
    faulty: &mut Faulty,
) {
    let mut ids = BTreeSet::new();
    for (at, raw) in connectors.iter().enumerate() {
        let Some(connector) = json::object::<Connector<'_>>(raw.get()) else {
            faulty.add(format!("connectors[{at}]"), "INVALID", "must be an object");
            continue;
        };
        if let Some(id) = connector.id.and_then(json::string)
            && !ids.insert(id.clone())
        {
            let message = format!("`{id}` is the id of two connectors");
            faulty.add(format!("connectors[{at}].id"), "DUPLICATE_ID", message);
        }
        for (end, raw) in [
            ("sourceId", connector.source_id),
            ("targetId", connector.target_id),
        ] {
            let field = format!("connectors[{at}].{end}");
            if let Some(id) = faulty.text(&field, raw)
                && elements.is_some_and(|elements| !elements.contains(&id))
            {
                let message = format!("`{id}` is not the id of an element");
                faulty.add(field, "UNKNOWN_ELEMENT", message);
            }
        }
    }
}

/// Begin and End stay as they are published: neither removed, nor retyped, nor reconfigured.
/// Where they stand on the canvas is nobody's business.
fn immutable_elements(elements: &[&RawValue], published: &Version, faulty: &mut Faulty) {
    for old in json::array(&published.elements).unwrap_or_default() {
        let Some(old) = json::object::<Element<'_>>(old.get()) else {
            continue;
        };
        let kind = old.kind.and_then(json::string);
        let Some(id) = old.id.and_then(json::string) else {
            continue;
        };
        if !matches!(kind.as_deref(), Some("Begin" | "End")) {
            continue;
        }
        let new = elements.iter().enumerate().find_map(|(at, raw)| {
            let element = json::object::<Element<'_>>(raw.get())?;
            (element.id.and_then(json::string).as_deref() == Some(&id)).then_some((at, element))
        });
        match new {
            None => faulty.add(
                "elements",
                "IMMUTABLE",
                format!("`{id}` is a published Begin or End and cannot be removed"),
            ),
            Some((at, new)) => {
                if new.kind.and_then(json::string) != kind {
                    let message = format!("`{id}` is a published Begin or End: no other type");
                    faulty.add(format!("elements[{at}].type"), "IMMUTABLE", message);
                }
                if !same(old.configuration, new.configuration) {
                    let message = format!("`{id}` is a published Begin or End: no other setting");
                    let field = format!("elements[{at}].configuration");
                    faulty.add(field, "IMMUTABLE", message);
                }
            }
        }
    }
}

/// Whether two texts say the same; too deep to be read means compared as text.
fn same(old: Option<&RawValue>, new: Option<&RawValue>) -> bool {
    let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).ok();
    match (old, new) {
        (Some(old), Some(new)) => match (read(old), read(new)) {
            (Some(old), Some(new)) => old == new,
            _ => old.get() == new.get(),
        },
        (old, new) => old.is_none() && new.is_none(),
    }
}

/// Judges the body of a publish; the id of the version on success.
pub(crate) fn publish_body(body: &[u8]) -> Result<String, Vec<FieldError>> {
    let mut faulty = Faulty::default();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let Some(body) = json::object::<PublishBody<'_>>(text) else {
        faulty.add("", "MALFORMED", "the body must be one JSON object");
        return Err(faulty.0);
    };
    let version_id = faulty.text("versionId", body.version_id);
    for (field, raw, wanted) in [
        ("snapshot", body.snapshot, "true"),
        ("bypassValidation", body.bypass_validation, "false"),
    ] {
        match raw {
            None => faulty.add(field, "REQUIRED", "is required"),
            Some(raw) if raw.get() != wanted => {
                faulty.add(field, "INVALID", format!("must be {wanted}"));
            }
            Some(_) => {}
        }
    }
    match version_id {
        Some(version_id) if faulty.0.is_empty() => Ok(version_id),
        _ => Err(faulty.0),
    }
}

/// What a flow saved in the console has; it must at least be a flow.
pub(crate) struct ConsoleFlow {
    pub(crate) flow_id: String,
    pub(crate) name: Option<String>,
    pub(crate) elements: Box<RawValue>,
    pub(crate) connectors: Box<RawValue>,
}

/// Reads a flow as the console saves it; `None` when it has no id, elements or connectors.
pub(crate) fn console_flow(text: &str) -> Option<ConsoleFlow> {
    let body = json::object::<VersionBody<'_>>(text)?;
    let (elements, connectors) = (body.elements?, body.connectors?);
    json::array(elements)?;
    json::array(connectors)?;
    Some(ConsoleFlow {
        flow_id: body.flow_id.and_then(json::string)?,
        name: body.name.and_then(json::string),
        elements: elements.to_owned(),
        connectors: connectors.to_owned(),
    })
}

/// Whether a flow id can be one: letters, digits, `.`, `_`, `-`, at most 128, and no path.
pub(crate) fn is_flow_id(flow_id: &str) -> bool {
    (1..=128).contains(&flow_id.len())
        && !matches!(flow_id, "." | "..")
        && flow_id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
