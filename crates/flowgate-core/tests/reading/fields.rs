//! Fields that are missing, misspelt or of another type.

use std::fmt::Write as _;

use crate::{elements, file, told};

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
