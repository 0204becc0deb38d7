//! Creating and publishing versions, and everything that is refused.

use flowgate_sandbox::{Config, Outcome, Sandbox, Status};
use serde_json::{Value, json};

use crate::client::{User, publish_of, sandbox, version_of};

#[tokio::test]
async fn create_then_publish_makes_a_version_live() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let id = user.create("1.0.0").await;
    assert_eq!(
        sandbox.state().flow("a").unwrap().status(&id),
        Status::Draft
    );
    user.publish(&id).await;
    let next = user.create("1.1.0").await;
    user.publish(&next).await;

    let state = sandbox.state();
    let flow = state.flow("a").unwrap();
    assert_eq!(flow.published().unwrap().id, next);
    assert_eq!(flow.status(&id), Status::Superseded);
    assert!(flow.published_at(&id).is_some());
    let published: Vec<_> = flow.publishes.iter().map(|p| &p.version_id).collect();
    assert_eq!(published, [&id, &next]);
}

#[tokio::test]
async fn what_was_sent_is_kept_to_the_byte() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let elements = r#"[ {"id":"b","type":"Begin","n":1.10,"big":12345678901234567890,"e":1e5} ]"#;
    let body = format!(
        r#"{{"flowId":"a","version":"1.0.0","elements":{elements},"connectors":[],"metadata":{{"x":2.50}}}}"#
    );
    let id = user.post("a/versions", &body).await.json()["id"].clone();
    let id = id.as_str().unwrap();
    user.publish(id).await;
    assert!(user.get("a").await.text().contains(elements));
    let one = user.get(&format!("a/versions/{id}")).await.text();
    assert!(
        one.contains(elements) && one.contains(r#"{"x":2.50}"#),
        "{one}"
    );
}

/// `version_of("a", "1.0.0")` with one value replaced; `null` is as good as left out.
fn with(pointer: &str, value: Value) -> Value {
    let mut version = version_of("a", "1.0.0");
    *version.pointer_mut(pointer).unwrap() = value;
    version
}

#[tokio::test]
async fn every_broken_field_is_named() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    for (body, errors) in [
        (with("/flowId", json!("b")), &["flowId MISMATCH"][..]),
        (with("/flowId", json!(null)), &["flowId REQUIRED"]),
        (with("/version", json!(null)), &["version REQUIRED"]),
        (with("/version", json!("1.0")), &["version INVALID"]),
        (with("/version", json!({"major": 1})), &["version INVALID"]),
        (with("/name", json!(7)), &["name INVALID"]),
        (with("/metadata", json!([])), &["metadata INVALID"]),
        (with("/elements", json!({})), &["elements INVALID"]),
        (
            json!({"flowId": "a"}),
            &[
                "version REQUIRED",
                "elements REQUIRED",
                "connectors REQUIRED",
            ],
        ),
        (
            with("/elements/1", json!("menu")),
            &[
                "elements[1] INVALID",
                "connectors[0].targetId UNKNOWN_ELEMENT",
                "connectors[1].sourceId UNKNOWN_ELEMENT",
            ],
        ),
        (
            with("/elements/1/type", json!("Teleport")),
            &["elements[1].type UNSUPPORTED_NODE_TYPE"],
        ),
        (
            with("/elements/1/id", json!("begin")),
            &[
                "elements[1].id DUPLICATE_ID",
                "connectors[0].targetId UNKNOWN_ELEMENT",
                "connectors[1].sourceId UNKNOWN_ELEMENT",
            ],
        ),
        (
            with("/connectors/1/id", json!("c1")),
            &["connectors[1].id DUPLICATE_ID"],
        ),
        (
            with("/connectors/0/sourceId", json!("gone")),
            &["connectors[0].sourceId UNKNOWN_ELEMENT"],
        ),
        (
            with("/connectors/0/targetId", json!(null)),
            &["connectors[0].targetId REQUIRED"],
        ),
        (json!([1, 2]), &[" MALFORMED"]),
    ] {
        let reply = user.post("a/versions", &body.to_string()).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(reply.field_errors(), errors, "{body}");
    }
    let cut = user.post("a/versions", r#"{"flowId": "a", "#).await;
    assert_eq!(cut.field_errors(), [" MALFORMED"]);
    let bad_id = user
        .post("..%2Fa/versions", &version_of("../a", "1.0.0").to_string())
        .await;
    assert_eq!(bad_id.field_errors(), ["flowId INVALID"]);
    assert!(sandbox.state().flows.is_empty());
}

