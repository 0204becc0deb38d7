//! What holds of every merge, tried on generated edits of a ring of elements.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::tests::{merged, taking};
use super::*;
use crate::flow::testing::flow;

/// One thing that a person does.
#[derive(Debug, Clone)]
enum Edit {
    Configure(usize, &'static str, u8),
    Option(usize, u8, u8),
    Move(usize, u8),
    Add(u8),
    Remove(usize),
    Retarget(usize, usize),
    Label(usize, u8),
    Connect(usize, usize, u8),
    Disconnect(usize),
    Name(u8),
}

const SIZE: usize = 8;

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..SIZE;
    let way = 0..2 * SIZE;
    prop_oneof![
        (
            at.clone(),
            proptest::sample::select(&["prompt", "timeoutSeconds", "skill"][..]),
            0..4_u8
        )
            .prop_map(|(at, key, to)| Edit::Configure(at, key, to)),
        (at.clone(), 0..5_u8, 0..4_u8).prop_map(|(at, digit, to)| Edit::Option(at, digit, to)),
        (at.clone(), 0..4_u8).prop_map(|(at, to)| Edit::Move(at, to)),
        (0..4_u8).prop_map(Edit::Add),
        at.clone().prop_map(Edit::Remove),
        (way.clone(), at.clone()).prop_map(|(way, to)| Edit::Retarget(way, to)),
        (way.clone(), 0..4_u8).prop_map(|(way, to)| Edit::Label(way, to)),
        (at.clone(), at, 0..4_u8).prop_map(|(from, to, label)| Edit::Connect(from, to, label)),
        way.prop_map(Edit::Disconnect),
        (0..4_u8).prop_map(Edit::Name),
    ]
}

/// Eight elements in a ring, each with two ways out: one with an id, one without.
fn ring() -> Json {
    let elements: Vec<Json> = (0..SIZE)
        .map(|at| {
            json!({"id": format!("e{at}"), "type": "IVR", "x": 0,
                "configuration": {"prompt": "Hello", "options": [{"digit": "0", "label": "Zero"}, {"digit": "1", "label": "One"}]}})
        })
        .collect();
    let connectors: Vec<Json> = (0..2 * SIZE)
        .map(|way| {
            let (from, to) = (
                format!("e{}", way / 2),
                format!("e{}", (way / 2 + 1) % SIZE),
            );
            if way % 2 == 0 {
                json!({"id": format!("c{way}"), "sourceId": from, "targetId": to, "label": "1"})
            } else {
                json!({"sourceId": from, "targetId": to, "label": "2"})
            }
        })
        .collect();
    json!({"flowId": "main", "version": "1.0.0", "name": "Ring", "elements": elements, "connectors": connectors})
}

