//! `flowgate run` after a merge: the real process, a real repository, GitHub and CXone as fakes on loopback.

mod gate;
mod order;
mod origins;
mod past;
pub(crate) mod stage;
mod stories;
mod telling;
mod told;

use std::time::{Duration, Instant};

use flowgate_sandbox::{Entry, Fault, Operation};
use serde_json::Value;

use stage::{Stage, flow};

pub(crate) const A: &str = "flows/accounts.json";
pub(crate) const B: &str = "flows/billing.json";

/// Both flows are live at 1.0.0, by merges.
pub(crate) fn both_live() -> Stage {
    let mut stage = Stage::new();
    let before = stage.head();
    let files = [
        (A, flow("accounts", "1.0.0", "Hello")),
        (B, flow("billing", "1.0.0", "Hello")),
    ];
    stage.merge(1, &files);
    stage.push(&before).end().ends(0, "2 flows: 2 live");
    stage
}

#[test]
fn a_merge_is_deployed_verified_and_told_on_its_pull_request() {
    let mut stage = Stage::new();
    let before = stage.head();
    let merge = stage.merge(7, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    let done = stage.push(&before).end();
    let done = done.ends(
        0,
        "gate: writing is allowed: pull request #7 was merged into `main`",
    );
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));

    let published: Value = serde_json::from_str(&done.outputs["published"]).unwrap();
    assert_eq!(published[0]["flowId"], "accounts");
    assert_eq!(published[0]["verified"], true);
    assert_eq!(published[0]["asReviewed"], "notShown");
    assert_eq!(done.outputs["result"], "passed");
    assert!(
        done.summary.contains("Gate: writing is allowed"),
        "{}",
        done.summary
    );
    assert!(
        done.summary.contains("| Versions processed | 1 |"),
        "{}",
        done.summary
    );

    // What is stored says where it comes from, and the audit who wanted it.
    let cxone = stage.sandbox.state();
    let version = cxone.flow("accounts").unwrap().published().unwrap();
    let metadata: Value = serde_json::from_str(version.metadata.as_ref().unwrap().get()).unwrap();
    assert_eq!(metadata["source"]["commit"], merge.as_str());
    assert_eq!(metadata["source"]["pullRequest"], 7);
    assert_eq!(metadata["source"]["repository"], "acme/flows");
    let start: Value = serde_json::from_str(done.audit.lines().next().unwrap()).unwrap();
    assert_eq!(start["run"]["reviewers"][0], "ann");
    assert_eq!(start["run"]["pullRequest"], 7);

    let github = stage.fake.state();
    let bodies = github.bodies(7);
    assert_eq!(bodies.len(), 1);
    assert!(
        bodies[0].starts_with("<!-- flowgate kind=deployment"),
        "{}",
        bodies[0]
    );
    for says in [
        "1.0.0",
        "read back and right",
        "no comment of the pull request showed it",
        &done.outputs["audit-head"],
    ] {
        assert!(
            bodies[0].contains(says),
            "{says:?} is not in\n{}",
            bodies[0]
        );
    }
    assert!(
        !bodies[0].contains("To take it back"),
        "there is no version before it: {}",
        bodies[0]
    );
    assert_eq!(
        done.outputs["comment-id"],
        github.comments[0].id.to_string()
    );
}

#[test]
fn what_is_written_is_on_record_even_where_nobody_names_a_file_for_it() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(7, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    let temp = tempfile::tempdir().unwrap();
    let begun = stage.push(&before).env("FLOWGATE_AUDIT_FILE", "");
    let begun = begun.env("RUNNER_TEMP", temp.path().to_str().unwrap());
    let done = begun.end().ends(0, "audit head: ");
    let path = std::path::PathBuf::from(&done.outputs["audit-path"]);
    assert!(path.starts_with(temp.path()), "{}", path.display());
    let head = format!("--head={}", done.outputs["audit-head"]);
    let verify = ["audit", "verify", path.to_str().unwrap(), &head];
    let proof = stage.repo.flowgate(&verify).end();
    assert_eq!(proof.code, 0, "{}", proof.all());
}

#[test]
fn the_second_run_writes_nothing_and_leaves_the_comment_alone() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(7, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "1 live");
    let (writes, comments) = (stage.writes(), stage.fake.state().comments.clone());
    let done = stage.push(&before).end().ends(0, "nothing to do");
    assert_eq!(stage.writes(), writes);
    assert_eq!(stage.fake.state().comments, comments);
    assert!(!done.outputs.contains_key("published"));
}

#[test]
fn one_push_may_hold_two_pull_requests_and_each_is_told_about_its_own_flow() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "2 flows: 2 live");
    let github = stage.fake.state();
    let [two] = github.bodies(2)[..] else {
        panic!()
    };
    let [three] = github.bodies(3)[..] else {
        panic!()
    };
    assert!(
        two.contains("accounts") && !two.contains("billing"),
        "{two}"
    );
    assert!(
        three.contains("billing") && !three.contains("accounts"),
        "{three}"
    );
}

