//! Whether cases leave no other: one and its opposite, by meaning; comparisons that leave nothing over.
//!
//! Words for yes and no, and what denies a word, are compared as words in the languages that designers write.

use serde_json::Value;

use crate::flow::words::split;

/// Two words that leave no other case: each of the first list with each of the second.
#[rustfmt::skip]
const OPPOSITES: &[(&[&str], &[&str])] = &[
    (&["open", "opened", "offen", "geöffnet", "ouvert", "ouverte", "abierto", "abierta", "aberto", "aperto", "geopend", "otwarte", "営業中", "営業時間内"],
     &["closed", "close", "shut", "geschlossen", "zu", "fermé", "fermée", "cerrado", "cerrada", "fechado", "chiuso", "gesloten", "zamknięte", "休業", "営業時間外"]),
    (&["success", "successful", "succeeded", "ok", "passed", "pass", "erfolg", "erfolgreich", "succès", "réussi", "éxito", "correcto", "sucesso", "successo", "gelukt", "sukces"],
     &["failure", "failed", "fail", "error", "ko", "fehler", "fehlgeschlagen", "échec", "échoué", "erreur", "fallo", "error", "falha", "erro", "errore", "mislukt", "fout", "błąd"]),
    (&["found", "present", "exists", "there", "gefunden", "vorhanden", "da", "trouvé", "présent", "encontrado", "existe", "trovato", "gevonden", "aanwezig", "znaleziono", "あり"],
     &["missing", "absent", "gone", "lost", "fehlt", "weg", "introuvable", "absent", "falta", "ausente", "mancante", "assente", "afwezig", "brak", "なし"]),
    (&["available", "free", "online", "idle", "verfügbar", "frei", "erreichbar", "disponible", "libre", "disponível", "disponibile", "beschikbaar", "dostępny"],
     &["unavailable", "busy", "offline", "besetzt", "belegt", "indisponible", "occupé", "ocupado", "indisponível", "occupato", "bezet", "zajęty"]),
    (&["in", "inside", "within", "during", "innerhalb", "während", "dans", "pendant", "dentro", "durante", "binnen", "w"],
     &["out", "outside", "after", "außerhalb", "ausserhalb", "hors", "après", "fuera", "fora", "fuori", "buiten", "poza"]),
    (&["over", "above", "more", "exceeded", "über", "mehr", "plus", "más", "mais", "più", "meer", "boven", "więcej"],
     &["under", "below", "less", "unter", "weniger", "moins", "menos", "meno", "minder", "onder", "mniej"]),
    (&["on", "enabled", "active", "an", "ein", "aktiv", "actif", "activé", "activo", "activado", "ativo", "attivo", "aan", "actief", "aktywny"],
     &["off", "disabled", "inactive", "aus", "inaktiv", "inactif", "désactivé", "inactivo", "desactivado", "inativo", "inattivo", "uit", "inactief", "nieaktywny"]),
    (&["valid", "correct", "right", "gültig", "richtig", "valide", "válido", "valido", "geldig", "poprawny"],
     &["invalid", "incorrect", "wrong", "ungültig", "falsch", "invalide", "inválido", "incorrecto", "ongeldig", "błędny"]),
    (&["match", "matched", "same", "equal", "gleich", "identique", "igual", "uguale", "gelijk"],
     &["mismatch", "unmatched", "different", "ungleich", "verschieden", "différent", "distinto", "diferente", "diverso", "ongelijk"]),
    (&["empty", "null", "blank", "leer", "vide", "vacío", "vazio", "vuoto", "leeg", "puste"],
     &["filled", "set", "notnull", "gefüllt", "rempli", "lleno", "preenchido", "pieno", "gevuld"]),
    (&["known", "existing", "returning", "bekannt", "connu", "conocido", "conhecido", "noto", "bekend", "znany"],
     &["unknown", "new", "unbekannt", "neu", "inconnu", "nouveau", "desconocido", "nuevo", "desconhecido", "novo", "ignoto", "nuovo", "onbekend", "nieuw", "nieznany"]),
    (&["accepted", "accept", "approved", "granted", "agreed", "angenommen", "akzeptiert", "accepté", "aceptado", "aceito", "accettato", "geaccepteerd"],
     &["declined", "decline", "rejected", "denied", "refused", "abgelehnt", "refusé", "rechazado", "recusado", "rifiutato", "geweigerd"]),
    (&["day", "weekday", "weekdays", "tag", "werktag", "jour", "semaine", "día", "laborable", "giorno", "feriale", "werkdag"],
     &["night", "weekend", "weekends", "nacht", "wochenende", "nuit", "noche", "notte", "festivo"]),
];

