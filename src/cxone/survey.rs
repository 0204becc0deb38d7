//! Asks CXone about many flows at once. A call that fails is an answer too: unknown, with the reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use flowgate_core::ids::FlowId;
use flowgate_core::platform::{
    Answer, FlowOnPlatform, History, Publication, Published, VersionSummary,
};
use futures_util::{StreamExt, stream};
use semver::Version;

use super::{FlowPlatform, PlatformError};

/// Asking does no harm, so for each flow that may be deployed at once so many are asked about at once.
const ASKED_PER_WRITTEN: usize = 4;

/// How many flows are asked about at once, where `concurrency` of them may be deployed at a time.
pub fn asked_at_once(concurrency: usize) -> usize {
    concurrency.max(1).saturating_mul(ASKED_PER_WRITTEN)
}

/// What CXone says about each of `flows`, where `concurrency` of them may be deployed at a time.
pub async fn survey<P: FlowPlatform>(
    platform: &P,
    flows: impl IntoIterator<Item = FlowId>,
    capacity: u32,
    concurrency: usize,
) -> BTreeMap<FlowId, FlowOnPlatform> {
    stream::iter(flows)
        .map(|flow| async move {
            let answer = ask(platform, &flow, capacity).await;
            (flow, answer)
        })
        .buffer_unordered(asked_at_once(concurrency))
        .collect()
        .await
}

/// What CXone says about one flow.
pub async fn ask<P: FlowPlatform>(platform: &P, flow: &FlowId, capacity: u32) -> FlowOnPlatform {
    let unavailable = |why: String| FlowOnPlatform {
        published: Answer::Unavailable(why.clone()),
        history: History::Unknown(why),
        capacity,
    };
    let (published, history) = tokio::join!(platform.published(flow), platform.history(flow));
    let (published, history) = match (published, history) {
        (Ok(published), Ok(history)) => (published, history),
        (Err(error), _) | (_, Err(error)) => return unavailable(error.to_string()),
    };
    // "No versions" is believed only where the flow itself is new (contract, "Read").
    let history = match (&published, history) {
        (Answer::Known(_), History::Listed(versions)) if versions.is_empty() => {
            History::Unknown("CXone lists no version of a flow that is live".to_owned())
        }
        (_, history) => history,
    };
    // Nor is "nothing is published", where a version is said to be.
    if let (Answer::Absent, Some(live)) = (&published, listed_as_live(&history)) {
        return unavailable(format!(
            "CXone shows no published flow `{flow}`, and lists its version {live} as published; run again"
        ));
    }
    let live = published.known().and_then(Published::version);
    let history = match (&published, history) {
        (Answer::Known(_) | Answer::Absent, History::Listed(versions)) => {
            match with_records(platform, flow, versions, live).await {
                Ok(versions) => History::Listed(versions),
                Err(error) => return unavailable(error.to_string()),
            }
        }
        (_, history) => history,
    };
    let published = match published {
        Answer::Known(published) => Answer::Known(Arc::new(published)),
        Answer::Absent => Answer::Absent,
        Answer::CannotTell => Answer::CannotTell,
        Answer::Unavailable(why) => Answer::Unavailable(why),
    };
    FlowOnPlatform {
        published,
        history,
        capacity,
    }
}

/// Fills in what we wrote into versions, where the list leaves that out and one version tells it. Only versions above what
/// is live matter: one of them may be ours, taken back or never published.
async fn with_records<P: FlowPlatform>(
    platform: &P,
    flow: &FlowId,
    mut versions: Vec<VersionSummary>,
    live: Option<&Version>,
) -> Result<Vec<VersionSummary>, PlatformError> {
    if versions.iter().any(|version| version.record.is_some()) {
        return Ok(versions);
    }
    for stored in &mut versions {
        if live.is_some_and(|live| stored.version.as_ref().is_none_or(|number| number <= live)) {
            continue;
        }
        match platform.version(flow, &stored.id).await? {
            Answer::Known(whole) => stored.record = whole.record,
            // One that does not tell will not tell the others.
            _ => break,
        }
    }
    Ok(versions)
}

/// The version that the list says is live.
fn listed_as_live(history: &History) -> Option<String> {
    let all = history.listed()?;
    let live = all
        .iter()
        .find(|version| version.publication == Publication::Now)?;
    Some(match &live.version {
        Some(number) => format!("{number} (id `{}`)", live.id),
        None => format!("id `{}`", live.id),
    })
}
