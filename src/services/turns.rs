//! Whether it is this commit's turn, flow by flow: what the deploy branch says now, and which commit is live.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;

use flowgate_core::flow::{Content, Layout, digest, native};
use flowgate_core::ids::{CommitSha, Digest, FlowId, RepoPath};
use flowgate_core::order::Order;
use flowgate_core::plan::{Action, PlanSettings};
use flowgate_core::platform::{Answer, Publication};
use flowgate_core::review::{FlowReview, Review};
use futures_util::stream::{self, StreamExt as _};
use semver::Version;

use crate::clients::github as hub;
use crate::deploy::{Branch, Overtaken};
use crate::exit::{Exit, Failure};
use crate::github::contents::{self, Listed};
use crate::github::{Client, ErrorKind, GitHubError, ObjectId, Relation};

/// So many comparisons at a time.
const AT_ONCE: usize = 4;

/// How `head` stands to the branch and to what is live, for each flow that the plan writes, or would if nothing stood in
/// the way: that may be no matter any more.
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
    let is_tip = tip == *head;
    let superseded = if is_tip {
        BTreeSet::new()
    } else {
        let of_flows: Vec<Written> = written.iter().map(|flow| Written::of(flow)).collect();
        superseded(github, &of_flows, &settings.layout, &tip, head, limit)
            .await
            .map_err(hub::failed)?
    };
    let commits: BTreeSet<&CommitSha> = written
        .iter()
        .flat_map(|flow| [live_commit(flow), was_live_by(flow)])
        .flatten()
        .collect();
    let orders: BTreeMap<&CommitSha, Order> = stream::iter(commits)
        .map(|commit| async move { (commit, order(github, commit, head, is_tip).await) })
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
async fn order(github: &Client, live: &CommitSha, head: &CommitSha, is_tip: bool) -> Order {
    if live == head {
        return Order::InOrder;
    }
    let live = live.clone();
    match github.compare(&live, head).await {
        Ok(Relation::Identical | Relation::Ahead) => Order::InOrder,
        Ok(Relation::Behind) => Order::LiveIsNewer { live, is_tip },
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
    written: &[Written],
    layout: &Layout,
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
        if !flow.is_said_by(content, layout) {
            superseded.insert(flow.path.clone());
        }
    }
    Ok(superseded)
}

fn blob(listed: &Listed) -> Option<&str> {
    listed.id().map(ObjectId::as_str)
}

/// What the commit that is deployed says of a flow.
#[derive(Debug, Clone)]
struct Written {
    path: RepoPath,
    flow_id: Option<FlowId>,
    version: Option<Version>,
    digest: Option<Digest>,
}

impl Written {
    fn of(flow: &FlowReview) -> Self {
        Self {
            path: flow.path.clone(),
            flow_id: flow.flow_id.clone(),
            version: flow.version().cloned(),
            digest: flow.digest.clone(),
        }
    }

    fn is_said_by(&self, now: &Content, layout: &Layout) -> bool {
        let reading = native::read(self.path.clone(), now.clone());
        reading.flow.is_some_and(|now| {
            now.id() == self.flow_id.as_ref()
                && now.version() == self.version.as_ref()
                && self.digest.is_some()
                && self.digest == digest(&now, layout)
        })
    }
}

/// The deploy branch while a deployment is under way.
#[derive(Debug)]
pub(crate) struct Watched {
    github: Arc<Client>,
    branch: String,
    head: CommitSha,
    layout: Layout,
    limit: u64,
    written: Vec<Written>,
}

impl Watched {
    /// The branch, as far as it is about what this review writes.
    pub(crate) fn of(
        github: &Arc<Client>,
        review: &Review,
        layout: &Layout,
        branch: &str,
        head: &CommitSha,
        limit: u64,
    ) -> Self {
        let writes = |flow: &&FlowReview| flow.plan.action.writes();
        Self {
            github: Arc::clone(github),
            branch: branch.to_owned(),
            head: head.clone(),
            layout: layout.clone(),
            limit,
            written: review
                .flows
                .iter()
                .filter(writes)
                .map(Written::of)
                .collect(),
        }
    }

    async fn ask(&self) -> Result<BTreeMap<FlowId, CommitSha>, GitHubError> {
        let tip = self.github.branch_tip(&self.branch).await?;
        let Some(tip) = tip.filter(|tip| *tip != self.head) else {
            return Ok(BTreeMap::new());
        };
        let paths = superseded(
            &self.github,
            &self.written,
            &self.layout,
            &tip,
            &self.head,
            self.limit,
        )
        .await?;
        let overtaken = self
            .written
            .iter()
            .filter(|flow| paths.contains(&flow.path));
        Ok(overtaken
            .filter_map(|flow| Some((flow.flow_id.clone()?, tip.clone())))
            .collect())
    }
}

impl Branch for Watched {
    fn overtaken(&self) -> Pin<Box<dyn Future<Output = Overtaken> + Send + '_>> {
        Box::pin(async { self.ask().await.map_err(|error| error.to_string()) })
    }
}
