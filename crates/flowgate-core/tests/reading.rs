//! Whole bad files, and all that a person is told about each.

use std::fmt::Write as _;

use flowgate_core::flow::native::{from_platform, read};
use flowgate_core::flow::{Content, Problem, Reading};

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
fn a_file_where_everything_is_wrong_tells_all_of_it_and_keeps_what_is_good() {
    let reading = file(
        r#"{
  "flowID": "main",
  "version": {"major": 1, "minor": "2", "pach": 0},
  "elements": [
    {"id": "begin", "type": "Begin", "configuration": {"a": 1, "a": 2}},
    {"id": "menu", "Type": "IVR"},
    {"id": "queue", "type": "Queue", "configuration": "fast"},
    {"id": 7, "type": "End"},
    {"type": "End"},
    {"id": "", "type": ""},
    "end",
    {"id": "agent", "type": 5}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "begin", "targetId": "menu"},
    {"id": "c2", "source": "menu", "targetId": null},
    {"id": 3, "sourceId": "menu", "targetId": "queue"},
    {"id": "", "sourceId": "", "target_id": "queue"},
    null
  ]
}"#,
    );
    insta::assert_snapshot!(told(&reading), @r#"
    1:1 FlowIdInvalid [flowId] {
      `flowId` is missing
      -> there is `flowID`: did you mean `flowId`?
    3:14 VersionNotSemver [version.patch] {
      `version` has no `patch`
      -> there is `pach`: did you mean `patch`?
    3:36 VersionNotSemver [version.minor] "2"
      `version.minor` must be a whole number from 0 on, found a string
      -> write 2 without quotes
    5:64 DuplicateKey [`a`] "a"
      the key `a` stands a second time in this object; first on line 5
      -> readers differ in which of the two they take: keep one
    6:12 MissingField [elements/menu/type] "menu"
      the element `menu` has no `type`
      -> there is `Type`: did you mean `type`?
    7:55 WrongType [elements/queue/configuration] "fast"
      the `configuration` of the element `queue` must be an object, found a string
    8:12 WrongType [elements/#3/id] 7
      the `id` of element number 4 must be a string, found a number
      -> write "7" in quotes
    9:5 MissingField [elements/#4/id] {
      element number 5 has no `id`
    10:12 MissingField [elements/#5/id] ""
      the `id` of element number 6 is empty
    10:24 MissingField [elements/#5/type] ""
      the `type` of element number 6 is empty
    11:5 WrongType [elements/#6] "end"
      element number 7 must be an object, found a string
    12:29 WrongType [elements/agent/type] 5
      the `type` of the element `agent` must be a string, found a number
      -> write "5" in quotes
    16:12 MissingField [connectors/c2/sourceId] "c2"
      the connector `c2` has no `sourceId`
      -> there is `source`: did you mean `sourceId`?
    16:48 WrongType [connectors/c2/targetId] null
      the `targetId` of the connector `c2` must be a string, found null
    17:12 WrongType [connectors/#2/id] 3
      the `id` of connector number 3 must be a string, found a number
      -> write "3" in quotes
    18:5 MissingField [connectors/#3/targetId] {
      connector number 4 has no `targetId`
      -> there is `target_id`: did you mean `targetId`?
    18:12 MissingField [connectors/#3/id] ""
      the `id` of connector number 4 is empty
    18:28 MissingField [connectors/#3/sourceId] ""
      the `sourceId` of connector number 4 is empty
    19:5 WrongType [connectors/#4] null
      connector number 5 must be an object, found null
    "#);
    assert_eq!(elements(&reading), ["begin"]);
    let flow = reading.flow.unwrap();
    for id in ["menu", "queue", "agent"] {
        assert!(flow.is_damaged(&id.parse().unwrap()), "{id}");
    }
    assert!(flow.has_unidentified_elements());
    assert!(!flow.is_whole());
    let ways: Vec<_> = flow
        .connectors()
        .iter()
        .map(|way| (way.source.as_str(), way.target.as_str()))
        .collect();
    assert_eq!(
        ways,
        [("begin", "menu"), ("menu", "queue")],
        "a bad id does not take the way away"
    );
}

#[test]
fn nothing_at_all_in_the_object_is_four_problems() {
    insta::assert_snapshot!(told(&file("{\"id\": \"main\", \"nodes\": [], \"Connectors\": []}")), @r#"
    1:1 FlowIdInvalid [flowId] {
      `flowId` is missing
      -> there is `id`: did you mean `flowId`?
    1:1 VersionRequired [version] {
      `version` is missing
      -> add `"version": "1.0.0"`
    1:1 ElementsNotArray [elements] {
      `elements` is missing
      -> there is `nodes`: did you mean `elements`?
    1:1 ConnectorsNotArray [connectors] {
      `connectors` is missing
      -> there is `Connectors`: did you mean `connectors`?
    "#);
}

#[test]
fn each_way_to_get_a_version_wrong_has_its_own_words() {
    let mut all = String::new();
    for version in [
        "null",
        "\"\"",
        "1.2",
        "true",
        "[1,2,3]",
        "\"v1.2.3\"",
        "\"1.2\"",
        "\"1\"",
        "\"01.2.3\"",
        "\" 1.2.3\"",
        "\"1.2.3.4\"",
        "\"one\"",
        "\"1.2.3-\"",
        "\"99999999999999999999.0.0\"",
        "{}",
        r#"{"major":-1,"minor":1.5,"patch":99999999999999999999}"#,
        r#"{"major":null,"minor":[],"patch":1e3}"#,
    ] {
        let reading = file(&format!(
            "{{\"flowId\":\"m\",\"version\":{version},\"elements\":[],\"connectors\":[]}}"
        ));
        assert_eq!(reading.flow.as_ref().unwrap().version(), None);
        writeln!(all, "{version}").unwrap();
        for problem in &reading.problems {
            let hint = problem
                .hint
                .as_deref()
                .map(|hint| format!(" -> {hint}"))
                .unwrap_or_default();
            writeln!(
                all,
                "  {:?} [{}] {}{hint}",
                problem.kind, problem.subject, problem.message
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(all, @r#"
    null
      VersionRequired [version] `version` must be a text such as `"1.2.0"` or an object with `major`, `minor` and `patch`, found null
    ""
      VersionRequired [version] `version` is empty
    1.2
      VersionNotSemver [version] `version` must be a text such as `"1.2.0"` or an object with `major`, `minor` and `patch`, found a number
    true
      VersionNotSemver [version] `version` must be a text such as `"1.2.0"` or an object with `major`, `minor` and `patch`, found a boolean
    [1,2,3]
      VersionNotSemver [version] `version` must be a text such as `"1.2.0"` or an object with `major`, `minor` and `patch`, found an array
    "v1.2.3"
      VersionNotSemver [version] `version` is `v1.2.3`, which is not semantic versioning: it may not begin with `v` -> write `1.2.3`
    "1.2"
      VersionNotSemver [version] `version` is `1.2`, which is not semantic versioning: patch is missing -> write `1.2.0`
    "1"
      VersionNotSemver [version] `version` is `1`, which is not semantic versioning: minor and patch are missing -> write `1.0.0`
    "01.2.3"
      VersionNotSemver [version] `version` is `01.2.3`, which is not semantic versioning: a part may not begin with a zero -> write `1.2.3`
    " 1.2.3"
      VersionNotSemver [version] `version` is ` 1.2.3`, which is not semantic versioning: there is white space around it -> write `1.2.3`
    "1.2.3.4"
      VersionNotSemver [version] `version` is `1.2.3.4`, which is not semantic versioning: unexpected character '.' after patch version number
    "one"
      VersionNotSemver [version] `version` is `one`, which is not semantic versioning: unexpected character 'o' while parsing major version number
    "1.2.3-"
      VersionNotSemver [version] `version` is `1.2.3-`, which is not semantic versioning: empty identifier segment in pre-release identifier
    "99999999999999999999.0.0"
      VersionNotSemver [version] `version` is `99999999999999999999.0.0`, which is not semantic versioning: value of major version number exceeds u64::MAX
    {}
      VersionNotSemver [version.major] `version` has no `major`
      VersionNotSemver [version.minor] `version` has no `minor`
      VersionNotSemver [version.patch] `version` has no `patch`
    {"major":-1,"minor":1.5,"patch":99999999999999999999}
      VersionNotSemver [version.major] `version.major` must be a whole number from 0 on, found `-1`
      VersionNotSemver [version.minor] `version.minor` must be a whole number from 0 on, found `1.5`
      VersionNotSemver [version.patch] `version.patch` must be a whole number from 0 on, found `99999999999999999999`, more than 64 bits hold
    {"major":null,"minor":[],"patch":1e3}
      VersionNotSemver [version.major] `version.major` must be a whole number from 0 on, found null
      VersionNotSemver [version.minor] `version.minor` must be a whole number from 0 on, found an array
      VersionNotSemver [version.patch] `version.patch` must be a whole number from 0 on, found `1e3`
    "#);
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
