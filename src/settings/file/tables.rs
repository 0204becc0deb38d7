//! The tables of `flowgate.toml`: what a team decides about rules, paths and types, and what it lives with.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use flowgate_core::day::Day;
use flowgate_core::flow::{ElementType, nearest};
use flowgate_core::policy::{
    PathGlob, PathRules, PolicyError, Severities, level_named, may_be_excused, rule_named,
};
use flowgate_core::rules::{ElementTypes, Firm, Role, TypeMeaning};
use flowgate_core::waiver::Waiver;
use toml::Spanned;
use toml::de::DeValue;

use crate::settings::document::{Document, Value, listed};

/// What the tables say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// `[rules]`: severities for all files.
    pub rules: Severities,
    /// `[[paths]]`: severities for some files.
    pub paths: Vec<PathRules>,
    /// `[types.NAME]`: what types mean.
    pub types: ElementTypes,
    /// `[[waivers]]`: what the team lives with for a while.
    pub waivers: Vec<Waiver>,
}

/// Keys of one entry of `[[paths]]`.
const PATH_KEYS: [&str; 2] = ["match", "rules"];
/// Keys of one `[types.NAME]`.
const TYPE_KEYS: [&str; 2] = ["roles", "required-branches"];
/// Keys of one entry of `[[waivers]]`.
const WAIVER_KEYS: [&str; 6] = ["rule", "flow", "element", "fingerprint", "reason", "until"];

impl Tables {
    /// The tables that the file may have.
    pub const KEYS: [&'static str; 4] = ["rules", "paths", "types", "waivers"];

    /// Reads one of them.
    pub(super) fn read(&mut self, key: &str, value: Value<'_>, document: &mut Document<'_>) {
        match key {
            "rules" => self.rules = severities("`rules`", value, document),
            "paths" => self.paths = all("`paths`", value, document, path_rules),
            "types" => self.types = types(value, document),
            "waivers" => self.waivers = all("`waivers`", value, document, waiver),
            _ => {}
        }
    }
}

/// Each entry of an array of tables.
fn all<T>(
    what: &str,
    value: Value<'_>,
    document: &mut Document<'_>,
    mut one: impl FnMut(Value<'_>, &mut Document<'_>) -> Option<T>,
) -> Vec<T> {
    let expected = format!("`[[{}]]`", what.trim_matches('`'));
    let entries = document.entries(what, &expected, value);
    entries
        .into_iter()
        .filter_map(|entry| one(entry, document))
        .collect()
}

fn severities(what: &str, value: Value<'_>, document: &mut Document<'_>) -> Severities {
    let mut severities = Severities::default();
    for (id, word) in document.members(what, value) {
        let rule = rule_named(id.get_ref());
        let Some(word) = document.text(&format!("`{}`", id.get_ref()), word) else {
            continue;
        };
        let rule = match rule {
            Ok(rule) => rule,
            Err(error) => {
                document.say(Some(id.span()), error.to_string());
                continue;
            }
        };
        let set = level_named(word.get_ref()).and_then(|level| severities.set(rule, level));
        if let Err(error) = set {
            let named = matches!(error, PolicyError::Firm { .. });
            let told = if named {
                error.to_string()
            } else {
                format!("`{}`: {error}", id.get_ref())
            };
            document.say(Some(word.span()), told);
        }
    }
    severities
}

fn path_rules(value: Value<'_>, document: &mut Document<'_>) -> Option<PathRules> {
    let span = value.span();
    let mut files = None;
    let mut severities = None;
    for (key, value) in document.members("`paths`", value) {
        match key.get_ref().as_ref() {
            "match" => {
                let globs = document.texts("`match`", value);
                files = Some(path_globs(&globs, document));
            }
            "rules" => severities = Some(self::severities("`rules`", value, document)),
            _ => document.unknown_key(&key, &PATH_KEYS),
        }
    }
    if files.is_none() {
        document.say(
            Some(span.clone()),
            "`match` is missing: which files it is about".to_owned(),
        );
    }
    if severities.is_none() {
        document.say(
            Some(span),
            "`rules` is missing: what holds for these files".to_owned(),
        );
    }
    Some(PathRules {
        files: files?,
        severities: severities?,
    })
}

fn path_globs(globs: &[Spanned<Cow<'_, str>>], document: &mut Document<'_>) -> Vec<PathGlob> {
    let mut files = Vec::new();
    for glob in globs {
        match PathGlob::new(glob.get_ref()) {
            Ok(glob) => files.push(glob),
            Err(error) => document.say(Some(glob.span()), format!("`match`: {error}")),
        }
    }
    files
}

fn types(value: Value<'_>, document: &mut Document<'_>) -> ElementTypes {
    let mut types = ElementTypes::default();
    for (name, value) in document.members("`types`", value) {
        let known = ElementType::KNOWN.iter().map(ElementType::as_str);
        let differs_by_case = known
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name.get_ref()) && known != name.get_ref());
        if let Some(known) = differs_by_case {
            document.say(
                Some(name.span()),
                format!("unknown type `{}`; did you mean `{known}`?", name.get_ref()),
            );
        }
        let mut meaning = TypeMeaning::default();
        for (key, value) in document.members(&format!("`{}`", name.get_ref()), value) {
            match key.get_ref().as_ref() {
                "roles" => meaning.roles = Some(roles(value, document)),
                "required-branches" => meaning.required_branches = branches(value, document),
                _ => document.unknown_key(&key, &TYPE_KEYS),
            }
        }
        types.declare(name.get_ref().to_string(), meaning);
    }
    types
}

