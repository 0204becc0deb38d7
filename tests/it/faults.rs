//! The fault matrix: every call of a deployment fails in every way, for the first, the middle and the last flow, and
//! the real program is held to what must come of it. What must come of it stands in `table`.

mod cell;
mod table;
mod trial;
mod trouble;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cell::{Bench, Cell, Position};
use table::{expected, is_repetition};
use trouble::{Stage, Times, Trouble};

/// Most of a cell's time is spent waiting.
const WORKERS: usize = 16;

/// Every fault at every call; what happens once for each position (off the plain way for one of them in turn), what lasts for the middle flow, where that comes to something else.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for stage in Stage::ALL {
        for (turn, trouble) in Trouble::ALL.into_iter().enumerate() {
            for times in [Times::Once, Times::Always] {
                if is_repetition(stage, trouble, times) {
                    continue;
                }
                let expected = expected(stage, trouble, times);
                let positions: &[Position] = match (stage, times) {
                    // The first flow to ask is the one that meets it.
                    (Stage::FirstToken, Times::Once) => &[Position::First],
                    (_, Times::Once) if stage.is_on_every_way() => &Position::ALL,
                    (_, Times::Once) => &Position::ALL[turn % 3..=turn % 3],
                    (_, Times::Always) => &[Position::Middle],
                };
                cells.extend(positions.iter().map(|&position| Cell {
                    stage,
                    trouble,
                    times,
                    position,
                    expected,
                }));
            }
        }
    }
    cells
}

#[test]
fn whatever_fails_whenever_it_fails_nothing_is_created_twice_and_nothing_unpublished_is_green() {
    let cells = cells();
    let bench = Bench::new();
    let next = AtomicUsize::new(0);
    let complaints = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((number, cell)) = {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    cells.get(number).map(|cell| (number, cell))
                } {
                    let found = bench.run(number, cell);
                    if !found.is_empty() {
                        let text = format!("{cell}\n  {}", found.join("\n  "));
                        complaints.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    println!("MATRIX | {} | cells", cells.len());
    assert!(
        cells.len() >= 300,
        "the matrix has shrunk to {}",
        cells.len()
    );
    let complaints = complaints.into_inner().unwrap();
    assert!(
        complaints.is_empty(),
        "{} of {} cells:\n{}",
        complaints.len(),
        cells.len(),
        complaints.join("\n")
    );
}
