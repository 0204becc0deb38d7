//! Tokens: who gets one, what it permits, when it ends.

use std::collections::{BTreeSet, HashMap};

use hyper::StatusCode;
use serde::Serialize;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::config::{Behaviour, Config, Scope};
use crate::wire;

/// The tokens given out by one sandbox. They do not survive it.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: u64,
    live: HashMap<String, Grant>,
}

#[derive(Debug)]
struct Grant {
    scopes: BTreeSet<Scope>,
    ends: Instant,
}

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

impl Tokens {
    /// Answers a token request. Secrets that do not fit are never repeated in the answer.
    pub(crate) fn issue(&mut self, query: &str, body: &[u8], config: &Config) -> Answer {
        let form = String::from_utf8_lossy(body);
        let field = |name: &str| wire::form_value(&form, name);
        if field("grant_type").as_deref() != Some("client_credentials") {
            return Answer::oauth_error(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type must be client_credentials",
            );
        }
        let client = config.clients.iter().find(|client| {
            field("client_id").as_deref() == Some(&client.id)
                && field("client_secret").as_deref() == Some(&client.secret)
        });
        let environment = wire::form_value(query, "environment");
        let (Some(client), true) = (
            client,
            environment.as_deref() == Some(config.environment.as_str()),
        ) else {
            return Answer::oauth_error(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Invalid client credentials or missing environment parameter",
            );
        };
        let asked = field("scope")
            .filter(|scope| !scope.trim().is_empty() && !config.does(Behaviour::IgnoresScope));
        let scopes: BTreeSet<Scope> = client
            .scopes
            .iter()
            .copied()
            .filter(|scope| {
                asked
                    .as_deref()
                    .is_none_or(|asked| asked.split_whitespace().any(|name| name == scope.name()))
            })
            .collect();
        let scope: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let scope = (!config.does(Behaviour::HidesScope)).then(|| scope.join(" "));

        self.issued += 1;
        let token = format!("sandbox-token-{:06}", self.issued);
        let answer = Answer::json(
            StatusCode::OK,
            &TokenBody {
                access_token: &token,
                token_type: "Bearer",
                expires_in: config.token_life.as_secs(),
                scope,
            },
        );
        let ends = Instant::now() + config.token_life;
        self.live.insert(token, Grant { scopes, ends });
        answer
    }

    /// Whether the bearer of this `Authorization` header may do what needs `scope`.
    pub(crate) fn judge(&self, authorization: Option<&str>, scope: Scope) -> Result<(), Answer> {
        let grant = authorization
            .and_then(|header| header.strip_prefix("Bearer "))
            .and_then(|token| self.live.get(token))
            .filter(|grant| Instant::now() < grant.ends);
        let Some(grant) = grant else {
            let message = "the access token is missing, unknown or expired";
            return Err(
                Answer::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
                    .with("WWW-Authenticate", "Bearer error=\"invalid_token\""),
            );
        };
        if grant.scopes.contains(&scope) {
            return Ok(());
        }
        let message = format!("the access token lacks the scope {}", scope.name());
        Err(Answer::error(
            StatusCode::FORBIDDEN,
            "INSUFFICIENT_SCOPE",
            &message,
        ))
    }

    pub(crate) fn revoke_all(&mut self) {
        self.live.clear();
    }
}
