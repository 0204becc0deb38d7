//! The word on merged pull requests: what became of their flows, also where nothing was deployed or a run ended before it
//! could say so, and later that a version was taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use flowgate_core::flow::{Content, names};
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::order::{Arrival, Provenance, Provenances};
use flowgate_core::plan::Action;
use flowgate_core::platform::{Answer, Publication, Published, Record};
use flowgate_core::receipt::{Receipt, State};
use flowgate_core::redact::Redactor;
use flowgate_core::report::result::{self, Before, Done, ResultSettings, Turn, Turned, WayBack};
use flowgate_core::review::{FlowReview, Input, Live, Review};

use super::pulls::Pulls;
use crate::change::Job;
use crate::clock::{Clock as _, SystemClock};
use crate::event::Event;
use crate::github::{Client, Comment};
use crate::source::{FlowGlobs, History};
use crate::sticky::{self, Ended, Kind, Marker, Outcome, StickyError, Wish, Writes};

/// A file that is larger is no workflow.
const WORKFLOW_LIMIT: u64 = 256 * 1024;

/// So many pull requests are looked after besides those of the push.
const MOST_LEFT: usize = 5;

/// Says on pull requests what became of them.
pub(crate) struct Results<'a> {
    pub(crate) job: &'a Job<'a>,
    pub(crate) github: &'a Client,
    pub(crate) redactor: &'a Redactor,
    /// The commit that is deployed.
    pub(crate) commit: &'a CommitSha,
    pub(crate) audit_head: Option<String>,
    pub(crate) way_back: WayBack,
}

/// What was written, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The comment on the first of the pull requests.
    pub(crate) comment: Option<Comment>,
    /// For log and summary: one sentence each.
    pub(crate) notes: Vec<String>,
}

impl Written {
    fn add(&mut self, pull: u64, outcome: Result<Outcome, StickyError>) {
        match outcome {
            Ok(Outcome::Written(comment) | Outcome::Unchanged(comment)) => {
                self.comment.get_or_insert(comment);
            }
            Ok(Outcome::NewerRun { run, attempt }) if run > 0 => self.notes.push(format!(
                "no comment on pull request #{pull}: run {run}, attempt {attempt}, has written there since"
            )),
            Ok(Outcome::NewerRun { .. } | Outcome::NotNeeded | Outcome::HeadMoved { .. }) => {}
            Err(error) => self.notes.push(error.to_string()),
        }
    }
}

