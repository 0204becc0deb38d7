//! What each stage costs for one element, inside one process and on one thread.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use flowgate_core::delta::diff;
use flowgate_core::drift::LookedBack;
use flowgate_core::flow::{Content, Layout, Reading, digest, native};
use flowgate_core::plan::{PlanSettings, Touch};
use flowgate_core::policy::Policy;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{json, terminal};
use flowgate_core::review::{FlowFile, Input, Settings, assemble};
use flowgate_core::rules::{FlowInput, OldFaults, RuleSettings, run_flow};

use crate::corpus;
use crate::found::Found;

/// Elements of the flow, and how often each stage is done; the best counts.
const SIZES: [(usize, usize); 4] = [(5, 200), (1_000, 30), (20_000, 5), (200_000, 2)];

/// Names of the stages, in order.
const NAMES: [&str; 7] = [
    "read",
    "digest",
    "delta",
    "rules",
    "comment",
    "JSON report",
    "terminal",
];

/// Of these the cost of an element is held to be flat: what a check of a flow cannot do without.
const JUDGED: usize = 4;

/// Nanoseconds an element, stage by stage, by the size of the flow.
pub(crate) fn measure() -> Result<Found> {
    let mut found = Found::default();
    let mut text = String::from(
        "Nanoseconds an element (with its connectors), one thread, in one process, the best of several rounds: `cargo bench --bench performance -- part stages`.\n\n| elements |",
    );
    for name in NAMES {
        let _ = write!(text, " {name} |");
    }
    let _ = writeln!(text, "\n|---:|{}", "---:|".repeat(NAMES.len()));
    let mut judged = BTreeMap::new();
    for (size, rounds) in SIZES {
        let stages = one(size, rounds).context("a flow of the generator could not be read")?;
        let _ = write!(text, "| {size} |");
        for stage in stages {
            let _ = write!(text, " {stage} |");
        }
        text.push('\n');
        judged.insert(size, stages[..JUDGED].iter().sum::<u128>());
    }
    if let (Some(small), Some(large)) = (judged.get(&1_000), judged.get(&200_000)) {
        let more = (large * 100 / small).saturating_sub(100);
        found.target(
            "flat",
            "the cost of an element is flat within 15 % from 1,000 to 200,000 elements (read, digest, delta and rules together)",
            format!("{small} → {large} ns, {more} % more"),
            more <= 15,
        );
    }
    found.chapters.push(("Stage by stage", text));
    Ok(found)
}

fn one(size: usize, rounds: usize) -> Option<[u128; NAMES.len()]> {
    let (before, after) = (corpus::flow(7, size, 0), corpus::flow(7, size, 5));
    let (old, new) = (read(&before)?, read(&after)?);
    let (old_flow, new_flow) = (old.flow.clone()?, new.flow.clone()?);
    let (layout, rules) = (Layout::default(), RuleSettings::default());
    let flow = FlowInput {
        reading: &new,
        digest: None,
        baseline: None,
        before: None,
        platform: None,
        old_faults: OldFaults::Fold,
        standing: None,
        looked_back: LookedBack::default(),
        creates_version: false,
        number: None,
        taken_on_base: None,
    };
    let input = Input {
        files: vec![FlowFile {
            path: new.source.path().clone(),
            head: Some(new.clone()),
            base: Some(old),
            touch: Touch::Touched,
        }],
        ..Input::default()
    };
    let settings = Settings {
        plan: PlanSettings::default(),
        rules: rules.clone(),
        policy: Policy::default(),
    };
    let review = assemble(&input, &settings);
    let redactor = Redactor::default();
    let comment = CommentSettings::default();
    let times = [
        best(rounds, || read(&after)),
        best(rounds, || digest(&new_flow, &layout)),
        best(rounds, || diff(&old_flow, &new_flow, &layout)),
        best(rounds, || run_flow(&flow, &rules)),
        best(rounds, || comment::render(&review, &redactor, &comment)),
        best(rounds, || {
            json::check(&review, json::Outcome::of(false), &redactor)
        }),
        best(rounds, || {
            terminal::render(&review, &redactor, terminal::Colour::Plain)
        }),
    ];
    Some(times.map(|time| time.as_nanos() / size as u128))
}

fn read(text: &str) -> Option<Reading> {
    let path = "flows/flow.json".parse().ok()?;
    Some(native::read(path, Content::Bytes(text.into())))
}

fn best<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    let rounds = (0..rounds).map(|_| {
        let begin = Instant::now();
        black_box(work());
        begin.elapsed()
    });
    rounds.min().unwrap_or_default()
}
