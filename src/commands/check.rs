//! `flowgate check`: findings, what changed, and what merging would do.

use std::collections::BTreeMap;

use flowgate_core::ids::FlowId;
use flowgate_core::platform::FlowOnPlatform;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{self, Detail, Telling, json, terminal};
use flowgate_core::review::Review;

use super::inputs::{Inputs, Terms, Typed};
use super::recorded::{self, Reading};
use super::rules::write_json;
use super::sarif;
use super::tenant::{Address, Tenant};
use super::{Output, World, block_on};
use crate::cli::{CheckArgs, ReviewFormat};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::github::Client;
use crate::pipeline::{self, Ask};
use crate::settings::PlatformSettings;
use crate::source::{BaseChoice, History, Place, Untouched};
use crate::values::BaselineChoice;

/// Runs the command.
pub(super) fn run(
    args: &CheckArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let typed = Typed {
        paths: &args.paths,
        base: BaseChoice::from(&args.base),
        untouched: Untouched::Identify { beyond: 0 },
        ..Typed::of(&args.tenant)
    };
    let Inputs {
        terms,
        sources,
        notes,
        flows,
        max_file_size,
    } = Inputs::gather(&typed, world)?;
    let redactor = world.redactor();
    for note in notes {
        writeln!(output.err, "note: {}", redactor.text(&note))?;
    }
    let review = match address(&terms.platform, world)? {
        None => {
            let telling = Telling {
                redactor: &redactor,
                detail: match args.format {
                    ReviewFormat::Markdown => Detail::Comment,
                    ReviewFormat::Text | ReviewFormat::Json | ReviewFormat::Sarif => Detail::Plain,
                },
            };
            pipeline::review_one_by_one(sources, &terms.review, &telling)?
        }
        Some(address) => {
            let root = Place::find(world.cwd()?, &args.paths).root;
            let reading = Reading {
                flows: &flows,
                layout: &terms.review.plan.layout,
                limit: max_file_size,
            };
            let (input, warnings) = block_on(async {
                let tenant =
                    Tenant::connect(address, Purpose::Read, &terms.platform, world.reader())?;
                if !sources.changed.is_empty() {
                    tenant.fetch_token();
                }
                let mut input = pipeline::read(sources)?;
                let touched = pipeline::flows(&input, Ask::Touched);
                let asked = ask(&tenant, touched, &terms).await?;
                input.platform = Some(asked.said);
                let history = || History::open(Some(&root), &world.environment, None::<&Client>);
                recorded::complete(&mut input, history, &reading).await;
                Ok((input, asked.warnings))
            })?;
            for warning in warnings {
                writeln!(output.err, "warning: {warning}")?;
            }
            pipeline::review(&input, &terms.review)
        }
    };
    let fails = terms.review.policy.verdict(&review.findings).fails;
    if let Some(path) = &args.sarif_file {
        let settings = sarif::settings(None, None);
        sarif::write(&world.cwd()?.join(path), &review, &redactor, &settings)?;
    }
    show(args.format, &review, fails, &redactor, output)?;
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// Where to ask what is live; `None` where the base branch is to serve.
pub(super) fn address(
    settings: &PlatformSettings,
    world: &World,
) -> Result<Option<Address>, Failure> {
    let environment = &world.environment;
    let credentials = match settings.baseline {
        BaselineChoice::Base => None,
        BaselineChoice::Auto => environment.credentials()?,
        BaselineChoice::Published => Some(environment.needed_credentials()?),
    };
    credentials.map(Address::of).transpose()
}

/// What CXone said, and what a reader should know about asking.
pub(super) struct Asked {
    pub(super) said: BTreeMap<FlowId, FlowOnPlatform>,
    /// One sentence each.
    pub(super) warnings: Vec<String>,
}

/// Asks CXone about these flows.
pub(super) async fn ask(
    tenant: &Tenant,
    flows: Vec<FlowId>,
    terms: &Terms,
) -> Result<Asked, Failure> {
    let mut warnings = Vec::new();
    if flows.is_empty() {
        let said = BTreeMap::new();
        return Ok(Asked { said, warnings });
    }
    let said = tenant.survey(flows, terms).await?;
    let asked_for = &terms.platform.read_scope;
    // A failure here is told by every flow that could not be asked about.
    if let Ok(Some(granted)) = tenant.api.granted_scopes().await
        && let Some(scope) = granted
            .iter()
            .find(|scope| !asked_for.split(' ').any(|read| read == *scope))
    {
        warnings.push(format!(
            "publish-credentials-in-check: this client was granted `{scope}`; check with a client that can only read"
        ));
    }
    Ok(Asked { said, warnings })
}

pub(super) fn show(
    format: ReviewFormat,
    review: &Review,
    fails: bool,
    redactor: &Redactor,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match format {
        ReviewFormat::Text => {
            let text = terminal::render(review, redactor, output.colour);
            output.out.write_all(text.as_bytes())?;
        }
        ReviewFormat::Markdown => {
            let text = comment::render(review, redactor, &CommentSettings::default());
            output.out.write_all(text.as_bytes())?;
        }
        ReviewFormat::Json => {
            write_json(
                output.out,
                &json::check(review, json::Outcome::of(fails), redactor),
            )?;
        }
        ReviewFormat::Sarif => {
            let log = report::sarif::log(review, redactor, &sarif::settings(None, None));
            write_json(output.out, &log)?;
        }
    }
    Ok(())
}
