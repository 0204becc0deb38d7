//! Changes whose meaning hangs on what is around them: on which side callers come there, what else is changed of the same
//! thing, and what is gone beside it.

use super::*;

/// All that is said of one changed thing.
fn reasons(risk: &FlowRisk, id: &str) -> Vec<RiskReason> {
    let mut changes = risk.changes.iter();
    let change = changes.find(|change| change.subject.id() == id);
    let causes = &change.unwrap_or_else(|| panic!("{id} in {risk:#?}")).causes;
    causes.iter().map(|cause| cause.reason).collect()
}

#[test]
fn a_way_counts_where_callers_took_it_before_or_take_it_after() {
    let condition = ("vip == true", "vip == 1");
    let closed = (
        r#""ask", "targetId": "vip""#,
        r#""ask", "targetId": "sales""#,
    );
    for edits in [vec![condition], vec![condition, closed]] {
        let risk = risk(&edits);
        assert_eq!(
            reasons(&risk, "c6"),
            [RiskReason::ConditionChanged],
            "{edits:?}"
        );
    }
}

#[test]
fn an_element_counts_where_callers_came_there_before() {
    let asked = ("api.example.com/a", "api.example.com/b");
    let closed = (
        r#""menu", "targetId": "ask""#,
        r#""menu", "targetId": "end""#,
    );
    for edits in [vec![asked], vec![asked, closed]] {
        assert_eq!(
            reasons(&risk(&edits), "ask"),
            [RiskReason::EndpointChanged],
            "{edits:?}"
        );
    }
}

#[test]
fn what_else_is_changed_of_a_way_is_said_beside_its_branch_and_its_branch_once() {
    let more = |more: &str| format!(r#""targetId": "sales", "condition": "vip == true"{more}}}"#);
    let sales = more("");
    let with = |condition: &str, rest: &str| {
        let after = more(rest).replace("vip == true", condition);
        reasons(&risk(&[(&sales, &after)]), "c6")
    };
    let (same, other) = ("vip == true", "vip == 1");
    assert_eq!(
        with(same, r#", "priority": 2"#),
        [RiskReason::SettingChanged]
    );
    assert_eq!(
        with(other, r#", "priority": 2"#),
        [RiskReason::ConditionChanged]
    );
    assert_eq!(
        with(other, r#", "waitSeconds": 2"#),
        [RiskReason::TimeoutShortened, RiskReason::ConditionChanged]
    );
    assert_eq!(
        with(same, r#", "note": "x", "x": 9"#),
        [RiskReason::NameChanged]
    );
}

#[test]
fn a_way_to_or_from_a_queue_is_a_hand_off() {
    let way = "Welcome → Main menu";
    story(
        &[(
            r#""targetId": "sales", "label""#,
            r#""targetId": "hello", "label""#,
        )],
        RiskReason::HandOffChanged,
        way,
        "callers who take “press 1” reach Welcome instead of Sales",
    );
    story(
        &[(r#""targetId": "ask""#, r#""targetId": "accounts""#)],
        RiskReason::PlaceCutOff,
        way,
        "no caller reaches Lookup any more",
    );
}

#[test]
fn a_decision_says_what_of_its_configuration_is_another() {
    let vip = r#""type": "Conditional", "label": "VIP?""#;
    let with = |configuration: &str| format!(r#"{vip}, "configuration": {{{configuration}}}"#);
    let way = "Welcome → Main menu → Lookup → VIP?";
    story(
        &[(vip, &with(r#""condition": "gold""#))],
        RiskReason::ConditionChanged,
        way,
        "calls are told apart by another condition",
    );
    story(
        &[(vip, &with(r#""defaultBranch": "no""#))],
        RiskReason::DefaultBranchChanged,
        way,
        "calls that fit no other case are treated differently",
    );
}

/// Begin, two announcements one after the other (the first can be heard again), a menu, End.
const ANNOUNCED: &str = r#"{
  "flowId": "main-line", "version": "1.2.0",
  "elements": [
    {"id": "begin", "type": "Begin"},
    {"id": "hello", "type": "IVR"}, {"id": "news", "type": "IVR"},
    {"id": "menu", "type": "IVR"}, {"id": "other", "type": "IVR"},
    {"id": "end", "type": "End"}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "begin", "targetId": "hello"},
    {"id": "c2", "sourceId": "hello", "targetId": "news"},
    {"id": "c3", "sourceId": "news", "targetId": "news", "label": "again"},
    {"id": "c4", "sourceId": "news", "targetId": "menu"},
    {"id": "c5", "sourceId": "other", "targetId": "hello"},
    {"id": "c6", "sourceId": "menu", "targetId": "end", "label": "press 1"},
    {"id": "c7", "sourceId": "menu", "targetId": "other", "label": "press 2"}
  ]
}"#;

/// The flow without some of its elements and connectors, and one of them leading elsewhere.
fn without(gone: &[&str], leads: &[(&str, &str)]) -> FlowRisk {
    let mut value: serde_json::Value = serde_json::from_str(ANNOUNCED).unwrap();
    for list in ["elements", "connectors"] {
        let items = value[list].as_array_mut().unwrap();
        items.retain(|item| !gone.contains(&item["id"].as_str().unwrap()));
        for item in items {
            for (id, target) in leads {
                if item["id"] == *id {
                    item["targetId"] = (*target).into();
                }
            }
        }
    }
    let (old, new) = (flow(ANNOUNCED), flow(&value.to_string()));
    assess(
        view(&old),
        view(&new),
        &diff(&old, &new, &Layout::default()),
    )
}

#[test]
fn left_out_is_what_everybody_who_came_there_goes_past() {
    let hello = ["hello", "c2"];
    let past = without(&hello, &[("c1", "news"), ("c5", "news")]);
    assert_eq!(reasons(&past, "hello"), [RiskReason::ElementBypassed]);
    let not_all = without(&hello, &[("c1", "news"), ("c5", "end")]);
    assert_eq!(reasons(&not_all, "hello"), [RiskReason::ElementRemoved]);
    // Two in a row: the second is reached from the first, which says so itself.
    let both = without(
        &["hello", "news", "c2", "c3", "c4"],
        &[("c1", "menu"), ("c5", "menu")],
    );
    assert_eq!(reasons(&both, "hello"), [RiskReason::ElementBypassed]);
}
