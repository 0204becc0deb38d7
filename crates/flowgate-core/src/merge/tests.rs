//! Merges as people meet them.

mod conflicts;

use std::fmt::Write as _;

use super::*;
use crate::flow::testing::flow;

/// A menu with two ways; each part in its own words, so that it can be replaced.
const BASE: &str = r#"{"flowId":"main","name":"Main line","version":"1.2.0","elements":[
  {"id":"b","type":"Begin"},
  {"id":"m","type":"IVR","name":"Menu","configuration":{"prompt":"Hello","timeoutSeconds":5,"options":[{"digit":"1","label":"Claims"},{"digit":"2","label":"Accounts"}]},"x":1},
  {"id":"q","type":"Queue","name":"Claims","configuration":{"skill":"Claims"}},
  {"id":"a","type":"Queue","name":"Accounts","configuration":{"skill":"Accounts"}},
  {"id":"e","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"b","targetId":"m"},
  {"id":"c2","sourceId":"m","targetId":"q","label":"press 1"},
  {"id":"c3","sourceId":"m","targetId":"a","label":"press 2"},
  {"sourceId":"q","targetId":"e"},
  {"sourceId":"a","targetId":"e"}]}"#;

fn with(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

pub(super) fn merged(base: Option<&str>, ours: &str, theirs: &str) -> Merged {
    let base = base.map(flow);
    let sides = Sides {
        base: base.as_ref(),
        ours: &flow(ours),
        theirs: &flow(theirs),
    };
    merge(sides, &Layout::default(), 7).unwrap()
}

/// Conflicts and notes, then the lines around the markers.
fn told(merged: &Merged) -> String {
    let mut out = String::new();
    for conflict in &merged.conflicts {
        writeln!(out, "conflict: {conflict}").unwrap();
    }
    for note in &merged.notes {
        writeln!(out, "note: {note}").unwrap();
    }
    let mut inside = false;
    for line in merged.text.lines() {
        inside |= line.starts_with("<<<<<<<");
        if inside {
            writeln!(out, "{line}").unwrap();
        }
        inside &= !line.starts_with(">>>>>>>");
    }
    out
}

/// What stands in the text when one side is taken wherever it was not decided.
pub(super) fn taking(text: &str, side: Side) -> String {
    let mut keep = true;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.split(' ').next().unwrap_or_default().trim_end() {
            "<<<<<<<" => keep = side == Side::Ours,
            "=======" => keep = side == Side::Theirs,
            ">>>>>>>" => keep = true,
            _ if keep => out.push_str(line),
            _ => {}
        }
    }
    out
}

