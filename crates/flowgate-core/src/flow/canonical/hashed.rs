//! A sink that hashes: canonical text comes in a great many pieces of a few bytes.

use super::Sink;
use crate::hash::Hasher;

/// Hashes what it takes, in pieces that are worth a call.
pub(super) struct Hashed {
    hasher: Hasher,
    waiting: Box<[u8; Hashed::ROOM]>,
    filled: usize,
}

impl Hashed {
    const ROOM: usize = 4096;

    pub(super) fn new() -> Self {
        Self {
            hasher: Hasher::sha256(),
            waiting: Box::new([0; Self::ROOM]),
            filled: 0,
        }
    }

    fn flush(&mut self) {
        self.hasher.update(&self.waiting[..self.filled]);
        self.filled = 0;
    }

    /// The hash of all that was taken.
    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.hasher.hex()
    }
}

impl Sink for Hashed {
    fn put(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if bytes.len() > Self::ROOM - self.filled {
            self.flush();
        }
        match self.waiting.get_mut(self.filled..self.filled + bytes.len()) {
            Some(room) => {
                copy(room, bytes);
                self.filled += bytes.len();
            }
            None => self.hasher.update(bytes),
        }
    }

    fn sign(&mut self, sign: u8) {
        if self.filled == Self::ROOM {
            self.flush();
        }
        self.waiting[self.filled] = sign;
        self.filled += 1;
    }
}

/// Copies a text of the same length. Most are a few bytes, for which a call of the C library's copy takes longer than the
/// copying: not every library's is made for that.
fn copy(to: &mut [u8], from: &[u8]) {
    /// The beginning and the end, which meet or overlap.
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk()?;
        *to.last_chunk_mut::<N>()? = *from.last_chunk()?;
        Some(())
    }
    let done = match from.len() {
        16..=32 => ends::<16>(to, from),
        8..=15 => ends::<8>(to, from),
        4..=7 => ends::<4>(to, from),
        2..=3 => ends::<2>(to, from),
        1 => ends::<1>(to, from),
        _ => None,
    };
    if done.is_none() {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::ids::hex;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pieces_hash_as_the_whole(pieces in prop::collection::vec(("[a-zé]{0,40}", 0_usize..200), 0..60)) {
            let (mut hashed, mut whole) = (Hashed::new(), String::new());
            for (piece, times) in &pieces {
                let text = piece.repeat(if times % 7 == 0 { *times } else { 1 });
                for sink in [&mut hashed as &mut dyn Sink, &mut whole] {
                    sink.put(&text);
                    sink.sign(b',');
                }
            }
            prop_assert_eq!(hashed.finish(), hex(&Sha256::digest(&whole)));
        }
    }
}
