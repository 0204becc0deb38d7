//! Tenants that offer less, rewrite what they store, show it late, or limit their callers.

use std::time::{Duration, Instant};

use flowgate_sandbox::{
    Availability, Behaviour, Config, Hints, LimitKind, Listing, RateLimit, RetryAfter, Sandbox,
    Visibility,
};
use serde_json::json;

use crate::client::{User, version_of};

async fn start(config: Config) -> Sandbox {
    Sandbox::start(config).await.unwrap()
}

#[tokio::test]
async fn the_three_calls_of_the_tutorial_are_enough_to_publish() {
    let sandbox = start(Config::minimal()).await;
    let user = User::log_in(&sandbox).await;
    assert_eq!(user.get("a/versions").await.status, 404);
    let id = user.create("1.0.0").await;
    user.publish(&id).await;
    assert_eq!(
        user.get("a/versions").await.json(),
        json!({"totalCount": 1})
    );
    assert_eq!(user.get("a").await.status, 405);
    assert_eq!(user.get(&format!("a/versions/{id}")).await.status, 405);
}

#[tokio::test]
async fn each_optional_call_can_be_off_in_each_way() {
    for (availability, status) in [
        (Availability::NotFound, 404),
        (Availability::MethodNotAllowed, 405),
        (Availability::NotImplemented, 501),
    ] {
        let sandbox = start(Config {
            read_flow: availability,
            read_version: availability,
            ..Config::default()
        })
        .await;
        let user = User::log_in(&sandbox).await;
        let id = user.create("1.0.0").await;
        user.publish(&id).await;
        assert_eq!(user.get("a").await.status, status);
        assert_eq!(user.get(&format!("a/versions/{id}")).await.status, status);
        assert_eq!(user.get("a/versions").await.status, 200);
    }
    for (listing, status, key) in [
        (Listing::UnderItems, 200, "items"),
        (Listing::UnderData, 200, "data"),
        (Listing::MethodNotAllowed, 405, ""),
        (Listing::NotImplemented, 501, ""),
    ] {
        let sandbox = start(Config {
            list_versions: listing,
            ..Config::default()
        })
        .await;
        let user = User::log_in(&sandbox).await;
        user.create("1.0.0").await;
        let reply = user.get("a/versions").await;
        assert_eq!(reply.status, status);
        assert!(status != 200 || reply.json()[key][0]["version"] == "1.0.0");
    }
}

