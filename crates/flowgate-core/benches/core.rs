//! What the core costs per element: reading, digest, delta and all rules over flows of growing size.
//!
//! `cargo bench -p flowgate-core` prints the best of several rounds, in nanoseconds an element; a column that stays flat
//! is linear. Numbers behind `--` are other sizes: `cargo bench -p flowgate-core -- 1000`.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use flowgate_core::delta::diff;
use flowgate_core::drift::LookedBack;
use flowgate_core::flow::{Content, Layout, Reading, digest, native};
use flowgate_core::rules::{FlowInput, OldFaults, RuleSettings, run_flow};

const SIZES: [usize; 4] = [5, 1_000, 20_000, 200_000];
const ROUNDS: usize = 3;

/// A chain of menus from Begin to End, as people keep files: an element a line.
fn flow(elements: usize, greeting: &str) -> Vec<u8> {
    let last = elements - 1;
    let mut text =
        String::from("{\"flowId\": \"bench\", \"version\": \"1.0.0\",\n  \"elements\": [\n");
    for at in 0..elements {
        let end = if at == last { "\n" } else { ",\n" };
        let kind = match at {
            0 => "Begin",
            at if at == last => "End",
            _ => "IVR",
        };
        let _ = write!(
            text,
            "    {{\"id\": \"e{at}\", \"type\": \"{kind}\", \"name\": \"Step {at}\", \"configuration\": {{\"prompt\": \"{greeting} {at}\", \"timeoutSeconds\": 8}}, \"x\": {at}, \"y\": 1.50}}{end}"
        );
    }
    text.push_str("  ],\n  \"connectors\": [\n");
    for at in 0..last {
        let end = if at + 1 == last { "\n" } else { ",\n" };
        let _ = write!(
            text,
            "    {{\"id\": \"c{at}\", \"sourceId\": \"e{at}\", \"targetId\": \"e{}\", \"label\": \"next\"}}{end}",
            at + 1
        );
    }
    text.push_str("  ]\n}\n");
    text.into_bytes()
}

fn read(bytes: &[u8]) -> Option<Reading> {
    Some(native::read(
        "flows/bench.json".parse().ok()?,
        Content::Bytes(bytes.to_vec()),
    ))
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            black_box(work());
            begin.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let (layout, settings) = (Layout::default(), RuleSettings::default());
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>9}   ns an element",
        "elements", "read", "digest", "delta", "rules"
    );
    let asked: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let sizes = if asked.is_empty() { &SIZES[..] } else { &asked };
    for &size in sizes {
        let (before, after) = (flow(size, "Press"), flow(size, "Please press"));
        let (Some(old), Some(new)) = (read(&before), read(&after)) else {
            continue;
        };
        let (Some(old_flow), Some(new_flow)) = (&old.flow, &new.flow) else {
            continue;
        };
        let input = FlowInput {
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
        let times = [
            best(|| read(&after)),
            best(|| digest(new_flow, &layout)),
            best(|| diff(old_flow, new_flow, &layout)),
            best(|| run_flow(&input, &settings)),
        ];
        let each = times.map(|time| time.as_nanos() / size as u128);
        println!(
            "{size:>9} {:>9} {:>9} {:>9} {:>9}",
            each[0], each[1], each[2], each[3]
        );
    }
}
