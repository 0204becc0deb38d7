//! Whether it is this commit's turn, flow by flow: what the deploy branch says now, and which commit is live.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::flow::{Content, digest, native};
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::order::Order;
use flowgate_core::plan::{Action, PlanSettings};
use flowgate_core::platform::{Answer, Publication};
use flowgate_core::review::FlowReview;
use futures_util::stream::{self, StreamExt as _};

use crate::clients::github as hub;
use crate::exit::{Exit, Failure};
use crate::github::contents::{self, Listed};
use crate::github::{Client, ErrorKind, GitHubError, ObjectId, Relation};

/// So many comparisons at a time.
const AT_ONCE: usize = 4;

/// How `head` stands to the branch and to what is live, for each flow that the plan writes.
pub(crate) async fn turns(
    github: &Client,
    written: &[&FlowReview],
    settings: &PlanSettings,
    branch: &str,
    head: &CommitSha,
    limit: u64,
) -> Result<BTreeMap<FlowId, Order>, Failure> {
    if written.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tip = github.branch_tip(branch).await.map_err(hub::failed)?;
    let Some(tip) = tip else {
        return Err(Failure::new(
            Exit::Failed,
            anyhow::anyhow!(
                "could not find the last commit of `{branch}`: there is no such branch"
            ),
        ));
    };
    let superseded = if tip == *head {
        BTreeSet::new()
    } else {
        superseded(github, written, settings, &tip, head, limit)
            .await
            .map_err(hub::failed)?
    };
    let commits: BTreeSet<&CommitSha> = written
        .iter()
        .flat_map(|flow| [live_commit(flow), was_live_by(flow)])
        .flatten()
        .collect();
    let orders: BTreeMap<&CommitSha, Order> = stream::iter(commits)
        .map(|commit| async move { (commit, order(github, commit, head).await) })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let order_of = |flow: &FlowReview| {
        if superseded.contains(&flow.path) {
            return Order::Superseded { tip: tip.clone() };
        }
        let to = |commit: Option<&CommitSha>| orders.get(commit?);
        let again = was_live_by(flow);
        match to(again) {
            Some(Order::LiveIsNewer { .. }) => return Order::TakenBack,
            Some(unknown @ Order::Unknown { .. }) => return unknown.clone(),
            _ if again == Some(head) => return Order::TakenBack,
            _ => {}
        }
        to(live_commit(flow)).cloned().unwrap_or(Order::InOrder)
    };
    Ok(written
        .iter()
        .filter_map(|flow| Some((flow.flow_id.clone()?, order_of(flow))))
        .collect())
}

fn live_commit(flow: &FlowReview) -> Option<&CommitSha> {
    flow.platform.as_ref()?.live_commit()
}

/// Where a version would be published that was live before: the commit that it was made from.
fn was_live_by(flow: &FlowReview) -> Option<&CommitSha> {
    let Action::Publish { version_id, .. } = &flow.plan.action else {
        return None;
    };
    let said = flow.platform.as_ref()?;
    let stored = said.stored(version_id)?;
    let was_live = match stored.publication {
        Publication::Now | Publication::Once => true,
        Publication::Never => false,
        // Where nothing is live, nothing was put in its place.
        Publication::NotTold => !matches!(said.published, Answer::Absent),
    };
    if !was_live {
        return None;
    }
    stored.record.as_ref()?.source.as_ref()?.commit.as_ref()
}

/// How the commit that is deployed stands to another one, such as the one that is live.
async fn order(github: &Client, live: &CommitSha, head: &CommitSha) -> Order {
    if live == head {
        return Order::InOrder;
    }
    let live = live.clone();
    match github.compare(&live, head).await {
        Ok(Relation::Identical | Relation::Ahead) => Order::InOrder,
        Ok(Relation::Behind) => Order::LiveIsNewer { live },
        Ok(Relation::Diverged) => Order::Unrelated { live },
        Err(error) if error.kind == ErrorKind::NotFound => Order::Unknown {
            live,
            why: "GitHub does not know that commit (was the history rewritten?)".to_owned(),
        },
        Err(error) => Order::Unknown {
            live,
            why: error.to_string(),
        },
    }
}

/// The files that the branch has otherwise by now. A file that was only renamed, or written in another layout, is the
/// same.
async fn superseded(
    github: &Client,
    written: &[&FlowReview],
    settings: &PlanSettings,
    tip: &CommitSha,
    head: &CommitSha,
    limit: u64,
) -> Result<BTreeSet<RepoPath>, GitHubError> {
    let folder = |folder: &str| {
        written
            .iter()
            .any(|flow| flow.path.as_str().starts_with(&format!("{folder}/")))
    };
    let endings: BTreeSet<&str> = written
        .iter()
        .filter_map(|flow| flow.path.as_str().rsplit_once('.'))
        .map(|(_, ending)| ending)
        .collect();
    let file = |path: &RepoPath| {
        let ending = path.as_str().rsplit_once('.').map(|(_, ending)| ending);
        ending.is_none_or(|ending| endings.contains(ending))
    };
    let (now, ours) = futures_util::try_join!(
        contents::list(github, tip, folder, file),
        contents::list(github, head, folder, file),
    )?;
    let all_now: BTreeSet<&str> = now.values().filter_map(blob).collect();
    let mut superseded = BTreeSet::new();
    let mut to_read = BTreeMap::new();
    for flow in written {
        let mine = ours.get(&flow.path).and_then(blob);
        if mine.is_some_and(|mine| all_now.contains(mine)) {
            continue;
        }
        match now.get(&flow.path) {
            Some(listed @ Listed::File { .. }) => {
                to_read.insert(flow.path.clone(), listed.clone());
            }
            _ => {
                superseded.insert(flow.path.clone());
            }
        }
    }
    let read = contents::read(github, &to_read, limit).await?;
    for flow in written {
        let Some(content) = read.get(&flow.path) else {
            continue;
        };
        if !says_the_same(flow, content, settings) {
            superseded.insert(flow.path.clone());
        }
    }
    Ok(superseded)
}

fn blob(listed: &Listed) -> Option<&str> {
    listed.id().map(ObjectId::as_str)
}

fn says_the_same(flow: &FlowReview, now: &Content, settings: &PlanSettings) -> bool {
    let reading = native::read(flow.path.clone(), now.clone());
    reading.flow.is_some_and(|now| {
        let theirs = digest(&now, &settings.layout);
        now.id() == flow.flow_id.as_ref()
            && now.version() == flow.version()
            && flow.digest.is_some()
            && flow.digest == theirs
    })
}
