//! `flowgate check`: findings, what changed, and what merging would do.

use flowgate_core::finding::Finding;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{self, Detail, Telling, json, terminal};
use flowgate_core::review::Review;

use crate::change::{Inputs, Typed};
use crate::cli::{CheckArgs, ReviewFormat};
use crate::clients::tenant::Tenant;
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::github::Client;
use crate::output::Output;
use crate::output::write_json;
use crate::pipeline::{self, Ask};
use crate::process::{World, block_on};
use crate::services::check::{Asking, Source, source};
use crate::services::recorded::Reading;
use crate::services::sarif;
use crate::source::{BaseChoice, History, Place, Untouched};

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
    let source = source(&terms.platform, world, world.withheld())?;
    if let Some(note) = source.note().filter(|_| !sources.changed.is_empty()) {
        writeln!(output.err, "note: {note}")?;
    }
    let is_for_scanning = args.sarif_file.is_some() || args.format == ReviewFormat::Sarif;
    let of_all = if is_for_scanning {
        pipeline::findings_of_all(&sources, &terms.review, &terms.deadline, &telling)?
    } else {
        Vec::new()
    };
    let review = match source {
        Source::Base | Source::Withheld(_) => {
            let (settings, deadline) = (&terms.review, &terms.deadline);
            pipeline::review_one_by_one(sources, Vec::new(), settings, deadline, &telling)?
        }
        Source::Tenant(address) => {
            let root = Place::find(world.cwd()?, &args.paths).root;
            let asking = Asking {
                terms: &terms,
                which: Ask::Touched,
                reading: Reading {
                    flows: &flows,
                    layout: &terms.review.plan.layout,
                    limit: max_file_size,
                },
                origins: None,
            };
            let (review, warnings) = block_on(async {
                let tenant = Tenant::connect(
                    address,
                    Purpose::Read,
                    &terms.platform,
                    world.began,
                    world.reader(),
                    &redactor,
                )?;
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
        let found = (&review, of_all.as_slice());
        sarif::write(&world.cwd()?.join(path), found, &redactor, &settings)?;
    }
    show(args.format, (&review, &of_all), fails, &redactor, output)?;
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

pub(super) fn show(
    format: ReviewFormat,
    (review, of_all): (&Review, &[Finding]),
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
            let log = report::sarif::log(review, of_all, redactor, &sarif::settings(None, None));
            write_json(output.out, &log)?;
        }
    }
    Ok(())
}
