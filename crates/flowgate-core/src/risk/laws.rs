//! What holds of the risk of every change, tried on generated flows.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FlowRisk, Risk, RiskReason, Step, assess};
use crate::delta::diff;
use crate::flow::testing::{flow, view};
use crate::flow::{Flow, Layout};

const KINDS: [&str; 6] = ["Begin", "End", "IVR", "Queue", "API", "Conditional"];

fn element() -> impl Strategy<Value = Value> {
    (0..KINDS.len(), 0..3_u8, 0..3_u8).prop_map(|(kind, prompt, x)| {
        json!({"type": KINDS[kind], "x": x, "configuration": {"prompt": prompt.to_string()}})
    })
}

/// A flow with a Begin at `e0`; connectors may lead nowhere.
fn sketch() -> impl Strategy<Value = Value> {
    let elements = prop::collection::vec(element(), 0..6);
    let ways = prop::collection::vec((0..7_usize, 0..7_usize, 0..3_u8), 0..9);
    (elements, ways).prop_map(|(mut elements, ways)| {
        elements.insert(0, json!({"type": "Begin"}));
        for (index, element) in elements.iter_mut().enumerate() {
            element["id"] = json!(format!("e{index}"));
        }
        let ways: Vec<Value> = ways
            .iter()
            .enumerate()
            .map(|(index, (from, to, label))| {
                json!({"id": format!("c{index}"), "sourceId": format!("e{from}"),
                    "targetId": format!("e{to}"), "label": format!("press {label}")})
            })
            .collect();
        json!({"flowId": "main", "version": "1.0.0", "elements": elements, "connectors": ways})
    })
}

fn read(json: &Value) -> Flow {
    flow(&json.to_string())
}

fn risk(before: &Value, after: &Value) -> FlowRisk {
    let (old, new) = (read(before), read(after));
    assess(
        view(&old),
        view(&new),
        &diff(&old, &new, &Layout::default()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_the_same_has_no_risk(sketch in sketch()) {
        let risk = risk(&sketch, &sketch);
        prop_assert_eq!((risk.level(), risk.step()), (None, None));
    }

    #[test]
    fn moving_things_is_safe_and_needs_no_version(sketch in sketch(), by in 5..9_u8) {
        let mut moved = sketch.clone();
        for element in moved["elements"].as_array_mut().unwrap() {
            element["x"] = json!(by);
        }
        let risk = risk(&sketch, &moved);
        prop_assert_eq!((risk.level(), risk.step()), (Some(Risk::Safe), None));
    }

    #[test]
    fn an_element_that_no_call_reaches_comes_goes_and_changes_safely(sketch in sketch(), element in element()) {
        let mut element = element;
        element["id"] = json!("island");
        if element["type"] == "Begin" || element["type"] == "End" {
            element["type"] = json!("IVR");
        }
        let mut with = sketch.clone();
        with["elements"].as_array_mut().unwrap().push(element);
        let mut other = with.clone();
        let last = other["elements"].as_array().unwrap().len() - 1;
        other["elements"][last]["configuration"]["prompt"] = json!("something else");
        for (before, after) in [(&sketch, &with), (&with, &other), (&other, &sketch)] {
            let risk = risk(before, after);
            prop_assert_eq!((risk.level(), risk.step()), (Some(Risk::Safe), Some(Step::Patch)), "{:?}", risk);
        }
    }

    #[test]
    fn every_change_has_a_reason_and_a_version_is_needed_unless_things_only_moved(before in sketch(), after in sketch()) {
        let (old, new) = (read(&before), read(&after));
        let delta = diff(&old, &new, &Layout::default());
        let risk = assess(view(&old), view(&new), &delta);
        prop_assert_eq!(risk.changes.len(), delta.changes.len());
        for (change, judged) in delta.changes.iter().zip(&risk.changes) {
            prop_assert_eq!(&change.subject, &judged.subject);
            prop_assert!(!judged.causes.is_empty());
            prop_assert!(judged.causes.iter().all(|cause| cause.reason.risk() <= judged.risk()));
        }
        prop_assert_eq!(risk.step().is_none(), delta.is_layout_only());
    }

    #[test]
    fn a_way_that_calls_can_take_is_not_cut_safely(sketch in sketch(), which: prop::sample::Index) {
        let ways = sketch["connectors"].as_array().unwrap().len();
        prop_assume!(ways > 0);
        let mut cut = sketch.clone();
        let gone = cut["connectors"].as_array_mut().unwrap().remove(which.index(ways));
        let same = |way: &&Value| ["sourceId", "targetId", "label"].iter().all(|key| way[key] == gone[key]);
        let again = cut["connectors"].as_array().unwrap().iter().any(|way| same(&way));
        let old = read(&sketch);
        let source = old.element_index(&gone["sourceId"].as_str().unwrap().parse().unwrap());
        let reached = source.is_some_and(|at| old.index().graph().ways().reaches(at));
        let risk = risk(&sketch, &cut);
        let breaking = risk.level() == Some(Risk::Breaking);
        prop_assert_eq!(breaking, reached && !again, "{:?}", risk);
    }
}

/// Why there is no law for changes after each other: what one takes away the next may give back.
#[test]
fn two_changes_may_be_less_together_than_each_alone() {
    let flow = |target: &str| {
        json!({"flowId": "main", "version": "1.0.0",
            "elements": [{"id": "e0", "type": "Begin"}, {"id": "e1", "type": "IVR"}, {"id": "e2", "type": "End"}],
            "connectors": [{"id": "c0", "sourceId": "e0", "targetId": "e1"}, {"id": "c1", "sourceId": "e1", "targetId": target}]})
    };
    let (whole, cut) = (flow("e2"), flow("gone"));
    assert_eq!(risk(&whole, &cut).level(), Some(Risk::Breaking));
    assert_eq!(risk(&cut, &whole).level(), Some(Risk::Risky));
    assert_eq!(risk(&whole, &whole).level(), None);
}

#[test]
fn reasons_have_codes_of_their_own_and_stand_worst_first() {
    let codes: std::collections::BTreeSet<_> =
        RiskReason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), RiskReason::ALL.len());
    assert!(
        RiskReason::ALL
            .windows(2)
            .all(|pair| pair[0].risk() >= pair[1].risk())
    );
    for code in codes {
        assert!(
            code.bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_lowercase())
        );
    }
}
