//! Every text value of a flow with the place it stands at, for rules about content.
//!
//! What a text means is for the rules.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use super::{FlowContext, Rule, Sink, words};
use crate::finding::Finding;
use crate::flow::Flow;
use crate::flow::json::{Value, pointer_step};
use crate::flow::vocabulary::{Field, NATIVE};
use crate::redact::marks::Marks;
use crate::redact::{Named, Redactor, Secret, Walk};

/// What a text belongs to, by its place in the flow's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Element(usize),
    Connector(usize),
    Flow,
}

/// A text value.
#[derive(Clone)]
pub(super) struct Text<'a> {
    pub owner: Owner,
    /// The nearest key around it.
    key: Rc<Named>,
    /// The text, decoded.
    pub text: Cow<'a, str>,
    /// Which characters stand in it.
    pub marks: Marks,
    pub value: Value<'a>,
    root: Value<'a>,
}

/// Every text of a flow: of elements and connectors that could be read, and of other top-level members.
pub(super) fn all(flow: &Flow) -> Vec<Text<'_>> {
    let mut collector = Collector::new(flow);
    let document = flow.document().root();
    for (key, value) in document.members() {
        if !matches!(key.text(), "elements" | "connectors") {
            let key = collector.walk.named(key);
            collector.collect(Owner::Flow, document, key, value);
        }
    }
    let nothing = Named::new("");
    for (at, element) in flow.elements().iter().enumerate() {
        let value = flow.value(element.node);
        collector.collect(Owner::Element(at), value, Rc::clone(&nothing), value);
    }
    for (at, connector) in flow.connectors().iter().enumerate() {
        let value = flow.value(connector.node);
        collector.collect(Owner::Connector(at), value, Rc::clone(&nothing), value);
    }
    collector.texts
}

/// Every text of elements and connectors that could not be read.
pub(super) fn unread(flow: &Flow) -> Vec<Text<'_>> {
    if flow.is_whole() {
        return Vec::new();
    }
    let mut collector = Collector::new(flow);
    let elements = flow.elements().iter().map(|element| element.node);
    let read: HashSet<_> = elements
        .chain(flow.connectors().iter().map(|it| it.node))
        .collect();
    let document = flow.document().root();
    for (key, value) in document.members() {
        if !matches!(key.text(), "elements" | "connectors") {
            continue;
        }
        let key = collector.walk.named(key);
        if !value.is_array() {
            collector.collect(Owner::Flow, document, key, value);
            continue;
        }
        for item in value.items().filter(|item| !read.contains(&item.id())) {
            collector.within(Owner::Flow, document, Rc::clone(&key), item, true);
        }
    }
    collector.texts
}

struct Collector<'a> {
    walk: Walk<'a>,
    texts: Vec<Text<'a>>,
}

impl<'a> Collector<'a> {
    fn new(flow: &'a Flow) -> Self {
        Self {
            walk: Walk::through(flow.document()),
            texts: Vec::new(),
        }
    }

    fn collect(&mut self, owner: Owner, root: Value<'a>, key: Rc<Named>, value: Value<'a>) {
        self.within(owner, root, key, value, owner != Owner::Flow);
    }

    fn within(
        &mut self,
        owner: Owner,
        root: Value<'a>,
        key: Rc<Named>,
        value: Value<'a>,
        is_element: bool,
    ) {
        let texts = &mut self.texts;
        self.walk.texts(key, value, is_element, |key, value, text| {
            texts.push(Text {
                owner,
                key,
                marks: Marks::of(&text),
                text,
                value,
                root,
            });
        });
    }
}

