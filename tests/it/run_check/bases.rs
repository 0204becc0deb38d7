//! What a pull request is compared with, whatever the event and the checkout are like.

use serde_json::json;

use super::{FLOW, bodies, broken, check, live, propose, propose_as};
use crate::run_deploy::stage::{Stage, flow};

const OTHER: &str = "flows/b.json";

/// Main has another flow by now, and GitHub has made a new trial merge, which is checked out.
fn main_moves_on(stage: &Stage, number: u64) -> String {
    let git = |args: &[&str]| stage.repo.run_git(args);
    git(&["checkout", "--quiet", "main"]);
    stage.commit(&[(OTHER, flow("b", "1.0.0", "hello"))]);
    git(&["checkout", "--quiet", "--detach", "main"]);
    let topic = format!("topic-{number}");
    git(&["merge", "--quiet", "--no-ff", "--message", "trial", &topic]);
    stage.mirror();
    let trial = stage.head();
    let mut github = stage.fake.state();
    github.pulls.get_mut(&number).unwrap().merge_commit = Some(trial.clone());
    trial
}

#[test]
fn a_title_that_is_edited_after_main_moved_on_changes_nothing_of_what_is_compared() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose(&stage, 7, &[(FLOW, broken())]);
    let trial = main_moves_on(&stage, 7);
    payload["action"] = json!("edited");
    payload["changes"] = json!({"title": {"from": "Another title"}});
    payload["pull_request"]["merge_commit_sha"] = json!(trial);
    let done = check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    assert_eq!(done.outputs["changed-count"], "1", "{}", done.summary);
    assert!(!done.log.contains("was not looked at"), "{}", done.log);
}

#[test]
fn a_checkout_of_the_proposed_branch_is_no_reason_to_look_past_the_trial_merge() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let trial = main_moves_on(&stage, 7);
    stage.repo.run_git(&["checkout", "--quiet", "topic-7"]);
    payload["pull_request"]["merge_commit_sha"] = json!(trial);
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    assert!(!done.log.contains("was not looked at"), "{}", done.log);
    assert_eq!(done.outputs["changed-count"], "1", "{}", done.summary);

    // An event that names no trial merge, as `pull_request_target` often does not: GitHub is asked for it.
    payload["pull_request"]["merge_commit_sha"] = serde_json::Value::Null;
    for event in ["pull_request", "pull_request_target"] {
        let done = check(&mut stage, event, &payload).ends(0, "");
        assert!(!done.log.contains("was not looked at"), "{}", done.log);
        assert_eq!(done.outputs["changed-count"], "1", "{}", done.summary);
    }
}

#[test]
fn a_merge_that_the_author_made_is_not_taken_for_githubs_own() {
    let mut stage = Stage::new();
    live(&mut stage);
    // The branch holds settings that excuse everything, and a merge whose first parent has them.
    let mut payload = propose_as(&stage, 7, || {
        stage.commit(&[("flowgate.toml", "fail-on = \"never\"\n".to_owned())]);
        let excused = stage.head();
        stage
            .repo
            .run_git(&["checkout", "--quiet", "-B", "side", "main"]);
        stage.commit(&[(FLOW, broken())]);
        stage
            .repo
            .run_git(&["checkout", "--quiet", "--detach", &excused]);
        stage
            .repo
            .run_git(&["merge", "--quiet", "--no-ff", "--message", "mine", "side"]);
        stage
            .repo
            .run_git(&["branch", "--force", "topic-7", "HEAD"]);
        stage.mirror();
        stage.head()
    });
    let head = payload["pull_request"]["head"]["sha"]
        .as_str()
        .unwrap()
        .to_owned();
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", &head]);
    // GitHub has no trial merge: the event's own is of an older head.
    payload["pull_request"]["merge_commit_sha"] = serde_json::Value::Null;
    stage.fake.state().pulls.get_mut(&7).unwrap().merge_commit = None;
    let done = check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    assert!(
        done.log.contains("the merge itself was not looked at"),
        "{}",
        done.log
    );
}

