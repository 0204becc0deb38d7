//! What people see when they make a mistake: one report a mistake, folded consequences, and nothing new where nothing
//! is new.

use crate::rules::testing::{
    alone, change_findings, digest, findings, ids, of, platform, reading, settings,
};
use crate::rules::{FlowInput, run_flow};

const GOOD: &str = r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},{"id":"menu","type":"IVR","label":"Main menu"},{"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},{"id":"c2","sourceId":"menu","targetId":"end"}]}"#;

fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}

#[test]
fn a_mistyped_target_names_the_nearest_id_and_where_it_is_written() {
    let found = findings(&with(r#""targetId":"end""#, r#""targetId":"edn""#));
    // That nobody reaches the end any more goes away with the slip.
    assert_eq!(
        ids(&found),
        ["(unreachable-element)", "connector-missing-target"]
    );
    let finding = &found[1];
    assert_eq!(found[0].cause.as_ref(), Some(&finding.fingerprint));
    assert_eq!(
        finding.message,
        "the connector from Main menu (`menu`) leads to `edn`; no element has that id"
    );
    assert_eq!(
        finding.hint.as_deref(),
        Some("did you mean End `end`? set `targetId` to `end`")
    );
    assert_eq!(finding.location.start.line, 3);
    assert_eq!(finding.element.as_ref().unwrap().as_str(), "menu");
}

#[test]
fn the_element_that_this_change_adds_is_what_its_author_meant() {
    let after = with(
        r#"{"id":"end","type":"End"}"#,
        r#"{"id":"end","type":"End"},{"id":"api-004","type":"API","label":"Lookup"}"#,
    )
    .replace(r#""targetId":"menu""#, r#""targetId":"api-04""#)
    .replace("1.0.0", "1.1.0");
    let found = change_findings(GOOD, &after, None, None);
    let finding = &of(&found, "connector-missing-target")[0];
    assert_eq!(
        finding.hint.as_deref(),
        Some("you added Lookup (`api-004`) here: set `targetId` to `api-004`")
    );
}

#[test]
fn several_connectors_to_one_missing_element_are_one_mistake() {
    let found = findings(&with(
        r#"{"id":"menu","type":"IVR","label":"Main menu"},"#,
        "",
    ));
    let missing: Vec<_> = found
        .iter()
        .filter(|finding| finding.rule.as_str().starts_with("connector-missing"))
        .collect();
    assert_eq!(missing.len(), 2);
    assert_eq!(missing[0].cause, None);
    assert_eq!(missing[1].cause.as_ref(), Some(&missing[0].fingerprint));
}

#[test]
fn a_removed_end_is_the_cause_of_the_connectors_that_miss_it() {
    let after = with(r#",{"id":"end","type":"End"}"#, "").replace("1.0.0", "1.1.0");
    let found = change_findings(GOOD, &after, None, None);
    let causes: Vec<_> = found
        .iter()
        .filter(|finding| finding.cause.is_none())
        .collect();
    assert_eq!(causes.len(), 1, "{found:#?}");
    assert_eq!(causes[0].rule.as_str(), "immutable-element-changed");
    assert_eq!(
        causes[0].message,
        "End `end` may not change across versions: it was removed"
    );
    assert_eq!(
        of(&found, "connector-missing-target")[0].cause.as_ref(),
        Some(&causes[0].fingerprint)
    );
}

#[test]
fn a_slip_beside_an_element_without_an_id_is_a_mistake_of_its_own() {
    let nameless = with(r#"{"id":"menu","type":"IVR","#, r#"{"type":"IVR","#)
        .replace(r#""targetId":"end""#, r#""targetId":"edn""#);
    let found = findings(&nameless);
    let slips: Vec<_> = of(&found, "connector-missing-target")
        .into_iter()
        .map(|finding| (finding.message.contains("`edn`"), finding.cause.is_some()))
        .collect();
    // `menu` is the element that lost its id; `edn` is like `end`.
    assert!(slips.contains(&(true, false)), "{slips:?}");
    assert!(slips.contains(&(false, true)), "{slips:?}");
}

#[test]
fn what_could_not_be_read_is_judged_no_further() {
    let damaged = with(r#"{"id":"menu","type":"IVR","#, r#"{"id":"menu","#);
    assert_eq!(ids(&findings(&damaged)), ["missing-field"]);
    let nameless = with(r#"{"id":"menu","type":"IVR","#, r#"{"type":"IVR","#);
    assert_eq!(
        ids(&findings(&nameless)),
        [
            "missing-field",
            "(connector-missing-target)",
            "(connector-missing-source)"
        ]
    );
    let no_list = with(r#""elements":["#, r#""elemnts":["#);
    assert!(of(&findings(&no_list), "connector-missing-target").is_empty());
}

#[test]
fn one_unknown_type_on_many_elements_is_one_mistake() {
    let found = findings(&with(
        r#"{"id":"menu","type":"IVR","#,
        r#"{"id":"m2","type":"Ivr"},{"id":"menu","type":"Ivr","#,
    ));
    let types = of(&found, "unsupported-element-type");
    assert_eq!(types.len(), 2);
    assert_eq!(types[0].hint.as_deref(), Some("did you mean `IVR`?"));
    assert_eq!(types[1].cause.as_ref(), Some(&types[0].fingerprint));
}

#[test]
fn a_fault_that_was_there_before_is_marked_even_after_the_file_was_moved_about() {
    let broken = with(r#""targetId":"end""#, r#""targetId":"edn""#);
    let moved = format!(
        "\n\n{}",
        broken.replace(
            ",\"label\":\"Main menu\"",
            ",\"x\":7,\"label\":\"Main menu\""
        )
    );
    let found = change_findings(&broken, &moved, None, None);
    assert_eq!(
        ids(&found),
        ["(unreachable-element)", "connector-missing-target"]
    );
    assert!(found.iter().all(|finding| finding.existing));
    let worse = moved
        .replace(r#""targetId":"menu""#, r#""targetId":"mneu""#)
        .replace("1.0.0", "1.0.1");
    let found = change_findings(&broken, &worse, None, None);
    let new: Vec<_> = found
        .iter()
        .filter(|finding| !finding.existing && finding.cause.is_none())
        .collect();
    assert_eq!(new.len(), 1, "{found:#?}");
    assert!(new[0].message.contains("`mneu`"));
}

#[test]
fn two_like_faults_have_two_fingerprints() {
    let twice =
        r#"{"sourceId":"menu","targetId":"gone"},{"sourceId":"menu","targetId":"gone"},{"id":"c1""#;
    let found = of(
        &findings(&with(r#"{"id":"c1""#, twice)),
        "connector-missing-target",
    );
    assert_eq!(found.len(), 2);
    assert_ne!(found[0].fingerprint, found[1].fingerprint);
}

#[test]
fn findings_stand_in_the_order_of_the_file_whatever_rule_raised_them() {
    let mixed = with(r#""targetId":"end""#, r#""targetId":"nowhere""#)
        .replace(r#""type":"IVR""#, r#""type":"Fax""#)
        .replace(r#"{"flowId""#, r#"{"owner":"me","flowId""#);
    assert_eq!(
        ids(&findings(&mixed)),
        [
            "field-not-published",
            "unsupported-element-type",
            "(unreachable-element)",
            "connector-missing-target"
        ]
    );
}

#[test]
fn a_correction_asks_for_the_next_free_number_and_says_how_to_write_it() {
    let after = with("Main menu", "Other menu");
    let history = platform(r#"{"versions":[{"version":"1.0.1"},{"version":"0.9.0"}]}"#);
    let found = change_findings(GOOD, &after, Some(&history), None);
    let finding = &of(&found, "version-not-increased")[0];
    assert_eq!(
        finding.message,
        "the flow changed, but its version is still 1.0.0"
    );
    assert_eq!(
        finding.hint.as_deref(),
        Some("run `flowgate bump flows/main.json`, or set `version` to 1.0.2")
    );
    // A layout change needs no number, and build metadata is none.
    assert!(change_findings(GOOD, &with("\"label\"", "\"x\":1,\"label\""), None, None).is_empty());
    let built = after.replace("1.0.0", "1.0.0+build7");
    assert_eq!(
        ids(&change_findings(GOOD, &built, None, None)),
        ["version-not-increased"]
    );
}

#[test]
fn going_back_to_a_stored_version_needs_no_new_number() {
    let live = with("Main menu", "Newer menu").replace("1.0.0", "1.1.0");
    let stored = format!(
        r#"{{"versions":[{{"version":"1.0.0","digest":"{}"}}]}}"#,
        digest(1)
    );
    let history = platform(&stored);
    assert!(change_findings(&live, GOOD, Some(&history), Some(&digest(1))).is_empty());
    // The same number with other content is no revert, and one mistake.
    let found = change_findings(&live, GOOD, Some(&history), Some(&digest(2)));
    assert_eq!(ids(&found), ["(version-exists)", "version-not-increased"]);
}

#[test]
fn a_taken_number_is_blocked_with_both_digests() {
    let stored = format!(
        r#"{{"versions":[{{"version":"1.0.0","digest":"{}"}}]}}"#,
        digest(1)
    );
    let (history, file, ours) = (platform(&stored), reading(GOOD), digest(2));
    let input = FlowInput {
        platform: Some(&history),
        digest: Some(&ours),
        ..alone(&file)
    };
    let found = run_flow(&input, &settings());
    assert_eq!(ids(&found), ["version-exists"]);
    assert!(found[0].message.contains("111111111111") && found[0].message.contains("222222222222"));
    let nothing_to_create = FlowInput {
        creates_version: false,
        ..input
    };
    assert!(run_flow(&nothing_to_create, &settings()).is_empty());
}

#[test]
fn unknown_is_not_zero_and_a_full_history_is_not_nearly_full() {
    let file = reading(GOOD);
    let found = |facts: &str| {
        let facts = platform(facts);
        let input = FlowInput {
            platform: Some(&facts),
            ..alone(&file)
        };
        ids(&run_flow(&input, &settings()))
    };
    assert_eq!(found(r#"{"published":"absent"}"#), ["history-unknown"]);
    assert_eq!(
        found(r#"{"published":"unavailable"}"#),
        ["baseline-unavailable", "(history-unknown)"]
    );
    assert_eq!(found(r#"{"count":44}"#), [""; 0]);
    assert_eq!(found(r#"{"count":45}"#), ["version-history-nearly-full"]);
    assert_eq!(found(r#"{"count":49}"#), ["version-history-nearly-full"]);
    assert_eq!(found(r#"{"count":50}"#), ["version-history-full"]);
    assert_eq!(
        found(r#"{"count":3,"capacity":3}"#),
        ["version-history-full"]
    );
}
