//! GitHub's event payloads: the few fields that are looked at, and lenient about the rest.

use std::collections::BTreeMap;

use flowgate_core::ids::CommitSha;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::context::KnownRepository;
use super::{Dispatch, Event, EventError, MergeGroup, PullRequest, Push};
use crate::gate::HeadRepository;

/// What the payload says.
pub(super) struct Known {
    pub(super) event: Event,
    pub(super) repository: KnownRepository,
}

#[derive(Deserialize)]
struct WithRepository {
    repository: Option<WireRepository>,
}

#[derive(Deserialize)]
struct WireRepository {
    id: Option<u64>,
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct WirePullRequestEvent {
    action: String,
    before: Option<CommitSha>,
    changes: Option<WireChanges>,
    pull_request: WirePullRequest,
}

/// What an `edited` event changed; only that of the base branch is looked at.
#[derive(Deserialize)]
struct WireChanges {
    base: Option<Value>,
}

#[derive(Deserialize)]
struct WirePullRequest {
    number: u64,
    merged: Option<bool>,
    merge_commit_sha: Option<String>,
    commits: Option<u32>,
    head: WireSide,
    base: WireSide,
}

#[derive(Deserialize)]
struct WireSide {
    #[serde(rename = "ref")]
    reference: String,
    sha: String,
    repo: Option<WireSideRepository>,
}

#[derive(Deserialize)]
struct WireSideRepository {
    id: u64,
}

#[derive(Deserialize)]
struct WirePush {
    #[serde(rename = "ref")]
    reference: String,
    before: String,
    after: String,
    created: Option<bool>,
    deleted: Option<bool>,
    forced: bool,
}

#[derive(Deserialize)]
struct WireMergeGroupEvent {
    merge_group: WireMergeGroup,
}

#[derive(Deserialize)]
struct WireMergeGroup {
    head_sha: String,
    base_sha: String,
    base_ref: String,
}

#[derive(Deserialize)]
struct WireDispatch {
    #[serde(rename = "ref")]
    reference: Option<String>,
    inputs: Option<BTreeMap<String, Value>>,
}

pub(super) fn read(name: &str, bytes: &[u8], reference: Option<&str>) -> Result<Known, EventError> {
    let payload = Payload { name, bytes };
    let event = match name {
        "pull_request" => Event::PullRequest(payload.pull_request()?),
        "pull_request_target" => Event::PullRequestTarget(payload.pull_request()?),
        "push" => Event::Push(payload.push()?),
        "merge_group" => Event::MergeGroup(payload.merge_group()?),
        "workflow_dispatch" => Event::Dispatch(payload.dispatch(reference)?),
        "schedule" => Event::Schedule,
        other => match payload.pull_request() {
            Ok(pull) => Event::OnPullRequest(other.to_owned(), pull),
            Err(_) => Event::Other(other.to_owned()),
        },
    };
    // Events that are not acted upon may have any shape.
    let repository = payload
        .parse::<WithRepository>()
        .ok()
        .and_then(|with| with.repository)
        .map_or_else(KnownRepository::default, |repository| KnownRepository {
            id: repository.id,
            default_branch: repository.default_branch,
        });
    Ok(Known { event, repository })
}

struct Payload<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

impl Payload<'_> {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        serde_json::from_slice(self.bytes).map_err(|source| EventError::Payload {
            event: self.name.to_owned(),
            source,
        })
    }

    fn commit(&self, field: &'static str, text: &str) -> Result<CommitSha, EventError> {
        text.parse().map_err(|source| EventError::Commit {
            event: self.name.to_owned(),
            field,
            source,
        })
    }

    fn pull_request(&self) -> Result<PullRequest, EventError> {
        let WirePullRequestEvent {
            action,
            before,
            changes,
            pull_request: pull,
        } = self.parse()?;
        let head = match (&pull.head.repo, &pull.base.repo) {
            (None, _) => HeadRepository::Gone,
            // Ids, not names: a fork may bear the same name, and a repository may be renamed.
            (Some(head), Some(base)) if head.id == base.id => HeadRepository::Same,
            (Some(_), _) => HeadRepository::Fork,
        };
        Ok(PullRequest {
            number: pull.number,
            action,
            head_sha: self.commit("pull_request.head.sha", &pull.head.sha)?,
            head_ref: pull.head.reference,
            head,
            base_ref: pull.base.reference,
            base_sha: self.commit("pull_request.base.sha", &pull.base.sha)?,
            retargeted: changes.is_some_and(|changes| changes.base.is_some()),
            merged: pull.merged.unwrap_or(false),
            merge_commit: pull
                .merge_commit_sha
                .map(|sha| self.commit("pull_request.merge_commit_sha", &sha))
                .transpose()?,
            before,
            commits: pull.commits.unwrap_or(1),
        })
    }

    fn push(&self) -> Result<Push, EventError> {
        let push: WirePush = self.parse()?;
        let side = |field, text: &str| {
            let zero = !text.is_empty() && text.bytes().all(|b| b == b'0');
            (!zero).then(|| self.commit(field, text)).transpose()
        };
        let before = side("before", &push.before)?;
        let after = side("after", &push.after)?;
        Ok(Push {
            reference: push.reference,
            created: push.created.unwrap_or(false) || before.is_none(),
            deleted: push.deleted.unwrap_or(false) || after.is_none(),
            forced: push.forced,
            before,
            after,
        })
    }

    fn merge_group(&self) -> Result<MergeGroup, EventError> {
        let WireMergeGroupEvent { merge_group: group } = self.parse()?;
        Ok(MergeGroup {
            head_sha: self.commit("merge_group.head_sha", &group.head_sha)?,
            base_sha: self.commit("merge_group.base_sha", &group.base_sha)?,
            base_ref: group.base_ref,
        })
    }

    fn dispatch(&self, environment: Option<&str>) -> Result<Dispatch, EventError> {
        let dispatch: WireDispatch = self.parse()?;
        // What the REST call was given may be a short name; the gate wants a full ref and finds one in the environment.
        let reference = dispatch
            .reference
            .filter(|reference| reference.starts_with("refs/"))
            .or_else(|| environment.map(str::to_owned))
            .ok_or(EventError::Missing { name: "GITHUB_REF" })?;
        let inputs = dispatch.inputs.unwrap_or_default().into_iter();
        Ok(Dispatch {
            reference,
            inputs: inputs
                .filter_map(|(name, value)| match value {
                    Value::Null => None,
                    Value::String(text) => Some((name, text)),
                    other => Some((name, other.to_string())),
                })
                .collect(),
        })
    }
}
