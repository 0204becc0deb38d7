//! What was done is said, whatever fails afterwards: files that cannot be written, others that do not answer, a signal.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::stage::{Stage, flow};
use super::{A, B, both_live};
use crate::support::github::{Fault, When};

/// `accounts` is about to be live at 1.1.0.
fn merged() -> (Stage, String) {
    let stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    (stage, before)
}

/// A webhook that takes what it is sent and says nothing for a minute: where it is, and how many have come.
fn deaf() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            heard.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let _gone = stream.read_to_end(&mut bytes);
            });
        }
    });
    (url, count)
}

#[test]
fn a_file_that_cannot_be_written_takes_nothing_from_what_is_said() {
    for name in [
        "FLOWGATE_METRICS_FILE",
        "FLOWGATE_REPORT_FILE",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_OUTPUT",
    ] {
        let (mut stage, before) = merged();
        let begun = stage.push(&before).env(name, "/nowhere/at/all");
        let done = begun.end().ends(0, "read back and right");
        assert!(
            done.log.contains("warning: could not"),
            "{name}: {}",
            done.log
        );
        assert!(!done.log.contains("Nothing was deployed"), "{}", done.log);
        assert!(
            !done.summary.contains("Nothing was deployed"),
            "{}",
            done.summary
        );
        if name != "GITHUB_STEP_SUMMARY" {
            assert!(done.summary.contains("1.1.0"), "{name}: {}", done.summary);
        }
        if name != "GITHUB_OUTPUT" {
            assert!(done.outputs["published"].contains("1.1.0"), "{name}");
            assert_eq!(done.outputs["result"], "passed", "{name}");
        }
        assert!(!done.outputs.contains_key("metrics-path"), "{name}");
    }
}

#[test]
fn a_run_that_is_cancelled_while_it_comments_ends_at_once_with_its_summary() {
    let (mut stage, before) = merged();
    stage
        .fake
        .fail_next(When("POST", "/comments"), Fault::Hangs);
    let begun = stage.push(&before);
    let summary = begun.summary().to_owned();
    let is_told = || std::fs::read_to_string(&summary).is_ok_and(|text| text.contains("1 live"));
    let done = begun.terminated_once(is_told);
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(
        done.outputs["published"].contains("1.1.0"),
        "{:?}",
        done.outputs
    );
    assert!(
        done.log.contains("not every comment was written"),
        "{}",
        done.log
    );
}

#[test]
fn a_run_that_is_cancelled_while_the_webhook_hangs_ends_at_once_with_its_summary() {
    let (mut stage, before) = merged();
    let (url, heard) = deaf();
    let begun = stage.push(&before).env("GIT_WEBHOOK_URL", &url);
    let done = begun.terminated_once(|| heard.load(Ordering::SeqCst) > 0);
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(done.summary.contains("1 live"), "{}", done.summary);
    assert!(
        done.outputs["published"].contains("1.1.0"),
        "{:?}",
        done.outputs
    );
    assert!(
        done.log.contains("not every version was announced"),
        "{}",
        done.log
    );
}

#[test]
fn the_webhook_is_bounded_by_its_timeout_and_by_the_runs_deadline_and_flows_do_not_queue_for_it() {
    for (name, value, says) in [
        (
            "FLOWGATE_WEBHOOK_TIMEOUT",
            "200ms",
            "no answer within 0.2 s",
        ),
        ("FLOWGATE_RUN_DEADLINE", "4s", "the run's deadline passed"),
    ] {
        let mut stage = both_live();
        let before = stage.head();
        let files = [
            (A, flow("accounts", "1.1.0", "Good day")),
            (B, flow("billing", "1.1.0", "Good day")),
        ];
        stage.merge(2, &files);
        let (url, heard) = deaf();
        let since = Instant::now();
        let begun = stage.push(&before).env("GIT_WEBHOOK_URL", &url);
        let done = begun.env(name, value).end().ends(0, says);
        // Two flows one after the other would take their three tries, and the waits between, twice.
        assert!(
            since.elapsed() < Duration::from_secs(9),
            "{name}: {:?}",
            since.elapsed()
        );
        assert!(heard.load(Ordering::SeqCst) >= 2, "{name}");
        assert!(done.summary.contains("2 live"), "{}", done.summary);
    }
}
