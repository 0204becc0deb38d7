//! Scripted answers, drops and damaged bodies, and what is left in the state after each.

use flowgate_sandbox::{
    Config, Cut, Entry, Fault, Moment, Operation, Outcome, RetryAfter, Sandbox, Script, Scripted,
};

use crate::client::{Lost, Reply, User, ask_token, sandbox, version_of};

async fn try_create(user: &User<'_>, version: &str) -> Result<Reply, Lost> {
    user.try_post("a/versions", &version_of("a", version).to_string())
        .await
}

fn versions(sandbox: &Sandbox) -> usize {
    sandbox
        .state()
        .flow("a")
        .map_or(0, |flow| flow.versions.len())
}

#[tokio::test]
async fn a_drop_before_leaves_nothing_and_a_drop_after_leaves_the_version() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::CreateVersion, Fault::DropBefore);
    sandbox.fail_next(Operation::CreateVersion, Fault::DropAfter);

    let Lost(nothing) = try_create(&user, "1.0.0").await.unwrap_err();
    assert!(nothing.is_empty());
    assert_eq!(versions(&sandbox), 0);
    let Lost(nothing) = try_create(&user, "1.0.0").await.unwrap_err();
    assert!(nothing.is_empty());
    assert_eq!(versions(&sandbox), 1);
    assert_eq!(try_create(&user, "1.0.0").await.unwrap().status, 409);
    let outcomes: Vec<_> = sandbox.requests()[1..].iter().map(|r| r.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Dropped, Outcome::Dropped, Outcome::Answered(409)]
    );
}

#[tokio::test]
async fn every_operation_can_drop() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let id = user.create("1.0.0").await;
    for operation in Operation::ALL {
        sandbox.fail_next(operation, Fault::DropBefore);
    }
    let publish = crate::client::publish_of(&id);
    assert!(user.try_get("a").await.is_err());
    assert!(user.try_get("a/versions").await.is_err());
    assert!(user.try_get(&format!("a/versions/{id}")).await.is_err());
    assert!(try_create(&user, "1.1.0").await.is_err());
    assert!(user.try_post("a/publish", &publish).await.is_err());
    let line = "POST /oauth/token?environment=sandbox";
    assert!(crate::client::send(&sandbox, line, &[], "").await.is_err());
    assert_eq!(versions(&sandbox), 1);
    assert!(sandbox.state().flow("a").unwrap().publishes.is_empty());
}

#[tokio::test]
async fn a_scripted_status_comes_before_or_after_the_change() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::CreateVersion, Fault::status(503));
    let after = Scripted {
        at: Moment::Committed,
        ..Scripted::new(503)
    };
    sandbox.fail_next(Operation::CreateVersion, Fault::Status(after));
    assert_eq!(try_create(&user, "1.0.0").await.unwrap().status, 503);
    assert_eq!(versions(&sandbox), 0);
    assert_eq!(try_create(&user, "1.0.0").await.unwrap().status, 503);
    assert_eq!(versions(&sandbox), 1);
}

#[tokio::test]
async fn a_script_from_a_file_answers_as_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("faults.json");
    let script = r#"[
        {"operation": "readFlow", "nth": 2, "fault": {"status": {"code": 502, "contentType": "text/html"}}},
        {"operation": "readFlow", "nth": 3, "fault": {"status": {"code": 429, "retryAfter": {"seconds": 7}}}},
        {"operation": "readFlow", "nth": 4, "fault": {"status": {"code": 429, "retryAfter": {"date": 2}}}},
        {"operation": "readFlow", "nth": 5, "times": 2,
         "fault": {"status": {"code": 400, "body": "no", "contentType": "text/plain", "headers": {"X-Request-Id": "r1"}}}},
        {"operation": "listVersions", "nth": "always", "fault": {"status": {"code": 401}}}
    ]"#;
    std::fs::write(&path, script).unwrap();
    let sandbox = Sandbox::start(Config {
        faults: Script::read(&path).unwrap(),
        ..Config::default()
    })
    .await
    .unwrap();
    let user = User::log_in(&sandbox).await;
    assert_eq!(user.get("a").await.status, 404);
    let html = user.get("a").await;
    assert_eq!(
        (html.status, html.header("Content-Type")),
        (502, Some("text/html"))
    );
    assert!(html.text().starts_with("<html>"));
    assert!(html.header("CorrelationId").is_some());
    assert_eq!(user.get("a").await.header("Retry-After"), Some("7"));
    let date = user.get("a").await;
    assert!(date.header("Retry-After").unwrap().ends_with(" GMT"));
    for _ in 0..2 {
        let plain = user.get("a").await;
        assert_eq!((plain.status, plain.text().as_str()), (400, "no"));
        assert_eq!(plain.header("X-Request-Id"), Some("r1"));
    }
    assert_eq!(user.get("a").await.status, 404);
    for _ in 0..3 {
        assert_eq!(user.get("a/versions").await.status, 401);
    }
}

