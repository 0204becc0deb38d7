//! Small situations that people reported, each standing for its kind: what a check says of them, through the program.

use serde_json::Value;

use crate::support::pages::{files_below, root};
use crate::support::{Repo, Run};

/// A repository with the files of a case.
fn case(name: &str) -> Repo {
    let folder = format!("tests/cases/{name}");
    let files = files_below(&folder);
    assert!(!files.is_empty(), "{folder} holds nothing");
    files.into_iter().fold(Repo::new(), |repo, path| {
        let inside = path.strip_prefix(root().join(&folder)).unwrap();
        let text = std::fs::read(&path).unwrap();
        repo.file(inside.to_str().unwrap(), text)
    })
}

fn check(repo: &Repo, args: &[&str]) -> Run {
    repo.flowgate(&[&["check", "--fail-on", "never"], args].concat())
}

fn json(repo: &Repo) -> Value {
    let based = repo.root().join("base").exists();
    let base: &[&str] = if based { &["--base-dir", "base"] } else { &[] };
    let shown = check(repo, &[&["--format", "json"], base].concat()).end();
    serde_json::from_str(&shown.out).unwrap()
}

/// Rules of the findings that are news, with the elements that they are about.
fn news(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let news = findings.filter(|finding| finding["existing"] != true);
    news.map(|finding| {
        let element = finding["element"].as_str().unwrap_or("-");
        format!("{} {element}", finding["rule"].as_str().unwrap())
    })
    .collect()
}

fn reasons(report: &Value) -> Vec<String> {
    let reasons = report["flows"][0]["risk"]["reasons"].as_array().unwrap();
    let codes = reasons.iter().map(|reason| {
        let (code, id) = (&reason["code"], &reason["id"]);
        format!("{} {}", code.as_str().unwrap(), id.as_str().unwrap())
    });
    codes.collect()
}

fn risk(report: &Value) -> (&str, &str) {
    let risk = &report["flows"][0]["risk"];
    (
        risk["level"].as_str().unwrap(),
        risk["step"].as_str().unwrap_or("none"),
    )
}

