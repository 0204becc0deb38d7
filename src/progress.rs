//! How far a long run is, in one line of a terminal that goes away when it is done. Nobody but a person sees it: not a
//! pipe, not a file, not the log of a runner. No escape is in it, so that every terminal can show it.

use std::io::{self, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, interval_at};

use crate::exit::{Exit, Failure};
use crate::process::World;
use crate::signal::interrupted;

/// What is done sooner needs no line.
const PATIENCE: Duration = Duration::from_millis(700);
/// How often the line is written anew.
const STEP: Duration = Duration::from_millis(250);

// Standard error is one for the whole process, and so is who looks at it and what stands in its last line.
static SEEN: AtomicBool = AtomicBool::new(false);
static SHOWN: AtomicUsize = AtomicUsize::new(0);

/// Finds out whether a person looks at standard error.
pub(crate) fn begin(world: &World) {
    let says = |name: &str| world.environment.get(name);
    let by_machine = world.in_actions() || says("CI").is_some() || says("TERM") == Some("dumb");
    SEEN.store(world.err_is_terminal && !by_machine, Ordering::Relaxed);
}

/// Takes the line away: something else is about to be written.
pub(crate) fn wipe() {
    let length = SHOWN.swap(0, Ordering::Relaxed);
    if length > 0 {
        write(&format!("\r{}\r", " ".repeat(length)));
    }
}

/// The work, while a person at a terminal sees what `say` says about it.
pub(crate) async fn watched<T>(say: impl Fn() -> String, work: impl Future<Output = T>) -> T {
    if !SEEN.load(Ordering::Relaxed) {
        return work.await;
    }
    let _wiped_in_the_end = Line;
    let mut work = pin!(work);
    let mut step = interval_at(Instant::now() + PATIENCE, STEP);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = step.tick() => show(&say()),
        }
    }
}

/// The same for work that may be broken off at any time: whoever does so finds the terminal as it was.
pub(crate) async fn watched_reading<T>(
    say: impl Fn() -> String,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    if !SEEN.load(Ordering::Relaxed) {
        return Ok(work.await);
    }
    watched(say, async {
        tokio::select! {
            done = work => Ok(done),
            stopped = interrupted() => Err(stopped.err().unwrap_or_else(|| {
                Failure::new(Exit::Failed, anyhow::anyhow!("interrupted: nothing was written"))
            })),
        }
    })
    .await
}

struct Line;

impl Drop for Line {
    fn drop(&mut self) {
        wipe();
    }
}

fn show(text: &str) {
    let length = text.chars().count();
    let before = SHOWN.swap(length, Ordering::Relaxed);
    let rest = " ".repeat(before.saturating_sub(length));
    write(&format!("\r{text}{rest}"));
}

/// That the line cannot be shown is no reason to end the work.
fn write(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}
