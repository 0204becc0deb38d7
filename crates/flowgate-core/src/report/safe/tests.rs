//! What a hostile name can do in a report: nothing.

use proptest::prelude::*;

use super::*;

#[test]
fn names_cannot_act_in_markdown() {
    for (text, shown) in [
        ("plain name", "plain name"),
        ("a|b", "a&#124;b"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("&#64;here", "&amp;\\#\u{200b}64;here"),
        ("@team/all", "@\u{200b}team/all"),
        ("see #123", "see \\#\u{200b}123"),
        ("GH-12 and gh-3", "GH\u{200b}-12 and gh\u{200b}-3"),
        ("9f3c2e1a", "9f3c\u{200b}2e1a"),
        ("abcd9f3c2e1a0", "abcd\u{200b}9f3c\u{200b}2e1a\u{200b}0"),
        (
            "https://x.example www.x.example",
            "https\u{200b}://x.example www\u{200b}.x.example",
        ),
        (
            "**b** _i_ [l](u) ![i](u) ~~s~~ `c`",
            "\\*\\*b\\*\\* \\_i\\_ \\[l\\]\\(u\\) \\!\\[i\\]\\(u\\) \\~\\~s\\~\\~ \\`c\\`",
        ),
        ("two\r\nlines\u{2028}three\ttab", "two lines three tab"),
        ("left\u{202e}right\u{200b}\u{7}\u{feff}", "leftright"),
        ("$x^2$", "&#36;x\\^2&#36;"),
    ] {
        assert_eq!(inline(text), shown);
    }
    assert_eq!(inline(&"x".repeat(70_000)).chars().count(), INLINE);
}

#[test]
fn literals_of_a_message_become_code() {
    assert_eq!(
        prose("leads to `api-04`; no element has that id"),
        "leads to `api-04`; no element has that id"
    );
    assert_eq!(prose("one ` alone"), "one \\` alone");
    assert_eq!(prose("`@a` by @b"), "`@a` by @\u{200b}b");
    assert_eq!(prose("the label `` is empty"), "the label \\`\\` is empty");
    assert_eq!(prose(&"x".repeat(70_000)).chars().count(), 2 * INLINE);
}

#[test]
fn code_cannot_be_left_from_inside() {
    assert_eq!(code("api-004"), "`api-004`");
    assert_eq!(code("a``b"), "```a``b```");
    assert_eq!(code("`a"), "`` `a ``");
    assert_eq!(code("a|b"), "<code>a&#124;b</code>");
    assert_eq!(
        code("<!-- flowgate:1 -->"),
        "<code>&lt;\\!-- flowgate:1 --&gt;</code>"
    );
    assert_eq!(code("\u{200b}"), "(empty)");
    assert_eq!(
        fence("a\n```\nb\u{202e}", "json"),
        "````json\na\n```\nb\n````"
    );
    assert!(!fence("<!-- flowgate -->", "").contains("<!--"));
}

#[test]
fn a_page_shows_markup_and_has_none() {
    assert_eq!(
        html("<b a=\"1\" c='2'>\nR&D\u{202e}</b>"),
        "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt; R&amp;D&lt;/b&gt;"
    );
}

#[test]
fn labels_hold_no_syntax_of_a_diagram() {
    assert_eq!(
        label("a\"]\n%%{init: {}}%% click"),
        "a#34;#93; #37;#37;#123;init#58; #123;#125;#125;#37;#37; click"
    );
}

#[test]
fn links_keep_to_their_path() {
    assert_eq!(
        url_path("flows/a b(1)#x?.json"),
        "flows/a%20b%281%29%23x%3F.json"
    );
}

proptest! {
    #[test]
    fn nothing_in_markdown_is_alive(text in "[\\PC\\x00-\\x1f@#<>|`*_\\[\\]()~!$&\\u{202e}\\u{200b}]{0,60}") {
        for shown in [inline(&text), prose(&text), code(&text)] {
            prop_assert!(!shown.contains('|'));
            let acts = shown.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
            prop_assert!(!acts);
            prop_assert!(!shown.contains("<!--"));
        }
        let shown = inline(&text);
        prop_assert!(!shown.contains('<'));
        let chars: Vec<char> = shown.chars().collect();
        for (at, char) in chars.iter().enumerate() {
            // `&#` is ours: a flow's own `&` is always `&amp;`.
            let entity = *char == '#' && at > 0 && chars[at - 1] == '&';
            let live = matches!(char, '@' | '#') && !entity && chars.get(at + 1) != Some(&STOP);
            prop_assert!(!live, "{shown}");
        }
        // Every back-tick, star and bracket stands behind a backslash.
        let mut escaped = false;
        for char in shown.chars() {
            prop_assert!(escaped || !matches!(char, '`' | '*' | '_' | '[' | ']'), "{shown}");
            escaped = char == '\\' && !escaped;
        }
    }

    #[test]
    fn labels_stay_between_their_quotes(text in "[\\PC\\x00-\\x1f\"\\\\%{}\\[\\]|;#]{0,60}") {
        let shown = label(&text);
        let syntax = ['"', '\\', '%', '{', '}', '[', ']', '|', '<', '>', '`', '\n', '(', ')'];
        prop_assert!(!shown.contains(syntax));
    }

    #[test]
    fn excerpts_keep_their_columns(text in "[\\PC\\x00-\\x1f\\u{202e}]{0,60}") {
        let shown = excerpt(&text);
        prop_assert_eq!(shown.chars().count(), text.chars().count());
        prop_assert!(!shown.chars().any(char::is_control));
    }
}

#[test]
fn no_control_character_but_line_ends_stands_in_a_document_and_its_meaning_stays() {
    let hostile: String = (0..0xa1)
        .filter_map(char::from_u32)
        .chain("é…".chars())
        .collect();
    let value = serde_json::json!({ hostile.clone(): [hostile, 1] });
    let written = json(serde_json::to_string_pretty(&value).unwrap());
    assert!(
        written.chars().all(|c| c == '\n' || !c.is_control()),
        "{written:?}"
    );
    let read: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(read, value);
    assert_eq!(json("{\"a\": \"é\"}\n".to_owned()), "{\"a\": \"é\"}\n");
}
