//! What is known of a flow, found out once: its digest, its ways and graph, what calls reach, names for people, tables of
//! identity. Each part is found out when somebody first asks for it, and kept with the flow.

use std::sync::{Arc, OnceLock};

use super::branch;
use super::canonical;
use super::configured::{self, ConfiguredWay};
use super::graph::{Graph, Reach};
use super::json::NodeId;
use super::lists::Lists;
use super::types::ElementTypes;
use super::{Connector, Element, Ends, Flow, Layout, names};
use crate::ids::{ConnectorId, Digest, ElementId, FastMap};

/// What people call a way, once somebody asked.
type Label = OnceLock<Option<Box<str>>>;

/// What was found out about one flow so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// For the layout list that was asked about first: a run has one.
    digest: OnceLock<(Layout, Option<Digest>)>,
    configured: OnceLock<Vec<ConfiguredWay>>,
    branch_fields: OnceLock<branch::Fields>,
    graph: OnceLock<Graph>,
    /// For the meanings of types that were asked about first: a run has one list of them.
    reach: OnceLock<(ElementTypes, Arc<Reach>)>,
    names: OnceLock<Box<[OnceLock<Box<str>>]>>,
    labels: OnceLock<Box<[Label]>>,
    connectors: OnceLock<FastMap<ConnectorId, usize>>,
    nameless: OnceLock<Lists<usize>>,
}

/// A flow with all that follows from its content.
#[derive(Debug, Clone, Copy)]
pub struct FlowIndex<'a> {
    flow: &'a Flow,
}

/// A way out of an element, wherever the flow says it.
#[derive(Debug, Clone, Copy)]
pub enum Way<'a> {
    /// A connector.
    Connector(&'a Connector),
    /// A setting of an element that names another.
    Setting(Setting<'a>),
}

/// A setting of an element that names another, as `onError` does.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    source: &'a ElementId,
    way: &'a ConfiguredWay,
}

impl<'a> Way<'a> {
    /// The element it leaves.
    pub fn source(self) -> &'a ElementId {
        match self {
            Way::Connector(connector) => &connector.source,
            Way::Setting(setting) => setting.source,
        }
    }

    /// The element it leads to.
    pub fn target(self) -> &'a ElementId {
        match self {
            Way::Connector(connector) => &connector.target,
            Way::Setting(setting) => &setting.way.target_id,
        }
    }

    /// Where those two stand.
    pub fn ends(self) -> Ends {
        match self {
            Way::Connector(connector) => connector.ends,
            Way::Setting(setting) => setting.way.ends(),
        }
    }

    /// The connector, or the value of the setting.
    pub fn node(self) -> NodeId {
        match self {
            Way::Connector(connector) => connector.node,
            Way::Setting(setting) => setting.way.node,
        }
    }

    /// The connector that it is, where it is one.
    pub fn connector(self) -> Option<&'a Connector> {
        match self {
            Way::Connector(connector) => Some(connector),
            Way::Setting(_) => None,
        }
    }

    /// Where it stands in its element, as a JSON pointer, where it is a setting.
    pub fn pointer(self) -> Option<&'a str> {
        match self {
            Way::Connector(_) => None,
            Way::Setting(setting) => Some(&setting.way.pointer),
        }
    }

    pub(crate) fn setting(self) -> Option<&'a ConfiguredWay> {
        match self {
            Way::Connector(_) => None,
            Way::Setting(setting) => Some(setting.way),
        }
    }
}

impl ConfiguredWay {
    fn ends(&self) -> Ends {
        Ends {
            source: Some(self.source),
            target: self.target,
        }
    }
}

impl<'a> FlowIndex<'a> {
    pub(super) fn new(flow: &'a Flow) -> Self {
        Self { flow }
    }

