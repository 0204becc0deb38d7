//! What is brought in, and the laws of it.

use proptest::prelude::*;

use super::*;
use crate::flow::testing::flow;

fn brought(file: &str, live: &str) -> Option<String> {
    bring_in(&flow(file), &flow(live), &Layout::default())
}

const FILE: &str = r#"{
  "flowId": "main",
  "version": {"major": 1, "minor": 2, "patch": 0},
  "owner": "team-a",
  "elements": [
    { "type": "Begin", "id": "b" },
    { "type": "IVR",   "id": "m", "x": 10, "configuration": { "retries": 3.0, "prompt": "caf\u00e9", "timeout": 5 } },
    { "type": "End",   "id": "e" }
  ],
  "connectors": [
    {"id": "1", "sourceId": "b", "targetId": "m"},
    {"id": "2", "sourceId": "m", "targetId": "e"}
  ]
}
"#;

#[test]
fn only_what_was_edited_is_written_anew() {
    let live = r#"{"flowId":"main","versionId":"v9","version":"1.2.1","metadata":{"x":1},"elements":[
        {"id":"b","type":"Begin"},
        {"id":"m","type":"IVR","x":99,"configuration":{"prompt":"Good day","retries":3,"voice":"anna"}},
        {"id":"q","type":"Queue","label":"Billing","configuration":{"skill":"billing"}},
        {"id":"e","type":"End"}],"connectors":[
        {"id":"1","sourceId":"b","targetId":"m"},{"id":"3","sourceId":"m","targetId":"q"},{"id":"2","sourceId":"m","targetId":"e","label":"else"}]}"#;
    insta::assert_snapshot!(brought(FILE, live).unwrap(), @r##"
    {
      "flowId": "main",
      "version": {"major": 1, "minor": 2, "patch": 1},
      "owner": "team-a",
      "elements": [
        { "type": "Begin", "id": "b" },
        { "type": "IVR",   "id": "m", "x": 10, "configuration": { "retries": 3.0, "prompt": "Good day", "voice": "anna" } },
        {"id": "q", "type": "Queue", "label": "Billing", "configuration": {"skill": "billing"}},
        { "type": "End",   "id": "e" }
      ],
      "connectors": [
        {"id": "1", "sourceId": "b", "targetId": "m"},
        {"id": "3", "sourceId": "m", "targetId": "q"},
        {"id": "2", "sourceId": "m", "targetId": "e", "label": "else"}
      ]
    }
    "##);
}

#[test]
fn a_file_that_says_what_is_live_is_left_alone() {
    for live in [
        FILE.to_owned(),
        // Drawn elsewhere, spelled otherwise, and another number for the same.
        r#"{"version":"9.9.9","connectors":[{"targetId":"e","sourceId":"m","id":"2"},{"id":"1","sourceId":"b","targetId":"m"}],"flowId":"main",
            "elements":[{"id":"e","type":"End"},{"id":"b","type":"Begin"},
            {"id":"m","type":"IVR","x":11,"configuration":{"timeout":5.0,"prompt":"café","retries":3}}]}"#.to_owned(),
    ] {
        assert_eq!(brought(FILE, &live), None);
    }
}

