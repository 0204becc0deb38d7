//! Operators that break a flow, or change what callers get.

use serde_json::{Map, Value, json};

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

fn without(mut draft: Draft, connector: usize) -> Option<String> {
    draft.connectors().remove(connector);
    draft.text()
}

/// Calls leave a queue or an agent without a connector too: that is no fault that a graph shows.
fn goes_on(kind: &str) -> bool {
    !matches!(kind, "End" | "Agent" | "Queue")
}

fn drop_only_way_in(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        draft.source(at) != draft.target(at) && draft.incoming(draft.target(at)) == 1
    })?;
    without(draft, at)
}

fn drop_only_way_out(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        let source = draft.source(at);
        goes_on(draft.kind_of(source)) && draft.leaving(source) == 1
    })?;
    without(draft, at)
}

fn drop_one_of_several(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        let source = draft.source(at);
        draft.leaving(source) > 1
            && draft.incoming(draft.target(at)) > 1
            && draft.kind_of(source) != "Conditional"
    })?;
    without(draft, at)
}

fn set(flow: &Value, dice: &mut Dice, list: &str, key: &str, value: Value) -> Option<String> {
    let mut draft = Draft::of(flow);
    let items = draft.flow[list].as_array_mut()?;
    let at = dice.below(items.len());
    items[at][key] = value;
    draft.text()
}

fn remove_key(flow: &Value, dice: &mut Dice, list: &str, key: &str) -> Option<String> {
    let mut draft = Draft::of(flow);
    let items = draft.flow[list].as_array_mut()?;
    let at = dice.below(items.len());
    items[at].as_object_mut()?.remove(key)?;
    draft.text()
}

fn same_id(flow: &Value, dice: &mut Dice, list: &str) -> Option<String> {
    let mut draft = Draft::of(flow);
    let items = draft.flow[list].as_array_mut()?;
    let from = dice.below(items.len());
    let to = dice.place(items.len(), |at| at != from)?;
    items[to]["id"] = items[from]["id"].clone();
    draft.text()
}

fn copy_connector(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.below(draft.connector_count());
    let mut copy = draft.connectors()[at].clone();
    copy["id"] = json!("a-copy");
    draft.connectors().push(copy);
    draft.text()
}

fn retarget(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        draft.incoming(draft.target(at)) > 1
    })?;
    let to = dice.place(draft.element_count(), |to| {
        let id = draft.id(to);
        draft.kind(to) != "Begin" && id != draft.target(at) && id != draft.source(at)
    })?;
    let to = draft.id(to).to_owned();
    draft.connectors()[at]["targetId"] = json!(to);
    draft.text()
}

fn misspell(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.below(draft.element_count());
    let kind = draft.kind(at).to_owned();
    let wrong = [
        kind.to_lowercase(),
        format!("{kind}s"),
        kind[1..].to_owned(),
        format!("{kind} "),
    ];
    draft.elements()[at]["type"] = json!(wrong[dice.below(wrong.len())]);
    draft.text()
}

/// Words for all other cases, in the languages of the corpus, and the second of two that leave no other.
const DEFAULTS: [&str; 11] = [
    "default",
    "else",
    "otherwise",
    "anything else",
    "none of these",
    "sonst",
    "sinon",
    "それ以外",
    "no",
    "non",
    "false",
];

fn remove_default(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        draft.kind_of(draft.source(at)) == "Conditional"
            && draft.leaving(draft.source(at)) > 1
            && draft
                .said(at)
                .is_some_and(|(_, said)| DEFAULTS.contains(&said))
    })?;
    without(draft, at)
}

fn cut(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.element_count(), |at| goes_on(draft.kind(at)))?;
    let id = draft.id(at).to_owned();
    draft
        .connectors()
        .retain(|connector| connector["sourceId"] != id.as_str());
    draft.text()
}

fn trap(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.element_count(), |at| goes_on(draft.kind(at)))?;
    let id = draft.id(at).to_owned();
    for connector in draft.connectors() {
        if connector["sourceId"] == id.as_str() {
            connector["targetId"] = json!("trap");
        }
    }
    draft
        .elements()
        .push(json!({"id": "trap", "type": "IVR", "name": "Please listen",
        "configuration": {"prompt": "Please listen again.", "timeoutSeconds": 3}}));
    draft.connect("trap", &id, "finished");
    draft.text()
}

