//! A flow as one page that needs nothing else: a picture to move about in, search, and what each element holds, before
//! and after.
//!
//! Every text is escaped, data stands in a JSON block that no text can end, and the page's own policy lets no script run
//! but the one that is written here.

mod svg;

use std::collections::BTreeMap;

use serde::Serialize;

use super::chart::{Chart, Edge, Look, Node, Part};
use super::layout::{Point, place};
use super::{mermaid, safe, secrets};
use crate::delta::{Change, ChangeKind, Delta, Subject};
use crate::flow::{ElementType, ElementTypes, Flow, FlowView, Way, names};
use crate::hash::{base64, sha256};
use crate::redact::{FoundSecrets, Redactor};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A picture of one flow, or of what is different between two.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The flow before; `None` for a picture of one flow.
    pub old: Option<&'a Flow>,
    /// The flow.
    pub new: &'a Flow,
    /// What is different; empty for a picture of one flow.
    pub delta: &'a Delta,
}

impl Picture<'_> {
    fn draw<T>(self, then: impl FnOnce(&Chart<'_>, [&FlowView<'_>; 2]) -> T) -> T {
        let types = ElementTypes::default();
        let new = FlowView::new(self.new, &types);
        let old = FlowView::new(self.old.unwrap_or(self.new), &types);
        let chart = Chart::of(&old, &new, self.delta, Part::Whole, usize::MAX);
        let nothing = Chart {
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        then(chart.as_ref().unwrap_or(&nothing), [&old, &new])
    }

    fn knowing(self, redactor: &Redactor) -> Redactor {
        redactor.with(&FoundSecrets::of([self.old.unwrap_or(self.new), self.new]))
    }

    /// As mermaid text, all of it.
    pub fn mermaid(self, redactor: &Redactor) -> String {
        let redactor = &self.knowing(redactor);
        let types = ElementTypes::default();
        let new = FlowView::new(self.new, &types);
        let old = FlowView::new(self.old.unwrap_or(self.new), &types);
        mermaid::whole([&old, &new], self.delta, redactor)
    }

    /// As one HTML page.
    pub fn page(self, redactor: &Redactor) -> String {
        let redactor = &self.knowing(redactor);
        self.draw(|chart, views| {
            let told = Told {
                picture: self,
                views,
                redactor,
            };
            told.page(chart)
        })
    }
}

/// A field and its value, or its values before and after.
type Row = Vec<Option<String>>;

#[derive(Serialize)]
struct Data {
    nodes: Vec<NodeData>,
    ways: Vec<WayData>,
}

#[derive(Serialize)]
struct NodeData {
    id: String,
    name: String,
    kind: Option<String>,
    look: &'static str,
    x: f64,
    y: f64,
    fields: Vec<Row>,
    content: Vec<Row>,
}

#[derive(Serialize)]
struct WayData {
    from: usize,
    to: usize,
    label: String,
    look: &'static str,
    fields: Vec<Row>,
}

struct Told<'a> {
    picture: Picture<'a>,
    views: [&'a FlowView<'a>; 2],
    redactor: &'a Redactor,
}

