//! Waiting for somebody to stop the process.

use tokio::task::JoinHandle;

use crate::deploy::{Stop, stop_token};
use crate::exit::{Exit, Failure};

/// Listens for a signal until it is dropped.
pub(super) struct Listening {
    stop: Stop,
    task: JoinHandle<()>,
}

impl Listening {
    /// Begins to listen. Needs a runtime.
    pub(super) fn begin() -> Self {
        let (stopper, stop) = stop_token();
        let task = tokio::spawn(async move {
            if interrupted().await.is_ok() {
                stopper.stop();
            }
            // Dropping the stopper would say that nobody can stop the run any more, which is true only at its end.
            std::future::pending::<()>().await;
        });
        Self { stop, task }
    }

    /// What a signal sets.
    pub(super) fn stop(&self) -> Stop {
        self.stop.clone()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn interrupted() -> Result<(), Failure> {
    let cannot = |error| {
        Failure::new(Exit::Failed, anyhow::Error::from(error))
            .context("could not wait for a signal")
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(cannot),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(cannot)
}
