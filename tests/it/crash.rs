//! The crash test: the real process is killed, or asked to stop, in every window that a deployment has, against a
//! sandbox on disk. Whatever was cut off, running again ends in one version, published, with a sound audit.
//!
//! `FLOWGATE_CRASH_KILLS=20 cargo test --test it crash -- --nocapture` kills twenty times in each window; without the
//! variable twice. What each window is stands in `window`, what the world looks like in `stage`, how the process ends in `running`.

mod running;
mod stage;
mod window;

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use running::{Ended, Stopped};
use stage::{Aftermath, Stage};
use window::Window;

/// A runner gives 7.5 seconds between asking and killing.
const IN_ORDER: Duration = Duration::from_secs(7);

fn kills() -> u32 {
    std::env::var("FLOWGATE_CRASH_KILLS").map_or(2, |kills| {
        kills.parse().expect("FLOWGATE_CRASH_KILLS is a number")
    })
}

/// Runs `story` so many times in each window, all windows at once, and prints how often.
#[expect(clippy::print_stdout, reason = "the figures of docs/reliability.md")]
fn in_each_window(signal: &str, times: u32, story: fn(Window, u32) -> &'static str) {
    let told: Vec<(Window, Vec<&str>)> = std::thread::scope(|scope| {
        let running: Vec<_> = Window::ALL
            .map(|window| {
                let rounds = move || (0..times).map(|round| story(window, round)).collect();
                (window, scope.spawn(rounds))
            })
            .into();
        running
            .into_iter()
            .map(|(window, thread)| (window, thread.join().expect("each round converges")))
            .collect()
    });
    for (window, ends) in &told {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for end in ends {
            *counts.entry(end).or_default() += 1;
        }
        println!("{signal} | {} | {} | {counts:?}", window.name(), ends.len());
    }
    let all: usize = told.iter().map(|(_, ends)| ends.len()).sum();
    println!("{signal} | {} windows | {all} in all", told.len());
}

/// Running again heals, and then there is nothing left to do.
fn converges(stage: &Stage, torn: bool, aftermath: Aftermath) {
    let mut again = stage.deploy();
    if aftermath == Aftermath::LandsInTheNextRun && again.code == Some(4) {
        // What was cut off landed in the middle of this run, which saw it and wrote nothing over it.
        assert!(again.all().contains("run again"), "{}", again.all());
        again = stage.deploy();
    }
    assert_eq!(again.code, Some(0), "{}", again.all());
    stage.settle();
    let writes = stage.writes();
    let third = stage.deploy();
    assert_eq!(third.code, Some(0), "{}", third.all());
    assert_eq!(stage.writes(), writes, "the third run writes nothing");
    stage.assert_final();
    stage.assert_audit(torn);
}

#[test]
fn a_process_killed_in_any_window_is_healed_by_the_next_run() {
    in_each_window("SIGKILL", kills(), |window, round| {
        let mut stage = Stage::new(window, round);
        let (killed, torn) = if window == Window::AuditMidLine && round % 2 == 0 {
            // The kernel kills it inside the write of a line, at a place that no run chooses.
            let killed = stage.deploy_with_little_room(round);
            let torn = stage.is_torn();
            (killed, torn)
        } else {
            let run = stage.start();
            stage.wait_for_the_window();
            let killed = run.kill();
            if window == Window::AuditMidLine {
                stage.tear_audit(round);
            }
            (killed, stage.is_torn())
        };
        assert_eq!(killed.code, None, "it ended by itself: {}", killed.all());
        let aftermath = Aftermath::ALL[(round as usize + window as usize) % Aftermath::ALL.len()];
        stage.release(aftermath);
        converges(&stage, torn, aftermath);
        aftermath.name()
    });
}

/// Whatever was under way may land now or in the next run: no window is held that would say.
fn heals(stage: &Stage) {
    converges(stage, stage.is_torn(), Aftermath::LandsInTheNextRun);
}

