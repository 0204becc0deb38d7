//! Stories of one flow: what is live, what we recorded, what the branch says before and after, and what merging does.

mod deploying;
mod green;
mod scopes;
mod story;

use std::collections::BTreeMap;

use super::*;
use crate::drift::{Files, OnDrift, OnNewFlow, Standing, standing};
use crate::flow::Layout;
use crate::order::Provenances;
use crate::plan::{Action, Scope, Shipment, Touch};
use crate::platform::{Answer, History, Published, VersionSummary};
use story::{ID, Story, digest_of, flow, record_of, stored, text, told};

/// What a deployment sends of a flow that its plan writes.
fn sent(flow: &FlowReview) -> Shipment {
    Shipment::of(flow.plan.action.release().unwrap()).unwrap()
}

#[test]
fn a_change_of_what_we_put_there_creates_and_publishes() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    assert_eq!(story.ends(), "createAndPublish changed");
    let review = story.review(true);
    let Action::CreateAndPublish(release) = &review.flows[0].plan.action else {
        panic!()
    };
    assert_eq!(release.version.to_string(), "1.1.0");
    assert_eq!(sent(&review.flows[0]).changes().matrix().modified, ["m"]);
    assert_eq!(
        release
            .immutable
            .iter()
            .map(crate::ids::ElementId::as_str)
            .collect::<Vec<_>>(),
        ["b", "e"]
    );
}

#[test]
fn what_is_live_already_is_left_alone_however_it_is_written() {
    let live = text("1.0.0", "Hello", 0);
    let same = Story::new(Some(&live), Some(&live)).live(&live, Some(&live));
    assert_eq!(same.ends(), "nothing in-sync");
    let moved = text("1.0.0", "Hello", 99);
    assert_eq!(
        Story::new(Some(&live), Some(&moved))
            .live(&live, Some(&live))
            .ends(),
        "nothing layout-only"
    );
    let numbered = text("1.1.0", "Hello", 0);
    assert_eq!(
        Story::new(Some(&live), Some(&numbered))
            .live(&live, Some(&live))
            .ends(),
        "nothing version-only"
    );
}

#[test]
fn a_change_without_a_higher_version_is_blocked() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.0.0", "Good day", 0));
    let story = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    assert!(story.ends().starts_with("blocked "), "{}", story.ends());
    assert!(
        story.ends().contains("version-not-increased"),
        "{}",
        story.ends()
    );
}

#[test]
fn a_console_edit_is_never_undone_unseen() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let edited = text("1.0.1", "Edited in the console", 0);
    let touched = Story::new(Some(&old), Some(&new)).live(&edited, Some(&old));
    assert_eq!(
        touched.ends(),
        "blocked edited-in-console [edited-in-console]"
    );

    let untouched = Story::new(Some(&old), Some(&old))
        .live(&edited, Some(&old))
        .untouched();
    assert_eq!(untouched.ends(), "nothing edited-in-console");

    let mut overwrite = Story::new(Some(&old), Some(&new)).live(&edited, Some(&old));
    overwrite.settings.plan.on_drift = OnDrift::Overwrite;
    overwrite.settings.rules.on_drift = OnDrift::Overwrite;
    assert_eq!(overwrite.ends(), "createAndPublish changed");
}

fn stands(live: &Published, file: &Flow) -> Standing {
    let files = Files {
        head: file,
        base: Some(file),
        recorded: None,
    };
    standing(live, &files, &Layout::default())
}

