//! Answers that say nothing, and publications that went wrong.

use std::num::NonZeroUsize;
use std::time::Duration;

use flowgate_core::receipt::State;
use flowgate_core::report::receipts::Deed;

use super::fake::{Fault, Tenant};
use super::flows::flow_of;
use super::{Stage, only};
use crate::cxone::Operation;
use crate::deploy::{Deployment, stop_token};
use crate::metrics::Metrics;

const READS_FAIL: [Fault; 40] = [Fault::LostBefore; 40];

#[tokio::test(start_paused = true)]
async fn a_create_whose_answer_was_lost_is_found_and_gone_on_with() {
    for tenant in [Tenant::Full, Tenant::List] {
        let stage = Stage::new(tenant);
        let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
        stage
            .fake
            .script(Operation::CreateVersion, &[Fault::LostAfter]);
        stage.fake.script(
            Operation::ListVersions,
            &[Fault::LostBefore, Fault::LostBefore],
        );

        let deployment = stage.deploy(vec![job]).await;

        assert_eq!(only(&deployment).state, State::Verified, "{tenant:?}");
        assert_eq!(stage.fake.on("main").versions.len(), 1);
        assert_eq!(stage.fake.count(Operation::CreateVersion), 1);
        assert!(stage.disk.text().contains("found by reading"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_failed_is_on_record_with_the_servers_id_of_the_request() {
    for (operation, refusal, event) in [
        (Operation::CreateVersion, 400, "CREATE_VERSION"),
        (Operation::Publish, 403, "PUBLISH_VERSION"),
    ] {
        let stage = Stage::new(Tenant::Full);
        let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
        stage.fake.script(operation, &[Fault::Refuse(refusal)]);

        stage.deploy(vec![job]).await;

        let audit = stage.disk.text();
        let failed = audit.lines().find(|line| line.contains("FAILED")).unwrap();
        let id = format!(r#""requestId":"req-{refusal}""#);
        assert!(failed.contains(event) && failed.contains(&id), "{failed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_taken_is_on_record_with_the_request_that_said_so() {
    let stage = Stage::new(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    stage.fake.script(Operation::CreateVersion, &[Fault::Squat]);

    stage.deploy(vec![job]).await;

    let audit = stage.disk.text();
    let blocked = audit.lines().find(|line| line.contains("BLOCKED")).unwrap();
    assert!(blocked.contains(r#""requestId":"req-409""#), "{blocked}");
}

#[tokio::test(start_paused = true)]
async fn a_create_that_certainly_never_arrived_fails_without_a_second_try() {
    let stage = Stage::new(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    stage
        .fake
        .script(Operation::CreateVersion, &[Fault::LostBefore]);

    let deployment = stage.deploy(vec![job]).await;

    assert_eq!(
        (only(&deployment).state, deployment.exit_code()),
        (State::Failed, 4)
    );
    assert_eq!(stage.fake.count(Operation::CreateVersion), 1);
    assert_eq!(stage.fake.count(Operation::ListVersions), 5);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_nobody_can_resolve_is_unknown() {
    let counting = Stage::new(Tenant::CountOnly);
    let silent = Stage::new(Tenant::Full);
    for stage in [counting, silent] {
        let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
        stage
            .fake
            .script(Operation::CreateVersion, &[Fault::LostAfter]);
        stage.fake.script(Operation::ListVersions, &READS_FAIL);

        let deployment = stage.deploy(vec![job]).await;

        assert_eq!(
            (only(&deployment).state, deployment.exit_code()),
            (State::Unknown, 5)
        );
        assert_eq!(stage.fake.count(Operation::CreateVersion), 1);
        assert_eq!(stage.fake.count(Operation::Publish), 0);
        assert!(
            stage
                .disk
                .names()
                .contains(&"CREATE_VERSION UNKNOWN".to_owned())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_that_other_content_took_blocks_and_names_both_digests() {
    let stage = Stage::new(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    stage.fake.script(Operation::CreateVersion, &[Fault::Squat]);

    let deployment = stage.deploy(vec![job]).await;

    let receipt = only(&deployment);
    assert_eq!((receipt.state, deployment.exit_code()), (State::Blocked, 4));
    let error = receipt.error.as_deref().expect("an error");
    assert_eq!(error.matches("fg1.").count(), 2, "{error}");
    assert_eq!(stage.fake.count(Operation::Publish), 0);
}

#[tokio::test(start_paused = true)]
async fn a_number_that_our_own_content_took_is_published() {
    let stage = Stage::new(Tenant::Full);
    let flow = flow_of("main", "1.0.0", "first");
    let job = stage.job(&flow).await;
    stage.fake.script(Operation::Publish, &[Fault::Refuse(400)]);
    stage.deploy(vec![job.clone()]).await;

    // The plan of a run that began before: it knows of no stored version.
    let again = Stage {
        disk: crate::audit::memory::Memory::default(),
        ..stage
    };
    let deployment = again.deploy(vec![job]).await;

    assert_eq!(only(&deployment).state, State::Verified);
    assert_eq!(again.fake.on("main").versions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_publication_whose_answer_was_lost_is_resolved_by_reading() {
    for (fault, state) in [
        (Fault::LostAfter, State::Verified),
        (Fault::LostBefore, State::Failed),
    ] {
        let stage = Stage::new(Tenant::Full);
        stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
        let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
        stage.fake.script(Operation::Publish, &[fault]);

        let deployment = stage.deploy(vec![job]).await;

        let receipt = only(&deployment);
        assert_eq!(receipt.state, state);
        assert_eq!(stage.fake.count(Operation::Publish), 1);
        if state == State::Failed {
            let error = receipt.error.as_deref().expect("an error");
            assert!(
                error.contains("id `v2`")
                    && error.ends_with("live now: 1.0.0 (id `v1`), unchanged"),
                "{error}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_publication_that_cannot_be_looked_at_is_unknown() {
    let stage = Stage::new(Tenant::Full);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
    stage
        .fake
        .script(Operation::ReadPublished, &[Fault::Pass, Fault::Pass]);
    stage.fake.script(Operation::ReadPublished, &READS_FAIL);

    let deployment = stage.deploy(vec![job]).await;

    let receipt = only(&deployment);
    assert_eq!((receipt.state, deployment.exit_code()), (State::Unknown, 5));
    assert!(
        receipt
            .error
            .as_deref()
            .expect("an error")
            .contains("before it was 1.0.0")
    );
}

#[tokio::test(start_paused = true)]
async fn an_accepted_publication_that_never_shows_is_unknown_with_the_version_named() {
    let stage = Stage::new(Tenant::Full);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
    stage.fake.script(Operation::Publish, &[Fault::Lag(10_000)]);

    let deployment = stage.deploy(vec![job]).await;

    let receipt = only(&deployment);
    assert_eq!((receipt.state, deployment.exit_code()), (State::Unknown, 5));
    assert!(
        receipt
            .error
            .as_deref()
            .expect("an error")
            .contains("id `v2`")
    );
}

#[tokio::test(start_paused = true)]
async fn a_publication_with_other_content_is_rolled_back() {
    let stage = Stage::new(Tenant::Full);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
    stage
        .fake
        .script(Operation::CreateVersion, &[Fault::Corrupt]);

    let deployment = stage.deploy(vec![job]).await;

    let receipt = only(&deployment);
    assert_eq!(
        (receipt.state, deployment.exit_code()),
        (State::RolledBack, 4)
    );
    assert_eq!(
        stage.fake.on("main").live().expect("live").id.as_str(),
        "v1"
    );
    let error = receipt.error.as_deref().expect("an error");
    assert!(
        error.contains("prompt") && error.ends_with("live now: 1.0.0 (id `v1`), as before"),
        "{error}"
    );
    assert!(stage.disk.names().ends_with(&[
        "ROLLBACK INITIATED".to_owned(),
        "ROLLBACK PUBLISHED".to_owned(),
        "ROLLBACK ROLLED_BACK".to_owned(),
        "RUN RUN_END".to_owned(),
    ]));
    assert!(deployment.results[0].announcement.is_none());
    let audit = stage.disk.text();
    let back = audit.lines().rev().nth(2).expect("an event");
    assert!(
        back.contains(r#""version":"1.0.0","versionId":"v1""#) && back.contains(r#""requestId""#),
        "the audit names the version that was sent: {back}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_first_version_is_never_rolled_back() {
    let stage = Stage::new(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.0.0", "first")).await;
    stage
        .fake
        .script(Operation::CreateVersion, &[Fault::Corrupt]);

    let deployment = stage.deploy(vec![job]).await;

    assert_eq!(
        (only(&deployment).state, deployment.exit_code()),
        (State::Failed, 4)
    );
    assert_eq!(stage.fake.count(Operation::Publish), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_cannot_be_confirmed_is_unknown_and_one_that_was_refused_is_a_failure() {
    for (fault, state) in [
        (Fault::LostBefore, State::Unknown),
        (Fault::Refuse(403), State::Failed),
        (Fault::LostAfter, State::RolledBack),
    ] {
        let stage = Stage::new(Tenant::Full);
        stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
        let job = stage.job(&flow_of("main", "1.1.0", "new")).await;
        stage
            .fake
            .script(Operation::CreateVersion, &[Fault::Corrupt]);
        stage.fake.script(Operation::Publish, &[Fault::Pass, fault]);

        let deployment = stage.deploy(vec![job]).await;

        assert_eq!(only(&deployment).state, state, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_whose_publication_failed_is_no_successful_snapshot() {
    let stage = Stage::new(Tenant::Full);
    let mut jobs = Vec::new();
    for name in ["a", "b", "c", "d"] {
        jobs.push(stage.job(&flow_of(name, "1.0.0", "first")).await);
    }
    stage.fake.script(Operation::Publish, &[Fault::Refuse(400)]);

    let metrics = Metrics::of(&stage.deploy(jobs).await, &[], Deed::Deployed);

    assert_eq!(metrics.total_versions_processed, 4);
    assert_eq!(
        (
            metrics.successful_snapshots,
            metrics.snapshot_success_rate.as_str()
        ),
        (3, "75.00%")
    );
    assert_eq!(
        (
            metrics.versions_created,
            metrics.versions_published,
            metrics.failed
        ),
        (4, 3, 1)
    );
    assert_eq!(
        metrics.audit_log_count,
        u64::try_from(stage.disk.names().len()).expect("few")
    );
}

/// A deployment of `a` and `b`, one after the other, that is cancelled after a second; how long it goes on then.
async fn cancelled(slow: Operation, seconds: u64) -> (Stage, Deployment, Duration) {
    let mut stage = Stage::new(Tenant::Full);
    stage.settings.concurrency = NonZeroUsize::MIN;
    let jobs = vec![
        stage.job(&flow_of("a", "1.0.0", "first")).await,
        stage.job(&flow_of("b", "1.0.0", "first")).await,
    ];
    stage
        .fake
        .script(slow, &[Fault::Slow(Duration::from_secs(seconds))]);
    let (stopper, stop) = stop_token();
    let begun = tokio::time::Instant::now();
    let signal = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stopper.stop();
    };
    let (deployment, ()) = tokio::join!(stage.deploy_until(jobs, stop), signal);
    let took = begun.elapsed().saturating_sub(Duration::from_secs(1));
    (stage, deployment, took)
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_while_it_looks_writes_nothing() {
    let (stage, deployment, _) = cancelled(Operation::ReadPublished, 3).await;

    assert_eq!(stage.fake.count(Operation::CreateVersion), 0);
    assert_eq!(deployment.exit_code(), 4);
    let error = deployment.results[0].receipt.error.clone().expect("why");
    assert!(error.contains("cancelled before the creation"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_does_not_wait_for_an_answer_that_does_not_come() {
    for (slow, code) in [
        (Operation::CreateVersion, 5),
        (Operation::Publish, 5),
        (Operation::ReadPublished, 4),
    ] {
        let (stage, deployment, took) = cancelled(slow, 60).await;

        assert!(took < Duration::from_secs(7), "{slow}: {took:?}");
        assert_eq!(deployment.exit_code(), code, "{slow}");
        assert!(stage.fake.on("b").versions.is_empty());
        let names = stage.disk.names();
        assert_eq!(names.last().map(String::as_str), Some("RUN RUN_END"));
    }
}
