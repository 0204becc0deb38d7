//! Puts a version live again that was live before.
//!
//! Which one, and whether, is decided by the core; writing is the deployment's. Here the two are brought together: CXone
//! is asked, what the versions hold is read, the plan is shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use flowgate_core::flow::Flow;
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::plan::Action;
use flowgate_core::platform::{Answer, FlowOnPlatform};
use flowgate_core::report::{json, rollback as report};
use flowgate_core::review::{FlowReview, Input, Review};
use flowgate_core::rollback::{self, Limits, Routing, Stored, Subject, Target, To};
use flowgate_core::rules::OldFaults;

use super::deployment::Run;
use super::recorded::{Reading, Search};
use crate::audit::RollbackAsked;
use crate::cli::TextFormat;
use crate::cxone::FlowPlatform as _;
use crate::deploy::Deployment;
use crate::exit::{Exit, Failure};
use crate::gate::Permit;
use crate::output::{Output, write_json};
use crate::source::History;
use crate::values::List;

/// What somebody wants to take back.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    flows: BTreeSet<FlowId>,
    to: To,
    routing: Routing,
}

impl Asked {
    /// What was typed, as it is meant.
    pub(crate) fn of(
        flows: &[List],
        to: Option<&To>,
        force_routing: Option<bool>,
    ) -> Result<Self, Failure> {
        let flows: BTreeSet<FlowId> = flows
            .iter()
            .flat_map(|list| &list.0)
            .map(|id| id.parse())
            .collect::<Result<_, _>>()
            .map_err(Failure::usage)?;
        if flows.is_empty() {
            return Err(Failure::usage("a rollback needs the ids of its flows")
                .hint("name them with `flow`, separated by commas"));
        }
        Ok(Self {
            flows,
            to: to.cloned().unwrap_or(To::Previous),
            routing: if force_routing.unwrap_or(false) {
                Routing::Force
            } else {
                Routing::Preserve
            },
        })
    }

    /// The same for the audit.
    fn on_record(&self) -> RollbackAsked {
        RollbackAsked {
            flows: self.flows.iter().map(ToString::to_string).collect(),
            to: self.to.to_string(),
            force_routing: self.routing == Routing::Force,
        }
    }
}

/// A rollback, and all that it needs.
pub(crate) struct TakeBack {
    pub(crate) asked: Asked,
    pub(crate) run: Run,
    /// Globs of the flow files.
    pub(crate) flows: Vec<String>,
    /// A larger file is not read.
    pub(crate) limit: u64,
}

impl TakeBack {
    /// Asks CXone about each flow, reads what its versions hold, and decides.
    pub(crate) async fn plan(
        &self,
        input: &Input,
        history: &mut History<'_>,
    ) -> Result<Review, Failure> {
        let (asked, run) = (&self.asked.flows, &self.run);
        let survey = run.tenant.survey(asked.iter().cloned(), run.terms.capacity);
        let said = run.terms.deadline.bounds("CXone was asked", survey);
        let said = said.await??;
        let mut flows = Vec::new();
        for (flow_id, said) in asked.iter().filter_map(|flow| said.get_key_value(flow)) {
            flows.push(self.flow(flow_id, said, input, history).await?);
        }
        Ok(Review {
            commit: input.commit.clone(),
            flows,
            findings: Vec::new(),
            old_faults: OldFaults::Fold,
            untouched: 0,
            unasked: 0,
            server_adds: BTreeSet::new(),
            notes: Vec::new(),
        })
    }

