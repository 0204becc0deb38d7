//! Test helpers: flows, readings and platform facts from the examples in rule declarations, and what rules find there.
//!
//! Examples of more than one file have sections: `--- NAME`, and `--- before NAME` for a file before the change.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Check, Compared, ElementTypes, FileContext, FlowInput, Instead, OldFaults, Outline,
    PlanContext, PolicyContext, RepositoryContext, Rule, RuleSettings, TypeMeaning, UnknownBase,
    engine, find,
};
use crate::delta::diff;
use crate::drift::{LookedBack, OnNewFlow, Standing};
use crate::finding::{Finding, Location, RuleId};
use crate::flow::json::{Document, Value};
use crate::flow::{Content, FlowView, Layout, Reading, native};
use crate::ids::{Digest, RepoPath};
use crate::platform::{Answer, FlowOnPlatform, History, Publication, Record, VersionSummary};
use crate::risk::assess;
use crate::text::{SourceText, Span};
use crate::waiver::{Accepted, Waiver};

pub(super) fn settings() -> RuleSettings {
    RuleSettings::default()
}

fn text(value: Value<'_>, key: &str) -> Option<String> {
    Some(value.get(key)?.as_str()?.into_owned())
}

/// Reads a flow file.
pub(super) fn reading_at(path: &str, json: &str) -> Reading {
    native::read(
        path.parse().unwrap(),
        Content::Bytes(json.as_bytes().to_vec()),
    )
}

