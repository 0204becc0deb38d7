//! `flowgate rollback`, and `mode: rollback` of a run: the real process, a real repository, GitHub and CXone as fakes on
//! loopback. What is live in the end is what counts.

mod told;
mod trouble;
mod untold;

use flowgate_sandbox::{Availability, Config, Listing};
use serde_json::Value;

use crate::run_deploy::stage::{Begun, Stage, flow, with_queue};
use crate::run_deploy::{A, B};

/// `accounts` was live at 1.0.0, and is at 1.1.0, each by a merge.
fn twice_deployed() -> Stage {
    twice_deployed_on(Config::default())
}

/// The same on such a tenant.
pub(crate) fn twice_deployed_on(config: Config) -> Stage {
    let mut stage = Stage::on(config);
    for (number, version, words) in [(1, "1.0.0", "Hello"), (2, "1.1.0", "Good day")] {
        let before = stage.head();
        stage.merge(number, &[(A, flow("accounts", version, words))]);
        stage.push(&before).end().ends(0, "1 flow: 1 ");
    }
    stage
}

/// A person starts the workflow to take `accounts` back.
pub(crate) fn take_back(stage: &mut Stage) -> Begun {
    stage
        .dispatch()
        .env("FLOWGATE_MODE", "rollback")
        .env("FLOWGATE_FLOW", "accounts")
}

#[test]
fn the_version_before_is_live_again_verified_and_on_record() {
    let mut stage = twice_deployed();
    let (versions, before) = stage.writes();
    let done = take_back(&mut stage).end();
    let done = done.ends(0, "gate: writing is allowed: started by hand on `main`");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    assert_eq!(stage.writes(), (versions, before + 1), "nothing is created");

    // The plan comes first, then what became of it, then what is left to do.
    let plan = done.log.find("accounts: 1.1.0 → 1.0.0").unwrap();
    let result = done.log.find("live, read back and right").unwrap();
    assert!(plan < result, "{}", done.log);
    for says in [
        "puts 1.0.0 live again in place of 1.1.0",
        "\"Good day\" → \"Hello\"",
        "the repository says 1.1.0 still",
    ] {
        assert!(done.log.contains(says), "{says:?} is not in\n{}", done.log);
        let in_summary = says.split('"').next_back().unwrap();
        assert!(done.summary.contains(in_summary), "{}", done.summary);
    }
    assert!(
        done.summary
            .contains("Taken back on CXone: 1 flow: 1 taken back"),
        "{}",
        done.summary
    );
    let published: Value = serde_json::from_str(&done.outputs["published"]).unwrap();
    assert_eq!(published[0]["version"], "1.0.0");
    assert_eq!(published[0]["verified"], true);
    assert_eq!(done.outputs["result"], "passed");

    let lines: Vec<Value> = done
        .audit
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {}", line["action"], line["status"]).replace('"', ""))
        .collect();
    assert_eq!(
        names,
        [
            "RUN RUN_START",
            "ROLLBACK INITIATED",
            "ROLLBACK PUBLISHED",
            "READ_BACK VERIFIED",
            "RUN RUN_END"
        ]
    );
    let start = &lines[0]["run"];
    assert_eq!(start["actor"], "ann");
    assert_eq!(start["rollback"]["flows"][0], "accounts");
    assert_eq!(start["rollback"]["to"], "previous");
    assert_eq!(start["rollback"]["forceRouting"], false);
    assert_eq!(lines[1]["version"], "1.0.0");
    assert_eq!(lines[4]["events"], 5);
    assert_eq!(done.outputs["audit-head"].len(), 64);
    assert!(
        done.log.contains(&done.outputs["audit-head"]),
        "{}",
        done.log
    );
}

