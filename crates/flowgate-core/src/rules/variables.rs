//! Variables of a flow: which are declared, and where texts use them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::FlowContext;
use super::texts::{Owner, Text};
use crate::flow::Flow;
use crate::flow::json::{Kind, PerKey, Value};
use crate::redact::last_word;
use crate::text::Span;

/// Keys under which elements set variables.
const SETTERS: [&str; 16] = [
    "variable",
    "variables",
    "assign",
    "assigns",
    "assignments",
    "output",
    "outputs",
    "outputvariable",
    "resultvariable",
    "saveas",
    "storein",
    "storeas",
    "result",
    "resultvar",
    "var",
    "mapping",
];

/// What a flow declares.
pub(super) struct Declared {
    /// Of the top-level `variables`, with their places.
    pub listed: BTreeMap<String, Span>,
    /// Set by elements.
    pub set: BTreeSet<String>,
    /// Whether the flow has a list at all.
    pub has_list: bool,
}

impl Declared {
    pub(super) fn of(flow: &Flow) -> Self {
        let mut listed = BTreeMap::new();
        let list = flow
            .top("variables")
            .filter(|list| list.is_object() || list.is_array());
        if let Some(list) = list {
            names(list, &mut |name, span| {
                listed.entry(name).or_insert(span);
            });
        }
        let mut set = BTreeSet::new();
        let setters = PerKey::of(flow.document(), sets_variables);
        for element in flow.elements() {
            let value = flow.value(element.node);
            for object in [Some(value), value.get("configuration")]
                .into_iter()
                .flatten()
            {
                for (key, value) in object.members() {
                    if setters.has(key.id()) {
                        names(value, &mut |name, _| {
                            set.insert(name);
                        });
                    }
                }
            }
        }
        Self {
            has_list: list.is_some(),
            listed,
            set,
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.listed.keys().chain(&self.set).map(String::as_str)
    }
}

/// Whether elements set variables under this key: one of [`SETTERS`], or any whose last word is `variable`.
fn sets_variables(key: &str) -> bool {
    SETTERS.contains(&key.to_lowercase().as_str()) || last_word(key) == "variable"
}

/// Names in a declaration: a text, a list of texts or of objects with a name, or an object whose keys are names.
fn names(value: Value<'_>, found: &mut dyn FnMut(String, Span)) {
    const NAMES: [&str; 4] = ["name", "variable", "key", "id"];
    match value.kind() {
        Kind::Array => {
            for item in value.items() {
                let named = NAMES.iter().find_map(|key| item.get(key));
                if let Some(item) = named.or(item.as_str().map(|_| item)) {
                    names(item, found);
                }
            }
        }
        Kind::Object => {
            for (key, value) in value.members() {
                found(key.text().to_owned(), key.span());
                // An output may be mapped either way: field to variable, or variable to field.
                if let Some(name) = value.as_str().as_deref().and_then(root) {
                    found(name.to_owned(), key.span());
                }
            }
        }
        _ => {
            if let Some(name) = value.as_str().as_deref().and_then(root) {
                found(name.to_owned(), value.span());
            }
        }
    }
}

/// The variable that an expression begins with, where the whole of it is a path: `customer.name[0] | upper`.
pub(super) fn root(expression: &str) -> Option<&str> {
    let expression = expression
        .trim()
        .trim_start_matches('$')
        .trim_start_matches(['{', ' ']);
    let letters = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = expression.find(|c| !letters(c)).unwrap_or(expression.len());
    let (name, rest) = expression.split_at(end);
    let path = rest.is_empty() || rest.starts_with(['.', '[', '|', '}', ' ']);
    let first = name.chars().next()?;
    (path && (first.is_alphabetic() || first == '_')).then_some(name)
}

/// What stands around a variable.
pub(crate) const AROUND: [(&str, &str); 2] = [("{{", "}}"), ("${", "}")];

/// Variables that a text uses: `{{name}}` and `${name}`.
pub(super) fn used(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (open, close) in AROUND {
        // What opens again before it closes is no path: so each byte is looked at once.
        for rest in text.split(open).skip(1) {
            let Some(end) = rest.find(close) else {
                continue;
            };
            let inside = rest[..end].trim();
            // Anything but a path is an expression of a language that nobody here knows.
            let path = inside.split('|').next().unwrap_or("").trim();
            if !path.contains(|c: char| c.is_whitespace() || "()'\"+*/<>=!?:#&^%{".contains(c)) {
                found.extend(root(path));
            }
        }
    }
    found
}

/// Listed variables that are no word of the flow outside its list, keys included.
pub(super) fn unused<'c>(context: &'c FlowContext<'_>) -> HashSet<&'c str> {
    let declared = context.declared();
    let mut left: HashSet<&str> = declared.listed.keys().map(String::as_str).collect();
    let mut begins = [false; 256];
    for name in &left {
        begins[usize::from(first(name))] = true;
    }
    let mut strike = |text: &str| {
        let mut look = |word: &str| {
            if begins[usize::from(first(word))] {
                left.remove(word);
            }
        };
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        text.split(|c| !letter(c)).for_each(&mut look);
        // A name may have dashes in it, or stand between them.
        if text.contains('-') {
            text.split(|c| !letter(c) && c != '-').for_each(look);
        }
    };
    let outside = |text: &&Text<'_>| text.owner != Owner::Flow;
    for text in context.texts().iter().filter(outside) {
        strike(&text.text);
        strike(text.key());
    }
    for name in &declared.set {
        strike(name);
    }
    left
}

/// The first byte of a word; 0 where it is empty.
fn first(word: &str) -> u8 {
    word.bytes().next().unwrap_or(0)
}