impl Results<'_> {
    /// Writes on each pull request what became of the flows that it touches; `left` are flows that an earlier run put live
    /// and did not tell of.
    pub(crate) async fn of_deployment(
        &self,
        review: &Review,
        pulls: &BTreeMap<u64, Vec<Receipt>>,
        left: &BTreeMap<u64, Vec<Receipt>>,
        written: &mut Written,
    ) {
        let mut writes = Writes::on(pulls.len() + left.len());
        let before = before(review);
        let left = left.iter().filter(|(pull, _)| !pulls.contains_key(pull));
        for (&pull, receipts) in pulls.iter().chain(left) {
            if receipts.is_empty() {
                continue;
            }
            let mut lead = None;
            // What stands there already tells how it ended; that there was nothing more to do is no news.
            if receipts
                .iter()
                .all(|receipt| receipt.state == State::Skipped)
            {
                match self.is_told(pull, receipts).await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => {
                        written.notes.push(error.to_string());
                        continue;
                    }
                }
                let by_it = |receipt: &Receipt| {
                    let record = live_before(review, receipt.flow_id.as_ref()?)?
                        .record
                        .as_ref();
                    came_by(self.job, record?)
                };
                let is_left = !pulls.contains_key(&pull);
                if is_left || receipts.iter().any(|receipt| by_it(receipt) == Some(pull)) {
                    lead = Some(
                        "An earlier run put this live and ended before it could say so.".to_owned(),
                    );
                }
            }
            let settings = ResultSettings {
                before: before.clone(),
                unseen: review.notes.clone(),
                lead,
                ..self.settings()
            };
            let outcome = self.one(pull, receipts, settings, &mut writes).await;
            written.add(pull, outcome);
        }
    }

    /// Writes on each pull request that its merge deployed nothing, and why. What another run did says more than that.
    pub(crate) async fn of_nothing(
        &self,
        pulls: &mut Pulls,
        why: &[String],
        flows: Option<&[String]>,
        written: &mut Written,
    ) {
        let globs = flows.and_then(|flows| FlowGlobs::new(flows).ok());
        let is_flow = |path: &str| match &globs {
            Some(globs) => globs.matches(path),
            // Which files are flows could not be read.
            None => Path::new(path)
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("json")),
        };
        let mut writes = Writes::on(pulls.numbers.len());
        let marker = self.job.marker(Kind::Deployment, self.commit).yielding();
        for &pull in &pulls.numbers {
            let files = match self.github.files_of(pull).await {
                Ok(files) => files,
                Err(error) => {
                    let error = error.told();
                    pulls.notes.push(format!(
                        "which flows pull request #{pull} touches is not known: {error}"
                    ));
                    continue;
                }
            };
            let touched: BTreeSet<String> =
                files.into_iter().filter(|path| is_flow(path)).collect();
            if touched.is_empty() {
                continue;
            }
            let touched: Vec<String> = touched.into_iter().collect();
            let settings = ResultSettings {
                max_bytes: marker.room(),
                ..self.settings()
            };
            let body = result::stopped(why, &touched, self.redactor, &settings);
            let outcome = self.publish(pull, &marker, &body, &mut writes).await;
            written.add(pull, outcome);
        }
    }

    /// Writes on the pull requests that brought them that versions were taken back.
    pub(crate) async fn of_rollback(
        &self,
        review: &Review,
        receipts: &[Receipt],
        written: &mut Written,
    ) {
        let mut by_pull: BTreeMap<u64, Vec<(FlowId, Turned)>> = BTreeMap::new();
        for receipt in receipts {
            let is_done = matches!(receipt.state, State::Verified | State::PublishedUnverified);
            let Some(flow_id) = receipt.flow_id.as_ref().filter(|_| is_done) else {
                continue;
            };
            let Some((turn, version, record)) = turned(review, flow_id) else {
                continue;
            };
            let Some(pull) = came_by(self.job, record) else {
                continue;
            };
            by_pull.entry(pull).or_default().push((
                flow_id.clone(),
                Turned {
                    turn,
                    name: receipt.name.clone(),
                    version,
                    now: receipt.version.clone(),
                    done: Some(Done {
                        by: self.job.context.actor.clone(),
                        on: SystemClock.today().to_string(),
                        run_link: Some(self.job.context.run_url()),
                    }),
                },
            ));
        }
        let mut writes = Writes::on(by_pull.len());
        for (pull, back) in by_pull {
            let outcome = self.amend(pull, &back, &mut writes).await;
            written.add(pull, outcome);
        }
    }

    /// Writes on the pull requests that brought them that versions are live no more, where nobody has said so: the run that
    /// took them back was killed.
    pub(crate) async fn of_taken_back(&self, review: &Review, written: &mut Written) {
        let unsaid = taken_back(self.job, review);
        let mut writes = Writes::on(unsaid.len());
        let target = self.job.args.target.as_deref().unwrap_or_default();
        for (pull, mut back) in unsaid.into_iter().rev().take(MOST_LEFT) {
            let standing = sticky::standing(self.github, pull, Kind::Deployment, target).await;
            let standing = match standing {
                Ok(standing) => standing,
                Err(error) => {
                    written.notes.push(error.to_string());
                    continue;
                }
            };
            let says = |start: &str| {
                let mut lines = standing
                    .iter()
                    .flat_map(|(_, comment)| comment.body.lines());
                lines.any(|line| line.starts_with(start))
            };
            back.retain(|(_, back)| !says(&format!("{}taken back", back.start(self.redactor))));
            // Where nothing was ever said, nobody is waiting for more.
            if back.is_empty() || standing.is_empty() {
                continue;
            }
            let outcome = self.amend(pull, &back, &mut writes).await;
            written.add(pull, outcome);
        }
    }

    /// Puts what was taken back over what stands there.
    async fn amend(
        &self,
        pull: u64,
        back: &[(FlowId, Turned)],
        writes: &mut Writes,
    ) -> Result<Outcome, StickyError> {
        let target = self.job.args.target.as_deref().unwrap_or_default();
        let standing = sticky::standing(self.github, pull, Kind::Deployment, target).await?;
        let tells = |(_, comment): &&(Marker, Comment)| {
            let ended = Ended::read(&comment.body);
            back.iter().any(|(flow, _)| ended.holds(flow))
        };
        let there = standing.iter().find(tells).or(standing.first());
        let mut ended =
            there.map_or_else(Ended::default, |(_, comment)| Ended::read(&comment.body));
        let mut marker = self.job.marker(Kind::Deployment, self.commit);
        let mut text = String::new();
        if let Some((theirs, comment)) = there {
            (marker.job, marker.head) = (theirs.job, theirs.head.clone());
            text = Ended::after(&comment.body).to_owned();
        }
        let mut lines = Vec::new();
        for (flow, back) in back {
            ended.add(flow.clone());
            let start = back.start(self.redactor);
            let kept = text.lines().filter(|line| !line.starts_with(&start));
            text = kept.collect::<Vec<_>>().join("\n");
            lines.push(back.markdown(self.redactor));
        }
        let hidden = ended.line();
        let mut body = format!("{hidden}{}\n\n{}", lines.join("\n\n"), folded(&text));
        if body.chars().count() > marker.room() {
            body = format!("{hidden}{}", lines.join("\n\n"));
        }
        let body = format!("{}\n", body.trim_end());
        self.publish(pull, &marker, &body, writes).await
    }

    async fn publish(
        &self,
        pull: u64,
        marker: &Marker,
        body: &str,
        writes: &mut Writes,
    ) -> Result<Outcome, StickyError> {
        let place = sticky::Place {
            workflow: self.job.context.workflow.as_deref(),
            ..pull.into()
        };
        sticky::publish(self.github, place, marker, Wish::Show(body), writes).await
    }

    async fn one(
        &self,
        pull: u64,
        receipts: &[Receipt],
        settings: ResultSettings,
        writes: &mut Writes,
    ) -> Result<Outcome, StickyError> {
        let marker = self.job.marker(Kind::Deployment, self.commit);
        let good = receipts.iter().filter(|receipt| receipt.state.is_good());
        let ended = Ended::of(good.filter_map(|receipt| receipt.flow_id.clone())).line();
        let settings = ResultSettings {
            max_bytes: marker.room().saturating_sub(ended.len()),
            ..settings
        };
        let body = format!(
            "{ended}{}",
            result::render(receipts, self.redactor, &settings)
        );
        self.publish(pull, &marker, &body, writes).await
    }

    /// Whether a comment on the pull request tells how these flows ended.
    async fn is_told(&self, pull: u64, receipts: &[Receipt]) -> Result<bool, StickyError> {
        let target = self.job.args.target.as_deref().unwrap_or_default();
        let standing = sticky::standing(self.github, pull, Kind::Deployment, target).await?;
        let told = standing
            .iter()
            .map(|(_, comment)| Ended::read(&comment.body));
        let told = told.fold(Ended::default(), Ended::and);
        let mut flows = receipts
            .iter()
            .filter_map(|receipt| receipt.flow_id.as_ref());
        Ok(flows.all(|flow| told.holds(flow)))
    }

    fn settings(&self) -> ResultSettings {
        ResultSettings {
            commit: Some(self.commit.clone()),
            run_link: Some(self.job.context.run_url()),
            way_back: self.way_back.clone(),
            audit_head: self.audit_head.clone(),
            ..ResultSettings::default()
        }
    }
}

