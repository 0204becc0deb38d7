//! The law of secrets, over generated places and all outputs: what the rule reports, no output shows; and where something is
//! hidden, the rule reports it.

use std::collections::BTreeMap;

use crate::delta::diff;
use crate::finding::Finding;
use crate::flow::{Content, Layout, Reading, native};
use crate::order::Provenances;
use crate::plan::{PlanSettings, Touch};
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::report::comment::{self, CommentSettings};
use crate::report::html::Picture;
use crate::report::json::{self, Outcome};
use crate::report::sarif::{self, SarifSettings};
use crate::report::terminal::{self, Colour};
use crate::report::{Detail, Telling, diff as differences, safe};
use crate::review::{Assembly, FlowFile, Input, Review, Settings};
use crate::rules::RuleSettings;

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Letters and digits in turn, so that nobody takes it for a word; sometimes with what has to be escaped.
    fn secret(&mut self) -> String {
        const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwyzABCDEFGHJKLMNPQRSTUVWYZ";
        const HEX: &[u8] = b"0123456789abcdef";
        let length = 16 + self.below(24);
        match self.below(6) {
            0 => {
                let digits = (0..32 + length / 2).map(|_| char::from(HEX[self.below(16)]));
                // A digit among the letters is certain.
                format!("4a7{}", digits.collect::<String>())
            }
            kind => {
                let mut text: String = (0..length)
                    .map(|nth| match nth % 3 {
                        0 => char::from(b'0' + u8::try_from(self.below(10)).unwrap()),
                        _ => char::from(LETTERS[self.below(LETTERS.len())]),
                    })
                    .collect();
                if kind == 1 {
                    text.insert(9, ['-', '_', '+', '.', '~'][self.below(5)]);
                }
                text
            }
        }
    }
}

/// Where a secret is written; `§` is where it stands, in JSON.
const NAMED: [&str; 33] = [
    r#""apiKey":"§""#,
    r#""API_KEY":"§""#,
    r#""x-functions-key":"§""#,
    r#""dbPassword":"§""#,
    r#""client_secret":"§""#,
    r#""accessTokens":["§","{{b}}"]"#,
    r#""appKey":"§""#,
    r#""passwort":"§""#,
    r#""contraseña":"§""#,
    r#""motDePasse":"§""#,
    r#""chiave_api":"§""#,
    r#""wachtwoord":"§""#,
    r#""haslo":"§""#,
    r#""senha":"§""#,
    r#""authorization":"Bearer §""#,
    r#""authorization":"Token §""#,
    r#""apiKey":"${KEY:-§}""#,
    r#""secrets":{"crm":"§"}"#,
    r#""headers":[{"name":"X-Api-Key","value":"§"}]"#,
    r#""headers":[{"value":"§","name":"X-Api-Key"},{"name":"Accept","value":"json"}]"#,
    r#""headers":[{"Name":"X-Api-Key","Value":"§"}]"#,
    r#""headers":[["X-Api-Key","§"],["Accept","json"]]"#,
    r#""headers":["X-Api-Key: §"]"#,
    r#""url":"https://crm.example.com/v1?token=§&lang=en""#,
    r#""url":"https://crm.example.com/v1?code=§""#,
    r#""url":"https://ann:§@crm.example.com/v1""#,
    r#""script":"ASSIGN apiKey = \"§\"\nASSIGN url = \"https://crm.example.com/v1\"""#,
    r#""script":"const API_KEY = '§'; // one two three four""#,
    r#""script":"fetch(url, { headers: { 'X-API-Key': '§', 'Accept': 'text/plain' } })""#,
    r#""script":"request.setHeader(\"X-Api-Key\", \"§\"); send one two three""#,
    r#""body":"{\"user\":\"ann\",\"apiKey\":\"§\"}""#,
    r#""body":"{\"a\":\"{\\\"deep\\\":[{\\\"clientSecret\\\":\\\"§\\\"}]}\"}""#,
    r#""body":"[{\"name\":\"X-Api-Key\",\"value\":\"§\"}]""#,
];

/// Where the value stands again, where nothing names it.
const AGAIN: [&str; 9] = [
    "",
    "",
    "",
    r#","prompt":"Say § now""#,
    r#","note":"see § and more""#,
    r#","note":"…§""#,
    r#","description":"a%2F§%20b""#,
    r#","text":"x=\"§\"""#,
    r#","endpoint":"http://crm.example.com/§""#,
];

