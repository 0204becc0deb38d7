//! A picture of the changed part of a flow, for GitHub's mermaid.
//!
//! Node ids are ours (`n0`, `n1` …), labels are escaped, no directive comes from a flow. Past what GitHub draws well
//! there is no picture at all: a table says it better.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::safe;
use super::view::{View, label_or_nth};
use crate::delta::{ChangeKind, Delta, Subject};
use crate::ids::ElementId;
use crate::redact::Redactor;

const MOST_EDGES: usize = 150;
const MOST_BYTES: usize = 20_000;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Same,
    Changed,
    New,
    Gone,
    Missing,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Look::Same => "same",
            Look::Changed => "changed",
            Look::New => "new",
            Look::Gone => "gone",
            Look::Missing => "missing",
        }
    }
}

/// What is different and its neighbours; `None` where nothing is, or where it is too much for a picture.
pub(super) fn changed_part(
    old: &View<'_>,
    new: &View<'_>,
    delta: &Delta,
    redactor: &Redactor,
) -> Option<String> {
    let looks = looks(old, new, delta);
    let centre: BTreeSet<&ElementId> = looks.keys().copied().collect();
    let mut edges: BTreeSet<(&ElementId, String, &ElementId, Look)> = BTreeSet::new();
    let mut add = |view: &View<'_>, other: &View<'_>, odd: Look| -> Option<()> {
        for element in view.flow.elements() {
            for (nth, connector) in view.exits(&element.id).iter().enumerate() {
                if !centre.contains(&connector.source) && !centre.contains(&connector.target) {
                    continue;
                }
                let label = label_or_nth(view.flow, connector, nth);
                let both = other
                    .exits(&element.id)
                    .iter()
                    .enumerate()
                    .any(|(nth, twin)| {
                        twin.target == connector.target
                            && label_or_nth(other.flow, twin, nth) == label
                    });
                let (Some(source), Some(target)) = (
                    place(old, new, &connector.source),
                    place(old, new, &connector.target),
                ) else {
                    continue;
                };
                match (both, odd) {
                    (true, Look::New) => edges.insert((source, label, target, Look::Same)),
                    (true, _) => false,
                    (false, odd) => edges.insert((source, label, target, odd)),
                };
                if edges.len() > MOST_EDGES {
                    return None;
                }
            }
        }
        Some(())
    };
    add(new, old, Look::New)?;
    add(old, new, Look::Gone)?;
    if centre.is_empty() {
        return None;
    }
    let ends = edges
        .iter()
        .flat_map(|(source, _, target, _)| [*source, *target]);
    let nodes: BTreeSet<&ElementId> = ends.chain(centre.iter().copied()).collect();
    let number: BTreeMap<&ElementId, usize> = nodes.iter().copied().zip(0..).collect();
    let mut out = String::from("flowchart LR\n");
    for (id, number) in &number {
        let look = looks.get(id).copied().unwrap_or(Look::Same);
        let name = new.name(id).or_else(|| old.name(id));
        let name = match (look, name) {
            (Look::Missing, _) | (_, None) => format!("? {id}"),
            (_, Some(name)) => name,
        };
        let name = safe::label(&redactor.text(&safe::line(&name)));
        let _ = writeln!(out, "  n{number}[\"{name}\"]:::{}", look.class());
    }
    let mut broken = Vec::new();
    for (index, (source, label, target, look)) in edges.iter().enumerate() {
        if *look != Look::Gone && looks.get(target) == Some(&Look::Missing) {
            broken.push(index.to_string());
        }
        let label = safe::label(&redactor.text(&safe::line(label)));
        let (from, to) = (number.get(source)?, number.get(target)?);
        let arrow = match look {
            Look::New => "==>",
            Look::Gone => "-.-x",
            _ => "-->",
        };
        let _ = writeln!(out, "  n{from} {arrow}|\"{label}\"| n{to}");
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
    (out.len() <= MOST_BYTES && nodes.len() <= MOST_EDGES).then_some(out)
}

/// An id that lives as long as the flows do.
fn place<'a>(old: &View<'a>, new: &View<'a>, id: &ElementId) -> Option<&'a ElementId> {
    let own = |view: &View<'a>| view.flow.element(id).map(|element| &element.id);
    let end = |view: &View<'a>| {
        let connectors = view.flow.connectors().iter();
        let mut ends = connectors.flat_map(|connector| [&connector.source, &connector.target]);
        ends.find(|end| *end == id)
    };
    own(new)
        .or_else(|| own(old))
        .or_else(|| end(new))
        .or_else(|| end(old))
}

/// How each element that is not simply the same looks.
fn looks<'a>(old: &View<'a>, new: &View<'a>, delta: &'a Delta) -> BTreeMap<&'a ElementId, Look> {
    let mut looks = BTreeMap::new();
    for change in &delta.changes {
        match (&change.subject, change.change) {
            (_, ChangeKind::Moved) => {}
            (Subject::Element(id), ChangeKind::Added) => {
                looks.insert(id, Look::New);
            }
            (Subject::Element(id), ChangeKind::Removed) => {
                looks.insert(id, Look::Gone);
            }
            (Subject::Element(id), ChangeKind::Modified) => {
                looks.insert(id, Look::Changed);
            }
            (Subject::Connector(id), _) => {
                for view in [new, old] {
                    if let Some(connector) = view.connector(id) {
                        looks.entry(&connector.source).or_insert(Look::Changed);
                    }
                }
            }
            (Subject::NthConnector { source, .. }, _) => {
                looks.entry(source).or_insert(Look::Changed);
            }
        }
    }
    let missing: Vec<&ElementId> = new
        .flow
        .connectors()
        .iter()
        .filter(|connector| looks.contains_key(&connector.source))
        .map(|connector| &connector.target)
        .filter(|target| !new.has(target))
        .collect();
    for target in missing {
        looks.entry(target).or_insert(Look::Missing);
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn labels_of_a_hostile_flow_stay_labels() {
        let review = fixture::hostile();
        let flow = &review.flows[0];
        let (old, new) = (
            View::new(flow.baseline.flow().unwrap()),
            View::new(flow.head.as_ref().unwrap()),
        );
        let delta = flow.delta.as_deref().unwrap();
        let picture = changed_part(&old, &new, delta, &Redactor::default()).unwrap();
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
        let view = View::new(&flow);
        assert_eq!(
            changed_part(&view, &view, &delta, &Redactor::default()),
            None
        );
    }
}
