//! Menus: which keys callers are told of, which keys a way answers, and where wrong or no input leads.
//!
//! A menu is an element that waits for callers and has ways for keys. Prompts are read as words, in the languages that
//! designers write; where a menu is not understood, nothing is said of it.

use std::collections::BTreeSet;

use super::FlowContext;
use super::graph_view::GraphView;
use super::texts::{Owner, Text};
use crate::flow::branch::{Branch, key_pressed};
use crate::flow::json::Value;
use crate::flow::vocabulary::{Meaning, NATIVE};
use crate::flow::words::split;
use crate::flow::{FlowIndex, Role};

/// What comes right before a key that callers are told to press.
#[rustfmt::skip]
const PRESS: &[&str] = &[
    "press", "dial", "push", "hit", "enter", "choose", "select", "key", "option", "drücken", "drücke", "drück", "wählen",
    "wähle", "taste", "tippen", "ziffer", "appuyez", "tapez", "composez", "faites", "touche", "pulse", "marque", "presione",
    "oprima", "digite", "tecla", "premere", "premi", "prema", "digitare", "digiti", "tasto", "pressione", "tecle",
    "disque", "aperte", "opção", "opción", "toets", "druk", "kies", "naciśnij", "wybierz", "proszę", "tryck", "tryk",
    "trykk", "paina", "stiskněte", "nyomja", "basın", "tuşlayın", "нажмите",
];
/// What comes right behind such a key in languages that say it so.
const BEHIND: [&str; 2] = ["を押", "번"];
/// What may stand between that and the key, and between keys.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "the", "key", "number", "digit", "button", "on", "or", "and", "sie", "die", "das", "taste", "ziffer", "bitte", "auf", "oder",
    "und", "le", "la", "les", "sur", "touche", "chiffre", "numéro", "ou", "et", "el", "o", "u", "y", "tecla", "número", "botón",
    "opción", "il", "lo", "tasto", "numero", "e", "a", "na", "op", "de", "het", "een", "toets", "of", "en", "lub", "klawisz",
];
/// Keys as words.
#[rustfmt::skip]
const SPELLED: &[(char, &[&str])] = &[
    ('0', &["zero", "null", "zéro", "cero", "nul"]),
    ('1', &["one", "eins", "un", "uno", "um", "een", "één", "jeden"]),
    ('2', &["two", "zwei", "deux", "dos", "due", "dois", "twee", "dwa"]),
    ('3', &["three", "drei", "trois", "tres", "tre", "três", "drie", "trzy"]),
    ('4', &["four", "vier", "quatre", "cuatro", "quattro", "quatro", "cztery"]),
    ('5', &["five", "fünf", "cinq", "cinco", "cinque", "vijf", "pięć"]),
    ('6', &["six", "sechs", "seis", "sei", "zes", "sześć"]),
    ('7', &["seven", "sieben", "sept", "siete", "sette", "sete", "zeven", "siedem"]),
    ('8', &["eight", "acht", "huit", "ocho", "otto", "oito", "osiem"]),
    ('9', &["nine", "neun", "neuf", "nueve", "nove", "negen", "dziewięć"]),
    ('*', &["star", "asterisk", "stern", "sterntaste", "étoile", "asterisco", "estrella", "ster"]),
    ('#', &["pound", "hash", "raute", "rautetaste", "dièse", "almohadilla", "cancelletto", "cerquilha", "hekje"]),
];

/// Where wrong input, no input and all other cases lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Others {
    /// The menu says nothing about them.
    Unsaid,
    /// Some way is for them.
    Said,
    /// All other cases lead somewhere else than back here.
    LeadOn,
}

/// What is known of one menu.
pub(super) struct Menu {
    /// The element.
    pub(super) at: usize,
    /// Keys that a way answers.
    pub(super) answered: BTreeSet<char>,
    /// Keys that callers are told of: by a prompt, or by the menu's options.
    pub(super) offered: BTreeSet<char>,
    /// Where wrong input, no input and all other cases lead.
    pub(super) others: Others,
    /// Whether some way is called by anything but a key, wrong input or all other cases: then keys may be meant by names.
    pub(super) has_names: bool,
}