/// Yes and no, of one language each.
#[rustfmt::skip]
const ANSWERS: &[(&str, &str)] = &[
    ("true", "false"), ("yes", "no"), ("y", "n"), ("ja", "nein"), ("wahr", "falsch"), ("oui", "non"), ("vrai", "faux"),
    ("sí", "no"), ("si", "no"), ("sì", "no"), ("verdadero", "falso"), ("vero", "falso"), ("verdadeiro", "falso"),
    ("sim", "não"), ("sim", "nao"), ("ja", "nee"), ("waar", "onwaar"), ("ja", "nej"), ("ja", "nei"), ("sant", "falskt"),
    ("kyllä", "ei"), ("tak", "nie"), ("prawda", "fałsz"), ("ano", "ne"), ("igen", "nem"), ("evet", "hayır"), ("да", "нет"),
    ("так", "ні"), ("ναι", "όχι"), ("はい", "いいえ"), ("是", "否"), ("예", "아니요"),
];

/// What stands in a case and says nothing about which it is.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "is", "are", "was", "were", "has", "have", "had", "be", "been", "being", "does", "do", "did", "if", "when", "case",
    "a", "an", "the", "it", "this", "ist", "sind", "war", "hat", "wurde", "ein", "eine", "der", "die", "das", "wenn",
    "est", "a", "été", "le", "la", "les", "un", "une", "es", "está", "el", "los", "las", "una", "ha", "è", "il", "lo",
    "is", "de", "het", "een", "é", "o", "os", "as", "jest", "any", "longer",
];

/// Words that deny what stands beside them.
#[rustfmt::skip]
const NOT: &[&str] = &[
    "not", "no", "non", "never", "without", "isnt", "arent", "wasnt", "hasnt", "doesnt", "didnt", "cannot", "cant",
    "nicht", "kein", "keine", "keinen", "keiner", "ohne", "nie", "niemals", "pas", "ne", "aucun", "aucune", "sans",
    "sin", "ningún", "ninguna", "não", "nao", "sem", "nenhum", "nenhuma", "nessun", "nessuna", "senza", "niet",
    "geen", "zonder", "bez", "brak", "ikke", "ingen", "inte", "ej", "utan", "ei", "nem", "nincs", "değil", "не", "нет",
    "без", "anyone", "longer",
];

/// What in front of a word makes its opposite.
#[rustfmt::skip]
const PREFIXES: &[&str] = &["un", "in", "im", "ir", "il", "dis", "non", "mis", "des", "dés", "on", "nie", "o", "不", "未", "非", "无", "無", "没", "沒"];

/// What behind a word makes its opposite, where languages do so.
const SUFFIXES: &[&str] = &["ない", "なし", "ではない", "않음", "없음", "外"];

/// Whether among these cases some leave no other.
pub(super) fn leave_no_other(cases: &[&str]) -> bool {
    let said: Vec<Said> = cases.iter().map(|case| Said::of(case)).collect();
    let mut pairs = said
        .iter()
        .enumerate()
        .flat_map(|(at, one)| said[at + 1..].iter().map(move |other| (one, other)));
    pairs.any(|(one, other)| one.denies(other) || other.denies(one))
        || Comparisons::of(cases).leave_nothing_over()
}

/// What a case says: its words, and whether it denies them.
struct Said {
    /// The first word, as in `Yes, transfer me`.
    first: Option<String>,
    words: Vec<String>,
    is_denied: bool,
}

