//! Round trips: counted by a test, which has the fake GitHub and the sandbox at hand, and written down here.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::found::Found;
use crate::part::Bench;

pub(crate) fn measure(bench: &Bench<'_>) -> Result<Found> {
    let place = bench.work.join("round-trips.md");
    let _ = fs::remove_file(&place);
    let ended = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--test", "it", "round_trips::"])
        .current_dir(bench.root)
        .env("ROUND_TRIPS", &place)
        .status()?;
    ensure!(ended.success(), "round trips could not be counted");
    let text = fs::read_to_string(&place)?;
    let mut rows: Vec<&str> = text.lines().collect();
    rows.sort_unstable();
    let mut found = Found::default();
    let paced = rows
        .iter()
        .find_map(|row| row.split_once(" × the least time"));
    let (before, _) = paced.context("no deployment at a limit was measured")?;
    let times = before.rsplit(' ').next().unwrap_or_default();
    let times: f64 = times.parse().context("its time cannot be read")?;
    found.target(
        "limit",
        "a deployment of 1,000 flows at 50 requests a second: within 1.15 × (requests ÷ 50)",
        format!("{times:.2} ×"),
        times <= 1.15,
    );
    found.chapters.push((
        "Round trips",
        format!(
            "With 50 ms added to each call. Calls that are under way at the same time are one round; `ROUND_TRIPS=/tmp/rounds cargo test --test it round_trips` counts them.\n\n| what | calls | rounds | seconds |\n|---|---:|---:|---:|\n{}\n",
            rows.join("\n")
        ),
    ));
    Ok(found)
}
