//! What is live, brought into its flow file: what is the same keeps its bytes, and so do members that the wire does not
//! know; only what differs is written anew, in the file's own indentation. Laws: the digest of the file is that of what
//! is live afterwards, bringing in again changes nothing, and a file that says what is live is left alone to the byte.

mod partners;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::super::format::{self, Part, Tree};
use super::super::json::{Key, Kind, Value};
use super::super::{Content, Flow, Layout, content_eq, digest, value_eq};
use super::with_version;

/// The text of a flow file that says what is live; `None` where the file says it already, or where what is live has no
/// identity. The file's version becomes the live one's.
pub fn bring_in(file: &Flow, live: &Flow, layout: &Layout) -> Option<String> {
    let wanted = digest(live, layout)?;
    if digest(file, layout).as_ref() == Some(&wanted) {
        return None;
    }
    let says = |text: &str| {
        let content = Content::Bytes(text.as_bytes().to_vec());
        let path = file.source().path().clone();
        let flow = super::read(path, content).flow?;
        let is_it = digest(&flow, layout).as_ref() == Some(&wanted);
        is_it.then_some(flow)
    };
    // Where a file holds what cannot be told apart by ids, the order of what is live decides; where even that is not
    // enough, the file is written anew.
    for order in [Order::OfFile, Order::OfLive] {
        let text = Merge::new(file, layout, order).file(live);
        if let Some(flow) = says(&text) {
            return Some(numbered(&flow, live).unwrap_or(text));
        }
    }
    let text = anew(live);
    says(&text).map(|_| text)
}

/// The text of a new flow file that says what is live.
pub fn anew(live: &Flow) -> String {
    let mut members: Vec<(Cow<'_, str>, Tree<'_>)> = Vec::new();
    for key in ["flowId", "name", "version", "elements", "connectors"] {
        let is_ours = |value: &Value<'_>| {
            // We name versions, not flows, when we create one.
            let name = value.as_str();
            key == "name" && name.is_none_or(|name| name.starts_with("Version "))
        };
        let value = live.top(key).filter(|value| !is_ours(value));
        members.extend(value.map(|value| (Cow::Borrowed(key), Tree::Kept(value))));
    }
    format::write(&Tree::Object(members))
}

/// The same file with the live version's number.
fn numbered(file: &Flow, live: &Flow) -> Option<String> {
    let version = live.version()?;
    (file.version() != Some(version)).then(|| with_version(file, version))?
}

/// Whose order elements and connectors stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    OfFile,
    OfLive,
}

/// Whether the members of an object say where it is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    /// It is an element or a connector.
    Here,
    /// It stands somewhere inside of one.
    Elsewhere,
}

struct Merge<'f> {
    file: &'f Flow,
    layout: &'f Layout,
    order: Order,
    /// What one level of indentation is in this file.
    unit: &'f str,
}

/// A part of a container in the new text: what stands before it, and itself.
struct Piece {
    before: Option<String>,
    text: String,
}

impl<'f> Merge<'f> {
    fn new(file: &'f Flow, layout: &'f Layout, order: Order) -> Self {
        let mut merge = Self {
            file,
            layout,
            order,
            unit: "  ",
        };
        let root = file.document().root();
        if let Some((key, _)) = root.members().next() {
            let lead = merge.between(root.span().start + 1, key.span().start);
            if let Some((_, unit)) = lead.rsplit_once('\n')
                && !unit.is_empty()
            {
                merge.unit = unit;
            }
        }
        merge
    }