impl Edit {
    /// Does it, as far as what it is about is still there. `who` is in every new id and place.
    fn apply(&self, flow: &mut Json, who: &str) {
        let elements = |flow: &'_ mut Json, at: usize| -> Option<usize> {
            let list = flow["elements"].as_array()?;
            list.iter()
                .position(|it| it["id"] == json!(format!("e{at}")))
        };
        // A way is known by where it was in the ring.
        let way = |flow: &Json, way: usize| -> Option<usize> {
            let list = flow["connectors"].as_array()?;
            let id = format!("c{way}");
            let from = format!("e{}", way / 2);
            list.iter().position(|it| match way % 2 {
                0 => it["id"] == json!(id),
                _ => it["id"].is_null() && it["sourceId"] == json!(from) && it["new"].is_null(),
            })
        };
        match self {
            Edit::Configure(at, key, to) => {
                if let Some(index) = elements(flow, *at) {
                    flow["elements"][index]["configuration"][*key] = json!(to);
                }
            }
            Edit::Option(at, digit, to) => {
                if let Some(index) = elements(flow, *at) {
                    let options = flow["elements"][index]["configuration"]["options"]
                        .as_array_mut()
                        .unwrap();
                    match options
                        .iter_mut()
                        .find(|it| it["digit"] == json!(digit.to_string()))
                    {
                        Some(option) => option["label"] = json!(to),
                        None => options.push(json!({"digit": digit.to_string(), "label": to})),
                    }
                }
            }
            Edit::Move(at, to) => {
                if let Some(index) = elements(flow, *at) {
                    flow["elements"][index]["x"] = json!(to);
                }
            }
            Edit::Add(number) => {
                let id = json!(format!("{who}{number}"));
                let list = flow["elements"].as_array_mut().unwrap();
                if !list.iter().any(|it| it["id"] == id) {
                    list.insert(list.len() / 2, json!({"id": id, "type": "IVR"}));
                }
            }
            Edit::Remove(at) => {
                let id = json!(format!("e{at}"));
                flow["elements"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|it| it["id"] != id);
                let ways = flow["connectors"].as_array_mut().unwrap();
                ways.retain(|it| it["sourceId"] != id && it["targetId"] != id);
            }
            Edit::Retarget(from, to) => {
                if let (Some(index), Some(_)) = (way(flow, *from), elements(flow, *to)) {
                    flow["connectors"][index]["targetId"] = json!(format!("e{to}"));
                }
            }
            Edit::Label(from, to) => {
                if let Some(index) = way(flow, *from) {
                    flow["connectors"][index]["condition"] = json!(to);
                }
            }
            Edit::Connect(from, to, label) => {
                if let (Some(_), Some(_)) = (elements(flow, *from), elements(flow, *to)) {
                    let (from, to) = (format!("e{from}"), format!("e{to}"));
                    let label = format!("{who} {label}");
                    let list = flow["connectors"].as_array_mut().unwrap();
                    if !list
                        .iter()
                        .any(|it| it["sourceId"] == json!(from) && it["label"] == json!(label))
                    {
                        let mut way =
                            json!({"new": true, "sourceId": from, "targetId": to, "label": label});
                        // Where both sides may touch one element, a way without an id may be taken for another.
                        if who == "one" {
                            way["id"] = json!(format!("{from} {label}"));
                        }
                        list.push(way);
                    }
                }
            }
            Edit::Disconnect(from) => {
                if let Some(index) = way(flow, *from) {
                    flow["connectors"].as_array_mut().unwrap().remove(index);
                }
            }
            Edit::Name(to) => flow["name"] = json!(to),
        }
    }

    /// Whether it is about the first or the second half of the ring alone; `None` for what is about all.
    fn half(&self) -> Option<usize> {
        let of = |at: usize| at / (SIZE / 2);
        match self {
            Edit::Configure(at, ..) | Edit::Option(at, ..) | Edit::Move(at, _) => Some(of(*at)),
            Edit::Retarget(way, to) => (of(way / 2) == of(*to)).then(|| of(*to)),
            Edit::Label(way, _) | Edit::Disconnect(way) => Some(of(way / 2)),
            Edit::Connect(from, to, _) => (of(*from) == of(*to)).then(|| of(*from)),
            // The ends of a half are reached from the other one.
            Edit::Remove(at) => (at % (SIZE / 2) != 0).then(|| of(*at)),
            Edit::Add(_) | Edit::Name(_) => None,
        }
    }
}

fn edited(edits: &[Edit], who: &str) -> String {
    let mut flow = ring();
    for edit in edits {
        edit.apply(&mut flow, who);
    }
    flow.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn disjoint_edits_merge_to_the_same_flow_in_either_order(
        edits in prop::collection::vec(edit(), 0..16),
    ) {
        let side = |half: usize| -> Vec<Edit> {
            let mine = |edit: &&Edit| match edit {
                Edit::Add(_) => true,
                Edit::Name(_) => half == 0,
                edit => edit.half() == Some(half),
            };
            edits.iter().filter(mine).cloned().collect()
        };
        let (ours, theirs) = (side(0), side(1));
        let base = ring().to_string();
        let (a, b) = (edited(&ours, "ours"), edited(&theirs, "theirs"));
        let (one, other) = (merged(Some(&base), &a, &b), merged(Some(&base), &b, &a));
        prop_assert_eq!(&one.conflicts, &Vec::new());
        prop_assert_eq!(&other.conflicts, &Vec::new());
        prop_assert_eq!(&one.text, &other.text);
        // It is the flow that one person would have made who did it all.
        let mut both = ring();
        for edit in &ours { edit.apply(&mut both, "ours"); }
        for edit in &theirs { edit.apply(&mut both, "theirs"); }
        let delta = crate::delta::diff(&flow(&both.to_string()), &flow(&one.text), &Layout::default());
        prop_assert!(delta.is_empty(), "{delta:?}");
    }

    #[test]
    fn no_edit_is_lost_silently(
        ours in prop::collection::vec(edit(), 0..8),
        theirs in prop::collection::vec(edit(), 0..8),
    ) {
        let base = ring().to_string();
        let sides = [(Side::Ours, edited(&ours, "one")), (Side::Theirs, edited(&theirs, "one"))];
        let done = merged(Some(&base), &sides[0].1, &sides[1].1);
        let swapped = merged(Some(&base), &sides[1].1, &sides[0].1);
        prop_assert_eq!(done.conflicts.len(), swapped.conflicts.len());
        prop_assert_eq!(done.conflicts.is_empty(), !done.text.contains("<<<<<<<"));
        // Whichever side is taken where it was not decided: all that this side did is in the result, so that merging
        // the side once more changes nothing.
        for (side, text) in &sides {
            let resolved = taking(&done.text, *side);
            let again = merged(Some(&base), &resolved, text);
            prop_assert_eq!(&again.conflicts, &Vec::new(), "{:?}\n{}", side, done.text);
            prop_assert!(is_same(&flow(&again.text), &flow(&resolved), &Layout::default()), "{}", done.text);
        }
    }
}