#[test]
fn an_element_added_in_the_console_is_an_edit_too() {
    let old = text("1.0.0", "Hello", 0);
    let edited = old.replace(
        r#"{"id":"e","type":"End"}"#,
        r#"{"id":"e","type":"End"},{"id":"x","type":"IVR"}"#,
    );
    let live = Published {
        flow: flow(&edited),
        version_id: None,
        record: Some(record_of(&old)),
    };
    assert_eq!(stands(&live, &flow(&old)), Standing::Edited);
    // What a server adds inside of what we sent is no edit.
    let adorned = old.replace(r#""type":"IVR""#, r#""type":"IVR","createdBy":"server""#);
    let live = Published {
        flow: flow(&adorned),
        version_id: None,
        record: Some(record_of(&old)),
    };
    assert_eq!(stands(&live, &flow(&old)), Standing::InSync);
}

#[test]
fn what_a_server_adds_is_no_difference_to_what_comes_next() {
    let adorn = |text: &str| text.replace(r#""type":"#, r#""revision":7,"type":"#);
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let again = Story::new(Some(&old), Some(&old)).live(&adorn(&old), Some(&old));
    assert_eq!(again.ends(), "nothing in-sync");
    let next = Story::new(Some(&old), Some(&new)).live(&adorn(&old), Some(&old));
    assert_eq!(next.ends(), "createAndPublish changed");
    let review = next.review(true);
    let matrix = review.flows[0].delta.as_ref().unwrap().matrix();
    assert_eq!(matrix.modified.len(), 1, "{matrix:?}");

    // Where neither side is what was sent, git may hold it: else an addition cannot be told from an edit.
    let third = text("1.2.0", "Good evening", 0);
    let story = Story::new(Some(&new), Some(&third)).live(&adorn(&old), Some(&old));
    assert!(story.ends().starts_with("blocked edited-in-console"));
    let mut input = story.input(true);
    input.recorded.insert(ID.parse().unwrap(), flow(&old));
    let review = assemble(&input, &story.settings);
    assert_eq!(review.flows[0].standing, Some(Standing::Behind));
    assert_eq!(review.flows[0].plan.action.as_str(), "createAndPublish");
}

#[test]
fn adopting_the_tool_publishes_nothing_until_a_pull_request_touches_a_flow() {
    let old = text("1.0.0", "Hello", 0);
    let drawn_by_hand = text("1.0.0", "Something older", 0);
    let adopt = |live: &str| {
        Story::new(Some(&old), Some(&old))
            .live(live, None)
            .untouched()
    };
    // A run that was thrown away is not lost in silence.
    let review = adopt(&drawn_by_hand).review(true);
    assert_eq!(told(&review), "nothing not-looked-after");
    let says = &review.flows[0].plan.reasons[0].text;
    assert!(
        says.contains("its next merge, or a start by hand that names it, publishes it"),
        "{says}"
    );
    assert_eq!(adopt(&old).ends(), "not shown");
    let new = text("1.1.0", "Good day", 0);
    let touched = Story::new(Some(&old), Some(&new)).live(&old, None);
    assert_eq!(touched.ends(), "createAndPublish changed");
    let unseen = Story::new(Some(&old), Some(&new)).live(&drawn_by_hand, None);
    assert_eq!(
        unseen.ends(),
        "blocked edited-in-console [edited-in-console]"
    );
}

#[test]
fn what_cxone_cannot_say_of_a_flow_beside_the_change_is_no_success_either() {
    let text = text("1.0.0", "Hello", 0);
    let mut story = Story::new(Some(&text), Some(&text)).untouched();
    story.live = Answer::Unavailable("503".to_owned());
    assert_eq!(
        story.ends(),
        "blocked baseline-unavailable [baseline-unavailable]"
    );
    // Nobody asked: nothing is claimed, and nothing is wrong.
    assert_eq!(story.ends_unasked(), "not shown");
    let unasked = |scope| {
        let mut story = Story::new(Some(&text), Some(&text)).untouched();
        story.settings.plan.scope = scope;
        let mut input = story.input(true);
        input.platform = Some(BTreeMap::new());
        assemble(&input, &story.settings).unasked
    };
    assert_eq!((unasked(Scope::Managed), unasked(Scope::Changed)), (1, 0));
}

#[test]
fn a_merge_that_was_missed_is_made_up_for() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let missed = || {
        Story::new(Some(&new), Some(&new))
            .live(&old, Some(&old))
            .untouched()
    };
    assert_eq!(missed().ends(), "createAndPublish changed");
    let mut changed_only = missed();
    changed_only.settings.plan.scope = Scope::Changed;
    assert_eq!(changed_only.ends(), "not shown");
    let crashed = missed().also_stored(stored("v2", "1.1.0", &new, false));
    assert_eq!(crashed.ends(), "publish stored-version");
}

#[test]
fn what_was_taken_back_stays_so_until_its_file_changes() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let held = Story::new(Some(&new), Some(&new))
        .live(&old, Some(&old))
        .also_stored(stored("v2", "1.1.0", &new, true))
        .untouched();
    assert_eq!(held.ends(), "nothing held");
    let mended = text("1.2.0", "Good day again", 0);
    let changed = Story::new(Some(&new), Some(&mended))
        .live(&old, Some(&old))
        .also_stored(stored("v2", "1.1.0", &new, true));
    assert_eq!(changed.ends(), "createAndPublish changed");
}

#[test]
fn a_number_that_other_content_took_is_blocked_with_the_two_digests() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let other = text("1.1.0", "Another pull request", 0);
    let story = Story::new(Some(&old), Some(&new))
        .live(&old, Some(&old))
        .also_stored(stored("v2", "1.1.0", &other, false));
    assert!(
        story.ends().starts_with("blocked version-exists"),
        "{}",
        story.ends()
    );
    let review = story.review(true);
    let (theirs, ours) = (digest_of(&other), digest_of(&new));
    assert_eq!(
        review.flows[0].plan.why(),
        format!(
            "1.1.0 is stored with other content ({}, the file has {}): raise the version",
            theirs.short(),
            ours.short()
        )
    );
    let mut rules = review.findings.iter().map(|finding| finding.rule.as_str());
    assert!(rules.any(|rule| rule == "version-exists"));
}

