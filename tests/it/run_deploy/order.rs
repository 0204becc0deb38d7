//! An older commit never writes over a newer one, and what was taken back comes back only by name.

use super::stage::{Stage, flow};
use super::{A, B, both_live};
use crate::support::github::{Fault, When};

fn checkout(stage: &Stage, commit: &str) {
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", commit]);
}

#[test]
fn last_weeks_job_run_again_does_not_bring_last_week_back() {
    let mut stage = both_live();
    let zero = stage.head();
    let week = stage.merge(2, &[(A, flow("accounts", "1.1.0", "Last week"))]);
    stage.push(&zero).end().ends(0, "1 live");
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "This week"))]);
    stage.push(&week).end().ends(0, "1 live");
    let writes = stage.writes();
    checkout(&stage, &week);
    let done = stage
        .push(&zero)
        .end()
        .ends(0, "the branch says otherwise of it since commit");
    assert!(!done.outputs.contains_key("published"));
    assert_eq!(stage.writes(), writes);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
}

#[test]
fn a_revert_makes_the_old_job_no_safer() {
    // The tip says again what last week said, and what is live comes from a later commit: the tip's own job decides.
    let mut stage = both_live();
    let zero = stage.head();
    let week = stage.merge(2, &[(A, flow("accounts", "1.3.0", "Last week"))]);
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "This week"))]);
    stage.push(&week).end().ends(0, "1 live");
    stage.merge(4, &[(A, flow("accounts", "1.3.0", "Last week"))]);
    let writes = stage.writes();
    checkout(&stage, &week);
    let done = stage.push(&zero).end();
    done.ends(0, "superseded by");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_history_that_github_does_not_know_is_gone_over_by_name_alone() {
    let mut stage = both_live();
    let zero = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    // The branch was rewritten: the commit that is live is nowhere.
    stage.fake.state().repository.parents.remove(&zero);
    let done = stage.push(&zero).end();
    done.ends(4, "GitHub does not know that commit");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    let done = stage.dispatch().env("FLOWGATE_FLOW", "accounts").end();
    done.ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn where_github_cannot_tell_whose_turn_it_is_nothing_is_written() {
    for (call, code, says) in [
        // Where the branch stands, what it holds, and whether this commit builds on what is live.
        ("/git/ref/heads/main", 4, "could not find the last commit"),
        ("/git/trees/", 4, "could not"),
        ("/compare/", 4, "is not known"),
    ] {
        let mut stage = both_live();
        let zero = stage.head();
        let first = stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
        stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
        checkout(&stage, &first);
        let writes = stage.writes();
        for _ in 0..12 {
            stage.fake.fail_next(When("GET", call), Fault::Status(503));
        }
        let done = stage.push(&zero).end();
        done.ends(code, says);
        assert_eq!(stage.writes(), writes, "{call}");
        assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"), "{call}");
    }
}

#[test]
fn what_was_taken_back_stays_so_until_a_dispatch_names_it() {
    let mut stage = both_live();
    let zero = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&zero).end().ends(0, "1 live");
    take_back(&stage);
    let writes = stage.writes();
    stage.dispatch().end().ends(0, "was taken back");
    assert_eq!(stage.writes(), writes);
    let done = stage.dispatch().env("FLOWGATE_FLOW", "accounts").end();
    done.ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert_eq!(stage.writes().0, writes.0, "no version is created for it");
}

#[test]
fn what_was_taken_back_stays_so_when_its_own_job_runs_again_and_comes_back_with_a_later_change() {
    let mut stage = both_live();
    let zero = stage.head();
    let first = stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let second = stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.push(&zero).end().ends(0, "2 live");
    take_back(&stage);
    let writes = stage.writes();
    stage.push(&zero).end().ends(0, "was taken back");
    // The version was made live by a later commit than the one whose job runs now.
    checkout(&stage, &first);
    stage.push(&zero).end().ends(0, "was taken back");
    assert_eq!(stage.writes(), writes);
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.merge(4, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    stage.push(&second).end().ends(0, "");
    let reverted = stage.head();
    stage.merge(5, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&reverted).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert_eq!(stage.writes().0, writes.0, "the version is stored already");
}

/// Somebody publishes the first version of `accounts` again, in CXone and without Flowgate.
fn take_back(stage: &Stage) {
    let cxone = stage.sandbox.state();
    let first = cxone.flow("accounts").unwrap().versions[0].id.clone();
    stage.publish("accounts", &first);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}
