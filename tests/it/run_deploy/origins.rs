//! What is published came by a merged pull request, and under the settings that its check was made under.

use serde_json::Value;

use super::stage::{Done, Stage, flow};
use super::{A, B, both_live};
use crate::run_check::propose_as;

const C: &str = "flows/claims.json";

/// What the live version of a flow says about where it comes from.
fn source(stage: &Stage, id: &str) -> Value {
    let cxone = stage.sandbox.state();
    let version = cxone.flow(id).unwrap().published().unwrap();
    let metadata: Value = serde_json::from_str(version.metadata.as_ref().unwrap().get()).unwrap();
    metadata["source"].clone()
}

#[test]
fn a_refused_direct_push_is_not_published_by_the_next_strangers_merge() {
    let mut stage = both_live();
    let before = stage.head();
    let pushed = stage.commit(&[(A, flow("accounts", "1.1.0", "Pushed"))]);
    stage
        .push(&before)
        .end()
        .ends(3, "belongs to no merged pull request");
    let before = stage.head();
    stage.merge(2, &[(B, flow("billing", "1.1.0", "Merged"))]);
    let done = stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
    let says = format!(
        "commit {} by dana changed it without a merged pull request",
        &pushed[..7]
    );
    assert!(done.log.contains(&says), "{}", done.log);
    let summary = "by dana changed it without a merged pull request";
    assert!(done.summary.contains(summary), "{}", done.summary);

    // A start by hand that does not name it leaves it, and a merged pull request that changes it brings it.
    stage.dispatch().end().ends(0, &says);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    let before = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "Reviewed"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
}

#[test]
fn a_start_by_hand_that_names_it_publishes_what_was_pushed() {
    let mut stage = both_live();
    stage.commit(&[(A, flow("accounts", "1.1.0", "Pushed"))]);
    let named = stage.dispatch().env("FLOWGATE_FLOW", "accounts");
    named.end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn a_direct_push_in_one_push_with_a_merge_stays_unpublished() {
    let mut stage = both_live();
    let before = stage.head();
    stage.commit(&[(A, flow("accounts", "1.1.0", "Pushed"))]);
    stage.merge(2, &[(B, flow("billing", "1.1.0", "Merged"))]);
    let done = stage.push(&before).end();
    let done = done.ends(0, "changed it without a merged pull request");
    assert_eq!(
        stage.live("accounts").as_deref(),
        Some("1.0.0"),
        "{}",
        done.log
    );
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));

    // Where such pushes are wanted, both go live.
    let mut stage = both_live();
    let before = stage.head();
    stage.commit(&[(A, flow("accounts", "1.1.0", "Pushed"))]);
    stage.merge(2, &[(B, flow("billing", "1.1.0", "Merged"))]);
    let run = stage.push(&before).env("FLOWGATE_DIRECT_PUSH", "deploy");
    run.end().ends(0, "2 live");
}

#[test]
fn what_was_merged_before_it_was_pushed_over_is_not_published_either() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Merged"))]);
    stage.commit(&[(A, flow("accounts", "1.1.0", "Pushed over"))]);
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Merged"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

/// Two files exchange their flows in a pull request whose run never begins; then another one is merged.
fn exchanged(stage: &mut Stage, accounts: &str) -> Done {
    let billing = stage.repo.run_git(&["show", &format!("HEAD:{B}")]);
    stage.merge(7, &[(A, billing), (B, accounts.to_owned())]);
    let before = stage.head();
    stage.merge(8, &[(C, flow("claims", "1.0.0", "New"))]);
    stage.push(&before).end()
}

#[test]
fn a_direct_push_is_found_where_the_file_stood_before_it_was_renamed() {
    let mut stage = both_live();
    let pushed = flow("accounts", "1.1.0", "Pushed");
    let commit = stage.commit(&[(A, pushed.clone())]);
    let done = exchanged(&mut stage, &pushed);
    let says = format!("commit {} by dana changed it", &commit[..7]);
    done.ends(0, &says);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));

    // What was merged before the files were exchanged is made up for.
    let mut stage = both_live();
    let merged = flow("accounts", "1.1.0", "Merged");
    stage.merge(2, &[(A, merged.clone())]);
    exchanged(&mut stage, &merged).ends(0, "2 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn what_an_earlier_merge_did_not_get_live_is_made_up_for_where_all_of_it_was_merged() {
    let mut stage = both_live();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Thrown away"))]);
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Merged"))]);
    stage.push(&before).end().ends(0, "2 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));

    // GitHub cannot say: it is left alone, and said.
    let mut stage = both_live();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Thrown away"))]);
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Merged"))]);
    stage.fake.state().histories_fail = true;
    let done = stage.push(&before).end();
    done.ends(
        0,
        "whether its changes came by merged pull requests could not be found out",
    );
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
}

#[test]
fn each_flow_of_a_push_names_its_own_pull_request() {
    let mut stage = both_live();
    let before = stage.head();
    stage.merge(2, &[(A, flow("accounts", "1.1.0", "Second"))]);
    stage.merge(3, &[(B, flow("billing", "1.1.0", "Third"))]);
    let done = stage.push(&before).end().ends(0, "2 live");
    assert_eq!(source(&stage, "accounts")["pullRequest"], 2);
    assert_eq!(source(&stage, "billing")["pullRequest"], 3);
    for (flow, pull) in [("accounts", 2), ("billing", 3)] {
        let lines = done
            .audit
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let of_flow: Vec<Value> = lines.filter(|line| line["flowId"] == flow).collect();
        assert!(!of_flow.is_empty());
        for line in of_flow {
            assert_eq!(line["pullRequest"], pull, "{line}");
        }
    }
}

#[test]
fn a_pull_request_that_widens_the_globs_publishes_nothing_that_they_did_not_cover() {
    let mut stage = both_live();
    let before = stage.head();
    let files = [
        (
            "flowgate.toml",
            "flows = [\"flows/*.json\", \"more/*.json\"]\n".to_owned(),
        ),
        ("more/claims.json", flow("claims", "1.0.0", "Hello")),
        (A, flow("accounts", "1.1.0", "Merged")),
    ];
    stage.merge(2, &files);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("claims"), None);

    // With the next change it is a flow like any other.
    let before = stage.head();
    stage.merge(
        3,
        &[("more/claims.json", flow("claims", "1.0.1", "Good day"))],
    );
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("claims").as_deref(), Some("1.0.1"));
}

