//! Dialect `flows`: the versioned flow API (contract, section 1).
//!
//! Payloads and answers of this API are known in this folder and nowhere else; where its calls are is a setting. Sending
//! and repeating is for `call`.

mod answers;
mod history;
mod offered;
mod payload;

use std::time::Duration;

use flowgate_core::ids::{FlowId, VersionId};
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{Answer, History, Published};
use flowgate_core::redact::Redactor;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;
use url::Url;

use super::auth::Auth;
use super::call::{self, Access, Call, Reply};
use super::world::World;
use super::{
    Credentials, ErrorKind, FlowPlatform, OnToken, Operation, Outcome, Outside, PlatformError,
    Provenance, Purpose, Scopes, StoredVersion, WriteAnswer,
};
use crate::http::BaseUrl;
use crate::values::ApiPaths;

use offered::Offered;

/// The most that is read of an answer with a flow in it; as much as a flow file may have.
const MOST_FLOW_BYTES: usize = 128 * 1024 * 1024;
/// The most that is read of an answer to a write, besides what was sent: some repeat the whole version, with what they add.
const MOST_WRITE_BYTES: usize = 1024 * 1024;
/// The most that is read of a page of the list of versions.
const MOST_PAGE_BYTES: usize = 32 * 1024 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What can be set about the dialect.
#[derive(Debug, Clone)]
pub struct FlowsConfig {
    /// `CXONE_BASE_URL`
    pub base_url: BaseUrl,
    /// Who we are.
    pub credentials: Credentials,
    /// What for.
    pub purpose: Purpose,
    /// What the scopes are called.
    pub scopes: Scopes,
    /// Where the calls are.
    pub paths: ApiPaths,
    /// How long one request may take.
    pub timeout: Duration,
    /// Who is told every new token.
    pub on_token: Option<OnToken>,
    /// What hides secrets in the words of the server; it learns each token.
    pub redactor: Redactor,
}

impl FlowsConfig {
    /// Everything else as the contract has it.
    pub fn new(base_url: BaseUrl, credentials: Credentials, purpose: Purpose) -> Self {
        Self {
            base_url,
            credentials,
            purpose,
            scopes: Scopes::default(),
            paths: ApiPaths::default(),
            timeout: Duration::from_secs(30),
            on_token: None,
            redactor: Redactor::default(),
        }
    }
}

/// A tenant that speaks the dialect `flows`.
#[derive(Debug)]
pub struct FlowsApi {
    world: World,
    auth: Auth,
    base_url: BaseUrl,
    paths: ApiPaths,
    timeout: Duration,
    shows_flows: Offered,
    shows_versions: Offered,
}

impl FlowsApi {
    /// A client of this tenant; nothing is sent yet.
    pub fn new(config: FlowsConfig, outside: Outside) -> Self {
        let secret = config.credentials.client_secret.expose_secret();
        config.redactor.learn([secret.to_owned()]);
        let asked_for = config.scopes.asked_for(config.purpose);
        Self {
            world: World::new(outside, asked_for, config.redactor.clone()),
            base_url: config.base_url.clone(),
            paths: config.paths.clone(),
            timeout: config.timeout,
            auth: Auth::new(config),
            shows_flows: Offered::default(),
            shows_versions: Offered::default(),
        }
    }

    /// The scopes that were granted (gets a token if there is none yet); `None` where the platform does not say.
    pub async fn granted_scopes(&self) -> Result<Option<Vec<String>>, PlatformError> {
        self.auth.granted(&self.world).await
    }

    async fn read(
        &self,
        operation: Operation,
        flow: &FlowId,
        url: Url,
    ) -> Result<Reply, PlatformError> {
        let call = Call {
            operation,
            flow: Some(flow),
            access: Access::Read,
            method: Method::GET,
            url,
            headers: json_headers(),
            body: Vec::new(),
            timeout: self.timeout,
            most_bytes: match operation {
                Operation::ListVersions => MOST_PAGE_BYTES,
                _ => MOST_FLOW_BYTES,
            },
        };
        call::run(&self.world, &call, Some(&self.auth), &[200, 404, 405, 501]).await
    }

    async fn write(
        &self,
        operation: Operation,
        flow: &FlowId,
        message: Message,
        understood: &[u16],
    ) -> Result<Reply, PlatformError> {
        self.auth.may_write(&self.world, operation, flow).await?;
        let most_bytes = MOST_WRITE_BYTES + 3 * message.body.len();
        let call = Call {
            operation,
            flow: Some(flow),
            access: Access::Write,
            method: Method::POST,
            url: message.url,
            headers: message.headers,
            body: message.body,
            timeout: self.timeout,
            most_bytes,
        };
        call::run(&self.world, &call, Some(&self.auth), understood).await
    }

