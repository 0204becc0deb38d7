//! `flowgate accept`: records today's findings, so that only new ones fail.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use flowgate_core::finding::{Finding, Fingerprint};
use flowgate_core::policy::may_be_excused;
use flowgate_core::redact::Redactor;
use flowgate_core::report::safe;
use flowgate_core::review::Review;
use flowgate_core::rules::{self, Check};

use crate::change::{Inputs, Terms, Typed};
use crate::cli::AcceptArgs;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::Output;
use crate::pipeline;
use crate::process::World;
use crate::settings::accepted;
use crate::source::{LeftOut, Place, Sources, check_out};

/// Findings that are told one by one.
const SHOWN: usize = 20;

/// Runs the command.
pub(super) fn run(
    args: &AcceptArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let inputs = Inputs::gather(&Typed::of_files(&args.files), world)?;
    let redactor = world.redactor();
    for note in inputs.unseen() {
        writeln!(output.err, "note: {}", redactor.text(&note))?;
    }
    let Inputs {
        terms:
            Terms {
                review: mut settings,
                deadline,
                ..
            },
        mut sources,
        ..
    } = inputs;
    let cwd = world.cwd()?;
    let place = Place::find(cwd, &[]);
    let asked = args.files.read.config.as_deref().map(|path| cwd.join(path));
    let file = accepted::place(&place.root, asked.as_deref());
    refuse_unread(&sources)?;
    refuse_left_out(&place, asked.as_deref(), world)?;
    // Every flow is judged as a whole, by itself: what a change would do is nothing to accept.
    sources.changed.clear();
    sources.base.clear();
    sources.unknown_base = None;
    sources.asked.clone_from(&sources.head);
    let input = pipeline::read(sources, &deadline)?;
    let before: HashSet<Fingerprint> = std::mem::take(&mut settings.policy.accepted)
        .into_iter()
        .map(|accepted| accepted.fingerprint)
        .collect();
    let review = pipeline::review(&input, &settings, &deadline)?;

    let counted = || {
        review
            .findings
            .iter()
            .filter(|finding| finding.excuse.is_none())
    };
    // What goes away with something that has to be mended is not accepted either.
    let refused: HashSet<&Fingerprint> = counted()
        .filter(|finding| !is_about_a_flow(finding))
        .map(|finding| &finding.fingerprint)
        .collect();
    let goes_away = |finding: &Finding| {
        let cause = finding.cause.as_ref();
        cause.is_some_and(|cause| refused.contains(cause))
    };
    let (wanted, rest): (Vec<&Finding>, Vec<&Finding>) = counted().partition(|finding| {
        is_about_a_flow(finding)
            && !goes_away(finding)
            && (args.prune != Some(true) || before.contains(&finding.fingerprint))
    });
    write(&file, &wanted, &redactor)?;
    let kept = wanted
        .iter()
        .filter(|finding| before.contains(&finding.fingerprint))
        .count();
    let flows: BTreeSet<_> = wanted.iter().map(|finding| &finding.flow).collect();
    let shown = file.strip_prefix(cwd).unwrap_or(&file);
    writeln!(
        output.out,
        "{}: accepts {} of {}; {} new, {} gone",
        shown.display(),
        count(wanted.len(), "finding"),
        count(flows.len(), "flow"),
        wanted.len() - kept,
        before.len().saturating_sub(kept),
    )?;
    let left = Review {
        findings: rest.into_iter().cloned().collect(),
        ..review
    };
    tell(&left, &redactor, output)?;
    let fails = settings.policy.verdict(&left.findings).fails;
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// What is written is all that is found: findings of flows that cannot be read here would be lost.
fn refuse_unread(sources: &Sources) -> Result<(), Failure> {
    if sources.unread == 0 {
        return Ok(());
    }
    let attempted = anyhow::anyhow!(
        "could not record today's findings: {} flow files are not checked out, and this clone has no content of them",
        sources.unread
    );
    Err(Failure::new(Exit::Failed, attempted)
        .hint("`git sparse-checkout disable` brings them; or accept in a clone that has them all"))
}

/// A file that is not checked out cannot be written anew: git would not see it go.
fn refuse_left_out(place: &Place, asked: Option<&Path>, world: &World) -> Result<(), Failure> {
    let left_out = LeftOut::find(place, &world.environment)?;
    let places = accepted::places(asked.and_then(|path| path.strip_prefix(&place.root).ok()));
    let here = places.iter().filter_map(|path| path.to_str());
    let Some(path) = here.into_iter().find(|path| left_out.holds(path)) else {
        return Ok(());
    };
    let attempted = anyhow::anyhow!("could not write `{path}`: it is not checked out");
    Err(Failure::new(Exit::Failed, attempted).hint(check_out(path)))
}

/// Whether it says something about one flow that a team may live with.
fn is_about_a_flow(finding: &Finding) -> bool {
    let rule = rules::find(finding.rule.as_str());
    finding.flow.is_some()
        && may_be_excused(finding.rule)
        && rule.is_some_and(|rule| matches!(rule.check, Check::Flow(_)))
}

fn write(file: &Path, findings: &[&Finding], redactor: &Redactor) -> Result<(), Failure> {
    if !findings.is_empty() {
        return Ok(files::write(
            file,
            accepted::text(findings, redactor).as_bytes(),
        )?);
    }
    files::through_no_link(file)?;
    let done = match std::fs::remove_file(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    };
    done.map_err(|error| {
        Failure::new(Exit::Failed, error).context(format!("could not write `{}`", file.display()))
    })
}

/// What still counts, one line each.
fn tell(left: &Review, redactor: &Redactor, output: &mut Output<'_>) -> Result<(), Failure> {
    if left.findings.is_empty() {
        return Ok(());
    }
    writeln!(output.out, "still counted:")?;
    for finding in left.findings.iter().take(SHOWN) {
        let start = finding.location.start;
        let line = format!(
            "{}:{}:{}: {}[{}]: {}",
            finding.location.path,
            start.line,
            start.column,
            finding.severity,
            finding.rule,
            finding.message
        );
        let line = safe::terminal(&redactor.of_flow(&safe::line(&line)));
        writeln!(output.out, "  {}", safe::stop_commands(line))?;
    }
    if left.findings.len() > SHOWN {
        let more = left.findings.len() - SHOWN;
        writeln!(output.out, "  and {more} more: `flowgate check` shows them")?;
    }
    Ok(())
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
