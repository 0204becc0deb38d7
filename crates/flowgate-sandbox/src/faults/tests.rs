//! Reading scripts, and which call each entry hits.

use super::*;

fn statuses(book: &mut Book, calls: u32) -> Vec<u16> {
    (0..calls)
        .map(
            |_| match book.draw(Some(Operation::Publish), Some("a")).outcome {
                Some(Fault::Status(scripted)) => scripted.code,
                _ => 0,
            },
        )
        .collect()
}

#[test]
fn a_script_hits_the_calls_that_it_counts() {
    let script = Script::parse(
        r#"[{"operation": "publish", "flowId": "a", "nth": 2, "times": 2, "fault": {"status": {"code": 503}}},
            {"operation": "publish", "flowId": "b", "nth": "always", "fault": {"status": {"code": 500}}},
            {"operation": "publish", "nth": 3, "fault": {"status": {"code": 418}}},
            {"nth": 5, "fault": {"status": {"code": 429}}}]"#,
    )
    .unwrap();
    let mut book = Book::new(script);
    assert_eq!(statuses(&mut book, 6), [0, 503, 503, 0, 429, 0]);
}

#[test]
fn queued_faults_wait_for_one_another() {
    let mut book = Book::default();
    book.queue(Entry::new(Operation::Publish, Fault::status(500)));
    book.queue(Entry::new(Operation::Publish, Fault::status(502)).times(2));
    assert_eq!(statuses(&mut book, 4), [500, 502, 502, 0]);
}

#[test]
fn hooks_add_up_beside_an_outcome() {
    let script = Script::parse(
        r#"[{"fault": {"delay": {"ms": 5}}},
            {"fault": {"pause": {"at": "committed", "touch": "/x", "until": "/y", "ms": 9}}},
            {"fault": "revokeTokens"},
            {"fault": {"consoleEdit": {"flow": {"flowId": "a", "elements": [1.10], "connectors": []}}}},
            {"fault": "dropAfter"},
            {"fault": {"truncate": "wrongLength"}}]"#,
    )
    .unwrap();
    let drawn = Book::new(script).draw(None, None);
    assert_eq!(drawn.hooks.len(), 4);
    assert!(matches!(drawn.outcome, Some(Fault::DropAfter)));
    let Fault::ConsoleEdit(edit) = &drawn.hooks[3] else {
        panic!("{drawn:?}");
    };
    assert!(edit.flow.get().contains("1.10"));
}

#[test]
fn a_misspelt_script_is_refused_with_the_place() {
    for (text, words) in [
        (
            r#"[{"operation": "delete", "fault": "rubbish"}]"#,
            "unknown variant `delete`",
        ),
        (
            r#"[{"fault": {"delay": {"ms": 5, "at": "answered"}}}]"#,
            "unknown variant `answered`",
        ),
        (r#"[{"fault": "rubish"}]"#, "unknown variant `rubish`"),
        (r#"[{"nth": 0, "fault": "rubbish"}]"#, "number from 1"),
        (r#"[{"nth": "often", "fault": "rubbish"}]"#, "number from 1"),
        (
            r#"[{"flow": "a", "fault": "rubbish"}]"#,
            "unknown field `flow`",
        ),
        (
            r#"[{"fault": {"status": {"code": 500, "boddy": ""}}}]"#,
            "unknown field `boddy`",
        ),
    ] {
        let Err(ScriptError::Parse(error)) = Script::parse(text) else {
            panic!("accepted {text}");
        };
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}
