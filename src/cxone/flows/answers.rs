//! What the answers mean: a published flow, a stored version, the id of a new one, our own record in the metadata.
//!
//! What an answer leaves out is unknown, never empty; metadata that is not ours is nobody's business.

use std::sync::Arc;

use flowgate_core::flow::json::Value;
use flowgate_core::flow::{self, Flow};
use flowgate_core::ids::{FlowId, VersionId};
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{Answer, Published, Record};
use semver::Version;
use serde::Deserialize;

use crate::cxone::StoredVersion;

/// No longer text is an id.
const MOST_OF_AN_ID: usize = 256;

/// No longer text is a time.
const MOST_OF_A_TIME: usize = 64;

/// The published flow. A flow without its content is one that this tenant cannot tell.
pub(super) fn published(id: &FlowId, body: Vec<u8>) -> Result<Answer<Published>, String> {
    let flow = read(id, body)?;
    if !has_content(&flow) {
        return Ok(Answer::CannotTell);
    }
    if let Some(other) = flow.id().filter(|other| *other != id) {
        return Err(format!("the answer is about another flow, `{other}`"));
    }
    let version_id = flow
        .top("versionId")
        .and_then(text_or_number)
        .and_then(version_id);
    let record = flow
        .top("metadata")
        .and_then(|metadata| record(metadata.raw()));
    Ok(Answer::Known(Published {
        flow,
        version_id,
        record,
    }))
}

/// One stored version, with its content where the answer has it.
pub(super) fn version(
    id: &FlowId,
    asked: &VersionId,
    body: Vec<u8>,
) -> Result<Answer<StoredVersion>, String> {
    let flow = read(id, body)?;
    if let Some(other) = flow
        .top("id")
        .and_then(text_or_number)
        .filter(|other| other != asked.as_str())
    {
        return Err(format!("the answer is about another version, `{other}`"));
    }
    if let Some(other) = flow.id().filter(|other| *other != id) {
        return Err(format!("the answer is about another flow, `{other}`"));
    }
    let created_at = flow
        .top("metadata")
        .and_then(|metadata| metadata.get("createdAt"))
        .or_else(|| flow.top("createdAt"))
        .and_then(|at| Some(at.as_str()?.into_owned()))
        .filter(|at| !at.is_empty() && at.len() <= MOST_OF_A_TIME);
    Ok(Answer::Known(StoredVersion {
        id: asked.clone(),
        created_at,
        record: flow
            .top("metadata")
            .and_then(|metadata| record(metadata.raw())),
        flow: has_content(&flow).then(|| Arc::unwrap_or_clone(flow)),
    }))
}

/// The id of the version that a create made. What else the answer repeats is passed over, however deep, unless it says
/// that the answer is about something else.
pub(super) fn created(release: &Shipment, body: &[u8]) -> Result<VersionId, String> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Created {
        id: Option<serde_json::Value>,
        version_id: Option<serde_json::Value>,
        flow_id: Option<serde_json::Value>,
        version: Option<serde_json::Value>,
    }
    let told: Created = serde_json::from_slice(without_mark(body)).unwrap_or_default();
    let longest = [&told.id, &told.version_id]
        .into_iter()
        .filter_map(|id| id.as_ref()?.as_str().map(str::len))
        .max();
    if let Some(length) = longest.filter(|length| *length > MOST_OF_AN_ID) {
        return Err(format!("the answer has an `id` of {length} bytes"));
    }
    let word = |value: &Option<serde_json::Value>| Some(value.as_ref()?.as_str()?.to_owned());
    if let Some(other) = word(&told.flow_id).filter(|other| other != release.flow_id.as_str()) {
        return Err(format!("the answer is about another flow, `{other}`"));
    }
    // A number of the platform's own counting is no version of ours, and says nothing.
    let number = word(&told.version).and_then(|number| number.parse::<Version>().ok());
    if let Some(other) = number.filter(|other| other.cmp_precedence(&release.version).is_ne()) {
        return Err(format!("the answer is about another version, `{other}`"));
    }
    [told.id, told.version_id]
        .iter()
        .flatten()
        .find_map(|id| version_id(json_text(id)?))
        .ok_or_else(|| "the answer has no `id` of the version".to_owned())
}

