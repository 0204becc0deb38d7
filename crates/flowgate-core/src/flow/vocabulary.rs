//! The vocabulary of a file format: which fields are spoken, which lead somewhere, which name a skill or an address; and
//! which words on a way mean a failure, all other cases, the end of a wait.
//!
//! Data, and no judgement: rules and risk decide what follows from it. All texts are compared as words (see
//! [`super::words`]), so `onError`, `on_error` and `On error` are one.

use super::words;

/// What a field of an element or connector holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Field {
    /// A text that callers hear.
    Spoken,
    /// A recording, a language or a voice: how callers hear it.
    Sound,
    /// A note or name for designers.
    Note,
    /// An address of an outside system.
    Address,
    /// A skill, a queue, a team, a number: who gets the call.
    HandedTo,
    /// What decides where calls go.
    Condition,
    /// What is done in all other cases.
    Default,
    /// How long something may take.
    Time,
    /// A program text.
    Script,
}

/// What a word on a way means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The element failed.
    Failure,
    /// All other cases.
    Default,
    /// All other cases, or a choice of its own: a caller says `other`, presses `*`, or is not known.
    MaybeDefault,
    /// A wait is over.
    WaitOver,
    /// The caller did nothing, or nothing that fits.
    NoInput,
    /// Not so.
    Not,
}

impl Meaning {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The meanings that were found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meanings(u8);

impl Meanings {
    pub(crate) fn has(self, meaning: Meaning) -> bool {
        self.0 & meaning.bit() != 0
    }
}

/// The words of one file format.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// Members of an element that name it, most telling first.
    pub(crate) element_names: &'static [&'static str],
    /// Members of its configuration that name it.
    pub(crate) configured_names: &'static [&'static str],
    /// Members that say what people call a way, most telling first.
    pub(crate) way_labels: &'static [&'static str],
    /// Members of a configuration that callers hear, most telling first.
    pub(crate) heard: &'static [&'static str],
    /// What a field holds, by the words of its name.
    fields: Phrases<Field>,
    /// What a word on a way means.
    meanings: Phrases<Meaning>,
}

/// A table of phrases, in order of their first bytes. Made when the program is built.
#[derive(Debug)]
struct Phrases<T: 'static> {
    all: &'static [(T, &'static str)],
    /// Where the phrases with this first byte begin, and at the next place where they end.
    starts: [usize; 257],
}

/// How many phrases a table has.
const fn count<T>(table: &[(T, &[&str])]) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < table.len() {
        count += table[at].1.len();
        at += 1;
    }
    count
}

/// The phrases of a table, those with the same first byte side by side in the order of the table.
const fn in_order<T: Copy, const N: usize>(
    table: &'static [(T, &'static [&'static str])],
) -> [(T, &'static str); N] {
    let mut all = [(table[0].0, ""); N];
    let (mut filled, mut byte) = (0, 0);
    while byte < 256 {
        let mut list = 0;
        while list < table.len() {
            let mut at = 0;
            while at < table[list].1.len() {
                let phrase = table[list].1[at];
                if phrase.as_bytes()[0] as usize == byte {
                    all[filled] = (table[list].0, phrase);
                    filled += 1;
                }
                at += 1;
            }
            list += 1;
        }
        byte += 1;
    }
    all
}

impl<T: Copy> Phrases<T> {
    const fn of(all: &'static [(T, &'static str)]) -> Self {
        let mut starts = [0; 257];
        let (mut at, mut byte) = (0, 0);
        while byte < 257 {
            while at < all.len() && (all[at].1.as_bytes()[0] as usize) < byte {
                at += 1;
            }
            starts[byte] = at;
            byte += 1;
        }
        Self { all, starts }
    }

    /// What the table says of words that were written as one: `noinput` is `no input`.
    fn of_letters(&self, letters: &str) -> impl Iterator<Item = T> {
        let range = letters.bytes().next().map_or(0..0, |first| {
            let first = usize::from(first);
            self.starts[first]..self.starts[first + 1]
        });
        let phrases = self.all.get(range).unwrap_or(&[]).iter();
        let found = phrases.filter(move |(_, phrase)| is_phrase(phrase, letters));
        found.map(|(meaning, _)| *meaning)
    }
}

/// The longest phrase of any list, in words.
const LONGEST: usize = 4;

