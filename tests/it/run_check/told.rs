//! What is told beside the findings: forks, old faults, flows that merging heals, files and outputs.

use std::fs;

use serde_json::json;

use super::{FLOW, bodies, broken, check, live, propose};
use crate::run_deploy::stage::{Stage, flow};

#[test]
fn a_fork_has_neither_credentials_nor_a_comment_and_is_checked_all_the_same() {
    let mut stage = Stage::new();
    live(&mut stage);
    let mut payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    payload["pull_request"]["head"]["repo"] = json!({"id": 99});
    stage.fake.state().may_write = false;
    let none = [
        "CXONE_CLIENT_ID",
        "CXONE_CLIENT_SECRET",
        "CXONE_ENVIRONMENT",
    ];
    let run = stage.event("pull_request", &payload);
    let run = none.iter().fold(run, |run, name| run.env(name, ""));
    let done = run.end().ends(0, "pull-requests: write");
    for word in ["base branch", "CXone was not asked", "good day"] {
        assert!(done.summary.contains(word), "{word}: {}", done.summary);
    }
    assert_eq!(done.outputs["result"], "passed");
    assert!(bodies(&stage, 7).is_empty());
}

#[test]
fn what_merging_heals_besides_is_said_although_its_file_is_not_in_the_pull_request() {
    let mut stage = Stage::new();
    live(&mut stage);
    // Merged, and nothing was deployed since.
    stage.merge(2, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    stage.merge(3, &[("flows/b.json", flow("b", "1.0.0", "hello"))]);
    let payload = propose(&stage, 7, &[("flows/c.json", flow("c", "1.0.0", "hello"))]);
    check(&mut stage, "pull_request", &payload).ends(0, "");
    let body = &bodies(&stage, 7)[0];
    for words in [
        "Merging also puts 1 flow live that this change leaves alone",
        "| creates 1.1.0, live at once; 1.0.0 stays for rollback | merged earlier, and not live yet |",
    ] {
        assert!(body.contains(words), "{words} is not in\n{body}");
    }
    // A flow that CXone has never had waits for a pull request of its own.
    assert!(!body.contains("flows/b.json"), "{body}");
    // Where a deployment looks after nothing else, nothing else is asked about.
    let run = stage.event("pull_request", &payload);
    run.env("FLOWGATE_SCOPE", "changed").end().ends(0, "");
    let body = &bodies(&stage, 7)[0];
    assert!(!body.contains("Merging also"), "{body}");
}

#[test]
fn an_edit_of_an_old_flow_is_not_drowned_unless_somebody_wants_it() {
    let mut stage = Stage::new();
    let old = flow("a", "1.1.0", "hello")
        .replace(r#""prompt""#, r#""apiKey": "k7Qz-93fhT-20xLm", "prompt""#);
    stage.commit(&[(FLOW, old.clone())]);
    let edited = old.replace("hello", "good day").replace("1.1.0", "1.2.0");
    let payload = propose(&stage, 7, &[(FLOW, edited)]);
    let done = check(&mut stage, "pull_request", &payload).ends(0, "");
    assert_eq!(done.outputs["error-count"], "0");
    assert!(!done.log.contains("::error"), "{}", done.log);
    let body = &bodies(&stage, 7)[0];
    assert!(body.contains("Older findings, not counted"), "{body}");
    assert!(!body.contains("Fix before merging"), "{body}");

    let run = stage.event("pull_request", &payload);
    let done = run.env("FLOWGATE_FAIL_ON_EXISTING", "true").end();
    let done = done.ends(1, "::error file=flows/a.json");
    assert_eq!(done.outputs["error-count"], "1");
    let body = &bodies(&stage, 7)[0];
    assert!(body.contains("Fix before merging"), "{body}");
    assert!(!body.contains("not counted"), "{body}");
}

#[test]
fn the_whole_report_is_a_file_and_outputs_without_a_value_are_empty() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[(FLOW, flow("a", "1.1.0", "good day"))]);
    let report = stage.folder.path().join("report.md");
    let run = stage.event("pull_request", &payload);
    let run = run.env("FLOWGATE_REPORT_FILE", report.to_str().unwrap());
    let done = run.end().ends(0, "");
    assert_eq!(done.outputs["report-path"], report.display().to_string());
    assert_eq!(
        fs::read_to_string(&report).unwrap().trim(),
        done.summary.trim()
    );
    for nothing in ["published", "audit-path", "metrics-path", "sarif-path"] {
        let value = done.outputs.get(nothing).map_or("", String::as_str);
        assert_eq!(value, "", "{nothing}");
    }
    // A file that cannot be written is said, and changes nothing else.
    let run = stage.event("pull_request", &payload);
    let run = run.env("FLOWGATE_REPORT_FILE", "/nowhere/report.md");
    let done = run.end().ends(0, "could not write `/nowhere/report.md`");
    assert_eq!(done.outputs.get("report-path"), None);
}

#[test]
fn findings_are_a_file_for_code_scanning_before_the_job_fails() {
    let mut stage = Stage::new();
    live(&mut stage);
    let payload = propose(&stage, 7, &[(FLOW, broken())]);
    let file = stage.folder.path().join("findings.sarif");
    let run = stage.event("pull_request", &payload);
    let run = run.env("FLOWGATE_SARIF_FILE", file.to_str().unwrap());
    let run = run.env("GITHUB_ACTION_PATH", "/w/_actions/acme/flowgate/v1");
    let done = run.end().ends(1, "connector-missing-target");
    assert_eq!(done.outputs["sarif-path"], file.display().to_string());
    let log: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let documentation = "https://github.com/acme/flowgate/blob/v1/docs";
    assert_eq!(
        log["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"],
        format!("{documentation}/rules.md#not-a-file")
    );
    let body = &bodies(&stage, 7)[0];
    let way_back = format!("[take a deployment back]({documentation}/reliability.md#");
    assert!(body.contains(&way_back), "{body}");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let broken = results
        .iter()
        .find(|it| it["ruleId"] == "connector-missing-target")
        .unwrap();
    assert_eq!(
        (&broken["level"], &broken["baselineState"]),
        (&json!("error"), &json!("new"))
    );
    // A file that cannot be written is said, and changes nothing else.
    let run = stage.event("pull_request", &payload);
    let run = run.env("FLOWGATE_SARIF_FILE", "/nowhere/findings.sarif");
    let done = run
        .end()
        .ends(1, "could not write `/nowhere/findings.sarif`");
    assert_eq!(done.outputs.get("sarif-path"), None);
}

#[test]
fn a_draft_that_is_opened_edited_or_made_ready_is_checked_like_any_other() {
    let mut stage = Stage::new();
    let mut payload = propose(&stage, 7, &[(FLOW, broken())]);
    for action in [
        "opened",
        "reopened",
        "edited",
        "ready_for_review",
        "synchronize",
    ] {
        payload["action"] = json!(action);
        check(&mut stage, "pull_request", &payload).ends(1, "connector-missing-target");
    }
    assert_eq!(bodies(&stage, 7).len(), 1);
    assert_eq!(stage.fake.writes().len(), 1, "it said the same each time");
    payload["action"] = json!("closed");
    check(&mut stage, "pull_request", &payload).ends(0, "closed without a merge");
}
