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
    let payload = Payload {
        name,
        bytes,
        reference,
    };
    let event = match name {
        "pull_request" => Event::PullRequest(payload.own_pull_request()?),
        "pull_request_target" => Event::PullRequestTarget(payload.pull_request()?),
        "push" => Event::Push(payload.push()?),
        "merge_group" => Event::MergeGroup(payload.merge_group()?),
        "workflow_dispatch" => Event::Dispatch(payload.dispatch()?),
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
    /// `GITHUB_REF`.
    reference: Option<&'a str>,
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

    /// The ref of the run.
    fn reference(&self) -> Result<&str, EventError> {
        self.reference
            .ok_or(EventError::Missing { name: "GITHUB_REF" })
    }

    /// Runner and payload must speak of one ref: whoever changes one of them for the steps that follow changes the other
    /// one too, or is found out.
    fn agrees(&self, said: String, is_so: impl Fn(&str) -> bool) -> Result<(), EventError> {
        let reference = self.reference()?;
        if is_so(reference) {
            return Ok(());
        }
        Err(EventError::Reference {
            event: self.name.to_owned(),
            payload: said,
            environment: reference.to_owned(),
        })
    }

    fn own_pull_request(&self) -> Result<PullRequest, EventError> {
        let pull = self.pull_request()?;
        let number = pull.number;
        let trial = [
            format!("refs/pull/{number}/merge"),
            format!("refs/pull/{number}/head"),
        ];
        // Once it is merged, the runner names the branch that it was merged into.
        let is_base = |reference: &str| {
            pull.merged && reference.strip_prefix("refs/heads/") == Some(pull.base_ref.as_str())
        };
        self.agrees(format!("pull request #{number}"), |reference| {
            trial.iter().any(|trial| trial == reference) || is_base(reference)
        })?;
        Ok(pull)
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
        let deleted = push.deleted.unwrap_or(false) || after.is_none();
        // The run about a branch that is gone stands on the default branch.
        if !deleted {
            self.agrees(format!("`{}`", push.reference), |reference| {
                reference == push.reference
            })?;
        }
        Ok(Push {
            reference: push.reference,
            created: push.created.unwrap_or(false) || before.is_none(),
            deleted,
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

    fn dispatch(&self) -> Result<Dispatch, EventError> {
        let dispatch: WireDispatch = self.parse()?;
        let reference = self.reference()?.to_owned();
        // What the REST call was given may be a short name; the gate wants the full ref.
        if let Some(named) = &dispatch.reference {
            let full = |kind: &str| format!("refs/{kind}/{named}");
            self.agrees(format!("`{named}`"), |reference| {
                reference == named || reference == full("heads") || reference == full("tags")
            })?;
        }
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
