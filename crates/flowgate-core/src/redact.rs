//! The one redactor: secrets never reach a log, a comment, an artifact, an error or a diff.
//!
//! It knows secrets three ways: by value (credentials, tokens, what was found in flows; in every form that they may come
//! back in), by the name of the field that holds them (`names`), and by shape (`shapes`). What comes from a flow is
//! looked at as a value (`inside`, `walk`), by the same knowledge that the rule `hardcoded-secret` has: what is hidden is
//! reported and what is reported is hidden. What others say in words of their own is searched as text too (`pairs`).
//! Escaping what is left is not its work: that is for [`crate::report::safe`].

mod beginnings;
mod forms;
mod inside;
mod known;
mod literal;
pub(crate) mod marks;
mod names;
mod pairs;
mod shapes;
#[cfg(test)]
mod tests;
mod walk;

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};

use known::{Hides, Known, Value};
use marks::Marks;

use crate::flow::json::Key;
use crate::flow::{self, Flow};

pub(crate) use inside::{Secret, Why, secrets};
pub(crate) use literal::has_placeholder;
pub use names::is_secret_key;
pub use walk::Neighbour;
pub(crate) use walk::{Named, Walk, last_word};

/// What stands where a secret was.
pub const REDACTED: &str = "‹redacted›";

/// What stands where a secret is that was another one before.
pub const REDACTED_CHANGED: &str = "‹redacted, changed›";

/// Hides secrets in texts. All clones of one know the same, and what one learns all know.
#[derive(Default, Clone)]
pub struct Redactor {
    shared: Arc<RwLock<Arc<Known>>>,
    /// What only this one knows besides.
    own: Option<Arc<Known>>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} forms)", self.known().forms())
    }
}

impl Redactor {
    /// A redactor that knows these values. Values of fewer than four bytes are left out.
    pub fn new(known_secrets: Vec<String>) -> Self {
        let redactor = Self::default();
        redactor.learn(known_secrets);
        redactor
    }

    /// Hides these from now on, wherever they stand: credentials, and tokens when they are granted.
    pub fn learn(&self, secrets: impl IntoIterator<Item = String>) {
        self.add(secrets.into_iter().flat_map(|secret| credential(&secret)));
    }

    /// Hides the secrets of flows from now on, wherever they stand.
    pub fn learn_found(&self, found: &FoundSecrets) {
        self.add(found.values());
    }

    /// One that knows these secrets too. What this one learns later both know; what the other one learns too.
    #[must_use]
    pub fn with(&self, found: &FoundSecrets) -> Self {
        if found.is_empty() {
            return self.clone();
        }
        let before = self.own.iter().flat_map(|own| own.values().iter().cloned());
        Self {
            shared: Arc::clone(&self.shared),
            own: Some(Arc::new(Known::new(before.chain(found.values()).collect()))),
        }
    }

    /// The secrets in one text of a flow: what its key, its shape and the names in it say, and what is known by value.
    pub(crate) fn in_value(&self, key: &Named, text: &str, marks: Marks) -> Vec<Secret> {
        let mut found = secrets(key, text, marks);
        let mut known = Vec::new();
        self.find_known(text, &mut known);
        if known.is_empty() {
            return found;
        }
        found.extend(
            known::on_borders(text, known)
                .into_iter()
                .map(|range| Secret {
                    range,
                    why: Why::Known,
                }),
        );
        inside::apart(found)
    }

    /// Where secrets stand in a text that nobody could read as a flow, in order and apart.
    pub(crate) fn in_words(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        pairs::find(text, &mut found);
        self.find(text, &mut found);
        known::on_borders(text, found)
    }

    /// These places of a text and those where known secrets stand, in order and apart.
    pub(crate) fn places(&self, text: &str, mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
        self.find_known(text, &mut found);
        known::on_borders(text, found)
    }

    fn add(&self, values: impl Iterator<Item = Value>) {
        let new: Vec<Value> = values.collect();
        if new.is_empty() {
            return;
        }
        let mut known = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        let all = known.values().iter().cloned().chain(new).collect();
        *known = Arc::new(Known::new(all));
    }

