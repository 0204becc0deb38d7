//! The saga: a plan becomes receipts. Several flows at once, the steps of one flow in order; one that fails stops no other.
//!
//! What to write was decided by the plan, whether to write by the gate. Here is decided only what the platform's answers
//! mean: what happened, what callers get now, and whether a person must look.

mod additions;
mod adopt;
mod branch;
mod confirm;
mod content;
mod ending;
mod recheck;
mod resolve;
mod saga;
mod stop;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use flowgate_core::flow::Layout;
use flowgate_core::ids::{Digest, FlowId};
use flowgate_core::plan::{Planned, Shipment};
use flowgate_core::platform::{FlowOnPlatform, RecordSource};
use flowgate_core::receipt::{Receipt, State};
use flowgate_core::review::FlowReview;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::audit::{Audit, AuditAction, AuditStatus, Event, RunInfo};
use crate::clock::Clock;
use crate::cxone::FlowPlatform;
use crate::gate::Permit;

pub use additions::Additions;
pub use branch::{Branch, Overtaken};
pub(crate) use confirm::wrong_places;
pub use stop::{Stop, Stopper, stop_token};

use branch::Watch;
use saga::Saga;

/// Whether a deployment may end without having been read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// Where the tenant can show what is published; elsewhere the result says that it was not verified.
    #[default]
    Available,
    /// Always: nothing is written to a tenant that cannot show it.
    Required,
}

/// Everything that a deployment needs to be told.
#[derive(Debug, Clone)]
pub struct DeploySettings {
    /// How many flows at once.
    pub concurrency: NonZeroUsize,
    /// Whether it may end without having been read back.
    pub verify: Verify,
    /// How long to go on reading back.
    pub read_back_deadline: Duration,
    /// After a write that may have happened: wait so long since that write before each look.
    pub resolve_at: Vec<Duration>,
    /// What is layout.
    pub layout: Layout,
    /// `metadata.createdBy`.
    pub created_by: String,
    /// `metadata.rollbackSafetyDirective.maxRollbackDepth`.
    pub max_rollback_depth: u32,
    /// `metadata.source`.
    pub source: RecordSource,
    /// Who runs: for the audit.
    pub run: RunInfo,
    /// What the comments of the pull requests showed; `None` where nobody looked.
    pub reviewed: Option<Reviewed>,
    /// What CXone is known to add to what is sent: by read-backs of earlier runs, and by settings.
    pub additions: Additions,
    /// Where the deploy branch stands, where there is one: what it says otherwise by now is not published.
    pub branch: Option<Arc<dyn Branch>>,
}

#[cfg(test)]
impl Default for DeploySettings {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN.saturating_add(3),
            verify: Verify::Available,
            read_back_deadline: Duration::from_secs(30),
            resolve_at: [0, 2, 5, 10, 30].map(Duration::from_secs).to_vec(),
            layout: Layout::default(),
            created_by: "flow-versioner-service".to_owned(),
            max_rollback_depth: 3,
            source: RecordSource {
                repository: None,
                commit: None,
                pull_request: None,
                run_id: None,
                run_attempt: None,
            },
            run: RunInfo::default(),
            reviewed: None,
            additions: Additions::default(),
            branch: None,
        }
    }
}

/// What the comments of the pull requests showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reviewed {
    /// By flow.
    pub shown: BTreeMap<FlowId, Shown>,
    /// How the branch moved on between check and merge, a sentence for each pull request whose base did: may be why
    /// something is in the plan that no comment showed.
    pub moved: Vec<String>,
}

/// What the pull request's comment showed of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The content.
    pub digest: Digest,
    /// Whether the branch moved on between check and merge.
    pub moved: Moved,
}

/// Whether the branch moved on between check and merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// It did: from where to where.
    On(String),
    /// It did not.
    Not,
    /// Nobody knows.
    Unknown,
}

impl Moved {
    /// Why something else is deployed than the comment showed.
    fn why_different(&self) -> &str {
        match self {
            Moved::On(how) => how,
            Moved::Not => "the file was changed after that comment was written",
            Moved::Unknown => "whether the branch moved on between check and merge is not known",
        }
    }
}

