//! `flowgate audit verify`: checks the hash chain of an audit file.

use std::fs::File;
use std::io::BufReader;

use crate::audit;
use crate::cli::AuditVerifyArgs;
use crate::exit::{Exit, Failure, Plain};
use crate::output::Output;
use crate::process::World;

/// Runs the command.
pub(super) fn verify(
    args: &AuditVerifyArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let cannot = |error| {
        Failure::new(Exit::Usage, anyhow::Error::from(error)).context(format!(
            "could not read the audit `{}`",
            args.file.display()
        ))
    };
    let path = world.cwd()?.join(&args.file);
    if !path.metadata().map_err(cannot)?.is_file() {
        // A pipe or a device would have no end.
        return Err(cannot(std::io::Error::other("it is no regular file")));
    }
    let file = File::open(path).map_err(cannot)?;
    let found = audit::verify(BufReader::new(file), args.head.as_deref()).map_err(cannot)?;
    for fault in &found.faults {
        writeln!(output.out, "{}", Plain(&fault.to_string()))?;
    }
    for notice in &found.notices {
        writeln!(output.err, "note: {}", Plain(notice))?;
    }
    let verdict = if found.is_sound() {
        "sound"
    } else {
        "NOT sound"
    };
    writeln!(
        output.out,
        "{verdict}: {} events, {} faults, head {}",
        found.events,
        found.faults.len(),
        found.head
    )?;
    Ok(if found.is_sound() {
        Exit::Done
    } else {
        Exit::Findings
    })
}
