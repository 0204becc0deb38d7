//! Instruction counts beside those of parsers on the same files: steady where seconds are not.

use std::fmt::Write as _;

use anyhow::Result;

use crate::binary::released;
use crate::found::Found;
use crate::machine::ratio;
use crate::part::Bench;
use crate::rivals::{Words, instructions};
use crate::{corpus, guard};

/// What parses the same files, or only reads them.
const OTHERS: [(&str, &str); 3] = [
    ("serde_json into a `Value`", "serde_json"),
    ("sonic-rs into a `Value`", "sonic"),
    ("reading the bytes", "floor"),
];

pub(crate) fn measure(bench: &Bench<'_>) -> Result<Found> {
    let mut found = Found::default();
    let mut text = String::from(
        "Of the release build under callgrind, all threads together: `cargo bench --bench performance -- part counts`. Callgrind has no processor with instructions of its own for SHA-256, which the digest uses where they are. CI holds the first five to `benches/instructions.txt` (+10 %): `cargo bench --bench performance -- guard`.\n\n| workload | instructions | of a serde_json parse |\n|---|---:|---:|\n",
    );
    let counts = guard::count(bench.work)?;
    let pair = corpus::pair(bench.work, 1_000)?;
    let many = corpus::many(bench.work, 100, 60)?.join("flows");
    let mut parsed = Vec::new();
    for (files, place) in [
        ("1 flow of 1000 elements, before and after", pair),
        ("100 flows of 60 elements", many),
    ] {
        for (what, how) in OTHERS {
            let count = instructions(&bench.parse(how, &place), &place)?;
            println!("{count:>13} instructions: {what}, {files}");
            parsed.push((files, what, count));
        }
    }
    let serde = |files: &str| {
        let mut found = parsed.iter().filter(|(_, what, _)| *what == OTHERS[0].0);
        found
            .find(|(of, ..)| of.starts_with(files))
            .map(|(.., count)| *count)
    };
    for (name, count) in &counts {
        let beside = if name.contains("1000") {
            serde("1 flow")
        } else if name.contains("100 ") {
            serde("100 flows")
        } else {
            None
        };
        let times = beside.map_or(String::new(), |serde| {
            format!("{:.2} ×", ratio(*count, serde))
        });
        let _ = writeln!(text, "| {name} | {count} | {times} |");
    }
    for (files, what, count) in &parsed {
        let times = serde(files).map_or(0.0, |serde| ratio(*count, serde));
        let _ = writeln!(text, "| {what}: {files} | {count} | {times:.2} × |");
    }
    let large = corpus::pair(bench.work, 20_000)?;
    let check = Words::new(released())
        .and(&["check", "--baseline", "base", "--base-dir"])
        .and_path(&large.join("before"));
    let count = instructions(&check, &large.join("after"))?;
    println!("{count:>13} instructions: check 1 flow of 20000 elements");
    let _ = writeln!(text, "| check 1 flow of 20000 elements | {count} | |");
    if let Some(small) = counts.get("check 1 flow of 1000 elements") {
        let more = (count / 20 * 100 / small).saturating_sub(100);
        found.target(
            "flat-counts",
            "the same by instructions of a whole check, from 1,000 to 20,000 elements",
            format!(
                "{} → {} an element, {more} % more",
                small / 1_000,
                count / 20_000
            ),
            more <= 15,
        );
    }
    found.chapters.push(("Instructions", text));
    Ok(found)
}
