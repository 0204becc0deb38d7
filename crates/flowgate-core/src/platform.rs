//! What CXone said about one flow, as values, and what this tenant cannot tell. Unknown is not zero and not empty.
//!
//! Nothing here knows a wire format (that is the dialects' in the program) or judges (that is for the plan).

use std::sync::Arc;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::flow::Flow;
use crate::ids::{CommitSha, Digest, VersionId};

/// Something that the platform was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// It said so.
    Known(T),
    /// It said that there is none.
    Absent,
    /// This tenant has no such call (405, 501, or an answer without the needed part).
    CannotTell,
    /// It was asked and failed, or was not asked: why, for people.
    Unavailable(String),
}

impl<T> Answer<T> {
    /// The value, where there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Answer::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// What we wrote into a version's metadata when we created it (contract, "Version payload").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `metadata.contentDigest`.
    pub content_digest: Digest,
    /// `metadata.source`.
    pub source: Option<RecordSource>,
}

/// `metadata.source`: where a version came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordSource {
    /// `owner/name`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repository: Option<String>,
    /// The commit that was deployed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<CommitSha>,
    /// The pull request that was merged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pull_request: Option<u64>,
    /// The workflow run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run_id: Option<u64>,
    /// The attempt of that run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run_attempt: Option<u64>,
}

/// The flow that callers reach now.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its content. Its `version()` is the published version.
    pub flow: Arc<Flow>,
    /// CXone's id of the published version, where it tells.
    pub version_id: Option<VersionId>,
    /// What we wrote when we created it; `None` where somebody else did.
    pub record: Option<Record>,
}

impl Published {
    /// The published version, where the answer has a valid one.
    pub fn version(&self) -> Option<&Version> {
        self.flow.version()
    }
}

/// Whether a stored version was ever live, as far as CXone tells. Its list need not say (contract, "Read").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// It is said to be live.
    Now,
    /// It was live at some time, or is.
    Once,
    /// It never was.
    Never,
    /// CXone does not say.
    NotTold,
}

impl Publication {
    /// Whether it is known that callers reached it.
    pub fn is_known(self) -> bool {
        matches!(self, Publication::Now | Publication::Once)
    }

    /// Whether callers may have reached it: what is not told is not denied.
    pub fn is_possible(self) -> bool {
        self != Publication::Never
    }
}

/// One stored version, as the list of versions tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSummary {
    /// CXone's id.
    pub id: VersionId,
    /// Its number, where valid.
    pub version: Option<Version>,
    /// Whether it was ever live.
    pub publication: Publication,
    /// When it was created, as the platform wrote it.
    pub created_at: Option<String>,
    /// When it was published last, as the platform wrote it; `None` if never, or not told.
    pub published_at: Option<String>,
    /// What we wrote when we created it.
    pub record: Option<Record>,
}

/// A version of ours that CXone holds with other content than was sent. Nobody edited it: it was never read back as right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Which one.
    pub version_id: VersionId,
    /// What is different, for people.
    pub what: String,
}

/// Why a stored version that the file says is not live, where it was wrong: a sentence without full stop.
pub(crate) fn was_wrong(stored: &VersionSummary, wrong: &Wrong) -> String {
    let number = stored
        .version
        .as_ref()
        .map_or_else(|| "the version".to_owned(), Version::to_string);
    format!(
        "{number}, which the file says, is not live: CXone holds other content of it than was sent ({}), and it was taken back; it stays so until its content changes, or a start by hand names the flow with a raised version",
        wrong.what
    )
}

/// The stored versions of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum History {
    /// All of them, in the platform's order.
    Listed(Vec<VersionSummary>),
    /// Only how many.
    Counted(u32),
    /// It did not say (no list and no count): unknown, never 0.
    Unknown(String),
}

impl History {
    /// How many versions there are, where known.
    pub fn count(&self) -> Option<u32> {
        match self {
            History::Listed(versions) => u32::try_from(versions.len()).ok(),
            History::Counted(count) => Some(*count),
            History::Unknown(_) => None,
        }
    }

    /// The listed versions, where the platform lists them.
    pub fn listed(&self) -> Option<&[VersionSummary]> {
        match self {
            History::Listed(versions) => Some(versions),
            _ => None,
        }
    }
}

/// All that the platform said about one flow.
#[derive(Debug, Clone)]
pub struct FlowOnPlatform {
    /// What callers reach now.
    pub published: Answer<Arc<Published>>,
    /// The stored versions.
    pub history: History,
    /// The most versions that this tenant keeps for a flow.
    pub capacity: u32,
}

