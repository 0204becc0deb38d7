//! `flowgate check`: findings, what changed, and what merging would do.

use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{json, terminal};
use flowgate_core::review::{Review, Settings, assemble};

use super::inputs::{Inputs, Typed};
use super::rules::write_json;
use super::{Output, World};
use crate::cli::{CheckArgs, ReviewFormat};
use crate::exit::{Exit, Failure};
use crate::pipeline;

/// Runs the command.
pub(super) fn run(
    args: &CheckArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let inputs = Inputs::gather(&Typed::from(args), world)?;
    let redactor = world.redactor();
    for note in inputs.notes() {
        writeln!(output.err, "note: {}", redactor.text(&note))?;
    }
    let settings = inputs.review_settings();
    let review = review(inputs, &settings);
    let fails = settings.policy.verdict(&review.findings).fails;
    show(args.format, &review, fails, &redactor, output)?;
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// THE LEAD'S: CXone is not asked yet (`pipeline::with_platform`, where credentials are at hand and `--baseline` is not
/// `base`).
fn review(inputs: Inputs, settings: &Settings) -> Review {
    assemble(&pipeline::read(inputs.sources), settings)
}

fn show(
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
            let result = if fails {
                json::Outcome::Failed
            } else {
                json::Outcome::Passed
            };
            write_json(output.out, &json::check(review, result, redactor))?;
        }
    }
    Ok(())
}
