//! What to do next, by what went wrong. Facts of the failure stand in the error; here is advice only.

use std::error::Error;

use super::Operation;

/// Advice for an answer with this status. `asked_for` are the scopes that were asked for.
pub(super) fn for_status(operation: Operation, status: u16, asked_for: &str) -> Option<String> {
    let write = matches!(operation, Operation::CreateVersion | Operation::Publish);
    let hint = match (status, operation) {
        (400 | 401 | 403, Operation::Token) => format!(
            "invalid client credentials or missing environment parameter: check CXONE_CLIENT_ID, CXONE_CLIENT_SECRET and \
             CXONE_ENVIRONMENT, and that the client may ask for `{asked_for}`"
        ),
        (401, _) => "a fresh token was refused too: check that CXONE_ENVIRONMENT and CXONE_BASE_URL belong to the same tenant \
                     as the client, and that the client is still active"
            .to_owned(),
        (403, Operation::CreateVersion) => {
            "the client needs the scope `flows:write` and the Flow Builder permission on this flow".to_owned()
        }
        (403, Operation::Publish) => {
            "the client needs the scope `flows:publish` and the Flow Builder permission to publish this flow".to_owned()
        }
        (403, _) => "the client needs the scope `flows:read` and the Flow Builder permission to view this flow".to_owned(),
        (400 | 422, _) if write => {
            "correct the named field in the flow file; `flowgate check` finds most of these beforehand".to_owned()
        }
        (400 | 422, _) => {
            "CXone did not understand the question: check CXONE_BASE_URL and the API paths".to_owned()
        }
        (404, Operation::Token) => "check CXONE_BASE_URL and the path of the token call".to_owned(),
        (404, Operation::CreateVersion) => "where this is the first version of a flow: this tenant takes none for an id that it does not \
             know, so make an empty flow in CXone first and put its id into the file; else check the `flowId` and CXONE_BASE_URL"
            .to_owned(),
        (404, _) => "check the `flowId` and CXONE_BASE_URL; a flow must exist on this tenant before it can be published".to_owned(),
        (405 | 501, _) => "this tenant does not offer this call: check CXONE_BASE_URL and the API paths".to_owned(),
        (409, Operation::CreateVersion) => {
            "a version with this number exists already: look at it in CXone, or raise `version` in the flow file".to_owned()
        }
        (409, _) => "something else is changing the same at the moment: run again".to_owned(),
        (413, _) => "the flow is larger than CXone accepts: split it".to_owned(),
        (429, _) => "set `max-requests-per-second` or a lower `concurrency`, or run again later".to_owned(),
        (300..=399, _) => "redirects are not followed, so that credentials stay where they belong: set CXONE_BASE_URL to the \
                           final address"
            .to_owned(),
        (500..=599, _) if write => {
            "CXone failed; whether it happened all the same is found out by reading, or look at the flow's versions in CXone"
                .to_owned()
        }
        (408 | 500..=599, _) => "CXone failed, also when asked again: look at its status page and run again later".to_owned(),
        _ => return None,
    };
    Some(hint)
}

/// Why a request got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// No answer in time.
    Timeout,
    /// The name of the host is unknown.
    Name,
    /// The other side's certificate is not trusted, or it speaks no TLS.
    Tls,
    /// Nobody listens, or no way leads there.
    Connect,
    /// The connection broke under way.
    Dropped,
}

impl Broken {
    /// Tells by the error's causes.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let causes = causes(error).to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| causes.contains(word));
        if error.is_connect() && has(&["certificate", "tls", "handshake", "corrupt message"]) {
            Broken::Tls
        } else if error.is_connect() && has(&["dns", "lookup", "resolve", "name or service"]) {
            Broken::Name
        } else if error.is_timeout() {
            Broken::Timeout
        } else if error.is_connect() {
            Broken::Connect
        } else {
            Broken::Dropped
        }
    }

    /// Advice.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Broken::Timeout => {
                "CXone is slow or a firewall swallows the request: run again later, or check the way to its host"
            }
            Broken::Name => {
                "check the host in CXONE_BASE_URL, and that this machine can resolve names"
            }
            Broken::Tls => {
                "check the host in CXONE_BASE_URL; where a proxy presents its own certificate, give its root with `ca-file`"
            }
            Broken::Connect => {
                "check CXONE_BASE_URL, HTTPS_PROXY, and that this machine may reach the network"
            }
            Broken::Dropped => {
                "the connection broke before the answer was complete: run again later"
            }
        }
    }
}

/// The error's causes without the URL, outermost first; what repeats its cause is left out.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !said.iter().any(|before| before.contains(&words)) {
            said.push(words);
        }
        next = cause.source();
    }
    if said.is_empty() {
        "the request failed".to_owned()
    } else {
        said.join(": ")
    }
}
