//! Ways that the settings of an element name: `onError`, `default`, options of a menu with a `target`.
//!
//! A setting is a way where its key says that it may lead somewhere and its value is the id of an element. One whose value
//! is no id of this flow leads nowhere only where the flow itself shows that an element was meant: formats differ, and
//! `default` may be a language just as well.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use super::json::{Key, KeyId, NodeId, PerKey, Value, pointer_step};
use super::{Flow, nearest, words};
use crate::ids::ElementId;

/// A way that a setting of an element names.
#[derive(Debug, Clone)]
pub(crate) struct ConfiguredWay {
    /// The element it leaves, by its place in [`Flow::elements`].
    pub(crate) source: usize,
    /// The element it leads to; `None` where there is none.
    pub(crate) target: Option<usize>,
    /// The id that the setting names.
    pub(crate) target_id: ElementId,
    /// The value that names it.
    pub(crate) node: NodeId,
    /// Where that stands in the element, as a JSON pointer.
    pub(crate) pointer: String,
    /// What people call the way: the key that is pressed, else the words of the setting's key.
    pub(crate) label: String,
    /// Whether the setting only says what comes next, in whatever case.
    pub(crate) is_plain: bool,
}

/// How surely a key names an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// It is for nothing else.
    Surely,
    /// It may also be a plain value.
    Perhaps,
    /// What stands in it are options, each with its key and where it leads.
    Options,
}

/// Keys that lead to an element and are for nothing else.
#[rustfmt::skip]
const SURE: [&str; 8] = [
    "targetid", "targetelement", "targetelementid", "targetnode", "nextelement", "nextelementid",
    "nextstep", "nextnode",
];
/// What such keys end with, where more stands before it: `errorTarget`, `defaultBranch`.
const SURE_ENDS: [&str; 4] = ["target", "targetid", "targetelement", "branch"];
/// Keys that may lead to an element.
#[rustfmt::skip]
const PERHAPS: [&str; 14] = [
    "default", "defaultcase", "defaultoption", "else", "otherwise", "fallback", "next", "goto", "then",
    "target", "overflow", "overflowto", "destination", "leadsto",
];
/// What a key begins with that says when a way is taken: `onError`, `whenClosed`.
const OCCASIONS: [&str; 2] = ["on", "when"];
/// What stands before `target` in keys whose target is no element.
const ELSEWHERE: [&str; 6] = ["flow", "script", "skill", "queue", "number", "url"];
/// Keys of lists of ways.
#[rustfmt::skip]
const OPTIONS: [&str; 12] = [
    "options", "choices", "branches", "cases", "routes", "outcomes", "transitions", "exits", "targets",
    "menu", "keys", "digits",
];
/// Members that name an option, most telling first.
#[rustfmt::skip]
const OPTION_NAMES: [&str; 13] = [
    "label", "digit", "key", "dtmf", "choice", "name", "value", "condition", "when", "case", "on",
    "event", "outcome",
];
/// What a setting may say that is done, instead of where it leads.
#[rustfmt::skip]
const ACTIONS: [&str; 32] = [
    "abort", "agent", "callback", "continue", "default", "disconnect", "drop", "end", "exit", "fail",
    "false", "hangup", "ignore", "log", "next", "none", "null", "operator", "queue", "reject",
    "repeat", "reprompt", "retry", "return", "silence", "skip", "stop", "terminate", "throw",
    "transfer", "true", "voicemail",
];
/// How deep settings are looked into.
const DEEPEST: usize = 8;

fn leads(key: &str) -> Option<Leads> {
    let words = words::split(key);
    let letters = words.concat();
    let last = words.last()?.as_str();
    if PERHAPS.contains(&letters.as_str()) {
        return Some(Leads::Perhaps);
    }
    let is_elsewhere = || words.iter().any(|word| ELSEWHERE.contains(&word.as_str()));
    let ends_so = |end: &&str| letters.len() > end.len() && letters.ends_with(*end);
    let is_sure = SURE.contains(&letters.as_str()) || SURE_ENDS.iter().any(ends_so);
    if is_sure && !is_elsewhere() {
        return Some(Leads::Surely);
    }
    if words.len() > 1 && OCCASIONS.contains(&words[0].as_str()) && last != "hold" {
        return Some(Leads::Surely);
    }
    OPTIONS
        .contains(&letters.as_str())
        .then_some(Leads::Options)
}

