//! Payloads as GitHub sends them, and as it sometimes varies them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

const HEAD: &str = "1111111111111111111111111111111111111111";
const BASE: &str = "2222222222222222222222222222222222222222";
const MERGE: &str = "3333333333333333333333333333333333333333";
const ZERO: &str = "0000000000000000000000000000000000000000";

fn environment(event: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_EVENT_NAME", event.to_owned()),
        ("GITHUB_EVENT_PATH", "/event.json".to_owned()),
        ("GITHUB_REPOSITORY", "acme/flows".to_owned()),
        ("GITHUB_RUN_ID", "77".to_owned()),
        ("GITHUB_RUN_ATTEMPT", "2".to_owned()),
        ("GITHUB_REF", "refs/heads/main".to_owned()),
        ("GITHUB_TOKEN", "t0ken".to_owned()),
        ("GITHUB_OUTPUT", String::new()),
    ])
}

fn started(event: &str, payload: &Value) -> Result<Started, EventError> {
    started_on("refs/heads/main", event, payload)
}

fn started_on(reference: &str, event: &str, payload: &Value) -> Result<Started, EventError> {
    let mut environment = environment(event);
    environment.insert("GITHUB_REF", reference.to_owned());
    started_in(&environment, payload)
}

fn started_in(
    environment: &BTreeMap<&'static str, String>,
    payload: &Value,
) -> Result<Started, EventError> {
    read(
        |name| environment.get(name).map(String::as_str),
        |_| Ok(payload.to_string().into_bytes()),
    )
}

fn pull_request(head_repo: &Value) -> Value {
    json!({
        "action": "closed",
        "number": 7,
        "pull_request": {
            "number": 7, "merged": true, "merge_commit_sha": MERGE,
            "head": {"ref": "topic", "sha": HEAD, "repo": head_repo},
            "base": {"ref": "main", "sha": BASE, "repo": {"id": 10, "fork": true}}
        },
        "repository": {"id": 10, "default_branch": "main", "fork": true}
    })
}

#[test]
fn a_merged_pull_request_reaches_the_gate_whole() {
    let started = started("pull_request", &pull_request(&json!({"id": 10}))).unwrap();
    assert_eq!(
        started.event.trigger(),
        gate::Trigger::PullRequest(gate::PullRequest {
            number: 7,
            action: "closed".into(),
            merged: true,
            base: "main".into(),
            head: HeadRepository::Same,
            merge_commit: Some(MERGE.parse().unwrap()),
        })
    );
    let context = started.context.unwrap();
    assert_eq!(context.repository.default_branch.as_deref(), Some("main"));
    assert_eq!((context.run_id, context.run_attempt), (77, 2));
    assert!(context.has_token);
    assert_eq!(context.output_path, None, "an empty variable is not set");
}

#[test]
fn a_fork_is_told_by_ids_and_a_missing_repository_is_no_own_one() {
    // The same name and owner, another id: a fork all the same. A repository that is itself a fork is none.
    let fork = json!({"id": 11, "full_name": "acme/flows"});
    for (repo, expected) in [
        (
            json!({"id": 10, "full_name": "renamed/since"}),
            HeadRepository::Same,
        ),
        (fork, HeadRepository::Fork),
        (Value::Null, HeadRepository::Gone),
    ] {
        let started = started("pull_request", &pull_request(&repo)).unwrap();
        assert_eq!(started.event.pull_request().unwrap().head, expected);
    }
}

#[test]
fn what_github_leaves_open_never_reads_as_merged() {
    let mut payload = pull_request(&json!({"id": 10}));
    let pull = payload["pull_request"].as_object_mut().unwrap();
    pull.remove("merged");
    pull.insert("merge_commit_sha".into(), Value::Null);
    let started = started_on("refs/pull/7/merge", "pull_request", &payload).unwrap();
    let pull = started.event.pull_request().unwrap();
    assert!(!pull.merged);
    assert_eq!(pull.merge_commit, None);
}

