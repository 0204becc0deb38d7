//! Generated flows for the laws: few ids, keys and values, so that they meet often; written in many ways; edited as
//! people edit.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::flow::Flow;
use crate::flow::testing::flow;

/// A JSON value that can be written in many ways.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Null,
    /// A number: this times ten to the power of that.
    Number(i32, i32),
    Text(String),
    List(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

#[derive(Debug, Clone)]
pub(super) struct Sketch {
    pub(super) elements: Vec<Node>,
    pub(super) connectors: Vec<Node>,
}

/// Chooses how to write things; `None` writes everything plainly.
pub(super) struct Pen(pub(super) Option<u64>);

impl Pen {
    fn pick(&mut self, choices: u64) -> u64 {
        let Some(state) = &mut self.0 else { return 0 };
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % choices
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n\t"][usize::try_from(self.pick(4)).unwrap()]
    }

    fn text(&mut self, text: &str) -> String {
        let mut out = String::from("\"");
        for c in text.chars() {
            let must = c < ' ' || c == '"' || c == '\\';
            if must || self.pick(3) == 1 {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            } else if c == '/' && self.pick(2) == 1 {
                out.push_str("\\/");
            } else {
                out.push(c);
            }
        }
        out + "\""
    }

    fn write(&mut self, node: &Node) -> String {
        let value = match node {
            Node::Null => "null".to_owned(),
            Node::Number(0, _) => {
                ["0", "-0", "0.0e7"][usize::try_from(self.pick(3)).unwrap()].to_owned()
            }
            Node::Number(digits, exponent) => {
                let zeros = self.pick(4);
                let exponent = i64::from(*exponent) - i64::try_from(zeros).unwrap();
                let zeros = "0".repeat(usize::try_from(zeros).unwrap());
                match (exponent, self.pick(2)) {
                    (0, 0) => format!("{digits}{zeros}"),
                    (_, 0) => format!("{digits}{zeros}e{exponent}"),
                    _ => format!("{digits}{zeros}.00E{exponent:+04}"),
                }
            }
            Node::Text(text) => self.text(text),
            Node::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.write(item)).collect();
                format!("[{}{}]", items.join(","), self.space())
            }
            Node::Object(members) => {
                let mut members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| {
                        let key = self.text(key);
                        (
                            self.pick(100),
                            format!(
                                "{}{key}{}:{}",
                                self.space(),
                                self.space(),
                                self.write(value)
                            ),
                        )
                    })
                    .collect();
                members.sort_by_key(|(place, _)| *place);
                let members: Vec<_> = members.into_iter().map(|(_, member)| member).collect();
                format!("{{{}{}}}", members.join(","), self.space())
            }
        };
        format!("{}{value}", self.space())
    }

    /// The list in another order; what the key calls alike keeps its order.
    fn shuffle(&mut self, nodes: &[Node], key: impl Fn(&Node) -> String) -> Node {
        let mut places: BTreeMap<String, u64> = BTreeMap::new();
        let mut nodes = nodes.to_vec();
        nodes.sort_by_cached_key(|node| *places.entry(key(node)).or_insert_with(|| self.pick(100)));
        Node::List(nodes)
    }

    /// Writes and reads it.
    pub(super) fn flow(&mut self, sketch: &Sketch) -> Flow {
        let member = |node: &Node, key: &str| match node {
            Node::Object(members) => members.get(key).map(|value| format!("{key} {value:?}")),
            _ => None,
        };
        let elements = self.shuffle(&sketch.elements, |node| member(node, "id").unwrap());
        let connectors = self.shuffle(&sketch.connectors, |node| {
            member(node, "id")
                .or_else(|| member(node, "sourceId"))
                .unwrap()
        });
        flow(&self.write(&Node::Object(BTreeMap::from([
            ("flowId".to_owned(), Node::Text("main".to_owned())),
            ("elements".to_owned(), elements),
            ("connectors".to_owned(), connectors),
        ]))))
    }
}

pub(super) fn plain(sketch: &Sketch) -> Flow {
    Pen(None).flow(sketch)
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = Node> {
    proptest::sample::select(words).prop_map(|word| Node::Text(word.to_owned()))
}

pub(super) fn value() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::Null),
        (-12_i32..12, -2_i32..3).prop_map(|(digits, exponent)| Node::Number(digits, exponent)),
        one_of(&["", "a", "b/~", "é\n\u{1F600}", "\"\\\u{1}"]),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = proptest::sample::select(&["id", "digit", "label", "x", "p/q", "~"][..]);
        let object =
            proptest::collection::btree_map(keys.prop_map(str::to_owned), inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Node::List),
            object.clone().prop_map(Node::Object),
            // Arrays of objects that may have a key.
            proptest::collection::vec((object, one_of(&["1", "2", "3", "4"])), 0..4).prop_map(
                |items| {
                    Node::List(
                        items
                            .into_iter()
                            .map(|(mut item, digit)| {
                                item.insert("digit".to_owned(), digit);
                                Node::Object(item)
                            })
                            .collect(),
                    )
                }
            ),
        ]
    })
}

