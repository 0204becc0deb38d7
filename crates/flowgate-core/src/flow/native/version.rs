//! The version of a flow: `{major, minor, patch}` or a text, both semantic versioning.
//!
//! Which version must follow which is for the rules.

use semver::Version;

use super::super::json::{Kind, Names, Value};
use super::members::Members;

const PARTS: Names<3> = Names::of(["major", "minor", "patch"]);

/// A fault of the version: where, what, what to do.
pub(super) struct Fault<'d> {
    /// The value that it stands at.
    pub at: Value<'d>,
    /// The part that is wrong, if only one is.
    pub part: Option<&'static str>,
    /// Whether there is no version at all.
    pub missing: bool,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Reads it, or says all that is wrong with it.
pub(super) fn read(value: Value<'_>) -> Result<Version, Vec<Fault<'_>>> {
    match value.kind() {
        Kind::Object => from_parts(value),
        Kind::PlainString | Kind::EscapedString => {
            let text = value.as_str().unwrap_or_default();
            from_text(&text).map_err(|(message, hint)| {
                vec![Fault {
                    at: value,
                    part: None,
                    missing: text.trim().is_empty(),
                    message,
                    hint,
                }]
            })
        }
        kind => Err(vec![Fault {
            at: value,
            part: None,
            missing: kind == Kind::Null,
            message: format!(
                "`version` must be a text such as `\"1.2.0\"` or an object with `major`, `minor` and `patch`, found {}",
                kind.words()
            ),
            hint: None,
        }]),
    }
}

fn from_parts(value: Value<'_>) -> Result<Version, Vec<Fault<'_>>> {
    let members = Members::new(value, &PARTS);
    let mut faults = Vec::new();
    let numbers = [0, 1, 2].map(|index| {
        let part = PARTS.text(index);
        let (at, message, hint) = match members.get(index) {
            None => (
                value,
                format!("`version` has no `{part}`"),
                members.hint(part, &[]),
            ),
            Some(found) => match number(found) {
                Ok(number) => return number,
                Err((message, hint)) => (
                    found,
                    format!("`version.{part}` must be a whole number from 0 on, found {message}"),
                    hint,
                ),
            },
        };
        faults.push(Fault {
            at,
            part: Some(part),
            missing: false,
            message,
            hint,
        });
        0
    });
    if faults.is_empty() {
        let [major, minor, patch] = numbers;
        Ok(Version::new(major, minor, patch))
    } else {
        Err(faults)
    }
}

fn number(value: Value<'_>) -> Result<u64, (String, Option<String>)> {
    let Some(text) = value.as_number() else {
        let unquoted = value.as_str().and_then(|text| text.parse::<u64>().ok());
        let hint = unquoted.map(|number| format!("write {number} without quotes"));
        return Err((value.kind().words().to_owned(), hint));
    };
    text.parse().map_err(|_| {
        let whole = text.bytes().all(|byte| byte.is_ascii_digit());
        let shown: String = text.chars().take(30).collect();
        let why = if whole {
            ", more than 64 bits hold"
        } else {
            ""
        };
        (format!("`{shown}`{why}"), None)
    })
}

fn from_text(text: &str) -> Result<Version, (String, Option<String>)> {
    let error = match Version::parse(text) {
        Ok(version) => return Ok(version),
        Err(error) => error,
    };
    let trimmed = text.trim();
    let bare = trimmed.trim_start_matches(['v', 'V']);
    let core = bare.split(['-', '+']).next().unwrap_or("");
    let parts: Vec<&str> = core.split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let suffix = bare.get(core.len()..).unwrap_or("");
    let mended = parts.iter().all(digits).then(|| {
        let mut parts: Vec<&str> = parts
            .iter()
            .map(|part| match part.trim_start_matches('0') {
                "" => "0",
                rest => rest,
            })
            .collect();
        parts.resize(parts.len().max(3), "0");
        format!("{}{suffix}", parts.join("."))
    });
    let why = if trimmed.is_empty() {
        "it is empty".to_owned()
    } else if trimmed != text {
        "there is white space around it".to_owned()
    } else if bare != trimmed {
        format!("it may not begin with `{}`", &trimmed[..1])
    } else if parts
        .iter()
        .any(|part| digits(part) && part.len() > 1 && part.starts_with('0'))
    {
        "a part may not begin with a zero".to_owned()
    } else if parts.len() < 3 && parts.iter().all(digits) {
        let missing = if parts.len() == 1 {
            "minor and patch are"
        } else {
            "patch is"
        };
        format!("{missing} missing")
    } else {
        error.to_string()
    };
    let hint = mended
        .filter(|mended| mended.len() < 60 && Version::parse(mended).is_ok())
        .map(|mended| format!("write `{mended}`"));
    let message = if trimmed.is_empty() {
        "`version` is empty".to_owned()
    } else {
        let shown = super::problems::shown(text);
        format!("`version` is {shown}, which is not semantic versioning: {why}")
    };
    Err((message, hint))
}
