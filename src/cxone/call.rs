//! One call to CXone with all its attempts: budget, token, sending, and the decision whether to try again.
//!
//! A read is repeated for as long as that can help. A write is repeated only where it certainly did not happen: after one
//! 401, a 429, or a connection that could not be opened. What is sent and what an answer means is the dialects' business.

mod exchange;

use std::time::Duration;

use flowgate_core::ids::FlowId;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::auth::{Auth, Token};
use super::budget::Lateness;
use super::hints::{self, Broken};
use super::world::World;
use super::{CallRecord, ErrorKind, Operation, Outcome, PlatformError, server_words};
use crate::http::{retry_after, used_up};
use exchange::{Answered, Exchange};

/// Whether a call changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It may be repeated.
    Read,
    /// It may have happened, whatever was answered.
    Write,
}

/// What to send.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    pub(super) flow: Option<&'a FlowId>,
    pub(super) access: Access,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) timeout: Duration,
    /// No more bytes of an answer are read.
    pub(super) most_bytes: usize,
}

/// A complete answer with a status that the caller said it understands.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    pub(super) request_id: Option<String>,
    pub(super) latency_ms: u64,
}

/// What to do after an attempt.
enum Next {
    Done(Reply),
    Fail(PlatformError),
    /// Try again after the wait, which the budget imposes on all or this call on itself.
    Again(PlatformError),
}

/// Runs a call. Statuses in `understood` are answers, all others errors. `auth` is left out for the token itself.
pub(super) async fn run(
    world: &World,
    call: &Call<'_>,
    auth: Option<&Auth>,
    understood: &[u16],
) -> Result<Reply, PlatformError> {
    let mut run = Run {
        world,
        call,
        began: Instant::now(),
        waited: Duration::ZERO,
        attempts: 0,
        failures: 0,
        refusals: 0,
        refreshed: false,
        status: None,
        request_id: None,
    };
    let result = run.until_settled(auth, understood).await;
    world.calls.push(CallRecord {
        operation: call.operation,
        flow: call.flow.cloned(),
        latency_ms: millis(run.began.elapsed()),
        attempts: run.attempts,
        waited_ms: millis(run.waited),
        status: run.status,
        request_id: run.request_id,
    });
    result
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

struct Run<'a> {
    world: &'a World,
    call: &'a Call<'a>,
    began: Instant,
    waited: Duration,
    attempts: u32,
    /// Attempts that ended in a failure of the other side.
    failures: u32,
    /// Attempts that were refused for being too fast; only the run's deadline limits these.
    refusals: u32,
    refreshed: bool,
    status: Option<u16>,
    request_id: Option<String>,
}

