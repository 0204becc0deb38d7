//! Rollbacks decided: where they lead, what stands in their way, and that asking twice leads nowhere else.

mod case;

use proptest::prelude::*;

use super::*;
use crate::flow::testing::flow;
use crate::platform::Publication;
use case::{Case, id, said, said_of, stays, stored, text};

#[test]
fn previous_is_the_version_below_the_highest_that_was_live() {
    let found = Case::with_live("1.4.0").ask("previous", None);
    assert_eq!(
        said_of(&found),
        ("rollBack", vec!["rollback", "repository-differs"])
    );
    let Action::RollBack {
        release,
        version_id,
    } = &found.plan.action
    else {
        panic!()
    };
    assert_eq!(
        (release.version.to_string(), version_id),
        ("1.3.0".to_owned(), &id("1.3.0"))
    );
    assert_eq!(release.digest, found.digest.clone().unwrap());
    let head = found.head.as_ref().and_then(|head| head.version());
    assert_eq!(head, Some(&release.version), "what the report compares");
    assert_eq!(found.delta.as_ref().unwrap().matrix().modified, ["m"]);
    assert_eq!(found.standing, Some(Standing::InSync));
    assert_eq!(
        found.plan.reasons[0].text,
        "puts 1.3.0 live again in place of 1.4.0"
    );
    assert_eq!(
        found.plan.reasons[1].text,
        "the repository says 1.4.0 still: `flowgate drift` reports it as held until a commit changes the file or a deployment names the flow"
    );
}

#[test]
fn a_file_with_a_lower_number_than_what_is_live_again_is_said_to_come_back() {
    let mut case = Case::with_live("1.4.0");
    for (file, comes_back) in [("1.2.0", true), ("1.3.0", false)] {
        case.file = Some(flow(&text(file, "not deployed", "")));
        let found = case.ask("previous", None);
        let differs = &found.plan.reasons[1];
        assert_eq!(differs.code, "repository-differs");
        let says = "which is a lower number: the next deployment puts it live again";
        assert_eq!(differs.text.contains(says), comes_back, "{differs:?}");
    }
}

#[test]
fn asking_for_the_previous_version_again_goes_no_further() {
    let again = Case::with_live("1.3.0").ask("previous", None);
    stays(&again, "nothing", "already-live", "name the version");
    // What is lower than that was asked for by name, and `previous` is above it.
    let up = Case::with_live("1.1.0").ask("previous", None);
    assert_eq!(
        up.plan.action.release().unwrap().version.to_string(),
        "1.3.0"
    );
}

#[test]
fn a_rollback_is_taken_back_by_the_name_of_the_version() {
    let up = Case::with_live("1.2.0").ask("1.4.0", None);
    assert_eq!(
        said_of(&up),
        ("rollBack", vec!["rollback"]),
        "the repository says the same then"
    );
}

#[test]
fn the_depth_counts_from_the_highest_version_that_was_ever_live() {
    let case = Case::with_live("1.4.0");
    assert_eq!(case.ask("1.1.0", None).plan.action.as_str(), "rollBack");
    stays(
        &case.ask("1.0.0", None),
        "blocked",
        "too-far-back",
        "4 published versions behind 1.4.0",
    );
    let lower = Case::with_live("1.1.0");
    stays(
        &lower.ask("1.0.0", None),
        "blocked",
        "too-far-back",
        "`max-rollback-depth` is 3",
    );
    let mut deeper = Case::with_live("1.4.0");
    deeper.limits.max_depth = 4;
    assert_eq!(deeper.ask("1.0.0", None).plan.action.as_str(), "rollBack");
}

#[test]
fn only_what_was_live_can_be_live_again() {
    let case = Case::with_live("1.4.0");
    stays(
        &case.ask("1.5.0", None),
        "blocked",
        "never-published",
        "live before were 1.4.0, 1.3.0",
    );
    stays(
        &case.ask("7.0.0", None),
        "blocked",
        "no-such-version",
        "no version 7.0.0",
    );
    let mut first = Case::with_live("1.0.0");
    first.said.history = History::Listed(vec![stored("1.0.0", Some("2026-01-01"))]);
    stays(
        &first.ask("previous", None),
        "blocked",
        "nothing-before",
        "none to go back to",
    );
}

