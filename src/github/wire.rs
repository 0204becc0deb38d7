//! GitHub's answers as JSON, made into our own types: the few fields that are looked at, and lenient about the rest.

use std::collections::BTreeMap;

use flowgate_core::ids::CommitSha;
use serde::Deserialize;

use super::{
    Account, Comment, Commit, EntryKind, Extent, ObjectId, PullRequest, Relation, Review, Run,
    Tree, TreeEntry,
};
use crate::gate::HeadRepository;

#[derive(Deserialize)]
pub(super) struct WirePullRequest {
    number: u64,
    // Lists leave `merged` out and have `merged_at`; the single answer has both.
    merged: Option<bool>,
    merged_at: Option<String>,
    // Only the single answer has it, and there it is null until GitHub has tried.
    mergeable: Option<bool>,
    merge_commit_sha: Option<CommitSha>,
    head: WireSide,
    base: WireSide,
}

#[derive(Deserialize)]
struct WireSide {
    #[serde(rename = "ref")]
    reference: String,
    sha: CommitSha,
    repo: Option<WireRepository>,
}

#[derive(Deserialize)]
struct WireRepository {
    id: u64,
}

impl From<WirePullRequest> for PullRequest {
    fn from(wire: WirePullRequest) -> Self {
        let base_repository = wire.base.repo.map(|repo| repo.id);
        Self {
            number: wire.number,
            head: match (wire.head.repo, base_repository) {
                (None, _) => HeadRepository::Gone,
                (Some(head), Some(base)) if head.id == base => HeadRepository::Same,
                (Some(_), _) => HeadRepository::Fork,
            },
            head_sha: wire.head.sha,
            base_ref: wire.base.reference,
            base_repository,
            mergeable: wire.mergeable,
            merged: wire.merged.unwrap_or(wire.merged_at.is_some()),
            merge_commit: wire.merge_commit_sha,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireComment {
    id: u64,
    body: Option<String>,
    html_url: Option<String>,
    user: Option<Account>,
    node_id: Option<String>,
}

impl From<WireComment> for Comment {
    fn from(wire: WireComment) -> Self {
        Self {
            id: wire.id,
            body: wire.body.unwrap_or_default(),
            url: wire.html_url.unwrap_or_default(),
            author: wire.user,
            node: wire.node_id.unwrap_or_default(),
        }
    }
}

/// A comment, as GraphQL tells what REST does not.
#[derive(Deserialize)]
pub(super) struct WireNode {
    pub(super) node: Option<WireHidden>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireHidden {
    pub(super) is_minimized: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct WireComparison {
    pub(super) status: Relation,
    pub(super) merge_base_commit: WireObject,
}

#[derive(Deserialize)]
pub(super) struct WireFile {
    filename: String,
    previous_filename: Option<String>,
}

impl WireFile {
    pub(super) fn paths(self) -> impl Iterator<Item = String> {
        std::iter::once(self.filename).chain(self.previous_filename)
    }
}

#[derive(Deserialize)]
pub(super) struct WireReview {
    user: Option<Account>,
    state: Option<String>,
}

impl From<WireReview> for Review {
    fn from(wire: WireReview) -> Self {
        Self {
            author: wire.user,
            approves: wire.state.as_deref() == Some("APPROVED"),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireRun {
    // `.github/workflows/flows.yml`, at times with `@` and a ref behind it.
    path: Option<String>,
    event: String,
    head_sha: CommitSha,
    run_attempt: Option<u64>,
}

impl From<WireRun> for Run {
    fn from(wire: WireRun) -> Self {
        let path = wire.path.as_deref().and_then(|path| path.split('@').next());
        Self {
            workflow: path.map(str::to_owned),
            by_hand: wire.event == "workflow_dispatch",
            head: wire.head_sha,
            attempt: wire.run_attempt.unwrap_or(1),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireReference {
    pub(super) object: WireObject,
}

#[derive(Deserialize)]
pub(super) struct WireObject {
    pub(super) sha: CommitSha,
}

#[derive(Deserialize)]
pub(super) struct WireCommit {
    sha: CommitSha,
    parents: Vec<WireObject>,
}

impl From<WireCommit> for Commit {
    fn from(wire: WireCommit) -> Self {
        Self {
            id: wire.sha,
            parents: wire.parents.into_iter().map(|parent| parent.sha).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireTree {
    tree: Vec<WireTreeEntry>,
    // A tree that does not say that it is whole is not known to be.
    truncated: Option<bool>,
}

#[derive(Deserialize)]
struct WireTreeEntry {
    path: String,
    mode: String,
    sha: CommitSha,
    size: Option<u64>,
}

impl From<WireTree> for Tree {
    fn from(wire: WireTree) -> Self {
        let entries = wire.tree.into_iter().map(|entry| TreeEntry {
            path: entry.path,
            kind: match entry.mode.as_str() {
                "100644" | "100755" | "100664" => EntryKind::File,
                "120000" => EntryKind::Symlink,
                "040000" => EntryKind::Folder,
                _ => EntryKind::Other,
            },
            id: ObjectId::from(entry.sha),
            size: entry.size,
        });
        Self {
            entries: entries.collect(),
            extent: if wire.truncated == Some(false) {
                Extent::Whole
            } else {
                Extent::Truncated
            },
        }
    }
}

/// An answer of the GraphQL API, which says 200 to failures too.
#[derive(Deserialize)]
pub(super) struct WireGraph<T> {
    pub(super) data: Option<T>,
    #[serde(default)]
    pub(super) errors: Vec<WireGraphError>,
}

#[derive(Deserialize)]
pub(super) struct WireGraphError {
    pub(super) message: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireViewer {
    pub(super) viewer: WireViewerAccount,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireViewerAccount {
    pub(super) login: String,
    pub(super) database_id: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct WireNodes {
    #[serde(default)]
    pub(super) nodes: Vec<Option<WireGraphPull>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireGraphPull {
    number: u64,
    merged: bool,
    head_ref_oid: CommitSha,
    base_ref_name: String,
    merge_commit: Option<WireOid>,
    base_repository: Option<WireDatabaseId>,
    head_repository: Option<WireDatabaseId>,
}

#[derive(Deserialize)]
struct WireOid {
    oid: CommitSha,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDatabaseId {
    database_id: Option<u64>,
}

impl From<WireGraphPull> for PullRequest {
    fn from(wire: WireGraphPull) -> Self {
        let id = |repository: Option<WireDatabaseId>| repository.and_then(|it| it.database_id);
        let gone = wire.head_repository.is_none();
        let (head, base) = (id(wire.head_repository), id(wire.base_repository));
        Self {
            number: wire.number,
            head: if gone {
                HeadRepository::Gone
            } else if head.is_some() && head == base {
                HeadRepository::Same
            } else {
                HeadRepository::Fork
            },
            head_sha: wire.head_ref_oid,
            base_ref: wire.base_ref_name,
            base_repository: base,
            mergeable: None,
            merged: wire.merged,
            merge_commit: wire.merge_commit.map(|commit| commit.oid),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireBlobs {
    pub(super) repository: Option<BTreeMap<String, Option<WireBlob>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireBlob {
    text: Option<String>,
    byte_size: Option<u64>,
}

impl WireBlob {
    /// The blob's bytes, if this is them: a text that was cut, or read in another encoding, has another length.
    pub(super) fn exact(self) -> Option<Vec<u8>> {
        let text = self.text?;
        (self.byte_size == Some(text.len() as u64)).then(|| text.into_bytes())
    }
}

/// What GitHub says about a failure.
#[derive(Deserialize)]
pub(super) struct WireError {
    message: Option<String>,
    #[serde(default)]
    errors: serde_json::Value,
}

impl WireError {
    pub(super) fn words(body: &[u8]) -> String {
        const LONGEST: usize = 300;
        let Ok(error) = serde_json::from_slice::<WireError>(body) else {
            // A proxy's error page helps nobody.
            return String::new();
        };
        let mut words = error.message.unwrap_or_default();
        let details = error
            .errors
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        for detail in details {
            if let Some(text) = detail.as_str().or_else(|| detail["message"].as_str()) {
                words.push_str("; ");
                words.push_str(text);
            }
        }
        words.chars().take(LONGEST).collect()
    }
}
