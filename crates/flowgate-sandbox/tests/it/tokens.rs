//! Who gets a token, what it permits, and when it ends.

use std::time::Duration;

use flowgate_sandbox::{
    Behaviour, CLIENT_ID, CLIENT_SECRET, Config, READER_CLIENT_ID, READER_CLIENT_SECRET, Sandbox,
};

use crate::client::{User, ask_token, form, log_in, publish_of, sandbox, send, version_of};

const ALL: &str = "flows:read flows:write flows:publish";

#[tokio::test]
async fn a_known_client_gets_what_it_asks_for() {
    let sandbox = sandbox().await;
    let reply = ask_token(
        &sandbox,
        "?environment=sandbox",
        &form(CLIENT_ID, CLIENT_SECRET, "flows:read"),
    )
    .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["scope"], "flows:read");
    assert_eq!(reply.json()["token_type"], "Bearer");
    assert_eq!(reply.json()["expires_in"], 3600);
}

#[tokio::test]
async fn the_reader_is_granted_less_than_it_asks_for() {
    let sandbox = sandbox().await;
    let asked = form(READER_CLIENT_ID, READER_CLIENT_SECRET, ALL);
    let reply = ask_token(&sandbox, "?environment=sandbox", &asked).await;
    assert_eq!(reply.json()["scope"], "flows:read");

    let token = log_in(&sandbox, READER_CLIENT_ID, READER_CLIENT_SECRET, ALL).await;
    let user = User {
        sandbox: &sandbox,
        token,
    };
    assert_eq!(user.get("a").await.status, 404);
    let create = user
        .post("a/versions", &version_of("a", "1.0.0").to_string())
        .await;
    assert_eq!(create.status, 403);
    assert!(create.text().contains("flows:write"), "{}", create.text());
    let publish = user.post("a/publish", &publish_of("ver-000001")).await;
    assert_eq!(publish.status, 403);
    assert!(publish.text().contains("flows:publish"));
    assert!(sandbox.state().flows.is_empty());
}

#[tokio::test]
async fn wrong_secret_client_or_environment_is_one_answer_without_the_secret() {
    let sandbox = sandbox().await;
    let right = form(CLIENT_ID, CLIENT_SECRET, ALL);
    for (query, form) in [
        (
            "?environment=sandbox",
            form(CLIENT_ID, "canary-secret", ALL),
        ),
        ("?environment=sandbox", form("somebody", CLIENT_SECRET, ALL)),
        ("?environment=production", right.clone()),
        ("", right),
    ] {
        let reply = ask_token(&sandbox, query, &form).await;
        assert_eq!(reply.status, 401, "{query} {form}");
        assert_eq!(reply.json()["error"], "invalid_client");
        assert!(!reply.text().contains("canary"));
    }
}

#[tokio::test]
async fn another_grant_or_another_content_type_is_refused() {
    let sandbox = sandbox().await;
    let other = form(CLIENT_ID, CLIENT_SECRET, ALL).replace("client_credentials", "password");
    let reply = ask_token(&sandbox, "?environment=sandbox", &other).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"], "unsupported_grant_type");

    let reply = send(&sandbox, "POST /oauth/token?environment=sandbox", &[], "{}").await;
    assert_eq!(reply.unwrap().status, 415);
}

#[tokio::test]
async fn a_token_ends_with_its_life_or_when_it_is_revoked() {
    let config = Config {
        token_life: Duration::from_secs(1),
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let user = User::log_in(&sandbox).await;
    assert_eq!(user.get("a").await.status, 404);
    tokio::time::sleep(Duration::from_millis(1010)).await;
    let reply = user.get("a").await;
    assert_eq!(reply.status, 401);
    assert!(reply.header("WWW-Authenticate").is_some());

    let user = User::log_in(&sandbox).await;
    sandbox.revoke_tokens();
    assert_eq!(user.get("a").await.status, 401);
}

#[tokio::test]
async fn a_call_without_a_token_or_with_a_made_up_one_is_401() {
    let sandbox = sandbox().await;
    let none = send(&sandbox, "GET /api/v2/flows/a", &[], "")
        .await
        .unwrap();
    assert_eq!(none.status, 401);
    let made_up = User {
        sandbox: &sandbox,
        token: "guess".to_owned(),
    };
    assert_eq!(made_up.get("a").await.status, 401);
}

#[tokio::test]
async fn a_tenant_can_keep_the_granted_scope_to_itself() {
    let config = Config {
        behaviours: [Behaviour::HidesScope].into(),
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let asked = form(CLIENT_ID, CLIENT_SECRET, ALL);
    let reply = ask_token(&sandbox, "?environment=sandbox", &asked).await;
    assert!(reply.json().get("scope").is_none());
}
