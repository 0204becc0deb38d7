//! `docs/performance.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::found::{Found, Table};
use crate::part::Part;

/// The page; what only a person can say stands in `benches/performance/notes.md`.
pub(crate) fn whole(
    root: &Path,
    machine: &[String],
    measured: &[(Part, Result<Found>)],
) -> Result<String> {
    let notes = root.join("benches/performance/notes.md");
    let notes = fs::read_to_string(notes).context("could not read the notes")?;
    let mut notes = notes.split("\n## ");
    let introduction = notes.next().unwrap_or_default();
    let notes: Vec<(&str, &str)> = notes.filter_map(|note| note.split_once('\n')).collect();
    let mut out = String::from(
        "# Performance\n\n\
         Written by `cargo bench --bench performance`; do not edit, but for its notes in `benches/performance/notes.md`.\n\
         Times are medians of several runs of a whole process, output thrown away; `$W` is `/tmp/flowgate-performance`, which the bench fills by a seeded generator.\n\n\
         Measured on:\n",
    );
    for line in machine {
        let _ = writeln!(out, "- {line}");
    }
    out.push_str("\n## Targets\n\nEach is measured by `cargo bench --bench performance -- part NAME`.\n\n| wanted | is | | part |\n|---|---|---|---|\n");
    let mut unmet = Vec::new();
    for (part, found) in measured {
        match found {
            Ok(found) => {
                for target in &found.targets {
                    let verdict = if target.met { "met" } else { "**not met**" };
                    let _ = writeln!(
                        out,
                        "| {} | {} | {verdict} | `{}` |",
                        target.wanted,
                        target.figure,
                        part.name()
                    );
                    if !target.met {
                        unmet.push(target);
                    }
                }
            }
            Err(error) => {
                let why = format!("{error:#}").replace(['|', '\n'], " ");
                let _ = writeln!(
                    out,
                    "| all of `{}` | not measured: {why} | **unknown** | |",
                    part.name()
                );
            }
        }
    }
    if !unmet.is_empty() {
        out.push_str("\n**What is not met, why, and what was tried**\n");
    }
    for target in unmet {
        let note = notes.iter().find(|(key, _)| *key == target.key);
        let note = note.map_or("no reason is known yet", |(_, note)| note.trim());
        let _ = writeln!(out, "- *{}*: {note}", target.wanted);
    }
    let _ = writeln!(out, "\n{}", introduction.trim());
    let found = || measured.iter().filter_map(|(_, found)| found.as_ref().ok());
    out.push_str("\n## Side by side\n");
    for table in found().flat_map(|found| &found.tables) {
        rows(&mut out, table);
    }
    for (title, text) in found().flat_map(|found| &found.chapters) {
        let _ = write!(out, "\n## {title}\n\n{text}");
    }
    Ok(out)
}

/// One part, for who measures it alone.
pub(crate) fn part(found: &Found) -> String {
    let mut out = String::new();
    for target in &found.targets {
        let verdict = if target.met { "met" } else { "NOT MET" };
        let _ = writeln!(out, "{verdict}: {} ({})", target.wanted, target.figure);
    }
    for table in &found.tables {
        rows(&mut out, table);
    }
    for (title, text) in &found.chapters {
        let _ = write!(out, "\n## {title}\n\n{text}");
    }
    out
}

fn rows(out: &mut String, table: &Table) {
    let _ = write!(
        out,
        "\n### {}\n\n| what | wall ms | best | CPU ms | peak MiB | wall, of ours | CPU, of ours | command |\n|---|---:|---:|---:|---:|---:|---:|---|\n",
        table.title
    );
    let Some(ours) = table.rows.first().map(|row| row.took) else {
        return;
    };
    for row in &table.rows {
        let took = row.took;
        let _ = writeln!(
            out,
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} × | {:.2} × | `{}` |",
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
