//! Flow files as the stories write them: read, changed and written again.

use serde_json::{Value, json};

/// What a generated flow file says. Elements bear the flow's name, so a comparison with another flow shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sketch {
    pub(super) id: String,
    pub(super) version: (u64, u64, u64),
    pub(super) words: u64,
    pub(super) has_queue: bool,
    pub(super) is_broken: bool,
    pub(super) x: u64,
    pub(super) label: u64,
}

impl Sketch {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: (1, 0, 0),
            words: 0,
            has_queue: false,
            is_broken: false,
            x: 0,
            label: 0,
        }
    }

    /// What a file says that [`Self::text`] wrote; `None` of any other.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(bytes).ok()?;
        let id = json["flowId"].as_str()?.to_owned();
        let mut numbers = json["version"]
            .as_str()?
            .split('.')
            .map(|part| part.parse().ok());
        let mut number = || numbers.next()?;
        let elements = json["elements"].as_array()?;
        let menu = elements.iter().find(|element| element["type"] == "IVR")?;
        let words = menu["configuration"]["prompt"]
            .as_str()?
            .strip_prefix("words ")?;
        Some(Self {
            id,
            version: (number()?, number()?, number()?),
            words: words.parse().ok()?,
            has_queue: elements.iter().any(|element| element["type"] == "Queue"),
            is_broken: json["connectors"].to_string().contains("nowhere"),
            x: menu["x"].as_u64()?,
            label: json["connectors"].as_array()?.last()?["label"]
                .as_str()?
                .strip_prefix("way ")?
                .parse()
                .ok()?,
        })
    }

    pub(super) fn text(&self) -> String {
        let Self {
            id,
            version: (major, minor, patch),
            words,
            ..
        } = self;
        let mut elements = vec![
            json!({"id": format!("b-{id}"), "type": "Begin", "configuration": {}}),
            json!({"id": format!("m-{id}"), "type": "IVR", "configuration": {"prompt": format!("words {words}"), "timeout": 5}, "x": self.x}),
        ];
        let mut connectors =
            vec![json!({"id": "1", "sourceId": format!("b-{id}"), "targetId": format!("m-{id}")})];
        let last = if self.has_queue {
            elements.push(json!({"id": format!("q-{id}"), "type": "Queue", "configuration": {"queue": "billing"}}));
            connectors.push(
                json!({"id": "2", "sourceId": format!("m-{id}"), "targetId": format!("q-{id}")}),
            );
            "q"
        } else {
            "m"
        };
        elements.push(json!({"id": format!("e-{id}"), "type": "End", "configuration": {}}));
        let end = if self.is_broken {
            "nowhere".to_owned()
        } else {
            format!("e-{id}")
        };
        connectors.push(json!({"id": "3", "sourceId": format!("{last}-{id}"), "targetId": end, "label": format!("way {}", self.label)}));
        let lines = |items: &[Value]| -> String {
            let lines: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
            lines.join(",\n")
        };
        format!(
            "{{\n  \"flowId\": \"{id}\",\n  \"version\": \"{major}.{minor}.{patch}\",\n  \"elements\": [\n{}\n  ],\n  \"connectors\": [\n{}\n  ]\n}}\n",
            lines(&elements),
            lines(&connectors)
        )
    }
}