#[tokio::test]
async fn damaged_answers_follow_a_change_that_has_happened() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::CreateVersion, Fault::Truncate(Cut::RightLength));
    sandbox.fail_next(Operation::CreateVersion, Fault::Truncate(Cut::WrongLength));
    sandbox.fail_next(Operation::CreateVersion, Fault::Rubbish);

    let half = try_create(&user, "1.0.0").await.unwrap();
    assert_eq!(half.status, 201);
    assert!(half.text().starts_with(r#"{"id":"ver-"#));
    assert!(serde_json::from_slice::<serde_json::Value>(&half.body).is_err());
    let Lost(half) = try_create(&user, "1.1.0").await.unwrap_err();
    let half = String::from_utf8(half).unwrap();
    assert!(
        half.starts_with("HTTP/1.1 201") && half.contains(r#"{"id":"ver-"#),
        "{half}"
    );
    let rubbish = try_create(&user, "1.2.0").await.unwrap();
    assert_eq!(rubbish.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&rubbish.body).is_err());
    assert_eq!(versions(&sandbox), 3);
}

#[tokio::test]
async fn a_fault_for_one_flow_leaves_the_others_alone() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let entry = Entry::new(Operation::ReadFlow, Fault::status(500));
    sandbox.add_fault(entry.on_flow("b").always());
    assert_eq!(user.get("a").await.status, 404);
    assert_eq!(user.get("b").await.status, 500);
    assert_eq!(user.get("b").await.status, 500);
    sandbox.clear_faults();
    assert_eq!(user.get("b").await.status, 404);
}

#[tokio::test]
async fn token_requests_fail_by_script_too() {
    let sandbox = sandbox().await;
    let limited = Scripted {
        retry_after: Some(RetryAfter::Seconds(1)),
        ..Scripted::new(429)
    };
    sandbox.fail_next(Operation::Token, Fault::Status(limited));
    let reply = ask_token(&sandbox, "?environment=sandbox", "").await;
    assert_eq!(
        (reply.status, reply.header("Retry-After")),
        (429, Some("1"))
    );
    User::log_in(&sandbox).await;
    assert_eq!(sandbox.count(Operation::Token), 2);
}

#[tokio::test]
async fn a_script_that_http_cannot_carry_says_so() {
    let sandbox = sandbox().await;
    sandbox.fail_next(Operation::ReadFlow, Fault::status(7));
    let reply = User::log_in(&sandbox).await.get("a").await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["code"], "BAD_SCRIPT");
}

#[tokio::test]
async fn a_version_can_be_stored_with_other_content_than_was_sent() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let elements = |version: usize| {
        let state = sandbox.state();
        let raw = &state.flow("a").unwrap().versions[version].elements;
        let all: Vec<serde_json::Value> = serde_json::from_str(raw.get()).unwrap();
        all.len()
    };
    let whole = user.create("1.0.0").await;
    let sent = elements(0);
    sandbox.fail_next(Operation::CreateVersion, Fault::Garble);
    assert_eq!(try_create(&user, "1.1.0").await.unwrap().status, 201);
    assert_eq!((elements(0), elements(1)), (sent, sent - 1));

    sandbox.fail_next(Operation::Publish, Fault::Garble);
    user.try_post("a/publish", &crate::client::publish_of(&whole))
        .await
        .unwrap();
    assert_eq!((elements(0), elements(1)), (sent - 1, sent - 1));
}
