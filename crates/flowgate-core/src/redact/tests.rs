//! What the redactor promises: a secret that is known, named or shaped like one never gets through.

use proptest::prelude::*;

use super::*;

const CANARY: &str = "k4/nary +Q\"s3cret";

fn knowing() -> Redactor {
    Redactor::new(vec![CANARY.into(), "abc".into()])
}

#[test]
fn a_known_secret_is_hidden_in_every_form_it_is_written_in() {
    let redactor = knowing();
    for (form, text) in [
        ("as it is", CANARY.to_owned()),
        ("percent-encoded", "k4%2Fnary%20%2BQ%22s3cret".into()),
        (
            "as a form",
            "k4%2fnary+%2bQ%22s3cret"
                .replace("%2f", "%2F")
                .replace("%2b", "%2B"),
        ),
        ("JSON-escaped", "k4/nary +Q\\\"s3cret".into()),
        ("with escaped slashes", "k4\\/nary +Q\\\"s3cret".into()),
        ("in base64", "azQvbmFyeSArUSJzM2NyZXQ=".into()),
    ] {
        let shown = redactor.text(&text).into_owned();
        assert!(shown.contains(REDACTED), "{form}: {shown}");
        assert!(!shown.contains("cret"), "{form}: {shown}");
    }
    // Inside `client:…`, where base64 groups begin elsewhere.
    assert_eq!(
        redactor.text("Y2xpZW50Oms0L25hcnkgK1EiczNjcmV0"),
        "Y2xpZW50Om‹redacted›"
    );
    assert_eq!(
        redactor.text("abc is too short to hide"),
        "abc is too short to hide"
    );
}

#[test]
fn a_known_secret_is_hidden_however_escapes_stand_in_one_another() {
    const SECRET: &str = "p@ss/w0rd+\"é\\&<7% x";
    let redactor = Redactor::new(vec![SECRET.to_owned()]);
    let percent = |text: &str| -> String {
        text.bytes()
            .fold(String::new(), |out, byte| out + &format!("%{byte:02x}"))
    };
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let unicode = |text: &str| -> String {
        let units = text.encode_utf16();
        units.fold(String::new(), |out, unit| out + &format!("\\u{unit:04x}"))
    };
    let html = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
            .replace('/', "&#x2F;")
    };
    let form = |text: &str| percent(text).replace("%20", "+");
    let base64 = |text: &str| crate::hash::base64(text).trim_end_matches('=').to_owned();
    let basic = format!("Basic {}", base64(&format!("client-7:{SECRET}")));
    let safe = base64(&format!("ab:{SECRET}:cd"))
        .replace('+', "-")
        .replace('/', "_");
    let escape = crate::report::safe::inline(SECRET);
    for (form, written) in [
        ("raw", SECRET.to_owned()),
        ("percent", percent(SECRET)),
        ("percent twice", percent(&percent(SECRET))),
        ("a form", form(SECRET)),
        ("JSON", json(SECRET)),
        ("JSON in JSON", json(&json(SECRET))),
        ("JSON in JSON in JSON", json(&json(&json(SECRET)))),
        ("unicode", unicode(SECRET)),
        ("HTML", html(SECRET)),
        ("JSON in HTML", html(&json(SECRET))),
        ("percent in JSON in HTML", html(&json(&percent(SECRET)))),
        ("markdown", escape),
        ("a label", crate::report::safe::label(SECRET)),
    ] {
        let text = format!("before {written} after");
        assert_eq!(
            redactor.of_flow(&text),
            "before ‹redacted› after",
            "{form}: {written}"
        );
        assert_eq!(
            redactor.told(&text),
            "before ‹redacted› after",
            "{form}: {written}"
        );
    }
    for encoded in [base64(SECRET), basic, safe, percent(&base64(SECRET))] {
        let shown = redactor.of_flow(&encoded).into_owned();
        // What its neighbours have a part in may stay: less than a digit on either side.
        assert!(
            shown.len() <= REDACTED.len() + 24 && shown.contains(REDACTED),
            "{shown}"
        );
    }
}

#[test]
fn what_one_learns_all_know() {
    let redactor = Redactor::default();
    let other = redactor.clone();
    assert_eq!(other.text("eyes-only-77"), "eyes-only-77");
    redactor.learn(vec!["eyes-only-77".to_owned()]);
    assert_eq!(other.text("eyes-only-77"), REDACTED);
    let mut found = FoundSecrets::default();
    found.push("of-one-flow-5");
    let with = other.with(&found);
    assert_eq!(with.text("of-one-flow-5"), REDACTED);
    assert_eq!(other.text("of-one-flow-5"), "of-one-flow-5");
    other.learn(vec!["learned-later-3".to_owned()]);
    assert_eq!(with.text("learned-later-3"), REDACTED);
}