impl Said {
    fn of(case: &str) -> Self {
        let spelled = spelled_out(case);
        let words = split(&spelled);
        let first = words.first().cloned();
        // `the number is not in the list`: what denies counts; the order of the rest does.
        let mut is_denied = false;
        let mut kept = Vec::new();
        // A case that is one word is not a denial of nothing: `no`.
        let alone = words.len() == 1;
        for word in words {
            if !alone && NOT.contains(&word.as_str()) {
                is_denied = !is_denied;
            } else if alone || !FILLERS.contains(&word.as_str()) {
                kept.push(word);
            }
        }
        if kept.is_empty() {
            // `is not`, `no longer`: nothing is left to compare.
            kept = split(&spelled);
            is_denied = false;
        }
        Self {
            first,
            words: kept,
            is_denied,
        }
    }

    fn denies(&self, other: &Said) -> bool {
        let same = self.words.len() == other.words.len()
            && self
                .words
                .iter()
                .zip(&other.words)
                .all(|(one, two)| is_same(one, two));
        if same {
            return self.is_denied != other.is_denied;
        }
        // `Yes, transfer me` and `No thanks`.
        let firsts = self.first.as_ref().zip(other.first.as_ref());
        if firsts.is_some_and(|(one, two)| is_answer(one, two)) {
            return true;
        }
        if self.is_denied != other.is_denied {
            return false;
        }
        // They differ in one word, or one says only the word: `verified` and `unverified`, `in hours` and `out of hours`.
        let (one, two) = (trimmed(&self.words), trimmed(&other.words));
        let mut differing: Vec<(&String, &String)> = one.iter().zip(&two).collect();
        differing.retain(|(one, two)| one != two);
        if one.len() != two.len() {
            differing.clear();
        }
        matches!(differing.as_slice(), [(one, two)] if are_opposites(one, two))
    }
}

/// Whether two words are one, be it in another number or person: `exists` and `exist`.
fn is_same(one: &str, two: &str) -> bool {
    one == two || one.strip_suffix('s') == Some(two) || two.strip_suffix('s') == Some(one)
}

/// Words without what only joins them, so that `in hours` and `out of hours` are of one length.
fn trimmed(words: &[String]) -> Vec<String> {
    const JOINING: [&str; 8] = ["of", "to", "von", "des", "de", "du", "di", "der"];
    let kept = words
        .iter()
        .filter(|word| !JOINING.contains(&word.as_str()));
    kept.cloned().collect()
}

/// Whether two words are yes and no in one language.
fn is_answer(one: &str, two: &str) -> bool {
    let is_pair = |(yes, no): &(&str, &str)| [(*yes, *no), (*no, *yes)].contains(&(one, two));
    ANSWERS.iter().any(is_pair)
}

fn are_opposites(one: &str, two: &str) -> bool {
    let listed = OPPOSITES.iter().any(|(these, those)| {
        these.contains(&one) && those.contains(&two) || these.contains(&two) && those.contains(&one)
    });
    listed || is_answer(one, two) || is_denial(one, two) || is_denial(two, one)
}

/// Whether one word is another with a prefix or suffix that denies it.
fn is_denial(long: &str, short: &str) -> bool {
    /// Anything shorter begins with everything: `in` and `inform`.
    const SHORTEST: usize = 3;
    let wide = |text: &str| !text.is_ascii() || text.len() >= SHORTEST;
    let before = |prefix: &&str| long.strip_prefix(*prefix) == Some(short);
    let behind = |suffix: &&str| long.strip_suffix(*suffix) == Some(short);
    let is_word = !short.is_empty() && wide(short);
    is_word && (PREFIXES.iter().any(before) || SUFFIXES.iter().any(behind))
}

/// Signs as words: `!vip` and `vip != true` deny, `&&` and `==` say nothing by themselves.
fn spelled_out(case: &str) -> String {
    let text = as_text(case);
    let text = text
        .replace("!==", " not ")
        .replace("!=", " not ")
        .replace("<>", " not ")
        .replace('≠', " not ");
    let text = text.replace('!', " not ").replace("¬", " not ");
    // `vip == false` is `vip == true` denied, where `vip` alone may be the other.
    let mut words = split(&text);
    if words.len() > 1 && words.last().is_some_and(|word| word == "false") {
        words.pop();
        words.push("not".to_owned());
    } else if words.len() > 1 && words.last().is_some_and(|word| word == "true") {
        words.pop();
    } else {
        return text;
    }
    words.join(" ")
}

