//! Flows whose files are renamed, swapped and numbered anew: each is compared with what it was, wherever that stood.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{FLOW, propose_as};
use crate::run_deploy::stage::{Stage, flow};

/// Path and rule of each finding in a SARIF file.
fn found(file: &Path) -> Vec<(String, String)> {
    let log: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let found = results.map(|result| {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let [place, rule] = [place, &result["ruleId"]].map(|text| text.as_str().unwrap());
        (place.to_owned(), rule.to_owned())
    });
    found.collect()
}

/// How many elements a change modifies, and what is found, as a pull request's run says it; the desk says the same.
fn both_say(stage: &mut Stage, change: impl FnOnce(&Stage)) -> (String, Vec<(String, String)>) {
    let payload = propose_as(stage, 7, || {
        change(stage);
        stage.commit(&[])
    });
    let [run, desk] = ["run.sarif", "desk.sarif"].map(|name| stage.folder.path().join(name));
    let begun = stage
        .event("pull_request", &payload)
        .env("FLOWGATE_BASELINE", "base")
        .env("FLOWGATE_SARIF_FILE", run.to_str().unwrap());
    let done = begun.end();
    let sarif = [
        "check",
        "--base",
        "main",
        "--sarif-file",
        desk.to_str().unwrap(),
    ];
    stage.repo.flowgate(&sarif).end();
    let said = found(&run);
    assert_eq!(said, found(&desk), "the pull request and the desk");
    (done.outputs["modified"].clone(), said)
}

fn finding(path: &str, rule: &str) -> (String, String) {
    (path.to_owned(), rule.to_owned())
}

#[test]
fn a_renamed_flow_that_is_changed_is_no_new_one() {
    let mut stage = Stage::new();
    stage.commit(&[(FLOW, flow("a", "1.0.0", "hello"))]);
    let said = both_say(&mut stage, |stage| {
        stage.repo.run_git(&["mv", FLOW, "flows/moved.json"]);
        let changed = flow("a", "1.0.0", "good day");
        stage.repo.write("flows/moved.json", changed);
    });
    let not_raised = finding("flows/moved.json", "version-not-increased");
    assert_eq!(said, ("1".to_owned(), vec![not_raised]));
}

#[test]
fn swapped_and_numbered_anew_each_flow_is_compared_with_what_it_was() {
    let mut stage = Stage::new();
    let place = |nth: usize| format!("flows/{nth}.json");
    let text = |nth: usize, words: &str| flow(&format!("f{nth}"), "1.0.0", words);
    let files: Vec<_> = (0..5).map(|nth| (place(nth), text(nth, "hello"))).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.clone()))
        .collect();
    stage.commit(&files);
    // 0 and 1 change places; 2, 3 and 4 move up by one, and 3 is given other words.
    let (modified, said) = both_say(&mut stage, |stage| {
        stage.repo.write(&place(0), text(1, "hello"));
        stage.repo.write(&place(1), text(0, "hello"));
        stage.repo.write(&place(3), text(2, "hello"));
        stage.repo.write(&place(4), text(3, "good day"));
        stage.repo.write(&place(5), text(4, "hello"));
        fs::remove_file(stage.repo.root().join(place(2))).unwrap();
    });
    assert_eq!(modified, "1", "{said:?}");
    let of_files = |rule: &str| -> Vec<&str> {
        let found = said.iter().filter(|(_, found)| found == rule);
        found.map(|(path, _)| path.as_str()).collect()
    };
    assert_eq!(of_files("version-not-increased"), [place(4)], "{said:?}");
    assert_eq!(of_files("not-a-file"), [""; 0], "{said:?}");
}

/// A flow that stood where no flow file is looked for, and is moved to where one is.
const DRAFT: &str = "drafts/a.json";

