//! Pictures of a flow for mermaid: the changed part for GitHub's comment, the whole for `flowgate graph`.
//!
//! Node ids are ours (`n0`, `n1` …), labels are escaped, no directive comes from a flow. Past what GitHub draws well
//! there is no picture at all: a table says it better.

use std::fmt::Write as _;

use super::chart::{Chart, Look, Part};
use super::safe;
use crate::delta::Delta;
use crate::flow::FlowView;
use crate::redact::Redactor;

/// What mermaid draws at most, unless its settings say otherwise: ways, and characters of the whole text.
const MERMAID_EDGES: usize = 500;
const MERMAID_CHARACTERS: usize = 50_000;

const MOST_EDGES: usize = 150;
const MOST_BYTES: usize = 20_000;

/// What is different and its neighbours, and how many boxes that are; `None` where nothing is, or where it is too much for
/// a picture.
pub(super) fn changed_part<'a>(
    old: &FlowView<'a>,
    new: &FlowView<'a>,
    delta: &'a Delta,
    redactor: &Redactor,
) -> Option<(String, usize)> {
    let chart = Chart::of(old, new, delta, Part::Changed, MOST_EDGES)?;
    let (out, boxes) = (draw(&chart, redactor), chart.nodes.len());
    (out.len() <= MOST_BYTES && boxes <= MOST_EDGES).then_some((out, boxes))
}

/// The whole chart, where mermaid can draw it; else the part of it that is different; else a picture that says that it is
/// too large.
pub(super) fn whole<'a>(
    [old, new]: [&FlowView<'a>; 2],
    delta: &'a Delta,
    redactor: &Redactor,
) -> String {
    let chart = Chart::of(old, new, delta, Part::Whole, usize::MAX).unwrap_or_default();
    let fits = |chart: &Chart<'_>, text: &str| {
        chart.edges.len() <= MERMAID_EDGES && text.chars().count() <= MERMAID_CHARACTERS
    };
    let all = draw(&chart, redactor);
    if fits(&chart, &all) {
        return all;
    }
    let changed = Chart::of(old, new, delta, Part::Changed, MERMAID_EDGES);
    let changed = changed.map(|part| (draw(&part, redactor), part));
    match changed {
        Some((text, part)) if fits(&part, &text) => text.replacen(
            "flowchart LR\n",
            "%% only the changed part: the whole is too large for mermaid\nflowchart LR\n",
            1,
        ),
        _ => format!(
            "flowchart LR\n  n0[\"{} elements and {} ways: too large for a mermaid picture, which holds {MERMAID_EDGES} ways; ask for the page (html)\"]\n",
            chart.nodes.len(),
            chart.edges.len()
        ),
    }
}

/// The chart as mermaid text.
pub(super) fn draw(chart: &Chart<'_>, redactor: &Redactor) -> String {
    let label = |text: &str| safe::label(&redactor.of_flow(&safe::line(text)));
    let numbers = chart.numbers();
    let mut out = String::from("flowchart LR\n");
    for (number, node) in chart.nodes.iter().enumerate() {
        let name = label(&node.name);
        let _ = writeln!(out, "  n{number}[\"{name}\"]:::{}", node.look.class());
    }
    let mut broken = Vec::new();
    for (index, edge) in chart.edges.iter().enumerate() {
        let (from, to) = (numbers[edge.source], numbers[edge.target]);
        if edge.look != Look::Gone && chart.nodes[to].look == Look::Missing {
            broken.push(index.to_string());
        }
        let arrow = match edge.look {
            Look::New => "==>",
            Look::Gone => "-.-x",
            _ => "-->",
        };
        let _ = writeln!(out, "  n{from} {arrow}|\"{}\"| n{to}", label(&edge.label));
    }
    if !broken.is_empty() {
        let _ = writeln!(out, "  linkStyle {} stroke:#cf222e", broken.join(","));
    }
    out.push_str(
        "  classDef same fill:#f6f8fa,stroke:#8c959f,color:#1f2328\n  \
         classDef changed fill:#fff8c5,stroke:#9a6700,color:#1f2328\n  \
         classDef new fill:#dafbe1,stroke:#1a7f37,color:#1f2328\n  \
         classDef gone fill:#f6f8fa,stroke:#8c959f,color:#59636e,stroke-dasharray:4\n  \
         classDef missing fill:#ffebe9,stroke:#cf222e,color:#1f2328\n",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::ChangeKind;
    use crate::flow::ElementTypes;
    use crate::report::fixture;

    #[test]
    fn labels_of_a_hostile_flow_stay_labels() {
        let review = fixture::hostile();
        let flow = &review.flows[0];
        let (old, new) = (
            FlowView::new(flow.baseline.flow().unwrap(), &flow.types),
            FlowView::new(flow.flow().unwrap(), &flow.types),
        );
        let delta = flow.delta.as_deref().unwrap();
        let (picture, _) = changed_part(&old, &new, delta, &Redactor::default()).unwrap();
        let is_ours = |line: &str| {
            line == "flowchart LR"
                || line.starts_with("  classDef ")
                || line.starts_with("  linkStyle ")
                || (line.starts_with("  n") && line.matches('"').count() == 2)
        };
        assert!(picture.lines().all(is_ours), "{picture}");
        assert!(!picture.contains("%%"), "{picture}");
    }

    #[test]
    fn too_much_is_no_picture() {
        let ways: Vec<String> = (0..=MOST_EDGES)
            .map(|n| format!(r#"{{"sourceId": "a", "targetId": "b", "label": "{n}"}}"#))
            .collect();
        let text = format!(
            r#"{{"elements": [{{"id": "a", "type": "IVR"}}, {{"id": "b", "type": "End"}}], "connectors": [{}]}}"#,
            ways.join(",")
        );
        let flow = fixture::flow("a.json", &text);
        let modified = fixture::change(fixture::element("a"), "a", ChangeKind::Modified, &[]);
        let delta = Delta {
            changes: vec![modified],
        };
        let view = FlowView::new(&flow, &ElementTypes::default());
        assert_eq!(
            changed_part(&view, &view, &delta, &Redactor::default()),
            None
        );
    }
}