/// A setting that may name an element.
struct Candidate<'a> {
    source: usize,
    key: KeyId,
    leads: Leads,
    value: Value<'a>,
    pointer: String,
    label: String,
    is_plain: bool,
}

/// All ways that settings of this flow name, in file order of the elements.
pub(super) fn all(flow: &Flow) -> Vec<ConfiguredWay> {
    let leads = PerKey::of(flow.document(), leads);
    if !leads.any(Option::is_some) {
        return Vec::new();
    }
    let mut walk = Walk {
        leads: &leads,
        found: Vec::new(),
        steps: Vec::new(),
        source: 0,
    };
    for (at, element) in flow.elements().iter().enumerate() {
        walk.source = at;
        let value = flow.value(element.node);
        for (key, value) in value.members() {
            match key.text() {
                "id" | "type" | "name" | "label" => {}
                "configuration" => {
                    walk.step(Step::Key(key.text()), |walk| walk.members(value, None, 0));
                }
                _ => walk.member(key, value, None, 0),
            }
        }
    }
    resolve(flow, walk.found)
}

struct Walk<'a, 'k> {
    leads: &'k PerKey<Option<Leads>>,
    found: Vec<Candidate<'a>>,
    /// From the element to what is looked at.
    steps: Vec<Step<'a>>,
    source: usize,
}

/// A step of a JSON pointer.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Nth(usize),
}

/// Steps as a JSON pointer.
fn pointer(steps: &[Step<'_>]) -> String {
    let mut pointer = String::new();
    for step in steps {
        pointer.push('/');
        match step {
            Step::Key(key) => pointer.push_str(&pointer_step(key)),
            Step::Nth(nth) => pointer.push_str(&nth.to_string()),
        }
    }
    pointer
}

impl<'a> Walk<'a, '_> {
    fn step(&mut self, step: Step<'a>, inside: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        inside(self);
        self.steps.pop();
    }

    fn members(&mut self, object: Value<'a>, option: Option<&str>, depth: usize) {
        for (key, value) in object.members() {
            self.member(key, value, option, depth);
        }
    }

    fn member(&mut self, key: Key<'a>, value: Value<'a>, option: Option<&str>, depth: usize) {
        let leads = self.leads.get(key.id()).copied().flatten();
        if leads == Some(Leads::Options) {
            self.step(Step::Key(key.text()), |walk| {
                walk.options(key, value, depth + 1);
            });
        } else if value.is_object() || value.is_array() {
            if depth < DEEPEST {
                self.step(Step::Key(key.text()), |walk| match leads {
                    // `"onError": {"target": "sorry"}`
                    Some(_) => walk.members(value, Some(&called(key.text())), depth + 1),
                    None if value.is_object() => walk.members(value, option, depth + 1),
                    None => walk.items(value, depth + 1),
                });
            }
        } else if let Some(leads) = leads {
            let label = option.map_or_else(|| called(key.text()), str::to_owned);
            let is_plain = option.is_none() && is_plain(key.text());
            self.step(Step::Key(key.text()), |walk| {
                walk.keep(key, leads, value, label, is_plain);
            });
        }
    }

    fn items(&mut self, array: Value<'a>, depth: usize) {
        for (nth, item) in array.items().enumerate() {
            if item.is_object() {
                let name = option_name(item);
                self.step(Step::Nth(nth), |walk| {
                    walk.members(item, name.as_deref(), depth + 1);
                });
            }
        }
    }

    /// `{"1": "sales"}`, `{"1": {"target": "sales"}}` or `[{"digit": 1, "target": "sales"}]`.
    fn options(&mut self, key: Key<'a>, value: Value<'a>, depth: usize) {
        if value.is_array() {
            return self.items(value, depth);
        }
        for (name, value) in value.members() {
            self.step(Step::Key(name.text()), |walk| {
                if value.is_object() {
                    walk.members(value, Some(name.text()), depth + 1);
                } else {
                    walk.keep(key, Leads::Perhaps, value, name.text().to_owned(), false);
                }
            });
        }
    }

    fn keep(
        &mut self,
        key: Key<'a>,
        leads: Leads,
        value: Value<'a>,
        label: String,
        is_plain: bool,
    ) {
        if value.as_str().is_some() {
            self.found.push(Candidate {
                source: self.source,
                key: key.id(),
                leads,
                value,
                pointer: pointer(&self.steps),
                label,
                is_plain,
            });
        }
    }
}

