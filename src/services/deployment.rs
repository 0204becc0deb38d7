//! A deployment: ask, review, carry out the plan, and say what became of it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use flowgate_core::ids::{Digest, FlowId};
use flowgate_core::platform::RecordSource;
use flowgate_core::receipt::Receipt;
use flowgate_core::redact::Redactor;
use flowgate_core::report::json;
use flowgate_core::report::receipts::{self, Deed};
use flowgate_core::review::{Input, Review};

use crate::audit::{Audit, RunInfo};
use crate::change::Terms;
use crate::cli::TextFormat;
use crate::clients::{self, tenant::Tenant};
use crate::clock::{Clock, SystemClock};
use crate::cxone::Operation;
use crate::deploy::{self, Additions, DeploySettings, Deployment, Job, Verify, stop_token};
use crate::exit::{Exit, Failure};
use crate::gate::Permit;
use crate::http::Peer;
use crate::metrics::Metrics;
use crate::output::{Output, write_json};
use crate::pipeline::{self, Ask};
use crate::progress;
use crate::settings;
use crate::signal::interrupted;
use crate::values;
use crate::webhook::Webhook;

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
    /// What the pull request's comment showed, by flow; `None` where nobody looked.
    pub(crate) reviewed: Option<BTreeMap<FlowId, Digest>>,
}

/// One deployment, and all that it needs.
pub(crate) struct Run {
    pub(crate) tenant: Tenant,
    pub(crate) terms: Terms,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) webhook: Option<settings::Webhook>,
    pub(crate) about: About,
    /// Somebody cancelled the run: little time is left.
    pub(crate) was_stopped: bool,
}

impl Run {
    /// A run that is about no commit and tells no webhook.
    pub(crate) fn new(tenant: Tenant, terms: Terms, redactor: &Arc<Redactor>) -> Self {
        Self {
            tenant,
            terms,
            clock: Arc::new(SystemClock),
            redactor: Arc::clone(redactor),
            webhook: None,
            about: About::default(),
            was_stopped: false,
        }
    }

    /// Asks CXone about all flows and puts the review together.
    pub(crate) async fn review(&self, mut input: Input) -> Result<Review, Failure> {
        self.ask(&mut input).await?;
        Ok(pipeline::review(&input, &self.terms.review))
    }

    /// Asks CXone about all flows.
    pub(crate) async fn ask(&self, input: &mut Input) -> Result<(), Failure> {
        let flows = pipeline::flows(input, Ask::All);
        input.platform = Some(self.tenant.survey(flows, self.terms.capacity).await?);
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
        let audit = match &self.terms.platform.audit_file {
            Some(path) => Audit::open(path, Arc::clone(&self.clock), redact)
                .map_err(|error| Failure::new(Exit::Failed, error))?,
            None => Audit::unkept(Arc::clone(&self.clock), redact),
        };
        let (stopper, stop) = stop_token();
        let listener = tokio::spawn(async move {
            if interrupted().await.is_ok() {
                stopper.stop();
            }
            // Dropping the stopper would say that nobody can stop the run any more, which is true only at its end.
            std::future::pending::<()>().await;
        });
        // What will be done stands before how far it is.
        output.out.flush()?;
        let jobs = review.flows.iter().map(Job::from).collect();
        let api = Arc::clone(&self.tenant.api);
        let clock = Arc::clone(&self.clock);
        let token = stop.clone();
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
        let deployment = progress::watched(say, deployed).await;
        listener.abort();
        self.was_stopped = token.is_set();
        if !self.was_stopped {
            self.announce(&deployment, output).await?;
        } else if self.webhook.is_some() {
            writeln!(
                output.err,
                "warning: the run was cancelled: the git-sync webhook was not told"
            )?;
        }
        Ok(deployment)
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
        }
    }

    /// Tells the git-sync webhook of each verified version. That it did not arrive is a warning, no more.
    async fn announce(
        &self,
        deployment: &Deployment,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let Some(webhook) = &self.webhook else {
            return Ok(());
        };
        let repository = self.terms.platform.webhook_repository.clone();
        let webhook = Webhook::new(webhook.url.clone(), webhook.secret.clone(), repository)
            .map_err(|error| Failure::new(Exit::Usage, error))?;
        let peer = if webhook.is_loopback() {
            Peer::Loopback
        } else {
            Peer::Internet
        };
        let client = clients::client(peer, &self.terms.platform)?;
        for announcement in deployment
            .results
            .iter()
            .filter_map(|result| result.announcement.as_ref())
        {
            if let Err(warning) = webhook.announce(&client, announcement).await {
                writeln!(
                    output.err,
                    "warning: {}",
                    self.redactor.text(&warning.to_string())
                )?;
            }
        }
        Ok(())
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
        Metrics::of(deployment, &self.tenant.calls.records())
    }

    /// What became of the plan: on stdout, and in the metrics file.
    pub(crate) fn tell(
        &self,
        review: &Review,
        deployment: &Deployment,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let metrics = self.metrics(deployment);
        let metrics = serde_json::to_value(&metrics).map_err(|error| {
            Failure::new(Exit::Failed, error).context("could not write the metrics")
        })?;
        if let Some(path) = &self.terms.platform.metrics_file {
            std::fs::write(path, format!("{metrics:#}\n")).map_err(|error| {
                Failure::new(
                    Exit::Failed,
                    anyhow::anyhow!("could not write `{}`: {error}", path.display()),
                )
            })?;
        }
        let told: Vec<Receipt> = deployment.receipts().cloned().collect();
        match format {
            TextFormat::Text => {
                let text = receipts::text(&told, self.deed(), &self.redactor);
                write!(output.out, "\n{text}")?;
            }
            TextFormat::Json => {
                let failed = deployment.exit_code() != 0;
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
        if let Some(error) = &deployment.audit_error {
            writeln!(
                output.err,
                "error: the audit is not complete: {}",
                self.redactor.text(error)
            )?;
        }
        if self.terms.platform.audit_file.is_some() {
            writeln!(output.err, "audit head: {}", deployment.audit_head)?;
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
