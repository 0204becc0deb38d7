//! The calls of the platform: their names, and how a request line is recognised as one of them.
//!
//! Paths are known here and nowhere else. What a call does lives in `api`.

use std::fmt;

use hyper::Method;
use serde::{Deserialize, Serialize};

use crate::wire;

/// One call that a client can make. The names in fault scripts are the camelCase of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// `POST /oauth/token?environment=…`
    Token,
    /// `GET /api/v2/flows/{flowId}`: the published flow.
    ReadFlow,
    /// `GET /api/v2/flows/{flowId}/versions`
    ListVersions,
    /// `GET /api/v2/flows/{flowId}/versions/{versionId}`
    ReadVersion,
    /// `POST /api/v2/flows/{flowId}/versions`
    CreateVersion,
    /// `POST /api/v2/flows/{flowId}/publish`
    Publish,
}

impl Operation {
    /// Every operation, for tests that walk them all.
    pub const ALL: [Self; 6] = [
        Self::Token,
        Self::ReadFlow,
        Self::ListVersions,
        Self::ReadVersion,
        Self::CreateVersion,
        Self::Publish,
    ];

    /// The name that fault scripts use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::ReadFlow => "readFlow",
            Self::ListVersions => "listVersions",
            Self::ReadVersion => "readVersion",
            Self::CreateVersion => "createVersion",
            Self::Publish => "publish",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a request line leads. Ids are already percent-decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Token,
    ReadFlow { flow: String },
    ListVersions { flow: String },
    ReadVersion { flow: String, version: String },
    CreateVersion { flow: String },
    Publish { flow: String },
    WrongMethod { allow: &'static str },
    Unknown,
}

impl Route {
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let get = method == Method::GET;
        let post = method == Method::POST;
        if path == "/oauth/token" {
            return if post {
                Self::Token
            } else {
                Self::WrongMethod { allow: "POST" }
            };
        }
        let Some(rest) = path.strip_prefix("/api/v2/flows/") else {
            return Self::Unknown;
        };
        // Split before decoding, so that an encoded slash stays inside its segment.
        let segments: Option<Vec<String>> = rest.split('/').map(wire::percent_decode).collect();
        let Some(segments) = segments else {
            return Self::Unknown;
        };
        if segments.iter().any(String::is_empty) {
            return Self::Unknown;
        }
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [flow] if get => Self::ReadFlow {
                flow: (*flow).to_owned(),
            },
            [flow, "versions"] if get => Self::ListVersions {
                flow: (*flow).to_owned(),
            },
            [flow, "versions"] if post => Self::CreateVersion {
                flow: (*flow).to_owned(),
            },
            [flow, "versions", version] if get => Self::ReadVersion {
                flow: (*flow).to_owned(),
                version: (*version).to_owned(),
            },
            [flow, "publish"] if post => Self::Publish {
                flow: (*flow).to_owned(),
            },
            [_] | [_, "versions", _] => Self::WrongMethod { allow: "GET" },
            [_, "versions"] => Self::WrongMethod { allow: "GET, POST" },
            [_, "publish"] => Self::WrongMethod { allow: "POST" },
            _ => Self::Unknown,
        }
    }

    pub(crate) fn operation(&self) -> Option<Operation> {
        match self {
            Self::Token => Some(Operation::Token),
            Self::ReadFlow { .. } => Some(Operation::ReadFlow),
            Self::ListVersions { .. } => Some(Operation::ListVersions),
            Self::ReadVersion { .. } => Some(Operation::ReadVersion),
            Self::CreateVersion { .. } => Some(Operation::CreateVersion),
            Self::Publish { .. } => Some(Operation::Publish),
            Self::WrongMethod { .. } | Self::Unknown => None,
        }
    }

    pub(crate) fn flow(&self) -> Option<&str> {
        match self {
            Self::ReadFlow { flow }
            | Self::ListVersions { flow }
            | Self::ReadVersion { flow, .. }
            | Self::CreateVersion { flow }
            | Self::Publish { flow } => Some(flow),
            Self::Token | Self::WrongMethod { .. } | Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_slash_stays_inside_the_flow_id() {
        let route = Route::of(&Method::GET, "/api/v2/flows/a%2Fversions");
        assert_eq!(
            route,
            Route::ReadFlow {
                flow: "a/versions".to_owned()
            }
        );
    }

    #[test]
    fn a_known_path_with_another_method_says_which_are_allowed() {
        let route = Route::of(&Method::DELETE, "/api/v2/flows/a/versions");
        assert_eq!(route, Route::WrongMethod { allow: "GET, POST" });
        assert_eq!(Route::of(&Method::GET, "/api/v2/flows/"), Route::Unknown);
        assert_eq!(Route::of(&Method::GET, "/api/v2/flows/%zz"), Route::Unknown);
    }

    #[test]
    fn script_names_and_displayed_names_are_the_same() {
        for operation in Operation::ALL {
            let script = serde_json::to_string(&operation).unwrap();
            assert_eq!(script, format!("\"{operation}\""));
        }
    }
}
