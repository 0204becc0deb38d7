//! Test helpers: flows, readings and platform facts from the examples in rule declarations, and what rules find there.
//!
//! The reader here knows just enough of the file format for well-formed examples; the delta is by element and
//! connector, layout ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    Check, Compared, FileContext, FlowInput, RepositoryContext, Rule, RuleSettings, engine,
};
use crate::delta::{Change, ChangeKind, Delta, FieldChange, Subject};
use crate::finding::{Finding, RuleId};
use crate::flow::json::{Document, Value};
use crate::flow::{Connector, Element, ElementType, Flow, Parts, Problem, ProblemKind, Reading};
use crate::ids::{Digest, ElementId};
use crate::platform::{Answer, FlowOnPlatform, History, Record, VersionSummary};
use crate::text::SourceText;

pub(super) fn settings() -> RuleSettings {
    RuleSettings {
        allowed_types: ElementType::KNOWN
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
    }
}

fn text(value: Value<'_>, key: &str) -> Option<String> {
    Some(value.get(key)?.as_str()?.into_owned())
}

/// Reads a flow; elements without id or type are damaged, with a problem as a reader would raise it.
pub(super) fn reading_at(path: &str, json: &str) -> Reading {
    let source = SourceText::new(path.parse().unwrap(), json.to_owned());
    let document = Document::read(source.clone()).unwrap();
    let root = document.root();
    let items = |key| root.get(key).into_iter().flat_map(Value::items);
    let (mut elements, mut connectors) = (Vec::new(), Vec::new());
    let (mut damaged, mut problems) = (BTreeSet::new(), Vec::new());
    let mut problem = |kind, value: Value<'_>| {
        problems.push(Problem {
            kind,
            span: value.span(),
            message: "is not as it should be".into(),
            subject: value.raw().into(),
            hint: None,
        });
    };
    for value in items("elements") {
        let id = text(value, "id").and_then(|id| id.parse::<ElementId>().ok());
        match (id, text(value, "type")) {
            (Some(id), Some(kind)) => elements.push(Element {
                id,
                kind: kind.as_str().into(),
                node: value.id(),
            }),
            (id, _) => {
                damaged.extend(id);
                problem(ProblemKind::MissingField, value);
            }
        }
    }
    if !root.get("elements").is_some_and(Value::is_array) {
        problem(ProblemKind::ElementsNotArray, root);
    }
    for value in items("connectors") {
        let end = |key| text(value, key)?.parse::<ElementId>().ok();
        match (end("sourceId"), end("targetId")) {
            (Some(source), Some(target)) => connectors.push(Connector {
                id: text(value, "id").map(|id| id.parse().unwrap()),
                source,
                target,
                node: value.id(),
            }),
            _ => problem(ProblemKind::MissingField, value),
        }
    }
    let id = text(root, "flowId").and_then(|id| id.parse().ok());
    let version = text(root, "version").and_then(|version| version.parse().ok());
    let flow = Flow::new(Parts {
        document,
        id,
        version,
        elements,
        connectors,
        damaged,
    });
    Reading {
        source,
        flow: Some(Arc::new(flow)),
        problems,
    }
}

pub(super) fn reading(json: &str) -> Reading {
    reading_at("flows/main.json", json)
}

/// What is different, by id.
pub(super) fn delta(before: &Flow, after: &Flow) -> Delta {
    let things = |flow: &Flow| -> BTreeMap<Subject, String> {
        let elements = flow.elements().iter().map(|element| {
            let value = plain(flow.value(element.node));
            (Subject::Element(element.id.clone()), value)
        });
        let connectors = flow.connectors().iter().map(|connector| {
            let value = plain(flow.value(connector.node));
            let subject = connector.id.clone().map_or_else(
                || Subject::NthConnector {
                    source: connector.source.clone(),
                    nth: 0,
                },
                Subject::Connector,
            );
            (subject, value)
        });
        elements.chain(connectors).collect()
    };
    let (old, new) = (things(before), things(after));
    let change =
        |subject: &Subject, change, before: Option<&String>, after: Option<&String>| Change {
            subject: subject.clone(),
            name: subject.id(),
            change,
            renamed_from: None,
            fields: before
                .zip(after)
                .map(|(before, after)| FieldChange {
                    pointer: "/configuration".into(),
                    before: Some(before.clone()),
                    after: Some(after.clone()),
                    layout: false,
                })
                .into_iter()
                .collect(),
        };
    let kept = new
        .iter()
        .filter_map(|(subject, after)| match old.get(subject) {
            None => Some(change(subject, ChangeKind::Added, None, None)),
            Some(before) if before != after => Some(change(
                subject,
                ChangeKind::Modified,
                Some(before),
                Some(after),
            )),
            Some(_) => None,
        });
    let gone = old.keys().filter(|subject| !new.contains_key(subject));
    let gone = gone.map(|subject| change(subject, ChangeKind::Removed, None, None));
    Delta {
        changes: kept.chain(gone).collect(),
    }
}