#[tokio::test]
async fn begin_and_end_stay_as_they_are_published() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let id = user.create("1.0.0").await;

    let changed = |pointer: &str, value: Value| {
        let mut version = version_of("a", "1.1.0");
        *version.pointer_mut(pointer).unwrap() = value;
        version.to_string()
    };
    user.publish(&id).await;
    for (body, errors) in [
        (
            changed("/elements/0/configuration/lang", json!("de")),
            ["elements[0].configuration IMMUTABLE"],
        ),
        (
            changed("/elements/2/type", json!("Queue")),
            ["elements[2].type IMMUTABLE"],
        ),
    ] {
        let reply = user.post("a/versions", &body).await;
        assert_eq!(
            (reply.status, reply.field_errors()),
            (400, errors.map(str::to_owned).into())
        );
    }
    let mut without_end = version_of("a", "1.1.0");
    without_end["elements"].as_array_mut().unwrap().pop();
    without_end["connectors"].as_array_mut().unwrap().pop();
    let reply = user.post("a/versions", &without_end.to_string()).await;
    assert_eq!(reply.field_errors(), ["elements IMMUTABLE"]);

    // Moved on the canvas is not changed.
    let moved = user
        .post("a/versions", &changed("/elements/0/x", json!(99)))
        .await;
    assert_eq!(moved.status, 201, "{}", moved.text());
}

#[tokio::test]
async fn a_version_number_exists_once() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    user.create("1.0.0").await;
    let same = version_of("a", "1.0.0");
    let mut other = same.clone();
    other["elements"][1]["configuration"]["prompt"] = json!("else");
    for body in [same, other] {
        let reply = user.post("a/versions", &body.to_string()).await;
        assert_eq!(reply.status, 409);
        assert_eq!(reply.json()["code"], "VERSION_EXISTS");
    }
    assert_eq!(sandbox.state().flow("a").unwrap().versions.len(), 1);
}

#[tokio::test]
async fn a_full_history_takes_no_more_but_still_tells_of_a_conflict() {
    let config = Config {
        history_cap: 2,
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let user = User::log_in(&sandbox).await;
    user.create("1.0.0").await;
    user.create("1.1.0").await;
    let reply = user
        .post("a/versions", &version_of("a", "1.2.0").to_string())
        .await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.field_errors(), ["versions HISTORY_FULL"]);
    let conflict = user
        .post("a/versions", &version_of("a", "1.1.0").to_string())
        .await;
    assert_eq!(conflict.status, 409);
}

#[tokio::test]
async fn a_publish_is_a_validated_snapshot_of_a_version_that_exists() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let unknown_flow = user.post("a/publish", &publish_of("ver-000001")).await;
    assert_eq!(unknown_flow.status, 404);
    let id = user.create("1.0.0").await;
    let unknown_version = user.post("a/publish", &publish_of("ver-999999")).await;
    assert_eq!(unknown_version.status, 404);
    for (body, errors) in [
        (
            json!({"versionId": id, "snapshot": false, "bypassValidation": true}),
            &["snapshot INVALID", "bypassValidation INVALID"][..],
        ),
        (
            json!({"versionId": id, "snapshot": "true"}),
            &["snapshot INVALID", "bypassValidation REQUIRED"],
        ),
        (
            json!({"snapshot": true, "bypassValidation": false}),
            &["versionId REQUIRED"],
        ),
    ] {
        let reply = user.post("a/publish", &body.to_string()).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.field_errors(), errors);
    }
    assert!(sandbox.state().flow("a").unwrap().publishes.is_empty());
}

#[tokio::test]
async fn requests_are_kept_whole_and_answers_carry_a_correlation_id() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let body = version_of("a", "1.0.0").to_string();
    let reply = user
        .post_with("a/versions", &[("Idempotency-Key", "canary")], &body)
        .await
        .unwrap();
    assert_eq!(reply.header("CorrelationId"), Some("sandbox-000002"));
    let requests = sandbox.requests();
    let create = &requests[1];
    assert_eq!(create.method, "POST");
    assert_eq!(create.target, "/api/v2/flows/a/versions");
    assert_eq!(create.flow_id.as_deref(), Some("a"));
    assert_eq!(create.header("idempotency-key"), Some("canary"));
    assert!(
        create
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ")
    );
    assert_eq!(create.body_text(), body);
    assert_eq!(create.outcome, Outcome::Answered(201));
}