    fn between(&self, start: u32, end: u32) -> &'f str {
        let text = self.file.source().as_str();
        text.get(start as usize..end as usize).unwrap_or("")
    }

    /// The whole text.
    fn file(&self, live: &Flow) -> String {
        let root = self.file.document().root();
        let mut pieces = Pieces::of(self, root);
        let mut missing: BTreeSet<&str> = ["elements", "connectors"].into();
        let mut seen = BTreeSet::new();
        for (index, (key, value)) in root.members().enumerate() {
            let name = key.text();
            let part = match name {
                "elements" => Part::Elements,
                "connectors" => Part::Connectors,
                _ => Part::Other,
            };
            missing.remove(name);
            let first = seen.insert(name);
            let new = match live.top(name) {
                Some(new) if part != Part::Other && first => self.list(value, new, part),
                _ => value.raw().to_owned(),
            };
            pieces.keep(index, key, value, &new);
        }
        for key in missing {
            if let Some(new) = live.top(key) {
                let part = if key == "elements" {
                    Part::Elements
                } else {
                    Part::Connectors
                };
                pieces.add(&format!("\"{key}\": {}", self.written(new, part, 1)));
            }
        }
        let text = self.file.source().as_str();
        let (start, end) = (root.span().start as usize, root.span().end as usize);
        format!(
            "{}{}{}",
            text.get(..start).unwrap_or(""),
            pieces.text(),
            text.get(end..).unwrap_or("")
        )
    }

    /// Elements or connectors: what has the same id is merged, what is new stands behind its neighbour.
    fn list(&self, old: Value<'f>, new: Value<'_>, part: Part) -> String {
        if !old.is_array() {
            return self.written(new, part, 1);
        }
        let item = match part {
            Part::Elements => Part::Element,
            _ => Part::Connector,
        };
        let olds: Vec<Value<'f>> = old.items().collect();
        let news: Vec<Value<'_>> = new.items().collect();
        let partner = partners::of(&olds, &news, self.layout);
        let mut pieces = Pieces::of(self, old);
        let one_line = olds.iter().all(|value| !value.raw().contains('\n'));
        let fresh = |value: Value<'_>| {
            if one_line && !olds.is_empty() {
                format::flat(value, item)
            } else {
                self.written(value, item, 2)
            }
        };
        if self.order == Order::OfLive {
            for (index, value) in news.iter().enumerate() {
                match partner.old_of.get(&index) {
                    Some(&was) => pieces.put(was, self.item(olds[was], *value)),
                    None => pieces.add(&fresh(*value)),
                }
            }
            return pieces.text();
        }
        // New ones stand behind the one that they follow in what is live.
        let mut behind: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        let mut last = None;
        for index in 0..news.len() {
            match partner.old_of.get(&index) {
                Some(&was) => last = Some(was),
                None => behind.entry(last).or_default().push(index),
            }
        }
        let add = |pieces: &mut Pieces<'_, '_>, after: Option<usize>| {
            for &index in behind.get(&after).into_iter().flatten() {
                pieces.add(&fresh(news[index]));
            }
        };
        add(&mut pieces, None);
        for (was, value) in olds.iter().enumerate() {
            if let Some(&is) = partner.new_of.get(&was) {
                pieces.put(was, self.item(*value, news[is]));
            }
            add(&mut pieces, Some(was));
        }
        pieces.text()
    }

    /// An element or connector. Where it is drawn is the file's to say, if it says so.
    fn item(&self, old: Value<'f>, new: Value<'_>) -> String {
        if content_eq(old, new, self.layout) {
            return old.raw().to_owned();
        }
        self.object(old, new, 2, Drawn::Here)
    }

    /// A value: as it was written where it means the same.
    fn value(&self, old: Value<'f>, new: Value<'_>, depth: usize) -> String {
        if value_eq(old, new) {
            return old.raw().to_owned();
        }
        match (old.kind(), new.kind()) {
            (Kind::Object, Kind::Object) => self.object(old, new, depth, Drawn::Elsewhere),
            (Kind::Array, Kind::Array) if old.items().count() == new.items().count() => {
                let mut pieces = Pieces::of(self, old);
                for (index, (old, new)) in old.items().zip(new.items()).enumerate() {
                    pieces.put(index, self.value(old, new, depth + 1));
                }
                pieces.text()
            }
            _ => self.written(new, Part::Other, depth),
        }
    }

    fn object(&self, old: Value<'f>, new: Value<'_>, depth: usize, drawn: Drawn) -> String {
        let mut pieces = Pieces::of(self, old);
        let mut seen = BTreeSet::new();
        for (index, (key, value)) in old.members().enumerate() {
            let name = key.text();
            let is_first = seen.insert(name);
            if drawn == Drawn::Here && self.layout.contains(name) {
                pieces.keep(index, key, value, value.raw());
            } else if let Some(new) = new.get(name).filter(|_| is_first) {
                let text = self.value(value, new, depth + 1);
                pieces.keep(index, key, value, &text);
            }
        }
        for (key, value) in new.members() {
            let name = key.text();
            if seen.insert(name) {
                let text = if pieces.is_one_line() {
                    format::flat(value, Part::Other)
                } else {
                    self.written(value, Part::Other, depth + 1)
                };
                pieces.add(&format!("{}: {text}", format::quoted(name)));
            }
        }
        pieces.text()
    }

    /// A value in the one form of flow files, in this file's indentation and with its line ends.
    fn written(&self, value: Value<'_>, part: Part, depth: usize) -> String {
        let text = format::part(value, part);
        let line_end = if self.file.source().as_str().contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let mut lines = text.split('\n');
        let mut out = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            let spaces = line.len() - line.trim_start_matches(' ').len();
            out.push_str(line_end);
            out.push_str(&self.unit.repeat(depth + spaces / 2));
            out.push_str(&line[spaces..]);
        }
        out
    }
}

