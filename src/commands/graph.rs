//! `flowgate graph`: a flow as a picture, or what is different between two.

use flowgate_core::delta::{self, Delta};
use flowgate_core::report::html::Picture;

use super::diff::flow;
use crate::change::settings_file;
use crate::cli::{GraphArgs, GraphFormat};
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::Output;
use crate::process::World;
use crate::settings::ReadSettings;
use crate::source::Place;

/// Runs the command.
pub(super) fn run(
    args: &GraphArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let cwd = world.cwd()?;
    let place = Place::find(cwd, &[]);
    let file = settings_file(&place, cwd, args.read.config.as_deref(), &world.environment)?;
    let settings = ReadSettings::resolve(&args.read, &file)?;
    let limit = settings.max_file_size.0;
    let new = flow(cwd, &args.file, limit)?;
    let old = match &args.against {
        Some(path) => Some(flow(cwd, path, limit)?),
        None => None,
    };
    let delta = old.as_ref().map_or_else(Delta::default, |old| {
        delta::diff(old, &new, &settings.layout)
    });
    let picture = Picture {
        old: old.as_deref(),
        new: &new,
        delta: &delta,
    };
    let redactor = world.redactor();
    let text = match args.format {
        GraphFormat::Html => picture.page(&redactor),
        GraphFormat::Mermaid => picture.mermaid(&redactor),
    };
    match &args.output {
        None => output.out.write_all(text.as_bytes())?,
        Some(path) => {
            files::write(&cwd.join(path), text.as_bytes())?;
            writeln!(output.err, "written to {}", path.display())?;
        }
    }
    Ok(Exit::Done)
}