#[test]
fn without_a_trial_merge_the_files_are_held_against_the_branch_as_it_stands() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    main_moves_on(&stage, 7);
    stage.repo.run_git(&["checkout", "--quiet", "topic-7"]);
    payload["pull_request"]["merge_commit_sha"] = serde_json::Value::Null;
    {
        let mut github = stage.fake.state();
        let pull = github.pulls.get_mut(&7).unwrap();
        pull.merge_commit = None;
        pull.mergeable = Some(false);
    }
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    for says in [
        "the merge itself was not looked at",
        "conflicts with `main`",
    ] {
        assert!(done.log.contains(says), "{says} is not in\n{}", done.log);
    }
    // What main has changed since is no part of the change.
    assert_eq!(done.outputs["changed-count"], "1", "{}", done.summary);
    assert!(!done.summary.contains("deleted"), "{}", done.summary);
}

#[test]
fn a_review_of_a_pull_request_is_checked_like_the_pull_request_where_a_check_is_asked_for() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose(&stage, 7, &[(FLOW, broken())]);
    payload["action"] = json!("submitted");
    let run = stage.event("pull_request_review", &payload);
    let done = run.env("FLOWGATE_MODE", "check").end();
    done.ends(1, "connector-missing-target");
    assert_eq!(bodies(&stage, 7).len(), 1);
}

#[test]
fn a_branch_by_itself_is_compared_with_where_it_left_the_default_branch() {
    let mut stage = Stage::new();
    live(&mut stage);
    let git = |stage: &Stage, args: &[&str]| stage.repo.run_git(args);
    git(&stage, &["checkout", "--quiet", "-b", "topic"]);
    let first = stage.commit(&[(FLOW, broken())]);
    let second = stage.commit(&[("README.md", "more".to_owned())]);
    git(&stage, &["checkout", "--quiet", "--detach", &second]);
    let zero = "0".repeat(40);
    for before in [zero.as_str(), first.as_str()] {
        let push = json!({"ref": "refs/heads/topic", "before": before, "after": second,
            "created": before == zero, "deleted": false, "forced": false});
        let run = stage.event("push", &push).env("FLOWGATE_MODE", "check");
        let done = run.end().ends(1, "connector-missing-target");
        assert_eq!(done.outputs["changed-count"], "1", "{}", done.summary);
    }
    // The same by hand.
    let by_hand = json!({"ref": "refs/heads/topic", "inputs": {}});
    let run = stage
        .event("workflow_dispatch", &by_hand)
        .env("FLOWGATE_MODE", "check");
    run.end().ends(1, "connector-missing-target");
}

#[test]
fn merging_into_a_branch_that_is_not_deployed_publishes_nothing_and_is_said_to() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    payload["pull_request"]["base"]["ref"] = json!("feature");
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    let says = "merging into `feature` publishes nothing: flows are deployed from `main`";
    assert!(done.log.contains(says), "{}", done.log);
    assert!(!done.log.contains("creates 1.1.0"), "{}", done.log);
    assert_eq!(done.outputs["modified"], "1");
}

