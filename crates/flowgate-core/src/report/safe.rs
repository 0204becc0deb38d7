//! Text from flows, made harmless for the places that show it: markdown on GitHub, mermaid, a terminal.
//!
//! Nobody who writes a flow may write a mention, a link, markup, a diagram directive, a workflow command or a marker
//! through us. Secrets are not this file's work: redact before escaping, else an escape can hide a secret's shape.

use std::fmt::Write as _;

use crate::text::is_invisible;

#[cfg(test)]
mod tests;

/// The most characters of one name or sentence in a report.
const INLINE: usize = 240;

/// The most characters of one piece of inline code.
pub(super) const CODE: usize = 160;

/// The most characters of a label in a picture.
const LABEL: usize = 40;

/// So many hexadecimal digits may be a commit's id.
const COMMIT: usize = 7;

/// Ends what GitHub would take for a mention, a reference or a link; has no width.
const STOP: char = '\u{200b}';

/// One line of visible text: white space folded, everything invisible gone. Not escaped for any markup.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_whitespace() || matches!(char, '\u{2028}' | '\u{2029}') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(char) {
            out.push(char);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The text, or its beginning with `…` where it is longer than `most` characters.
pub fn cap(text: &str, most: usize) -> String {
    if text.char_indices().nth(most).is_none() {
        text.to_owned()
    } else {
        let kept: String = text.chars().take(most.saturating_sub(1)).collect();
        format!("{}…", kept.trim_end())
    }
}

/// Text for a sentence or a table cell in GitHub markdown (never the first thing in a line).
pub fn inline(text: &str) -> String {
    escape(&cap(&line(text), INLINE))
}

/// Text that holds literals between back-ticks, as findings do: the literals become code, all else is [`inline`].
pub fn prose(text: &str) -> String {
    let text = cap(&line(text), 2 * INLINE);
    let parts: Vec<&str> = text.split('`').collect();
    // An odd back-tick has no partner: then nothing is a literal.
    if parts.len().is_multiple_of(2) {
        return escape(&text);
    }
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| match (index % 2, part.trim()) {
            (1, "") => escape("``"),
            (1, literal) => code(literal),
            _ => escape(part),
        })
        .collect()
}

fn escape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        let begins_word = at == 0 || !is_word(chars[at - 1]);
        if begins_word && is_word(char) {
            let word: String = chars[at..].iter().take_while(|&&c| is_word(c)).collect();
            at += word.chars().count();
            push_word(&word, &chars[at..], &mut out);
            continue;
        }
        at += 1;
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A pipe ends a table cell wherever it stands, and a dollar begins a formula.
            '|' => out.push_str("&#124;"),
            '$' => out.push_str("&#36;"),
            '@' => out.extend(['@', STOP]),
            '#' => out.extend(['\\', '#', STOP]),
            '`' | '*' | '_' | '[' | ']' | '(' | ')' | '~' | '!' | '\\' | '{' | '}' | '^' => {
                out.extend(['\\', char]);
            }
            _ => out.push(char),
        }
    }
    out
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric()
}

/// Words that GitHub makes links of get a stop: `GH-1`, commit ids, `https:`, `www.`.
fn push_word(word: &str, after: &[char], out: &mut String) {
    let next = |expected: &str| after.iter().take(expected.len()).collect::<String>() == expected;
    let lower = word.to_ascii_lowercase();
    // Every part must be too short for a commit's id, or the rest of the word is taken for one.
    if word.len() >= COMMIT && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        for (place, digit) in word.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                out.push(STOP);
            }
            out.push(digit);
        }
        return;
    }
    out.push_str(word);
    let link = next("://")
        || lower.ends_with("www") && next(".")
        || matches!(lower.as_str(), "mailto" | "xmpp") && next(":");
    let reference = lower == "gh" && next("-");
    if link || reference {
        out.push(STOP);
    }
}

/// Inline code: an id or a value, as it can be copied. Safe in table cells too.
pub fn code(text: &str) -> String {
    let text = cap(&line(text), CODE);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    if text.contains(['|', '<', '$']) {
        // A back-tick fence cannot keep a pipe from ending a cell, nor a comment marker from being found.
        return format!("<code>{}</code>", escape(&text));
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A fenced block that nothing inside can end. `language` is ours, never a flow's.
pub fn fence(text: &str, language: &str) -> String {
    let text: String = text
        .chars()
        .filter(|&char| matches!(char, '\n' | '\t') || !is_invisible(char))
        .collect();
    let text = text.replace("<!--", "<!\u{200b}--");
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!(
        "{fence}{language}\n{}\n{fence}",
        text.trim_end_matches('\n')
    )
}

fn longest_run(text: &str) -> usize {
    text.split(|char| char != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// A label between the quotes of a mermaid node or edge.
pub fn label(text: &str) -> String {
    let text = cap(&line(text), LABEL);
    if crate::text::is_blank(&text) {
        // An empty label is no label: the picture would not parse.
        return "?".to_owned();
    }
    let mut out = String::new();
    // `1. ` and `- ` begin a list, which mermaid does not draw: signs stand as they are only where a word stands before.
    let mut in_words = false;
    for char in text.chars() {
        let is_plain = match char {
            ' ' | ',' | '?' => true,
            '.' | '-' | '/' | '+' => in_words,
            _ => !char.is_ascii() || char.is_ascii_alphanumeric(),
        };
        in_words |= char.is_alphabetic();
        if is_plain {
            out.push(char);
        } else {
            let _ = write!(out, "#{};", u32::from(char));
        }
    }
    out
}

/// Text of an HTML page, inside of an element or between the quotes of an attribute.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in line(text).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char => out.push(char),
        }
    }
    out
}

/// The text of a JSON document with the same meaning, in which no control character stands but line ends: JSON itself lets
/// DEL and those of C1 stand in strings, which a terminal obeys.
pub fn json(document: String) -> String {
    let is_control = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !document.contains(is_control) {
        return document;
    }
    let mut out = String::with_capacity(document.len() + 16);
    for char in document.chars() {
        if is_control(char) {
            let _ = write!(out, "\\u{:04x}", u32::from(char));
        } else {
            out.push(char);
        }
    }
    out
}

/// One line for a terminal: nothing that moves the cursor, and no workflow command of the old form.
pub fn terminal(text: &str) -> String {
    stop_commands(line(text))
}

/// A line of a file for a terminal, character by character: what is invisible becomes `�`, so that columns stay.
pub fn excerpt(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\t' => ' ',
            char if is_invisible(char) => '\u{fffd}',
            // A runner takes `##[` anywhere in a line for a command.
            char => char,
        })
        .collect()
}

/// Breaks `##[command]`, which a runner obeys anywhere in a line.
pub fn stop_commands(text: String) -> String {
    if text.contains("##[") {
        text.replace("##[", "##\u{200b}[")
    } else {
        text
    }
}

/// A path as part of a URL.
pub fn url_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
