//! Every end of a merge is told on its pull request, and so is what became of its versions later.

use flowgate_sandbox::{Fault, Operation};
use serde_json::json;

use super::stage::{Begun, Stage, flow};
use super::{A, B, both_live};
use crate::support::github::{Fault as GitHubFault, When};

/// What a reader sees of the comments on a pull request.
fn bodies(stage: &Stage, pull: u64) -> Vec<String> {
    let github = stage.fake.state();
    github.bodies(pull).into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn the_comment(stage: &Stage, pull: u64) -> String {
    let bodies = bodies(stage, pull);
    assert_eq!(bodies.len(), 1, "comments on #{pull}: {bodies:#?}");
    bodies[0].clone()
}

#[track_caller]
fn says(body: &str, words: &[&str]) {
    for word in words {
        assert!(body.contains(word), "{word:?} is not in\n{body}");
    }
}

const NOTHING: &str = "Merged, and not deployed: callers get what they got before";

/// A merge of `accounts`, and the run for its push.
fn merged(stage: &mut Stage, number: u64, version: &str) -> (String, Begun) {
    let before = stage.head();
    stage.merge(number, &[(A, flow("accounts", version, version))]);
    let push = stage.push(&before);
    (before, push)
}

#[test]
fn a_merge_that_is_refused_says_so_and_why_and_turns_green_once_it_is_deployed() {
    let mut stage = both_live();
    let (before, push) = merged(&mut stage, 2, "1.1.0");
    push.env("FLOWGATE_MAX_CHANGES", "0")
        .end()
        .ends(3, "max-changes");
    says(
        &the_comment(&stage, 2),
        &[
            NOTHING,
            "1 flows would be written, and `max-changes` is 0",
            "raise `max-changes`",
            A,
        ],
    );
    stage.push(&before).end().ends(0, "1 live");
    says(&the_comment(&stage, 2), &["✅ Deployed to CXone", "1.1.0"]);
    // A later run that does nothing does not hide what was done.
    let push = stage.push(&before).env("CXONE_CLIENT_SECRET", "");
    push.end().ends(2, "cannot call CXone");
    says(&the_comment(&stage, 2), &["✅ Deployed to CXone"]);
}

#[test]
fn a_refusal_by_the_gate_is_told_where_the_pull_request_is_known() {
    let mut stage = both_live();
    let (before, _) = merged(&mut stage, 2, "1.1.0");
    let mut push = Stage::push_of(&before, &stage.head());
    push["forced"] = json!(true);
    stage
        .event("push", &push)
        .end()
        .ends(3, "rewrote the history");
    says(
        &the_comment(&stage, 2),
        &[NOTHING, "rewrote the history of `main`"],
    );
    // A merge and a direct push in one: what is refused is told on the pull request, too.
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.commit(&[("README.md", "pushed past everybody".into())]);
    stage
        .push(&before)
        .end()
        .ends(3, "belongs to no merged pull request");
    says(
        &the_comment(&stage, 3),
        &[NOTHING, "belongs to no merged pull request", B],
    );
    assert_eq!(stage.writes(), (2, 2), "nothing but what was live before");
}

#[test]
fn a_run_that_fails_before_it_knows_what_to_do_is_told_too() {
    for (name, value, code, words) in [
        (
            "CXONE_CLIENT_SECRET",
            "",
            2,
            "cannot call CXone without CXONE_CLIENT_SECRET",
        ),
        (
            "FLOWGATE_LAYOUT_FIELDS",
            "type",
            2,
            "`layout-fields` cannot be used",
        ),
    ] {
        let mut stage = both_live();
        let (_, push) = merged(&mut stage, 2, "1.1.0");
        push.env(name, value).end().ends(code, words);
        let told = the_comment(&stage, 2).replace('\\', "");
        says(&told, &[NOTHING, words]);
    }
    // Settings that nobody can read.
    let mut stage = both_live();
    let before = stage.head();
    let broken = ("flowgate.toml", "max-changes = \"many\"\n".to_owned());
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day")), broken]);
    let done = stage.push(&before).end();
    if done.code == 2 {
        says(&the_comment(&stage, 2), &[NOTHING, "max-changes", A]);
    }
}

#[test]
fn nothing_is_told_where_no_flow_is_touched_or_nobody_wants_to_be_told() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[("README.md", "more".into())]);
    stage.push(&before).end().ends(0, "no flow to deploy");
    let refused = stage.push(&before).env("CXONE_CLIENT_SECRET", "");
    refused.end().ends(2, "");
    assert!(bodies(&stage, 2).is_empty());
    let (before, push) = merged(&mut stage, 3, "1.1.0");
    let off = push.env("FLOWGATE_COMMENT", "off");
    off.env("FLOWGATE_MAX_CHANGES", "0").end().ends(3, "");
    stage
        .push(&before)
        .env("FLOWGATE_DRY_RUN", "true")
        .end()
        .ends(0, "");
    assert!(bodies(&stage, 3).is_empty());
}

