//! A deployment: ask, review, carry out the plan, and say what became of it.

use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use flowgate_core::plan::Scope;
use flowgate_core::platform::RecordSource;
use flowgate_core::receipt::Receipt;
use flowgate_core::redact::Redactor;
use flowgate_core::report::json;
use flowgate_core::report::receipts::{self, Deed};
use flowgate_core::review::{Input, Review};
use futures_util::stream::{self, StreamExt as _};

use crate::audit::{Audit, RunInfo};
use crate::change::Terms;
use crate::cli::TextFormat;
use crate::clients::{self, tenant::Tenant};
use crate::clock::{Clock, SystemClock};
use crate::cxone::Operation;
use crate::deploy::{
    self, Additions, Announcement, Branch, DeploySettings, Deployment, Job, Reviewed, Verify,
};
use crate::exit::{Exit, Failure};
use crate::files;
use crate::gate::Permit;
use crate::http::Peer;
use crate::metrics::Metrics;
use crate::output::{Output, write_json};
use crate::pipeline::{self, Ask};
use crate::progress;
use crate::settings;
use crate::signal::Listening;
use crate::values;
use crate::webhook::Webhook;

/// So many versions are announced at once.
const ANNOUNCED_AT_ONCE: usize = 16;
/// However late a run is, the webhook is given so long.
const LEAST_FOR_WEBHOOKS: Duration = Duration::from_secs(1);

/// How the run ends. What could not be told does not change what was done: the worse of the two exit codes counts.
pub(crate) fn all_told(
    told: Result<(), Failure>,
    deployment: &Deployment,
) -> Result<Exit, Failure> {
    let done = exit(deployment);
    match told {
        Ok(()) => Ok(done),
        Err(failure) => Err(Failure {
            exit: failure.exit.max(done),
            ..failure
        }
        .context("what was done on CXone stands, and could not be told")),
    }
}

pub(crate) fn exit(deployment: &Deployment) -> Exit {
    match deployment.exit_code() {
        0 => Exit::Done,
        5 => Exit::Unknown,
        _ => Exit::Failed,
    }
}

/// What is recorded about a run; a run on a desk has little of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) run: RunInfo,
    pub(crate) source: RecordSource,
    /// What the comments of the pull requests showed; `None` where nobody looked.
    pub(crate) reviewed: Option<Reviewed>,
}

/// One deployment, and all that it needs.
pub(crate) struct Run {
    pub(crate) tenant: Tenant,
    pub(crate) terms: Terms,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) webhook: Option<settings::Webhook>,
    pub(crate) about: About,
    /// Where the deploy branch stands, where it is one that is deployed.
    pub(crate) branch: Option<Arc<dyn Branch>>,
    /// From the first write on, somebody who wants the process to end is listened to.
    pub(crate) listening: Option<Listening>,
}

impl Run {
    /// A run that is about no commit and tells no webhook.
    pub(crate) fn new(tenant: Tenant, mut terms: Terms, redactor: &Arc<Redactor>) -> Self {
        terms.review.rules.redactor = Redactor::clone(redactor);
        Self {
            tenant,
            terms,
            clock: Arc::new(SystemClock),
            redactor: Arc::clone(redactor),
            webhook: None,
            about: About::default(),
            branch: None,
            listening: None,
        }
    }

    /// Asks CXone about all flows and puts the review together.
    pub(crate) async fn review(&self, mut input: Input) -> Result<Review, Failure> {
        self.ask(&mut input).await?;
        let terms = &self.terms;
        Ok(pipeline::review(&input, &terms.review, &terms.deadline)?)
    }

    /// Asks CXone about all flows that the run looks after.
    pub(crate) async fn ask(&self, input: &mut Input) -> Result<(), Failure> {
        let which = match self.terms.review.plan.scope {
            Scope::Managed => Ask::All,
            Scope::Changed => Ask::Touched,
        };
        let flows = pipeline::flows(input, which);
        let survey = self.tenant.survey(flows, self.terms.capacity);
        let said = self.terms.deadline.bounds("CXone was asked", survey);
        input.platform = Some(said.await??);
        Ok(())
    }

    /// Whether no more flows would be written than one run may write.
    pub(crate) fn may_write_as_many(&self, review: &Review) -> Result<(), Failure> {
        let (writes, most) = (review.writes(), self.terms.review.plan.max_changes);
        if writes <= most {
            return Ok(());
        }
        let what = match self.deed() {
            Deed::Deployed => "written",
            Deed::TakenBack => "taken back",
        };
        let why = anyhow::anyhow!(
            "nothing is written to CXone: {writes} flows would be {what}, and `max-changes` is {most}"
        );
        Err(Failure::new(Exit::Refused, why)
            .hint("look at the plan above; if it is meant, raise `max-changes`"))
    }

