//! One request from reading to answer: records it, asks the fault script, calls the platform.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tokio::sync::watch;

use crate::answer::Answer;
use crate::api::{self, Call};
use crate::faults::{Cut, Drawn, Fault, Moment, Pause, Position};
use crate::operation::{Operation, Route};
use crate::platform::{Platform, lock};
use crate::record::{Outcome, Recorded};
use crate::transport::{FlushBell, Payload};

/// How often a pause looks for its file.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// The service fails with this to close the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("scripted drop")]
pub(crate) struct Dropped;

/// What is left to do with an answer.
struct Reply {
    answer: Answer,
    cut: Option<Cut>,
    after: Vec<Pause>,
    label: String,
}

/// Serves one request. The work runs in a task of its own: a client that leaves does not stop it,
/// as it would not stop a real platform.
pub(crate) async fn serve(
    platform: Arc<Platform>,
    request: Request<Incoming>,
    bell: FlushBell,
    mut stopped: watch::Receiver<bool>,
) -> Result<Response<Payload>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let work = tokio::spawn(async move {
        tokio::select! {
            reply = handle(&platform, &parts, &body) => reply,
            _ = stopped.wait_for(|stop| *stop) => None,
        }
    });
    let reply = work.await.ok().flatten().ok_or(Dropped)?;
    if !reply.after.is_empty() {
        let flushed = bell.arm();
        tokio::spawn(async move {
            if flushed.await.is_ok() {
                for pause in &reply.after {
                    // The answer is gone: there is nobody left to tell about a failure.
                    let _ = touch(pause, &reply.label);
                }
            }
        });
    }
    Ok(response(reply.answer, reply.cut))
}

async fn handle(platform: &Arc<Platform>, parts: &Parts, body: &[u8]) -> Option<Reply> {
    let route = Route::of(&parts.method, parts.uri.path());
    let operation = route.operation();
    let number = platform.record(recorded(parts, &route, body));
    let drawn = lock(&platform.book).draw(operation, route.flow());
    let label = label(operation, route.flow());
    if !platform.config.latency.is_zero() {
        tokio::time::sleep(platform.config.latency).await;
    }
    let mut reply = suffer(platform, parts, body, &route, drawn, label).await;
    if let Some(reply) = &mut reply {
        let id = ("CorrelationId".to_owned(), platform.correlation_id());
        reply.answer.headers.push(id);
    }
    let outcome = reply.as_ref().map_or(Outcome::Dropped, |reply| {
        Outcome::Answered(reply.answer.status.as_u16())
    });
    platform.conclude(number, outcome);
    reply
}

/// Carries out the call with its faults; `None` closes the connection.
async fn suffer(
    platform: &Arc<Platform>,
    parts: &Parts,
    body: &[u8],
    route: &Route,
    drawn: Drawn,
    label: String,
) -> Option<Reply> {
    let Drawn { hooks, outcome } = drawn;
    let reply = |answer: Answer, cut| Reply {
        answer,
        cut,
        after: hooks
            .iter()
            .filter_map(|hook| match hook {
                Fault::Pause(pause) if pause.at == Position::Answered => Some(pause.clone()),
                _ => None,
            })
            .collect(),
        label: label.clone(),
    };
    if let Err(message) = meanwhile(platform, &hooks, Moment::Received, &label).await {
        return Some(reply(broken_script(&message), None));
    }
    match &outcome {
        Some(Fault::DropBefore) => return None,
        Some(Fault::Status(scripted)) if scripted.at == Moment::Received => {
            return Some(reply(Answer::scripted(scripted), None));
        }
        _ => {}
    }
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let call = Call {
        route,
        query: parts.uri.query().unwrap_or_default(),
        authorization: header("authorization"),
        content_type: header("content-type"),
        idempotency_key: header("idempotency-key"),
        body,
    };
    let answer = api::answer(platform, &call);
    if hooks.iter().any(|hook| matches!(hook, Fault::Garble))
        && let Some(flow) = route.flow()
        && let Err(error) = platform.garble(flow, route.operation())
    {
        return Some(reply(broken_script(&error.to_string()), None));
    }
    if let Err(message) = meanwhile(platform, &hooks, Moment::Committed, &label).await {
        return Some(reply(broken_script(&message), None));
    }
    match outcome {
        Some(Fault::DropAfter) => None,
        Some(Fault::Status(scripted)) => Some(reply(Answer::scripted(&scripted), None)),
        Some(Fault::Rubbish) => Some(reply(rubbish(), None)),
        Some(Fault::Truncate(cut)) => Some(reply(answer, Some(cut))),
        _ => Some(reply(answer, None)),
    }
}