    async fn flow(
        &self,
        flow_id: &FlowId,
        said: &FlowOnPlatform,
        input: &Input,
        history: &mut History<'_>,
    ) -> Result<FlowReview, Failure> {
        let limits = Limits {
            max_depth: self.run.terms.max_rollback_depth,
            routing: self.asked.routing,
            on_drift: self.run.terms.review.plan.on_drift,
            layout: self.run.terms.review.plan.layout.clone(),
            types: self.run.terms.review.rules.types.clone(),
        };
        let in_repository = file_of(input, flow_id);
        let path =
            in_repository.map_or_else(|| RepoPath::of_published(flow_id), |(path, _)| path.clone());
        let reading = Reading {
            flows: &self.flows,
            layout: &limits.layout,
            limit: self.limit,
        };
        let search = Search {
            flow_id,
            path: &path,
            reading: &reading,
        };
        let file = in_repository.map(|(_, flow)| flow.as_ref());
        let mut subject = Subject {
            path: &path,
            flow_id,
            said,
            file,
            sent: None,
        };
        let target = match rollback::target(&subject, &self.asked.to, &limits) {
            Ok(target) => target,
            Err(stays) => return Ok(*stays),
        };
        let stored = self.stored(flow_id, target, &search, history).await?;
        let live = said.published.known();
        let sent = match live.and_then(|live| live.record.as_ref()) {
            // Only where it cannot be told without: it costs a look into another commit.
            Some(record) if rollback::looks_edited(&subject, &limits) => {
                search.find(history, record).await.unwrap_or_else(|error| {
                    tracing::info!(%error, "could not find what was sent of `{flow_id}`");
                    None
                })
            }
            _ => None,
        };
        subject.sent = sent.as_deref();
        Ok(rollback::review(&subject, target, &stored, &limits))
    }

    /// What the version holds: from CXone, else from git.
    async fn stored(
        &self,
        flow_id: &FlowId,
        target: Target<'_>,
        search: &Search<'_>,
        history: &mut History<'_>,
    ) -> Result<Stored, Failure> {
        let said = self
            .run
            .tenant
            .api
            .version(flow_id, &target.stored.id)
            .await;
        let why = match said {
            Ok(Answer::Known(version)) => match version.flow {
                Some(flow) => return Ok(Stored::Known(Arc::new(flow))),
                None => "CXone shows the version without its content".to_owned(),
            },
            Ok(Answer::Absent | Answer::CannotTell) => {
                "this tenant cannot show a stored version".to_owned()
            }
            Ok(Answer::Unavailable(why)) => return Ok(Stored::Unknown(why)),
            Err(error) => return Ok(Stored::Unknown(error.to_string())),
        };
        let Some(record) = &target.stored.record else {
            return Ok(Stored::Unknown(format!(
                "{why}, and Flowgate did not create it, so git does not say either"
            )));
        };
        Ok(match search.find(history, record).await {
            Ok(Some(flow)) => Stored::Known(flow),
            Ok(None) => Stored::Unknown(format!(
                "{why}, and git holds no file with this content at the commit that it was created from"
            )),
            Err(error) => Stored::Unknown(format!("{why}, and git could not tell: {error:#}")),
        })
    }

    /// Shows the plan.
    pub(crate) fn show(
        &self,
        review: &Review,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        if format == TextFormat::Text {
            let text = report::text(review, &self.run.redactor, output.colour);
            output.out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// Ends where nothing may be written: with exit code 1 where something stands in the way.
    pub(crate) fn dry(
        &self,
        review: &Review,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<Exit, Failure> {
        self.show(review, format, output)?;
        let fails = review.flows.iter().any(is_blocked);
        if format == TextFormat::Json {
            let outcome = json::Outcome::of(fails);
            write_json(
                output.out,
                &json::check(review, outcome, &self.run.redactor),
            )?;
        }
        writeln!(output.err, "dry run: nothing was written to CXone")?;
        Ok(if fails { Exit::Findings } else { Exit::Done })
    }

    /// Shows the plan, carries it out and says what became of it; and whether that could be said.
    pub(crate) async fn carry_out(
        &mut self,
        permit: &Permit,
        review: &Review,
        format: TextFormat,
        output: &mut Output<'_>,
    ) -> Result<(Deployment, Result<(), Failure>), Failure> {
        self.show(review, format, output)?;
        self.run.about.run.rollback = Some(self.asked.on_record());
        let deployment = self.run.deploy(permit, review, output).await?;
        let told = self.run.tell(review, &deployment, format, output);
        Ok((deployment, told))
    }
}

fn is_blocked(flow: &FlowReview) -> bool {
    matches!(flow.plan.action, Action::Blocked)
}

/// The flow's file in the repository.
fn file_of<'i>(input: &'i Input, flow_id: &FlowId) -> Option<(&'i RepoPath, &'i Arc<Flow>)> {
    input.files.iter().find_map(|file| {
        let flow = file.head.as_ref()?.flow.as_ref()?;
        (flow.id() == Some(flow_id)).then_some((&file.path, flow))
    })
}