/// Flows that the last deployment before this one put live and that this one leaves so, by the pull request that the
/// record names: whoever it was told them, unless that run was killed. What is told stays told.
pub(crate) fn left_by_the_last_run(
    job: &Job<'_>,
    input: &Input,
    review: &Review,
) -> BTreeMap<u64, Vec<Receipt>> {
    let run = (job.context.run_id, job.context.run_attempt);
    let stays = |flow: &FlowId| {
        let its = |it: &&FlowReview| it.flow_id.as_ref() == Some(flow);
        let planned = review.flows.iter().find(its).map(|flow| &flow.plan.action);
        planned.is_none_or(|action| matches!(action, Action::Nothing))
    };
    let said = input.platform.iter().flatten();
    let live = said.filter_map(|(flow, said)| {
        let published = said.published.known()?;
        let record = published.record.as_ref()?;
        let source = record.source.as_ref()?;
        let by = (source.run_id?, source.run_attempt.unwrap_or(1));
        let pull = came_by(job, record)?;
        (by != run && stays(flow)).then_some((by, pull, flow, published))
    });
    let live: Vec<_> = live.collect();
    let last = live.iter().map(|(by, ..)| *by).max();
    let mut left: BTreeMap<u64, Vec<Receipt>> = BTreeMap::new();
    for (by, pull, flow, published) in live {
        if Some(by) == last
            && let Some(receipt) = stayed(input, flow, published)
        {
            left.entry(pull).or_default().push(receipt);
        }
    }
    while left.len() > MOST_LEFT {
        left.pop_first();
    }
    left
}

