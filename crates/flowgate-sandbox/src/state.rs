//! What the platform holds: flows, their versions, what is published. Pure data and its changes;
//! who may change it and what is refused is judged elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::config::Visibility;
use crate::json;

/// Everything the platform holds. What a test looks at in the end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The flows by id.
    pub flows: BTreeMap<String, Flow>,
    /// Ids given out so far.
    last_id: u64,
    /// Writes so far; the counting clock.
    writes: u64,
}

/// One flow.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// All versions, oldest first.
    pub versions: Vec<Version>,
    /// Every publish, oldest first; the last one is what is live.
    pub publishes: Vec<Publish>,
    /// Until when the last publish is not seen by reads.
    #[serde(skip)]
    veil: Veil,
}

/// One version of a flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The id that the platform gave.
    pub id: String,
    /// `MAJOR.MINOR.PATCH`
    pub version: String,
    /// As sent.
    pub name: Option<String>,
    /// As sent.
    pub description: Option<String>,
    /// The array, as sent to the byte.
    pub elements: Box<RawValue>,
    /// The array, as sent to the byte.
    pub connectors: Box<RawValue>,
    /// The object, as sent to the byte.
    pub metadata: Option<Box<RawValue>>,
    /// ISO-8601.
    pub created_at: String,
    /// The `Idempotency-Key` of the request that created it.
    pub idempotency_key: Option<String>,
    #[serde(skip)]
    veil: Veil,
}

/// One publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publish {
    /// What became live.
    pub version_id: String,
    /// ISO-8601.
    pub at: String,
}

/// What a version is to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Never published.
    Draft,
    /// Live.
    Published,
    /// Was live.
    Superseded,
}

/// Content for a version to be.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) version: String,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) elements: Box<RawValue>,
    pub(crate) connectors: Box<RawValue>,
    pub(crate) metadata: Option<Box<RawValue>>,
    pub(crate) idempotency_key: Option<String>,
}

/// Hides a write from reads for a while.
#[derive(Debug, Clone, Copy, Default)]
struct Veil {
    reads: u32,
    until: Option<Instant>,
}

impl Veil {
    fn of(visibility: Visibility) -> Self {
        match visibility {
            Visibility::AtOnce => Self::default(),
            Visibility::AfterReads(reads) => Self { reads, until: None },
            Visibility::After(time) => Self {
                reads: 0,
                until: Some(Instant::now() + time),
            },
        }
    }

    fn hides(self) -> bool {
        self.reads > 0 || self.until.is_some_and(|until| Instant::now() < until)
    }

    fn was_read(&mut self) {
        self.reads = self.reads.saturating_sub(1);
    }
}

impl State {
    /// The flow with this id.
    pub fn flow(&self, flow_id: &str) -> Option<&Flow> {
        self.flows.get(flow_id)
    }

    pub(crate) fn create(
        &mut self,
        flow_id: &str,
        draft: Draft,
        clock: Clock,
        visibility: Visibility,
    ) -> Version {
        self.last_id += 1;
        let version = Version {
            id: format!("ver-{:06}", self.last_id),
            version: draft.version,
            name: draft.name,
            description: draft.description,
            elements: draft.elements,
            connectors: draft.connectors,
            metadata: draft.metadata,
            created_at: self.stamp(clock),
            idempotency_key: draft.idempotency_key,
            veil: Veil::of(visibility),
        };
        let flow = self.flows.entry(flow_id.to_owned()).or_default();
        flow.versions.push(version.clone());
        version
    }

    /// Makes a version live; the caller has seen that it exists.
    pub(crate) fn publish(
        &mut self,
        flow_id: &str,
        version_id: &str,
        clock: Clock,
        visibility: Visibility,
    ) -> Publish {
        let publish = Publish {
            version_id: version_id.to_owned(),
            at: self.stamp(clock),
        };
        let flow = self.flows.entry(flow_id.to_owned()).or_default();
        flow.publishes.push(publish.clone());
        flow.veil = Veil::of(visibility);
        if let Some(version) = flow.versions.iter_mut().find(|v| v.id == version_id) {
            // What is live can be read, however young it is.
            version.veil = Veil::default();
        }
        publish
    }

