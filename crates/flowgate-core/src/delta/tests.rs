//! Stories about deltas, as a reviewer would tell them.

use super::*;
use crate::flow::testing::flow;
use crate::flow::{Flow, Layout};

const BEFORE: &str = r#"{"flowId": "main", "version": "1.0.0",
  "elements": [
    {"id": "begin-1", "type": "Begin", "configuration": {}},
    {"id": "menu-1", "type": "IVR", "name": "Main menu", "x": 10, "configuration": {"prompt": "Hello", "retries": 2, "options": [
      {"digit": "1", "label": "Sales"}, {"digit": "2", "label": "Support"}]}},
    {"id": "end-1", "type": "End", "configuration": {}}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "begin-1", "targetId": "menu-1"},
    {"sourceId": "menu-1", "targetId": "end-1", "label": "1"},
    {"sourceId": "menu-1", "targetId": "end-1", "label": "2"}
  ]}"#;

fn delta(old: &Flow, new: &Flow) -> Delta {
    diff(old, new, &Layout::default())
}

/// The delta of an edit of [`BEFORE`].
fn edit(from: &str, to: &str) -> Delta {
    assert!(BEFORE.contains(from), "{from}");
    delta(&flow(BEFORE), &flow(&BEFORE.replacen(from, to, 1)))
}

/// One line for each thing and each field.
fn story(delta: &Delta) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &delta.changes {
        let was = change
            .renamed_from
            .as_ref()
            .map_or(String::new(), |was| format!(" was {}", was.id()));
        lines.push(format!(
            "{:?} {} ({}){was}",
            change.change,
            change.subject.id(),
            change.name
        ));
        for field in &change.fields {
            let side = |side: &Option<String>| side.clone().unwrap_or("-".into());
            let order = if field.order { " order" } else { "" };
            lines.push(format!(
                "  {}{order}: {} => {}",
                field.pointer,
                side(&field.before),
                side(&field.after)
            ));
        }
    }
    lines
}