#[test]
fn more_writes_than_anybody_meant_are_shown_and_not_made() {
    let mut stage = Stage::new();
    let before = stage.head();
    let files = [
        (A, flow("accounts", "1.0.0", "Hello")),
        (B, flow("billing", "1.0.0", "Hello")),
    ];
    stage.merge(1, &files);
    let done = stage.push(&before).env("FLOWGATE_MAX_CHANGES", "1").end();
    let done = done.ends(3, "2 flows would be written, and `max-changes` is 1");
    assert!(done.summary.contains("accounts") && done.summary.contains("billing"));
    assert_eq!(done.outputs["result"], "refused");
    assert_eq!(stage.writes(), (0, 0));
    stage
        .push(&before)
        .env("FLOWGATE_MAX_CHANGES", "2")
        .end()
        .ends(0, "2 live");
}

#[test]
fn two_pull_requests_that_both_said_1_1_0_are_both_published() {
    let mut stage = both_live();
    let first = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&first).end().ends(0, "1 live");
    let second = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.1.0", "Good evening"))]);
    stage.push(&second).end().ends(4, "1.1.0 is stored");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    let auto = |begun: stage::Begun| begun.env("FLOWGATE_VERSION_POLICY", "auto").end();
    auto(stage.push(&second)).ends(0, "1.1.1");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.1"));
    let writes = stage.writes();
    auto(stage.push(&second)).ends(0, "");
    auto(stage.dispatch()).ends(0, "");
    assert_eq!(
        stage.writes(),
        writes,
        "the same content is not written twice"
    );
}

#[test]
fn a_console_edit_of_one_flow_survives_the_merge_of_another_and_is_named() {
    let mut stage = both_live();
    let before = stage.head();
    let edit = flow("accounts", "1.0.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    let edited = stage.live("accounts");
    stage.merge(2, &[(B, flow("billing", "1.1.0", "Good day"))]);
    let done = stage.push(&before).end().ends(0, "edited in the console");
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
    assert_eq!(stage.live("accounts"), edited);
    assert!(
        done.summary.contains("accounts") && done.summary.contains("edited in the console"),
        "{}",
        done.summary
    );
}

#[test]
fn a_dry_run_writes_nothing_anywhere() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(1, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    stage
        .push(&before)
        .env("FLOWGATE_DRY_RUN", "true")
        .end()
        .ends(0, "dry run");
    assert_eq!(stage.writes(), (0, 0));
    assert!(stage.fake.writes().is_empty());
}

#[test]
fn a_comment_that_may_not_be_written_changes_nothing_else() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(1, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    stage.fake.state().may_write = false;
    let done = stage.push(&before).end();
    done.ends(0, "the job lacks `permissions: pull-requests: write`");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn a_failure_says_what_callers_get_now_on_the_pull_request_too() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage
        .sandbox
        .fail_next(Operation::Publish, Fault::status(403));
    let done = stage.push(&before).end().ends(4, "live now: 1.0.0");
    assert!(
        done.log.contains("::error file=flows/accounts.json"),
        "{}",
        done.log
    );
    assert_eq!(done.outputs["result"], "failed");
    let github = stage.fake.state();
    let [body] = github.bodies(2)[..] else {
        panic!()
    };
    assert!(
        body.contains("1.0.0") && body.contains("unchanged"),
        "{body}"
    );
    drop(github);
    // The next run publishes what is stored already, and the comment turns green.
    stage.push(&before).end().ends(0, "1 live");
    let github = stage.fake.state();
    let [body] = github.bodies(2)[..] else {
        panic!()
    };
    assert!(body.contains("✅ Deployed to CXone"), "{body}");
    assert_eq!(
        stage
            .sandbox
            .state()
            .flow("accounts")
            .unwrap()
            .versions
            .len(),
        2
    );
}

#[cfg(unix)]
#[test]
fn a_cancelled_run_hands_over_what_it_knows_in_time() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let entry = Entry::new(Operation::Publish, Fault::delay_ms(3_000));
    stage.sandbox.add_fault(entry);
    let begun = Instant::now();
    let sent = stage.sandbox.count(Operation::Publish);
    // Its publication is under way, and takes its time.
    let done = stage
        .push(&before)
        .terminated_once(|| stage.sandbox.count(Operation::Publish) > sent);
    assert!(begun.elapsed() < Duration::from_secs(12));
    assert_eq!(done.code, 0, "{}", done.log);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert!(done.outputs.contains_key("published"), "{}", done.log);
    assert!(done.summary.contains("accounts"), "{}", done.summary);
    assert!(done.audit.contains("RUN_END"));
}

#[test]
fn what_a_run_failed_for_stands_in_its_summary_with_its_cause() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let run = stage.push(&before);
    let done = run.env("FLOWGATE_LAYOUT_FIELDS", "type");
    let done = done.end().ends(2, "`layout-fields` cannot be used");
    for text in [&done.summary, &done.log] {
        assert!(text.contains("`type` cannot be a layout field"), "{text}");
    }
    assert_eq!(stage.writes(), (2, 2), "nothing more than was live before");
}