#[test]
fn what_each_side_changed_alone_is_in_the_result() {
    let ours = with(&[
        ("\"Hello\"", "\"Welcome\""),
        (
            "{\"digit\":\"2\",\"label\":\"Accounts\"}",
            "{\"digit\":\"2\",\"label\":\"Bills\"},{\"digit\":\"3\",\"label\":\"Agent\"}",
        ),
        (
            "{\"id\":\"e\"",
            "{\"id\":\"n\",\"type\":\"Agent\"},{\"id\":\"e\"",
        ),
        (
            "{\"sourceId\":\"q\"",
            "{\"id\":\"c4\",\"sourceId\":\"m\",\"targetId\":\"n\",\"label\":\"press 3\"},{\"sourceId\":\"q\"",
        ),
        ("1.2.0", "1.3.0"),
    ]);
    let theirs = with(&[
        ("\"timeoutSeconds\":5", "\"timeoutSeconds\":8"),
        ("\"x\":1", "\"x\":100"),
        (
            "{\"digit\":\"1\",\"label\":\"Claims\"}",
            "{\"digit\":\"1\",\"label\":\"New claims\"}",
        ),
        ("\"skill\":\"Accounts\"", "\"skill\":\"Billing\""),
        (
            "\"targetId\":\"a\",\"label\"",
            "\"targetId\":\"q\",\"label\"",
        ),
        ("1.2.0", "1.2.1"),
    ]);
    let one = merged(Some(BASE), &ours, &theirs);
    let other = merged(Some(BASE), &theirs, &ours);
    assert_eq!(one.text, other.text);
    assert_eq!(
        (&one.conflicts, &other.conflicts),
        (&Vec::new(), &Vec::new())
    );
    insta::assert_snapshot!(format!("{}{}", one.notes.join("\n"), one.text), @r#"
    the version is 1.3.0 in ours and 1.2.1 in theirs; the higher one is kept{
      "flowId": "main",
      "name": "Main line",
      "version": "1.3.0",
      "elements": [
        {
          "id": "b",
          "type": "Begin"
        },
        {
          "id": "m",
          "type": "IVR",
          "name": "Menu",
          "configuration": {
            "options": [
              {"digit": "1", "label": "New claims"},
              {"digit": "2", "label": "Bills"},
              {"digit": "3", "label": "Agent"}
            ],
            "prompt": "Welcome",
            "timeoutSeconds": 8
          },
          "x": 100
        },
        {
          "id": "q",
          "type": "Queue",
          "name": "Claims",
          "configuration": {"skill": "Claims"}
        },
        {
          "id": "a",
          "type": "Queue",
          "name": "Accounts",
          "configuration": {"skill": "Billing"}
        },
        {
          "id": "n",
          "type": "Agent"
        },
        {
          "id": "e",
          "type": "End"
        }
      ],
      "connectors": [
        {"id": "c1", "sourceId": "b", "targetId": "m"},
        {"id": "c2", "sourceId": "m", "targetId": "q", "label": "press 1"},
        {"id": "c3", "sourceId": "m", "targetId": "q", "label": "press 2"},
        {"id": "c4", "sourceId": "m", "targetId": "n", "label": "press 3"},
        {"sourceId": "q", "targetId": "e"},
        {"sourceId": "a", "targetId": "e"}
      ]
    }
    "#);
}

#[test]
fn elements_in_another_order_are_nothing_to_decide() {
    let end = ",\n  {\"id\":\"e\",\"type\":\"End\"}";
    let begin = "{\"id\":\"b\",\"type\":\"Begin\"},";
    let menu = "{\"id\":\"m\",";
    let queue = "{\"id\":\"q\",";
    let moved = |before: &str, prompt: &str| {
        with(&[
            (end, ""),
            (
                before,
                &format!("{{\"id\":\"e\",\"type\":\"End\"}},{before}"),
            ),
            ("\"Hello\"", prompt),
        ])
    };
    let same = merged(
        Some(BASE),
        &moved(menu, "\"Hello\""),
        &moved(queue, "\"Hello\""),
    );
    assert_eq!(same.conflicts, []);
    let both = merged(Some(BASE), &moved(begin, "\"A\""), &moved(queue, "\"B\""));
    insta::assert_snapshot!(told(&both), @r#"
    conflict: Menu (m): both sides changed /configuration/prompt
    <<<<<<< ours
            "prompt": "A",
    =======
            "prompt": "B",
    >>>>>>> theirs
    "#);
}

#[test]
fn a_file_that_both_sides_made_is_merged_where_they_agree() {
    let theirs = with(&[("\"Hello\"", "\"Welcome\"")]);
    let merged = merged(None, BASE, &theirs);
    insta::assert_snapshot!(told(&merged), @r#"
    conflict: Menu (m): both sides added it, each in its own way
    <<<<<<< ours
            "prompt": "Hello",
    =======
            "prompt": "Welcome",
    >>>>>>> theirs
    "#);
}

#[test]
fn what_has_no_identity_is_not_merged() {
    let good = flow(BASE);
    let refused = |text: &str| {
        let bad = flow(text);
        let sides = Sides {
            base: Some(&good),
            ours: &good,
            theirs: &bad,
        };
        merge(sides, &Layout::default(), 7).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&with(&[("{\"id\":\"a\"", "{\"id\":\"q\"")])),
        "theirs holds an id twice"
    );
    assert_eq!(
        refused(&with(&[("\"id\":\"c2\"", "\"id\":\"c3\"")])),
        "theirs holds an id twice"
    );
    assert_eq!(
        refused(&with(&[("{\"id\":\"a\",", "{")])),
        "theirs cannot be read in full"
    );
    assert_eq!(
        refused(&with(&[("\"x\":1", "\"x\":1,\"x\":2")])),
        "theirs cannot be read in full"
    );
}

#[test]
fn two_files_are_the_same_where_neither_their_elements_nor_anything_else_differs() {
    let layout = Layout::default();
    let base = flow(BASE);
    for (edit, same, keys) in [
        (
            ("\"name\":\"Main line\",", "\"name\" : \"Main line\" ,\n"),
            true,
            &[][..],
        ),
        (("Hello", "Good day"), false, &[]),
        (("\"x\":1", "\"x\":2"), false, &[]),
        (
            ("\"version\":\"1.2.0\"", "\"version\":\"1.3.0\""),
            false,
            &["version"],
        ),
        (
            ("\"name\":\"Main line\",", "\"owner\":\"Ada\","),
            false,
            &["name", "owner"],
        ),
    ] {
        let other = flow(&with(&[edit]));
        assert_eq!(is_same(&base, &other, &layout), same, "{edit:?}");
        assert_eq!(is_same(&other, &base, &layout), same, "{edit:?}");
        assert_eq!(other_keys(&base, &other), keys, "{edit:?}");
    }
}
