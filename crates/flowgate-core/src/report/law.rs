//! The law of secrets, over generated places and all outputs: what the rule reports, no output shows; and where something is
//! hidden, the rule reports it.

use std::collections::{BTreeMap, BTreeSet};

use crate::delta::diff;
use crate::finding::Finding;
use crate::flow::{Content, Layout, Reading, native};
use crate::order::Provenances;
use crate::parallel;
use crate::plan::{PlanSettings, Touch};
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::report::comment::{self, CommentSettings};
use crate::report::html::Picture;
use crate::report::json::{self, Outcome};
use crate::report::sarif::{self, SarifSettings};
use crate::report::terminal::{self, Colour};
use crate::report::{Detail, Telling, diff as differences};
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

    fn one(&mut self, of: &[&'static str]) -> &'static str {
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
const NAMED: [&str; 43] = [
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
    r#""headers":["Cookie: session=§"]"#,
    r#""cookie":"session=§""#,
    r#""cookie":"lang=de; session=§; theme=dark""#,
    r#""cookies":["lang=de","session=§"]"#,
    r#""headers":["Set-Cookie: lang=de; Path=/, session=§; Path=/; HttpOnly"]"#,
    r#""headers":"Accept: json\r\nCookie: lang=de; theme=dark; session=§\r\nHost: a.example""#,
    r#""headers":"Accept: json; X-Api-Key: §; Lang: de""#,
    r#""authorization":"Digest username=\"ann\", realm=\"crm\", response=\"§\"""#,
    r#""script":"curl -b 'Cookie: lang=de; theme=dark; session=§' https://a.example""#,
    r#""query":"lang=de;code=§""#,
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

/// Where the value stands again, where nothing names it; in base64 for `¹`, in base64 behind a user's name for `²`, with each
/// byte percent-encoded for `³`, and as JSON in JSON may write it for `⁴`.
const AGAIN: [&str; 13] = [
    "",
    "",
    "",
    r#","prompt":"Say § now""#,
    r#","note":"see § and more""#,
    r#","note":"…§""#,
    r#","description":"a%2F§%20b""#,
    r#","text":"x=\"§\"""#,
    r#","endpoint":"http://crm.example.com/§""#,
    r#","note":"see ¹ and more""#,
    r#","note":"log in with ²""#,
    r#","endpoint":"http://crm.example.com/³/x""#,
    r#","text":"{\"x\": \"⁴\", \"y\": 1}""#,
];

/// A secret as it stands in JSON, and its encoded forms; those without what does not depend on the secret.
struct Forms {
    plain: String,
    base64: String,
    basic: String,
    percent: String,
    unicode: String,
}

const USER: &str = "client-7:";

impl Forms {
    fn of(secret: &str) -> Self {
        let each = |form: fn(u8) -> String| secret.bytes().map(form).collect();
        Self {
            plain: secret.to_owned(),
            base64: base64(secret),
            // Nine bytes make twelve whole digits.
            basic: base64(&format!("{USER}{secret}")).split_off(USER.len() / 3 * 4),
            percent: each(|byte| format!("%{byte:02x}")),
            unicode: each(|byte| format!("\\\\u{byte:04x}")),
        }
    }

    fn written(&self, fields: &str) -> String {
        let basic = base64(USER) + &self.basic;
        fields
            .replace('§', &self.plain)
            .replace('¹', &self.base64)
            .replace('²', &basic)
            .replace('³', &self.percent)
            .replace('⁴', &self.unicode)
    }

    fn all(&self) -> [&str; 5] {
        [
            &self.plain,
            &self.base64,
            &self.basic,
            &self.percent,
            &self.unicode,
        ]
    }
}

/// Without padding, as it stands inside of a longer text.
fn base64(text: &str) -> String {
    crate::hash::base64(text).trim_end_matches('=').to_owned()
}

/// So many places of one flow may hold a secret.
const PLACES: usize = 6;

/// One flow with these fields, each at a place of its own.
fn flow(dice: &mut Dice, fields: &[Option<String>; PLACES], label: &str, version: &str) -> String {
    let pad = "p".repeat(dice.below(160));
    let [metadata, inside, deep, beside, unread, way] = fields;
    let around = |before: &str, fields: &Option<String>, after: &str| {
        let put = |fields| format!(",{before}{fields}{after}");
        fields.as_ref().map_or_else(String::new, put)
    };
    let text = format!(
        r#"{{"flowId":"main","version":"{version}","name":"Main {version}"{top},"elements":[{{"id":"b","type":"Begin"}},{{"id":"x","type":"API","label":"Look up {label}","configuration":{{"timeout":5,"pad":"{pad}"{inside}{deep}}}{beside}}},{{"id":"{twice}","type":"End"}}{unread}],"connectors":[{{"id":"c1","sourceId":"b","targetId":"x"{way}}},{{"id":"c2","sourceId":"x","targetId":"e"}}]}}"#,
        top = around(r#""metadata":{"#, metadata, "}"),
        inside = around("", inside, ""),
        deep = around(r#""deep":[{"er":{"#, deep, "}}]"),
        beside = around("", beside, ""),
        twice = if dice.below(3) == 0 { "x" } else { "e" },
        unread = around(r#"{"type":"API","#, unread, "}"),
        way = around("", way, ""),
    );
    match dice.below(3) {
        0 => text.replace(",\"", ",\n  \""),
        _ => text,
    }
}

/// Which places of a flow are taken: mostly all, but an element without an id, which cannot be read, in one of four; and
/// in one flow of eight one place alone.
fn taken(dice: &mut Dice) -> [bool; PLACES] {
    const UNREAD: usize = 4;
    if dice.below(8) == 0 {
        let only = dice.below(PLACES);
        return std::array::from_fn(|place| place == only);
    }
    let mut taken = [true; PLACES];
    taken[UNREAD] = dice.below(4) == 0;
    taken
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
pub(super) fn outputs(base: Option<&str>, head: &str) -> (BTreeMap<String, String>, Vec<Finding>) {
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
        let sarif = sarif.without_rules();
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
fn places() -> usize {
    let asked = std::env::var("FLOWGATE_PLACES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(2_000)
}

/// Does this for each of so many flows, on all cores, and says how many places were tried: a review in a debug build takes
/// its time.
pub(super) fn for_each(flows: usize, test: impl Fn(u64) -> usize + Sync) -> usize {
    let cores = std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN);
    let seeds = (0..flows as u64).collect::<Vec<_>>();
    parallel::map(cores, seeds, test).into_iter().sum()
}

/// The letters and digits of a text: nothing that markup puts between them parts a secret.
fn letters_and_digits(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric)
}

/// Eight letters and digits in a row.
#[derive(Default, Clone, Copy)]
struct Part(u64);

impl Part {
    fn then(self, byte: u8) -> Self {
        Self(self.0 << 8 | u64::from(byte))
    }

    fn is_whole(self) -> bool {
        self.0 >> 56 != 0
    }

    fn last_two(self) -> usize {
        let [.., one, two] = self.0.to_be_bytes();
        usize::from(u16::from_be_bytes([one, two]))
    }

    fn shown(self) -> String {
        String::from_utf8_lossy(&self.0.to_be_bytes()).into_owned()
    }
}

/// Every part of some secrets, to be found in long texts: seldom more than one look at a byte of them.
struct Parts {
    all: BTreeSet<u64>,
    last_two: Vec<bool>,
}

impl Parts {
    fn of<'s>(secrets: impl Iterator<Item = &'s str>) -> Self {
        let mut parts = Self {
            all: BTreeSet::new(),
            last_two: vec![false; 1 << 16],
        };
        for secret in secrets {
            let mut part = Part::default();
            for byte in letters_and_digits(secret) {
                part = part.then(byte);
                if part.is_whole() {
                    parts.all.insert(part.0);
                    parts.last_two[part.last_two()] = true;
                }
            }
        }
        parts
    }

    fn first_in(&self, text: &str) -> Option<String> {
        let mut part = Part::default();
        for byte in letters_and_digits(text) {
            part = part.then(byte);
            if self.last_two[part.last_two()] && self.all.contains(&part.0) {
                return Some(part.shown());
            }
        }
        None
    }
}

/// A secret at a place of a flow, and the one that stood there before.
struct Placement {
    named: &'static str,
    again: &'static str,
    old: Forms,
    new: Forms,
}

impl Placement {
    fn thrown(dice: &mut Dice) -> Self {
        Self {
            named: dice.one(&NAMED),
            again: dice.one(&AGAIN),
            old: Forms::of(&dice.secret()),
            new: Forms::of(&dice.secret()),
        }
    }

    fn named(&self, secret: &Forms) -> String {
        secret.written(self.named)
    }

    fn all(&self, secret: &Forms) -> String {
        self.named(secret) + &secret.written(self.again)
    }
}

/// Whether the rule reports a text in which this stands.
fn is_reported(secret: &str, text: &str, findings: &[Finding]) -> bool {
    let mut spans = findings
        .iter()
        .filter(|finding| finding.rule.as_str() == "hardcoded-secret")
        .map(|finding| &finding.location.span);
    spans.any(|span| text[span.start as usize..span.end as usize].contains(secret))
}

#[test]
fn what_the_rule_reports_no_output_shows() {
    let tried = for_each(places() / 4, |seed| {
        let mut dice = Dice(seed);
        let all = taken(&mut dice).map(|is| is.then(|| Placement::thrown(&mut dice)));
        let said: Vec<&Placement> = all.iter().flatten().collect();
        let label = said.iter().find(|placement| !placement.again.is_empty());
        let label = label.map_or("", |placement| &placement.new.plain);
        let fields =
            |of: &dyn Fn(&Placement) -> String| all.each_ref().map(|it| it.as_ref().map(of));
        let head = flow(&mut dice, &fields(&|it| it.all(&it.new)), label, "1.1.0");
        let mut before = match dice.below(4) {
            0 => None,
            1 => Some(fields(&|_| "\"z\":1".to_owned())),
            2 => Some(fields(&|it| it.named(&it.new))),
            _ => Some(fields(&|it| it.all(&it.old))),
        };
        // Every other time each stood elsewhere before.
        if let Some(before) = &mut before {
            before.rotate_right(dice.below(2));
        }
        let before = before.map(|before| flow(&mut dice, &before, "none", "1.0.0"));
        let (texts, findings) = outputs(before.as_deref(), &head);
        for placement in &said {
            assert!(
                is_reported(&placement.new.plain, &head, &findings),
                "seed {seed}: `{}` is not reported: {head}",
                placement.named
            );
        }
        let forms = said.iter().flat_map(|it| [&it.old, &it.new]);
        let parts = Parts::of(forms.flat_map(Forms::all));
        for (what, text) in &texts {
            if let Some(part) = parts.first_in(text) {
                panic!("seed {seed}: {what} shows {part}: {head}\n{text}");
            }
        }
        said.len()
    });
    assert!(tried >= places(), "{tried} placements");
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

/// What may stand where a secret may stand, and may be none.
const DOUBTFUL: [&str; 8] = [
    "old",
    "secret-1",
    "tier2-support",
    "5f0c1f5e2d0b4f5e9a570c8a4a1d7e02",
    "k-3-secret",
    "step2.result",
    "main",
    "Welcome",
];

#[test]
fn where_something_is_hidden_the_rule_reports_it() {
    let tried = for_each(places() * 2 / 5, |seed| {
        let mut dice = Dice(seed ^ 0x5eed);
        // Every other time one place that may hold a secret, with something that may be none.
        let is_doubtful = seed % 2 == 0;
        let mut head: [Option<String>; PLACES] = Default::default();
        if is_doubtful {
            let (named, value) = (dice.one(&NAMED), dice.one(&DOUBTFUL));
            head[dice.below(PLACES)] = Some(named.replace('§', value));
        } else {
            head = taken(&mut dice).map(|is| is.then(|| dice.one(&HARMLESS).to_owned()));
        }
        let tried = head.iter().flatten().count();
        let before = taken(&mut dice).map(|is| is.then(|| dice.one(&HARMLESS).to_owned()));
        let head = flow(&mut dice, &head, "", "1.1.0");
        let before = flow(&mut dice, &before, "", "1.0.0");
        let is_reported = reported_alone(&head) || reported_alone(&before);
        assert!(is_doubtful || !is_reported, "seed {seed}: {head}\n{before}");
        let (texts, _) = outputs(Some(&before), &head);
        for (what, text) in &texts {
            // An error is searched as what others say: there more is hidden.
            if !is_reported && !what.starts_with("error") {
                assert!(
                    !text.contains("‹redacted"),
                    "seed {seed}: {what}: {head}\n{before}\n{text}"
                );
            }
        }
        tried
    });
    assert!(tried >= places(), "{tried} placements");
}

/// What is sent, merged and formatted is written as it is.
#[test]
fn nothing_is_hidden_from_what_is_written_back() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let secret = dice.secret();
        let fields = taken(&mut dice).map(|is| is.then(|| dice.one(&NAMED).replace('§', &secret)));
        let text = flow(&mut dice, &fields, "", "1.1.0");
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
