//! What stands where flow files may be and cannot be read: named once, at the desk and in a run from commits.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::Value;

use crate::run_check::propose_as;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::Repo;

/// Puts everything into the repository that is no flow file by itself.
fn put(repo: &Repo) {
    repo.write("flows/a.json", flow("a", "1.0.0", "hello"));
    repo.write("flows/Main.JSON", flow("main", "1.0.0", "hello"));
    repo.write("elsewhere/e.json", flow("e", "1.0.0", "hello"));
    repo.write("docs/Read.JSON", "{}");
    for name in [&b"flows/no\xfftext.json"[..], b"flows/no\xfetext.json"] {
        let path = repo.root().join(OsStr::from_bytes(name));
        fs::write(path, flow("x", "1.0.0", "hello")).unwrap();
    }
    let link = |to: &str, at: &str| {
        std::os::unix::fs::symlink(to, repo.root().join(at)).unwrap();
    };
    link("../elsewhere", "flows/folder");
    link("folder", "flows/again");
    link("../README.md", "flows/README.md");
    link("nowhere", "flows/dangling");
    // A submodule, checked out as far as it goes.
    let other = repo.root().join("flows/vendor");
    fs::create_dir_all(&other).unwrap();
    let url = repo.root().display().to_string();
    repo.run_git(&["-C", "flows/vendor", "init", "--quiet"]);
    fs::write(other.join("v.json"), flow("v", "1.0.0", "hello")).unwrap();
    let git = |args: &[&str]| repo.run_git(&[&["-C", "flows/vendor"], args].concat());
    git(&["add", "v.json"]);
    git(&["commit", "--quiet", "--message", "vendor"]);
    repo.write(
        ".gitmodules",
        format!("[submodule \"vendor\"]\n\tpath = flows/vendor\n\turl = {url}\n"),
    );
}

const NAMED: [&str; 4] = [
    "`flows/Main.JSON` was not looked at: its ending is not in small letters, as `flows` asks for it",
    "`flows/again` is a symbolic link and was not followed: flow files behind it were not looked at",
    "`flows/folder` is a symbolic link and was not followed: flow files behind it were not looked at",
    "`flows/vendor` is a repository of its own (a submodule): flow files in it were not looked at",
];

/// What a report in JSON names.
fn named(report: &Value) -> Vec<&str> {
    let notes = report["notes"].as_array().unwrap().iter();
    let mut notes: Vec<&str> = notes.map(|note| note.as_str().unwrap()).collect();
    notes.sort_unstable();
    notes
}

fn unreadable(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["rule"] == "not-a-file");
    findings
        .map(|finding| finding["path"].as_str().unwrap())
        .collect()
}

#[test]
fn the_desk_names_each_once_before_and_after_it_is_committed() {
    let repo = Repo::git().file("README.md", "flows").commit("begin");
    put(&repo);
    let check = |args: &[&str]| {
        let args = [&["check", "--format", "json"], args].concat();
        let ended = repo.flowgate(&args).end();
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        (ended, report)
    };
    let nameless = ["flows/no\\xFEtext.json", "flows/no\\xFFtext.json"];
    let (ended, report) = check(&[]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert_eq!(named(&report), NAMED);
    assert_eq!(unreadable(&report), nameless);
    repo.run_git(&["add", "--all"]);
    repo.run_git(&["commit", "--quiet", "--message", "all"]);
    let (ended, report) = check(&["--base", "HEAD~1"]);
    assert_eq!((ended.code, unreadable(&report)), (1, nameless.to_vec()));
    assert_eq!(named(&report), NAMED);
    // The change touches none of them: they are named, and no news.
    let (ended, report) = check(&[]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_eq!(named(&report), NAMED);
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["existing"] == true)
    );
    // A submodule that is not checked out is an empty folder.
    fs::remove_dir_all(repo.root().join("flows/vendor")).unwrap();
    fs::create_dir(repo.root().join("flows/vendor")).unwrap();
    assert_eq!(named(&check(&[]).1), NAMED);
    for format in ["text", "markdown"] {
        let ended = repo.flowgate(&["check", "--format", format]).end();
        for note in NAMED {
            let name = note.split('`').nth(1).unwrap();
            assert_eq!(
                ended.all().matches(name).count(),
                1,
                "{format}: {}",
                ended.all()
            );
        }
    }
    for command in [&["accept"][..], &["fmt"], &["fmt", "--check"], &["bump"]] {
        let ended = repo.flowgate(command).end();
        for note in NAMED {
            let count = ended.err.matches(note).count();
            assert_eq!(count, 1, "{command:?} {note}: {}", ended.all());
        }
    }
}

/// `git add` of a folder that is a repository of its own makes a submodule of which no `.gitmodules` tells; elsewhere it is
/// an empty folder.
#[test]
fn a_repository_that_was_added_by_mistake_is_named_where_it_is_an_empty_folder() {
    let repo = Repo::git()
        .file("flows/a.json", flow("a", "1.0.0", "hello"))
        .commit("begin");
    let commit = repo.run_git(&["rev-parse", "HEAD"]);
    let entry = format!("160000,{},flows/vendor", commit.trim());
    repo.run_git(&["update-index", "--add", "--cacheinfo", &entry]);
    repo.run_git(&["commit", "--quiet", "--message", "vendor"]);
    fs::create_dir_all(repo.root().join("flows/vendor")).unwrap();
    fs::create_dir_all(repo.root().join("flows/empty")).unwrap();
    for base in ["HEAD", "HEAD~1"] {
        let ended = repo.flowgate(&["check", "--base", base]).end();
        let told = ended.all();
        assert_eq!(told.matches("flows/vendor").count(), 1, "{base}: {told}");
        assert_eq!(told.matches("flows/empty").count(), 0, "{base}: {told}");
    }
}

#[test]
fn a_pull_request_names_each_once_from_git_and_from_github() {
    let mut stage = Stage::new();
    let payload = propose_as(&stage, 7, || {
        put(&stage.repo);
        stage.repo.run_git(&["add", "--all"]);
        stage
            .repo
            .run_git(&["commit", "--quiet", "--message", "all"]);
        stage.head()
    });
    let run = stage.event("pull_request", &payload);
    let done = run
        .env("FLOWGATE_BASELINE", "base")
        .end()
        .ends(1, "not-a-file");
    let body = &stage.fake.state().bodies(7)[0].to_owned();
    for (what, text) in [
        ("log", &done.log),
        ("summary", &done.summary),
        ("comment", body),
    ] {
        for note in NAMED {
            let name = note.split('`').nth(1).unwrap();
            assert_eq!(text.matches(name).count(), 1, "{what} {name}: {text}");
        }
        assert!(!text.contains("flows/dangling"), "{what}: {text}");
    }
}

#[test]
fn a_merge_names_each_once_in_its_log_and_in_its_comment() {
    let mut stage = Stage::new();
    let before = stage.head();
    put(&stage.repo);
    stage.merge(2, &[("flows/a.json", flow("a", "1.0.0", "good day"))]);
    let done = stage.push(&before).end();
    let body = &stage.fake.state().bodies(2)[0].to_owned();
    for (what, text) in [("log", &done.log), ("comment", body)] {
        for note in NAMED {
            let name = note.split('`').nth(1).unwrap();
            assert_eq!(text.matches(name).count(), 1, "{what} {name}: {text}");
        }
    }
}
