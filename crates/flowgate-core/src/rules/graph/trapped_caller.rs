//! `trapped-caller`: callers get into a loop that no way leads out of.

use std::collections::{HashMap, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use crate::finding::{RuleId, Severity};
use crate::flow::Flow;
use crate::flow::graph::Edge;
use crate::rules::graph_view::GraphView;
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("trapped-caller"),
    severity: Severity::Warning,
    firm: None,
    summary: "callers get into a loop and cannot get out",
    explanation: "Every way from here leads back here; no End, queue or agent can be reached. Callers go round until they hang up.
An error where a change makes it so; a fault that was there before stays a warning.

Lead out of the loop, for instance after the third wrong input. A loop that holds a queue, an agent, or a type
of your tenant (hold music) is no trap: calls leave it there, unless `[types]` says that it is no `exit`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"again","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c0","sourceId":"begin","targetId":"end"},
  {"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"again"},
  {"id":"c3","sourceId":"again","targetId":"menu"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"again","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"again"},
  {"id":"c3","sourceId":"again","targetId":"menu"},
  {"id":"c4","sourceId":"again","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let trapped: Vec<usize> = (0..flow.elements().len())
        .filter(|&at| graph.is_reached(at) && !graph.leads_out[at])
        .collect();
    for ring in innermost_loops(graph, &trapped) {
        // The smallest id names the loop, wherever its elements stand in the file.
        let Some(&start) = ring.iter().min_by_key(|&&at| &flow.elements()[at].id) else {
            continue;
        };
        let (span, name) = graph_view::place(flow, start);
        let element = &flow.elements()[start];
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            format!(
                "callers who come to {name} cannot get out again: {}",
                way_round(flow, graph, start)
            ),
        )
        .about(&element.id, words::name(flow, element))
        .hint("lead out of the loop, to an `End`, a queue or an agent");
    }
}

/// The loops among `trapped` that nothing leads out of: what leads into them is no mistake of its own.
fn innermost_loops(graph: &GraphView<'_>, trapped: &[usize]) -> Vec<Vec<usize>> {
    let mut nodes = DiGraph::<usize, ()>::with_capacity(trapped.len(), trapped.len());
    let index: HashMap<usize, _> = trapped.iter().map(|&at| (at, nodes.add_node(at))).collect();
    for &at in trapped {
        for Edge { element: next, .. } in graph.out(at) {
            // All that is led to from here is trapped too, or this would lead out.
            if let Some(&next) = index.get(next) {
                nodes.add_edge(index[&at], next, ());
            }
        }
    }
    let mut part_of = vec![0; trapped.len()];
    let parts = kosaraju_scc(&nodes);
    for (part, members) in parts.iter().enumerate() {
        for member in members {
            part_of[member.index()] = part;
        }
    }
    let innermost = parts.iter().enumerate().filter(|(part, members)| {
        let mut led_to = members.iter().flat_map(|&member| nodes.neighbors(member));
        led_to.all(|next| part_of[next.index()] == *part)
    });
    innermost
        .map(|(_, members)| members.iter().map(|&member| nodes[member]).collect())
        .collect()
}

/// The shortest way from an element back to itself, by name.
fn way_round(flow: &Flow, graph: &GraphView<'_>, start: usize) -> String {
    const SHOWN: usize = 6;
    let mut came_from: HashMap<usize, usize> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for &Edge { element: next, .. } in graph.out(at) {
            came_from.entry(next).or_insert_with(|| {
                open.push_back(next);
                at
            });
        }
        if came_from.contains_key(&start) {
            break;
        }
    }
    let mut way = vec![start];
    while let Some(&before) = way.last().and_then(|last| came_from.get(last)) {
        way.push(before);
        if before == start {
            break;
        }
    }
    way.reverse();
    let shown = way
        .iter()
        .take(SHOWN)
        .map(|&at| words::name(flow, &flow.elements()[at]));
    let mut text = shown.collect::<Vec<_>>().join(" → ");
    if way.len() > SHOWN {
        text.push_str(" → …");
    }
    text
}
