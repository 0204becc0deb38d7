//! Stories that only a deployment meets: numbers that were taken, flows that somebody names, commits that are late, and
//! more writes than anybody meant.

use std::num::NonZeroUsize;

use super::*;
use crate::ids::CommitSha;
use crate::order::{Arrival, Order, Provenance, Provenances};
use crate::plan::{LayoutChanges, VersionPolicy};
use crate::platform::{Publication, Wrong};

impl Story {
    fn auto(mut self) -> Self {
        self.settings.plan.version_policy = VersionPolicy::Auto;
        self
    }

    fn named(mut self) -> Self {
        self.touch = Touch::Named;
        self
    }

    /// The review of a run that asked GitHub.
    fn ordered(&self, order: Order) -> Review {
        self.of_provenance(Provenance {
            order: Some(order),
            arrival: None,
        })
    }

    /// The review of a run that found out where the content comes from.
    fn of_provenance(&self, provenance: Provenance) -> Review {
        let input = self.input(true);
        let assembly = Assembly::new(&input, &self.settings);
        let judged = assembly.judge_all(NonZeroUsize::MIN).unwrap();
        let provenances = Provenances::from([(ID.parse().unwrap(), provenance)]);
        assembly.conclude(judged, &provenances)
    }
}

fn commit(digit: &str) -> CommitSha {
    digit.repeat(40).parse().unwrap()
}

fn number(review: &Review) -> String {
    review.flows[0]
        .plan
        .action
        .release()
        .unwrap()
        .version
        .to_string()
}

#[test]
fn two_pull_requests_that_both_said_1_1_0_get_two_numbers_and_are_then_left_alone() {
    let before = text("1.0.0", "Hello", 0);
    let (theirs, ours) = (
        text("1.1.0", "Good day", 0),
        text("1.1.0", "Good evening", 0),
    );
    let second = Story::new(Some(&theirs), Some(&ours))
        .live(&theirs, Some(&theirs))
        .also_stored(stored("v0", "1.0.0", &before, true));
    assert_eq!(
        second.ends(),
        "blocked version-exists [version-exists version-not-increased]"
    );
    let second = second.auto();
    let review = second.review(true);
    assert_eq!(told(&review), "createAndPublish next-free-version");
    assert_eq!(number(&review), "1.1.1");
    assert!(
        review.flows[0].plan.reasons[0]
            .text
            .contains("1.1.0 is stored with other content")
    );

    // A crash after the create: the stored one is published, no third is made.
    let crashed = second.also_stored(stored("v2", "1.1.1", &ours, false));
    assert_eq!(crashed.ends(), "publish stored-version");
    assert_eq!(number(&crashed.review(true)), "1.1.1");

    // What is live is told by its content, not by its number, and the plan says that the numbers differ.
    let live = text("1.1.1", "Good evening", 0);
    let again = Story::new(Some(&theirs), Some(&ours))
        .live(&live, Some(&live))
        .also_stored(stored("v0", "1.1.0", &theirs, true))
        .auto();
    let review = again.review(true);
    assert_eq!(told(&review), "nothing in-sync");
    let reason = &review.flows[0].plan.reasons[0].text;
    assert!(
        reason.contains("1.1.1 is live") && reason.contains("the file says 1.1.0"),
        "{reason}"
    );
}

#[test]
fn the_files_own_number_is_taken_where_it_is_free() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&old), Some(&new))
        .live(&old, Some(&old))
        .auto();
    assert_eq!(number(&story.review(true)), "1.1.0");
    // A number that nobody raised is taken too, and by what is live.
    let same = text("1.0.0", "Good day", 0);
    let story = Story::new(Some(&old), Some(&same))
        .live(&old, Some(&old))
        .auto();
    assert_eq!(number(&story.review(true)), "1.0.1");
}

#[test]
fn what_was_taken_back_stays_so_until_somebody_names_it() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&new), Some(&new))
        .live(&old, Some(&old))
        .also_stored(stored("v2", "1.1.0", &new, true));
    let held = story.untouched();
    assert_eq!(held.ends(), "nothing held");
    assert_eq!(held.named().ends(), "publish stored-version named");
}

