//! `flowgate run` on pull requests, as a runner would call it: real git, the fake GitHub, the sandbox as tenant.

mod bases;
mod changed;
mod renamed;
mod told;
mod withheld;

use std::fs;

use serde_json::{Value, json};

use crate::run_deploy::stage::{Done, Stage, flow};
use crate::support::github::{ACTIONS_BOT, Fault, When};

pub(crate) const FLOW: &str = "flows/a.json";

/// A pull request with these files is open; the checkout is GitHub's trial merge, as `actions/checkout` makes it.
pub(crate) fn propose(stage: &Stage, number: u64, files: &[(&str, String)]) -> Value {
    propose_as(stage, number, || stage.commit(files))
}

/// The same, from a repository of somebody else's.
pub(crate) fn propose_from_a_fork(stage: &Stage, number: u64, files: &[(&str, String)]) -> Value {
    const FORK: u64 = 99;
    let mut payload = propose(stage, number, files);
    payload["pull_request"]["head"]["repo"]["id"] = json!(FORK);
    let mut github = stage.fake.state();
    let pull = github.pulls.get_mut(&number).unwrap();
    pull.head_repository = Some(FORK);
    payload
}

/// The same as [`propose`], for whatever `change` commits.
pub(crate) fn propose_as(stage: &Stage, number: u64, change: impl FnOnce() -> String) -> Value {
    let git = |args: &[&str]| stage.repo.run_git(args);
    let base = git(&["rev-parse", "main"]);
    git(&[
        "checkout",
        "--quiet",
        "-B",
        &format!("topic-{number}"),
        "main",
    ]);
    let topic = change();
    git(&["checkout", "--quiet", "--detach", "main"]);
    git(&["merge", "--quiet", "--no-ff", "--message", "trial", &topic]);
    stage.mirror();
    let trial = stage.head();
    let mut github = stage.fake.state();
    let pull = github.open_pull(number, "nobody");
    pull.head.clone_from(&topic);
    pull.merge_commit = Some(trial.clone());
    json!({"action": "synchronize", "number": number, "pull_request": {
        "number": number, "merged": false, "merge_commit_sha": trial,
        "head": {"ref": format!("topic-{number}"), "sha": topic, "repo": {"id": 10}},
        "base": {"ref": "main", "sha": base, "repo": {"id": 10}},
    }})
}

pub(super) fn check(stage: &mut Stage, event: &str, payload: &Value) -> Done {
    stage.event(event, payload).end()
}

fn bodies(stage: &Stage, pull: u64) -> Vec<String> {
    let github = stage.fake.state();
    github.bodies(pull).into_iter().map(str::to_owned).collect()
}

/// What a reader sees of them, and what was shown: all but what names the run.
pub(super) fn said(stage: &Stage, pull: u64) -> Vec<String> {
    let rest = |body: String| {
        let (_, rest) = body.split_once('\n').unwrap();
        let (text, link) = rest.rsplit_once("/actions/runs/").unwrap();
        format!("{text}{}", link.split_once(')').unwrap().1)
    };
    bodies(stage, pull).into_iter().map(rest).collect()
}

/// A flow that is live as it stands on `main`.
fn live(stage: &mut Stage) {
    let before = stage.head();
    stage.merge(1, &[(FLOW, flow("a", "1.0.0", "hello"))]);
    stage.push(&before).end().ends(0, "live");
}

/// Its End is named by nobody: a caller is led nowhere.
pub(crate) fn broken() -> String {
    flow("a", "1.1.0", "hello").replace(r#""targetId": "e""#, r#""targetId": "f""#)
}

#[test]
fn a_comment_says_what_merging_would_do_changes_in_place_and_flips_to_green() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    let done = check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    let outputs = &done.outputs;
    assert_eq!(outputs["result"], "findings");
    assert_eq!(
        (
            outputs["changed-count"].as_str(),
            outputs["error-count"].as_str()
        ),
        ("1", "1")
    );
    assert!(
        done.log.contains("::error file=flows/a.json,line="),
        "{}",
        done.log
    );
    assert!(done.summary.contains("1 thing to fix"), "{}", done.summary);
    let [body] = &bodies(&stage, 7)[..] else {
        panic!("one comment")
    };
    let pull = &payload["pull_request"];
    let [head, base] = ["head", "base"].map(|side| pull[side]["sha"].as_str().unwrap());
    for word in [
        "<!-- flowgate kind=check",
        &format!("<!-- flowgate shows @base={base} a=fg1."),
        "live on CXone",
        "1.0.0",
        &format!("/blob/{head}/flows/a.json"),
    ] {
        assert!(body.contains(word), "{word} is not in\n{body}");
    }
    let github = stage.fake.state();
    let comment = github.comments.iter().find(|comment| comment.pull == 7);
    assert_eq!(outputs["comment-id"], comment.unwrap().id.to_string());
    drop(github);

    // The same again: nothing new to say, nothing is written.
    let writes = stage.fake.writes().len();
    check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    assert_eq!(stage.fake.writes().len(), writes);

    let payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let done = check(&mut stage, "pull_request", &payload).ends(0, "would hear");
    assert_eq!(
        (
            done.outputs["result"].as_str(),
            done.outputs["modified"].as_str()
        ),
        ("passed", "1")
    );
    let [body] = &bodies(&stage, 7)[..] else {
        panic!("one comment")
    };
    assert!(body.contains("✅") && body.contains("good day"), "{body}");
}

