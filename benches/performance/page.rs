//! `docs/performance.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::guard::Counts;
use crate::process::{Table, Tables, Target};
use crate::stages::NAMES;

/// All that was measured.
pub(crate) struct Page {
    pub(crate) machine: Vec<String>,
    pub(crate) stages: Vec<(usize, [u128; NAMES.len()])>,
    pub(crate) tables: Tables,
    pub(crate) counts: Counts,
    /// Rows of the table of round trips.
    pub(crate) network: String,
    /// KiB of code by crate.
    pub(crate) sizes: Vec<(String, u64)>,
    /// Bytes of the release binary.
    pub(crate) binary: u64,
}

impl Page {
    /// The page; what only a person can say stands in `benches/performance/notes.md`.
    pub(crate) fn render(&self, root: &Path) -> Result<String> {
        let notes = root.join("benches/performance/notes.md");
        let notes = fs::read_to_string(notes).context("could not read the notes")?;
        let mut out = String::from(
            "# Performance\n\n\
             Written by `cargo bench --bench performance`; do not edit, but for its notes in `benches/performance/notes.md`.\n\
             Times are medians of several runs of a whole process, output thrown away; `$W` is `/tmp/flowgate-performance`, which the bench fills by a seeded generator.\n\n\
             Measured on:\n",
        );
        for line in &self.machine {
            let _ = writeln!(out, "- {line}");
        }
        out.push_str("\n## Targets\n\n| wanted | is | |\n|---|---|---|\n");
        for target in &self.tables.targets {
            row(&mut out, target);
        }
        if let Some(flat) = self.flatness() {
            row(&mut out, &flat);
        }
        let _ = writeln!(out, "\n{}", notes.trim());
        out.push_str("\n## Side by side\n");
        for found in &self.tables.tables {
            table(&mut out, found);
        }
        self.stages(&mut out);
        self.counts(&mut out);
        let _ = writeln!(
            out,
            "\n## Round trips\n\nWith 50 ms added to each call. Calls that are under way at the same time are one round; `ROUND_TRIPS=/tmp/rounds cargo test --test it round_trips` counts them.\n\n| what | calls | rounds | seconds |\n|---|---:|---:|---:|\n{}",
            self.network
        );
        let _ = writeln!(
            out,
            "\n## The binary\n\nThe release binary of this run has {:.1} MiB; what is shipped (`cargo static`) is held under 12 MiB by CI. Code by crate, of this one: `nm --print-size --demangle`.\n\n| crate | KiB |\n|---|---:|",
            crate::machine::ratio(self.binary, 1 << 20)
        );
        for (name, size) in &self.sizes {
            let _ = writeln!(out, "| {name} | {size} |");
        }
        Ok(out)
    }

    /// How much an element of the largest flow costs more than one of a flow of 1,000, all stages together.
    fn flatness(&self) -> Option<Target> {
        let sum = |size: usize| {
            let row = self.stages.iter().find(|(elements, _)| *elements == size);
            row.map(|(_, stages)| stages[..4].iter().sum::<u128>())
        };
        let (small, large) = (sum(1_000)?, sum(200_000)?);
        let more = (large * 100 / small).saturating_sub(100);
        Some(Target {
            wanted: "the cost of an element is flat within 15 % from 1,000 to 200,000 elements (read, digest, delta and rules together)",
            figure: format!("{small} → {large} ns, {more} % more"),
            met: more <= 15,
        })
    }

    fn stages(&self, out: &mut String) {
        out.push_str("\n## Stage by stage\n\nNanoseconds an element (with its connectors), one thread, the best of several rounds.\n\n| elements |");
        for name in NAMES {
            let _ = write!(out, " {name} |");
        }
        out.push_str("\n|---:|");
        out.push_str(&"---:|".repeat(NAMES.len()));
        out.push('\n');
        for (size, stages) in &self.stages {
            let _ = write!(out, "| {size} |");
            for stage in stages {
                let _ = write!(out, " {stage} |");
            }
            out.push('\n');
        }
    }

    fn counts(&self, out: &mut String) {
        out.push_str("\n## Instructions\n\nUnder callgrind, all threads together; CI holds them to `benches/instructions.txt` (+10 %): `cargo bench --bench performance -- guard`.\n\n| workload | instructions |\n|---|---:|\n");
        for (name, count) in &self.counts {
            let _ = writeln!(out, "| {name} | {count} |");
        }
    }
}

fn row(out: &mut String, target: &Target) {
    let verdict = if target.met { "met" } else { "**not met**" };
    let _ = writeln!(out, "| {} | {} | {verdict} |", target.wanted, target.figure);
}

fn table(out: &mut String, table: &Table) {
    let _ = write!(
        out,
        "\n### {}\n\n| what | wall ms | best | CPU ms | peak MiB | instructions | wall, of ours | CPU, of ours | command |\n|---|---:|---:|---:|---:|---:|---:|---:|---|\n",
        table.title
    );
    let Some(ours) = table.rows.first().map(|row| row.took) else {
        return;
    };
    for row in &table.rows {
        let instructions = row
            .instructions
            .map_or(String::new(), |count| count.to_string());
        let took = row.took;
        let _ = writeln!(
            out,
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {instructions} | {:.2} × | {:.2} × | `{}` |",
            row.what,
            took.wall,
            took.best,
            took.cpu,
            took.peak,
            took.wall / ours.wall,
            took.cpu / ours.cpu,
            row.command
        );
    }
}
