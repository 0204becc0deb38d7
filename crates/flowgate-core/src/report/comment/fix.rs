//! What to mend, one mistake a row, with what goes away with it; and what is worth a look.

use super::ink::Ink;
use crate::finding::{Finding, Severity};
use crate::report::story::{Mistake, Story, count};
use crate::report::view::View;

/// The most rows of one table: whoever has more mends these first.
const ROWS: usize = 40;

pub(super) fn sections(story: &Story<'_>, head: Option<&View<'_>>, ink: &Ink<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    for (severity, title) in [
        (Severity::Error, "Fix before merging"),
        (Severity::Warning, "Worth a look"),
        (Severity::Info, "Good to know"),
    ] {
        let of_level: Vec<&Mistake<'_>> = story
            .mistakes
            .iter()
            .filter(|mistake| mistake.finding.severity == severity)
            .collect();
        if !of_level.is_empty() {
            parts.push(table(title, &of_level, head, ink));
        }
    }
    parts.extend(aside(story, ink));
    parts
}

fn table(title: &str, mistakes: &[&Mistake<'_>], head: Option<&View<'_>>, ink: &Ink<'_>) -> String {
    let mut lines = vec![
        format!("**{title}**"),
        "| Where | Problem | Do this |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    for mistake in mistakes.iter().take(ROWS) {
        let finding = mistake.finding;
        let hint = finding.hint.as_ref().map_or_else(
            || format!("`flowgate explain {}` tells more", finding.rule),
            |hint| ink.prose(hint),
        );
        lines.push(format!(
            "| {} · {} | {} | {hint} |",
            place(finding, head, ink),
            ink.line(&finding.location),
            ink.prose(&finding.message),
        ));
    }
    if mistakes.len() > ROWS {
        lines.push(format!("| … | and {} more | |", mistakes.len() - ROWS));
    }
    lines.join("\n")
}

fn place(finding: &Finding, head: Option<&View<'_>>, ink: &Ink<'_>) -> String {
    let connector = head.and_then(|view| ink.connector_at(view, &finding.location));
    if let Some(connector) = connector {
        return connector;
    }
    match (&finding.element_name, &finding.element) {
        (Some(name), Some(id)) if !name.contains(id.as_str()) => {
            format!("**{}** ({})", ink.text(name), ink.code(id.as_str()))
        }
        (Some(name), _) => format!("**{}**", ink.text(name)),
        (None, Some(id)) => ink.code(id.as_str()),
        (None, None) => ink.code(finding.location.path.as_str()),
    }
}

/// What goes away with the fixes, and what was there before.
fn aside(story: &Story<'_>, ink: &Ink<'_>) -> Option<String> {
    const SHOWN: usize = 5;
    let follows: Vec<&Finding> = story
        .mistakes
        .iter()
        .flat_map(|mistake| mistake.follows.iter().copied())
        .collect();
    let mut sentences = Vec::new();
    if !follows.is_empty() {
        let mut shown: Vec<String> = follows
            .iter()
            .take(SHOWN)
            .map(|finding| match &finding.element_name {
                Some(name) if !finding.message.contains(name.as_str()) => {
                    format!("{}: {}", ink.text(name), ink.prose(&finding.message))
                }
                _ => ink.prose(&finding.message),
            })
            .collect();
        if follows.len() > SHOWN {
            shown.push(format!("and {} more", follows.len() - SHOWN));
        }
        sentences.push(format!("Goes away with it: {}.", shown.join("; ")));
    }
    if story.existing > 0 {
        sentences.push(format!("Older findings, not counted: {}.", story.existing));
    }
    (!sentences.is_empty()).then(|| format!("<sub>{}</sub>", sentences.join(" ")))
}

/// `2 things to fix, 1 to look at`, or `nothing to fix`.
pub(super) fn summary(story: &Story<'_>) -> String {
    let errors = story.count(Severity::Error);
    let warnings = story.count(Severity::Warning);
    match (errors, warnings) {
        (0, 0) => "nothing to fix".to_owned(),
        (0, warnings) => format!("{} worth a look", count(warnings, "thing")),
        (errors, 0) => format!("{} to fix", count(errors, "thing")),
        (errors, warnings) => format!("{} to fix, {warnings} worth a look", count(errors, "thing")),
    }
}