/// One flow's place in the plan, and what the platform said when the plan was made.
#[derive(Debug, Clone)]
pub struct Job {
    /// What people call the flow.
    pub name: String,
    /// What to do.
    pub planned: Planned,
    /// What the plan was made from; without it nothing is written.
    pub seen: Option<FlowOnPlatform>,
}

impl From<&FlowReview> for Job {
    fn from(review: &FlowReview) -> Self {
        Self {
            name: review.name.clone(),
            planned: review.plan.clone(),
            seen: review.platform.clone(),
        }
    }
}

/// How far one flow's writes came: what the receipt's final state does not tell, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// A create or a publication was sent.
    pub attempted: bool,
    /// This run created a version.
    pub created: bool,
    /// This run published the version.
    pub published: bool,
}

/// A version that was verified: what the git-sync webhook announces.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// What was deployed.
    pub release: Box<Shipment>,
    /// `metadata.createdAt`.
    pub created_at: String,
}

/// What became of a flow.
#[derive(Debug, Clone)]
pub struct FlowResult {
    /// For people and reports.
    pub receipt: Receipt,
    /// For the metrics.
    pub progress: Progress,
    /// For the webhook; `None` where nothing new was verified.
    pub announcement: Option<Announcement>,
}

/// What became of a plan.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// In the plan's order, one for each.
    pub results: Vec<FlowResult>,
    /// The audit is not complete: why.
    pub audit_error: Option<String>,
    /// Whether the branch still says what was published is not known: why.
    pub branch_error: Option<String>,
    /// Events of this run in the audit.
    pub audit_events: u64,
    /// Hash of the audit's last line.
    pub audit_head: String,
}

impl Deployment {
    /// The receipts, in the plan's order.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        self.results.iter().map(|result| &result.receipt)
    }

    /// The exit code (design, "Commands"): an incomplete audit is a failure too.
    pub fn exit_code(&self) -> u8 {
        let code = exit_code(self.receipts());
        if self.audit_error.is_some() || self.branch_error.is_some() {
            code.max(4)
        } else {
            code
        }
    }
}

/// 5 where the outcome of a flow is unknown, else 4 where one failed or is blocked, else 0.
pub fn exit_code<'r>(receipts: impl IntoIterator<Item = &'r Receipt>) -> u8 {
    receipts
        .into_iter()
        .map(|receipt| match receipt.state {
            State::Verified | State::PublishedUnverified | State::Skipped => 0,
            State::Blocked | State::Failed | State::RolledBack => 4,
            State::Unknown => 5,
        })
        .max()
        .unwrap_or(0)
}

/// What all sagas of a run share.
struct Shared<P> {
    platform: Arc<P>,
    audit: Audit,
    settings: DeploySettings,
    clock: Arc<dyn Clock>,
    stop: Stop,
    branch: Option<Watch>,
    /// The audit could not be begun: then nothing is written.
    refused: Option<String>,
}

/// Carries out a plan, which needs the gate's permit. Dropping the future cuts writes off: use `stop` instead.
pub async fn run<P: FlowPlatform + 'static>(
    permit: &Permit,
    jobs: Vec<Job>,
    platform: Arc<P>,
    audit: &Audit,
    settings: DeploySettings,
    clock: Arc<dyn Clock>,
    stop: Stop,
) -> Deployment {
    tracing::info!("{permit}");
    let refused = audit.start_run(settings.run.clone()).await.err();
    let shared = Arc::new(Shared {
        branch: settings.branch.clone().map(Watch::new),
        platform,
        audit: audit.clone(),
        settings,
        clock,
        stop,
        refused: refused.map(|err| err.to_string()),
    });
    let (mut results, failed_event) = run_jobs(jobs, &shared).await;
    let branch_error = overtaken_meanwhile(&mut results, &shared).await.err();
    let ended = audit.end_run().await.err().map(|err| err.to_string());
    Deployment {
        results,
        branch_error,
        audit_error: shared.refused.clone().or(failed_event).or(ended),
        audit_events: audit.events(),
        audit_head: audit.head(),
    }
}

