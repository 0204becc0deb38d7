//! What the check shows is what the merge does: laws over generated repositories and events, held against an oracle that
//! reads both whole trees with plain git.

mod edits;
mod laws;
mod oracle;
mod repository;
mod sketch;
mod story;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use laws::{Broken, Law};
use story::{Dimension, Story};
use world::{Counted, play};

/// What is generated: a dimension stands here once the laws hold in it.
const ON: &[Dimension] = &[
    Dimension::Edits,
    Dimension::Labels,
    Dimension::Faults,
    Dimension::Adds,
    Dimension::Deletes,
    Dimension::Moves,
    Dimension::MovesWithWords,
    Dimension::CaseOnly,
    Dimension::Swaps,
    Dimension::Renumbers,
    Dimension::Gives,
    Dimension::LinksToFiles,
    Dimension::NotJson,
    Dimension::NeverLive,
    Dimension::MainMoves,
    Dimension::UpdatedBranches,
    Dimension::Late,
    Dimension::Alongside,
    Dimension::DirectPushes,
    Dimension::Missed,
    Dimension::Queues,
    Dimension::EditedTitles,
    Dimension::Retargets,
    Dimension::Targets,
    Dimension::Closed,
    Dimension::HeadCheckOuts,
    Dimension::ShallowCheckOuts,
    Dimension::BloblessCheckOuts,
    Dimension::SparseCheckOuts,
    Dimension::NoCheckOut,
    Dimension::Settings,
    Dimension::NotUtf8,
    Dimension::Submodules,
    Dimension::LinksToFolders,
    Dimension::CapitalJson,
    Dimension::PathCheckOuts,
    Dimension::SparseDesks,
    Dimension::Stacks,
    Dimension::Dispatches,
];

/// How often a story is made smaller, and how many are.
const SHRINKS: u32 = 60;
const WORTH_SHRINKING: usize = 6;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

/// The story of a seed.
fn story_of(seed: u64, on: &[Dimension]) -> impl proptest::strategy::ValueTree<Value = Story> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    story::story(on).new_tree(&mut runner).unwrap()
}

/// Plays the story of a seed; where a law is broken, the smallest story found that breaks the same one.
fn try_seed(seed: u64, on: &[Dimension], shrinks: u32) -> Result<Counted, (Story, Broken)> {
    let mut tree = story_of(seed, on);
    let mut story = tree.current();
    let mut broken = match play(&story) {
        Ok(counted) => return Ok(counted),
        Err(broken) => broken,
    };
    let mut smaller = tree.simplify();
    for _ in 0..shrinks {
        if !smaller {
            break;
        }
        let candidate = tree.current();
        match play(&candidate) {
            Err(again) if again.law == broken.law => {
                (story, broken) = (candidate, again);
                smaller = tree.simplify();
            }
            _ => smaller = tree.complicate(),
        }
    }
    Err((story, broken))
}

#[test]
fn what_the_check_shows_is_what_the_merge_does() {
    let first = number("FLOWGATE_LAWS_SEED").unwrap_or(1);
    let count = number("FLOWGATE_LAWS").unwrap_or(40);
    let threads = number("FLOWGATE_LAWS_THREADS").unwrap_or(3);
    let since = Instant::now();
    let next = AtomicU64::new(first);
    let total = Mutex::new(Counted::default());
    let violations: Mutex<BTreeMap<Law, Vec<String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let found: usize = violations.lock().unwrap().values().map(Vec::len).sum();
                    let shrinks = if found < WORTH_SHRINKING { SHRINKS } else { 0 };
                    match try_seed(seed, ON, shrinks) {
                        Ok(counted) => {
                            let mut total = total.lock().unwrap();
                            total.changes += counted.changes;
                            total.runs += counted.runs;
                        }
                        Err((story, broken)) => {
                            let told = format!("seed {seed}: {story:?}\n{broken}");
                            violations
                                .lock()
                                .unwrap()
                                .entry(broken.law)
                                .or_default()
                                .push(told);
                        }
                    }
                }
            });
        }
    });
    let Counted { changes, runs } = total.into_inner().unwrap();
    let seconds = since.elapsed().as_secs();
    println!("LAWS | {count} | {changes} | {runs} | {seconds}");
    let violations = violations.into_inner().unwrap();
    let told: Vec<String> = violations.into_values().flatten().collect();
    assert!(
        told.is_empty(),
        "{} of {count} repositories break a law\n\n{}",
        told.len(),
        told.join("\n\n====\n\n")
    );
}