    fn misunderstood(
        &self,
        operation: Operation,
        flow: &FlowId,
        reply: &Reply,
        said: &str,
    ) -> PlatformError {
        PlatformError {
            operation,
            flow: Some(flow.clone()),
            kind: ErrorKind::Protocol,
            status: Some(reply.status.as_u16()),
            said: self.world.clean(said),
            request_id: reply.request_id.clone(),
            hint: Some(
                "check that CXONE_BASE_URL and the API paths are those of the versioned flow API"
                    .to_owned(),
            ),
            outcome: match operation {
                Operation::CreateVersion | Operation::Publish => Outcome::Unknown,
                _ => Outcome::DidNotHappen,
            },
        }
    }
}

/// What a write sends, and where to.
struct Message {
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl FlowPlatform for FlowsApi {
    async fn published(&self, flow: &FlowId) -> Result<Answer<Published>, PlatformError> {
        if self.shows_flows.is_refused() {
            return Ok(Answer::CannotTell);
        }
        let operation = Operation::ReadPublished;
        let url = self.base_url.join(&self.paths.flow.fill(flow.as_str(), ""));
        let mut reply = self.read(operation, flow, url).await?;
        self.shows_flows.learn(reply.status.as_u16());
        let body = std::mem::take(&mut reply.body);
        match reply.status.as_u16() {
            404 => Ok(Answer::Absent),
            200 => answers::published(flow, body)
                .map_err(|said| self.misunderstood(operation, flow, &reply, &said)),
            _ => Ok(Answer::CannotTell),
        }
    }

    async fn history(&self, flow: &FlowId) -> Result<History, PlatformError> {
        self.all_pages(flow).await
    }

    async fn version(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> Result<Answer<StoredVersion>, PlatformError> {
        if self.shows_versions.is_refused() {
            return Ok(Answer::CannotTell);
        }
        let operation = Operation::ReadVersion;
        let path = self.paths.version.fill(flow.as_str(), version.as_str());
        let mut reply = self
            .read(operation, flow, self.base_url.join(&path))
            .await?;
        self.shows_versions.learn(reply.status.as_u16());
        let body = std::mem::take(&mut reply.body);
        match reply.status.as_u16() {
            404 => Ok(Answer::Absent),
            200 => answers::version(flow, version, body)
                .map_err(|said| self.misunderstood(operation, flow, &reply, &said)),
            _ => Ok(Answer::CannotTell),
        }
    }

    async fn create(
        &self,
        release: &Shipment,
        provenance: &Provenance,
    ) -> Result<(VersionId, WriteAnswer), PlatformError> {
        let (operation, flow) = (Operation::CreateVersion, &release.flow_id);
        let body = payload::version(release, provenance)
            .map_err(|error| not_sent(operation, flow, &error.to_string()))?;
        let mut headers = json_headers();
        let key = HeaderValue::from_str(&provenance.idempotency_key).map_err(|_| {
            not_sent(
                operation,
                flow,
                "the idempotency key cannot stand in a header",
            )
        })?;
        headers.insert(IDEMPOTENCY_KEY, key);
        let url = self
            .base_url
            .join(&self.paths.versions.fill(flow.as_str(), ""));
        let message = Message { url, headers, body };
        let reply = self.write(operation, flow, message, &[200, 201]).await?;
        let id = answers::created(release, &reply.body)
            .map_err(|said| self.misunderstood(operation, flow, &reply, &said))?;
        Ok((id, written(reply)))
    }

    async fn publish(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> Result<WriteAnswer, PlatformError> {
        let operation = Operation::Publish;
        let body = payload::publish(version)
            .map_err(|error| not_sent(operation, flow, &error.to_string()))?;
        let url = self
            .base_url
            .join(&self.paths.publish.fill(flow.as_str(), version.as_str()));
        let message = Message {
            url,
            headers: json_headers(),
            body,
        };
        let reply = self
            .write(operation, flow, message, &[200, 202, 204])
            .await?;
        Ok(written(reply))
    }
}

fn written(reply: Reply) -> WriteAnswer {
    WriteAnswer {
        request_id: reply.request_id,
        latency_ms: reply.latency_ms,
    }
}

fn json_headers() -> HeaderMap {
    let json = HeaderValue::from_static("application/json");
    HeaderMap::from_iter([(CONTENT_TYPE, json.clone()), (ACCEPT, json)])
}

/// A write that was not even sent.
fn not_sent(operation: Operation, flow: &FlowId, said: &str) -> PlatformError {
    PlatformError {
        operation,
        flow: Some(flow.clone()),
        kind: ErrorKind::Refused,
        status: None,
        said: said.to_owned(),
        request_id: None,
        hint: Some("run `flowgate check` on the file".to_owned()),
        outcome: Outcome::DidNotHappen,
    }
}
