//! How a formatted flow looks, and the laws of formatting.

use proptest::prelude::*;

use super::*;
use crate::flow::testing::flow;
use crate::flow::{Layout, digest};

fn text(text: &str) -> SourceText {
    SourceText::new("flows/main.json".parse().unwrap(), text.to_owned())
}

fn formatted(loose: &str) -> String {
    format(&text(loose)).unwrap()
}

#[test]
fn a_flow_written_loosely_becomes_one_that_is_easy_to_compare() {
    let loose = "\u{feff}{\"connectors\":[{\"label\":\"press 1\",\"targetId\":\"e\",\"sourceId\":\"m\",\"id\":\"c\",\"points\":[{\"x\":1,\"y\":[]}]},{\"sourceId\":\"b\",\"targetId\":\"m\"}],\r\n\
        \"elements\":[{\"y\":2e1,\"x\":1.50,\"configuration\":{\"prompt\":\"Gr\\u00fc\\u00dfe \\ud83d\\ude00\\u202e\\/\",\"options\":[{\"label\":\"One\",\"digit\":\"1\"},{\"digit\":\"2\"}],\"digits\":[\"1\",\"2\"],\"empty\":{}},\"type\":\"IVR\",\"id\":\"m\"},\
        {\"id\":\"b\",\"type\":\"Begin\"}],\"version\":{\"patch\":3,\"minor\":2,\"major\":1},\"flowId\":\"main\",\"about\":{\"team\":{\"name\":\"Billing\"}}}";
    insta::assert_snapshot!(formatted(loose), @r#"
    {
      "flowId": "main",
      "version": {"major": 1, "minor": 2, "patch": 3},
      "about": {
        "team": {"name": "Billing"}
      },
      "elements": [
        {
          "id": "m",
          "type": "IVR",
          "configuration": {
            "digits": ["1", "2"],
            "empty": {},
            "options": [
              {"digit": "1", "label": "One"},
              {"digit": "2"}
            ],
            "prompt": "Grüße 😀\u202e/"
          },
          "x": 1.50,
          "y": 2e1
        },
        {
          "id": "b",
          "type": "Begin"
        }
      ],
      "connectors": [
        {"id": "c", "sourceId": "m", "targetId": "e", "label": "press 1", "points": [{"x": 1, "y": []}]},
        {"sourceId": "b", "targetId": "m"}
      ]
    }
    "#);
}

#[test]
fn a_plain_object_stands_on_one_line_while_it_fits() {
    let object = |length: usize| {
        formatted(&format!(r#"{{"a":{{"b":"{}"}}}}"#, "é".repeat(length)))
            .lines()
            .count()
    };
    // Two spaces, the key, the braces, the quotes and a comma that may follow.
    assert_eq!((object(83), object(84)), (3, 5));
}

#[test]
fn what_is_no_json_or_means_two_things_is_refused_with_its_place() {
    let refused = |loose: &str| {
        let error = format(&text(loose)).unwrap_err();
        format!("{}:{} {error}", error.at().line, error.at().column)
    };
    assert_eq!(
        refused("{\n \"a\": 1,\n \"a\": 2}"),
        "3:2 the key \"a\" stands a second time in this object"
    );
    insta::assert_snapshot!(refused("{\n \"a\": 01}"), @"2:7 it is not JSON: a number may not begin with a zero");
}

#[test]
fn the_deepest_file_that_can_be_read_can_be_written() {
    let deep = format!("{}1{}", "[".repeat(512), "]".repeat(512));
    let once = formatted(&deep);
    assert_eq!(formatted(&once), once);
}

/// Any JSON, spelled in any way that counts for the same.
fn json() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-0.10E+2".to_owned()),
        Just("12345678901234567890123".to_owned()),
        "[a-z\u{200b}é\"\\\\\n]{0,40}".prop_map(|text| {
            let mut out = String::new();
            write_string(&mut out, &text);
            out
        }),
    ];
    plain.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[ {} ]", items.join(" ,\n"))),
            prop::collection::btree_map("[a-z]{1,12}", inner, 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(",\t"))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn formatting_keeps_the_meaning_and_does_it_once(loose in json()) {
        let once = formatted(&loose);
        prop_assert_eq!(&formatted(&once), &once);
        let (before, after) = (Document::read(text(&loose)).unwrap(), Document::read(text(&once)).unwrap());
        prop_assert!(crate::flow::value_eq(before.root(), after.root()), "{}", once);
        prop_assert!(!once.contains(|char| char != '\n' && is_invisible(char)));
    }

    #[test]
    fn the_digest_never_changes_and_the_order_of_keys_is_one(carried in json(), configuration in json()) {
        let before = format!(r#"{{"flowId":"main","version":"1.0.0","elements":[{{"id":"b","type":"IVR","configuration":{configuration}}}],"connectors":[{{"sourceId":"b","targetId":"b","carried":{carried}}}]}}"#);
        let shuffled = format!(r#"{{"connectors":[{{"carried":{carried},"targetId":"b","sourceId":"b"}}],"elements":[{{"configuration":{configuration},"type":"IVR","id":"b"}}],"version":"1.0.0","flowId":"main"}}"#);
        let after = formatted(&before);
        prop_assert_eq!(&after, &formatted(&shuffled));
        let layout = Layout::default();
        prop_assert_eq!(digest(&flow(&before), &layout), digest(&flow(&after), &layout));
        let lines = after.lines().filter(|line| line.contains("sourceId")).count();
        prop_assert_eq!(lines, 1);
    }
}