    /// Whether no secret is known by value.
    pub(crate) fn knows_nothing(&self) -> bool {
        self.own.is_none() && self.known().values().is_empty()
    }

    fn known(&self) -> Arc<Known> {
        let known = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known)
    }

    /// Words of others without their secrets: those that are known, those of a known shape, and those that are named in the
    /// text (`password=…`).
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        hide(text, &self.in_words(text))
    }

    /// A text that is made of parts of a flow, without secrets that are known or have a known shape. What a flow names as
    /// secret was found in its values, and is known: a prompt that speaks of a password stays readable.
    pub fn of_flow<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found = Vec::new();
        self.find(text, &mut found);
        hide(text, &known::on_borders(text, found))
    }

    /// What was told of a flow already, in whatever markup, without secrets that are known by now.
    pub fn told<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found = Vec::new();
        self.find_known(text, &mut found);
        hide(text, &known::on_borders(text, found))
    }

    /// The values of a field before and after, written as JSON, as they may be shown. That a secret is another one now
    /// stays visible.
    pub(crate) fn values(
        &self,
        [old, new]: [&Rc<Named>; 2],
        before: Option<&str>,
        after: Option<&str>,
    ) -> (Option<String>, Option<String>) {
        let before = before.map(|json| self.open(json, inside::in_written(old, json)));
        let after = after.map(|json| self.open(json, inside::in_written(new, json)));
        both(before.as_ref(), after.as_ref())
    }

    /// The same for texts as people hear them.
    pub(crate) fn heard(&self, key: &Named, before: &str, after: &str) -> (String, String) {
        let open = |text| {
            let found = secrets(key, text, Marks::of(text));
            self.open(text, found.into_iter().map(|secret| secret.range).collect())
        };
        let (before, after) = both(Some(&open(before)), Some(&open(after)));
        (before.unwrap_or_default(), after.unwrap_or_default())
    }

    fn open<'t>(&self, text: &'t str, mut found: Vec<Range<usize>>) -> Opened<'t> {
        self.find(text, &mut found);
        let secrets = known::on_borders(text, found);
        Opened { text, secrets }
    }

    /// A line with a marked range of bytes, both without secrets: a range inside a secret marks all of what stands
    /// in its place.
    pub fn marked(&self, text: &str, mark: Range<usize>) -> (String, Range<usize>) {
        let mut found = Vec::new();
        self.find(text, &mut found);
        let secrets = known::on_borders(text, found);
        let mut ends = [(mark.start, Side::Start), (mark.end, Side::End)];
        let shown = replace(text, &secrets, &mut ends);
        (shown, ends[0].0..ends[1].0)
    }

    /// Ranges of bytes that hold secrets by value or shape.
    fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        self.find_known(text, found);
        shapes::find(text, found);
    }

    fn find_known(&self, text: &str, found: &mut Vec<Range<usize>>) {
        self.known().find(text, found);
        if let Some(own) = &self.own {
            own.find(text, found);
        }
    }
}

/// What is looked for in texts, and what closes it: of each table of a search.
#[cfg(test)]
pub(crate) fn sought() -> Vec<(String, String)> {
    let texts = beginnings::all().chain(pairs::QUOTES).map(str::to_owned);
    let names = names::all().into_iter().flat_map(|name| {
        let signs = ["=", ": ", "','"];
        signs.map(|sign| format!("{name}{sign}"))
    });
    let alone = texts.chain(known::escapes()).chain(names);
    let alone = alone.map(|token| (token, String::new()));
    alone.chain(literal::sought()).collect()
}

fn hide<'t>(text: &'t str, secrets: &[Range<usize>]) -> Cow<'t, str> {
    if secrets.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(replace(text, secrets, &mut []))
    }
}

/// Two are the same where what one learns the other knows.
impl PartialEq for Redactor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.own.is_none() && other.own.is_none()
    }
}

impl Eq for Redactor {}

/// A text and where its secrets are.
struct Opened<'t> {
    text: &'t str,
    secrets: Vec<Range<usize>>,
}

