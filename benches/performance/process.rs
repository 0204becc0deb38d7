//! Whole processes on the same files: this program, and what people would use instead.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::rivals::{Rivals, Took, Words, instructions};
use crate::{binary, corpus, machine};

/// One thing that was measured.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) command: String,
    pub(crate) took: Took,
    pub(crate) instructions: Option<u64>,
}

/// Things that did the same work; the first one is this program.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

/// What was asked for, what is, and whether that is enough.
pub(crate) struct Target {
    pub(crate) wanted: &'static str,
    pub(crate) figure: String,
    pub(crate) met: bool,
}

/// All tables and targets.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) tables: Vec<Table>,
    pub(crate) targets: Vec<Target>,
}

impl Tables {
    fn target(&mut self, wanted: &'static str, figure: String, met: bool) {
        self.targets.push(Target {
            wanted,
            figure,
            met,
        });
    }
}

/// Measures everything.
pub(crate) struct Bench<'a> {
    work: &'a Path,
    rivals: Rivals,
    names: Vec<(PathBuf, &'static str)>,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(root: &'a Path, work: &'a Path, rivals: Rivals) -> Self {
        let names = vec![
            (binary(), "flowgate"),
            (rivals.parse.clone(), "parse"),
            (root.join("target/performance/node"), ""),
            (work.to_owned(), "$W"),
        ];
        Self {
            work,
            rivals,
            names,
        }
    }

    pub(crate) fn measure(&self) -> Result<Tables> {
        let mut all = Tables::default();
        self.small(&mut all)?;
        for elements in [1_000, 20_000, 200_000] {
            self.large(elements, &mut all)?;
        }
        self.many(&mut all)?;
        self.untouched(&mut all)?;
        Ok(all)
    }

    fn row(&self, what: &'static str, runs: usize, command: &Words, cwd: &Path) -> Result<Row> {
        let took = self.rivals.time(runs, command, cwd)?;
        let place = Words::new(cwd).shown(&self.names);
        println!("{:>9.2} ms  {what}, in {place}", took.wall);
        Ok(Row {
            what,
            command: format!("cd {place} && {}", command.shown(&self.names)),
            took,
            instructions: None,
        })
    }

    fn counted(&self, what: &'static str, runs: usize, command: &Words, cwd: &Path) -> Result<Row> {
        Ok(Row {
            instructions: Some(instructions(command, cwd)?),
            ..self.row(what, runs, command, cwd)?
        })
    }

    fn check() -> Words {
        Words::new(binary()).and(&["check", "--baseline", "base", "--max-file-size", "1GiB"])
    }

    fn parse(&self, how: &str, place: &Path) -> Words {
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

    fn small(&self, all: &mut Tables) -> Result<()> {
        let pair = corpus::pair(self.work, 5)?;
        let after = pair.join("after");
        let check = Self::check()
            .and(&["--base-dir"])
            .and_path(&pair.join("before"));
        let ours = self.counted(
            "`flowgate check`, all rules, delta, plan",
            60,
            &check,
            &after,
        )?;
        let repository = corpus::repository(self.work, 1, 5, 1)?;
        let with_git = Self::check().and(&["--base", "HEAD~1"]);
        let with_git = self.row(
            "the same, compared with a git commit",
            60,
            &with_git,
            &repository,
        )?;
        let fast = ours.took;
        all.target(
            "5 elements, whole process without git: at most 5 ms",
            milliseconds(fast.wall),
            fast.wall <= 5.0,
        );
        all.target(
            "the same with git: at most 8 ms",
            milliseconds(with_git.took.wall),
            with_git.took.wall <= 8.0,
        );
        let peak = fast.peak.max(with_git.took.peak);
        all.target(
            "the same: at most 12 MiB at the peak",
            format!("{peak:.1} MiB"),
            peak <= 12.0,
        );
        let mut rows = vec![ours, with_git];
        if let Some(tutorial) = self.tutorial(&pair) {
            let row = self.row("the tutorial's own program", 5, &tutorial, &after)?;
            let times = row.took.wall / fast.wall;
            all.target(
                "100 × faster than the tutorial's program at 5 elements",
                format!("{times:.0} ×"),
                times >= 100.0,
            );
            rows.push(row);
            let nothing = Words::new("node").and(&["-e", "0"]);
            rows.push(self.row("node that does nothing", 5, &nothing, &after)?);
        }
        all.tables.push(Table {
            title: "One flow of 5 elements, before and after".to_owned(),
            rows,
        });
        Ok(())
    }

    fn large(&self, elements: usize, all: &mut Tables) -> Result<()> {
        let runs = if elements > 20_000 { 2 } else { 10 };
        let pair = corpus::pair(self.work, elements)?;
        let after = pair.join("after");
        let check = Self::check()
            .and(&["--base-dir"])
            .and_path(&pair.join("before"));
        let ours = "`flowgate check`, all rules, delta, plan";
        let mut rows = vec![if elements > 20_000 {
            self.row(ours, runs, &check, &after)?
        } else {
            self.counted(ours, runs, &check, &after)?
        }];
        let fast = rows[0].took;
        // Its delta compares each element with each: 200,000 would take it minutes.
        if let Some(tutorial) = self.tutorial(&pair).filter(|_| elements <= 20_000) {
            let row = self.row("the tutorial's own program", 3, &tutorial, &after)?;
            let times = row.took.wall / fast.wall;
            if elements == 20_000 {
                all.target(
                    "100 × faster than the tutorial's program at 20,000 elements",
                    format!("{times:.0} ×"),
                    times >= 100.0,
                );
            }
            rows.push(row);
        }
        self.parsers(runs, &pair, &mut rows)?;
        let title = format!("One flow of {elements} elements, before and after");
        all.tables.push(Table { title, rows });
        Ok(())
    }

    /// Parsing alone, and reading alone.
    fn parsers(&self, runs: usize, place: &Path, rows: &mut Vec<Row>) -> Result<()> {
        for (what, how) in [
            ("serde_json into a `Value`, and nothing else", "serde_json"),
            ("sonic-rs into a `Value`, and nothing else", "sonic"),
            ("reading the bytes", "floor"),
        ] {
            rows.push(self.row(what, runs, &self.parse(how, place), place)?);
        }
        Ok(())
    }

    fn many(&self, all: &mut Tables) -> Result<()> {
        let place = corpus::many(self.work, 2_000, 60)?;
        let flows = place.join("flows");
        let mut rows = vec![self.row(
            "`flowgate check`, all rules, plan, report",
            5,
            &Self::check(),
            &place,
        )?];
        let fast = rows[0].took;
        if let Some(ajv) = &self.rivals.ajv {
            let ajv = Words::new("node").and_path(ajv).and_path(&flows);
            let row = self.row("ajv under node, a schema alone", 3, &ajv, &place)?;
            let times = row.took.wall / fast.wall;
            all.target(
                "2,000 flows of 60 elements with every rule: 3 × faster than ajv needs for a schema alone",
                format!("{times:.1} ×"),
                times >= 3.0,
            );
            rows.push(row);
        }
        self.parsers(5, &flows, &mut rows)?;
        let serde = rows.iter().find(|row| row.what.starts_with("serde_json"));
        if let Some(serde) = serde {
            let times = fast.cpu / serde.took.cpu;
            all.target(
                "the same: at most 2 × the CPU of parsing the bytes with serde_json",
                format!("{times:.2} ×"),
                times <= 2.0,
            );
        }
        let mebibytes = machine::ratio(corpus::bytes(&flows)?, 1 << 20);
        let title = format!("2,000 flows of 60 elements, all new, {mebibytes:.0} MiB");
        all.tables.push(Table { title, rows });
        Ok(())
    }

    fn untouched(&self, all: &mut Tables) -> Result<()> {
        let large = corpus::repository(self.work, 10_300, 36, 300)?;
        let small = corpus::repository(self.work, 300, 36, 300)?;
        let check = Self::check().and(&["--base", "HEAD~1"]);
        let with = self.row("300 flows changed, 10,000 untouched", 7, &check, &large)?;
        let without = self.row(
            "the same 300 flows in a repository of their own",
            7,
            &check,
            &small,
        )?;
        let cost = with.took.wall - without.took.wall;
        let kilobytes = machine::ratio(corpus::bytes(&large.join("flows"))?, 10_300 * 1000);
        all.target(
            "10,000 untouched flows cost a pull request at most 0.3 s",
            format!("{} ({kilobytes:.0} kB a flow)", milliseconds(cost)),
            cost <= 300.0,
        );
        all.tables.push(Table {
            title: "300 changed flows of a repository, compared with a git commit".to_owned(),
            rows: vec![with, without],
        });
        Ok(())
    }
}

fn milliseconds(time: f64) -> String {
    format!("{time:.1} ms")
}
