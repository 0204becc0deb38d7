//! The dance of a release, step by step: a binary's digest cannot stand in the commit that it is built from, so it comes
//! with another commit, which must not bring anything else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::action::PLATFORMS;
use crate::support::Repo;

const HEADER: &str = "version\tplatform\tsha256\tcommit\turl\n";
const URL: &str = "https://example.com/down/v0.2.0";

/// A repository of a tool like this one, before its release 0.2.0.
fn before() -> Repo {
    let manifest = "[workspace]\nmembers = []\n\n[workspace.package]\nversion = \"0.2.0-dev\"\n\n[workspace.dependencies]\nversion = \"7\"\n";
    let lock = "[[package]]\nname = \"flow\"\nversion = \"0.2.0-dev\"\n\n[[package]]\nname = \"flowgate\"\nversion = \"0.2.0-dev\"\n\n[[package]]\nname = \"flowgate-core\"\nversion = \"0.2.0-dev\"\n";
    Repo::git()
        .file("Cargo.toml", manifest)
        .file("Cargo.lock", lock)
        .file("action/binaries.tsv", HEADER)
        .file("CHANGELOG.md", "# Changelog\n\n## 0.2.0\n- It works.\n")
        .file("src/main.rs", "fn main() {}\n")
        .commit("what is released")
}

fn built(repo: &Repo) {
    for (platform, exe) in [
        ("x86_64-unknown-linux-musl", ""),
        ("x86_64-pc-windows-msvc", ".exe"),
    ] {
        // The folder is no part of the repository, as it is none in the workflow.
        repo.write(
            &format!(".git/out/flowgate-{platform}{exe}"),
            format!("built for {platform}"),
        );
    }
    repo.write(".git/out/SHA256SUMS", "");
}

/// Runs a step; what it said, and whether all is well.
fn step(repo: &Repo, args: &[&str]) -> (bool, String) {
    let output = Command::new("bash")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/release"))
        .args(args)
        .current_dir(repo.root())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.success(), said)
}

#[track_caller]
fn well(repo: &Repo, args: &[&str]) -> String {
    let (well, said) = step(repo, args);
    assert!(well, "{args:?}: {said}");
    said
}

#[track_caller]
fn refused(repo: &Repo, args: &[&str], says: &str) {
    let (well, said) = step(repo, args);
    assert!(
        !well && said.contains(says),
        "{args:?}: {says:?} is not in {said:?}"
    );
}

/// The commit that the workflow proposes; the one that was built.
fn proposed() -> (Repo, String) {
    let repo = before();
    let commit = repo.run_git(&["rev-parse", "HEAD"]);
    built(&repo);
    well(&repo, &["begin", "0.2.0"]);
    well(&repo, &["set-version", "0.2.0"]);
    well(&repo, &["table", &commit, URL, ".git/out"]);
    (repo.commit("Release 0.2.0"), commit)
}

