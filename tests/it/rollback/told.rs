//! What was taken back is told on the pull request that brought it.

use super::*;

fn the_comment(stage: &Stage, pull: u64) -> String {
    let github = stage.fake.state();
    let bodies = github.bodies(pull);
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    bodies[0].to_owned()
}

#[track_caller]
fn says(body: &str, words: &[&str]) {
    for word in words {
        assert!(body.contains(word), "{word:?} is not in\n{body}");
    }
}

/// `accounts` and `billing` are live at 1.1.0, by pull request 2.
fn two_flows() -> Stage {
    let mut stage = Stage::new();
    for (number, version) in [(1, "1.0.0"), (2, "1.1.0")] {
        let before = stage.head();
        let files = [
            (A, flow("accounts", version, version)),
            (B, flow("billing", version, version)),
        ];
        stage.merge(number, &files);
        stage.push(&before).end().ends(0, "2 live");
    }
    stage
}

#[test]
fn a_rollback_stands_over_the_result_of_the_merge_and_the_rest_of_it_stays() {
    let mut stage = two_flows();
    let of_one = the_comment(&stage, 1);
    let done = take_back(&mut stage).end().ends(0, "1 taken back");
    let told = the_comment(&stage, 2);
    let today = today();
    says(
        &told,
        &[
            &format!("↩️ **accounts 1.1.0** was taken back by ann on {today}"),
            "Callers get 1.0.0.",
            "revert this pull request",
            "<details><summary>What the deployment said then</summary>\n\n### ✅ Deployed to CXone",
            "billing",
        ],
    );
    assert_eq!(the_comment(&stage, 1), of_one, "1.0.0 is live again");
    assert!(done.outputs["comment-id"].parse::<u64>().is_ok());
    // What the summary counts is what was done.
    let summary = &done.summary;
    says(summary, &["Taken back on CXone: 1 flow: 1 taken back"]);
    says(summary, &["| Rolled back · failed · unknown | 1 · 0 · 0 |"]);

    // The other flow, too: both stand there, each once.
    let other = stage.dispatch().env("FLOWGATE_MODE", "rollback");
    other
        .env("FLOWGATE_FLOW", "billing")
        .end()
        .ends(0, "1 taken back");
    let told = the_comment(&stage, 2);
    for flow in ["accounts", "billing"] {
        let start = format!("↩️ **{flow} 1.1.0** was taken back");
        assert_eq!(told.matches(&start).count(), 1, "{told}");
        let folded = told.find("<details>").unwrap();
        assert!(told.find(&start).unwrap() < folded, "{told}");
    }
    let fold = "<details><summary>What the deployment said then";
    assert_eq!(told.matches(fold).count(), 1, "{told}");
}

#[test]
fn what_was_taken_back_stays_told_when_the_job_of_the_merge_runs_again() {
    let mut stage = twice_deployed();
    take_back(&mut stage).end().ends(0, "1 taken back");
    let told = the_comment(&stage, 2);
    let before = stage.repo.run_git(&["rev-parse", "HEAD~1"]);
    stage.push(&before).end().ends(0, "1.1.0 was taken back");
    assert_eq!(the_comment(&stage, 2), told);
}

#[test]
fn what_is_put_live_again_says_so_where_it_said_that_it_was_taken_back() {
    let mut stage = twice_deployed();
    take_back(&mut stage).end().ends(0, "1 taken back");
    take_back(&mut stage)
        .env("FLOWGATE_TO", "1.1.0")
        .end()
        .ends(0, "1 taken back");
    let told = the_comment(&stage, 2);
    says(
        &told,
        &["↩️ **accounts 1.1.0** was put live again by ann on"],
    );
    assert!(!told.contains("was taken back"), "{told}");
    let one = the_comment(&stage, 1);
    assert!(
        !one.contains("↩️"),
        "it was superseded, as by any version: {one}"
    );
}

#[test]
fn where_no_comment_stands_a_rollback_writes_one_and_where_none_may_be_written_it_is_done() {
    let mut stage = twice_deployed();
    stage.fake.state().comments.clear();
    take_back(&mut stage).end().ends(0, "1 taken back");
    says(
        &the_comment(&stage, 2),
        &["↩️ **accounts 1.1.0** was taken back by ann"],
    );
    let mut stage = twice_deployed();
    stage.fake.state().may_write = false;
    let done = take_back(&mut stage)
        .end()
        .ends(0, "no comment on pull request #2");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    says(&done.summary, &["1 taken back"]);
}

/// Today in UTC, as the program says it.
fn today() -> String {
    let now = std::time::SystemTime::now();
    let text = httpdate::fmt_http_date(now);
    let parts: Vec<&str> = text.split(' ').collect();
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(parts[2]).unwrap() / 3 + 1;
    format!("{}-{month:02}-{}", parts[3], parts[1])
}
