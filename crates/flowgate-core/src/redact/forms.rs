//! The forms that a known secret takes in base64.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The secret in base64, by itself and inside of a longer text (`client:secret`), where it begins at any of three places
/// of a group.
pub(super) fn base64(secret: &str) -> Vec<String> {
    let at_each =
        |alphabet| (0..3).filter_map(move |before| at(secret.as_bytes(), before, alphabet));
    at_each(STANDARD).chain(at_each(URL_SAFE)).collect()
}

/// The digits that depend on the secret alone, when `before` bytes (modulo 3) stand before it. `None` where too few
/// are left to tell it from chance.
fn at(secret: &[u8], before: usize, alphabet: &[u8; 64]) -> Option<String> {
    let bits: Vec<bool> = std::iter::repeat_n(0_u8, before)
        .chain(secret.iter().copied())
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let digits: String = bits
        .chunks_exact(6)
        // Digits that hold bits of what stands before are not the secret's.
        .skip((before * 8).div_ceil(6))
        .map(|six| {
            let index = six.iter().fold(0, |sum, &bit| sum * 2 + usize::from(bit));
            char::from(alphabet[index])
        })
        .collect();
    (digits.len() >= 6).then_some(digits)
}
