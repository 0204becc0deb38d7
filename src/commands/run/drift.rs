//! Say what is live and not from this branch: for a schedule. Reads alone.

use flowgate_core::drift::DriftState;
use flowgate_core::finding::Severity;
use flowgate_core::redact::Redactor;
use flowgate_core::report::drift::{self as report, Drift};

use super::told::Told;
use crate::actions::{Annotation, Level, OutputName, Place, Reader};
use crate::change::event::{self as matter, Matter};
use crate::change::{Job, Question};
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::process::block_on;
use crate::services::drift::{exit, look};
use crate::source::{History, Untouched};

/// Runs the task.
pub(super) fn run(job: &Job<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let redactor = job.world.redactor();
    let mut told = Told::default();
    let ended = block_on(compare(job, &redactor, &mut told, output));
    told.end(
        job,
        ended,
        "What is live was not compared",
        &redactor,
        output.err,
    )
}

async fn compare(
    job: &Job<'_>,
    redactor: &Redactor,
    told: &mut Told,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let github = job.github()?;
    let address = Address::of(job.needed_credentials()?)?;
    let Matter {
        inputs,
        root,
        begun: tenant,
        ..
    } = matter::gather(
        job,
        github.as_ref(),
        Question::Tip,
        Untouched::Read,
        |settings, _| {
            let tenant = Tenant::connect(
                address,
                Purpose::Read,
                settings,
                job.world.began,
                Reader::Runner,
                redactor,
            )?;
            tenant.fetch_token();
            Ok(tenant)
        },
    )
    .await?;
    for note in &inputs.notes {
        writeln!(output.err, "note: {}", redactor.text(note))?;
    }
    let fail_on = inputs.terms.review.policy.fail_on;
    let history = || History::open(root.as_deref(), &job.world.environment, github.as_ref());
    let drift = look(inputs, &tenant, history).await?;
    output
        .out
        .write_all(report::text(&drift, redactor).as_bytes())?;
    output.out.flush()?;
    told.summary(&report::markdown(&drift, redactor));
    told.outputs
        .insert(OutputName::DriftCount, drift.count().to_string());
    annotate(&drift, redactor, told);
    Ok(exit(&drift, fail_on))
}

/// A remark beside each file that is not live as it says.
fn annotate(drift: &Drift, redactor: &Redactor, told: &mut Told) {
    for flow in &drift.flows {
        let level = match (flow.state, drift.severity(flow)) {
            (DriftState::Unknown, _) | (_, Some(Severity::Error)) => Level::Error,
            (_, Some(Severity::Warning)) => Level::Warning,
            (_, Some(Severity::Info)) => Level::Notice,
            (_, None) => continue,
        };
        told.annotations.push(Annotation {
            level,
            title: Some(format!(
                "{}: {}",
                redactor.of_flow(&flow.name),
                flow.state.words()
            )),
            message: redactor.text(&flow.why).into_owned(),
            place: Some(Place {
                path: flow.path.to_string(),
                at: None,
            }),
        });
    }
}
