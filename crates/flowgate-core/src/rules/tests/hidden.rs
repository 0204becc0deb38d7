//! What is a secret and what is none: what callers hear stays readable, and nothing of a secret stands in a finding.

use proptest::prelude::*;

use crate::redact::Redactor;
use crate::rules::testing::{findings, ids};

fn flow(configuration: &str) -> String {
    format!(
        r#"{{"flowId":"main","version":"1.0.0","elements":[{{"id":"b","type":"Begin"}},
 {{"id":"x","type":"API","configuration":{configuration}}},{{"id":"e","type":"End"}}],
 "connectors":[{{"id":"c1","sourceId":"b","targetId":"x"}},{{"id":"c2","sourceId":"x","targetId":"e"}}]}}"#
    )
}

fn raised(configuration: &str) -> Vec<String> {
    let all = findings(&flow(configuration)).into_iter();
    let mine: Vec<_> = all
        .filter(|finding| finding.rule.as_str() == "hardcoded-secret")
        .collect();
    ids(&mine)
}

/// Lists of several parts under a name of secrets that hold none.
const OF_NO_SECRET: [&str; 9] = [
    r#"{"cookie":"lang=de; theme=dark"}"#,
    r#"{"cookie":"session={{session}}; lang=de"}"#,
    r#"{"headers":["Set-Cookie: lang=de; Domain=crm1a2b.example.com; Path=/v1a2b3c; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]}"#,
    r#"{"cookie":"lang=de; Path=/a1b2c3d4e5; SameSite=Lax"}"#,
    r#"{"headers":"Accept: application/json; charset=utf-8"}"#,
    r#"{"headers":"Cookie: lang=de; session=${SESSION_1A2B3C}; theme=dark"}"#,
    r#"{"note":"Cookie: our best-selling product, in boxes of 3a4b5c; press 5, or say: more"}"#,
    r#"{"authorization":"Digest username={{user}}, response={{response}}"}"#,
    r#"{"credentials":"user: ann; from: vault:crm1a2b3c4d"}"#,
];

#[test]
fn lists_of_several_parts_are_secret_only_where_a_part_is() {
    for place in OF_NO_SECRET {
        assert!(raised(place).is_empty(), "{place}");
    }
}

/// What callers hear, in several languages: none of it is a secret.
const SPOKEN: [&str; 40] = [
    "Authorization: please hold while we check your account",
    "Authorization: your call is being transferred to the credit team now",
    "Password: please have it ready, then press 1",
    "Your token: the 6 digits on the back of your card",
    "Bearer of the card, please say your name",
    "Basic information for new customers: press 2",
    "BASIC INFORMATION: PRESS 3",
    "Basic 24-hour support is available on weekdays",
    "For basic internationalisation questions, press 1.",
    "For basic JavaScript knowledge tests, press 4",
    "Secret Santa: orders close on Friday",
    "Cookie: our best-selling product. Press 5 to order.",
    "Signature: a courier will ask for it between 8:00 and 18:00",
    "PIN: enter the 4 digits, then press #",
    "API key: if you have lost yours, press 2",
    "Access key: your locksmith will call back in 30 minutes",
    "Credentials: bring your passport and 2 photos",
    "Passwort: Bitte halten Sie es bereit",
    "Kennwort: nennen Sie uns bitte Ihr Kundenkennwort",
    "Ihr Zugangscode: Sie finden ihn auf Seite 2 der Rechnung",
    "Geheimnis: unser Kundenservice hilft Ihnen gern weiter",
    "Autorisierung: bitte bleiben Sie am Apparat",
    "Mot de passe : veuillez le saisir, puis appuyez sur dièse",
    "Votre jeton : les 6 chiffres au dos de la carte",
    "Contraseña: por favor, téngala a mano",
    "Clave de acceso: marque los 4 dígitos",
    "Senha: digite os 6 números e tecle jogo da velha",
    "Parola d'ordine: la comunichi all'operatore",
    "Wachtwoord: houd het bij de hand",
    "Hasło: proszę przygotować i nacisnąć 1",
    "Token: \"press 1\" if you have one, \"press 2\" if not",
    "password=the word you chose when you opened the account",
    "Say 'password' or 'token' at any time",
    "Please say: my secret is safe with you",
    "Write to https://www.example.com/reset?token=yours for a new one",
    "Connection string: ask your administrator, code 17",
    "Authorization: Basic or Premium? Press 1 or 2",
    "Bearer: Mrs Miller, second floor, room 204",
    "Session token: it is shown for 30 seconds",
    "Your master key: collect it at desk 3B after 10:30",
];

