//! Many flows in one comment: those that are changed in the same way are told once.

use super::between::comment_on_all;

fn flow(id: &str, version: &str, prompt: &str, queue: &str) -> String {
    format!(
        r#"{{"flowId":"{id}","version":"{version}","elements":[
        {{"id":"b","type":"Begin"}},
        {{"id":"m","type":"IVR","name":"Greeting of {id}","configuration":{{"prompt":"{prompt}"}}}},
        {{"id":"q","type":"Queue","name":"Agents","configuration":{{"skill":"{queue}"}}}}],
        "connectors":[{{"id":"1","sourceId":"b","targetId":"m","label":"next"}},
        {{"id":"2","sourceId":"m","targetId":"q","label":"next"}}]}}"#
    )
}

const OLD: &str = "Welcome";
const NEW: &str = "Welcome. Calls are recorded";

/// 38 flows get the same sentence; one gets another skill, one another sentence.
fn forty() -> Vec<(String, String, String)> {
    let numbers = 1..=40;
    numbers
        .map(|number| {
            let id = format!("line-{number:02}");
            let after = match number {
                7 => flow(&id, "1.1.0", OLD, "fraud"),
                8 => flow(&id, "1.1.0", "Hello", "agents"),
                _ => flow(&id, "1.1.0", NEW, "agents"),
            };
            let before = flow(&id, "1.0.0", OLD, "agents");
            (format!("flows/{id}.json"), before, after)
        })
        .collect()
}

#[test]
fn flows_that_are_changed_alike_are_one_row_and_one_example() {
    let comment = comment_on_all(&forty(), 40);
    let rows: Vec<&str> = comment
        .lines()
        .filter(|line| line.starts_with("| ✅ |"))
        .collect();
    assert_eq!(
        rows,
        [
            "| ✅ | **38 flows, changed alike** | nothing to fix | 🟡 risky | Callers would hear one new text. | makes the version of each file live at once |",
            "| ✅ | **line-07** | nothing to fix | 🟡 risky | At Agents: callers are handed to somebody else. | creates 1.1.0, live at once |",
            "| ✅ | **line-08** | nothing to fix | 🟡 risky | Callers would hear one new text. | creates 1.1.0, live at once |",
        ]
    );
    for words in [
        "#### ✅ 38 flows, changed alike: line-01 as an example",
        "Calls are recorded**”",
        "<details><summary>All 38 flows</summary>",
        "- line-40 (`flows/line-40.json`)",
    ] {
        assert!(comment.contains(words), "{words}: {comment}");
    }
    assert!(!comment.contains("- line-08"), "{comment}");
    assert!(
        comment.len() <= 12_000,
        "{} bytes: {comment}",
        comment.len()
    );
}

#[test]
fn what_has_to_be_looked_at_is_told_by_itself() {
    let mut flows = forty();
    // No version of its own, and a way that leads nowhere.
    flows[0].2 = flows[0].2.replace("1.1.0", "1.0.0");
    flows[1].2 = flows[1]
        .2
        .replace(r#""targetId":"q""#, r#""targetId":"nowhere""#);
    let comment = comment_on_all(&flows, 40);
    assert!(comment.contains("**36 flows, changed alike**"), "{comment}");
    for name in ["**line-01**", "**line-02**"] {
        assert!(comment.contains(&format!("| ❌ | {name}")), "{comment}");
    }
}

#[test]
fn two_flows_are_told_one_by_one() {
    let comment = comment_on_all(&forty()[..2], 40);
    assert!(!comment.contains("alike"), "{comment}");
}

#[test]
fn what_holds_all_of_it_back_is_one_line_above_all_flows() {
    let comment = comment_on_all(&forty(), 20);
    let mut lines = comment.lines();
    assert_eq!(lines.next(), Some("### ❌ 40 flows: nothing is published"));
    assert_eq!(
        lines.nth(1),
        Some(
            "❌ **40 flows would be written, and `max-changes` is 20: none of them is.** To do: merge in smaller parts, or raise `max-changes`."
        )
    );
    for words in ["live at once", "| ❌ |"] {
        assert!(!comment.contains(words), "{words}: {comment}");
    }
    assert!(comment.contains("**38 flows, changed alike**"), "{comment}");
}