#[tokio::test]
async fn a_server_adds_turns_and_rewrites_but_keeps_what_was_sent() {
    let sandbox = start(Config {
        behaviours: [
            Behaviour::AddsMembers,
            Behaviour::ReordersArrays,
            Behaviour::NormalisesNumbers,
        ]
        .into(),
        ..Config::default()
    })
    .await;
    let user = User::log_in(&sandbox).await;
    let body = r#"{"flowId":"a","version":"1.0.0","connectors":[],"elements":[
        {"id":"b","type":"Begin","n":1.10,"s":"1.10"},{"id":"e","type":"End"}]}"#;
    let id = user.post("a/versions", body).await.json()["id"].clone();
    user.publish(id.as_str().unwrap()).await;
    let text = user.get("a").await.text();
    assert!(text.contains(r#""n":1.1,"s":"1.10""#), "{text}");
    let read = user.get("a").await.json();
    assert_eq!(read["elements"][0]["id"], "e");
    assert_eq!(read["elements"][0]["serverRevision"], 1);
    let state = sandbox.state();
    let stored = state.flow("a").unwrap().published().unwrap();
    assert!(stored.elements.get().contains("1.10,"));
    assert!(!stored.elements.get().contains("serverRevision"));
}

#[tokio::test]
async fn a_publish_can_show_after_some_reads() {
    let sandbox = start(Config {
        publish_visible: Visibility::AfterReads(2),
        ..Config::default()
    })
    .await;
    let user = User::log_in(&sandbox).await;
    let old = user.create("1.0.0").await;
    user.publish(&old).await;
    assert_eq!(user.get("a").await.status, 404);
    assert_eq!(
        user.get("a/versions").await.json()["versions"][0]["status"],
        "DRAFT"
    );
    assert_eq!(user.get("a").await.json()["version"], "1.0.0");

    let new = user.create("1.1.0").await;
    user.publish(&new).await;
    assert_eq!(user.get("a").await.json()["version"], "1.0.0");
    let list = user.get("a/versions").await.json();
    let statuses: Vec<_> = (0..2)
        .map(|at| list["versions"][at]["status"].clone())
        .collect();
    assert_eq!(statuses, ["PUBLISHED", "DRAFT"]);
    assert_eq!(user.get("a").await.json()["version"], "1.1.0");
}

#[tokio::test]
async fn a_write_can_show_after_some_time_and_still_refuses_its_double() {
    let sandbox = start(Config {
        create_visible: Visibility::After(Duration::from_secs(1)),
        ..Config::default()
    })
    .await;
    let user = User::log_in(&sandbox).await;
    user.create("1.0.0").await;
    assert_eq!(user.get("a/versions").await.status, 404);
    let again = user
        .post("a/versions", &version_of("a", "1.0.0").to_string())
        .await;
    assert_eq!(again.status, 409);
    tokio::time::sleep(Duration::from_millis(1010)).await;
    assert_eq!(user.get("a/versions").await.json()["totalCount"], 1);
}

#[tokio::test]
async fn what_is_live_can_be_read_however_young_it_is() {
    let sandbox = start(Config {
        create_visible: Visibility::AfterReads(9),
        ..Config::default()
    })
    .await;
    let user = User::log_in(&sandbox).await;
    let id = user.create("1.0.0").await;
    user.publish(&id).await;
    assert_eq!(user.get("a").await.json()["versionId"], id);
}

#[tokio::test]
async fn an_idempotency_key_is_honoured_where_the_tenant_does_so() {
    let key = [("Idempotency-Key", "k1")];
    let body = version_of("a", "1.0.0").to_string();
    let other = version_of("a", "1.1.0").to_string();
    for (behaviours, statuses) in [
        ([].into(), [201, 409, 201]),
        ([Behaviour::HonoursIdempotencyKey].into(), [201, 201, 400]),
    ] {
        let sandbox = start(Config {
            behaviours,
            ..Config::default()
        })
        .await;
        let user = User::log_in(&sandbox).await;
        let mut seen = Vec::new();
        for body in [&body, &body, &other] {
            let reply = user.post_with("a/versions", &key, body).await.unwrap();
            seen.push(reply.status);
        }
        assert_eq!(seen, statuses);
        let state = sandbox.state();
        let stored = state.flow("a").unwrap().versions.iter();
        assert_eq!(stored.filter(|v| v.version == "1.0.0").count(), 1);
    }
}

#[tokio::test]
async fn callers_above_the_limit_are_told_when_to_come_back() {
    let sandbox = start(Config {
        rate_limit: Some(RateLimit {
            kind: LimitKind::TokenBucket {
                rate: 0.001,
                burst: 2.0,
            },
            retry_after: Some(RetryAfter::Seconds(1)),
            hints: Hints::On,
        }),
        ..Config::default()
    })
    .await;
    let user = User::log_in(&sandbox).await;
    let first = user.get("a").await;
    assert_eq!(first.status, 404);
    assert_eq!(first.header("X-RateLimit-Limit"), Some("2"));
    assert_eq!(first.header("X-RateLimit-Remaining"), Some("1"));
    user.create("1.0.0").await;
    let refused = user
        .post("a/versions", &version_of("a", "1.1.0").to_string())
        .await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("Retry-After"), Some("1"));
    assert_eq!(sandbox.state().flow("a").unwrap().versions.len(), 1);
    // Logging in is another server's business.
    User::log_in(&sandbox).await;
}

#[tokio::test]
async fn a_limit_may_give_no_hint_at_all() {
    let sandbox = start(Config {
        rate_limit: Some(RateLimit {
            kind: LimitKind::FixedWindow { per_second: 0 },
            retry_after: None,
            hints: Hints::Off,
        }),
        ..Config::default()
    })
    .await;
    let refused = User::log_in(&sandbox).await.get("a").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("Retry-After"), None);
    assert_eq!(refused.header("X-RateLimit-Limit"), None);
}

#[tokio::test]
async fn every_call_takes_the_latency_of_the_tenant() {
    let sandbox = start(Config {
        latency: Duration::from_millis(60),
        ..Config::default()
    })
    .await;
    let start = Instant::now();
    User::log_in(&sandbox).await;
    assert!(start.elapsed() >= Duration::from_millis(60));
}
