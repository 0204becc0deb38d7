//! Round trips: counted by a test, which has the fake GitHub and the sandbox at hand, and written down here.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

/// The rows of the table.
pub(crate) fn measure(root: &Path, work: &Path) -> Result<String> {
    let place = work.join("round-trips.md");
    let _ = fs::remove_file(&place);
    println!("counting round trips");
    let ended = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--test", "it", "round_trips::"])
        .current_dir(root)
        .env("ROUND_TRIPS", &place)
        .status()?;
    ensure!(ended.success(), "round trips could not be counted");
    let text = fs::read_to_string(&place)?;
    let mut rows: Vec<&str> = text.lines().collect();
    rows.sort_unstable();
    Ok(rows.join("\n"))
}