/// The vocabulary of the tutorial's flow files.
pub(crate) static NATIVE: Vocabulary = Vocabulary {
    element_names: &["label", "name", "displayName", "title"],
    configured_names: &["name", "label"],
    way_labels: &[
        "label",
        "name",
        "condition",
        "on",
        "digit",
        "key",
        "event",
        "outcome",
        "branch",
        "number",
        "type",
    ],
    heard: &[
        "prompt",
        "text",
        "message",
        "promptText",
        "prompts",
        "announcement",
        "greeting",
        "say",
        "speech",
        "ssml",
    ],
    fields: Phrases::of(&{
        const ALL: [(Field, &str); count(FIELDS)] = in_order(FIELDS);
        ALL
    }),
    meanings: Phrases::of(&{
        const ALL: [(Meaning, &str); count(MEANINGS)] = in_order(MEANINGS);
        ALL
    }),
};

#[rustfmt::skip]
const FIELDS: &[(Field, &[&str])] = &[
    (
        Field::Spoken,
        &[
            "announcement", "announcements", "greeting", "message", "messages", "prompt", "prompts", "prompt text", "say", "speech", "ssml", "text", "tts", "utterance", "welcome", "whisper",
            "body",
        ],
    ),
    (
        Field::Sound,
        &[
            "audio", "audio file", "language", "media", "music file", "prompt file", "prompt id", "voice",
            "wav",
        ],
    ),
    (
        Field::Note,
        &[
            "comment", "comments", "description", "display name", "label", "name", "note", "notes", "tags",
            "title",
        ],
    ),
    (
        Field::Address,
        &[
            "address", "base url", "connection", "connection string", "database", "endpoint", "host",
            "hostname", "href", "server", "service url", "uri", "url", "webhook",
        ],
    ),
    (
        Field::HandedTo,
        &[
            "agent", "agent id", "agent name", "destination", "number", "phone number", "queue", "queue id",
            "queue name", "skill", "skill id", "skill name", "skills", "team", "team id", "transfer to",
        ],
    ),
    (
        Field::Condition,
        &[
            "case", "cases", "condition", "conditions", "criteria", "expression", "rule", "when",
        ],
    ),
    (
        Field::Default,
        &["default", "default branch", "is default", "otherwise"],
    ),
    (
        Field::Time,
        &["timeout", "time limit", "wait", "deadline", "ttl"],
    ),
    (
        Field::Script,
        &["code", "javascript", "lua", "program", "script", "snippet"],
    ),
];

#[rustfmt::skip]
const MEANINGS: &[(Meaning, &[&str])] = &[
    (Meaning::Failure, FAILURES),
    (
        Meaning::Default,
        &[
            "default", "defaults", "else", "otherwise", "anything else", "everything else", "everyone else",
            "all other", "all others", "no matching condition", "no condition matches", "none of these", "none of the above", "fallback", "catch all", "rest", "sonst", "andernfalls", "ansonsten", "alles andere", "alle anderen",
            "standard", "sinon", "autrement", "par défaut", "défaut", "dans les autres cas", "en otro caso", "de lo contrario", "por defecto", "predeterminado", "altrimenti",
            "predefinito", "caso contrário", "senão", "padrão", "anders", "overig", "standaard",
            "annars", "ellers", "muuten", "w przeciwnym razie", "domyślnie", "domyślne", "jinak",
            "それ以外", "否则",
        ],
    ),
    (
        Meaning::MaybeDefault,
        &[
            "other", "others", "any", "no match", "unknown", "unmatched", "autre", "autres", "otro", "otros",
            "altro", "outro", "outros", "inne", "andere", "その他", "其他", "기타",
        ],
    ),
    (
        Meaning::WaitOver,
        &[
            "timeout", "timed out", "no input", "no answer", "no reply", "no response", "too long", "expired",
            "inactivity", "zeitüberschreitung", "zeit abgelaufen", "keine eingabe", "keine antwort",
            "délai dépassé", "délai expiré", "sans réponse", "pas de réponse", "tiempo agotado",
            "sin respuesta", "sin entrada", "tempo esgotado", "sem resposta", "tempo scaduto",
            "nessuna risposta", "geen antwoord", "geen invoer", "przekroczony czas", "brak odpowiedzi",
        ],
    ),
    (
        Meaning::NoInput,
        &[
            "no input", "no match", "no entry", "nothing", "silence", "invalid", "wrong", "unrecognized",
            "unrecognised", "not recognized", "not recognised", "not understood", "unmatched",
            "unknown", "retry", "max retries", "timeout", "timed out", "error", "failure", "no audio", "no speech", "keine eingabe", "falsche eingabe", "ungültig", "ungültige eingabe", "falsch", "nicht erkannt", "nicht verstanden", "aucune saisie", "saisie invalide", "invalide", "pas de saisie", "mauvaise saisie", "erreur de saisie", "non compris", "sin entrada", "entrada inválida", "inválido", "inválida", "no válido", "no válida", "incorrecto", "sem entrada", "nessun input", "nessuna scelta", "non valido",
            "non valida", "errato", "errata", "geen invoer", "ongeldig", "verkeerd", "brak wyboru",
            "nieprawidłowy", "błędny", "zły wybór", "無入力", "入力なし", "誤入力",
        ],
    ),
    (
        Meaning::Not,
        &[
            "not", "no", "non", "never", "none", "nothing", "without", "cannot", "cant", "isnt",
            "doesnt", "didnt", "hasnt", "wasnt", "arent", "nicht", "kein", "keine", "keinen",
            "keiner", "ohne", "nie", "pas", "aucun", "aucune", "sans", "sin", "ningún", "ninguno",
            "ninguna", "nunca", "não", "nao", "sem", "nenhum", "nenhuma", "nessun", "nessuno",
            "nessuna", "senza", "niet", "geen", "zonder", "bez", "brak", "ikke", "ingen", "inte",
            "ej", "utan", "ei", "nem", "nincs", "değil", "не", "нет", "без", "ne",
        ],
    ),
];