/// The inside of a container of the file, piece by piece, with what stood between the pieces.
struct Pieces<'m, 'f> {
    merge: &'m Merge<'f>,
    container: Value<'f>,
    /// What stands before each piece of the file, without its comma.
    before: Vec<&'f str>,
    pieces: Vec<Piece>,
}

impl<'m, 'f> Pieces<'m, 'f> {
    fn of(merge: &'m Merge<'f>, container: Value<'f>) -> Self {
        let mut before = Vec::new();
        let mut at = container.span().start + 1;
        let keys = container
            .members()
            .map(|(key, value)| (key.span().start, value));
        let items = container.items().map(|item| (item.span().start, item));
        for (start, value) in keys.chain(items) {
            let space = merge.between(at, start);
            before.push(space.split_once(',').map_or(space, |(_, space)| space));
            at = value.span().end;
        }
        Self {
            merge,
            container,
            before,
            pieces: Vec::new(),
        }
    }

    /// Whether its members stand on the line of its bracket.
    fn is_one_line(&self) -> bool {
        self.before.iter().all(|before| !before.contains('\n'))
    }

    /// A member of the file, with this value.
    fn keep(&mut self, index: usize, key: Key<'f>, old: Value<'f>, value: &str) {
        let name = self.merge.between(key.span().start, old.span().start);
        self.put(index, format!("{name}{value}"));
    }

    /// What stood at this place of the file, written so.
    fn put(&mut self, index: usize, text: String) {
        self.pieces.push(Piece {
            before: self.before.get(index).map(|&before| before.to_owned()),
            text,
        });
    }

    /// Something new.
    fn add(&mut self, text: &str) {
        self.pieces.push(Piece {
            before: None,
            text: text.to_owned(),
        });
    }

    fn text(&self) -> String {
        let raw = self.container.raw();
        let (open, close) = if self.container.is_array() {
            ('[', ']')
        } else {
            ('{', '}')
        };
        if self.pieces.is_empty() {
            return format!("{open}{close}");
        }
        let last = self.container.members().map(|(_, value)| value);
        let last = last.chain(self.container.items()).last();
        let tail = match last {
            Some(last) => self
                .merge
                .between(last.span().end, self.container.span().end.saturating_sub(1)),
            None => raw.get(1..raw.len().saturating_sub(1)).unwrap_or(""),
        };
        // New pieces stand as the second one of the file does, else as the first.
        let first = self.before.first().copied().unwrap_or("");
        let usual = self.before.get(1).copied().unwrap_or(match first {
            "" => " ",
            first => first,
        });
        let mut out = String::from(open);
        for (index, piece) in self.pieces.iter().enumerate() {
            if index == 0 {
                out.push_str(first);
            } else {
                out.push(',');
                out.push_str(piece.before.as_deref().unwrap_or(usual));
            }
            out.push_str(&piece.text);
        }
        out.push_str(tail);
        out.push(close);
        out
    }
}

#[cfg(test)]
mod tests;
