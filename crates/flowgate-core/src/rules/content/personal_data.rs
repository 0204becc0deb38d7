//! `personal-data`: somebody's own data stands in the flow.

use crate::finding::{RuleId, Severity};
use crate::redact::marks::Mark;
use crate::rules::texts::Text;
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("personal-data"),
    severity: Severity::Warning,
    firm: None,
    summary: "a card number, or the address or number of a person, stands in the flow",
    explanation: "Every caller hears it, and everybody who can read the repository sees it: a colleague's own number, a card that somebody tested with.

Delete it, or use the number of the team (`service@…`, a switchboard). Found are payment card numbers (by issuer, length and check digit; test
cards are known), and in prompts e-mail addresses of the form `first.last@…` or at free mail providers, and mobile telephone
numbers. Addresses of roles, examples, free numbers and fixed lines are left alone. The value is never shown.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hi","type":"IVR","configuration":{"prompt":"Write to erika.musterfrau@northwind.eu."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"hi"},
  {"id":"c2","sourceId":"hi","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"hi","type":"IVR","configuration":{"prompt":"Write to claims@northwind.eu."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"hi"},
  {"id":"c2","sourceId":"hi","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    for text in context.texts() {
        let value = text.text.as_ref();
        let digits = text.marks.digits;
        let what = if digits >= 13 && !is_id(text) && has_card(value) {
            "what looks like a payment card number"
        } else if text.marks.has(Mark::At) && text.is_spoken() && has_persons_mail(value) {
            "what looks like a person's e-mail address"
        } else if digits >= 9 && text.is_spoken() && has_mobile_number(value) {
            "what looks like a person's mobile number"
        } else {
            continue;
        };
        text.raise_unseen(&RULE, context, sink, |whose, place| {
            format!("{whose} holds {what} at {place}")
        })
        .hint("delete it, or use an address or number of the team");
    }
}

fn is_id(text: &Text<'_>) -> bool {
    matches!(
        text.last_word(),
        "id" | "ids" | "guid" | "uuid" | "hash" | "digest" | "etag" | "timestamp" | "version"
    )
}

/// Runs of digits with single spaces, dashes or the like between them, apart from letters; and whether `+` is before.
fn numbers(text: &str, between: &[char]) -> Vec<(String, bool, usize)> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let start = at;
        if !letters[at].1.is_ascii_digit() {
            at += 1;
            continue;
        }
        let mut digits = String::new();
        let mut end = at;
        while at < letters.len() {
            let letter = letters[at].1;
            if letter.is_ascii_digit() {
                digits.push(letter);
                end = at;
            } else if !(between.contains(&letter) && at - end < 2) {
                break;
            }
            at += 1;
        }
        let before = start.checked_sub(1).map(|before| letters[before].1);
        let after = letters.get(end + 1).map(|&(_, after)| after);
        let apart = |c: Option<char>| {
            c.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '/' | '='))
        };
        if apart(before) && apart(after) {
            found.push((digits, before == Some('+'), letters[start].0));
        }
    }
    found
}

fn has_card(text: &str) -> bool {
    const TESTS: [&str; 12] = [
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "5555555555554444",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "4000056655665556",
        "30569309025904",
        "3530111333300000",
        "4222222222222",
    ];
    numbers(text, &[' ', '-']).iter().any(|(digits, plus, _)| {
        !plus && is_of_an_issuer(digits) && passes_luhn(digits) && !TESTS.contains(&digits.as_str())
    })
}

fn is_of_an_issuer(digits: &str) -> bool {
    let head = |length: usize| {
        digits
            .get(..length)
            .and_then(|head| head.parse::<u32>().ok())
            .unwrap_or(0)
    };
    match digits.len() {
        14 => matches!(head(2), 36 | 38) || matches!(head(3), 300..=305),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 35 | 65)
                || matches!(head(4), 2221..=2720 | 6011)
        }
        _ => false,
    }
}

fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 1 { 2 } else { 1 };
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    let first = digits.bytes().next();
    sum.is_multiple_of(10) && !digits.bytes().all(|byte| Some(byte) == first)
}

fn has_persons_mail(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let of_address = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        let before = &text[..at];
        let local = &before[before.rfind(|c| !of_address(c)).map_or(0, |end| {
            end + before[end..].chars().next().map_or(1, char::len_utf8)
        })..];
        let rest = &text[at + 1..];
        let domain = rest[..rest.find(|c| !of_address(c)).unwrap_or(rest.len())]
            .trim_end_matches('.')
            .to_lowercase();
        domain.contains('.') && is_persons(&local.to_lowercase(), &domain)
    })
}

fn is_persons(local: &str, domain: &str) -> bool {
    const ROLES: [&str; 52] = [
        "info",
        "support",
        "help",
        "helpdesk",
        "service",
        "services",
        "customer",
        "customers",
        "kunden",
        "kundenservice",
        "contact",
        "kontakt",
        "contacto",
        "sales",
        "vertrieb",
        "office",
        "team",
        "billing",
        "invoice",
        "invoices",
        "accounts",
        "account",
        "claims",
        "orders",
        "order",
        "noreply",
        "no",
        "reply",
        "mail",
        "post",
        "admin",
        "hr",
        "jobs",
        "career",
        "careers",
        "press",
        "presse",
        "privacy",
        "datenschutz",
        "security",
        "feedback",
        "complaints",
        "returns",
        "desk",
        "care",
        "it",
        "booking",
        "reservations",
        "reception",
        "survey",
        "center",
        "hello",
    ];
    const FREE: [&str; 12] = [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "icloud.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "t-online.de",
        "proton.me",
        "aol.com",
    ];
    let parts: Vec<&str> = local.split(['.', '_', '-', '+']).collect();
    let role = parts.iter().any(|part| ROLES.contains(part));
    let example = domain.starts_with("example.")
        || [".example", ".test", ".invalid"]
            .iter()
            .any(|end| domain.ends_with(end));
    let name = parts.len() == 2
        && parts
            .iter()
            .all(|part| part.chars().count() > 1 && part.chars().all(char::is_alphabetic));
    !role && !example && !local.is_empty() && (name || FREE.contains(&domain))
}

/// Numbers that are a mobile's by their plan, or that the words before them call so.
fn has_mobile_number(text: &str) -> bool {
    numbers(text, &[' ', '-', '/', '.', '(', ')'])
        .iter()
        .any(|(digits, plus, start)| {
            let count = digits.len();
            let country = if *plus {
                Some(digits.as_str())
            } else {
                digits.strip_prefix("00")
            };
            if let Some(number) = country {
                let plans = [
                    "4915", "4916", "4917", "447", "336", "337", "4366", "4367", "4368", "4369",
                    "417", "393", "346", "347", "316", "614",
                ];
                return count >= 10 && plans.iter().any(|plan| number.starts_with(plan));
            }
            let head: String = text[..*start]
                .chars()
                .rev()
                .take(30)
                .collect::<String>()
                .chars()
                .rev()
                .collect::<String>()
                .to_lowercase();
            let said = [
                "mobile",
                "cell ",
                "cellphone",
                "cell:",
                "handy",
                "portable",
                "móvil",
                "celular",
            ]
            .iter()
            .any(|word| head.contains(word));
            let free = [
                "800", "888", "877", "866", "855", "844", "833", "0800", "1800", "1888", "1877",
                "1866",
            ]
            .iter()
            .any(|free| digits.starts_with(free));
            let fictional = digits.contains("55501");
            said && !free && !fictional && (9..=13).contains(&count)
        })
}