/// Another workflow of the repository may write what a stranger gave it, under the name of the same token.
#[test]
fn a_comment_that_claims_a_later_run_does_not_keep_the_verdict_off() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    let head = payload["pull_request"]["head"]["sha"].as_str().unwrap();
    let forged = format!(
        "<!-- flowgate kind=check target= job=0 head={head} run=999999999999 attempt=1 -->\nAll is well."
    );
    stage.fake.state().comment(7, ACTIONS_BOT, forged);
    check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    let [body] = &bodies(&stage, 7)[..] else {
        panic!("one comment")
    };
    assert!(body.contains("1 thing to fix"), "{body}");
}

#[test]
fn a_pull_request_without_flows_gets_no_comment_and_one_that_has_none_any_more_says_so() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[("README.md", "more".into())]);
    check(&mut stage, "pull_request", &payload).ends(0, "");
    assert!(bodies(&stage, 7).is_empty());

    let payload = propose(&stage, 8, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    check(&mut stage, "pull_request", &payload).ends(0, "");
    let payload = propose(&stage, 8, &[("README.md", "more".into())]);
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    let [body] = &bodies(&stage, 8)[..] else {
        panic!("one comment")
    };
    assert!(body.contains("touches no flow any more"), "{body}");
    assert_eq!(done.outputs["changed-count"], "0");
}

#[test]
fn a_change_is_judged_by_the_settings_of_its_base_and_says_that_it_touches_them() {
    let mut stage = Stage::new();
    let payload = propose(
        &stage,
        7,
        &[
            (FLOW, broken()),
            ("flowgate.toml", "fail-on = \"never\"\n".into()),
        ],
    );
    let done = check(&mut stage, "pull_request", &payload).ends(1, "policy-changed");
    assert!(
        bodies(&stage, 7)[0].contains("policy-changed")
            || bodies(&stage, 7)[0].contains("flowgate.toml")
    );
    assert_eq!(done.outputs["warning-count"], "1");

    // Once it stands on the base, it holds.
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.commit(&[("flowgate.toml", "fail-on = \"never\"\n".into())]);
    let payload = propose(&stage, 8, &[(FLOW, broken())]);
    check(&mut stage, "pull_request", &payload).ends(0, "connector-missing-target");
}

#[test]
fn what_a_shallow_clone_lacks_github_tells_in_a_handful_of_calls() {
    let mut stage = Stage::new();
    let many: Vec<(String, String)> = (0..100)
        .map(|n| {
            (
                format!("flows/{n:03}.json"),
                flow(&format!("f{n}"), "1.0.0", "hello"),
            )
        })
        .collect();
    let files: Vec<(&str, String)> = many
        .iter()
        .map(|(path, text)| (path.as_str(), text.clone()))
        .collect();
    stage.commit(&files);
    let changed: Vec<(&str, String)> = many
        .iter()
        .map(|(path, text)| {
            (
                path.as_str(),
                text.replace("hello", "good day").replace("1.0.0", "1.1.0"),
            )
        })
        .collect();
    stage.commit(&[("flowgate.toml", "max-changes = 100\n".into())]);
    let payload = propose(&stage, 7, &changed);
    let whole = check(&mut stage, "pull_request", &payload).ends(0, "");
    let text = said(&stage, 7);
    stage.fake.state().comments.clear();

    // As `actions/checkout` leaves it: one commit, and nothing of its parents.
    let trial = stage.head();
    let shallow = stage.folder.path().join("shallow");
    let from = format!("file://{}", stage.repo.root().display());
    stage.repo.run_git(&["branch", "--force", "trial", &trial]);
    stage.repo.run_git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=trial",
        &from,
        shallow.to_str().unwrap(),
    ]);
    let before = stage.fake.requests().len();
    let done = stage
        .event("pull_request", &payload)
        .cwd(&shallow)
        .end()
        .ends(0, "");
    assert_eq!(said(&stage, 7), text, "the same, whoever tells it");
    assert_eq!(
        done.outputs["changed-count"],
        whole.outputs["changed-count"]
    );
    let all: Vec<String> = stage.fake.requests()[before..]
        .iter()
        .map(|request| format!("{} {}", request.method, request.path))
        .collect();
    let of_comment =
        |request: &&String| request.contains("/issues/") || request.contains("/pulls/");
    let comment = all.iter().filter(of_comment).count();
    // Whoever writes the comment, the files of a hundred flows before and after take no more than those of one.
    assert!(all.len() - comment <= 5 && comment <= 4, "{all:#?}");

    // Without git at all it is GitHub's alone.
    let bare = stage.folder.path().join("bare");
    fs::create_dir(&bare).unwrap();
    stage
        .event("pull_request", &payload)
        .cwd(&bare)
        .end()
        .ends(0, "");
    assert_eq!(said(&stage, 7), text);
}

