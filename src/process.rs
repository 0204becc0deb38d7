//! What the process was given, and the runtime that it runs on what needs the network.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Instant;

use flowgate_core::redact::Redactor;

use crate::actions::Reader;
use crate::event::{self, Withheld};
use crate::exit::{Exit, Failure};
use crate::settings::{Credentials, CredentialsError, Environment};

/// What the process was given.
#[derive(Debug)]
pub struct World {
    /// When the process began: the deadline of a run counts from here.
    pub began: Instant,
    /// The environment variables.
    pub environment: Environment,
    /// What hides secrets in front of everything that is written: those of the environment, and what the run learns.
    pub redactor: Redactor,
    /// Where relative paths begin.
    pub cwd: io::Result<PathBuf>,
    /// Whether a person reads stdout.
    pub out_is_terminal: bool,
    /// Whether a person reads stderr.
    pub err_is_terminal: bool,
}

impl World {
    /// Whether a GitHub Actions runner reads the streams.
    pub fn in_actions(&self) -> bool {
        self.reader() == Reader::Runner
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::from_variable(self.environment.get("GITHUB_ACTIONS"))
    }

    pub(crate) fn cwd(&self) -> Result<&Path, Failure> {
        self.cwd.as_deref().map_err(|error| {
            Failure::usage(format!("could not find the current directory: {error}"))
        })
    }
}

impl World {
    /// Why GitHub hands this run no secrets, where that is so.
    pub(crate) fn withheld(&self) -> Option<Withheld> {
        let started = event::read(
            |name| self.environment.get(name),
            |path| std::fs::read(path),
        );
        // Whoever needs the event says what is wrong with it.
        started.ok()?.withheld()
    }

    /// What CXone is called with, for a command that cannot do without.
    pub(crate) fn needed_credentials(
        &self,
        withheld: Option<Withheld>,
    ) -> Result<Credentials, Failure> {
        let credentials = self.environment.needed_credentials();
        credentials.map_err(|error| match (withheld, &error) {
            (Some(why), CredentialsError::Missing { .. }) => {
                Failure::from(error).hint(format!("{}: a person's run gets them", why.words()))
            }
            _ => error.into(),
        })
    }

    /// The redactor of the run.
    pub(crate) fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }
}

/// Runs what needs the network.
pub(crate) fn block_on<T>(task: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    // The runtime holds a copy of the code of each kind of task for each way to run it: to it, all of ours are one kind.
    let task: Pin<Box<dyn Future<Output = Result<T, Failure>> + '_>> = Box::pin(task);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, error).context("could not start the runtime"))?
        .block_on(task)
}
