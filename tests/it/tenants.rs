//! Stories of tenants that do not offer everything: the contract's table "What a tenant may not offer".

use flowgate_sandbox::{
    Availability, Behaviour, CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT, Entry, Fault,
    Operation, Sandbox,
};
use serde_json::Value;

use crate::support::{Ended, Repo};

const CHANGED: &str = "main-line";
const OTHER: &str = "other-line";

fn file(flow: &str, version: &str, words: &str) -> String {
    format!(
        r#"{{"flowId": "{flow}", "version": "{version}", "elements": [
            {{"id": "b", "type": "Begin", "configuration": {{}}}},
            {{"id": "m", "type": "IVR", "configuration": {{"prompt": "{words}"}}}},
            {{"id": "e", "type": "End", "configuration": {{}}}}],
          "connectors": [{{"id": "c1", "sourceId": "b", "targetId": "m"}}, {{"id": "c2", "sourceId": "m", "targetId": "e"}}]}}"#
    )
}

/// A change of one flow of two, and a tenant on which both are live as they were before.
struct Story {
    repo: Repo,
    sandbox: Sandbox,
}

impl Story {
    async fn of(config: Config) -> Self {
        let repo = Repo::new();
        let sandbox = Sandbox::start(config).await.unwrap();
        for flow in [CHANGED, OTHER] {
            let before = file(flow, "1.0.0", "old words");
            sandbox.seed_published(&before, "1.0.0").unwrap();
            repo.write(&format!("base/flows/{flow}.json"), &before);
            repo.write(&format!("head/flows/{flow}.json"), &before);
        }
        let after = file(CHANGED, "1.1.0", "new words");
        repo.write(&format!("head/flows/{CHANGED}.json"), after);
        Self { repo, sandbox }
    }

    fn deploy(&self, more: &[&str]) -> Ended {
        let sandbox = format!("--sandbox={}", self.sandbox.base_url());
        let mut args = vec![
            "deploy",
            &sandbox,
            "--format=json",
            "--base-dir=../base",
            "--retry-base=1ms",
            "--ambiguous-read-delays=0s,20ms",
        ];
        args.extend(more);
        self.repo
            .flowgate(&args)
            .cwd(self.repo.root().join("head"))
            .end()
    }

    fn fail(&self, operation: Operation, fault: Fault) {
        let entry = Entry::new(operation, fault);
        self.sandbox.add_fault(entry.on_flow(CHANGED));
    }

    /// Creates and publications that were sent.
    fn writes(&self) -> (usize, usize) {
        let count = |operation| self.sandbox.count(operation);
        (count(Operation::CreateVersion), count(Operation::Publish))
    }

    fn live(&self, flow: &str) -> String {
        let state = self.sandbox.state();
        state
            .flow(flow)
            .unwrap()
            .published()
            .unwrap()
            .version
            .clone()
    }
}

fn receipt(ended: &Ended, flow: &str) -> Value {
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let receipts = report["receipts"].as_array().unwrap();
    receipts
        .iter()
        .find(|receipt| receipt["flowId"] == flow)
        .unwrap()
        .clone()
}