impl Told<'_> {
    fn text(&self, text: &str) -> String {
        self.redactor.of_flow(&safe::line(text)).into_owned()
    }

    fn page(&self, chart: &Chart<'_>) -> String {
        let numbers = chart.numbers();
        let ends: Vec<(usize, usize)> = chart
            .edges
            .iter()
            .map(|edge| (numbers[edge.source], numbers[edge.target]))
            .collect();
        let roots: Vec<usize> = (0..chart.nodes.len())
            .filter(|&at| {
                self.kind(&chart.nodes[at])
                    .is_some_and(|kind| kind == ElementType::Begin)
            })
            .collect();
        let layout = place(chart.nodes.len(), &ends, &roots);
        let data = Data {
            nodes: chart
                .nodes
                .iter()
                .zip(&layout.nodes)
                .map(|(node, point)| self.node(node, *point))
                .collect(),
            ways: chart
                .edges
                .iter()
                .zip(&ends)
                .map(|(edge, &(from, to))| WayData {
                    from,
                    to,
                    label: self.text(&edge.label),
                    look: edge.look.class(),
                    fields: self.edge_fields(edge),
                })
                .collect(),
        };
        let mut drawn = String::new();
        let mut beside: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (way, (bends, &(from, to))) in data.ways.iter().zip(layout.bends.iter().zip(&ends)) {
            let broken = chart.nodes[to].look == Look::Missing && way.look != "gone";
            let nth = beside.entry((from, to)).or_default();
            svg::way(
                way,
                [layout.nodes[from], layout.nodes[to]],
                bends,
                svg::Stands { broken, nth: *nth },
                &mut drawn,
            );
            *nth += 1;
        }
        for node in &data.nodes {
            svg::node(node, &mut drawn);
        }
        self.frame(&data, &drawn, &layout.nodes)
    }

    fn frame(&self, data: &Data, drawn: &str, points: &[Point]) -> String {
        let name = |flow: &Flow| safe::html(&safe::cap(&self.text(&names::flow(flow)), 120));
        let version = |flow: &Flow| {
            flow.version()
                .map_or_else(|| "without a version".to_owned(), ToString::to_string)
        };
        let title = name(self.picture.new);
        let compared = match self.picture.old {
            Some(old) => format!("{} → {}", version(old), version(self.picture.new)),
            None => version(self.picture.new),
        };
        let compared = safe::html(&self.text(&compared));
        // The picture is laid out anew, so that a move cannot be seen in it; the details of what moved say from where.
        let changes = self.picture.delta.changes.iter();
        let moved = changes
            .filter(|change| change.change == ChangeKind::Moved)
            .count();
        let moved = match moved {
            0 => String::new(),
            moved => format!(" · {moved} only moved on the canvas"),
        };
        let view_box = svg::view_box(points);
        // `<` is all that could end the block.
        let json = serde_json::to_string(data)
            .unwrap_or_default()
            .replace('<', "\\u003c");
        // The name by which the policy of the page lets its own script run, and nothing else of the page.
        let hash = base64(sha256(SCRIPT));
        let legend = if self.picture.old.is_some() {
            "<span class=\"legend soft\"><span><i class=\"new\"></i>new</span><span><i class=\"changed\"></i>changed</span>\
             <span><i class=\"gone\"></i>gone</span><span><i class=\"missing\"></i>missing</span></span>\
             <button id=\"only\" aria-pressed=\"false\">Only changes</button>"
        } else {
            ""
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header><h1>{title}</h1><span class=\"soft\">{compared} · {} elements, {} connectors{moved}</span>{legend}<span class=\"space\"></span>\
             <span id=\"found\" class=\"soft\" role=\"status\"></span><input id=\"search\" type=\"search\" placeholder=\"Search ( / )\" aria-label=\"Search elements\">\
             <button id=\"in\" aria-label=\"Nearer\">+</button><button id=\"out\" aria-label=\"Farther\">−</button><button id=\"fit\">All</button></header>\n\
             <svg id=\"view\" viewBox=\"{view_box}\" role=\"img\" aria-label=\"{title}\">\n\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M0 0 8 4 0 8z\" fill=\"#8c959f\"/></marker></defs>\n\
             {drawn}</svg>\n<aside id=\"details\"><p class=\"soft\">Choose an element to see what it holds and where it leads.</p></aside>\n\
             <script type=\"application/json\" id=\"data\">{json}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            data.nodes.len(),
            data.ways.len()
        )
    }

    fn kind(&self, node: &Node<'_>) -> Option<ElementType> {
        let [old, new] = self.views;
        let element = new
            .flow()
            .element(node.id)
            .or_else(|| old.flow().element(node.id));
        element
            .filter(|_| node.look != Look::Missing)
            .map(|element| element.kind.clone())
    }

    fn node(&self, node: &Node<'_>, point: Point) -> NodeData {
        let [old, new] = self.views;
        let view = if node.look == Look::Gone { old } else { new };
        let element = view
            .flow()
            .element(node.id)
            .filter(|_| node.look != Look::Missing);
        let mut content = Vec::new();
        for (key, value) in element
            .into_iter()
            .flat_map(|element| view.flow().value(element.node).members())
        {
            let pointer = format!("/{}", key.text());
            if value.members().next().is_none() {
                content.push(self.row(&pointer, secrets::value(&pointer, value, self.redactor)));
            }
            for (key, shown) in secrets::members(&pointer, value, self.redactor) {
                content.push(self.row(&format!("{pointer}/{key}"), shown));
            }
        }
        let subject = Subject::Element(node.id.clone());
        NodeData {
            id: self.text(node.id.as_str()),
            name: self.text(&node.name),
            kind: self.kind(node).map(|kind| self.text(kind.as_str())),
            look: node.look.class(),
            x: point.x,
            y: point.y,
            fields: self.fields(|change| change.subject == subject),
            content,
        }
    }

    fn row(&self, pointer: &str, shown: String) -> Row {
        vec![Some(self.text(pointer)), Some(shown)]
    }

    /// What is different about the connectors that are drawn as this way.
    fn edge_fields(&self, edge: &Edge<'_>) -> Vec<Row> {
        let drawn = |view: &FlowView<'_>, is_meant: &dyn Fn(Way<'_>) -> bool| {
            let mut ways = view.exits(edge.source).iter().enumerate();
            ways.any(|(nth, &number)| {
                let way = view.index.way(number);
                way.target() == edge.target
                    && view.label_or_nth(number, nth) == edge.label
                    && is_meant(way)
            })
        };
        self.fields(|change| {
            self.views.iter().any(|view| match &change.subject {
                Subject::Connector(id) => drawn(view, &|way| {
                    let connector = way.connector();
                    connector.is_some_and(|connector| connector.id.as_ref() == Some(id))
                }),
                nth @ Subject::NthConnector { source, .. } if source == edge.source => nth
                    .connector(view.index)
                    .is_some_and(|it| drawn(view, &|way| way.node() == it.node)),
                _ => false,
            })
        })
    }

    fn fields(&self, is_meant: impl Fn(&Change) -> bool) -> Vec<Row> {
        let meant = self
            .picture
            .delta
            .changes
            .iter()
            .filter(|change| is_meant(change));
        meant
            .flat_map(|change| &change.fields)
            .map(|field| {
                let (before, after) = secrets::shown(field, self.redactor);
                vec![Some(self.text(&field.pointer)), before, after]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::diff;
    use crate::flow::Layout;
    use crate::report::fixture;

    #[test]
    fn a_hostile_flow_stays_text_and_tells_no_secret() {
        let review = fixture::hostile();
        let flow = &review.flows[0];
        let (old, new) = (flow.baseline.flow().unwrap(), flow.flow().unwrap());
        let picture = Picture {
            old: Some(old),
            new,
            delta: flow.delta.as_deref().unwrap(),
        };
        let page = picture.page(&Redactor::default());
        assert_eq!(page.matches("<script").count(), 2, "its own two");
        assert_eq!(page.matches("</script").count(), 2);
        assert!(
            !page.contains("<b>") && !page.contains("<!-- flowgate"),
            "{page}"
        );
        assert!(!page.contains("c4n4ry"), "a secret");
        assert!(page.chars().all(|char| char == '\n' || !char.is_control()));
    }

    #[test]
    fn what_only_moved_is_no_change_of_colour_and_is_said() {
        let before = r#"{"flowId": "a", "elements": [{"id": "a", "type": "IVR", "x": 1}, {"id": "b", "type": "End", "x": 2}], "connectors": []}"#;
        let after = before.replace("\"x\": 1", "\"x\": 40");
        let [old, new] = [before, &after].map(|text| fixture::flow("a.json", text));
        let delta = diff(&old, &new, &Layout::default());
        let picture = Picture {
            old: Some(&old),
            new: &new,
            delta: &delta,
        };
        let page = picture.page(&Redactor::default());
        assert!(
            page.contains("0 connectors · 1 only moved on the canvas<"),
            "{page}"
        );
        assert!(!page.contains("class=\"node changed\""), "{page}");
        assert!(page.contains(r#"["/x","1","40"]"#), "{page}");
        assert!(!picture.mermaid(&Redactor::default()).contains(":::changed"));
    }

    #[test]
    fn what_is_different_about_a_way_without_id_stands_with_it_and_no_other() {
        let before = r#"{"flowId": "a", "elements": [{"id": "a", "type": "IVR"}, {"id": "b", "type": "End"}], "connectors": [
            {"id": "1", "sourceId": "a", "targetId": "a", "label": "again"}, {"sourceId": "a", "targetId": "b", "label": "on", "priority": 1}]}"#;
        let after = before.replace("\"priority\": 1", "\"priority\": 2");
        let [old, new] = [before, &after].map(|text| fixture::flow("a.json", text));
        let delta = &diff(&old, &new, &Layout::default());
        let (old, new) = (Some(&*old), &*new);
        let page = Picture { old, new, delta }.page(&Redactor::default());
        let ways = page.split(r#""label":""#).skip(1);
        let with_it = ways.filter(|way| way.contains(r#"["/priority","1","2"]"#));
        let names: Vec<_> = with_it.filter_map(|way| way.split('"').next()).collect();
        assert_eq!(names, ["on"]);
    }

    #[test]
    fn ways_with_the_same_ends_stand_apart() {
        let text = r#"{"flowId": "a", "elements": [{"id": "a", "type": "Begin"}, {"id": "b", "type": "End"}], "connectors": [
            {"sourceId": "a", "targetId": "b", "label": "1"}, {"sourceId": "a", "targetId": "b", "label": "2"}, {"sourceId": "a", "targetId": "b", "label": "3"}]}"#;
        let flow = fixture::flow("a.json", text);
        let picture = Picture {
            old: None,
            new: &flow,
            delta: &diff(&flow, &flow, &Layout::default()),
        };
        let page = picture.page(&Redactor::default());
        let ways = page
            .lines()
            .filter(|line| line.starts_with("<g class=\"way"));
        let paths: Vec<&str> = ways.filter_map(|line| line.split('"').nth(3)).collect();
        let apart: std::collections::BTreeSet<_> = paths.iter().collect();
        assert_eq!((paths.len(), apart.len()), (3, 3), "{paths:?}");
    }

    #[test]
    fn what_a_neighbour_or_its_name_tells_to_be_secret_is_not_shown() {
        let text = r#"{"flowId": "a", "elements": [{"id": "a", "type": "API", "configuration": {"apiKey": "hunter2", "headers": [{"name": "X-Api-Key", "value": "hunter3"}]}}], "connectors": []}"#;
        let flow = fixture::flow("a.json", text);
        let delta = diff(&flow, &flow, &Layout::default());
        let page = Picture {
            old: None,
            new: &flow,
            delta: &delta,
        }
        .page(&Redactor::default());
        assert!(!page.contains("hunter"), "{page}");
        assert!(page.contains("/configuration/headers"), "{page}");
    }
}
