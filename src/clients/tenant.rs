//! Which CXone is called, as whom, and with what: from settings and environment to a client.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime};

use flowgate_core::ids::FlowId;
use flowgate_core::platform::FlowOnPlatform;
use flowgate_core::redact::Redactor;
use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT, Sandbox};
use secrecy::SecretString;

use crate::actions::{Log, Reader};
use crate::cxone::flows::{FlowsApi, FlowsConfig};
use crate::cxone::{
    Budget, CallLog, Credentials, Limits, OnToken, Outside, Purpose, Scopes, survey,
};
use crate::deadline::Deadline;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::http::{self, BaseUrl, ClientOptions, Entropy, Peer, RetryPolicy, WallClock};
use crate::progress;
use crate::settings::{Environment, PlatformSettings};
use crate::values::SandboxChoice;

/// A tenant to call.
pub(crate) struct Tenant {
    pub(crate) api: Arc<FlowsApi>,
    /// What each call took.
    pub(crate) calls: CallLog,
    /// How many flows are asked about at once.
    concurrency: usize,
}

/// Where the tenant is and who calls it.
pub(crate) struct Address {
    base_url: BaseUrl,
    credentials: Credentials,
}

impl Address {
    /// The tenant of the environment's credentials.
    pub(crate) fn of(credentials: crate::settings::Credentials) -> Result<Self, Failure> {
        Ok(Self {
            base_url: base_url("`CXONE_BASE_URL`", credentials.base_url.as_str())?,
            credentials: Credentials {
                client_id: credentials.client_id.into(),
                client_secret: credentials.client_secret,
                environment: credentials.environment,
            },
        })
    }

    /// What was chosen, and the sandbox behind it where that has to be started: shut it down in the end.
    pub(crate) async fn chosen(
        choice: &SandboxChoice,
        environment: &Environment,
    ) -> Result<(Self, Option<Sandbox>), Failure> {
        Ok(match choice {
            SandboxChoice::Off => (Self::of(environment.needed_credentials()?)?, None),
            SandboxChoice::At(url) => (Self::of_sandbox(url.as_str())?, None),
            SandboxChoice::Embedded => {
                let sandbox = start_sandbox().await?;
                (Self::of_sandbox(&sandbox.base_url())?, Some(sandbox))
            }
        })
    }

    /// A sandbox on this machine: its own credentials, never those of the environment.
    pub(crate) fn of_sandbox(url: &str) -> Result<Self, Failure> {
        Ok(Self {
            base_url: base_url("the address of the sandbox", url)?,
            credentials: Credentials {
                client_id: CLIENT_ID.into(),
                client_secret: CLIENT_SECRET.into(),
                environment: ENVIRONMENT.to_owned(),
            },
        })
    }
}

/// A sandbox that lives as long as this run.
pub(crate) async fn start_sandbox() -> Result<Sandbox, Failure> {
    Sandbox::start(Config::default())
        .await
        .map_err(|error| Failure::new(Exit::Failed, error).context("could not start the sandbox"))
}

fn base_url(what: &str, text: &str) -> Result<BaseUrl, Failure> {
    text.parse()
        .map_err(|error| Failure::new(Exit::Usage, error).context(format!("{what} cannot be used")))
}

impl Tenant {
    /// A client of the tenant for a process that began then; nothing is sent yet. Needs a runtime.
    pub(crate) fn connect(
        address: Address,
        purpose: Purpose,
        settings: &PlatformSettings,
        began: Instant,
        reader: Reader,
        redactor: &Redactor,
    ) -> Result<Self, Failure> {
        let Address {
            base_url,
            credentials,
        } = address;
        let client = client(Peer::from(&base_url), settings)?;
        let calls = CallLog::default();
        let config = FlowsConfig {
            scopes: Scopes::new(&settings.read_scope, &settings.deploy_scope),
            paths: settings.paths.clone(),
            timeout: settings.request_timeout,
            on_token: (reader == Reader::Runner).then(|| OnToken::new(mask)),
            redactor: redactor.clone(),
            ..FlowsConfig::new(base_url, credentials, purpose)
        };
        let outside = Outside {
            client,
            budget: Arc::new(Budget::new(Limits {
                run: Deadline::new(began, settings.run_deadline).left(),
                per_second: settings.max_requests_per_second,
            })),
            retry: RetryPolicy {
                base: settings.retry_base,
                ..RetryPolicy::default()
            },
            clock: WallClock::new(SystemTime::now),
            entropy: Entropy::new(|| getrandom::u32().unwrap_or(u32::MAX / 2)),
            calls: calls.clone(),
        };
        Ok(Self {
            api: Arc::new(FlowsApi::new(config, outside)),
            calls,
            concurrency: settings.concurrency,
        })
    }

    /// What CXone says about these flows, of which it keeps `capacity` versions each; a person at a terminal sees how far asking is.
    pub(crate) async fn survey(
        &self,
        flows: impl IntoIterator<Item = FlowId>,
        capacity: u32,
    ) -> Result<BTreeMap<FlowId, FlowOnPlatform>, Failure> {
        let flows: Vec<FlowId> = flows.into_iter().collect();
        let at = Asked::of(flows.len());
        let said = self.survey_some(flows, capacity, &at);
        progress::watched_reading(|| at.to_string(), said).await
    }

    /// The same about some of the flows that are asked about; `at` counts them.
    pub(crate) async fn survey_some(
        &self,
        flows: Vec<FlowId>,
        capacity: u32,
        at: &Asked,
    ) -> BTreeMap<FlowId, FlowOnPlatform> {
        let flows = flows.into_iter().inspect(|_| at.count());
        survey(self.api.as_ref(), flows, capacity, self.concurrency).await
    }

    /// Gets the token while other things are done; whoever asks first waits for what is left of it, and is told if it
    /// fails. Needs a runtime.
    pub(crate) fn fetch_token(&self) {
        let api = Arc::clone(&self.api);
        tokio::spawn(async move { api.granted_scopes().await });
    }
}

/// How many flows CXone was asked about, for a person who waits.
pub(crate) struct Asked {
    at: AtomicUsize,
    total: usize,
}

impl Asked {
    /// None yet of so many.
    pub(crate) fn of(total: usize) -> Self {
        let at = AtomicUsize::new(0);
        Self { at, total }
    }

    /// Whether nobody was asked.
    pub(crate) fn is_nobody(&self) -> bool {
        self.at.load(Ordering::Relaxed) == 0
    }

    fn count(&self) {
        self.at.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.load(Ordering::Relaxed);
        write!(f, "asking CXone about flow {at} of {}", self.total)
    }
}

/// Has the runner hide a token. Through stderr: stdout is held by the thread that writes data, and the runner reads both.
fn mask(token: &SecretString) {
    // Where nobody reads the log there is nothing to hide it from.
    let _ = Log::new(io::stderr(), Reader::Runner).mask(token);
}

/// No file of certificates is larger, in bytes.
const MOST_ROOTS: u64 = 4 * 1024 * 1024;

/// An HTTP client as the settings say.
pub(crate) fn client(peer: Peer, settings: &PlatformSettings) -> Result<reqwest::Client, Failure> {
    let extra_roots = match &settings.ca_file {
        None => None,
        Some(path) => Some(files::read(path, MOST_ROOTS).map_err(|error| {
            Failure::usage(format!(
                "could not read the CA file `{}`: {error}",
                path.display()
            ))
        })?),
    };
    let options = ClientOptions {
        extra_roots,
        request_timeout: settings.request_timeout,
        ..ClientOptions::new(peer)
    };
    http::client(&options).map_err(|error| Failure::new(Exit::Usage, error))
}
