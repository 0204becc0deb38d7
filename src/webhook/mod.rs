//! The git-sync webhook (contract, section 2): one announcement per verified version, best effort.
//!
//! A failure is a value that the caller shows as a warning; it never fails a deployment. The URL is a secret.

#[cfg(test)]
mod tests;

use std::time::Duration;

use flowgate_core::delta::SubjectKind;
use flowgate_core::hash::sha256_hex;
use flowgate_core::ids::{FlowId, hex};
use reqwest::{Client, StatusCode, Url};
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::deploy::Announcement;

/// Waits before the second and the third try.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Where announcements go.
#[derive(Debug, Clone)]
pub struct Webhook {
    url: SecretString,
    secret: Option<SecretString>,
    repository: String,
    /// How long one request may take.
    timeout: Duration,
}

/// Why the setting is not a place to announce to. The URL is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWebhook {
    /// Not a URL.
    #[error("`GIT_WEBHOOK_URL` is not a URL")]
    NotAUrl,
    /// Plain http to another machine.
    #[error("`GIT_WEBHOOK_URL` has to begin with `https://` (plain http is for loopback alone)")]
    NotHttps,
}

/// An announcement that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "could not announce version {version} of flow `{flow}` to the git-sync webhook: {why}; the deployment stands, and this is not sent again"
)]
pub struct WebhookWarning {
    /// Of which flow.
    pub flow: FlowId,
    /// Which version.
    pub version: String,
    /// What the other side or the transport said.
    pub why: String,
}

enum Failure {
    Again(String),
    Final(String),
}

impl Webhook {
    /// A webhook at this URL.
    ///
    /// # Errors
    /// It is not an https URL, nor one of this machine.
    pub fn new(
        url: SecretString,
        secret: Option<SecretString>,
        repository: String,
        timeout: Duration,
    ) -> Result<Self, InvalidWebhook> {
        let parsed = Url::parse(url.expose_secret()).map_err(|_| InvalidWebhook::NotAUrl)?;
        match parsed.scheme() {
            "https" => {}
            "http" if is_loopback(&parsed) => {}
            _ => return Err(InvalidWebhook::NotHttps),
        }
        Ok(Self {
            url,
            secret: secret.filter(|secret| !secret.expose_secret().is_empty()),
            repository,
            timeout,
        })
    }

    /// Whether it is on this machine: such a client may speak plain http.
    pub fn is_loopback(&self) -> bool {
        Url::parse(self.url.expose_secret()).is_ok_and(|url| is_loopback(&url))
    }

    /// Announces a version, with up to three tries. `client` must not follow redirects.
    ///
    /// # Errors
    /// It did not arrive.
    pub async fn announce(
        &self,
        client: &Client,
        announcement: &Announcement,
    ) -> Result<(), WebhookWarning> {
        let release = &announcement.release;
        let warn = |why: String| WebhookWarning {
            flow: release.flow_id.clone(),
            version: release.version.to_string(),
            why,
        };
        let body = self.payload(announcement).to_string().into_bytes();
        let signature = self.signature(&body);
        let delivery = delivery_id(&body);
        let mut waits = WAITS.iter();
        loop {
            let why = match self
                .send(client, &body, &delivery, signature.as_deref())
                .await
            {
                Ok(()) => return Ok(()),
                Err(Failure::Final(why)) => return Err(warn(why)),
                Err(Failure::Again(why)) => why,
            };
            let Some(wait) = waits.next() else {
                return Err(warn(why));
            };
            tokio::time::sleep(*wait).await;
        }
    }

    async fn send(
        &self,
        client: &Client,
        body: &[u8],
        delivery: &str,
        signature: Option<&str>,
    ) -> Result<(), Failure> {
        let mut request = client
            .post(self.url.expose_secret())
            .timeout(self.timeout)
            .header("Content-Type", "application/json")
            .header("X-Flowgate-Delivery", delivery)
            .body(body.to_vec());
        if let Some(signature) = signature {
            request = request.header("X-Hub-Signature-256", signature);
        }
        let answer = request.send().await.map_err(|err| {
            // The error's own words would show the URL.
            Failure::Again(reason(&err, self.timeout))
        })?;
        let status = answer.status();
        let said = format!("it answered HTTP {}", status.as_u16());
        if status.is_success() {
            Ok(())
        } else if status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            )
        {
            Err(Failure::Again(said))
        } else {
            Err(Failure::Final(said))
        }
    }

    fn payload(&self, announcement: &Announcement) -> Value {
        let (release, at) = (&announcement.release, &announcement.created_at);
        let (flow, version) = (release.flow_id.as_str(), release.version.to_string());
        let changes = release.changes();
        let elements = changes.buckets(SubjectKind::Element);
        let connectors = changes.buckets(SubjectKind::Connector);
        json!({
            "event": "flow_version_created",
            "repository": self.repository,
            "branch": format!("versions/{flow}"),
            "commit": {
                "message": format!("Version {version} created for {flow}"),
                "metadata": {
                    "flowId": flow,
                    "version": version,
                    "delta": {
                        "added": elements.added,
                        "removed": elements.removed,
                        "modified": elements.modified,
                        "computedAt": at,
                        "moved": elements.moved,
                        "connectors": connectors,
                    },
                    "timestamp": at,
                },
            },
        })
    }

    fn signature(&self, body: &[u8]) -> Option<String> {
        let secret = self.secret.as_ref()?.expose_secret();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Some(format!("sha256={}", hex(hmac::sign(&key, body).as_ref())))
    }
}

/// The same for the same announcement, so that a receiver can drop what it has seen.
fn delivery_id(body: &[u8]) -> String {
    sha256_hex(body).chars().take(32).collect()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn reason(err: &reqwest::Error, timeout: Duration) -> String {
    if err.is_timeout() {
        format!("no answer within {} s", timeout.as_secs_f32())
    } else if err.is_connect() {
        "no connection could be opened".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}