fn plain(value: Value<'_>) -> String {
    let members = value.members();
    let kept = members.filter(|(key, _)| !matches!(key.as_str().as_deref(), Some("x" | "y")));
    let fields = kept.map(|(key, value)| [key.raw(), ":", value.raw(), ","].concat());
    fields.collect::<Vec<_>>().concat()
}

/// A digest that tells contents apart as far as tests need it.
pub(super) fn digest(nth: u8) -> Digest {
    format!("fg1.00000000.{}", format!("{nth:x}").repeat(64))
        .parse()
        .unwrap()
}

/// What CXone said, from the `--- platform` section of an example.
pub(super) fn platform(json: &str) -> FlowOnPlatform {
    let source = SourceText::new("platform.json".parse().unwrap(), json.to_owned());
    let document = Document::read(source).unwrap();
    let root = document.root();
    let number = |key| {
        root.get(key)
            .and_then(Value::as_number)
            .map(|n| n.parse::<u32>().unwrap())
    };
    let history = if let Some(count) = number("count") {
        History::Counted(count)
    } else if let Some(versions) = root.get("versions") {
        let version = |value| VersionSummary {
            id: "v1".parse().unwrap(),
            version: text(value, "version").map(|version| version.parse().unwrap()),
            status: None,
            created_at: None,
            published_at: None,
            record: text(value, "digest").map(|digest| Record {
                content_digest: digest.parse().unwrap(),
                source: None,
            }),
        };
        History::Listed(versions.items().map(version).collect())
    } else {
        History::Unknown("the answer had no list and no count".into())
    };
    FlowOnPlatform {
        published: match text(root, "published").as_deref() {
            Some("unavailable") => Answer::Unavailable("HTTP 503: try later".into()),
            _ => Answer::Absent,
        },
        history,
        capacity: number("capacity").unwrap_or(50),
    }
}

/// The sections of an example: (name, content); one without a name where it is a single file.
pub(super) fn sections(example: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in example.lines() {
        match line.strip_prefix("--- ") {
            Some(name) => sections.push((name.to_owned(), String::new())),
            None if sections.is_empty() => sections.push((String::new(), format!("{line}\n"))),
            None => {
                let content = &mut sections.last_mut().unwrap().1;
                content.push_str(line);
                content.push('\n');
            }
        }
    }
    sections
}

/// One flow file without anything to compare it with.
pub(super) fn alone(reading: &Reading) -> FlowInput<'_> {
    FlowInput {
        reading,
        digest: None,
        baseline: None,
        before: None,
        platform: None,
        creates_version: true,
    }
}

/// All findings of a flow alone.
pub(super) fn findings(json: &str) -> Vec<Finding> {
    engine::run_flow(&alone(&reading(json)), &settings())
}

/// All findings of a change.
pub(super) fn change_findings(
    before: &str,
    after: &str,
    platform: Option<&FlowOnPlatform>,
    digest: Option<&Digest>,
) -> Vec<Finding> {
    let (before, after) = (reading(before), reading(after));
    let (old, new) = (
        before.flow.as_deref().unwrap(),
        after.flow.as_deref().unwrap(),
    );
    let delta = delta(old, new);
    let input = FlowInput {
        baseline: Some(Compared {
            flow: old,
            delta: &delta,
        }),
        before: Some(&before),
        platform,
        digest,
        ..alone(&after)
    };
    engine::run_flow(&input, &settings())
}

/// All findings of a rule's example, of whatever kind.
pub(super) fn example_findings(rule: &Rule, example: &str) -> Vec<Finding> {
    let sections = sections(example);
    let section = |name: &str| {
        let found = sections.iter().find(|(known, _)| known == name);
        &found
            .unwrap_or_else(|| panic!("{} has no section {name}", rule.id))
            .1
    };
    match rule.check {
        Check::Shape => panic!("{} needs the real reader", rule.id),
        Check::Flow(_) => findings(section("")),
        Check::Change(_) => change_findings(section("before"), section("after"), None, None),
        Check::Platform(_) => {
            let facts = platform(section("platform"));
            let reading = reading(section("after"));
            let input = FlowInput {
                platform: Some(&facts),
                ..alone(&reading)
            };
            engine::run_flow(&input, &settings())
        }
        Check::Repository(_) => {
            let file = |(path, json): &(String, String)| FileContext {
                path: path.parse().unwrap(),
                flow: reading_at(path, json).flow.unwrap(),
                changed: true,
            };
            let files: Vec<_> = sections.iter().map(file).collect();
            engine::run_repository(&RepositoryContext { files: &files })
        }
    }
}

/// The ids of rules, in the order of the findings; those with a cause in parentheses.
pub(super) fn ids(findings: &[Finding]) -> Vec<String> {
    let id = |finding: &Finding| match finding.cause {
        None => finding.rule.to_string(),
        Some(_) => format!("({})", finding.rule),
    };
    findings.iter().map(id).collect()
}

pub(super) fn of(findings: &[Finding], rule: &'static str) -> Vec<Finding> {
    let of_rule = findings
        .iter()
        .filter(|finding| finding.rule == RuleId(rule));
    of_rule.cloned().collect()
}
