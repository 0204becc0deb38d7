//! What workflows use, ours and those that the documentation shows: pinned by one table, and only what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flowgate::github::Operation;

use crate::support::Repo;
use crate::support::pages::{files_below, root};

/// What stands in an example for this action: a form that every linter takes, and that no runner can mistake for a
/// release.
pub(crate) const OURSELVES: &str = "OWNER/flowgate@0000000000000000000000000000000000000000";

/// The files that may have a `uses:` in them.
fn files() -> Vec<PathBuf> {
    let mut all = vec![root().join("action.yml"), root().join("README.md")];
    all.extend(files_below(".github"));
    all.extend(files_below("docs"));
    all.retain(|path| {
        let extension = path.extension().unwrap_or_default();
        ["yml", "yaml", "md"]
            .iter()
            .any(|known| extension == *known)
    });
    all
}

/// `action@commit` and the tag that stands behind it as a comment, by the file that says so.
fn used() -> Vec<(PathBuf, String, Option<String>)> {
    let mut all = Vec::new();
    for path in files() {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("- ").unwrap_or(line);
            let Some(what) = line.strip_prefix("uses:") else {
                continue;
            };
            let (what, tag) = match what.split_once(" # ") {
                Some((what, tag)) => (what, Some(tag.trim().to_owned())),
                None => (what, None),
            };
            all.push((path.clone(), what.trim().to_owned(), tag));
        }
    }
    all
}

/// Tag by `action@commit`.
pub(crate) fn table() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join(".github/action-pins.tsv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("action\ttag\tsha\tseen"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 4, "{line}");
        let (action, tag, sha, seen) = (cells[0], cells[1], cells[2], cells[3]);
        let hex = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(hex && !seen.is_empty(), "{line}");
        (format!("{action}@{sha}"), tag.to_owned())
    };
    lines.map(row).collect()
}

#[test]
fn every_action_that_is_used_is_pinned_by_the_table() {
    let table = table();
    let used = used();
    assert!(used.len() >= 3, "{used:?}");
    for (path, what, tag) in &used {
        let path = path.display();
        if what.starts_with("./") || what == OURSELVES {
            continue;
        }
        let pinned = table.get(what);
        assert!(pinned.is_some(), "{path}: `{what}` is not in the table");
        assert_eq!(tag.as_ref(), pinned, "{path}: the comment behind `{what}`");
    }
    for what in table.keys() {
        assert!(
            used.iter().any(|(_, used, _)| used == what),
            "nobody uses `{what}`"
        );
    }
}

/// The keys below `inputs:` of the action.
/// What a workflow runs changes with a change of ours alone: compiler, tools and runners have versions. What Ubuntu's
/// `apt-get` brings is held by the release of the runner.
#[test]
fn every_tool_and_runner_of_a_workflow_has_a_version() {
    let number = |text: &str| {
        let parts: Vec<&str> = text.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())
    };
    let toolchain = fs::read_to_string(root().join("rust-toolchain.toml")).unwrap();
    let toolchain: toml::Table = toolchain.parse().unwrap();
    assert!(number(toolchain["toolchain"]["channel"].as_str().unwrap()));
    let mut scripts = files_below(".github");
    scripts.extend(files_below("scripts"));
    scripts.extend(files_below(".ci"));
    scripts.push(root().join("action/run"));
    scripts.push(root().join("tests/conformance/run"));
    let (mut tools, mut runners) = (0, 0);
    for path in scripts {
        let text = fs::read_to_string(&path).unwrap();
        for line in text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('#'))
        {
            let place = format!("{}: {line}", path.display());
            if line.contains("cargo install ") {
                let words: Vec<&str> = line.split(' ').collect();
                let at = words.iter().position(|word| *word == "--version");
                assert!(at.is_some_and(|at| number(words[at + 1])), "{place}");
                assert!(words.contains(&"--locked"), "{place}");
                tools += 1;
            }
            // Lock files hold these; a compiler is named in one place alone.
            for loose in [
                "npm install",
                "pip install ",
                "rustup default",
                "rustup update",
                "cargo +",
                "| sh",
                "| bash",
            ] {
                assert!(!line.contains(loose), "{place}");
            }
            if line.contains("/pip\" install") {
                assert!(line.contains("-r requirements.txt"), "{place}");
                tools += 1;
            }
            let runner = line
                .strip_prefix("runs-on: ")
                .or(line.strip_prefix("runner: "));
            let runner = runner
                .or(line.strip_prefix("- runner: "))
                .unwrap_or_default();
            for runner in runner
                .trim_matches(['[', ']'])
                .split(", ")
                .filter(|it| !it.is_empty() && !it.contains("${{"))
            {
                let release =
                    runner.chars().any(|c| c.is_ascii_digit()) && !runner.contains("latest");
                assert!(release, "{place}");
                runners += 1;
            }
        }
    }
    let requirements = fs::read_to_string(root().join("tests/conformance/requirements.txt"));
    assert!(
        requirements
            .unwrap()
            .lines()
            .all(|line| line.contains("=="))
    );
    assert!(
        tools >= 3 && runners >= 10,
        "{tools} tools, {runners} runners"
    );
}

