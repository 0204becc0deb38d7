//! `flowgate diff-driver`: what `git diff` shows of a flow file. Where a side is no flow, git's own lines are shown.

use std::path::Path;
use std::sync::Arc;

use flowgate_core::flow::{Content, Flow, names, native};
use flowgate_core::ids::RepoPath;
use flowgate_core::{delta, merge, report};

use crate::change::settings_file;
use crate::cli::{DiffDriverArgs, ReadArgs};
use crate::exit::{Exit, Failure, Plain};
use crate::output::Output;
use crate::process::World;
use crate::settings::ReadSettings;
use crate::source::{Place, diff_lines, read_file};

/// What stands on one side.
pub(super) enum Side {
    /// No file.
    Nothing,
    Flow(Arc<Flow>),
    /// Why it is no flow.
    Other(String),
}

impl Side {
    /// Reads a file that git made for us. It may be empty where there is none.
    pub(super) fn read(file: &Path, name: &RepoPath, limit: u64) -> Self {
        let content = read_file(file, limit);
        if file == Path::new("/dev/null") || content == Content::Bytes(Vec::new()) {
            return Side::Nothing;
        }
        let reading = native::read(name.clone(), content);
        match (reading.flow, reading.problems.first()) {
            (Some(flow), _) if flow.is_whole() => Side::Flow(flow),
            (_, Some(problem)) => Side::Other(problem.message.clone()),
            _ => Side::Other("it cannot be read in full".to_owned()),
        }
    }
}

/// Runs the command. Git stops where a driver fails, so differences are no failure.
pub(super) fn run(
    args: &DiffDriverArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let redactor = world.redactor();
    let path = args.path.display().to_string();
    let shown = |text: &str| Plain(&redactor.text(text)).to_string();
    let [old, _, _, new, ..] = args.sides.as_slice() else {
        // While a merge is not settled, git has only the path to tell.
        writeln!(output.out, "flow {}: not merged yet", shown(&path))?;
        return Ok(Exit::Done);
    };
    let renamed = args.sides.get(6);
    let name = renamed.map_or_else(|| path.clone(), |to| format!("{path} → {to}"));
    writeln!(output.out, "flow {}", shown(&name))?;
    let (settings, name) = known(world, &path)?;
    let cwd = world.cwd()?;
    let read = |file: &str| Side::read(&cwd.join(file), &name, settings.max_file_size.0);
    match (read(old), read(new)) {
        (Side::Flow(old), Side::Flow(new)) => {
            for line in of_the_file(&old, &new) {
                writeln!(output.out, "{}", shown(&line))?;
            }
            let delta = delta::diff(&old, &new, &settings.layout);
            if delta.is_empty() {
                if merge::is_same(&old, &new, &settings.layout) {
                    writeln!(output.out, "only written in another way")?;
                }
            } else {
                let text = report::diff::render(&delta, &old, &new, &redactor, output.colour);
                output.out.write_all(text.as_bytes())?;
            }
        }
        (Side::Nothing, Side::Flow(flow)) => {
            writeln!(output.out, "new: {}", shown(&about(&flow)))?;
        }
        (Side::Flow(flow), Side::Nothing) => {
            writeln!(output.out, "deleted: {}", shown(&about(&flow)))?;
        }
        (Side::Other(why), _) | (_, Side::Other(why)) => {
            writeln!(
                output.out,
                "by its lines, since a side is no flow: {}",
                shown(&why)
            )?;
            let lines = diff_lines(cwd, &world.environment, [old, new])?;
            let lines = String::from_utf8_lossy(&lines);
            output.out.write_all(shown(&lines).as_bytes())?;
        }
        (Side::Nothing, Side::Nothing) => {}
    }
    Ok(Exit::Done)
}

/// The settings of the repository, and the file's path as far as it is one.
pub(super) fn known(world: &World, path: &str) -> Result<(ReadSettings, RepoPath), Failure> {
    let cwd = world.cwd()?;
    let file = settings_file(&Place::find(cwd, &[]), cwd, None, &world.environment)?;
    let settings = ReadSettings::resolve(&ReadArgs::default(), &file)?;
    let name = path.parse().or_else(|_| "flow.json".parse());
    Ok((settings, name.map_err(Failure::usage)?))
}

/// What differs besides elements and connectors: the version with its values, all else by its key.
fn of_the_file(old: &Flow, new: &Flow) -> Vec<String> {
    let mut lines = Vec::new();
    if let (Some(before), Some(after)) = (old.version(), new.version())
        && before != after
    {
        lines.push(format!("version {before} → {after}"));
    }
    let keys = merge::other_keys(old, new);
    let others: Vec<String> = keys.into_iter().filter(|key| key != "version").collect();
    if !others.is_empty() {
        lines.push(format!("also different: {}", others.join(", ")));
    }
    lines
}

fn about(flow: &Flow) -> String {
    format!(
        "{}, {} elements, {} connectors",
        names::flow(flow),
        flow.elements().len(),
        flow.connectors().len()
    )
}