    /// Carries out the plan of a review; a signal ends it in order.
    pub(crate) async fn deploy(
        &mut self,
        permit: &Permit,
        review: &Review,
        output: &mut Output<'_>,
    ) -> Result<Deployment, Failure> {
        self.may_write_as_many(review)?;
        let redactor = Arc::clone(&self.redactor);
        let redact = Arc::new(move |text: &str| redactor.text(text).into_owned());
        if let Some(path) = &self.terms.platform.metrics_file {
            // Said before the first write, not after the last.
            files::through_no_link(path)?;
        }
        let audit = match &self.terms.platform.audit_file {
            Some(path) => {
                files::through_no_link(path)?;
                Audit::open(path, Arc::clone(&self.clock), redact)
                    .map_err(|error| Failure::new(Exit::Failed, error))?
            }
            None => Audit::unkept(Arc::clone(&self.clock), redact),
        };
        let stop = self.listening.get_or_insert_with(Listening::begin).stop();
        // What will be done stands before how far it is.
        output.out.flush()?;
        let jobs = review.flows.iter().map(Job::from).collect();
        let api = Arc::clone(&self.tenant.api);
        let clock = Arc::clone(&self.clock);
        let (calls, total) = (self.tenant.calls.clone(), review.writes());
        let deployed = deploy::run(
            permit,
            jobs,
            api,
            &audit,
            self.deploy_settings(review),
            clock,
            stop,
        );
        let say = || {
            let live = calls.done(Operation::Publish);
            format!("putting flows live on CXone: {live} of {total}")
        };
        Ok(progress::watched(say, deployed).await)
    }

    /// What comes of work that tells others of a deployment: a person who cancels the run does not wait long for it.
    pub(crate) async fn unless_stopped<T>(
        &self,
        grace: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match &self.listening {
            Some(listening) => listening.stop().within(grace, work).await,
            None => Some(work.await),
        }
    }

    fn was_stopped(&self) -> bool {
        let listening = self.listening.as_ref();
        listening.is_some_and(|listening| listening.stop().is_set())
    }

    fn deploy_settings(&self, review: &Review) -> DeploySettings {
        let About {
            mut run,
            mut source,
            reviewed,
        } = self.about.clone();
        source.commit = source.commit.or_else(|| review.commit.clone());
        run.commit = run
            .commit
            .or_else(|| source.commit.as_ref().map(ToString::to_string));
        DeploySettings {
            concurrency: NonZeroUsize::new(self.terms.platform.concurrency)
                .unwrap_or(NonZeroUsize::MIN),
            verify: match self.terms.platform.verify {
                values::Verify::Auto => Verify::Available,
                values::Verify::Required => Verify::Required,
            },
            read_back_deadline: self.terms.platform.read_back_deadline,
            resolve_at: self.terms.platform.ambiguous_read_delays.clone(),
            layout: self.terms.review.plan.layout.clone(),
            created_by: self.terms.platform.created_by.clone(),
            max_rollback_depth: self.terms.max_rollback_depth,
            run,
            source,
            reviewed,
            additions: Additions::new(
                self.terms.platform.server_fields.iter().cloned(),
                review.server_adds.iter().cloned(),
            ),
            branch: self.branch.clone(),
        }
    }

    /// Tells the git-sync webhook of each verified version, side by side. That it did not arrive is a warning, no more.
    pub(crate) async fn announce(&self, deployment: &Deployment, err: &mut dyn Write) {
        let announcements = deployment
            .results
            .iter()
            .filter_map(|result| result.announcement.as_ref());
        let announcements: Vec<&Announcement> = announcements.collect();
        let (Some(webhook), false) = (&self.webhook, announcements.is_empty()) else {
            return;
        };
        for warning in self.send_all(webhook, &announcements).await {
            // Where the log is gone there is nobody to warn.
            let _ = writeln!(err, "warning: {}", self.redactor.text(&warning));
        }
    }

