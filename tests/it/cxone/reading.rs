//! Stories of reading: what a tenant tells, and what it leaves out.

use flowgate::cxone::FlowPlatform;
use flowgate_core::ids::FlowId;
use flowgate_core::platform::{Answer, History};
use flowgate_sandbox::{Availability, Config, Listing, Operation, Sandbox};
use serde_json::json;

use crate::support::cxone::{FILE, FLOW, Setup, provenance, release};
use crate::support::script::{Scripted, json as answer};

fn flow() -> FlowId {
    FLOW.parse().unwrap()
}

#[tokio::test]
async fn a_new_flow_is_absent_and_has_no_versions() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    assert!(matches!(
        client.api.published(&flow()).await.unwrap(),
        Answer::Absent
    ));
    assert_eq!(
        client.api.history(&flow()).await.unwrap(),
        History::Listed(Vec::new())
    );
    let version = client
        .api
        .version(&flow(), &"v1".parse().unwrap())
        .await
        .unwrap();
    assert!(matches!(version, Answer::Absent));
}

#[tokio::test]
async fn what_we_published_comes_back_with_our_record_and_its_numbers_as_written() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    let (id, _) = client.api.create(&release(), &provenance()).await.unwrap();
    client.api.publish(&flow(), &id).await.unwrap();

    let published = client
        .api
        .published(&flow())
        .await
        .unwrap()
        .known()
        .cloned()
        .unwrap();
    assert_eq!(published.version_id, Some(id.clone()));
    assert_eq!(published.version(), Some(&release().version));
    assert!(
        published
            .flow
            .source()
            .as_str()
            .contains("12345678901234567890")
    );
    let record = published.record.unwrap();
    assert_eq!(record.content_digest, release().digest);
    assert_eq!(record.source, Some(provenance().source));

    let stored = client
        .api
        .version(&flow(), &id)
        .await
        .unwrap()
        .known()
        .cloned()
        .unwrap();
    assert_eq!(stored.record.unwrap(), record);
    assert_eq!(stored.flow.unwrap().elements().len(), 3);

    let history = client.api.history(&flow()).await.unwrap();
    let listed = history.listed().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0].id, &listed[0].record), (&id, &Some(record)));
}

#[tokio::test]
async fn a_flow_from_the_console_has_no_record_of_ours() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    sandbox.seed_published(FILE, "1.0.0").unwrap();
    let client = Setup::of(&sandbox).client();
    let published = client
        .api
        .published(&flow())
        .await
        .unwrap()
        .known()
        .cloned()
        .unwrap();
    assert_eq!(published.record, None);
}

#[tokio::test]
async fn what_a_tenant_does_not_offer_is_unknown_and_not_empty() {
    for missing in [Availability::MethodNotAllowed, Availability::NotImplemented] {
        let sandbox = Sandbox::start(Config {
            read_flow: missing,
            read_version: missing,
            list_versions: Listing::NotImplemented,
            ..Config::default()
        })
        .await
        .unwrap();
        sandbox.seed_published(FILE, "1.0.0").unwrap();
        let client = Setup::of(&sandbox).client();
        assert!(matches!(
            client.api.published(&flow()).await.unwrap(),
            Answer::CannotTell
        ));
        let version = client
            .api
            .version(&flow(), &"v1".parse().unwrap())
            .await
            .unwrap();
        assert!(matches!(version, Answer::CannotTell));
        let history = client.api.history(&flow()).await.unwrap();
        assert!(matches!(history, History::Unknown(_)), "{history:?}");
        assert_eq!(
            sandbox.count(Operation::ReadFlow),
            1,
            "a 501 is an answer, not a failure"
        );
    }
}

#[tokio::test]
async fn a_tenant_that_only_counts_is_understood() {
    let sandbox = Sandbox::start(Config::minimal()).await.unwrap();
    sandbox.seed_published(FILE, "1.0.0").unwrap();
    let client = Setup::of(&sandbox).client();
    assert_eq!(
        client.api.history(&flow()).await.unwrap(),
        History::Counted(1)
    );
}

#[tokio::test]
async fn two_hundred_and_fifty_versions_come_in_three_pages_under_any_name() {
    for list_versions in [Listing::Full, Listing::UnderItems, Listing::UnderData] {
        let sandbox = Sandbox::start(Config {
            list_versions,
            history_cap: 500,
            ..Config::default()
        })
        .await
        .unwrap();
        sandbox.seed_published(FILE, "1.0.0").unwrap();
        for _ in 1..250 {
            sandbox.console_edit(FLOW, FILE).unwrap();
        }
        let client = Setup::of(&sandbox).client();
        let history = client.api.history(&flow()).await.unwrap();
        assert_eq!(history.listed().unwrap().len(), 250);
        assert_eq!(sandbox.count(Operation::ListVersions), 3);
        assert!(
            sandbox.requests()[1]
                .target
                .ends_with("/versions?page=1&pageSize=100")
        );
    }
}

#[tokio::test]
async fn a_list_that_stops_early_or_turns_in_circles_is_not_taken_for_the_whole() {
    let page =
        json!({"totalCount": 5, "versions": [{"id": "a"}, {"id": "b"}], "nextPage": 2}).to_string();
    let server = Scripted::start(vec![answer(200, &page)]).await;
    let client = Setup::at(&server.base_url).client();
    assert_eq!(
        client.api.history(&flow()).await.unwrap(),
        History::Counted(5)
    );

    let server = Scripted::start(vec![answer(200, "{}")]).await;
    let client = Setup::at(&server.base_url).client();
    assert!(matches!(
        client.api.history(&flow()).await.unwrap(),
        History::Unknown(_)
    ));
}

#[tokio::test]
async fn a_published_flow_without_content_is_one_that_cannot_be_told() {
    let body = r#"{"flowId": "main-ivr", "version": "1.0.0"}"#;
    let server = Scripted::start(vec![answer(200, body)]).await;
    let client = Setup::at(&server.base_url).client();
    assert!(matches!(
        client.api.published(&flow()).await.unwrap(),
        Answer::CannotTell
    ));

    let other = r#"{"flowId": "other", "version": "1.0.0", "elements": [], "connectors": []}"#;
    let server = Scripted::start(vec![answer(200, other)]).await;
    let client = Setup::at(&server.base_url).client();
    let error = client.api.published(&flow()).await.unwrap_err();
    assert!(error.said.contains("another flow, `other`"), "{error}");
}
