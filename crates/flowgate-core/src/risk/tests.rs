//! Each reason as a story: what somebody did to the main line, and what callers notice.

mod around;

use super::{ChangeRisk, FlowRisk, Risk, RiskReason, Step, assess};
use crate::delta::diff;
use crate::flow::Layout;
use crate::flow::testing::{flow, view};

const LIVE: &str = r#"{
  "flowId": "main-line", "version": "1.2.0",
  "elements": [
    {"id": "begin", "type": "Begin"},
    {"id": "hello", "type": "IVR", "label": "Welcome", "configuration": {"prompt": "Welcome."}},
    {"id": "menu", "type": "IVR", "label": "Main menu", "configuration": {"prompt": "Press 1 or 2.", "timeoutSeconds": 10, "retries": 2}},
    {"id": "ask", "type": "API", "label": "Lookup", "configuration": {"url": "https://api.example.com/a"}},
    {"id": "vip", "type": "Conditional", "label": "VIP?"},
    {"id": "sales", "type": "Queue", "label": "Sales", "configuration": {"skill": "sales-en"}},
    {"id": "accounts", "type": "Queue", "label": "Accounts"},
    {"id": "island", "type": "IVR", "label": "Old news"},
    {"id": "end", "type": "End", "label": "Goodbye"}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "begin", "targetId": "hello"},
    {"id": "c2", "sourceId": "hello", "targetId": "menu"},
    {"id": "c3", "sourceId": "menu", "targetId": "sales", "label": "press 1"},
    {"id": "c4", "sourceId": "menu", "targetId": "ask", "label": "press 2"},
    {"id": "c5", "sourceId": "ask", "targetId": "vip"},
    {"id": "c6", "sourceId": "vip", "targetId": "sales", "condition": "vip == true"},
    {"id": "c7", "sourceId": "vip", "targetId": "accounts", "condition": "default"},
    {"id": "c8", "sourceId": "menu", "targetId": "end", "label": "no input"}
  ]
}"#;

/// The risk of replacing texts in the main line.
fn risk(edits: &[(&str, &str)]) -> FlowRisk {
    let after = edits.iter().fold(LIVE.to_owned(), |text, (what, instead)| {
        assert!(text.contains(what), "{what}");
        text.replace(what, instead)
    });
    let (old, new) = (flow(LIVE), flow(&after));
    assess(
        view(&old),
        view(&new),
        &diff(&old, &new, &Layout::default()),
    )
}

/// The worst change with its reason.
fn worst(risk: &FlowRisk) -> (&ChangeRisk, RiskReason, &str) {
    let change = *risk.at_least(Risk::Safe).first().unwrap();
    let cause = &change.causes[0];
    (change, cause.reason, &cause.notice)
}

#[track_caller]
fn story(edits: &[(&str, &str)], reason: RiskReason, way: &str, notice: &str) {
    let risk = risk(edits);
    let (change, found, said) = worst(&risk);
    assert_eq!(
        (found, change.way.join(" → ").as_str(), said),
        (reason, way, notice),
        "{risk:#?}"
    );
    assert_eq!(risk.level(), Some(reason.risk()));
    assert_eq!(risk.step(), reason.step(), "{risk:#?}");
}

