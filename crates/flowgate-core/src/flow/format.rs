//! The one form in which Flowgate writes flow files: `flowgate fmt`, the merge driver, and what is brought in from CXone.
//!
//! Made for diffs: one member a line, two spaces deeper for each level; a connector is one line, and so is any other
//! object or array of plain values that fits into 100 columns. Members that say what a thing is come first, the
//! others by name, so that one content has one text whatever wrote it. Elements, connectors and items keep their
//! order, numbers are written as they were, and of strings only what cannot be seen is escaped. Law: writing again
//! changes nothing, and the digest never changes.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::canonical::write_string;
use super::json::{Document, Kind, SyntaxError, Value};
use crate::text::{Position, SourceText, is_invisible};

/// A plain object or array that would reach beyond this does not stand on one line.
const COLUMNS: usize = 100;

/// A value that is to be written: kept from a document as it is, or put together from several.
#[derive(Debug, Clone)]
pub enum Tree<'v> {
    /// A value of a document.
    Kept(Value<'v>),
    /// An object of these members.
    Object(Vec<(Cow<'v, str>, Tree<'v>)>),
    /// An array of these items.
    Array(Vec<Tree<'v>>),
}

/// Why a text cannot be formatted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unformattable {
    /// It is not JSON.
    #[error("it is not JSON: {source}")]
    Syntax {
        /// Where.
        at: Position,
        /// What is wrong.
        source: SyntaxError,
    },
    /// An object holds a key twice: nobody can say which of the two is meant.
    #[error("the key {key} stands a second time in this object")]
    DuplicateKey {
        /// Where it stands again.
        at: Position,
        /// As written, with its quotes.
        key: String,
    },
}

impl Unformattable {
    /// Where.
    pub fn at(&self) -> Position {
        match self {
            Unformattable::Syntax { at, .. } | Unformattable::DuplicateKey { at, .. } => *at,
        }
    }
}

/// The text of a file in its one form, with a line feed at its end and without a byte order mark.
///
/// # Errors
/// Where the text is not JSON, or an object in it holds a key twice.
pub fn format(source: &SourceText) -> Result<String, Unformattable> {
    let start = if source.as_str().starts_with('\u{feff}') {
        3
    } else {
        0
    };
    let document = Document::read_from(source.clone(), start).map_err(|error| {
        let at = source.position(error.span.start);
        Unformattable::Syntax { at, source: error }
    })?;
    match document.duplicate_keys().first() {
        None => Ok(write(&Tree::Kept(document.root()))),
        Some(twice) => Err(Unformattable::DuplicateKey {
            at: source.position(twice.again.start),
            key: source.slice(twice.again).to_owned(),
        }),
    }
}

/// The text of a flow file that holds this.
pub fn write(file: &Tree<'_>) -> String {
    let mut page = Page(String::new());
    page.put(Node::Made(file), Part::File, 0, 0);
    page.0.push('\n');
    page.0
}

/// The text of a part of a flow file, as it stands in one; its lines are indented from nothing.
pub(crate) fn part(value: Value<'_>, part: Part) -> String {
    let mut page = Page(String::new());
    page.put(Node::Kept(value), part, 0, 0);
    page.0
}

/// The same on one line.
pub(crate) fn flat(value: Value<'_>, part: Part) -> String {
    let mut page = Page(String::new());
    page.flat(&Node::Kept(value).inside(part));
    page.0
}

/// A string with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut page = Page(String::new());
    page.string(text);
    page.0
}

/// A value of either origin.
#[derive(Clone, Copy)]
enum Node<'t> {
    Kept(Value<'t>),
    Made(&'t Tree<'t>),
}

/// What stands in a value, in the order in which it is written.
enum Inside<'t> {
    Plain(Value<'t>),
    Members(Vec<(Cow<'t, str>, Node<'t>)>),
    Items(Vec<Node<'t>>),
}

impl<'t> Node<'t> {
    fn inside(self, part: Part) -> Inside<'t> {
        let mut members: Vec<(Cow<'t, str>, Node<'t>)> = match self {
            Node::Made(Tree::Kept(value)) => return Node::Kept(*value).inside(part),
            Node::Made(Tree::Array(items)) => {
                return Inside::Items(items.iter().map(Node::Made).collect());
            }
            Node::Made(Tree::Object(members)) => members
                .iter()
                .map(|(key, value)| (Cow::Borrowed(key.as_ref()), Node::Made(value)))
                .collect(),
            Node::Kept(value) => match value.kind() {
                Kind::Array => return Inside::Items(value.items().map(Node::Kept).collect()),
                Kind::Object => value
                    .members()
                    .map(|(key, value)| (Cow::Borrowed(key.text()), Node::Kept(value)))
                    .collect(),
                _ => return Inside::Plain(value),
            },
        };
        members.sort_by(|(a, _), (b, _)| (part.rank(a), a).cmp(&(part.rank(b), b)));
        Inside::Members(members)
    }

    /// Whether nothing stands in it.
    fn is_plain(self) -> bool {
        match self {
            Node::Made(Tree::Kept(value)) => Node::Kept(*value).is_plain(),
            Node::Kept(value) => value.items().next().is_none() && value.members().next().is_none(),
            Node::Made(Tree::Object(members)) => members.is_empty(),
            Node::Made(Tree::Array(items)) => items.is_empty(),
        }
    }
}