fn swap(flow: &Value, dice: &mut Dice, at_the_ends: bool) -> Option<String> {
    let mut draft = Draft::of(flow);
    let is_end = |kind: &str| matches!(kind, "Begin" | "End");
    let count = draft.element_count();
    let one = dice.place(count, |at| is_end(draft.kind(at)) == at_the_ends)?;
    let other = dice.place(count, |at| {
        draft.kind(at) != draft.kind(one) && !is_end(draft.kind(at))
    })?;
    let (a, b) = (draft.kind(one).to_owned(), draft.kind(other).to_owned());
    draft.elements()[one]["type"] = json!(b);
    draft.elements()[other]["type"] = json!(a);
    draft.text()
}

fn remove_type(flow: &Value, kind: &str) -> Option<String> {
    let mut draft = Draft::of(flow);
    while let Some(at) = (0..draft.element_count()).find(|&at| draft.kind(at) == kind) {
        let id = draft.id(at).to_owned();
        draft.elements().remove(at);
        draft.connectors().retain(|connector| {
            connector["sourceId"] != id.as_str() && connector["targetId"] != id.as_str()
        });
    }
    draft.text()
}

/// Where an announcement, a look-up or the like leads to an End and nowhere else, callers are left there without it.
fn remove_ends(flow: &Value, handed_over: bool) -> Option<String> {
    let draft = Draft::of(flow);
    let leads_elsewhere = |id: &str| {
        (0..draft.connector_count())
            .any(|at| draft.source(at) == id && draft.kind_of(draft.target(at)) != "End")
    };
    let left_alone = (0..draft.element_count())
        .any(|at| goes_on(draft.kind(at)) && !leads_elsewhere(draft.id(at)));
    (left_alone != handed_over).then(|| remove_type(flow, "End"))?
}

fn remove_element(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.below(draft.element_count());
    draft.elements().remove(at);
    draft.text()
}

fn add_begin(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let to = dice.place(draft.element_count(), |at| draft.kind(at) != "Begin")?;
    let to = draft.id(to).to_owned();
    draft.elements().push(
        json!({"id": "second", "type": "Begin", "name": "Calls come in here too",
        "configuration": {}}),
    );
    draft.connect("second", &to, "");
    draft.text()
}

fn add_orphan(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let end = dice.place(draft.element_count(), |at| draft.kind(at) == "End")?;
    let end = draft.id(end).to_owned();
    draft
        .elements()
        .push(json!({"id": "orphan", "type": "IVR", "name": "Orphan",
        "configuration": {"prompt": "Hello.", "timeoutSeconds": 3}}));
    draft.connect("orphan", &end, "finished");
    draft.text()
}

fn lead_to_begin(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let begin = dice.place(draft.element_count(), |at| draft.kind(at) == "Begin")?;
    let begin = draft.id(begin).to_owned();
    let from = dice.below(draft.connector_count());
    let from = draft.source(from).to_owned();
    draft.connect(&from, &begin, "start again");
    draft.text()
}

fn lead_on_from_end(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let end = dice.place(draft.element_count(), |at| draft.kind(at) == "End")?;
    let to = dice.place(draft.element_count(), |at| {
        !matches!(draft.kind(at), "End" | "Begin")
    })?;
    let (end, to) = (draft.id(end).to_owned(), draft.id(to).to_owned());
    draft.connect(&end, &to, "");
    draft.text()
}

fn break_version(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let broken = [
        json!("latest"),
        json!("1.2"),
        json!(""),
        json!(null),
        json!(3),
        json!({"major": 1}),
        json!("1.02.3"),
    ];
    draft.flow["version"] = broken[dice.below(broken.len())].clone();
    draft.text()
}

fn remove_part(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let part = ["flowId", "version", "elements", "connectors"][dice.below(4)];
    draft.flow.as_object_mut()?.remove(part)?;
    draft.text()
}

/// Two ways of a menu or decision, to two places, with one case on both.
fn same_case(flow: &Value, dice: &mut Dice, in_a_condition: bool) -> Option<String> {
    let mut draft = Draft::of(flow);
    let count = draft.connector_count();
    let fits: Vec<bool> = (0..count)
        .map(|at| {
            draft
                .said(at)
                .is_some_and(|(key, _)| (key != "label") == in_a_condition)
                && matches!(draft.kind_of(draft.source(at)), "IVR" | "Conditional")
        })
        .collect();
    let has_twin = |from: usize, to: usize| {
        fits[to] && draft.source(to) == draft.source(from) && draft.target(to) != draft.target(from)
    };
    let from = dice.place(count, |from| {
        fits[from] && (0..count).any(|to| has_twin(from, to))
    })?;
    let to = dice.place(count, |to| has_twin(from, to))?;
    let (key, said) = draft.said(from).map(|(key, said)| (key, said.to_owned()))?;
    draft.connectors()[to][key] = json!(said);
    draft.text()
}
