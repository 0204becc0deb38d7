//! `flowgate rollback`: put a version live again that was live before.
//!
//! Which one, and whether, is decided by the core; writing is the deployment's. Here the two are brought together: CXone
//! is asked, what the versions hold is read, the plan is shown. `flowgate run` does the same after its own gate.

use std::sync::Arc;

use crate::change::{Inputs, Typed};
use crate::cli::RollbackArgs;
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::gate::{self, Situation};
use crate::github::Client;
use crate::output::Output;
use crate::pipeline;
use crate::process::{World, block_on};
use crate::services::deployment::{Run, all_told};
use crate::services::rollback::{Asked, TakeBack};
use crate::source::{History, Place};
use crate::values::SandboxChoice;

/// Whether a tenant is meant, not a sandbox.
pub(super) fn is_of_tenant(args: &RollbackArgs) -> bool {
    matches!(args.place.sandbox, None | Some(SandboxChoice::Off))
}

/// Runs the command where no Actions event says whether it may.
pub(super) fn run(
    args: &RollbackArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let asked = Asked::of(&args.flow, args.to.as_ref(), args.force_routing)?;
    let choice = args.place.chosen();
    let dry_run = args.dry_run.asked();
    let target = if is_of_tenant(args) {
        gate::Target::Tenant
    } else {
        gate::Target::Sandbox
    };
    let permit = match gate::decide_rollback(&Situation::outside(target)) {
        Ok(permit) => Some(permit),
        Err(_) if dry_run => None,
        Err(refusal) => {
            return Err(Failure::from(refusal).hint(
                "start the workflow by hand on the deploy branch with `mode: rollback`; to look at the plan here, use `--dry-run`",
            ));
        }
    };
    let inputs = Inputs::gather(&Typed::of(&args.tenant), world)?;
    let redactor = Arc::new(world.redactor());
    let root = Place::find(world.cwd()?, &[]).root;
    block_on(async {
        let (address, embedded) = Address::chosen(&choice, &world.environment).await?;
        let purpose = if permit.is_some() && !dry_run {
            Purpose::Write
        } else {
            Purpose::Read
        };
        let tenant = Tenant::connect(
            address,
            purpose,
            &inputs.terms.platform,
            world.began,
            world.reader(),
            &redactor,
        )?;
        let run = Run::new(tenant, inputs.terms, &redactor);
        let mut history = History::open(Some(&root), &world.environment, None::<&Client>);
        let mut back = TakeBack {
            asked,
            run,
            flows: inputs.flows,
            limit: inputs.max_file_size,
        };
        let input = pipeline::read(inputs.sources, &back.run.terms.deadline)?;
        let review = back.plan(&input, &mut history).await?;
        let ended = match permit.filter(|_| !dry_run) {
            Some(permit) => {
                let done = back.carry_out(&permit, &review, args.format, output);
                let (deployment, told) = done.await?;
                all_told(told, &deployment)?
            }
            None => back.dry(&review, args.format, output)?,
        };
        if let Some(sandbox) = embedded {
            sandbox.shutdown().await;
        }
        Ok(ended)
    })
}
