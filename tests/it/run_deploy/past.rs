//! A deployment meets what earlier runs and other people left: wrong content, rollbacks, flows of before, other runs.

use std::time::{Duration, Instant};

use flowgate_sandbox::{Entry, Fault, Operation, Pause, Position};
use serde_json::Value;

use super::stage::{Stage, flow};
use super::{A, B, both_live};
use crate::rollback::take_back;

fn good_day() -> String {
    flow("accounts", "1.1.0", "Good day")
}

/// `accounts` is about to be live at 1.1.0, and CXone loses an element of what is published.
fn garbled() -> (Stage, String) {
    let stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, good_day())]);
    stage
        .sandbox
        .add_fault(Entry::new(Operation::CreateVersion, Fault::Garble));
    (stage, before)
}

#[test]
fn wrong_content_is_taken_back_by_the_next_run_where_its_own_was_killed_while_it_looked() {
    let (mut stage, before) = garbled();
    stage.sandbox.add_fault(
        Entry::new(Operation::ReadFlow, Fault::delay_ms(60_000))
            .on_flow("accounts")
            .nth(4),
    );
    let begun = {
        let after = stage.head();
        stage.event("push", &Stage::push_of(&before, &after))
    };
    let sandbox = &stage.sandbox;
    begun.killed_once(|| {
        let cxone = sandbox.state();
        let flow = cxone.flow("accounts").unwrap();
        flow.published().unwrap().version == "1.1.0"
    });
    stage.sandbox.clear_faults();
    // Another merge's run comes first.
    let second = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    let done = stage.push(&second).end().ends(4, "is not what was sent");
    assert!(!done.log.contains("edited in the console"), "{}", done.log);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
}

#[test]
fn red_stays_red_after_an_automatic_rollback_until_the_content_changes() {
    let (mut stage, before) = garbled();
    stage.push(&before).end().ends(4, "rolled back to 1.0.0");
    let writes = stage.writes();
    let why = "CXone holds other content of it than was sent";
    // The same job, and a start by hand.
    stage.push(&before).end().ends(4, why);
    stage.dispatch().end().ends(4, why);
    // An unrelated merge says so, and is green; drift too.
    let second = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    let done = stage.push(&second).end().ends(0, why);
    assert!(done.log.contains("::warning"), "{}", done.log);
    let drift = stage.dispatch().env("FLOWGATE_MODE", "drift").end();
    assert!(drift.log.contains(why), "{}", drift.log);
    // A new number alone moves nothing.
    let third = stage.head();
    stage.merge(4, &[(A, flow("accounts", "1.1.1", "Good day"))]);
    stage.push(&third).end().ends(4, why);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.writes().0, writes.0 + 1, "billing alone");
    // New content is deployed.
    let fourth = stage.head();
    stage.merge(5, &[(A, flow("accounts", "1.1.2", "Good evening"))]);
    stage.push(&fourth).end().ends(0, "1 live");
    // And the version before the fix is the good one.
    take_back(&mut stage).end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

/// `accounts` was live before Flowgate, as its file says.
fn adopted() -> Stage {
    let stage = Stage::new();
    let old = flow("accounts", "1.0.0", "Hello");
    stage.sandbox.seed_published(&old, "1.0.0").unwrap();
    stage.commit(&[(A, old)]);
    stage
}

#[test]
fn a_flow_of_before_whose_first_deployment_failed_or_was_thrown_away_is_not_stuck() {
    let create = Entry::new(Operation::CreateVersion, Fault::status(503));
    let publish = Entry::new(Operation::Publish, Fault::status(403));
    for trouble in [Some(create), Some(publish), None] {
        let mut stage = adopted();
        let before = stage.head();
        stage.merge(1, &[(A, good_day())]);
        let is_run = trouble.is_some();
        if let Some(trouble) = trouble {
            stage.sandbox.add_fault(trouble);
            let begun = stage.push(&before);
            let done = begun.env("FLOWGATE_AMBIGUOUS_READ_DELAYS", "0s").end();
            assert_eq!(done.code, 4, "{}", done.log);
        }
        stage.sandbox.clear_faults();
        // It is named by a run that looks at it, and drift says that it is behind.
        let second = stage.head();
        stage.merge(2, &[(B, flow("billing", "1.0.0", "Hello"))]);
        let done = stage.push(&second).end();
        let done = done.ends(
            0,
            "its next merge, or a start by hand that names it, publishes it",
        );
        assert!(!done.log.contains("edited in the console"), "{}", done.log);
        let drift = stage.dispatch().env("FLOWGATE_MODE", "drift").end();
        assert!(drift.log.contains("behind"), "{is_run}: {}", drift.log);
        assert!(
            !drift.log.contains("edited in the console"),
            "{}",
            drift.log
        );
        // Its next merge works.
        let third = stage.head();
        stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
        stage.push(&third).end().ends(0, "1 live");
        assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"), "{is_run}");
    }
}