    fn stamp(&mut self, clock: Clock) -> String {
        self.writes += 1;
        clock.stamp(self.writes)
    }
}

impl Flow {
    /// What is really live.
    pub fn published(&self) -> Option<&Version> {
        self.version(&self.publishes.last()?.version_id)
    }

    /// The version with this id.
    pub fn version(&self, version_id: &str) -> Option<&Version> {
        self.versions.iter().find(|v| v.id == version_id)
    }

    /// What a version really is.
    pub fn status(&self, version_id: &str) -> Status {
        status(&self.publishes, version_id)
    }

    /// When a version last became live.
    pub fn published_at(&self, version_id: &str) -> Option<&str> {
        published_at(&self.publishes, version_id)
    }

    /// The first free number above the live version: what the console saves an edit under.
    pub(crate) fn next_patch(&self) -> Option<String> {
        let mut next = semver::Version::parse(&self.published()?.version).ok()?;
        next.pre = semver::Prerelease::EMPTY;
        next.build = semver::BuildMetadata::EMPTY;
        loop {
            next.patch = next.patch.checked_add(1)?;
            let text = next.to_string();
            if self.versions.iter().all(|version| version.version != text) {
                return Some(text);
            }
        }
    }

    /// Loses the last element of the live version, or of the newest.
    pub(crate) fn garble(&mut self, is_live: bool) {
        let live = self
            .publishes
            .last()
            .map(|publish| publish.version_id.clone());
        let version = self
            .versions
            .iter_mut()
            .rev()
            .find(|version| !is_live || Some(&version.id) == live.as_ref());
        let Some(version) = version else { return };
        if let Some(mut elements) = json::array(&version.elements) {
            elements.pop();
            version.elements = json::raw_of(&elements);
        }
    }

    /// The flow as a reader sees it now. Counts as one read.
    pub(crate) fn read(&mut self) -> Seen<'_> {
        let publish_hidden = self.veil.hides();
        self.veil.was_read();
        let hidden: Vec<bool> = self
            .versions
            .iter_mut()
            .map(|version| {
                let hides = version.veil.hides();
                version.veil.was_read();
                hides
            })
            .collect();
        let publishes = match self.publishes.split_last() {
            Some((_, before)) if publish_hidden => before,
            _ => &self.publishes,
        };
        let versions = self
            .versions
            .iter()
            .zip(hidden)
            .filter_map(|(version, hidden)| (!hidden).then_some(version))
            .collect();
        Seen {
            versions,
            publishes,
        }
    }
}

/// A flow without what reads do not show yet.
pub(crate) struct Seen<'a> {
    pub(crate) versions: Vec<&'a Version>,
    publishes: &'a [Publish],
}

impl<'a> Seen<'a> {
    pub(crate) fn published(&self) -> Option<&'a Version> {
        self.version(&self.publishes.last()?.version_id)
    }

    pub(crate) fn version(&self, version_id: &str) -> Option<&'a Version> {
        self.versions.iter().copied().find(|v| v.id == version_id)
    }

    pub(crate) fn status(&self, version_id: &str) -> Status {
        status(self.publishes, version_id)
    }

    pub(crate) fn published_at(&self, version_id: &str) -> Option<&'a str> {
        published_at(self.publishes, version_id)
    }
}

fn status(publishes: &[Publish], version_id: &str) -> Status {
    if publishes.last().is_some_and(|p| p.version_id == version_id) {
        Status::Published
    } else if publishes.iter().any(|p| p.version_id == version_id) {
        Status::Superseded
    } else {
        Status::Draft
    }
}

fn published_at<'a>(publishes: &'a [Publish], version_id: &str) -> Option<&'a str> {
    publishes
        .iter()
        .rev()
        .find(|p| p.version_id == version_id)
        .map(|p| p.at.as_str())
}
