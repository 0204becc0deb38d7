//! Two real processes deploy at the same time: what serialising in the workflow saves people from, and what holds without.
//! What the platform's API leaves open is said in `docs/reliability.md`, "Two deployments at the same time".

use std::collections::BTreeSet;
use std::time::Duration;

use flowgate_sandbox::{Config, Sandbox};

use crate::run_deploy::stage::{Begun, Done, Stage, flow};
use crate::support::Repo;

const A: &str = "flows/accounts.json";
const B: &str = "flows/billing.json";
const ROUNDS: u64 = 6;

/// A platform that takes its time, so that the two really meet.
fn slow() -> Config {
    Config {
        latency: Duration::from_millis(8),
        ..Config::default()
    }
}

/// Begins the second one so much later than the first, in another place in each round.
fn both<T: Send>(
    round: u64,
    first: impl FnOnce() -> T + Send,
    second: impl FnOnce() -> T + Send,
) -> (T, T) {
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        std::thread::sleep(Duration::from_millis(round * 15));
        let second = second();
        (first.join().unwrap(), second)
    })
}

fn live_at_once() -> Stage {
    let mut stage = Stage::on(slow());
    let before = stage.head();
    let files = [
        (A, flow("accounts", "1.0.0", "Hello")),
        (B, flow("billing", "1.0.0", "Hello")),
    ];
    stage.merge(1, &files);
    stage.push(&before).end().ends(0, "2 live");
    stage
}

fn versions(stage: &Stage, id: &str) -> Vec<String> {
    let cxone = stage.sandbox.state();
    let found = cxone.flow(id).unwrap();
    found.versions.iter().map(|v| v.version.clone()).collect()
}

/// A checkout of its own for a run.
fn worktree(stage: &Stage, begun: Begun, name: &str, commit: &str) -> Begun {
    let place = stage.folder.path().join(name);
    let path = place.display().to_string();
    stage
        .repo
        .run_git(&["worktree", "add", "--quiet", "--detach", &path, commit]);
    begun.cwd(&place)
}

#[test]
fn the_same_merge_deployed_twice_at_once_is_stored_once_and_live() {
    for round in 0..ROUNDS {
        let mut stage = live_at_once();
        let before = stage.head();
        stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
        let (one, two) = (stage.push(&before), stage.push(&before));
        let (one, two) = both(round, || one.end(), || two.end());
        assert_eq!(versions(&stage, "accounts"), ["1.0.0", "1.1.0"]);
        assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
        for done in [&one, &two] {
            // The loser may have been told that somebody else has published meanwhile; by the next run all is well.
            assert!(matches!(done.code, 0 | 4), "{}", done.log);
        }
        assert!(one.code == 0 || two.code == 0, "{}\n{}", one.log, two.log);
        let writes = stage.writes();
        stage.push(&before).end().ends(0, "");
        assert_eq!(stage.writes(), writes);
    }
}

#[test]
fn of_two_merges_deployed_at_once_the_later_one_is_live_in_the_end() {
    for round in 0..ROUNDS {
        let mut stage = live_at_once();
        let zero = stage.head();
        let old = stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
        let new = stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
        let first = stage.event("push", &Stage::push_of(&zero, &old));
        let first = worktree(&stage, first, "old", &old);
        let second = stage.event("push", &Stage::push_of(&old, &new));
        let second = worktree(&stage, second, "new", &new);
        let (first, second): (Done, Done) = both(round, || first.end(), || second.end());
        // The older run sees what the branch says by now and leaves the flow alone.
        first.ends(0, "the branch says otherwise of it since commit");
        second.ends(0, "1 live");
        assert_eq!(versions(&stage, "accounts"), ["1.0.0", "1.2.0"]);
        assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
    }
}

#[test]
fn merges_of_different_flows_do_not_get_in_each_others_way() {
    for round in 0..ROUNDS {
        let mut stage = live_at_once();
        let zero = stage.head();
        let one = stage.merge(2, &[(A, flow("accounts", "1.1.0", "Good day"))]);
        let two = stage.merge(3, &[(B, flow("billing", "1.1.0", "Good day"))]);
        let first = stage.event("push", &Stage::push_of(&zero, &one));
        let first = worktree(&stage, first, "one", &one);
        let second = stage.event("push", &Stage::push_of(&one, &two));
        let second = worktree(&stage, second, "two", &two);
        let (first, second): (Done, Done) = both(round, || first.end(), || second.end());
        // The second heals what the first has not done yet, so both may meet at `accounts`.
        for done in [&first, &second] {
            assert!(matches!(done.code, 0 | 4), "{}", done.log);
        }
        for id in ["accounts", "billing"] {
            assert_eq!(versions(&stage, id), ["1.0.0", "1.1.0"]);
            assert_eq!(stage.live(id).as_deref(), Some("1.1.0"));
        }
    }
}

/// Nobody knows an order here: two work trees, and no GitHub.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_branch_to_ask_one_of_two_versions_is_live_and_its_run_is_the_green_one() {
    for round in 0..ROUNDS {
        let sandbox = Sandbox::start(slow()).await.unwrap();
        let repo = Repo::new();
        let before = flow("accounts", "1.0.0", "Hello");
        sandbox.seed_published(&before, "1.0.0").unwrap();
        repo.write("base/flows/a.json", &before);
        for (place, version) in [("one", "1.1.0"), ("two", "1.2.0")] {
            let after = flow("accounts", version, place);
            repo.write(&format!("{place}/flows/a.json"), after);
        }
        let address = format!("--sandbox={}", sandbox.base_url());
        let run = |place: &str| {
            repo.flowgate(&["deploy", &address, "--base-dir=../base"])
                .cwd(repo.root().join(place))
        };
        let (one, two) = (run("one"), run("two"));
        let ended = tokio::task::spawn_blocking(move || both(round, || one.end(), || two.end()));
        let (one, two) = ended.await.unwrap();
        let state = sandbox.state();
        let found = state.flow("accounts").unwrap();
        let numbers: BTreeSet<&str> = found.versions.iter().map(|v| v.version.as_str()).collect();
        assert_eq!(numbers.len(), found.versions.len(), "a number twice");
        let live = found.published().unwrap().version.as_str();
        let (winner, loser) = match live {
            "1.1.0" => (one, two),
            "1.2.0" => (two, one),
            other => panic!("{other} is live"),
        };
        assert_eq!(winner.code, 0, "{}", winner.all());
        // It was read back before it was replaced, or it says what happened.
        assert!(matches!(loser.code, 0 | 4), "{}", loser.all());
    }
}
