//! The reader against `serde_json`, against itself, and what it says to people.

use proptest::prelude::*;

use super::{Document, Kind, MAX_DEPTH, SyntaxErrorKind, Value};
use crate::text::SourceText;

fn read(text: &str) -> Result<Document, super::SyntaxError> {
    let path = "flows/a.json".parse().unwrap();
    Document::read(SourceText::new(path, text.to_owned()))
}

fn complaint(text: &str) -> String {
    let error = read(text).unwrap_err();
    let source = SourceText::new("flows/a.json".parse().unwrap(), text.to_owned());
    let place = source.position(error.span.start);
    format!("{}:{} {}", place.line, place.column, error.message)
}

#[test]
fn a_person_who_wrote_something_else_than_json_is_told_what_and_where() {
    for (text, told) in [
        (
            "{\n  \"a\": 1,\n}",
            "2:9 a value must follow this comma, found `}`: take the comma out",
        ),
        (
            "[1, 2,]",
            "1:6 a value must follow this comma, found `]`: take the comma out",
        ),
        (
            "{\"a\": 1\n \"b\": 2}",
            r#"2:2 expected `,` or `}`, found `"`: is a comma missing before it?"#,
        ),
        ("{a: 1}", "1:2 expected a key in double quotes, found `a`"),
        (
            "{'a': 1}",
            r#"1:2 expected a key in double quotes, found `'`: only `"` quotes a string"#,
        ),
        ("{\"a\" 1}", "1:6 expected `:` after the key, found `1`"),
        ("{\"a\": }", "1:7 expected a value, found `}`"),
        ("[1 2]", "1:4 expected `,` or `]`, found `2`"),
        ("[1}", "1:3 expected `,` or `]`, found `}`"),
        (
            "{\"a\": [1, 2\n",
            "1:12 the text ends, but the array that begins on line 1 is not closed with `]`",
        ),
        ("", "1:1 expected a value, found the end of the text"),
        (
            "[1] [2]",
            "1:5 expected the end of the text after its one value, found `[`",
        ),
        (
            "{\"a\": 1} // the end",
            "1:10 expected the end of the text after its one value, found `/`: JSON has no comments",
        ),
        (
            "{\n<<<<<<< HEAD\n  \"a\": 1\n}",
            "2:1 expected a key in double quotes, found `<<<<<<<`: this is the mark of a merge conflict that was not resolved",
        ),
        (
            "[True]",
            "1:2 expected a value, found `True`: `true`, `false` and `null` are written in lower case",
        ),
        (
            "[undefined]",
            "1:2 expected a value, found `undefined`: write `null`",
        ),
        (
            "[NaN]",
            "1:2 expected a value, found `NaN`: JSON has no such number",
        ),
        (
            "[-Infinity]",
            "1:3 expected a digit after `-`, found `Infinity`: JSON has no such number",
        ),
        ("[nulll]", "1:2 expected a value, found `nulll`"),
        ("[01]", "1:2 a number may not begin with a zero"),
        (
            "[1.]",
            "1:4 expected a digit after the decimal point, found `]`",
        ),
        (
            "[.5]",
            "1:2 expected a value, found `.`: a number needs a digit before its decimal point",
        ),
        (
            "[+1]",
            "1:2 expected a value, found `+`: a number may not begin with `+`",
        ),
        ("[-]", "1:3 expected a digit after `-`, found `]`"),
        ("[1e]", "1:4 expected a digit in the exponent, found `]`"),
        ("[0x1F]", "1:3 expected `,` or `]`, found `x1F`"),
        ("[\"a]", "1:2 this string is never closed"),
        (
            "[\"a\n\"]",
            r#"1:2 this string is not closed on its line: a closing `"` is missing, or a line break must be written `\n`"#,
        ),
        (
            "[\"a\tb\"]",
            r"1:4 a tab inside a string must be written `\t`",
        ),
        (
            "[\"\u{1}\"]",
            r"1:3 the control character U+0001 inside a string must be written `\u0001`",
        ),
        (
            "[\"\\q\"]",
            r#"1:3 unknown escape; expected one of `\"` `\\` `\/` `\b` `\f` `\n` `\r` `\t` `\uXXXX`"#,
        ),
        (
            "[\"\\é\"]",
            r#"1:3 unknown escape; expected one of `\"` `\\` `\/` `\b` `\f` `\n` `\r` `\t` `\uXXXX`"#,
        ),
        (
            "[\"\\u12\"]",
            r"1:3 expected four hexadecimal digits after `\u`",
        ),
        (
            "[\"\\ud800\"]",
            r"1:3 half of a surrogate pair is not a character; expected `\uD800`-`\uDBFF` followed at once by `\uDC00`-`\uDFFF`",
        ),
        (
            "[\"\\udc00\\ud800\"]",
            r"1:3 half of a surrogate pair is not a character; expected `\uD800`-`\uDBFF` followed at once by `\uDC00`-`\uDFFF`",
        ),
        ("[\"\\", "1:3 the text ends inside a string"),
        (
            "[\u{201C}a\u{201D}]",
            r#"1:2 expected a value, found the character U+201C: only `"` quotes a string"#,
        ),
        (
            "[\u{A0}1]",
            "1:2 expected a value, found the character U+00A0",
        ),
        (
            "\u{FEFF}[]",
            "1:1 expected a value, found the character U+FEFF",
        ),
        (
            "[`]",
            r#"1:2 expected a value, found a back-tick: only `"` quotes a string"#,
        ),
        (
            "[a_very_long_word_that_never_comes_to_an_end]",
            "1:2 expected a value, found `a_very_long_word_tha…`",
        ),
    ] {
        assert_eq!(complaint(text), told, "{text:?}");
    }
}

