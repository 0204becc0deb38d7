//! Stories of access tokens and of rate limits.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flowgate::cxone::{ErrorKind, FlowPlatform, Limits, Outcome, Purpose};
use flowgate_core::platform::Answer;
use flowgate_sandbox::{
    Behaviour, Config, Entry, Fault, Hints, LimitKind, Operation, READER_CLIENT_ID,
    READER_CLIENT_SECRET, RateLimit, RetryAfter, Sandbox, Scripted,
};

use crate::support::cxone::{Client, FILE, FLOW, Setup, provenance, release};

async fn fifty_reads(client: Client) -> Vec<bool> {
    let client = Arc::new(client);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.api.published(&FLOW.parse().unwrap()).await.is_ok() })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test]
async fn fifty_calls_share_one_token_request() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    assert_eq!(fifty_reads(Setup::of(&sandbox).client()).await, [true; 50]);
    assert_eq!(sandbox.count(Operation::Token), 1);
    assert_eq!(sandbox.count(Operation::ReadFlow), 50);
}

#[tokio::test]
async fn fifty_calls_share_one_refusal_of_the_credentials() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup {
        secret: "wrong-secret",
        ..Setup::of(&sandbox)
    }
    .client();
    assert_eq!(fifty_reads(client).await, [false; 50]);
    assert_eq!(sandbox.count(Operation::Token), 1);
    assert_eq!(sandbox.count(Operation::ReadFlow), 0);
}

#[tokio::test]
async fn who_comes_after_a_first_token_was_refused_is_told_the_same() {
    // As where it was asked for while files were read: whether that ended before the first question is chance.
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    sandbox.fail_next(Operation::Token, Fault::status(401));
    let client = Setup::of(&sandbox).client();
    let early = client.api.granted_scopes().await.unwrap_err();
    let error = client.api.published(&FLOW.parse().unwrap()).await;
    assert_eq!(error.unwrap_err().to_string(), early.to_string());
    assert_eq!(sandbox.count(Operation::Token), 1);
    assert_eq!(sandbox.count(Operation::ReadFlow), 0);
}

#[tokio::test]
async fn a_token_request_is_what_the_tutorial_says() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    assert_eq!(
        client.api.granted_scopes().await.unwrap().unwrap(),
        ["flows:read", "flows:write", "flows:publish"]
    );
    let request = &sandbox.requests()[0];
    assert_eq!(request.target, "/oauth/token?environment=sandbox");
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        request.body_text(),
        "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret&scope=flows%3Aread+flows%3Awrite+flows%3Apublish"
    );

    let reader = Setup {
        purpose: Purpose::Read,
        ..Setup::of(&sandbox)
    }
    .client();
    reader.api.granted_scopes().await.unwrap();
    assert!(
        sandbox.requests()[1]
            .body_text()
            .ends_with("&scope=flows%3Aread")
    );
}

#[tokio::test]
async fn a_token_is_renewed_thirty_seconds_before_its_end() {
    let sandbox = Sandbox::start(Config {
        token_life: Duration::from_secs(31),
        ..Config::default()
    })
    .await
    .unwrap();
    let client = Setup::of(&sandbox).client();
    let flow = FLOW.parse().unwrap();
    client.api.published(&flow).await.unwrap();
    client.api.published(&flow).await.unwrap();
    assert_eq!(sandbox.count(Operation::Token), 1);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    client.api.published(&flow).await.unwrap();
    assert_eq!(sandbox.count(Operation::Token), 2);
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once_for_all_and_the_calls_repeated() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    client.api.granted_scopes().await.unwrap();
    sandbox.revoke_tokens();
    assert_eq!(fifty_reads(client).await, [true; 50]);
    assert_eq!(sandbox.count(Operation::Token), 2);
}

#[tokio::test]
async fn a_write_is_repeated_after_one_401_and_given_up_after_two() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    sandbox.fail_next(Operation::CreateVersion, Fault::status(401));
    client.api.create(&release(), &provenance()).await.unwrap();
    assert_eq!(sandbox.count(Operation::CreateVersion), 2);

    sandbox.add_fault(Entry::new(Operation::Publish, Fault::status(401)).always());
    let error = client
        .api
        .publish(&FLOW.parse().unwrap(), &"v1".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert_eq!(error.outcome, Outcome::DidNotHappen);
    assert_eq!(sandbox.count(Operation::Publish), 2);
    assert_eq!(sandbox.count(Operation::Token), 3);
}

#[tokio::test]
async fn wrong_credentials_are_said_to_be_wrong() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup {
        secret: "canary-canary",
        ..Setup::of(&sandbox)
    }
    .client();
    let error = client.api.granted_scopes().await.unwrap_err().to_string();
    assert!(
        error.starts_with("could not get an access token: CXone answered HTTP 401: "),
        "{error}"
    );
    assert!(
        error.contains("invalid client credentials or missing environment parameter"),
        "{error}"
    );
    assert!(!error.contains("canary"), "{error}");
}