/// The menus of a flow that callers reach.
pub(super) fn all(context: &FlowContext<'_>) -> Vec<Menu> {
    let Some(graph) = context.graph() else {
        return Vec::new();
    };
    let flow = context.flow;
    let types = &context.settings.types;
    let is_menu = |at: &usize| {
        let kind = &flow.elements()[*at].kind;
        graph.leaving(*at).len() > 1
            && types.have(kind, Role::Input)
            && !types.have(kind, Role::Fallible)
            && graph.is_reached(*at)
    };
    let menus = (0..flow.elements().len()).filter(is_menu);
    let mut menus: Vec<Menu> = menus
        .filter_map(|at| menu(flow.index(), graph, at))
        .collect();
    if menus.is_empty() {
        return menus;
    }
    let mut by_element = vec![Vec::<&Text<'_>>::new(); flow.elements().len()];
    for text in context.texts() {
        if let Owner::Element(at) = text.owner
            && text.is_spoken()
        {
            by_element[at].push(text);
        }
    }
    for menu in &mut menus {
        told(context, menu, &by_element);
    }
    menus
}

fn menu(index: FlowIndex<'_>, graph: &GraphView<'_>, at: usize) -> Option<Menu> {
    let mut menu = Menu {
        at,
        answered: BTreeSet::new(),
        offered: BTreeSet::new(),
        others: Others::Unsaid,
        has_names: false,
    };
    for &number in graph.leaving(at) {
        let way = index.way(number);
        let branch = Branch::of_way(index.flow(), way);
        let leads_back = way.ends().target.is_none_or(|target| {
            let mut on = graph.out(target).iter();
            target == at || on.all(|edge| edge.element == at) && !graph.out(target).is_empty()
        });
        let label = index.label(number);
        let texts = [branch.text(), label];
        let texts = || texts.into_iter().flatten();
        let keys = texts().map(keys_of).find(|keys| !keys.is_empty());
        if let Some(keys) = keys {
            menu.answered.extend(keys);
            continue;
        }
        let is_other = matches!(branch, Branch::Default | Branch::Always);
        let is_wrong = texts().any(|text| NATIVE.within(&split(text)).has(Meaning::NoInput));
        if is_other || is_wrong {
            let leads_on = is_other && !leads_back;
            let others = if leads_on {
                Others::LeadOn
            } else {
                Others::Said
            };
            menu.others = menu.others.max(others);
        } else {
            menu.has_names = true;
        }
    }
    (!menu.answered.is_empty()).then_some(menu)
}

/// The keys that a way is for: one, or several as in `1 or 2` and `1-3`.
fn keys_of(text: &str) -> Vec<char> {
    if let Some(key) = key_pressed(text) {
        return vec![key];
    }
    let mut keys = Vec::new();
    let mut is_range = false;
    for part in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '|')) {
        let mut letters = part.chars();
        match (
            letters.next(),
            letters.next(),
            letters.next(),
            letters.next(),
        ) {
            (None, ..) => {}
            (Some(key @ ('0'..='9' | '*' | '#')), None, ..) => {
                if let (true, Some(&from)) = (is_range, keys.last()) {
                    keys.extend((from..=key).skip(1));
                } else {
                    keys.push(key);
                }
                is_range = false;
            }
            (Some(from @ '0'..='9'), Some('-' | '–'), Some(to @ '0'..='9'), None) => {
                keys.extend(from..=to);
            }
            _ => {
                let word = part.to_lowercase();
                match word.as_str() {
                    "-" | "–" | "to" | "bis" | "à" | "hasta" => is_range = true,
                    "or" | "and" | "oder" | "und" | "ou" | "et" | "o" | "y" | "e" | "of" | "en"
                    | "press" => {}
                    _ => return Vec::new(),
                }
            }
        }
    }
    keys
}

