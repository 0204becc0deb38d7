//! In a pull request everything that a team decided comes from the branch that it goes into: no change excuses itself.

use super::dead_end;
use crate::run_check::{check, propose, said};
use crate::run_deploy::stage::{Done, Stage};

const FLOW: &str = "flows/a.json";
const STRICT: &str = "fail-on = \"warning\"\n";
const WAIVER: &str = "\n[[waivers]]\nrule = \"dead-end\"\nreason = \"the recording hangs up by itself\"\nuntil = 2999-12-31\n";

/// What `flowgate accept` writes about the dead end of a flow.
fn accepted(id: &str) -> String {
    let repo = crate::support::Repo::new().file(FLOW, dead_end(id, "e"));
    assert_eq!(repo.flowgate(&["accept"]).end().code, 0);
    std::fs::read_to_string(repo.root().join("flowgate-accepted.toml")).unwrap()
}

/// That the change touches them is said of each of these files.
fn are_told(done: &Done, files: &[&str]) {
    for file in files {
        let told = format!("`{file}` says what changes may do");
        assert!(done.log.contains(&told), "{}", done.log);
    }
}

fn decided(stage: &mut Stage, files: &[(&str, String)]) {
    stage.merge(1, files);
}

#[test]
fn a_change_cannot_waive_or_accept_its_own_faults() {
    let mut stage = Stage::new();
    decided(&mut stage, &[("flowgate.toml", STRICT.to_owned())]);
    let proposed = [
        (FLOW, dead_end("a", "e")),
        ("flowgate.toml", format!("{STRICT}{WAIVER}")),
        ("flowgate-accepted.toml", accepted("a")),
    ];
    let payload = propose(&stage, 7, &proposed);
    let done = check(&mut stage, "pull_request", &payload).ends(1, "dead-end");
    are_told(&done, &["flowgate.toml", "flowgate-accepted.toml"]);
}

#[test]
fn what_the_base_branch_waives_or_accepts_is_folded_and_green() {
    for (path, text) in [
        ("flowgate.toml", format!("{STRICT}{WAIVER}")),
        ("flowgate-accepted.toml", accepted("a")),
    ] {
        let mut stage = Stage::new();
        let mut files = vec![("flowgate.toml", STRICT.to_owned())];
        files.retain(|(other, _)| *other != path);
        files.push((path, text));
        decided(&mut stage, &files);
        let payload = propose(&stage, 7, &[(FLOW, dead_end("a", "e"))]);
        check(&mut stage, "pull_request", &payload).ends(0, "0 errors, 0 warnings");
        let comment = said(&stage, 7).remove(0);
        let folded = if path == "flowgate.toml" {
            "Waived, not counted (1)"
        } else {
            "Accepted findings, not counted: 1."
        };
        assert!(comment.contains(folded), "{comment}");
    }
}

/// The change that mends the fault and drops the waiver is not told that the waiver on the branch is stale.
#[test]
fn the_change_that_tidies_up_is_not_told_to() {
    let mut stage = Stage::new();
    let files = [
        ("flowgate.toml", format!("{STRICT}{WAIVER}")),
        (FLOW, dead_end("a", "e")),
    ];
    decided(&mut stage, &files);
    let mended = dead_end("a", "e").replace(
        "\"connectors\": [",
        "\"connectors\": [\n    {\"id\": \"c4\", \"sourceId\": \"info\", \"targetId\": \"e\"},",
    );
    let mended = mended.replace("1.0.0", "1.1.0");
    let payload = propose(&stage, 7, &[(FLOW, mended.clone())]);
    check(&mut stage, "pull_request", &payload).ends(1, "waiver-stale");
    let both = [(FLOW, mended), ("flowgate.toml", STRICT.to_owned())];
    let payload = propose(&stage, 8, &both);
    let done = check(&mut stage, "pull_request", &payload);
    assert!(!done.log.contains("waiver-stale"), "{}", done.log);
}

#[test]
fn a_settings_file_at_another_place_and_what_stands_beside_it_are_watched_too() {
    let mut stage = Stage::new();
    decided(&mut stage, &[("ci/gate.toml", STRICT.to_owned())]);
    let proposed = [
        (FLOW, dead_end("a", "e")),
        ("ci/gate.toml", String::new()),
        ("ci/flowgate-accepted.toml", accepted("a")),
    ];
    let payload = propose(&stage, 7, &proposed);
    let done = stage
        .event("pull_request", &payload)
        .env("FLOWGATE_CONFIG", "ci/gate.toml")
        .end()
        .ends(1, "dead-end");
    are_told(&done, &["ci/gate.toml", "ci/flowgate-accepted.toml"]);
}

/// The deployment goes by the same decisions as the check: what is an error blocks the flow, what is waived does not.
#[test]
fn a_merge_is_deployed_by_the_decisions_that_it_was_checked_by() {
    let errors = "[rules]\ndead-end = \"error\"\n";
    let mut stage = Stage::new();
    decided(&mut stage, &[("flowgate.toml", errors.to_owned())]);
    let before = stage.head();
    stage.merge(2, &[(FLOW, dead_end("a", "e"))]);
    stage
        .push(&before)
        .end()
        .ends(4, "`dead-end` is not resolved");
    assert_eq!(stage.live("a"), None);

    let before = stage.head();
    let waived = [
        ("flowgate.toml", format!("{errors}{WAIVER}")),
        (FLOW, dead_end("a", "e").replace("1.0.0", "1.0.1")),
    ];
    stage.merge(3, &waived);
    // Its check went by the settings of before: there the fault is an old one.
    let says = "1 finding from before, not counted";
    stage.push(&before).end().ends(0, says);
    assert_eq!(stage.live("a").as_deref(), Some("1.0.1"));
}
