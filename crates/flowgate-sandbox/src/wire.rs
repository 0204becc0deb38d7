//! Decoding of URL parts: percent escapes, query strings and forms. Nothing about flows.

/// Undoes percent escapes; `None` when an escape is broken or the result is not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The value of `key` in a query string or form body; `None` when absent or broken.
pub(crate) fn form_value(form: &str, key: &str) -> Option<String> {
    form.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decode(name)? == key).then(|| form_decode(value))?
    })
}

fn form_decode(text: &str) -> Option<String> {
    percent_decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_decode_plus_and_escapes() {
        let form = "grant_type=client_credentials&scope=flows%3Aread+flows:write&empty=";
        assert_eq!(form_value(form, "scope").unwrap(), "flows:read flows:write");
        assert_eq!(form_value(form, "empty").unwrap(), "");
        assert_eq!(form_value(form, "absent"), None);
    }

    #[test]
    fn a_broken_escape_is_no_text() {
        assert_eq!(percent_decode("%4"), None);
        assert_eq!(percent_decode("%ff"), None);
        assert_eq!(percent_decode("a%20b").unwrap(), "a b");
    }
}