#[test]
fn a_windows_file_stays_one_and_tabs_stay_tabs() {
    let file = FILE
        .replace("\n  ", "\n\t")
        .replace("\n\t  ", "\n\t\t")
        .replace('\n', "\r\n");
    let live = FILE.replace(r#"{ "type": "End",   "id": "e" }"#, r#"{"type":"End","id":"e"},{"id":"q","type":"Queue","configuration":{"skills":[{"a":1},{"b":[1,{}]}]}}"#);
    let text = brought(&file, &live).unwrap();
    assert!(!text.replace("\r\n", "").contains('\n'), "{text:?}");
    assert!(
        text.contains("\r\n\t\t{\"id\": \"q\", \"type\": \"Queue\""),
        "{text}"
    );
    assert!(!text.contains("\n  "), "{text:?}");
}

#[test]
fn text_from_the_console_cannot_hide_in_a_file() {
    let live = FILE.replace("caf\\u00e9", "left \u{202e}right \\u0007");
    let text = brought(FILE, &live).unwrap();
    assert!(text.contains(r"left \u202eright \u0007"), "{text}");
}

#[test]
fn a_new_file_is_written_in_the_one_form() {
    let live = r#"{"versionId":"v1","metadata":{},"version":"1.0.0","elements":[{"type":"Begin","id":"b"},{"id":"e","type":"End"}],
        "name":"Main line","connectors":[{"sourceId":"b","targetId":"e"}],"flowId":"main"}"#;
    insta::assert_snapshot!(anew(&flow(live)), @r##"
    {
      "flowId": "main",
      "name": "Main line",
      "version": "1.0.0",
      "elements": [
        {
          "id": "b",
          "type": "Begin"
        },
        {
          "id": "e",
          "type": "End"
        }
      ],
      "connectors": [
        {"sourceId": "b", "targetId": "e"}
      ]
    }
    "##);
    let ours = live.replace("Main line", "Version 1.0.0");
    assert!(!anew(&flow(&ours)).contains("\"name\""));
}

/// A flow: its elements as id, prompt and where it is drawn; its connectors, some without ids.
type Drawn = (Vec<(u8, u8, Option<u8>)>, Vec<(u8, u8, bool)>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let element = (0_u8..6, 0_u8..4, prop::option::of(0_u8..3));
    let connector = (0_u8..6, 0_u8..6, any::<bool>());
    (
        prop::collection::vec(element, 0..6),
        prop::collection::vec(connector, 0..6),
    )
}

/// Its text in one of several hands.
fn text((elements, connectors): &Drawn, hand: u8) -> String {
    let mut seen = BTreeSet::new();
    let ids = elements.iter().filter(|(id, ..)| seen.insert(*id));
    let elements: Vec<String> = ids
        .map(|(id, prompt, x)| {
            let x = x.map_or_else(String::new, |x| format!(r#","x": {x}"#));
            let number = if hand.is_multiple_of(2) { "1.50" } else { "15e-1" };
            format!(
                r#"{{"id": "n{id}", "type": "IVR"{x}, "configuration": {{"prompt": "p{prompt}", "wait": {number}, "steps": [{prompt}, {{"k": {id}}}]}}}}"#
            )
        })
        .collect();
    let mut seen = BTreeSet::new();
    let connectors: Vec<String> = connectors
        .iter()
        .filter(|connector| seen.insert((connector.0, connector.1)))
        .map(|(from, to, named)| {
            let id = if *named {
                format!(r#""id": "c{from}-{to}", "#)
            } else {
                String::new()
            };
            format!(r#"{{{id}"sourceId": "n{from}", "targetId": "n{to}"}}"#)
        })
        .collect();
    let text = format!(
        r#"{{"flowId": "main", "version": "1.0.0", "elements": [{}], "connectors": [{}]}}"#,
        elements.join(", "),
        connectors.join(", ")
    );
    let source = crate::text::SourceText::new("f.json".parse().unwrap(), text.clone());
    match hand % 4 {
        0 => text,
        1 => format::format(&source).unwrap(),
        2 => format::format(&source).unwrap().replace('\n', "\r\n"),
        _ => format!(
            "\u{feff}{}",
            format::format(&source).unwrap().replace("  ", "\t")
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn afterwards_the_file_says_what_is_live_and_nothing_more_is_to_be_done(file in drawn(), live in drawn(), hands in (0_u8..8, 0_u8..8)) {
        let layout = Layout::default();
        let (file, live) = (flow(&text(&file, hands.0)), flow(&text(&live, hands.1)));
        let wanted = digest(&live, &layout);
        match bring_in(&file, &live, &layout) {
            None => prop_assert_eq!(digest(&file, &layout), wanted),
            Some(text) => {
                let again = flow(&text);
                prop_assert_eq!(digest(&again, &layout), wanted, "{}", text);
                prop_assert_eq!(bring_in(&again, &live, &layout), None);
            }
        }
        prop_assert_eq!(bring_in(&file, &file, &layout), None);
    }
}