#[test]
fn a_stranger_s_pull_request_is_data_and_never_the_work_tree() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose_from_a_fork(&stage, 7, &[(FLOW, broken())]);
    // What lies in the work tree is something else.
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.repo.write(FLOW, "no flow at all");
    let done =
        check(&mut stage, "pull_request_target", &payload).ends(1, "connector-missing-target");
    assert!(!done.log.contains("not-json"), "{}", done.log);
    assert_eq!(bodies(&stage, 7).len(), 1);
    assert_eq!(stage.writes(), (1, 1), "only what was live before");

    payload["action"] = json!("closed");
    payload["pull_request"]["merged"] = json!(true);
    check(&mut stage, "pull_request_target", &payload).ends(0, "never deploys");
}

#[test]
fn without_the_right_to_comment_everything_stands_in_the_summary() {
    let mut stage = Stage::new();
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    stage.fake.state().may_write = false;
    let done = check(&mut stage, "pull_request", &payload).ends(1, "pull-requests: write");
    assert!(done.summary.contains("1 thing to fix"), "{}", done.summary);
    assert!(done.log.contains("::notice"), "{}", done.log);
    assert_eq!(done.outputs.get("comment-id"), None);
}

#[test]
fn github_that_does_not_answer_is_no_verdict() {
    let mut stage = Stage::new();
    let payload = propose(&stage, 7, &[(FLOW, flow("a", "1.0.0", "hello"))]);
    let bare = stage.folder.path().join("bare");
    fs::create_dir(&bare).unwrap();
    for _ in 0..8 {
        stage
            .fake
            .fail_next(When("GET", "/git/"), Fault::Status(502));
    }
    let done = stage
        .event("pull_request", &payload)
        .cwd(&bare)
        .end()
        .ends(4, "could not");
    assert_eq!(done.outputs["result"], "failed");
    assert!(
        done.summary.contains("The flows were not checked"),
        "{}",
        done.summary
    );
}

#[test]
fn a_merge_queue_is_checked_and_commented_on_nowhere() {
    let mut stage = Stage::new();
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    let group = json!({"action": "checks_requested", "merge_group": {
        "head_sha": stage.head(), "base_sha": payload["pull_request"]["base"]["sha"],
        "base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-7",
    }});
    check(&mut stage, "merge_group", &group).ends(1, "connector-missing-target");
    assert!(stage.fake.writes().is_empty());
}

#[test]
fn events_that_mean_nothing_here_are_a_notice() {
    let mut stage = Stage::new();
    for (event, payload) in [
        ("release", json!({"action": "published"})),
        (
            "push",
            json!({"ref": "refs/heads/topic", "before": "0".repeat(40), "after": "1".repeat(40), "created": true, "deleted": false, "forced": false}),
        ),
        (
            "push",
            json!({"ref": "refs/tags/v1", "before": "0".repeat(40), "after": "1".repeat(40), "created": true, "deleted": false, "forced": false}),
        ),
    ] {
        check(&mut stage, event, &payload).ends(0, "notice: ");
    }
    // A branch may be the one that `flowgate.toml` on `main` names; a tag is none, and a release is no push.
    let asked: Vec<String> = stage.fake.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(asked, ["/api/v3/repos/acme/flows/git/ref/heads/main"]);
}

#[test]
fn secrets_are_masked_for_the_runner_and_written_nowhere() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    let masks: Vec<&str> = done
        .log
        .lines()
        .filter_map(|line| line.strip_prefix("::add-mask::"))
        .collect();
    assert!(masks.contains(&"t0ken"), "GitHub's");
    assert!(
        masks.len() >= 3,
        "the client's secret and the token that CXone handed out: {}",
        masks.len()
    );
    let bodies = bodies(&stage, 7).join("");
    for secret in masks {
        let elsewhere = done
            .log
            .lines()
            .filter(|line| !line.starts_with("::add-mask::"))
            .any(|line| line.contains(secret));
        assert!(!elsewhere && !done.summary.contains(secret) && !bodies.contains(secret));
    }
}