/// A condition that is written as an object, as text: variable, operator, value.
fn as_text(case: &str) -> String {
    const PARTS: [&[&str]; 3] = [
        &[
            "variable",
            "field",
            "left",
            "lhs",
            "name",
            "input",
            "attribute",
        ],
        &["operator", "op", "comparison", "type"],
        &["value", "right", "rhs", "operand", "to"],
    ];
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(case) else {
        return case.to_owned();
    };
    let part = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| members.get(*name));
        found.find_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(_) | Value::Array(_) | Value::Null => None,
            other => Some(other.to_string()),
        })
    };
    let parts: Vec<String> = PARTS.into_iter().filter_map(part).collect();
    if parts.is_empty() {
        case.to_owned()
    } else {
        parts.join(" ")
    }
}

/// How two things compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// Comparisons of one thing with numbers, each case a list of them that must all hold.
struct Comparisons {
    subject: String,
    cases: Vec<Vec<(Operator, f64)>>,
    is_whole: bool,
}

impl Comparisons {
    fn of(cases: &[&str]) -> Self {
        let mut all = Self {
            subject: String::new(),
            cases: Vec::new(),
            is_whole: false,
        };
        let read: Vec<_> = cases
            .iter()
            .filter_map(|case| conjunction(&as_text(case)))
            .collect();
        let Some((subject, _)) = read.first() else {
            return all;
        };
        all.subject.clone_from(subject);
        all.is_whole = true;
        let same = read.iter().filter(|(of, _)| *of == all.subject);
        all.cases = same.map(|(_, case)| case.clone()).collect();
        all
    }

    /// Whether each number is one of the cases: looked at are all that are named, what lies between them, and beyond.
    fn leave_nothing_over(&self) -> bool {
        if !self.is_whole || self.cases.len() < 2 {
            return false;
        }
        let mut named: Vec<f64> = self
            .cases
            .iter()
            .flatten()
            .map(|(_, number)| *number)
            .collect();
        named.sort_by(f64::total_cmp);
        let between = named.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
        let ends = [
            named.first().map(|least| least - 1.0),
            named.last().map(|most| most + 1.0),
        ];
        let mut all: Vec<f64> = between.chain(ends.into_iter().flatten()).collect();
        all.extend(&named);
        // Whole numbers alone are meant where only such are named: nothing lies between 5 and 6.
        let whole = named.iter().all(|number| number.fract() == 0.0);
        if whole {
            all.retain(|number| number.fract() == 0.0);
        }
        let holds = |number: f64, (operator, limit): &(Operator, f64)| {
            let order = number.total_cmp(limit);
            match operator {
                Operator::Is => order.is_eq(),
                Operator::IsNot => order.is_ne(),
                Operator::Less => order.is_lt(),
                Operator::AtMost => order.is_le(),
                Operator::More => order.is_gt(),
                Operator::AtLeast => order.is_ge(),
            }
        };
        all.iter().all(|&number| {
            self.cases
                .iter()
                .any(|case| case.iter().all(|part| holds(number, part)))
        })
    }
}

fn conjunction(case: &str) -> Option<(String, Vec<(Operator, f64)>)> {
    let case = case.replace("&&", " and ");
    let mut subject = None::<String>;
    let mut parts = Vec::new();
    for part in case.split(" and ") {
        let (of, operator, number) = comparison(part)?;
        // `score >= 3 and < 6`
        if !of.is_empty() {
            if subject.as_ref().is_some_and(|known| *known != of) {
                return None;
            }
            subject = Some(of);
        }
        parts.push((operator, number));
    }
    Some((subject?, parts))
}

/// Signs of comparisons, those that hold others first.
const SIGNS: [(&str, Operator); 22] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("≤", Operator::AtMost),
    ("≥", Operator::AtLeast),
    ("!==", Operator::IsNot),
    ("!=", Operator::IsNot),
    ("<>", Operator::IsNot),
    ("===", Operator::Is),
    ("==", Operator::Is),
    ("=", Operator::Is),
    ("<", Operator::Less),
    (">", Operator::More),
    (" lessThanOrEqual ", Operator::AtMost),
    (" greaterThanOrEqual ", Operator::AtLeast),
    (" lessThan ", Operator::Less),
    (" greaterThan ", Operator::More),
    (" lte ", Operator::AtMost),
    (" gte ", Operator::AtLeast),
    (" lt ", Operator::Less),
    (" gt ", Operator::More),
    (" equals ", Operator::Is),
    (" eq ", Operator::Is),
];

