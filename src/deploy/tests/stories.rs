//! What goes as it should, and what must not be begun.

use std::num::NonZeroUsize;
use std::time::Duration;

use flowgate_core::plan::Action;
use flowgate_core::receipt::{AsReviewed, Receipt, State};

use super::fake::{Fault, Tenant};
use super::flows::{flow_of, release_of};
use super::{Stage, only};
use crate::audit::memory::Memory;
use crate::cxone::Operation;
use crate::deploy::{Moved, Reviewed, Shown, Verify, stop_token};

#[tokio::test(start_paused = true)]
async fn a_change_is_created_published_read_back_and_on_record() {
    let stage = Stage::new(Tenant::Full);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    let job = stage.job(&flow_of("main", "1.1.0", "new")).await;

    let deployment = stage.deploy(vec![job]).await;

    let receipt = only(&deployment);
    assert_eq!((receipt.state, receipt.verified), (State::Verified, true));
    assert_eq!(
        receipt.live_now.as_deref(),
        Some("live now: 1.1.0 (id `v2`)")
    );
    assert_eq!(deployment.exit_code(), 0);
    let live = stage.fake.on("main").live().expect("live").flow.clone();
    assert_eq!(live.version().expect("version").to_string(), "1.1.0");
    assert_eq!(
        stage.disk.names(),
        [
            "RUN RUN_START",
            "CREATE_VERSION INITIATED",
            "CREATE_VERSION CREATED",
            "PUBLISH_VERSION INITIATED",
            "PUBLISH_VERSION PUBLISHED",
            "READ_BACK VERIFIED",
            "RUN RUN_END",
        ]
    );
    assert!(
        stage
            .disk
            .text()
            .contains(r#""requestId":"req-1","latencyMs":7"#)
    );
    assert!(deployment.results[0].announcement.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_second_run_of_the_same_plan_writes_nothing() {
    let stage = Stage::new(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    stage.deploy(vec![job.clone()]).await;

    let again = Stage {
        disk: Memory::default(),
        ..stage
    };
    let deployment = again.deploy(vec![job]).await;

    assert_eq!(only(&deployment).state, State::Skipped);
    assert_eq!(deployment.exit_code(), 0);
    assert_eq!(again.fake.count(Operation::CreateVersion), 1);
    assert_eq!(again.fake.count(Operation::Publish), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stored_version_is_published_and_not_created_again() {
    let stage = Stage::new(Tenant::Full);
    let flow = flow_of("main", "1.0.0", "first");
    let job = stage.job(&flow).await;
    stage.fake.script(Operation::Publish, &[Fault::Refuse(400)]);
    let failed = stage.deploy(vec![job]).await;

    let receipt = only(&failed);
    assert_eq!((receipt.state, failed.exit_code()), (State::Failed, 4));
    let error = receipt.error.as_deref().expect("an error");
    assert!(
        error.contains("HTTP 400: the server's own words"),
        "{error}"
    );
    assert!(
        error.contains("1.0.0 is stored with id `v1` and not published"),
        "{error}"
    );
    assert!(error.ends_with("live now: nothing, unchanged"), "{error}");

    let healed = Stage {
        disk: Memory::default(),
        ..stage
    };
    let job = healed.publish_job(&flow, "v1".parse().expect("id")).await;
    let deployment = healed.deploy(vec![job]).await;

    assert_eq!(only(&deployment).state, State::Verified);
    assert_eq!(healed.fake.on("main").versions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_failed_flow_stops_no_other_and_receipts_stand_in_the_plans_order() {
    let stage = Stage::new(Tenant::Full);
    let mut jobs = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        jobs.push(stage.job(&flow_of(name, "1.0.0", "first")).await);
    }
    stage
        .fake
        .script(Operation::CreateVersion, &[Fault::Pass, Fault::Refuse(400)]);

    let deployment = stage.deploy(jobs).await;

    let states: Vec<State> = deployment.receipts().map(|receipt| receipt.state).collect();
    assert_eq!(
        states
            .iter()
            .filter(|state| **state == State::Failed)
            .count(),
        1
    );
    assert_eq!(
        states
            .iter()
            .filter(|state| **state == State::Verified)
            .count(),
        5
    );
    let names: Vec<String> = deployment
        .receipts()
        .filter_map(|receipt| receipt.flow_id.clone())
        .map(String::from)
        .collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(deployment.exit_code(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_edit_in_the_console_is_never_overwritten() {
    for (reads_before, creates) in [(0, 0), (1, 1)] {
        let stage = Stage::new(Tenant::Full);
        stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
        let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
        let mut reads = vec![Fault::Pass; reads_before];
        reads.push(Fault::Edit);
        stage.fake.script(Operation::ReadPublished, &reads);

        let deployment = stage.deploy(vec![job]).await;

        let receipt = only(&deployment);
        let error = receipt.error.as_deref().expect("an error");
        assert!(error.contains("edited in the console since"), "{error}");
        assert!(error.contains("live now: 9.9.9"), "{error}");
        assert_eq!(deployment.exit_code(), 4);
        assert_eq!(stage.fake.count(Operation::CreateVersion), creates);
        assert_eq!(stage.fake.count(Operation::Publish), 0);
        assert_eq!(
            receipt.state == State::Blocked,
            creates == 0,
            "blocked says that nothing was written"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_the_plan_holds_twice_is_not_written() {
    let stage = Stage::new(Tenant::Full);
    let first = stage.job(&flow_of("main", "1.0.0", "one")).await;
    let second = stage.job(&flow_of("main", "1.0.0", "two")).await;

    let deployment = stage.deploy(vec![first, second]).await;

    assert!(
        deployment
            .receipts()
            .all(|receipt| receipt.state == State::Blocked)
    );
    assert_eq!(stage.fake.count(Operation::CreateVersion), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_put_on_record_is_not_done() {
    // 0: RUN_START fails; 1: before the create; 2: after it; 3: before the publication.
    for (fails_after, creates) in [(0, 0), (1, 0), (2, 1), (3, 1)] {
        let mut stage = Stage::new(Tenant::Full);
        stage.disk = Memory::failing_after(fails_after);
        let job = stage.job(&flow_of("main", "1.0.0", "first")).await;

        let deployment = stage.deploy(vec![job]).await;

        assert_eq!(
            only(&deployment).state,
            State::Failed,
            "after {fails_after}"
        );
        assert!(deployment.audit_error.is_some());
        assert_eq!(deployment.exit_code(), 4);
        assert_eq!(stage.fake.count(Operation::CreateVersion), creates);
        assert_eq!(stage.fake.count(Operation::Publish), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_fails_after_the_last_write_fails_the_run_and_not_the_flow() {
    let mut stage = Stage::new(Tenant::Full);
    stage.disk = Memory::failing_after(4);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;

    let deployment = stage.deploy(vec![job]).await;

    assert_eq!(only(&deployment).state, State::Verified);
    assert_eq!(deployment.exit_code(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_only_counts_is_published_to_unverified_unless_verification_is_required() {
    let mut stage = Stage::new(Tenant::CountOnly);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    stage.settings.verify = Verify::Required;
    let refused = stage.deploy(vec![job.clone()]).await;
    assert_eq!(only(&refused).state, State::Blocked);
    assert_eq!(stage.fake.count(Operation::CreateVersion), 0);

    stage.settings.verify = Verify::Available;
    stage.disk = Memory::default();
    let deployment = stage.deploy(vec![job]).await;
    let receipt = only(&deployment);
    assert_eq!(
        (receipt.state, receipt.verified),
        (State::PublishedUnverified, false)
    );
    assert_eq!(deployment.exit_code(), 0);
    assert!(receipt.notices[0].contains("not verified"));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_begins_no_new_flow_and_finishes_what_it_sent() {
    let mut stage = Stage::new(Tenant::Full);
    stage.settings.concurrency = NonZeroUsize::MIN;
    let jobs = vec![
        stage.job(&flow_of("a", "1.0.0", "first")).await,
        stage.job(&flow_of("b", "1.0.0", "first")).await,
    ];
    let (stopper, stop) = stop_token();
    stage.fake.script(
        Operation::CreateVersion,
        &[Fault::Slow(Duration::from_secs(5))],
    );
    let signal = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stopper.stop();
    };

    let (deployment, ()) = tokio::join!(stage.deploy_until(jobs, stop), signal);

    let receipts: Vec<_> = deployment.receipts().collect();
    assert_eq!(receipts[0].state, State::Failed);
    assert_eq!(
        receipts[0].version_id.as_ref().expect("created").as_str(),
        "v1"
    );
    assert!(
        receipts[1]
            .error
            .as_deref()
            .expect("an error")
            .contains("not begun")
    );
    assert_eq!(stage.fake.count(Operation::CreateVersion), 1);
    assert_eq!(stage.fake.count(Operation::Publish), 0);
    assert_eq!(deployment.exit_code(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_slow_platform_is_waited_for() {
    let stage = Stage::new(Tenant::Full);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
    stage.fake.script(Operation::Publish, &[Fault::Lag(4)]);

    let deployment = stage.deploy(vec![job]).await;

    assert_eq!(only(&deployment).state, State::Verified);
}

#[tokio::test(start_paused = true)]
async fn as_many_flows_as_set_are_under_way_at_once() {
    for (concurrency, seconds) in [(1, 8), (4, 2), (8, 1)] {
        let mut stage = Stage::new(Tenant::Full);
        stage.settings.concurrency = NonZeroUsize::new(concurrency).expect("not zero");
        let mut jobs = Vec::new();
        for number in 0..8 {
            let flow = flow_of(&format!("flow-{number}"), "1.0.0", "first");
            jobs.push(stage.job(&flow).await);
        }
        let slow = [Fault::Slow(Duration::from_secs(1)); 8];
        stage.fake.script(Operation::CreateVersion, &slow);
        let begun = tokio::time::Instant::now();

        let deployment = stage.deploy(jobs).await;

        assert_eq!(deployment.exit_code(), 0);
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_leaves_alone_stands_in_receipts_and_audit_with_its_reason() {
    let stage = Stage::new(Tenant::Full);
    let flow = flow_of("main", "1.0.0", "first");
    stage.fake.publish_by_hand(&flow);
    let nothing = stage.job_with(&flow, Action::Nothing).await;
    let blocked = stage.job_with(&flow, Action::Blocked).await;

    let deployment = stage.deploy(vec![nothing, blocked]).await;

    let states: Vec<State> = deployment.receipts().map(|receipt| receipt.state).collect();
    assert_eq!(states, [State::Skipped, State::Blocked]);
    assert_eq!(deployment.exit_code(), 4);
    let live = "live now: 1.0.0 (id `v1`), unchanged";
    assert!(
        deployment
            .receipts()
            .all(|receipt| receipt.live_now.as_deref() == Some(live))
    );
    assert!(stage.disk.names().contains(&"PLAN SKIPPED".to_owned()));
    assert!(stage.disk.names().contains(&"PLAN BLOCKED".to_owned()));
    assert!(stage.disk.text().contains("the file was changed"));
    assert_eq!(stage.fake.count(Operation::ReadPublished), 0);
}

#[tokio::test(start_paused = true)]
async fn a_block_that_no_comment_showed_says_what_changed_since() {
    let flow = flow_of("main", "1.0.0", "first");
    for (moved, says) in [
        (Vec::new(), "no comment of the pull request showed it"),
        (vec!["`main` moved on".to_owned()], "`main` moved on"),
    ] {
        let mut stage = Stage::new(Tenant::Full);
        stage.settings.reviewed = Some(Reviewed {
            moved,
            ..Reviewed::default()
        });
        let blocked = stage.job_with(&flow, Action::Blocked).await;
        let nothing = stage.job_with(&flow, Action::Nothing).await;

        let deployment = stage.deploy(vec![blocked, nothing]).await;

        let notices: Vec<_> = deployment.receipts().map(|it| it.notices.clone()).collect();
        assert_eq!(notices, [vec![says.to_owned()], Vec::new()]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_made_blind_writes_nothing() {
    let stage = Stage::new(Tenant::Full);
    let mut job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    job.seen = None;

    let deployment = stage.deploy(vec![job]).await;

    assert_eq!(only(&deployment).state, State::Blocked);
    assert_eq!(stage.fake.count(Operation::CreateVersion), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_its_content_writes_nothing() {
    let stage = Stage::new(Tenant::Full);
    let mut job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    job.planned.action.let_go();

    let deployment = stage.deploy(vec![job]).await;

    let receipt = only(&deployment);
    assert_eq!(receipt.state, State::Failed);
    let error = receipt.error.as_deref().unwrap_or_default();
    assert!(error.starts_with("nothing was sent: "), "{error}");
    assert_eq!(stage.fake.count(Operation::CreateVersion), 0);
}

#[tokio::test(start_paused = true)]
async fn each_receipt_says_whether_the_comment_showed_what_was_deployed() {
    let flows = ["same", "changed", "unseen"].map(|id| flow_of(id, "1.0.0", "Hello"));
    let mut stage = Stage::new(Tenant::Full);
    let shown = |flow| Shown {
        digest: release_of(flow).digest,
        moved: Moved::On("`main` moved on".to_owned()),
    };
    let all = [
        ("same", shown(&flows[0])),
        ("changed", shown(&flow_of("changed", "1.0.0", "Good day"))),
    ];
    let all = all.into_iter();
    stage.settings.reviewed = Some(Reviewed {
        shown: all
            .map(|(id, digest)| (id.parse().expect("flow id"), digest))
            .collect(),
        moved: vec!["`main` moved on".to_owned()],
    });
    let mut jobs = Vec::new();
    for flow in &flows {
        jobs.push(stage.job(flow).await);
    }
    let deployment = stage.deploy(jobs).await;
    let said: Vec<_> = deployment
        .receipts()
        .map(|receipt| receipt.as_reviewed)
        .collect();
    assert_eq!(
        said,
        [
            Some(AsReviewed::Same),
            Some(AsReviewed::Different),
            Some(AsReviewed::NotShown)
        ]
    );
    assert!(stage.disk.text().contains(r#""asReviewed":"different""#));
    let why = |receipt: &Receipt| receipt.notices.join("; ").contains("`main` moved on");
    let why: Vec<bool> = deployment.receipts().map(why).collect();
    assert_eq!(why, [false, true, true]);
}