fn untold(version: VersionSummary) -> VersionSummary {
    VersionSummary {
        publication: Publication::NotTold,
        published_at: None,
        ..version
    }
}

#[test]
fn what_may_have_been_taken_back_is_not_brought_back_unasked() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&new), Some(&new))
        .live(&old, Some(&old))
        .also_stored(untold(stored("v2", "1.1.0", &new, true)));
    let held = story.untouched();
    assert_eq!(held.ends(), "nothing held");
    assert_eq!(held.named().ends(), "publish stored-version named");
}

#[test]
fn nothing_is_claimed_where_cxone_lists_versions_and_does_not_tell_which_is_live() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let list = [("v1", "1.0.0", &old), ("v2", "1.1.0", &new)];
    let mut story = Story::new(Some(&new), Some(&new)).untouched();
    story.live = Answer::CannotTell;
    story.history = History::Listed(
        list.map(|(id, number, text)| untold(stored(id, number, text, true)))
            .into(),
    );
    assert_eq!(story.ends(), "not shown");
}

#[test]
fn what_was_taken_back_stays_so_where_cxone_only_lists() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let mut story = Story::new(Some(&new), Some(&new)).untouched();
    story.live = Answer::CannotTell;
    let again = |mut version: VersionSummary, second: u8| {
        version.published_at = Some(format!("2026-01-01T00:00:0{second}Z"));
        version
    };
    story.history = History::Listed(vec![
        again(stored("v1", "1.0.0", &old, true), 9),
        again(stored("v2", "1.1.0", &new, true), 5),
    ]);
    assert_eq!(story.ends(), "nothing held");
    assert_eq!(story.named().ends(), "publish stored-version named");
}

#[test]
fn an_older_commit_never_writes_over_a_newer_one() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    let ends = |order| told(&story.ordered(order));
    assert_eq!(ends(Order::InOrder), "createAndPublish changed");
    let tip = commit("a");
    assert_eq!(ends(Order::Superseded { tip }), "nothing superseded");
    let taken_back = Story::new(Some(&old), Some(&new))
        .live(&old, Some(&old))
        .also_stored(stored("v2", "1.1.0", &new, true))
        .ordered(Order::TakenBack);
    assert_eq!(told(&taken_back), "nothing held");
    let live = commit("b");
    let blocked = "blocked not-in-order [not-in-order]";
    let newer = |is_tip| Order::LiveIsNewer {
        live: commit("b"),
        is_tip,
    };
    assert_eq!(ends(newer(true)), blocked);
    assert_eq!(ends(newer(false)), "nothing superseded");
    assert_eq!(ends(Order::Unrelated { live: live.clone() }), blocked);
    let why = "GitHub does not know it".to_owned();
    assert_eq!(ends(Order::Unknown { live, why }), blocked);
}

#[test]
fn naming_a_flow_helps_over_a_rewritten_history_but_never_back_in_time() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&new), Some(&new))
        .live(&old, Some(&old))
        .named();
    let ends = |order| told(&story.ordered(order));
    let live = commit("b");
    let goes_on = "createAndPublish changed named";
    assert_eq!(ends(Order::Unrelated { live: live.clone() }), goes_on);
    assert_eq!(
        ends(Order::LiveIsNewer { live, is_tip: true }),
        "blocked not-in-order [not-in-order]"
    );
    let tip = commit("a");
    assert_eq!(ends(Order::Superseded { tip }), "nothing superseded");
}