/// What ways for failures are usually called: single words, and words side by side.
#[rustfmt::skip]
pub(crate) const FAILURES: &[&str] = &[
    "error", "errors", "fail", "fails", "failed", "failure", "failures", "fault", "exception",
    "timeout", "timed out", "unavailable", "not available", "unreachable", "abandoned", "overflow",
    "full", "failover", "rejected", "fehler", "fehlgeschlagen", "fehlschlag", "störung",
    "zeitüberschreitung", "nicht erreichbar", "nicht verfügbar", "ausfall", "erreur", "échec",
    "échoué", "panne", "indisponible", "fallo", "falla", "falló", "no disponible", "errore",
    "errori", "fallito", "fallita", "non disponibile", "fout", "fouten", "mislukt", "storing", "niet beschikbaar", "erro", "erros", "falha", "falhou", "indisponível", "fel", "misslyckades", "fejl",
    "feil", "błąd", "błędy", "niepowodzenie", "awaria", "virhe", "chyba", "hiba", "hata", "ошибка",
    "сбой", "помилка", "エラー", "失敗", "障害", "错误", "失败", "오류", "실패",
];

/// Words that say nothing about which case a way is for.
#[rustfmt::skip]
pub(crate) const FILLERS: &[&str] = &[
    "on", "if", "the", "a", "an", "case", "cases", "branch", "way", "path", "route", "when",
    "option", "to", "go", "goto", "der", "die", "das", "bei", "falls", "wenn", "le", "la", "les",
    "cas", "si", "en", "el", "los", "caso", "se", "il", "lo", "als", "de", "het",
];

/// Whether words that were written as one are the words of a phrase: `noinput` and `no input`.
fn is_phrase(phrase: &str, letters: &str) -> bool {
    // Blanks alone make a phrase longer.
    phrase.len() >= letters.len()
        && (phrase.len() > letters.len() || phrase == letters)
        && phrase
            .bytes()
            .filter(|&letter| letter != b' ')
            .eq(letters.bytes())
}

impl Vocabulary {
    fn meanings_of(&self, letters: &str) -> u8 {
        let meant = self.meanings.of_letters(letters);
        meant.fold(0, |all, meaning| all | meaning.bit())
    }

    /// What the whole text means: `OnDefault`, `default case`.
    pub(crate) fn whole(&self, text: &[String]) -> Meanings {
        let mut meant = match text {
            [word] => self.meanings_of(word),
            words => self.meanings_of(&words.concat()),
        };
        let is_filler = |word: &String| FILLERS.contains(&word.as_str());
        if text.iter().any(is_filler) {
            let telling = text.iter().filter(|word| !is_filler(word));
            let telling: String = telling.map(String::as_str).collect();
            meant |= self.meanings_of(&telling);
        }
        Meanings(meant)
    }

    /// What any words side by side in the text mean.
    pub(crate) fn within(&self, text: &[String]) -> Meanings {
        let mut meant = 0;
        words::any_run(text, LONGEST, |run| {
            meant |= self.meanings_of(run);
            false
        });
        Meanings(meant)
    }

