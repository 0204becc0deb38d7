//! Answers before they become HTTP: status, headers, body; and the shapes of errors.

use hyper::StatusCode;
use serde::Serialize;

use crate::faults::Scripted;
use crate::retry_after::RetryAfter;

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) message: String,
    pub(crate) code: &'static str,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    message: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

#[derive(Serialize)]
struct OAuthError<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl Answer {
    pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Self {
        let (status, body) = match serde_json::to_vec(body) {
            Ok(body) => (status, body),
            Err(error) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("the sandbox cannot write its answer: {error}").into_bytes(),
            ),
        };
        Self {
            status,
            headers: vec![("Content-Type".into(), "application/json".into())],
            body,
        }
    }

    pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Self {
        let errors = &[];
        Self::json(
            status,
            &ErrorBody {
                message,
                code,
                errors,
            },
        )
    }

    pub(crate) fn invalid(message: &str, errors: &[FieldError]) -> Self {
        let code = "VALIDATION_FAILED";
        Self::json(
            StatusCode::BAD_REQUEST,
            &ErrorBody {
                message,
                code,
                errors,
            },
        )
    }

    pub(crate) fn oauth_error(status: StatusCode, error: &str, error_description: &str) -> Self {
        Self::json(
            status,
            &OAuthError {
                error,
                error_description,
            },
        )
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::error(StatusCode::NOT_FOUND, "NOT_FOUND", what)
    }

    /// The answer that a script made up.
    pub(crate) fn scripted(scripted: &Scripted) -> Self {
        let Ok(status) = StatusCode::from_u16(scripted.code) else {
            return Self::error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "BAD_SCRIPT",
                &format!("the fault script asks for the status {}", scripted.code),
            );
        };
        let mut answer = Self::error(status, "SCRIPTED_FAULT", &format!("scripted {status}"));
        if let Some(content_type) = &scripted.content_type {
            answer.headers = vec![("Content-Type".into(), content_type.clone())];
            if content_type.starts_with("text/html") {
                answer.body = format!(
                    "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
                )
                .into_bytes();
            }
        }
        if let Some(body) = &scripted.body {
            answer.body = body.clone().into_bytes();
        }
        for (name, value) in &scripted.headers {
            answer = answer.with(name, value);
        }
        match scripted.retry_after {
            Some(retry_after) => answer.with_retry_after(retry_after),
            None => answer,
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn with_retry_after(self, retry_after: RetryAfter) -> Self {
        self.with("Retry-After", &retry_after.header())
    }
}
