//! What stands where flow files may be and is not looked into: named once, with the reason why, wherever a tree comes from.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use flowgate_core::ids::RepoPath;

/// Something that is not looked into, where flow files may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Aside {
    path: RepoPath,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Repository,
    Link,
    OtherCase,
}

/// What stands at a path of a tree and is no folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A symbolic link that leads to a folder, or nobody can say where.
    LinkToFolder,
    /// A repository in a folder of this one.
    Repository,
}

impl Aside {
    /// What is to be said of a path, unless it is a flow file itself. `may_hold` and `wants` say where flow files are.
    pub(super) fn of(
        path: &str,
        kind: Kind,
        may_hold: impl Fn(&str) -> bool,
        wants: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let why = match kind {
            // Not a file of this repository, whatever it is called.
            Kind::Repository => (may_hold(path) || wants(path)).then_some(Why::Repository),
            _ if wants(path) => None,
            Kind::LinkToFolder => may_hold(path).then_some(Why::Link),
            Kind::File => with_small_ending(path)
                .is_some_and(|path| wants(&path))
                .then_some(Why::OtherCase),
        };
        let path = path.parse().ok()?;
        why.map(|why| Self { path, why })
    }
}

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.why {
            Why::Repository => write!(
                f,
                "`{path}` is a repository of its own (a submodule): flow files in it were not looked at"
            ),
            Why::Link => write!(
                f,
                "`{path}` is a symbolic link and was not followed: flow files behind it were not looked at"
            ),
            Why::OtherCase => write!(
                f,
                "`{path}` was not looked at: its ending is not in small letters, as `flows` asks for it"
            ),
        }
    }
}

/// Whether a file's ending has a large letter.
pub(super) fn has_large_ending(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The same path with its ending in small letters; `None` where it has them.
fn with_small_ending(path: &str) -> Option<String> {
    let (stem, ending) = path.rsplit_once('.')?;
    has_large_ending(path).then(|| format!("{stem}.{}", ending.to_ascii_lowercase()))
}

/// A name as a text: bytes that are no UTF-8 are written `\xFF`, so that two names stay two.
pub(super) fn text_of(name: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(name) {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    Cow::Owned(text)
}

/// What is text in a name that is none, with one sign for each part that is not: as [`text_of`] writes such names, and as
/// GitHub does.
pub(super) fn text_in(name: &str) -> String {
    let mut text = String::new();
    let mut rest = name;
    while let Some(next) = rest.chars().next() {
        let byte = rest.strip_prefix("\\x").and_then(|rest| rest.get(..2));
        let is_byte = byte.is_some_and(|byte| u8::from_str_radix(byte, 16).is_ok());
        let length = if is_byte { 4 } else { next.len_utf8() };
        if !is_byte && next != char::REPLACEMENT_CHARACTER {
            text.push(next);
        } else if !text.ends_with(char::REPLACEMENT_CHARACTER) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    text
}

/// What is said of a file whose name is no text.
pub(crate) const NOT_UTF8: &str = "its name is not UTF-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_text_stay_apart() {
        assert_eq!(text_of(b"a\xff.json"), "a\\xFF.json");
        assert_eq!(text_of(b"a\xfe.json"), "a\\xFE.json");
        assert_eq!(text_of("ä.json".as_bytes()), "ä.json");
    }

    #[test]
    fn what_git_and_github_write_for_a_name_that_is_no_text_is_the_same_name() {
        let git = text_of(b"caf\xe9\xe9 \xff.json");
        assert_eq!(text_in(&git), text_in("caf\u{fffd}\u{fffd} \u{fffd}.json"));
        assert_eq!(text_in("plain.json"), "plain.json");
        assert_ne!(text_in("caf\\xE9.json"), text_in("cafe.json"));
    }

    #[test]
    fn a_flow_file_is_not_put_aside_and_neither_is_what_may_hold_none() {
        let may_hold = |path: &str| path.starts_with("flows");
        let wants = |path: &str| {
            let name = std::path::Path::new(path);
            may_hold(path) && name.extension() == Some("json".as_ref())
        };
        let said = |path, kind| Aside::of(path, kind, may_hold, wants).is_some();
        for (path, kind) in [
            ("flows/a.json", Kind::File),
            ("flows/a.json", Kind::LinkToFolder),
            ("flows/a.md", Kind::File),
            ("flows/A.MD", Kind::File),
            ("docs/a.JSON", Kind::File),
            ("docs/b", Kind::LinkToFolder),
            ("docs/b", Kind::Repository),
        ] {
            assert!(!said(path, kind), "{path} {kind:?}");
        }
        for (path, kind) in [
            ("flows/a.JSON", Kind::File),
            ("flows/a.Json", Kind::File),
            ("flows/eu", Kind::LinkToFolder),
            ("flows/eu", Kind::Repository),
            ("flows/a.json", Kind::Repository),
        ] {
            assert!(said(path, kind), "{path} {kind:?}");
        }
    }
}