fn lists_but_does_not_show() -> Config {
    Config {
        read_flow: Availability::MethodNotAllowed,
        read_version: Availability::NotImplemented,
        ..Config::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorials_three_calls_alone_deploy_what_this_change_touches_and_say_that_nobody_could_look()
 {
    let story = Story::of(Config::minimal()).await;
    let ended = story.deploy(&[]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    let changed = receipt(&ended, CHANGED);
    assert_eq!(changed["state"], "PUBLISHED_UNVERIFIED", "{changed}");
    assert_eq!(changed["verified"], false);
    let notices = changed["notices"].to_string();
    assert!(
        notices.contains("not verified: this tenant cannot show"),
        "{notices}"
    );
    assert_eq!(story.writes(), (1, 1), "only what this change touches");
    assert_eq!(story.live(CHANGED), "1.1.0");
    assert_eq!(story.live(OTHER), "1.0.0");
    let live = changed["liveNow"].as_str().unwrap();
    assert!(
        live.starts_with("live now: not read back; CXone accepted 1.1.0"),
        "{live}"
    );
    // Both flows were asked about at the same time; what was refused then is not asked again for each write.
    let reads = story.sandbox.count(Operation::ReadFlow);
    assert!(reads <= 2, "{reads} reads of what the tenant does not show");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_versions_are_only_counted_a_lost_create_is_never_sent_again() {
    let story = Story::of(Config::minimal()).await;
    story.fail(Operation::CreateVersion, Fault::DropAfter);
    let ended = story.deploy(&[]);
    assert_eq!(ended.code, 5, "{}", ended.all());
    let changed = receipt(&ended, CHANGED);
    assert_eq!(changed["state"], "UNKNOWN", "{changed}");
    let error = changed["error"].as_str().unwrap();
    for part in [
        "it is not known whether version 1.1.0 of flow `main-line` was created",
        "counts its versions and does not list them",
        "look for it in CXone before you run again",
        "live now:",
    ] {
        assert!(error.contains(part), "`{part}` is missing in: {error}");
    }
    assert_eq!(story.writes(), (1, 0));
    assert_eq!(story.live(CHANGED), "1.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_publication_that_nobody_can_look_at_is_unknown() {
    let story = Story::of(Config::minimal()).await;
    story.fail(Operation::Publish, Fault::DropAfter);
    let ended = story.deploy(&[]);
    assert_eq!(ended.code, 5, "{}", ended.all());
    let changed = receipt(&ended, CHANGED);
    let error = changed["error"].as_str().unwrap();
    assert!(
        error.contains("this tenant cannot show what is published"),
        "{error}"
    );
    assert!(error.contains("live now: not known"), "{error}");
    assert_eq!(story.writes(), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_requires_verification_is_refused_before_anything_is_written() {
    for config in [Config::minimal(), lists_but_does_not_show()] {
        let story = Story::of(config).await;
        let ended = story.deploy(&["--verify=required"]);
        assert_eq!(ended.code, 4, "{}", ended.all());
        let changed = receipt(&ended, CHANGED);
        assert_eq!(changed["state"], "BLOCKED", "{changed}");
        let error = changed["error"].as_str().unwrap();
        assert!(error.contains("`verify: required`"), "{error}");
        assert_eq!(story.writes(), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_lists_its_versions_converges_by_our_own_records() {
    let story = Story::of(lists_but_does_not_show()).await;
    story.fail(Operation::CreateVersion, Fault::DropAfter);
    let first = story.deploy(&[]);
    assert_eq!(first.code, 0, "{}", first.all());
    assert_eq!(receipt(&first, CHANGED)["state"], "PUBLISHED_UNVERIFIED");
    assert_eq!(
        story.writes(),
        (1, 1),
        "the lost create was found in the list"
    );
    let second = story.deploy(&[]);
    assert_eq!(second.code, 0, "{}", second.all());
    assert_eq!(receipt(&second, CHANGED)["state"], "SKIPPED");
    assert_eq!(story.writes(), (1, 1), "the second run writes nothing");
    assert_eq!(story.live(CHANGED), "1.1.0");
    assert_eq!(story.live(OTHER), "1.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_without_single_versions_is_read_back_all_the_same() {
    for read_version in [
        Availability::NotFound,
        Availability::MethodNotAllowed,
        Availability::NotImplemented,
    ] {
        let story = Story::of(Config {
            read_version,
            ..Config::default()
        })
        .await;
        let ended = story.deploy(&[]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert_eq!(receipt(&ended, CHANGED)["state"], "VERIFIED");
        assert_eq!(story.live(CHANGED), "1.1.0");
        assert_eq!(story.deploy(&[]).code, 0);
        assert_eq!(story.writes(), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_when_it_was_handed_a_client_that_can_publish() {
    let warns = async |behaviours: &[Behaviour]| {
        let story = Story::of(Config {
            behaviours: behaviours.iter().copied().collect(),
            ..Config::default()
        })
        .await;
        let check = story.repo.flowgate(&["check", "--base-dir=../base"]);
        let ended = [
            ("CXONE_CLIENT_ID", CLIENT_ID),
            ("CXONE_CLIENT_SECRET", CLIENT_SECRET),
            ("CXONE_ENVIRONMENT", ENVIRONMENT),
            ("CXONE_BASE_URL", &story.sandbox.base_url()),
        ]
        .into_iter()
        .fold(check, |run, (name, value)| run.env(name, value))
        .cwd(story.repo.root().join("head"))
        .end();
        assert_eq!(ended.code, 0, "{}", ended.all());
        let all = ended.all();
        all.contains("publish-credentials-in-check: this client was granted")
    };
    assert!(warns(&[Behaviour::IgnoresScope]).await);
    assert!(!warns(&[]).await, "only what was asked for was granted");
}
