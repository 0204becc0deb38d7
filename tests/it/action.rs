//! The action as a runner would run it: its script, its inputs, and what reaches the runner's streams.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use assert_cmd::cargo::cargo_bin;

use crate::support::{FLOW, Repo};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A repository whose HEAD is the merge of a pull request that changes the flow to `changed`.
fn merged(changed: &str) -> Repo {
    let repo = Repo::git()
        .file("flows/main.json", FLOW)
        .commit("as it is live");
    repo.run_git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("flows/main.json", changed);
    let repo = repo.commit("change");
    repo.run_git(&["checkout", "--quiet", "main"]);
    let repo = repo.file("README.md", "something else").commit("meanwhile");
    repo.run_git(&["merge", "--quiet", "--no-ff", "-m", "merge", "change"]);
    repo
}

fn action(place: &Path, summary: &Path) -> Output {
    Command::new("bash")
        .arg(root().join("action/check"))
        .current_dir(place)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap())
        .env("HOME", place)
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", "pull_request")
        .env("GITHUB_STEP_SUMMARY", summary)
        .env("FLOWGATE_ACTION_PATH", root())
        .env("FLOWGATE_BINARY_PATH", cargo_bin("flowgate"))
        // Inputs that nobody filled in come as empty variables.
        .env("FLOWGATE_BASE", "")
        .env("FLOWGATE_FAIL_ON", "")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_pull_request_is_compared_with_what_it_would_be_merged_into() {
    let repo = merged(
        &FLOW
            .replace("\"targetId\": \"e\"", "\"targetId\": \"nowhere\"")
            .replace("1.0.0", "1.1.0"),
    );
    let summary = repo.root().join("summary.md");
    let output = action(&repo.root(), &summary);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(
        out(&output).contains("connector-missing-target"),
        "{}",
        out(&output)
    );
    assert!(
        out(&output).contains("compared with HEAD^1"),
        "{}",
        out(&output)
    );
    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.starts_with("### ❌"), "{summary}");
}

#[test]
fn a_shallow_checkout_is_told_what_it_lacks() {
    let repo = merged(&FLOW.replace("1.0.0", "1.1.0"));
    let shallow = Repo::new();
    let from = format!("file://{}", repo.root().display());
    shallow.run_git(&["clone", "--quiet", "--depth=1", &from, "checkout"]);
    let place = shallow.root().join("checkout");
    let output = action(&place, &shallow.root().join("summary.md"));
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    assert!(out(&output).contains("fetch-depth: 2"), "{}", out(&output));
}

#[test]
fn text_from_a_flow_gives_the_runner_no_command() {
    let named = |name: &str| {
        FLOW.replace("\"flowId\"", &format!("\"name\": \"{name}\", \"flowId\""))
            .replace("1.0.0", "1.1.0")
    };
    let repo = merged(&named("::set-output name=x::y ##[error]forged"));
    let output = action(&repo.root(), &repo.root().join("summary.md"));
    for line in out(&output).lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
    assert!(
        out(&output).contains("set-output name=x"),
        "the name is shown all the same: {}",
        out(&output)
    );
}

#[test]
fn every_input_is_a_flag_with_its_variable() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    let usage = fs::read_to_string(root().join("docs/usage.md")).unwrap();
    let inputs = action
        .split("\nruns:")
        .next()
        .unwrap()
        .split("\ninputs:\n")
        .nth(1)
        .unwrap();
    let names: Vec<&str> = inputs
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let variable = format!("FLOWGATE_{}", name.to_uppercase().replace('-', "_"));
        assert!(
            action.contains(&format!("{variable}: ${{{{ inputs.{name} }}}}")),
            "{name}"
        );
        assert!(
            name == "binary-path" || usage.contains(&format!("--{name}")),
            "{name}"
        );
    }
    let script = fs::read_to_string(root().join("action/check")).unwrap();
    assert!(!script.contains("${{"), "no expression inside a script");
}
