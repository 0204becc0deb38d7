//! The laws: what runs said, held against one another and against the oracle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::oracle::{Change, Delta, Does, Expected};

/// Which law was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Law {
    /// For equal trees and answers the same findings, delta and plan everywhere.
    SameEverywhere,
    /// They are what both trees say.
    AsTheTreesSay,
    /// Nothing is published that the check would not show.
    NothingUnseen,
    /// A green check, merged at once, deploys.
    GreenDeploys,
    /// Every file stands in the report.
    EveryFile,
    /// What is recorded with a version is true of it.
    Recorded,
    /// A push that nobody reviewed is refused.
    Refused,
}

/// A law that does not hold.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) law: Law,
    pub(super) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.what)
    }
}

pub(super) type Held = Result<(), Broken>;

pub(super) fn hold(law: Law, holds: bool, what: impl FnOnce() -> String) -> Held {
    if holds {
        return Ok(());
    }
    Err(Broken { law, what: what() })
}

/// What a text on stdout says about these files: its blocks (a finding, a flow), in order; what a log has besides is left out.
pub(super) fn about(text: &str, paths: &BTreeSet<String>) -> Vec<String> {
    let is_total = |line: &str| {
        line.contains(" error")
            && line.contains(" in ")
            && line.starts_with(|c: char| c.is_ascii_digit())
    };
    let report: Vec<&str> = text.lines().take_while(|line| !is_total(line)).collect();
    let mut blocks = Vec::new();
    for block in report.join("\n").split("\n\n") {
        let is_list = !block
            .lines()
            .skip(1)
            .any(|line| line.starts_with([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']));
        if is_list {
            blocks.extend(block.lines().map(str::to_owned));
        } else {
            blocks.push(block.trim_end().to_owned());
        }
    }
    let names = |block: &String| paths.iter().any(|path| names(block, path));
    blocks.retain(names);
    blocks.sort();
    blocks
}

/// Whether a report has an error about another file than these.
pub(super) fn is_red_elsewhere(text: &str, paths: &BTreeSet<String>) -> bool {
    let is_elsewhere =
        |block: &str| block.starts_with("error[") && !paths.iter().any(|path| names(block, path));
    text.split("\n\n").any(is_elsewhere)
}

/// Whether a text has this path in it, and not as a part of another one.
pub(super) fn names(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.')))
    })
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

/// Whether the report of a check says what the two trees say.
pub(super) fn as_the_trees_say(report: &Value, change: &Change) -> Held {
    let law = Law::AsTheTreesSay;
    let empty = Vec::new();
    let rows = report["flows"].as_array().unwrap_or(&empty);
    let findings = report["findings"].as_array().unwrap_or(&empty);
    for expected in &change.flows {
        let mine: Vec<&Value> = rows
            .iter()
            .filter(|row| row["flowId"] == expected.id.as_str())
            .collect();
        if mine.is_empty() && expected.only_moved && expected.does == Does::Nothing {
            continue;
        }
        hold(Law::EveryFile, mine.len() == 1, || {
            format!("{} stands {} times in the report", expected.id, mine.len())
        })?;
        row(mine[0], findings, expected)?;
    }
    for (id, path) in &change.gone {
        let told = findings.iter().any(|finding| {
            let rule = finding["rule"].as_str().unwrap_or_default();
            matches!(rule, "flow-file-deleted" | "flow-id-changed")
                && finding.to_string().contains(id.as_str())
        });
        hold(law, told, || {
            format!("{id} of {path} is gone, and no finding says so")
        })?;
    }
    for id in &change.twice {
        let is_about = |finding: &&Value| {
            finding["rule"] == "duplicate-flow-id" && finding["flowId"] == id.as_str()
        };
        hold(
            law,
            findings.iter().any(|finding| is_about(&finding)),
            || format!("several files hold {id}, and no finding says so"),
        )?;
    }
    let said_gone: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["rule"] == "flow-file-deleted")
        .collect();
    hold(
        law,
        said_gone.len() <= change.gone.len() + change.let_go.len(),
        || {
            format!(
                "more is said to be deleted than is: {said_gone:?}, {:?}",
                change.gone
            )
        },
    )?;
    let expected: BTreeSet<&str> = change.flows.iter().map(|flow| flow.id.as_str()).collect();
    let more = rows
        .iter()
        .filter_map(|row| row["flowId"].as_str())
        .find(|id| {
            let is_gone = change.gone.contains_key(*id) || change.let_go.contains(*id);
            !expected.contains(id) && !is_gone && !change.twice.contains(*id)
        });
    hold(law, more.is_none(), || {
        format!("{more:?} is said to be changed, and is not: {report}")
    })
}

fn row(row: &Value, findings: &[Value], expected: &Expected) -> Held {
    let law = Law::AsTheTreesSay;
    let Expected { id, path, .. } = expected;
    hold(law, row["path"] == path.as_str(), || {
        format!("{id} is in {path}, not in {}", row["path"])
    })?;
    let kind = &row["baseline"]["kind"];
    hold(law, kind == expected.baseline, || {
        format!(
            "{id} is compared with {kind}, not with {}",
            expected.baseline
        )
    })?;
    let matrix = &row["deltaMatrix"];
    let got = (!matrix.is_null()).then(|| Delta {
        added: ids(&matrix["added"]),
        removed: ids(&matrix["removed"]),
        modified: ids(&matrix["modified"]),
    });
    if let Some(delta) = &expected.delta {
        hold(law, got.as_ref() == Some(delta), || {
            format!("{id}: the delta is {got:?}, not {delta:?}")
        })?;
    }
    let has = |rule: &str| {
        findings
            .iter()
            .any(|finding| finding["rule"] == rule && finding["flowId"] == id.as_str())
    };
    for (rule, expected) in [
        ("version-not-increased", expected.is_not_raised),
        ("connector-missing-target", expected.has_loose_end),
    ] {
        hold(law, has(rule) == expected, || {
            format!(
                "{id}: `{rule}` is {}said",
                if expected { "not " } else { "" }
            )
        })?;
    }
    let action = row["plan"]["action"].as_str().unwrap();
    let does = match action {
        "createAndPublish" | "publish" => Some(Does::Writes),
        "nothing" => Some(Does::Nothing),
        "blocked" => Some(Does::Blocked),
        _ => None,
    };
    // Whether a flow that is not live counts as touched where only its path is another, nobody says.
    let is_open =
        expected.only_moved && expected.baseline != "published" && does != Some(Does::Blocked);
    hold(law, is_open || does == Some(expected.does), || {
        format!("{id}: the plan is {}, not {:?}", row["plan"], expected.does)
    })
}

/// What was published between two states of the platform: number by flow.
pub(super) fn published(
    before: &flowgate_sandbox::State,
    after: &flowgate_sandbox::State,
) -> BTreeMap<String, String> {
    let new = after.flows.iter().filter(|(id, flow)| {
        let was = before.flow(id).map_or(0, |flow| flow.publishes.len());
        flow.publishes.len() > was
    });
    new.filter_map(|(id, flow)| Some((id.clone(), flow.published()?.version.clone())))
        .collect()
}
