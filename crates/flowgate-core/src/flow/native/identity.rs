//! The identity of a flow whose file nobody looks at any closer: one that a change does not touch.

use super::super::json::{Document, Names, Value};
use super::{LFS, version};
use crate::ids::{FlowId, RepoPath};
use crate::text::SourceText;

/// What a file says about whose flow it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id that [`super::read`] finds.
    pub id: FlowId,
    /// Whether [`super::read`] finds a version too: then only its elements and connectors may keep it from being published.
    pub has_version: bool,
}

/// Whose flow a file holds: what [`super::read`] says, without keeping anything of elements and connectors. The whole text
/// is checked all the same. `None` where `read` finds no id either.
pub fn identity(path: &RepoPath, bytes: &[u8]) -> Option<Identity> {
    /// The file's members, and the parts of its version.
    const DEPTH: usize = 2;
    const NAMES: Names<2> = Names::of(["flowId", "version"]);
    if bytes.starts_with(LFS) || u32::try_from(bytes.len()).is_err() {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let start = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
    let source = SourceText::new(path.clone(), text.to_owned());
    let document = Document::read_outline(source, start, DEPTH).ok()?;
    let [id, found] = document.root().pick(&NAMES);
    Some(Identity {
        id: id.and_then(Value::as_str)?.parse().ok()?,
        has_version: found.is_some_and(|found| version::read(found).is_ok()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::Content;
    use super::super::read;
    use super::*;

    /// What `read` says, held beside what `identity` says.
    fn both(bytes: &[u8]) -> (Option<Identity>, Option<Identity>) {
        let path: RepoPath = "flows/a.json".parse().unwrap();
        let quick = identity(&path, bytes);
        let flow = read(path, Content::Bytes(bytes.to_vec())).flow;
        let whole = flow.and_then(|flow| {
            Some(Identity {
                id: flow.id()?.clone(),
                has_version: flow.version().is_some(),
            })
        });
        (quick, whole)
    }

    #[test]
    fn nothing_that_looks_like_an_identity_is_taken_for_one() {
        for (text, id) in [
            (
                r#"{"flowId":"a","version":"1.0.0","elements":[]}"#,
                Some("a"),
            ),
            (
                r#"{"elements":[{"flowId":"no"}],"x":{"flowId":"no"},"flowId":"a"}"#,
                Some("a"),
            ),
            (r#"{"flowId":"a","flowId":"b"}"#, Some("a")),
            (r#"{"flow\u0049d":"\u0061b"}"#, Some("ab")),
            (r#"{"x":"\"flowId\":\"no\"","flowId":"a"}"#, Some("a")),
            (r#"[{"flowId":"no"}]"#, None),
            (r#"{"flowId":7}"#, None),
            (r#"{"flowId":"not an id"}"#, None),
            (r#"{"flowid":"no"}"#, None),
            ("{\"flowId\":\"a\",\"elements\":[", None),
            ("{\"flowId\":\"a\",\"elements\":[{\"x\":01}]}", None),
            ("\u{FEFF}{\"flowId\":\"a\"}", Some("a")),
            ("version https://git-lfs.github.com/spec/v1\nflowId a", None),
            ("", None),
        ] {
            let (quick, whole) = both(text.as_bytes());
            assert_eq!(quick, whole, "{text}");
            assert_eq!(quick.as_ref().map(|it| it.id.as_str()), id, "{text}");
        }
        assert_eq!(both(b"{\"flowId\":\"a\"}\xFF").0, None);
    }

    #[test]
    fn a_version_counts_where_reading_it_counts() {
        for version in [
            r#""1.2.3""#,
            r#"{"major":1,"minor":2,"patch":3}"#,
            r#"{"major":1,"minor":2}"#,
            r#"{"major":[1],"minor":2,"patch":3}"#,
            r#""1.2""#,
            "null",
            "[1]",
        ] {
            let text =
                format!(r#"{{"flowId":"a","version":{version},"elements":[],"connectors":[]}}"#);
            let (quick, whole) = both(text.as_bytes());
            assert_eq!(quick, whole, "{version}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_quick_look_says_what_reading_says(
            text in r#"[{}\[\],:" \\n]{0,4}("flowId"|"version"|"x"|"a"|"1.0.0"|[{}\[\],:0-9" \n\\u]|true|null){0,30}"#,
        ) {
            let (quick, whole) = both(text.as_bytes());
            prop_assert_eq!(quick, whole);
        }

        #[test]
        fn a_damaged_file_has_the_identity_that_reading_finds(at in 0_usize..120, byte in any::<u8>()) {
            let mut bytes = br#"{"elements":[{"id":"e","flowId":"no"}],"flowId":"a-1","version":{"major":1,"minor":0,"patch":2},"connectors":[]}"#.to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            let (quick, whole) = both(&bytes);
            prop_assert_eq!(quick, whole);
        }
    }
}