#[test]
fn a_queue_that_callers_reached_is_gone() {
    story(
        &[
            (
                r#"{"id": "accounts", "type": "Queue", "label": "Accounts"},"#,
                "",
            ),
            (r#""targetId": "accounts""#, r#""targetId": "sales""#),
        ],
        RiskReason::ElementRemoved,
        "Welcome → Main menu → Lookup → VIP? → Accounts",
        "callers who came here no longer can",
    );
}

#[test]
fn an_announcement_is_left_out_of_the_way() {
    let gone = (
        r#"{"id": "hello", "type": "IVR", "label": "Welcome", "configuration": {"prompt": "Welcome."}},"#,
        "",
    );
    let closed = (
        r#""begin", "targetId": "hello"},
    {"id": "c2", "sourceId": "hello", "targetId": "menu""#,
        r#""begin", "targetId": "menu""#,
    );
    let risk = risk(&[gone, closed]);
    assert_eq!(risk.level(), Some(Risk::Risky), "{risk:#?}");
    let reasons: Vec<_> = risk
        .changes
        .iter()
        .map(|change| change.causes[0].reason)
        .collect();
    assert_eq!(
        reasons,
        [
            RiskReason::ElementBypassed,
            RiskReason::WayChanged,
            RiskReason::PartOfElement
        ]
    );
}

#[test]
fn an_element_does_something_of_another_kind() {
    story(
        &[(
            r#""id": "vip", "type": "Conditional""#,
            r#""id": "vip", "type": "Database""#,
        )],
        RiskReason::ElementRetyped,
        "Welcome → Main menu → Lookup → VIP?",
        "callers who come here meet something of another kind",
    );
}

#[test]
fn begin_and_end_are_not_touched() {
    story(
        &[(
            r#""type": "End", "label": "Goodbye""#,
            r#""type": "End", "label": "Bye""#,
        )],
        RiskReason::BeginOrEndChanged,
        "Welcome → Main menu → Bye",
        "calls that are under way rely on it; CXone refuses the version",
    );
}

#[test]
fn a_choice_is_gone() {
    story(
        &[(
            r#"{"id": "c3", "sourceId": "menu", "targetId": "sales", "label": "press 1"},"#,
            "",
        )],
        RiskReason::BranchRemoved,
        "Welcome → Main menu",
        "callers who take “press 1” no longer reach Sales",
    );
}

#[test]
fn a_way_leads_to_something_that_is_not_there() {
    story(
        &[(
            r#""targetId": "sales", "label""#,
            r#""targetId": "slaes", "label""#,
        )],
        RiskReason::LeadsNowhere,
        "Welcome → Main menu",
        "callers who take “press 1” reach nothing",
    );
}

#[test]
fn callers_are_handed_to_another_queue() {
    let notice = "callers who take “press 1” reach Accounts instead of Sales";
    let way = "Welcome → Main menu";
    let hand_off = RiskReason::HandOffChanged;
    let target = (
        r#""targetId": "sales", "label""#,
        r#""targetId": "accounts", "label""#,
    );
    story(&[target], hand_off, way, notice);
    // The same, drawn anew.
    story(
        &[target, (r#""id": "c3""#, r#""id": "c33""#)],
        hand_off,
        way,
        notice,
    );
    story(
        &[(r#""skill": "sales-en""#, r#""skill": "sales-de""#)],
        RiskReason::SkillChanged,
        "Welcome → Main menu → Sales",
        "callers are handed to somebody else",
    );
}

#[test]
fn a_way_leads_elsewhere() {
    story(
        &[(
            r#""targetId": "end", "label": "no input""#,
            r#""targetId": "hello", "label": "no input""#,
        )],
        RiskReason::WayChanged,
        "Welcome → Main menu",
        "callers who take “no input” reach Welcome instead of Goodbye",
    );
}

#[test]
fn a_way_leads_elsewhere_and_no_other_leads_to_where_it_led() {
    story(
        &[(r#""targetId": "ask""#, r#""targetId": "hello""#)],
        RiskReason::PlaceCutOff,
        "Welcome → Main menu",
        "no caller reaches Lookup any more",
    );
}

#[test]
fn the_default_of_a_decision_is_another() {
    let way = "Welcome → Main menu → Lookup → VIP?";
    story(
        &[(r#""targetId": "accounts""#, r#""targetId": "sales""#)],
        RiskReason::PlaceCutOff,
        way,
        "no caller reaches Accounts any more",
    );
    story(
        &[("\"default\"", "\"vip == false\"")],
        RiskReason::DefaultBranchChanged,
        way,
        "calls that fit no other case are treated differently",
    );
}

#[test]
fn a_decision_is_made_by_another_condition() {
    story(
        &[("vip == true", "vip == gold")],
        RiskReason::ConditionChanged,
        "Welcome → Main menu → Lookup → VIP?",
        "callers take this way by another choice or condition",
    );
    story(
        &[("press 2\"", "press 3\"")],
        RiskReason::ConditionChanged,
        "Welcome → Main menu",
        "callers take this way by another choice or condition",
    );
}

#[test]
fn an_outside_system_is_new_or_elsewhere() {
    story(
        &[("api.example.com/a", "api.example.com/b")],
        RiskReason::EndpointChanged,
        "Welcome → Main menu → Lookup",
        "another address is asked on behalf of callers",
    );
    let risk = risk(&[
        (
            r#"{"id": "end","#,
            r#"{"id": "db", "type": "Database", "label": "Orders"}, {"id": "end","#,
        ),
        (
            r#""targetId": "vip"},"#,
            r#""targetId": "db"}, {"id": "c9", "sourceId": "db", "targetId": "vip"},"#,
        ),
    ]);
    let reasons: Vec<_> = risk
        .changes
        .iter()
        .map(|change| change.causes[0].reason)
        .collect();
    assert_eq!(
        reasons,
        [
            RiskReason::OutsideSystemAdded,
            RiskReason::WayChanged,
            RiskReason::PartOfElement
        ]
    );
}

#[test]
fn callers_have_less_time_or_hear_something_else() {
    story(
        &[("\"timeoutSeconds\": 10", "\"timeoutSeconds\": 4")],
        RiskReason::TimeoutShortened,
        "Welcome → Main menu",
        "callers or systems are given less time here",
    );
    story(
        &[("Press 1 or 2.", "Press 2 or 1.")],
        RiskReason::PromptChanged,
        "Welcome → Main menu",
        "callers hear something else",
    );
    story(
        &[("\"retries\": 2", "\"retries\": 3")],
        RiskReason::SettingChanged,
        "Welcome → Main menu",
        "a setting is different whose meaning only the tenant knows",
    );
}

#[test]
fn something_new_is_reached() {
    let menu = r#"{"id": "c8","#;
    story(
        &[(
            menu,
            r#"{"id": "c9", "sourceId": "menu", "targetId": "accounts", "label": "press 3"}, {"id": "c8","#,
        )],
        RiskReason::BranchAdded,
        "Welcome → Main menu",
        "callers who take “press 3” reach Accounts",
    );
    story(
        &[
            (
                r#"{"id": "end","#,
                r#"{"id": "new", "type": "IVR", "label": "News"}, {"id": "end","#,
            ),
            (
                menu,
                r#"{"id": "c9", "sourceId": "menu", "targetId": "new", "label": "press 3"}, {"id": "c8","#,
            ),
        ],
        RiskReason::ElementAdded,
        "Welcome → Main menu → News",
        "callers come to a new place",
    );
}

#[test]
fn what_callers_do_not_notice_is_safe() {
    story(
        &[("Main menu", "Menu")],
        RiskReason::NameChanged,
        "",
        "only a name or a note for designers is different",
    );
    story(
        &[(r#""label": "Old news""#, r#""label": "Old news", "a": 1"#)],
        RiskReason::NotReached,
        "",
        "no call reaches it",
    );
    story(
        &[(
            r#"{"id": "island", "type": "IVR", "label": "Old news"},"#,
            "",
        )],
        RiskReason::NotReached,
        "",
        "no call reaches it",
    );
    story(
        &[("\"id\": \"c3\"", "\"id\": \"c33\"")],
        RiskReason::IdChanged,
        "",
        "the same way, drawn anew",
    );
    story(
        &[("\"accounts\"", "\"accounts-2\"")],
        RiskReason::IdChanged,
        "",
        "only its id is new",
    );
    story(
        &[(r#""label": "Sales","#, r#""label": "Sales", "x": 4,"#)],
        RiskReason::Moved,
        "",
        "only its place on the canvas is different",
    );
}

#[test]
fn where_a_call_comes_in_is_not_known_nothing_counts_as_out_of_reach() {
    let begin = (r#"{"id": "begin", "type": "Begin"},"#, "");
    let old = flow(&LIVE.replace(begin.0, begin.1));
    let new = flow(
        &LIVE
            .replace(begin.0, begin.1)
            .replace("Press 1 or 2.", "No."),
    );
    let risk = assess(
        view(&old),
        view(&new),
        &diff(&old, &new, &Layout::default()),
    );
    assert_eq!(risk.level(), Some(Risk::Risky));
    assert_eq!(risk.step(), Some(Step::Minor));
}
