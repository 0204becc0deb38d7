//! Whether the deploy branch still says what is deployed, asked while the deployment is under way.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use flowgate_core::ids::{CommitSha, FlowId};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// An answer is good for so long: then it is asked again before the next publication.
const FRESH: Duration = Duration::from_secs(3);

/// Flows of the plan of which the branch says otherwise by now, each with the commit where the branch stands; or why that
/// is not known.
pub type Overtaken = Result<BTreeMap<FlowId, CommitSha>, String>;

/// Whoever can tell where the deploy branch stands.
pub trait Branch: fmt::Debug + Send + Sync {
    /// Asks.
    fn overtaken(&self) -> Pin<Box<dyn Future<Output = Overtaken> + Send + '_>>;
}

/// The branch, and what it said last.
#[derive(Debug)]
pub(super) struct Watch {
    branch: Arc<dyn Branch>,
    last: Mutex<(Instant, BTreeMap<FlowId, CommitSha>)>,
}

impl Watch {
    /// The plan was made just now: nothing is overtaken yet.
    pub(super) fn new(branch: Arc<dyn Branch>) -> Self {
        Self {
            branch,
            last: Mutex::new((Instant::now(), BTreeMap::new())),
        }
    }

    /// What the branch says, no older than is good before a publication.
    pub(super) async fn before_publication(&self) -> Overtaken {
        let mut last = self.last.lock().await;
        if last.0.elapsed() > FRESH {
            *last = (Instant::now(), self.branch.overtaken().await?);
        }
        Ok(last.1.clone())
    }

    /// What it says once all is done.
    pub(super) async fn at_the_end(&self) -> Overtaken {
        self.branch.overtaken().await
    }
}
