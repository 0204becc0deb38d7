//! One running platform: its settings and all that changes, each behind its own lock. No HTTP.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::StatusCode;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::auth::Tokens;
use crate::config::{Config, Visibility};
use crate::faults::Book;
use crate::limit::Limiter;
use crate::operation::Operation;
use crate::record::{Outcome, Recorded};
use crate::state::{Draft, Flow, State};
use crate::store::StoreError;
use crate::validate::{self, ConsoleFlow};

#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) config: Config,
    state: Mutex<State>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) limiter: Option<Mutex<Limiter>>,
    pub(crate) book: Mutex<Book>,
    records: Mutex<Vec<Recorded>>,
    answers: AtomicU64,
}

/// Why the console cannot save a flow.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The text is no flow.
    #[error("cannot save in the console: the text has no `flowId`, `elements` or `connectors`")]
    NotAFlow,
    /// An edit of a flow that is not live.
    #[error("cannot edit flow `{0}` in the console: no such flow is published")]
    UnknownFlow(String),
    /// The text names another flow than the one to be edited.
    #[error("cannot edit flow `{edited}` in the console: the text is of flow `{named}`")]
    OtherFlow {
        /// The flow to be edited.
        edited: String,
        /// The `flowId` of the text.
        named: String,
    },
    /// The change cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A lock that outlives a panic elsewhere: a test that fails must not hide behind another's.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Platform {
    pub(crate) fn new(config: Config) -> Result<Self, StoreError> {
        let state = match &config.data {
            Some(data) => State::load(data)?,
            None => State::default(),
        };
        if let Some(data) = &config.data {
            // Now rather than at the first write: a folder that cannot be written is a wrong start.
            state.save(data)?;
        }
        Ok(Self {
            state: Mutex::new(state),
            tokens: Mutex::default(),
            limiter: config
                .rate_limit
                .map(|limit| Mutex::new(Limiter::new(limit, Instant::now()))),
            book: Mutex::new(Book::new(config.faults.clone())),
            records: Mutex::default(),
            answers: AtomicU64::new(0),
            config,
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Puts the state on disk, if there is one. Call with the change made and the lock held.
    pub(crate) fn keep(&self, state: &State) -> Result<(), StoreError> {
        match &self.config.data {
            Some(data) => state.save(data),
            None => Ok(()),
        }
    }

    /// [`Self::keep`] for calls: a disk that fails is the platform's fault.
    pub(crate) fn keep_or_answer(&self, state: &State) -> Result<(), Answer> {
        self.keep(state).map_err(|error| {
            let message = format!("the sandbox cannot keep its state: {error}");
            Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "STORE_FAILED", &message)
        })
    }

    /// Saves and publishes a flow as the console does: seen at once, without anyone's metadata.
    /// Returns the id of the new version.
    pub(crate) fn console_save(&self, flow: &str, version: &str) -> Result<String, ConsoleError> {
        let flow = validate::console_flow(flow).ok_or(ConsoleError::NotAFlow)?;
        self.console_publish(&mut self.state(), flow, version.to_owned())
    }

    /// [`Self::console_save`] over a published flow, under the next free patch number. Where
    /// `flow_id` is given, the text must be of that flow.
    pub(crate) fn console_edit(
        &self,
        flow_id: Option<&str>,
        flow: &str,
    ) -> Result<String, ConsoleError> {
        let flow = validate::console_flow(flow).ok_or(ConsoleError::NotAFlow)?;
        if let Some(edited) = flow_id
            && edited != flow.flow_id
        {
            return Err(ConsoleError::OtherFlow {
                edited: edited.to_owned(),
                named: flow.flow_id,
            });
        }
        let mut state = self.state();
        let next = state
            .flow(&flow.flow_id)
            .and_then(Flow::next_patch)
            .ok_or_else(|| ConsoleError::UnknownFlow(flow.flow_id.clone()))?;
        self.console_publish(&mut state, flow, next)
    }

    /// Loses the last element of the version that a write was about: the live one after a publish, else the newest.
    pub(crate) fn garble(
        &self,
        flow_id: &str,
        operation: Option<Operation>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(flow) = state.flows.get_mut(flow_id) {
            flow.garble(operation == Some(Operation::Publish));
        }
        self.keep(&state)
    }

    fn console_publish(
        &self,
        state: &mut State,
        flow: ConsoleFlow,
        version: String,
    ) -> Result<String, ConsoleError> {
        let clock = self.config.clock;
        let draft = Draft {
            version,
            name: flow.name,
            description: None,
            elements: flow.elements,
            connectors: flow.connectors,
            metadata: None,
            idempotency_key: None,
        };
        let created = state.create(&flow.flow_id, draft, clock, Visibility::AtOnce);
        state.publish(&flow.flow_id, &created.id, clock, Visibility::AtOnce);
        self.keep(state)?;
        Ok(created.id)
    }

    /// Notes a request; the number under which its outcome is noted later.
    pub(crate) fn record(&self, recorded: Recorded) -> usize {
        let mut records = lock(&self.records);
        records.push(recorded);
        records.len() - 1
    }

    pub(crate) fn conclude(&self, number: usize, outcome: Outcome) {
        if let Some(recorded) = lock(&self.records).get_mut(number) {
            recorded.outcome = outcome;
        }
    }

    pub(crate) fn records(&self) -> Vec<Recorded> {
        lock(&self.records).clone()
    }

    /// The id that the next answer carries for the platform's support.
    pub(crate) fn correlation_id(&self) -> String {
        let number = self.answers.fetch_add(1, Ordering::Relaxed) + 1;
        format!("sandbox-{number:06}")
    }
}
