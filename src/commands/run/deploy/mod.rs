//! Deploy after a merge: what the gate says yes to.
//!
//! Here is the order of things: gate, plan, turns, saga, word to everybody. What each of them means is in the files
//! beside this one and in the rooms that they call.

pub(super) mod allowed;
pub(super) mod attempt;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flowgate_core::ids::{CommitSha, FlowId};
use flowgate_core::order::{Provenance, Provenances};
use flowgate_core::plan::{Action, Touch};
use flowgate_core::platform::RecordSource;
use flowgate_core::receipt::Receipt;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{receipts, safe, terminal};
use flowgate_core::review::{FlowReview, Input, Judged, Review};

use super::told::Told;
use crate::actions::{Annotation, Level, OutputName, Place, Reader};
use crate::audit::RunInfo;
use crate::change::event::{self as matter, Matter};
use crate::change::{Inputs, Job, Merges, Question};
use crate::cli::{CommentChoice, TextFormat};
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::deploy::Deployment;
use crate::event::Event;
use crate::exit::{Exit, Failure};
use crate::gate::{self, Permit};
use crate::github::Client;
use crate::output::Output;
use crate::pipeline;
use crate::process::block_on;
use crate::services::deployment::{About, Run, all_told};
use crate::services::recorded::{self, Older, Reading};
use crate::services::wrong;
use crate::source::{History, Untouched};

use crate::services::made_up::{self, MadeUp};
use crate::services::origins::Origins;
use crate::services::pulls::{self, Pulls};
use crate::services::results::{self, Results, Written};
use crate::services::turns::{self, Watched};

use attempt::Attempt;

/// How long comments may take; and where the run was cancelled, what is left of the runner's patience.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
pub(super) const LITTLE_PATIENCE: Duration = Duration::from_millis(700);

/// So many flows stand in the summary.
const SUMMARY_ROWS: usize = 500;

/// Runs the task.
pub(super) fn run(job: &Job<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let redactor = Arc::new(job.world.redactor());
    let mut told = Told::default();
    let mut attempt = Attempt::default();
    let ended = block_on(async {
        let ended = deploy(job, &redactor, &mut attempt, &mut told, output).await;
        if let Err(failure) = &ended {
            attempt
                .tell(job, failure, &redactor, &mut told, output)
                .await?;
        }
        ended
    });
    let failed = if attempt.carried_out {
        "The deployment was carried out, and not all of it could be told"
    } else {
        "Nothing was deployed"
    };
    told.end(job, ended, failed, &redactor, output.err)
}

/// A sentence for the summary: names of branches and the words of servers are as hostile as a file.
pub(super) fn said(redactor: &Redactor, sentence: &str) -> String {
    safe::prose(&redactor.text(&safe::line(sentence)))
}

