//! The runner's own reading of a line, and hostile text held against it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The commands that the runner obeys.
const COMMANDS: [&str; 15] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

fn is_command(info: &str) -> bool {
    let name = info.split(' ').next().unwrap_or_default();
    COMMANDS
        .iter()
        .any(|command| command.eq_ignore_ascii_case(name))
}

/// `ActionCommand.TryParseV2` of the runner, with its `TrimStart`.
fn new_form(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("::") else {
        return false;
    };
    rest.find("::").is_some_and(|end| is_command(&rest[..end]))
}

/// `ActionCommand.TryParse` of the runner; stricter here, any occurrence counts and not only the first.
fn old_form(line: &str) -> bool {
    line.match_indices("##[").any(|(start, mark)| {
        let rest = &line[start + mark.len()..];
        rest.find(']').is_some_and(|end| is_command(&rest[..end]))
    })
}

/// Lines as the runner's stream reader ends them.
fn commands(text: &str) -> Vec<String> {
    text.split(['\n', '\r'])
        .filter(|line| new_form(line) || old_form(line))
        .map(str::to_owned)
        .collect()
}

fn written(reader: Reader, write: impl FnOnce(&mut Log<&mut Vec<u8>>)) -> String {
    let mut out = Vec::new();
    write(&mut Log::new(&mut out, reader));
    String::from_utf8(out).unwrap()
}

