//! What callers hear: said where it is different, and never denied where nobody can know.

use super::between::comment;

/// The main line, whose menu has this configuration (`""`: none).
fn menu(version: &str, configuration: &str) -> String {
    let configuration = match configuration {
        "" => String::new(),
        members => format!(r#","configuration":{{{members}}}"#),
    };
    format!(
        r#"{{"flowId":"main","version":"{version}","elements":[{{"id":"b","type":"Begin"}},{{"id":"m","type":"IVR","name":"Menu"{configuration}}},{{"id":"e","type":"End"}}],"connectors":[{{"id":"1","sourceId":"b","targetId":"m"}},{{"id":"2","sourceId":"m","targetId":"e"}}]}}"#
    )
}

/// The first line, and the rows of what callers hear.
fn told(before: &str, after: &str) -> Vec<String> {
    let comment = comment(&menu("1.0.0", before), &menu("1.1.0", after));
    let lines = comment.lines();
    lines
        .filter(|line| line.starts_with("###") || line.contains("🔊") || line.contains("🎧"))
        .map(|line| line.replace("### ✅ main: nothing to fix. ", ""))
        .collect()
}

#[test]
fn words_that_are_new_with_all_of_a_configuration_are_heard() {
    let new = told("", r#""prompt":"Press 1","retries":2"#);
    assert_eq!(
        new,
        [
            "🟡 Callers would hear one new text.",
            "| 🔊 hears | Menu, prompt | nothing | “**Press 1**” |"
        ]
    );
    let gone = told(r#""prompt":"Press 1""#, "");
    assert_eq!(gone[0], "🟡 Callers would hear nothing at Menu any more.");
    assert!(gone[1].ends_with("| “**Press 1**” | nothing |"), "{gone:?}");
}

#[test]
fn words_in_a_language_are_heard_too() {
    for (before, after, row) in [
        (
            r#""prompts":{"en":"Hello","de":"Hallo"}"#,
            r#""prompts":{"en":"Hello","de":"Guten Tag"}"#,
            "| 🔊 hears | Menu, prompts/de | “**Hallo**” | “**Guten Tag**” |",
        ),
        (
            r#""prompts":["Hello"]"#,
            r#""prompts":["Good day"]"#,
            "| 🔊 hears | Menu, prompts/0 | “**Hello**” | “**Good day**” |",
        ),
    ] {
        let told = told(before, after);
        assert_eq!(told, ["🟡 Callers would hear one new text.", row]);
    }
}

#[test]
fn another_recording_voice_or_language_is_no_text_and_is_told() {
    for (key, before, after) in [
        ("audioFile", "a.wav", "b.wav"),
        ("voice", "Anna", "Ben"),
        ("language", "en-GB", "de-DE"),
    ] {
        let value = |value: &str| format!(r#""{key}":"{value}""#);
        let told = told(&value(before), &value(after));
        assert_eq!(
            told,
            [
                "🟡 At Menu: callers hear another recording, voice or language.".to_owned(),
                format!("| 🎧 sounds different | Menu, {key} | `\"{before}\"` | `\"{after}\"` |"),
            ]
        );
    }
}

#[test]
fn that_callers_hear_the_same_is_said_only_where_they_notice_nothing() {
    for (before, after, says) in [
        (
            r#""tone":"Hello""#,
            r#""tone":"Good day""#,
            "🟡 At Menu: a setting is different whose meaning only the tenant knows.",
        ),
        (
            r#""timeoutSeconds":8"#,
            r#""timeoutSeconds":5"#,
            "🟡 At Menu: callers or systems are given less time here.",
        ),
        (
            r#""skill":"sales""#,
            r#""skill":"claims""#,
            "🟡 At Menu: callers are handed to somebody else.",
        ),
        (
            r#""note":"asked for by sales""#,
            r#""note":"asked for by claims""#,
            "No way leads elsewhere and callers hear the same.",
        ),
    ] {
        assert_eq!(told(before, after), [says]);
    }
}

#[test]
fn what_stands_where_no_call_comes_is_shown_and_heard_by_nobody() {
    let island = |version: &str, prompt: &str| {
        let island = match prompt {
            "" => String::new(),
            words => format!(
                r#",{{"id":"n","type":"IVR","name":"News","configuration":{{"prompt":"{words}"}}}}"#
            ),
        };
        let end = r#"{"id":"e","type":"End"}"#;
        menu(version, "").replace(end, &format!("{end}{island}"))
    };
    for (before, after, row) in [
        (
            "",
            "Old",
            "| 🔊 hears | News | nothing | “Old”; no call gets there |",
        ),
        (
            "Old",
            "New",
            "| 🔊 hears | News, prompt | “**Old**” | “**New**”; no call gets there |",
        ),
        (
            "Old",
            "",
            "| 🔇 no longer hears | News | “Old” | nothing; no call gets there |",
        ),
    ] {
        let comment = comment(&island("1.0.0", before), &island("1.1.0", after));
        let verdict = comment.lines().next().unwrap();
        let says = "No way leads elsewhere and callers hear the same.";
        assert!(verdict.ends_with(says), "{verdict}");
        assert!(comment.contains(row), "{comment}");
    }
}
