//! What to mend, one mistake a row, with what goes away with it; and what is worth a look.

use super::Staged;
use super::details::folded;
use super::ink::Ink;
use crate::finding::{Excuse, Finding, Severity};
use crate::report::story::{Mistake, Story, count};
use crate::review::Told;

/// The most rows of one table: whoever has more mends these first.
const ROWS: usize = 40;

pub(super) fn sections(story: &Staged<'_>, ink: &Ink<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    for (severity, title) in [
        (Severity::Error, "Fix before merging"),
        (Severity::Warning, "Worth a look"),
    ] {
        let of_level: Vec<&Mistake<'_>> = story.of(severity).collect();
        if !of_level.is_empty() {
            parts.push(format!(
                "**{title}**\n{}",
                table(&of_level, &story.told, ink)
            ));
        }
    }
    parts.extend(aside(story, ink));
    parts
}

/// What asks nothing of anybody, folded into one line.
pub(super) fn good_to_know(story: &Staged<'_>, ink: &Ink<'_>) -> Option<String> {
    let infos: Vec<&Mistake<'_>> = story.of(Severity::Info).collect();
    let summary = format!("Good to know ({})", infos.len());
    (!infos.is_empty()).then(|| folded(&summary, &table(&infos, &story.told, ink)))
}

/// What somebody lives with for a while, folded: what it is, until when, and why.
pub(super) fn waived(story: &Story<'_>, ink: &Ink<'_>) -> Option<String> {
    if story.waived.is_empty() {
        return None;
    }
    let mut lines = vec![
        "| Where | Problem | Waived until | Because |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for finding in story.waived.iter().take(ROWS) {
        let Some(Excuse::Waived { reason, until }) = &finding.excuse else {
            continue;
        };
        lines.push(format!(
            "| {} · {} | {} | {until} | {} |",
            place(finding, ink),
            ink.line(&finding.location),
            ink.prose(&finding.message),
            ink.prose(reason),
        ));
    }
    if story.waived.len() > ROWS {
        lines.push(format!(
            "| … | and {} more | | |",
            story.waived.len() - ROWS
        ));
    }
    let summary = format!("Waived, not counted ({})", story.waived.len());
    Some(folded(&summary, &lines.join("\n")))
}

fn table(mistakes: &[&Mistake<'_>], told: &Told, ink: &Ink<'_>) -> String {
    let mut lines = vec![
        "| Where | Problem | Do this |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    for mistake in mistakes.iter().take(ROWS) {
        let finding = mistake.finding;
        let hint = finding.hint.as_ref().map_or_else(
            || format!("`flowgate explain {}` tells more", finding.rule),
            |hint| ink.prose(hint),
        );
        let connector = told.connectors.get(&finding.fingerprint).cloned();
        // Where it stands in the row already, the message need not say it again.
        let problem = match finding.message.find(" leads to ") {
            Some(at)
                if connector.is_some() && finding.rule.as_str() == "connector-missing-target" =>
            {
                &finding.message[at + 1..]
            }
            _ => &finding.message,
        };
        lines.push(format!(
            "| {} · {} | {} | {hint} |",
            connector.unwrap_or_else(|| place(finding, ink)),
            ink.line(&finding.location),
            ink.prose(problem),
        ));
    }
    if mistakes.len() > ROWS {
        lines.push(format!("| … | and {} more | |", mistakes.len() - ROWS));
    }
    lines.join("\n")
}

fn place(finding: &Finding, ink: &Ink<'_>) -> String {
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
    if story.accepted > 0 {
        sentences.push(format!(
            "Accepted findings, not counted: {}.",
            story.accepted
        ));
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
