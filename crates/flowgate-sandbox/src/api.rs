//! What each call does to the state and answers. No HTTP, no faults: the true platform.

use hyper::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tokio::time::Instant;

use crate::answer::{Answer, FieldError};
use crate::config::{Availability, Behaviour, Config, Listing, Scope};
use crate::json::{self, Part};
use crate::operation::Route;
use crate::platform::{Platform, lock};
use crate::state::{Draft, Flow, Seen, Status, Version};
use crate::{validate, wire};

const DEFAULT_PAGE_SIZE: usize = 20;
const MAX_PAGE_SIZE: usize = 100;

/// What the calls need to know of a request.
pub(crate) struct Call<'a> {
    pub(crate) route: &'a Route,
    pub(crate) query: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Judges and carries out a call.
pub(crate) fn answer(platform: &Platform, call: &Call<'_>) -> Answer {
    match admitted(platform, call) {
        Ok(answer) | Err(answer) => answer,
    }
}

fn admitted(platform: &Platform, call: &Call<'_>) -> Result<Answer, Answer> {
    let config = &platform.config;
    let (scope, is_post) = match call.route {
        Route::Token => {
            expect_content_type(call, "application/x-www-form-urlencoded")?;
            return Ok(lock(&platform.tokens).issue(call.query, call.body, config));
        }
        Route::Unknown => return Err(Answer::not_found("no such path")),
        Route::WrongMethod { allow } => return Err(not_allowed().with("Allow", allow)),
        Route::ReadFlow { .. } | Route::ListVersions { .. } | Route::ReadVersion { .. } => {
            (Scope::Read, false)
        }
        Route::CreateVersion { .. } => (Scope::Write, true),
        Route::Publish { .. } => (Scope::Publish, true),
    };
    let hints = match &platform.limiter {
        Some(limiter) => lock(limiter).admit(Instant::now())?,
        None => Vec::new(),
    };
    let authorized = lock(&platform.tokens).judge(call.authorization, scope);
    let done = authorized.and_then(|()| {
        if is_post {
            expect_content_type(call, "application/json")?;
        }
        match call.route {
            Route::ReadFlow { flow } => read_flow(platform, flow),
            Route::ListVersions { flow } => list_versions(platform, flow, call.query),
            Route::ReadVersion { flow, version } => read_version(platform, flow, version),
            Route::CreateVersion { flow } => create_version(platform, flow, call),
            Route::Publish { flow } => publish(platform, flow, call.body),
            Route::Token | Route::Unknown | Route::WrongMethod { .. } => {
                Err(Answer::not_found("no such path"))
            }
        }
    });
    let add_hints = |mut answer: Answer| {
        answer.headers.extend(hints.clone());
        answer
    };
    done.map(add_hints).map_err(add_hints)
}

fn expect_content_type(call: &Call<'_>, wanted: &str) -> Result<(), Answer> {
    let sent = call.content_type.unwrap_or_default();
    let media_type = sent.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Answer::error(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        &format!("the Content-Type must be {wanted}"),
    ))
}

fn not_allowed() -> Answer {
    let message = "this method is not offered here";
    Answer::error(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        message,
    )
}