#[test]
fn pull_request_target_and_the_queue_never_look_like_something_that_may_write() {
    let target = started("pull_request_target", &pull_request(&json!({"id": 10}))).unwrap();
    assert_eq!(
        target.event.trigger(),
        gate::Trigger::Other("pull_request_target".into())
    );
    let group = json!({"action": "checks_requested", "merge_group":
        {"head_sha": HEAD, "base_sha": BASE, "base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-1"}});
    let queue = "refs/heads/gh-readonly-queue/main/pr-1";
    let group = started_on(queue, "merge_group", &group).unwrap();
    assert_eq!(
        group.event.trigger(),
        gate::Trigger::Other("merge_group".into())
    );
    for name in ["schedule", "release", "check_run"] {
        let other = started(name, &json!({"anything": [1]})).unwrap();
        assert_eq!(other.event.trigger(), gate::Trigger::Other(name.into()));
    }
}

#[test]
fn a_push_tells_new_gone_and_rewritten() {
    let push = |before: &str, after: &str, forced: bool| {
        let payload = json!({"ref": "refs/heads/main", "before": before, "after": after, "forced": forced,
            "repository": {"id": 10, "default_branch": "main"}});
        match started("push", &payload).unwrap().event {
            Event::Push(push) => push,
            other => panic!("{other:?}"),
        }
    };
    let plain = push(BASE, HEAD, false);
    assert!(!plain.created && !plain.deleted && !plain.forced);
    assert_eq!(plain.after.as_ref().map(CommitSha::as_str), Some(HEAD));
    // Where the switches are missing, the zeros say the same.
    assert!(push(ZERO, HEAD, false).created);
    assert!(push(BASE, ZERO, false).deleted);
    assert!(push(BASE, HEAD, true).forced);
}

#[test]
fn a_push_that_does_not_say_whether_it_was_forced_is_an_error() {
    let payload = json!({"ref": "refs/heads/main", "before": BASE, "after": HEAD});
    let error = started("push", &payload).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not understand the payload of the event `push`"
    );
}

#[test]
fn a_dispatch_has_a_full_ref_and_its_form_as_text() {
    let payload =
        json!({"ref": "main", "inputs": {"flow": "abc", "deep": true, "to": 3, "empty": null}});
    let Event::Dispatch(dispatch) = started("workflow_dispatch", &payload).unwrap().event else {
        panic!("not a dispatch");
    };
    assert_eq!(dispatch.reference, "refs/heads/main");
    let inputs: Vec<_> = dispatch
        .inputs
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    assert_eq!(inputs, ["deep=true", "flow=abc", "to=3"]);
    let none = started_on(
        "refs/heads/x",
        "workflow_dispatch",
        &json!({"ref": "refs/heads/x", "inputs": null}),
    )
    .unwrap();
    assert_eq!(
        none.event.trigger(),
        gate::Trigger::Dispatch {
            reference: "refs/heads/x".into()
        }
    );
}

#[test]
fn a_payload_about_another_ref_than_the_run_is_no_event() {
    let push = json!({"ref": "refs/heads/main", "before": BASE, "after": HEAD, "forced": false});
    let merged = pull_request(&json!({"id": 10}));
    let mut open = merged.clone();
    open["pull_request"]["merged"] = json!(false);
    let dispatch = json!({"ref": "refs/heads/main"});
    let group = json!({"action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE,
        "base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-1"}});
    for (event, payload, reference) in [
        ("push", &push, "refs/heads/topic"),
        ("push", &push, "refs/tags/main"),
        ("push", &push, "main"),
        ("pull_request", &merged, "refs/heads/release"),
        ("pull_request", &merged, "refs/pull/8/merge"),
        ("pull_request", &open, "refs/heads/main"),
        ("pull_request", &open, "refs/pull/77/merge"),
        ("workflow_dispatch", &dispatch, "refs/heads/topic"),
        (
            "workflow_dispatch",
            &json!({"ref": "main"}),
            "refs/heads/feature/main",
        ),
    ] {
        let error = started_on(reference, event, payload).unwrap_err();
        assert!(
            matches!(error, EventError::Reference { .. }),
            "{event}: {error}"
        );
        let said = error.to_string();
        assert!(
            said.ends_with(&format!("`GITHUB_REF` is `{reference}`")),
            "{said}"
        );
        // Nor is anything believed of a run whose ref nobody knows.
        let error = started_on("", event, payload).unwrap_err();
        assert!(
            matches!(error, EventError::Missing { name: "GITHUB_REF" }),
            "{event}: {error}"
        );
    }
    for (event, payload, reference) in [
        ("push", &push, "refs/heads/main"),
        ("pull_request", &merged, "refs/heads/main"),
        ("pull_request", &merged, "refs/pull/7/merge"),
        ("pull_request", &open, "refs/pull/7/merge"),
        ("workflow_dispatch", &json!({"ref": "v1"}), "refs/tags/v1"),
        // Its payload has no ref of its own, and it publishes nothing; `act` names the default branch.
        ("merge_group", &group, "refs/heads/main"),
        // GitHub sends the run about a branch that is gone to the default branch.
        (
            "push",
            &json!({"ref": "refs/heads/gone", "before": BASE, "after": ZERO, "forced": false}),
            "refs/heads/main",
        ),
    ] {
        started_on(reference, event, payload).unwrap();
    }
}