pub(super) fn reading(json: &str) -> Reading {
    reading_at("flows/main.json", json)
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
            publication: Publication::Never,
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
        standing: None,
        looked_back: LookedBack::Whole,
        old_faults: OldFaults::Fold,
        creates_version: true,
        number: None,
        taken_on_base: None,
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
    let delta = diff(old, new, &Layout::default());
    let input = FlowInput {
        baseline: Some(Compared {
            flow: old,
            delta: &delta,
            risk: &assess(
                FlowView::new(old, &settings().types),
                FlowView::new(new, &settings().types),
                &delta,
            ),
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
        Check::Shape => findings(example),
        Check::Flow(_) if sections.iter().any(|(name, _)| name == "flowgate.toml") => {
            let team = team(section("flowgate.toml"), None);
            let settings = RuleSettings {
                types: team.types,
                ..settings()
            };
            engine::run_flow(&alone(&reading(section("flows/main.json"))), &settings)
        }
        Check::Flow(_) => findings(section("")),
        Check::Policy(_) => {
            let text = |name| sections.iter().find(|(known, _)| known == name);
            let team = team(
                text("flowgate.toml").map_or("", |(_, text)| text),
                text("flowgate-accepted.toml").map(|(_, text)| text.as_str()),
            );
            let reading = reading(section("flows/main.json"));
            let findings = engine::run_flow(&alone(&reading), &settings());
            let judged = BTreeSet::from([reading.flow.as_deref().unwrap().id().unwrap()]);
            engine::run_policy(&PolicyContext {
                waivers: &team.waivers,
                accepted: &team.accepted,
                today: "2026-11-24".parse().unwrap(),
                findings: &findings,
                changing: &[],
                judged: &judged,
                others: Some(&BTreeSet::new()),
            })
        }
        Check::Change(_) => change_findings(section("before"), section("after"), None, None),
        Check::Platform(_) => {
            let json = section("platform");
            let facts = platform(json);
            let reading = reading(section("after"));
            let input = FlowInput {
                platform: Some(&facts),
                looked_back: LookedBack::Whole,
                standing: json
                    .contains("standing")
                    .then_some(if json.contains("edited") {
                        Standing::Edited
                    } else {
                        Standing::Behind
                    }),
                ..alone(&reading)
            };
            let fail = json.contains(r#""onNewFlow":"fail""#);
            let on_new_flow = if fail {
                OnNewFlow::Fail
            } else {
                OnNewFlow::Create
            };
            engine::run_flow(
                &input,
                &RuleSettings {
                    on_new_flow,
                    ..settings()
                },
            )
        }
        Check::Plan(_) => {
            let most = section("plan");
            let flows: Vec<_> = sections
                .iter()
                .filter(|(name, _)| name != "plan")
                .filter_map(|(name, json)| outline(name, json))
                .collect();
            let flows: Vec<_> = flows.iter().collect();
            let newer = "what is live comes from commit ccccccc, which is newer than this one";
            let out_of_order = flows.iter().filter(|_| most.contains("newer"));
            let out_of_order: Vec<_> = out_of_order.map(|flow| (*flow, newer)).collect();
            engine::run_plan(&PlanContext {
                writes: &flows,
                max_changes: if most.contains(":1}") { 1 } else { 20 },
                out_of_order: &out_of_order,
            })
        }
        Check::Repository(_) => {
            let mut files: BTreeMap<RepoPath, FileContext> = BTreeMap::new();
            let mut policy = Vec::new();
            let mut unknown_base = None;
            for (name, json) in &sections {
                if name == "clone" {
                    unknown_base = Some(UnknownBase {
                        why: json.split('"').nth(3).unwrap().to_owned(),
                        hint: "fetch it".to_owned(),
                        instead: Instead::Uncommitted,
                    });
                    continue;
                }
                if let Some(path) = name.strip_prefix("policy ") {
                    policy.push(path.parse().unwrap());
                    continue;
                }
                let path = name.strip_prefix("before ").unwrap_or(name);
                let flow = outline(path, json);
                let path: RepoPath = path.parse().unwrap();
                let file = files.entry(path.clone()).or_insert(FileContext {
                    path,
                    exists: false,
                    flow: None,
                    base: None,
                    changed: true,
                });
                if name.starts_with("before ") {
                    file.base = flow;
                } else {
                    file.exists = true;
                    file.flow = flow;
                }
            }
            let files: Vec<_> = files.into_values().collect();
            engine::run_repository(&RepositoryContext {
                files: &files,
                others: &BTreeMap::new(),
                policy: &policy,
                unknown_base: unknown_base.as_ref(),
            })
        }
    }
}

fn outline(path: &str, json: &str) -> Option<Outline> {
    let flow = reading_at(path, json).flow?;
    Some(Outline::of(&flow))
}

/// What a team decided, from the sections of an example that say so.
pub(super) struct Team {
    pub(super) types: ElementTypes,
    pub(super) waivers: Vec<Waiver>,
    pub(super) accepted: Vec<Accepted>,
}

/// The program reads these files in full; here as much as examples need, line by line.
pub(super) fn team(settings: &str, accepted: Option<&str>) -> Team {
    let place = |path: &str, text: &str, line: &str| {
        let source = SourceText::new(path.parse().unwrap(), text.to_owned());
        let at = u32::try_from(text.find(line).unwrap()).unwrap();
        Location::new(&source, Span::at(at))
    };
    let mut team = Team {
        types: ElementTypes::default(),
        waivers: Vec::new(),
        accepted: Vec::new(),
    };
    for part in settings.split("\n\n") {
        let mut lines = part.lines();
        let head = lines.next().unwrap_or_default();
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        values.extend(lines.filter_map(|line| line.split_once(" = ")));
        let value = |key| values.get(key).map(|text: &&str| text.trim_matches('"'));
        if let Some(name) = head.strip_prefix("[types.") {
            let branches = values["required-branches"].trim_matches(['[', ']']);
            let branches = branches
                .split(", ")
                .map(|name| name.trim_matches('"').to_owned());
            let meaning = TypeMeaning {
                roles: None,
                required_branches: branches.collect(),
            };
            team.types.declare(name.trim_end_matches(']'), meaning);
        } else if head == "[[waivers]]" {
            team.waivers.push(Waiver {
                rule: value("rule").map(|id| find(id).unwrap().id),
                flow: value("flow").map(|id| id.parse().unwrap()),
                element: None,
                fingerprint: None,
                reason: value("reason").unwrap().to_owned(),
                until: value("until").unwrap().parse().unwrap(),
                location: place("flowgate.toml", settings, head),
            });
        }
    }
    for line in accepted.into_iter().flat_map(str::lines) {
        if let Some((fingerprint, _)) = line.split_once(" = ") {
            team.accepted.push(Accepted {
                flow: "main".parse().unwrap(),
                fingerprint: fingerprint.parse().unwrap(),
                location: place("flowgate-accepted.toml", accepted.unwrap(), line),
            });
        }
    }
    team
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
