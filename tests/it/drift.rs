//! `flowgate drift`, and the schedule that runs it: the real process against the sandbox, with credentials that can only
//! read.

use flowgate_sandbox::{
    Behaviour, Config, ENVIRONMENT, Entry, Fault, Operation, READER_CLIENT_ID,
    READER_CLIENT_SECRET, Sandbox,
};
use serde_json::{Value, json};

use crate::rollback::{take_back, twice_deployed_on};
use crate::run_deploy::stage::{Done, Stage, flow};
use crate::run_deploy::{A, B, both_live};
use crate::support::{Ended, Repo};

/// A run of a command at a desk, with credentials that can only read.
pub(crate) fn at_desk(repo: &Repo, sandbox: &Sandbox, args: &[&str]) -> Ended {
    repo.flowgate(args)
        .env("CXONE_CLIENT_ID", READER_CLIENT_ID)
        .env("CXONE_CLIENT_SECRET", READER_CLIENT_SECRET)
        .env("CXONE_ENVIRONMENT", ENVIRONMENT)
        .env("CXONE_BASE_URL", &sandbox.base_url())
        .env("FLOWGATE_RETRY_BASE", "1ms")
        .end()
}

fn scheduled(stage: &mut Stage) -> Done {
    stage
        .event("schedule", &json!({"schedule": "0 6 * * *"}))
        .env("CXONE_CLIENT_ID", READER_CLIENT_ID)
        .env("CXONE_CLIENT_SECRET", READER_CLIENT_SECRET)
        .end()
}

fn report(stage: &Stage) -> (i32, Value) {
    let args = ["drift", "--format=json"];
    let ended = at_desk(&stage.repo, &stage.sandbox, &args);
    assert!(!ended.out.is_empty(), "{}", ended.err);
    (ended.code, serde_json::from_str(&ended.out).unwrap())
}

fn state_of<'r>(report: &'r Value, flow: &str) -> &'r Value {
    let flows = report["flows"].as_array().unwrap();
    let found = flows.iter().find(|row| row["flowId"] == flow);
    assert!(found.is_some(), "{flow} is not in {report:#}");
    found.unwrap()
}

#[test]
fn where_all_is_as_merged_there_is_nothing_to_say() {
    let mut stage = both_live();
    let done = scheduled(&mut stage).ends(0, "2 flows: 2 in sync");
    assert_eq!(done.outputs["drift-count"], "0");
    assert_eq!(done.outputs["result"], "passed");
    let (code, report) = report(&stage);
    assert_eq!((code, &report["driftCount"]), (0, &json!(0)));
    assert_eq!(report["schemaVersion"], 1);
    assert_eq!(report["counts"]["inSync"], 2);
}

#[test]
fn an_edit_in_the_console_is_named_and_fails_the_schedule() {
    let mut stage = both_live();
    let edit = flow("accounts", "1.0.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    let done =
        scheduled(&mut stage).ends(1, "accounts (flows/accounts.json): edited in the console");
    assert_eq!(done.outputs["drift-count"], "1");
    assert_eq!(done.outputs["result"], "findings");
    assert!(done.log.contains("~ Edited by hand (m)"), "{}", done.log);
    assert!(
        done.log.contains("::error file=flows/accounts.json"),
        "{}",
        done.log
    );
    assert!(
        done.summary.contains("1 edited in the console, 1 in sync"),
        "{}",
        done.summary
    );
    let (code, report) = report(&stage);
    assert_eq!(code, 1);
    let row = state_of(&report, "accounts");
    assert_eq!(row["state"], "edited");
    assert_eq!(row["severity"], "error");
    assert_eq!(row["live"]["version"], "1.0.1");
    assert_eq!(
        row["edits"],
        json!([{"kind": "element", "id": "m", "name": "Edited by hand", "change": "modified"}])
    );
    let warn = at_desk(&stage.repo, &stage.sandbox, &["drift", "--on-drift=warn"]);
    assert_eq!(warn.code, 0, "{}", warn.out);
    let strict = ["drift", "--on-drift=warn", "--fail-on=warning"];
    assert_eq!(at_desk(&stage.repo, &stage.sandbox, &strict).code, 1);
}

#[test]
fn a_merge_that_started_no_workflow_is_behind() {
    let mut stage = both_live();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let done = scheduled(&mut stage).ends(1, "no deployment has brought 1.1.0 live");
    assert!(done.summary.contains("1 behind"), "{}", done.summary);
    let (_, report) = report(&stage);
    let row = state_of(&report, "accounts");
    assert_eq!(row["state"], "behind");
    assert_eq!(row["live"]["pullRequest"], 1);
    stage.dispatch().end().ends(0, "1 live");
    scheduled(&mut stage).ends(0, "2 in sync");
}

#[test]
fn what_was_taken_back_is_held_until_a_commit_says_so_too() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    take_back(&mut stage).end().ends(0, "1 taken back");
    let done = scheduled(&mut stage).ends(0, "accounts (flows/accounts.json): held");
    assert_eq!(done.outputs["drift-count"], "1");
    assert!(
        done.log.contains("::warning file=flows/accounts.json"),
        "{}",
        done.log
    );
    let (_, report) = report(&stage);
    assert_eq!(state_of(&report, "accounts")["state"], "held");
    // A commit that says what is live ends it.
    stage.commit(&[(A, flow("accounts", "1.0.0", "Hello"))]);
    scheduled(&mut stage).ends(0, "2 in sync");
}

