//! One request and its answer, read to the end or to its limit. Nothing here repeats or judges.

use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Response, StatusCode};

use super::Call;
use crate::cxone::auth::Token;
use crate::cxone::hints::{self, Broken};
use crate::cxone::world::World;
use crate::cxone::{ErrorKind, server_words};

/// What came of a request.
pub(super) enum Exchange {
    Answered(Answered),
    Broken(reqwest::Error),
}

/// A status, and as much of the rest as came.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) request_id: Option<String>,
    /// Why the body is not whole.
    pub(super) incomplete: Option<Incomplete>,
}

/// Why a body is not whole.
pub(super) struct Incomplete {
    pub(super) kind: ErrorKind,
    pub(super) said: String,
    pub(super) hint: &'static str,
}

pub(super) async fn send(world: &World, call: &Call<'_>, token: Option<&Token>) -> Exchange {
    let mut headers = call.headers.clone();
    if let Some(value) = token.and_then(Token::header) {
        headers.insert(AUTHORIZATION, value);
    }
    let request = world
        .client
        .request(call.method.clone(), call.url.clone())
        .headers(headers)
        .timeout(call.timeout);
    // An empty body would be announced as one, which some gateways refuse on a GET.
    let request = if call.body.is_empty() {
        request
    } else {
        request.body(call.body.clone())
    };
    match request.send().await {
        Ok(response) => Exchange::Answered(read(world, call, response).await),
        Err(error) => Exchange::Broken(error.without_url()),
    }
}

async fn read(world: &World, call: &Call<'_>, mut response: Response) -> Answered {
    let status = response.status();
    let headers = response.headers().clone();
    let request_id = ["correlationid", "x-request-id", "x-correlation-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(|id| world.clean(id).chars().take(128).collect::<String>())
        .filter(|id| !id.is_empty());
    let most = if status.is_success() {
        call.most_bytes
    } else {
        server_words::MOST_BYTES
    };
    let mut body = Vec::new();
    let incomplete = loop {
        match response.chunk().await {
            Ok(None) => break None,
            Ok(Some(chunk)) => {
                let room = most - body.len();
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() > room {
                    break Some(Incomplete {
                        kind: ErrorKind::Protocol,
                        said: format!("the answer is larger than {most} bytes"),
                        hint: "check CXONE_BASE_URL: no flow should be that large",
                    });
                }
            }
            Err(error) => {
                let error = error.without_url();
                let broken = Broken::of(&error);
                break Some(Incomplete {
                    kind: if broken == Broken::Timeout {
                        ErrorKind::Timeout
                    } else {
                        ErrorKind::Transport
                    },
                    said: world.clean(&format!("the answer broke off: {}", hints::causes(&error))),
                    hint: broken.hint(),
                });
            }
        }
    };
    Answered {
        status,
        headers,
        body,
        request_id,
        incomplete,
    }
}
