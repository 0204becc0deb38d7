//! Whole bad files, and all that a person is told about each.

#![expect(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod fields;

use std::fmt::Write as _;

use flowgate_core::flow::native::{from_platform, read};
use flowgate_core::flow::{Content, Problem, Reading};
use proptest::prelude::*;

fn file(text: &str) -> Reading {
    bytes(text.as_bytes())
}

fn bytes(bytes: &[u8]) -> Reading {
    read(
        "flows/main.json".parse().unwrap(),
        Content::Bytes(bytes.to_vec()),
    )
}

/// Line, column, kind, subject, message and hint of every problem.
fn told(reading: &Reading) -> String {
    let mut out = String::new();
    for problem in &reading.problems {
        let Problem {
            kind,
            span,
            message,
            subject,
            hint,
        } = problem;
        let place = reading.source.position(span.start);
        let marked = reading.source.slice(*span).replace('\u{FEFF}', "<BOM>");
        let line = format!(
            "{}:{} {kind:?} [{subject}] {marked}",
            place.line, place.column
        );
        writeln!(out, "{}", line.trim_end()).unwrap();
        writeln!(out, "  {message}").unwrap();
        if let Some(hint) = hint {
            writeln!(out, "  -> {hint}").unwrap();
        }
    }
    out
}

fn elements(reading: &Reading) -> Vec<&str> {
    let flow = reading.flow.as_ref().unwrap();
    flow.elements()
        .iter()
        .map(|element| element.id.as_str())
        .collect()
}

#[test]
fn a_good_flow_is_read_whole_and_without_a_word() {
    for version in [r#""1.2.3""#, r#"{"major":1,"minor":2,"patch":3}"#] {
        let reading = file(&format!(
            r#"{{"flowId":"main","name":"Main","version":{version},
                "elements":[{{"id":"b","type":"Begin"}},{{"id":"e","type":"Teleport","configuration":{{"n":1.10}}}}],
                "connectors":[{{"id":"c","sourceId":"b","targetId":"e"}},{{"sourceId":"e","targetId":"nowhere"}}]}}"#
        ));
        assert_eq!(told(&reading), "");
        let flow = reading.flow.as_ref().unwrap();
        assert_eq!(flow.id().unwrap().as_str(), "main");
        assert_eq!(flow.version().unwrap().to_string(), "1.2.3");
        assert_eq!(elements(&reading), ["b", "e"]);
        assert_eq!(flow.elements()[1].kind.as_str(), "Teleport");
        assert!(flow.value(flow.elements()[1].node).raw().contains("1.10"));
        assert_eq!(flow.connectors()[1].target.as_str(), "nowhere");
        assert_eq!(flow.connectors()[1].id, None);
        assert!(flow.is_whole());
    }
}

#[test]
fn what_cxone_answers_is_read_the_same_way() {
    let flow = "main".parse().unwrap();
    let body = br#"{"flowId":"main","versionId":"v-1","status":"PUBLISHED","version":"1.0.0",
        "elements":[],"connectors":[],"metadata":{"createdBy":"x"}}"#;
    let reading = from_platform(&flow, body.to_vec());
    assert_eq!(told(&reading), "");
    assert_eq!(reading.source.path().as_str(), "cxone/main.json");
    assert_eq!(
        reading
            .flow
            .unwrap()
            .top("versionId")
            .unwrap()
            .as_str()
            .unwrap(),
        "v-1"
    );
}