/// What people call the way of a setting, by its key: `onError` is `on error`, `timeoutTarget` is `timeout`.
fn called(key: &str) -> String {
    const LEFT_OUT: [&str; 7] = ["target", "id", "element", "node", "step", "branch", "goto"];
    let words = words::split(key);
    let telling = words.iter().map(String::as_str);
    let telling: Vec<&str> = telling.filter(|word| !LEFT_OUT.contains(word)).collect();
    if telling.is_empty() {
        words.join(" ")
    } else {
        telling.join(" ")
    }
}

fn is_plain(key: &str) -> bool {
    let words = words::split(key).concat();
    words.starts_with("next")
        || matches!(
            words.as_str(),
            "goto" | "then" | "target" | "targetid" | "leadsto"
        )
}

fn option_name(option: Value<'_>) -> Option<String> {
    OPTION_NAMES.iter().find_map(|name| {
        let value = option.get(name)?;
        let text = value.as_str().map(|text| text.trim().to_owned());
        text.or_else(|| value.as_number().map(str::to_owned))
            .filter(|text| !text.is_empty())
    })
}

fn resolve(flow: &Flow, candidates: Vec<Candidate<'_>>) -> Vec<ConfiguredWay> {
    let mut meant = Vec::with_capacity(candidates.len());
    let (mut keys, mut any_sure) = (BTreeSet::new(), false);
    for candidate in candidates {
        let Some(id) = candidate.value.as_str() else {
            continue;
        };
        let found = flow.elements.find(&id);
        if found.is_some() {
            keys.insert(candidate.key);
            any_sure |= candidate.leads == Leads::Surely;
        }
        meant.push((candidate, found, id));
    }
    let any = !keys.is_empty();
    let joined = OnceCell::new();
    let is_joined = |ends: &(usize, usize)| {
        let joined = joined.get_or_init(|| {
            let connectors = flow.connectors().iter();
            let ends = connectors
                .filter_map(|connector| Some((connector.ends.source?, connector.ends.target?)));
            ends.collect::<HashSet<(usize, usize)>>()
        });
        joined.contains(ends)
    };
    let style = OnceCell::new();
    let ways = meant.into_iter().filter_map(|(candidate, target, id)| {
        let target_id: ElementId = id.parse().ok()?;
        match target {
            // A connector says the same.
            Some(target) if is_joined(&(candidate.source, target)) => return None,
            Some(_) => {}
            None => {
                let is_meant = match candidate.leads {
                    Leads::Surely => any || any_sure,
                    Leads::Perhaps | Leads::Options => keys.contains(&candidate.key),
                } || style.get_or_init(|| Style::of(flow)).fits(flow, &id);
                if !is_meant
                    || !may_be_id(&id)
                    || flow.is_damaged(&target_id)
                    || flow.has_unidentified_elements()
                {
                    return None;
                }
            }
        }
        Some(ConfiguredWay {
            source: candidate.source,
            target,
            target_id,
            node: candidate.value.id(),
            pointer: candidate.pointer,
            label: candidate.label,
            is_plain: candidate.is_plain,
        })
    });
    ways.collect()
}

fn may_be_id(text: &str) -> bool {
    let letters = words::split(text).concat();
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !text.bytes().all(|byte| byte.is_ascii_digit())
        && !ACTIONS.contains(&letters.as_str())
}

/// How ids of a flow are written, where that tells them from other words: `queue-002`, a GUID.
struct Style(HashSet<String>);

impl Style {
    fn of(flow: &Flow) -> Self {
        let ids = flow.elements().iter().map(|element| element.id.as_str());
        Self(ids.filter_map(shape).collect())
    }

    fn fits(&self, flow: &Flow, id: &str) -> bool {
        const SHORTEST: usize = 4;
        if shape(id).is_some_and(|shape| self.0.contains(&shape)) {
            return true;
        }
        let ids = || flow.elements().iter().map(|element| element.id.as_str());
        id.len() >= SHORTEST && nearest(id, ids()).is_some()
    }
}

