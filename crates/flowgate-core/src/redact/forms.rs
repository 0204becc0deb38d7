//! The forms in which a known secret may be written: as it is, percent-encoded, in base64, JSON-escaped.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Every form of one secret.
pub(super) fn of(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        percent(secret, UPPER, "%20"),
        percent(secret, LOWER, "%20"),
        percent(secret, UPPER, "+"),
        json(secret, false),
        json(secret, true),
    ];
    for alphabet in [STANDARD, URL_SAFE] {
        // A secret inside a longer text (`client:secret`) begins at any of three places of a base64 group.
        forms.extend((0..3).filter_map(|before| base64(secret.as_bytes(), before, alphabet)));
    }
    forms
}

const UPPER: &[u8; 16] = b"0123456789ABCDEF";
const LOWER: &[u8; 16] = b"0123456789abcdef";

fn percent(secret: &str, digits: &[u8; 16], space: &str) -> String {
    let mut out = String::new();
    for byte in secret.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push_str(space),
            _ => {
                out.push('%');
                out.push(char::from(digits[usize::from(byte >> 4)]));
                out.push(char::from(digits[usize::from(byte & 15)]));
            }
        }
    }
    out
}

/// As it stands inside a JSON string; some writers escape `/` too.
fn json(secret: &str, slash: bool) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(&quoted);
    if slash {
        inner.replace('/', "\\/")
    } else {
        inner.to_owned()
    }
}

/// The digits that depend on the secret alone, when `before` bytes (modulo 3) stand before it. `None` where too few
/// are left to tell it from chance.
fn base64(secret: &[u8], before: usize, alphabet: &[u8; 64]) -> Option<String> {
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
