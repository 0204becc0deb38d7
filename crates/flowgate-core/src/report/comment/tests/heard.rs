//! What callers hear: said where it is different, and never denied where nobody can know.

use crate::flow::{Content, native};
use crate::plan::{PlanSettings, Touch};
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::report::comment::{CommentSettings, render};
use crate::review::{FlowFile, Input, Settings, assemble};
use crate::rules::RuleSettings;

/// The comment on a change of the menu's configuration (`""`: it has none).
fn comment(before: &str, after: &str) -> String {
    let path: crate::ids::RepoPath = "flows/main.json".parse().unwrap();
    let read = |version: &str, menu: &str| {
        let menu = match menu {
            "" => String::new(),
            menu => format!(r#","configuration":{{{menu}}}"#),
        };
        let text = format!(
            r#"{{"flowId":"main","version":"{version}","elements":[{{"id":"b","type":"Begin"}},{{"id":"m","type":"IVR","name":"Menu"{menu}}},{{"id":"e","type":"End"}}],"connectors":[{{"id":"1","sourceId":"b","targetId":"m"}},{{"id":"2","sourceId":"m","targetId":"e"}}]}}"#
        );
        Some(native::read(path.clone(), Content::Bytes(text.into())))
    };
    let input = Input {
        files: vec![FlowFile {
            path: path.clone(),
            head: read("1.1.0", after),
            base: read("1.0.0", before),
            touch: Touch::Touched,
        }],
        ..Input::default()
    };
    let settings = Settings {
        plan: PlanSettings::default(),
        rules: RuleSettings::default(),
        policy: Policy::default(),
    };
    render(
        &assemble(&input, &settings),
        &Redactor::default(),
        &CommentSettings::default(),
    )
}

/// The first line, and the rows of what callers hear.
fn told(before: &str, after: &str) -> Vec<String> {
    let comment = comment(before, after);
    let lines = comment.lines();
    lines
        .filter(|line| line.starts_with("###") || line.contains("🔊"))
        .map(|line| line.replace("### ✅ main: nothing to fix. ", ""))
        .collect()
}

#[test]
fn words_that_are_new_with_all_of_a_configuration_are_heard() {
    let new = told("", r#""prompt":"Press 1","retries":2"#);
    assert_eq!(
        new,
        [
            "Callers would hear one new text.",
            "| 🔊 hears | Menu, prompt | nothing | “**Press 1**” |"
        ]
    );
    let gone = told(r#""prompt":"Press 1""#, "");
    assert_eq!(gone[0], "Callers would hear one new text.");
    assert!(gone[1].ends_with("| “**Press 1**” | nothing |"), "{gone:?}");
}

#[test]
fn words_in_a_language_or_a_recording_are_heard_too() {
    for (before, after, row) in [
        (
            r#""prompts":{"en":"Hello","de":"Hallo"}"#,
            r#""prompts":{"en":"Hello","de":"Guten Tag"}"#,
            "| 🔊 hears | Menu, prompts/de | “**Hallo**” | “**Guten Tag**” |",
        ),
        (
            r#""audioFile":"a.wav""#,
            r#""audioFile":"b.wav""#,
            "| 🔊 hears | Menu, audioFile | “**a.wav**” | “**b.wav**” |",
        ),
        (
            r#""prompts":["Hello"]"#,
            r#""prompts":["Good day"]"#,
            "| 🔊 hears | Menu, prompts/0 | “**Hello**” | “**Good day**” |",
        ),
    ] {
        let told = told(before, after);
        assert_eq!(told, ["Callers would hear one new text.", row]);
    }
}

#[test]
fn that_callers_hear_the_same_is_not_said_where_nobody_knows() {
    for (before, after, says) in [
        (
            r#""welcome":"Hello""#,
            r#""welcome":"Good day""#,
            "No way leads elsewhere, and no prompt that Flowgate knows is different.",
        ),
        (
            r#""timeoutSeconds":8"#,
            r#""timeoutSeconds":5"#,
            "No way leads elsewhere and callers hear the same.",
        ),
    ] {
        assert_eq!(told(before, after), [says]);
    }
}
