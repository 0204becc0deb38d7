//! `flowgate diff`: what is different between two flow files.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowgate_core::delta::{self, ChangeKind, Delta};
use flowgate_core::flow::{Flow, native};
use flowgate_core::ids::RepoPath;
use flowgate_core::redact::Redactor;
use serde::de::IgnoredAny;

use super::inputs::settings_file;
use super::rules::write_json;
use super::{Output, World};
use crate::cli::{DiffArgs, TextFormat};
use crate::exit::{Exit, Failure, Plain};
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
    let file = settings_file(&place.root, cwd, args.read.config.as_deref())?;
    let settings = ReadSettings::resolve(&args.read, &file)?;
    let read = |path: &PathBuf| flow(cwd, path, settings.max_file_size.0);
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let delta = without_secrets(delta::diff(&old, &new, &settings.layout), &world.redactor());
    match args.format {
        TextFormat::Json => write_json(output.out, &delta.report())?,
        TextFormat::Text => write_text(&delta, output)?,
    }
    Ok(if args.exit_code.unwrap_or(false) && !delta.is_empty() {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// A flow to compare. What is wrong with its shape is said, all of it; a delta of half a flow would mislead.
fn flow(cwd: &Path, path: &Path, limit: u64) -> Result<Arc<Flow>, Failure> {
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

/// The delta as it may be shown; its values stay JSON.
fn without_secrets(mut delta: Delta, redactor: &Redactor) -> Delta {
    let json = |text: Cow<'_, str>| match serde_json::from_str::<IgnoredAny>(&text) {
        Ok(_) => text.into_owned(),
        Err(_) => serde_json::Value::from(text.into_owned()).to_string(),
    };
    for field in delta
        .changes
        .iter_mut()
        .flat_map(|change| &mut change.fields)
    {
        let (before, after) = redactor.change(
            &field.pointer,
            field.before.as_deref(),
            field.after.as_deref(),
        );
        (field.before, field.after) = (before.map(json), after.map(json));
    }
    delta
}

fn write_text(delta: &Delta, output: &mut Output<'_>) -> Result<(), Failure> {
    if delta.is_empty() {
        writeln!(output.out, "no difference")?;
    }
    for change in &delta.changes {
        let word = match change.change {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Modified => "modified",
            ChangeKind::Moved => "moved",
        };
        let id = change.subject.id();
        writeln!(
            output.out,
            "{word:8}  {}  [{}]",
            Line(&change.name),
            Line(&id)
        )?;
        if let Some(before) = &change.renamed_from {
            writeln!(output.out, "          the id was {}", Line(&before.id()))?;
        }
        for field in &change.fields {
            let side = |value: &Option<String>| {
                value
                    .as_ref()
                    .map_or_else(|| "(not there)".to_owned(), Clone::clone)
            };
            writeln!(
                output.out,
                "          {}: {} -> {}",
                Line(&field.pointer),
                Line(&side(&field.before)),
                Line(&side(&field.after))
            )?;
        }
    }
    Ok(())
}

/// Text from a flow on one line.
struct Line<'a>(&'a str);

impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let folded: Vec<&str> = self.0.split_whitespace().collect();
        write!(f, "{}", Plain(&folded.join(" ")))
    }
}
