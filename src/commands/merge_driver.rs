//! `flowgate merge-driver`: merges two flow files for `git merge`, element by element.
//!
//! Exit code 0: merged. 1: somebody must decide; the file holds both sides between markers, which a check reports.
//! What is no flow is merged by its lines, as git would, and somebody must look. The result is written as the file
//! was where git's own lines give the same flow, else as `flowgate fmt` writes it.

use flowgate_core::flow::{Content, Flow, Layout, native};
use flowgate_core::merge::{self, Merged, Sides};

use super::diff_driver::{Side, known};
use crate::cli::MergeDriverArgs;
use crate::exit::{Exit, Failure, Plain};
use crate::files;
use crate::output::Output;
use crate::process::World;
use crate::source::{MergedLines, merge_lines};

/// Runs the command.
pub(super) fn run(
    args: &MergeDriverArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let cwd = world.cwd()?;
    let redactor = world.redactor();
    let path = args.path.as_ref().unwrap_or(&args.ours);
    let path = path.display().to_string();
    let shown = |text: &str| Plain(&redactor.text(text)).to_string();
    let (settings, name) = known(world, &path)?;
    let [base, ours, theirs] = [&args.base, &args.ours, &args.theirs].map(|file| cwd.join(file));
    let before = files::read(&ours, u64::from(u32::MAX)).map_err(|error| {
        Failure::new(Exit::Failed, error).context(format!("could not read our side of `{path}`"))
    })?;
    let lines = || {
        let files = [base.as_path(), ours.as_path(), theirs.as_path()];
        merge_lines(cwd, &world.environment, files, args.marker_size)
    };
    let limit = settings.max_file_size.0;
    let sides = [&base, &ours, &theirs].map(|file| Side::read(file, &name, limit));
    let merged = by_elements(&sides, &settings.layout, args.marker_size);
    match merged {
        Ok(merged) => {
            for note in &merged.notes {
                writeln!(output.err, "note: {}: {}", shown(&path), shown(note))?;
            }
            for conflict in &merged.conflicts {
                let conflict = conflict.to_string();
                writeln!(
                    output.err,
                    "conflict: {}: {}",
                    shown(&path),
                    shown(&conflict)
                )?;
            }
            let decided = merged.conflicts.is_empty();
            let as_written = |lines: MergedLines| {
                let text = lines.is_clean.then_some(lines.text)?;
                says_the_same(&text, &merged, &settings.layout).then_some(text)
            };
            let text = decided.then(|| as_written(lines().ok()?)).flatten();
            let text = text.unwrap_or_else(|| merged.text.clone().into_bytes());
            files::replace(&ours, Some(&before), &text)?;
            Ok(if decided { Exit::Done } else { Exit::Findings })
        }
        Err(why) => {
            let merged = lines()?;
            files::replace(&ours, Some(&before), &merged.text)?;
            writeln!(
                output.err,
                "conflict: {}: merged by its lines, since {}; look at it before you commit",
                shown(&path),
                shown(&why)
            )?;
            Ok(Exit::Findings)
        }
    }
}

fn by_elements(
    [base, ours, theirs]: &[Side; 3],
    layout: &Layout,
    marker_size: usize,
) -> Result<Merged, String> {
    let flow = |side: &'_ Side, name: &str| match side {
        Side::Flow(flow) => Ok(Some(flow.clone())),
        Side::Nothing => Ok(None),
        Side::Other(why) => Err(format!("{name} is no flow: {why}")),
    };
    let base = flow(base, "the common ancestor")?;
    let (ours, theirs) = (flow(ours, "ours")?, flow(theirs, "theirs")?);
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Err("a side is empty".to_owned());
    };
    let sides = Sides {
        base: base.as_deref(),
        ours: &ours,
        theirs: &theirs,
    };
    merge::merge(sides, layout, marker_size).map_err(|error| error.to_string())
}

/// Whether this text holds the flow that the merge gave.
fn says_the_same(text: &[u8], merged: &Merged, layout: &Layout) -> bool {
    let read = |bytes: &[u8]| -> Option<std::sync::Arc<Flow>> {
        let name = "flow.json".parse().ok()?;
        let reading = native::read(name, Content::Bytes(bytes.to_vec()));
        let flow = reading.flow.filter(|flow| flow.is_whole())?;
        flow.document().duplicate_keys().is_empty().then_some(flow)
    };
    match (read(text), read(merged.text.as_bytes())) {
        (Some(a), Some(b)) => merge::is_same(&a, &b, layout),
        _ => false,
    }
}
