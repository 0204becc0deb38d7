//! Two deployments of a flow, and a deployment and a person in the console, with the other's deeds before each step of
//! ours: the window that the platform's API leaves open is one step wide.

use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowgate_core::ids::FlowId;
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{Answer, History, Published};
use flowgate_core::receipt::State;

use super::fake::Stored;
use super::flows::flow_of;
use super::*;
use crate::cxone::{Operation, PlatformError, Provenance, StoredVersion, WriteAnswer};

type Deed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A tenant on which something else happens right before one of our calls.
struct Between {
    fake: Arc<Fake>,
    before: usize,
    calls: AtomicUsize,
    deed: Mutex<Option<Deed>>,
    made: Mutex<Vec<Operation>>,
}

impl Between {
    fn new(fake: &Arc<Fake>, before: usize, deed: Deed) -> Arc<Self> {
        Arc::new(Self {
            fake: Arc::clone(fake),
            before,
            calls: AtomicUsize::new(0),
            deed: Mutex::new(Some(deed)),
            made: Mutex::default(),
        })
    }

    async fn step(&self, operation: Operation) {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.before {
            self.happens().await;
        }
        self.made.lock().unwrap().push(operation);
    }

    /// What has not happened by now, happens.
    async fn happens(&self) {
        let deed = self.deed.lock().unwrap().take();
        if let Some(deed) = deed {
            deed.await;
        }
    }

    /// What we were about to do when it happened.
    fn interrupted(&self) -> Option<Operation> {
        self.made.lock().unwrap().get(self.before).copied()
    }
}

impl FlowPlatform for Between {
    async fn published(&self, flow: &FlowId) -> Result<Answer<Published>, PlatformError> {
        self.step(Operation::ReadPublished).await;
        self.fake.published(flow).await
    }

    async fn history(&self, flow: &FlowId) -> Result<History, PlatformError> {
        self.step(Operation::ListVersions).await;
        self.fake.history(flow).await
    }

    async fn version(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> Result<Answer<StoredVersion>, PlatformError> {
        self.step(Operation::ReadVersion).await;
        self.fake.version(flow, version).await
    }

    async fn create(
        &self,
        release: &Shipment,
        provenance: &Provenance,
    ) -> Result<(VersionId, WriteAnswer), PlatformError> {
        self.step(Operation::CreateVersion).await;
        self.fake.create(release, provenance).await
    }

    async fn publish(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> Result<WriteAnswer, PlatformError> {
        self.step(Operation::Publish).await;
        self.fake.publish(flow, version).await
    }
}

fn is(stored: &Stored, flow: &Flow) -> bool {
    stored.flow.version() == flow.version()
}

/// More steps than a deployment of one flow has.
const STEPS: usize = 8;

/// How ours and theirs ended, and at what step of ours theirs was made as a whole.
async fn both(theirs: &Arc<Flow>, before: usize) -> (Stage, State, State, Option<Operation>) {
    let stage = Stage::new(Tenant::Full);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    let job = stage.job(&flow_of("main", "1.1.0", "ours")).await;
    let other = Stage {
        fake: Arc::clone(&stage.fake),
        disk: Memory::default(),
        settings: DeploySettings::default(),
    };
    // Planned at the same time.
    let their_job = other.job(theirs).await;
    let ended = Arc::new(Mutex::new(None));
    let told = Arc::clone(&ended);
    let deed = async move {
        let deployment = other.deploy(vec![their_job]).await;
        *told.lock().unwrap() = Some(only(&deployment).state);
    };
    let between = Between::new(&stage.fake, before, Box::pin(deed));
    let (_stopper, stop) = stop_token();
    let deployment = stage.deploy_on(Arc::clone(&between), vec![job], stop).await;
    between.happens().await;
    let ours = only(&deployment).state;
    let theirs = ended.lock().unwrap().expect("it was made");
    (stage, ours, theirs, between.interrupted())
}

#[tokio::test(start_paused = true)]
async fn two_deployments_of_one_version_store_it_once_wherever_they_meet() {
    let ours = flow_of("main", "1.1.0", "ours");
    for before in 0..STEPS {
        let (stage, ended, their_end, met) = both(&ours, before).await;
        let on = stage.fake.on("main");
        assert_eq!(on.versions.len(), 2, "{met:?}");
        assert!(on.live().is_some_and(|live| is(live, &ours)), "{met:?}");
        assert!(
            ended.is_good() && their_end.is_good(),
            "{met:?}: {ended:?}, {their_end:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn two_deployments_of_different_versions_are_both_green_in_one_step_alone() {
    let (ours, theirs) = (
        flow_of("main", "1.1.0", "ours"),
        flow_of("main", "1.2.0", "theirs"),
    );
    for before in 0..STEPS {
        let (stage, ended, their_end, met) = both(&theirs, before).await;
        let on = stage.fake.on("main");
        let live = on.live().expect("something is live");
        for flow in [&ours, &theirs] {
            let stored = on.versions.iter().filter(|stored| is(stored, flow));
            assert!(stored.count() <= 1, "{met:?}");
        }
        // Whose version is live, is green. Both are where theirs came between our last look and our publication.
        assert_eq!(is(live, &ours), ended == State::Verified, "{met:?}");
        assert!(is(live, &ours) || their_end == State::Verified, "{met:?}");
        let both = ended.is_good() && their_end.is_good();
        assert_eq!(both, met == Some(Operation::Publish), "{met:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_console_edit_is_gone_over_in_one_step_alone_and_stays_stored() {
    let (ours, edit) = (
        flow_of("main", "1.1.0", "ours"),
        flow_of("main", "9.9.9", "edited in the console"),
    );
    for before in 0..STEPS {
        let stage = Stage::new(Tenant::Full);
        stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
        let job = stage.job(&ours).await;
        let (fake, edited) = (Arc::clone(&stage.fake), Arc::clone(&edit));
        let deed = Box::pin(async move { fake.publish_by_hand(&edited) });
        let between = Between::new(&stage.fake, before, deed);
        let (_stopper, stop) = stop_token();
        let deployment = stage.deploy_on(Arc::clone(&between), vec![job], stop).await;
        between.happens().await;
        let met = between.interrupted();

        let on = stage.fake.on("main");
        let live = on.live().expect("something is live");
        assert!(
            on.versions.iter().any(|stored| is(stored, &edit)),
            "{met:?}"
        );
        assert_eq!(is(live, &ours), met == Some(Operation::Publish), "{met:?}");
        // Only a deployment that had ended before the edit, or that went over it unseen, is green.
        let green = only(&deployment).state == State::Verified;
        assert_eq!(
            green,
            met.is_none() || met == Some(Operation::Publish),
            "{met:?}"
        );
    }
}