#[test]
fn one_new_menu_option_is_one_change() {
    for (place, from) in [(0, r#"{"digit": "1", "#), (1, r#"{"digit": "2", "#)] {
        let delta = edit(
            from,
            &format!(r#"{{"digit": "9", "label": "Billing" }}, {from}"#),
        );
        assert_eq!(
            story(&delta),
            [
                "Modified menu-1 (Main menu)".to_owned(),
                format!(
                    r#"  /configuration/options/{place}: - => {{"digit":"9","label":"Billing"}}"#
                ),
            ]
        );
    }
}

#[test]
fn a_menu_option_that_is_renamed_is_one_field() {
    assert_eq!(
        story(&edit("Support", "Help")),
        [
            "Modified menu-1 (Main menu)",
            r#"  /configuration/options/1/label: "Support" => "Help""#
        ]
    );
}

#[test]
fn options_in_another_order_are_one_change() {
    let delta = edit(
        r#"{"digit": "1", "label": "Sales"}, {"digit": "2", "label": "Support"}"#,
        r#"{"digit": "2", "label": "Support"}, {"digit": "1", "label": "Sales"}"#,
    );
    let [change] = &delta.changes[..] else {
        panic!("{delta:?}")
    };
    assert_eq!(change.change, ChangeKind::Modified);
    let [field] = &change.fields[..] else {
        panic!("{change:?}")
    };
    assert!(field.order);
    assert_eq!(field.pointer, "/configuration/options");
    assert_eq!(
        field.before.as_deref(),
        Some(r#"[{"digit":"1","label":"Sales"},{"digit":"2","label":"Support"}]"#)
    );
}

#[test]
fn a_box_that_was_dragged_is_moved_and_nothing_else() {
    let delta = edit(r#""x": 10"#, r#""x": 250.5"#);
    assert_eq!(
        story(&delta),
        ["Moved menu-1 (Main menu)", "  /x: 10 => 250.5"]
    );
    assert!(delta.is_layout_only());
    assert!(delta.changes[0].fields[0].layout);
}

#[test]
fn the_same_number_and_text_in_other_words_is_no_change() {
    let delta = edit(
        r#""configuration": {"prompt": "Hello", "retries": 2,"#,
        r#""configuration": {"retries": 2.0, "prompt" : "\u0048ello","#,
    );
    assert_eq!(story(&delta), [""; 0]);
}

#[test]
fn numbers_are_shown_as_they_were_written_however_many_digits_they_have() {
    assert_eq!(
        story(&edit(
            r#""retries": 2"#,
            r#""retries": 12345678901234567890.10"#
        )),
        [
            "Modified menu-1 (Main menu)",
            "  /configuration/retries: 2 => 12345678901234567890.10"
        ]
    );
}

#[test]
fn pointers_escape_what_json_pointers_escape() {
    assert_eq!(
        story(&edit(
            r#""retries": 2"#,
            r#""retries": 2, "a/b~c": {"": null}"#
        )),
        [
            "Modified menu-1 (Main menu)",
            r#"  /configuration/a~1b~0c: - => {"":null}"#
        ]
    );
}

#[test]
fn many_fields_side_by_side_are_no_deeper_than_one() {
    let configuration = |value: u32| {
        let fields: Vec<String> = (0..100)
            .map(|number| format!(r#""f{number:02}": {{"in": {value}}}, "#))
            .collect();
        let fields = fields.concat();
        BEFORE.replacen(r#""prompt""#, &format!(r#"{fields}"prompt""#), 1)
    };
    let story = story(&delta(&flow(&configuration(1)), &flow(&configuration(2))));
    assert_eq!(story.len(), 101);
    assert_eq!(story[1], "  /configuration/f00/in: 1 => 2");
    assert_eq!(story[100], "  /configuration/f99/in: 1 => 2");
}

#[test]
fn what_lies_very_deep_is_told_as_one_field() {
    for (opens, closes) in [(r#"{"a": "#, "}"), ("[", "]")] {
        let nested = |value: u32| {
            let deep = format!("{}{value}{}", opens.repeat(60), closes.repeat(60));
            BEFORE.replacen(r#""retries": 2"#, &format!(r#""retries": {deep}"#), 1)
        };
        let changed = delta(&flow(&nested(1)), &flow(&nested(2)));
        let [field] = &changed.changes[0].fields[..] else {
            panic!("{:?}", changed.changes)
        };
        assert_eq!(field.pointer.matches('/').count(), 32);
    }
}

#[test]
fn a_new_export_with_new_ids_is_recognised() {
    let again = BEFORE
        .replace("menu-1", "menu-9f")
        .replace("\"c1\"", "\"c77\"");
    assert_eq!(
        story(&delta(&flow(BEFORE), &flow(&again))),
        [
            "Added menu-9f (Main menu) was menu-1",
            "Removed menu-1 (Main menu)",
            "Added c77 (Begin begin-1 → Main menu) was c1",
            "Added menu-9f#0 (Main menu –[1]→ End end-1) was menu-1#0",
            "Added menu-9f#1 (Main menu –[2]→ End end-1) was menu-1#1",
            "Removed c1 (Begin begin-1 → Main menu)",
            "Removed menu-1#0 (Main menu –[1]→ End end-1)",
            "Removed menu-1#1 (Main menu –[2]→ End end-1)",
        ]
    );
}

#[test]
fn where_two_elements_could_be_the_one_that_is_gone_nothing_is_claimed() {
    let two = BEFORE.replace(
        r#"{"id": "end-1", "type": "End", "configuration": {}}"#,
        r#"{"id": "end-2", "type": "End", "configuration": {}}, {"id": "end-3", "type": "End", "configuration": {}}"#,
    );
    let delta = delta(&flow(BEFORE), &flow(&two));
    assert_eq!(
        delta.buckets(SubjectKind::Element).added,
        ["end-2", "end-3"]
    );
    assert!(
        delta
            .of(SubjectKind::Element)
            .all(|change| change.renamed_from.is_none())
    );
}

#[test]
fn connectors_without_ids_are_matched_by_what_they_say() {
    assert_eq!(
        story(&edit(
            r#"{"sourceId": "menu-1", "targetId": "end-1", "label": "1"}"#,
            r#"{"sourceId": "menu-1", "targetId": "menu-1", "label": "0"}, {"sourceId": "menu-1", "targetId": "begin-1", "label": "1"}"#,
        )),
        [
            "Added menu-1#0 (Main menu –[0]→ Main menu)",
            "Modified menu-1#1 (Main menu –[1]→ Begin begin-1)",
            r#"  /targetId: "end-1" => "begin-1""#,
        ]
    );
}

#[test]
fn a_connector_without_an_id_that_jumps_the_queue_is_a_change() {
    let delta = edit(
        r#"{"sourceId": "menu-1", "targetId": "end-1", "label": "1"},
    {"sourceId": "menu-1", "targetId": "end-1", "label": "2"}"#,
        r#"{"sourceId": "menu-1", "targetId": "end-1", "label": "2"},
    {"sourceId": "menu-1", "targetId": "end-1", "label": "1"}"#,
    );
    let buckets = delta.buckets(SubjectKind::Connector);
    assert_eq!((buckets.added.len(), buckets.removed.len()), (1, 1));
    assert!(
        delta
            .changes
            .iter()
            .any(|change| change.renamed_from.is_some())
    );
}

/// The pair of flows that the versioning tutorial walks through.
#[test]
fn the_tutorials_pair_adds_the_api_element_and_two_connectors() {
    let current = r#"{"flowId": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "version": {"major": 1, "minor": 0, "patch": 0},
      "elements": [{"id": "begin-001", "type": "Begin", "configuration": {}},
        {"id": "ivr-002", "type": "IVR", "configuration": {"prompt": "Welcome"}},
        {"id": "end-003", "type": "End", "configuration": {}}@ELEMENTS],
      "connectors": [{"id": "conn-001", "sourceId": "begin-001", "targetId": "ivr-002"},
        {"id": "conn-002", "sourceId": "ivr-002", "targetId": "end-003"}@CONNECTORS]}"#;
    let proposed = current
        .replace("@ELEMENTS", r#", {"id": "api-004", "type": "API", "configuration": {"endpoint": "https://api.example.com/data"}}"#)
        .replace(
            "@CONNECTORS",
            r#", {"id": "conn-003", "sourceId": "ivr-002", "targetId": "api-004"}, {"id": "conn-004", "sourceId": "api-004", "targetId": "end-003"}"#,
        );
    let current = current.replace("@ELEMENTS", "").replace("@CONNECTORS", "");
    let matrix = delta(&flow(&current), &flow(&proposed)).matrix();
    assert_eq!(
        serde_json::to_string(&matrix).unwrap(),
        concat!(
            r#"{"added":["api-004"],"removed":[],"modified":[],"moved":[],"#,
            r#""connectors":{"added":["conn-003","conn-004"],"removed":[],"modified":[],"moved":[]}}"#,
        )
    );
    assert_eq!(
        matrix.description(),
        "Auto-generated version with 1 added, 0 removed, 0 modified elements"
    );
}

#[test]
fn the_report_has_one_row_for_each_field_and_numbers_as_written() {
    let edited = BEFORE
        .replace(r#""retries": 2"#, r#""retries": 1.10"#)
        .replace(r#""prompt": "Hello", "#, "")
        .replace(
            r#"{"id": "c1", "sourceId": "begin-1", "targetId": "menu-1"},"#,
            "",
        );
    let report = delta(&flow(BEFORE), &flow(&edited)).report();
    assert_eq!(
        serde_json::to_string(&report.changes).unwrap(),
        concat!(
            r#"[{"id":"menu-1","name":"Main menu","kind":"element","change":"modified","field":"/configuration/prompt","before":"Hello"},"#,
            r#"{"id":"menu-1","name":"Main menu","kind":"element","change":"modified","field":"/configuration/retries","before":2,"after":1.10},"#,
            r#"{"id":"c1","name":"Begin begin-1 → Main menu","kind":"connector","change":"removed"}]"#,
        )
    );
}

#[test]
fn items_without_a_key_are_compared_between_what_is_the_same_at_both_ends() {
    let list =
        |items: &str| flow(&BEFORE.replace(r#""retries": 2"#, &format!(r#""hours": {items}"#)));
    let fields = |before: &str, after: &str| {
        let mut lines = story(&delta(&list(before), &list(after)));
        lines.remove(0);
        lines
    };
    assert_eq!(
        fields("[1, 2, 3, 4]", "[1, 9, 3, 4]"),
        ["  /configuration/hours/1: 2 => 9"]
    );
    assert_eq!(
        fields("[1, 2, 3]", "[1, 2, 9, 3]"),
        ["  /configuration/hours/2: - => 9"]
    );
    assert_eq!(
        fields("[1, 1, 1]", "[1, 1]"),
        ["  /configuration/hours/2: 1 => -"]
    );
    assert_eq!(
        fields(
            "[{\"from\": 8, \"to\": 17}, 0]",
            "[{\"from\": 9, \"to\": 17}, 0]"
        ),
        ["  /configuration/hours/0/from: 8 => 9"]
    );
    assert_eq!(
        fields("[1, 2, 3, 4]", "[1, 8, 4]"),
        [
            "  /configuration/hours/1: 2 => 8",
            "  /configuration/hours/2: 3 => -"
        ]
    );
}

#[test]
fn options_that_share_their_digit_are_told_apart_by_their_label() {
    let twice = BEFORE.replace(r#""digit": "2""#, r#""digit": "1""#);
    let edited = twice.replace(r#"{"digit": "1", "label": "Sales"}, "#, "");
    assert_eq!(
        story(&delta(&flow(&twice), &flow(&edited))),
        [
            "Modified menu-1 (Main menu)",
            r#"  /configuration/options/0: {"digit":"1","label":"Sales"} => -"#,
        ]
    );
}

#[test]
fn a_copy_beside_its_original_is_not_a_new_name_for_it() {
    let copied = BEFORE
        .replace(
            r#"{"id": "end-1", "type": "End", "configuration": {}}"#,
            r#"{"id": "end-1", "type": "End", "configuration": {}}, {"id": "end-2", "type": "End", "configuration": {}}"#,
        )
        .replace(
            r#"{"id": "c1", "sourceId": "begin-1", "targetId": "menu-1"}"#,
            r#"{"id": "c1", "sourceId": "begin-1", "targetId": "menu-1"}, {"id": "c2", "sourceId": "begin-1", "targetId": "menu-1"}"#,
        );
    assert_eq!(
        story(&delta(&flow(BEFORE), &flow(&copied))),
        [
            "Added end-2 (End end-2)",
            "Added c2 (Begin begin-1 → Main menu)"
        ]
    );
}

#[test]
fn values_are_shown_without_white_space_but_their_texts_keep_theirs() {
    let delta = edit(
        r#""retries": 2"#,
        r#""retries": [ "two \" three \\" , { "a b" : "\\" }, 4 ]"#,
    );
    assert_eq!(
        delta.changes[0].fields[0].after.as_deref(),
        Some(r#"["two \" three \\",{"a b":"\\"},4]"#)
    );
}
