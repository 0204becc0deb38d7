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

/// What is looked for, and what it is the beginning of.
struct Beginning {
    text: &'static str,
    shape: Shape,
    /// Whether it may be written in capitals.
    any_case: bool,
}

const COUNT: usize = SCHEMES.len() + PREFIXES.len() + 3;

static BEGINNINGS: [Beginning; COUNT] = {
    const fn exactly(text: &'static str, shape: Shape) -> Beginning {
        Beginning {
            text,
            shape,
            any_case: false,
        }
    }
    let mut all = [const { exactly("://", Shape::UserInfo) }; COUNT];
    all[1] = exactly("eyJ", Shape::WebToken);
    all[2] = exactly("-----BEGIN ", Shape::PrivateKey);
    let mut at = 0;
    while at < SCHEMES.len() {
        all[3 + at] = Beginning {
            text: SCHEMES[at],
            shape: Shape::Scheme,
            any_case: true,
        };
        at += 1;
    }
    at = 0;
    while at < PREFIXES.len() {
        all[3 + SCHEMES.len() + at] = exactly(PREFIXES[at].0, Shape::Prefixed);
        at += 1;
    }
    all
};

/// All that is looked for.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    BEGINNINGS.iter().map(|beginning| beginning.text)
}

/// For each byte the groups of beginnings that have it as their first, second and third byte; a group is a bit. Of three
/// bytes in a row almost none are in one group, so that the beginnings themselves are rarely compared.
struct Groups([[u8; 256]; 3]);

/// The group of a beginning, by its place in the list: neighbours are alike and stand together.
const fn group(at: usize) -> u8 {
    1 << (at * 8 / COUNT)
}

static GROUPS: Groups = {
    let mut groups = [[0; 256]; 3];
    let mut at = 0;
    while at < COUNT {
        let beginning = &BEGINNINGS[at];
        let mut nth = 0;
        while nth < 3 {
            let byte = beginning.text.as_bytes()[nth];
            groups[nth][byte as usize] |= group(at);
            if beginning.any_case {
                groups[nth][byte.to_ascii_uppercase() as usize] |= group(at);
            }
            nth += 1;
        }
        at += 1;
    }
    Groups(groups)
};

/// Which shapes of secrets may stand in a text.
pub(super) fn seen(text: &str) -> Seen {
    let bytes = text.as_bytes();
    let mut seen = Seen::default();
    let Groups([first, second, third]) = &GROUPS;
    // The groups of which the byte before is the first, and of which the two bytes before are the first and second.
    let (mut one, mut two) = (0, 0);
    for (at, &byte) in bytes.iter().enumerate() {
        let byte = usize::from(byte);
        let groups = two & third[byte];
        if groups != 0 {
            look(bytes.get(at - 2..).unwrap_or(&[]), groups, &mut seen);
        }
        two = one & second[byte];
        one = first[byte];
    }
    seen
}

fn look(rest: &[u8], groups: u8, seen: &mut Seen) {
    let grouped = BEGINNINGS.iter().enumerate();
    for (_, beginning) in grouped.filter(|&(at, _)| groups & group(at) != 0) {
        let text = beginning.text.as_bytes();
        let begins = rest.get(..text.len()).is_some_and(|head| {
            head == text || beginning.any_case && head.eq_ignore_ascii_case(text)
        });
        if begins {
            seen.add(beginning.shape);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_ids_begin_nothing() {
        // Rules about content rely on it: they do not look for secrets in what is made of these alone.
        for text in BEGINNINGS.iter().map(|beginning| beginning.text) {
            let of_ids = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
            assert!(!text.bytes().all(of_ids), "{text}");
        }
    }

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
