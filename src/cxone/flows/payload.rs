//! What is sent: the payload of a version and of a publish, key by key as the contract has them.
//!
//! Elements and connectors are the file's own bytes; nothing is read and written again.

use flowgate_core::delta::{Bucket, Buckets};
use flowgate_core::ids::{Digest, ElementId, FlowId, VersionId};
use flowgate_core::plan::Shipment;
use flowgate_core::platform::RecordSource;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cxone::Provenance;

/// Why there is no payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPayload {
    /// The rules refuse such a file long before.
    #[error("the flow file has no `{0}` array")]
    NoArray(&'static str),
    /// The flow's parts cannot be written as JSON.
    #[error("the flow cannot be written as JSON")]
    NotJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionPayload<'a> {
    flow_id: &'a FlowId,
    version: String,
    name: String,
    description: String,
    elements: &'a RawValue,
    connectors: &'a RawValue,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    delta_matrix: DeltaMatrix<'a>,
    rollback_safety_directive: RollbackSafetyDirective<'a>,
    created_by: &'a str,
    created_at: &'a str,
    content_digest: &'a Digest,
    source: &'a RecordSource,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeltaMatrix<'a> {
    added: Bucket,
    removed: Bucket,
    modified: Bucket,
    computed_at: &'a str,
    moved: Bucket,
    connectors: Buckets,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RollbackSafetyDirective<'a> {
    immutable_nodes: &'a [ElementId],
    preserve_routing_logic: bool,
    max_rollback_depth: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublishPayload<'a> {
    version_id: &'a VersionId,
    snapshot: bool,
    bypass_validation: bool,
}

/// The body of a create.
pub(super) fn version(release: &Shipment, provenance: &Provenance) -> Result<Vec<u8>, NoPayload> {
    let array = |key: &'static str| {
        let value = release.flow().top(key).filter(|value| value.is_array());
        let raw = value.ok_or(NoPayload::NoArray(key))?.raw();
        serde_json::from_str::<&RawValue>(raw).map_err(|_| NoPayload::NotJson)
    };
    let matrix = release.changes().matrix();
    let payload = VersionPayload {
        flow_id: &release.flow_id,
        version: release.version.to_string(),
        name: format!("Version {}", release.version),
        description: matrix.description(),
        elements: array("elements")?,
        connectors: array("connectors")?,
        metadata: Metadata {
            delta_matrix: DeltaMatrix {
                added: matrix.added,
                removed: matrix.removed,
                modified: matrix.modified,
                computed_at: &provenance.created_at,
                moved: matrix.moved,
                connectors: matrix.connectors,
            },
            rollback_safety_directive: RollbackSafetyDirective {
                immutable_nodes: &release.immutable,
                preserve_routing_logic: true,
                max_rollback_depth: provenance.max_rollback_depth,
            },
            created_by: &provenance.created_by,
            created_at: &provenance.created_at,
            content_digest: &release.digest,
            source: &provenance.source,
        },
    };
    serde_json::to_vec(&payload).map_err(|_| NoPayload::NotJson)
}

/// The body of a publish. Validation is never bypassed, and there is no way to ask for it.
pub(super) fn publish(version_id: &VersionId) -> Result<Vec<u8>, NoPayload> {
    serde_json::to_vec(&PublishPayload {
        version_id,
        snapshot: true,
        bypass_validation: false,
    })
    .map_err(|_| NoPayload::NotJson)
}