#[test]
fn a_flow_that_moves_to_where_its_pull_request_widens_the_globs_is_not_told_as_deleted() {
    let mut stage = both_live();
    let before = stage.head();
    let widened = "flows = [\"flows/*.json\", \"more/*.json\"]\n".to_owned();
    std::fs::remove_file(stage.repo.root().join(A)).unwrap();
    let moved = ("more/accounts.json", flow("accounts", "1.1.0", "Moved"));
    stage.merge(2, &[("flowgate.toml", widened), moved]);
    let done = stage.push(&before).end();
    let done = done.ends(0, "this change makes it a flow file");
    assert!(!done.log.contains("is deleted"), "{}", done.log);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn each_merge_of_a_push_holds_to_the_settings_that_it_was_checked_under() {
    let mut stage = both_live();
    let before = stage.head();
    // The second was checked with the first one's settings at its base; the first was not.
    let first = [
        (
            "flowgate.toml",
            "flows = [\"flows/*.json\", \"more/*.json\"]\n".to_owned(),
        ),
        ("more/early.json", flow("early", "1.0.0", "Hello")),
    ];
    stage.merge(2, &first);
    stage.merge(3, &[("more/claims.json", flow("claims", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("claims").as_deref(), Some("1.0.0"));
    assert_eq!(stage.live("early"), None, "its own check did not cover it");
}

#[test]
fn direct_pushes_are_allowed_by_the_settings_from_before_the_push_alone() {
    let mut stage = both_live();
    let before = stage.head();
    let files = [
        ("flowgate.toml", "direct-push = \"deploy\"\n".to_owned()),
        (C, flow("claims", "1.0.0", "Hello")),
    ];
    stage.commit(&files);
    stage
        .push(&before)
        .end()
        .ends(3, "belongs to no merged pull request");
    assert_eq!(stage.live("claims"), None);
}

#[test]
fn a_merge_that_touches_no_flow_does_not_fail_for_what_an_earlier_one_left_blocked() {
    let mut stage = both_live();
    let broken =
        flow("accounts", "1.1.0", "Hello").replace(r#""targetId": "e""#, r#""targetId": "f""#);
    let before = stage.head();
    stage.merge(2, &[(A, broken)]);
    stage
        .push(&before)
        .end()
        .ends(4, "`connector-missing-target` is not resolved");
    let before = stage.head();
    stage.merge(3, &[("README.md", "more".to_owned())]);
    let done = stage.push(&before).end();
    done.ends(0, "still blocked, and this change does not touch it");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    stage
        .dispatch()
        .end()
        .ends(4, "`connector-missing-target` is not resolved");
}

/// A merge whose run never began, the settings of after it, and a stranger's merge: its check, and its deployment.
fn made_up(before: &str, after: &str) -> (Stage, Done) {
    let mut stage = both_live();
    let settings = |text: &str| ("flowgate.toml", text.to_owned());
    stage.merge(2, &[settings(before)]);
    // Nothing leads to the queue: a warning, unless the settings say more.
    let orphan = r#"{"id": "x", "type": "Queue", "configuration": {"queue": "none"}}, {"id": "e""#;
    let text = flow("accounts", "1.1.0", "Good day").replace(r#"{"id": "e""#, orphan);
    stage.merge(3, &[(A, text)]);
    stage.merge(4, &[settings(after)]);
    let payload = propose_as(&stage, 9, || {
        stage.commit(&[(B, flow("billing", "1.1.0", "Good day"))])
    });
    let checked = stage.event("pull_request", &payload).end();
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    let before = stage.head();
    stage.merge(5, &[(B, flow("billing", "1.1.0", "Good day"))]);
    stage.push(&before).end();
    (stage, checked)
}

#[test]
fn what_is_made_up_for_holds_to_the_settings_that_its_own_merge_was_checked_under() {
    let lax = "[rules]\nunreachable-element = \"warning\"\n";
    let strict = "[rules]\nunreachable-element = \"error\"\n";
    let (stage, checked) = made_up(lax, strict);
    assert_eq!(checked.code, 0, "{}", checked.log);
    assert!(checked.out.contains("creates 1.1.0"), "{}", checked.log);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));

    let (stage, checked) = made_up(strict, lax);
    assert_eq!(checked.code, 1, "{}", checked.log);
    assert!(
        checked.log.contains("after a fix creates 1.1.0"),
        "{}",
        checked.log
    );
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
}

#[test]
fn what_was_merged_outside_of_the_globs_waits_for_its_next_change() {
    let mut stage = both_live();
    let settings = |text: &str| ("flowgate.toml", text.to_owned());
    stage.merge(2, &[settings("flows = [\"flows/b*.json\"]\n")]);
    stage.merge(3, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.merge(4, &[settings("flows = [\"flows/*.json\"]\n")]);
    let before = stage.head();
    stage.merge(5, &[(B, flow("billing", "1.1.0", "Good day"))]);
    let done = stage.push(&before).end();
    done.ends(0, "`flows` did not cover it when #3 was merged");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.live("billing").as_deref(), Some("1.1.0"));
}
