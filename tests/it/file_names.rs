//! The name of a flow file is as hostile as its content: no control character of it stands in anything that is written, and
//! none of it commands a runner.

use crate::run_check::propose;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::{FLOW, Repo};

/// Escape, the C1 form of it, a bell, a carriage return, a line end with a command behind it, a form feed, deletion.
const NAME: &str =
    "flows/a\u{1b}[31m\u{9b}2J\u{7}\r::error::forged\n::warning::forged\u{c}\u{7f}b.json";

/// What a terminal or a runner would act upon.
fn controls(text: &str) -> Vec<char> {
    let acts = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars().filter(acts).collect()
}

#[track_caller]
fn harmless(what: &str, text: &str) {
    let found = controls(text);
    assert!(found.is_empty(), "{what}: {found:?} in {text:?}");
    for line in text.lines() {
        let forged = line.trim_start().strip_prefix("::");
        let is_forged =
            forged.is_some_and(|line| line.ends_with("forged") && !line.starts_with("error file="));
        assert!(!is_forged, "{what}: {line:?}");
    }
}

#[test]
fn no_command_shows_a_control_character_of_a_file_s_name() {
    let faulty = FLOW.replace("\"End\"", "\"Nothing\"");
    let repo = Repo::git()
        .file("base.json", FLOW)
        .file(NAME, FLOW)
        .commit("begin")
        .file(NAME, &faulty)
        .file(&NAME.replace('a', "broken"), "{\"flowId\": ");
    let broken = NAME.replace('a', "broken");
    let all: [&[&str]; 14] = [
        &["check"],
        &["check", "--format", "json"],
        &["check", "--format", "markdown"],
        &["check", "--format", "sarif"],
        &["check", NAME],
        &["check", "flows/none\u{1b}.json"],
        &["fmt", "--check"],
        &["fmt", &broken],
        &["bump"],
        &["bump", &broken],
        &["diff", "base.json", NAME],
        &["diff", "base.json", &broken],
        &["graph", &broken],
        &["accept"],
    ];
    for args in all {
        for reader in [None, Some("true")] {
            let mut run = repo.flowgate(args);
            if let Some(is) = reader {
                run = run.env("GITHUB_ACTIONS", is);
            }
            let ended = run.end();
            harmless(&format!("{args:?} out"), &ended.out);
            harmless(&format!("{args:?} err"), &ended.err);
        }
    }
    let list = repo.root().join("flowgate-accepted.toml");
    harmless(
        "accepted",
        &std::fs::read_to_string(list).unwrap_or_default(),
    );
}

#[test]
fn no_run_shows_a_control_character_of_a_file_s_name() {
    let mut stage = Stage::new();
    let before = stage.head();
    let report = stage.folder.path().join("report.md");
    let found = stage.folder.path().join("found.sarif");
    let broken = flow("a", "1.0.0", "Hello").replace(r#""targetId": "e""#, r#""targetId": "f""#);
    let payload = propose(&stage, 7, &[(NAME, broken)]);
    let run = stage
        .event("pull_request", &payload)
        .env("FLOWGATE_REPORT_FILE", report.to_str().unwrap())
        .env("FLOWGATE_SARIF_FILE", found.to_str().unwrap());
    let done = run.end().ends(1, "connector-missing-target");
    for (what, text) in [
        ("check: log", done.log.clone()),
        ("check: summary", done.summary.clone()),
        ("check: outputs", format!("{:?}", done.outputs)),
        ("check: report", std::fs::read_to_string(&report).unwrap()),
        ("check: SARIF", std::fs::read_to_string(&found).unwrap()),
        ("check: comment", stage.fake.state().bodies(7)[0].to_owned()),
    ] {
        harmless(what, &text);
    }
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    stage.merge(8, &[(NAME, flow("a", "1.0.0", "Hello"))]);
    let done = stage.push(&before).end().ends(0, "1 live");
    for (what, text) in [
        ("deployment: log", done.log.clone()),
        ("deployment: summary", done.summary.clone()),
        ("deployment: audit", done.audit.clone()),
        (
            "deployment: comment",
            stage.fake.state().bodies(8)[0].to_owned(),
        ),
    ] {
        harmless(what, &text);
    }
}
