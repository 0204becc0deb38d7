//! Laws over random faults: a number is stored at most once, and success means that ours is live.

use flowgate_core::flow::{Layout, containment};
use flowgate_core::report::receipts::Deed;
use proptest::prelude::*;

use super::Stage;
use super::fake::{Fault, Tenant};
use super::flows::flow_of;
use crate::audit::memory::Memory;
use crate::cxone::Operation;
use crate::metrics::Metrics;

fn read_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![6 => Just(Fault::Pass), 2 => Just(Fault::LostBefore), 1 => Just(Fault::Edit), 1 => Just(Fault::Refuse(500))]
}

fn write_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::Pass), 2 => Just(Fault::LostBefore), 2 => Just(Fault::LostAfter), 1 => Just(Fault::Refuse(400)),
        1 => Just(Fault::Refuse(409)), 1 => Just(Fault::Corrupt), 1 => Just(Fault::Squat), 1 => (0..4_u32).prop_map(Fault::Lag),
    ]
}

fn tenant() -> impl Strategy<Value = Tenant> {
    prop_oneof![
        Just(Tenant::Full),
        Just(Tenant::List),
        Just(Tenant::BareList),
        Just(Tenant::CountOnly)
    ]
}

fn script<S: Strategy<Value = Fault>>(fault: S) -> impl Strategy<Value = Vec<Fault>> {
    prop::collection::vec(fault, 0..8)
}

async fn check(
    tenant: Tenant,
    old: bool,
    reads: Vec<Fault>,
    lists: Vec<Fault>,
    creates: Vec<Fault>,
    publishes: Vec<Fault>,
) {
    const FLOWS: [&str; 2] = ["a", "b"];
    let mut stage = Stage::new(tenant);
    let mut jobs = Vec::new();
    for name in FLOWS {
        if old {
            stage.fake.publish_by_hand(&flow_of(name, "1.0.0", "old"));
        }
        jobs.push(stage.job(&flow_of(name, "1.1.0", "new")).await);
    }
    stage.fake.script(Operation::ReadPublished, &reads);
    stage.fake.script(Operation::ListVersions, &lists);
    stage.fake.script(Operation::CreateVersion, &creates);
    stage.fake.script(Operation::Publish, &publishes);

    // Twice: the second run must heal or hold, never double.
    for _ in 0..2 {
        stage.disk = Memory::default();
        let deployment = stage.deploy(jobs.clone()).await;
        for (name, receipt) in FLOWS.iter().zip(deployment.receipts()) {
            let on = stage.fake.on(name);
            let number = flow_of(name, "1.1.0", "new").version().cloned();
            let stored = on.versions.iter();
            let with_number = stored.filter(|stored| stored.flow.version() == number.as_ref());
            assert!(with_number.count() <= 1, "stored twice: {receipt:?}");
            if receipt.verified {
                let sent = flow_of(name, "1.1.0", "new");
                let live = on.live().expect("something is live");
                assert!(containment(&sent, &live.flow, &Layout::default()).holds());
            }
            assert_eq!(receipt.state.is_good(), receipt.error.is_none());
            if let Some(error) = &receipt.error {
                assert!(error.contains("live now: "), "{error}");
            }
        }
        let figures = Metrics::of(&deployment, &[], Deed::Deployed);
        let ended = figures.successful_snapshots
            + figures.skipped
            + figures.rolled_back
            + figures.blocked
            + figures.failed
            + figures.unknown;
        assert_eq!(ended, deployment.results.len(), "{figures:?}");
        assert!(figures.successful_snapshots <= figures.versions_published);
        assert!(figures.versions_published <= figures.total_versions_processed);
        assert!(figures.versions_created <= figures.total_versions_processed);
        let worst = deployment.exit_code();
        let all_good = deployment.receipts().all(|receipt| receipt.state.is_good());
        assert_eq!(worst == 0, all_good);
    }
    assert!(stage.fake.count(Operation::CreateVersion) <= 2 * FLOWS.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_no_number_is_stored_twice_and_success_is_true(
        tenant in tenant(), old in any::<bool>(), reads in script(read_fault()), lists in script(read_fault()),
        creates in script(write_fault()), publishes in script(write_fault()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(check(tenant, old, reads, lists, creates, publishes));
    }
}
