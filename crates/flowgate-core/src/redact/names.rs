//! Names of fields that hold secrets: one table, matched by whole words in camel, snake or kebab case.

/// What stands under a secret name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// What people choose: it may be a word.
    Password,
    /// What machines make: it has digits.
    Key,
    /// A secret only where it looks random; else a name of something.
    Maybe,
}

/// Words in a row that make a name secret, in lower case; and what it holds.
struct Name(&'static [&'static str], Holds);

/// Secret names in English, German, French, Spanish, Portuguese, Italian, Dutch and Polish. Those that begin with the same
/// letter stand together, in the order of the alphabet. Each is also known with its words run together (`apikey`).
static NAMES: &[Name] = {
    use Holds::{Key, Maybe, Password};
    &[
        Name(&["access", "key"], Key),
        Name(&["access", "keys"], Key),
        Name(&["access", "token"], Key),
        Name(&["access", "tokens"], Key),
        Name(&["account", "key"], Key),
        Name(&["api", "key"], Key),
        Name(&["api", "keys"], Key),
        Name(&["api", "schluessel"], Key),
        Name(&["api", "schlüssel"], Key),
        Name(&["api", "sleutel"], Key),
        Name(&["app", "key"], Key),
        Name(&["app", "secret"], Key),
        Name(&["application", "key"], Key),
        Name(&["auth", "header"], Key),
        Name(&["auth", "key"], Key),
        Name(&["auth", "token"], Key),
        Name(&["authorization"], Key),
        Name(&["bearer"], Key),
        Name(&["bearer", "token"], Key),
        Name(&["chave", "api"], Key),
        Name(&["chave", "de", "acesso"], Key),
        Name(&["chave", "secreta"], Key),
        Name(&["chiave", "api"], Key),
        Name(&["chiave", "segreta"], Key),
        Name(&["clave", "api"], Key),
        Name(&["clave", "de", "acceso"], Password),
        Name(&["clave", "secreta"], Key),
        Name(&["cle", "api"], Key),
        Name(&["cle", "secrete"], Key),
        Name(&["clef", "api"], Key),
        Name(&["clef", "secrete"], Key),
        Name(&["client", "key"], Maybe),
        Name(&["client", "secret"], Key),
        Name(&["clé", "api"], Key),
        Name(&["clé", "secrète"], Key),
        Name(&["connection", "string"], Key),
        Name(&["consumer", "key"], Maybe),
        Name(&["contrasena"], Password),
        Name(&["contraseña"], Password),
        Name(&["cookie"], Key),
        Name(&["cookies"], Key),
        Name(&["credenciais"], Key),
        Name(&["credenciales"], Key),
        Name(&["credential"], Key),
        Name(&["credentials"], Key),
        Name(&["credenziali"], Key),
        Name(&["crypto", "key"], Key),
        Name(&["db", "password"], Password),
        Name(&["deploy", "key"], Maybe),
        Name(&["encryption", "key"], Key),
        Name(&["function", "key"], Key),
        Name(&["functions", "key"], Key),
        Name(&["geheim"], Key),
        Name(&["geheimnis"], Key),
        Name(&["geheimschluessel"], Key),
        Name(&["geheimschlüssel"], Key),
        Name(&["haslo"], Password),
        Name(&["hasło"], Password),
        Name(&["hmac", "key"], Key),
        Name(&["host", "key"], Maybe),
        Name(&["id", "token"], Key),
        Name(&["inloggegevens"], Key),
        Name(&["instrumentation", "key"], Maybe),
        Name(&["integration", "key"], Maybe),
        Name(&["jeton"], Key),
        Name(&["jwt"], Key),
        Name(&["kennwort"], Password),
        Name(&["klucz", "api"], Key),
        Name(&["klucz", "dostepu"], Key),
        Name(&["klucz", "dostępu"], Key),
        Name(&["klucz", "prywatny"], Key),
        Name(&["klucz", "tajny"], Key),
        Name(&["licence", "key"], Maybe),
        Name(&["license", "key"], Maybe),
        Name(&["master", "key"], Key),
        Name(&["mdp"], Password),
        Name(&["mot", "de", "passe"], Password),
        Name(&["palavra", "passe"], Password),
        Name(&["parola", "d", "ordine"], Password),
        Name(&["parola", "ordine"], Password),
        Name(&["partner", "key"], Maybe),
        Name(&["pass"], Key),
        Name(&["passcode"], Password),
        Name(&["passphrase"], Password),
        Name(&["passwd"], Password),
        Name(&["password"], Password),
        Name(&["passwords"], Password),
        Name(&["passwort"], Password),
        Name(&["pgp", "key"], Key),
        Name(&["poswiadczenia"], Key),
        Name(&["poświadczenia"], Key),
        Name(&["private", "key"], Key),
        Name(&["private", "keys"], Key),
        Name(&["psk"], Key),
        Name(&["pwd"], Password),
        Name(&["refresh", "token"], Key),
        Name(&["rsa", "key"], Key),
        Name(&["sas", "key"], Key),
        Name(&["secret"], Key),
        Name(&["secret", "key"], Key),
        Name(&["secreto"], Key),
        Name(&["secrets"], Key),
        Name(&["security", "key"], Maybe),
        Name(&["segredo"], Key),
        Name(&["segreto"], Key),
        Name(&["sekret"], Key),
        Name(&["senha"], Password),
        Name(&["server", "key"], Maybe),
        Name(&["service", "key"], Maybe),
        Name(&["session", "key"], Maybe),
        Name(&["session", "token"], Key),
        Name(&["shared", "access", "key"], Key),
        Name(&["shared", "key"], Key),
        Name(&["sig"], Key),
        Name(&["signature"], Key),
        Name(&["signing", "key"], Key),
        Name(&["ssh", "key"], Key),
        Name(&["storage", "key"], Maybe),
        Name(&["subscription", "key"], Key),
        Name(&["symmetric", "key"], Key),
        Name(&["toegangscode"], Password),
        Name(&["toegangssleutel"], Key),
        Name(&["toegangstoken"], Key),
        Name(&["token"], Key),
        Name(&["tokens"], Key),
        Name(&["user", "password"], Password),
        Name(&["user", "pwd"], Password),
        Name(&["vault", "key"], Maybe),
        Name(&["wachtwoord"], Password),
        Name(&["webhook", "key"], Maybe),
        Name(&["zugangscode"], Password),
        Name(&["zugangsdaten"], Key),
        Name(&["zugangsschluessel"], Key),
        Name(&["zugangsschlüssel"], Key),
        Name(&["zugangstoken"], Key),
        Name(&["zugriffsschluessel"], Key),
        Name(&["zugriffsschlüssel"], Key),
        Name(&["zugriffstoken"], Key),
    ]
};

