//! What a person has at the desk: formatting, and what git calls to compare and to merge.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use assert_cmd::cargo::cargo_bin;

use crate::support::{Ended, FLOW, Repo};

fn read(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.root().join(path)).unwrap()
}

#[test]
fn formatting_writes_what_has_another_form_and_then_is_quiet() {
    let repo = Repo::git()
        .file("flows/a.json", FLOW)
        .file("flows/b.json", FLOW.replace("main-line", "other"))
        .file("flows/.hidden/c.json", FLOW)
        .file("notes.json", FLOW);
    let check = repo.flowgate(&["fmt", "--check"]).end();
    insta::assert_snapshot!(check.all(), @"
    exit 1
    --- out
    flows/a.json: has another form
    flows/b.json: has another form
    --- err
    hint: `flowgate fmt` writes them in one form
    ");
    assert_eq!(read(&repo, "flows/a.json"), FLOW);
    let written = repo.flowgate(&["fmt"]).end();
    insta::assert_snapshot!(written.all(), @"
    exit 0
    --- out
    flows/a.json: formatted
    flows/b.json: formatted
    ");
    insta::assert_snapshot!(read(&repo, "flows/a.json"), @r#"
    {
      "flowId": "main-line",
      "version": "1.0.0",
      "elements": [
        {
          "id": "b",
          "type": "Begin",
          "configuration": {}
        },
        {
          "id": "e",
          "type": "End",
          "configuration": {}
        }
      ],
      "connectors": [
        {"id": "c", "sourceId": "b", "targetId": "e"}
      ]
    }
    "#);
    assert_eq!(read(&repo, "notes.json"), FLOW);
    for again in [&["fmt"][..], &["fmt", "--check"]] {
        let ended = repo.flowgate(again).end();
        assert_eq!((ended.code, ended.all().as_str()), (0, "exit 0\n"));
    }
    // What a flow does is the same: nothing to publish after formatting.
    let repo = Repo::git().file("flows/a.json", FLOW).commit("before");
    assert_eq!(repo.flowgate(&["fmt", "flows/a.json"]).end().code, 0);
    let check = repo.flowgate(&["check", "--format", "json"]).end();
    assert!(
        check.out.contains("\"action\": \"nothing\""),
        "{}",
        check.out
    );
}

#[test]
fn what_cannot_be_formatted_is_left_alone_and_said_and_the_rest_is_done() {
    let repo = Repo::git()
        .file("flows/a.json", FLOW)
        .file("flows/broken.json", "{\"flowId\": ")
        .file("flows/latin.json", b"{\"a\": \"\xe9\"}")
        .file(
            "flows/twice.json",
            "{\n  \"flowId\": \"a\", \"flowId\": \"b\"}",
        )
        .file("real.json", FLOW)
        .symlink("flows/link.json", "../real.json");
    let ended = repo.flowgate(&["fmt"]).end();
    insta::assert_snapshot!(ended.all(), @r#"
    exit 2
    --- out
    flows/a.json: formatted
    --- err
    error: flows/broken.json:1:11: it is not JSON: the text ends, but the object that begins on line 1 is not closed with `}`; the file was left alone
    error: flows/latin.json: the byte 0xE9 is not UTF-8; nothing more of this file was read; the file was left alone
    error: could not write `[ROOT]/flows/link.json`: `[ROOT]/flows/link.json` is a symbolic link; the file was left alone
    error: flows/twice.json:2:18: the key "flowId" stands a second time in this object; the file was left alone
    "#);
    assert_eq!(read(&repo, "real.json"), FLOW);
    assert!(read(&repo, "flows/twice.json").contains("\"a\", \"flowId\""));
    assert_ne!(read(&repo, "flows/a.json"), FLOW);
}

/// A repository that knows the drivers, as `docs/usage.md` says.
fn with_drivers() -> Repo {
    let repo = Repo::git().file(
        ".gitattributes",
        "flows/**/*.json diff=flowgate merge=flowgate\n",
    );
    let flowgate = cargo_bin!("flowgate").display().to_string();
    repo.run_git(&[
        "config",
        "diff.flowgate.command",
        &format!("'{flowgate}' diff-driver"),
    ]);
    repo.run_git(&[
        "config",
        "merge.flowgate.driver",
        &format!("'{flowgate}' merge-driver %O %A %B %P %L"),
    ]);
    repo
}

const MENU: &str = r#"{
  "flowId": "main-line",
  "name": "Main line",
  "version": "1.0.0",
  "elements": [
    {"id": "b", "type": "Begin", "configuration": {}},
    {"id": "m", "type": "IVR", "name": "Menu", "configuration": {"prompt": "For claims, press 1.", "timeoutSeconds": 5}},
    {"id": "q", "type": "Queue", "name": "Claims", "configuration": {"skill": "Claims", "maxWaitSeconds": 60}},
    {"id": "e", "type": "End", "name": "Bye", "configuration": {}}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "b", "targetId": "m"},
    {"id": "c2", "sourceId": "m", "targetId": "q", "label": "press 1"},
    {"id": "c3", "sourceId": "m", "targetId": "e", "label": "no input"},
    {"id": "c4", "sourceId": "q", "targetId": "e", "label": "timeout"}
  ]
}
"#;

#[test]
fn git_diff_speaks_of_elements() {
    let repo = with_drivers()
        .file("flows/gone.json", MENU.replace("main-line", "gone"))
        .file("flows/main.json", MENU)
        .file("flows/same.json", MENU.replace("main-line", "same"))
        .commit("before")
        .file(
            "flows/main.json",
            MENU.replace("press 1.\"", "press 1. \\u001b[2JOr wait.\"")
                .replace(
                    "\"targetId\": \"e\", \"label\": \"no input\"",
                    "\"targetId\": \"q\", \"label\": \"no input\"",
                )
                .replace("1.0.0", "1.1.0"),
        )
        .file("flows/new.json", MENU.replace("main-line", "new"))
        .file(
            "flows/same.json",
            MENU.replace("main-line", "same").replace("  ", " "),
        );
    fs::remove_file(repo.root().join("flows/gone.json")).unwrap();
    repo.run_git(&["add", "--all"]);
    insta::assert_snapshot!(repo.run_git(&["diff", "--cached", "--no-renames"]), @r#"
    flow flows/gone.json
    deleted: Main line, 4 elements, 4 connectors
    flow flows/main.json
    version 1.0.0 → 1.1.0
    ~ element Menu (m) modified
        /configuration/prompt: "For claims, press 1." → "For claims, press 1. [2JOr wait."
    ~ connector Menu –[no input]→ Claims (c3) modified
        /targetId: "e" → "q"

    elements: 1 modified
    connectors: 1 modified
    flow flows/new.json
    new: Main line, 4 elements, 4 connectors
    flow flows/same.json
    only written in another way
    "#);
    let renamed = repo.run_git(&["diff", "--cached", "--find-renames"]);
    assert!(
        renamed.contains("flow flows/gone.json → flows/new.json\nalso different: flowId\n"),
        "{renamed}"
    );
}

#[test]
fn git_diff_shows_lines_where_a_side_is_no_flow() {
    let repo = with_drivers()
        .file("flows/main.json", FLOW)
        .commit("before")
        .file(
            "flows/main.json",
            FLOW.replace("\"elements\": [", "\"elements\": [ \u{1b}[2J"),
        );
    let shown = repo.run_git(&["diff"]);
    assert!(
        shown.starts_with(
            "flow flows/main.json\nby its lines, since a side is no flow: the file is not JSON"
        ),
        "{shown}"
    );
    assert!(
        shown.contains("\n-  \"elements\": [\n+  \"elements\": [ \\u{1b}[2J\n"),
        "{shown}"
    );
}

fn merge(repo: &Repo, branch: &str) -> (bool, String) {
    let output = std::process::Command::new("git")
        .current_dir(repo.root())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Nobody")
        .env("GIT_AUTHOR_EMAIL", "nobody@example.com")
        .env("GIT_COMMITTER_NAME", "Nobody")
        .env("GIT_COMMITTER_EMAIL", "nobody@example.com")
        .args(["merge", "--no-edit", "--quiet", branch])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.success(), said.join(""))
}

/// Two branches of one flow; the first is checked out.
fn branches(ours: &str, theirs: &str) -> Repo {
    let repo = with_drivers()
        .file("flows/main.json", MENU)
        .commit("before");
    repo.run_git(&["checkout", "-q", "-b", "theirs"]);
    let repo = repo.file("flows/main.json", theirs).commit("theirs");
    repo.run_git(&["checkout", "-q", "main"]);
    repo.file("flows/main.json", ours).commit("ours")
}

fn check(repo: &Repo) -> Ended {
    repo.flowgate(&["check", "--base", "HEAD"]).end()
}

#[test]
fn git_merge_takes_what_each_side_changed_in_one_line() {
    // Both sides changed the line of the menu: by lines this is a conflict.
    let ours = MENU
        .replace("For claims, press 1.", "For claims, please press 1.")
        .replace("1.0.0", "1.1.0");
    let theirs = MENU
        .replace("\"timeoutSeconds\": 5", "\"timeoutSeconds\": 9")
        .replace("1.0.0", "1.0.1");
    let repo = branches(&ours, &theirs);
    let (clean, said) = merge(&repo, "theirs");
    assert!(clean, "{said}");
    insta::assert_snapshot!(said, @"
    Auto-merging flows/main.json
    note: flows/main.json: the version is 1.1.0 in ours and 1.0.1 in theirs; the higher one is kept
    ");
    let merged = read(&repo, "flows/main.json");
    for part in [
        "please press 1.",
        "\"timeoutSeconds\": 9",
        "\"version\": \"1.1.0\"",
    ] {
        assert!(merged.contains(part), "{part}: {merged}");
    }
    assert_eq!(check(&repo).code, 0);
}

#[test]
fn a_merge_that_lines_can_do_keeps_the_file_as_it_was_written() {
    let ours = MENU.replace("\"name\": \"Bye\"", "\"name\": \"Goodbye\"");
    let theirs = MENU.replace("1.0.0", "1.0.1");
    let repo = branches(&ours, &theirs);
    assert!(merge(&repo, "theirs").0);
    let both = MENU
        .replace("\"name\": \"Bye\"", "\"name\": \"Goodbye\"")
        .replace("1.0.0", "1.0.1");
    assert_eq!(read(&repo, "flows/main.json"), both);
}

#[test]
fn lines_that_merge_to_a_flow_that_nobody_meant_are_a_conflict() {
    // By lines this merges cleanly, and callers would reach nothing.
    let ours = MENU
        .replace("    {\"id\": \"q\", \"type\": \"Queue\", \"name\": \"Claims\", \"configuration\": {\"skill\": \"Claims\", \"maxWaitSeconds\": 60}},\n", "")
        .replace("    {\"id\": \"c2\", \"sourceId\": \"m\", \"targetId\": \"q\", \"label\": \"press 1\"},\n", "")
        .replace(",\n    {\"id\": \"c4\", \"sourceId\": \"q\", \"targetId\": \"e\", \"label\": \"timeout\"}", "");
    let theirs = MENU.replace(
        "{\"id\": \"c1\", \"sourceId\": \"b\", \"targetId\": \"m\"}",
        "{\"id\": \"c1\", \"sourceId\": \"b\", \"targetId\": \"q\"}",
    );
    let repo = branches(&ours, &theirs);
    let (clean, said) = merge(&repo, "theirs");
    assert!(!clean);
    insta::assert_snapshot!(said, @"
    Auto-merging flows/main.json
    CONFLICT (content): Merge conflict in flows/main.json
    Automatic merge failed; fix conflicts and then commit the result.
    conflict: flows/main.json: Claims (q): ours removed it, and Begin b → Claims still needs it
    ");
    assert_eq!(
        repo.run_git(&["diff", "--name-only", "--diff-filter=U"]),
        "flows/main.json"
    );
    let torn = read(&repo, "flows/main.json");
    assert!(
        torn.contains("<<<<<<< ours") && torn.contains("\"skill\": \"Claims\""),
        "{torn}"
    );
    insta::assert_snapshot!(check(&repo).all(), @"
    exit 1
    --- out
    error[not-json]: the file is not JSON: expected a key in double quotes, found `<<<<<<<`: this is the mark of a merge conflict that was not resolved
      --> flows/main.json:18:1
       |
    18 | <<<<<<< ours
       | ^^^^^^^
       |
       = help: resolve the merge conflict that is marked here, and commit the result

    flows/main.json
      compared    Nothing to compare with: the file cannot be read
      merging     blocked, nothing is published
                  the file cannot be published before its errors are fixed

    1 error, 0 warnings in 1 flow file
    --- err
    note: compared with HEAD (e499558)
    ");
    // A person decides by deleting lines; formatting and checking go on as ever.
    let decided: String = torn
        .lines()
        .filter(|line| {
            !["<<<<<<<", "=======", ">>>>>>>"]
                .iter()
                .any(|mark| line.starts_with(mark))
        })
        .fold(String::new(), |all, line| all + line + "\n");
    repo.write("flows/main.json", decided);
    assert_eq!(repo.flowgate(&["fmt"]).end().code, 0);
    assert!(!check(&repo).out.contains("not-json"));
}

#[test]
fn what_is_no_flow_is_merged_by_lines_and_somebody_must_look() {
    let torn = MENU.replace("{\"id\": \"e\", \"type\"", "{\"type\"");
    let repo = branches(&torn, &MENU.replace("1.0.0", "1.0.1"));
    let (clean, said) = merge(&repo, "theirs");
    assert!(!clean);
    insta::assert_snapshot!(said, @"
    Auto-merging flows/main.json
    CONFLICT (content): Merge conflict in flows/main.json
    Automatic merge failed; fix conflicts and then commit the result.
    conflict: flows/main.json: merged by its lines, since ours is no flow: element number 4 has no `id`; look at it before you commit
    ");
    assert_eq!(
        read(&repo, "flows/main.json"),
        torn.replace("1.0.0", "1.0.1")
    );
}

#[test]
fn the_hook_definition_names_commands_that_exist() {
    let hooks = fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    let entries: Vec<&str> = hooks
        .lines()
        .filter_map(|line| line.trim().strip_prefix("entry: flowgate "))
        .collect();
    assert_eq!(entries, ["fmt", "check"]);
    let repo = Repo::git().file("flows/main.json", MENU).commit("before");
    for entry in entries {
        let ended = repo.flowgate(&[entry, "flows/main.json"]).end();
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
    let mode = fs::metadata(repo.root().join("flows/main.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0);
}
