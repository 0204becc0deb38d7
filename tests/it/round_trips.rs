//! How many calls a run waits for one after the other, with 50 ms added to each.
//!
//! `ROUND_TRIPS=FILE cargo test --test it round_trips` writes the figures down; the large ones take a minute and are left
//! out without it.

#![expect(
    clippy::print_stderr,
    reason = "who runs it with `--nocapture` sees what was waited for"
)]

mod delay;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::{Duration, Instant};

use flowgate_sandbox::{Config, Hints, LimitKind, Outcome, RateLimit, RetryAfter, Sandbox};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::delay::Calls;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::Repo;

/// A figure, for `docs/performance.md`.
fn note(what: &str, calls: &Calls, took: Duration) {
    let took = took.as_secs_f32();
    let rounds = calls.rounds();
    eprintln!(
        "{what}: {} calls, {} rounds: {rounds:#?}",
        calls.count(),
        rounds.len()
    );
    write(&format!(
        "| {what} | {} | {} | {took:.1} |",
        calls.count(),
        rounds.len()
    ));
}

fn write(row: &str) {
    eprintln!("{row}");
    if let Some(place) = std::env::var_os("ROUND_TRIPS") {
        let file = OpenOptions::new().create(true).append(true).open(place);
        writeln!(file.unwrap(), "{row}").unwrap();
    }
}

/// Without a place to write to, only what is small is counted.
fn counts_all() -> bool {
    std::env::var_os("ROUND_TRIPS").is_some()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn address(url: &str) -> std::net::SocketAddr {
    let rest = url.split_once("://").unwrap().1;
    rest.split('/').next().unwrap().parse().unwrap()
}

fn flows(
    count: usize,
    words: impl Fn(usize) -> (&'static str, &'static str),
) -> Vec<(String, String)> {
    let one = |at: usize| {
        let (version, words) = words(at);
        let id = format!("f{at:04}");
        (format!("flows/{id}.json"), flow(&id, version, words))
    };
    (0..count).map(one).collect()
}

/// A pull request with so many changed flows is checked, from a checkout of the trial merge alone.
fn check(changed: usize) -> Calls {
    let mut stage = Stage::new();
    let before = flows(changed, |_| ("1.0.0", "hello"));
    let before: Vec<(&str, String)> = before
        .iter()
        .map(|(p, t)| (p.as_str(), t.clone()))
        .collect();
    stage.commit(&before);
    let git = |stage: &Stage, args: &[&str]| stage.repo.run_git(args);
    let base = stage.head();
    git(&stage, &["checkout", "--quiet", "-b", "topic"]);
    let after = flows(changed, |_| ("1.1.0", "good day"));
    let after: Vec<(&str, String)> = after.iter().map(|(p, t)| (p.as_str(), t.clone())).collect();
    let topic = stage.commit(&after);
    git(&stage, &["checkout", "--quiet", "--detach", "main"]);
    git(
        &stage,
        &["merge", "--quiet", "--no-ff", "--message", "trial", &topic],
    );
    stage.mirror();
    let trial = stage.head();
    git(&stage, &["branch", "--force", "trial", &trial]);
    {
        let mut github = stage.fake.state();
        let pull = github.open_pull(7, "nobody");
        pull.head.clone_from(&topic);
        pull.merge_commit = Some(trial.clone());
    }
    let payload = json!({"action": "synchronize", "number": 7, "pull_request": {
        "number": 7, "merged": false, "merge_commit_sha": trial,
        "head": {"ref": "topic", "sha": topic, "repo": {"id": 10}},
        "base": {"ref": "main", "sha": base, "repo": {"id": 10}},
    }});
    let checkout = Repo::new();
    let from = format!("file://{}", stage.repo.root().display());
    checkout.run_git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=trial",
        &from,
        ".",
    ]);
    stage.repo = checkout;

    let (runtime, calls) = (runtime(), Calls::default());
    let github = delay::open(&runtime, address(&stage.fake.api_url()), &calls);
    let cxone = delay::open(&runtime, address(&stage.sandbox.base_url()), &calls);
    let run = stage
        .event("pull_request", &payload)
        .env("GITHUB_API_URL", &format!("http://{github}/api/v3"))
        .env(
            "GITHUB_GRAPHQL_URL",
            &format!("http://{github}/api/graphql"),
        )
        .env("CXONE_BASE_URL", &format!("http://{cxone}"))
        .env("FLOWGATE_MAX_CHANGES", "1000");
    let begin = Instant::now();
    run.end().ends(0, "");
    let took = begin.elapsed();
    note(
        &format!("check of a pull request that changes {changed} flows, checkout depth 1"),
        &calls,
        took,
    );
    calls
}

