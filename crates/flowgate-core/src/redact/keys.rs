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
    let (mut secret, mut before) = (false, "");
    // Where all is ASCII, as in almost every key, words of other lengths need no second look.
    let is = if key.is_ascii() {
        str::eq_ignore_ascii_case
    } else {
        is_in_lower_case
    };
    for word in words(key) {
        let mut one = WORDS.iter().chain(&RUN_TOGETHER);
        secret |= one.any(|known| is(word, known))
            || PAIRS
                .iter()
                .any(|(first, second)| is(word, second) && is(before, first));
        before = word;
    }
    secret && !ABOUT.iter().any(|about| is(before, about))
}

fn is_in_lower_case(word: &str, known: &str) -> bool {
    word.chars().flat_map(char::to_lowercase).eq(known.chars())
}

/// The words of a name: `apiKey`, `API_KEY`, `X-Api-Key` and `HTTPToken` all fall apart where people see a border.
fn words(key: &str) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 200;
    let end = key.char_indices().nth(LONGEST);
    let key = key.get(..end.map_or(key.len(), |(end, _)| end));
    let runs = key
        .unwrap_or("")
        .split(|char: char| !char.is_alphanumeric());
    runs.flat_map(|run| {
        let mut rest = run;
        std::iter::from_fn(move || {
            let (word, after) = rest.split_at_checked(border(rest))?;
            rest = after;
            (!word.is_empty()).then_some(word)
        })
    })
    .map(|word| {
        // `password2` holds a password.
        let bare = word.trim_end_matches(|char: char| char.is_ascii_digit());
        if bare.is_empty() { word } else { bare }
    })
}

/// Where the first word of a run of letters ends: `api|Key`, `HTTP|Token`.
fn border(run: &str) -> usize {
    let mut letters = run.char_indices().peekable();
    let mut before = None::<char>;
    while let Some((at, char)) = letters.next() {
        let after = letters.peek().map(|&(_, after)| after);
        let is_border = before.is_some_and(|before| {
            before.is_lowercase()
                || before.is_numeric()
                || before.is_uppercase() && after.is_some_and(char::is_lowercase)
        });
        if is_border && char.is_uppercase() {
            return at;
        }
        before = Some(char);
    }
    run.len()
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
