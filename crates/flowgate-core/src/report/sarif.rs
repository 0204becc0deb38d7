//! The findings as SARIF 2.1.0, for code scanning: one run, every rule with its help, every finding with its fingerprint.
//!
//! Within what GitHub takes (docs.github.com, "SARIF support for code scanning"): 25,000 results and rules a run, of
//! which 5,000 results are kept, 1,000 locations a result, 20 tags a rule, 10 MB compressed.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::safe;
use crate::finding::{Excuse, Finding, Fingerprint, Location, Severity};
use crate::redact::Redactor;
use crate::review::Review;
use crate::rules::{self, Rule};

/// GitHub shows no more results of one run.
const RESULTS: usize = 5_000;

/// The most characters of a message.
const MESSAGE: usize = 1_000;

/// What a file says besides the findings.
#[derive(Debug, Clone, Default)]
pub struct SarifSettings {
    /// The version of this program.
    pub version: String,
    /// Where the rules are documented; `#RULE` is put behind it.
    pub help: Option<String>,
    /// Which CXone the run was about, where a repository serves several: keeps their findings apart.
    pub target: Option<String>,
}

/// The whole file.
#[derive(Debug, Serialize)]
pub struct SarifLog {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    automation_details: Automation,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<ResultRow>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<String>,
    rules: Vec<RuleRow>,
}

#[derive(Debug, Serialize)]
struct Automation {
    id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Debug, Serialize)]
struct Notification {
    level: Level,
    message: Message,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleRow {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Debug, Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Debug, Serialize)]
struct Configuration {
    level: Level,
}

#[derive(Debug, Serialize)]
struct RuleProperties {
    tags: [&'static str; 1],
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    severity: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultRow {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: Level,
    message: Message,
    locations: [Place; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    related_locations: Option<[Place; 1]>,
    partial_fingerprints: Fingerprints,
    baseline_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression; 1]>,
}

/// Why a finding does not count. What decided it stands outside of the flow file.
#[derive(Debug, Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints {
    /// GitHub tells alerts apart by this one alone.
    primary_location_line_hash: String,
    #[serde(rename = "flowgate/v1")]
    own: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    name: String,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Note,
    Warning,
    Error,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Level::Note,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        }
    }
}

#[cfg(test)]
impl SarifLog {
    /// Without the list of rules, which is the same whatever was found.
    pub(super) fn without_rules(mut self) -> Self {
        let [run] = &mut self.runs;
        run.tool.driver.rules.clear();
        self
    }
}

/// The findings of a review, and those of all flows by themselves, whether or not the change touches them: code scanning
/// takes a fault for mended that an upload does not have. Of two that are the same the review's is taken, which knows
/// what is new.
pub fn log(
    review: &Review,
    of_all: &[Finding],
    redactor: &Redactor,
    settings: &SarifSettings,
) -> SarifLog {
    let findings = united(&review.findings, of_all);
    let by_fingerprint: HashMap<&Fingerprint, &Finding> = findings
        .iter()
        .map(|&finding| (&finding.fingerprint, finding))
        .collect();
    let (kept, left_out) = most_important(&findings);
    let results = kept.into_iter().map(|finding| {
        let cause = finding.cause.as_ref();
        let cause = cause.and_then(|cause| by_fingerprint.get(cause).copied());
        result(finding, cause, redactor)
    });
    let target = settings.target.as_deref().map(safe::url_path);
    SarifLog {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "flowgate",
                    semantic_version: settings.version.clone(),
                    information_uri: settings.help.clone(),
                    rules: rules::ALL.iter().map(|rule| row(rule, settings)).collect(),
                },
            },
            automation_details: Automation {
                // What stands before the last slash is the category that keeps uploads apart.
                id: format!("flowgate/{}/", target.as_deref().unwrap_or("check")),
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: notifications(review, left_out, redactor),
            }],
            column_kind: "unicodeCodePoints",
            results: results.collect(),
        }],
    }
}

/// Each finding once: those of the change first.
fn united<'f>(of_the_change: &'f [Finding], of_all: &'f [Finding]) -> Vec<&'f Finding> {
    let known: HashSet<&Fingerprint> = of_the_change
        .iter()
        .map(|finding| &finding.fingerprint)
        .collect();
    let others = of_all
        .iter()
        .filter(|finding| !known.contains(&finding.fingerprint));
    of_the_change.iter().chain(others).collect()
}

