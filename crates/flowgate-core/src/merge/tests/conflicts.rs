//! What is told where both sides changed the same place.

use super::*;

#[test]
fn contradictions_are_told_by_name_and_both_sides_stay() {
    let cases = [
        (
            with(&[
                ("\"Hello\"", "\"Welcome\""),
                ("\"label\":\"Claims\"}", "\"label\":\"New\"}"),
            ]),
            with(&[
                ("\"Hello\"", "\"Good day\""),
                ("\"label\":\"Claims\"}", "\"label\":\"Old\"}"),
            ]),
        ),
        (
            with(&[(
                "\"targetId\":\"a\",\"label\"",
                "\"targetId\":\"q\",\"label\"",
            )]),
            with(&[(
                "\"targetId\":\"a\",\"label\"",
                "\"targetId\":\"e\",\"label\"",
            )]),
        ),
        // Removed here, changed there.
        (
            with(&[
                (
                    "{\"id\":\"a\",\"type\":\"Queue\",\"name\":\"Accounts\",\"configuration\":{\"skill\":\"Accounts\"}},",
                    "",
                ),
                (
                    "{\"id\":\"c3\",\"sourceId\":\"m\",\"targetId\":\"a\",\"label\":\"press 2\"},",
                    "",
                ),
                (",\n  {\"sourceId\":\"a\",\"targetId\":\"e\"}", ""),
            ]),
            with(&[("\"skill\":\"Accounts\"", "\"skill\":\"Billing\"")]),
        ),
        // Removed here, needed by a new way there.
        (
            with(&[
                (
                    "{\"id\":\"a\",\"type\":\"Queue\",\"name\":\"Accounts\",\"configuration\":{\"skill\":\"Accounts\"}},",
                    "",
                ),
                (
                    "{\"id\":\"c3\",\"sourceId\":\"m\",\"targetId\":\"a\",\"label\":\"press 2\"},",
                    "",
                ),
                (",\n  {\"sourceId\":\"a\",\"targetId\":\"e\"}", ""),
            ]),
            with(&[(
                "{\"sourceId\":\"q\"",
                "{\"id\":\"c9\",\"sourceId\":\"q\",\"targetId\":\"a\",\"label\":\"timeout\"},{\"sourceId\":\"q\"",
            )]),
        ),
        // Added here and there under one id.
        (
            with(&[(
                "{\"id\":\"e\"",
                "{\"id\":\"n\",\"type\":\"Agent\"},{\"id\":\"e\"",
            )]),
            with(&[(
                "{\"id\":\"e\"",
                "{\"id\":\"n\",\"type\":\"API\"},{\"id\":\"e\"",
            )]),
        ),
        // The order of ways without an id.
        (
            with(&[(
                "{\"sourceId\":\"a\",\"targetId\":\"e\"}",
                "{\"sourceId\":\"a\",\"targetId\":\"e\",\"label\":\"1\"},{\"sourceId\":\"a\",\"targetId\":\"e\",\"label\":\"2\"}",
            )]),
            with(&[(
                "{\"sourceId\":\"a\",\"targetId\":\"e\"}",
                "{\"sourceId\":\"a\",\"targetId\":\"e\",\"label\":\"2\"},{\"sourceId\":\"a\",\"targetId\":\"e\",\"label\":\"1\"}",
            )]),
        ),
        (
            with(&[("\"Main line\"", "\"Claims line\"")]),
            with(&[("\"Main line\"", "\"Service line\"")]),
        ),
    ];
    let mut all = String::new();
    for (ours, theirs) in &cases {
        let merged = merged(Some(BASE), ours, theirs);
        writeln!(all, "{}", told(&merged)).unwrap();
        assert!(!merged.conflicts.is_empty());
    }
    insta::assert_snapshot!(all, @r#"
    conflict: Menu (m): both sides changed /configuration/options/0/label, /configuration/prompt
    <<<<<<< ours
              {"digit": "1", "label": "New"},
    =======
              {"digit": "1", "label": "Old"},
    >>>>>>> theirs
    <<<<<<< ours
            "prompt": "Welcome",
    =======
            "prompt": "Good day",
    >>>>>>> theirs

    conflict: Menu –[press 2]→ Claims: both sides changed /targetId
    <<<<<<< ours
        {"id": "c3", "sourceId": "m", "targetId": "q", "label": "press 2"},
    =======
        {"id": "c3", "sourceId": "m", "targetId": "e", "label": "press 2"},
    >>>>>>> theirs

    conflict: Accounts (a): ours removed it, theirs changed it
    <<<<<<< ours
    =======
          "id": "a",
          "type": "Queue",
          "name": "Accounts",
          "configuration": {"skill": "Billing"}
        },
        {
    >>>>>>> theirs

    conflict: Accounts (a): ours removed it, and Claims –[timeout]→ Accounts still needs it
    <<<<<<< ours
    =======
          "id": "a",
          "type": "Queue",
          "name": "Accounts",
          "configuration": {"skill": "Accounts"}
        },
        {
    >>>>>>> theirs

    conflict: Agent n (n): both sides added it, each in its own way
    <<<<<<< ours
          "type": "Agent"
    =======
          "type": "API"
    >>>>>>> theirs

    conflict: Accounts –[1]→ End e: both sides changed /label
    <<<<<<< ours
        {"sourceId": "a", "targetId": "e", "label": "1"},
    =======
        {"sourceId": "a", "targetId": "e", "label": "2"},
    >>>>>>> theirs

    conflict: `name` of the file: both sides changed it
    <<<<<<< ours
      "name": "Claims line",
    =======
      "name": "Service line",
    >>>>>>> theirs
    "#);
}
