//! Stories of flows beside the change: whom a deployment looks after, what it says of the others, and in which words.

use super::*;
use crate::plan::{LayoutChanges, VersionPolicy};

impl Story {
    /// Only what the change touches is looked after.
    fn changed_alone(mut self) -> Self {
        self.settings.plan.scope = Scope::Changed;
        self
    }

    /// The tenant lists versions and does not show what is live.
    fn lists_only(mut self) -> Self {
        self.live = Answer::CannotTell;
        self
    }

    fn touched(mut self) -> Self {
        self.touch = Touch::Touched;
        self
    }

    fn why(&self) -> String {
        self.review(true).flows[0].plan.why()
    }
}

#[test]
fn a_flow_that_was_never_live_is_created_by_its_own_pull_request_alone_unless_a_version_of_ours_waits()
 {
    let new = text("1.0.0", "Hello", 0);
    let beside = || Story::new(Some(&new), Some(&new)).untouched();
    assert_eq!(beside().ends(), "not shown");
    let waiting = beside().also_stored(stored("v1", "1.0.0", &new, false));
    assert_eq!(waiting.ends(), "publish stored-version");
    assert_eq!(beside().changed_alone().ends(), "not shown");
    assert_eq!(
        beside().changed_alone().touched().ends(),
        "createAndPublish new-flow"
    );
}

#[test]
fn a_flow_that_somebody_else_published_is_adopted_by_a_pull_request_alone_where_cxone_only_lists() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let theirs = Story::new(Some(&old), Some(&new))
        .live(&old, None)
        .lists_only();
    assert_eq!(theirs.ends(), "createAndPublish changed");
    assert_eq!(theirs.untouched().ends(), "not shown");

    let ours = Story::new(Some(&new), Some(&new))
        .live(&old, Some(&old))
        .lists_only()
        .untouched();
    assert_eq!(ours.ends(), "createAndPublish changed");
}

#[test]
fn what_was_only_moved_is_published_late_only_in_a_scope_that_holds_it() {
    let (live, moved) = (text("1.0.0", "Hello", 0), text("1.1.0", "Hello", 99));
    let mut late = Story::new(Some(&moved), Some(&moved))
        .live(&live, Some(&live))
        .untouched();
    late.settings.plan.layout_changes = LayoutChanges::Publish;
    assert_eq!(late.ends(), "createAndPublish changed");
    let late = late.changed_alone();
    assert_eq!(late.ends(), "not shown");
    assert_eq!(late.touched().ends(), "createAndPublish changed");
}

#[test]
fn the_words_say_whether_ours_was_edited_or_theirs_would_be_replaced() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let edited = text("1.0.1", "Edited in the console", 0);
    let ours = Story::new(Some(&old), Some(&new)).live(&edited, Some(&old));
    assert_eq!(
        ours.why(),
        "what is live (1.0.1) was edited in the console since; merging would undo that"
    );
    let theirs = Story::new(Some(&old), Some(&new)).live(&edited, None);
    assert_eq!(
        theirs.why(),
        "what is live (1.0.1) was never in this repository; merging would replace it unseen"
    );
}

#[test]
fn all_reasons_stand_in_one_line() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let mut named = Story::new(Some(&new), Some(&new)).live(&old, Some(&old));
    named.touch = Touch::Named;
    assert_eq!(
        named.why(),
        "creates 1.1.0, live at once; 1.0.0 stays for rollback; the dispatch names it"
    );
}

#[test]
fn the_same_content_under_another_number_is_told_by_both_numbers() {
    let (one, two) = (text("1.1.0", "Hello", 0), text("1.2.0", "Hello", 0));
    let same = Story::new(Some(&one), Some(&one)).live(&one, Some(&one));
    assert_eq!(same.why(), "1.1.0 is live with this content");

    let renumbered = |live: &str, file: &str, policy: VersionPolicy| {
        let mut story = Story::new(Some(file), Some(file)).live(live, Some(live));
        story.settings.plan.version_policy = policy;
        story.why()
    };
    let lower = "only the version number changed (1.2.0 to 1.1.0): nothing to publish";
    assert_eq!(renumbered(&two, &one, VersionPolicy::File), lower);
    let higher = "only the version number changed (1.1.0 to 1.2.0): nothing to publish";
    assert_eq!(renumbered(&one, &two, VersionPolicy::File), higher);
    assert_eq!(renumbered(&one, &two, VersionPolicy::Auto), higher);
    assert_eq!(
        renumbered(&two, &one, VersionPolicy::Auto),
        "1.2.0 is live with this content; the file says 1.1.0, a number that was taken"
    );
}