#[test]
fn nesting_is_read_to_the_limit_and_an_error_beyond_it_however_deep() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    for depth in [MAX_DEPTH + 1, 100_000] {
        let error = read(&nested(depth)).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::TooDeep);
        assert_eq!(error.span.start as usize, MAX_DEPTH);
    }
}

#[test]
fn each_key_that_stands_again_is_found_in_document_order_by_its_decoded_name() {
    let many: String = (b'A'..=b'Z')
        .map(|letter| [r#"""#, &char::from(letter).to_string(), r#"":0,"#].concat())
        .collect();
    for filler in ["", &many] {
        let text = format!("{{{filler}\"a\":{{\"x\":1,\"x\":2}},\"b\":3,\"\\u0061\":4,\"a\":5}}");
        let document = read(&text).unwrap();
        let again: Vec<&str> = document
            .duplicate_keys()
            .iter()
            .map(|found| document.source().slice(found.again))
            .collect();
        assert_eq!(again, ["\"x\"", "\"\\u0061\"", "\"a\""]);
        let first = document.duplicate_keys()[2].first;
        assert_eq!(document.source().slice(first), "\"a\"");
        assert!(first.start < document.duplicate_keys()[1].again.start);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_that_stand_again_are_found_among_few_keys_and_many(
        // More different ones than an object has bits for.
        objects in prop::collection::vec(prop::collection::vec(0..90_u32, 0..40), 1..8),
    ) {
        let mut text = String::from("{}");
        for keys in &objects {
            // Each object stands in the middle of the next one.
            let mut members: Vec<String> = keys.iter().map(|key| format!("\"k{key}\": 0")).collect();
            members.insert(keys.len() / 2, format!("\"inner\": {text}"));
            text = format!("{{{}}}", members.join(","));
        }
        let document = read(&text).unwrap();
        let mut expected = Vec::new();
        let mut at = document.root();
        loop {
            let keys: Vec<_> = at.members().map(|(key, _)| key).collect();
            for (index, key) in keys.iter().enumerate() {
                let first = keys[..index].iter().find(|first| first.text() == key.text());
                expected.extend(first.map(|first| (first.span(), key.span())));
            }
            match at.get("inner") {
                Some(inner) => at = inner,
                None => break,
            }
        }
        expected.sort_by_key(|(_, again)| again.start);
        let found: Vec<_> = document.duplicate_keys().iter().map(|it| (it.first, it.again)).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn numbers_stay_as_they_were_written() {
    for number in ["12345678901234567890", "1.10", "1e5", "-0", "1E+400"] {
        let document = read(&format!("{{\"n\": {number}}}")).unwrap();
        assert_eq!(document.root().get("n").unwrap().as_number(), Some(number));
    }
}

/// Both hold the same value, numbers compared as text.
fn same(ours: Value<'_>, theirs: &serde_json::value::RawValue) -> Result<(), TestCaseError> {
    use std::collections::BTreeMap;
    type Raw<'r> = &'r serde_json::value::RawValue;
    prop_assert_eq!(ours.raw(), theirs.get());
    match ours.kind() {
        Kind::Object => {
            // Of duplicate keys serde's map keeps the last.
            let ours: BTreeMap<_, _> = ours
                .members()
                .map(|(key, value)| (key.text().to_owned(), value))
                .collect();
            let theirs: BTreeMap<String, Raw<'_>> = serde_json::from_str(theirs.get()).unwrap();
            prop_assert!(ours.keys().eq(theirs.keys()));
            for (ours, theirs) in ours.values().zip(theirs.values()) {
                same(*ours, theirs)?;
            }
        }
        Kind::Array => {
            let theirs: Vec<Raw<'_>> = serde_json::from_str(theirs.get()).unwrap();
            prop_assert_eq!(ours.items().count(), theirs.len());
            for (ours, theirs) in ours.items().zip(theirs) {
                same(ours, theirs)?;
            }
        }
        Kind::PlainString | Kind::EscapedString => {
            let theirs: String = serde_json::from_str(theirs.get()).unwrap();
            prop_assert_eq!(ours.as_str().unwrap(), theirs);
        }
        Kind::Number | Kind::Null | Kind::True | Kind::False => {}
    }
    Ok(())
}

/// Each value's own text reads to the same value.
fn spans_hold(document: &Document) -> Result<(), TestCaseError> {
    fn flat(value: Value<'_>) -> Vec<(Kind, String)> {
        let mut all = vec![(value.kind(), value.raw().to_owned())];
        all.extend(value.items().flat_map(flat));
        all.extend(value.members().flat_map(|(key, value)| {
            [vec![(Kind::PlainString, key.raw().to_owned())], flat(value)].concat()
        }));
        all
    }
    for index in 0..document.nodes.len() {
        let value = document.value(super::NodeId(u32::try_from(index).unwrap()));
        let again = read(value.raw()).unwrap();
        prop_assert_eq!(flat(value), flat(again.root()));
    }
    Ok(())
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    // A raw value is held to the grammar of numbers, not to the range of f64.
    let theirs = serde_json::from_str::<&serde_json::value::RawValue>(text);
    match (read(text), theirs) {
        (Ok(ours), Ok(theirs)) => {
            same(ours.root(), theirs)?;
            spans_hold(&ours)
        }
        (Err(_), Err(_)) => Ok(()),
        (Err(ours), Ok(theirs)) => {
            // RawValue takes half of a surrogate pair, which is no text.
            let half = text.to_ascii_lowercase().contains("\\ud");
            let strings = serde_json::from_str::<serde_json::Value>(theirs.get());
            prop_assert!(
                half && strings.is_err(),
                "we refuse, they accept: {text:?}: {ours}"
            );
            Ok(())
        }
        (Ok(_), Err(theirs)) => {
            prop_assert!(false, "we accept, they refuse: {text:?}: {theirs}");
            Ok(())
        }
    }
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z ]{0,6}",
        1 => any::<char>().prop_map(|c| serde_json::to_string(&c).unwrap().trim_matches('"').to_owned())
            .prop_filter("a quote alone", |text| text != "\\"),
        1 => any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
        1 => (0xD800_u16..0xDC00, 0xDC00_u16..0xE000).prop_map(|(high, low)| format!("\\u{high:04X}\\u{low:04x}")),
        1 => prop::sample::select(vec!["\\n", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\r", "\\t", "é", "😀"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn text() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", " ", "\n", "\t\r\n  "]);
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "true", "false", "0", "-0.0e-7", "1E400"])
            .prop_map(str::to_owned),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let item =
            (space(), inner.clone(), space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (space(), string(), space(), space(), inner, space())
            .prop_map(|(a, key, b, c, value, d)| format!("{a}{key}{b}:{c}{value}{d}"));
        prop_oneof![
            (prop::collection::vec(item, 0..6), space())
                .prop_map(|(items, space)| format!("[{space}{}]", items.join(","))),
            (prop::collection::vec(member, 0..6), space())
                .prop_map(|(members, space)| format!("{{{space}{}}}", members.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_serde_json_reads_we_read_to_the_same_value(text in text()) {
        agree(&text)?;
    }

    #[test]
    fn what_serde_json_refuses_we_refuse(
        text in text(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            Just(None),
            prop::sample::select(b"{}[]\",:\\ue+-.01aft\n\x01 /'".to_vec()).prop_map(Some),
        ], any::<bool>()), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (at, byte, replace) in edits {
            let at = at.index(bytes.len() + 1);
            match byte {
                Some(byte) if replace && at < bytes.len() => bytes[at] = byte,
                Some(byte) => bytes.insert(at, byte),
                None if at < bytes.len() => { bytes.remove(at); }
                None => {}
            }
        }
        agree(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn an_error_points_into_the_text_whatever_it_is(text in "\\PC{0,20}|[\\[\\]{}\",:\\\\u0-9a-f\\x00-\\x20é😀]{0,40}") {
        if let Err(error) = read(&text) {
            prop_assert!(text.get(error.span.start as usize..error.span.end as usize).is_some());
            prop_assert!(!error.message.chars().any(char::is_control));
        }
        agree(&text)?;
    }
}