/// Letters as `a`, digits as `0`, runs as one; `None` without a digit, since any word looks so.
fn shape(id: &str) -> Option<String> {
    if !id.contains(|c: char| c.is_ascii_digit()) || !id.contains(|c: char| c.is_alphabetic()) {
        return None;
    }
    let mut shape = String::new();
    for c in id.chars() {
        let sign = match c {
            c if c.is_numeric() => '0',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        if !shape.ends_with(sign) || !sign.is_alphanumeric() {
            shape.push(sign);
        }
    }
    // A GUID has letters and digits anywhere.
    if id.len() == 36 && id.bytes().filter(|&byte| byte == b'-').count() == 4 {
        return Some("guid".to_owned());
    }
    Some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::testing::flow;

    fn ways(configuration: &str) -> Vec<(String, String, bool)> {
        let flow = flow(&format!(
            r#"{{"flowId":"f","version":"1.0.0","elements":[{{"id":"a-1","type":"API","configuration":{configuration}}},
            {{"id":"sorry","type":"IVR"}},{{"id":"sales","type":"Queue"}},{{"id":"queue-002","type":"Queue"}}],"connectors":[]}}"#
        ));
        let ways = all(&flow).into_iter();
        ways.map(|way| (way.label, way.target_id.to_string(), way.target.is_some()))
            .collect()
    }

    #[test]
    fn settings_that_name_an_element_are_ways() {
        for (configuration, label, target) in [
            (r#"{"onError":"sorry"}"#, "on error", "sorry"),
            (r#"{"on_failure":"sorry"}"#, "on failure", "sorry"),
            (r#"{"errorTarget":"sorry"}"#, "error", "sorry"),
            (r#"{"default":"sales"}"#, "default", "sales"),
            (r#"{"fallback":"sales"}"#, "fallback", "sales"),
            (r#"{"next":"sales"}"#, "next", "sales"),
            (
                r#"{"options":[{"digit":1,"target":"sales"}]}"#,
                "1",
                "sales",
            ),
            (
                r#"{"options":[{"key":"2","text":"Sales","next":"sales"}]}"#,
                "2",
                "sales",
            ),
            (r#"{"options":{"1":"sales"}}"#, "1", "sales"),
            (
                r#"{"branches":{"gold":{"targetId":"sales"}}}"#,
                "gold",
                "sales",
            ),
            (r#"{"onError":{"target":"sorry"}}"#, "on error", "sorry"),
            (
                r#"{"routing":{"cases":[{"when":"vip","then":"sales"}]}}"#,
                "vip",
                "sales",
            ),
        ] {
            assert_eq!(
                ways(configuration),
                [(label.to_owned(), target.to_owned(), true)],
                "{configuration}"
            );
        }
    }

    #[test]
    fn a_setting_leads_nowhere_only_where_the_flow_shows_that_an_element_was_meant() {
        for configuration in [
            r#"{"onError":"sorry","onTimeout":"gone"}"#,
            r#"{"onError":"sorrry"}"#,
            r#"{"default":"queue-003"}"#,
            r#"{"options":[{"digit":1,"target":"sales"},{"digit":2,"target":"gone"}]}"#,
            r#"{"options":{"1":"sales","2":"gone"}}"#,
        ] {
            let missing = ways(configuration).iter().filter(|way| !way.2).count();
            assert_eq!(missing, 1, "{configuration}");
        }
        for configuration in [
            r#"{"default":"en-US","onError":"sorry"}"#,
            r#"{"onError":"retry","onTimeout":"sorry"}"#,
            r#"{"onError":"hang up","onTimeout":"sorry"}"#,
            r#"{"onError":"{{target}}","onTimeout":"sorry"}"#,
            r#"{"onError":"playErrorPrompt"}"#,
            r#"{"fallback":"standard","phoneBook":"sales"}"#,
            r#"{"target":"+15550100","options":["1","2"]}"#,
            r#"{"targetFlow":"other-1","onError":"sorry"}"#,
        ] {
            let missing = ways(configuration).iter().filter(|way| !way.2).count();
            assert_eq!(missing, 0, "{configuration}");
        }
    }
}