#[test]
fn what_was_taken_back_stays_so_when_something_else_is_merged() {
    let mut stage = twice_deployed();
    take_back(&mut stage).end().ends(0, "1 taken back");
    for (number, version) in [(3, "1.0.0"), (4, "1.1.0"), (5, "1.2.0")] {
        let before = stage.head();
        stage.merge(number, &[(B, flow("billing", version, version))]);
        let done = stage.push(&before).end().ends(0, "1.1.0 was taken back");
        assert_eq!(stage.live("billing").as_deref(), Some(version));
        assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
        assert!(done.summary.contains("was taken back"), "{}", done.summary);
    }

    // Its file changes: then it is deployed again.
    let before = stage.head();
    stage.merge(6, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
    // And a commit that says again what was live brings that back, without a new version.
    let (versions, _) = stage.writes();
    let before = stage.head();
    stage.merge(7, &[(A, flow("accounts", "1.1.0", "Good day"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    assert_eq!(stage.writes().0, versions);
}

#[test]
fn a_revert_is_not_taken_back_for_good_and_that_is_said() {
    let mut stage = twice_deployed();
    let before = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "1 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    let up = take_back(&mut stage).env("FLOWGATE_TO", "1.1.0").end();
    up.ends(0, "the next deployment puts it live again");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    // It is as if the deployment of the revert had been missed, and that is healed.
    let before = stage.head();
    stage.merge(4, &[(B, flow("billing", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "2 live");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn asked_twice_it_goes_back_once() {
    let mut stage = twice_deployed();
    let before = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
    stage.push(&before).end().ends(0, "1 live");
    take_back(&mut stage).end().ends(0, "1 taken back");
    let writes = stage.writes();
    take_back(&mut stage).end().ends(0, "1.1.0 is live already");
    assert_eq!(stage.writes(), writes);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    // Further back by name, and up again.
    let to = |stage: &mut Stage, version| take_back(stage).env("FLOWGATE_TO", version).end();
    to(&mut stage, "1.0.0").ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    to(&mut stage, "1.2.0").ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
    let deep = take_back(&mut stage)
        .env("FLOWGATE_TO", "1.0.0")
        .env("FLOWGATE_MAX_ROLLBACK_DEPTH", "1")
        .end();
    let deep = deep.ends(4, "1.0.0 is 2 published versions behind 1.2.0");
    assert_eq!(deep.outputs["result"], "failed");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
}

#[test]
fn only_a_person_on_the_deploy_branch_takes_a_version_back() {
    let mut stage = twice_deployed();
    let head = stage.head();
    let writes = stage.writes();
    let asked = |begun: Begun| {
        let begun = begun.env("FLOWGATE_MODE", "rollback");
        begun.env("FLOWGATE_FLOW", "accounts").end()
    };
    let push = asked(stage.push(&head));
    push.ends(3, "a rollback is started by hand");
    let elsewhere = serde_json::json!({"ref": "refs/heads/topic-2", "inputs": {}});
    let elsewhere = asked(stage.event("workflow_dispatch", &elsewhere));
    elsewhere.ends(3, "not on the deploy branch");
    let schedule = asked(stage.event("schedule", &serde_json::json!({"schedule": "0 * * * *"})));
    schedule.ends(3, "never writes");
    // Last week's job, run again after the branch has moved on.
    stage.commit(&[("README.md", "more".to_owned())]);
    stage
        .repo
        .run_git(&["checkout", "--quiet", "--detach", &head]);
    asked(stage.dispatch()).ends(3, "and `main` stands at");
    let run = stage.repo.flowgate(&["rollback", "--flow", "accounts"]);
    let here = run.end();
    assert_eq!(here.code, 3, "{}", here.err);
    assert!(
        here.err.contains("not a GitHub Actions run"),
        "{}",
        here.err
    );
    assert!(here.err.contains("`mode: rollback`"), "{}", here.err);
    assert_eq!(stage.writes(), writes);
}

#[test]
fn in_a_workflow_the_command_is_the_mode() {
    let mut stage = twice_deployed();
    let args = ["rollback", "--flow=accounts", "--to=1.0.0"];
    stage.dispatch().typed(&args).end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let mut stage = twice_deployed();
    let writes = stage.writes();
    let dry = |begun: Begun| begun.env("FLOWGATE_DRY_RUN", "true").end();
    let done = dry(take_back(&mut stage)).ends(0, "puts 1.0.0 live again");
    assert!(
        done.summary.contains("1 flow to take back"),
        "{}",
        done.summary
    );
    assert!(!done.outputs.contains_key("published"));
    let missing = dry(take_back(&mut stage).env("FLOWGATE_TO", "9.9.9"));
    missing.ends(1, "live before were 1.1.0, 1.0.0");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn several_flows_go_back_at_once_and_one_that_cannot_stops_no_other() {
    let mut stage = twice_deployed();
    let before = stage.head();
    stage.merge(3, &[(B, flow("billing", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, "1 live");
    let done = stage
        .dispatch()
        .env("FLOWGATE_MODE", "rollback")
        .env("FLOWGATE_FLOW", "billing,accounts,nobody")
        .end();
    let done = done.ends(4, "3 flows: 1 taken back, 2 blocked");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    for says in ["no other version with a number", "no flow `nobody`"] {
        assert!(done.log.contains(says), "{says:?} is not in\n{}", done.log);
    }
    let most = take_back(&mut stage)
        .env("FLOWGATE_TO", "1.1.0")
        .env("FLOWGATE_MAX_CHANGES", "0");
    most.end().ends(3, "1 flows would be taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    take_back(&mut stage)
        .env("FLOWGATE_FLOW", "")
        .end()
        .ends(2, "a rollback needs the ids of its flows");
    take_back(&mut stage)
        .env("FLOWGATE_TO", "yesterday")
        .end()
        .ends(2, "neither `previous` nor a version");
}

#[test]
fn routing_is_lost_only_by_force_which_is_on_record() {
    let mut stage = twice_deployed();
    let before = stage.head();
    let routed = with_queue(&flow("accounts", "1.2.0", "Hold on"));
    stage.merge(3, &[(A, routed)]);
    stage.push(&before).end().ends(0, "1 live");
    take_back(&mut stage)
        .end()
        .ends(4, "1.1.0 has not the routing that is live: Billing (`q`)");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
    let done = take_back(&mut stage)
        .env("FLOWGATE_FORCE_ROUTING", "true")
        .end()
        .ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
    let initiated = done
        .audit
        .lines()
        .find(|line| line.contains("INITIATED"))
        .unwrap();
    assert!(
        initiated.contains("although routing is lost (`force-routing`): Billing (`q`)"),
        "{initiated}"
    );
    assert!(done.audit.contains(r#""forceRouting":true"#));
}

#[test]
fn where_a_version_cannot_be_shown_git_tells_what_was_in_it() {
    let config = || Config {
        read_version: Availability::NotImplemented,
        ..Config::default()
    };
    let mut stage = twice_deployed_on(config());
    // Its file stands elsewhere by now.
    stage.repo.run_git(&["mv", A, "flows/moved.json"]);
    stage.commit(&[]);
    take_back(&mut stage).end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));

    // Somebody else made the version, or git has not the commit: then nobody knows.
    let mut stage = Stage::on(config());
    stage
        .sandbox
        .seed_published(&flow("accounts", "0.9.0", "By hand"), "0.9.0")
        .unwrap();
    let before = stage.head();
    stage.merge(1, &[(A, flow("accounts", "1.0.0", "Hello"))]);
    let begun = stage.push(&before).env("FLOWGATE_ON_DRIFT", "overwrite");
    begun.end().ends(0, "1 live");
    let done = take_back(&mut stage).end();
    done.ends(4, "what is in 0.9.0 is not known");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn a_shallow_clone_asks_github_what_was_in_a_version() {
    let mut stage = twice_deployed_on(Config {
        read_version: Availability::NotFound,
        ..Config::default()
    });
    stage.make_shallow();
    take_back(&mut stage).end().ends(0, "1 taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn a_tenant_that_only_counts_is_told_that_it_is_not_offered() {
    for config in [
        Config::minimal(),
        Config {
            list_versions: Listing::CountOnly,
            ..Config::default()
        },
    ] {
        let mut stage = twice_deployed_on(config);
        let writes = stage.writes();
        take_back(&mut stage)
            .end()
            .ends(4, "a rollback is not offered here");
        assert_eq!(stage.writes(), writes);
    }
}

#[test]
fn an_edit_in_the_console_is_not_gone_over_unseen() {
    let mut stage = twice_deployed();
    let edit = flow("accounts", "1.1.0", "Edited by hand");
    stage.sandbox.console_edit("accounts", &edit).unwrap();
    take_back(&mut stage)
        .env("FLOWGATE_TO", "1.0.0")
        .end()
        .ends(4, "was edited in the console since");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.1"));
    take_back(&mut stage)
        .env("FLOWGATE_TO", "1.0.0")
        .env("FLOWGATE_ON_DRIFT", "overwrite")
        .end()
        .ends(0, "the edit is gone over");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn on_a_sandbox_anybody_may_and_programs_read_the_result() {
    let stage = twice_deployed();
    let sandbox = format!("--sandbox={}", stage.sandbox.base_url());
    let args = ["rollback", "--flow=accounts", "--format=json", &sandbox];
    let done = stage.repo.flowgate(&args).end();
    assert_eq!(done.code, 0, "{}", done.err);
    let report: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(report["schemaVersion"], 1);
    assert_eq!(report["result"], "passed");
    assert_eq!(report["flows"][0]["plan"]["action"], "rollBack");
    assert_eq!(report["flows"][0]["version"], "1.0.0");
    assert_eq!(report["flows"][0]["baseline"]["version"], "1.1.0");
    assert_eq!(report["receipts"][0]["state"], "VERIFIED");
    assert_eq!(report["receipts"][0]["version"], "1.0.0");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}
