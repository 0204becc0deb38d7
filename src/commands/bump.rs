//! `flowgate bump`: writes into the flow files the version that their change needs. Nothing but the version's own bytes
//! is different afterwards.

use std::path::Path;

use anyhow::anyhow;
use flowgate_core::flow::{Content, Flow, native};
use flowgate_core::review::FlowReview;
use flowgate_core::risk::{FlowRisk, Risk, VersionStep};
use semver::Version;

use crate::change::{Inputs, Terms, Typed};
use crate::cli::BumpArgs;
use crate::exit::{Exit, Failure, Plain};
use crate::output::Output;
use crate::process::World;
use crate::source::{BaseChoice, Place, Untouched};
use crate::{files, pipeline};

/// What is to be done with one file.
enum Bump<'a> {
    /// Its version rises.
    Raise {
        head: &'a Flow,
        text: String,
        from: &'a Version,
        to: Version,
        why: String,
    },
    /// It may stay as it is, and why.
    Stay(String),
    /// Nobody can say which version it needs, and why.
    Unknown(String),
}

/// Runs the command.
pub(super) fn run(
    args: &BumpArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let typed = Typed {
        paths: &args.paths,
        base: BaseChoice::from(&args.base),
        untouched: Untouched::Identify { beyond: 0 },
        ..Typed::of_files(&args.files)
    };
    let inputs = Inputs::gather(&typed, world)?;
    let root = Place::find(world.cwd()?, &args.paths).root;
    let redactor = world.redactor();
    let shown = |text: &str| Plain(&redactor.text(text)).to_string();
    for note in &inputs.notes {
        writeln!(output.err, "note: {}", shown(note))?;
    }
    for note in inputs.unseen() {
        writeln!(output.err, "note: {}", shown(&note))?;
    }
    if let Some(unknown) = &inputs.sources.unknown_base {
        let attempted = anyhow!(
            "could not say which versions this branch needs: {}",
            unknown.why
        );
        return Err(Failure::new(Exit::Failed, attempted).hint(&unknown.hint));
    }
    let Terms {
        review: settings,
        deadline,
        ..
    } = inputs.terms;
    let input = pipeline::read(inputs.sources, &deadline)?;
    let review = pipeline::review(&input, &settings, &deadline)?;
    if review.flows.is_empty() {
        writeln!(output.out, "nothing to do: no flow is changed")?;
    }
    let mut exit = Exit::Done;
    for flow in &review.flows {
        let path = shown(flow.path.as_str());
        match decide(flow) {
            Bump::Raise {
                head,
                text,
                from,
                to,
                why,
            } => {
                write(&root.join(flow.path.as_str()), head, &text, &to)?;
                writeln!(output.out, "{path}: {from} → {to} ({})", shown(&why))?;
            }
            Bump::Stay(why) => writeln!(output.out, "{path}: nothing to do: {}", shown(&why))?,
            Bump::Unknown(why) => {
                exit = Exit::Findings;
                writeln!(output.err, "error: {path} was left alone: {}", shown(&why))?;
                writeln!(
                    output.err,
                    "  hint: `flowgate check {path}` shows the places"
                )?;
            }
        }
    }
    Ok(exit)
}

fn decide(flow: &FlowReview) -> Bump<'_> {
    let stay = |why: &str| Bump::Stay(why.to_owned());
    let unknown = |why: &str| Bump::Unknown(why.to_owned());
    let Some(head) = flow.flow() else {
        return match flow.baseline.side() {
            Some(_) => stay("the file is deleted"),
            None => unknown("it cannot be read as a flow"),
        };
    };
    let Some(now) = head.version() else {
        return unknown("it has no version that could be raised");
    };
    if !head.is_whole() {
        return unknown("an element or connector cannot be read, so nobody can say what changed");
    }
    let (Some(baseline), Some(risk)) = (flow.baseline.side(), &flow.risk) else {
        return stay("the flow is new");
    };
    let Some(before) = baseline.version() else {
        return stay("the version before cannot be read, so any is as good");
    };
    if risk.level().is_none() {
        return stay("nothing is different");
    }
    if risk.step().is_none() {
        return stay("it was only moved on the canvas");
    }
    match risk.version_step(before, now) {
        Some(step) if step.enough => Bump::Stay(format!(
            "{before} → {now} is enough for a {} step",
            step.needed.as_str()
        )),
        Some(step) => match native::with_version(head, &step.lowest) {
            Some(text) => Bump::Raise {
                head,
                text,
                from: now,
                why: why(risk, &step),
                to: step.lowest,
            },
            None => unknown("its version is written in a form that cannot hold the next one"),
        },
        None => unknown("no version comes after the one before"),
    }
}

/// `minor: risky, Main menu: callers hear something else`
fn why(risk: &FlowRisk, step: &VersionStep) -> String {
    let step = step.needed.as_str();
    let level = risk.level().unwrap_or(Risk::Safe).as_str();
    let worst = risk.at_least(Risk::Risky).into_iter().next();
    match worst.and_then(|change| Some((&change.name, change.causes.first()?))) {
        Some((name, cause)) => format!("{step}: {level}, {name}: {}", cause.notice),
        None => format!("{step}: {level}"),
    }
}

/// Writes the file, if it still is what was read and will be what is meant.
fn write(path: &Path, head: &Flow, text: &str, to: &Version) -> Result<(), Failure> {
    let shown = path.display();
    let source = head.source();
    let bytes = text.as_bytes().to_vec();
    let again = native::read(source.path().clone(), Content::Bytes(bytes));
    let holds = again.flow.is_some_and(|flow| flow.version() == Some(to));
    if !holds {
        let error = anyhow!("`version` stands in `{shown}` more than once");
        return Err(Failure::new(Exit::Failed, error).hint("leave one of them, and run it again"));
    }
    let before = source.as_str().as_bytes();
    Ok(files::replace(path, Some(before), text.as_bytes())?)
}
