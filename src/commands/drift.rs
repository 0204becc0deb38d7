//! `flowgate drift`: which flows are live otherwise than their files say. Reads alone.

use flowgate_core::drift::{DriftState, drift};
use flowgate_core::policy::FailOn;
use flowgate_core::report::drift::{self as report, Drift};
use flowgate_core::report::json::Outcome;
use flowgate_core::review::Input;

use super::inputs::{Inputs, Typed};
use super::recorded::{self, Reading};
use super::rules::write_json;
use super::tenant::{Address, Tenant};
use super::{Output, World, block_on};
use crate::cli::{DriftArgs, ListFormat};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::github::{Client, GitHub};
use crate::pipeline::{self, Ask};
use crate::source::{History, Place};

/// Runs the command.
pub(super) fn run(
    args: &DriftArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let inputs = Inputs::gather(&Typed::of(&args.tenant), world)?;
    let redactor = world.redactor();
    let root = Place::find(world.cwd()?, &[]).root;
    let fail_on = inputs.terms.review.policy.fail_on;
    let found = block_on(async {
        let address = Address::of(world.environment.needed_credentials()?)?;
        let tenant = Tenant::connect(
            address,
            Purpose::Read,
            &inputs.terms.platform,
            world.reader(),
        )?;
        tenant.fetch_token();
        let history = || History::open(Some(&root), &world.environment, None::<&Client>);
        look(inputs, &tenant, history).await
    })?;
    let ended = exit(&found, fail_on);
    match args.format {
        ListFormat::Text => {
            output
                .out
                .write_all(report::text(&found, &redactor).as_bytes())?;
        }
        ListFormat::Markdown => {
            output
                .out
                .write_all(report::markdown(&found, &redactor).as_bytes())?;
        }
        ListFormat::Json => {
            let outcome = Outcome::of(ended != Exit::Done);
            write_json(output.out, &report::data(&found, outcome, &redactor))?;
        }
    }
    Ok(ended)
}

/// Asks CXone about all flows and says where each stands.
pub(super) async fn look<'h, G: GitHub + 'h>(
    inputs: Inputs,
    tenant: &Tenant,
    history: impl FnOnce() -> History<'h, G>,
) -> Result<Drift, Failure> {
    let mut input: Input = pipeline::read(inputs.sources)?;
    let flows = pipeline::flows(&input, Ask::All);
    input.platform = Some(tenant.survey(flows, &inputs.terms).await?);
    let reading = Reading {
        flows: &inputs.flows,
        layout: &inputs.terms.review.plan.layout,
        limit: inputs.max_file_size,
    };
    recorded::complete(&mut input, history, &reading).await;
    let flows = input
        .files
        .iter()
        .filter_map(|file| {
            let head = file.head.as_ref()?;
            let id = head.flow.as_ref().and_then(|flow| flow.id());
            let said = id.and_then(|id| input.platform.as_ref()?.get(id));
            let recorded = id.and_then(|id| input.recorded.get(id));
            let recorded = recorded.map(AsRef::as_ref);
            Some(drift(&file.path, head, said, recorded, reading.layout))
        })
        .collect();
    Ok(Drift {
        commit: input.commit,
        flows,
        on_drift: inputs.terms.review.plan.on_drift,
    })
}

/// 4 where something is not known, 1 where drift counts.
pub(super) fn exit(drift: &Drift, fail_on: FailOn) -> Exit {
    let counts = |severity| fail_on.includes(severity);
    if drift
        .flows
        .iter()
        .any(|flow| flow.state == DriftState::Unknown)
    {
        Exit::Failed
    } else if drift
        .flows
        .iter()
        .any(|flow| drift.severity(flow).is_some_and(counts))
    {
        Exit::Findings
    } else {
        Exit::Done
    }
}
