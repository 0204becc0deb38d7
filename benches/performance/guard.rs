//! Instruction counts of five fixed workloads, held to those in the repository. Seconds differ between machines and hours;
//! counts differ with the compiler, the standard library and libc alone, which the file names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::binary::released;
use crate::rivals::{Words, instructions};
use crate::{corpus, machine};

/// A count may grow by so much before the guard fails: one part in ten.
const TOLERATED: f64 = 1.10;

/// The counts, by the names of their workloads.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

/// Counts them all.
pub(crate) fn count(work: &Path) -> Result<Counts> {
    let small = corpus::pair(work, 5)?;
    let among_others = corpus::pair_among_others(work, 5)?;
    let large = corpus::pair(work, 1_000)?;
    let many = corpus::many(work, 100, 60)?;
    let after = large.join("after");
    let check = || Words::new(released()).and(&["check", "--baseline", "base"]);
    let base = |place: &Path| check().and(&["--base-dir"]).and_path(&place.join("before"));
    let diff = Words::new(released())
        .and(&["diff", "--format", "json"])
        .and_path(&large.join("before/flows/flow.json"))
        .and_path(&after.join("flows/flow.json"));
    let workloads: [(&str, Words, &Path); 5] = [
        (
            "check 1 flow of 5 elements",
            base(&small),
            &small.join("after"),
        ),
        (
            "check 1 flow of 5 elements among other files",
            base(&among_others),
            &among_others.join("after"),
        ),
        ("check 1 flow of 1000 elements", base(&large), &after),
        ("check 100 new flows of 60 elements", check(), &many),
        ("diff 1 flow of 1000 elements", diff, &after),
    ];
    let mut counts = Counts::new();
    for (name, command, cwd) in workloads {
        let count = instructions(&command, cwd)?;
        println!("{count:>13} instructions: {name}");
        counts.insert(name, count);
    }
    Ok(counts)
}

/// Fails where a workload takes more than it may.
pub(crate) fn check(root: &Path, work: &Path) -> Result<()> {
    let place = root.join("benches/instructions.txt");
    let accepted = fs::read_to_string(&place).context("could not read the accepted counts")?;
    let mut grown = Vec::new();
    for (name, now) in count(work)? {
        let line = accepted
            .lines()
            .find_map(|line| line.strip_suffix(name)?.trim().parse::<u64>().ok());
        let before = line.with_context(|| format!("`{name}` has no accepted count"))?;
        let ratio = machine::ratio(now, before);
        println!("{ratio:>6.3} of what was accepted: {name}");
        if ratio > TOLERATED {
            grown.push(format!(
                "`{name}` takes {now} instructions, accepted were {before}"
            ));
        }
    }
    ensure!(
        grown.is_empty(),
        "{}\nmake it fast again, or accept it on purpose: cargo bench --bench performance -- accept",
        grown.join("\n")
    );
    Ok(())
}

/// Writes the counts of now into the repository.
pub(crate) fn accept(root: &Path, work: &Path) -> Result<()> {
    let mut text = format!(
        "# Instructions of the release build under callgrind; `cargo bench --bench performance -- guard` fails beyond +10 %.\n\
         # Written by `cargo bench --bench performance -- accept`. They hang on these versions:\n# {}\n",
        machine::versions().join(" · ")
    );
    for (name, count) in count(work)? {
        let _ = writeln!(text, "{count:>13} {name}");
    }
    fs::write(root.join("benches/instructions.txt"), text)?;
    Ok(())
}
