//! Rollbacks that do not go as meant: lost answers, a process that is killed, and versions that hold other content than
//! was sent, which are rolled back without being asked.

use std::path::PathBuf;

use flowgate_sandbox::{Config, Entry, Fault, Operation, Pause, Position, Scripted};

use super::{take_back, twice_deployed};
use crate::run_deploy::A;
use crate::run_deploy::stage::{Stage, flow};

#[test]
fn an_unclear_publication_is_resolved_by_reading() {
    let server_error = Scripted {
        at: flowgate_sandbox::Moment::Committed,
        ..Scripted::new(503)
    };
    for (fault, code, live, says) in [
        (Fault::DropAfter, 0, "1.0.0", "1 taken back"),
        (Fault::Status(server_error), 0, "1.0.0", "1 taken back"),
        (Fault::DropBefore, 4, "1.1.0", "live now: 1.1.0"),
        (Fault::status(403), 4, "1.1.0", "flows:publish"),
    ] {
        let mut stage = twice_deployed();
        stage.sandbox.fail_next(Operation::Publish, fault.clone());
        let begun = take_back(&mut stage).env("FLOWGATE_AMBIGUOUS_READ_DELAYS", "0s,20ms");
        let done = begun.end().ends(code, says);
        assert_eq!(stage.live("accounts").as_deref(), Some(live), "{fault:?}");
        assert!(
            !done.log.contains("the next run publishes it"),
            "a rollback is no unfinished work: {}",
            done.log
        );
        // Once more, and it is done.
        take_back(&mut stage).end().ends(0, "");
        assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    }
}

#[test]
fn killed_while_it_publishes_it_converges_when_it_is_run_again() {
    for at in [Position::Received, Position::Committed] {
        let mut stage = twice_deployed();
        // One more version, so that a second step back would show.
        let before = stage.head();
        stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
        stage.push(&before).end().ends(0, "1 live");
        let touched: PathBuf = stage.folder.path().join("publishing");
        let audit = stage.folder.path().join("kept-audit");
        let kept = |begun: crate::run_deploy::stage::Begun| {
            begun.env("FLOWGATE_AUDIT_FILE", &audit.display().to_string())
        };
        let pause = Pause {
            at,
            touch: Some(touched.clone()),
            until: None,
            ms: Some(300),
        };
        stage
            .sandbox
            .add_fault(Entry::new(Operation::Publish, Fault::Pause(pause)));
        kept(take_back(&mut stage)).killed_once(|| touched.exists());
        // The server does what it was asked to, client or no client.
        for _ in 0..200 {
            if stage.live("accounts").as_deref() == Some("1.1.0") {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        kept(take_back(&mut stage)).end().ends(0, "");
        assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"), "{at:?}");
        let writes = stage.writes();
        kept(take_back(&mut stage)).end().ends(0, "is live already");
        assert_eq!(stage.writes(), writes);
        let proof = stage
            .repo
            .flowgate(&["audit", "verify", &audit.display().to_string()])
            .end();
        assert_eq!(proof.code, 0, "{}", proof.out);
        assert!(proof.err.contains("no RUN_END"), "{}", proof.err);
    }
}

#[test]
fn content_that_nobody_sent_is_rolled_back_and_told_on_the_pull_request() {
    let mut stage = twice_deployed();
    let before = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
    stage
        .sandbox
        .fail_next(Operation::CreateVersion, Fault::Garble);
    let begun = stage
        .push(&before)
        .env("FLOWGATE_READ_BACK_DEADLINE", "50ms");
    let done = begun.end().ends(4, "rolled back to 1.1.0");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert_eq!(done.outputs["result"], "failed");
    assert!(!done.outputs.contains_key("published"));
    let github = stage.fake.state();
    let [body] = github.bodies(3)[..] else {
        panic!()
    };
    for says in [
        "❌ Deployed to CXone: 1 flow: 1 taken back",
        "it is not what was sent",
        "1.1.0",
        "find out why CXone showed other content",
    ] {
        assert!(body.contains(says), "{says:?} is not in\n{body}");
    }
    drop(github);
    assert!(
        done.audit.contains(r#""status":"ROLLED_BACK""#),
        "{}",
        done.audit
    );
    // It is held, and a start by hand that does not name it is red: the merged version is not live.
    let writes = stage.writes();
    stage.dispatch().end().ends(4, "was taken back");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_first_version_has_nothing_to_go_back_to() {
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(1, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    stage
        .sandbox
        .fail_next(Operation::CreateVersion, Fault::Garble);
    let begun = stage
        .push(&before)
        .env("FLOWGATE_READ_BACK_DEADLINE", "50ms");
    begun.end().ends(4, "a first version has none before it");
    assert_eq!(stage.writes(), (1, 1));
}

#[test]
fn a_version_that_went_bad_in_store_is_not_left_live_by_a_rollback() {
    let mut stage = twice_deployed();
    stage.sandbox.fail_next(Operation::Publish, Fault::Garble);
    let begun = take_back(&mut stage).env("FLOWGATE_READ_BACK_DEADLINE", "50ms");
    begun.end().ends(4, "rolled back to 1.1.0");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn what_a_server_adds_to_a_version_is_in_nobodys_way() {
    let mut stage = super::twice_deployed_on(Config {
        behaviours: [flowgate_sandbox::Behaviour::AddsMembers].into(),
        ..Config::default()
    });
    take_back(&mut stage).end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    let to = take_back(&mut stage).env("FLOWGATE_TO", "1.1.0");
    to.end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}