/// As many findings as are shown, worst and newest first where not all are, in their order; and how many are left out.
fn most_important<'f>(findings: &[&'f Finding]) -> (Vec<&'f Finding>, usize) {
    let mut kept: Vec<usize> = (0..findings.len()).collect();
    if findings.len() > RESULTS {
        kept.sort_by_key(|&index| {
            let finding = findings[index];
            (!finding.is_news(), std::cmp::Reverse(finding.severity))
        });
        kept.truncate(RESULTS);
        kept.sort_unstable();
    }
    let left_out = findings.len() - kept.len();
    (
        kept.into_iter().map(|index| findings[index]).collect(),
        left_out,
    )
}

/// What a reader of the findings should know besides.
fn notifications(review: &Review, left_out: usize, redactor: &Redactor) -> Vec<Notification> {
    let more = format!(
        "{left_out} more findings than code scanning shows are left out; the log has them all"
    );
    let more = (left_out > 0).then_some(more);
    let notes = review.notes.iter().map(|note| text(note, redactor));
    let warning = |text| Notification {
        level: Level::Warning,
        message: Message { text },
    };
    more.into_iter().chain(notes).map(warning).collect()
}

fn row(rule: &Rule, settings: &SarifSettings) -> RuleRow {
    let id = rule.id.as_str();
    let explanation = rule.explanation;
    let first = explanation.split("\n\n").next().unwrap_or(explanation);
    RuleRow {
        id,
        short_description: Message {
            text: rule.summary.to_owned(),
        },
        full_description: Message {
            text: safe::cap(&safe::line(first), MESSAGE),
        },
        help: Help {
            text: rules::docs::plain(rule),
            markdown: format!("**{}**\n\n{}", rule.summary, rules::docs::help(rule)),
        },
        help_uri: settings.help.as_ref().map(|help| format!("{help}#{id}")),
        default_configuration: Configuration {
            level: rule.severity.into(),
        },
        properties: RuleProperties {
            tags: [rule.kind()],
            precision: "high",
            severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        },
    }
}

fn result(finding: &Finding, cause: Option<&Finding>, redactor: &Redactor) -> ResultRow {
    let hint = finding.hint.as_ref().map(|hint| format!(". To do: {hint}"));
    let message = format!("{}{}", finding.message, hint.unwrap_or_default());
    let logical = finding.element.as_ref().map(|id| Logical {
        name: text(
            finding.element_name.as_deref().unwrap_or(id.as_str()),
            redactor,
        ),
        fully_qualified_name: text(id.as_str(), redactor),
        kind: "element",
    });
    ResultRow {
        rule_id: finding.rule.as_str(),
        rule_index: rules::ALL.iter().position(|rule| rule.id == finding.rule),
        level: finding.severity.into(),
        message: Message {
            text: text(&message, redactor),
        },
        locations: [Place {
            id: None,
            physical_location: physical(&finding.location),
            logical_locations: logical.into_iter().collect(),
            message: None,
        }],
        related_locations: cause.map(|cause| {
            [Place {
                id: Some(1),
                physical_location: physical(&cause.location),
                logical_locations: Vec::new(),
                message: Some(Message {
                    text: text(&format!("goes away with: {}", cause.message), redactor),
                }),
            }]
        }),
        partial_fingerprints: Fingerprints {
            primary_location_line_hash: format!("{}:1", finding.fingerprint.as_str()),
            own: finding.fingerprint.as_str().to_owned(),
        },
        baseline_state: if finding.existing { "unchanged" } else { "new" },
        suppressions: finding.excuse.as_ref().map(|excuse| {
            let justification = match excuse {
                Excuse::Waived { reason, until } => format!("waived until {until}: {reason}"),
                Excuse::Accepted => "it was there when findings were accepted".to_owned(),
            };
            [Suppression {
                kind: "external",
                status: "accepted",
                justification: text(&justification, redactor),
            }]
        }),
    }
}

fn physical(location: &Location) -> Physical {
    Physical {
        artifact_location: Artifact {
            uri: safe::url_path(location.path.as_str()),
            uri_base_id: "%SRCROOT%",
        },
        region: Region {
            start_line: location.start.line,
            start_column: location.start.column,
            end_line: location.end.line,
            end_column: location.end.column,
        },
    }
}

/// Text from a flow: no secret, no link, no mention.
fn text(text: &str, redactor: &Redactor) -> String {
    let text = safe::cap(&safe::line(&redactor.of_flow(text)), MESSAGE);
    text.replace("](", "]\u{200b}(").replace('@', "@\u{200b}")
}