impl Inside<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Inside::Plain(_) => true,
            Inside::Members(members) => members.is_empty(),
            Inside::Items(items) => items.is_empty(),
        }
    }

    fn is_of_plain_values(&self) -> bool {
        match self {
            Inside::Plain(_) => true,
            Inside::Members(members) => members.iter().all(|(_, value)| value.is_plain()),
            Inside::Items(items) => items.iter().all(|item| item.is_plain()),
        }
    }
}

/// Which part of a file a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    File,
    Elements,
    Element,
    Connectors,
    Connector,
    Other,
}

/// How a value is laid out.
enum Lines {
    One,
    OneIfItFits,
    Many,
}

impl Part {
    fn of_member(self, key: &str) -> Self {
        match (self, key) {
            (Part::File, "elements") => Part::Elements,
            (Part::File, "connectors") => Part::Connectors,
            _ => Part::Other,
        }
    }

    fn of_item(self) -> Self {
        match self {
            Part::Elements => Part::Element,
            Part::Connectors => Part::Connector,
            _ => Part::Other,
        }
    }

    /// What a member's place depends on before its name does.
    fn rank(self, key: &str) -> usize {
        let (first, last): (&[&str], &[&str]) = match self {
            Part::File => (&["flowId", "name", "version"], &["elements", "connectors"]),
            Part::Element => {
                let says_what_it_is = &[
                    "id",
                    "type",
                    "name",
                    "label",
                    "displayName",
                    "title",
                    "configuration",
                ];
                (says_what_it_is, &[])
            }
            Part::Connector => (&["id", "sourceId", "targetId", "label", "condition"], &[]),
            Part::Elements | Part::Connectors | Part::Other => (&[], &[]),
        };
        let place = |list: &[&str]| list.iter().position(|name| *name == key);
        place(first)
            .or_else(|| Some(first.len() + 1 + place(last)?))
            .unwrap_or(first.len())
    }

    fn lines(self, inside: &Inside<'_>) -> Lines {
        if inside.is_empty() || self == Part::Connector {
            return Lines::One;
        }
        match self {
            Part::Other if inside.is_of_plain_values() => Lines::OneIfItFits,
            _ => Lines::Many,
        }
    }
}

struct Page(String);

impl Page {
    /// Writes a value on a line that is indented by so many levels and holds so many columns before it.
    fn put(&mut self, node: Node<'_>, part: Part, depth: usize, before: usize) {
        let inside = node.inside(part);
        let start = self.0.len();
        match part.lines(&inside) {
            Lines::One => self.flat(&inside),
            Lines::Many => self.spread(inside, part, depth),
            Lines::OneIfItFits => {
                self.flat(&inside);
                let comma = 1;
                let taken = self.0[start..].chars().count() + comma;
                if 2 * depth + before + taken > COLUMNS {
                    self.0.truncate(start);
                    self.spread(inside, part, depth);
                }
            }
        }
    }

    fn flat(&mut self, inside: &Inside<'_>) {
        match inside {
            Inside::Plain(value) => self.plain(*value),
            Inside::Members(members) => {
                self.0.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    self.0.push_str(if index > 0 { ", " } else { "" });
                    self.string(key);
                    self.0.push_str(": ");
                    self.flat(&value.inside(Part::Other));
                }
                self.0.push('}');
            }
            Inside::Items(items) => {
                self.0.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.0.push_str(if index > 0 { ", " } else { "" });
                    self.flat(&item.inside(Part::Other));
                }
                self.0.push(']');
            }
        }
    }

    fn spread(&mut self, inside: Inside<'_>, part: Part, depth: usize) {
        match inside {
            Inside::Plain(value) => self.plain(value),
            Inside::Members(members) => {
                self.0.push('{');
                for (index, (key, value)) in members.into_iter().enumerate() {
                    self.line(index, depth + 1);
                    let start = self.0.len();
                    self.string(&key);
                    self.0.push_str(": ");
                    let before = self.0[start..].chars().count();
                    self.put(value, part.of_member(&key), depth + 1, before);
                }
                self.end(depth);
                self.0.push('}');
            }
            Inside::Items(items) => {
                self.0.push('[');
                for (index, item) in items.into_iter().enumerate() {
                    self.line(index, depth + 1);
                    self.put(item, part.of_item(), depth + 1, 0);
                }
                self.end(depth);
                self.0.push(']');
            }
        }
    }

    fn line(&mut self, index: usize, depth: usize) {
        self.0.push_str(if index > 0 { "," } else { "" });
        self.end(depth);
    }

    fn end(&mut self, depth: usize) {
        self.0.push('\n');
        self.0.extend(std::iter::repeat_n("  ", depth));
    }

    fn plain(&mut self, value: Value<'_>) {
        match value.as_str() {
            Some(text) => self.string(&text),
            None => self.0.push_str(value.raw()),
        }
    }

    /// What nobody would see in an editor is escaped, so that nothing hides in a file.
    fn string(&mut self, text: &str) {
        let start = self.0.len();
        write_string(&mut self.0, text);
        if self.0[start..].contains(is_invisible) {
            let written = self.0.split_off(start);
            for char in written.chars() {
                if is_invisible(char) {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        // Writing to a String cannot fail.
                        let _ = write!(self.0, "\\u{unit:04x}");
                    }
                } else {
                    self.0.push(char);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