/// Does what the script wants to happen at `moment`; the words of what failed.
async fn meanwhile(
    platform: &Platform,
    hooks: &[Fault],
    moment: Moment,
    label: &str,
) -> Result<(), String> {
    for hook in hooks {
        match hook {
            Fault::RevokeTokens if moment == Moment::Received => {
                lock(&platform.tokens).revoke_all();
            }
            Fault::Delay(delay) if delay.at == moment => {
                tokio::time::sleep(Duration::from_millis(delay.ms)).await;
            }
            Fault::ConsoleEdit(edit) if edit.at == moment => {
                platform
                    .console_edit(None, edit.flow.get())
                    .map_err(|error| error.to_string())?;
            }
            Fault::Pause(pause) if pause.at == moment => {
                touch(pause, label).map_err(|error| {
                    let path = pause.touch.as_deref().unwrap_or("".as_ref());
                    format!("cannot touch `{}`: {error}", path.display())
                })?;
                hold(pause).await;
            }
            _ => {}
        }
    }
    Ok(())
}

fn touch(pause: &Pause, label: &str) -> io::Result<()> {
    let Some(path) = &pause.touch else {
        return Ok(());
    };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(label.as_bytes())
}

async fn hold(pause: &Pause) {
    let file_is_there = async {
        match &pause.until {
            Some(path) => {
                while !path.exists() {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
            None => std::future::pending().await,
        }
    };
    match (pause.ms, &pause.until) {
        (Some(ms), _) => {
            // Either end of the wait is a good one.
            let _ = tokio::time::timeout(Duration::from_millis(ms), file_is_there).await;
        }
        (None, Some(_)) => file_is_there.await,
        (None, None) => {}
    }
}

fn label(operation: Option<Operation>, flow: Option<&str>) -> String {
    let operation = operation.map_or("unknown", Operation::name);
    match flow {
        Some(flow) => format!("{operation} {flow}\n"),
        None => format!("{operation}\n"),
    }
}

fn broken_script(message: &str) -> Answer {
    let message = format!("the fault script cannot be carried out: {message}");
    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "BAD_SCRIPT", &message)
}

fn rubbish() -> Answer {
    Answer {
        status: StatusCode::OK,
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: b"\x00<<< this is not JSON \xff\xfe".to_vec(),
    }
}

fn recorded(parts: &Parts, route: &Route, body: &[u8]) -> Recorded {
    Recorded {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        operation: route.operation(),
        flow_id: route.flow().map(str::to_owned),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.to_string(), value.into_owned())
            })
            .collect(),
        body: body.to_vec(),
        at: Instant::now(),
        outcome: Outcome::Pending,
    }
}

fn response(answer: Answer, cut: Option<Cut>) -> Response<Payload> {
    let Answer {
        status,
        headers,
        mut body,
    } = answer;
    let whole = body.len();
    if cut.is_some() {
        body.truncate(whole / 2);
    }
    let missing = whole - body.len();
    let payload = match cut {
        Some(Cut::WrongLength) => Payload::broken_off(body, missing as u64),
        Some(Cut::RightLength) | None => Payload::whole(body),
    };
    let mut response = Response::new(payload);
    *response.status_mut() = status;
    for (name, value) in headers {
        // A script may name headers that HTTP cannot carry; those are left out.
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