fn roles(value: Value<'_>, document: &mut Document<'_>) -> BTreeSet<Role> {
    let words = document.texts("`roles`", value);
    words
        .into_iter()
        .filter_map(|word| {
            let role = Role::named(word.get_ref());
            if role.is_none() {
                let known = Role::ALL.map(Role::as_str);
                let hint = match nearest(word.get_ref(), known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("expected {}", listed(&known)),
                };
                document.say(
                    Some(word.span()),
                    format!("there is no role `{}`; {hint}", word.get_ref()),
                );
            }
            role
        })
        .collect()
}

fn branches(value: Value<'_>, document: &mut Document<'_>) -> Vec<String> {
    let names = document.texts("`required-branches`", value);
    names
        .into_iter()
        .filter_map(|name| {
            let text = name.get_ref().trim();
            if !text.contains(char::is_alphanumeric) {
                let message = format!("`{text}` names no branch: it has no letter and no digit");
                document.say(Some(name.span()), message);
                return None;
            }
            Some(text.to_owned())
        })
        .collect()
}

fn waiver(value: Value<'_>, document: &mut Document<'_>) -> Option<Waiver> {
    let span = value.span();
    let (mut rule, mut flow, mut element, mut fingerprint) = (None, None, None, None);
    let (mut reason, mut until) = (None, None);
    let mut named = Vec::new();
    for (key, value) in document.members("`waivers`", value) {
        let name = key.get_ref().to_string();
        match name.as_str() {
            "rule" => rule = waived_rule(value, document),
            "flow" => flow = document.parsed("`flow`", value),
            "element" => element = document.parsed("`element`", value),
            "fingerprint" => fingerprint = document.parsed("`fingerprint`", value),
            "reason" => reason = said(value, document),
            "until" => until = day(value, document),
            _ => document.unknown_key(&key, &WAIVER_KEYS),
        }
        named.push(name);
    }
    let has = |key: &str| named.iter().any(|name| name == key);
    let missing = [
        ("reason", "why the team lives with it"),
        (
            "until",
            "the last day on which it holds, such as `2027-03-31`",
        ),
    ];
    for (key, what) in missing {
        if !has(key) {
            document.say(Some(span.clone()), format!("`{key}` is missing: {what}"));
        }
    }
    if !has("rule") && !has("fingerprint") {
        document.say(
            Some(span.clone()),
            "a waiver needs a `rule` or a `fingerprint`: what it is about".to_owned(),
        );
        return None;
    }
    Some(Waiver {
        rule,
        flow,
        element,
        fingerprint,
        reason: reason?,
        until: until?,
        location: document.location(&heading(&span)),
    })
}

/// The line where an entry begins: what a finding points at.
fn heading(span: &Range<usize>) -> Range<usize> {
    span.start..span.start
}

fn waived_rule(
    value: Value<'_>,
    document: &mut Document<'_>,
) -> Option<flowgate_core::finding::RuleId> {
    let id: Spanned<Cow<'_, str>> = document.text("`rule`", value)?;
    let rule = match rule_named(id.get_ref()) {
        Ok(rule) => rule,
        Err(error) => {
            document.say(Some(id.span()), error.to_string());
            return None;
        }
    };
    if !may_be_excused(rule.id) {
        let why = rule.firm.map_or("", Firm::why);
        let message = format!("`{}` cannot be waived; {why}", rule.id);
        document.say(Some(id.span()), message);
        return None;
    }
    Some(rule.id)
}

fn said(value: Value<'_>, document: &mut Document<'_>) -> Option<String> {
    let text = document.text("`reason`", value)?;
    if text.get_ref().trim().is_empty() {
        document.say(Some(text.span()), "`reason` is empty".to_owned());
        return None;
    }
    Some(text.get_ref().trim().to_owned())
}

/// A day, as text or as TOML's own.
fn day(value: Value<'_>, document: &mut Document<'_>) -> Option<Day> {
    let span = value.span();
    if let DeValue::Datetime(datetime) = value.get_ref() {
        let day = match (datetime.date, datetime.time) {
            (Some(date), None) => Day::new(date.year, date.month, date.day),
            _ => None,
        };
        if day.is_none() {
            document.say(
                Some(span),
                format!("`until`: `{datetime}` is no day; expected `YYYY-MM-DD`"),
            );
        }
        return day;
    }
    document.parsed("`until`", value)
}
