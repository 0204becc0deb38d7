//! `flowgate deploy`: plan, gate, saga, record. Until the gate knows the Actions event it lets nothing but a sandbox pass.

use std::sync::Arc;

use flowgate_core::plan::UnknownFlows;
use flowgate_core::report::{json, terminal};

use crate::change::{Inputs, Typed};
use crate::cli::{DeployArgs, TextFormat};
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::exit::{Ends, Exit, Failure};
use crate::gate::{self, Refusal, Situation, Target};
use crate::github::Client;
use crate::output::Output;
use crate::output::write_json;
use crate::pipeline::{self};
use crate::process::{World, block_on};
use crate::services::deployment::{Run, all_told};
use crate::services::recorded::{self, Older, Reading};
use crate::services::wrong;
use crate::source::{BaseChoice, History, Place};
use crate::values::SandboxChoice;

impl Ends for Refusal {
    fn exit(&self) -> Exit {
        Exit::Refused
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// Runs the command.
pub(super) fn run(
    args: &DeployArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let choice = args.place.chosen();
    let target = if choice == SandboxChoice::Off {
        Target::Tenant
    } else {
        Target::Sandbox
    };
    let dry_run = args.dry_run.asked();
    let permit = match gate::decide(&Situation::outside(target.clone())) {
        Ok(permit) => Some(permit),
        Err(_) if dry_run => None,
        Err(refusal) => return Err(refusal.into()),
    };
    let typed = Typed {
        base: BaseChoice::from(&args.base),
        ..Typed::of(&args.tenant)
    };
    let mut inputs = Inputs::gather(&typed, world)?;
    if target == Target::Sandbox {
        inputs.terms.review.plan.unknown_flows = UnknownFlows::Create;
    }
    let redactor = Arc::new(world.redactor());
    for note in &inputs.notes {
        writeln!(output.err, "note: {}", redactor.text(note))?;
    }
    block_on(async {
        let (address, embedded) = Address::chosen(&choice, &world.environment).await?;
        let purpose = if dry_run {
            Purpose::Read
        } else {
            Purpose::Write
        };
        let tenant = Tenant::connect(
            address,
            purpose,
            &inputs.terms.platform,
            world.began,
            world.reader(),
            &redactor,
        )?;
        let mut run = Run {
            webhook: world.environment.webhook()?,
            ..Run::new(tenant, inputs.terms, &redactor)
        };
        run.tenant.fetch_token();
        let mut input = pipeline::read(inputs.sources, &run.terms.deadline)?;
        run.ask(&mut input).await?;
        let reading = Reading {
            flows: &inputs.flows,
            layout: &run.terms.review.plan.layout,
            limit: inputs.max_file_size,
        };
        let root = Place::find(world.cwd()?, &[]).root;
        let history = || History::open(Some(&root), &world.environment, None::<&Client>);
        recorded::complete(&mut input, history, &reading).await;
        recorded::complete_older(&mut input, Older::Asked, history, &reading).await;
        let audit = run.terms.platform.audit_file.as_deref();
        wrong::find(&mut input, run.tenant.api.as_ref(), audit, reading.layout).await;
        let review = pipeline::review(&input, &run.terms.review, &run.terms.deadline)?;
        if args.format == TextFormat::Text {
            let text = terminal::render(&review, &run.redactor, output.colour);
            output.out.write_all(text.as_bytes())?;
        }
        let ended = match permit.filter(|_| !dry_run) {
            Some(permit) => {
                if args.format == TextFormat::Json && run.may_write_as_many(&review).is_err() {
                    let plan = json::check(&review, json::Outcome::of(true), &run.redactor);
                    write_json(output.out, &plan)?;
                }
                let deployment = run.deploy(&permit, &review, output).await?;
                let told = run.tell(&review, &deployment, args.format, output);
                run.announce(&deployment, output.err).await;
                all_told(told, &deployment)?
            }
            None => run.dry(&review, args.format, output)?,
        };
        if let Some(sandbox) = embedded {
            sandbox.shutdown().await;
        }
        Ok(ended)
    })
}
