//! A client of the fake whose waits take no time and are written down.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use flowgate::github::{Client, Connection, ConnectionError, Pace, Timer};
use flowgate::http::{self, ClientOptions, Peer};

use super::FakeGitHub;

pub(crate) struct World {
    pub(crate) fake: FakeGitHub,
    pub(crate) client: Client,
    waits: Arc<Mutex<Vec<Duration>>>,
}

/// 2026-11-22, 10:00 UTC.
pub(super) const NOW: u64 = 1_795_341_600;

impl World {
    pub(crate) async fn new() -> Self {
        let fake = FakeGitHub::start().await;
        let waits = Arc::new(Mutex::new(Vec::new()));
        let client = client(&fake, Arc::clone(&waits));
        Self {
            fake,
            client,
            waits,
        }
    }

    /// What was waited for so far, in seconds.
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.waits
            .lock()
            .unwrap()
            .iter()
            .map(Duration::as_secs)
            .collect()
    }
}

fn client(fake: &FakeGitHub, waits: Arc<Mutex<Vec<Duration>>>) -> Client {
    let connection = Connection {
        graphql_url: fake.graphql_url(),
        ..connection(&fake.api_url(), "t0ken")
    };
    let timer = Timer::new(
        || SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
        move |time| {
            waits.lock().unwrap().push(time);
            std::future::ready(())
        },
    );
    Client::new(&connection, Pace::default(), timer).unwrap()
}

/// A client for this address and token; it calls nobody yet.
pub(crate) fn connect(api_url: &str, token: &str) -> Result<Client, ConnectionError> {
    let timer = Timer::new(SystemTime::now, |_| std::future::ready(()));
    Client::new(&connection(api_url, token), Pace::default(), timer)
}

fn connection(api_url: &str, token: &str) -> Connection {
    let http = http::client(&ClientOptions::new(Peer::Loopback)).unwrap();
    Connection {
        api_url: api_url.into(),
        graphql_url: format!("{api_url}/graphql"),
        repository: "acme/flows".into(),
        token: token.into(),
        http,
    }
}
