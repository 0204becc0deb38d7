//! Stories of deployments: what is left on the platform, in the receipts and in the audit.

mod fake;
mod flows;
mod interleaved;
mod laws;
mod second_hands;
mod stories;
mod troubles;

use std::io::Cursor;
use std::sync::Arc;

use flowgate_core::flow::Flow;
use flowgate_core::ids::VersionId;
use flowgate_core::plan::{Action, Planned, Reason};
use flowgate_core::receipt::Receipt;
use jiff::Timestamp;

use super::{DeploySettings, Deployment, Job, Stop, run, stop_token};
use crate::audit::memory::Memory;
use crate::audit::{Audit, Tail, verify};
use crate::clock::FixedClock;
use crate::cxone::FlowPlatform;
use crate::gate::{self, Situation, Target};
use fake::{Fake, Tenant};
use flows::release_of;

/// A tenant, an audit and settings, ready to deploy.
struct Stage {
    fake: Arc<Fake>,
    disk: Memory,
    settings: DeploySettings,
}

impl Stage {
    fn new(tenant: Tenant) -> Self {
        Self {
            fake: Arc::new(Fake::new(tenant)),
            disk: Memory::default(),
            settings: DeploySettings::default(),
        }
    }

    /// What a plan to create and publish this flow is.
    async fn job(&self, flow: &Arc<Flow>) -> Job {
        let release = Box::new(release_of(flow));
        self.job_with(flow, Action::CreateAndPublish(release)).await
    }

    async fn publish_job(&self, flow: &Arc<Flow>, version_id: VersionId) -> Job {
        let release = Box::new(release_of(flow));
        self.job_with(
            flow,
            Action::Publish {
                release,
                version_id,
            },
        )
        .await
    }

    async fn job_with(&self, flow: &Arc<Flow>, action: Action) -> Job {
        let flow_id = flow.id().expect("flow id").clone();
        Job {
            name: flowgate_core::flow::names::flow(flow),
            seen: Some(self.fake.seen(&flow_id).await),
            planned: Planned {
                arrival: None,
                path: format!("flows/{flow_id}.json").parse().expect("path"),
                flow_id: Some(flow_id),
                action,
                reasons: vec![Reason {
                    code: "changed",
                    text: "the file was changed".to_owned(),
                }],
            },
        }
    }

    async fn deploy(&self, jobs: Vec<Job>) -> Deployment {
        let (_stopper, stop) = stop_token();
        self.deploy_until(jobs, stop).await
    }

    async fn deploy_until(&self, jobs: Vec<Job>, stop: Stop) -> Deployment {
        self.deploy_on(Arc::clone(&self.fake), jobs, stop).await
    }

    /// On what stands before the tenant.
    async fn deploy_on<P: FlowPlatform + 'static>(
        &self,
        platform: Arc<P>,
        jobs: Vec<Job>,
        stop: Stop,
    ) -> Deployment {
        let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
        let redact = Arc::new(|text: &str| text.replace("s3cret", "***"));
        let audit = Audit::new(
            Box::new(self.disk.clone()),
            &Tail::default(),
            clock.clone(),
            redact,
        );
        let settings = self.settings.clone();
        let permit = gate::decide(&Situation::outside(Target::Sandbox)).unwrap();
        let deployment = run(&permit, jobs, platform, &audit, settings, clock, stop).await;
        let proof = verify(Cursor::new(self.disk.text()), Some(&audit.head())).expect("readable");
        assert!(proof.is_sound(), "{:?}", proof.faults);
        deployment
    }
}

/// The only receipt.
fn only(deployment: &Deployment) -> &Receipt {
    assert_eq!(deployment.results.len(), 1);
    &deployment.results[0].receipt
}