#[test]
fn complete_decisions_and_camel_case_ways_are_no_finding() {
    for name in ["camel-case-branch", "opposites"] {
        assert_eq!(news(&json(&case(name))), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_event_that_nobody_explained_or_that_is_an_entry_is_reached() {
    let repo = case("event-entry");
    assert_eq!(news(&json(&repo)), Vec::<String>::new());
    repo.write("flowgate.toml", "[types.OnAnswer]\nroles = [\"entry\"]\n");
    assert_eq!(news(&json(&repo)), Vec::<String>::new());
    repo.write("flowgate.toml", "[types.OnAnswer]\nroles = []\n");
    assert_eq!(
        news(&json(&repo)),
        ["unreachable-element ev", "unreachable-element w"]
    );
}

#[test]
fn a_place_that_no_call_reaches_any_more_is_gone_removed_or_not() {
    let repo = case("cut-off-place");
    let report = json(&repo);
    assert_eq!(risk(&report), ("breaking", "major"));
    assert!(
        reasons(&report).contains(&"place-cut-off c2".to_owned()),
        "{report:#}"
    );
    let removed = std::fs::read(repo.root().join("variant/flows/main.json")).unwrap();
    repo.write("flows/main.json", removed);
    assert_eq!(risk(&json(&repo)), ("breaking", "major"));
    let comment = check(&repo, &["--format", "markdown", "--base-dir", "base"]).end();
    let headline = comment.out.lines().next().unwrap();
    assert!(
        !headline.contains('✅') && headline.contains('🔴'),
        "{headline}"
    );
}

#[test]
fn a_case_that_leads_where_the_default_leads_is_no_change() {
    let repo = case("redundant-case-removed");
    assert_eq!(risk(&json(&repo)), ("safe", "patch"));
    let comment = check(&repo, &["--format", "markdown", "--base-dir", "base"]).end();
    assert!(!comment.out.contains("no longer reach"), "{}", comment.out);
    assert!(!comment.out.contains("✂️ way gone"), "{}", comment.out);
}

#[test]
fn the_fault_of_an_element_under_another_id_is_an_old_one() {
    let report = json(&case("old-finding-new-id"));
    assert_eq!(news(&report), Vec::<String>::new());
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["element"], "old2");
}

#[test]
fn a_setting_that_names_an_element_is_a_way() {
    let repo = case("way-in-configuration");
    let report = json(&repo);
    assert!(
        !report.to_string().contains("unreachable-element"),
        "{report:#}"
    );
    assert_eq!(risk(&report), ("risky", "minor"));
    let flow = std::fs::read_to_string(repo.root().join("flows/main.json")).unwrap();
    repo.write(
        "flows/main.json",
        flow.replace("\"onError\": \"sorry\"", "\"onError\": \"sorri\""),
    );
    let report = json(&repo);
    assert!(
        news(&report).contains(&"connector-missing-target crm".to_owned()),
        "{report:#}"
    );
    assert_eq!(risk(&report).0, "breaking");
    let picture = repo
        .flowgate(&["graph", "flows/main.json", "--format", "mermaid"])
        .end();
    assert!(picture.out.contains("on error"), "{}", picture.all());
}

#[test]
fn a_change_past_the_cut_is_shown_where_it_is() {
    let repo = case("change-past-the-cap");
    let diff = repo
        .flowgate(&["diff", "base/flows/main.json", "flows/main.json"])
        .end();
    let comment = check(&repo, &["--format", "markdown", "--base-dir", "base"]).end();
    for shown in [&diff.out, &comment.out] {
        assert!(
            shown.contains("charge(10)") && shown.contains("charge(1000)"),
            "{shown}"
        );
    }
}

#[test]
fn a_name_that_nobody_can_see_is_none() {
    let repo = case("invisible-name");
    let picture = repo
        .flowgate(&["graph", "flows/main.json", "--format", "mermaid"])
        .end();
    assert!(!picture.out.contains("\"\""), "{}", picture.out);
    assert!(
        picture.out.contains("Hi") && picture.out.contains("next"),
        "{}",
        picture.out
    );
    let comment = check(&repo, &["--format", "markdown", "--base-dir", "base"]).end();
    assert!(
        comment.out.contains("zero width space (U+200B)"),
        "{}",
        comment.out
    );
    assert!(
        !comment.out.contains("[\"\"]") && !comment.out.contains("|\"\"|"),
        "{}",
        comment.out
    );
}

#[test]
fn an_element_that_others_lead_to_is_removed() {
    let menu = |elements: &str| {
        format!(
            r#"{{"flowId":"main","version":"1.0.0","elements":[{{"id":"begin","type":"Begin"}},{{"id":"m","type":"IVR","name":"Menu"}},{elements}{{"id":"end","type":"End"}}],
            "connectors":[{{"id":"c1","sourceId":"begin","targetId":"m"}},{{"id":"c2","sourceId":"m","targetId":"q","label":"1"}},{{"id":"c3","sourceId":"m","targetId":"q","label":"2"}},
            {{"id":"c4","sourceId":"m","targetId":"end","label":"default"}}]}}"#
        )
    };
    let repo = Repo::new()
        .file(
            "base/flows/main.json",
            menu(r#"{"id":"q","type":"Queue","name":"Sales"},"#),
        )
        .file("flows/main.json", menu("").replace("1.0.0", "2.0.0"));
    let comment = check(&repo, &["--format", "markdown", "--base-dir", "base"])
        .end()
        .out;
    let rows = comment
        .lines()
        .filter(|line| line.contains("**nowhere** ❌"));
    assert_eq!(rows.count(), 2, "{comment}");
    assert!(
        comment.contains("you removed Sales here: put it back, or lead this way elsewhere"),
        "{comment}"
    );
    assert!(
        comment.contains("linkStyle 1,2 stroke:#cf222e")
            || comment.contains("linkStyle 0,1 stroke:#cf222e"),
        "{comment}"
    );
}

#[test]
fn who_is_caught_or_stranded_by_this_change_is_an_error() {
    let flow = |version: &str, on: &str| {
        format!(
            r#"{{"flowId":"main","version":"{version}","elements":[{{"id":"begin","type":"Begin"}},{{"id":"a","type":"IVR","name":"A"}},{{"id":"b","type":"IVR","name":"B"}},{{"id":"end","type":"End"}}],
            "connectors":[{{"id":"c1","sourceId":"begin","targetId":"a"}},{{"id":"c2","sourceId":"a","targetId":"b"}},{on}{{"id":"c4","sourceId":"a","targetId":"end","label":"error"}}]}}"#
        )
    };
    let on = r#"{"id":"c3","sourceId":"b","targetId":"end"},"#;
    let back = r#"{"id":"c3","sourceId":"b","targetId":"b","label":"again"},"#;
    for (before, after, rule, severity) in [
        (on, "", "dead-end", "error"),
        (on, back, "trapped-caller", "error"),
        ("", "", "dead-end", "warning"),
    ] {
        let repo = Repo::new()
            .file("base/flows/main.json", flow("1.0.0", before))
            .file("flows/main.json", flow("2.0.0", after));
        let report = json(&repo);
        let mut findings = report["findings"].as_array().unwrap().iter();
        let found = findings.find(|finding| finding["rule"] == rule).unwrap();
        assert_eq!(found["severity"], severity, "{found:#}");
    }
}

