//! Which finding follows from which, by the written precedence. What is silent there does not raise at all; the rest is
//! linked here, by [`link`].
//!
#![doc = include_str!("cascade.md")]

use std::cmp::Reverse;
use std::collections::HashMap;

use super::broken::{Broken, Side};
use super::context::{ChangeContext, FlowContext};
use crate::finding::{Finding, Fingerprint};
use crate::flow::ElementType;
use crate::flow::json::Value;
use crate::ids::ElementId;
use crate::text::Span;

/// Links findings of one flow to the findings they follow from.
pub(super) fn link(
    findings: &mut [Finding],
    flow: &FlowContext<'_>,
    change: Option<&ChangeContext<'_>>,
) {
    // Almost all flows have nothing to link.
    if findings.len() < 2 {
        return;
    }
    let index = Index::new(findings);
    // From effect to cause; the first link of an effect counts.
    let mut links: Vec<(usize, usize)> = Vec::new();
    links.extend(broken_connectors(&index, flow));
    links.extend(lost_ends(&index, flow, change));
    links.extend(unreachable(&index, flow));
    links.extend(no_way_out(&index, flow));
    links.extend(wrong_connectors(&index));
    links.extend(
        [
            ("version-exists", "version-not-increased"),
            ("history-unknown", "baseline-unavailable"),
        ]
        .into_iter()
        .filter_map(|(effect, cause)| Some((index.first(effect)?, index.first(cause)?))),
    );
    for (effect, cause) in links {
        if effect != cause && findings[effect].cause.is_none() {
            findings[effect].cause = Some(findings[cause].fingerprint.clone());
        }
    }
    flatten(findings);
}

/// Finds findings by what they are about.
struct Index {
    by_place: HashMap<(&'static str, Span), usize>,
    by_element: HashMap<(&'static str, ElementId), usize>,
    by_rule: HashMap<&'static str, Vec<usize>>,
    spans: Vec<Span>,
}

impl Index {
    fn new(findings: &[Finding]) -> Self {
        let mut by_place = HashMap::new();
        let mut by_element = HashMap::new();
        let mut by_rule: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, finding) in findings.iter().enumerate() {
            let rule = finding.rule.as_str();
            by_place.entry((rule, finding.location.span)).or_insert(at);
            if let Some(id) = &finding.element {
                by_element.entry((rule, id.clone())).or_insert(at);
            }
            by_rule.entry(rule).or_default().push(at);
        }
        Self {
            by_place,
            by_element,
            by_rule,
            spans: findings
                .iter()
                .map(|finding| finding.location.span)
                .collect(),
        }
    }

    fn about(&self, rule: &'static str, id: &ElementId) -> Option<usize> {
        self.by_element.get(&(rule, id.clone())).copied()
    }

    fn all(&self, rule: &'static str) -> &[usize] {
        self.by_rule.get(rule).map_or(&[], Vec::as_slice)
    }

    fn first(&self, rule: &'static str) -> Option<usize> {
        self.all(rule).first().copied()
    }

    fn broken(&self, broken: &Broken) -> Option<usize> {
        let rule = match broken.side {
            Side::Source => "connector-missing-source",
            Side::Target => "connector-missing-target",
        };
        self.by_place.get(&(rule, broken.span)).copied()
    }
}

/// Connectors with a missing end: from the Begin or End that was removed, from an element whose id could not be read,
/// or from the first connector that names the same id.
fn broken_connectors(index: &Index, flow: &FlowContext<'_>) -> Vec<(usize, usize)> {
    let nameless = nameless_elements(index, flow);
    let lost = lost_ids(flow, nameless.len());
    let mut first: HashMap<&ElementId, usize> = HashMap::new();
    let mut links = Vec::new();
    for broken in flow.broken() {
        let Some(effect) = index.broken(broken) else {
            continue;
        };
        let before = *first.entry(&broken.missing).or_insert(effect);
        let removed = index.about("immutable-element-changed", &broken.missing);
        let nameless = nameless.first().filter(|_| lost.contains(&&broken.missing));
        links.push((effect, removed.or(nameless.copied()).unwrap_or(before)));
    }
    links
}

/// The missing ids that are likely those of so many elements without an id: first such that are like no other id, then
/// such that most connectors name. A mistyped id is like another one, and stands once.
fn lost_ids<'f>(flow: &'f FlowContext<'_>, elements: usize) -> Vec<&'f ElementId> {
    if elements == 0 {
        return Vec::new();
    }
    let mut named: Vec<(bool, Reverse<usize>, &ElementId)> = Vec::new();
    let mut at: HashMap<&ElementId, usize> = HashMap::new();
    for broken in flow.broken() {
        let index = *at.entry(&broken.missing).or_insert_with(|| {
            named.push((broken.meant.is_some(), Reverse(0), &broken.missing));
            named.len() - 1
        });
        named[index].1.0 += 1;
    }
    named.sort();
    named
        .into_iter()
        .take(elements)
        .map(|(_, _, id)| id)
        .collect()
}

/// The findings of elements whose own `id` could not be read, one for each.
fn nameless_elements(index: &Index, flow: &FlowContext<'_>) -> Vec<usize> {
    let places = || {
        ["missing-field", "wrong-type"]
            .into_iter()
            .flat_map(|rule| index.all(rule))
    };
    if places().next().is_none() {
        return Vec::new();
    }
    let has_id = |item: &Value<'_>| {
        let id = item.get("id").and_then(Value::as_str);
        id.is_some_and(|id| !id.is_empty())
    };
    let elements = flow.flow.top("elements").into_iter().flat_map(Value::items);
    let found = elements.filter_map(|item| {
        let whole = item.span();
        let inside = |at: &&usize| {
            let span = index.spans[**at];
            whole.start <= span.start && span.end <= whole.end
        };
        let found = (!has_id(&item)).then(|| places().find(inside));
        found.flatten().copied()
    });
    found.collect()
}

