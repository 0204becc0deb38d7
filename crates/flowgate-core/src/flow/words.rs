//! A text as the words it is made of: camel case, snake case, spaces and punctuation part them.
//!
//! What words mean is for [`super::vocabulary`].

/// The words of a text, in lower case: `OnFailure` is `on failure`, `no_match_error` is `no match error`, `APIError2` is
/// `api error 2`.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut before: Option<char> = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() && !is_mark(letter) {
            // An apostrophe inside of a word parts nothing: `can't`, `n'est`.
            let inside = matches!(letter, '\'' | '’')
                && open
                && letters.peek().is_some_and(|next| next.is_alphabetic());
            open = open && inside;
            before = None;
            continue;
        }
        let next_is_small = letters.peek().is_some_and(|next| next.is_lowercase());
        let parts = match before {
            None => !open,
            Some(before) => {
                before.is_numeric() != letter.is_numeric()
                    || before.is_lowercase() && letter.is_uppercase()
                    || before.is_uppercase() && letter.is_uppercase() && next_is_small
            }
        };
        if parts || !open {
            words.push(String::with_capacity(16));
        }
        open = true;
        before = Some(letter);
        if let Some(word) = words.last_mut() {
            if letter.is_ascii() {
                word.push(letter.to_ascii_lowercase());
            } else {
                word.extend(letter.to_lowercase());
            }
        }
    }
    words
}

/// A sign that changes the letter before it, as in `é` that is written as two characters.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}')
}

/// Tells of every run of at most `longest` words that stand side by side, written as one, until one is it.
pub(crate) fn any_run(
    words: &[String],
    longest: usize,
    mut is_it: impl FnMut(&str) -> bool,
) -> bool {
    let mut joined = String::new();
    (0..words.len()).any(|start| {
        joined.clear();
        words[start..].iter().take(longest).any(|word| {
            joined.push_str(word);
            is_it(&joined)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_parted_where_people_see_words() {
        for (text, words) in [
            ("OnFailure", "on failure"),
            ("onError", "on error"),
            ("APIError", "api error"),
            ("no_match_error", "no match error"),
            ("no-input", "no input"),
            ("Nicht gefunden", "nicht gefunden"),
            ("isNotEmpty", "is not empty"),
            ("press1", "press 1"),
            ("HTTP500", "http 500"),
            ("Zeitüberschreitung!", "zeitüberschreitung"),
            ("can't reach", "cant reach"),
            ("ÜberLimit", "über limit"),
            ("見つからない", "見つからない"),
            ("  ", ""),
            ("a", "a"),
            ("vip == true", "vip true"),
        ] {
            assert_eq!(split(text).join(" "), words, "{text}");
        }
    }

    #[test]
    fn runs_are_of_words_side_by_side() {
        let words = split("no match error");
        let mut found = Vec::new();
        any_run(&words, 2, |run| {
            found.push(run.to_owned());
            false
        });
        assert_eq!(found, ["no", "nomatch", "match", "matcherror", "error"]);
    }
}