#[test]
fn a_flow_that_is_moved_in_from_elsewhere_is_compared_with_what_it_was() {
    for check_out in ["git", "GitHub alone"] {
        let mut stage = Stage::new();
        stage.commit(&[
            (DRAFT, flow("a", "1.0.0", "hello")),
            ("drafts/other.json", flow("other", "1.0.0", "hello")),
            ("flows/b.json", flow("b", "1.0.0", "hello")),
        ]);
        let payload = propose_as(&stage, 7, || {
            stage.repo.run_git(&["mv", DRAFT, "flows/moved.json"]);
            let changed = flow("a", "1.0.0", "good day");
            stage.repo.write("flows/moved.json", changed);
            let other = flow("other", "1.0.0", "nobody moves it");
            stage.repo.write("drafts/other.json", other);
            stage.commit(&[])
        });
        let elsewhere = stage.folder.path().join("nothing-here");
        fs::create_dir_all(&elsewhere).unwrap();
        let mut run = stage
            .event("pull_request", &payload)
            .env("FLOWGATE_BASELINE", "base");
        if check_out != "git" {
            run = run.cwd(&elsewhere);
        }
        let done = run.end().ends(1, "version-not-increased");
        assert_eq!(done.outputs["modified"], "1", "{check_out}: {}", done.log);
        assert_eq!(done.outputs["changed-count"], "1", "{check_out}");
        assert!(
            !done.log.contains("other.json"),
            "{check_out}: {}",
            done.log
        );
        assert!(!done.log.contains("deleted"), "{check_out}: {}", done.log);
    }
}

#[test]
fn the_desk_finds_a_flow_that_is_moved_in_committed_staged_or_neither() {
    type Step = fn(&Stage);
    let add: Step = |stage| drop(stage.repo.run_git(&["add", "--all"]));
    let commit: Step = |stage| {
        stage.repo.run_git(&["add", "--all"]);
        stage
            .repo
            .run_git(&["commit", "--quiet", "--message", "move"]);
    };
    for (what, then) in [
        ("neither", (|_| {}) as Step),
        ("staged", add),
        ("committed", commit),
    ] {
        let stage = Stage::new();
        let begin = stage.commit(&[
            (DRAFT, flow("a", "1.0.0", "hello")),
            ("flows/b.json", flow("b", "1.0.0", "hello")),
        ]);
        let root = stage.repo.root();
        fs::rename(root.join(DRAFT), root.join("flows/moved.json")).unwrap();
        stage
            .repo
            .write("flows/moved.json", flow("a", "1.1.0", "good day"));
        then(&stage);
        for paths in [&[][..], &["flows/moved.json"]] {
            let args = [&["check", "--base", &begin, "--format", "json"], paths].concat();
            let ended = stage.repo.flowgate(&args).end();
            let report: Value = serde_json::from_str(&ended.out).unwrap();
            let rows = report["flows"].as_array().unwrap();
            assert_eq!(rows.len(), 1, "{what}: {}", ended.all());
            assert_eq!(
                rows[0]["baseline"]["kind"],
                "base",
                "{what}: {}",
                ended.all()
            );
            let modified = &rows[0]["deltaMatrix"]["modified"];
            assert_eq!(modified.as_array().unwrap().len(), 1, "{what}");
            assert_eq!(ended.code, 0, "{what}: {}", ended.all());
        }
    }
}

#[test]
fn a_flow_that_moves_in_is_compared_with_where_it_stood_in_a_directory_too() {
    let stage = Stage::new();
    let before = stage.folder.path().join("before");
    for (path, text) in [
        (DRAFT, flow("a", "1.0.0", "hello")),
        ("flows/b.json", flow("b", "1.0.0", "hello")),
    ] {
        let file = before.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let moved = "flows/moved.json";
    stage.repo.write(moved, flow("a", "1.1.0", "good day"));
    let base = before.to_str().unwrap();
    let args = ["check", "--base-dir", base, "--format", "json", moved];
    let ended = stage.repo.flowgate(&args).end();
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let row = &report["flows"][0];
    assert_eq!(row["flowId"], "a", "{}", ended.all());
    assert_eq!(row["baseline"]["kind"], "base", "{}", ended.all());
    let modified = row["deltaMatrix"]["modified"].as_array().unwrap();
    assert_eq!(modified.len(), 1, "{}", ended.all());
}
