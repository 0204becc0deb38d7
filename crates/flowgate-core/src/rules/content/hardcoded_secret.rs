//! `hardcoded-secret`: a password, key or token stands in the flow.

use crate::finding::{RuleId, Severity};
use crate::redact::{is_secret_key, named, shaped};
use crate::rules::marks::Mark;
use crate::rules::texts::{self, Text};
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("hardcoded-secret"),
    severity: Severity::Error,
    firm: None,
    summary: "a password, key or token stands in the flow",
    explanation: "Everybody who can read the repository, its history or a copy of the flow can use the secret, for instance to read
callers' data. Deleting it later is not enough: it stays in the history.

Change the secret where it was made, and let the flow refer to the tenant's vault (`{{secrets.crm}}`, `${CRM_KEY}`,
`vault:crm`). Found are secrets by the name of their field (`apiKey`, `password`; numbers of six digits and more too) or by the name beside them (a header's `name` and `value`), by their shape (`Bearer …`, `Basic …`,
known prefixes, JSON web tokens, private keys, user and password in an address) and, in `auth`, `key` and `headers`, by being
long and random. References, placeholders and names of variables are no secrets. The value is never shown.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://crm.example.com/v1","apiKey":"k7Qz-93fhT-20xLm"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://crm.example.com/v1","apiKey":"{{secrets.crm}}"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    for text in context.texts() {
        let Some(what) = what(text) else { continue };
        text.raise_unseen(&RULE, context, sink, |whose, place| {
            format!("{whose} holds {what} at {place}")
        })
        .hint("change the secret where it was made, and refer to the tenant's vault from here");
    }
}

/// What kind of secret a text holds.
fn what(text: &Text<'_>) -> Option<&'static str> {
    let value = text.text.as_ref();
    if text.has_secret_key() && !names_a_reference(text) && is_plausible(text.key(), value) {
        return Some("a secret (by the name of its field)");
    }
    // Half of all texts are ids: they begin no secret of a known shape, name none, and are not random by our measure.
    if !text.marks.has(Mark::BeyondIds) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| value.get(range).unwrap_or("");
    let by_shape = shaped(value).into_iter().map(part).any(|secret| {
        secret.contains("PRIVATE KEY-----")
            || is_plausible("", secret)
            || secret.contains(':') && is_literal(secret)
    });
    if by_shape {
        return Some("a secret (by its shape)");
    }
    // In a sentence, "password: …" is what callers are told.
    let in_sentence = || value.matches(' ').count() > 2;
    let has_sign = text.marks.has(Mark::Colon) || text.marks.has(Mark::Equals);
    if has_sign
        && !in_sentence()
        && named(value)
            .into_iter()
            .map(part)
            .any(|secret| is_plausible("", secret))
    {
        return Some("a secret (by the name before it)");
    }
    is_random(text).then_some("what looks like a key: long and random")
}

/// A field that says which secret, not what it is.
fn names_a_reference(text: &Text<'_>) -> bool {
    const ABOUT: [&str; 14] = [
        "id",
        "ref",
        "reference",
        "alias",
        "path",
        "location",
        "source",
        "arn",
        "format",
        "style",
        "status",
        "header",
        "message",
        "key-id",
    ];
    ABOUT.contains(&text.last_word()) || text.is_spoken()
}

/// Whether a text stands for itself: no placeholder, no reference to where the secret is kept.
fn is_literal(value: &str) -> bool {
    const KEPT: [&str; 15] = [
        "$",
        "@",
        "#{",
        "vault",
        "secret",
        "env",
        "arn:",
        "op://",
        "ssm:",
        "keyvault",
        "kv:",
        "projects/",
        "ref:",
        "your",
        "/",
    ];
    let lower = value.to_ascii_lowercase();
    let first = value.chars().next();
    let masked = value
        .chars()
        .all(|c| Some(c) == first || matches!(c, '*' | 'x' | 'X' | '.' | '•' | '-' | '_'));
    !texts::has_placeholder(value)
        && !masked
        && !KEPT.iter().any(|kept| lower.starts_with(kept))
        && ![
            "changeme",
            "change-me",
            "replace",
            "placeholder",
            "redacted",
            "xxxx",
            "****",
            "todo",
        ]
        .iter()
        .any(|word| lower.contains(word))
}

fn is_plausible(key: &str, value: &str) -> bool {
    let value = value.trim();
    if value.len() < 6
        || value.contains(char::is_whitespace)
        || value.contains("://")
        || !is_literal(value)
    {
        return false;
    }
    let lower = key.to_ascii_lowercase();
    let is_password = ["passw", "pwd", "passphrase"]
        .iter()
        .any(|word| lower.contains(word));
    let digits = value.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        // Letters alone are mostly the name of a variable or of a way to log in.
        const WORDS: [&str; 12] = [
            "required", "optional", "disabled", "enabled", "hidden", "masked", "prompt", "caller",
            "default", "inherit", "unused", "expired",
        ];
        let name = value
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
        let path = name && value.contains(['_', '.']);
        return is_password
            && !WORDS.contains(&value.to_ascii_lowercase().as_str())
            && !is_secret_key(value)
            && !path;
    }
    // `token2`, `crm.token.v1` are names; a key mixes digits among its letters.
    let name = is_secret_key(value) && digits <= 2;
    let call = value.ends_with(')') || value.contains("==");
    !name && !call
}

/// Long and random, in a place where keys stand.
fn is_random(text: &Text<'_>) -> bool {
    let value = text.text.trim();
    let token =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '~');
    if value.len() < 24 || value.len() > 512 || !value.chars().all(token) {
        return false;
    }
    // Ids are long and random too, and there are many: what tells them apart at once comes first.
    let has = |kind: fn(&char) -> bool| value.chars().filter(kind).count() >= 3;
    let mixed =
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    let in_place = || {
        matches!(text.last_word(), "key" | "auth" | "pass" | "credentials")
            || text.pointer().split('/').any(|step| {
                matches!(
                    step.to_ascii_lowercase().as_str(),
                    "headers" | "auth" | "authentication"
                )
            })
    };
    mixed && in_place() && is_literal(value) && entropy(value) > 4.0
}

/// Bits a letter, after Shannon.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let share = |&count: &u32| f64::from(count) / total;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(share)
        .map(|share| -share * share.log2())
        .sum()
}