/// Asks once more where the branch stands: a flow that was published and is otherwise there by now is no success, since the
/// run of that commit may have ended before this one published.
async fn overtaken_meanwhile<P: FlowPlatform>(
    results: &mut [FlowResult],
    shared: &Shared<P>,
) -> Result<(), String> {
    let is_live = |result: &&mut FlowResult| {
        result.progress.published
            && matches!(
                result.receipt.state,
                State::Verified | State::PublishedUnverified
            )
    };
    let Some(branch) = &shared.branch else {
        return Ok(());
    };
    let mut live: Vec<&mut FlowResult> = results.iter_mut().filter(is_live).collect();
    if live.is_empty() {
        return Ok(());
    }
    let overtaken = branch.at_the_end().await?;
    for result in &mut live {
        let receipt = &mut result.receipt;
        let Some(tip) = receipt.flow_id.as_ref().and_then(|id| overtaken.get(id)) else {
            continue;
        };
        let what = format!(
            "published and read back, but the branch says otherwise of it since commit {}, whose own run may have ended before: look whether that run has deployed it, else start the workflow by hand on the deploy branch; {}",
            tip.short(),
            receipt.live_now.as_deref().unwrap_or("live now: not known"),
        );
        let event = Event::new(AuditAction::ReadBack, AuditStatus::Failed)
            .flow(receipt.flow_id.as_ref(), &receipt.path)
            .version_id(receipt.version_id.as_ref())
            .error(what.clone());
        receipt.state = State::Failed;
        receipt.error = Some(what);
        shared
            .audit
            .record(event)
            .await
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn run_jobs<P: FlowPlatform + 'static>(
    jobs: Vec<Job>,
    shared: &Arc<Shared<P>>,
) -> (Vec<FlowResult>, Option<String>) {
    let twice = written_twice(&jobs);
    let mut slots: Vec<Option<FlowResult>> = Vec::new();
    let mut running = JoinSet::new();
    let mut index_of = HashMap::new();
    let sketches: Vec<Job> = jobs.clone();
    let mut audit_error = None;
    let mut jobs = jobs.into_iter().enumerate();
    loop {
        // In the plan's order, and never more at once than are allowed.
        while running.len() < shared.settings.concurrency.get()
            && let Some((index, job)) = jobs.next()
        {
            slots.push(None);
            let id = job.planned.flow_id.as_ref();
            let is_twice = id.is_some_and(|id| twice.contains(id));
            let saga = Saga::new(Arc::clone(shared), job, is_twice);
            index_of.insert(running.spawn(saga.run()).id(), index);
        }
        let Some(joined) = running.join_next_with_id().await else {
            break;
        };
        let (id, ended) = match joined {
            Ok((id, ended)) => (id, Some(ended)),
            Err(err) => (err.id(), None),
        };
        if let Some(&index) = index_of.get(&id)
            && let Some(ended) = ended
        {
            audit_error = audit_error.or(ended.audit_error);
            slots[index] = Some(ended.result);
        }
    }
    let results = slots
        .into_iter()
        .zip(&sketches)
        .map(|(result, job)| result.unwrap_or_else(|| lost(job)))
        .collect();
    (results, audit_error)
}

/// Flows that the plan would write more than once: their steps could not be in order.
fn written_twice(jobs: &[Job]) -> Vec<FlowId> {
    let mut counts: HashMap<&FlowId, usize> = HashMap::new();
    for job in jobs.iter().filter(|job| job.planned.action.writes()) {
        if let Some(id) = &job.planned.flow_id {
            *counts.entry(id).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(id, _)| id.clone())
        .collect()
}

/// The receipt of a flow whose task ended without one (a fault of this program): nobody knows how far it came.
fn lost(job: &Job) -> FlowResult {
    let live = "live now: not known".to_owned();
    FlowResult {
        receipt: Receipt {
            name: job.name.clone(),
            flow_id: job.planned.flow_id.clone(),
            path: job.planned.path.clone(),
            version: None,
            version_id: None,
            state: State::Unknown,
            verified: false,
            error: Some(format!(
                "the deployment of this flow broke off inside Flowgate: look at its versions in CXone, and report this; {live}"
            )),
            live_now: Some(live),
            digest: None,
            as_reviewed: None,
            warns: false,
            notices: Vec::new(),
        },
        progress: Progress {
            attempted: job.planned.action.writes(),
            ..Progress::default()
        },
        announcement: None,
    }
}
