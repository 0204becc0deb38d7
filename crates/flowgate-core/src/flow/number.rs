//! Numbers by exact decimal value: every spelling of one value becomes one text.
//!
//! The value is never expanded and never goes through a float: `1e999999999` costs its twelve bytes, and an exponent may
//! itself have any number of digits.

use std::borrow::Cow;

/// The one spelling of a JSON number's value: an integer without trailing zeros, then `e` and the exponent unless it is 0.
pub(crate) fn normal(text: &str) -> Cow<'_, str> {
    if text == "0" || is_normal(text) {
        return Cow::Borrowed(text);
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let kept = digits.trim_end_matches('0');
    let significant = kept.trim_start_matches('0');
    if significant.is_empty() {
        return Cow::Borrowed("0");
    }
    let exponent = Exponent::of(exponent).shifted(digits.len() - kept.len(), fraction.len());
    if exponent == "0" {
        Cow::Owned([sign, significant].concat())
    } else {
        Cow::Owned([sign, significant, "e", &exponent].concat())
    }
}

/// Whether it is a plain integer that does not end in 0.
fn is_normal(text: &str) -> bool {
    !text.ends_with('0') && !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// A whole number as decimal text, without leading zeros.
struct Exponent<'t> {
    negative: bool,
    digits: &'t str,
}

impl<'t> Exponent<'t> {
    fn of(text: &'t str) -> Self {
        let negative = text.starts_with('-');
        let digits = text.trim_start_matches(['+', '-']).trim_start_matches('0');
        Self { negative, digits }
    }

    /// This number plus `up` minus `down`, as text.
    fn shifted(&self, up: usize, down: usize) -> String {
        /// Numbers of this many digits fit an `i128` with room for any shift.
        const FITS: usize = 30;
        let shift = i128::try_from(up).unwrap_or(0) - i128::try_from(down).unwrap_or(0);
        if self.digits.len() <= FITS {
            let value: i128 = self.digits.parse().unwrap_or(0);
            let value = if self.negative { -value } else { value };
            return (value + shift).to_string();
        }
        // Far larger than any shift, so the sign stays as it is.
        let magnitude = shift.unsigned_abs();
        let digits = if self.negative == (shift < 0) {
            add(self.digits, magnitude)
        } else {
            subtract(self.digits, magnitude)
        };
        let sign = if self.negative { "-" } else { "" };
        [sign, digits.trim_start_matches('0')].concat()
    }
}

/// `digits` plus a smaller number.
fn add(digits: &str, mut carry: u128) -> String {
    let mut out = digits.as_bytes().to_vec();
    for digit in out.iter_mut().rev() {
        if carry == 0 {
            break;
        }
        let sum = u128::from(*digit - b'0') + carry;
        *digit = ascii(sum % 10);
        carry = sum / 10;
    }
    let front = if carry > 0 {
        carry.to_string()
    } else {
        String::new()
    };
    front
        .chars()
        .chain(out.into_iter().map(char::from))
        .collect()
}

/// `digits` minus a smaller number.
fn subtract(digits: &str, mut borrow: u128) -> String {
    let mut out = digits.as_bytes().to_vec();
    for digit in out.iter_mut().rev() {
        if borrow == 0 {
            break;
        }
        let have = u128::from(*digit - b'0');
        let take = borrow % 10;
        borrow /= 10;
        if have < take {
            borrow += 1;
        }
        *digit = ascii((have + 10 - take) % 10);
    }
    out.into_iter().map(char::from).collect()
}

