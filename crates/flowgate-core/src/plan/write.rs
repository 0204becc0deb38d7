//! What a write looks like: the version that is created, or the stored one that is published, and by which number.

use std::sync::Arc;

use semver::Version;

use super::decision::{Decision, blocked, reason};
use super::{Action, Facts, PlanSettings, Reason, Release, VersionPolicy};
use crate::flow::Flow;
use crate::ids::{ElementId, VersionId};
use crate::platform::{FlowOnPlatform, Publication, Published, VersionSummary};

/// The version that is live, as far as it can be told.
#[derive(Clone, Copy)]
pub(super) struct Live<'a> {
    pub(super) version_id: Option<&'a VersionId>,
    pub(super) version: Option<&'a Version>,
}

impl<'a> From<&'a Arc<Published>> for Live<'a> {
    fn from(published: &'a Arc<Published>) -> Self {
        Self {
            version_id: published.version_id.as_ref(),
            version: published.version(),
        }
    }
}

/// Creates the version, or publishes it where it is stored already.
pub(super) fn write(
    facts: &Facts<'_>,
    platform: &FlowOnPlatform,
    settings: &PlanSettings,
    current: Option<&Flow>,
    live: Option<Live<'_>>,
    why: Reason,
) -> Decision {
    let all = platform.history.listed().unwrap_or_default();
    let Some(stored) = all.iter().find(|stored| has_number(stored, facts.version)) else {
        return create(facts, current, why);
    };
    let is_live =
        |stored: &VersionSummary| live.is_some_and(|live| live.version_id == Some(&stored.id));
    let is_ours = |stored: &&VersionSummary| {
        let record = stored.record.as_ref();
        // What is live with this content and is written all the same lacks something that the digest does not see.
        record.is_some_and(|record| &record.content_digest == facts.digest) && !is_live(stored)
    };
    if settings.version_policy == VersionPolicy::Auto && !is_ours(&stored) {
        return under_another_number(facts, all, current, is_ours);
    }
    match &stored.record {
        Some(_) if is_ours(&stored) => {
            let rest = match stored.publication {
                Publication::Now | Publication::Once => ": puts it live again",
                Publication::Never => " and was never live: puts it live",
                Publication::NotTold => ": puts it live",
            };
            let text = format!("{} is stored with this content{rest}", facts.version);
            (
                Action::Publish {
                    release: Box::new(release(facts, facts.version, current)),
                    version_id: stored.id.clone(),
                },
                vec![reason("stored-version", text)],
            )
        }
        Some(record) if &record.content_digest == facts.digest => blocked(
            "version-exists",
            format!(
                "{} is live, and drawn otherwise: raise the version",
                facts.version
            ),
        ),
        None if is_live(stored) => blocked(
            "version-exists",
            format!(
                "{} is live with other content: raise the version",
                facts.version
            ),
        ),
        Some(record) => blocked(
            "version-exists",
            format!(
                "{} is stored with other content ({}, the file has {}): raise the version",
                facts.version,
                record.content_digest.short(),
                facts.digest.short()
            ),
        ),
        None => blocked(
            "version-exists",
            format!(
                "{} is stored already, and not by us: raise the version",
                facts.version
            ),
        ),
    }
}

/// The file's number is stored with other content: the next free patch number, or the stored version that this content
/// was given before (a crash after create, or one that was taken back).
fn under_another_number(
    facts: &Facts<'_>,
    all: &[VersionSummary],
    current: Option<&Flow>,
    is_ours: impl Fn(&&VersionSummary) -> bool,
) -> Decision {
    let asked = facts.version;
    let is_successor = |version: &&Version| {
        (version.major, version.minor) == (asked.major, asked.minor)
            && version.patch > asked.patch
            && version.pre.is_empty()
    };
    let before = all.iter().filter(is_ours).find_map(|stored| {
        let version = stored.version.as_ref().filter(is_successor)?;
        Some((stored, version))
    });
    if let Some((stored, version)) = before {
        let text = format!(
            "{asked} is stored with other content; {version} is stored with this one: puts it live"
        );
        let action = Action::Publish {
            release: Box::new(release(facts, version, current)),
            version_id: stored.id.clone(),
        };
        return (action, vec![reason("stored-version", text)]);
    }
    let free = (asked.patch..u64::MAX)
        .skip(1)
        .map(|patch| Version::new(asked.major, asked.minor, patch))
        .find(|number| !all.iter().any(|stored| has_number(stored, number)));
    let Some(free) = free else {
        return blocked("version-exists", format!("no number after {asked} is free"));
    };
    let text = format!(
        "{asked} is stored with other content: creates {free} instead, live at once; set the file's version to {free} with the next change"
    );
    let action = Action::CreateAndPublish(Box::new(release(facts, &free, current)));
    (action, vec![reason("next-free-version", text)])
}

fn has_number(stored: &VersionSummary, number: &Version) -> bool {
    let version = stored.version.as_ref();
    version.is_some_and(|version| version.cmp_precedence(number).is_eq())
}

pub(super) fn create(facts: &Facts<'_>, current: Option<&Flow>, why: Reason) -> Decision {
    (
        Action::CreateAndPublish(Box::new(release(facts, facts.version, current))),
        vec![why],
    )
}

fn release(facts: &Facts<'_>, number: &Version, current: Option<&Flow>) -> Release {
    let immutable = |flow: &Flow| -> Vec<ElementId> {
        flow.elements()
            .iter()
            .filter(|element| element.kind.is_immutable())
            .map(|element| element.id.clone())
            .collect()
    };
    Release {
        flow_id: facts.flow_id.clone(),
        version: number.clone(),
        digest: facts.digest.clone(),
        delta: facts.delta.cloned(),
        immutable: immutable(current.unwrap_or(facts.head)),
        content: Some(Arc::clone(facts.head)),
    }
}
