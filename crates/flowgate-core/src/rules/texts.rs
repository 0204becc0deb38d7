//! Every text value of a flow with the place it stands at, for rules about content.
//!
//! What a text means is for the rules.

use std::borrow::Cow;
use std::rc::Rc;

use super::marks::Marks;
use super::{FlowContext, Rule, Sink, words};
use crate::finding::Finding;
use crate::flow::Flow;
use crate::flow::json::{Key, Kind, Names, PerKey, Value};
use crate::redact::is_secret_key;

/// What a text belongs to, by its place in the flow's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Element(usize),
    Connector(usize),
    Flow,
}

/// A key, and what it says about the texts under it.
#[derive(Debug)]
pub(super) struct Named {
    text: String,
    last_word: String,
    is_secret: bool,
    is_spoken: bool,
}

impl Named {
    fn new(text: &str) -> Rc<Self> {
        const SPOKEN: [&str; 14] = [
            "prompt",
            "prompts",
            "text",
            "message",
            "messages",
            "tts",
            "announcement",
            "greeting",
            "say",
            "speech",
            "ssml",
            "utterance",
            "welcome",
            "body",
        ];
        let last_word = last_word(text);
        Rc::new(Self {
            text: text.to_owned(),
            is_spoken: SPOKEN.contains(&last_word.as_str()),
            last_word,
            is_secret: is_secret_key(text),
        })
    }
}

/// A text value.
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
    let mut collector = Collector {
        keys: PerKey::of(flow.document(), Named::new),
        texts: Vec::new(),
        open: Vec::new(),
    };
    let nothing = Named::new("");
    let document = flow.document().root();
    for (key, value) in document.members() {
        if !matches!(key.text(), "elements" | "connectors") {
            let key = collector.named(key);
            collector.collect(Owner::Flow, document, key, value);
        }
    }
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

struct Collector<'a> {
    /// Each key is looked at once, however often it stands in the flow.
    keys: PerKey<Rc<Named>>,
    texts: Vec<Text<'a>>,
    /// Arrays and objects that are still to be looked at; kept so that its memory is reused.
    open: Vec<(Rc<Named>, Value<'a>)>,
}

impl<'a> Collector<'a> {
    fn named(&self, key: Key<'_>) -> Rc<Named> {
        let known = self.keys.get(key.id());
        known.map_or_else(|| Named::new(key.text()), Rc::clone)
    }

    fn collect(&mut self, owner: Owner, root: Value<'a>, key: Rc<Named>, value: Value<'a>) {
        self.look(owner, root, key, value);
        while let Some((key, value)) = self.open.pop() {
            if value.is_array() {
                for item in value.items() {
                    self.look(owner, root, Rc::clone(&key), item);
                }
                continue;
            }
            let beside = (value.id() != root.id())
                .then(|| name_beside(value))
                .flatten();
            for (key, value) in value.members() {
                if value.kind() == Kind::Number {
                    self.number(owner, root, key, value);
                } else if value.may_hold_text() {
                    let key = match &beside {
                        Some(name) if key.text() == "value" => Rc::clone(name),
                        _ => self.named(key),
                    };
                    self.look(owner, root, key, value);
                }
            }
        }
    }

    /// Keeps a text; an array or object is looked into later.
    fn look(&mut self, owner: Owner, root: Value<'a>, key: Rc<Named>, value: Value<'a>) {
        let Some(text) = value.as_str() else {
            if value.may_hold_text() {
                self.open.push((key, value));
            }
            return;
        };
        self.texts.push(Text {
            owner,
            key,
            marks: Marks::of(&text),
            text,
            value,
            root,
        });
    }

    /// A number is a text where its key says that it is a secret: everything else that is counted is none.
    fn number(&mut self, owner: Owner, root: Value<'a>, key: Key<'a>, value: Value<'a>) {
        const SECRETS: [&str; 7] = [
            "password", "passwd", "pwd", "passcode", "secret", "token", "apikey",
        ];
        let digits = value.raw();
        if digits.len() < 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let key = self.named(key);
        if key.is_secret && SECRETS.contains(&key.last_word.as_str()) {
            self.texts.push(Text {
                owner,
                key,
                marks: Marks::of(digits),
                text: Cow::Borrowed(digits),
                value,
                root,
            });
        }
    }
}

/// What a `name` calls the `value` beside it, where that is a secret: lists of headers are written so.
fn name_beside(object: Value<'_>) -> Option<Rc<Named>> {
    const NAMES: Names<4> = Names::of(["name", "key", "header", "value"]);
    let [name, key, header, value] = object.pick(&NAMES);
    value?;
    let name = name.or(key).or(header)?.as_str()?;
    is_secret_key(&name).then(|| Named::new(&name))
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
                Some((key, value)) => (key.text().replace('~', "~0").replace('/', "~1"), value),
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
        &self.key.text
    }

    /// The last word of its key, in lower case: `tokenUrl` ends with `url`.
    pub(super) fn last_word(&self) -> &str {
        &self.key.last_word
    }

    /// Whether the name of its key says that it is secret.
    pub(super) fn has_secret_key(&self) -> bool {
        self.key.is_secret
    }

    /// Whether callers hear it.
    pub(super) fn is_spoken(&self) -> bool {
        self.key.is_spoken && matches!(self.owner, Owner::Element(_))
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

/// The last word of a name in camel, snake or kebab case, in lower case.
pub(super) fn last_word(name: &str) -> String {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut letters = name.char_indices().rev();
    let Some((mut start, mut here)) = letters.next() else {
        return String::new();
    };
    let mut after = None::<char>;
    for (at, before) in letters {
        let is_border = !before.is_alphanumeric()
            || before.is_lowercase() && here.is_uppercase()
            || before.is_uppercase()
                && here.is_uppercase()
                && after.is_some_and(char::is_lowercase);
        if is_border {
            break;
        }
        (start, here, after) = (at, before, Some(here));
    }
    let letters = name.get(start..).unwrap_or("").chars();
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a text holds a place that is filled in while a call runs: `{{x}}`, `${x}`, `{x}`, `%x%`, `<x>`, `[[x]]`.
pub(super) fn has_placeholder(text: &str) -> bool {
    let named = |open: &str, close: &str| {
        text.match_indices(open).any(|(at, _)| {
            let rest = &text[at + open.len()..];
            rest.find(close).is_some_and(|end| {
                let inside = &rest[..end];
                !inside.is_empty()
                    && inside
                        .chars()
                        .all(|c| c.is_alphanumeric() || " _-.:{$[]()'/|@#,".contains(c))
            })
        })
    };
    named("{", "}") || named("%", "%") || named("<", ">") || named("[[", "]]") || named("$(", ")")
}