/// What callers are told of keys here.
fn told(context: &FlowContext<'_>, menu: &mut Menu, texts: &[Vec<&Text<'_>>]) {
    let flow = context.flow;
    let element = &flow.elements()[menu.at];
    let here = texts[menu.at].iter();
    menu.offered = here.flat_map(|text| keys_in(&text.text)).collect();
    if let Some(configuration) = flow.value(element.node).get("configuration") {
        menu.offered.extend(options(configuration));
    }
}

/// Whether a prompt names a key at all, pressed or not: `1 for yes, 2 for no`.
pub(super) fn names_key(prompt: &str, key: char) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let alone = prompt.match_indices(key).any(|(at, _)| {
        let before = prompt[..at].chars().next_back();
        let after = prompt[at + key.len_utf8()..].chars().next();
        !is_digit(before) && !is_digit(after)
    });
    let spelled = SPELLED.iter().find(|(of, _)| *of == key);
    let is_spelled =
        |word: &String| spelled.is_some_and(|(_, words)| words.contains(&word.as_str()));
    alone || tokens(prompt).iter().any(is_spelled)
}

/// What callers hear at an element, and right before they come to it.
pub(super) fn heard_around<'c>(
    context: &'c FlowContext<'_>,
    graph: &GraphView<'_>,
    at: usize,
) -> Vec<&'c str> {
    let mut around: BTreeSet<usize> = graph.incoming(at).iter().map(|edge| edge.element).collect();
    around.insert(at);
    let texts = context.texts().iter().filter(|text| {
        matches!(text.owner, Owner::Element(of) if around.contains(&of)) && text.is_spoken()
    });
    texts.map(|text| &*text.text).collect()
}

/// Keys of a menu's options: `[{"digit": 1}]`, `["1", "2"]` or `{"1": …}`.
fn options(configuration: Value<'_>) -> Vec<char> {
    const LISTS: [&str; 4] = ["options", "choices", "keys", "menu"];
    const KEYS: [&str; 4] = ["digit", "key", "dtmf", "keyPress"];
    let mut keys = Vec::new();
    let key_of = |value: Value<'_>| {
        let text = value.as_str().map(|text| text.trim().to_owned());
        let text = text.or_else(|| value.as_number().map(str::to_owned))?;
        key_pressed(&text)
    };
    for list in LISTS.iter().filter_map(|key| configuration.get(key)) {
        for item in list.items() {
            let named = KEYS.iter().find_map(|key| item.get(key));
            keys.extend(key_of(named.unwrap_or(item)));
        }
        keys.extend(
            list.members()
                .filter_map(|(key, _)| key_pressed(key.text())),
        );
    }
    keys
}

/// The keys that a prompt tells callers to press.
pub(super) fn keys_in(prompt: &str) -> BTreeSet<char> {
    let mut keys = BTreeSet::new();
    let words = tokens(prompt);
    let key = |word: &str| -> Option<char> {
        let mut letters = word.chars();
        if let (Some(key @ ('0'..='9' | '*' | '#')), None) = (letters.next(), letters.next()) {
            return Some(key);
        }
        let mut spelled = SPELLED.iter();
        let spelled = spelled.find(|(_, words)| words.contains(&word));
        spelled.map(|(key, _)| *key)
    };
    let mut at = 0;
    while at < words.len() {
        if !PRESS.contains(&words[at].as_str()) {
            // `1を押してください`, `1번`
            at += 1;
            continue;
        }
        let mut next = at + 1;
        let mut seen = false;
        let mut skipped = 0;
        while let Some(word) = words.get(next) {
            // A sentence or clause ends here, or something else follows.
            if let Some(found) = key(word)
                // `een toets`, `un numéro`: an article, not a key.
                && (word.chars().count() == 1 && !word.chars().all(char::is_alphabetic)
                    || words.get(next + 1).is_none_or(|after| !BETWEEN.contains(&after.as_str()) || after == "or" || after == "and"))
            {
                keys.insert(found);
                seen = true;
                skipped = 0;
            } else if BETWEEN.contains(&word.as_str()) && skipped < 3 {
                skipped += 1;
            } else {
                break;
            }
            next += 1;
        }
        at = if seen { next } else { at + 1 };
    }
    for (place, _) in prompt
        .match_indices(BEHIND[0])
        .chain(prompt.match_indices(BEHIND[1]))
    {
        let mut before = prompt[..place].chars().rev();
        let single = |c: Option<char>| c.filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'));
        if let Some(found) = single(before.next())
            && single(before.next()).is_none()
        {
            keys.insert(found);
        }
    }
    keys
}

