//! Stories that a contact centre will live through, each from its beginning to its end.

use flowgate_sandbox::{Config, Entry, Fault, Operation};
use serde_json::Value;

use super::stage::{Stage, flow};
use super::{A, B, both_live};
use crate::run_check::propose;
use crate::support::github::ACTIONS_BOT;

const OLD: usize = 50;

fn place(number: usize) -> String {
    format!("flows/line-{number}.json")
}

/// Fifty flows that were made in the console, some of them different from what somebody once put into the repository.
fn fifty_of_old() -> (Stage, Vec<(String, String)>) {
    let stage = Stage::new();
    let files = (0..OLD)
        .map(|number| {
            let id = format!("line-{number}");
            let live = flow(&id, "3.1.4", "Made in the console");
            stage.sandbox.seed_published(&live, "3.1.4").unwrap();
            let kept = if number % 5 == 4 {
                "Long forgotten"
            } else {
                "Made in the console"
            };
            (place(number), flow(&id, "3.1.4", kept))
        })
        .collect();
    (stage, files)
}

fn named(files: &[(String, String)]) -> Vec<(&str, String)> {
    files
        .iter()
        .map(|(path, text)| (path.as_str(), text.clone()))
        .collect()
}

#[test]
fn adopting_fifty_old_flows_publishes_nothing_until_a_pull_request_changes_one() {
    let (mut stage, files) = fifty_of_old();
    stage.commit(&named(&files));
    let begin = stage.head();
    let writes = stage.writes();
    // The pull request that brings the workflow.
    stage.merge(1, &[(".github/workflows/flows.yml", "on: push".to_owned())]);
    // Only those are named that say otherwise than what is live.
    let named = "10 flows: 10 without anything to do";
    let done = stage.push(&begin).end().ends(0, named);
    assert!(done.log.contains("not looked after yet"), "{}", done.log);
    stage.dispatch().end().ends(0, named);
    assert_eq!(stage.writes(), writes);
    // The first one that changes a flow.
    let before = stage.head();
    stage.merge(2, &[(&place(7), flow("line-7", "3.2.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.writes(), (writes.0 + 1, writes.1 + 1));
    assert_eq!(stage.live("line-7").as_deref(), Some("3.2.0"));
}

#[test]
fn adopting_by_a_pull_request_with_all_files_publishes_nothing_and_names_what_is_otherwise() {
    let (mut stage, mut files) = fifty_of_old();
    let before = stage.head();
    let writes = stage.writes();
    let differs = files.clone();
    files.retain(|(_, text)| !text.contains("forgotten"));
    stage.merge(1, &named(&files));
    stage.push(&before).end().ends(0, "nothing to do");
    assert_eq!(stage.writes(), writes);
    // Merging what is otherwise would replace what callers hear, unseen.
    let before = stage.head();
    stage.merge(2, &named(&differs));
    let done = stage.push(&before).end();
    let done = done.ends(
        4,
        "was never in this repository; merging would replace it unseen",
    );
    assert!(done.summary.contains("line-4"), "{}", done.summary);
    assert_eq!(stage.writes(), writes);
}

/// Every call fails, tokens among them, from now on.
fn outage(stage: &Stage) {
    let down = Entry {
        operation: None,
        ..Entry::new(Operation::Token, Fault::status(503))
    };
    stage.sandbox.add_fault(down.always());
}

#[test]
fn an_outage_during_a_check_is_not_green_and_the_next_check_is() {
    let mut stage = both_live();
    let payload = propose(&stage, 7, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    outage(&stage);
    let done = stage.event("pull_request", &payload).end();
    done.ends(1, "baseline-unavailable");
    stage.sandbox.clear_faults();
    stage.event("pull_request", &payload).end().ends(0, "");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn an_outage_during_a_deployment_writes_nothing_and_is_healed_by_the_next_run() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let writes = stage.writes();
    outage(&stage);
    let done = stage.push(&before).end();
    let done = done.ends(4, "CXone could not say what is live");
    assert_eq!(done.outputs["result"], "failed");
    stage.sandbox.clear_faults();
    assert_eq!(stage.writes(), writes);
    stage.dispatch().end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn an_outage_in_the_middle_of_a_write_is_unknown_until_the_next_run_has_looked() {
    for write in [Operation::CreateVersion, Operation::Publish] {
        let mut stage = both_live();
        let before = stage.head();
        stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
        // The write is done, its answer is lost, and nobody can be asked any more.
        stage.sandbox.add_fault(Entry::new(write, Fault::DropAfter));
        let reads = match write {
            Operation::CreateVersion => {
                Entry::new(Operation::ListVersions, Fault::status(503)).nth(3)
            }
            _ => Entry::new(Operation::ReadFlow, Fault::status(503)).nth(5),
        };
        stage.sandbox.add_fault(reads.times(u32::MAX));
        let run = stage.push(&before);
        let run = run.env("FLOWGATE_AMBIGUOUS_READ_DELAYS", "0s,20ms");
        let done = run.end().ends(5, "it is not known whether");
        assert_eq!(done.outputs["result"], "unknown");
        stage.sandbox.clear_faults();
        stage.push(&before).end().ends(0, "");
        assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
        let cxone = stage.sandbox.state();
        assert_eq!(cxone.flow("accounts").unwrap().versions.len(), 2);
    }
}

#[test]
fn a_tenant_with_the_tutorials_calls_alone_gets_what_a_merge_changes_and_is_told_what_nobody_can_see()
 {
    let mut stage = Stage::on(Config::minimal());
    let before = stage.head();
    let files = [
        (A, flow("accounts", "1.0.0", "Hello")),
        (B, flow("billing", "1.0.0", "Hello")),
    ];
    stage.merge(1, &files);
    stage
        .push(&before)
        .end()
        .ends(0, "this tenant cannot show what is published");
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let writes = stage.writes();
    let done = stage.push(&before).end().ends(0, "");
    let published: Value = serde_json::from_str(&done.outputs["published"]).unwrap();
    assert_eq!(published.as_array().unwrap().len(), 1);
    assert_eq!(published[0]["verified"], false, "{published}");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert_eq!(stage.writes(), (writes.0 + 1, writes.1 + 1));
    // Nobody can take anything back where nobody can see what was live; a run by hand touches nothing.
    stage.dispatch().end().ends(0, "");
    assert_eq!(stage.writes(), (writes.0 + 1, writes.1 + 1));
}

#[test]
fn a_tenant_that_takes_no_first_version_is_an_assumption_before_and_no_success_after() {
    let mut stage = both_live();
    let before = stage.head();
    let new = [("flows/claims.json", flow("claims", "1.0.0", "Hello"))];
    let payload = propose(&stage, 7, &new);
    stage.event("pull_request", &payload).end().ends(0, "");
    let assumed = "assumed, since only the merge can tell: that CXone takes a version of a flow that it does not know yet";
    let body = stage.fake.state().bodies(7)[0].to_owned();
    assert!(body.contains(assumed), "{body}");
    // Of a flow that is live nothing has to be assumed.
    let payload = propose(&stage, 8, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.event("pull_request", &payload).end().ends(0, "");
    let body = stage.fake.state().bodies(8)[0].to_owned();
    assert!(!body.contains("assumed"), "{body}");

    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.merge(9, &new);
    // What the check's comment showed stands on the pull request that was merged.
    let shown = stage.fake.state().bodies(7)[0].to_owned();
    stage.fake.state().comment(9, ACTIONS_BOT, shown);
    let refused = Entry::new(Operation::CreateVersion, Fault::status(404));
    stage.sandbox.add_fault(refused.always());
    let done = stage.push(&before).end();
    let done = done.ends(4, "make an empty flow in CXone first");
    for said in [
        &done.log,
        &done.summary,
        &stage.fake.state().bodies(9).concat(),
    ] {
        assert!(
            !said.contains("as the pull request's comment showed it"),
            "{said}"
        );
    }
    stage.sandbox.clear_faults();
    stage
        .push(&before)
        .end()
        .ends(0, "as the pull request's comment showed it");
}
