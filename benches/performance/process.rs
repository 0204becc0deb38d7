//! Whole processes on the same files: this program, and what people would use instead.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::Result;

use crate::corpus;
use crate::found::{Found, Row, Table};
use crate::machine::ratio;
use crate::part::Bench;
use crate::rivals::Words;

/// What the program does in nearly every table.
const OURS: &str = "`flowgate check`, all rules, delta, plan";
const TUTORIAL: &str = "the tutorial's own program";

impl Bench<'_> {
    fn row(&self, what: &'static str, runs: usize, command: &Words, cwd: &Path) -> Result<Row> {
        let took = self.rivals.time(runs, command, cwd)?;
        let names = self.names();
        let place = Words::new(cwd).shown(&names);
        println!("{:>9.2} ms  {what}, in {place}", took.wall);
        Ok(Row {
            what,
            command: format!("cd {place} && {}", command.shown(&names)),
            took,
        })
    }

    /// Short names for long paths.
    fn names(&self) -> [(PathBuf, &'static str); 4] {
        [
            (self.shipped.program.clone(), "flowgate"),
            (self.rivals.parse.clone(), "parse"),
            (self.root.join("target/performance/node"), ""),
            (self.work.to_owned(), "$W"),
        ]
    }

    fn check(&self) -> Words {
        Words::new(&self.shipped.program).and(&[
            "check",
            "--baseline",
            "base",
            "--max-file-size",
            "1GiB",
        ])
    }

    fn check_pair(&self, pair: &Path) -> Words {
        self.check()
            .and(&["--base-dir"])
            .and_path(&pair.join("before"))
    }

    pub(crate) fn parse(&self, how: &str, place: &Path) -> Words {
        Words::new(&self.rivals.parse).and(&[how]).and_path(place)
    }

    fn tutorial(&self, pair: &Path) -> Option<Words> {
        let program = self.rivals.tutorial.as_ref()?;
        let side = |side: &str| pair.join(side).join("flows/flow.json");
        Some(
            Words::new("node")
                .and_path(program)
                .and_path(&side("before"))
                .and_path(&side("after")),
        )
    }

    /// Parsing alone, and reading alone.
    fn parsers(&self, runs: usize, place: &Path) -> Result<Vec<Row>> {
        let rows = [
            ("serde_json into a `Value`, and nothing else", "serde_json"),
            ("sonic-rs into a `Value`, and nothing else", "sonic"),
            ("reading the bytes", "floor"),
        ];
        let rows = rows.map(|(what, how)| self.row(what, runs, &self.parse(how, place), place));
        rows.into_iter().collect()
    }
}

pub(crate) fn small(bench: &Bench<'_>) -> Result<Found> {
    let mut found = Found::default();
    let pair = corpus::pair(bench.work, 5)?;
    let after = pair.join("after");
    let repository = corpus::repository(bench.work, 1, 5, 1)?;
    let ours = bench.row(OURS, 100, &bench.check_pair(&pair), &after)?;
    let with_git = bench.check().and(&["--base", "HEAD~1"]);
    let with_git = bench.row(
        "the same, compared with a git commit",
        100,
        &with_git,
        &repository,
    )?;
    let fast = ours.took;
    found.target(
        "small",
        "5 elements, whole process without git: at most 5 ms",
        milliseconds(fast.wall),
        fast.wall <= 5.0,
    );
    found.target(
        "small-git",
        "the same with git: at most 8 ms",
        milliseconds(with_git.took.wall),
        with_git.took.wall <= 8.0,
    );
    let peak = fast.peak.max(with_git.took.peak);
    found.target(
        "small-memory",
        "the same: at most 12 MiB at the peak",
        format!("{peak:.1} MiB"),
        peak <= 12.0,
    );
    let version = Words::new(&bench.shipped.program).and(&["--version"]);
    let mut rows = vec![
        ours,
        with_git,
        bench.row("`flowgate --version`", 50, &version, &after)?,
        bench.row(
            "`true`: starting a process",
            50,
            &Words::new("true"),
            &after,
        )?,
        bench.row(
            "`git --version`",
            50,
            &Words::new("git").and(&["--version"]),
            &after,
        )?,
    ];
    if let Some(tutorial) = bench.tutorial(&pair) {
        let row = bench.row(TUTORIAL, 10, &tutorial, &after)?;
        let times = row.took.wall / fast.wall;
        found.target(
            "tutorial-5",
            "100 × faster than the tutorial's program at 5 elements",
            format!("{times:.0} ×"),
            times >= 100.0,
        );
        rows.push(row);
        let nothing = Words::new("node").and(&["-e", "0"]);
        rows.push(bench.row("node that does nothing", 10, &nothing, &after)?);
    }
    found.tables.push(Table {
        title: "One flow of 5 elements, before and after".to_owned(),
        rows,
    });
    Ok(found)
}

