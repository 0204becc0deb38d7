//! Names of things, as newtypes that cannot be wrong.
//!
//! Each is parsed once at the border (`FromStr` or `TryFrom`). What they mean is decided elsewhere.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A map by texts that a file says, of which there are many: several times faster than the standard one. Hashes are
/// seeded anew in each process, so that nobody can write a file whose ids all collide.
pub(crate) type FastMap<K, V> = HashMap<K, V, foldhash::quality::RandomState>;

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {why}")]
pub struct InvalidId {
    /// What it should have been, with its article.
    pub what: &'static str,
    /// The text, as it was given (hostile: escape before showing).
    pub text: String,
    /// The shape that was expected.
    pub why: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $why:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidId { what: $what, text: text.to_owned(), why: $why })
                }
            }
        }

        /// Equal and hashed as its text is.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// Identity of a flow: `[A-Za-z0-9._-]{1,128}`, not `.` or `..` (contract, "Version payload").
    FlowId, "a flow id", "expected 1 to 128 of `A-Z a-z 0-9 . _ -`, and neither `.` nor `..`",
    |text| {
        (1..=128).contains(&text.len())
            && text != "."
            && text != ".."
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    }
}

text_id! {
    /// Identity of an element inside its flow; any text but the empty one.
    ElementId, "an element id", "expected a text that is not empty", |text| !text.is_empty()
}

text_id! {
    /// Identity of a connector inside its flow; any text but the empty one.
    ConnectorId, "a connector id", "expected a text that is not empty", |text| !text.is_empty()
}

text_id! {
    /// CXone's name for one stored version of a flow: at most 256 bytes.
    VersionId, "a version id", "expected a text that is not empty and has no more than 256 bytes",
    |text| !text.is_empty() && text.len() <= 256
}

text_id! {
    /// A full git object id of a commit: 40 or 64 lower-case hexadecimal digits.
    CommitSha, "a commit id", "expected 40 or 64 lower-case hexadecimal digits",
    |text| {
        matches!(text.len(), 40 | 64)
            && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
}

text_id! {
    /// A file's path inside its repository: relative, `/` between parts, no `.` or `..` part.
    RepoPath, "a path inside the repository", "expected relative parts with `/` between them and no `..`",
    |text| {
        !text.is_empty()
            && !text.contains('\0')
            && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
    }
}

text_id! {
    /// Digest of a flow's canonical form: `fg1.<layout list>.<sha-256>` (contract, "Digest"). The prefix names the
    /// algorithm's version and the list of layout fields, so that another setting is another digest.
    Digest, "a digest of a flow", "expected `fg1.` with 8 and 64 hexadecimal digits",
    |text| {
        let mut parts = text.split('.');
        let hex = |part: Option<&str>, length: usize| {
            part.is_some_and(|part| {
                part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            })
        };
        parts.next() == Some("fg1") && hex(parts.next(), 8) && hex(parts.next(), 64) && parts.next().is_none()
    }
}

impl RepoPath {
    /// The path that stands for what CXone answered about a flow; no such file exists.
    pub fn of_published(flow: &FlowId) -> Self {
        // A flow id holds no `/` and is neither `.` nor `..`.
        Self(format!("cxone/{flow}.json").into())
    }
}

impl CommitSha {
    /// The first seven digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl Digest {
    /// The first twelve digits of the hash itself, for people.
    pub fn short(&self) -> &str {
        self.0.get(13..25).unwrap_or(&self.0)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_id_cannot_leave_its_path_segment() {
        for good in [
            "a",
            "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
            "main.line_2",
            "...",
        ] {
            assert!(good.parse::<FlowId>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "a%2f", "é", &"x".repeat(129)] {
            assert!(bad.parse::<FlowId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_repository_path_stays_inside_the_repository() {
        assert!("flows/main.json".parse::<RepoPath>().is_ok());
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a"] {
            assert!(bad.parse::<RepoPath>().is_err(), "{bad}");
        }
    }
}