#[test]
fn layout_counts_where_a_setting_says_so_and_is_published_once() {
    let (old, moved) = (text("1.0.0", "Hello", 0), text("1.0.1", "Hello", 9));
    let mut story = Story::new(Some(&old), Some(&moved)).live(&old, Some(&old));
    assert_eq!(story.ends(), "nothing layout-only");
    story.settings.plan.layout_changes = LayoutChanges::Publish;
    assert_eq!(story.ends(), "createAndPublish changed");
    // Under the number that is live there is nothing to publish.
    let mut same = Story::new(Some(&old), Some(&text("1.0.0", "Hello", 9))).live(&old, Some(&old));
    same.settings.plan.layout_changes = LayoutChanges::Publish;
    assert!(same.ends().starts_with("blocked version-exists"));
    let mut after = Story::new(Some(&moved), Some(&moved)).live(&moved, Some(&moved));
    after.settings.plan.layout_changes = LayoutChanges::Publish;
    assert_eq!(after.ends(), "nothing in-sync");
}

#[test]
fn more_writes_than_anybody_meant_are_said_as_a_finding() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let mut story = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    assert_eq!(story.review(true).writes(), 1);
    story.settings.plan.max_changes = 0;
    // The plan stays to be seen; the program writes none of it.
    assert_eq!(story.ends(), "createAndPublish changed [too-many-changes]");
}

#[test]
fn only_the_next_patch_numbers_stand_in_for_a_number_that_was_taken() {
    let (theirs, ours) = (
        text("1.1.3", "Good day", 0),
        text("1.1.3", "Good evening", 0),
    );
    let taken = || {
        Story::new(Some(&theirs), Some(&ours))
            .live(&theirs, Some(&theirs))
            .auto()
    };
    // This content was stored before under numbers that no file with 1.1.3 in it could have been given.
    for number in ["2.0.5", "1.2.4", "1.1.1", "1.1.4-rc.1"] {
        let review = taken()
            .also_stored(stored("v9", number, &ours, true))
            .review(true);
        assert_eq!(
            told(&review),
            "createAndPublish next-free-version",
            "{number}"
        );
    }
    let review = taken()
        .also_stored(stored("v9", "1.1.7", &ours, true))
        .review(true);
    assert_eq!(told(&review), "publish stored-version");
    assert_eq!(number(&review), "1.1.7");
}

#[test]
fn a_number_that_is_taken_is_blocked_in_words_that_say_by_what() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.0.0", "Good day", 0));
    let overwriting = |live: &str, ours: Option<&str>, head: &str| {
        let mut story = Story::new(Some(&old), Some(head)).live(live, ours);
        story.settings.plan.on_drift = OnDrift::Overwrite;
        story.settings.rules.on_drift = OnDrift::Overwrite;
        story.settings.plan.layout_changes = LayoutChanges::Publish;
        story
    };
    let theirs = text("1.0.0", "Somebody else's", 0);
    let next = text("1.1.0", "Good day", 0);
    let foreign = VersionSummary {
        record: None,
        ..stored("v5", "1.1.0", &theirs, false)
    };
    for (story, words) in [
        (
            overwriting(&old, Some(&old), &text("1.0.0", "Hello", 99)),
            "1.0.0 is live, and drawn otherwise: raise the version",
        ),
        (
            overwriting(&theirs, None, &new),
            "1.0.0 is live with other content: raise the version",
        ),
        (
            overwriting(&old, Some(&old), &next).also_stored(foreign),
            "1.1.0 is stored already, and not by us: raise the version",
        ),
    ] {
        assert_eq!(story.review(true).flows[0].plan.why(), words);
    }
}

#[test]
fn what_was_pushed_without_a_pull_request_stays_unpublished_until_somebody_names_it() {
    let (old, new) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let story = Story::new(Some(&old), Some(&new)).live(&old, Some(&old));
    let of = |story: &Story, arrival| {
        story.of_provenance(Provenance {
            order: None,
            arrival: Some(arrival),
        })
    };
    let pushed = || Arrival::Pushed {
        commit: commit("d"),
        author: Some("mallory".to_owned()),
    };
    let review = of(&story, pushed());
    assert_eq!(told(&review), "nothing direct-push");
    insta::assert_snapshot!(review.flows[0].plan.why(), @"commit ddddddd by mallory changed it without a merged pull request: it stays unpublished until a pull request changes it or a start by hand names it");
    let why = "GitHub was not there".to_owned();
    assert_eq!(
        told(&of(&story, Arrival::Unknown { why })),
        "nothing origin-unknown"
    );
    let merged = Arrival::Merged { pull_request: 7 };
    assert_eq!(told(&of(&story, merged)), "createAndPublish changed");
    assert_eq!(
        told(&of(&story.named(), pushed())),
        "createAndPublish changed named"
    );
}

