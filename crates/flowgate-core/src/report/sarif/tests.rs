//! What code scanning is told, and what it must not be told.

use serde_json::Value as Json;

use super::*;
use crate::report::fixture;

fn json(review: &Review) -> Json {
    let settings = SarifSettings {
        version: "1.2.3".to_owned(),
        help: Some("https://example.com/rules.md".to_owned()),
        target: None,
    };
    serde_json::to_value(log(review, &[], &Redactor::default(), &settings)).unwrap()
}

#[test]
fn a_finding_keeps_its_severity_its_place_and_its_fingerprint() {
    let review = fixture::broken_main_line();
    let json = json(&review);
    let first = &json["runs"][0]["results"][0];
    let pretty = serde_json::to_string_pretty(first).unwrap();
    insta::assert_snapshot!(pretty, @r#"
    {
      "baselineState": "new",
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "ivr-002",
              "kind": "element",
              "name": "Main menu"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "flows/main.json",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 61,
              "endLine": 17,
              "startColumn": 53,
              "startLine": 17
            }
          }
        }
      ],
      "message": {
        "text": "leads to `api-04`; no element has that id. To do: you added Customer lookup (`api-004`) here: set `targetId` to `api-004`"
      },
      "partialFingerprints": {
        "flowgate/v1": "aa1cd233ef3ae6e0fb143e3488c5e94f",
        "primaryLocationLineHash": "aa1cd233ef3ae6e0fb143e3488c5e94f:1"
      },
      "ruleId": "connector-missing-target",
      "ruleIndex": 18
    }
    "#);
    let (all, results) = (review.findings.len(), &json["runs"][0]["results"]);
    assert_eq!(results.as_array().unwrap().len(), all);
}

#[test]
fn what_is_waived_or_accepted_is_suppressed_with_its_reason() {
    let mut review = fixture::broken_main_line();
    let excuses = [
        Excuse::Waived {
            reason: "moves next week, says @owner".to_owned(),
            until: "2026-12-01".parse().unwrap(),
        },
        Excuse::Accepted,
    ];
    let first = review.findings[0].clone();
    review.findings = vec![first; 3];
    for (finding, excuse) in review.findings.iter_mut().zip(excuses) {
        finding.excuse = Some(excuse);
    }
    let json = json(&review);
    let rows = &json["runs"][0]["results"];
    let said = |at: usize| &rows[at]["suppressions"][0];
    assert_eq!(
        said(0)["justification"],
        "waived until 2026-12-01: moves next week, says @\u{200b}owner"
    );
    assert_eq!(
        (&said(1)["kind"], &said(1)["status"]),
        (&"external".into(), &"accepted".into())
    );
    assert!(rows[2].get("suppressions").is_none());
}

#[test]
fn every_rule_has_its_help_within_the_limits() {
    let json = json(&fixture::broken_main_line());
    let driver = &json["runs"][0]["tool"]["driver"];
    let described = driver["rules"].as_array().unwrap();
    assert_eq!(described.len(), rules::ALL.len());
    for (row, rule) in described.iter().zip(rules::ALL) {
        assert_eq!(row["id"], rule.id.as_str());
        let uri = format!("https://example.com/rules.md#{}", rule.id);
        assert_eq!(row["helpUri"], uri);
        for text in [&row["shortDescription"], &row["fullDescription"]] {
            let length = text["text"].as_str().unwrap().chars().count();
            assert!((1..=1024).contains(&length), "{}: {length}", rule.id);
        }
        let help = row["help"]["markdown"].as_str().unwrap();
        assert!(help.contains("Bad:") && help.contains("Good:"));
        // Whoever has no page to go to has it all here.
        for part in [rule.explanation, rule.summary] {
            assert!(help.contains(part), "{}", rule.id);
        }
        let plain = row["help"]["text"].as_str().unwrap();
        assert!(
            plain.contains(rule.explanation) && plain.contains("Bad:"),
            "{plain}"
        );
    }
}

#[test]
fn nothing_from_a_flow_becomes_a_link_a_mention_or_a_secret() {
    let text = serde_json::to_string(&json(&fixture::hostile())).unwrap();
    let results = text.split("\"results\":").nth(1).unwrap();
    for no in ["c4n4ry", "](", "@org", "@alice", "\\u202e", "<!--\n"] {
        assert!(!results.contains(no), "{no}: {results}");
    }
}

#[test]
fn more_findings_than_are_shown_leave_the_worst_and_say_so() {
    let mut review = fixture::broken_main_line();
    let error = review.findings[0].clone();
    let mild = Finding {
        severity: Severity::Info,
        message: "word ".repeat(400),
        hint: Some("word ".repeat(400)),
        ..error.clone()
    };
    let mut old = mild.clone();
    old.existing = true;
    review.findings = vec![old; 3_000];
    review.findings.extend(vec![mild; 4_000]);
    review.findings.push(error);
    let json = json(&review);
    let results = json["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), RESULTS);
    let of = |key: &str, value: &str| results.iter().filter(|row| row[key] == value).count();
    assert_eq!(
        (of("level", "error"), of("baselineState", "unchanged")),
        (1, 999)
    );
    let told = &json["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(
        told[0]["message"]["text"]
            .as_str()
            .unwrap()
            .starts_with("2001 more")
    );
    // GitHub takes 10 MB compressed; it is below that as it stands.
    assert!(serde_json::to_string(&json).unwrap().len() < 10_000_000);
}
