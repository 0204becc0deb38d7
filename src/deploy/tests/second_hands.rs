//! Somebody else has a hand in it: a draft saved in the console under our number, a stored version that was edited.

use std::sync::Arc;

use flowgate_core::flow::{Content, Flow, native};
use flowgate_core::receipt::State;

use super::fake::{CREATED_AT, Fault, Tenant};
use super::flows::flow_of;
use super::{Stage, only};
use crate::audit::memory::Memory;
use crate::cxone::Operation;
use crate::deploy::Additions;

const OURS: &str = "ours";

/// Our flow, edited as its text is.
fn edited(from: &str, to: &str) -> Arc<Flow> {
    let flow = flow_of("main", "1.1.0", OURS);
    let text = flow.source().as_str().replace(from, to);
    assert!(text != flow.source().as_str(), "an edit");
    let path = "f.json".parse().expect("path");
    let reading = native::read(path, Content::Bytes(text.into_bytes()));
    reading.flow.expect("a flow")
}

/// An element, a way, a value more or another.
fn edits() -> Vec<(&'static str, Arc<Flow>)> {
    vec![
        (
            "`/elements/x`",
            edited(r#"{"id":"end""#, r#"{"id":"x","type":"End"},{"id":"end""#),
        ),
        (
            "`/connectors/c3`",
            edited(
                r#"{"id":"c2""#,
                r#"{"id":"c3","sourceId":"menu","targetId":"end","label":"9"},{"id":"c2""#,
            ),
        ),
        (
            "`/elements/menu/configuration/voice`",
            edited(r#""prompt":"#, r#""voice":"Joanna","prompt":"#),
        ),
        (
            "`/elements/menu/configuration/prompt`",
            flow_of("main", "1.1.0", "theirs"),
        ),
    ]
}

fn with_old_live(tenant: Tenant) -> Stage {
    let stage = Stage::new(tenant);
    stage.fake.publish_by_hand(&flow_of("main", "1.0.0", "old"));
    stage
}

/// Nothing was published, and the receipt says what is different and what to do.
async fn is_refused(stage: &Stage, job: crate::deploy::Job, place: &str) {
    let published = stage.fake.count(Operation::Publish);
    let deployment = stage.deploy(vec![job]).await;
    let receipt = only(&deployment);
    assert_eq!(
        (receipt.state, deployment.exit_code()),
        (State::Blocked, 4),
        "{receipt:?}"
    );
    let error = receipt.error.as_deref().expect("an error");
    assert!(
        error.contains(place) && error.contains("raise the version"),
        "{error}"
    );
    assert!(
        error.ends_with("live now: 1.0.0 (id `v1`), unchanged"),
        "{error}"
    );
    assert_eq!(stage.fake.count(Operation::Publish), published, "{place}");
    assert_eq!(
        stage.fake.on("main").live().expect("live").id.as_str(),
        "v1"
    );
}

/// Our version is stored, as a run left it that was refused the publication.
async fn left_behind(tenant: Tenant) -> Stage {
    let stage = with_old_live(tenant);
    let job = stage.job(&flow_of("main", "1.1.0", OURS)).await;
    stage.fake.script(Operation::Publish, &[Fault::Refuse(403)]);
    stage.deploy(vec![job]).await;
    Stage {
        disk: Memory::default(),
        ..stage
    }
}

#[tokio::test(start_paused = true)]
async fn a_draft_of_an_earlier_run_that_somebody_edited_is_not_published() {
    for (place, edit) in edits() {
        let stage = left_behind(Tenant::Full).await;
        stage.fake.save_over(&edit, "v2");
        let ours = flow_of("main", "1.1.0", OURS);
        let job = stage.publish_job(&ours, "v2".parse().expect("id")).await;
        is_refused(&stage, job, place).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_taken_is_adopted_only_with_exactly_what_would_be_sent() {
    for (place, edit) in edits() {
        let stage = left_behind(Tenant::Full).await;
        stage.fake.save_over(&edit, "v2");
        // The plan of a run that began before.
        let ours = flow_of("main", "1.1.0", OURS);
        let job = stage.job(&ours).await;
        is_refused(&stage, job, place).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_another_run_left_is_not_published_where_nobody_can_read_it() {
    let stage = left_behind(Tenant::List).await;
    let ours = flow_of("main", "1.1.0", OURS);
    let job = stage.publish_job(&ours, "v2".parse().expect("id")).await;
    is_refused(&stage, job, "does not show what is in it").await;
    let stage = Stage {
        disk: Memory::default(),
        ..stage
    };
    let job = stage.job(&ours).await;
    is_refused(&stage, job, "is stored already (id `v2`)").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_of_this_run_is_taken_over_by_number_and_digest_and_that_is_said() {
    let stage = with_old_live(Tenant::List);
    let job = stage.job(&flow_of("main", "1.1.0", OURS)).await;
    let lost = [Fault::LostAfter];
    stage.fake.script(Operation::CreateVersion, &lost);
    let deployment = stage.deploy(vec![job]).await;
    let receipt = only(&deployment);
    assert_eq!(receipt.state, State::Verified);
    let said = receipt.notices.join("; ");
    assert!(said.contains("with this number and digest"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_that_is_known_by_its_number_alone_is_not_taken_for_ours() {
    let stage = with_old_live(Tenant::BareList);
    let job = stage.job(&flow_of("main", "1.1.0", OURS)).await;
    let lost = [Fault::LostAfter];
    stage.fake.script(Operation::CreateVersion, &lost);
    let deployment = stage.deploy(vec![job]).await;
    let receipt = only(&deployment);
    assert_eq!((receipt.state, deployment.exit_code()), (State::Unknown, 5));
    assert_eq!(stage.fake.count(Operation::Publish), 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_is_known_to_add_is_no_reason_to_refuse() {
    let edit = edited(r#""type":"IVR""#, r#""type":"IVR","serverRevision":7"#);
    let known = [
        Additions::new(["serverRevision".to_owned()], []),
        Additions::new([], ["/elements/*/serverRevision".to_owned()]),
    ];
    for additions in known {
        let mut stage = left_behind(Tenant::Full).await;
        stage.settings.additions = additions;
        stage.fake.save_over(&edit, "v2");
        let ours = flow_of("main", "1.1.0", OURS);
        let job = stage.publish_job(&ours, "v2".parse().expect("id")).await;
        let deployment = stage.deploy(vec![job]).await;
        assert_eq!(only(&deployment).state, State::Verified);
    }
    let stage = left_behind(Tenant::Full).await;
    stage.fake.save_over(&edit, "v2");
    let job = stage
        .publish_job(&flow_of("main", "1.1.0", OURS), "v2".parse().expect("id"))
        .await;
    is_refused(&stage, job, "serverRevision").await;
}

#[tokio::test(start_paused = true)]
async fn an_element_that_somebody_added_before_our_publication_does_not_stay_live() {
    let stage = with_old_live(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.1.0", OURS)).await;
    stage
        .fake
        .script(Operation::CreateVersion, &[Fault::Stranger]);
    let deployment = stage.deploy(vec![job]).await;
    let receipt = only(&deployment);
    assert_eq!(
        (receipt.state, deployment.exit_code()),
        (State::RolledBack, 4)
    );
    let error = receipt.error.as_deref().expect("an error");
    assert!(error.contains("nobody sent `/elements/x`"), "{error}");
    assert_eq!(
        stage.fake.on("main").live().expect("live").id.as_str(),
        "v1"
    );
}

#[tokio::test(start_paused = true)]
async fn a_version_that_a_later_run_publishes_is_announced_with_its_own_time() {
    let stage = left_behind(Tenant::Full).await;
    let ours = flow_of("main", "1.1.0", OURS);
    let job = stage.publish_job(&ours, "v2".parse().expect("id")).await;
    let deployment = stage.deploy(vec![job]).await;
    let announced = deployment.results[0].announcement.as_ref();
    assert_eq!(announced.expect("verified").created_at, CREATED_AT);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_publication_that_does_not_show_is_not_known() {
    let stage = with_old_live(Tenant::Full);
    let job = stage.job(&flow_of("main", "1.1.0", OURS)).await;
    stage.fake.script(Operation::Publish, &[Fault::Lag(10_000)]);
    let deployment = stage.deploy(vec![job]).await;
    let receipt = only(&deployment);
    assert_eq!((receipt.state, deployment.exit_code()), (State::Unknown, 5));
    let error = receipt.error.as_deref().expect("an error");
    assert!(error.contains("accepted, not visible yet"), "{error}");
    assert!(!error.contains("unchanged"), "{error}");
}