impl<'t> Opened<'t> {
    fn hidden(&self) -> impl Iterator<Item = &'t str> {
        let part = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or("");
        self.secrets.iter().map(part)
    }

    /// The text with this instead of its secrets; where all of it is one, without the quotes around it.
    fn shown(&self, instead: impl Fn(&str) -> &'static str) -> String {
        if let [only] = self.secrets.as_slice()
            && let Some(secret) = self.text.get(only.clone())
        {
            let (before, after) = (&self.text[..only.start], &self.text[only.end..]);
            if matches!((before, after), ("\"", "\"") | ("", "")) {
                return instead(secret).to_owned();
            }
        }
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, secret) in self.secrets.iter().zip(self.hidden()) {
            out.push_str(self.text.get(at..range.start).unwrap_or(""));
            out.push_str(instead(secret));
            at = range.end;
        }
        out.push_str(self.text.get(at..).unwrap_or(""));
        out
    }
}

fn both(
    before: Option<&Opened<'_>>,
    after: Option<&Opened<'_>>,
) -> (Option<String>, Option<String>) {
    let old: HashSet<&str> = before.into_iter().flat_map(Opened::hidden).collect();
    let is_new = |secret: &str| !old.is_empty() && !old.contains(secret);
    let after = after.map(|after| {
        after.shown(|secret| {
            if is_new(secret) {
                REDACTED_CHANGED
            } else {
                REDACTED
            }
        })
    });
    (before.map(|before| before.shown(|_| REDACTED)), after)
}

/// The values of one credential: a text of several lines is known by each line of it too.
fn credential(secret: &str) -> Vec<Value> {
    let value = |text: &str| Value {
        text: text.trim().to_owned(),
        hides: Hides::Everywhere,
    };
    let lines = secret.lines().filter(|line| line.trim().len() >= LONG_LINE);
    let lines = lines.map(value).collect::<Vec<_>>();
    let mut all = vec![value(secret)];
    all.extend(lines);
    all
}

/// A line that is so long is a secret by itself where it is part of one.
const LONG_LINE: usize = 16;

/// The secrets that stand in flows, by value: as far as they can be told from words that stand elsewhere too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundSecrets(Vec<Hidden>);

/// A value that is never shown, not even by a debug form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Hidden(String, Hides);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl FoundSecrets {
    /// The secrets of these flows.
    pub fn of<'f>(flows: impl IntoIterator<Item = &'f Flow>) -> Self {
        let mut found = Self::default();
        found.add(None, flows);
        found
    }

    /// Those of these flows too, where these are already those of another one: what stands there as it does in that one is
    /// not looked at again.
    pub(crate) fn add_beside<'f>(
        &mut self,
        looked_at: &'f Flow,
        flows: impl IntoIterator<Item = &'f Flow>,
    ) {
        self.add(Some(looked_at), flows);
    }

    fn add<'f>(&mut self, looked_at: Option<&'f Flow>, flows: impl IntoIterator<Item = &'f Flow>) {
        let mut looked_at = looked_at;
        for flow in flows {
            let mut seen = Seen::of(looked_at);
            let mut walk = Walk::through(flow.document());
            for part in parts(flow).filter(|part| !seen.has(part)) {
                let key = walk.named(part.key);
                walk.texts(key, part.value, part.is_item, |key, _, text| {
                    self.extend_from(&text, &secrets(&key, &text, Marks::of(&text)));
                });
            }
            looked_at.get_or_insert(flow);
        }
    }

    /// Those that were found in a text.
    pub(crate) fn extend_from(&mut self, text: &str, secrets: &[Secret]) {
        for secret in secrets {
            self.push(text.get(secret.range.clone()).unwrap_or(""));
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These too.
    pub fn extend(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.0.extend(other.0.iter().cloned());
        self.0.sort();
        self.0.dedup();
    }

    /// One more. A word is hidden where it stands as a secret and nowhere else: it stands in prompts too.
    pub(crate) fn push(&mut self, secret: &str) {
        const SURE: usize = 10;
        let secret = secret.trim();
        let all = |kind: fn(char) -> bool| secret.chars().all(kind);
        let hides = if all(char::is_alphabetic) && secret.len() < 2 * SURE || secret.len() < 6 {
            return;
        } else if all(char::is_alphanumeric) && (secret.len() < SURE || all(char::is_numeric)) {
            Hides::Word
        } else {
            Hides::Everywhere
        };
        self.0.push(Hidden(secret.to_owned(), hides));
        // Of a user and a password the password alone is a secret too.
        if let Some((_, password)) = secret.split_once(':') {
            self.push(password);
        }
        // Of a cookie, or a way to log in with several parts, so are the values: `session=…; lang=de`.
        for part in secret.split([';', ',', ' ']) {
            let value = part.split_once('=').map_or(part, |(_, value)| value);
            if value.len() < secret.len() && literal::looks_made(value) {
                self.push(value);
            }
        }
        let lines = secret
            .lines()
            .filter(|line| line.len() >= LONG_LINE && line.len() < secret.len());
        self.0
            .extend(lines.map(|line| Hidden(line.trim().to_owned(), Hides::Everywhere)));
    }

    fn values(&self) -> impl Iterator<Item = Value> {
        self.0.iter().map(|Hidden(text, hides)| Value {
            text: text.clone(),
            hides: *hides,
        })
    }
}

/// A part of a flow file: a member, or of the lists of elements and connectors an item.
struct Part<'f> {
    /// The key of the member.
    key: Key<'f>,
    value: flow::json::Value<'f>,
    is_item: bool,
}

