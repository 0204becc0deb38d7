//! Any known secret, written in any of its forms among any text: no place that people or programs read shows it.
//! `cargo +nightly fuzz run redaction`
#![no_main]

use flowgate_core::delta::diff;
use flowgate_core::flow::{Content, Layout, Reading, native};
use flowgate_core::order::Provenances;
use flowgate_core::plan::{PlanSettings, Touch};
use flowgate_core::policy::Policy;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::html::Picture;
use flowgate_core::report::json::{self, Outcome};
use flowgate_core::report::sarif::{self, SarifSettings};
use flowgate_core::report::terminal::{self, Colour};
use flowgate_core::report::{diff as differences, safe};
use flowgate_core::review::{Assembly, FlowFile, Input, Settings};
use flowgate_core::rules::RuleSettings;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// What stands at either end of each secret: long enough to be told from chance.
const HEAD: &str = "q7Zx3vKd9";
const TAIL: &str = "8mWr5TbJ2";

fuzz_target!(|bytes: &[u8]| {
    let [layers, kind, length, rest @ ..] = bytes else {
        return;
    };
    let length = usize::from(length % 32).min(rest.len());
    let (inside, around) = rest.split_at(length);
    // What is cut off of a credential at its ends, or parts its lines, is for the tests of the redactor.
    let inside = String::from_utf8_lossy(inside);
    let inside: String = inside.chars().filter(|c| !c.is_control()).collect();
    let secret = format!("{HEAD}{inside}{TAIL}");
    let (before, after) = around.split_at(around.len() / 2);
    let [before, after] = [before, after].map(|text| String::from_utf8_lossy(text).into_owned());
    // By chance or by the fuzzer's own hand.
    if [&before, &after].iter().any(|text| tells(text)) || tells(&inside) {
        return;
    }
    let written = written(&secret, *layers);
    let redactor = Redactor::new(vec![secret.clone()]);
    let text = format!("{before} {written} {after}");
    let marked = redactor.marked(&text, before.len()..text.len());
    for shown in [
        redactor.text(&text).into_owned(),
        redactor.of_flow(&text).into_owned(),
        redactor.told(&text).into_owned(),
        marked.0,
    ] {
        assert!(
            !shown.contains(&written),
            "{secret:?} {written:?}: {shown:?}"
        );
        assert!(!tells(&shown), "{secret:?} {written:?}: {shown:?}");
    }
    // A review takes a hundred times as long.
    if kind & 7 == 0 {
        outputs(redactor, &secret, &written, [&before, &after], kind >> 3);
    }
});

/// Whether either end of a secret stands in a text, whatever markup stands in it.
fn tells(text: &str) -> bool {
    let seen = safe::line(text).replace(['\u{200b}', '\\'], "");
    seen.contains(HEAD) || seen.contains(TAIL)
}

/// A secret in up to three forms, one in the other.
fn written(secret: &str, layers: u8) -> String {
    let mut text = match layers & 3 {
        0 => base64(secret),
        1 => base64(&format!("client-7:{secret}")),
        _ => secret.to_owned(),
    };
    let mut layers = layers >> 2;
    for _ in 0..2 {
        text = form(&text, layers % 7);
        layers /= 7;
    }
    text
}

fn form(text: &str, form: u8) -> String {
    let each = |write: &dyn Fn(u8) -> String| text.bytes().map(write).collect::<String>();
    let escaped = |byte: u8| !byte.is_ascii_alphanumeric();
    match form {
        0 => each(&|byte| format!("%{byte:02X}")),
        1 => each(&|byte| match byte {
            b' ' => "+".to_owned(),
            byte if escaped(byte) => format!("%{byte:02x}"),
            byte => char::from(byte).to_string(),
        }),
        2 => Value::from(text).to_string().trim_matches('"').to_owned(),
        3 => text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
        4 => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;"),
        5 => safe::inline(text),
        _ => text.to_owned(),
    }
}

/// Without padding, as it stands inside of a longer text.
fn base64(text: &str) -> String {
    flowgate_core::hash::base64(text).trim_end_matches('=').to_owned()
}

/// A flow with a secret in it, in all outputs that core makes.
fn outputs(redactor: Redactor, secret: &str, written: &str, around: [&str; 2], kind: u8) {
    const KEYS: [&str; 8] = [
        "apiKey",
        "prompt",
        "note",
        "endpoint",
        "script",
        "authorization",
        "x",
        "message",
    ];
    let key = |nth: u8| KEYS[usize::from((kind + nth) % 8)];
    let [before, after] = around;
    let flow = |value: &str| {
        json!({"flowId": "main", "version": "1.0.0", "name": before, "elements": [
            {"id": "b", "type": "Begin"},
            {"id": "x", "type": "API", "label": format!("{after} {value}"), "configuration": {
                key(0): format!("{before} {value} {after}"), "deep": [{key(3): value}], "headers": [{"name": before, "value": value}]}},
            {"id": if kind & 8 == 0 { "e" } else { "x" }, "type": "End"}],
            "connectors": [{"id": "c1", "sourceId": "b", "targetId": "x", key(2): value}, {"id": "c2", "sourceId": "x", "targetId": "e"}]})
        .to_string()
    };
    let sides = if kind & 16 == 0 {
        [flow("none"), flow(written)]
    } else {
        [flow(secret), flow("none")]
    };
    let settings = Settings {
        plan: PlanSettings::default(),
        rules: RuleSettings {
            redactor: redactor.clone(),
            ..RuleSettings::default()
        },
        policy: Policy::default(),
    };
    let input = Input::default();
    let assembly = Assembly::new(&input, &settings);
    let [base, head] = sides.each_ref().map(|text| read(text));
    let file = FlowFile {
        path: "flows/main.json".parse().unwrap(),
        head: Some(head),
        base: Some(base),
        touch: Touch::Touched,
    };
    let review = assembly.conclude(vec![assembly.judge(&file, None)], &Provenances::new());
    let sarif = sarif::log(&review, &[], &redactor, &SarifSettings::default());
    let sarif = serde_json::to_value(&sarif).unwrap();
    let comment = comment::render(&review, &redactor, &CommentSettings::default());
    assert!(!tells(&comment), "{secret:?}: {sides:?}\n{comment}");
    let mut all = vec![
        comment,
        terminal::render(&review, &redactor, Colour::Plain),
        serde_json::to_string(&json::check(&review, Outcome::Passed, &redactor)).unwrap(),
        sarif["runs"][0]["results"].to_string(),
    ];
    let sides = sides.each_ref().map(|text| read(text).flow);
    if let [Some(old), Some(new)] = &sides {
        let delta = diff(old, new, &Layout::default());
        let picture = Picture {
            old: Some(old),
            new,
            delta: &delta,
        };
        all.extend([
            differences::render(&delta, old, new, &redactor, Colour::Plain),
            serde_json::to_string(&differences::data(&delta, old, new, &redactor)).unwrap(),
            picture.page(&redactor),
            picture.mermaid(&redactor),
        ]);
    }
    for shown in all {
        let is_told = [HEAD, TAIL, written]
            .iter()
            .any(|part| shown.contains(part));
        assert!(!is_told, "{secret:?}: {written:?}: {sides:?}\n{shown}");
    }
}

fn read(text: &str) -> Reading {
    native::read(
        "flows/main.json".parse().unwrap(),
        Content::Bytes(text.as_bytes().to_vec()),
    )
}
