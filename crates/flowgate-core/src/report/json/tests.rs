//! Promises about reports for programs.

use super::*;
use crate::report::fixture;

#[test]
fn the_report_has_the_promised_fields() {
    let review = fixture::broken_main_line();
    let report = check(&review, Outcome::Failed, &Redactor::default());
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r#"
    {
      "schemaVersion": 1,
      "result": "failed",
      "findings": [
        {
          "rule": "connector-missing-target",
          "severity": "error",
          "message": "leads to `api-04`; no element has that id",
          "path": "flows/main.json",
          "line": 17,
          "column": 53,
          "flowId": "main-line",
          "element": "ivr-002",
          "elementName": "Main menu",
          "fingerprint": "aa1cd233ef3ae6e0fb143e3488c5e94f",
          "cause": null,
          "existing": false,
          "excuse": null,
          "hint": "you added Customer lookup (`api-004`) here: set `targetId` to `api-004`"
        },
        {
          "rule": "unreachable-element",
          "severity": "error",
          "message": "Customer lookup cannot be reached",
          "path": "flows/main.json",
          "line": 10,
          "column": 12,
          "flowId": "main-line",
          "element": "api-004",
          "elementName": "Customer lookup",
          "fingerprint": "eb1de1756cb0c8e6ee5610f118c08a52",
          "cause": "aa1cd233ef3ae6e0fb143e3488c5e94f",
          "existing": false,
          "excuse": null,
          "hint": null
        },
        {
          "rule": "no-timeout",
          "severity": "warning",
          "message": "callers may wait for ever",
          "path": "flows/main.json",
          "line": 8,
          "column": 12,
          "flowId": "main-line",
          "element": null,
          "elementName": null,
          "fingerprint": "cb1c8fe5441610b6d15156afd554121f",
          "cause": null,
          "existing": true,
          "excuse": null,
          "hint": null
        }
      ],
      "flows": [
        {
          "flowId": "main-line",
          "path": "flows/main.json",
          "version": "1.3.0",
          "baseline": {
            "kind": "published",
            "version": "1.2.0"
          },
          "standing": "behind",
          "deltaMatrix": {
            "added": [
              "api-004"
            ],
            "removed": [],
            "modified": [
              "ivr-002"
            ],
            "moved": [
              "queue-001"
            ],
            "connectors": {
              "added": [
                "c6"
              ],
              "removed": [],
              "modified": [
                "c4"
              ],
              "moved": []
            }
          },
          "risk": {
            "level": "breaking",
            "step": "minor",
            "reasons": [
              {
                "code": "leads-nowhere",
                "level": "breaking",
                "id": "c4",
                "name": "Main menu –[press 2]→ api-04",
                "text": "callers who take “press 2” reach nothing",
                "way": [
                  "Welcome",
                  "Main menu"
                ]
              },
              {
                "code": "prompt-changed",
                "level": "risky",
                "id": "ivr-002",
                "name": "Main menu",
                "text": "callers hear something else",
                "way": [
                  "Welcome",
                  "Main menu"
                ]
              },
              {
                "code": "setting-changed",
                "level": "risky",
                "id": "ivr-002",
                "name": "Main menu",
                "text": "a setting is different whose meaning only the tenant knows",
                "way": [
                  "Welcome",
                  "Main menu"
                ]
              },
              {
                "code": "not-reached",
                "level": "safe",
                "id": "api-004",
                "name": "Customer lookup",
                "text": "no call reaches it",
                "way": []
              },
              {
                "code": "not-reached",
                "level": "safe",
                "id": "c6",
                "name": "Customer lookup –[on error]→ Accounts",
                "text": "no call comes here",
                "way": []
              },
              {
                "code": "moved",
                "level": "safe",
                "id": "queue-001",
                "name": "Sales",
                "text": "only its place on the canvas is different",
                "way": []
              }
            ]
          },
          "plan": {
            "action": "blocked",
            "reasons": [
              {
                "code": "findings",
                "text": "1 finding blocks it"
              }
            ]
          }
        }
      ],
      "notes": []
    }
    "#);
}

#[test]
fn a_deployment_adds_receipts_and_metrics_and_tells_no_secret() {
    let review = fixture::hostile();
    let receipts = crate::report::receipts::tests::receipts();
    let metrics = serde_json::json!({ "auditLogCount": 3 });
    let report = deploy(
        &review,
        &receipts,
        metrics,
        Outcome::Failed,
        &Redactor::default(),
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["schemaVersion"], 1);
    assert_eq!(json["receipts"][1]["state"], "FAILED");
    assert_eq!(json["receipts"][0]["versionId"], "v-77");
    assert_eq!(json["receipts"][0]["name"], "Main line");
    assert_eq!(json["metrics"]["auditLogCount"], 3);
    assert!(!json.to_string().contains("c4n4ry"));
}