/// `old` was live before Flowgate, `mine` was its first deployment, and somebody took that back.
fn adopted_and_taken_back(base: &str, head: &str, old: &str, mine: &str) -> Story {
    let created = |day: u32, version| VersionSummary {
        created_at: Some(format!("2026-01-0{day}T00:00:00Z")),
        ..version
    };
    let mut story = Story::new(Some(base), Some(head)).live(old, None);
    let History::Listed(all) = &mut story.history else {
        panic!()
    };
    all[0] = created(1, all[0].clone());
    story.also_stored(created(2, stored("v2", "1.1.0", mine, true)))
}

#[test]
fn a_flow_whose_first_deployment_was_taken_back_is_not_stuck() {
    let (old, mine) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let next = text("1.2.0", "Good evening", 0);
    let merged = adopted_and_taken_back(&mine, &next, &old, &mine);
    assert_eq!(merged.ends(), "createAndPublish changed");
    let other_merge = adopted_and_taken_back(&mine, &mine, &old, &mine).untouched();
    assert_eq!(other_merge.ends(), "nothing held");
    assert_eq!(other_merge.named().ends(), "publish stored-version named");
    // Its next merge was thrown away: Flowgate looks after the flow, so any run makes up for it.
    let missed = adopted_and_taken_back(&next, &next, &old, &mine).untouched();
    assert_eq!(missed.ends(), "createAndPublish changed");
    // What was made in the console after the first deployment is an edit, as ever.
    let mut edited = adopted_and_taken_back(&mine, &next, &old, &mine);
    let History::Listed(all) = &mut edited.history else {
        panic!()
    };
    all[0].created_at = Some("2026-01-03T00:00:00Z".to_owned());
    assert_eq!(
        edited.ends(),
        "blocked edited-in-console [edited-in-console]"
    );
}

#[test]
fn a_flow_whose_first_deployment_failed_goes_on_from_what_its_file_said_before() {
    let (old, mine) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let next = text("1.2.0", "Good evening", 0);
    let story = Story::new(Some(&mine), Some(&next)).live(&old, None);
    let mut input = story.input(true);
    input.recorded = BTreeMap::from([(ID.parse().unwrap(), flow(&old))]);
    let review = assemble(&input, &story.settings);
    assert_eq!(told(&review), "createAndPublish changed");
    assert_eq!(
        review.flows[0].standing,
        Some(crate::drift::Standing::Unmanaged)
    );
}

#[test]
fn only_what_callers_could_notice_moves_what_was_taken_back() {
    let (old, taken) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let ends = |base: &str, head: &str| {
        Story::new(Some(base), Some(head))
            .live(&old, Some(&old))
            .also_stored(stored("v2", "1.1.0", &taken, true))
            .ends()
    };
    for cosmetics in [
        // A move on the canvas, another way of writing it, a new line at its end, a new number.
        text("1.1.0", "Good day", 40),
        taken.replace(',', ", "),
        format!("{taken}\n"),
        text("1.1.1", "Good day", 0),
    ] {
        assert_eq!(ends(&taken, &cosmetics), "nothing held", "{cosmetics}");
    }
    let fixed = text("1.1.1", "Good evening", 0);
    assert_eq!(ends(&taken, &fixed), "createAndPublish changed");
}