/// A Begin or End that was retyped to nothing known, and flows that lost their Begin or End with it.
fn lost_ends(
    index: &Index,
    flow: &FlowContext<'_>,
    change: Option<&ChangeContext<'_>>,
) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    let types = index.all("unsupported-element-type");
    if let (Some(effect), false) = (index.first("no-begin"), types.is_empty()) {
        let meant = flow
            .flow
            .elements()
            .iter()
            .find(|element| super::words::nearest(element.kind.as_str(), ["Begin"]).is_some());
        let cause = meant.and_then(|element| index.about("unsupported-element-type", &element.id));
        links.extend(cause.map(|cause| (effect, cause)));
    }
    let Some(change) = change.filter(|_| index.first("immutable-element-changed").is_some()) else {
        return links;
    };
    for element in change.baseline.elements() {
        let Some(changed) = index.about("immutable-element-changed", &element.id) else {
            continue;
        };
        if let Some(cause) = index.about("unsupported-element-type", &element.id) {
            links.push((changed, cause));
        }
        let lost = match element.kind {
            ElementType::Begin => index.first("no-begin"),
            _ => index.first("no-end"),
        };
        links.extend(lost.map(|lost| (lost, changed)));
    }
    links
}

/// Elements that no call reaches: from the connector that would lead to them, else from one that leads nobody knows
/// where.
fn unreachable(index: &Index, flow: &FlowContext<'_>) -> Vec<(usize, usize)> {
    let effects = index.all("unreachable-element");
    let (Some(graph), false) = (flow.graph(), effects.is_empty()) else {
        return Vec::new();
    };
    let mut leads_here: HashMap<&ElementId, usize> = HashMap::new();
    let mut anywhere = None;
    for broken in flow.broken() {
        let Some(cause) = index.broken(broken) else {
            continue;
        };
        let way = flow.flow.index().way(broken.way);
        match (broken.side, &broken.meant) {
            (Side::Source, _) => {
                leads_here.entry(way.target()).or_insert(cause);
            }
            (Side::Target, Some(meant)) => {
                leads_here.entry(meant).or_insert(cause);
            }
            (Side::Target, None) => {}
        }
    }
    let reached_and_dangling = |id: &ElementId| {
        flow.flow
            .element_index(id)
            .is_some_and(|at| graph.is_reached(at))
    };
    for broken in flow
        .broken()
        .iter()
        .filter(|broken| broken.side == Side::Target)
    {
        let source = flow.flow.index().way(broken.way).source();
        if reached_and_dangling(source) {
            anywhere = index.broken(broken);
            break;
        }
    }
    let ids = flow.flow.elements().iter().map(|element| &element.id);
    ids.filter_map(|id| {
        let effect = index.about("unreachable-element", id)?;
        Some((effect, leads_here.get(id).copied().or(anywhere)?))
    })
    .collect()
}

/// Dead ends and traps.
fn no_way_out(index: &Index, flow: &FlowContext<'_>) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    for broken in flow
        .broken()
        .iter()
        .filter(|broken| broken.side == Side::Source)
    {
        let effect = broken
            .meant
            .as_ref()
            .and_then(|meant| index.about("dead-end", meant));
        links.extend(effect.zip(index.broken(broken)));
    }
    for rule in ["dead-end", "trapped-caller"] {
        for &effect in index.all(rule) {
            links.extend(index.first("no-end").map(|cause| (effect, cause)));
        }
    }
    for at in loops_of_one(flow) {
        let id = &flow.flow.elements()[at].id;
        let trap = index.about("trapped-caller", id);
        links.extend(trap.zip(index.about("self-loop", id)));
    }
    links
}

/// Elements that lead to themselves and nowhere else.
fn loops_of_one(flow: &FlowContext<'_>) -> Vec<usize> {
    let Some(graph) = flow.graph() else {
        return Vec::new();
    };
    let alone = |&at: &usize| {
        let out = graph.out(at);
        !out.is_empty() && out.iter().all(|edge| edge.element == at)
    };
    (0..flow.flow.elements().len()).filter(alone).collect()
}

/// Connectors that are wrong in more than one way.
fn wrong_connectors(index: &Index) -> Vec<(usize, usize)> {
    let causes = index.all("self-loop").iter();
    causes
        .flat_map(|&cause| {
            let span = index.spans[cause];
            let effects = ["begin-has-incoming", "end-has-outgoing"];
            effects.map(|rule| Some((*index.by_place.get(&(rule, span))?, cause)))
        })
        .flatten()
        .collect()
}

/// Lets every finding name the first cause of its chain. Rules and the precedence above make no circles; should there
/// be one, the walk ends after as many steps as the precedence has levels.
fn flatten(findings: &mut [Finding]) {
    const LEVELS: usize = 10;
    let index: HashMap<Fingerprint, usize> = findings
        .iter()
        .enumerate()
        .map(|(at, finding)| (finding.fingerprint.clone(), at))
        .collect();
    for at in 0..findings.len() {
        let mut root = at;
        for _ in 0..LEVELS {
            let cause = findings[root].cause.as_ref();
            match cause.and_then(|cause| index.get(cause)) {
                Some(&next) => root = next,
                None => break,
            }
        }
        if root != at {
            findings[at].cause = Some(findings[root].fingerprint.clone());
        }
    }
}
