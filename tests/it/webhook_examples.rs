//! GitHub's own example payloads, and overlays that still are what GitHub sends, through the event parser and the gate.
//!
//! `WEBHOOK_EXAMPLES` names a directory with files `EVENT.NAME.json`, which the conformance job makes of npm
//! `@octokit/webhooks-examples` (`tests/conformance/github/webhooks.mjs`). Without it the test says aloud that it is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;

use flowgate::event::{self, Event};
use flowgate::gate::{self, DirectPush, Lookup, Situation, Target};

use crate::support::github::reference_of;

/// The payloads that may write, with HEAD at the merge commit and a merged pull request found for every push.
const MAY_WRITE: [&str; 4] = [
    "pull_request.closed-merged",
    // A repository that is itself a fork has pull requests of its own.
    "pull_request.closed-merged-in-a-fork",
    "push.to-default",
    // Two examples of the event are runs on the default branch.
    "workflow_dispatch",
];

fn environment(name: &str, payload: &[u8]) -> BTreeMap<&'static str, String> {
    let payload = serde_json::from_slice(payload).unwrap();
    BTreeMap::from([
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_EVENT_NAME", name.to_owned()),
        ("GITHUB_EVENT_PATH", "/event.json".to_owned()),
        ("GITHUB_REPOSITORY", "acme/flows".to_owned()),
        ("GITHUB_RUN_ID", "77".to_owned()),
        ("GITHUB_REF", reference_of(name, &payload)),
    ])
}

#[test]
fn github_s_own_payloads_are_understood_and_only_a_merge_may_write() {
    let Some(directory) = std::env::var_os("WEBHOOK_EXAMPLES") else {
        let said = "LEFT OUT: github_s_own_payloads_are_understood_and_only_a_merge_may_write; WEBHOOK_EXAMPLES names no \
                    directory, see tests/conformance";
        writeln!(std::io::stderr(), "{said}").unwrap();
        return;
    };
    let (mut names, mut count, mut wrote) = (BTreeSet::new(), 0, BTreeSet::new());
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let (name, _) = stem.split_once('.').unwrap();
        let payload = fs::read(&path).unwrap();
        let environment = environment(name, &payload);
        let started = event::read(
            |key| environment.get(key).map(String::as_str),
            |_| Ok(payload.clone()),
        )
        .unwrap_or_else(|error| panic!("{stem}: {error:?}"));
        assert_eq!(started.event.name(), name, "{stem}");
        let context = started.context.unwrap();
        let number = started.event.pull_request().map_or(7, |pull| pull.number);
        let situation = Situation {
            target: Target::Tenant,
            trigger: started.event.trigger(),
            deploy_branch: context.repository.default_branch.clone(),
            head: merge_commit(&started.event),
            tip: merge_commit(&started.event),
            lookup: Lookup::Found(number),
            direct_push: DirectPush::Refuse,
        };
        let said = gate::decide(&situation);
        let may = MAY_WRITE.contains(&stem.as_str()) || MAY_WRITE.contains(&name);
        assert_eq!(said.is_ok(), may, "{stem}: {said:?}");
        if may {
            wrote.insert(stem.clone());
            // The same payload is refused as soon as one thing is otherwise.
            let elsewhere = Some("release".to_owned());
            for other in [
                Situation {
                    deploy_branch: None,
                    ..situation.clone()
                },
                Situation {
                    deploy_branch: elsewhere,
                    ..situation.clone()
                },
            ] {
                assert!(gate::decide(&other).is_err(), "{stem}");
            }
            if name != "workflow_dispatch" {
                for lookup in [Lookup::NotFound, Lookup::Failed("down".to_owned())] {
                    let other = Situation {
                        lookup,
                        ..situation.clone()
                    };
                    assert!(gate::decide(&other).is_err(), "{stem}");
                }
            }
            if name == "pull_request" {
                let other = Situation {
                    head: None,
                    ..situation.clone()
                };
                assert!(gate::decide(&other).is_err(), "{stem}");
            }
        }
        names.insert(name.to_owned());
        count += 1;
    }
    assert!(
        count > 300 && names.len() > 50,
        "{count} payloads of {} events",
        names.len()
    );
    assert!(wrote.len() >= 4, "{wrote:?}");
}

/// What is checked out.
fn merge_commit(event: &Event) -> Option<flowgate_core::ids::CommitSha> {
    match event {
        Event::Dispatch(_) => "1".repeat(40).parse().ok(),
        _ => event.pull_request()?.merge_commit.clone(),
    }
}