#[test]
fn where_nobody_tells_which_versions_were_live_one_has_to_be_named() {
    let mut case = Case::with_live("1.4.0");
    if let History::Listed(all) = &mut case.said.history {
        for stored in all {
            stored.publication = Publication::NotTold;
        }
    }
    // What is stored and was never live looks like the rest here.
    stays(
        &case.ask("previous", None),
        "nothing",
        "already-live",
        "name the version",
    );
    let lower = Case {
        said: FlowOnPlatform {
            published: Case::with_live("1.3.0").said.published,
            ..case.said.clone()
        },
        ..Case::with_live("1.3.0")
    };
    stays(
        &lower.ask("previous", None),
        "blocked",
        "not-told",
        "name the version to go back to, such as 1.4.0",
    );
    assert_eq!(said_of(&case.ask("1.3.0", None)).0, "rollBack");
}

#[test]
fn where_little_can_be_told_it_is_not_offered() {
    let with = |change: fn(&mut FlowOnPlatform)| {
        let mut case = Case::with_live("1.4.0");
        change(&mut case.said);
        case.ask("previous", None)
    };
    let counts = with(|said| said.history = History::Counted(5));
    stays(
        &counts,
        "blocked",
        "rollback-not-offered",
        "counts its versions",
    );
    let blind = with(|said| said.published = Answer::CannotTell);
    stays(
        &blind,
        "blocked",
        "rollback-not-offered",
        "cannot show what is live",
    );
    let none = with(|said| said.published = Answer::Absent);
    stays(&none, "blocked", "not-published", "no flow `main`");
    let failed = with(|said| said.published = Answer::Unavailable("503".to_owned()));
    stays(&failed, "blocked", "baseline-unavailable", "503");
    let unlisted = with(|said| said.history = History::Unknown("no list".to_owned()));
    stays(&unlisted, "blocked", "baseline-unavailable", "no list");
}

