//! What is deployed at all: merges, and nothing that only looks like one.

use serde_json::{Value, json};

use super::stage::{Stage, flow};
use super::{A, B, both_live};
use crate::support::github::{FakePull, Fault, When};

fn one_merge() -> (Stage, String) {
    let stage = Stage::new();
    let before = stage.head();
    stage.merge(7, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    (stage, before)
}

#[test]
fn a_direct_push_is_refused_unless_a_setting_allows_it() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.commit(&[(A, flow("accounts", "1.0.0", "Hello"))]);
    let done = stage.push(&before).end();
    let done = done.ends(3, "the commit belongs to no merged pull request");
    assert!(done.log.contains("run the job again"), "{}", done.log);
    assert!(
        !done.log.contains("direct-push"),
        "no advice to open the gate: {}",
        done.log
    );
    assert!(
        done.summary.contains("no merged pull request"),
        "{}",
        done.summary
    );
    assert_eq!(stage.writes(), (0, 0));
    let done = stage
        .push(&before)
        .env("FLOWGATE_DIRECT_PUSH", "deploy")
        .end();
    done.ends(0, "`direct-push` is `deploy`");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn pushes_that_make_rewrite_or_delete_the_branch_write_nothing() {
    for (what, code) in [("created", 3), ("forced", 3), ("deleted", 0)] {
        let (mut stage, before) = one_merge();
        let mut push = Stage::push_of(&before, &stage.head());
        push[what] = json!(true);
        stage.event("push", &push).end().ends(code, "");
        assert_eq!(stage.writes(), (0, 0), "{what}");
    }
}

fn closed(stage: &Stage, head_repository: &Value, merge: &str) -> Value {
    let pull = stage.fake.state().pulls[&7].clone();
    json!({"action": "closed", "pull_request": {
        "number": 7, "merged": true, "merge_commit_sha": merge,
        "commits": pull.commits.len(),
        "head": {"ref": "topic-7", "sha": pull.head, "repo": head_repository},
        "base": {"ref": "main", "sha": pull.head, "repo": {"id": 10}},
    }})
}

#[test]
fn a_closed_pull_request_is_deployed_from_its_merge_commit_and_no_other() {
    let (mut stage, _) = one_merge();
    let merge = stage.head();
    let event = closed(&stage, &json!({"id": 10}), &merge);
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", "topic-7"]);
    let done = stage.event("pull_request", &event).end();
    let done = done.ends(3, "ref: ${{ github.event.pull_request.merge_commit_sha }}");
    let summary = done.summary.replace('\\', "");
    assert!(
        summary.contains("pull_request.merge_commit_sha"),
        "{summary}"
    );
    assert_eq!(stage.writes(), (0, 0));
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.event("pull_request", &event).end().ends(0, "1 live");
}

/// Both flows are live and nobody has put them there with us: only a pull request that touches them takes them over.
fn both_of_old() -> Stage {
    let stage = Stage::new();
    for (path, id) in [(A, "accounts"), (B, "billing")] {
        let old = flow(id, "1.0.0", "Of old");
        stage.sandbox.seed_published(&old, "1.0.0").unwrap();
        stage.commit(&[(path, old)]);
    }
    stage
}

/// Two commits, one for each flow, on top of `main`, by the pull request #7.
fn two_commits(stage: &Stage) -> [String; 2] {
    [(A, "accounts"), (B, "billing")]
        .map(|(path, id)| stage.commit(&[(path, flow(id, "1.1.0", "Anew"))]))
}

#[test]
fn all_commits_of_a_rebased_pull_request_are_deployed_by_its_closed_event() {
    let mut stage = both_of_old();
    let commits = two_commits(&stage);
    let merge = commits[1].clone();
    {
        let mut github = stage.fake.state();
        let pull = github.open_pull(7, "nobody");
        pull.merged = true;
        pull.merge_commit = Some(merge.clone());
        pull.commits = commits.to_vec();
    }
    stage.make_shallow();
    let event = closed(&stage, &json!({"id": 10}), &merge);
    stage
        .event("pull_request", &event)
        .end()
        .ends(0, "2 flows: 2 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn a_squashed_pull_request_is_its_last_commit_alone_however_many_were_proposed() {
    let mut stage = both_of_old();
    let [other, merge] = two_commits(&stage);
    {
        let mut github = stage.fake.state();
        let pull = github.open_pull(6, "nobody");
        pull.commits = vec![other];
        let pull = github.open_pull(7, "nobody");
        pull.merged = true;
        pull.merge_commit = Some(merge.clone());
        pull.commits = vec![pull.head.clone(), "one more".to_owned(), merge.clone()];
    }
    let event = closed(&stage, &json!({"id": 10}), &merge);
    stage.event("pull_request", &event).end().ends(0, "1 live");
    assert_eq!(
        stage.live("accounts").as_deref(),
        Some("1.0.0"),
        "nobody asked"
    );
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
}

#[test]
fn a_fork_is_not_deployed_from_its_own_event() {
    for head in [json!({"id": 99}), Value::Null] {
        let (mut stage, _) = one_merge();
        let event = closed(&stage, &head, &stage.head());
        let done = stage.event("pull_request", &event).end();
        done.ends(3, "comes from a fork");
        assert_eq!(stage.writes(), (0, 0));
    }
}

/// Whoever writes the payload of an event into a job's own file does not change what GitHub and git know.
#[test]
fn a_payload_that_says_merged_is_believed_only_with_what_github_says_of_the_commit() {
    type Change = fn(&mut Stage);
    let not_so: [(&str, Change); 4] = [
        ("knows of no merge into `main` that did", |stage| {
            stage.fake.state().pulls.get_mut(&7).unwrap().merged = false;
        }),
        ("knows of no merge into `main` that did", |stage| {
            stage.fake.state().pulls.get_mut(&7).unwrap().base_ref = "other".to_owned();
        }),
        ("GitHub says that #8 did", |stage| {
            let mut github = stage.fake.state();
            let seven = github.pulls.remove(&7).unwrap();
            let eight = github.open_pull(8, "nobody");
            *eight = FakePull { number: 8, ..seven };
        }),
        (
            "GitHub could not say whether pull request #7 made",
            |stage| {
                for _ in 0..9 {
                    stage
                        .fake
                        .fail_next(When("GET", "/commits/"), Fault::Status(502));
                }
            },
        ),
    ];
    for (said, change) in not_so {
        let (mut stage, _) = one_merge();
        let event = closed(&stage, &json!({"id": 10}), &stage.head());
        change(&mut stage);
        stage.event("pull_request", &event).end().ends(3, said);
        assert_eq!(stage.writes(), (0, 0), "{said}");
    }
    // Nor does a run write whose ref is not that of its event.
    let (mut stage, before) = one_merge();
    let merged = closed(&stage, &json!({"id": 10}), &stage.head());
    let push = Stage::push_of(&before, &stage.head());
    for (name, event) in [("pull_request", merged), ("push", push)] {
        let run = stage
            .event(name, &event)
            .env("GITHUB_REF", "refs/heads/topic");
        run.end().ends(2, "`GITHUB_REF` is `refs/heads/topic`");
        assert_eq!(stage.writes(), (0, 0), "{name}");
    }
}

#[test]
fn a_run_by_hand_creates_a_flow_that_it_names_and_no_other() {
    let (mut stage, _) = one_merge();
    let done = stage.dispatch().end().ends(0, "started by hand on `main`");
    assert_eq!(stage.live("accounts"), None, "nobody named it");
    assert!(done.audit.contains("RUN_END"));
    let named = stage.dispatch().env("FLOWGATE_FLOW", "accounts");
    named.end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    // And says so where it was asked for a flow that there is not.
    let done = stage.dispatch().env("FLOWGATE_FLOW", "acounts").end();
    done.ends(2, "no flow file has the `flowId` `acounts`");
}

#[test]
fn without_a_token_or_without_github_nothing_is_written() {
    let (mut stage, before) = one_merge();
    stage
        .push(&before)
        .env("GITHUB_TOKEN", "")
        .end()
        .ends(3, "there is no token");
    for _ in 0..4 {
        stage
            .fake
            .fail_next(When("GET", "/pulls"), Fault::Status(503));
    }
    let done = stage.push(&before).end();
    done.ends(
        3,
        "GitHub could not say whether the commit belongs to a merged pull request",
    );
    for _ in 0..4 {
        stage
            .fake
            .fail_next(When("GET", "/git/ref/heads/main"), Fault::Status(503));
    }
    let done = stage.push(&before).end();
    done.ends(4, "could not find the last commit of the branch");
    assert_eq!(stage.writes(), (0, 0));
    stage.push(&before).end().ends(0, "1 live");
}

#[test]
fn another_deploy_branch_counts_where_the_default_branch_names_it() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(7, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    let mut push = Stage::push_of(&before, &stage.head());
    push["ref"] = json!("refs/heads/live");
    let live = |stage: &mut Stage| {
        let run = stage.event("push", &push);
        run.env("FLOWGATE_DEPLOY_BRANCH", "live").end()
    };
    live(&mut stage).ends(3, "on the default branch `main` does not say so");
    stage.fake.state().pulls.get_mut(&7).unwrap().base_ref = "live".to_owned();
    let merged = stage.head();
    stage.commit(&[("flowgate.toml", "deploy-branch = \"live\"\n".to_owned())]);
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", &merged]);
    stage
        .fake
        .state()
        .repository
        .branches
        .insert("live".to_owned(), merged);
    live(&mut stage).ends(0, "pull request #7 was merged into `live`");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn the_default_branch_s_own_word_on_the_deploy_branch_needs_no_second_one() {
    let mut stage = Stage::new();
    stage.commit(&[("flowgate.toml", "deploy-branch = \"live\"\n".to_owned())]);
    let before = stage.head();
    stage.merge(7, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    let merged = stage.head();
    // What went to the default branch is not what is deployed now.
    let done = stage.push(&before).end();
    done.ends(0, "flows are deployed from `live`");
    assert_eq!(stage.writes(), (0, 0));

    let mut push = Stage::push_of(&before, &merged);
    push["ref"] = json!("refs/heads/live");
    {
        let mut github = stage.fake.state();
        github.pulls.get_mut(&7).unwrap().base_ref = "live".to_owned();
        let branches = &mut github.repository.branches;
        branches.insert("live".to_owned(), merged);
    }
    // GitHub cannot be asked which branch it is: nothing is done, and that is no success.
    for _ in 0..4 {
        let tip = When("GET", "/git/ref/heads/main");
        stage.fake.fail_next(tip, Fault::Status(503));
    }
    let done = stage.event("push", &push).end();
    let done = done.ends(4, "could not find the last commit of the branch");
    assert_eq!(done.outputs["result"], "failed");
    let done = stage.event("push", &push).end();
    done.ends(0, "pull request #7 was merged into `live`");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn any_depth_of_checkout_will_do() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.make_shallow();
    stage.push(&before).end().ends(0, "1 flow: 1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn what_a_step_before_changed_is_not_deployed() {
    let (mut stage, before) = one_merge();
    stage
        .repo
        .write(A, flow("accounts", "6.6.6", "Nobody saw this"));
    // Bytes come from the commit; the work tree is not looked at.
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn a_run_without_a_checkout_says_that_and_blames_nobody_else() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    let empty = stage.folder.path().join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let sources = empty.join("sources");
    let clone = [
        "worktree",
        "add",
        "--quiet",
        "--detach",
        sources.to_str().unwrap(),
    ];
    stage.repo.run_git(&clone);
    let closed = json!({"action": "closed", "number": 2, "pull_request": {
        "number": 2, "merged": true, "merge_commit_sha": stage.head(), "commits": 1,
        "head": {"ref": "topic-2", "sha": stage.head(), "repo": {"id": 10}},
        "base": {"ref": "main", "sha": before, "repo": {"id": 10}},
    }});
    let by_hand = json!({"ref": "refs/heads/main", "inputs": {}});
    let push = Stage::push_of(&before, &stage.head());
    let nothing = "git does not say which commit is checked out";
    for (event, payload, code, says) in [
        ("push", &push, 3, nothing),
        ("pull_request", &closed, 3, nothing),
        (
            "workflow_dispatch",
            &by_hand,
            2,
            "there is no commit to look at",
        ),
    ] {
        let done = stage.event(event, payload).cwd(&empty).end();
        let done = done.ends(code, says);
        for words in ["actions/checkout", "`working-directory`"] {
            assert!(done.log.contains(words), "{words}: {}", done.log);
        }
        for words in ["GitHub could not say", "permission", "pull-requests: read"] {
            assert!(!done.log.contains(words), "{words}: {}", done.log);
        }
    }
    let done = stage.push(&before).cwd(&empty).end();
    assert!(done.log.contains("is no git repository"), "{}", done.log);
    // No git in the image.
    let done = stage.push(&before).env("PATH", "/nowhere").end();
    let done = done.ends(3, "git does not say which commit is checked out");
    assert!(done.log.contains("could not run git"), "{}", done.log);
    // It lies in a folder of the workspace.
    let named = stage.push(&before).cwd(&empty);
    let named = named.env("FLOWGATE_WORKING_DIRECTORY", "sources");
    named.end().ends(0, "1 live");
}
