//! What every call needs from outside: client, budget, clock, randomness, and what is to be kept secret.

use std::sync::Arc;

use flowgate_core::redact::Redactor;
use reqwest::Client;

use super::budget::Budget;
use super::{CallLog, server_words};
use crate::http::{Entropy, RetryPolicy, WallClock};

/// What a client of CXone is given from outside. Clones share budget and log.
#[derive(Debug, Clone)]
pub struct Outside {
    /// From [`crate::http::client`]: follows no redirects, repeats nothing.
    pub client: Client,
    /// Shared by all clients of the run.
    pub budget: Arc<Budget>,
    /// How to repeat.
    pub retry: RetryPolicy,
    /// For `Retry-After` dates.
    pub clock: WallClock,
    /// For jitter.
    pub entropy: Entropy,
    /// Where calls are recorded.
    pub calls: CallLog,
}

/// [`Outside`], and what hides secrets.
#[derive(Debug)]
pub(super) struct World {
    pub(super) client: Client,
    pub(super) budget: Arc<Budget>,
    pub(super) retry: RetryPolicy,
    pub(super) clock: WallClock,
    pub(super) entropy: Entropy,
    pub(super) calls: CallLog,
    /// The scopes that are asked for, for hints.
    pub(super) asked_for: String,
    /// No text of the other side is kept before it went through this.
    pub(super) redactor: Redactor,
}

impl World {
    pub(super) fn new(outside: Outside, asked_for: String, redactor: Redactor) -> Self {
        let Outside {
            client,
            budget,
            retry,
            clock,
            entropy,
            calls,
        } = outside;
        Self {
            client,
            budget,
            retry,
            clock,
            entropy,
            calls,
            asked_for,
            redactor,
        }
    }

    /// Text from the other side, fit to be shown.
    pub(super) fn clean(&self, text: &str) -> String {
        server_words::clean(text, &self.redactor)
    }
}
