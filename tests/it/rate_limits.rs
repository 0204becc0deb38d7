//! A hundred flows, by the real process, against a platform that allows so many requests a second and says no more about
//! it than 429 and `Retry-After: 1`.
//!
//! How close to the limit a run stays is held to 1.15 in virtual time (`src/cxone/budget/tests.rs`); here the figures are
//! printed for `docs/reliability.md`, and a machine that is busy with other things may not make the test fail.

use std::fmt::Write as _;

use flowgate_sandbox::{Config, Hints, LimitKind, Outcome, RateLimit, RetryAfter, Sandbox};

use crate::support::Repo;

const FLOWS: usize = 100;
const RATE: u32 = 50;
const BUSY: f64 = 1.6;

fn flow(number: usize, version: &str, words: &str) -> String {
    format!(
        r#"{{"flowId": "line-{number}", "version": "{version}", "elements": [
  {{"id": "b", "type": "Begin", "configuration": {{}}}},
  {{"id": "m", "type": "IVR", "configuration": {{"prompt": "{words}"}}}},
  {{"id": "e", "type": "End", "configuration": {{}}}}
], "connectors": [{{"id": "1", "sourceId": "b", "targetId": "m"}}, {{"id": "2", "sourceId": "m", "targetId": "e"}}]}}
"#
    )
}

/// Deploys a change of all flows; what it took, in times of what the limit asks for, and what was refused.
async fn deploy(kind: LimitKind) -> String {
    let repo = Repo::new();
    let config = Config {
        rate_limit: Some(RateLimit {
            kind,
            retry_after: Some(RetryAfter::Seconds(1)),
            hints: Hints::Off,
        }),
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    for number in 0..FLOWS {
        let before = flow(number, "1.0.0", "old words");
        sandbox.seed_published(&before, "1.0.0").unwrap();
        repo.write(&format!("base/flows/{number}.json"), before);
        let after = flow(number, "1.1.0", "new words");
        repo.write(&format!("head/flows/{number}.json"), after);
    }
    let address = format!("--sandbox={}", sandbox.base_url());
    let head = repo.root().join("head");
    let args = ["deploy", &address, "--base-dir=../base"];
    let run = repo.flowgate(&args).cwd(head);
    let run = run.env("FLOWGATE_MAX_CHANGES", "100");
    let ended = tokio::task::spawn_blocking(|| run.end()).await.unwrap();
    assert_eq!(ended.code, 0, "{}", ended.all());
    let state = sandbox.state();
    for number in 0..FLOWS {
        let found = state.flow(&format!("line-{number}")).unwrap();
        assert_eq!(found.versions.len(), 2, "line-{number}");
        assert_eq!(found.published().unwrap().version, "1.1.0");
    }
    figures(&sandbox)
}

fn figures(sandbox: &Sandbox) -> String {
    let requests = sandbox.requests();
    let asked = requests
        .iter()
        .filter(|call| !call.target.starts_with("/oauth"));
    let (refused, served): (Vec<_>, Vec<_>) =
        asked.partition(|call| call.outcome == Outcome::Answered(429));
    let first = requests.first().unwrap().at;
    let took = served.iter().map(|call| call.at - first).max().unwrap();
    let needed = u32::try_from(served.len()).unwrap();
    let times = took.as_secs_f64() * f64::from(RATE) / f64::from(needed);
    assert!(times < BUSY, "{times:.2} × {needed} requests ÷ {RATE}");
    let mut text = format!("{needed} requests at {RATE}/s");
    let _infallible = write!(
        text,
        " | {:.1} s | {times:.2} | {} refused",
        took.as_secs_f64(),
        refused.len()
    );
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_flows_go_through_a_rate_limit_and_none_is_lost() {
    let rate = f64::from(RATE);
    let (window, bucket) = tokio::join!(
        deploy(LimitKind::FixedWindow { per_second: RATE }),
        deploy(LimitKind::TokenBucket { rate, burst: rate }),
    );
    println!("LIMIT | fixed one-second window | {window}");
    println!("LIMIT | token bucket of burst {RATE} | {bucket}");
}