/// A repository whose flows are live on a tenant that is kept in a folder, one in twenty of them changed since.
struct Live {
    repo: Repo,
    data: TempDir,
    count: usize,
}

impl Live {
    fn new(runtime: &Runtime, count: usize) -> Self {
        let repo = flows(count, |_| ("1.0.0", "hello"))
            .iter()
            .fold(Repo::git(), |repo, (path, text)| repo.file(path, text))
            .commit("all");
        let live = Self {
            repo,
            data: TempDir::new().unwrap(),
            count,
        };
        let sandbox = live.tenant(runtime, None);
        live.deploy(&sandbox.base_url());
        for (path, text) in flows(count, |at| match at % 20 {
            0 => ("1.1.0", "good day"),
            _ => ("1.0.0", "hello"),
        }) {
            live.repo.write(&path, &text);
        }
        live
    }

    fn tenant(&self, runtime: &Runtime, rate_limit: Option<RateLimit>) -> Sandbox {
        let config = Config {
            data: Some(self.data.path().to_owned()),
            rate_limit,
            ..Config::default()
        };
        runtime.block_on(Sandbox::start(config)).unwrap()
    }

    /// How long it takes.
    fn deploy(&self, url: &str) -> Duration {
        let sandbox = format!("--sandbox={url}");
        let begin = Instant::now();
        let ended = self
            .repo
            .flowgate(&[
                "deploy",
                &sandbox,
                "--base",
                "HEAD",
                "--max-changes",
                "10000",
            ])
            .end();
        assert_eq!(ended.code, 0, "{}", ended.all());
        begin.elapsed()
    }

    /// All changes are live, each of them stored once.
    fn is_done(&self, sandbox: &Sandbox) -> bool {
        let state = sandbox.state();
        let flows = state.flows.values();
        let changed = flows.filter(|flow| flow.versions.len() == 2).count();
        changed == self.count.div_ceil(20)
    }

    fn words(&self) -> String {
        let changed = self.count.div_ceil(20);
        format!(
            "deployment of {} flows, {changed} of them changed",
            self.count
        )
    }
}

fn deploy(count: usize) -> Calls {
    let runtime = runtime();
    let live = Live::new(&runtime, count);
    let sandbox = live.tenant(&runtime, None);
    let calls = Calls::default();
    let cxone = delay::open(&runtime, address(&sandbox.base_url()), &calls);
    let took = live.deploy(&format!("http://{cxone}"));
    assert!(live.is_done(&sandbox));
    note(&live.words(), &calls, took);
    calls
}

/// The same at a tenant that takes so many requests a second and refuses all others.
fn deploy_at(count: usize, per_second: u32) {
    let runtime = runtime();
    let live = Live::new(&runtime, count);
    let sandbox = live.tenant(
        &runtime,
        Some(RateLimit {
            kind: LimitKind::TokenBucket {
                rate: per_second.into(),
                burst: per_second.into(),
            },
            retry_after: Some(RetryAfter::Seconds(1)),
            hints: Hints::Off,
        }),
    );
    let took = live.deploy(&sandbox.base_url()).as_secs_f64();
    assert!(live.is_done(&sandbox));
    let served = sandbox
        .requests()
        .iter()
        .filter(|request| matches!(request.outcome, Outcome::Answered(200..=299)))
        .count();
    let least = f64::from(u32::try_from(served).unwrap()) / f64::from(per_second);
    write(&format!(
        "| {}, at {per_second} requests a second | {served} | {:.2} × the least time | {took:.1} |",
        live.words(),
        took / least
    ));
}

#[test]
fn a_check_waits_for_a_handful_of_calls() {
    // One more for a machine that is too slow to send two calls within 50 ms.
    assert!(check(1).rounds().len() <= 9);
}

#[test]
fn a_deployment_waits_for_a_handful_of_calls() {
    assert!(deploy(1).rounds().len() <= 9);
}

#[test]
fn many_flows_are_asked_about_side_by_side() {
    if counts_all() {
        check(100);
        check(300);
        deploy(100);
        deploy(1_000);
        deploy_at(1_000, 50);
    }
}
