//! What a pull request changes, whoever can tell: git of any kind, or GitHub alone.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::json;

use super::{FLOW, bodies, broken, check, live, propose, propose_as, said};
use crate::run_deploy::stage::{Stage, flow};

/// A directory with a `git` that is this script; `REAL` is the true one.
fn another_git(stage: &Stage, script: &str) -> String {
    let paths = env::var_os("PATH").unwrap();
    let real = env::split_paths(&paths)
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let folder = stage.folder.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let git = folder.join("git");
    let script = script.replace("REAL", &real.display().to_string());
    fs::write(&git, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), paths.to_str().unwrap())
}

/// How often GitHub was asked for files.
fn asked_for_files(stage: &Stage) -> usize {
    let requests = stage.fake.requests();
    let files = requests
        .iter()
        .filter(|request| request.path.contains("/git/") || request.path.ends_with("/graphql"));
    files.count()
}

#[test]
fn a_work_tree_that_belongs_to_somebody_else_is_read_all_the_same() {
    let mut stage = Stage::new();
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    // What a container job sees, by git's own switch for its tests.
    let script = "GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec REAL \"$@\"";
    let path = another_git(&stage, script);
    let refused = Command::new("git")
        .args(["-C", stage.repo.root().to_str().unwrap(), "log"])
        .env("PATH", &path)
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("dubious ownership"),
        "git itself would refuse: {refused:?}"
    );
    let run = stage.event("pull_request", &payload).env("PATH", &path);
    run.end().ends(1, "connector-missing-target");
    assert_eq!(asked_for_files(&stage), 0);
}

#[test]
fn where_git_fails_or_is_not_there_github_says_the_same() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    check(&mut stage, "pull_request", &payload).ends(1, "");
    let text = said(&stage, 7);
    let empty = stage.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let failing = another_git(&stage, "echo 'fatal: no' >&2; exit 128");
    for path in [failing.as_str(), empty.to_str().unwrap()] {
        stage.fake.state().comments.clear();
        let run = stage.event("pull_request", &payload).env("PATH", path);
        run.end().ends(1, "connector-missing-target");
        assert_eq!(said(&stage, 7), text, "{path}");
    }
    assert!(asked_for_files(&stage) > 0);
}

#[test]
fn more_than_three_hundred_files_and_one_that_is_large_are_all_seen() {
    let mut stage = Stage::new();
    let large = |words: &str| {
        let notes = "n".repeat(1_200_000);
        flow("large", "1.0.0", words).replacen('{', &format!("{{\"notes\": \"{notes}\", "), 1)
    };
    stage.commit(&[
        ("flows/large.json", large("hello")),
        ("flowgate.toml", "max-changes = 400\n".to_owned()),
    ]);
    let many: Vec<(String, String)> = (0..310)
        .map(|n| {
            let text = flow(&format!("f{n}"), "1.0.0", "hello");
            (format!("flows/{:02}/{n}.json", n % 7), text)
        })
        .collect();
    let mut files: Vec<(&str, String)> = many
        .iter()
        .map(|(path, text)| (path.as_str(), text.clone()))
        .collect();
    files.push((
        "flows/large.json",
        large("good day").replace("1.0.0", "1.1.0"),
    ));
    let payload = propose(&stage, 7, &files);
    // GitHub cuts its list of the tree, too.
    stage.fake.state().tree_limit = 100;
    let bare = stage.folder.path().join("bare");
    fs::create_dir(&bare).unwrap();
    let run = stage.event("pull_request", &payload).cwd(&bare);
    let done = run.env("FLOWGATE_BASELINE", "base").end().ends(0, "");
    let outputs = &done.outputs;
    assert_eq!(outputs["changed-count"], "311");
    assert_eq!(outputs["modified"], "1", "the large one");
    let body = &bodies(&stage, 7)[0];
    assert!(body.contains("311 flows"), "{body}");
    assert!(done.summary.contains("good day"), "the summary has room");
}

#[test]
fn a_moved_file_is_nothing_and_a_deleted_one_takes_nothing_away() {
    let mut stage = Stage::new();
    let before = stage.head();
    let files = [
        (FLOW, flow("a", "1.0.0", "hello")),
        ("flows/b.json", flow("b", "1.0.0", "hello")),
    ];
    stage.merge(1, &files);
    stage.push(&before).end().ends(0, "2 live");
    let payload = propose_as(&stage, 7, || {
        stage.repo.run_git(&["mv", FLOW, "flows/moved.json"]);
        stage.repo.run_git(&["rm", "--quiet", "flows/b.json"]);
        stage.commit(&[])
    });
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    assert!(
        done.summary
            .contains("what is live stays live until somebody removes it on CXone"),
        "{}",
        done.summary
    );
    assert!(!done.summary.contains("New flow"), "{}", done.summary);
    let counts = ["added", "removed", "modified", "error-count"].map(|name| &done.outputs[name]);
    assert_eq!(counts, ["0"; 4], "{}", done.summary);
}

#[test]
fn after_another_base_was_chosen_the_trial_merge_into_the_old_one_does_not_count() {
    let mut stage = Stage::new();
    let begin = stage.commit(&[("a.txt", "a".to_owned())]);
    stage.commit(&[("flowgate.toml", "fail-on = \"never\"\n".to_owned())]);
    let mut payload = propose(&stage, 7, &[(FLOW, broken())]);
    check(&mut stage, "pull_request", &payload).ends(0, "connector-missing-target");
    payload["action"] = json!("edited");
    check(&mut stage, "pull_request", &payload).ends(0, "connector-missing-target");
    payload["changes"] = json!({"base": {"ref": {"from": "main"}, "sha": {"from": begin}}});
    payload["pull_request"]["base"] = json!({"ref": "release", "sha": begin, "repo": {"id": 10}});
    check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    assert!(bodies(&stage, 7)[0].contains("❌"));
}

#[test]
fn a_checkout_with_a_path_is_found_where_an_input_names_its_folder() {
    let mut stage = Stage::new();
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    // The workspace is no repository: `actions/checkout` was given `path: flows-repo`.
    let workspace = stage.folder.path().join("workspace");
    fs::create_dir(&workspace).unwrap();
    let from = stage.repo.root();
    std::os::unix::fs::symlink(&from, workspace.join("flows-repo")).unwrap();
    let run = |stage: &mut Stage, folder: &str| {
        let run = stage.event("pull_request", &payload).cwd(&workspace);
        run.env("FLOWGATE_WORKING_DIRECTORY", folder)
            .env("FLOWGATE_SARIF_FILE", "found.sarif")
            .end()
    };
    run(&mut stage, "flows-repo").ends(1, "connector-missing-target");
    assert_eq!(asked_for_files(&stage), 0, "the clone has them");
    assert!(
        workspace.join("found.sarif").exists(),
        "where the next step looks"
    );
    run(&mut stage, "elsewhere").ends(2, "there is no folder");
}