/// Words in lower case; signs that are keys stand alone, and numbers of several digits stay whole. What is filled in during
/// a call is left out.
fn tokens(prompt: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut depth = 0_usize;
    let mut flush = |word: &mut String| {
        if !word.is_empty() {
            out.push(std::mem::take(word).to_lowercase());
        }
    };
    for letter in prompt.chars() {
        match letter {
            '{' | '<' => {
                depth += 1;
                flush(&mut word);
            }
            '}' | '>' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '*' | '#' => {
                flush(&mut word);
                word.push(letter);
                flush(&mut word);
            }
            c if c.is_alphanumeric() => word.push(c),
            _ => flush(&mut word),
        }
    }
    flush(&mut word);
    out
}

/// Words that are looked for in prompts.
#[cfg(test)]
pub(crate) fn sought() -> Vec<String> {
    let spelled = SPELLED.iter().flat_map(|(_, words)| *words);
    let words = PRESS.iter().chain(BETWEEN).chain(spelled);
    let words = words.map(|word| format!("{word} "));
    words.chain(BEHIND.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_prompts_in_the_languages_that_designers_write() {
        for (prompt, keys) in [
            ("For sales, press 1. For accounts, press 2.", "12"),
            (
                "Press 1, 2 or 3 now, or press star to hear this again.",
                "*123",
            ),
            ("Press one for English.", "1"),
            (
                "Für Rechnungen drücken Sie bitte die 1, für den Rest die Taste 2.",
                "12",
            ),
            ("Drücken Sie die Eins.", "1"),
            ("Pour le français, appuyez sur le 2.", "2"),
            ("Para ventas, marque el 1; para soporte, pulse 3.", "13"),
            ("Per assistenza premere il tasto 4.", "4"),
            ("Para suporte, digite 5.", "5"),
            ("Voor Nederlands, toets 1.", "1"),
            ("Aby połączyć się, naciśnij 0.", "0"),
            ("お問い合わせは1を押してください。", "1"),
            ("Press #.", "#"),
        ] {
            assert_eq!(
                keys_in(prompt).into_iter().collect::<String>(),
                keys,
                "{prompt}"
            );
        }
        for prompt in [
            "Please enter your 4 digit PIN.",
            "We are open from 8 to 5.",
            "Call 911.",
            "Press any key.",
            "Press {{key}} to go on.",
            "Geben Sie Ihre 6-stellige Nummer ein.",
            "Enter the 10 digit number.",
            "Druk op een toets.",
        ] {
            assert_eq!(keys_in(prompt), BTreeSet::new(), "{prompt}");
        }
    }

    #[test]
    fn a_key_may_be_named_without_a_word_for_pressing() {
        for prompt in [
            "Press 1 for yes, 2 for no.",
            "für Nein die 2",
            "製品は2を、",
            "the two",
        ] {
            assert!(names_key(prompt, '2'), "{prompt}");
        }
        for prompt in ["Press 1.", "in 20 minutes", "at 12", ""] {
            assert!(!names_key(prompt, '2'), "{prompt}");
        }
    }

    #[test]
    fn a_way_may_be_for_several_keys() {
        for (text, keys) in [
            ("1", "1"),
            ("press 2", "2"),
            ("1 or 2", "12"),
            ("1-3", "123"),
            ("1, 2", "12"),
            ("1 to 3", "123"),
        ] {
            assert_eq!(
                keys_of(text).into_iter().collect::<String>(),
                keys,
                "{text}"
            );
        }
        for text in ["sales", "12", "no input", "", "1 sales"] {
            assert!(keys_of(text).is_empty(), "{text}");
        }
    }
}