/// What a run says of a flow that it finds live as it ought to be; `None` where no file has it any more.
fn stayed(input: &Input, flow: &FlowId, published: &Published) -> Option<Receipt> {
    let heads = input.files.iter().filter_map(|file| {
        let head = file.head.as_ref()?.flow.as_ref()?;
        (head.id() == Some(flow)).then_some((&file.path, head))
    });
    let (path, head) = heads.into_iter().next()?;
    let version = published.version().map(ToString::to_string);
    Some(Receipt {
        flow_id: Some(flow.clone()),
        name: names::flow(head),
        path: path.clone(),
        version_id: published.version_id.clone(),
        state: State::Skipped,
        verified: true,
        error: None,
        live_now: version
            .as_ref()
            .map(|version| format!("live now: {version}")),
        version,
        digest: None,
        as_reviewed: None,
        notices: Vec::new(),
        warns: false,
    })
}

/// The pull request of this repository that a version came by.
fn came_by(job: &Job<'_>, record: &Record) -> Option<u64> {
    let source = record.source.as_ref()?;
    let ours = job.context.repository.full_name.as_str();
    let is_ours = source.repository.as_deref().is_none_or(|it| it == ours);
    source.pull_request.filter(|_| is_ours)
}

/// Which flows each pull request of the push is told about: those that it touches, and where it is alone, whatever else
/// was written.
pub(crate) async fn receipts_of(
    job: &Job<'_>,
    github: &Client,
    pulls: &mut Pulls,
    review: &Review,
    receipts: &[Receipt],
) -> BTreeMap<u64, Vec<Receipt>> {
    let written = |receipt: &&Receipt| receipt.state != State::Skipped;
    let mut told = BTreeMap::new();
    let numbers = pulls.numbers.clone();
    for &number in &numbers {
        // One pull request is the whole push, and nobody has to be asked what that changed.
        let files = match (&numbers[..], job.event) {
            ([_], Event::Push(_) | Event::PullRequest(_)) => {
                let touched = review
                    .flows
                    .iter()
                    .filter(|flow| flow.touch.asks_for_write());
                Ok(touched.map(|flow| flow.path.to_string()).collect())
            }
            _ => github.files_of(number).await,
        };
        match files {
            Ok(files) => {
                let files: BTreeSet<String> = files.into_iter().collect();
                let is_its = |receipt: &&Receipt| {
                    files.contains(receipt.path.as_str()) || numbers.len() == 1 && written(receipt)
                };
                told.insert(number, receipts.iter().filter(is_its).cloned().collect());
            }
            Err(error) => pulls.notes.push(format!(
                "which flows pull request #{number} touches is not known: {}",
                error.told()
            )),
        }
    }
    told
}

/// The pull request that each flow's change came by, where that is known.
pub(crate) fn brought(provenances: &Provenances) -> BTreeMap<FlowId, u64> {
    let of = |(flow, provenance): (&FlowId, &Provenance)| match provenance.arrival {
        Some(Arrival::Merged { pull_request }) => Some((flow.clone(), pull_request)),
        _ => None,
    };
    provenances.iter().filter_map(of).collect()
}

/// What was written of a flow belongs to the pull request that its change came by, also where that was merged earlier.
pub(crate) fn with_their_own(
    mut told: BTreeMap<u64, Vec<Receipt>>,
    brought: &BTreeMap<FlowId, u64>,
    receipts: &[Receipt],
) -> BTreeMap<u64, Vec<Receipt>> {
    for receipt in receipts {
        let own = receipt.flow_id.as_ref().and_then(|flow| brought.get(flow));
        let Some(own) = own.filter(|_| receipt.state != State::Skipped) else {
            continue;
        };
        let knows = |receipts: &Vec<Receipt>| receipts.iter().any(|it| it.path == receipt.path);
        let its = told.entry(*own).or_default();
        if knows(its) {
            continue;
        }
        its.push(receipt.clone());
        for (_, others) in told.iter_mut().filter(|(pull, _)| *pull != own) {
            others.retain(|it| it.path != receipt.path);
        }
    }
    told
}