/// What we wrote into the metadata when we created a version; `None` where somebody else did.
pub(super) fn record(metadata: &str) -> Option<Record> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    let content_digest = metadata.get("contentDigest")?.as_str()?.parse().ok()?;
    let source = metadata
        .get("source")
        .filter(|source| source.is_object())
        .and_then(|source| serde_json::from_value(source.clone()).ok());
    Some(Record {
        content_digest,
        source,
    })
}

/// JSON without the byte order mark that some gateways put before it.
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// An id that can stand in a path: not empty, and not one of the two that mean another folder.
pub(super) fn version_id(text: String) -> Option<VersionId> {
    VersionId::try_from(text)
        .ok()
        .filter(|id| !matches!(id.as_str(), "." | ".."))
}

/// A string's or a number's text.
pub(super) fn json_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn text_or_number(value: Value<'_>) -> Option<String> {
    value
        .as_str()
        .map(std::borrow::Cow::into_owned)
        .or_else(|| value.as_number().map(str::to_owned))
}

/// Reads an answer as strictly as a flow file. The one place that knows how.
fn read(id: &FlowId, mut body: Vec<u8>) -> Result<Arc<Flow>, String> {
    let mark = body.len() - without_mark(&body).len();
    body.drain(..mark);
    let reading = flow::native::from_platform(id, body);
    let flow = reading.flow.ok_or_else(|| {
        let why = reading
            .problems
            .first()
            .map_or("nothing in it", |problem| &problem.message);
        format!("the answer is not a flow: {why}")
    })?;
    // A stored version need not repeat whose it is; without an identity it would have no digest.
    Ok(Arc::new(Arc::unwrap_or_clone(flow).identified_as(id)))
}

fn has_content(flow: &Flow) -> bool {
    ["elements", "connectors"]
        .iter()
        .all(|key| flow.top(key).is_some_and(Value::is_array))
}

#[cfg(test)]
mod tests {
    use flowgate_core::flow::{Layout, digest};
    use flowgate_core::plan::Release;

    use super::*;

    /// A release of `main` as 1.1.0.
    fn release() -> Shipment {
        let flow_id: FlowId = "main".parse().unwrap();
        let text = r#"{"flowId":"main","version":"1.1.0","elements":[],"connectors":[]}"#;
        let flow = read(&flow_id, text.into()).unwrap();
        let release = Release {
            flow_id,
            version: Version::new(1, 1, 0),
            digest: digest(&flow, &Layout::default()).unwrap(),
            delta: None,
            immutable: Vec::new(),
            content: Some(flow),
        };
        Shipment::of(&release).unwrap()
    }

    #[test]
    fn an_answer_about_something_else_is_no_word_on_what_was_created() {
        for (body, about) in [
            (
                r#"{"id":"v-1","version":"1.0.0"}"#,
                "another version, `1.0.0`",
            ),
            (
                r#"{"id":"v-1","flowId":"other","version":"1.1.0"}"#,
                "another flow, `other`",
            ),
        ] {
            let said = created(&release(), body.as_bytes()).unwrap_err();
            assert!(said.contains(about), "{said}");
        }
        for body in [
            r#"{"id":"v-2","flowId":"main","version":"1.1.0"}"#,
            r#"{"id":"v-2","version":7}"#,
            r#"{"id":"v-2","version":"7"}"#,
        ] {
            assert_eq!(
                created(&release(), body.as_bytes()).unwrap().as_str(),
                "v-2"
            );
        }
    }

    #[test]
    fn the_id_of_a_new_version_is_found_beside_whatever_else_is_said() {
        let id = |body: &str| created(&release(), body.as_bytes()).ok().map(String::from);
        assert_eq!(id(r#"{"id":"v-1"}"#).as_deref(), Some("v-1"));
        assert_eq!(id(r#"{"id":17}"#).as_deref(), Some("17"));
        assert_eq!(
            id(r#"{"id":null,"versionId":"v-2"}"#).as_deref(),
            Some("v-2")
        );
        let deep = format!(
            r#"{{"elements":{}{},"id":"v-3"}}"#,
            "[".repeat(400),
            "]".repeat(400)
        );
        assert_eq!(id(&deep).as_deref(), Some("v-3"));
        for nothing in [
            "",
            "{}",
            "[]",
            r#"{"id":""}"#,
            r#"{"id":".."}"#,
            r#"{"id":["v"]}"#,
            r#"{"id":"v"#,
        ] {
            assert_eq!(id(nothing), None, "{nothing}");
        }
    }
}
