//! octocrab, and nobody else names it: one request out, one answer back. No retry, no meaning.
//!
//! octocrab's typed calls are not used: `update_comment` sends POST, errors lose their headers, and its own retry repeats
//! writes (measured). What is left is its authentication and base addresses over our own client.

use std::error::Error as _;

use octocrab::Octocrab;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::http::{BaseUrl, InvalidBaseUrl};

/// The version of GitHub's API whose fields are used. octocrab itself pins this one on every request (adding the header
/// here would send it twice); the tests hold every request to it.
pub const API_VERSION: &str = "2022-11-28";

/// A repository that was renamed this often has a new address by now.
const MOST_REDIRECTS: usize = 3;

/// What is needed to reach GitHub.
#[derive(Debug, Clone)]
pub struct Connection {
    /// `https://api.github.com`, or `https://HOST/api/v3`.
    pub api_url: String,
    /// `https://api.github.com/graphql`, or `https://HOST/api/graphql`.
    pub graphql_url: String,
    /// `owner/name`.
    pub repository: String,
    /// The token.
    pub token: SecretString,
    /// The client of `http`: time-outs, TLS roots, proxies.
    pub http: reqwest::Client,
}

/// Why GitHub cannot be reached with these settings.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The address is none that a token may be sent to.
    #[error("could not use `{name}`: {source}")]
    Url {
        /// `GITHUB_API_URL` or `GITHUB_GRAPHQL_URL`.
        name: &'static str,
        /// What is wrong with it.
        source: InvalidBaseUrl,
    },
    /// The repository has no owner or no name.
    #[error("could not use the repository `{0}`: expected `OWNER/NAME`")]
    Repository(String),
    /// The token is empty or holds what no header can.
    #[error("could not use the GitHub token: it is empty or holds a character that no token has")]
    Token,
    /// There is no runtime, or octocrab refused.
    #[error("could not set up the GitHub client: {0}")]
    Setup(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accept {
    Json,
    Raw,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Request<'a> {
    Get(&'a str, Accept),
    Post(&'a str, &'a Value),
    Patch(&'a str, &'a Value),
    Delete(&'a str),
    GraphQl(&'a Value),
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// No answer.
#[derive(Debug)]
pub(super) enum Silence {
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent; nobody knows what became of it.
    Lost(String),
}

#[derive(Debug)]
pub(super) struct Transport {
    rest: Octocrab,
    /// The address that every route of `rest` is below.
    base: Url,
    graph: Octocrab,
    graph_route: String,
}

impl Transport {
    pub(super) fn new(connection: &Connection) -> Result<Self, ConnectionError> {
        // octocrab panics on both of these.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(ConnectionError::Setup(
                "it needs a Tokio runtime".to_owned(),
            ));
        }
        let token = connection.token.expose_secret();
        if token.is_empty() || HeaderValue::from_str(token).is_err() {
            return Err(ConnectionError::Token);
        }
        let api = checked("GITHUB_API_URL", &connection.api_url)?;
        let graph = checked("GITHUB_GRAPHQL_URL", &connection.graphql_url)?;
        // octocrab puts the path of its base address in front of every route, absolute ones too, and on an Enterprise
        // Server GraphQL does not live below the REST base: so a second client.
        let (graph_base, graph_route) = graph.rsplit_once('/').unwrap_or((&graph, ""));
        Ok(Self {
            rest: octocrab(connection, &api)?,
            base: Url::parse(&api).map_err(|error| ConnectionError::Setup(error.to_string()))?,
            graph: octocrab(connection, graph_base)?,
            graph_route: format!("/{graph_route}"),
        })
    }

    /// Sends a request, also to where GitHub says that a renamed or transferred repository is now: on its own API and
    /// nowhere else, with the same method and body.
    pub(super) async fn send(&self, request: Request<'_>) -> Result<Answer, Silence> {
        let mut answer = self.send_once(request).await?;
        for _ in 0..MOST_REDIRECTS {
            let Some(route) = self.moved_to(&answer) else {
                break;
            };
            answer = match request {
                Request::Get(_, accept) => self.send_once(Request::Get(&route, accept)).await?,
                Request::Post(_, body) => self.send_once(Request::Post(&route, body)).await?,
                Request::Patch(_, body) => self.send_once(Request::Patch(&route, body)).await?,
                Request::Delete(_) => self.send_once(Request::Delete(&route)).await?,
                Request::GraphQl(_) => break,
            };
        }
        Ok(answer)
    }

    /// The route that a redirect leads to, where it is one of this API.
    fn moved_to(&self, answer: &Answer) -> Option<String> {
        if !matches!(answer.status, 301 | 302 | 307 | 308) {
            return None;
        }
        let location = answer.headers.get(LOCATION)?.to_str().ok()?;
        let to = self.base.join(location).ok()?;
        if to.origin() != self.base.origin() || !to.username().is_empty() {
            return None;
        }
        let below = self.base.path().trim_end_matches('/');
        let path = to.path().strip_prefix(below)?;
        let query = to
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        path.starts_with('/').then(|| format!("{path}{query}"))
    }

    async fn send_once(&self, request: Request<'_>) -> Result<Answer, Silence> {
        let sent = match request {
            Request::Get(path, accept) => {
                let accept = HeaderValue::from_static(match accept {
                    Accept::Json => "application/vnd.github+json",
                    Accept::Raw => "application/vnd.github.raw+json",
                });
                let headers = HeaderMap::from_iter([(ACCEPT, accept)]);
                self.rest._get_with_headers(path, Some(headers)).await
            }
            Request::Post(path, body) => self.rest._post(path, Some(body)).await,
            Request::Patch(path, body) => self.rest._patch(path, Some(body)).await,
            Request::Delete(path) => self.rest._delete(path, None::<&Value>).await,
            Request::GraphQl(body) => self.graph._post(&self.graph_route, Some(body)).await,
        };
        let response = sent.map_err(|error| silence(&error))?;
        let response = reqwest::Response::from(response.map(reqwest::Body::wrap));
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response
            .bytes()
            .await
            .map_err(|_| Silence::Lost("the answer broke off".to_owned()))?;
        Ok(Answer {
            status,
            headers,
            body: body.to_vec(),
        })
    }
}

fn octocrab(connection: &Connection, base: &str) -> Result<Octocrab, ConnectionError> {
    let setup = |error: octocrab::Error| ConnectionError::Setup(error.to_string());
    Octocrab::builder()
        .personal_token(connection.token.clone())
        .base_uri(base)
        .map_err(setup)?
        .build_with_reqwest(connection.http.clone())
        .map_err(setup)
}

fn checked(name: &'static str, text: &str) -> Result<String, ConnectionError> {
    match text.parse::<BaseUrl>() {
        Ok(url) => Ok(url.to_string()),
        Err(source) => Err(ConnectionError::Url { name, source }),
    }
}

/// Where in the chain the connection failed. The texts of reqwest's errors hold no header, so no token.
fn silence(error: &octocrab::Error) -> Silence {
    let mut said = String::new();
    let mut not_sent = false;
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<reqwest::Error>() {
            not_sent |= cause.is_connect() || cause.is_builder();
        }
        said = cause.to_string();
        next = cause.source();
    }
    if said.is_empty() {
        said = error.to_string();
    }
    if not_sent {
        Silence::NotSent(said)
    } else {
        Silence::Lost(said)
    }
}