#[test]
fn a_release_carries_its_digests_and_nothing_else_and_main_moves_on() {
    let (repo, commit) = proposed();
    let said = well(&repo, &["check"]);
    assert!(said.contains("is 0.2.0, built from"), "{said}");
    well(&repo, &["verify", ".git/out"]);
    assert_eq!(well(&repo, &["version"]), "0.2.0\n");
    assert_eq!(well(&repo, &["commit"]).trim(), commit);
    let table = fs::read_to_string(repo.root().join("action/binaries.tsv")).unwrap();
    insta::assert_snapshot!(table.replace(&commit, "[COMMIT]").replace('\t', " · "), @r"
    version · platform · sha256 · commit · url
    0.2.0 · x86_64-pc-windows-msvc · ea2407aa758950602c85c6b9893c6b6fe0be5cf4d5b8b34a8c20d577d814059d · [COMMIT] · https://example.com/down/v0.2.0/flowgate-x86_64-pc-windows-msvc.exe
    0.2.0 · x86_64-unknown-linux-musl · 366437fb3c33e01f5e7aff14807c1c4ae132fa52e1239991f706b08799c0d356 · [COMMIT] · https://example.com/down/v0.2.0/flowgate-x86_64-unknown-linux-musl
    ");
    let lock = fs::read_to_string(repo.root().join("Cargo.lock")).unwrap();
    assert_eq!(lock.matches("\"0.2.0\"").count(), 2, "{lock}");
    assert!(
        lock.contains("name = \"flow\"\nversion = \"0.2.0-dev\""),
        "{lock}"
    );

    assert_eq!(well(&repo, &["next"]), "0.2.1-dev\n");
    let repo = repo.commit("Begin 0.2.1-dev");
    assert_eq!(
        fs::read_to_string(repo.root().join("action/binaries.tsv")).unwrap(),
        HEADER
    );
    assert_eq!(well(&repo, &["check"]), "0.2.1-dev is no release\n");
    refused(&repo, &["verify", ".git/out"], "names no binary");
}

#[test]
fn a_release_that_brings_anything_else_is_refused() {
    type Change = fn(&Repo);
    let cases: [(&str, Change); 8] = [
        ("src/main.rs", |repo| {
            repo.write("src/main.rs", "fn main() { evil() }\n");
        }),
        ("build.rs", |repo| repo.write("build.rs", "fn main() {}\n")),
        ("CHANGELOG.md", |repo| {
            fs::remove_file(repo.root().join("CHANGELOG.md")).unwrap();
        }),
        ("Cargo.toml of HEAD differs", |repo| {
            edit(repo, "Cargo.toml", "\"7\"", "\"8\"");
        }),
        ("Cargo.lock of HEAD differs", |repo| {
            edit(repo, "Cargo.lock", "name = \"flow\"", "name = \"flaw\"");
        }),
        ("action/binaries.tsv", |repo| {
            repo.run_git(&["update-index", "--chmod=+x", "action/binaries.tsv"]);
        }),
        ("does not name one commit", |repo| {
            edit(repo, "action/binaries.tsv", "msvc\t", "gnu\tx\t");
        }),
        ("is not of 0.2.0 alone", |repo| {
            edit(
                repo,
                "action/binaries.tsv",
                "0.2.0\tx86_64-pc",
                "0.1.0\tx86_64-pc",
            );
        }),
    ];
    for (says, change) in cases {
        let (repo, _) = proposed();
        repo.run_git(&["config", "core.fileMode", "false"]);
        change(&repo);
        let repo = repo.commit("and more");
        refused(&repo, &["check"], says);
    }
}

fn edit(repo: &Repo, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(repo.root().join(path)).unwrap();
    assert!(text.contains(from), "{text}");
    repo.write(path, text.replacen(from, to, 1));
}

#[test]
fn what_was_merged_in_between_stops_the_release() {
    let (repo, commit) = proposed();
    // Somebody else's commit, and the release on top of it: no line of the release itself is wrong.
    repo.run_git(&["checkout", "--quiet", "-b", "moved", &commit]);
    let repo = repo
        .file("src/main.rs", "fn main() { other() }\n")
        .commit("meanwhile");
    repo.run_git(&["merge", "--quiet", "--no-ff", "--message", "merge", "main"]);
    refused(&repo, &["check"], "in more than the version: src/main.rs");
    // A history that the built commit is no part of.
    repo.run_git(&["checkout", "--quiet", "--orphan", "elsewhere"]);
    let repo = repo.commit("the same files");
    refused(&repo, &["check"], "does not build on");
}

#[test]
fn files_that_are_not_those_of_the_table_are_not_published() {
    let out = ".git/out/flowgate-x86_64-unknown-linux-musl";
    let (repo, _) = proposed();
    repo.write(out, "another one");
    refused(
        &repo,
        &["verify", ".git/out"],
        "is not the one that action/binaries.tsv names",
    );
    fs::remove_file(repo.root().join(out)).unwrap();
    refused(
        &repo,
        &["verify", ".git/out"],
        "there is no flowgate-x86_64-unknown-linux-musl",
    );
    let (repo, _) = proposed();
    repo.write(".git/out/flowgate-riscv", "one more");
    refused(
        &repo,
        &["verify", ".git/out"],
        "names 2 binaries, and 3 are in",
    );
}

#[test]
fn a_release_begins_at_a_commit_between_releases_that_says_what_is_new() {
    let (repo, _) = proposed();
    refused(&repo, &["begin", "0.2.0"], "this commit is 0.2.0");
    let repo = before();
    for bad in ["0.2", "0.2.0-dev", "v0.2.0", "00.2.0", "0.2.0; evil"] {
        refused(&repo, &["begin", bad], "is no version of the form");
        if bad != "0.2.0-dev" {
            refused(&repo, &["set-version", bad], "is no version of the form");
        }
    }
    refused(&repo, &["begin", "0.3.0"], "CHANGELOG.md has no section");
}

/// This repository itself, with another version: cargo still takes its lock file as it is.
#[test]
fn the_version_is_changed_in_every_place_that_cargo_looks_at() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = Repo::new();
    for folder in [".", "crates/flowgate-core", "crates/flowgate-sandbox"] {
        let manifest = format!("{folder}/Cargo.toml");
        copy.write(&manifest, fs::read(root.join(&manifest)).unwrap());
        copy.write(&format!("{folder}/src/lib.rs"), "");
    }
    for place in ["src/main.rs", "tests/it/main.rs", "benches/core.rs"] {
        copy.write(place, "");
    }
    copy.write("Cargo.lock", fs::read(root.join("Cargo.lock")).unwrap());
    well(&copy, &["set-version", "987.6.5"]);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version=1"])
        .current_dir(copy.root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages
        .iter()
        .filter(|package| package["source"].is_null());
    let versions: Vec<_> = ours
        .map(|package| package["version"].as_str().unwrap())
        .collect();
    assert_eq!(versions, ["987.6.5"; 3]);
}

/// The lines of each job of a workflow, by its name.
fn jobs(workflow: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut jobs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut name = None;
    for line in workflow.lines().skip_while(|line| *line != "jobs:").skip(1) {
        if let Some(job) = line
            .strip_prefix("  ")
            .filter(|it| !it.starts_with([' ', '#']))
        {
            name = job.strip_suffix(':');
        } else if let Some(name) = name {
            jobs.entry(name).or_default().push(line.trim());
        }
    }
    jobs
}

#[test]
fn what_writes_releases_runs_in_their_environment_and_holds_files_to_this_workflow() {
    let workflow = include_str!("../../.github/workflows/release.yml");
    let jobs = jobs(workflow);
    assert!(jobs.len() >= 7, "{:?}", jobs.keys());
    let begins = |lines: &[&str], start: &str| lines.iter().any(|line| line.starts_with(start));
    let mut wrote = Vec::new();
    for (name, lines) in &jobs {
        let writes = begins(lines, "contents: write") || begins(lines, "pull-requests: write");
        assert_eq!(begins(lines, "environment: release"), writes, "{name}");
        if writes {
            wrote.push(*name);
            // Nothing of what was built or checked out is run by whoever can write.
            for run in ["cargo ", "out/flowgate-x", "npm "] {
                assert!(!begins(lines, run), "{name} runs {run}");
            }
        }
    }
    assert_eq!(wrote, ["propose", "publish"]);
    let publish = jobs["publish"].join(" ");
    let (_, verified) = publish
        .split_once("gh attestation verify \"$file\" ")
        .unwrap();
    let (verified, rest) = verified.split_once(" done").unwrap();
    for held in [
        "--repo \"$GITHUB_REPOSITORY\"",
        "--source-digest \"$commit\"",
        "--source-ref \"refs/heads/$BRANCH\"",
        "--deny-self-hosted-runners",
        "--signer-workflow \"$GITHUB_REPOSITORY/.github/workflows/release.yml\"",
    ] {
        assert!(verified.contains(held), "{held}");
    }
    assert!(
        rest.contains("gh release edit"),
        "verified first, published then"
    );
}

#[test]
fn the_workflow_builds_every_platform_that_the_action_looks_for() {
    let workflow = include_str!("../../.github/workflows/release.yml");
    let mut platforms: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- platform: "))
        .collect();
    platforms.sort_unstable();
    assert_eq!(platforms, PLATFORMS);
    let denied = include_str!("../../deny.toml");
    for platform in platforms {
        assert!(
            denied.contains(platform),
            "deny.toml looks at {platform} too"
        );
    }
    // Nothing from outside stands in a script.
    let mut scripts = false;
    for line in workflow.lines() {
        scripts = match line.trim_start() {
            start if start.starts_with("run:") || start.starts_with("- run:") => true,
            start if start.starts_with("env:") || start.starts_with("- ") => false,
            _ => scripts,
        };
        assert!(!(scripts && line.contains("${{")), "{line}");
    }
}
