//! Runs of bytes that the reader passes over without looking at each: eight at a time.

const EVERY: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes at the beginning are plain text of a string: no quote, no backslash, no control character.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(*eight);
        // Taking away sets the high bit of a byte that is too small; a byte that had it before is no ASCII. Of the bytes
        // after the first such one the bit may be wrong.
        let control = eight.wrapping_sub(EVERY * 0x20);
        let quote = (eight ^ (EVERY * u64::from(b'"'))).wrapping_sub(EVERY);
        let escape = (eight ^ (EVERY * u64::from(b'\\'))).wrapping_sub(EVERY);
        let ends = (control | quote | escape) & !eight & HIGH;
        if ends != 0 {
            return at + ends.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or(&[]);
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + rest.iter().position(ends).unwrap_or(rest.len())
}

/// How many bytes at the beginning are white space; most of it is an end of line and indentation.
pub(super) fn space(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b'\n' | b'\r' | b'\t') => at += 1,
            Some(b' ') => at += blanks(bytes.get(at..).unwrap_or(&[])),
            _ => return at,
        }
    }
}

/// How many bytes at the beginning are blanks.
fn blanks(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let others = u64::from_le_bytes(*eight) ^ (EVERY * u64::from(b' '));
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|&&byte| byte == b' ').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn runs_end_where_looking_at_each_byte_ends_them(
            bytes in prop::collection::vec(
                prop_oneof![4 => Just(b' '), 4 => 0x20..0x7F_u8, 1 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\n')],
                0..40,
            ),
        ) {
            let count = |wanted: fn(&&u8) -> bool| bytes.iter().take_while(wanted).count();
            prop_assert_eq!(plain(&bytes), count(|b| !matches!(b, b'"' | b'\\' | 0..=0x1F)));
            prop_assert_eq!(space(&bytes), count(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')));
        }
    }
}
