//! Clones that hold a part: sparse, shallow, of a single branch, detached. What they lack is neither deleted nor unchanged.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::drift::at_desk;
use crate::run_deploy::stage::flow;
use crate::run_deploy::{A, B, both_live};
use crate::support::{Ended, Repo};

const NEAR: &str = "flows/near/a.json";
const FAR: &str = "flows/far/b.json";

/// A flow with something to mend.
fn faulty(id: &str) -> String {
    let nobody = r#"{"id": "x", "type": "Agent", "configuration": {}}, {"id": "e""#;
    flow(id, "1.0.0", "hello").replace(r#"{"id": "e""#, nobody)
}

/// Two flows, one with an old fault, on `main`.
fn whole() -> Repo {
    Repo::git()
        .file("README.md", "flows")
        .file(NEAR, flow("near", "1.0.0", "hello"))
        .file(FAR, faulty("far"))
        .commit("begin")
}

/// A clone of a repository, made with these options.
fn clone(of: &Repo, options: &[&str]) -> Repo {
    let clone = Repo::new();
    let from = format!("file://{}", of.root().display());
    clone.run_git(&[&["clone", "--quiet"], options, &[&from, "."]].concat());
    clone
}

/// The far flow is not checked out; in every way in which git leaves files out.
fn sparse() -> Vec<(&'static str, Repo)> {
    let cone = clone(&whole(), &[]);
    cone.run_git(&["sparse-checkout", "set", "--cone", "flows/near"]);
    let index = clone(&whole(), &[]);
    let args = [
        "sparse-checkout",
        "set",
        "--cone",
        "--sparse-index",
        "flows/near",
    ];
    index.run_git(&args);
    let by_hand = clone(&whole(), &[]);
    by_hand.run_git(&["update-index", "--skip-worktree", FAR]);
    fs::remove_file(by_hand.root().join(FAR)).unwrap();
    let split = clone(&whole(), &[]);
    split.run_git(&["update-index", "--skip-worktree", FAR]);
    split.run_git(&["update-index", "--split-index"]);
    fs::remove_file(split.root().join(FAR)).unwrap();
    let linked = clone(&whole(), &[]);
    linked.run_git(&[
        "worktree",
        "add",
        "--quiet",
        "--no-checkout",
        "-b",
        "side",
        "tree",
    ]);
    let all = [
        ("cone", cone),
        ("index", index),
        ("by hand", by_hand),
        ("split", split),
    ];
    let all = Vec::from(all);
    for (name, repo) in &all {
        assert!(!repo.root().join(FAR).exists(), "{name}");
        assert_eq!(repo.run_git(&["status", "--short"]), "", "{name}");
    }
    all
}

fn json(ended: &Ended) -> Value {
    let read = serde_json::from_str(&ended.out);
    read.map_err(|error| format!("{error}: {}", ended.all()))
        .unwrap()
}

fn rules(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let [rule, path] = ["rule", "path"].map(|key| finding[key].as_str().unwrap());
            (rule, path)
        })
        .collect()
}

#[test]
fn nothing_is_deleted_in_a_sparse_checkout() {
    for (name, repo) in sparse() {
        let check = repo.flowgate(&["check", "--format", "json"]).end();
        let report = json(&check);
        assert_eq!(check.code, 0, "{name}: {}", check.all());
        assert_eq!(rules(&report), [], "{name}");
        assert_eq!(report["flows"], serde_json::json!([]), "{name}");
        let fmt = repo.flowgate(&["fmt"]).end();
        assert_eq!(fmt.code, 0, "{name}: {}", fmt.all());
        assert!(!repo.root().join(FAR).exists(), "{name}");
    }
}

#[test]
fn what_a_branch_changes_outside_of_a_sparse_checkout_is_judged() {
    for (name, repo) in sparse() {
        repo.run_git(&["checkout", "--quiet", "-b", "topic"]);
        // As a merge or a rebase brings it: committed, and never on disk.
        let changed = flow("far", "1.0.0", "good day");
        repo.write("blob", &changed);
        let blob = repo.run_git(&["hash-object", "-w", "blob"]);
        fs::remove_file(repo.root().join("blob")).unwrap();
        let entry = format!("100644,{blob},{FAR}");
        repo.run_git(&["update-index", "--cacheinfo", &entry]);
        repo.run_git(&["update-index", "--skip-worktree", FAR]);
        repo.run_git(&["commit", "--quiet", "--message", "change"]);
        assert!(!repo.root().join(FAR).exists(), "{name}");
        let check = repo.flowgate(&["check", "--format", "json"]).end();
        let report = json(&check);
        assert_eq!(rules(&report), [("version-not-increased", FAR)], "{name}");
        let asked = repo.flowgate(&["check", FAR, "--format", "json"]).end();
        assert!(
            rules(&json(&asked)).contains(&("version-not-increased", FAR)),
            "{name}"
        );
        let folder = repo
            .flowgate(&["check", "flows/far", "--format", "json"])
            .end();
        assert!(
            rules(&json(&folder)).contains(&("version-not-increased", FAR)),
            "{name}"
        );
    }
}