#[test]
fn a_flow_of_before_is_published_by_a_start_by_hand_that_names_it() {
    let mut stage = adopted();
    stage.merge(1, &[(A, good_day())]);
    let named = stage.dispatch().env("FLOWGATE_FLOW", "accounts").end();
    named.ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn a_flow_of_before_whose_first_deployment_was_taken_back_goes_on() {
    let mut stage = adopted();
    let before = stage.head();
    stage.merge(1, &[(A, good_day())]);
    stage.push(&before).end().ends(0, "1 live");
    take_back(&mut stage).end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    let drift = stage.dispatch().env("FLOWGATE_MODE", "drift").end();
    assert!(drift.log.contains("held"), "{}", drift.log);
    // What the rollback took away is brought back by name, and taken back again.
    let up = take_back(&mut stage).env("FLOWGATE_TO", "1.1.0").end();
    up.ends(0, "1 taken back");
    take_back(&mut stage).end().ends(0, "1 taken back");
    let second = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
    stage.push(&second).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
}

#[test]
fn cosmetics_leave_what_was_taken_back_where_it_is() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, good_day())]);
    stage.push(&before).end().ends(0, "1 live");
    take_back(&mut stage).end().ends(0, "1 taken back");
    let writes = stage.writes();
    let moved = "flows/moved/accounts.json";
    let pretty = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    for (number, text) in [
        (3, pretty(&good_day())),
        (4, format!("{}\n\n", good_day())),
        (
            5,
            good_day().replace(r#""id": "m","#, r#""id": "m", "x": 40,"#),
        ),
    ] {
        let before = stage.head();
        stage.merge(number, &[(A, text)]);
        stage.push(&before).end().ends(0, "was taken back");
    }
    let before = stage.head();
    std::fs::create_dir_all(stage.repo.root().join("flows/moved")).unwrap();
    stage.repo.run_git(&["mv", A, moved]);
    stage.merge(6, &[]);
    stage.push(&before).end().ends(0, "was taken back");
    assert_eq!(stage.writes(), writes);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn an_older_job_that_the_newer_merge_keeps_from_being_deployed_is_superseded_and_green() {
    let mut stage = both_live();
    let zero = stage.head();
    let old = stage.merge(2, &[(A, good_day())]);
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
    stage.push(&old).end().ends(0, "1 live");
    let writes = stage.writes();
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", &old]);
    stage.push(&zero).end().ends(0, "superseded by");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_run_that_the_branch_overtakes_before_or_after_its_publication_is_red() {
    /// An answer about the branch is good for so long.
    const GOOD_FOR: Duration = Duration::from_secs(3);
    // Held between create and publication, longer than such an answer is good for; and in the publication.
    for (held, at_least, is_published) in [
        (Operation::CreateVersion, GOOD_FOR, false),
        (Operation::Publish, Duration::ZERO, true),
    ] {
        let mut stage = both_live();
        let before = stage.head();
        let merge = stage.merge(2, &[(A, good_day())]);
        let go_on = stage.folder.path().join("go-on");
        let pause = Pause {
            at: Position::Committed,
            until: Some(go_on.clone()),
            ..Pause::default()
        };
        stage
            .sandbox
            .add_fault(Entry::new(held, Fault::Pause(pause)));
        let place = stage.folder.path().join("first");
        let path = place.display().to_string();
        let args = ["worktree", "add", "--quiet", "--detach", &path, &merge];
        stage.repo.run_git(&args);
        let begun = stage.push(&before).cwd(&place);
        let sent = stage.sandbox.count(held);
        let first = std::thread::spawn(move || begun.end());
        while stage.sandbox.count(held) == sent {
            std::thread::sleep(Duration::from_millis(5));
        }
        let since = Instant::now();
        // Its revert is merged meanwhile.
        let second = stage.head();
        stage.merge(3, &[(A, flow("accounts", "1.0.0", "Hello"))]);
        std::thread::sleep(at_least.saturating_sub(since.elapsed()));
        std::fs::write(&go_on, "").unwrap();
        let done = first.join().unwrap();
        let done = done.ends(4, "the branch says otherwise of it since commit");
        assert!(done.audit.contains("RUN_END"), "{}", done.audit);
        let live = if is_published { "1.1.0" } else { "1.0.0" };
        assert_eq!(stage.live("accounts").as_deref(), Some(live));
        assert!(done.audit.contains("FAILED"), "{}", done.audit);
        // The run of the branch's tip makes it right.
        stage.push(&second).end().ends(0, "");
        assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    }
}

#[test]
fn where_only_changes_count_only_changed_flows_are_asked_about() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, good_day())]);
    let asked = stage.sandbox.requests().len();
    let begun = stage.push(&before).env("FLOWGATE_SCOPE", "changed");
    begun.end().ends(0, "1 live");
    let requests = stage.sandbox.requests();
    let others = requests[asked..]
        .iter()
        .filter(|call| call.flow_id.as_deref() == Some("billing"));
    assert_eq!(others.count(), 0);
}