/// `content` is live as 1.1.0, as it was not sent; `old` was live before.
fn wrong_is_live(base: &str, head: &str, sent: &str, old: &str) -> (Story, Input) {
    let story = Story::new(Some(base), Some(head))
        .live(&sent.replace("Good day", "garbled"), Some(sent))
        .also_stored(stored("v0", "1.0.0", old, true));
    let mut input = story.input(true);
    let wrong = Wrong {
        version_id: "v1".parse().unwrap(),
        what: "it lacks `/elements/m`".to_owned(),
    };
    input.wrong = BTreeMap::from([(ID.parse().unwrap(), wrong)]);
    (story, input)
}

#[test]
fn what_is_live_and_was_never_sent_is_taken_back_or_gone_on_from() {
    let (old, sent) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let next = text("1.2.0", "Good evening", 0);
    let (story, input) = wrong_is_live(&old, &sent, &sent, &old);
    let review = assemble(&input, &story.settings);
    assert_eq!(told(&review), "takeBack wrong-content");
    assert_eq!(
        review.flows[0].standing,
        Some(crate::drift::Standing::Wrong)
    );
    let (story, input) = wrong_is_live(&sent, &next, &sent, &old);
    let review = assemble(&input, &story.settings);
    assert_eq!(told(&review), "createAndPublish changed");
    // A first version has none before it.
    let (mut story, mut input) = wrong_is_live(&sent, &sent, &sent, &old);
    story.history = History::Listed(vec![stored("v1", "1.1.0", &sent, true)]);
    let wrong = std::mem::take(&mut input.wrong);
    input = Input {
        wrong,
        ..story.input(true)
    };
    let review = assemble(&input, &story.settings);
    assert_eq!(told(&review), "blocked wrong-content");
}

#[test]
fn red_stays_red_where_wrong_content_was_taken_back() {
    let (old, sent) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let ends = |base: &str, head: &str, touch: Touch, by_hand: bool| {
        let mut story = Story::new(Some(base), Some(head))
            .live(&old, Some(&old))
            .also_stored(stored("v2", "1.1.0", &sent, true));
        story.touch = touch;
        let mut input = story.input(true);
        input.by_hand = by_hand;
        let wrong = Wrong {
            version_id: "v2".parse().unwrap(),
            what: "it lacks `/elements/m`".to_owned(),
        };
        input.wrong = BTreeMap::from([(ID.parse().unwrap(), wrong)]);
        let assembly = Assembly::new(&input, &story.settings);
        let judged = assembly.judge_all(NonZeroUsize::MIN).unwrap();
        let provenance = Provenance {
            order: Some(Order::TakenBack),
            arrival: None,
        };
        let provenances = Provenances::from([(ID.parse().unwrap(), provenance)]);
        told(&assembly.conclude(judged, &provenances))
    };
    // The same job, a start by hand, and a new number alone.
    assert_eq!(
        ends(&old, &sent, Touch::Touched, false),
        "blocked taken-back"
    );
    assert_eq!(
        ends(&sent, &sent, Touch::Untouched, true),
        "blocked taken-back"
    );
    let raised = text("1.1.1", "Good day", 0);
    assert_eq!(
        ends(&sent, &raised, Touch::Touched, false),
        "blocked taken-back"
    );
    // An unrelated merge says so.
    assert_eq!(
        ends(&sent, &sent, Touch::Untouched, false),
        "nothing taken-back"
    );
}

#[test]
fn an_older_job_that_could_not_be_deployed_any_more_is_superseded_and_not_wrong() {
    // Both pull requests said 1.1.0; the later one is live.
    let (base, mine) = (text("1.0.0", "Hello", 0), text("1.1.0", "Good day", 0));
    let theirs = text("1.1.0", "Good evening", 0);
    let story = Story::new(Some(&base), Some(&mine)).live(&theirs, Some(&theirs));
    assert!(story.ends().starts_with("blocked"), "{}", story.ends());
    let review = story.ordered(Order::Superseded { tip: commit("a") });
    assert!(
        told(&review).starts_with("nothing superseded"),
        "{}",
        told(&review)
    );
    assert!(
        review.flows[0].plan.reasons[0]
            .text
            .starts_with("superseded by aaaaaaa")
    );
}
