//! What may happen to a flow file, by accident or on purpose: operators that break flows, and such that do not. Each
//! makes the text of a mutant from a flow and a seeded die, so that every run makes the same ones.

mod content;
mod harmful;
mod harmless;

use serde_json::{Value, json};

pub(super) use self::content::CONTENT;
pub(super) use self::harmful::HARMFUL;
pub(super) use self::harmless::HARMLESS;

/// Whether the mutant alone shows the fault.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    /// It does: a rule must find it.
    ByRules,
    /// It does, and callers hardly notice: a rule must make a note of it.
    AsANote,
    /// It does not, and why: only the comparison with the flow before shows it to a reviewer.
    OnlyInTheDelta(&'static str),
}

/// One thing that may happen to a flow file.
pub(super) struct Operator {
    pub name: &'static str,
    pub seen: Seen,
    /// The mutant's text; `None` where this flow has no place for it.
    pub apply: fn(&Value, &mut Dice) -> Option<String>,
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(operator: &str, flow: &str) -> Self {
        let bytes = operator.bytes().chain(flow.bytes());
        Self(bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        }))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % limit as u64).unwrap()
    }

    /// One of the places where `wanted` holds.
    fn place(&mut self, limit: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let places: Vec<usize> = (0..limit).filter(|&at| wanted(at)).collect();
        (!places.is_empty()).then(|| places[self.below(places.len())])
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A flow while it is being broken.
#[derive(Clone)]
struct Draft {
    flow: Value,
}

impl Draft {
    fn of(flow: &Value) -> Self {
        Self { flow: flow.clone() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the last word of every operator")]
    fn text(&self) -> Option<String> {
        Some(serde_json::to_string_pretty(&self.flow).unwrap())
    }

    fn elements(&mut self) -> &mut Vec<Value> {
        self.flow["elements"].as_array_mut().unwrap()
    }

    fn connectors(&mut self) -> &mut Vec<Value> {
        self.flow["connectors"].as_array_mut().unwrap()
    }

    fn element_count(&self) -> usize {
        self.flow["elements"].as_array().unwrap().len()
    }

    fn connector_count(&self) -> usize {
        self.flow["connectors"].as_array().unwrap().len()
    }

    fn id(&self, element: usize) -> &str {
        self.flow["elements"][element]["id"].as_str().unwrap()
    }

    fn kind(&self, element: usize) -> &str {
        self.flow["elements"][element]["type"].as_str().unwrap()
    }

    fn source(&self, connector: usize) -> &str {
        self.flow["connectors"][connector]["sourceId"]
            .as_str()
            .unwrap()
    }

    fn target(&self, connector: usize) -> &str {
        self.flow["connectors"][connector]["targetId"]
            .as_str()
            .unwrap()
    }

    fn kind_of(&self, id: &str) -> &str {
        let at = (0..self.element_count()).find(|&at| self.id(at) == id);
        self.kind(at.unwrap())
    }

    /// Whatever is written on a connector.
    fn said(&self, connector: usize) -> Option<(&'static str, &str)> {
        ["label", "condition", "outcome", "on"]
            .into_iter()
            .find_map(|key| {
                let text = self.flow["connectors"][connector].get(key)?.as_str()?;
                Some((key, text))
            })
    }

    fn leaving(&self, id: &str) -> usize {
        (0..self.connector_count())
            .filter(|&at| self.source(at) == id)
            .count()
    }

    /// Connectors that come from elsewhere.
    fn incoming(&self, id: &str) -> usize {
        (0..self.connector_count())
            .filter(|&at| self.target(at) == id && self.source(at) != id)
            .count()
    }

    fn connect(&mut self, source: &str, target: &str, label: &str) {
        let connector =
            json!({"id": "new-connector", "sourceId": source, "targetId": target, "label": label});
        self.connectors().push(connector);
    }
}
