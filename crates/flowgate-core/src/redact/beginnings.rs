//! What secrets begin with, found in one pass over a text: whether a search for a shape can find anything at all.

use super::shapes::{PREFIXES, SCHEMES};

/// A shape of secrets; see `shapes` for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Scheme = 1,
    UserInfo = 2,
    Prefixed = 4,
    WebToken = 8,
    PrivateKey = 16,
}

/// Shapes whose beginning stands in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen(u8);

impl Seen {
    pub(super) fn has(self, shape: Shape) -> bool {
        self.0 & shape as u8 != 0
    }

    fn add(&mut self, shape: Shape) {
        self.0 |= shape as u8;
    }
}

/// A set of pairs of bytes.
struct Pairs([u64; 1024]);

impl Pairs {
    const fn with(mut self, first: u8, second: u8) -> Self {
        let (word, bit) = Self::place(first, second);
        self.0[word] |= bit;
        self
    }

    const fn place(first: u8, second: u8) -> (usize, u64) {
        let at = (first as usize) << 8 | second as usize;
        (at >> 6, 1 << (at & 63))
    }

    fn has(&self, first: u8, second: u8) -> bool {
        let (word, bit) = Self::place(first, second);
        self.0[word] & bit != 0
    }
}

/// The first two bytes of everything that is looked for.
static FIRST_TWO: Pairs = {
    let mut pairs = Pairs([0; 1024]);
    let mut at = 0;
    while at < SCHEMES.len() {
        let [first, second, ..] = *SCHEMES[at].as_bytes() else {
            panic!("a scheme has two letters");
        };
        let (upper_first, upper_second) = (first.to_ascii_uppercase(), second.to_ascii_uppercase());
        pairs = pairs.with(first, second).with(first, upper_second);
        pairs = pairs
            .with(upper_first, second)
            .with(upper_first, upper_second);
        at += 1;
    }
    at = 0;
    while at < PREFIXES.len() {
        let [first, second, ..] = *PREFIXES[at].0.as_bytes() else {
            panic!("a prefix has two letters");
        };
        pairs = pairs.with(first, second);
        at += 1;
    }
    pairs.with(b':', b'/').with(b'e', b'y').with(b'-', b'-')
};

/// Which shapes of secrets may stand in a text.
pub(super) fn seen(text: &str) -> Seen {
    let bytes = text.as_bytes();
    let mut seen = Seen::default();
    for (at, pair) in bytes.windows(2).enumerate() {
        if FIRST_TWO.has(pair[0], pair[1]) {
            look(&bytes[at..], &mut seen);
        }
    }
    seen
}

fn look(rest: &[u8], seen: &mut Seen) {
    let begins = |scheme: &&str| {
        let head = rest.get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    if SCHEMES.iter().any(begins) {
        seen.add(Shape::Scheme);
    }
    if rest.starts_with(b"://") {
        seen.add(Shape::UserInfo);
    }
    if rest.starts_with(b"eyJ") {
        seen.add(Shape::WebToken);
    }
    if rest.starts_with(b"-----BEGIN ") {
        seen.add(Shape::PrivateKey);
    }
    if PREFIXES
        .iter()
        .any(|(prefix, _)| rest.starts_with(prefix.as_bytes()))
    {
        seen.add(Shape::Prefixed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_seen_wherever_it_stands_and_plain_words_are_not() {
        let schemes = ["bearer", "Basic", "BEARER"].map(|it| (it, Shape::Scheme));
        let others = [
            ("://", Shape::UserInfo),
            ("eyJ", Shape::WebToken),
            ("-----BEGIN ", Shape::PrivateKey),
        ];
        let prefixes = PREFIXES.map(|(prefix, _)| (prefix, Shape::Prefixed));
        for (text, shape) in schemes.into_iter().chain(others).chain(prefixes) {
            for around in [text.to_owned(), format!("é {text}"), format!("x{text}…")] {
                assert!(seen(&around).has(shape), "{around}");
            }
        }
        for plain in [
            "",
            "b",
            "Please be patient: we shall show you how.",
            "a:b//c--d",
        ] {
            assert_eq!(seen(plain), Seen::default(), "{plain}");
        }
    }
}