/// Everything that a check and a comparison show of a case.
fn shown(repo: &Repo) -> Vec<String> {
    let based = repo.root().join("base").exists();
    let base: &[&str] = if based { &["--base-dir", "base"] } else { &[] };
    let formats = ["text", "markdown", "json", "sarif"];
    let mut all: Vec<String> = formats
        .iter()
        .map(|format| {
            check(repo, &[&["--format", format], base].concat())
                .end()
                .all()
        })
        .collect();
    if based {
        let sides = ["base/flows/main.json", "flows/main.json"];
        for format in ["text", "json"] {
            let diff = repo.flowgate(&["diff", sides[0], sides[1], "--format", format]);
            all.push(diff.end().all());
        }
        let page = ["graph", sides[1], "--against", sides[0], "--format", "html"];
        all.push(repo.flowgate(&page).end().all());
    }
    all
}

#[test]
fn keys_of_applications_and_keys_in_scripts_are_found_and_shown_nowhere() {
    for (name, secret, count) in [
        ("secret-app-key", None, 1),
        ("secret-in-script", Some("k7Qz93fhT20xLmP4wR8s"), 3),
    ] {
        let repo = case(name);
        let found = news(&json(&repo));
        let found = found
            .iter()
            .filter(|it| it.starts_with("hardcoded-secret "));
        assert!(found.count() >= count, "{name}");
        let text = std::fs::read_to_string(repo.root().join("flows/main.json")).unwrap();
        let is_hex = |word: &&str| word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let mut secrets: Vec<&str> = text.split('"').filter(is_hex).collect();
        secrets.extend(secret);
        assert!(!secrets.is_empty(), "{name}");
        for text in shown(&repo) {
            for secret in &secrets {
                assert!(!text.contains(&secret[..8]), "{name}: {text}");
            }
        }
    }
}

#[test]
fn nothing_of_the_corpus_is_hidden() {
    let flows = files_below("tests/corpus");
    let flows = flows
        .into_iter()
        .filter(|path| path.extension().is_some_and(|it| it == "json"));
    let mut count = 0;
    let repo = flows.fold(Repo::new(), |repo, path| {
        count += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        repo.file(&format!("flows/{name}"), std::fs::read(&path).unwrap())
    });
    assert!(count >= 60, "{count} flows");
    for format in ["text", "markdown", "json"] {
        let shown = check(&repo, &["--format", format]).end();
        for line in shown.out.lines() {
            assert!(
                !line.contains("‹redacted") && !line.contains("hardcoded-secret"),
                "{line}"
            );
        }
    }
}
