//! The keys of a document: each different text is kept once, however often it stands there.
//!
//! A flow has a few dozen keys, and each stands in every element. What is known by a key's number need not be found out
//! by looking at its text again: whether an object has it twice, how it sorts, what a rule thinks of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Document, Kind, unescape};
use crate::text::Span;

/// Names a key by its decoded text: in one document, equal texts have equal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(super) u32);

/// A text between quotes, decoded.
#[derive(Debug, Clone)]
enum Text {
    /// It is what stands there.
    Plain(Span),
    Decoded(Box<str>),
}

impl Text {
    fn in_source<'t>(&'t self, source: &'t str) -> &'t str {
        match self {
            Text::Plain(span) => source
                .get(span.start as usize..span.end as usize)
                .unwrap_or(""),
            Text::Decoded(text) => text,
        }
    }
}

/// The different keys of a document, in the order in which they stand there first.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    texts: Vec<Text>,
    /// Made when first asked for; see [`super::Key::rank`].
    ranks: OnceLock<Vec<u32>>,
}

impl Keys {
    pub(super) fn text<'t>(&'t self, source: &'t str, key: KeyId) -> &'t str {
        let text = self.texts.get(key.0 as usize);
        text.map_or("", |text| text.in_source(source))
    }

    pub(super) fn rank(&self, source: &str, key: KeyId) -> u32 {
        let ranks = self.ranks.get_or_init(|| {
            let mut sorted: Vec<u32> = (0..super::offset(self.texts.len())).collect();
            sorted.sort_unstable_by_key(|&key| self.text(source, KeyId(key)));
            let mut ranks = vec![0; sorted.len()];
            for (rank, key) in (0..).zip(sorted) {
                ranks[key as usize] = rank;
            }
            ranks
        });
        ranks.get(key.0 as usize).copied().unwrap_or(0)
    }
}

/// What is thought of each key of one document: found out once for each text.
#[derive(Debug, Clone)]
pub struct PerKey<T>(Vec<T>);

impl<T> PerKey<T> {
    /// Asks about every key of the document.
    pub fn of(document: &Document, mut ask: impl FnMut(&str) -> T) -> Self {
        let source = document.source.as_str();
        let texts = document.keys.texts.iter();
        Self(texts.map(|text| ask(text.in_source(source))).collect())
    }

    /// Whether something of this kind was said about any key.
    pub fn any(&self, is_so: impl Fn(&T) -> bool) -> bool {
        self.0.iter().any(is_so)
    }

    /// What was said about this key; `None` for a key of another document.
    pub fn get(&self, key: KeyId) -> Option<&T> {
        self.0.get(key.0 as usize)
    }
}

impl PerKey<bool> {
    /// Whether this was said about a key.
    pub fn has(&self, key: KeyId) -> bool {
        self.get(key) == Some(&true)
    }
}