fn object(members: Vec<(&str, Option<Node>)>) -> Node {
    Node::Object(
        members
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect(),
    )
}

pub(super) fn element() -> impl Strategy<Value = Node> {
    (
        one_of(&["a", "b", "c", "d", "e"]),
        one_of(&["IVR", "End"]),
        proptest::option::of(value()),
        proptest::option::of(value()),
    )
        .prop_map(|(id, kind, x, configuration)| {
            object(vec![
                ("id", Some(id)),
                ("type", Some(kind)),
                ("x", x),
                ("configuration", configuration),
            ])
        })
}

fn connector() -> impl Strategy<Value = Node> {
    (
        proptest::option::weighted(0.3, one_of(&["k", "l", "m"])),
        one_of(&["a", "b"]),
        one_of(&["a", "b", "c"]),
        proptest::option::of(one_of(&["1", "2"])),
        proptest::option::weighted(0.2, value()),
    )
        .prop_map(|(id, source, target, label, y)| {
            let ends = [("sourceId", Some(source)), ("targetId", Some(target))];
            object([&ends[..], &[("id", id), ("label", label), ("y", y)]].concat())
        })
}

pub(super) fn sketch() -> impl Strategy<Value = Sketch> {
    (
        proptest::collection::vec(element(), 0..6),
        proptest::collection::vec(connector(), 0..7),
    )
        .prop_map(|(elements, connectors)| Sketch {
            elements,
            connectors,
        })
}

/// What a person does to a flow.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    AddElement(Index, Node),
    AddConnector(Index, Node),
    RemoveElement(Index),
    RemoveConnector(Index),
    Swap(Index, Index),
    Drag(Index, Node),
    Rename(Index, Node),
    /// Changes one value somewhere inside an element.
    Inside(Index, Index, Node, u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        (index(), element()).prop_map(|(at, node)| Edit::AddElement(at, node)),
        (index(), connector()).prop_map(|(at, node)| Edit::AddConnector(at, node)),
        index().prop_map(Edit::RemoveElement),
        index().prop_map(Edit::RemoveConnector),
        (index(), index()).prop_map(|(a, b)| Edit::Swap(a, b)),
        (index(), value()).prop_map(|(at, x)| Edit::Drag(at, x)),
        (index(), one_of(&["a", "b", "f"])).prop_map(|(at, id)| Edit::Rename(at, id)),
        (index(), index(), value(), 0_u8..4)
            .prop_map(|(at, inside, node, how)| Edit::Inside(at, inside, node, how)),
    ]
}

fn set(node: &mut Node, key: &str, value: Node) {
    if let Node::Object(members) = node {
        members.insert(key.to_owned(), value);
    }
}

impl Sketch {
    pub(super) fn apply(&mut self, edit: Edit) {
        let (elements, connectors) = (self.elements.len(), self.connectors.len());
        match edit {
            Edit::AddElement(at, node) => self.elements.insert(at.index(elements + 1), node),
            Edit::AddConnector(at, node) => self.connectors.insert(at.index(connectors + 1), node),
            Edit::RemoveConnector(at) if connectors > 0 => {
                drop(self.connectors.remove(at.index(connectors)));
            }
            Edit::Swap(a, b) if connectors > 0 => self
                .connectors
                .swap(a.index(connectors), b.index(connectors)),
            _ if elements == 0 => {}
            Edit::RemoveElement(at) => drop(self.elements.remove(at.index(elements))),
            Edit::Drag(at, x) => set(&mut self.elements[at.index(elements)], "x", x),
            Edit::Rename(at, id) => set(&mut self.elements[at.index(elements)], "id", id),
            Edit::Inside(at, inside, node, how) => {
                if let Node::Object(members) = &mut self.elements[at.index(elements)]
                    && let Some(configuration) = members.get_mut("configuration")
                {
                    change(configuration, inside, node, how);
                }
            }
            Edit::RemoveConnector(_) | Edit::Swap(..) => {}
        }
    }
}

fn change(node: &mut Node, inside: Index, with: Node, how: u8) {
    match node {
        Node::List(items) if !items.is_empty() => {
            let at = inside.index(items.len());
            match how {
                0 => items.insert(at, with),
                1 => drop(items.remove(at)),
                2 => items.rotate_left(at),
                _ => change(&mut items[at], inside, with, 0),
            }
        }
        Node::Object(members) if !members.is_empty() && how > 0 => {
            let at = inside.index(members.len());
            if let Some(member) = members.values_mut().nth(at) {
                change(member, inside, with, how);
            }
        }
        other => *other = with,
    }
}

pub(super) fn pair() -> impl Strategy<Value = (Sketch, Sketch)> {
    prop_oneof![
        1 => (sketch(), sketch()),
        4 => (sketch(), proptest::collection::vec(edit(), 0..4)).prop_map(|(before, edits)| {
            let mut after = before.clone();
            for edit in edits {
                after.apply(edit);
            }
            (before, after)
        }),
    ]
}