async fn deploy(
    job: &Job<'_>,
    redactor: &Arc<Redactor>,
    attempt: &mut Attempt,
    told: &mut Told,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let dry_run = job.args.dry_run.asked();
    let github = job.github()?;
    let Matter {
        inputs,
        file,
        checked_out: head,
        root,
        base: before,
        merges,
        own_settings,
        ..
    } = matter::gather(
        job,
        github.as_ref(),
        Question::Merge,
        Untouched::Read,
        |_, _| Ok(()),
    )
    .await?;
    let allowed = allowed::ask(gate::decide, job, github.as_ref(), head.as_ref(), &file).await;
    attempt.learned(&allowed, head.as_ref(), &inputs.flows);
    if !dry_run && allowed.decision.is_err() {
        name_unpublished(job, &inputs, head.as_ref(), redactor, told);
    }
    let permit = allowed.told(dry_run, redactor, told, output.err)?;
    for note in &inputs.notes {
        writeln!(output.err, "note: {}", redactor.text(note))?;
    }
    let address = Address::of(job.needed_credentials()?)?;
    let purpose = permit.map_or(Purpose::Read, |_| Purpose::Write);
    let tenant = Tenant::connect(
        address,
        purpose,
        &inputs.terms.platform,
        job.world.began,
        Reader::Runner,
        redactor,
    )?;
    let mut run = Run {
        webhook: job.world.environment.webhook()?,
        ..Run::new(tenant, job.kept(inputs.terms), redactor)
    };
    run.tenant.fetch_token();
    let touches_none = inputs.sources.changed.is_empty();
    let deadline = &run.terms.deadline;
    // Up to the first write, nobody is waited for past the run's deadline; from there on each write has its own end.
    let planned = Box::pin(async {
        let mut input = pipeline::read(inputs.sources, deadline)?;
        input.own_settings = own_settings;
        name(job, &mut input)?;
        run.ask(&mut input).await?;
        let reading = Reading {
            flows: &inputs.flows,
            layout: &run.terms.review.plan.layout,
            limit: inputs.max_file_size,
        };
        let history = || History::open(root.as_deref(), &job.world.environment, github.as_ref());
        recorded::complete(&mut input, history, &reading).await;
        recorded::complete_older(&mut input, Older::Asked, history, &reading).await;
        let audit = run.terms.platform.audit_file.as_deref();
        wrong::find(&mut input, run.tenant.api.as_ref(), audit, reading.layout).await;
        input.by_hand = matches!(job.event, Event::Dispatch(_));
        let mut judged = pipeline::judge(&input, &run.terms.review, deadline)?;
        let mut provenances = Provenances::new();
        if let (Some(github), Some(branch), Some(head)) = (&github, &allowed.branch, &head) {
            let flows = judged.iter().map(Judged::review);
            // What is in the way of a flow that was changed may be no matter any more.
            let is_about = |flow: &&FlowReview| {
                let is_blocked = matches!(flow.plan.action, Action::Blocked);
                let is_asked = is_blocked && flow.touch.asks_for_write();
                flow.plan.action.writes() || is_asked || made_up::may_be(flow)
            };
            let concerned: Vec<&FlowReview> = flows.filter(is_about).collect();
            let writes = |flow: &&FlowReview| flow.plan.action.writes();
            let written: Vec<&FlowReview> = concerned.iter().copied().filter(writes).collect();
            let plan = &run.terms.review.plan;
            let limit = inputs.max_file_size;
            let orders = turns::turns(github, &concerned, plan, branch, head, limit).await?;
            let origins = Origins {
                github,
                branch,
                repository: job.context.repository.id,
                head,
                direct_push: allowed.direct_push,
            };
            let of_push = origins.of_push(&written, &merges, allowed.pull);
            let settings = &run.terms.review;
            let may_be = concerned
                .iter()
                .copied()
                .filter(|flow| made_up::may_be(flow));
            let may_be: Vec<&FlowReview> = may_be.collect();
            let made_up = MadeUp::find(job, &origins, &may_be, (settings, &reading), history).await;
            let mut arrivals = made_up.arrivals;
            arrivals.extend(of_push.into_iter().map(|(id, came)| (id.clone(), came)));
            for (flow, order) in orders {
                let arrival = arrivals.remove(&flow);
                let order = Some(order);
                provenances.insert(flow, Provenance { order, arrival });
            }
            input.own_settings.extend(made_up.own_settings);
            pipeline::judge_again(&input, settings, &mut judged, deadline)?;
        }
        let settings = &run.terms.review;
        let review = pipeline::conclude(&input, settings, judged, &provenances);
        Ok::<_, Failure>((input, provenances, review))
    });
    let planned = deadline.bounds("CXone and GitHub were asked", planned);
    let (input, provenances, mut review) = planned.await??;
    if touches_none && !matches!(job.event, Event::Dispatch(_)) {
        review.leave_blocked();
    }
    let text = terminal::render(&review, redactor, output.colour);
    output.out.write_all(text.as_bytes())?;
    let Some(permit) = permit else {
        told.summary(&comment::render(
            &review,
            redactor,
            &CommentSettings::default(),
        ));
        return run.dry(&review, TextFormat::Text, output);
    };
    if let Err(too_many) = run.may_write_as_many(&review) {
        told.summary(&comment::render(
            &review,
            redactor,
            &CommentSettings::default(),
        ));
        return Err(too_many);
    }
    let (Some(github), Some(head)) = (github, head) else {
        // The gate asks for both; this is said for whoever changes the gate.
        return Err(Failure::new(
            Exit::Refused,
            anyhow::anyhow!("nothing is written to CXone: the commit or the token is not known"),
        ));
    };
    let github = Arc::new(github);
    let branch = allowed.branch.clone().unwrap_or_default();
    let layout = &run.terms.review.plan.layout;
    let limit = inputs.max_file_size;
    let watched = Watched::of(&github, &review, layout, &branch, &head, limit);
    run.branch = Some(Arc::new(watched));
    let mut merged = Merged {
        job,
        github,
        head,
        branch: allowed.branch.clone().unwrap_or_default(),
        pull: allowed.pull,
        before,
        merges,
        pulls: Pulls::default(),
        root,
        left: results::left_by_the_last_run(job, &input, &review),
        brought: results::brought(&provenances),
    };
    let deployment = merged.deploy(permit, &mut run, &review, output).await?;
    attempt.carried_out = true;
    Box::pin(merged.tell(&run, &review, &deployment, told, output)).await
}