/// One flow with the secret somewhere.
fn flow(dice: &mut Dice, named: &str, again: &str, secret: &str, version: &str) -> String {
    let fields = format!("{named}{again}").replace('§', secret);
    let pad = "p".repeat(dice.below(160));
    let place = dice.below(6);
    let at = |wanted: usize, fields: &str| {
        if place == wanted {
            format!(",{fields}")
        } else {
            String::new()
        }
    };
    let text = format!(
        r#"{{"flowId":"main","version":"{version}","name":"Main {version}"{top},"elements":[{{"id":"b","type":"Begin"}},{{"id":"x","type":"API","label":"Look up {label}","configuration":{{"timeout":5,"pad":"{pad}"{inside}}}{beside}}},{{"id":"{twice}","type":"End"}}{unread}],"connectors":[{{"id":"c1","sourceId":"b","targetId":"x"{way}}},{{"id":"c2","sourceId":"x","targetId":"e"}}]}}"#,
        top = at(0, &format!(r#""metadata":{{{fields}}}"#)),
        label = if again.is_empty() { "" } else { secret },
        inside = at(1, &fields) + &at(2, &format!(r#""deep":[{{"er":{{{fields}}}}}]"#)),
        beside = at(3, &fields),
        twice = if dice.below(3) == 0 { "x" } else { "e" },
        unread = if place == 4 {
            format!(r#",{{"type":"API",{fields}}}"#)
        } else {
            String::new()
        },
        way = at(5, &fields),
    );
    match dice.below(3) {
        0 => text.replace(",\"", ",\n  \""),
        _ => text,
    }
}

fn read(text: &str) -> Reading {
    native::read(
        "flows/main.json".parse().unwrap(),
        Content::Bytes(text.as_bytes().to_vec()),
    )
}

fn settings() -> Settings {
    Settings {
        plan: PlanSettings::default(),
        rules: RuleSettings::default(),
        policy: Policy::default(),
    }
}

/// Reviews the change: with both sides at hand, and with both let go.
fn reviewed(base: Option<&str>, head: &str, settings: &Settings) -> [Review; 2] {
    let input = Input::default();
    let assembly = Assembly::new(&input, settings);
    let file = FlowFile {
        path: "flows/main.json".parse().unwrap(),
        head: Some(read(head)),
        base: base.map(read),
        touch: Touch::Touched,
    };
    let mut let_go = assembly.judge(&file, None);
    let_go.let_go(&Telling {
        redactor: &settings.rules.redactor,
        detail: Detail::Comment,
    });
    [
        assembly.conclude(vec![assembly.judge(&file, None)], &Provenances::new()),
        assembly.conclude(vec![let_go], &Provenances::new()),
    ]
}

/// Every output that core makes, by its name.
fn outputs(base: Option<&str>, head: &str) -> (BTreeMap<String, String>, Vec<Finding>) {
    let settings = settings();
    let redactor = &settings.rules.redactor;
    let mut all = BTreeMap::new();
    let reviews = reviewed(base, head, &settings);
    for (review, how) in reviews.iter().zip(["at hand", "let go"]) {
        let mut add = |what: &str, text| {
            all.insert(format!("{what}, {how}"), text);
        };
        add(
            "comment",
            comment::render(review, redactor, &CommentSettings::default()),
        );
        add("log", terminal::render(review, redactor, Colour::Plain));
        let data = json::check(review, Outcome::Passed, redactor);
        add("JSON", serde_json::to_string(&data).unwrap());
        let sarif = sarif::log(review, &[], redactor, &SarifSettings::default());
        add("SARIF", serde_json::to_string(&sarif).unwrap());
        for finding in &review.findings {
            // What an annotation and the audit take of a finding.
            let message = redactor.of_flow(&finding.message).into_owned();
            add(&format!("annotation {:?}", finding.fingerprint), message);
            let error = format!(
                "could not publish `{}`: {}",
                finding.message, finding.message
            );
            add(
                &format!("error {:?}", finding.fingerprint),
                redactor.text(&error).into_owned(),
            );
        }
    }
    let sides = [base.unwrap_or(head), head].map(|text| read(text).flow);
    if let [Some(old), Some(new)] = &sides {
        let delta = diff(old, new, &Layout::default());
        // By themselves: these commands judge nothing.
        let alone = Redactor::default();
        let mut add = |what: &str, text| all.insert(what.to_owned(), text);
        add(
            "diff",
            differences::render(&delta, old, new, &alone, Colour::Plain),
        );
        let data = differences::data(&delta, old, new, &alone);
        add("diff JSON", serde_json::to_string(&data).unwrap());
        let picture = Picture {
            old: Some(old),
            new,
            delta: &delta,
        };
        add("page", picture.page(&alone));
        add("mermaid", picture.mermaid(&alone));
    }
    let [review, _] = reviews;
    (all, review.findings)
}

fn reports(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.rule.as_str() == "hardcoded-secret")
}

fn reported_alone(text: &str) -> bool {
    let settings = settings();
    let [review, _] = reviewed(None, text, &settings);
    reports(&review.findings)
}

/// How many places are tried; more where `FLOWGATE_PLACES` says so.
fn places() -> u64 {
    let asked = std::env::var("FLOWGATE_PLACES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(2_000)
}

#[test]
fn what_the_rule_reports_no_output_shows() {
    for seed in 0..places() {
        let mut dice = Dice(seed);
        let (named, again) = (dice.one(&NAMED), dice.one(&AGAIN));
        let [old, new] = [dice.secret(), dice.secret()];
        let head = flow(&mut dice, named, again, &new, "1.1.0");
        let before = match dice.below(4) {
            0 => None,
            1 => Some(flow(&mut dice, "\"z\":1", "", "none", "1.0.0")),
            2 => Some(flow(&mut dice, named, "", &new, "1.0.0")),
            _ => Some(flow(&mut dice, named, again, &old, "1.0.0")),
        };
        let (all, findings) = outputs(before.as_deref(), &head);
        assert!(reports(&findings), "seed {seed}: not reported: {head}");
        for (what, text) in &all {
            // Markup parts words with what has no width.
            let seen = safe::line(text).replace(['\u{200b}', '\\'], "");
            for secret in [&old, &new] {
                for part in secret.as_bytes().windows(8) {
                    let part = std::str::from_utf8(part).unwrap();
                    assert!(
                        !seen.contains(part),
                        "seed {seed}: {what} shows {part}: {head}\n{text}"
                    );
                }
            }
        }
    }
}

/// Texts that look a little like secrets, or speak of them.
const HARMLESS: [&str; 24] = [
    r#""prompt":"Authorization: please hold while we check your account""#,
    r#""prompt":{"de":"Passwort: bitte halten Sie es bereit","fr":"Mot de passe : veuillez le saisir"}"#,
    r#""label":"Password: reset""#,
    r#""apiKey":"{{secrets.crm}}""#,
    r#""apiKey":"${CRM_KEY_2}""#,
    r#""authorization":"Bearer {{token}}""#,
    r#""password":"required""#,
    r#""tokenUrl":"https://login.example.com/token2""#,
    r#""credentialId":"5f0c1f5e-2d0b-4f5e-9a57-0c8a4a1d7e02""#,
    r#""headers":[{"name":"Authorization","value":"Bearer ${token}"}]"#,
    r#""headers":[{"name":"Content-Type","value":"application/json"}]"#,
    r#""fields":["password","username","token"]"#,
    r#""text":"Basic 24-hour support for the bearer of the card""#,
    r#""maxTokens":150000,"tokenLifetimeMs":86400000"#,
    r#""password":"x","pin":"1234""#,
    r#""script":"if (token == null) { token = getToken(step2.result) }""#,
    r#""script":"SELECT * FROM users WHERE name = :name""#,
    r#""condition":"{{lang}} == 'de' && {{password}} != ''""#,
    r#""secret":"vault:kv/crm""#,
    r#""url":"https://{{user}}:{{password}}@api.example.com/?code={{code}}&key={{key}}""#,
    r#""body":"{\"password\":\"{{pw}}\",\"token\":null}""#,
    r#""skillId":"5f0c1f5e2d0b4f5e9a570c8a4a1d7e02""#,
    r#""greeting":"Signature: a courier will ask for it between 8:00 and 18:00""#,
    r#""note":"Token: see the handbook, chapter 12""#,
];

#[test]
fn where_something_is_hidden_the_rule_reports_it() {
    for seed in 0..places() {
        let mut dice = Dice(seed ^ 0x5eed);
        let [one, two] = [dice.one(&HARMLESS), dice.one(&HARMLESS)];
        // Every other time among places where a secret may stand, with something that may be none.
        let value = [
            "old",
            "secret-1",
            "tier2-support",
            "5f0c1f5e2d0b4f5e9a570c8a4a1d7e02",
            "k-3-secret",
            "step2.result",
            "main",
            "Welcome",
        ];
        let (named, value) = if seed % 2 == 0 {
            (dice.one(&NAMED), dice.one(&value))
        } else {
            (one, "")
        };
        let head = flow(&mut dice, named, "", value, "1.1.0");
        let before = flow(&mut dice, two, "", "", "1.0.0");
        let is_reported = reported_alone(&head) || reported_alone(&before);
        let (all, _) = outputs(Some(&before), &head);
        for (what, text) in &all {
            // An error is searched as what others say: there more is hidden.
            if !is_reported && !what.starts_with("error") {
                assert!(
                    !text.contains("‹redacted"),
                    "seed {seed}: {what}: {head}\n{before}\n{text}"
                );
            }
        }
        if seed % 2 == 1 {
            assert!(!is_reported, "seed {seed}: {head}\n{before}");
        }
    }
}

/// What is sent, merged and formatted is written as it is.
#[test]
fn nothing_is_hidden_from_what_is_written_back() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let named = dice.one(&NAMED);
        let secret = dice.secret();
        let text = flow(&mut dice, named, "", &secret, "1.1.0");
        let reading = read(&text);
        if let Ok(written) = crate::flow::format::format(&reading.source) {
            assert!(written.contains(&secret), "seed {seed}: {written}");
        }
        let Some(flow) = reading.flow else { continue };
        let sides = crate::merge::Sides {
            base: None,
            ours: &flow,
            theirs: &flow,
        };
        if let Ok(merged) = crate::merge::merge(sides, &Layout::default(), 7) {
            assert!(
                merged.text.contains(&secret),
                "seed {seed}: {}",
                merged.text
            );
        }
        for element in flow.elements() {
            let raw = flow.value(element.node).raw();
            assert!(!raw.contains("redacted"), "seed {seed}");
        }
    }
}
