//! Access tokens: got once, shared by all tasks, renewed before they expire and when they are refused.
//!
//! The lock is held while a token is fetched, so that one request serves all who wait; those who waited for a fetch that
//! failed get its error, not one request each.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use flowgate_core::ids::FlowId;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::call::{self, Access, Call};
use super::flows::FlowsConfig;
use super::world::World;
use super::{ErrorKind, Operation, Outcome, PlatformError};

/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_secs(30);
/// A token without `expires_in`: long enough to be of use; if it ends earlier, the 401 renews it.
const UNKNOWN_LIFE: Duration = Duration::from_secs(5 * 60);
/// No run takes a day; and an absurd number must not overflow the clock.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_BYTES: usize = 256 * 1024;

/// What a client wants to do on the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Look only: check, drift, pull.
    Read,
    /// Create and publish: deploy, rollback.
    Write,
}

/// The names of the scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes {
    /// Needed to look.
    pub read: Vec<String>,
    /// Needed to look, create and publish.
    pub deploy: Vec<String>,
}

impl Default for Scopes {
    fn default() -> Self {
        Self::new("flows:read", "flows:read flows:write flows:publish")
    }
}

impl Scopes {
    /// From lists with spaces between the names, as a token request has them.
    pub fn new(read: &str, deploy: &str) -> Self {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Self {
            read: list(read),
            deploy: list(deploy),
        }
    }

    fn needed(&self, purpose: Purpose) -> &[String] {
        match purpose {
            Purpose::Read => &self.read,
            Purpose::Write => &self.deploy,
        }
    }

    /// What the token request says.
    pub(super) fn asked_for(&self, purpose: Purpose) -> String {
        self.needed(purpose).join(" ")
    }
}

/// Who asks for tokens, and for which environment.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `CXONE_CLIENT_ID`
    pub client_id: SecretString,
    /// `CXONE_CLIENT_SECRET`
    pub client_secret: SecretString,
    /// `CXONE_ENVIRONMENT`
    pub environment: String,
}

/// Is told every new token before it is used, so that logs can mask it.
#[derive(Clone)]
pub struct OnToken(Arc<dyn Fn(&SecretString) + Send + Sync>);

impl OnToken {
    /// Tells the function.
    pub fn new(tell: impl Fn(&SecretString) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for OnToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnToken")
    }
}

/// A token; shared, never printed.
#[derive(Debug, Clone)]
pub(super) struct Token {
    value: SecretString,
    /// Which fetch it came from.
    serial: u64,
    renew: Instant,
    granted: Option<Vec<String>>,
}

impl Token {
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.value.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[derive(Debug)]
pub(super) struct Auth {
    url: Url,
    credentials: Credentials,
    purpose: Purpose,
    scopes: Scopes,
    timeout: Duration,
    on_token: Option<OnToken>,
    state: Mutex<State>,
    /// How many fetches have ended; read without the lock by those who are about to wait for it.
    ended: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    /// The error of the last fetch, if it failed.
    failed: Option<PlatformError>,
    /// Whether there ever was a token.
    had_one: bool,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
    #[serde(default)]
    scope: Option<serde_json::Value>,
}

impl Auth {
    pub(super) fn new(config: FlowsConfig) -> Self {
        let mut url = config.base_url.join(&config.paths.token.fill("", ""));
        url.query_pairs_mut()
            .append_pair("environment", &config.credentials.environment);
        Self {
            url,
            credentials: config.credentials,
            purpose: config.purpose,
            scopes: config.scopes,
            timeout: config.timeout,
            on_token: config.on_token,
            state: Mutex::new(State::default()),
            ended: AtomicU64::new(0),
        }
    }

