//! CXone as Rust structs: handlers change the state, faults come from a script, tests look at what is left.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use flowgate_core::flow::{Content, Flow, native};
use flowgate_core::ids::{FlowId, VersionId};
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{
    Answer, FlowOnPlatform, History, Publication, Published, Record, VersionSummary,
};

use super::flows::flow_of;
use crate::cxone::{
    ErrorKind, FlowPlatform, Operation, Outcome, PlatformError, Provenance, StoredVersion,
    WriteAnswer,
};

/// When every version was created.
pub(super) const CREATED_AT: &str = "2026-11-01T08:00:00Z";

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing: it is served.
    Pass,
    /// It is refused and did not happen.
    Refuse(u16),
    /// The connection breaks before the state changed.
    LostBefore,
    /// The connection breaks after the state changed.
    LostAfter,
    /// Somebody publishes an edit in the console just before.
    Edit,
    /// Somebody stores other content under the number that is being created, just before.
    Squat,
    /// What is created is stored with other content.
    Corrupt,
    /// What is created is stored, and somebody adds an element to it.
    Stranger,
    /// Published with effect after so many reads.
    Lag(u32),
    /// Answered after this long.
    Slow(Duration),
}

/// What this tenant offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tenant {
    Full,
    /// Shows the flow and lists versions with their records; no version by id.
    List,
    /// Shows the flow and lists numbers; no records, no version by id.
    BareList,
    /// Counts versions, nothing else.
    CountOnly,
}

#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) id: VersionId,
    pub(super) flow: Arc<Flow>,
    record: Option<Record>,
    pub(super) was_live: bool,
}

#[derive(Debug, Default, Clone)]
pub(super) struct OnFlow {
    pub(super) versions: Vec<Stored>,
    live: Option<usize>,
    /// Live from then on.
    next: Option<(usize, u32)>,
}

impl OnFlow {
    pub(super) fn live(&self) -> Option<&Stored> {
        self.live.map(|index| &self.versions[index])
    }

    fn go_live(&mut self, index: usize, lag: u32) {
        if lag > 0 {
            self.next = Some((index, lag));
        } else {
            self.versions[index].was_live = true;
            self.live = Some(index);
        }
    }

    fn settle(&mut self) {
        match self.next.take() {
            Some((index, 0)) => self.go_live(index, 0),
            Some((index, left)) => self.next = Some((index, left - 1)),
            None => {}
        }
    }

    fn add(&mut self, flow: Arc<Flow>, record: Option<Record>) -> usize {
        let id = format!("v{}", self.versions.len() + 1);
        self.versions.push(Stored {
            id: id.parse().expect("id"),
            flow,
            record,
            was_live: false,
        });
        self.versions.len() - 1
    }
}

#[derive(Debug)]
struct State {
    flows: BTreeMap<FlowId, OnFlow>,
    script: BTreeMap<Operation, VecDeque<Fault>>,
    calls: Vec<(Operation, FlowId)>,
}

/// A tenant that remembers.
#[derive(Debug)]
pub(super) struct Fake {
    state: Mutex<State>,
    tenant: Tenant,
}

