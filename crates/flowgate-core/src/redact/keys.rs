//! Names of fields that hold secrets, by whole words in camel, snake or kebab case.

/// One of these words makes a name secret.
const WORDS: [&str; 22] = [
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "token",
    "authorization",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "connectionstring",
    "bearer",
    "jwt",
    "cookie",
    "sig",
    "signature",
];

/// Two words after one another that make a name secret.
const PAIRS: [(&str, &str); 16] = [
    ("api", "key"),
    ("api", "keys"),
    ("access", "keys"),
    ("private", "keys"),
    ("access", "key"),
    ("account", "key"),
    ("private", "key"),
    ("shared", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("subscription", "key"),
    ("master", "key"),
    ("auth", "key"),
    ("function", "key"),
    ("connection", "string"),
    ("auth", "header"),
];

/// Names that are written without any border between their words.
const RUN_TOGETHER: [&str; 12] = [
    "clientsecret",
    "appsecret",
    "accesstoken",
    "authtoken",
    "refreshtoken",
    "bearertoken",
    "sessiontoken",
    "idtoken",
    "userpassword",
    "dbpassword",
    "sharedaccesskey",
    "accountkey",
];

/// A name that ends so is about a secret, but does not hold one: `tokenUrl`, `passwordPrompt`.
const ABOUT: [&str; 25] = [
    "type", "url", "uri", "endpoint", "name", "expiry", "expires", "ttl", "count", "limit",
    "length", "prompt", "policy", "required", "label", "field", "variable", "hint", "enabled",
    "retries", "attempts", "min", "max", "rule", "method",
];

/// Whether a field of this name holds a secret.
pub fn is_secret_key(key: &str) -> bool {
    let words = words(key);
    let Some(last) = words.last() else {
        return false;
    };
    if ABOUT.contains(&last.as_str()) {
        return false;
    }
    words
        .iter()
        .any(|word| WORDS.contains(&word.as_str()) || RUN_TOGETHER.contains(&word.as_str()))
        || words.windows(2).any(|pair| {
            PAIRS
                .iter()
                .any(|(first, second)| pair[0] == *first && pair[1] == *second)
        })
}

/// The words of a name in lower case: `apiKey`, `API_KEY`, `X-Api-Key` and `HTTPToken` all fall apart where people see
/// a border.
fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = key.chars().take(200).collect();
    for (index, &char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(index + 1);
        let border = char.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase()));
        if border && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(char.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    // `password2` holds a password.
    for word in &mut words {
        let bare = word.trim_end_matches(|char: char| char.is_ascii_digit());
        if !bare.is_empty() {
            word.truncate(bare.len());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_in_any_case_style_make_a_name_secret() {
        for secret in [
            "password",
            "Password",
            "dbPassword",
            "client_secret",
            "clientSecret",
            "X-Api-Key",
            "API_KEY",
            "apikey",
            "accessToken",
            "HTTPToken",
            "Authorization",
            "connectionString",
            "password2",
            "AccountKey",
            "SharedAccessKey",
        ] {
            assert!(is_secret_key(secret), "{secret}");
        }
        for plain in [
            "",
            "key",
            "keyboard",
            "secretary",
            "tokenize",
            "tokenUrl",
            "passwordPrompt",
            "maxRetries",
            "passengers",
            "author",
            "string",
        ] {
            assert!(!is_secret_key(plain), "{plain}");
        }
    }
}