/// Where the names with each first letter begin in the table, and behind the last.
static FIRST: [usize; 27] = {
    let mut first = [0; 27];
    let mut letter = 0;
    let mut at = 0;
    while letter < 27 {
        while at < NAMES.len() && ((NAMES[at].0[0].as_bytes()[0] - b'a') as usize) < letter {
            at += 1;
        }
        first[letter] = at;
        letter += 1;
    }
    first
};

/// A name that ends so is about a secret, but does not hold one: `tokenUrl`, `passwordPrompt`.
const ABOUT: [&str; 30] = [
    "type", "url", "uri", "endpoint", "name", "expiry", "expires", "ttl", "count", "limit",
    "length", "prompt", "policy", "required", "label", "field", "variable", "hint", "enabled",
    "retries", "attempts", "min", "max", "rule", "method", "typ", "adresse", "hinweis", "regel",
    "feld",
];

/// The names, run together and in small letters.
#[cfg(test)]
pub(super) fn all() -> Vec<String> {
    NAMES.iter().map(|name| name.0.concat()).collect()
}

/// Whether a field of this name holds a secret.
pub fn is_secret_key(key: &str) -> bool {
    holds(key).is_some()
}

/// What a field of this name holds, where that is a secret.
pub(crate) fn holds(key: &str) -> Option<Holds> {
    // Most words begin no secret name: only then the words are kept and looked at in a row.
    let mut last = "";
    let mut may = false;
    for word in words(key) {
        may |= candidates(word)
            .iter()
            .any(|name| is(word, name.0[0]) || is_run_together(word, name.0));
        last = word;
    }
    if !may || ABOUT.iter().any(|about| is(last, about)) {
        return None;
    }
    let words: Vec<&str> = words(key).collect();
    (0..words.len())
        .flat_map(|at| {
            let here = words.get(at..).unwrap_or(&[]);
            let names = candidates(words[at]).iter();
            names.filter(move |name| begins(here, name.0))
        })
        .map(|name| name.1)
        .min()
}

