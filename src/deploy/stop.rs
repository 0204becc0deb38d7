//! Cancellation: a token that says "begin nothing new". What is in flight is finished and recorded.

use std::time::Duration;

use tokio::sync::watch;

/// Sets the token; kept by whoever listens for signals.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Nothing new is begun from now on.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// The token. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A token and what sets it.
pub fn stop_token() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stop {
    /// Whether nothing new may be begun.
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits, but not longer than until the token is set.
    pub(super) async fn pause(&self, length: Duration) {
        let mut receiver = self.0.clone();
        let stopped = async {
            if receiver.wait_for(|set| *set).await.is_err() {
                // Nobody can set it any more.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = stopped => {}
        }
    }
}
