//! Where the calls of the API are: templates that can be set, filled with percent-encoded ids. What is called there is for
//! `cxone`.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::InvalidValue;

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const FLOW: &str = "{flowId}";
const VERSION: &str = "{versionId}";

/// A path below the base URL with places for ids: `/api/v2/flows/{flowId}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate(String);

impl FromStr for PathTemplate {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let rest = text.replacen(FLOW, "", 1).replacen(VERSION, "", 1);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%".contains(c);
        let stays = !text.split('/').any(|part| matches!(part, "." | ".."));
        if text.starts_with('/') && !text.starts_with("//") && rest.chars().all(is_plain) && stays {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidValue {
                expected: "a path below the base URL that begins with one `/`, without `..`, `?` and `#`, and with `{flowId}` and `{versionId}` at most once each",
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
    /// One that says which flow it is about.
    ///
    /// # Errors
    /// It does not, or it is no path.
    pub fn of_flow(text: &str) -> Result<Self, InvalidValue> {
        with(&[FLOW], "a path with `{flowId}` in it", text)
    }

    /// One that says which version of which flow it is about.
    ///
    /// # Errors
    /// It does not, or it is no path.
    pub fn of_version(text: &str) -> Result<Self, InvalidValue> {
        let expected = "a path with `{flowId}` and `{versionId}` in it";
        with(&[FLOW, VERSION], expected, text)
    }

    /// The path with these ids in it.
    pub(crate) fn fill(&self, flow: &str, version: &str) -> String {
        self.0
            .replace(FLOW, &utf8_percent_encode(flow, SEGMENT).to_string())
            .replace(VERSION, &utf8_percent_encode(version, SEGMENT).to_string())
    }
}

fn with(places: &[&str], expected: &'static str, text: &str) -> Result<PathTemplate, InvalidValue> {
    if places.iter().all(|place| text.contains(place)) {
        text.parse()
    } else {
        Err(InvalidValue { expected })
    }
}

/// Where each call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiPaths {
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

impl Default for ApiPaths {
    fn default() -> Self {
        let known = |text: &str| PathTemplate(text.to_owned());
        Self {
            token: known("/oauth/token"),
            flow: known("/api/v2/flows/{flowId}"),
            versions: known("/api/v2/flows/{flowId}/versions"),
            version: known("/api/v2/flows/{flowId}/versions/{versionId}"),
            publish: known("/api/v2/flows/{flowId}/publish"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_inside_its_segment() {
        let paths = ApiPaths::default();
        assert_eq!(
            paths.version.fill("main.line_2", "../x?y#z/{flowId}"),
            "/api/v2/flows/main.line_2/versions/..%2Fx%3Fy%23z%2F%7BflowId%7D"
        );
    }

    #[test]
    fn a_path_that_is_set_is_a_path_below_the_base_url() {
        assert!("/v3/scripts/{flowId}".parse::<PathTemplate>().is_ok());
        for bad in [
            "",
            "v3",
            "//evil.example/{flowId}",
            "https://evil.example/",
            "/a?b",
            "/a#b",
            "/{flow}",
            "/{flowId}/{flowId}",
            "/a/../b",
            "/a\\b",
            "/a b",
        ] {
            assert!(bad.parse::<PathTemplate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_about_something_says_about_what() {
        let error = |found: Result<PathTemplate, InvalidValue>| found.unwrap_err().to_string();
        assert!(PathTemplate::of_flow("/f/{flowId}").is_ok());
        assert_eq!(
            error(PathTemplate::of_flow("/f/{versionId}")),
            "expected a path with `{flowId}` in it"
        );
        assert!(PathTemplate::of_version("/f/{flowId}/v/{versionId}").is_ok());
        assert_eq!(
            error(PathTemplate::of_version("/f/{flowId}")),
            "expected a path with `{flowId}` and `{versionId}` in it"
        );
        assert!(error(PathTemplate::of_flow("f/{flowId}")).contains("begins with one `/`"));
    }
}
