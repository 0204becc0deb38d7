//! Flows that a run puts live although its change does not touch them: how their changes came, and the settings that these
//! were checked under.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::order::Arrival;
use flowgate_core::plan::{Action, Planned, Touch};
use flowgate_core::review::{FlowReview, Settings};

use super::origins::{Came, Origins};
use super::recorded::Reading;
use crate::change::{Job, Settled, put_upon};
use crate::source::History;

/// A pull request has no more commits than this.
const MOST_COMMITS: u32 = 250;

/// Flows that the change does not touch, and that are to be put live.
#[derive(Default)]
pub(crate) struct MadeUp {
    /// How their changes came to the branch.
    pub(crate) arrivals: BTreeMap<FlowId, Arrival>,
    /// The settings that their files were merged under, where these are not the run's.
    pub(crate) own_settings: BTreeMap<RepoPath, Arc<Settings>>,
}

/// Whether a flow may be one of them, by the settings that it was merged under if not by the run's.
pub(crate) fn may_be(flow: &FlowReview) -> bool {
    let Planned {
        action, reasons, ..
    } = &flow.plan;
    let depends_on_settings = || reasons.iter().any(|reason| reason.code == "layout-only");
    flow.touch == Touch::Untouched
        && (action.writes() || matches!(action, Action::Blocked) || depends_on_settings())
}

impl MadeUp {
    /// Asks how the changes of these flows came, as far as they [`may_be`] such, and what they were checked under.
    /// `settings` are the run's, `reading` says which files of a commit are flows.
    pub(crate) async fn find<'h>(
        job: &Job<'_>,
        origins: &Origins<'_>,
        flows: &[&FlowReview],
        (settings, reading): (&Settings, &Reading<'_>),
        history: impl Fn() -> History<'h>,
    ) -> Self {
        let mut found = Self::default();
        if flows.is_empty() {
            return found;
        }
        let mut history = history();
        let came = origins.of_untouched(flows, &mut history, reading).await;
        let mut known: BTreeMap<u64, Result<Settled, String>> = BTreeMap::new();
        for (id, Came { arrival, merge }) in came {
            let path = flows
                .iter()
                .find(|flow| flow.flow_id.as_ref() == Some(id))
                .map(|flow| &flow.path);
            let (Some((pull, commit)), Some(path)) = (merge, path) else {
                found.arrivals.insert(id.clone(), arrival);
                continue;
            };
            let settled = match known.entry(pull) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    let settled = checked_under(job, origins, (pull, &commit), &mut history);
                    free.insert(settled.await)
                }
            };
            let arrival = match settled {
                Ok(settled) if settled.covers(path) => {
                    let own = held_to(settled, settings).map(|own| (path.clone(), Arc::new(own)));
                    found.own_settings.extend(own);
                    arrival
                }
                Ok(_) => Arrival::NotCovered { pull_request: pull },
                Err(why) => Arrival::Unknown {
                    why: format!("the settings that #{pull} was checked under: {why}"),
                },
            };
            found.arrivals.insert(id.clone(), arrival);
        }
        found
    }
}

/// The settings that a pull request was checked under, which was merged by this commit; else why that is not known.
async fn checked_under(
    job: &Job<'_>,
    origins: &Origins<'_>,
    (pull, commit): (u64, &CommitSha),
    history: &mut History<'_>,
) -> Result<Settled, String> {
    let all = (pull, MOST_COMMITS);
    let upon = put_upon(all, commit, history, Some(origins.github)).await;
    let upon = upon.map_err(|error| error.to_string())?;
    let upon = upon.ok_or_else(|| format!("the merge of #{pull} was put upon no commit"))?;
    let settled = Settled::of_commit(job, &upon, history).await;
    settled.map_err(|failure| format!("{:#}", failure.error))
}

/// What a file is held to that was merged under such settings, where that is something else than the run's; limits of the
/// run stay the run's.
fn held_to(settled: &Settled, run: &Settings) -> Option<Settings> {
    let mut own = settled.review.clone();
    own.plan.max_changes = run.plan.max_changes;
    own.plan.unknown_flows = run.plan.unknown_flows;
    let nothing = &run.plan.publishes_nothing;
    own.plan.publishes_nothing.clone_from(nothing);
    own.rules.redactor = run.rules.redactor.clone();
    own.policy.today = run.policy.today;
    own.policy.fail_on = run.policy.fail_on;
    let is_same = own.plan == run.plan && own.rules == run.rules && own.policy == run.policy;
    (!is_same).then_some(own)
}
