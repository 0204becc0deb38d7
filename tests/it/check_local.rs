//! `flowgate check` on a developer's machine: what it refuses, and how it says so.

use crate::support::{FLOW, Repo};

#[test]
fn a_path_that_is_not_there_is_named() {
    let repo = Repo::new().file("flows/a.json", FLOW);
    insta::assert_snapshot!(repo.flowgate(&["check", "flows/a.json", "flows/b.json"]).end().all(), @r#"
    exit 2
    --- err
    error: there is no file, directory or match for `flows/b.json`
    "#);
    insta::assert_snapshot!(repo.flowgate(&["check", "flows/*.jsn"]).end().all(), @r#"
    exit 2
    --- err
    error: there is no file, directory or match for `flows/*.jsn`
    "#);
}

#[test]
fn globs_that_match_nothing_are_wrong_use_and_the_nearest_files_are_named() {
    let repo = Repo::new()
        .file("contact/flows/a.json", FLOW)
        .file("package.json", "{}")
        .file("node_modules/x/flows/y.json", "{}");
    insta::assert_snapshot!(repo.flowgate(&["check"]).end().all(), @r#"
    exit 2
    --- err
    error: no file matches `flows/**/*.json`
      hint: JSON files that may be meant: `contact/flows/a.json`, `package.json`; set `--flows`, or `--allow-empty` if no flows is fine
    "#);
    assert_eq!(repo.flowgate(&["check", "--allow-empty"]).end().code, 0);
    insta::assert_snapshot!(Repo::new().flowgate(&["check"]).end().all(), @r#"
    exit 2
    --- err
    error: no file matches `flows/**/*.json`
      hint: there is no JSON file here at all; set `--flows`, or `--allow-empty` if that is fine
    "#);
}

#[test]
fn findings_for_code_scanning_go_to_stdout_or_a_file() {
    let repo = Repo::git()
        .file("flows/a.json", FLOW)
        .commit("before")
        .file(
            "flows/a.json",
            FLOW.replace("\"targetId\": \"e\"", "\"targetId\": \"f\""),
        );
    let shown = repo.flowgate(&["check", "--format", "sarif"]).end();
    let filed = repo
        .flowgate(&["check", "--sarif-file", "found.sarif"])
        .end();
    assert_eq!((shown.code, filed.code), (1, 1));
    let file = std::fs::read_to_string(repo.root().join("found.sarif")).unwrap();
    assert_eq!(file, shown.out);
    let log: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules: Vec<&str> = results
        .iter()
        .filter_map(|it| it["ruleId"].as_str())
        .collect();
    assert_eq!(
        rules,
        [
            "version-not-increased",
            "unreachable-element",
            "connector-missing-target"
        ]
    );
    let lost = repo
        .flowgate(&["check", "--sarif-file", "no/such/place"])
        .end();
    assert_eq!(lost.code, 4, "{}", lost.all());
}

/// A merge that is sure to fail must not be green, however long the file has been like this.
#[test]
fn an_old_fault_that_cxone_refuses_fails_the_check_of_a_change_that_sends_it() {
    let sound = FLOW.replace(
        r#"{"id": "e""#,
        r#"{"id": "m", "type": "IVR", "configuration": {"prompt": "Hello"}}, {"id": "e""#,
    );
    let faulty = sound.replace(r#""targetId": "e""#, r#""targetId": "f""#);
    let changed = |flow: &str| flow.replace("1.0.0", "1.1.0").replace("Hello", "Good day");
    let repo = Repo::git()
        .file("flows/a.json", &faulty)
        .commit("before")
        .file("flows/a.json", changed(&faulty));
    for command in [&["check"][..], &["deploy", "--sandbox"]] {
        let end = repo.flowgate(command).end();
        let told = end.all();
        assert_eq!(end.code, if command == ["check"] { 1 } else { 4 }, "{told}");
        assert!(told.contains("error[connector-missing-target]"), "{told}");
        assert!(told.contains("blocked"), "{told}");
        assert!(!told.contains("HTTP 400"), "nothing was sent: {told}");
    }
    // A number that was there before is no number to go on with.
    let same = faulty.replace("Hello", "Good day");
    let told = repo.file("flows/a.json", same).flowgate(&["check"]).end();
    let raise = "after a fix needs a version above 1.0.0 (`flowgate bump flows/a.json`)";
    assert!(told.out.contains(raise), "{}", told.all());
    // Whoever does not touch the flow is not held up by it.
    let other = sound.replace("main-line", "other");
    let elsewhere = Repo::git()
        .file("flows/a.json", &faulty)
        .file("flows/b.json", &other)
        .commit("before")
        .file("flows/b.json", changed(&other));
    let check = elsewhere.flowgate(&["check"]).end();
    assert_eq!(check.code, 0, "{}", check.all());
}

#[test]
fn a_directory_without_flows_is_wrong_use() {
    let repo = Repo::new().file("flows/a.json", FLOW).file("docs/a.md", "");
    insta::assert_snapshot!(repo.flowgate(&["check", "docs"]).end().all(), @r#"
    exit 2
    --- err
    error: there is no JSON file in `docs`
      hint: name another directory, or set `--allow-empty` if that is fine
    "#);
}

#[test]
fn a_path_of_another_repository_is_refused() {
    let repo = Repo::git().file("flows/a.json", FLOW).commit("all");
    let other = Repo::new().file("a.json", FLOW);
    let path = other.root().join("a.json").display().to_string();
    let ended = repo
        .flowgate(&["check", "flows", &path])
        .redact(path, "[OTHER]")
        .end();
    insta::assert_snapshot!(ended.all(), @r#"
    exit 2
    --- err
    error: `[OTHER]` is outside of `[ROOT]`
      hint: check one repository at a time, from inside of it
    "#);
}

#[test]
fn a_base_needs_a_repository_and_a_revision_that_is_there() {
    let plain = Repo::new().file("flows/a.json", FLOW);
    insta::assert_snapshot!(plain.flowgate(&["check", "--base", "main"]).end().all(), @r#"
    exit 2
    --- err
    error: cannot compare with `main`: `[ROOT]` is not in a git repository
      hint: compare with a directory: `--base-dir DIR`
    "#);

    let repo = Repo::git()
        .file("flows/a.json", FLOW)
        .commit("one")
        .commit("two");
    insta::assert_snapshot!(repo.flowgate(&["check", "--base", "mian"]).end().all(), @r#"
    exit 2
    --- err
    error: git knows no revision `mian` in `[ROOT]`
      hint: `git branch --all` and `git log` show what there is
    "#);
    repo.run_git(&["tag", "--annotate", "--message", "tagged", "v1"]);
    let code = |revision: &str| {
        repo.flowgate(&["check", &format!("--base={revision}")])
            .end()
            .code
    };
    for revision in ["HEAD~1", "v1", ":/one", "main@{0}"] {
        assert_eq!(code(revision), 0, "{revision}");
    }
    // A revision is never an option, and never two questions; a file or a directory is no revision.
    for revision in [
        "--output=x",
        "HEAD\nHEAD",
        "HEAD missing",
        "HEAD:flows",
        "HEAD:flows/a.json",
    ] {
        assert_eq!(code(revision), 2, "{revision}");
    }

    let shallow = Repo::new();
    let url = format!("file://{}", repo.root().display());
    shallow.run_git(&["clone", "--quiet", "--depth=1", &url, "clone"]);
    let ended = shallow
        .flowgate(&["check", "--base", "HEAD~1"])
        .cwd(shallow.root().join("clone"))
        .end();
    insta::assert_snapshot!(ended.all(), @r#"
    exit 2
    --- err
    error: git knows no revision `HEAD~1` in `[ROOT]/clone`
      hint: this clone is shallow: `git fetch --unshallow origin` brings the rest of its history (in a workflow: `fetch-depth: 0`)
    "#);
}

#[test]
fn without_git_on_the_machine_a_directory_still_serves_as_base() {
    let repo = Repo::git()
        .file("flows/a.json", FLOW)
        .file("old/flows/a.json", FLOW)
        .commit("all");
    let ended = repo.flowgate(&["check"]).env("PATH", "/nowhere").end();
    assert_eq!(ended.code, 4);
    assert!(
        ended.err.starts_with("error: could not run git\n"),
        "{}",
        ended.err
    );
    let ended = repo
        .flowgate(&["check", "--base-dir", "old"])
        .env("PATH", "/nowhere")
        .end();
    assert_eq!(ended.code, 0, "{}", ended.err);
}

#[test]
fn a_broken_repository_says_what_git_says() {
    let repo = Repo::new()
        .file(".git", "gitdir: nowhere\n")
        .file("flows/a.json", FLOW);
    let ended = repo.flowgate(&["check"]).end();
    assert_eq!(ended.code, 4);
    assert!(ended.err.contains("nowhere"), "{}", ended.err);
}

#[test]
fn it_works_from_a_directory_below_the_root() {
    let repo = Repo::git()
        .file("flows/eu/a.json", FLOW)
        .commit("all")
        .file("flows/eu/b.json", FLOW);
    let ended = repo
        .flowgate(&["check", "-v", "b.json"])
        .cwd(repo.root().join("flows/eu"))
        .end();
    assert!(
        ended.err.contains("changed: flows/eu/b.json"),
        "{}",
        ended.err
    );
}

#[test]
fn one_good_one_broken_and_one_unreadable_file_are_all_told_with_their_places() {
    let broken = FLOW
        .replace("\"1.0.0\"", "\"one\"")
        .replace("\"targetId\": \"e\"", "\"targetId\": \"f\"");
    let repo = Repo::new()
        .file("flows/broken.json", broken)
        .file("flows/good.json", FLOW.replace("main-line", "good"))
        .pipe("flows/unreadable.json");
    let ended = repo.flowgate(&["check", "flows"]).end();
    insta::assert_snapshot!(ended.all(), @r#"
    exit 1
    --- out
    error[connector-missing-target]: the connector from Begin `b` leads to `f`; no element has that id
     --> flows/broken.json:8:59
      |
    8 |   "connectors": [{"id": "c", "sourceId": "b", "targetId": "f"}]
      |                                                           ^^^ Begin b
      |
      = note: goes away with it: no way leads from Begin to End `e`
      = help: did you mean Begin `b`? set `targetId` to `b`

    error[version-not-semver]: `version` is `one`, which is not semantic versioning: unexpected character 'o' while parsing major version number
     --> flows/broken.json:3:14
      |
    3 |   "version": "one",
      |              ^^^^^

    error[not-a-file]: the file could not be read: it is not a regular file
     --> flows/unreadable.json:1:1
      |
    1 |
      | ^
      |
      = help: check that it exists and who may read it

    main-line (flows/broken.json)
      compared    New flow: CXone was not asked what is live
      merging     blocked, nothing is published
                  the file cannot be published before its errors are fixed

    flows/unreadable.json
      compared    Nothing to compare with: the file cannot be read
      merging     blocked, nothing is published
                  the file cannot be published before its errors are fixed

    good (flows/good.json)
      compared    New flow: CXone was not asked what is live
      merging     creates 1.0.0, live at once

    3 errors, 0 warnings in 3 flow files
    --- err
    note: compared with nothing: this is not a git repository
    "#);
    let json = repo.flowgate(&["check", "--format", "json"]).end();
    assert_eq!(json.code, 1);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    for finding in json["findings"].as_array().unwrap() {
        assert!(
            finding["line"].is_u64() && finding["column"].is_u64(),
            "{finding}"
        );
    }
    assert_eq!(json["flows"].as_array().unwrap().len(), 3);
    assert_eq!(
        repo.flowgate(&["check", "--fail-on", "never"]).end().code,
        0
    );
    assert_eq!(repo.flowgate(&["check", "flows/good.json"]).end().code, 0);
}

#[test]
fn two_runs_on_the_same_files_say_the_same() {
    let repo = Repo::git().file("flows/a.json", FLOW).commit("all");
    repo.write("flows/a.json", FLOW.replace("\"e\"", "\"x\""));
    for format in ["text", "markdown", "json"] {
        let run = || repo.flowgate(&["check", "--format", format]).end().all();
        assert_eq!(run(), run(), "{format}");
    }
}
