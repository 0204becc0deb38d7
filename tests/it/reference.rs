//! `flowgate rules`, `flowgate explain`, `flowgate diff` and `flowgate audit verify`, as typed.

use crate::support::pages::held_fresh;
use crate::support::{FLOW, Repo};

#[test]
fn every_listed_rule_can_be_explained_and_a_mistyped_one_is_recognised() {
    let repo = Repo::new();
    let list: serde_json::Value =
        serde_json::from_str(&repo.flowgate(&["rules", "--format", "json"]).end().out).unwrap();
    assert_eq!(list["schemaVersion"], 1);
    let rules = list["rules"].as_array().unwrap();
    assert!(rules.len() > 20);
    let text = repo.flowgate(&["rules"]).end().out;
    assert!(
        text.ends_with(&format!("\n{} rules\n", rules.len())),
        "{text}"
    );
    for rule in rules.iter().step_by(7) {
        let id = rule["id"].as_str().unwrap();
        assert!(text.contains(id), "{id}");
        let explained = repo.flowgate(&["explain", id]).end();
        assert_eq!(explained.code, 0);
        assert!(explained.out.starts_with(id), "{}", explained.out);
    }
    insta::assert_snapshot!(repo.flowgate(&["explain", "version-requird"]).end().all(), @r#"
    exit 2
    --- err
    error: there is no rule `version-requird`
      hint: did you mean `version-required`?
    "#);
}

#[test]
fn a_diff_shows_every_field_and_no_secret() {
    let old = FLOW.replace("\"configuration\": {}},\n    {\"id\": \"e\"", r#""label": "Start", "configuration": {"apiKey": "sk-live-000000000000000000000001", "retries": 1.10}},
    {"id": "e""#);
    let new = old
        .replace("000001", "000002")
        .replace("1.10", "2")
        .replace("\"Begin\"", "\"Begin\", \"x\": 4");
    assert_ne!(old, FLOW);
    let repo = Repo::new().file("old.json", &old).file("new.json", &new);
    let text = repo.flowgate(&["diff", "old.json", "new.json"]).end();
    insta::assert_snapshot!(text.all(), @r#"
    exit 0
    --- out
    ~ element Start (b) modified
        /configuration/apiKey: ‹redacted› → ‹redacted, changed›
        /configuration/retries: 1.10 → 2
        /x: (none) → 4

    elements: 1 modified
    connectors: unchanged
    "#);
    let json = repo
        .flowgate(&[
            "diff",
            "old.json",
            "new.json",
            "--format",
            "json",
            "--exit-code",
        ])
        .end();
    assert_eq!(json.code, 1);
    assert!(!json.out.contains("sk-live"), "{}", json.out);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["deltaMatrix"]["modified"], serde_json::json!(["b"]));
    let same = repo
        .flowgate(&["diff", "old.json", "old.json", "--exit-code"])
        .end();
    assert_eq!((same.code, same.out.as_str()), (0, "no difference\n"));
}

#[test]
fn what_cannot_be_compared_is_said_with_every_place() {
    let repo = Repo::new()
        .file("good.json", FLOW)
        .file("bad.json", "{\n  \"flowId\": 7\n}\n");
    insta::assert_snapshot!(repo.flowgate(&["diff", "good.json", "bad.json"]).end().all(), @r#"
    exit 2
    --- err
    error: `bad.json` cannot be compared
      bad.json:1:1: `version` is missing
      bad.json:1:1: `elements` is missing
      bad.json:1:1: `connectors` is missing
      bad.json:2:13: `flowId` must be a string, found a number
      hint: `flowgate check bad.json` shows the places
    "#);
    assert_eq!(
        repo.flowgate(&["diff", "good.json", "gone.json"])
            .end()
            .code,
        2
    );
}

#[test]
fn an_audit_that_was_tampered_with_is_not_sound() {
    let repo = Repo::new()
        .file("empty.jsonl", "")
        .file("other.jsonl", "{\"not\": \"an event\"}\n");
    assert_eq!(
        repo.flowgate(&["audit", "verify", "empty.jsonl"])
            .end()
            .code,
        0
    );
    assert_eq!(
        repo.flowgate(&["audit", "verify", "other.jsonl"])
            .end()
            .code,
        1
    );
    let head = "0".repeat(64);
    assert_eq!(
        repo.flowgate(&["audit", "verify", "empty.jsonl", "--head", &head[1..]])
            .end()
            .code,
        1
    );
    assert_eq!(
        repo.flowgate(&["audit", "verify", "gone.jsonl"]).end().code,
        2
    );
}

#[test]
fn docs_rules_is_fresh() {
    held_fresh("docs/rules.md", &flowgate_core::rules::docs::markdown());
}
