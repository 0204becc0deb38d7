//! Operators that break a flow, or change what callers get.

mod edits;

use serde_json::{Map, Value, json};

use self::edits::*;
use super::{Dice, Draft, Operator, Seen};

type Apply = fn(&Value, &mut Dice) -> Option<String>;

const fn visible(name: &'static str, apply: Apply) -> Operator {
    Operator {
        name,
        seen: Seen::ByRules,
        apply,
    }
}

const fn legal(name: &'static str, why: &'static str, apply: Apply) -> Operator {
    Operator {
        name,
        seen: Seen::OnlyInTheDelta(why),
        apply,
    }
}

/// All of them.
pub(in super::super) const HARMFUL: &[Operator] = &[
    visible("drop the only connector to an element", drop_only_way_in),
    visible("drop the only connector from an element", drop_only_way_out),
    legal(
        "drop one of several connectors",
        "a menu with one option less is a menu",
        drop_one_of_several,
    ),
    visible("retarget to an id that is not there", |f, d| {
        set(f, d, "connectors", "targetId", json!("gone"))
    }),
    visible("start at an id that is not there", |f, d| {
        set(f, d, "connectors", "sourceId", json!("gone"))
    }),
    legal(
        "retarget to another element",
        "one way is as legal as another",
        retarget,
    ),
    visible("take a connector's source away", |f, d| {
        remove_key(f, d, "connectors", "sourceId")
    }),
    visible("take a connector's target away", |f, d| {
        remove_key(f, d, "connectors", "targetId")
    }),
    visible("give two elements one id", |f, d| same_id(f, d, "elements")),
    visible("give two connectors one id", |f, d| {
        same_id(f, d, "connectors")
    }),
    visible("copy a connector", copy_connector),
    visible("blank an element's id", |f, d| {
        set(f, d, "elements", "id", json!(""))
    }),
    visible("take an element's id away", |f, d| {
        remove_key(f, d, "elements", "id")
    }),
    visible("take an element's type away", |f, d| {
        remove_key(f, d, "elements", "type")
    }),
    visible("misspell a type", misspell),
    visible("remove the default branch of a decision", remove_default),
    visible("cut all ways on from an element", cut),
    visible("make a loop that traps callers", trap),
    visible("swap the types of Begin or End and another", |f, d| {
        swap(f, d, true)
    }),
    legal(
        "swap two types in the middle",
        "a queue may stand wherever an announcement may",
        |f, d| swap(f, d, false),
    ),
    visible("remove Begin and its connectors", |f, _| {
        remove_type(f, "Begin")
    }),
    visible("remove every End that a step leads to alone", |f, _| {
        remove_ends(f, false)
    }),
    legal(
        "remove every End where all calls are handed over",
        "a queue or an agent is a way out, and so needs no End",
        |f, _| remove_ends(f, true),
    ),
    visible("remove an element, leave its connectors", remove_element),
    visible("add a second Begin", add_begin),
    visible("add an element that nothing leads to", add_orphan),
    visible("lead back to Begin", lead_to_begin),
    visible("lead on from End", lead_on_from_end),
    visible("give two branches one condition", |f, d| {
        same_case(f, d, true)
    }),
    visible("give two branches one label", |f, d| same_case(f, d, false)),
    visible("break the version", break_version),
    visible("take a part of the flow away", remove_part),
    visible("empty the elements", |f, _| {
        let mut draft = Draft::of(f);
        draft.elements().clear();
        draft.text()
    }),
    visible("empty the flow", |f, _| {
        let mut draft = Draft::of(f);
        draft.elements().clear();
        draft.connectors().clear();
        draft.text()
    }),
    visible("turn the elements into an object", |f, _| {
        let mut draft = Draft::of(f);
        let all = draft.elements().drain(..);
        let all: Map<String, Value> = all
            .map(|element| (element["id"].to_string(), element))
            .collect();
        draft.flow["elements"] = Value::Object(all);
        draft.text()
    }),
    visible("write a key twice", |f, d| {
        let text = Draft::of(f).text()?;
        let keys: Vec<(usize, &str)> = text.match_indices("\"type\": ").collect();
        let (at, key) = keys[d.below(keys.len())];
        Some(format!("{}{key}\"End\", {}", &text[..at], &text[at..]))
    }),
    visible("lose the rest of the file", |f, d| {
        let text = Draft::of(f).text()?;
        let letters = text.chars().count();
        Some(text.chars().take(1 + d.below(letters - 2)).collect())
    }),
    visible("leave a merge conflict behind", |f, d| {
        let text = Draft::of(f).text()?;
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(1 + d.below(lines.len() - 1), "<<<<<<< HEAD");
        Some(lines.join("\n"))
    }),
];
