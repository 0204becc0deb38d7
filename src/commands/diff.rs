//! `flowgate diff`: what is different between two flow files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowgate_core::delta;
use flowgate_core::flow::{Flow, native};
use flowgate_core::ids::RepoPath;
use flowgate_core::report;

use crate::change::settings_file;
use crate::cli::{DiffArgs, TextFormat};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::output::write_json;
use crate::process::World;
use crate::settings::ReadSettings;
use crate::source::{Place, read_file};

/// Runs the command.
pub(super) fn run(
    args: &DiffArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let cwd = world.cwd()?;
    let place = Place::find(cwd, &[]);
    let file = settings_file(&place, cwd, args.read.config.as_deref(), &world.environment)?;
    let settings = ReadSettings::resolve(&args.read, &file)?;
    let read = |path: &PathBuf| flow(cwd, path, settings.max_file_size.0);
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let delta = delta::diff(&old, &new, &settings.layout);
    let redactor = world.redactor();
    match args.format {
        TextFormat::Json => {
            let data = report::diff::data(&delta, &old, &new, &redactor);
            write_json(output.out, &data)?;
        }
        TextFormat::Text => {
            let text = report::diff::render(&delta, &old, &new, &redactor, output.colour);
            output.out.write_all(text.as_bytes())?;
        }
    }
    Ok(if args.exit_code.unwrap_or(false) && !delta.is_empty() {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// A flow to compare. What is wrong with its shape is said, all of it; a delta of half a flow would mislead.
pub(super) fn flow(cwd: &Path, path: &Path, limit: u64) -> Result<Arc<Flow>, Failure> {
    let shown = path.display().to_string();
    let name = shown
        .parse::<RepoPath>()
        .or_else(|_| "flow.json".parse())
        .map_err(Failure::usage)?;
    let reading = native::read(name, read_file(&cwd.join(path), limit));
    match reading.flow {
        Some(flow) if reading.problems.is_empty() => Ok(flow),
        _ => {
            let problems: String = reading.problems.iter().fold(String::new(), |all, problem| {
                let at = reading.source.position(problem.span.start);
                format!(
                    "{all}\n  {shown}:{}:{}: {}",
                    at.line, at.column, problem.message
                )
            });
            Err(
                Failure::usage(format!("`{shown}` cannot be compared{problems}"))
                    .hint(format!("`flowgate check {shown}` shows the places")),
            )
        }
    }
}
