//! Where the calls of the API are: templates that can be set, filled with percent-encoded parts.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const FLOW: &str = "{flowId}";
const VERSION: &str = "{versionId}";

/// Why a text is not the template of a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a path of the API: expected `/` in front, no query or fragment, and the places {FLOW} and {VERSION} at most once each"
)]
pub struct InvalidPath {
    text: String,
}

/// A path with places for ids: `/api/v2/flows/{flowId}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate(String);

impl FromStr for PathTemplate {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let rest = text.replacen(FLOW, "", 1).replacen(VERSION, "", 1);
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%".contains(c);
        if text.starts_with('/') && rest.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPath {
                text: text.to_owned(),
            })
        }
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PathTemplate {
    fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The path with these ids in it.
    pub(in crate::cxone) fn fill(&self, flow: &str, version: &str) -> String {
        self.0
            .replace(FLOW, &utf8_percent_encode(flow, SEGMENT).to_string())
            .replace(VERSION, &utf8_percent_encode(version, SEGMENT).to_string())
    }
}

/// Where each call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The token.
    pub token: PathTemplate,
    /// The published flow.
    pub flow: PathTemplate,
    /// The list of versions, and creating one.
    pub versions: PathTemplate,
    /// One version.
    pub version: PathTemplate,
    /// Publishing.
    pub publish: PathTemplate,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            token: PathTemplate::of("/oauth/token"),
            flow: PathTemplate::of("/api/v2/flows/{flowId}"),
            versions: PathTemplate::of("/api/v2/flows/{flowId}/versions"),
            version: PathTemplate::of("/api/v2/flows/{flowId}/versions/{versionId}"),
            publish: PathTemplate::of("/api/v2/flows/{flowId}/publish"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_inside_its_segment() {
        let paths = Paths::default();
        assert_eq!(
            paths.version.fill("main.line_2", "../x?y#z/{flowId}"),
            "/api/v2/flows/main.line_2/versions/..%2Fx%3Fy%23z%2F%7BflowId%7D"
        );
    }

    #[test]
    fn a_path_that_is_set_is_a_path() {
        assert!("/v3/scripts/{flowId}".parse::<PathTemplate>().is_ok());
        for bad in [
            "",
            "v3",
            "https://evil.example/",
            "/a?b",
            "/a#b",
            "/{flow}",
            "/a b",
        ] {
            assert!(bad.parse::<PathTemplate>().is_err(), "{bad}");
        }
    }
}