#[tokio::test]
async fn a_client_that_cannot_publish_learns_it_before_the_first_write() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup {
        id: READER_CLIENT_ID,
        secret: READER_CLIENT_SECRET,
        ..Setup::of(&sandbox)
    }
    .client();
    let error = client
        .api
        .create(&release(), &provenance())
        .await
        .unwrap_err();
    assert_eq!(error.outcome, Outcome::DidNotHappen);
    assert!(
        error.said.contains("`flows:write` and `flows:publish`"),
        "{error}"
    );
    assert_eq!(sandbox.count(Operation::CreateVersion), 0);
}

#[tokio::test]
async fn a_tenant_that_hides_the_scope_answers_for_itself() {
    let sandbox = Sandbox::start(Config {
        behaviours: [Behaviour::HidesScope].into(),
        ..Config::default()
    })
    .await
    .unwrap();
    let client = Setup {
        id: READER_CLIENT_ID,
        secret: READER_CLIENT_SECRET,
        ..Setup::of(&sandbox)
    }
    .client();
    assert_eq!(client.api.granted_scopes().await.unwrap(), None);
    let error = client
        .api
        .create(&release(), &provenance())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.status),
        (ErrorKind::Forbidden, Some(403))
    );
    assert!(error.to_string().contains("flows:write"), "{error}");
}

#[tokio::test]
async fn a_429_is_waited_for_in_both_forms_and_without() {
    for (asked, least) in [
        (Some(RetryAfter::Seconds(1)), 1_000),
        (Some(RetryAfter::Date(2)), 900),
        (None, 0),
    ] {
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        let client = Setup::of(&sandbox).client();
        let fault = Fault::Status(Scripted {
            retry_after: asked,
            ..Scripted::new(429)
        });
        sandbox.fail_next(Operation::CreateVersion, fault);
        let began = Instant::now();
        client.api.create(&release(), &provenance()).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(least), "{asked:?}");
        assert_eq!(sandbox.count(Operation::CreateVersion), 2);
        let record = client.calls.records().pop().unwrap();
        assert_eq!((record.attempts, record.status), (2, Some(201)));
        // On a busy machine a part of the time is over before the wait begins.
        let idle = 200;
        assert!(
            record.waited_ms + idle >= least && record.latency_ms >= record.waited_ms,
            "{record:?}"
        );
    }
}

#[tokio::test]
async fn a_wait_past_the_deadline_of_the_run_is_not_begun() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup {
        limits: Limits {
            run: Duration::from_secs(5),
            per_second: None,
        },
        ..Setup::of(&sandbox)
    }
    .client();
    let fault = Fault::Status(Scripted {
        retry_after: Some(RetryAfter::Seconds(60)),
        ..Scripted::new(429)
    });
    sandbox.add_fault(Entry::new(Operation::Publish, fault).always());
    let began = Instant::now();
    let flow = FLOW.parse().unwrap();
    let error = client
        .api
        .publish(&flow, &"v".parse().unwrap())
        .await
        .unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.outcome, Outcome::DidNotHappen);
    assert!(error.to_string().contains("60 s"), "{error}");

    let error = client.api.published(&flow).await.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Deadline,
        "the gate is closed for all: {error}"
    );
}

#[tokio::test]
async fn all_requests_get_through_a_limit_in_little_more_than_the_time_it_takes() {
    let limits = [
        LimitKind::FixedWindow { per_second: 20 },
        LimitKind::TokenBucket {
            rate: 20.0,
            burst: 20.0,
        },
    ];
    for (kind, hints) in limits.into_iter().zip([Hints::Off, Hints::On]) {
        let sandbox = Sandbox::start(Config {
            rate_limit: Some(RateLimit {
                kind,
                retry_after: Some(RetryAfter::Seconds(1)),
                hints,
            }),
            ..Config::default()
        })
        .await
        .unwrap();
        sandbox.seed_published(FILE, "1.0.0").unwrap();
        let client = Setup::of(&sandbox).client();
        let api = Arc::new(client.api);
        let left = Arc::new(Mutex::new(100_u32));
        let began = Instant::now();
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let (api, left) = (Arc::clone(&api), Arc::clone(&left));
                tokio::spawn(async move {
                    let flow = FLOW.parse().unwrap();
                    while {
                        let mut left = left.lock().unwrap();
                        *left = left.saturating_sub(1);
                        *left > 0
                    } {
                        let answer = api.published(&flow).await.unwrap();
                        assert!(matches!(answer, Answer::Known(_)));
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let seconds = began.elapsed().as_secs_f64();
        assert!(seconds <= 1.15 * 100.0 / 20.0, "{kind:?}: {seconds:.2} s");
    }
}