impl FlowOnPlatform {
    /// The stored version that was published last, as far as the list of versions tells: by time, else the only one that is
    /// said to be live.
    pub fn published_last(&self) -> Option<&VersionSummary> {
        let all = self.history.listed()?;
        let dated = all.iter().filter(|version| version.published_at.is_some());
        let last = dated.max_by(|a, b| a.published_at.cmp(&b.published_at));
        last.or_else(|| {
            let mut said = all
                .iter()
                .filter(|version| version.publication == Publication::Now);
            said.next().filter(|_| said.next().is_none())
        })
    }

    /// The stored version with this id, where the platform lists it.
    pub fn stored(&self, id: &VersionId) -> Option<&VersionSummary> {
        self.history
            .listed()?
            .iter()
            .find(|stored| stored.id == *id)
    }

    /// Whether one of the stored versions may be live.
    pub fn may_be_live(&self) -> bool {
        let all = self.history.listed().unwrap_or_default();
        all.iter().any(|stored| stored.publication.is_possible())
    }

    /// The stored version with this content that was live before what is live now, and higher than it: it was taken back
    /// on purpose. Where CXone does not tell whether it was live, it may have been; where its list tells no content, the
    /// number stands for it.
    pub fn held(
        &self,
        file: (&Digest, Option<&Version>),
        live_id: Option<&VersionId>,
        live: Option<&Version>,
    ) -> Option<&VersionSummary> {
        let all = self.history.listed()?;
        let tells_content = all.iter().any(|stored| stored.record.is_some());
        let is_the_file = |stored: &VersionSummary| match &stored.record {
            Some(record) => record.content_digest == *file.0,
            None => !tells_content && stored.version.is_some() && stored.version.as_ref() == file.1,
        };
        all.iter().find(|stored| {
            stored.publication.is_possible()
                && live_id != Some(&stored.id)
                && is_the_file(stored)
                && match (&stored.version, live) {
                    (Some(stored), Some(live)) => stored > live,
                    _ => true,
                }
        })
    }

    /// Whether one of the stored versions is ours, be it one that never went live.
    pub fn has_record(&self) -> bool {
        let all = self.history.listed().unwrap_or_default();
        all.iter().any(|stored| stored.record.is_some())
    }

    /// Whether we published the flow before: then a live version that is not ours is somebody's edit, not a flow that we
    /// never had.
    pub fn was_ours(&self) -> bool {
        let all = self.history.listed().unwrap_or_default();
        all.iter()
            .any(|stored| stored.record.is_some() && stored.publication.is_possible())
    }

    /// Whether what is live was created before any version of ours: it was live before the first deployment, and nobody
    /// made it in the console since. Told by the times of the list alone.
    pub fn was_before_us(&self, live: &Published) -> bool {
        let created_at = |stored: &VersionSummary| stored.created_at.clone();
        let all = self.history.listed().unwrap_or_default();
        let stored = live.version_id.as_ref().and_then(|id| self.stored(id));
        let Some(live) = stored
            .filter(|stored| stored.record.is_none())
            .and_then(created_at)
        else {
            return false;
        };
        let ours: Vec<_> = all
            .iter()
            .filter(|stored| stored.record.is_some())
            .collect();
        !ours.is_empty()
            && ours
                .into_iter()
                .all(|stored| created_at(stored).is_some_and(|ours| live < ours))
    }

    /// The stored version that was live before this one: the one that was published last besides it, else the highest one
    /// below it that was ever live.
    pub fn live_before(&self, id: &VersionId) -> Option<&VersionSummary> {
        let number = self.stored(id).and_then(|stored| stored.version.as_ref());
        let all = self.history.listed()?;
        let others = || {
            all.iter()
                .filter(|stored| stored.id != *id && stored.publication.is_known())
        };
        let dated = others().filter(|stored| stored.published_at.is_some());
        let last = dated.max_by(|a, b| a.published_at.cmp(&b.published_at));
        last.or_else(|| {
            others()
                .filter(|stored| number.is_none_or(|number| stored.version.as_ref() < Some(number)))
                .max_by(|a, b| a.version.cmp(&b.version))
        })
    }

    /// The commit that what is live comes from, where our record of it says.
    pub fn live_commit(&self) -> Option<&CommitSha> {
        let record = match &self.published {
            Answer::Known(published) => published.record.as_ref(),
            _ => self.published_last()?.record.as_ref(),
        };
        record?.source.as_ref()?.commit.as_ref()
    }

    /// The commit that the newest version of ours comes from: the live one's, else that of the last one that is stored.
    pub fn recorded_commit(&self) -> Option<&CommitSha> {
        self.live_commit().or_else(|| {
            let all = self.history.listed().unwrap_or_default().iter();
            all.rev()
                .find_map(|stored| stored.record.as_ref()?.source.as_ref()?.commit.as_ref())
        })
    }
}
