//! Which characters stand in a text, as far as anybody looks for them: one pass, so that most texts cost no search at all.

/// A character, or a few, that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `:`
    Colon = 1,
    /// `@`
    At = 2,
    /// What a place that is filled in during a call may begin with: `{`, `%`, `<`, `[`, `$`.
    Opening = 4,
    /// `=`
    Equals = 8,
    /// Anything that a lower-case hexadecimal id has not: other than `0` to `9`, `a` to `f` and `-`.
    BeyondIds = 16,
    /// `"` or `'`
    Quote = 32,
    /// A control character, or a part of anything that is not ASCII.
    Unusual = 64,
}

/// A digit; not asked for, but counted.
const DIGIT: u8 = 0x80;

const CLASSES: [u8; 256] = {
    let mut classes = [Mark::BeyondIds as u8; 256];
    classes[b':' as usize] |= Mark::Colon as u8;
    classes[b'@' as usize] |= Mark::At as u8;
    classes[b'=' as usize] |= Mark::Equals as u8;
    classes[b'"' as usize] |= Mark::Quote as u8;
    classes[b'\'' as usize] |= Mark::Quote as u8;
    let mut unusual = 0;
    while unusual < 256 {
        if unusual < 0x20 || unusual >= 0x7f {
            classes[unusual] |= Mark::Unusual as u8;
        }
        unusual += 1;
    }
    let mut at = 0;
    let openings = b"{%<[$";
    while at < openings.len() {
        classes[openings[at] as usize] |= Mark::Opening as u8;
        at += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        classes[digit as usize] = DIGIT;
        digit += 1;
    }
    let mut letter = b'a';
    while letter <= b'f' {
        classes[letter as usize] = 0;
        letter += 1;
    }
    classes[b'-' as usize] = 0;
    classes
};

/// Which characters stand in one text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    seen: u8,
    /// How many decimal digits (`0` to `9`).
    pub digits: u32,
}

impl Marks {
    pub(crate) fn of(text: &str) -> Self {
        let mut marks = Self { seen: 0, digits: 0 };
        for byte in text.bytes() {
            let class = CLASSES[usize::from(byte)];
            marks.seen |= class;
            marks.digits += u32::from(class >> 7);
        }
        marks
    }

    /// Whether the text has such a character.
    pub(crate) fn has(self, mark: Mark) -> bool {
        self.seen & mark as u8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_text_is_seen_and_digits_are_counted() {
        let all = [Mark::Colon, Mark::At, Mark::Opening, Mark::Equals];
        let seen = |text: &str| all.map(|mark| Marks::of(text).has(mark));
        assert_eq!(seen("Press 1 or 23, é…"), [false; 4]);
        assert_eq!(Marks::of("Press 1 or 23, é…").digits, 3);
        assert_eq!(seen("a:b"), [true, false, false, false]);
        assert_eq!(seen("a@b"), [false, true, false, false]);
        assert_eq!(seen("a=b"), [false, false, false, true]);
        for opening in ["{x", "%x", "<x", "[x", "$x"] {
            assert_eq!(seen(opening), [false, false, true, false], "{opening}");
        }
    }

    #[test]
    fn hexadecimal_ids_are_told_from_all_else() {
        let beyond = |text: &str| Marks::of(text).has(Mark::BeyondIds);
        for id in ["", "-", "06c45d18-8009-454f-a88b-b8a8724c81ec"] {
            assert!(!beyond(id), "{id}");
        }
        for other in ["A", "g", "a b", "a:b", "a=b", "{a}", "a@b", "é", "a_b"] {
            assert!(beyond(other), "{other}");
        }
    }
}
