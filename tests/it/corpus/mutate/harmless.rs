//! Operators that change nothing for callers, or only add what is fine.

use flowgate_core::flow::format::format;
use flowgate_core::text::SourceText;
use serde_json::{Value, json};

use super::{Dice, Draft, Operator, Seen};

const fn operator(name: &'static str, apply: fn(&Value, &mut Dice) -> Option<String>) -> Operator {
    Operator {
        name,
        seen: Seen::OnlyInTheDelta("callers notice nothing"),
        apply,
    }
}

/// All of them.
pub(in super::super) const HARMLESS: &[Operator] = &[
    operator("rename all ids consistently", rename),
    operator("reorder elements and connectors", reorder),
    operator("move everything on the canvas", shift),
    operator("add a valid branch", add_branch),
    operator("put an announcement in between", put_between),
    operator("write it in one line", |flow, _| Some(flow.to_string())),
    operator("format it", |flow, _| {
        let path = "flows/flow.json".parse().ok()?;
        format(&SourceText::new(path, flow.to_string())).ok()
    }),
    operator("indent it", |flow, _| Draft::of(flow).text()),
    operator("turn the order of keys around", |flow, _| {
        Some(backwards(flow))
    }),
    operator("escape every letter of every text", |flow, _| {
        Some(escaped(flow))
    }),
    operator("write the version the other way", other_version),
];

fn rename(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let salt = dice.below(1_000_000);
    let new = |old: &Value| json!(format!("renamed-{salt}-{}", old.as_str().unwrap()));
    for element in draft.elements() {
        element["id"] = new(&element["id"]);
    }
    for connector in draft.connectors() {
        for key in ["id", "sourceId", "targetId"] {
            connector[key] = new(&connector[key]);
        }
    }
    draft.text()
}

fn reorder(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    dice.shuffle(draft.elements());
    dice.shuffle(draft.connectors());
    draft.text()
}

fn shift(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    for element in draft.elements() {
        element["x"] = json!(dice.below(4000));
        element["y"] = json!(dice.below(4000));
    }
    draft.text()
}

fn add_branch(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let menu = dice.place(draft.element_count(), |at| {
        draft.kind(at) == "IVR" && draft.leaving(draft.id(at)) > 2
    })?;
    let end = dice.place(draft.element_count(), |at| draft.kind(at) == "End")?;
    // A way that nobody is told of is worth a note: callers are told of this one.
    draft.elements()[menu]["configuration"]["announcement"] = json!("Press 8 to end the call.");
    let (menu, end) = (draft.id(menu).to_owned(), draft.id(end).to_owned());
    draft.connect(&menu, &end, "press 8");
    draft.text()
}

fn put_between(flow: &Value, dice: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let at = dice.below(draft.connector_count());
    let target = draft.target(at).to_owned();
    draft.connectors()[at]["targetId"] = json!("new-announcement");
    draft.elements().push(json!({
        "id": "new-announcement", "type": "IVR", "name": "One moment",
        "configuration": {"prompt": "One moment, please.", "timeoutSeconds": 2}
    }));
    draft.connect("new-announcement", &target, "finished");
    draft.text()
}

fn other_version(flow: &Value, _: &mut Dice) -> Option<String> {
    let mut draft = Draft::of(flow);
    let version = &flow["version"];
    draft.flow["version"] = if let Some(text) = version.as_str() {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        let numbers = numbers.ok()?;
        json!({"major": numbers[0], "minor": numbers[1], "patch": numbers[2]})
    } else {
        json!(format!(
            "{}.{}.{}",
            version["major"], version["minor"], version["patch"]
        ))
    };
    draft.text()
}

/// The same JSON, the keys of every object from last to first.
fn backwards(value: &Value) -> String {
    written(value, &|text| Value::from(text).to_string())
}

fn escaped(value: &Value) -> String {
    written(value, &|text| {
        let units: Vec<String> = text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        format!("\"{}\"", units.concat())
    })
}

fn written(value: &Value, text: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:{}", text(key), written(value, text)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| written(item, text));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Value::String(content) => text(content),
        other => other.to_string(),
    }
}