#[test]
fn flows_that_a_change_of_the_globs_covers_are_checked_and_shown_and_not_yet_published() {
    let mut stage = Stage::new();
    live(&mut stage);
    let faulty = flow("c", "1.0.0", "hello").replace(r#""targetId": "e""#, r#""targetId": "f""#);
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.commit(&[("more/c.json", faulty.clone())]);
    let globs = "flows = [\"flows/*.json\", \"more/*.json\"]\n";
    let payload = propose(
        &stage,
        7,
        &[
            ("flowgate.toml", globs.to_owned()),
            ("more/d.json", flow("d", "1.0.0", "hello")),
        ],
    );
    let done = check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    for says in [
        "more/c.json",
        "more/d.json",
        "the next change of it publishes it",
    ] {
        assert!(done.log.contains(says), "{says} is not in\n{}", done.log);
    }
    assert!(!done.log.contains("creates 1.0.0"), "{}", done.log);

    // Settings that cannot be used are no surprise for the next change.
    let payload = propose(&stage, 8, &[("flowgate.toml", "flows = 7\n".to_owned())]);
    check(&mut stage, "pull_request", &payload).ends(2, "flowgate.toml");
}

#[test]
fn a_second_group_of_a_queue_may_not_give_the_number_of_the_first_to_other_content() {
    let mut stage = Stage::new();
    live(&mut stage);
    stage
        .repo
        .run_git(&["checkout", "--quiet", "-B", "queue", "main"]);
    let first = stage.commit(&[(FLOW, flow("a", "1.1.0", "good day"))]);
    let second = stage.commit(&[(FLOW, flow("a", "1.1.0", "good evening"))]);
    let group = |head: &str, base: &str| {
        json!({"action": "checks_requested", "merge_group": {
            "head_sha": head, "base_sha": base,
            "base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-8",
        }})
    };
    let main = stage.repo.run_git(&["rev-parse", "main"]);
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", &first]);
    check(&mut stage, "merge_group", &group(&first, &main)).ends(0, "creates 1.1.0");
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", &second]);
    let done = check(&mut stage, "merge_group", &group(&second, &first));
    let done = done.ends(1, "the base branch has 1.1.0 for other content already");
    assert!(
        done.log.contains("1.1.1") || done.log.contains("1.2.0"),
        "{}",
        done.log
    );
}

#[test]
fn a_check_says_of_what_was_pushed_past_the_pull_requests_what_the_deployment_says() {
    let mut stage = Stage::new();
    live(&mut stage);
    stage.commit(&[(FLOW, flow("a", "1.1.0", "pushed"))]);
    let payload = propose(&stage, 7, &[(OTHER, flow("b", "1.0.0", "hello"))]);
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    let says = "by dana changed it without a merged pull request";
    assert!(done.log.contains(says), "{}", done.log);
    assert!(!done.log.contains("creates 1.1.0"), "{}", done.log);
}

#[test]
fn without_any_base_a_check_says_so_and_is_not_green() {
    let mut stage = Stage::new();
    live(&mut stage);
    let git = |stage: &Stage, args: &[&str]| stage.repo.run_git(args);
    git(&stage, &["checkout", "--quiet", "--orphan", "topic"]);
    let head = stage.commit(&[(FLOW, flow("a", "1.1.0", "good day"))]);
    git(&stage, &["checkout", "--quiet", "--detach", &head]);
    let zero = "0".repeat(40);
    let push = json!({"ref": "refs/heads/topic", "before": zero, "after": head,
        "created": true, "deleted": false, "forced": false});
    let by_hand = json!({"ref": "refs/heads/topic", "inputs": {}});
    let nothing_in_common =
        "no commit was found that this branch and the default branch `main` have in common";
    let not_found = "where the default branch `main` stands could not be found out";
    for (token, why) in [("t0ken", nothing_in_common), ("", not_found)] {
        for (event, payload) in [("push", &push), ("workflow_dispatch", &by_hand)] {
            let run = stage.event(event, payload).env("FLOWGATE_MODE", "check");
            let run = run
                .env("GITHUB_TOKEN", token)
                .env("FLOWGATE_BASELINE", "base");
            let done = run.end().ends(1, "base-unknown");
            assert!(done.log.contains(why), "{why} is not in\n{}", done.log);
            // Whoever says what to compare with is taken at their word.
            let run = stage.event(event, payload).env("FLOWGATE_MODE", "check");
            let run = run
                .env("GITHUB_TOKEN", token)
                .env("FLOWGATE_BASELINE", "base");
            let run = run.env("FLOWGATE_BASE", "main");
            assert!(!run.end().log.contains("base-unknown"));
        }
    }
    // The first commit of all has nothing before it, and that is known.
    git(&stage, &["branch", "--force", "main", &head]);
    stage.mirror();
    let run = stage
        .event("workflow_dispatch", &by_hand)
        .env("FLOWGATE_MODE", "check");
    let done = run.env("FLOWGATE_BASELINE", "base").end().ends(0, "");
    assert!(!done.log.contains("base-unknown"), "{}", done.log);
}
