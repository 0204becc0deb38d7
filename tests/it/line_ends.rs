//! Clones whose work tree has other line ends than the commits: nobody changed anything in them.

use crate::drift::at_desk;
use crate::run_deploy::both_live;
use crate::support::Repo;

/// A repository with a well-formed flow, and a clone of it as Windows makes them.
fn crlf_clone(how: How) -> Repo {
    let repo = Repo::git();
    let text = flow();
    assert!(!text.contains('\r'));
    let mut repo = repo.file("flows/a.json", &text);
    if how == How::Attributes {
        repo = repo.file(".gitattributes", "*.json text eol=crlf\n");
    }
    let repo = repo.commit("begin");
    let clone = Repo::new();
    let from = format!("file://{}", repo.root().display());
    let config = match how {
        How::Setting => "core.autocrlf=true",
        How::Attributes => "core.autocrlf=false",
    };
    clone.run_git(&["clone", "--quiet", "--config", config, &from, "."]);
    let stands = std::fs::read_to_string(clone.root().join("flows/a.json")).unwrap();
    assert!(stands.contains("\r\n"), "{stands:?}");
    clone
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Setting,
    Attributes,
}

/// A flow as `flowgate fmt` writes it.
fn flow() -> String {
    let repo = Repo::git().file("flows/a.json", crate::support::FLOW);
    assert_eq!(repo.flowgate(&["fmt"]).end().code, 0);
    std::fs::read_to_string(repo.root().join("flows/a.json")).unwrap()
}

#[test]
fn an_untouched_clone_with_other_line_ends_is_clean_for_every_command() {
    for how in [How::Setting, How::Attributes] {
        let clone = crlf_clone(how);
        let done = clone.flowgate(&["fmt", "--check"]).end();
        assert_eq!(done.code, 0, "{}", done.all());
        let done = clone.flowgate(&["check", "--format", "json"]).end();
        let report: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        assert_eq!(
            report["flows"].as_array().map(Vec::len),
            Some(0),
            "{}",
            done.out
        );
        for command in [&["bump"][..], &["fmt"], &["accept"]] {
            clone.flowgate(command).end();
            assert_eq!(clone.run_git(&["status", "--porcelain"]), "", "{command:?}");
        }
    }
}

#[test]
fn what_is_formatted_keeps_the_line_ends_of_the_work_tree() {
    let clone = crlf_clone(How::Setting);
    let path = clone.root().join("flows/a.json");
    let text = std::fs::read_to_string(&path).unwrap();
    clone.write("flows/a.json", text.replace("  ", "     "));
    assert_eq!(clone.flowgate(&["fmt", "--check"]).end().code, 1);
    assert_eq!(clone.flowgate(&["fmt"]).end().code, 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn line_ends_that_git_does_not_convert_are_a_part_of_the_form() {
    let repo = Repo::git().file("flows/a.json", flow()).commit("begin");
    repo.run_git(&["config", "core.autocrlf", "false"]);
    repo.write("flows/a.json", flow().replace('\n', "\r\n"));
    assert_eq!(repo.flowgate(&["fmt", "--check"]).end().code, 1);
    // Marked as no text, it is not converted by any setting.
    repo.run_git(&["config", "core.autocrlf", "true"]);
    repo.write(".gitattributes", "*.json -text\n");
    assert_eq!(repo.flowgate(&["fmt", "--check"]).end().code, 1);
    assert_eq!(repo.flowgate(&["fmt"]).end().code, 0);
    assert_eq!(repo.flowgate(&["fmt", "--check"]).end().code, 0);
}

#[test]
fn what_is_live_is_no_drift_where_the_work_tree_has_other_line_ends_and_an_edit_comes_in() {
    let stage = both_live();
    let clone = Repo::new();
    let from = format!("file://{}", stage.repo.root().display());
    clone.run_git(&[
        "clone",
        "--quiet",
        "--config",
        "core.autocrlf=true",
        &from,
        ".",
    ]);
    let desk = |args: &[&str]| at_desk(&clone, &stage.sandbox, args);
    let drift = desk(&["drift", "--fail-on=info"]);
    assert_eq!(drift.code, 0, "{}", drift.all());
    assert!(drift.out.contains("2 in sync"), "{}", drift.all());
    let pull = desk(&["pull"]);
    assert!(pull.out.contains("nothing to do"), "{}", pull.all());
    assert_eq!(clone.run_git(&["status", "--porcelain"]), "");
    let edit = flow_of("accounts", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    assert_eq!(desk(&["pull"]).code, 0);
    // No more lines than where nothing is converted.
    let pulled = at_desk(&stage.repo, &stage.sandbox, &["pull"]);
    assert_eq!(pulled.code, 0, "{}", pulled.all());
    let changed = |repo: &Repo| repo.run_git(&["diff", "--numstat"]);
    assert!(!changed(&clone).is_empty());
    assert_eq!(changed(&clone), changed(&stage.repo));
}

fn flow_of(id: &str, words: &str) -> String {
    crate::run_deploy::stage::flow(id, "1.0.0", words)
}