impl Run<'_> {
    async fn until_settled(
        &mut self,
        auth: Option<&Auth>,
        understood: &[u16],
    ) -> Result<Reply, PlatformError> {
        let mut last: Option<PlatformError> = None;
        loop {
            // The token first: getting one takes its own turn.
            let token = match auth {
                Some(auth) => Some(auth.token(self.world).await?),
                None => None,
            };
            let lateness = if self.call.access == Access::Read && self.attempts == 0 {
                Lateness::Tolerated
            } else {
                Lateness::TooLate
            };
            let asked = Instant::now();
            let admitted = self.world.budget.admit(lateness).await;
            self.waited += asked.elapsed();
            let permit = match admitted {
                Ok(permit) => permit,
                Err(late) => return Err(last.unwrap_or_else(|| self.too_late(late.wait))),
            };
            self.attempts += 1;
            let exchange = exchange::send(self.world, self.call, token.as_ref()).await;
            let next = match exchange {
                Exchange::Answered(answered) => {
                    self.status = Some(answered.status.as_u16());
                    self.request_id.clone_from(&answered.request_id);
                    if answered.status == StatusCode::TOO_MANY_REQUESTS {
                        let now = self.world.clock.now();
                        let wait = retry_after(&answered.headers, now)
                            .or_else(|| used_up(&answered.headers, now));
                        permit.refused(wait);
                        self.after_refusal(&answered, wait).await
                    } else {
                        permit.served();
                        self.follow_rate_hints(&answered.headers);
                        self.after_answer(answered, auth, token.as_ref(), understood)
                            .await
                    }
                }
                Exchange::Broken(error) => {
                    drop(permit);
                    self.status = None;
                    self.after_break(&error).await
                }
            };
            match next {
                Next::Done(reply) => return Ok(reply),
                Next::Fail(error) => return Err(error),
                Next::Again(error) => last = Some(error),
            }
        }
    }

    /// 429: with `Retry-After` the gate is closed for everybody by now; without, this call backs off.
    async fn after_refusal(&mut self, answered: &Answered, asked: Option<Duration>) -> Next {
        let error = self.error_of(answered);
        let wait = asked.unwrap_or_else(|| self.backoff(self.refusals));
        self.refusals += 1;
        self.log_wait(wait, "CXone asks to slow down (HTTP 429)");
        if self.world.budget.has_time_for(wait).is_err() {
            return Next::Fail(too_long(error, wait));
        }
        if asked.is_none() {
            self.sleep(wait).await;
        }
        Next::Again(error)
    }

    async fn after_answer(
        &mut self,
        answered: Answered,
        auth: Option<&Auth>,
        token: Option<&Token>,
        understood: &[u16],
    ) -> Next {
        let status = answered.status.as_u16();
        if understood.contains(&status) {
            return match answered.incomplete {
                None => Next::Done(Reply {
                    status: answered.status,
                    body: answered.body,
                    request_id: answered.request_id,
                    latency_ms: millis(self.began.elapsed()),
                }),
                Some(why) => {
                    let error = PlatformError {
                        kind: why.kind,
                        said: why.said,
                        hint: Some(why.hint.to_owned()),
                        ..self.error_of_nothing()
                    };
                    // The answer is lost, not the deed: a write has most likely happened.
                    self.again_if(
                        self.call.access == Access::Read && why.kind != ErrorKind::Protocol,
                        error,
                        None,
                    )
                    .await
                }
            };
        }
        let error = self.error_of(&answered);
        if answered.status == StatusCode::UNAUTHORIZED
            && let (Some(auth), Some(token)) = (auth, token)
            && !self.refreshed
        {
            self.refreshed = true;
            auth.drop_token(token).await;
            return Next::Again(error);
        }
        let passing = matches!(status, 408 | 500 | 502 | 503 | 504);
        let asked = retry_after(&answered.headers, self.world.clock.now());
        self.again_if(self.call.access == Access::Read && passing, error, asked)
            .await
    }

    async fn after_break(&mut self, error: &reqwest::Error) -> Next {
        let broken = Broken::of(error);
        let never_opened = error.is_connect();
        let outcome = if self.call.access == Access::Read || never_opened || error.is_builder() {
            Outcome::DidNotHappen
        } else {
            Outcome::Unknown
        };
        let failed = PlatformError {
            kind: if broken == Broken::Timeout {
                ErrorKind::Timeout
            } else {
                ErrorKind::Transport
            },
            said: self.world.clean(&hints::causes(error)),
            hint: Some(broken.hint().to_owned()),
            outcome,
            ..self.error_of_nothing()
        };
        // A certificate that is not trusted will not be trusted in a second either.
        let worth_it = broken != Broken::Tls && !error.is_builder();
        self.again_if(worth_it && outcome == Outcome::DidNotHappen, failed, None)
            .await
    }

    /// Waits and tries again, where that may help and there is time.
    async fn again_if(&mut self, may: bool, error: PlatformError, asked: Option<Duration>) -> Next {
        self.failures += 1;
        if !may || self.failures >= self.world.retry.attempts {
            return Next::Fail(error);
        }
        let wait = asked.unwrap_or_else(|| self.backoff(self.failures - 1));
        if self.world.budget.has_time_for(wait).is_err() {
            return Next::Fail(too_long(error, wait));
        }
        self.log_wait(wait, "trying again");
        self.sleep(wait).await;
        Next::Again(error)
    }

    fn backoff(&self, attempt: u32) -> Duration {
        self.world.retry.backoff(attempt, &self.world.entropy)
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
        self.waited += wait;
    }

    fn log_wait(&self, wait: Duration, why: &'static str) {
        tracing::warn!(
            operation = ?self.call.operation,
            flow = self.call.flow.map(FlowId::as_str),
            seconds = wait.as_secs_f64(),
            attempt = self.attempts,
            "{why}"
        );
    }

    /// Nobody is sent to be refused: what the answer says about the limit counts for all.
    fn follow_rate_hints(&self, headers: &HeaderMap) {
        if let Some(wait) = used_up(headers, self.world.clock.now())
            && self.world.budget.has_time_for(wait).is_ok()
        {
            self.world.budget.used_up(wait);
        }
    }

    fn too_late(&self, wait: Duration) -> PlatformError {
        PlatformError {
            kind: ErrorKind::Deadline,
            said: if wait.is_zero() {
                "the run's deadline has passed".to_owned()
            } else {
                format!(
                    "waiting {} s for a turn would pass the run's deadline",
                    wait.as_secs()
                )
            },
            hint: Some(
                "run again: what is done stays done; or set a longer deadline for the run"
                    .to_owned(),
            ),
            outcome: Outcome::DidNotHappen,
            ..self.error_of_nothing()
        }
    }

    /// The error of an answer with a status that is none of the understood ones.
    fn error_of(&self, answered: &Answered) -> PlatformError {
        let status = answered.status.as_u16();
        let said = if answered.status.is_redirection() {
            let to = answered
                .headers
                .get(reqwest::header::LOCATION)
                .and_then(|to| Url::parse(to.to_str().ok()?).ok())
                .and_then(|to| to.host_str().map(str::to_owned));
            match to {
                Some(host) => self.world.clean(&format!("a redirect to `{host}`")),
                None => "a redirect".to_owned(),
            }
        } else {
            server_words::of_answer(&answered.body, &self.world.redactor)
        };
        PlatformError {
            kind: kind_of(status),
            status: Some(status),
            said,
            hint: hints::for_status(self.call.operation, status, &self.world.asked_for),
            outcome: if matches!(status, 400 | 401 | 403 | 404 | 405 | 409 | 422 | 429) {
                Outcome::DidNotHappen
            } else {
                self.outcome()
            },
            ..self.error_of_nothing()
        }
    }

    fn error_of_nothing(&self) -> PlatformError {
        PlatformError {
            operation: self.call.operation,
            flow: self.call.flow.cloned(),
            kind: ErrorKind::Transport,
            status: self.status,
            said: String::new(),
            request_id: self.request_id.clone(),
            hint: None,
            outcome: self.outcome(),
        }
    }

    fn outcome(&self) -> Outcome {
        match self.call.access {
            Access::Read => Outcome::DidNotHappen,
            Access::Write => Outcome::Unknown,
        }
    }
}

/// The error, where the wait before another try would be too long.
fn too_long(error: PlatformError, wait: Duration) -> PlatformError {
    let advice = error
        .hint
        .as_deref()
        .map_or_else(String::new, |hint| format!("; {hint}"));
    PlatformError {
        hint: Some(format!(
            "waiting {} s more would pass the run's deadline{advice}",
            wait.as_secs()
        )),
        ..error
    }
}

fn kind_of(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        400..=499 => ErrorKind::Refused,
        500..=599 => ErrorKind::Server,
        _ => ErrorKind::Protocol,
    }
}
