//! The server's own words: what an error answer says, made fit to be shown.
//!
//! Answers of errors are read in every shape the contract names, and nothing of a secret is in what comes out.

use flowgate_core::redact::Redactor;
use serde_json::Value;

/// No more of an error answer is read.
pub(super) const MOST_BYTES: usize = 64 * 1024;
/// No more of it is shown.
const MOST_CHARS: usize = 500;
/// How many entries of a list of errors are shown.
const MOST_ENTRIES: usize = 8;

/// What the answer says, on one line. Never empty: an answer without words is said to be one.
pub(super) fn of_answer(body: &[u8], redactor: &Redactor) -> String {
    let body = body.get(..MOST_BYTES).unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let words = match serde_json::from_str::<Value>(&text) {
        Ok(value) => of_value(&value),
        Err(_) if looks_like_html(&text) => of_html(&text),
        Err(_) => Some(text.into_owned()),
    };
    words
        .map(|words| clean(&words, redactor))
        .filter(|words| !words.is_empty())
        .unwrap_or_else(|| "(no words in the answer)".to_owned())
}

/// Any text made fit to be shown: one line, no control characters, no secrets, not too long.
pub(super) fn clean(text: &str, redactor: &Redactor) -> String {
    let mut line = String::with_capacity(text.len().min(4 * MOST_CHARS));
    for c in text.chars().filter(|&c| c.is_whitespace() || !is_unseen(c)) {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    // Only now: a control character in the middle must not hide a secret.
    let line = redactor.text(line.trim_end());
    match line.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.into_owned(),
    }
}

/// Controls, and what turns the direction of text round or cannot be seen.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn of_value(value: &Value) -> Option<String> {
    let members = match value {
        Value::String(words) => return Some(words.clone()),
        Value::Array(entries) => return of_list(entries),
        Value::Object(members) => members,
        _ => return None,
    };
    let mut said: Vec<String> = Vec::new();
    let mut say = |words: Option<String>| {
        if let Some(words) = words.filter(|words| !words.trim().is_empty())
            && !said.contains(&words)
        {
            said.push(words);
        }
    };
    // The word for the error stands before the sentence about it, as in `invalid_client: no such client`.
    say(members.get("error").and_then(of_value));
    for key in [
        "message",
        "error_description",
        "errorDescription",
        "detail",
        "title",
    ] {
        say(members.get(key).and_then(Value::as_str).map(str::to_owned));
    }
    for key in ["errors", "problems", "details"] {
        say(members.get(key).and_then(of_value));
    }
    (!said.is_empty()).then(|| said.join(": "))
}

fn of_list(entries: &[Value]) -> Option<String> {
    let mut said: Vec<String> = entries
        .iter()
        .take(MOST_ENTRIES)
        .filter_map(of_entry)
        .collect();
    if let Some(more) = entries
        .len()
        .checked_sub(MOST_ENTRIES)
        .filter(|&more| more > 0)
    {
        said.push(format!("and {more} more"));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// One of several errors: `field: message (CODE)`.
fn of_entry(entry: &Value) -> Option<String> {
    let text = |key: &str| {
        entry
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let field = text("field").or_else(|| text("path"));
    let code = text("code");
    let words = of_value(entry);
    let mut line = match (field, words) {
        (Some(field), Some(words)) => format!("{field}: {words}"),
        (Some(field), None) => field.to_owned(),
        (None, Some(words)) => words,
        (None, None) => return code.map(str::to_owned),
    };
    if let Some(code) = code {
        line.push_str(" (");
        line.push_str(code);
        line.push(')');
    }
    Some(line)
}

fn looks_like_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(256).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("<!doctype")
        || start.starts_with("<html")
        || start.contains("<head")
        || start.contains("<body")
}

/// The title of a page, else its text.
fn of_html(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let start = at + lower.get(at..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find("</title")?;
        page.get(start..end).map(without_tags)
    });
    title
        .filter(|title| !title.trim().is_empty())
        .or_else(|| Some(without_tags(page)))
}

fn without_tags(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let mut text = String::new();
    let mut from = 0;
    // What was not found once behind a place stands nowhere behind it.
    let mut closes = [("script", "</script", true), ("style", "</style", true)];
    while let Some(length) = lower[from..].find('<') {
        let at = from + length;
        text.push_str(&page[from..at]);
        text.push(' ');
        let tag = &lower[at..];
        // What stands in a script or a style sheet is not for people.
        let hidden = closes
            .iter_mut()
            .find(|(name, _, is_there)| *is_there && tag[1..].starts_with(*name));
        let end = hidden
            .and_then(|(_, closing, is_there)| {
                let close = tag.find(*closing);
                *is_there = close.is_some();
                Some(close? + tag.get(close?..)?.find('>')?)
            })
            .or_else(|| tag.find('>'));
        from = end.map_or(page.len(), |end| at + end + 1);
    }
    text.push_str(&page[from..]);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        of_answer(
            body.as_bytes(),
            &Redactor::new(vec!["s3cr3t/canary+".to_owned()]),
        )
    }

    #[test]
    fn the_words_are_found_in_every_shape_of_answer() {
        for (body, words) in [
            (r#"{"message":"no such flow"}"#, "no such flow"),
            (
                r#"{"error":"invalid_client","error_description":"unknown client"}"#,
                "invalid_client: unknown client",
            ),
            (
                r#"{"error":"Conflict","errorDescription":"script is locked"}"#,
                "Conflict: script is locked",
            ),
            (
                r#"{"error":{"code":7,"message":"inner words"}}"#,
                "inner words",
            ),
            (r#"{"errors":["first","second"]}"#, "first; second"),
            (
                r#"{"message":"bad payload","errors":[{"field":"elements[0].type","message":"unknown type","code":"X1"}]}"#,
                "bad payload: elements[0].type: unknown type (X1)",
            ),
            (
                r#"{"problems":[{"path":"/version","message":"taken"}]}"#,
                "/version: taken",
            ),
            (r#"{"details":[{"code":"HISTORY_FULL"}]}"#, "HISTORY_FULL"),
            ("upstream connect error\r\n", "upstream connect error"),
            (
                "<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head><body><h1>x</h1></body></html>",
                "502 Bad Gateway",
            ),
            (
                "<html><body><script>var a=1</script><h1>Down</h1><p>for &lt;maintenance&gt;</p></body></html>",
                "Down for <maintenance>",
            ),
            ("", "(no words in the answer)"),
            ("{}", "(no words in the answer)"),
            ("null", "(no words in the answer)"),
            (r#"{"message":"cut o"#, r#"{"message":"cut o"#),
        ] {
            assert_eq!(said(body), words, "{body}");
        }
    }

    #[test]
    fn hostile_words_stay_on_one_line_and_give_no_secret_away() {
        assert_eq!(
            said("a\u{1b}[31m\n::error::b\u{202e}c\0d"),
            "a[31m ::error::bcd"
        );
        assert_eq!(
            said(r#"{"message":"token s3cr3t/canary+ expired"}"#),
            "token ‹redacted› expired"
        );
        assert_eq!(said(r#"{"message":"s3cr3t\/canary+"}"#), "‹redacted›");
        assert_eq!(said("s3cr\u{7}3t/canary+"), "‹redacted›");
        assert_eq!(
            said("client_secret=s3cr3t%2Fcanary%2B&x"),
            "client_secret=‹redacted›&x"
        );
        let long = said(&"é".repeat(100_000));
        assert_eq!(long.chars().count(), MOST_CHARS + 1);
        let many = format!("[{}]", vec![r#""x""#; 20].join(","));
        assert!(said(&many).ends_with("and 12 more"));
    }
}
