//! Waiting for somebody to stop the process.

use crate::exit::{Exit, Failure};

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