fn not_implemented() -> Answer {
    let message = "this call is not offered here";
    Answer::error(StatusCode::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", message)
}

fn offered(availability: Availability) -> Result<(), Answer> {
    match availability {
        Availability::Offered => Ok(()),
        Availability::NotFound => Err(Answer::not_found("no such path")),
        Availability::MethodNotAllowed => Err(not_allowed()),
        Availability::NotImplemented => Err(not_implemented()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlowBody<'a> {
    flow_id: &'a str,
    version: &'a str,
    version_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    elements: Box<RawValue>,
    connectors: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionBody<'a> {
    id: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    created_at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elements: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connectors: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
}

/// How much of a version an answer shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Heading,
    Whole,
}

impl<'a> VersionBody<'a> {
    fn of(version: &'a Version, seen: &Seen<'a>, detail: Detail, config: &Config) -> Self {
        let part = |raw: &RawValue, part| json::as_read(raw, part, config);
        let whole = detail == Detail::Whole;
        let tells = !config.does(Behaviour::HidesPublication);
        let records = whole || !config.does(Behaviour::ListsNoMetadata);
        Self {
            id: &version.id,
            version: &version.version,
            status: tells.then(|| seen.status(&version.id)),
            created_at: &version.created_at,
            published_at: seen.published_at(&version.id).filter(|_| tells),
            elements: whole.then(|| part(&version.elements, Part::Elements)),
            connectors: whole.then(|| part(&version.connectors, Part::Connectors)),
            metadata: metadata(version, config).filter(|_| records),
        }
    }
}

fn metadata(version: &Version, config: &Config) -> Option<Box<RawValue>> {
    let raw = version.metadata.as_deref()?;
    Some(json::as_read(raw, Part::Metadata, config))
}

fn read_flow(platform: &Platform, flow_id: &str) -> Result<Answer, Answer> {
    let config = &platform.config;
    offered(config.read_flow)?;
    let mut state = platform.state();
    let none = || Answer::not_found(&format!("no flow `{flow_id}` is published"));
    let seen = state.flows.get_mut(flow_id).ok_or_else(none)?.read();
    let version = seen.published().ok_or_else(none)?;
    Ok(Answer::json(
        StatusCode::OK,
        &FlowBody {
            flow_id,
            version: &version.version,
            version_id: &version.id,
            name: version.name.as_deref(),
            elements: json::as_read(&version.elements, Part::Elements, config),
            connectors: json::as_read(&version.connectors, Part::Connectors, config),
            metadata: metadata(version, config),
        },
    ))
}

fn read_version(platform: &Platform, flow_id: &str, version_id: &str) -> Result<Answer, Answer> {
    let config = &platform.config;
    offered(config.read_version)?;
    let mut state = platform.state();
    let none = || Answer::not_found(&format!("flow `{flow_id}` has no version `{version_id}`"));
    let seen = state.flows.get_mut(flow_id).ok_or_else(none)?.read();
    let version = seen.version(version_id).ok_or_else(none)?;
    let body = VersionBody::of(version, &seen, Detail::Whole, config);
    Ok(Answer::json(StatusCode::OK, &body))
}

fn list_versions(platform: &Platform, flow_id: &str, query: &str) -> Result<Answer, Answer> {
    let config = &platform.config;
    let list_name = match config.list_versions {
        Listing::Full => Some("versions"),
        Listing::UnderItems => Some("items"),
        Listing::UnderData => Some("data"),
        Listing::CountOnly => None,
        Listing::MethodNotAllowed => return Err(not_allowed().with("Allow", "POST")),
        Listing::NotImplemented => return Err(not_implemented()),
    };
    let page = page_parameter(query, "page", 1, usize::MAX)?;
    let size = page_parameter(query, "pageSize", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
    let mut state = platform.state();
    let none = || Answer::not_found(&format!("flow `{flow_id}` has no versions"));
    let mut seen = state.flows.get_mut(flow_id).ok_or_else(none)?.read();
    if seen.versions.is_empty() {
        return Err(none());
    }
    if config.does(Behaviour::ReordersArrays) {
        seen.versions.reverse();
    }
    let total = seen.versions.len();
    let mut body = BTreeMap::from([("totalCount", json::raw_of(&total))]);
    if let Some(list_name) = list_name {
        let before = (page - 1).saturating_mul(size);
        let versions: Vec<VersionBody<'_>> = seen
            .versions
            .iter()
            .skip(before)
            .take(size)
            .map(|version| VersionBody::of(version, &seen, Detail::Heading, config))
            .collect();
        if before.saturating_add(size) < total {
            body.insert("nextPage", json::raw_of(&(page + 1)));
        }
        body.insert(list_name, json::raw_of(&versions));
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

fn page_parameter(query: &str, name: &str, default: usize, max: usize) -> Result<usize, Answer> {
    let Some(text) = wire::form_value(query, name) else {
        return Ok(default);
    };
    match text.parse() {
        Ok(number) if number >= 1 => Ok(max.min(number)),
        _ => {
            let error = FieldError {
                field: name.to_owned(),
                message: "must be a number from 1".to_owned(),
                code: "INVALID",
            };
            Err(Answer::invalid("the query is not valid", &[error]))
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatedBody<'a> {
    id: &'a str,
    flow_id: &'a str,
    version: &'a str,
    status: Status,
    created_at: &'a str,
}

fn created(flow_id: &str, version: &Version) -> Answer {
    Answer::json(
        StatusCode::CREATED,
        &CreatedBody {
            id: &version.id,
            flow_id,
            version: &version.version,
            status: Status::Draft,
            created_at: &version.created_at,
        },
    )
}

fn create_version(platform: &Platform, flow_id: &str, call: &Call<'_>) -> Result<Answer, Answer> {
    let config = &platform.config;
    let refuse = |errors: &[FieldError]| {
        Answer::invalid(
            &format!("the version of flow `{flow_id}` is not valid"),
            errors,
        )
    };
    let one = |field: &str, code, message: String| FieldError {
        field: field.to_owned(),
        message,
        code,
    };
    if !validate::is_flow_id(flow_id) {
        let message = "must be 1 to 128 of A-Z a-z 0-9 . _ -".to_owned();
        return Err(refuse(&[one("flowId", "INVALID", message)]));
    }
    let mut state = platform.state();
    let flow = state.flow(flow_id);
    let published = flow.and_then(Flow::published);
    let draft = validate::version_body(call.body, flow_id, published, config)
        .map_err(|errors| refuse(&errors))?;
    let versions = flow.map_or(&[][..], |flow| &flow.versions);
    let key = call
        .idempotency_key
        .filter(|_| config.does(Behaviour::HonoursIdempotencyKey));
    if let Some(key) = key
        && let Some(first) = versions
            .iter()
            .find(|version| version.idempotency_key.as_deref() == Some(key))
    {
        if !same_content(first, &draft) {
            let message = format!("was used before, for version {}", first.version);
            return Err(refuse(&[one("Idempotency-Key", "KEY_REUSED", message)]));
        }
        return Ok(created(flow_id, first));
    }
    if let Some(same) = versions.iter().find(|v| v.version == draft.version) {
        let message = format!(
            "version {} of flow `{flow_id}` exists already, as `{}`",
            same.version, same.id
        );
        return Err(Answer::error(
            StatusCode::CONFLICT,
            "VERSION_EXISTS",
            &message,
        ));
    }
    if versions.len() >= config.history_cap {
        let message = format!(
            "the flow has {} versions and no more are kept",
            versions.len()
        );
        return Err(refuse(&[one("versions", "HISTORY_FULL", message)]));
    }
    let draft = Draft {
        idempotency_key: call.idempotency_key.map(str::to_owned),
        ..draft
    };
    let version = state.create(flow_id, draft, config.clock, config.create_visible);
    platform.keep_or_answer(&state)?;
    Ok(created(flow_id, &version))
}

fn same_content(version: &Version, draft: &Draft) -> bool {
    version.version == draft.version
        && version.elements.get() == draft.elements.get()
        && version.connectors.get() == draft.connectors.get()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublishedBody<'a> {
    flow_id: &'a str,
    version_id: &'a str,
    version: &'a str,
    status: Status,
    published_at: &'a str,
}

fn publish(platform: &Platform, flow_id: &str, body: &[u8]) -> Result<Answer, Answer> {
    let config = &platform.config;
    let version_id = validate::publish_body(body).map_err(|errors| {
        Answer::invalid(
            &format!("the publish of flow `{flow_id}` is not valid"),
            &errors,
        )
    })?;
    let mut state = platform.state();
    let flow = state
        .flow(flow_id)
        .ok_or_else(|| Answer::not_found(&format!("no flow `{flow_id}`")))?;
    let version = flow.version(&version_id).ok_or_else(|| {
        Answer::not_found(&format!("flow `{flow_id}` has no version `{version_id}`"))
    })?;
    let number = version.version.clone();
    let publish = state.publish(flow_id, &version_id, config.clock, config.publish_visible);
    platform.keep_or_answer(&state)?;
    Ok(Answer::json(
        StatusCode::OK,
        &PublishedBody {
            flow_id,
            version_id: &version_id,
            version: &number,
            status: Status::Published,
            published_at: &publish.at,
        },
    ))
}