fn remark(level: Level, message: &str) -> Annotation {
    Annotation {
        level,
        title: None,
        message: message.to_owned(),
        place: None,
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("##[".to_owned()),
        Just("#".to_owned()),
        Just("::".to_owned()),
        Just(":".to_owned()),
        Just("]".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{85}".to_owned()),
        Just("\u{a0}".to_owned()),
        Just("\u{200b}".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("%0A".to_owned()),
        Just(" ".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        prop::sample::select(COMMANDS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(COMMANDS.to_vec()).prop_map(|c| format!("::{c} name=x::")),
        prop::sample::select(COMMANDS.to_vec()).prop_map(|c| format!("##[{c}]")),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_command_survives_in_text(text in hostile()) {
        let out = written(Reader::Runner, |log| log.text(&text).unwrap());
        prop_assert_eq!(commands(&out), Vec::<String>::new());
        let visible = |text: &str| text.replace('\u{200b}', "").trim_end_matches('\n').to_owned();
        prop_assert_eq!(visible(&out), visible(&text), "nothing else is changed");
    }

    #[test]
    fn no_command_survives_however_a_stream_is_cut(text in hostile(), cuts in prop::collection::vec(0_usize..64, 0..6)) {
        let mut out = Vec::new();
        {
            let mut stream = Defused::new(&mut out);
            let mut rest = text.as_bytes();
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                stream.write_all(now).unwrap();
                stream.flush().unwrap();
                rest = later;
            }
            stream.write_all(rest).unwrap();
        }
        prop_assert_eq!(commands(&String::from_utf8(out).unwrap()), Vec::<String>::new());
    }

    #[test]
    fn an_annotation_is_one_line_with_one_command_of_its_own(message in hostile(), title in hostile(), path in hostile()) {
        let annotation = Annotation {
            level: Level::Warning,
            title: Some(title),
            message,
            place: Some(Place { path, at: Some((3, 4)) }),
        };
        let out = written(Reader::Runner, |log| log.annotate(&[annotation]).unwrap());
        prop_assert_eq!(out.matches(['\n', '\r']).count(), 1);
        prop_assert!(out.starts_with("::warning file="));
        prop_assert!(!out.contains("##["));
        // What stands between the marks has exactly the properties that were written.
        let info = out["::".len()..].split("::").next().unwrap();
        let names: Vec<_> = info.trim_start_matches("warning ").split(',')
            .map(|property| property.split('=').next().unwrap()).collect();
        prop_assert_eq!(names, ["file", "line", "col", "title"]);
    }

    #[test]
    fn a_json_document_keeps_its_meaning_and_loses_its_commands(text in hostile()) {
        let value = serde_json::json!({"a": [text.clone(), {text: 1}]});
        let json = serde_json::to_string_pretty(&value).unwrap();
        let safe = defuse_json(&json);
        prop_assert_eq!(commands(&safe), Vec::<String>::new());
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}

#[test]
fn the_ports_of_the_runners_patterns_find_what_the_runner_finds() {
    for command in [
        "::error::x",
        "  \u{a0}::set-output name=a::b",
        "x ##[Error]",
        "##[add-mask]pw",
    ] {
        assert_eq!(commands(command).len(), 1, "{command}");
    }
    for harmless in [
        "a ::error::x",
        "::unknown::x",
        "::error",
        "##[",
        "std::io::Error",
    ] {
        assert!(commands(harmless).is_empty(), "{harmless}");
    }
}

#[test]
fn the_worst_nine_of_a_level_are_shown_and_one_line_counts_the_rest() {
    let mut all: Vec<_> = (1..=12)
        .map(|n| remark(Level::Error, &format!("e{n}")))
        .collect();
    all.extend((1..=10).map(|n| remark(Level::Warning, &format!("w{n}"))));
    let out = written(Reader::Runner, |log| {
        log.annotate(&all).unwrap();
        log.annotate(&[remark(Level::Error, "late")]).unwrap();
    });
    let of = |level: &str| {
        out.lines()
            .filter(|l| l.starts_with(level))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let errors = of("::error");
    assert_eq!(errors[8], "::error::e9");
    assert_eq!(
        errors[9],
        "::error::and 3 more errors: see the job summary for all of them"
    );
    assert_eq!(of("::warning").len(), 10, "ten fit, so none is rolled up");
    assert_eq!(
        errors[10],
        "::error::and 1 more error: see the job summary for all of them"
    );
}

#[test]
fn a_secret_is_masked_line_by_line_and_never_shown_to_a_person() {
    let secret = SecretString::from("first%\nsecond\n");
    let out = written(Reader::Runner, |log| log.mask(&secret).unwrap());
    assert_eq!(out, "::add-mask::first%25\n::add-mask::second\n");
    for variable in [None, Some(""), Some("1"), Some("false")] {
        let out = written(Reader::from_variable(variable), |log| {
            log.mask(&secret).unwrap();
        });
        assert_eq!(out, "");
    }
}

#[test]
fn an_output_cannot_set_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("output");
    let delimiter = "flowgate_07070707070707070707070707070707";
    let good = BTreeMap::from([
        (OutputName::Result, "a\nEOF\nother=1\nx<<EOF".to_owned()),
        (OutputName::Published, String::new()),
    ]);
    append_outputs(&path, &good, [7; 16]).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        format!(
            "result<<{delimiter}\na\nEOF\nother=1\nx<<EOF\n{delimiter}\npublished<<{delimiter}\n\n{delimiter}\n"
        )
    );
    let guessed = BTreeMap::from([(OutputName::Result, format!("x\n{delimiter}\nother=1"))]);
    assert!(append_outputs(&path, &guessed, [7; 16]).is_err());
    assert!(
        !std::fs::read_to_string(&path).unwrap().contains("\nx\n"),
        "nothing was written"
    );
}

#[test]
fn a_summary_over_the_limit_leaves_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary");
    append_summary(&path, "# Hello\n").unwrap();
    let room = summary_room(&path);
    assert_eq!(room, SUMMARY_LIMIT - 9);
    let body = "x".repeat(usize::try_from(room).unwrap());
    let error = append_summary(&path, &body).unwrap_err();
    assert!(matches!(error, FileError::TooLong { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# Hello\n\n");
    append_summary(&path, &body[2..]).unwrap();
    assert_eq!(summary_room(&path), 0);
}

#[test]
fn no_control_character_stands_in_an_annotation_but_line_ends_of_its_message() {
    let hostile: String = (0..0x20)
        .chain(0x7f..0xa0)
        .filter_map(char::from_u32)
        .collect();
    let annotation = Annotation {
        level: Level::Error,
        title: Some(format!("t{hostile}t")),
        message: format!("m{hostile}m"),
        place: Some(Place {
            path: format!("flows/{hostile}.json"),
            at: Some((1, 1)),
        }),
    };
    for reader in [Reader::Runner, Reader::Person] {
        let out = written(reader, |log| {
            log.annotate(std::slice::from_ref(&annotation)).unwrap();
        });
        let seen = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
        assert!(out.chars().all(seen), "{out:?}");
        if reader == Reader::Runner {
            assert_eq!(out.matches('\n').count(), 1, "{out:?}");
            let (properties, _) = out.split_once("::m").unwrap();
            assert!(
                properties.chars().all(|c| !c.is_control()),
                "{properties:?}"
            );
        }
    }
}