impl Fake {
    pub(super) fn new(tenant: Tenant) -> Self {
        Self {
            state: Mutex::new(State {
                flows: BTreeMap::new(),
                script: BTreeMap::new(),
                calls: Vec::new(),
            }),
            tenant,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    /// Stores a flow that somebody published before.
    pub(super) fn publish_by_hand(&self, flow: &Arc<Flow>) {
        let mut state = self.lock();
        let on = state.flows.entry(id_of(flow)).or_default();
        let index = on.add(Arc::clone(flow), None);
        on.go_live(index, 0);
    }

    /// Somebody saves other content over a stored version, whose metadata stays.
    pub(super) fn save_over(&self, flow: &Arc<Flow>, id: &str) {
        let mut state = self.lock();
        let on = state.flows.entry(id_of(flow)).or_default();
        let stored = on
            .versions
            .iter_mut()
            .find(|stored| stored.id.as_str() == id);
        stored.expect("a stored version").flow = Arc::clone(flow);
    }

    /// What happens to the next calls of an operation, in order.
    pub(super) fn script(&self, operation: Operation, faults: &[Fault]) {
        self.lock()
            .script
            .entry(operation)
            .or_default()
            .extend(faults);
    }

    pub(super) fn on(&self, flow: &str) -> OnFlow {
        let id: FlowId = flow.parse().expect("flow id");
        self.lock().flows.get(&id).cloned().unwrap_or_default()
    }

    pub(super) fn count(&self, operation: Operation) -> usize {
        self.lock()
            .calls
            .iter()
            .filter(|(called, _)| *called == operation)
            .count()
    }

    /// What a plan would be made from.
    pub(super) async fn seen(&self, flow: &FlowId) -> FlowOnPlatform {
        let published = self.published(flow).await.expect("no faults yet");
        let seen = FlowOnPlatform {
            published: match published {
                Answer::Known(published) => Answer::Known(Arc::new(published)),
                Answer::Absent => Answer::Absent,
                Answer::CannotTell => Answer::CannotTell,
                Answer::Unavailable(why) => Answer::Unavailable(why),
            },
            history: self.history(flow).await.expect("no faults yet"),
            capacity: 50,
        };
        self.lock().calls.clear();
        seen
    }

    async fn begin(&self, operation: Operation, flow: &FlowId) -> Fault {
        let fault = {
            let mut state = self.lock();
            state.calls.push((operation, flow.clone()));
            let script = state.script.entry(operation).or_default();
            script.pop_front().unwrap_or(Fault::Pass)
        };
        match fault {
            Fault::Slow(length) => tokio::time::sleep(length).await,
            Fault::Edit => {
                self.publish_by_hand(&flow_of(flow.as_str(), "9.9.9", "edited in the console"));
            }
            _ => {}
        }
        fault
    }
}

fn failure(operation: Operation, flow: &FlowId, fault: Fault) -> Option<PlatformError> {
    let is_write = matches!(operation, Operation::CreateVersion | Operation::Publish);
    let (kind, status, outcome) = match fault {
        Fault::Refuse(status) => {
            let kind = if status == 409 {
                ErrorKind::Conflict
            } else {
                ErrorKind::Refused
            };
            (kind, Some(status), Outcome::DidNotHappen)
        }
        Fault::LostBefore | Fault::LostAfter => {
            let outcome = if is_write {
                Outcome::Unknown
            } else {
                Outcome::DidNotHappen
            };
            (ErrorKind::Transport, None, outcome)
        }
        _ => return None,
    };
    Some(PlatformError {
        operation,
        flow: Some(flow.clone()),
        kind,
        status,
        said: "the server's own words".to_owned(),
        request_id: status.map(|status| format!("req-{status}")),
        hint: None,
        outcome,
    })
}

impl FlowPlatform for Fake {
    async fn published(&self, flow: &FlowId) -> Result<Answer<Published>, PlatformError> {
        let fault = self.begin(Operation::ReadPublished, flow).await;
        if let Some(err) = failure(Operation::ReadPublished, flow, fault) {
            return Err(err);
        }
        if self.tenant == Tenant::CountOnly {
            return Ok(Answer::CannotTell);
        }
        let mut state = self.lock();
        let on = state.flows.entry(flow.clone()).or_default();
        on.settle();
        Ok(on.live().map_or(Answer::Absent, |live| {
            Answer::Known(Published {
                flow: Arc::clone(&live.flow),
                version_id: Some(live.id.clone()),
                record: live
                    .record
                    .clone()
                    .filter(|_| self.tenant != Tenant::BareList),
            })
        }))
    }

    async fn history(&self, flow: &FlowId) -> Result<History, PlatformError> {
        let fault = self.begin(Operation::ListVersions, flow).await;
        if let Some(err) = failure(Operation::ListVersions, flow, fault) {
            return Err(err);
        }
        let versions = self.on(flow.as_str()).versions;
        if self.tenant == Tenant::CountOnly {
            return Ok(History::Counted(
                u32::try_from(versions.len()).expect("few"),
            ));
        }
        let summary = |version: &Stored| VersionSummary {
            id: version.id.clone(),
            version: version.flow.version().cloned(),
            publication: if version.was_live {
                Publication::Once
            } else {
                Publication::Never
            },
            created_at: None,
            published_at: version.was_live.then(|| "then".to_owned()),
            record: version
                .record
                .clone()
                .filter(|_| self.tenant != Tenant::BareList),
        };
        Ok(History::Listed(versions.iter().map(summary).collect()))
    }

    async fn version(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> Result<Answer<StoredVersion>, PlatformError> {
        let fault = self.begin(Operation::ReadVersion, flow).await;
        if let Some(err) = failure(Operation::ReadVersion, flow, fault) {
            return Err(err);
        }
        if self.tenant != Tenant::Full {
            return Ok(Answer::CannotTell);
        }
        let versions = self.on(flow.as_str()).versions;
        let stored = versions.into_iter().find(|stored| stored.id == *version);
        Ok(stored.map_or(Answer::Absent, |stored| {
            Answer::Known(StoredVersion {
                id: stored.id,
                flow: Some((*stored.flow).clone()),
                record: stored.record,
                created_at: Some(CREATED_AT.to_owned()),
            })
        }))
    }

    async fn create(
        &self,
        release: &Shipment,
        provenance: &Provenance,
    ) -> Result<(VersionId, WriteAnswer), PlatformError> {
        let flow = &release.flow_id;
        let operation = Operation::CreateVersion;
        let fault = self.begin(operation, flow).await;
        let failed = failure(operation, flow, fault);
        if let (Some(err), Fault::Refuse(_) | Fault::LostBefore) = (&failed, fault) {
            return Err(err.clone());
        }
        let mut state = self.lock();
        let on = state.flows.entry(flow.clone()).or_default();
        let number = release.version.to_string();
        let is_taken = on
            .versions
            .iter()
            .any(|stored| stored.flow.version() == Some(&release.version));
        if fault == Fault::Squat && !is_taken {
            on.add(flow_of(flow.as_str(), &number, "a colleague's"), None);
        }
        if is_taken || fault == Fault::Squat {
            return Err(failure(operation, flow, Fault::Refuse(409)).expect("a failure"));
        }
        let content = if fault == Fault::Corrupt {
            flow_of(flow.as_str(), &number, "garbled")
        } else if fault == Fault::Stranger {
            with_stranger(release.flow())
        } else {
            Arc::clone(release.flow())
        };
        let record = Record {
            content_digest: release.digest.clone(),
            source: Some(provenance.source.clone()),
        };
        let index = on.add(content, Some(record));
        let id = on.versions[index].id.clone();
        failed.map_or_else(|| Ok((id, answer())), Err)
    }

    async fn publish(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> Result<WriteAnswer, PlatformError> {
        let operation = Operation::Publish;
        let fault = self.begin(operation, flow).await;
        let failed = failure(operation, flow, fault);
        if let (Some(err), Fault::Refuse(_) | Fault::LostBefore) = (&failed, fault) {
            return Err(err.clone());
        }
        let mut state = self.lock();
        let on = state.flows.entry(flow.clone()).or_default();
        let index = on
            .versions
            .iter()
            .position(|stored| stored.id == *version)
            .expect("a stored version");
        let lag = if let Fault::Lag(reads) = fault {
            reads
        } else {
            0
        };
        on.go_live(index, lag);
        failed.map_or_else(|| Ok(answer()), Err)
    }
}

fn with_stranger(flow: &Flow) -> Arc<Flow> {
    let text = flow
        .source()
        .as_str()
        .replace(r#"{"id":"end""#, r#"{"id":"x","type":"End"},{"id":"end""#);
    let reading = native::read(
        "f.json".parse().expect("path"),
        Content::Bytes(text.into_bytes()),
    );
    reading.flow.expect("a flow")
}

fn answer() -> WriteAnswer {
    WriteAnswer {
        request_id: Some("req-1".to_owned()),
        latency_ms: 7,
    }
}

pub(super) fn id_of(flow: &Flow) -> FlowId {
    flow.id().expect("flow id").clone()
}