#[test]
fn what_callers_hear_stays_readable_in_prompt_fields_of_any_language() {
    let redactor = Redactor::default();
    for text in SPOKEN {
        let written = serde_json::to_string(text).unwrap();
        for field in [
            "prompt",
            "text",
            "message",
            "greeting",
            "label",
            "note",
            "description",
        ] {
            assert!(
                raised(&format!(r#"{{"{field}":{written}}}"#)).is_empty(),
                "{field}: {text}"
            );
        }
        for language in ["en", "de", "fr-FR", "pt_BR"] {
            let by_language = format!(r#"{{"prompt":{{"{language}":{written}}}}}"#);
            assert!(raised(&by_language).is_empty(), "{language}: {text}");
        }
        assert_eq!(redactor.of_flow(text), text);
    }
}

#[test]
fn secrets_are_found_wherever_they_stand() {
    const S: &str = "k7Qz93fhT20xLmP4wR8s";
    for place in [
        r#"{"appKey":"9f2c4b7e1a8d4e6f90b3c5d7e8f1a2b4"}"#,
        r#"{"cdpAppKey":"9f2c4b7e1a8d4e6f90b3c5d7e8f1a2b4"}"#,
        r#"{"applicationKey":"§"}"#,
        r#"{"pass":"§"}"#,
        r#"{"tokens":["§"]}"#,
        r#"{"accessTokens":["§"]}"#,
        r#"{"sshKey":"§"}"#,
        r#"{"hmacKey":"§"}"#,
        r#"{"x-functions-key":"§"}"#,
        r#"{"serviceKey":"§"}"#,
        r#"{"url":"https://a.example/api/run?code=§"}"#,
        r#"{"url":"https://a.example/api/run?a=1&key=§&b=2"}"#,
        r#"{"passwort":"§"}"#,
        r#"{"motDePasse":"§"}"#,
        r#"{"contraseña":"§"}"#,
        r#"{"apiSchlüssel":"§"}"#,
        r#"{"wachtwoord":"§"}"#,
        r#"{"hasło":"§"}"#,
        r#"{"senha":"§"}"#,
        r#"{"chiaveApi":"§"}"#,
        r#"{"apiKey":"${CRM_KEY:-§}"}"#,
        r#"{"apiKey":"{{ key | default('§') }}"}"#,
        r#"{"apiKey":"{{prefix}}-§"}"#,
        r#"{"authorization":"Token §"}"#,
        r#"{"value":"§","name":"X-Api-Key"}"#,
        r#"{"headers":[{"value":"§","name":"X-Api-Key"}]}"#,
        r#"{"headers":[{"Name":"X-Api-Key","Value":"§"}]}"#,
        r#"{"headers":[["X-Api-Key","§"]]}"#,
        r#"{"headers":["X-Api-Key: §","Accept: json"]}"#,
        r#"{"headers":["Accept","json","X-Api-Key","§"]}"#,
        r#"{"secrets":{"crm":"§"}}"#,
        r#"{"body":"{\"user\":\"ann\",\"apiKey\":\"§\"}"}"#,
        r#"{"body":"{\"inner\":\"{\\\"deep\\\":[{\\\"clientSecret\\\":\\\"§\\\"}]}\"}"}"#,
        r#"{"script":"ASSIGN apiKey = \"§\"\nASSIGN url = \"https://crm.example.com/v1\"\nREST.GET url"}"#,
        r#"{"script":"const API_KEY = '§'; // key\nfunction call() { return get(API_KEY); }"}"#,
        r#"{"script":"fetch(url, { method: 'POST', headers: { 'X-API-Key': '§', 'Accept': 'text/plain' } })"}"#,
        r#"{"script":"request.setHeader(\"X-Api-Key\", \"§\")"}"#,
        r#"{"script":"password := `§`"}"#,
        r#"{"snippet":"curl -H \"Authorization: ApiKey §\" https://a.example"}"#,
        r#"{"apiKey":"§AbC=="}"#,
        r#"{"cookie":"lang=de; session=§"}"#,
        r#"{"cookie":"session=§; lang=de; theme=dark"}"#,
        r#"{"cookie":"lang=de; theme=dark; session=\"§\"; consent=yes"}"#,
        r#"{"cookies":["lang=de","session=§"]}"#,
        r#"{"cookies":{"lang":"de","session":"§"}}"#,
        r#"{"cookies":"lang=de;session=§"}"#,
        r#"{"headers":{"Set-Cookie":"lang=de; Path=/, session=§; Path=/; HttpOnly; Max-Age=3600"}}"#,
        r#"{"headers":["Cookie: lang=de; session=§"]}"#,
        r#"{"headers":["Cookie: a=1; b=2; c=3; d=4; e=5; f=6; g=7; h=8; i=9; j=10; session=§"]}"#,
        r#"{"headers":"Accept: json\r\nCookie: lang=de; theme=dark; session=§\r\nHost: a.example"}"#,
        r#"{"headers":"Accept: json; X-Api-Key: §; Lang: de"}"#,
        r#"{"headers":"Accept: json, X-Api-Key: §, Lang: de"}"#,
        r#"{"headers":"Accept=json;X-Functions-Key=§;Lang=de"}"#,
        r#"{"headers":[{"name":"Cookie","value":"lang=de; session=§"}]}"#,
        r#"{"headers":[["Cookie","lang=de; session=§"]]}"#,
        r#"{"script":"fetch(url, { headers: { 'Cookie': 'lang=de; session=§' } })"}"#,
        r#"{"script":"curl -b 'Cookie: lang=de; theme=dark; session=§' https://a.example"}"#,
        r#"{"body":"{\"cookie\":\"lang=de; session=§; theme=dark\"}"}"#,
        r#"{"authorization":"Digest username=\"ann\", realm=\"crm\", response=\"§\""}"#,
        r#"{"headers":["Authorization: Digest username=ann, realm=crm, response=§"]}"#,
        r#"{"credentials":"user: ann; mark: §"}"#,
        r#"{"credentials":"ann,eu-west,§"}"#,
        r#"{"query":"lang=de;code=§"}"#,
        r#"{"query":"lang=de,key=§,a=1"}"#,
    ] {
        let configuration = place.replace('§', S);
        let found = findings(&flow(&configuration));
        let mine = found
            .iter()
            .filter(|finding| finding.rule.as_str() == "hardcoded-secret");
        assert!(mine.count() >= 1, "{configuration}");
        let shown = format!("{found:?}");
        assert!(!shown.contains(S) && !shown.contains("9f2c4b7e"), "{shown}");
    }
}

#[test]
fn no_excerpt_shows_a_part_of_a_secret_wherever_its_line_is_cut() {
    const S: &str = "9f2c4b7e1a8d4e6f90b3c5d7e8f1a2b4c6d8e0f2";
    for padding in 0..220 {
        let pad = "p".repeat(padding);
        // One line, and another fault near the secret, on either side of it.
        for text in [
            format!(
                r#"{{"flowId":"main","version":"1.0.0","elements":[{{"id":"b","type":"Begin"}},{{"id":"x","type":"API","configuration":{{"apiKey":"{S}","a":"{pad}"}}}},{{"id":"x","type":"End"}}],"connectors":[]}}"#
            ),
            format!(
                r#"{{"flowId":"main","version":"1.0.0","elements":[{{"id":"b","type":"Begin"}},{{"id":"x","type":"API"}},{{"id":"x","type":"API","configuration":{{"a":"{pad}","apiKey":"{S}"}}}}],"connectors":[]}}"#
            ),
            // What nobody can read as a flow.
            format!(r#"{{"flowId":"main","a":"{pad}","apiKey":"{S}","b":}}"#),
            format!(r#"{{"flowId":"main","b":nope,"a":"{pad}","apiKey":"{S}"}}"#),
        ] {
            let found = findings(&text);
            assert!(!found.is_empty());
            for finding in found {
                let shown = finding.location.excerpt.text;
                for part in S.as_bytes().windows(6) {
                    let part = std::str::from_utf8(part).unwrap();
                    assert!(!shown.contains(part), "{padding}: {shown}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn a_place_stays_marked_where_secrets_before_it_are_hidden(
        lead in "[a-z ]{0,120}", count in 0_usize..4, tail in "[a-z ]{0,200}"
    ) {
        let secrets: Vec<String> = (0..count).map(|nth| format!("k7Qz93fhT20xLm{nth}")).collect();
        let keys: Vec<String> = secrets.iter().map(|it| format!(r#""apiKey":"{it}""#)).collect();
        let keys = keys.join(",");
        let sep = if keys.is_empty() { "" } else { "," };
        let text = format!(
            r#"{{"flowId":"main","version":"1.0.0","note":"{lead}","elements":[{{"id":"b","type":"Begin"}},{{"id":"x","type":"API","configuration":{{{keys}{sep}"endpoint":"http://crm.example.com"}},"z":"{tail}"}}],"connectors":[]}}"#
        );
        for finding in findings(&text) {
            if finding.rule.as_str() == "cleartext-endpoint" {
                let excerpt = finding.location.excerpt;
                let marked: String = excerpt.text.chars().skip(excerpt.mark).take(excerpt.length).collect();
                prop_assert_eq!(marked, "\"http://crm.example.com\"");
            }
        }
    }
}