fn comparison(text: &str) -> Option<(String, Operator, f64)> {
    let (sign, operator) = SIGNS.iter().find(|(sign, _)| text.contains(sign))?;
    let (subject, number) = text.split_once(sign)?;
    let number = number.trim().trim_matches(['"', '\'', ')']).parse().ok()?;
    let subject = split(subject).concat();
    Some((subject, *operator, number))
}

/// What is looked for in cases.
#[cfg(test)]
pub(crate) fn sought() -> Vec<String> {
    let opposites = OPPOSITES
        .iter()
        .flat_map(|(these, those)| these.iter().chain(*those));
    let answers = ANSWERS.iter().flat_map(|(yes, no)| [yes, no]);
    let words = opposites.chain(answers).chain(FILLERS).chain(NOT);
    let words = words.map(|word| format!("{word} "));
    let parts = PREFIXES
        .iter()
        .chain(SUFFIXES)
        .map(|part| (*part).to_owned());
    words
        .chain(parts)
        .chain(SIGNS.map(|(sign, _)| sign.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_and_its_opposite_leave_no_other() {
        for pair in [
            ["true", "false"],
            ["Yes", "No"],
            ["ja", "nein"],
            ["oui", "non"],
            ["sí", "no"],
            ["はい", "いいえ"],
            ["OnTrue", "OnFalse"],
            ["Found", "NotFound"],
            ["verified", "notVerified"],
            ["verified", "unverified"],
            ["isEmpty", "isNotEmpty"],
            ["vip == true", "vip == false"],
            ["vip = true", "vip != true"],
            ["vip", "!vip"],
            ["score >= 6", "score < 6"],
            ["tier == 'gold'", "tier != 'gold'"],
            ["member", "not a member"],
            ["Open", "Closed"],
            ["in hours", "out of hours"],
            ["In business hours", "outside business hours"],
            ["over limit", "under limit"],
            ["Over", "Not over"],
            ["gefunden", "nicht gefunden"],
            ["vorhanden", "fehlt"],
            ["gültig", "ungültig"],
            ["trouvé", "pas trouvé"],
            ["disponible", "no disponible"],
            ["encontrado", "não encontrado"],
            ["has agents", "has no agents"],
            ["agents available", "no agents available"],
            ["online", "offline"],
            ["Yes, transfer me", "No thanks"],
            ["more tries", "no more tries"],
            ["in list", "not in list"],
            ["exists", "does not exist"],
            ["available", "unavailable"],
            ["登録済み", "未登録済み"],
            ["success", "failure"],
            [
                r#"{"variable":"x","operator":"equals","value":true}"#,
                r#"{"variable":"x","operator":"equals","value":false}"#,
            ],
            [
                r#"{"variable":"n","operator":"lt","value":5}"#,
                r#"{"variable":"n","operator":"gte","value":5}"#,
            ],
        ] {
            assert!(leave_no_other(&pair), "{pair:?}");
            let [one, two] = pair;
            assert!(leave_no_other(&[two, "error", one]), "{pair:?}");
        }
        assert!(leave_no_other(&[
            "score < 3",
            "score >= 3 && score < 6",
            "score >= 6"
        ]));
        assert!(leave_no_other(&["n < 5", "n = 5", "n > 5"]));
        assert!(leave_no_other(&["n <= 5", "n >= 6"]));
    }

    #[test]
    fn cases_that_leave_others_do_not() {
        for cases in [
            &["gold", "silver"][..],
            &["tier == 'gold'", "tier == 'tin'"],
            &["sales", "service", "error"],
            &["score < 3", "score > 3"],
            &["score >= 6", "rank < 6"],
            &["n < 5", "n > 7"],
            &["yes", "maybe"],
            &["open", "holiday"],
            &["not gold", "not silver"],
            &["vip == true", "member == false"],
            &["in list", "blocked"],
            &["form", "inform us"],
            &["offen", "Feiertag"],
            &["trouvé", "erreur"],
            &["sí", "tal vez"],
            &["new", "gold"],
        ] {
            assert!(!leave_no_other(cases), "{cases:?}");
        }
    }
}