/// The names that begin with the first letter of a word.
fn candidates(word: &str) -> &'static [Name] {
    let letter = word
        .bytes()
        .next()
        .map_or(0, |byte| byte.to_ascii_lowercase());
    let Some(at) = letter
        .checked_sub(b'a')
        .map(usize::from)
        .filter(|&at| at < 26)
    else {
        return &[];
    };
    let (from, to) = (FIRST[at], FIRST[at + 1]);
    NAMES.get(from..to).unwrap_or(&[])
}

/// Whether these words begin with those of a name, or the first of them is the whole name run together.
fn begins(words: &[&str], name: &[&str]) -> bool {
    let apart =
        words.len() >= name.len() && words.iter().zip(name).all(|(word, known)| is(word, known));
    apart
        || name.len() > 1
            && words
                .first()
                .is_some_and(|word| is_run_together(word, name))
}

fn is_run_together(word: &str, name: &[&str]) -> bool {
    let mut letters = word.chars().flat_map(char::to_lowercase);
    let known = name.iter().flat_map(|part| part.chars());
    word.len() >= name.iter().map(|part| part.len()).sum() && {
        for letter in known {
            if letters.next() != Some(letter) {
                return false;
            }
        }
        letters.next().is_none()
    }
}

/// Whether a word is this one, whatever its case.
fn is(word: &str, known: &str) -> bool {
    if word.is_ascii() {
        word.eq_ignore_ascii_case(known)
    } else {
        word.chars().flat_map(char::to_lowercase).eq(known.chars())
    }
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

    #[test]
    fn names_that_were_missed_are_known_and_so_are_those_of_other_languages() {
        for secret in [
            "pass",
            "tokens",
            "accessTokens",
            "appKey",
            "applicationKey",
            "cdpAppKey",
            "sshKey",
            "hmacKey",
            "x-functions-key",
            "X-Functions-Key",
            "passwort",
            "Kennwort",
            "apiSchluessel",
            "API_SCHLÜSSEL",
            "zugangsdaten",
            "motDePasse",
            "mot_de_passe",
            "motdepasse",
            "cleApi",
            "cléSecrète",
            "contraseña",
            "CONTRASEÑA",
            "contrasena",
            "claveSecreta",
            "senha",
            "chave_api",
            "segredo",
            "chiaveApi",
            "segreto",
            "wachtwoord",
            "apiSleutel",
            "hasło",
            "haslo",
            "kluczApi",
            "klucz-tajny",
        ] {
            assert!(is_secret_key(secret), "{secret}");
        }
        for plain in [
            "passat",
            "passe",
            "compass",
            "apps",
            "appName",
            "application",
            "clé",
            "clave",
            "chiave",
            "geheimnisvoll",
            "parole",
            "sekretariat",
            "hasta",
            "tokenTyp",
            "passwortHinweis",
        ] {
            assert!(!is_secret_key(plain), "{plain}");
        }
    }

    #[test]
    fn the_table_is_in_the_order_that_its_index_needs() {
        let firsts: Vec<u8> = NAMES.iter().map(|name| name.0[0].as_bytes()[0]).collect();
        assert!(firsts.is_sorted());
        assert!(firsts.iter().all(u8::is_ascii_lowercase));
        for name in NAMES {
            for written in [
                name.0.join("_"),
                name.0.join("-"),
                name.0.concat(),
                name.0.join(" ").to_uppercase(),
            ] {
                assert!(holds(&written).is_some(), "{written}");
            }
        }
    }
}