impl Text<'_> {
    /// Where it stands in its element or connector (in the file, where it belongs to neither), as a JSON pointer.
    pub(super) fn pointer(&self) -> String {
        let (mut pointer, mut at) = (String::new(), self.root);
        let wanted = self.value.span();
        let around = |value: &Value<'_>| {
            value.span().start <= wanted.start && wanted.end <= value.span().end
        };
        loop {
            let member = at.members().find(|(_, value)| around(value));
            let item = || at.items().enumerate().find(|(_, value)| around(value));
            let (step, next) = match member {
                Some((key, value)) => (pointer_step(key.text()), value),
                None => match item() {
                    Some((nth, value)) => (nth.to_string(), value),
                    None => return pointer,
                },
            };
            pointer.push('/');
            pointer.push_str(&step);
            at = next;
        }
    }

    /// The nearest key around it.
    pub(super) fn key(&self) -> &str {
        self.key.text()
    }

    /// The last word of its key, in lower case: `tokenUrl` ends with `url`.
    pub(super) fn last_word(&self) -> &str {
        self.key.last_word()
    }

    /// The secrets in it.
    pub(super) fn secrets(&self, redactor: &Redactor) -> Vec<Secret> {
        redactor.in_value(&self.key, &self.text, self.marks)
    }

    /// Whether callers hear it.
    pub(super) fn is_spoken(&self) -> bool {
        self.key.is_spoken() && matches!(self.owner, Owner::Element(_))
    }

    /// Whether it is a note or name for designers.
    pub(super) fn is_note(&self) -> bool {
        NATIVE.field(self.key.last_word()) == Some(Field::Note)
    }

    /// What it belongs to, for a sentence.
    pub(super) fn whose(&self, flow: &Flow) -> String {
        match self.owner {
            Owner::Element(at) => words::element(flow, &flow.elements()[at]),
            Owner::Connector(at) => {
                let source = &flow.connectors()[at].source;
                format!("the connector from {}", words::element_by_id(flow, source))
            }
            Owner::Flow => "the flow".to_owned(),
        }
    }

    /// Raises a finding at this value; `part` tells several in one text apart.
    pub(super) fn raise<'s>(
        &self,
        rule: &'static Rule,
        context: &FlowContext<'_>,
        sink: &'s mut Sink,
        part: &str,
        message: String,
    ) -> &'s mut Finding {
        let flow = context.flow;
        let pointer = self.pointer();
        let mut subject = match self.owner {
            Owner::Element(at) => vec![flow.elements()[at].id.as_str()],
            Owner::Connector(at) => {
                let connector = &flow.connectors()[at];
                let id = connector.id.as_ref().map_or("", |id| id.as_str());
                vec![connector.source.as_str(), connector.target.as_str(), id]
            }
            Owner::Flow => Vec::new(),
        };
        subject.extend([pointer.as_str(), part]);
        let place = (flow.source(), self.value.span());
        let finding = sink.raise(rule, Some(flow), place, &subject, message);
        if let Owner::Element(at) = self.owner {
            let element = &flow.elements()[at];
            finding.about(&element.id, words::name(flow, element));
        }
        finding
    }

    /// Raises a finding whose value nobody may see again: neither name nor excerpt repeats it.
    pub(super) fn raise_unseen<'s>(
        &self,
        rule: &'static Rule,
        context: &FlowContext<'_>,
        sink: &'s mut Sink,
        say: impl FnOnce(&str, &str) -> String,
    ) -> &'s mut Finding {
        let flow = context.flow;
        let (mut whose, mut plain) = (self.whose(flow), None);
        if let Owner::Element(at) = self.owner {
            // A name that is made of the text itself would give it away.
            let element = &flow.elements()[at];
            let name = words::name(flow, element);
            let start = name.trim_end_matches('…');
            let folded = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
            if folded.starts_with(start) {
                let kind = element.kind.as_str();
                whose = format!("{kind} {}", words::quote(element.id.as_str()));
                plain = Some(format!("{kind} {}", element.id));
            }
        }
        let message = say(&whose, &words::quote(&self.pointer()));
        let finding = self.raise(rule, context, sink, "", message);
        if plain.is_some() {
            finding.element_name = plain;
        }
        let shown = crate::redact::REDACTED;
        let key: String = self.key().chars().take(40).collect();
        finding.location.excerpt = crate::finding::Excerpt {
            mark: key.chars().count() + 4,
            text: format!("\"{key}\": {shown}"),
            length: shown.chars().count(),
        };
        finding
    }
}