#[test]
fn flows_that_nobody_deployed_are_told_apart() {
    let mut stage = both_live();
    let by_hand = flow("survey", "1.0.0", "By hand");
    stage.sandbox.seed_published(&by_hand, "1.0.0").unwrap();
    let other = flow("night", "1.0.0", "By hand");
    stage.sandbox.seed_published(&other, "1.0.0").unwrap();
    stage.commit(&[
        ("flows/survey.json", by_hand),
        ("flows/night.json", flow("night", "1.0.0", "Other words")),
        ("flows/never.json", flow("never", "1.0.0", "Hello")),
        ("flows/broken.json", "{".to_owned()),
    ]);
    let (code, found) = report(&stage);
    assert_eq!(code, 4, "a file that cannot be compared is not in sync");
    for (flow, state) in [
        ("survey", "unmanaged"),
        ("night", "unmanagedAndDifferent"),
        ("never", "absent"),
        ("billing", "inSync"),
    ] {
        assert_eq!(state_of(&found, flow)["state"], state, "{flow}");
    }
    assert_eq!(found["flows"][0]["path"], "flows/broken.json");
    assert_eq!(found["flows"][0]["state"], "unknown");
    std::fs::remove_file(stage.repo.root().join("flows/broken.json")).unwrap();
    assert_eq!(report(&stage).0, 0, "nothing of it is an error");
    stage.commit(&[]);
    scheduled(&mut stage).ends(
        0,
        "1 not live, 1 unmanaged, and different, 1 unmanaged, 2 in sync",
    );
}

#[test]
fn cxone_failing_is_not_green() {
    let mut stage = both_live();
    let entry = Entry::new(Operation::ReadFlow, Fault::status(503)).on_flow("billing");
    stage.sandbox.add_fault(entry.always());
    let done = scheduled(&mut stage).ends(4, "CXone could not say what is live");
    assert_eq!(done.outputs["result"], "failed");
    let (code, report) = report(&stage);
    assert_eq!(code, 4);
    assert_eq!(state_of(&report, "billing")["state"], "unknown");
    assert_eq!(state_of(&report, "accounts")["state"], "inSync");
}

#[test]
fn a_tenant_that_only_counts_is_told_so() {
    let mut stage = Stage::on(Config::minimal());
    let before = stage.head();
    stage.merge(1, &[(B, flow("billing", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "1 accepted");
    scheduled(&mut stage).ends(4, "drift cannot be told here");
}

#[test]
fn what_a_server_adds_is_no_drift_even_after_a_rollback() {
    let mut stage = twice_deployed_on(Config {
        behaviours: [Behaviour::AddsMembers].into(),
        ..Config::default()
    });
    scheduled(&mut stage).ends(0, "1 in sync");
    take_back(&mut stage).end().ends(0, "1 taken back");
    scheduled(&mut stage).ends(0, "1 held");
}
