//! `flowgate check`: findings, what changed, and what merging would do.

use std::collections::BTreeMap;

use flowgate_core::ids::RepoPath;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{self, Detail, Telling, json, terminal};
use flowgate_core::review::{Input, Review, Teller};

use super::inputs::{Inputs, Terms, Typed};
use super::recorded::{self, Reading};
use super::rules::write_json;
use super::sarif;
use super::tenant::{Address, Asked, Tenant};
use super::{Output, World, block_on, progress};
use crate::cli::{CheckArgs, ReviewFormat};
use crate::cxone::{Purpose, asked_at_once};
use crate::exit::{Exit, Failure};
use crate::github::{Client, GitHub};
use crate::pipeline::{self, Ask, Turns};
use crate::settings::PlatformSettings;
use crate::source::{BaseChoice, History, Place, Sources, Untouched};
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
    let telling = Telling {
        redactor: &redactor,
        detail: match args.format {
            ReviewFormat::Markdown => Detail::Comment,
            ReviewFormat::Text | ReviewFormat::Json | ReviewFormat::Sarif => Detail::Plain,
        },
    };
    let review = match address(&terms.platform, world)? {
        None => pipeline::review_one_by_one(sources, Vec::new(), &terms.review, &telling)?,
        Some(address) => {
            let root = Place::find(world.cwd()?, &args.paths).root;
            let asking = Asking {
                terms: &terms,
                which: Ask::Touched,
                reading: Reading {
                    flows: &flows,
                    layout: &terms.review.plan.layout,
                    limit: max_file_size,
                },
            };
            let (review, warnings) = block_on(async {
                let tenant =
                    Tenant::connect(address, Purpose::Read, &terms.platform, world.reader())?;
                if !sources.changed.is_empty() {
                    tenant.fetch_token();
                }
                let history = || History::open(Some(&root), &world.environment, None::<&Client>);
                let review = asking.review(&tenant, sources, Vec::new(), &telling, history);
                review.await
            })?;
            for warning in warnings {
                writeln!(output.err, "warning: {warning}")?;
            }
            review
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

/// So many times in each turn, as many flows are asked about as may be at once: no call waits long for the others.
const ROUNDS: usize = 6;

/// A check that asks CXone about the flows of a change, a few at a time.
pub(super) struct Asking<'a> {
    pub(super) terms: &'a Terms,
    /// Which flows it is asked about.
    pub(super) which: Ask,
    pub(super) reading: Reading<'a>,
}

impl Asking<'_> {
    /// The review of the change, and what a reader should know about asking: one sentence each. `policy` are the changed
    /// files that say what a change may do.
    pub(super) async fn review<'h, G: GitHub + 'h>(
        &self,
        tenant: &Tenant,
        sources: Sources,
        policy: Vec<RepoPath>,
        teller: &dyn Teller,
        history: impl Fn() -> History<'h, G>,
    ) -> Result<(Review, Vec<String>), Failure> {
        let at = Asked::of(self.which.count(&sources));
        let in_flight = ROUNDS * asked_at_once(self.terms.platform.concurrency);
        let mut turns = Turns::new(sources, &self.terms.review, teller);
        let work = Box::pin(async {
            while let Some(mut turn) = turns.next_turn(in_flight)? {
                let flows = pipeline::flows(&turn.input, self.which);
                let said = tenant.survey_some(flows, self.terms, &at).await;
                turn.input.platform = Some(said);
                recorded::complete(&mut turn.input, &history, &self.reading).await;
                turns.judge(turn);
            }
            Ok(turns.conclude(Input {
                policy,
                platform: Some(BTreeMap::new()),
                ..Input::default()
            }))
        });
        let review: Result<Review, Failure> =
            progress::watched_reading(|| at.to_string(), work).await?;
        Ok((review?, self.warnings(tenant, &at).await))
    }

    async fn warnings(&self, tenant: &Tenant, at: &Asked) -> Vec<String> {
        if at.is_nobody() {
            return Vec::new();
        }
        let asked_for = &self.terms.platform.read_scope;
        // A failure here is told by every flow that could not be asked about.
        let granted = tenant.api.granted_scopes().await.ok().flatten();
        let granted = granted.unwrap_or_default();
        let other = granted
            .iter()
            .find(|scope| !asked_for.split(' ').any(|read| read == *scope));
        let warning = other.map(|scope| {
            format!(
                "publish-credentials-in-check: this client was granted `{scope}`; check with a client that can only read"
            )
        });
        warning.into_iter().collect()
    }
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
