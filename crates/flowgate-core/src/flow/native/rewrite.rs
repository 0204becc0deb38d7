//! The text of a flow with another version: nothing but the bytes of the version's value is different.

use semver::Version;

use super::super::Flow;
use super::super::json::{Kind, Value};
use crate::text::Span;

/// The text of this flow's file with this version, in the form that the file has: text or object. `None` where the
/// file has no version that could be read, or its form cannot hold this one (an object has no place for a
/// pre-release).
pub fn with_version(flow: &Flow, version: &Version) -> Option<String> {
    flow.version()?;
    let value = flow.top("version")?;
    let edits = match value.kind() {
        Kind::Object => parts(value, version)?,
        Kind::PlainString | Kind::EscapedString => vec![(value.span(), format!("\"{version}\""))],
        _ => return None,
    };
    let text = flow.source().as_str();
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    for (span, new) in edits {
        out.push_str(text.get(at..span.start as usize)?);
        out.push_str(&new);
        at = span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// The numbers of an object and what is to stand there, in the order of the file.
fn parts(object: Value<'_>, version: &Version) -> Option<Vec<(Span, String)>> {
    if !version.pre.is_empty() || !version.build.is_empty() {
        return None;
    }
    let numbers = [
        ("major", version.major),
        ("minor", version.minor),
        ("patch", version.patch),
    ];
    let edits = numbers.map(|(key, number)| Some((object.get(key)?.span(), number.to_string())));
    let mut edits: Vec<_> = edits.into_iter().collect::<Option<_>>()?;
    edits.sort_by_key(|(span, _)| span.start);
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::testing::flow;

    fn rewritten(text: &str, version: &str) -> Option<String> {
        with_version(&flow(text), &version.parse().unwrap())
    }

    #[test]
    fn only_the_version_is_different_however_the_file_is_written() {
        for (before, after) in [
            (
                "{ \"flowId\":\"main\",\t\"version\" : \"1.\\u0032.0\" ,\r\n \"elements\":[],\"connectors\":[] }\n\n",
                "{ \"flowId\":\"main\",\t\"version\" : \"2.0.10\" ,\r\n \"elements\":[],\"connectors\":[] }\n\n",
            ),
            (
                "\u{feff}{\"version\":{\"patch\": 9, \"major\":1,\n\"minor\" :2, \"by\": \"é\"},\"flowId\":\"main\"}",
                "\u{feff}{\"version\":{\"patch\": 10, \"major\":2,\n\"minor\" :0, \"by\": \"é\"},\"flowId\":\"main\"}",
            ),
        ] {
            assert_eq!(rewritten(before, "2.0.10").as_deref(), Some(after));
        }
    }

    #[test]
    fn a_version_that_cannot_be_read_or_held_is_left_alone() {
        assert_eq!(
            rewritten(r#"{"flowId":"main","version":"1.2"}"#, "2.0.0"),
            None
        );
        assert_eq!(rewritten(r#"{"flowId":"main"}"#, "2.0.0"), None);
        let object = r#"{"version":{"major":1,"minor":2,"patch":3}}"#;
        assert_eq!(rewritten(object, "2.0.0-rc.1"), None);
    }
}
