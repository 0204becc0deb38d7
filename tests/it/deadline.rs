//! A run ends at its deadline, whatever it is doing: reading, judging, asking. What it began to write it ends.

use std::time::{Duration, Instant};

use crate::run_check::propose;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::Repo;
use crate::support::github::{Fault, When};

const FLOW: &str = "flows/main.json";

/// A flow with so many elements, each of which says something else.
fn large(id: &str, elements: usize) -> String {
    use std::fmt::Write as _;
    let (mut list, mut ways) = (String::new(), String::new());
    for nth in 0..elements {
        let next = nth + 1;
        write!(
            list,
            r#"{{"id": "m{nth}", "type": "IVR", "configuration": {{"prompt": "Please hold, {id} {nth}: your password={{{{x}}}}"}}}},"#
        )
        .unwrap();
        write!(
            ways,
            r#",{{"id": "c{nth}", "sourceId": "m{nth}", "targetId": "m{next}"}}"#
        )
        .unwrap();
    }
    format!(
        r#"{{"flowId": "{id}", "version": "1.0.0", "elements": [{{"id": "b", "type": "Begin"}},{list}{{"id": "m{elements}", "type": "End"}}],
"connectors": [{{"id": "first", "sourceId": "b", "targetId": "m0"}}{ways}]}}"#
    )
}

const PASSED: &str = "the run's deadline of";

#[test]
fn judging_ends_at_the_deadline() {
    // Some 20 MB in all, twice: seconds of work for any machine.
    for (files, elements) in [(40, 3_000), (1, 120_000)] {
        let repo = (0..files).fold(Repo::new(), |repo, nth| {
            repo.file(
                &format!("flows/{nth}.json"),
                large(&format!("f{nth}"), elements),
            )
        });
        let ended = repo.flowgate(&["check", "--run-deadline", "1ms"]).end();
        assert_eq!(ended.code, 4, "{}", ended.all());
        assert!(ended.err.contains(PASSED), "{}", ended.all());
        assert!(
            ended.err.contains("set a longer `run-deadline`"),
            "{}",
            ended.all()
        );
    }
}

#[test]
fn a_deployment_that_is_late_before_its_first_write_makes_none() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(7, &[(FLOW, flow("main-line", "1.0.0", "Hello"))]);
    let late = |stage: &mut Stage, deadline: &str| {
        let run = stage.push(&before).env("FLOWGATE_RUN_DEADLINE", deadline);
        run.end()
    };
    late(&mut stage, "1ms").ends(4, "the run's deadline");
    assert_eq!(stage.writes(), (0, 0));
    late(&mut stage, "15m").ends(0, "1 live");
}

#[test]
fn a_check_waits_for_github_and_for_cxone_no_longer_than_that() {
    let mut stage = Stage::new();
    let payload = propose(&stage, 7, &[(FLOW, flow("main-line", "1.0.0", "Hello"))]);
    let bare = stage.folder.path().join("bare");
    std::fs::create_dir(&bare).unwrap();
    stage.fake.fail_next(When("POST", "/graphql"), Fault::Hangs);
    let began = Instant::now();
    let run = stage
        .event("pull_request", &payload)
        .env("FLOWGATE_RUN_DEADLINE", "2s");
    run.cwd(&bare).end().ends(4, PASSED);
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}
