//! What the operators do to a flow; `None` where it has no place for that.

use serde_json::{Value, json};

use super::{Dice, Draft};

fn without(mut draft: Draft, connector: usize) -> Option<String> {
    draft.connectors().remove(connector);
    draft.text()
}

/// Calls leave a queue or an agent without a connector too: that is no fault that a graph shows.
fn goes_on(kind: &str) -> bool {
    !matches!(kind, "End" | "Agent" | "Queue")
}

pub(super) fn drop_only_way_in(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        draft.source(at) != draft.target(at) && draft.incoming(draft.target(at)) == 1
    })?;
    without(draft, at)
}

pub(super) fn drop_only_way_out(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        let source = draft.source(at);
        goes_on(draft.kind_of(source)) && draft.leaving(source) == 1
    })?;
    without(draft, at)
}

pub(super) fn drop_one_of_several(flow: &Value, dice: &mut Dice) -> Option<String> {
    let draft = Draft::of(flow);
    let at = dice.place(draft.connector_count(), |at| {
        let source = draft.source(at);
        draft.leaving(source) > 1
            && draft.incoming(draft.target(at)) > 1
            && draft.kind_of(source) != "Conditional"
    })?;
    without(draft, at)
}

pub(super) fn set(
    flow: &Value,
    dice: &mut Dice,
    list: &str,
    key: &str,
    value: Value,
) -> Option<String> {
    let mut draft = Draft::of(flow);
    let items = draft.flow[list].as_array_mut()?;
    let at = dice.below(items.len());
    items[at][key] = value;
    draft.text()
}

pub(super) fn remove_key(flow: &Value, dice: &mut Dice, list: &str, key: &str) -> Option<String> {
    let mut draft = Draft::of(flow);
    let items = draft.flow[list].as_array_mut()?;
    let at = dice.below(items.len());
    items[at].as_object_mut()?.remove(key)?;
    draft.text()
}

pub(super) fn same_id(flow: &Value, dice: &mut Dice, list: &str) -> Option<String> {
    let mut draft = Draft::of(flow);
    let items = draft.flow[list].as_array_mut()?;
    let from = dice.below(items.len());
    let to = dice.place(items.len(), |at| at != from)?;
    items[to]["id"] = items[from]["id"].clone();
    draft.text()
}

pub(super) fn copy_connector(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.below(draft.connector_count());
    let mut copy = draft.connectors()[at].clone();
    copy["id"] = json!("a-copy");
    draft.connectors().push(copy);
    draft.text()
}

pub(super) fn retarget(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn misspell(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn remove_default(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn cut(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.place(draft.element_count(), |at| goes_on(draft.kind(at)))?;
    let id = draft.id(at).to_owned();
    draft
        .connectors()
        .retain(|connector| connector["sourceId"] != id.as_str());
    draft.text()
}

pub(super) fn trap(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn swap(flow: &Value, dice: &mut Dice, at_the_ends: bool) -> Option<String> {
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

pub(super) fn remove_type(flow: &Value, kind: &str) -> Option<String> {
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
pub(super) fn remove_ends(flow: &Value, handed_over: bool) -> Option<String> {
    let draft = Draft::of(flow);
    let leads_elsewhere = |id: &str| {
        (0..draft.connector_count())
            .any(|at| draft.source(at) == id && draft.kind_of(draft.target(at)) != "End")
    };
    let left_alone = (0..draft.element_count())
        .any(|at| goes_on(draft.kind(at)) && !leads_elsewhere(draft.id(at)));
    (left_alone != handed_over).then(|| remove_type(flow, "End"))?
}

pub(super) fn remove_element(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.below(draft.element_count());
    draft.elements().remove(at);
    draft.text()
}

pub(super) fn add_begin(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn add_orphan(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn lead_to_begin(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let begin = dice.place(draft.element_count(), |at| draft.kind(at) == "Begin")?;
    let begin = draft.id(begin).to_owned();
    let from = dice.below(draft.connector_count());
    let from = draft.source(from).to_owned();
    draft.connect(&from, &begin, "start again");
    draft.text()
}

pub(super) fn lead_on_from_end(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let end = dice.place(draft.element_count(), |at| draft.kind(at) == "End")?;
    let to = dice.place(draft.element_count(), |at| {
        !matches!(draft.kind(at), "End" | "Begin")
    })?;
    let (end, to) = (draft.id(end).to_owned(), draft.id(to).to_owned());
    draft.connect(&end, &to, "");
    draft.text()
}

pub(super) fn break_version(flow: &Value, dice: &mut Dice) -> Option<String> {
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

pub(super) fn remove_part(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let part = ["flowId", "version", "elements", "connectors"][dice.below(4)];
    draft.flow.as_object_mut()?.remove(part)?;
    draft.text()
}

/// Two ways of a menu or decision, to two places, with one case on both.
pub(super) fn same_case(flow: &Value, dice: &mut Dice, in_a_condition: bool) -> Option<String> {
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