/// Parts of a flow that was looked at, for another one that stands in nearly the same order.
struct Seen<'f>(VecDeque<Part<'f>>);

impl<'f> Seen<'f> {
    fn of(flow: Option<&'f Flow>) -> Self {
        Self(flow.into_iter().flat_map(parts).collect())
    }

    /// Whether this part stands exactly so in the flow, as far as the next few tell.
    fn has(&mut self, part: &Part<'_>) -> bool {
        const NEAR: usize = 8;
        let is_it = |seen: &Part<'_>| {
            seen.key.text() == part.key.text() && seen.value.raw() == part.value.raw()
        };
        let found = self.0.iter().take(NEAR).position(is_it);
        if let Some(at) = found {
            self.0.drain(..=at);
        }
        found.is_some()
    }
}

/// All of them.
fn parts(flow: &Flow) -> impl Iterator<Item = Part<'_>> {
    let members = flow.document().root().members();
    members.flat_map(|(key, value)| {
        let is_list = matches!(key.text(), "elements" | "connectors") && value.is_array();
        let part = move |value, is_item| Part {
            key,
            value,
            is_item,
        };
        let items = is_list.then(|| value.items().map(move |item| part(item, true)));
        let member = (!is_list).then(|| part(value, false));
        items.into_iter().flatten().chain(member)
    })
}

/// Whether a value can hold a secret at all: nothing is hidden by showing `null`, a boolean or an empty text.
fn says_something(value: &str) -> bool {
    !matches!(
        value.trim(),
        "" | "\"\"" | "null" | "true" | "false" | "{}" | "[]"
    )
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// Replaces the ranges and moves `places` (byte offsets) to where they are afterwards.
fn replace(text: &str, secrets: &[Range<usize>], places: &mut [(usize, Side)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut moved: Vec<usize> = places.iter().map(|place| place.0).collect();
    for secret in secrets {
        out.push_str(text.get(at..secret.start).unwrap_or(""));
        let start = out.len();
        out.push_str(REDACTED);
        at = secret.end;
        for (place, moved) in places.iter().zip(&mut moved) {
            if place.0 >= secret.end {
                *moved = place.0 - secret.end + out.len();
            } else if place.0 > secret.start {
                *moved = if place.1 == Side::Start {
                    start
                } else {
                    out.len()
                };
            } else if place.0 == secret.start {
                *moved = start;
            }
        }
    }
    out.push_str(text.get(at..).unwrap_or(""));
    for (place, moved) in places.iter_mut().zip(moved) {
        place.0 = moved;
    }
    out
}
