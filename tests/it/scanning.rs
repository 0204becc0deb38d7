//! Findings for code scanning: those of all flows, so that an alert closes only when its fault is gone.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::run_check::propose;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::Repo;

const OLD: &str = "flows/old.json";
const OTHER: &str = "flows/other.json";

/// A flow with a connector that leads nowhere.
fn broken(id: &str) -> String {
    flow(id, "1.0.0", "hello").replace(r#""targetId": "e""#, r#""targetId": "f""#)
}

/// Of each result: where, which rule, whether it is new, and what code scanning tells alerts apart by.
fn results(file: &Path) -> Vec<(String, String, String, String)> {
    let log: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = results.map(|result| {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
        let [place, hash] = [place, hash].map(text);
        (
            place,
            text(&result["ruleId"]),
            text(&result["baselineState"]),
            hash,
        )
    });
    results.collect()
}

/// What code scanning makes of a list of results: an alert each.
fn alerts(file: &Path) -> Vec<String> {
    let mut hashes: Vec<String> = results(file).into_iter().map(|(.., hash)| hash).collect();
    hashes.sort();
    hashes
}

#[test]
fn an_alert_closes_when_its_fault_is_gone_and_not_before() {
    let mut stage = Stage::new();
    let start = stage.head();
    stage.commit(&[
        (OLD, broken("old")),
        (OTHER, flow("other", "1.0.0", "hello")),
    ]);
    let file = stage.folder.path().join("found.sarif");
    let scan = |stage: &mut Stage, event: &str, payload: &Value, cwd: Option<&Path>| {
        let _ = fs::remove_file(&file);
        let mut run = stage
            .event(event, payload)
            .typed(&["run", "--mode", "check"])
            .env("FLOWGATE_BASELINE", "base")
            .env("FLOWGATE_SARIF_FILE", file.to_str().unwrap());
        if let Some(cwd) = cwd {
            run = run.cwd(cwd);
        }
        run.end()
    };
    let push = |stage: &Stage, before: &str| Stage::push_of(before, &stage.head());
    let payload = push(&stage, &start);
    scan(&mut stage, "push", &payload, None).ends(1, "connector-missing-target");
    let first = alerts(&file);
    assert!(first.len() > 1, "{:?}", results(&file));

    // A change of another flow, on a pull request and on `main`: the old alerts stay, and the run is about the change.
    let changed = flow("other", "1.1.0", "good day");
    let payload = propose(&stage, 7, &[(OTHER, changed.clone())]);
    let done = scan(&mut stage, "pull_request", &payload, None).ends(0, "");
    assert_eq!(alerts(&file), first, "{:?}", results(&file));
    assert!(
        results(&file)
            .iter()
            .all(|(_, _, state, _)| state == "unchanged")
    );
    assert_eq!(done.outputs["error-count"], "0");
    let comment = stage.fake.state().bodies(7)[0].to_owned();
    assert!(!comment.contains(OLD), "{comment}");
    // GitHub alone says the same, however many files there are.
    let bare = stage.folder.path().join("bare");
    fs::create_dir(&bare).unwrap();
    scan(&mut stage, "pull_request", &payload, Some(&bare)).ends(0, "");
    assert_eq!(alerts(&file), first);

    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    let before = stage.head();
    stage.commit(&[(OTHER, changed)]);
    let payload = push(&stage, &before);
    scan(&mut stage, "push", &payload, None).ends(0, "");
    assert_eq!(alerts(&file), first, "{:?}", results(&file));

    // A change of the flow itself that leaves its faults alone.
    let before = stage.head();
    let still = broken("old")
        .replace("hello", "good day")
        .replace("1.0.0", "1.1.0");
    stage.commit(&[(OLD, still)]);
    let payload = push(&stage, &before);
    let _ = scan(&mut stage, "push", &payload, None);
    assert_eq!(alerts(&file), first, "{:?}", results(&file));

    let before = stage.head();
    stage.commit(&[(OLD, flow("old", "1.2.0", "good day"))]);
    let payload = push(&stage, &before);
    scan(&mut stage, "push", &payload, None).ends(0, "");
    assert_eq!(results(&file), []);
}

/// More flows than GitHub is usually asked for of those that a change leaves alone.
#[test]
fn a_large_repository_without_a_clone_closes_no_alert_either() {
    let mut stage = Stage::new();
    let many: Vec<(String, String)> = (0..230)
        .map(|nth| (format!("flows/{nth:03}.json"), broken(&format!("f{nth}"))))
        .collect();
    let files: Vec<(&str, String)> = many
        .iter()
        .map(|(path, text)| (path.as_str(), text.clone()))
        .collect();
    stage.commit(&files);
    let payload = propose(&stage, 7, &[(OTHER, flow("other", "1.0.0", "hello"))]);
    let bare = stage.folder.path().join("bare");
    fs::create_dir(&bare).unwrap();
    let file = stage.folder.path().join("found.sarif");
    let run = stage.event("pull_request", &payload).cwd(&bare);
    let run = run
        .env("FLOWGATE_BASELINE", "base")
        .env("FLOWGATE_SARIF_FILE", file.to_str().unwrap());
    run.end().ends(0, "");
    let results = results(&file);
    let missing = results
        .iter()
        .filter(|(_, rule, ..)| rule == "connector-missing-target");
    assert_eq!(missing.count(), 230);
}

#[test]
fn the_desk_says_the_same_and_what_is_accepted_is_dismissed() {
    let repo = Repo::git()
        .file("flows/old.json", broken("old"))
        .file("flows/other.json", flow("other", "1.0.0", "hello"))
        .commit("begin");
    let file = repo.root().join("found.sarif");
    let check = |args: &[&str]| {
        let args = [&["check", "--sarif-file", "found.sarif"], args].concat();
        repo.flowgate(&args).end()
    };
    let ended = check(&[]);
    assert_eq!(ended.code, 0, "nothing is changed: {}", ended.all());
    let first = alerts(&file);
    assert!(!first.is_empty());
    check(&["flows/other.json"]);
    assert_eq!(alerts(&file), first);
    let shown = repo.flowgate(&["check", "--format", "sarif"]).end();
    assert_eq!(shown.out, fs::read_to_string(&file).unwrap());
    // In a change of its own flow, what was there is not new.
    let still = broken("old")
        .replace("hello", "good day")
        .replace("1.0.0", "1.1.0");
    repo.write("flows/old.json", still);
    check(&[]);
    assert_eq!(alerts(&file), first);
    repo.write(
        "flowgate.toml",
        "[[waivers]]\nrule = \"unreachable-element\"\nflow = \"old\"\nreason = \"later\"\nuntil = \"2999-01-01\"\n",
    );
    repo.run_git(&["checkout", "--quiet", "flows/old.json"]);
    check(&[]);
    let log: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let mut dismissed = results.filter(|result| !result["suppressions"].is_null());
    let only = dismissed.next().unwrap();
    assert_eq!(only["ruleId"], json!("unreachable-element"));
}