    /// A token that is good for a while yet.
    pub(super) async fn token(&self, world: &World) -> Result<Token, PlatformError> {
        let before = self.ended.load(Ordering::SeqCst);
        let mut state = self.state.lock().await;
        if let Some(token) = state
            .token
            .as_ref()
            .filter(|token| Instant::now() < token.renew)
        {
            return Ok(token.clone());
        }
        let ended = self.ended.load(Ordering::SeqCst);
        // Without a first token nothing at all can be asked, so its error is everybody's, whoever came when.
        let is_known = |_: &&PlatformError| ended > before || !state.had_one;
        if let Some(error) = state.failed.as_ref().filter(is_known) {
            return Err(error.clone());
        }
        let fetched = Box::pin(self.fetch(world, ended)).await;
        self.ended.fetch_add(1, Ordering::SeqCst);
        match fetched {
            Ok(token) => {
                state.failed = None;
                state.had_one = true;
                state.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                state.token = None;
                state.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The token was refused. If it is still the shared one, the next to ask gets another.
    pub(super) async fn drop_token(&self, refused: &Token) {
        let mut state = self.state.lock().await;
        if state
            .token
            .as_ref()
            .is_some_and(|token| token.serial == refused.serial)
        {
            state.token = None;
        }
    }

    /// The scopes that were granted, where the platform says so.
    pub(super) async fn granted(
        &self,
        world: &World,
    ) -> Result<Option<Vec<String>>, PlatformError> {
        Ok(self.token(world).await?.granted)
    }

    /// Refuses a write before it is sent where the platform said that a needed scope was not granted.
    pub(super) async fn may_write(
        &self,
        world: &World,
        operation: Operation,
        flow: &FlowId,
    ) -> Result<(), PlatformError> {
        let refusal = |said: String| PlatformError {
            operation,
            flow: Some(flow.clone()),
            kind: ErrorKind::Forbidden,
            status: None,
            said,
            request_id: None,
            hint: Some(
                "grant the client these scopes in CXone, or use the publishing client".to_owned(),
            ),
            outcome: Outcome::DidNotHappen,
        };
        if self.purpose == Purpose::Read {
            return Err(refusal(
                "this run asked for a token that can only read".to_owned(),
            ));
        }
        let Some(granted) = self.granted(world).await? else {
            return Ok(());
        };
        let missing: Vec<String> = self
            .scopes
            .needed(self.purpose)
            .iter()
            .filter(|needed| !granted.contains(needed))
            .map(|scope| format!("`{scope}`"))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(refusal(format!(
            "the client was not granted {}",
            missing.join(" and ")
        )))
    }

    async fn fetch(&self, world: &World, serial: u64) -> Result<Token, PlatformError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", self.credentials.client_id.expose_secret())
            .append_pair(
                "client_secret",
                self.credentials.client_secret.expose_secret(),
            )
            .append_pair("scope", &self.scopes.asked_for(self.purpose))
            .finish();
        let asked = Instant::now();
        let call = Call {
            operation: Operation::Token,
            flow: None,
            access: Access::Read,
            method: Method::POST,
            url: self.url.clone(),
            headers,
            body: body.into_bytes(),
            timeout: self.timeout,
            most_bytes: MOST_BYTES,
        };
        let reply = call::run(world, &call, None, &[200]).await?;
        let unreadable = |said: &str| PlatformError {
            operation: Operation::Token,
            flow: None,
            kind: ErrorKind::Protocol,
            status: Some(reply.status.as_u16()),
            said: said.to_owned(),
            request_id: reply.request_id.clone(),
            hint: Some("check that CXONE_BASE_URL is the address of the CXone API".to_owned()),
            outcome: Outcome::DidNotHappen,
        };
        // The parser's own words could hold a piece of the token.
        let granted: Granted = serde_json::from_slice(
            reply
                .body
                .strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(&reply.body),
        )
        .map_err(|_| unreadable("the answer is not JSON with an `access_token`"))?;
        let value = SecretString::from(granted.access_token);
        world.redactor.learn([value.expose_secret().to_owned()]);
        if let Some(on_token) = &self.on_token {
            (on_token.0)(&value);
        }
        let life = life(granted.expires_in.as_ref());
        let token = Token {
            value,
            serial,
            renew: asked
                + life
                    .checked_sub(EARLY)
                    .filter(|left| !left.is_zero())
                    .unwrap_or(life / 2),
            granted: scopes(granted.scope.as_ref()),
        };
        if token.value.expose_secret().is_empty() || token.header().is_none() {
            return Err(unreadable("the `access_token` cannot be sent in a header"));
        }
        Ok(token)
    }
}

fn life(expires_in: Option<&serde_json::Value>) -> Duration {
    let seconds = match expires_in {
        Some(serde_json::Value::Number(number)) => number.as_f64(),
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .map_or(UNKNOWN_LIFE, |life| life.min(LONGEST_LIFE))
}

/// The scopes as a text with spaces, or as a list; `None` where nothing is said.
fn scopes(scope: Option<&serde_json::Value>) -> Option<Vec<String>> {
    let words = |text: &str| {
        text.split([' ', ','])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    match scope? {
        serde_json::Value::String(text) => Some(words(text)),
        serde_json::Value::Array(list) => Some(
            list.iter()
                .filter_map(serde_json::Value::as_str)
                .map(str::to_owned)
                .collect(),
        ),
        _ => None,
    }
}