#[test]
fn what_is_left_of_a_known_secret_at_a_cut_is_hidden() {
    let redactor = knowing();
    assert_eq!(redactor.of_flow("see k4/nary +Q…"), "see ‹redacted›…");
    assert_eq!(redactor.of_flow("…\"s3cret here"), "…‹redacted› here");
    assert_eq!(redactor.of_flow("see k4…"), "see k4…");
}

#[test]
fn secrets_are_found_by_the_name_before_them() {
    let redactor = Redactor::default();
    for (text, shown) in [
        (
            r#"{"password": "hunter2", "user": "ann"}"#,
            r#"{"password": "‹redacted›", "user": "ann"}"#,
        ),
        (r#"{"apiKey":12345}"#, r#"{"apiKey":‹redacted›}"#),
        (
            r#"{"credentials": {"user": "a}", "n": [1]}, "x": 1}"#,
            r#"{"credentials": ‹redacted›, "x": 1}"#,
        ),
        (
            r#"{"body": "{\"client_secret\": \"s3\", \"a\": 1}"}"#,
            r#"{"body": "{\"client_secret\": \"‹redacted›\", \"a\": 1}"}"#,
        ),
        (
            r#"{"\u0070assword": "hunter2"}"#,
            r#"{"\u0070assword": "‹redacted›"}"#,
        ),
        (
            r#"[{"name": "X-Api-Key", "value": "abc"}, {"name": "Accept", "value": "json"}]"#,
            r#"[{"name": "X-Api-Key", "value": "‹redacted›"}, {"name": "Accept", "value": "json"}]"#,
        ),
        (
            "https://a.example/x?token=abc&lang=en",
            "https://a.example/x?token=‹redacted›&lang=en",
        ),
        (
            "Server=db;Password=p w;Timeout=3",
            "Server=db;Password=‹redacted› w;Timeout=3",
        ),
        (
            "Authorization: Digest username=x, nonce=1",
            "Authorization: ‹redacted›",
        ),
        (
            "sent Cookie: lang=de; session=\"abc\"; a=1\nand waited",
            "sent Cookie: ‹redacted›\nand waited",
        ),
        (
            "header 'Set-Cookie: lang=de, session=abc' was refused",
            "header 'Set-Cookie: ‹redacted›' was refused",
        ),
        (
            r#"{"password": null, "token": ""}"#,
            r#"{"password": null, "token": ""}"#,
        ),
        (
            "say your password: then wait",
            "say your password: then wait",
        ),
        (r#"{"password": "cut off he"#, r#"{"password": "‹redacted›"#),
    ] {
        assert_eq!(redactor.text(text), shown);
    }
}

#[test]
fn secrets_are_found_by_their_shape() {
    let redactor = Redactor::default();
    let key = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\n-----END RSA PRIVATE KEY-----";
    for (text, shown) in [
        ("Bearer aBcD1234efgh!", "Bearer ‹redacted›!"),
        ("bearer%20aBcD1234efgh", "bearer%20‹redacted›"),
        ("Basic dXNlcjpwYXNz.", "Basic ‹redacted›"),
        (
            "Basic information for the bearer",
            "Basic information for the bearer",
        ),
        (
            "https://ann:pw@api.example/x",
            "https://‹redacted›@api.example/x",
        ),
        ("mail ann@example.com", "mail ann@example.com"),
        (&format!("AKIA{}", "A1B2C3D4E5F6G7H8"), "‹redacted›"),
        (&format!("ghp{}0123456789abcdefghij0123", "_"), "‹redacted›"),
        ("xoxb-1234567890-abc", "‹redacted›"),
        (&format!("sk_live{}4eC39HqLyjWDarjtT1", "_"), "‹redacted›"),
        (
            "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln y",
            "x ‹redacted› y",
        ),
        (&format!("a {key} b"), "a ‹redacted› b"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "‹redacted›"),
    ] {
        assert_eq!(redactor.text(text), shown);
    }
}

#[test]
fn a_changed_secret_stays_visible_as_a_change() {
    let redactor = Redactor::default();
    let shown = |pointer: &str, before: &str, after: &str| {
        let key = Named::at(pointer, None);
        let (before, after) = redactor.values([&key, &key], Some(before), Some(after));
        (before.unwrap(), after.unwrap())
    };
    assert_eq!(
        shown("/configuration/password", "\"swordfish\"", "\"hunter22\""),
        (REDACTED.into(), REDACTED_CHANGED.into())
    );
    assert_eq!(
        shown("/url", "\"https://a:b@h/\"", "\"https://a:c@h/\""),
        (
            "\"https://‹redacted›@h/\"".into(),
            "\"https://‹redacted, changed›@h/\"".into()
        )
    );
    assert_eq!(
        shown("/configuration/timeout", "5", "8"),
        ("5".into(), "8".into())
    );
    assert_eq!(
        shown("/password", "\"\"", "\"hunter22\""),
        ("\"\"".into(), REDACTED.into())
    );
}

#[test]
fn a_marked_place_moves_with_its_text() {
    let redactor = Redactor::new(vec!["abcdef".to_owned()]);
    let line = r#"{"token": "abcdef", "x": 1}"#;
    let (shown, mark) = redactor.marked(line, 23..24);
    assert_eq!(&shown[mark], ":");
    let (shown, mark) = redactor.marked(line, 12..14);
    assert_eq!(&shown[mark], REDACTED);
}

#[test]
fn its_debug_form_tells_nothing() {
    assert!(!format!("{:?}", knowing()).contains("cret"));
}

proptest! {
    #[test]
    fn a_canary_never_survives(before in "\\PC{0,40}", after in "\\PC{0,40}", key in "[a-z]{1,8}") {
        let redactor = knowing();
        let text = format!("{before}{CANARY}{after}");
        prop_assert!(!redactor.text(&text).contains("s3cret"));
        let json = serde_json::json!({ key.clone(): text }).to_string();
        prop_assert!(!redactor.text(&json).contains("s3cret"));
        let named = Named::new(&key);
        let (shown, _) = redactor.values([&named, &named], Some(&json), None);
        prop_assert!(!shown.unwrap_or_default().contains("s3cret"));
        let (shown, mark) = redactor.marked(&text, before.len()..before.len() + 3);
        prop_assert!(!shown.contains("s3cret"));
        prop_assert!(shown.get(mark).is_some());
    }

    #[test]
    fn a_named_secret_never_survives(value in "[!-~]{4,30}", rest in "\\PC{0,30}") {
        let redactor = Redactor::default();
        let canary = format!("zq{value}qz");
        let json = serde_json::json!({ "note": rest, "config": { "clientSecret": canary, "n": 1 } });
        let written = serde_json::Value::from(canary).to_string();
        let inner = written.trim_matches('"');
        for text in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
            let shown = redactor.text(&text);
            prop_assert!(!shown.contains(inner), "{shown}");
        }
    }

    #[test]
    fn no_text_makes_it_fail(text in "[\\PC\"'\\\\{}\\[\\]:=,@/]{0,80}", start in 0_usize..90, length in 0_usize..20) {
        let redactor = Redactor::default();
        let _ = redactor.text(&text);
        let (shown, mark) = redactor.marked(&text, start..start + length);
        prop_assert!(mark.start <= mark.end);
        let _ = shown;
    }
}

#[test]
fn a_long_text_made_to_be_slow_is_not() {
    let redactor = knowing();
    // Looked at once a byte, 1 MB takes moments; once a byte and match, hours.
    for piece in [
        "eyJeyJ",
        "sk_live_",
        "token=",
        "authorization=",
        "\"key\":{",
        "\"a\":[",
        "\\\"",
        "://a:",
        "Bearer ",
        "-----BEGIN ",
        "'\"",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        assert!(redactor.text(&text).len() <= text.len() * 4, "{piece}");
    }
}

/// A flow of elements that each may hold a secret, in this order.
fn holding(elements: &[(u8, Option<u16>)]) -> crate::flow::Flow {
    let elements: Vec<String> = elements
        .iter()
        .enumerate()
        .map(|(at, (id, secret))| {
            let secret = secret.map_or_else(String::new, |secret| {
                format!(r#","configuration":{{"apiKey":"k7Qz-93fhT-20x{secret}"}}"#)
            });
            format!(r#"{{"id":"e{id}-{at}","type":"API"{secret}}}"#)
        })
        .collect();
    crate::flow::testing::flow(&format!(
        r#"{{"flowId":"f","version":"1.0.0","elements":[{}],"connectors":[]}}"#,
        elements.join(",")
    ))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_stands_in_two_flows_alike_is_looked_at_once_and_nothing_is_missed(
        before in prop::collection::vec((0_u8..3, prop::option::of(0_u16..9)), 0..24),
        after in prop::collection::vec((0_u8..3, prop::option::of(0_u16..9)), 0..24),
        last in prop::collection::vec((0_u8..3, prop::option::of(0_u16..9)), 0..24),
    ) {
        let flows = [before, after, last].map(|elements| holding(&elements));
        let flows = flows.each_ref();
        let sorted = |mut found: FoundSecrets| {
            found.0.sort();
            found.0.dedup();
            found
        };
        let mut one_by_one = FoundSecrets::default();
        for flow in flows {
            one_by_one.extend(&FoundSecrets::of([flow]));
        }
        prop_assert_eq!(sorted(FoundSecrets::of(flows)), sorted(one_by_one.clone()));
        let mut beside = FoundSecrets::of([flows[0]]);
        beside.add_beside(flows[0], [flows[1], flows[2]]);
        prop_assert_eq!(sorted(beside), sorted(one_by_one));
    }
}