#[test]
fn outside_actions_everything_else_in_the_environment_is_ignored() {
    let mut environment = environment("push");
    environment.remove("GITHUB_ACTIONS");
    let started = read(
        |name| environment.get(name).map(String::as_str),
        |_| panic!("no payload is read"),
    )
    .unwrap();
    assert_eq!(started.event.trigger(), gate::Trigger::Outside);
    assert_eq!(started.context, None);
}

#[test]
fn an_enterprise_server_is_reached_through_its_own_urls() {
    let mut environment = environment("schedule");
    environment.insert("GITHUB_API_URL", "https://ghe.example/api/v3/".into());
    environment.insert("GITHUB_SERVER_URL", "https://ghe.example".into());
    let context = started_in(&environment, &json!({}))
        .unwrap()
        .context
        .unwrap();
    assert_eq!(context.api_url, "https://ghe.example/api/v3");
    assert_eq!(context.graphql_url, "https://ghe.example/api/graphql");
    assert_eq!(
        context.run_url(),
        "https://ghe.example/acme/flows/actions/runs/77/attempts/2"
    );
}

#[test]
fn the_documentation_is_where_the_action_came_from() {
    let page = |path: &str| {
        let mut environment = environment("schedule");
        environment.insert("GITHUB_ACTION_PATH", path.to_owned());
        let started = started_in(&environment, &json!({})).unwrap();
        started.context.unwrap().documentation("rules.md")
    };
    for (path, from) in [
        (
            "/home/runner/work/_actions/acme/flowgate/v1",
            "acme/flowgate/blob/v1",
        ),
        (
            "/w/_actions/acme/flowgate/release/v1/",
            "acme/flowgate/blob/release/v1",
        ),
        (
            r"D:\a\_actions\acme\flowgate\v1.2.3",
            "acme/flowgate/blob/v1.2.3",
        ),
    ] {
        let expected = format!("https://github.com/{from}/docs/rules.md");
        assert_eq!(page(path).as_deref(), Some(&*expected));
    }
    for path in [
        "/home/runner/work/flows/flows",
        "/w/_actions/acme/flowgate",
        "/w/_actions/acme/flowgate/../../x",
        "/w/_actions/acme/flow)gate/v1",
        "/w/_actions/acme/flowgate/v1?x=](y",
    ] {
        assert_eq!(page(path), None, "{path}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let mut environment = environment("schedule");
    environment.insert("GITHUB_REPOSITORY", "acme/../x".into());
    let error = started_in(&environment, &json!({})).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`GITHUB_REPOSITORY` is not `OWNER/NAME`")
    );
    environment.remove("GITHUB_RUN_ID");
    environment.insert("GITHUB_REPOSITORY", "acme/flows".into());
    let error = started_in(&environment, &json!({})).unwrap_err();
    assert!(error.to_string().contains("`GITHUB_RUN_ID` is not set"));
    assert!(!error.hint().is_empty());
}