fn ascii(digit: u128) -> u8 {
    b'0' + u8::try_from(digit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_a_value_becomes_one() {
        for (normal_form, spellings) in [
            (
                "0",
                &[
                    "0",
                    "-0",
                    "0.0",
                    "-0.00e5",
                    "0e99999999999999999999999999999999999999",
                ][..],
            ),
            (
                "11e-1",
                &[
                    "1.1", "1.10", "11e-1", "0.11E+1", "110e-2", "1.1e0", "1.1e-0",
                ],
            ),
            ("1e2", &["100", "1e2", "1E+2", "1.00e002", "0.1e3"]),
            ("-5", &["-5", "-5.0", "-50e-1"]),
            ("1234567890123456789e1", &["12345678901234567890"]),
            ("1e999999999999", &["10e999999999998", "0.1e1000000000000"]),
        ] {
            assert_eq!(normal(normal_form), normal_form);
            for spelling in spellings {
                assert_eq!(normal(spelling), normal_form, "{spelling}");
            }
        }
    }

    #[test]
    fn an_exponent_may_have_more_digits_than_any_integer_type() {
        let nines = "9".repeat(60);
        let round = format!("1{}", "0".repeat(60));
        assert_eq!(normal(&format!("10e{nines}")), format!("1e{round}"));
        assert_eq!(normal(&format!("0.1e-{nines}")), format!("1e-{round}"));
        assert_eq!(normal(&format!("0.1e{round}")), format!("1e{nines}"));
        assert_eq!(normal(&format!("10e-000{round}")), format!("1e-{nines}"));
        assert_ne!(normal(&format!("1e{nines}")), normal(&format!("1e{round}")));
    }

    /// Another way to the value: written out in full, whole and broken part.
    fn written_out(text: &str) -> (bool, String, String) {
        let negative = text.starts_with('-');
        let lower = text.trim_start_matches('-').to_lowercase();
        let mut halves = lower.split('e');
        let mantissa = halves.next().unwrap();
        let exponent: i32 = halves
            .next()
            .map_or(0, |exponent| exponent.parse().unwrap());
        let point = mantissa.find('.').unwrap_or(mantissa.len());
        let digits: Vec<char> = mantissa.chars().filter(|c| *c != '.').collect();
        let at = |place: i32| {
            usize::try_from(place)
                .ok()
                .and_then(|place| digits.get(place).copied())
                .unwrap_or('0')
        };
        let point = i32::try_from(point).unwrap() + exponent;
        let whole: String = (-200..point).map(at).collect();
        let broken: String = (point..point + 400).map(at).collect();
        let whole = whole.trim_start_matches('0').to_owned();
        let broken = broken.trim_end_matches('0').to_owned();
        (
            negative && !(whole.is_empty() && broken.is_empty()),
            whole,
            broken,
        )
    }

    fn number() -> impl Strategy<Value = String> {
        "-?(0|[1-9][05]{0,4})(\\.[05]{1,4})?([eE][+-]?[0-9]{1,2})?"
    }

    proptest! {
        #[test]
        fn normal_forms_are_equal_exactly_when_the_values_are(a in number(), b in number()) {
            prop_assert_eq!(normal(&a) == normal(&b), written_out(&a) == written_out(&b), "{} {}", a, b);
            prop_assert_eq!(written_out(&normal(&a)), written_out(&a));
        }

        #[test]
        fn moving_the_point_along_a_huge_exponent_is_no_change(
            digits in "[1-9][0-9]{0,6}",
            // On both sides of where arithmetic changes from integers to text.
            exponent in prop_oneof![
                (10_i128.pow(29)..10_i128.pow(31)),
                (10_i128.pow(30) - 20..10_i128.pow(30) + 20),
            ],
            negative: bool,
            zeros in 0_usize..20,
        ) {
            let exponent = if negative { -exponent } else { exponent };
            let zeros_wide = i128::try_from(zeros).unwrap();
            let plain = format!("{digits}e{exponent}");
            let longer = format!("{digits}{}e{}", "0".repeat(zeros), exponent - zeros_wide);
            let broken = format!("0.{}{digits}e{}", "0".repeat(zeros), exponent + zeros_wide + i128::try_from(digits.len()).unwrap());
            let other = format!("{digits}e{}", exponent + 1);
            prop_assert_eq!(normal(&plain), normal(&longer));
            prop_assert_eq!(normal(&plain), normal(&broken));
            prop_assert_ne!(normal(&plain), normal(&other));
        }
    }
}
