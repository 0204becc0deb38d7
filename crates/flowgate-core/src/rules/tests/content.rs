//! What stands in a flow: real faults are found, and innocent texts are left alone.

use crate::rules::testing::{findings, ids, of};

/// A flow whose API has this configuration; `top` are more top-level members.
fn set(top: &str, configuration: &str) -> String {
    format!(
        r#"{{"flowId":"main","version":"1.0.0",{top}"elements":[{{"id":"b","type":"Begin"}},
 {{"id":"x","type":"API","configuration":{configuration}}},{{"id":"e","type":"End"}}],
 "connectors":[{{"id":"c1","sourceId":"b","targetId":"x"}},{{"id":"c2","sourceId":"x","targetId":"e"}}]}}"#
    )
}

fn raised(key: &str, value: &str) -> Vec<String> {
    let value = serde_json::to_string(value).unwrap();
    ids(&findings(&set("", &format!(r#"{{"{key}":{value}}}"#))))
}

fn all_raise(rule: &str, table: &[(&str, &str)]) {
    for (key, value) in table {
        assert_eq!(raised(key, value), [rule], "{key}: {value}");
    }
}

fn all_silent(table: &[(&str, &str)]) {
    for (key, value) in table {
        assert!(
            raised(key, value).is_empty(),
            "{key}: {value}: {:?}",
            raised(key, value)
        );
    }
}

#[test]
fn secrets_are_found_in_numbers_lists_and_beside_their_name() {
    let found = |configuration: &str| {
        let found = findings(&set("", configuration));
        let shown = format!("{found:?}");
        for secret in ["48291377", "k7Qz-93fhT-20xLm"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        ids(&found)
    };
    for secret in [
        r#"{"password":48291377}"#,
        r#"{"auth":{"accessToken":48291377}}"#,
        r#"{"apiKeys":["k7Qz-93fhT-20xLm"],"retries":3}"#,
        r#"{"headers":[{"name":"X-Api-Key","value":"k7Qz-93fhT-20xLm"}]}"#,
        r#"{"headers":[{"value":"k7Qz-93fhT-20xLm","key":"Authorization"}]}"#,
        r#"{"headers":[{"header":"Cookie","value":["k7Qz-93fhT-20xLm"]}]}"#,
    ] {
        assert_eq!(found(secret), ["hardcoded-secret"], "{secret}");
    }
    for innocent in [
        r#"{"tokenLifetimeMs":86400000,"passwordExpirySeconds":7776000}"#,
        r#"{"password":12345,"customer":48291371}"#,
        r#"{"headers":[{"name":"Content-Type","value":"k7Qz-93fhT-20xLm"}]}"#,
        r#"{"headers":[{"name":"Authorization","value":"Bearer {{secrets.crm}}"}]}"#,
        r#"{"fields":[{"name":"password","required":true}]}"#,
    ] {
        assert!(found(innocent).is_empty(), "{innocent}");
    }
}

#[test]
fn secrets_are_found_and_never_shown() {
    let secrets = [
        ("password", "swordfish"),
        ("apiKey", "k7Qz-93fhT-20xLm"),
        ("clientSecret", "9f8e7d6c5b4a"),
        ("authorization", "Bearer 8f7e6d5c4b3a29181716"),
        ("value", "Basic dXNlcjpodW50ZXIyMjIy"),
        ("note", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("database", "postgres://crm:hunter2@db.example.com/x"),
        (
            "pem",
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
        ),
        ("query", "https://api.example.com/v1?api_key=93hf72kd83hd"),
        ("key", "aB3dE6gH9jK2mN5pQ8sT1vW4"),
    ];
    all_raise("hardcoded-secret", &secrets);
    for (key, value) in secrets {
        let json = serde_json::to_string(value).unwrap();
        let found = findings(&set("", &format!(r#"{{"{key}":{json}}}"#)));
        let shown = format!("{found:?}");
        assert!(
            !shown.contains(value) && !shown.contains(json.trim_matches('"')),
            "{shown}"
        );
    }
}

#[test]
fn references_and_names_are_no_secrets() {
    all_silent(&[
        ("apiKey", "{{secrets.crm}}"),
        ("apiKey", "${CRM_KEY_2}"),
        ("apiKey", "{crmKey1}"),
        ("apiKey", "%CRM_KEY_1%"),
        ("apiKey", "vault:kv/crm#key1"),
        (
            "apiKey",
            "arn:aws:secretsmanager:eu-central-1:123:secret:crm",
        ),
        ("authorization", "Bearer {{token}}"),
        ("authorization", "Bearer ${session.token1}"),
        ("password", "********"),
        ("password", "required"),
        ("password", "user_password"),
        ("token", "accessToken"),
        ("tokenUrl", "https://login.example.com/token2"),
        ("credentialId", "5f0c1f5e-2d0b-4f5e-9a57-0c8a4a1d7e02"),
        ("passwordPrompt", "Please enter your 4 digit password"),
        (
            "prompt",
            "Your password: have it ready. For basic internationalisation questions, press 1.",
        ),
        ("audioId", "aB3dE6gH9jK2mN5pQ8sT1vW4"),
        ("skill", "5f0c1f5e2d0b4f5e9a570c8a4a1d7e02"),
        ("endpoint", "https://{{user}}:{{password}}@api.example.com/"),
    ]);
}

#[test]
fn addresses_are_judged_by_where_and_how_they_lead() {
    all_raise(
        "cleartext-endpoint",
        &[
            ("endpoint", "http://api.example.com"),
            ("x", "ws://{{host}}/x"),
        ],
    );
    all_raise(
        "private-endpoint",
        &[
            ("endpoint", "https://localhost:8080/x"),
            ("x", "http://192.168.1.4/"),
        ],
    );
    all_raise(
        "malformed-endpoint",
        &[
            ("endpoint", "https:/api.example.com"),
            ("callbackUrl", "htps://api.example.com"),
            ("url", "https:///v1"),
            ("url", "https://api.example.com:99999/"),
            ("url", "https://api.example.com/{{id/x"),
            ("url", "https://api.example.com/a b"),
        ],
    );
    all_silent(&[
        ("endpoint", "https://api.example.com:8443/v1?q={{a b}}"),
        ("endpoint", "{{baseUrl}}/customers"),
        ("endpoint", "/v1/customers"),
        ("endpoint", "customer-lookup"),
        ("url", "sip:agent@example.com"),
        ("url", "https://{{host}}:{{port}}/"),
        ("xmlns", "http://www.w3.org/2001/10/synthesis"),
        ("prompt", "see http://example.com for more"),
    ]);
}

#[test]
fn people_are_told_from_teams() {
    let found = [
        ("note", "4539 1488 0343 6467"),
        ("prompt", "Write to erika.musterfrau@northwind.eu"),
        ("prompt", "Write to erika77@gmail.com."),
        ("prompt", "Call +49 151 23456789"),
        ("prompt", "His mobile number is 212 456 7890"),
    ];
    all_raise("personal-data", &found);
    for (key, value) in found {
        let all = findings(&set("", &format!(r#"{{"{key}":"{value}"}}"#)));
        assert!(!format!("{all:?}").contains(value));
    }
    all_silent(&[
        ("note", "4539 1488 0343 6468"),
        ("note", "4111 1111 1111 1111"),
        ("accountId", "4539148803436467"),
        (
            "prompt",
            "Write to info@northwind.eu, support@northwind.eu or customer.service@northwind.eu",
        ),
        ("prompt", "Write to erika.musterfrau@example.com"),
        (
            "prompt",
            "Call 1-800-555-0199 or 0800 1234567 or +49 30 1234567, day and night",
        ),
        (
            "prompt",
            "For sales, press 1. For support, press 2. We are open from 8 to 18, 365 days.",
        ),
        ("owner", "erika.musterfrau@northwind.eu"),
        ("prompt", "Reference 2026-11-22 10:15:00"),
    ]);
}

#[test]
fn prompts_are_measured_without_markup() {
    let long = "Press one. ".repeat(100);
    assert_eq!(raised("prompt", &long), ["prompt-too-long"]);
    assert!(raised("prompt", &"<break time=\"1s\"/>{{x}} ".repeat(100)).is_empty());
    assert!(raised("script", &long).is_empty());
}

#[test]
fn variables_are_judged_only_where_they_are_declared() {
    let found = |top: &str, configuration: &str| {
        let all = findings(&set(top, configuration));
        let of_rule = |rule| of(&all, rule).len();
        (of_rule("undefined-variable"), of_rule("unused-variable"))
    };
    let list = r#""variables":[{"name":"tier"},{"name":"lang"}],"#;
    assert_eq!(found("", r#"{"prompt":"{{anything}}"}"#), (0, 0));
    assert_eq!(
        found(list, r#"{"prompt":"{{tier}} ${lang.code | upper}"}"#),
        (0, 0)
    );
    assert_eq!(
        found(
            list,
            r#"{"prompt":"{{tire}} {{contact.id}}","when":"lang == 2"}"#
        ),
        (1, 1)
    );
    assert_eq!(
        found(
            list,
            r#"{"prompt":"{{tier}} {{lang}} {{ a + b }} {{#if x}}"}"#
        ),
        (0, 0)
    );
    assert_eq!(
        found(
            list,
            r#"{"output":"found","prompt":"{{found}} {{tier}} {{lang}}"}"#
        ),
        (0, 0)
    );
    // Without a list, the platform may set any name; a near miss is a slip.
    assert_eq!(
        found("", r#"{"output":"customer","prompt":"{{balance}}"}"#),
        (0, 0)
    );
    assert_eq!(
        found("", r#"{"output":"customer","prompt":"{{custmer}}"}"#),
        (1, 0)
    );
}