#[test]
fn no_accepted_finding_is_dropped_in_a_sparse_checkout() {
    for (name, repo) in sparse() {
        let whole = whole();
        whole.flowgate(&["accept"]).end();
        let text = fs::read(whole.root().join("flowgate-accepted.toml")).unwrap();
        repo.write("flowgate-accepted.toml", &text);
        let accept = repo.flowgate(&["accept"]).end();
        assert_eq!(accept.code, 0, "{name}: {}", accept.all());
        let now = fs::read(repo.root().join("flowgate-accepted.toml")).unwrap();
        assert_eq!(String::from_utf8(now), String::from_utf8(text), "{name}");
    }
}

#[test]
fn settings_outside_of_a_sparse_checkout_hold_and_are_not_written_over() {
    let repo = whole()
        .file(".github/flowgate.toml", "fail-on = \"never\"\n")
        .commit("settings");
    repo.flowgate(&["accept"]).end();
    let repo = repo.commit("accept");
    let accepted = repo.run_git(&["show", "HEAD:.github/flowgate-accepted.toml"]);
    assert!(accepted.contains("far"), "{accepted}");
    let sparse = clone(&repo, &[]);
    sparse.run_git(&["sparse-checkout", "set", "--cone", "flows/near"]);
    assert!(!sparse.root().join(".github").exists());
    sparse.write(NEAR, faulty("near"));
    let check = sparse.flowgate(&["check"]).end();
    assert_eq!(check.code, 0, "never fails: {}", check.all());
    let accept = sparse.flowgate(&["accept"]).end();
    assert_eq!(accept.code, 4, "{}", accept.all());
    let (_, hint) = accept.err.split_once("hint: `").unwrap();
    let (command, _) = hint.split_once('`').unwrap();
    run(&sparse, command);
    assert!(
        sparse
            .root()
            .join(".github/flowgate-accepted.toml")
            .exists()
    );
    // The settings beside them are still left out, and hold.
    let accept = sparse.flowgate(&["accept"]).end();
    assert_eq!(accept.code, 0, "{}", accept.all());
    let now = fs::read_to_string(sparse.root().join(".github/flowgate-accepted.toml")).unwrap();
    assert!(now.contains("far") && now.contains("near"), "{now}");
    assert!(!sparse.root().join("flowgate-accepted.toml").exists());
}

/// A line that a hint names, typed as it stands.
fn run(repo: &Repo, command: &str) {
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(repo.root())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}: {said}");
}

/// All commands that a text names, in order.
fn commands(text: &str) -> Vec<&str> {
    let parts = text.split('`').skip(1).step_by(2);
    parts.filter(|part| part.starts_with("git ")).collect()
}