/// How a deployment is taken back in this repository: by the form of a workflow of the commit, where there is one.
pub(crate) async fn way_back(
    job: &Job<'_>,
    commit: &CommitSha,
    history: &mut History<'_>,
) -> WayBack {
    const FOLDER: &str = ".github/workflows/";
    let context = job.context;
    let mut places: Vec<RepoPath> = Vec::new();
    // The workflow that runs, then the one of the example.
    for path in context.workflow.iter().map(String::as_str).chain([
        ".github/workflows/rollback.yml",
        ".github/workflows/rollback.yaml",
    ]) {
        places.extend(path.parse().ok().filter(|_| path.starts_with(FOLDER)));
    }
    let found = history.files(commit, &places, WORKFLOW_LIMIT).await;
    let mut found = found.unwrap_or_else(|error| {
        tracing::info!(%error, "whether there is a form for a rollback is not known");
        BTreeMap::new()
    });
    let form = places.iter().find(|path| {
        let text = match found.remove(*path) {
            Some(Content::Bytes(bytes)) => String::from_utf8(bytes).unwrap_or_default(),
            _ => String::new(),
        };
        text.contains("workflow_dispatch") && text.contains("rollback")
    });
    let name = form.and_then(|path| path.as_str().strip_prefix(FOLDER).map(str::to_owned));
    match (name, context.rollback_help()) {
        (Some(name), _) => WayBack::Form(context.workflow_url(&name)),
        (None, Some(page)) => WayBack::Page(page),
        (None, None) => WayBack::ByHand,
    }
}

/// What a result says, with what the deployment said folded: some of it is no longer so.
fn folded(text: &str) -> String {
    const FOLD: &str = "<details><summary>What the deployment said then</summary>";
    let text = text.trim();
    // What was put over it stands before its heading.
    let heading = text.lines().position(|line| line.starts_with("### "));
    let Some(heading) = heading.filter(|_| !text.contains(FOLD)) else {
        return text.to_owned();
    };
    let lines: Vec<&str> = text.lines().collect();
    let (since, then) = lines.split_at(heading);
    let mut all = since.to_vec();
    all.extend([FOLD, ""]);
    all.extend(then);
    all.extend(["", "</details>"]);
    all.join("\n")
}

fn live_of(flow: &FlowReview) -> Option<&Live> {
    flow.said.as_ref()?.live.known()
}

fn live_before<'r>(review: &'r Review, flow: &FlowId) -> Option<&'r Live> {
    let its = |it: &&FlowReview| it.flow_id.as_ref() == Some(flow);
    live_of(review.flows.iter().find(its)?)
}

/// What a rollback does with a flow: which version it takes back, or puts live again after that was taken back; with what
/// we wrote when we made it.
fn turned<'r>(review: &'r Review, flow: &FlowId) -> Option<(Turn, String, &'r Record)> {
    let its = |it: &&FlowReview| it.flow_id.as_ref() == Some(flow);
    let flow = review.flows.iter().find(its)?;
    let Action::RollBack {
        release,
        version_id,
    } = &flow.plan.action
    else {
        return None;
    };
    let live = live_of(flow)?;
    let version = live.version.as_ref()?;
    if release.version > *version {
        let stored = flow.platform.as_ref()?.stored(version_id)?;
        let record = stored.record.as_ref()?;
        return Some((Turn::LiveAgain, release.version.to_string(), record));
    }
    Some((Turn::TakenBack, version.to_string(), live.record.as_ref()?))
}

/// Versions that were live, are not any more, and have given way to an older one that this run leaves live; by the pull
/// request that brought them.
fn taken_back(job: &Job<'_>, review: &Review) -> BTreeMap<u64, Vec<(FlowId, Turned)>> {
    let mut all: BTreeMap<u64, Vec<(FlowId, Turned)>> = BTreeMap::new();
    for flow in &review.flows {
        if flow.plan.action.writes() {
            continue;
        }
        let found = || {
            let said = flow.platform.as_ref()?;
            let live = said.published.known()?.version()?;
            let listed = said.history.listed()?.iter().filter(|stored| {
                let was_live = stored.publication == Publication::Once;
                was_live
                    && stored
                        .version
                        .as_ref()
                        .is_some_and(|version| version > live)
            });
            let last = listed.max_by(|a, b| a.version.cmp(&b.version))?;
            let turned = Turned {
                turn: Turn::TakenBack,
                name: flow.name.clone(),
                version: last.version.as_ref()?.to_string(),
                now: Some(live.to_string()),
                done: None,
            };
            let pull = came_by(job, last.record.as_ref()?)?;
            Some((pull, (flow.flow_id.clone()?, turned)))
        };
        if let Some((pull, turned)) = found() {
            all.entry(pull).or_default().push(turned);
        }
    }
    all
}

/// What was live before, where that is known.
fn before(review: &Review) -> BTreeMap<FlowId, Before> {
    let of = |flow: &FlowReview| {
        let before = match &flow.said.as_ref()?.live {
            Answer::Known(live) => Before::Version(live.version.as_ref()?.to_string()),
            Answer::Absent => Before::Nothing,
            Answer::CannotTell | Answer::Unavailable(_) => return None,
        };
        Some((flow.flow_id.clone()?, before))
    };
    review.flows.iter().filter_map(of).collect()
}
