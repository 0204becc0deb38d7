//! `flowgate drift`: which flows are live otherwise than their files say. Reads alone.

use flowgate_core::report::drift::{self as report};
use flowgate_core::report::json::Outcome;

use crate::change::{Inputs, Typed};
use crate::cli::{DriftArgs, ListFormat};
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::github::Client;
use crate::output::Output;
use crate::output::write_json;
use crate::process::{World, block_on};
use crate::services::drift::{exit, look};
use crate::source::{History, Place};

/// Runs the command.
pub(super) fn run(
    args: &DriftArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let inputs = Inputs::gather(&Typed::of(&args.tenant), world)?;
    let redactor = world.redactor();
    for note in inputs.unseen() {
        writeln!(output.err, "note: {}", redactor.text(&note))?;
    }
    let unread = inputs.sources.unread;
    let root = Place::find(world.cwd()?, &[]).root;
    let fail_on = inputs.terms.review.policy.fail_on;
    let found = block_on(async {
        let address = Address::of(world.environment.needed_credentials()?)?;
        let tenant = Tenant::connect(
            address,
            Purpose::Read,
            &inputs.terms.platform,
            world.began,
            world.reader(),
            &world.redactor,
        )?;
        tenant.fetch_token();
        let history = || History::open(Some(&root), &world.environment, None::<&Client>);
        look(inputs, &tenant, history).await
    })?;
    let ended = match unread {
        0 => exit(&found, fail_on),
        // Where these flows stand is not known.
        _ => Exit::Failed,
    };
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
