//! A finding is the same finding after everything that does not matter to callers: that is what accepted findings and
//! waivers by fingerprint rest on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::rules::engine::run_flow;
use crate::rules::testing::{alone, reading_at, settings};

/// The corpus of realistic flows.
static CORPUS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |file| std::fs::read_to_string(file).unwrap();
    let flows = files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "json"));
    flows
        .map(|file| serde_json::from_str(&read(file)).unwrap())
        .collect()
});

fn list<'v>(flow: &'v mut Value, key: &str) -> &'v mut Vec<Value> {
    flow[key].as_array_mut().unwrap()
}

/// Makes a fault, one of several kinds, somewhere.
fn spoil(flow: &mut Value, kind: u8, at: usize) {
    let connectors = list(flow, "connectors");
    let at_connector = at % connectors.len();
    match kind % 9 {
        0 => {
            connectors.remove(at_connector);
        }
        1 => connectors[at_connector]["targetId"] = json!("nowhere"),
        2 => {
            let twin = connectors[at_connector].clone();
            connectors.push(twin);
        }
        3 => {
            let source = connectors[at_connector]["sourceId"].clone();
            connectors.push(json!({"id": "spoilt-loop", "sourceId": source, "targetId": source}));
        }
        4 => {
            let mut other = connectors[at_connector].clone();
            other["id"] = json!("spoilt-case");
            let elements = list(flow, "elements");
            let target = elements[at % elements.len()]["id"].clone();
            other["targetId"] = target;
            list(flow, "connectors").push(other);
        }
        kind => {
            let elements = list(flow, "elements");
            let element = at % elements.len();
            match kind {
                5 => {
                    let twin = elements[element].clone();
                    elements.push(twin);
                }
                6 => elements[element]["type"] = json!("Ivr"),
                7 => {
                    let secrets =
                        json!({"password": "Tr0ub4dor&3-horse", "url": "http://example.com/x"});
                    elements[element]["configuration"] = secrets;
                }
                _ => elements.retain(|element| element["type"] != "End"),
            }
        }
    }
}

/// A way to write a flow otherwise without changing what callers notice.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    ReverseLists,
    ReverseKeys,
    Indent,
    Escape,
    Rename,
    Draw,
}

const WAYS: [Way; 6] = [
    Way::ReverseLists,
    Way::ReverseKeys,
    Way::Indent,
    Way::Escape,
    Way::Rename,
    Way::Draw,
];

/// How a flow is written anew.
#[derive(Debug, Clone)]
struct Anew {
    turn: usize,
    ways: Vec<Way>,
}

impl Anew {
    fn has(&self, way: Way) -> bool {
        self.ways.contains(&way)
    }
}

fn anew() -> impl Strategy<Value = Anew> {
    let ways = prop::sample::subsequence(WAYS.to_vec(), 0..=WAYS.len());
    (ways, 0_usize..40).prop_map(|(ways, turn)| Anew { turn, ways })
}

fn change(flow: &mut Value, how: &Anew) {
    for key in ["elements", "connectors"] {
        let things = list(flow, key);
        let turn = how.turn % things.len().max(1);
        things.rotate_left(turn);
        if how.has(Way::ReverseLists) {
            things.reverse();
        }
        for (nth, thing) in things.iter_mut().enumerate() {
            if how.has(Way::Draw) {
                thing["x"] = json!(nth * 7);
                thing["position"] = json!({"left": nth});
            }
            if let (true, "elements", Some(name)) =
                (how.has(Way::Rename), key, thing["name"].as_str())
            {
                thing["name"] = json!(format!("{name} (new)"));
            }
        }
    }
}

fn write(value: &Value, how: &Anew, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        if how.has(Way::Indent) {
            let _ = write!(out, "\r\n{}", "\t".repeat(depth));
        }
    };
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if how.has(Way::ReverseKeys) {
                members.reverse();
            }
            out.push('{');
            for (nth, (key, value)) in members.into_iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { " ," });
                line(out, depth + 1);
                write(&Value::String(key.clone()), how, depth, out);
                out.push_str(": ");
                write(value, how, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                line(out, depth + 1);
                write(item, how, depth + 1, out);
            }
            out.push(']');
        }
        Value::String(text) if how.has(Way::Escape) => {
            out.push('"');
            for unit in text.encode_utf16() {
                let _ = write!(out, "\\u{unit:04x}");
            }
            out.push('"');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn found(path: &str, text: &str) -> BTreeSet<(String, String)> {
    let findings = run_flow(&alone(&reading_at(path, text)), &settings());
    findings
        .iter()
        .map(|finding| {
            (
                finding.rule.to_string(),
                finding.fingerprint.as_str().to_owned(),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn fingerprints_survive_moves_renames_and_reformatting(
        flow in any::<prop::sample::Index>(),
        faults in prop::collection::vec((any::<u8>(), any::<usize>()), 1..4),
        how in anew(),
    ) {
        let mut flow = flow.get(&CORPUS).clone();
        // Of two elements with one id it matters which comes first, unless nothing tells them apart.
        let (twins, mut faults): (Vec<_>, Vec<_>) = faults.into_iter().partition(|(kind, _)| kind % 9 == 5);
        faults.extend(twins.into_iter().take(1));
        for (kind, at) in faults {
            if !list(&mut flow, "connectors").is_empty() && !list(&mut flow, "elements").is_empty() {
                spoil(&mut flow, kind, at);
            }
        }
        let before = found("flows/before.json", &flow.to_string());
        change(&mut flow, &how);
        let mut text = String::new();
        write(&flow, &how, 0, &mut text);
        let same: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&same, &flow);
        prop_assert_eq!(found("other/after.json", &text), before);
    }
}

/// The property above would hold of rules that find nothing.
#[test]
fn every_kind_of_fault_is_found() {
    let mut rules = BTreeSet::new();
    for flow in CORPUS.iter() {
        for kind in 0..9 {
            let mut spoilt = flow.clone();
            spoil(&mut spoilt, kind, 3);
            rules.extend(
                found("a.json", &spoilt.to_string())
                    .into_iter()
                    .map(|(rule, _)| rule),
            );
        }
    }
    assert!(rules.len() >= 15, "{rules:?}");
}
