//! Every event, and what a run in `mode: auto` does for it.

use serde_json::{Value, json};

use super::*;
use crate::change;
use crate::event;

const HEAD: &str = "1111111111111111111111111111111111111111";
const ZERO: &str = "0000000000000000000000000000000000000000";

fn event(name: &str, payload: &Value) -> Event {
    // As a runner sets it.
    let pull = &payload["pull_request"];
    let reference = match (name, payload["ref"].as_str()) {
        ("pull_request", _) if pull["merged"] == false => "refs/pull/7/merge".to_owned(),
        ("pull_request", _) => format!("refs/heads/{}", pull["base"]["ref"].as_str().unwrap()),
        (_, Some(named)) => named.to_owned(),
        _ => "refs/heads/main".to_owned(),
    };
    let variable = |wanted: &str| {
        Some(match wanted {
            "GITHUB_ACTIONS" => "true",
            "GITHUB_EVENT_NAME" => name,
            "GITHUB_EVENT_PATH" => "/event.json",
            "GITHUB_REPOSITORY" => "acme/flows",
            "GITHUB_RUN_ID" => "7",
            "GITHUB_REF" => reference.as_str(),
            _ => return None,
        })
    };
    let started = event::read(variable, |_| Ok(payload.to_string().into_bytes()));
    started.unwrap().event
}

fn pull(action: &str, merged: bool, base: &str) -> Value {
    json!({"action": action, "pull_request": {
        "number": 7, "merged": merged, "merge_commit_sha": HEAD,
        "head": {"ref": "topic", "sha": HEAD, "repo": {"id": 10}},
        "base": {"ref": base, "sha": HEAD, "repo": {"id": 10}},
    }})
}

fn push(reference: &str, after: &str) -> Value {
    json!({"ref": reference, "before": HEAD, "after": after, "forced": false})
}

/// What it does, and whether it must know the deploy branch before it can say so.
fn does(name: &str, payload: &Value) -> (String, bool) {
    let event = event(name, payload);
    let task = match route(Mode::Auto, &event, Some("main")) {
        Task::Check => "check".to_owned(),
        Task::Deploy => "deploy".to_owned(),
        Task::Rollback => "rollback".to_owned(),
        Task::Drift => "drift".to_owned(),
        Task::Nothing(why) => why,
    };
    (task, change::counts(Mode::Auto, &event))
}

#[test]
fn each_event_has_its_task() {
    for action in [
        "opened",
        "synchronize",
        "reopened",
        "edited",
        "ready_for_review",
    ] {
        for name in ["pull_request", "pull_request_target"] {
            let said = does(name, &pull(action, false, "main"));
            assert_eq!(said, ("check".to_owned(), false), "{name} {action}");
        }
    }
    let rows = [
        ("pull_request", pull("closed", true, "main"), "deploy", true),
        (
            "pull_request",
            pull("closed", true, "release"),
            "the pull request was merged into `release`, and flows are deployed from `main`",
            true,
        ),
        (
            "pull_request",
            pull("closed", false, "main"),
            "the pull request was closed without a merge",
            false,
        ),
        (
            "pull_request_target",
            pull("closed", true, "main"),
            "`pull_request_target` never deploys, and the pull request is closed",
            false,
        ),
        ("push", push("refs/heads/main", HEAD), "deploy", true),
        (
            "push",
            push("refs/heads/topic", HEAD),
            "the push went to `refs/heads/topic`, and flows are deployed from `main`",
            true,
        ),
        (
            "push",
            push("refs/heads/gh-readonly-queue/main/pr-7", HEAD),
            "the push went to `refs/heads/gh-readonly-queue/main/pr-7`, and flows are deployed from `main`",
            true,
        ),
        (
            "push",
            push("refs/tags/main", HEAD),
            "the push went to `refs/tags/main`, and flows are deployed from `main`",
            false,
        ),
        (
            "push",
            push("refs/heads/main", ZERO),
            "`refs/heads/main` was deleted",
            false,
        ),
        (
            "merge_group",
            json!({"merge_group": {"head_sha": HEAD, "base_sha": HEAD, "base_ref": "refs/heads/main"}}),
            "check",
            false,
        ),
        (
            "workflow_dispatch",
            json!({"ref": "refs/heads/main", "inputs": {}}),
            "deploy",
            true,
        ),
        ("schedule", json!({"schedule": "0 3 * * *"}), "drift", false),
        (
            "release",
            json!({"action": "published"}),
            "there is nothing to do for the event `release`",
            false,
        ),
    ];
    for (name, payload, task, counts) in rows {
        assert_eq!(does(name, &payload), (task.to_owned(), counts), "{name}");
    }
}

#[test]
fn a_mode_is_what_somebody_asked_for_whatever_the_event() {
    let event = event("release", &json!({}));
    for (mode, task, counts) in [
        (Mode::Check, Task::Check, false),
        (Mode::Deploy, Task::Deploy, true),
        (Mode::Rollback, Task::Rollback, true),
        (Mode::Drift, Task::Drift, false),
    ] {
        assert_eq!(route(mode, &event, None), task);
        assert_eq!(change::counts(mode, &event), counts, "{mode:?}");
    }
}

#[test]
fn where_nobody_knows_the_deploy_branch_the_gate_says_so() {
    let merged = event("pull_request", &pull("closed", true, "main"));
    assert_eq!(route(Mode::Auto, &merged, None), Task::Deploy);
    let push = |reference: &str| event("push", &push(reference, HEAD));
    assert_eq!(
        route(Mode::Auto, &push("refs/heads/main"), None),
        Task::Deploy
    );
    assert_eq!(
        route(Mode::Auto, &push("refs/tags/v1"), None),
        Task::Nothing("`refs/tags/v1` is no branch".to_owned())
    );
}