#[test]
fn a_merge_that_has_nothing_to_publish_is_told_once() {
    let mut stage = both_live();
    let before = stage.head();
    // White space is no change to publish.
    let text = flow("accounts", "1.0.0", "Hello").replace('\n', "\n\n");
    stage.merge(2, &[(A, text)]);
    stage.push(&before).end().ends(0, "nothing to do");
    let told = the_comment(&stage, 2);
    says(&told, &["accounts", "nothing to do"]);
    assert!(!told.contains("billing"), "{told}");
    let writes = stage.fake.writes().len();
    stage.push(&before).end().ends(0, "nothing to do");
    assert_eq!(stage.fake.writes().len(), writes);
}

#[test]
fn blocked_failed_and_unknown_are_told() {
    let mut stage = both_live();
    let edit = flow("accounts", "1.0.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    let (_, push) = merged(&mut stage, 2, "1.1.0");
    push.end().ends(4, "was never in this repository");
    says(
        &the_comment(&stage, 2),
        &["❌", "blocked, nothing was written"],
    );

    let mut stage = both_live();
    let (_, push) = merged(&mut stage, 2, "1.1.0");
    stage
        .sandbox
        .fail_next(Operation::Publish, Fault::status(403));
    push.end().ends(4, "");
    says(&the_comment(&stage, 2), &["❌", "failed", "1.0.0"]);
}

/// A run for the merge of pull request 2 that is killed once it has published and before it could say so.
fn killed() -> (Stage, String) {
    let mut stage = both_live();
    let published = stage.sandbox.count(Operation::Publish);
    let (before, push) = merged(&mut stage, 2, "1.1.0");
    // GitHub is slow enough to be caught at it.
    stage.fake.fail_next(
        When("GET", "/issues/2/comments"),
        GitHubFault::SecondaryLimit(20),
    );
    let is_there = |stage: &Stage| {
        stage.sandbox.count(Operation::Publish) > published
            && stage.live("accounts").as_deref() == Some("1.1.0")
    };
    push.killed_once(|| is_there(&stage));
    stage.fake.clear_faults();
    assert!(bodies(&stage, 2).is_empty(), "it was killed before");
    (stage, before)
}

const KILLED: &str = "An earlier run put this live and ended before it could say so.";

#[test]
fn a_run_that_was_killed_is_told_by_the_next_one_for_another_merge() {
    let (mut stage, _) = killed();
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    let two = the_comment(&stage, 2);
    says(&two, &[KILLED, "accounts", "1.1.0"]);
    assert!(!two.contains("billing"), "{two}");
    let three = the_comment(&stage, 3);
    says(&three, &["billing", "✅ Deployed"]);
    assert!(!three.contains("accounts"), "{three}");
    // It is told once.
    let writes = stage.fake.writes().len();
    let before = stage.head();
    stage.merge(4, &[("README.md", "more".into())]);
    stage.push(&before).end().ends(0, "no flow to deploy");
    assert_eq!(stage.fake.writes().len(), writes);
}

#[test]
fn a_run_that_was_killed_is_told_when_it_is_run_again() {
    let (mut stage, before) = killed();
    stage.push(&before).end().ends(0, "nothing to do");
    says(&the_comment(&stage, 2), &[KILLED, "accounts", "1.1.0"]);
}

#[test]
fn five_pull_requests_in_one_push_are_all_told() {
    let mut stage = Stage::new();
    let before = stage.head();
    for number in 1..=5 {
        let id = format!("line-{number}");
        let path = format!("flows/{id}.json");
        stage.merge(number, &[(&path, flow(&id, "1.0.0", "Hello"))]);
    }
    stage.push(&before).end().ends(0, "5 flows: 5 live");
    for number in 1..=5 {
        says(
            &the_comment(&stage, number),
            &[&format!("line-{number}"), "✅"],
        );
    }
}

const FORM: &str = ".github/workflows/flows.yml";

#[test]
fn the_form_that_takes_a_deployment_back_is_a_link_and_what_to_fill_in_can_be_copied() {
    let mut stage = both_live();
    let workflow = |stage: &mut Stage, number, text: &str| {
        let before = stage.head();
        let version = format!("1.{number}.0");
        let files = [
            (A, flow("accounts", &version, &version)),
            (FORM, text.to_owned()),
        ];
        stage.merge(number, &files);
        let reference = format!("acme/flows/{FORM}@refs/heads/main");
        let push = stage.push(&before).env("GITHUB_WORKFLOW_REF", &reference);
        push.end().ends(0, "1 live");
        the_comment(stage, number)
    };
    let link = "[open the form](https://github.com/acme/flows/actions/workflows/flows.yml)";
    let told = workflow(&mut stage, 2, "on: {push: }\n");
    assert!(
        !told.contains("open the form"),
        "this workflow has none: {told}"
    );
    says(&told, &["`mode: rollback`"]);
    let form =
        "on: {push: , workflow_dispatch: }\njobs: {a: {steps: [{with: {mode: rollback}}]}}\n";
    let told = workflow(&mut stage, 3, form);
    says(&told, &[link, "| **accounts** | `accounts` | `1.2.0` |"]);
    // The first version of a flow has nothing before it.
    let before = stage.head();
    stage.merge(4, &[("flows/c.json", flow("c", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert!(!the_comment(&stage, 4).contains("take it back"));
}

#[test]
fn a_merge_whose_run_never_began_is_told_by_the_run_that_publishes_it() {
    let mut stage = both_live();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "2 live");
    let two = the_comment(&stage, 2);
    says(&two, &["✅ Deployed", "accounts", "1.1.0"]);
    assert!(!two.contains("billing"), "{two}");
    let three = the_comment(&stage, 3);
    assert!(!three.contains("accounts"), "{three}");
}

/// The rollback of pull request 2's version is killed once it is done and before it could say so.
fn killed_rollback() -> Stage {
    let mut stage = both_live();
    let (_, push) = merged(&mut stage, 2, "1.1.0");
    push.end().ends(0, "1 live");
    stage.fake.fail_next(
        When("GET", "/issues/2/comments"),
        GitHubFault::SecondaryLimit(20),
    );
    take_back(&mut stage).killed_once(|| stage.live("accounts").as_deref() == Some("1.0.0"));
    stage.fake.clear_faults();
    let told = the_comment(&stage, 2);
    assert!(!told.contains("taken back"), "it was killed before: {told}");
    stage
}

fn take_back(stage: &mut Stage) -> Begun {
    let begun = stage.dispatch().env("FLOWGATE_MODE", "rollback");
    begun
        .env("FLOWGATE_FLOW", "accounts")
        .env("FLOWGATE_TO", "1.0.0")
}

const TAKEN_BACK: [&str; 3] = [
    "↩️ **accounts 1.1.0** was taken back, by a run that ended before it could say so",
    "Callers get 1.0.0.",
    "✅ Deployed to CXone",
];

#[test]
fn a_rollback_that_was_killed_is_told_by_the_next_run_whatever_that_does() {
    let mut stage = killed_rollback();
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    says(&the_comment(&stage, 2), &TAKEN_BACK);
    // It is told once.
    let told = the_comment(&stage, 2);
    let before = stage.head();
    stage.merge(4, &[(B, flow("billing", "1.2.0", "Good evening"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(the_comment(&stage, 2), told);

    let mut stage = killed_rollback();
    take_back(&mut stage).end();
    says(&the_comment(&stage, 2), &TAKEN_BACK);
}