    async fn send_all(
        &self,
        webhook: &settings::Webhook,
        announcements: &[&Announcement],
    ) -> Vec<String> {
        if self.was_stopped() {
            return vec!["the run was cancelled: the git-sync webhook was not told".to_owned()];
        }
        let settings = &self.terms.platform;
        let webhook = Webhook::new(
            webhook.url.clone(),
            webhook.secret.clone(),
            settings.webhook_repository.clone(),
            settings.webhook_timeout,
        );
        let webhook = match webhook {
            Ok(webhook) => webhook,
            Err(error) => return vec![error.to_string()],
        };
        let peer = if webhook.is_loopback() {
            Peer::Loopback
        } else {
            Peer::Internet
        };
        let client = match clients::client(peer, settings) {
            Ok(client) => client,
            Err(failure) => return vec![format!("{:#}", failure.error)],
        };
        let mut warnings = Vec::new();
        let sent = stream::iter(announcements)
            .map(|announcement| webhook.announce(&client, announcement))
            .buffer_unordered(ANNOUNCED_AT_ONCE)
            .for_each(|sent| {
                warnings.extend(sent.err().map(|warning| warning.to_string()));
                std::future::ready(())
            });
        let left = self.terms.deadline.left();
        let sent = tokio::time::timeout(left.max(LEAST_FOR_WEBHOOKS), sent);
        match self.unless_stopped(Duration::ZERO, sent).await {
            Some(Ok(())) => {}
            Some(Err(_)) => warnings.push(
                "the run's deadline passed: not every version was announced to the git-sync webhook"
                    .to_owned(),
            ),
            None => warnings.push(
                "the run was cancelled: not every version was announced to the git-sync webhook"
                    .to_owned(),
            ),
        }
        warnings
    }

    /// What the run does.
    pub(crate) fn deed(&self) -> Deed {
        match self.about.run.rollback {
            Some(_) => Deed::TakenBack,
            None => Deed::Deployed,
        }
    }

    /// The figures of the deployment.
    pub(crate) fn metrics(&self, deployment: &Deployment) -> Metrics {
        Metrics::of(deployment, &self.tenant.calls.records(), self.deed())
    }

    /// Writes the metrics file, where one is wanted; what keeps it from being written.
    pub(crate) fn write_metrics(&self, deployment: &Deployment) -> Result<(), String> {
        let Some(path) = &self.terms.platform.metrics_file else {
            return Ok(());
        };
        let failed = |error: &dyn std::fmt::Display| {
            format!(
                "could not write the metrics to `{}`: {error}",
                path.display()
            )
        };
        let metrics = self.metrics(deployment);
        let metrics = serde_json::to_string_pretty(&metrics).map_err(|error| failed(&error))?;
        let written = files::write(path, format!("{metrics}\n").as_bytes());
        written.map_err(|error| format!("{:#}", anyhow::Error::from(error)))
    }

    /// What became of the plan: on stdout, and in the metrics file. Every part is tried, whatever becomes of the others.
    pub(crate) fn tell(
        &self,
        review: &Review,
        deployment: &Deployment,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let shown = self.show(review, deployment, format, output);
        let beside = self.tell_beside(deployment, output.err);
        shown.and(beside)
    }

    fn show(
        &self,
        review: &Review,
        deployment: &Deployment,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let told: Vec<Receipt> = deployment.receipts().cloned().collect();
        match format {
            TextFormat::Text => {
                let text = receipts::text(&told, self.deed(), &self.redactor);
                write!(output.out, "\n{text}")?;
            }
            TextFormat::Json => {
                let failed = deployment.exit_code() != 0;
                let metrics = serde_json::to_value(self.metrics(deployment)).map_err(|error| {
                    Failure::new(Exit::Failed, error).context("could not write the metrics")
                })?;
                let report = json::deploy(
                    review,
                    &told,
                    metrics,
                    json::Outcome::of(failed),
                    &self.redactor,
                );
                write_json(output.out, &report)?;
            }
        }
        output.out.flush()?;
        Ok(())
    }

    /// What is to be said besides the receipts.
    fn tell_beside(&self, deployment: &Deployment, err: &mut dyn Write) -> Result<(), Failure> {
        if let Some(error) = &deployment.audit_error {
            writeln!(
                err,
                "error: the audit is not complete: {}",
                self.redactor.text(error)
            )?;
        }
        if let Some(error) = &deployment.branch_error {
            writeln!(
                err,
                "error: whether the branch still says what was published is not known: {}",
                self.redactor.text(error)
            )?;
        }
        if self.terms.platform.audit_file.is_some() {
            writeln!(err, "audit head: {}", deployment.audit_head)?;
        }
        if let Err(problem) = self.write_metrics(deployment) {
            writeln!(err, "warning: {}", self.redactor.text(&problem))?;
        }
        Ok(())
    }

    /// A dry run ends as a check does.
    pub(crate) fn dry(
        &self,
        review: &Review,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<Exit, Failure> {
        let fails = self.terms.review.policy.verdict(&review.findings).fails;
        if format == TextFormat::Json {
            write_json(
                output.out,
                &json::check(review, json::Outcome::of(fails), &self.redactor),
            )?;
        }
        writeln!(output.err, "dry run: nothing was written to CXone")?;
        Ok(if fails { Exit::Findings } else { Exit::Done })
    }
}