#[test]
fn a_process_killed_at_any_moment_is_healed_by_the_next_run() {
    let plain = Stage::plain().deploy();
    assert_eq!(plain.code, Some(0), "{}", plain.all());
    let times = kills() * 5;
    let next = AtomicU32::new(0);
    let killed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let round = next.fetch_add(1, Ordering::SeqCst);
                    if round >= times {
                        return;
                    }
                    let stage = Stage::plain();
                    let run = stage.start();
                    std::thread::sleep(plain.took * round / times);
                    let ended = run.kill();
                    assert!(matches!(ended.code, None | Some(0)), "{}", ended.all());
                    killed.fetch_add(u32::from(ended.code.is_none()), Ordering::SeqCst);
                    heals(&stage);
                }
            });
        }
    });
    let killed = killed.into_inner();
    assert!(
        killed >= times / 2,
        "only {killed} of {times} were still running"
    );
    println!(
        "SIGKILL | any moment | {killed} | spread over {:?}",
        plain.took
    );
}

#[test]
fn a_process_killed_before_any_write_it_makes_is_healed_by_the_next_run() {
    if std::env::var_os("FLOWGATE_CRASH_CALLS").is_none() {
        println!(
            "left out: it needs strace and some minutes; `scripts/reliability` sets FLOWGATE_CRASH_CALLS"
        );
        return;
    }
    let mut killed = 0;
    for call in ["write", "writev", "fdatasync"] {
        for nth in 1.. {
            let stage = Stage::plain();
            let ended = stage.deploy_until_call(call, nth);
            if ended.code == Some(0) {
                break;
            }
            assert_eq!(ended.code, None, "{}", ended.all());
            killed += 1;
            heals(&stage);
        }
    }
    assert!(killed >= 20, "only {killed} calls");
    println!("SIGKILL | before a write, a send or a sync | {killed} | each of a thread's in turn");
}

#[test]
fn a_process_asked_to_stop_in_any_window_ends_in_order_and_is_healed_by_the_next_run() {
    in_each_window("SIGTERM", kills().min(4), |window, round| {
        let mut stage = Stage::new(window, round);
        let run = stage.start();
        stage.wait_for_the_window();
        let begun = stage.begun();
        let answers = round % 2 == 1;
        let ended = run.terminate(|| {
            if answers {
                stage.let_go();
            }
        });
        assert!(ended.took < IN_ORDER, "{:?}: {}", ended.took, ended.all());
        let how = how_it_ended(window, &ended, &stage);
        assert_eq!(stage.begun(), begun, "a flow was begun after the signal");
        if window == Window::AuditMidLine {
            stage.tear_audit(round);
        }
        let torn = stage.is_torn();
        stage.release(Aftermath::Lands);
        converges(&stage, torn, Aftermath::Lands);
        how
    });
}

/// What the exit code and the last words have to be: `docs/reliability.md`, "When a run is cancelled".
fn how_it_ended(window: Window, ended: &Ended, stage: &Stage) -> &'static str {
    if window == Window::Token {
        assert_eq!(ended.stopped, Stopped::BySignal, "{}", ended.all());
        assert_eq!(stage.writes(), 0, "nothing had been written yet");
        return "ended by the signal";
    }
    let audit = fs::read_to_string(stage.audit()).unwrap();
    let last = audit.lines().last().unwrap();
    assert!(last.contains(r#""status":"RUN_END""#), "{last}");
    assert!(ended.err.contains("audit head: "), "{}", ended.all());
    let said = ended.all();
    assert!(matches!(ended.code, Some(4 | 5)), "{said}");
    if ended.code == Some(4) {
        assert!(said.contains("cancelled"), "{said}");
        "exit 4"
    } else {
        let may = window.leaves_unknown();
        assert!(may && said.contains("not known"), "{said}");
        "exit 5"
    }
}