fn inputs() -> BTreeSet<String> {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    let (_, rest) = action.split_once("\ninputs:\n").unwrap();
    let (inputs, _) = rest.split_once("\n\n").unwrap();
    inputs.lines().filter_map(|line| key(line, 2)).collect()
}

/// The key of a line that is indented so far and no further.
fn key(line: &str, indent: usize) -> Option<String> {
    let rest = line.strip_prefix(&" ".repeat(indent))?;
    let (key, _) = rest.split_once(':')?;
    let is_key = !key.is_empty() && !key.starts_with([' ', '#', '-']);
    is_key.then(|| key.to_owned())
}

#[test]
fn every_input_that_an_example_gives_is_one_of_the_action() {
    let inputs = inputs();
    assert!(inputs.len() > 20, "{inputs:?}");
    let mut given = BTreeSet::new();
    for entry in fs::read_dir(root().join("docs/examples")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for step in text
            .split("\n      - ")
            .filter(|step| step.contains(OURSELVES))
        {
            let Some((_, with)) = step.split_once("\n        with:\n") else {
                continue;
            };
            let lines = with
                .lines()
                .take_while(|line| line.starts_with("          "));
            for name in lines.filter_map(|line| key(line, 10)) {
                let path = path.display();
                assert!(inputs.contains(&name), "{path}: there is no input `{name}`");
                given.insert(name);
            }
        }
    }
    assert!(given.len() >= 8, "{given:?}");
}

/// Runs the script that the workflow runs, against actions in this folder.
fn verify(server: &Path, table: &Path) -> Output {
    Command::new("bash")
        .arg(root().join(".github/verify-action-pins"))
        .arg(table)
        .env("SERVER", format!("file://{}", server.display()))
        .output()
        .unwrap()
}

#[test]
fn a_tag_that_was_moved_is_found() {
    let server = Repo::new();
    server.run_git(&["init", "--quiet", "acme/one"]);
    let git = |args: &[&str]| server.run_git(&[&["-C", "acme/one"], args].concat());
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    let first = git(&["rev-parse", "HEAD"]);
    git(&["tag", "v1"]);
    git(&["tag", "--annotate", "--message", "said", "v1-annotated"]);
    let pins = |tag: &str, sha: &str| {
        server.write(
            "pins.tsv",
            format!("action\ttag\tsha\tseen\nacme/one/sub\t{tag}\t{sha}\there\n"),
        );
        let output = verify(&server.root(), &server.root().join("pins.tsv"));
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), said)
    };
    assert_eq!(pins("v1", &first).0, 0);
    assert_eq!(pins("v1-annotated", &first).0, 0);
    let (code, said) = pins("v2", &first);
    assert!(code == 1 && said.contains("v2 is not there"), "{said}");

    git(&["commit", "--quiet", "--allow-empty", "--message", "second"]);
    git(&["tag", "--force", "v1"]);
    let (code, said) = pins("v1", &first);
    assert!(
        code == 1 && said.contains(&git(&["rev-parse", "v1"])),
        "{said}"
    );
}

#[test]
fn the_permissions_of_each_feature_are_those_that_an_error_names() {
    let page = fs::read_to_string(root().join("docs/workflows.md")).unwrap();
    for (feature, operation) in [
        ("read the flows of both sides", Operation::ReadBlob),
        (
            "find the pull request of a merge",
            Operation::FindPullRequests,
        ),
        ("comment on the pull request", Operation::CreateComment),
        ("name the reviewers in the audit", Operation::ListReviews),
    ] {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {feature}")));
        let named = format!("| `{}` |", operation.permission());
        assert!(row.unwrap().contains(&named), "{row:?}");
    }
}