pub(crate) fn large(bench: &Bench<'_>, elements: usize) -> Result<Found> {
    let mut found = Found::default();
    let runs = if elements > 20_000 { 3 } else { 10 };
    let pair = corpus::pair(bench.work, elements)?;
    let after = pair.join("after");
    let ours = bench.row(OURS, runs, &bench.check_pair(&pair), &after)?;
    let fast = ours.took;
    let mut rows = vec![ours];
    // Its delta compares each element with each: 200,000 would take it minutes.
    if let Some(tutorial) = bench.tutorial(&pair).filter(|_| elements <= 20_000) {
        let row = bench.row(TUTORIAL, 3, &tutorial, &after)?;
        let times = row.took.wall / fast.wall;
        if elements == 20_000 {
            found.target(
                "tutorial-20000",
                "100 × faster than the tutorial's program at 20,000 elements",
                format!("{times:.0} ×"),
                times >= 100.0,
            );
        }
        rows.push(row);
    }
    rows.extend(bench.parsers(runs, &pair)?);
    let title = format!("One flow of {elements} elements, before and after");
    found.tables.push(Table { title, rows });
    Ok(found)
}

pub(crate) fn many(bench: &Bench<'_>) -> Result<Found> {
    let mut found = Found::default();
    let place = corpus::many(bench.work, 2_000, 60)?;
    let few = corpus::many(bench.work, 200, 60)?;
    let flows = place.join("flows");
    let ours = "`flowgate check`, all rules, plan, report";
    let ours = bench.row(ours, 7, &bench.check(), &place)?;
    let fast = ours.took;
    let mut rows = vec![ours];
    if let Some((ajv, schema)) = &bench.rivals.ajv {
        let ajv = Words::new("node")
            .and_path(ajv)
            .and_path(schema)
            .and_path(&flows);
        let row = bench.row(
            "ajv under node, our schema of a flow alone",
            5,
            &ajv,
            &place,
        )?;
        let times = row.took.wall / fast.wall;
        found.target(
            "ajv",
            "2,000 flows of 60 elements with every rule: 3 × faster than ajv needs for a schema alone",
            format!("{times:.1} ×"),
            times >= 3.0,
        );
        rows.push(row);
    }
    rows.extend(bench.parsers(7, &flows)?);
    let serde = rows.iter().find(|row| row.what.starts_with("serde_json"));
    if let Some(serde) = serde {
        let times = fast.cpu / serde.took.cpu;
        found.target(
            "serde",
            "the same: at most 2 × the CPU of parsing the bytes with serde_json",
            format!("{times:.2} ×"),
            times <= 2.0,
        );
    }
    let busy = fast.cpu / fast.wall;
    let cores = available_parallelism()?.get();
    found.target(
        "cores",
        "the same: all cores used",
        format!("{busy:.2} of {cores} busy from start to end"),
        busy * 4.0 >= ratio(cores as u64, 1) * 3.0,
    );
    let tenth = bench.row("the same with 200 of these flows", 5, &bench.check(), &few)?;
    let bytes = ratio(corpus::bytes(&flows)?, 1 << 20);
    let grown = fast.peak - tenth.took.peak;
    found.target(
        "memory",
        "peak memory bounded by the flows in flight, not by the corpus (here: 1,800 flows more take less than a tenth of their bytes)",
        format!("{:.0} → {:.0} MiB for {bytes:.0} MiB of files", tenth.took.peak, fast.peak),
        grown <= bytes * 0.9 * 0.1,
    );
    rows.push(tenth);
    let title = format!("2,000 flows of 60 elements, all new, {bytes:.0} MiB");
    found.tables.push(Table { title, rows });
    Ok(found)
}

pub(crate) fn untouched(bench: &Bench<'_>) -> Result<Found> {
    let mut found = Found::default();
    let large = corpus::repository(bench.work, 10_300, 36, 300)?;
    let small = corpus::repository(bench.work, 300, 36, 300)?;
    let check = bench.check().and(&["--base", "HEAD~1"]);
    let with = bench.row("300 flows changed, 10,000 untouched", 7, &check, &large)?;
    let without = bench.row(
        "the same 300 flows in a repository of their own",
        7,
        &check,
        &small,
    )?;
    let cost = with.took.wall - without.took.wall;
    let kilobytes = ratio(corpus::bytes(&large.join("flows"))?, 10_300 * 1000);
    found.target(
        "untouched",
        "10,000 untouched flows cost a pull request at most 0.3 s",
        format!("{} ({kilobytes:.0} kB a flow)", milliseconds(cost)),
        cost <= 300.0,
    );
    found.tables.push(Table {
        title: "300 changed flows of a repository, compared with a git commit".to_owned(),
        rows: vec![with, without],
    });
    Ok(found)
}

fn milliseconds(time: f64) -> String {
    format!("{time:.1} ms")
}