#[test]
fn what_cannot_be_read_is_not_put_live() {
    let case = Case::with_live("1.4.0");
    let found = case.subject(|subject| {
        let target = target(subject, &To::Previous, &case.limits).unwrap();
        review(
            subject,
            target,
            &Stored::Unknown("404".to_owned()),
            &case.limits,
        )
    });
    stays(
        &found,
        "blocked",
        "content-unknown",
        "what is in 1.3.0 is not known: 404",
    );
    let half = text("1.3.0", "1.3.0", r#",{"type":"Queue"}"#);
    stays(
        &case.ask("previous", Some(&half)),
        "blocked",
        "content-unknown",
        "cannot be read",
    );
}

#[test]
fn begin_and_end_stay_as_they_are() {
    let case = Case::with_live("1.4.0");
    let before = text("1.3.0", "1.3.0", "");
    for (old, new, says) in [
        (
            r#"{"id":"e","type":"End"}"#,
            r#"{"id":"e","type":"End","configuration":{"reason":"busy"}}"#,
            "is another",
        ),
        (
            r#"{"id":"e","type":"End"}"#,
            r#"{"id":"e","type":"IVR"}"#,
            "has another type",
        ),
        (
            r#"{"id":"b","type":"Begin"},"#,
            r#"{"id":"b","type":"Begin"},{"id":"e2","type":"End"},"#,
            "is one more",
        ),
        (r#"{"id":"b","type":"Begin"},"#, "", "is not there"),
    ] {
        let other = before.replace(old, new);
        assert_ne!(other, before);
        stays(
            &case.ask("previous", Some(&other)),
            "blocked",
            "immutable-changed",
            says,
        );
    }
    let moved = before.replace(
        r#"{"id":"e","type":"End"}"#,
        r#"{"id":"e","type":"End","x":7}"#,
    );
    assert_eq!(
        case.ask("previous", Some(&moved)).plan.action.as_str(),
        "rollBack"
    );
}

#[test]
fn routing_that_would_be_lost_is_named_and_lost_only_by_force() {
    let more = r#",{"id":"q","type":"Queue","label":"Billing"},{"id":"a","type":"Agent"},{"id":"c","type":"Conditional"}"#;
    let mut case = Case::with_live("1.4.0");
    case.said.published = said(&text("1.4.0", "1.4.0", more), Vec::new()).published;
    let kept = text("1.3.0", "1.3.0", r#",{"id":"a","type":"Agent"}"#);
    let found = case.ask("previous", Some(&kept));
    stays(
        &found,
        "blocked",
        "routing-lost",
        "1.3.0 has not the routing that is live: Billing (`q`)",
    );
    assert!(!found.plan.reasons[0].text.contains("`a`"), "{found:?}");
    assert!(found.plan.reasons[0].text.contains("`c`"), "{found:?}");

    case.limits.routing = Routing::Force;
    let forced = case.ask("previous", Some(&kept));
    assert_eq!(
        said_of(&forced),
        (
            "rollBack",
            vec!["rollback", "routing-forced", "repository-differs"]
        )
    );
    assert!(forced.plan.reasons[1].text.contains("Billing (`q`)"));
}

#[test]
fn an_edit_in_the_console_is_gone_over_only_where_that_was_asked_for() {
    let mut case = Case::with_live("1.4.0");
    case.somebody_published("1.4.1");
    if let History::Listed(all) = &mut case.said.history {
        let by_hand = VersionSummary {
            record: None,
            ..stored("1.4.1", Some("2026-01-09"))
        };
        all.push(by_hand);
    }
    assert!(case.subject(|subject| looks_edited(subject, &case.limits)));
    let found = case.ask("1.3.0", None);
    stays(&found, "blocked", "edited-in-console", "flowgate pull");
    assert_eq!(found.console_edits.len(), 1, "{:?}", found.console_edits);
    case.limits.on_drift = OnDrift::Overwrite;
    let over = case.ask("1.3.0", None);
    assert_eq!(said_of(&over).0, "rollBack");
    assert!(said_of(&over).1.contains(&"edited-in-console"));
}

#[test]
fn what_was_never_ours_is_no_edit_of_ours() {
    let mut case = Case::with_live("1.4.0");
    assert!(!case.subject(|subject| looks_edited(subject, &case.limits)));
    case.somebody_published("1.4.0");
    if let History::Listed(all) = &mut case.said.history {
        for stored in all {
            stored.record = None;
        }
    }
    assert!(!case.subject(|subject| looks_edited(subject, &case.limits)));
    let found = case.ask("1.3.0", None);
    assert_eq!(said_of(&found).0, "rollBack", "{found:?}");
    assert_eq!(found.standing, Some(Standing::UnmanagedAndDifferent));
}

#[test]
fn a_flow_that_the_repository_does_not_hold_can_be_taken_back() {
    let mut case = Case::with_live("1.4.0");
    case.file = None;
    let found = case.ask("previous", None);
    assert_eq!(
        said_of(&found),
        ("rollBack", vec!["rollback", "repository-differs"])
    );
    assert_eq!(
        found.plan.reasons[1].text,
        "the repository holds no file of it"
    );
}

#[test]
fn what_is_neither_a_version_nor_previous_is_said_so() {
    assert_eq!("previous".parse(), Ok(To::Previous));
    assert_eq!(" 1.2.0 ".parse(), Ok(To::Version("1.2.0".parse().unwrap())));
    for typed in ["previous", "1.2.0"] {
        assert_eq!(typed.parse::<To>().unwrap().to_string(), typed);
    }
    let error = "last".parse::<To>().unwrap_err();
    assert!(error.starts_with("`last` is neither `previous` nor a version"));
}

#[test]
fn after_a_fix_the_previous_version_is_the_good_one_and_not_the_one_that_was_taken_back() {
    let mut case = Case::with_live("1.2.0");
    // 1.1.0 was bad: 1.0.0 was put live again after it, and 1.2.0 is the fix.
    case.said.history = History::Listed(vec![
        stored("1.0.0", Some("2026-01-03")),
        stored("1.1.0", Some("2026-01-02")),
        stored("1.2.0", Some("2026-01-04")),
    ]);
    case.limits.max_depth = 1;
    let back = case.ask("previous", None);
    assert_eq!(
        back.plan.action.release().unwrap().version.to_string(),
        "1.0.0"
    );
    // By name it can be had all the same.
    let named = case.ask("1.1.0", None);
    assert_eq!(
        named.plan.action.release().unwrap().version.to_string(),
        "1.1.0"
    );
    case.limits.max_depth = 0;
    stays(
        &case.ask("previous", None),
        "blocked",
        "too-far-back",
        "1.0.0 is 1 published",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is live and whatever is asked for: what is written was live before, is at most so deep, and is not what
    /// is live; and once it is live, the same question writes nothing.
    #[test]
    fn a_rollback_converges(live in 0_u64..5, asked in prop::option::of(0_u64..7), depth in 0_u32..5) {
        let number = |minor: u64| format!("1.{minor}.0");
        let to = asked.map_or_else(|| "previous".to_owned(), number);
        let mut case = Case::with_live(&number(live));
        case.limits.max_depth = depth;
        let found = case.ask(&to, None);
        let Some(release) = found.plan.action.release() else { return Ok(()) };
        let minor = release.version.minor;
        prop_assert!(minor != live && minor < 5 && 4 - minor <= u64::from(depth));
        let mut after = Case::with_live(&number(minor));
        after.limits.max_depth = depth;
        prop_assert_eq!(after.ask(&to, None).plan.action.as_str(), "nothing");
    }
}