#[test]
fn what_is_not_a_file_says_what_it_is() {
    let mut all = String::new();
    for content in [
        Content::Directory,
        Content::Symlink,
        Content::TooLarge {
            size: 200,
            limit: 100,
        },
        Content::Unreadable("permission denied".into()),
    ] {
        let reading = read("flows/main.json".parse().unwrap(), content);
        assert!(reading.flow.is_none());
        all += &told(&reading);
    }
    insta::assert_snapshot!(all, @r#"
    1:1 NotAFile []
      this is a directory, not a file
      -> a flow is one regular file; check the `flows` globs
    1:1 NotAFile []
      this is a symbolic link, which is not followed
      -> put the file itself here
    1:1 TooLarge []
      the file has 200 bytes, more than the limit of 100
      -> split the flow, or raise the limit on file sizes
    1:1 NotAFile []
      the file could not be read: permission denied
      -> check that it exists and who may read it
    "#);
}

#[test]
fn bytes_that_are_no_flow_say_why() {
    let mut all = String::new();
    for content in [
        &b""[..],
        b" \n\t",
        b"\xEF\xBB\xBF",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
        b"{\n  \"flowId\": \"caf\xE9\"\n}",
        b"\xFF\xFE{\x00}\x00",
        b"[1, 2]",
        b"\"flow\"",
        b"{\n  \"flowId\": \"main\",\n}",
    ] {
        let reading = bytes(content);
        assert!(reading.flow.is_none());
        writeln!(all, "{:?}", String::from_utf8_lossy(content)).unwrap();
        all += &told(&reading);
    }
    let deep = file(&"[".repeat(100_000));
    all += &told(&deep);
    insta::assert_snapshot!(all, @r#"
    ""
    1:1 Empty []
      the file is empty
      -> write the flow into it, or delete the file; deleting it does not unpublish the flow
    " \n\t"
    1:1 Empty []
      the file is empty
      -> write the flow into it, or delete the file; deleting it does not unpublish the flow
    "\u{feff}"
    1:1 ByteOrderMark [] <BOM>
      the file begins with a byte order mark
      -> save the file as UTF-8 without BOM
    1:1 Empty []
      the file is empty
      -> write the flow into it, or delete the file; deleting it does not unpublish the flow
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"
    1:1 LfsPointer [] version https://git-lfs.github.com/spec/v1
      this is a Git LFS pointer, not the flow itself
      -> fetch the content before checking: `git lfs pull`, or `lfs: true` for actions/checkout
    "{\n  \"flowId\": \"caf�\"\n}"
    2:17 NotUtf8 [] �
      the byte 0xE9 is not UTF-8; nothing more of this file was read
      -> save the file as UTF-8
    "��{\0}\0"
    1:1 NotUtf8 [] �
      the byte 0xFF is not UTF-8; nothing more of this file was read
      -> it looks like UTF-16: save the file as UTF-8
    "[1, 2]"
    1:1 WrongType [] [
      a flow file holds one object, found an array
    "\"flow\""
    1:1 WrongType [] "flow"
      a flow file holds one object, found a string
    "{\n  \"flowId\": \"main\",\n}"
    2:19 NotJson [] ,
      the file is not JSON: a value must follow this comma, found `}`: take the comma out
    1:513 TooDeep [] [
      arrays and objects stand more than 512 deep in one another
    "#);
}

#[test]
fn a_byte_order_mark_does_not_hide_what_follows_it() {
    let reading = file(
        "\u{FEFF}{\"flowId\": \"main\", \"version\": \"v1.2\", \"elements\": [], \"connectors\": {}}",
    );
    insta::assert_snapshot!(told(&reading), @r#"
    1:1 ByteOrderMark [] <BOM>
      the file begins with a byte order mark
      -> save the file as UTF-8 without BOM
    1:32 VersionNotSemver [version] "v1.2"
      `version` is `v1.2`, which is not semantic versioning: it may not begin with `v`
      -> write `1.2.0`
    1:70 ConnectorsNotArray [connectors] {
      `connectors` must be an array, found an object
    "#);
    assert_eq!(reading.flow.unwrap().id().unwrap().as_str(), "main");
}

#[test]
fn an_id_cannot_make_a_message_of_any_length() {
    let id = "x".repeat(10_000);
    let reading = file(&format!(
        r#"{{"flowId":"{id}","version":"{id}","elements":[{{"id":"{id}"}}],"connectors":[],"{id}":1,"{id}":2}}"#
    ));
    assert_eq!(reading.problems.len(), 4);
    for problem in &reading.problems {
        assert!(problem.message.chars().count() < 300, "{}", problem.message);
    }
}

#[test]
fn a_file_of_rubbish_is_told_up_to_a_bearable_number_and_the_rest_is_counted() {
    let text = format!(
        r#"{{"flowId":"m","version":"1.0.0","connectors":[],"elements":[{}0]}}"#,
        "0,".repeat(99_999)
    );
    let reading = file(&text);
    assert_eq!(reading.problems.len(), 5_001);
    assert!(
        reading.problems[5_000]
            .message
            .starts_with("95000 more problems")
    );
    assert!(reading.flow.unwrap().has_unidentified_elements());
}

#[test]
fn no_two_problems_of_a_kind_share_their_subject() {
    let reading = file(
        r#"{"flowId":"m","version":"1.0.0","connectors":[],
            "elements":[{"id":"a"},{"id":"a"},{"id":"b","type":"X","x":1,"x":2},{"id":"c","type":"X","x":1,"x":2}]}"#,
    );
    let mut subjects: Vec<_> = reading
        .problems
        .iter()
        .map(|problem| (problem.kind, &problem.subject))
        .collect();
    let all = subjects.len();
    subjects.sort();
    subjects.dedup();
    assert_eq!((all, subjects.len()), (4, 4));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_a_problem_inside_its_text_and_never_a_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..9), 1..6),
    ) {
        let mut damaged = br#"{"flowId":"main","version":"1.2.3","elements":[{"id":"b","type":"Begin","x":1},
            {"id":"e","type":"End","configuration":{"n":1.10}}],"connectors":[{"sourceId":"b","targetId":"e"}]}"#.to_vec();
        for (at, byte, removed) in edits {
            let at = at.index(damaged.len());
            let end = (at + removed).min(damaged.len());
            damaged.splice(at..end, [byte]);
        }
        let reading = bytes(&damaged);
        prop_assert!(reading.flow.is_some() || !reading.problems.is_empty());
        for problem in &reading.problems {
            let span = problem.span.start as usize..problem.span.end as usize;
            prop_assert!(reading.source.as_str().get(span).is_some(), "{problem:?}");
        }
    }
}