/// Keys that are looked for together. What tells them from others is found out when the program is built.
pub struct Names<const N: usize>([(&'static str, u16); N]);

impl<const N: usize> Names<N> {
    /// These, in this order.
    pub const fn of(texts: [&'static str; N]) -> Self {
        let mut names = [("", 0); N];
        let mut at = 0;
        while at < N {
            names[at] = (texts[at], print(texts[at]));
            at += 1;
        }
        Self(names)
    }

    /// The text and the print of each.
    pub(super) fn prints(&self) -> impl Iterator<Item = (&'static str, u16)> {
        self.0.iter().copied()
    }

    /// The one at this place.
    pub fn text(&self, at: usize) -> &'static str {
        self.0.get(at).map_or("", |name| name.0)
    }

    /// Whether this is one of them.
    pub fn contain(&self, text: &str) -> bool {
        self.0.iter().any(|name| name.0 == text)
    }
}

/// Sixteen bits of a text that another text probably has not: most keys are told apart by them.
pub(super) const fn print(text: &str) -> u16 {
    Ends::of(text).print()
}

/// The beginning, the end and the length of a text: all of it, where it is short, as most keys are.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Ends {
    head: u64,
    tail: u64,
    length: usize,
}

impl Ends {
    /// So many bytes are one half at least.
    const WHOLE: usize = 16;

    const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let eight = (bytes.first_chunk(), bytes.last_chunk());
        let four = (bytes.first_chunk(), bytes.last_chunk());
        let (head, tail) = match (eight, four) {
            ((Some(head), Some(tail)), _) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            (_, (Some(head), Some(tail))) => (
                u32::from_le_bytes(*head) as u64,
                u32::from_le_bytes(*tail) as u64,
            ),
            _ => {
                let (mut all, mut at) = (0, 0);
                while at < bytes.len() {
                    all = all << 8 | bytes[at] as u64;
                    at += 1;
                }
                (all, 0)
            }
        };
        Self {
            head,
            tail,
            length: bytes.len(),
        }
    }

    const fn print(self) -> u16 {
        // Odd numbers without a pattern; what is multiplied has its best bits on top.
        let mixed = (self.head ^ self.length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ self.tail.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        (mixed >> 48) as u16
    }
}

/// How many keys are found without a map. Others may push them out; then the map finds them.
const AT_HAND: usize = 256;

/// Gives keys their ids while a document is read.
pub(super) struct Interner<'t> {
    source: &'t str,
    keys: Keys,
    /// The key that was met last with each print. Only a short cut: whoever writes keys of one print gains nothing but
    /// the map's time.
    at_hand: Box<[(Ends, u32); AT_HAND]>,
    by_text: HashMap<Cow<'t, str>, u32>,
}

impl<'t> Interner<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        Self {
            source,
            keys: Keys::default(),
            at_hand: Box::new([(Ends::default(), u32::MAX); AT_HAND]),
            by_text: HashMap::new(),
        }
    }

    /// The id and the print of the key whose text stands in this span between quotes.
    pub(super) fn intern(&mut self, span: Span, kind: Kind) -> (KeyId, u16) {
        let inner = self.source.get(span.start as usize..span.end as usize);
        let inner = inner.unwrap_or("");
        let text = if kind == Kind::EscapedString {
            Cow::Owned(unescape(inner))
        } else {
            Cow::Borrowed(inner)
        };
        let ends = Ends::of(&text);
        let print = ends.print();
        let place = usize::from(print) % AT_HAND;
        let (known_ends, known) = self.at_hand[place];
        if ends == known_ends
            && let Some(known_text) = self.keys.texts.get(known as usize)
            && (ends.length <= Ends::WHOLE || known_text.in_source(self.source) == text)
        {
            return (KeyId(known), print);
        }
        let id = self.look_up(text, span);
        self.at_hand[place] = (ends, id);
        (KeyId(id), print)
    }

    fn look_up(&mut self, text: Cow<'t, str>, span: Span) -> u32 {
        if let Some(&known) = self.by_text.get(&text) {
            return known;
        }
        let id = super::offset(self.keys.texts.len());
        self.keys.texts.push(match &text {
            Cow::Borrowed(_) => Text::Plain(span),
            Cow::Owned(text) => Text::Decoded(text.as_str().into()),
        });
        self.by_text.insert(text, id);
        id
    }

    /// How many different keys there are so far.
    pub(super) fn len(&self) -> usize {
        self.keys.texts.len()
    }

    pub(super) fn into_keys(self) -> Keys {
        self.keys
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn intern<'t>(keys: &mut Interner<'t>, text: &'t str, kind: Kind) -> KeyId {
        let start = keys.source.find(text).unwrap();
        let span = Span {
            start: super::super::offset(start),
            end: super::super::offset(start + text.len()),
        };
        keys.intern(span, kind).0
    }

    #[test]
    fn a_key_has_one_id_however_it_is_written_and_whatever_came_between() {
        // So many that each place at hand is taken several times.
        let many: Vec<String> = (0..3_000).map(|nth| format!("key{nth};")).collect();
        let source = format!("id i\\u0064 {}", many.concat());
        let mut keys = Interner::new(&source);
        let id = intern(&mut keys, "id", Kind::PlainString);
        let first: Vec<KeyId> = many
            .iter()
            .map(|key| intern(&mut keys, key, Kind::PlainString))
            .collect();
        assert_eq!(intern(&mut keys, "i\\u0064", Kind::EscapedString), id);
        for (key, known) in many.iter().zip(first) {
            assert_eq!(intern(&mut keys, key, Kind::PlainString), known);
            assert_eq!(keys.keys.text(&source, known), key);
        }
        assert_eq!(keys.len(), 3_001);
    }

    #[test]
    fn keys_rank_as_their_texts_sort() {
        let source = "type id é configuration ids a";
        let mut keys = Interner::new(source);
        let mut words: Vec<&str> = source.split(' ').collect();
        let ids: Vec<KeyId> = words
            .iter()
            .map(|word| intern(&mut keys, word, Kind::PlainString))
            .collect();
        let keys = keys.into_keys();
        let mut ranked: Vec<(u32, &str)> = ids
            .iter()
            .map(|&id| (keys.rank(source, id), keys.text(source, id)))
            .collect();
        ranked.sort_unstable();
        words.sort_unstable();
        let by_rank: Vec<&str> = ranked.into_iter().map(|(_, word)| word).collect();
        assert_eq!(by_rank, words);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn short_texts_with_the_same_ends_are_the_same(one in "[ab\0]{0,18}", other in "[ab\0]{0,18}") {
            let whole = one.len() <= Ends::WHOLE;
            prop_assert!(!whole || (Ends::of(&one) == Ends::of(&other)) == (one == other));
        }
    }

    #[test]
    fn prints_tell_the_words_of_a_flow_apart() {
        let words = [
            "",
            "x",
            "y",
            "id",
            "type",
            "name",
            "label",
            "configuration",
            "sourceId",
            "targetId",
            "position",
            "prompt",
            "value",
            "default",
            "condition",
        ];
        for (at, one) in words.iter().enumerate() {
            for other in &words[at + 1..] {
                assert_ne!(print(one), print(other), "{one} {other}");
            }
        }
    }
}