/// So many files are named where a push is refused.
const NAMED: usize = 20;

/// Says which flow files of a refused push stay unpublished, from which commit, and who pushed it.
fn name_unpublished(
    job: &Job<'_>,
    inputs: &Inputs,
    head: Option<&CommitSha>,
    redactor: &Redactor,
    told: &mut Told,
) {
    let (Event::Push(_), Some(head)) = (job.event, head) else {
        return;
    };
    let by = job.context.actor.as_ref();
    let by = by.map_or_else(String::new, |actor| format!(", pushed by {actor}"));
    for path in inputs.sources.changed.iter().take(NAMED) {
        let line = format!("stays unpublished: `{path}` (commit {}{by})", head.short());
        told.summary(&format!("- {}", said(redactor, &line)));
        told.annotations.push(Annotation {
            level: Level::Warning,
            title: None,
            message: redactor.text(&line).into_owned(),
            place: Some(Place {
                path: path.to_string(),
                at: None,
            }),
        });
    }
}

/// Marks the flows that somebody named; only a run that was started by hand may.
fn name(job: &Job<'_>, input: &mut Input) -> Result<(), Failure> {
    let named: BTreeSet<&str> = job
        .args
        .flow
        .iter()
        .flat_map(|list| &list.0)
        .map(String::as_str)
        .collect();
    if named.is_empty() || !matches!(job.event, Event::Dispatch(_)) {
        return Ok(());
    }
    let mut found = BTreeSet::new();
    for file in &mut input.files {
        let id: Option<&FlowId> = file
            .head
            .as_ref()
            .and_then(|reading| reading.flow.as_ref()?.id());
        if let Some(id) = id.filter(|id| named.contains(id.as_str())) {
            found.insert(id.as_str().to_owned());
            if file.touch != Touch::Touched {
                file.touch = Touch::Named;
            }
        }
    }
    match named.into_iter().find(|id| !found.contains(*id)) {
        None => Ok(()),
        Some(missing) => Err(
            Failure::usage(format!("no flow file has the `flowId` `{missing}`"))
                .hint("`flow` takes the ids that stand in the files, separated by commas"),
        ),
    }
}

/// A merge that may be deployed.
struct Merged<'a> {
    job: &'a Job<'a>,
    github: Arc<Client>,
    head: CommitSha,
    branch: String,
    pull: Option<u64>,
    /// The commit before all that is deployed.
    before: Option<CommitSha>,
    merges: Merges,
    /// All pull requests that the run deploys.
    pulls: Pulls,
    /// The clone, where its git may be asked.
    root: Option<PathBuf>,
    /// What an earlier run did that may not have been told, by pull request.
    left: BTreeMap<u64, Vec<Receipt>>,
    /// The pull request that each flow's change came by, where that is known.
    brought: BTreeMap<FlowId, u64>,
}