#[test]
fn a_flow_outside_of_a_sparse_checkout_is_in_sync_and_gets_no_second_file() {
    let stage = both_live();
    stage.repo.run_git(&["update-index", "--skip-worktree", A]);
    fs::remove_file(stage.repo.root().join(A)).unwrap();
    let files = || {
        let entries = fs::read_dir(stage.repo.root().join("flows")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    let desk = |args: &[&str]| at_desk(&stage.repo, &stage.sandbox, args);
    let drift = desk(&["drift", "--fail-on=info"]);
    assert_eq!(drift.code, 0, "{}", drift.all());
    assert!(drift.out.contains("2 in sync"), "{}", drift.all());
    for args in [&["pull"][..], &["pull", "--flow", "accounts"]] {
        let pull = desk(args);
        assert_eq!(pull.code, 0, "{}", pull.all());
        assert_eq!(files(), before, "{}", pull.all());
    }
    let edit = flow("accounts", "1.0.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    let pull = desk(&["pull"]);
    assert_eq!((pull.code, files()), (4, before), "{}", pull.all());
    let named = commands(&pull.err);
    assert_eq!(named.len(), 1, "{}", pull.err);
    run(&stage.repo, named[0]);
    let pull = desk(&["pull"]);
    assert_eq!(pull.code, 0, "{}", pull.all());
    let text = fs::read_to_string(stage.repo.root().join(A)).unwrap();
    assert!(text.contains("Edited by hand"), "{text}");
    assert!(stage.repo.root().join(B).exists());
}

/// A clone without contents knows neither what stands in a flow that is left out, nor that it is the same.
#[test]
fn what_a_partial_clone_does_not_hold_is_said_and_nothing_is_lost() {
    let whole = whole();
    whole.run_git(&["config", "uploadpack.allowFilter", "true"]);
    let repo = clone(&whole, &["--filter=blob:none", "--sparse"]);
    repo.run_git(&["sparse-checkout", "set", "flows/near"]);
    assert!(repo.root().join(NEAR).exists() && !repo.root().join(FAR).exists());
    let check = repo.flowgate(&["check", "--format", "json"]).end();
    let report = json(&check);
    assert_eq!((check.code, rules(&report)), (0, vec![]), "{}", check.all());
    let note = report["notes"][0].as_str().unwrap();
    assert!(note.starts_with("1 flow files"), "{note}");
    let accept = repo.flowgate(&["accept"]).end();
    assert_eq!(accept.code, 4, "{}", accept.all());
    assert!(!repo.root().join("flowgate-accepted.toml").exists());
    let asked = repo.flowgate(&["check", FAR]).end();
    assert_eq!(
        asked.code,
        1,
        "asked for, and not to be read: {}",
        asked.all()
    );
    run(&repo, "git sparse-checkout disable");
    let accept = repo.flowgate(&["accept"]).end();
    assert_eq!(accept.code, 0, "{}", accept.all());
}

/// `main`, and a branch that changes a flow and forgets its version; `main` went on.
fn with_topic() -> Repo {
    let repo = whole();
    repo.run_git(&["checkout", "--quiet", "-b", "topic"]);
    let repo = repo
        .file(NEAR, flow("near", "1.0.0", "good day"))
        .commit("change")
        .file("README.md", "more")
        .commit("more");
    repo.run_git(&["checkout", "--quiet", "main"]);
    repo.file("main.md", "main").commit("main")
}

fn check(repo: &Repo) -> (i32, Value) {
    let check = repo.flowgate(&["check", "--format", "json"]).end();
    (check.code, json(&check))
}

#[test]
fn without_a_base_a_check_is_not_green_and_its_hint_brings_one() {
    let origin = with_topic();
    origin.run_git(&["branch", "--force", "merge", "topic"]);
    let detached = |options: &[&str]| {
        let repo = clone(&origin, options);
        repo.run_git(&["checkout", "--quiet", "--detach"]);
        repo.run_git(&["branch", "--quiet", "-D", "topic"]);
        repo
    };
    let one = ["--single-branch", "--branch=topic"];
    let clones = [
        ("single", clone(&origin, &one)),
        ("shallow", clone(&origin, &["--depth=1", "--branch=topic"])),
        (
            "shallow, all branches",
            clone(
                &origin,
                &["--depth=1", "--no-single-branch", "--branch=topic"],
            ),
        ),
        ("detached", detached(&one)),
        (
            "detached, shallow",
            detached(&["--depth=1", "--branch=topic"]),
        ),
        (
            "another name",
            clone(&origin, &["--origin=up", one[0], one[1]]),
        ),
    ];
    for (name, repo) in clones {
        let (code, report) = check(&repo);
        assert_eq!(rules(&report), [("base-unknown", ".git")], "{name}");
        assert_eq!(code, 1, "{name}");
        let hint = report["findings"][0]["hint"].as_str().unwrap();
        let commands = commands(hint);
        assert!(!commands.is_empty(), "{name}: {hint}");
        for command in commands {
            run(&repo, command);
        }
        let (code, report) = check(&repo);
        assert_eq!(rules(&report), [("version-not-increased", NEAR)], "{name}");
        assert_eq!(code, 1, "{name}");
    }
}

#[test]
fn a_base_that_is_known_stays_known() {
    let origin = with_topic();
    let detached = clone(&origin, &["--branch=topic"]);
    detached.run_git(&["checkout", "--quiet", "--detach"]);
    let linked = clone(&origin, &[]);
    linked.run_git(&["worktree", "add", "--quiet", "tree", "origin/topic"]);
    for (name, repo, folder) in [("detached", detached, "."), ("linked", linked, "tree")] {
        let ended = repo
            .flowgate(&["check", "--format", "json"])
            .cwd(repo.root().join(folder))
            .end();
        let report = json(&ended);
        assert_eq!(rules(&report), [("version-not-increased", NEAR)], "{name}");
    }
    // On the default branch itself what is not committed is the change, however short the history is.
    let shallow = clone(&origin, &["--depth=1", "--branch=main"]);
    assert_eq!(check(&shallow).0, 0);
    // One branch alone is the default branch, whatever it is called.
    let alone = Repo::git().file(NEAR, flow("near", "1.0.0", "hello"));
    alone.run_git(&["checkout", "--quiet", "-b", "trunk"]);
    let alone = alone.commit("begin");
    assert_eq!(check(&alone).0, 0);
    // Of several nobody can say which one.
    alone.run_git(&["branch", "other"]);
    let (code, report) = check(&alone);
    assert_eq!((code, rules(&report)), (1, vec![("base-unknown", ".git")]));
    // Who lives with that says so.
    let alone = alone.file("flowgate.toml", "[rules]\nbase-unknown = \"off\"\n");
    assert_eq!(check(&alone).0, 0);
    // Findings of whole flows do not depend on it.
    let accept = clone(&origin, &["--depth=1", "--branch=topic"]);
    let accept = accept.flowgate(&["accept"]).end();
    assert_eq!(accept.code, 0, "{}", accept.all());
    let bump = clone(&origin, &["--depth=1", "--branch=topic"]);
    let bump = bump.flowgate(&["bump"]).end();
    assert_eq!(bump.code, 4, "{}", bump.all());
}

#[test]
fn a_hint_for_a_revision_that_is_not_here_brings_it() {
    let origin = with_topic();
    let main = origin.run_git(&["rev-parse", "main"]);
    let clones = [
        ("single", ["--single-branch", "--branch=topic"]),
        ("shallow", ["--depth=1", "--branch=topic"]),
    ];
    for (name, options) in clones {
        for (revision, then) in [
            ("main", "origin/main"),
            ("origin/main", "origin/main"),
            (main.as_str(), main.as_str()),
            ("HEAD~2", "HEAD~2"),
        ] {
            let repo = clone(&origin, &options);
            let was_shallow = repo.root().join(".git/shallow").exists();
            let missing = repo.flowgate(&["check", "--base", revision]).end();
            if missing.code != 2 {
                assert_eq!((name, revision), ("single", "HEAD~2"), "{}", missing.all());
                continue;
            }
            let commands = commands(&missing.err);
            let [command] = commands[..] else {
                panic!("{name} {revision}: {}", missing.err)
            };
            run(&repo, command);
            let found = repo.flowgate(&["check", "--base", then]).end();
            assert!(
                found.out.contains("version-not-increased"),
                "{}",
                found.all()
            );
            let is_shallow = Path::new(&repo.root()).join(".git/shallow").exists();
            assert!(
                was_shallow || !is_shallow,
                "{name} {revision}: cut short by a hint"
            );
        }
    }
}

/// `git lfs` keeps a pointer in the commit, and puts what it leads to into the work tree.
#[test]
fn what_lfs_puts_in_place_of_its_pointer_is_no_change() {
    let text = flow("near", "1.0.0", "hello");
    let digest = sha256(&text);
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {}\n",
        text.len()
    );
    let repo = Repo::git()
        .file(
            ".gitattributes",
            "flows/** filter=lfs diff=lfs merge=lfs -text\n",
        )
        .file(NEAR, &pointer)
        .commit("begin");
    repo.write(NEAR, &text);
    let check = |args: &[&str]| {
        let ended = repo
            .flowgate(&[&["check", "--format", "json"], args].concat())
            .end();
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        (report["flows"].as_array().unwrap().len(), ended)
    };
    let (flows, ended) = check(&[]);
    assert_eq!((flows, ended.code), (0, 0), "{}", ended.all());
    // What is not checked out by LFS is the pointer itself.
    repo.write(NEAR, &pointer);
    let (flows, ended) = check(&[]);
    assert_eq!((flows, ended.code), (0, 0), "{}", ended.all());
    repo.write(NEAR, flow("near", "1.1.0", "good day"));
    let (flows, ended) = check(&[]);
    assert_eq!(flows, 1, "{}", ended.all());
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    flowgate_core::ids::hex(&sha2::Sha256::digest(text))
}