#[test]
fn a_new_flow_is_created_unless_a_404_counts_as_a_typing_error() {
    let new = text("1.0.0", "Hello", 0);
    assert_eq!(
        Story::new(None, Some(&new)).ends(),
        "createAndPublish new-flow"
    );
    let mut careful = Story::new(None, Some(&new));
    careful.settings.plan.on_new_flow = OnNewFlow::Fail;
    careful.settings.rules.on_new_flow = OnNewFlow::Fail;
    assert_eq!(
        careful.ends(),
        "blocked new-flow-refused [new-flow-refused]"
    );
    let first = Story::new(None, Some(&new)).review(true);
    assert_eq!(
        sent(&first.flows[0]).changes().matrix().added,
        ["b", "m", "e"],
        "all of it is new to the platform"
    );
}

#[test]
fn what_the_platform_cannot_say_is_not_taken_for_nothing() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let mut down = Story::new(Some(&old), Some(&new));
    down.live = Answer::Unavailable("HTTP 503".into());
    down.history = History::Unknown("HTTP 503".into());
    assert_eq!(
        down.ends(),
        "blocked baseline-unavailable [baseline-unavailable]"
    );

    let mut counts = Story::new(Some(&old), Some(&new));
    counts.live = Answer::CannotTell;
    counts.history = History::Counted(3);
    assert_eq!(counts.ends(), "createAndPublish changed");
    assert_eq!(counts.untouched().ends(), "not shown");
    assert_eq!(
        Story::new(Some(&old), Some(&new)).ends_unasked(),
        "createAndPublish changed"
    );
}

#[test]
fn a_check_that_did_not_ask_claims_nothing_about_what_is_live() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    for (head, ends) in [
        (&old, "nothing unchanged"),
        (&new, "createAndPublish changed"),
    ] {
        let review = Story::new(Some(&old), Some(head)).review(false);
        assert_eq!(told(&review), ends);
        let reason = &review.flows[0].plan.reasons[0].text;
        assert!(!reason.contains("1.0.0"), "{reason}");
    }
}

#[test]
fn the_history_is_full_only_for_a_version_that_would_be_made() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let mut full = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    full.history = History::Counted(50);
    assert_eq!(
        full.ends(),
        "blocked version-history-full [version-history-full]"
    );
    let mut same = Story::new(Some(&old), Some(&old)).live(&old, Some(&old));
    same.history = History::Counted(50);
    assert_eq!(same.ends(), "nothing in-sync");
}

#[test]
fn a_file_that_cannot_be_read_or_is_gone_has_its_place_too() {
    let old = text("1.0.0", "Hello", 0);
    let broken = Story::new(Some(&old), Some("{")).live(&old, Some(&old));
    assert_eq!(broken.ends(), "blocked unreadable [not-json]");
    let gone = Story::new(Some(&old), None).live(&old, Some(&old));
    assert_eq!(gone.ends(), "nothing file-deleted");
    assert!(
        gone.review(true)
            .findings
            .iter()
            .any(|finding| finding.rule.as_str() == "flow-file-deleted")
    );
}

#[test]
fn an_old_fault_neither_counts_nor_blocks() {
    let fault = |text: String| text.replace(r#""targetId":"e""#, r#""targetId":"nowhere""#);
    let (old, new) = (
        fault(text("1.0.0", "Hello", 0)),
        fault(text("1.1.0", "Good day", 0)),
    );
    let story = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    assert_eq!(story.ends(), "createAndPublish changed");
    assert!(
        story
            .review(true)
            .findings
            .iter()
            .any(|finding| finding.existing)
    );
    let mut asked = Story::new(Some(&old), Some(&old));
    asked.touch = Touch::Asked;
    assert!(
        asked.ends_unasked().contains("connector-missing-target"),
        "asked for by name, it counts"
    );
}

#[test]
fn a_judgement_that_is_stopped_in_its_middle_is_none() {
    let faulty = text("1.0.0", "Hello", 0).replace("\"End\"", "\"Nothing\"");
    let story = Story::new(None, Some(&faulty));
    let input = story.input(true);
    let assembly = Assembly::new(&input, &story.settings);
    let judged = || assembly.judge_all(std::num::NonZeroUsize::MIN);
    let findings = || {
        let judged = input.files.iter().map(|file| assembly.judge(file, None));
        let review = assembly.conclude(judged.collect(), &Provenances::new());
        review.findings.len()
    };
    let all = findings();
    assert!(all > 0 && judged().is_some());
    // Each rule comes after a look at it.
    story.settings.rules.halt.set();
    assert!(judged().is_none());
    assert!(findings() < all, "{all}");
}
