//! Runs that GitHub hands no secrets, while the rest of the credentials stands in the workflow.

use super::{FLOW, bodies, broken, check, live, propose, propose_from_a_fork};
use crate::run_deploy::stage::{Done, Stage, flow};

/// The secrets are empty; `CXONE_ENVIRONMENT` and `CXONE_BASE_URL` stand in the workflow.
fn without_secrets(stage: &mut Stage, payload: &serde_json::Value, actor: &str) -> Done {
    let run = stage
        .event("pull_request", payload)
        .env("GITHUB_ACTOR", actor);
    run.env("CXONE_CLIENT_ID", "")
        .env("CXONE_CLIENT_SECRET", "")
        .end()
}

#[test]
fn without_secrets_a_change_is_compared_with_its_base_and_the_findings_decide() {
    let mut stage = Stage::new();
    live(&mut stage);
    let asked = stage.sandbox.requests().len();
    for (text, code) in [(flow("a", "1.1.0", "good day"), 0), (broken(), 1)] {
        let fork = propose_from_a_fork(&stage, 7, &[(FLOW, text.clone())]);
        let same = propose(&stage, 8, &[(FLOW, text)]);
        for (payload, actor, why) in [
            (&fork, "stranger", "a pull request from a fork"),
            (&same, "dependabot[bot]", "Dependabot started"),
        ] {
            let done = without_secrets(&mut stage, payload, actor).ends(code, why);
            let summary = done.summary.replace('\\', "");
            for said in [
                why,
                "compared with its base branch",
                "CXone was not asked what is live",
            ] {
                assert!(summary.contains(said), "{said}: {summary}");
            }
            assert!(done.log.contains("::notice"), "{}", done.log);
        }
    }
    assert_eq!(stage.sandbox.requests().len(), asked, "nobody asked CXone");
}

#[test]
fn half_a_set_in_a_run_that_gets_secrets_is_an_error() {
    let mut stage = Stage::new();
    live(&mut stage);
    let same = propose(&stage, 7, &[(FLOW, broken())]);
    let done = without_secrets(&mut stage, &same, "ann");
    done.ends(
        2,
        "cannot call CXone without CXONE_CLIENT_ID, CXONE_CLIENT_SECRET",
    );
    assert!(bodies(&stage, 7).is_empty());
    // Nor is it better where a fork's run was given the secret and not the rest.
    let fork = propose_from_a_fork(&stage, 8, &[(FLOW, broken())]);
    let run = stage
        .event("pull_request", &fork)
        .env("CXONE_CLIENT_ID", "");
    run.end()
        .ends(2, "cannot call CXone without CXONE_CLIENT_ID");
    // A fork that is handed everything is compared with what is live.
    check(&mut stage, "pull_request", &fork).ends(1, "live on CXone");
}

#[test]
fn whoever_must_compare_with_what_is_live_is_told_why_the_secrets_are_missing() {
    let mut stage = Stage::new();
    let fork = propose_from_a_fork(&stage, 7, &[(FLOW, broken())]);
    let run = stage
        .event("pull_request", &fork)
        .env("FLOWGATE_BASELINE", "published");
    let run = run
        .env("CXONE_CLIENT_ID", "")
        .env("CXONE_CLIENT_SECRET", "");
    run.end().ends(
        2,
        "GitHub hands no secrets to a run for a pull request from a fork",
    );
}