    /// What a field of exactly this name holds.
    pub(crate) fn field(&self, name: &str) -> Option<Field> {
        let letters = words::split(name).concat();
        self.fields.of_letters(&letters).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(text: &str) -> Meanings {
        NATIVE.within(&words::split(text))
    }

    fn whole(text: &str) -> Meanings {
        NATIVE.whole(&words::split(text))
    }

    #[test]
    fn every_phrase_of_the_tables_is_found_however_its_words_are_joined() {
        for (meaning, phrases) in MEANINGS {
            for phrase in *phrases {
                assert!(whole(phrase).has(*meaning), "{phrase}");
                assert!(whole(&phrase.replace(' ', "_")).has(*meaning), "{phrase}");
            }
        }
        for (field, names) in FIELDS {
            for name in *names {
                assert_eq!(NATIVE.field(name), Some(*field), "{name}");
            }
        }
        assert_eq!(NATIVE.field(""), None);
    }

    #[test]
    fn failures_are_read_as_words_and_nothing_else_is_one() {
        for text in [
            "error",
            "OnFailure",
            "ApiError",
            "no_match_error",
            "NoMatchingError",
            "failedToEnqueue",
            "timed-out",
            "Fehler",
            "fehlgeschlagen",
            "nicht erreichbar",
            "Échec",
            "erreur réseau",
            "indisponible",
            "Fallo",
            "no disponible",
            "errore",
            "fout",
            "błąd",
            "エラー",
            "ошибка",
        ] {
            assert!(within(text).has(Meaning::Failure), "{text}");
        }
        for text in [
            "terror",
            "next",
            "OnSuccess",
            "failsafe",
            "erreurs2x",
            "weiter",
            "suivant",
            "siguiente",
            "Feierabend",
            "fulltime",
            "found",
            "1",
            "default",
        ] {
            assert!(!within(text).has(Meaning::Failure), "{text}");
        }
    }

    #[test]
    fn all_other_cases_are_read_from_the_whole_text() {
        for text in [
            "default",
            "OnDefault",
            "default case",
            "Else",
            "anythingElse",
            "NoMatchingCondition",
            "sonst",
            "Alle anderen",
            "sinon",
            "Par défaut",
            "por defecto",
            "En otro caso",
            "altrimenti",
            "domyślnie",
            "否则",
        ] {
            assert!(whole(text).has(Meaning::Default), "{text}");
        }
        for text in [
            "default language",
            "elsewhere",
            "gold",
            "Sonstiges Anliegen",
            "standardize",
            "défaut de paiement",
            "otro idioma",
            "1",
        ] {
            assert!(!whole(text).has(Meaning::Default), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_wait_and_wrong_input_are_read_as_words() {
        for text in [
            "timeout",
            "OnTimeout",
            "no_input",
            "NoAnswer",
            "keine Eingabe",
            "Zeit abgelaufen",
            "délai dépassé",
            "sin respuesta",
            "geen antwoord",
        ] {
            assert!(within(text).has(Meaning::WaitOver), "{text}");
        }
        for text in [
            "no match",
            "timetable",
            "input",
            "Antwort",
            "réponse",
            "respuesta",
            "answered",
        ] {
            assert!(!within(text).has(Meaning::WaitOver), "{text}");
        }
        for text in [
            "noMatch",
            "wrong input",
            "InputTimeLimitExceededError",
            "falsche Eingabe",
            "saisie invalide",
            "entrada inválida",
            "無入力",
        ] {
            assert!(within(text).has(Meaning::NoInput), "{text}");
        }
        for text in ["sales", "input", "Eingabe", "saisie", "entrada", "1"] {
            assert!(!within(text).has(Meaning::NoInput), "{text}");
        }
    }

    #[test]
    fn fields_are_known_by_their_names_however_they_are_written() {
        for (name, field) in [
            ("promptText", Some(Field::Spoken)),
            ("prompt_text", Some(Field::Spoken)),
            ("audioFile", Some(Field::Sound)),
            ("language", Some(Field::Sound)),
            ("base-url", Some(Field::Address)),
            ("skillId", Some(Field::HandedTo)),
            ("SKILL_ID", Some(Field::HandedTo)),
            ("isDefault", Some(Field::Default)),
            ("displayName", Some(Field::Note)),
            ("snippet", Some(Field::Script)),
            ("retries", None),
            ("promptness", None),
        ] {
            assert_eq!(NATIVE.field(name), field, "{name}");
        }
    }
}