    fn found(self) -> &'a Found {
        &self.flow.found
    }

    /// The flow.
    pub fn flow(self) -> &'a Flow {
        self.flow
    }

    /// The digest of its canonical form; `None` for a flow without a valid id.
    pub fn digest(self, layout: &Layout) -> Option<Digest> {
        let compute = || canonical::compute_digest(self.flow, layout);
        let (of, digest) = self
            .found()
            .digest
            .get_or_init(|| (layout.clone(), compute()));
        if of == layout {
            digest.clone()
        } else {
            compute()
        }
    }

    fn configured(self) -> &'a [ConfiguredWay] {
        self.found()
            .configured
            .get_or_init(|| configured::all(self.flow))
    }

    /// Which keys say when a way is taken.
    pub(super) fn branch_fields(self) -> &'a branch::Fields {
        let document = self.flow.document();
        self.found()
            .branch_fields
            .get_or_init(|| branch::fields(document))
    }

    /// How many ways there are.
    pub fn way_count(self) -> usize {
        self.flow.connectors().len() + self.configured().len()
    }

    /// Ways that are no connectors, in file order of the elements that they leave.
    pub(crate) fn settings(self) -> impl Iterator<Item = Way<'a>> + Clone {
        let elements = self.flow.elements();
        self.configured().iter().map(|way| {
            Way::Setting(Setting {
                source: &elements[way.source].id,
                way,
            })
        })
    }

    /// All ways: connectors in file order, then what settings name, in file order of the elements that they leave.
    pub fn ways(self) -> impl Iterator<Item = Way<'a>> + Clone {
        let connectors = self.flow.connectors().iter().map(Way::Connector);
        connectors.chain(self.settings())
    }

    /// The way of this number, see [`FlowIndex::ways`].
    ///
    /// # Panics
    /// Where there is none: numbers come from the graph of the same flow.
    pub fn way(self, number: usize) -> Way<'a> {
        let connectors = self.flow.connectors();
        if let Some(connector) = connectors.get(number) {
            return Way::Connector(connector);
        }
        let way = &self.configured()[number - connectors.len()];
        Way::Setting(Setting {
            source: &self.flow.elements()[way.source].id,
            way,
        })
    }

    /// Who leads where.
    pub fn graph(self) -> &'a Graph {
        self.found().graph.get_or_init(|| {
            let connectors = self.flow.connectors().iter();
            let settings = self.configured().iter();
            let ends = connectors.map(|connector| connector.ends);
            Graph::new(self.flow, ends.chain(settings.map(ConfiguredWay::ends)))
        })
    }

    /// What calls reach, where types mean this.
    pub fn reach(self, types: &ElementTypes) -> Arc<Reach> {
        let compute = || Arc::new(Reach::new(self.flow, self.graph(), types));
        let known = &self.found().reach;
        let (of, reach) = known.get_or_init(|| (types.clone(), compute()));
        if of == types {
            Arc::clone(reach)
        } else {
            compute()
        }
    }

    /// The ways that leave an element, those that lead nowhere too.
    pub fn exits(self, element: &ElementId) -> &'a [usize] {
        let at = self.flow.element_index(element);
        at.map_or(&[], |at| self.graph().leaving(at))
    }

    /// What people call the element at this place.
    pub fn name(self, at: usize) -> &'a str {
        let names = self.found().names.get_or_init(|| {
            let elements = self.flow.elements().iter();
            elements.map(|_| OnceLock::new()).collect()
        });
        let element = &self.flow.elements()[at];
        names[at].get_or_init(|| names::of_element(self.flow, element).into_boxed_str())
    }

    /// What people call this element, which is one of the flow's.
    pub fn name_of(self, element: &Element) -> String {
        let at = self.flow.element_index(&element.id);
        let at = at.filter(|&at| self.flow.elements()[at].node == element.node);
        at.map_or_else(
            || names::of_element(self.flow, element),
            |at| self.name(at).to_owned(),
        )
    }

    /// What people call the (first) element with this id.
    pub fn name_by_id(self, id: &ElementId) -> Option<&'a str> {
        Some(self.name(self.flow.element_index(id)?))
    }

    /// What people call a way: what the caller does, or what happens.
    pub fn label(self, way: usize) -> Option<&'a str> {
        let labels = self.found().labels.get_or_init(|| {
            let ways = 0..self.way_count();
            ways.map(|_| OnceLock::new()).collect()
        });
        let label = labels[way].get_or_init(|| {
            let label = names::of_way(self.flow, self.way(way));
            label.map(String::into_boxed_str)
        });
        label.as_deref()
    }

    /// The (first) connector with this id, by its place in [`Flow::connectors`].
    pub fn connector(self, id: &ConnectorId) -> Option<usize> {
        let connectors = self.found().connectors.get_or_init(|| {
            let mut by_id = FastMap::default();
            for (at, connector) in self.flow.connectors().iter().enumerate() {
                if let Some(id) = &connector.id {
                    by_id.entry(id.clone()).or_insert(at);
                }
            }
            by_id
        });
        connectors.get(id).copied()
    }

    /// The n-th of the connectors without an id that leave this element, by its place in [`Flow::connectors`].
    pub fn nameless(self, source: &ElementId, nth: usize) -> Option<usize> {
        let Some(at) = self.flow.element_index(source) else {
            let connectors = self.flow.connectors().iter().enumerate();
            let mut nameless = connectors
                .filter(|(_, connector)| connector.id.is_none() && connector.source == *source);
            return nameless.nth(nth).map(|(at, _)| at);
        };
        let lists = self.found().nameless.get_or_init(|| {
            let connectors = self.flow.connectors().iter().enumerate();
            let nameless = connectors.filter(|(_, connector)| connector.id.is_none());
            let by_source =
                nameless.filter_map(|(at, connector)| Some((connector.ends.source?, at)));
            Lists::new(self.flow.elements().len(), by_source)
        });
        lists.of(at).get(nth).copied()
    }
}