impl Merged<'_> {
    async fn deploy(
        &mut self,
        permit: &Permit,
        run: &mut Run,
        review: &Review,
        output: &mut Output<'_>,
    ) -> Result<Deployment, Failure> {
        // What the comments showed is asked only where it is to be said of a flow.
        let mut plans = review.flows.iter().map(|flow| &flow.plan.action);
        if plans.any(|action| action.writes() || matches!(action, Action::Blocked)) {
            self.pulls = pulls::find(self.job, &self.github, self.pull, &self.branch).await;
            run.about = self.about().await;
        } else {
            self.pulls.numbers.extend(self.pull);
        }
        run.deploy(permit, review, output).await
    }

    /// Says what was done, to everybody: what fails of it keeps nothing else from being said.
    async fn tell(
        mut self,
        run: &Run,
        review: &Review,
        deployment: &Deployment,
        told: &mut Told,
        output: &mut Output<'_>,
    ) -> Result<Exit, Failure> {
        let shown = run.tell(review, deployment, TextFormat::Text, output);
        let all: Vec<Receipt> = deployment.receipts().cloned().collect();
        tell(run, deployment, &all, told);
        // What is on this machine is written first: a cancelled run has little time, and others may not answer.
        let handed = told.hand_over(self.job, output.err);
        run.announce(deployment, output.err).await;
        let commented = self.comment(run, review, deployment, &all, told, output);
        let commented = Box::pin(commented).await;
        let all_said = shown.and(handed.map_err(Failure::from)).and(commented);
        all_told(all_said, deployment)
    }

    /// What is recorded about this run, in the audit and in every version.
    async fn about(&mut self) -> About {
        let context = self.job.context;
        let target = self.job.args.target.as_deref().unwrap_or_default();
        let pulls = &mut self.pulls;
        // A run that was started by hand has nothing before it.
        let is_merge = !matches!(self.job.event, Event::Dispatch(_));
        let before = self.before.as_ref().filter(|_| is_merge);
        let upon = |pull| self.merges.upon(pull).or(before).cloned();
        let upon = (self.branch.as_str(), upon);
        let reviewed = pulls::reviewed(&self.github, pulls, target, upon).await;
        let has_pull = !pulls.numbers.is_empty();
        About {
            run: RunInfo {
                repository: Some(context.repository.full_name.clone()),
                actor: context.actor.clone(),
                commit: Some(self.head.to_string()),
                pull_request: self.pull,
                reviewers: pulls::reviewers(&self.github, pulls).await,
                run_id: Some(context.run_id),
                run_attempt: Some(context.run_attempt),
                rollback: None,
            },
            source: RecordSource {
                repository: Some(context.repository.full_name.clone()),
                commit: Some(self.head.clone()),
                pull_request: self.pull,
                run_id: Some(context.run_id),
                run_attempt: Some(context.run_attempt),
            },
            reviewed: has_pull.then_some(reviewed),
        }
    }

    async fn comment(
        &mut self,
        run: &Run,
        review: &Review,
        deployment: &Deployment,
        all: &[Receipt],
        told: &mut Told,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let mut written = Written::default();
        let mut pulls = std::mem::take(&mut self.pulls);
        if self.job.args.comment != Some(CommentChoice::Off) {
            let comments = async {
                let environment = &self.job.world.environment;
                let mut history =
                    History::open(self.root.as_deref(), environment, Some(&self.github));
                let head = run.terms.platform.audit_file.is_some();
                let results = Results {
                    job: self.job,
                    github: &self.github,
                    redactor: &run.redactor,
                    commit: &self.head,
                    audit_head: head.then(|| deployment.audit_head.clone()),
                    way_back: results::way_back(self.job, &self.head, &mut history).await,
                };
                let (job, github) = (self.job, &self.github);
                let its = results::receipts_of(job, github, &mut pulls, review, all).await;
                let its = results::with_their_own(its, &self.brought, all);
                results
                    .of_deployment(review, &its, &self.left, &mut written)
                    .await;
                results.of_taken_back(review, &mut written).await;
            };
            let comments = tokio::time::timeout(PATIENCE, comments);
            let in_time = Box::pin(run.unless_stopped(LITTLE_PATIENCE, comments)).await;
            if !matches!(in_time, Some(Ok(()))) {
                let note = "not every comment was written: the time was up";
                written.notes.push(note.to_owned());
            }
        }
        written.notes.extend(pulls.notes);
        commented(written, &run.redactor, told, output)
    }
}

/// Hands over what became of the comments: that one is missing is a notice, and never another end.
pub(super) fn commented(
    written: Written,
    redactor: &Redactor,
    told: &mut Told,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if let Some(comment) = written.comment {
        let id = comment.id.to_string();
        told.outputs.insert(OutputName::CommentId, id);
        told.outputs.insert(OutputName::CommentUrl, comment.url);
    }
    for note in written.notes {
        writeln!(output.err, "notice: {}", redactor.text(&note))?;
        told.summary(&format!("- {}", said(redactor, &note)));
    }
    Ok(())
}

/// What became of the plan, for the summary, the outputs and beside the files.
pub(super) fn tell(run: &Run, deployment: &Deployment, all: &[Receipt], told: &mut Told) {
    told.summary(&receipts::markdown(
        all,
        run.deed(),
        &run.redactor,
        SUMMARY_ROWS,
    ));
    told.summary(&run.metrics(deployment).markdown());
    told.remark(all, &run.redactor);
    told.published(all);
    if let Some(path) = &run.terms.platform.audit_file {
        told.summary(&format!("Audit head: `{}`", deployment.audit_head));
        told.outputs
            .insert(OutputName::AuditHead, deployment.audit_head.clone());
        told.outputs
            .insert(OutputName::AuditPath, path.display().to_string());
    }
    if let Some(path) = &run.terms.platform.metrics_file
        && path.is_file()
    {
        told.outputs
            .insert(OutputName::MetricsPath, path.display().to_string());
    }
}
