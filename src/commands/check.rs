//! `flowgate check`: findings, what changed, and what merging would do.

use super::inputs::{Inputs, Typed};
use super::{Output, World};
use crate::cli::CheckArgs;
use crate::exit::{Exit, Failure};

/// Runs the command.
pub(super) fn run(
    args: &CheckArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let inputs = Inputs::gather(&Typed::from(args), world)?;
    report(args, &inputs, output)
}

/// THE LEAD'S: from the flow files over `Review` to the chosen format and the exit code. Until then the files alone.
fn report(_args: &CheckArgs, inputs: &Inputs, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let sources = &inputs.sources;
    writeln!(
        output.out,
        "{} flow files, {} changed; compared with {}",
        sources.head.len(),
        sources.changed.len(),
        sources.compared_with
    )?;
    for note in &sources.notes {
        writeln!(output.err, "note: {}", crate::exit::Plain(note))?;
    }
    Ok(Exit::Done)
}
