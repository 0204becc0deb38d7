//! Several flows: one verdict, one table with blocked ones on top, and counts where even that does not fit.

use super::ink::Ink;
use super::{Light, Severity, Staged, count, fix, flow};
use crate::delta::ChangeKind;
use crate::report::words;
use crate::risk::Risk;

fn lights(stories: &[Staged<'_>]) -> [usize; 3] {
    [Light::Red, Light::Yellow, Light::Green].map(|light| {
        stories
            .iter()
            .filter(|story| story.light() == light)
            .count()
    })
}

pub(super) fn verdict(stories: &[Staged<'_>]) -> String {
    let [red, yellow, green] = lights(stories);
    let worst = stories.first().map_or(Light::Green, |story| story.light());
    let mut parts = Vec::new();
    for (number, words) in [
        (red, "to fix"),
        (yellow, "worth a look"),
        (green, "ready to merge"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    let breaking = stories
        .iter()
        .filter(|story| story.risk() == Some(Risk::Breaking))
        .count();
    let mut sign = worst.sign().to_owned();
    if breaking > 0 {
        sign = format!("{sign} {}", Risk::Breaking.sign());
        parts.push(format!("{breaking} breaking for callers"));
    }
    format!(
        "### {sign} {}: {}",
        count(stories.len(), "flow"),
        parts.join(", ")
    )
}

pub(super) fn table(stories: &[Staged<'_>], ink: &Ink<'_>, rows: usize) -> String {
    let mut lines = vec![
        "| | Flow | State | Risk | What callers would notice | Merging |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for story in stories.iter().take(rows) {
        let merging = story
            .flow
            .map_or_else(|| "not part of the plan".to_owned(), words::merging);
        let state = match story.light() {
            Light::Red if story.count(Severity::Error) == 0 => "blocked".to_owned(),
            _ => fix::summary(story),
        };
        lines.push(format!(
            "| {} | **{}** | {state} | {} | {} | {} |",
            story.light().sign(),
            flow::name(story, ink),
            story.risk().map_or_else(String::new, |risk| format!(
                "{} {}",
                risk.sign(),
                risk.as_str()
            )),
            flow::said(story),
            ink.prose(&merging),
        ));
    }
    if stories.len() > rows {
        lines.push(format!("| … | and {} more | | | | |", stories.len() - rows));
    }
    lines.join("\n")
}

pub(super) fn counts(stories: &[Staged<'_>]) -> String {
    let of = |severity| -> usize { stories.iter().map(|story| story.count(severity)).sum() };
    let mut changes = [0; 4];
    let deltas = stories
        .iter()
        .filter_map(|story| story.flow?.delta.as_deref());
    for change in deltas.flat_map(|delta| &delta.changes) {
        let index = match change.change {
            ChangeKind::Added => 0,
            ChangeKind::Removed => 1,
            ChangeKind::Modified => 2,
            ChangeKind::Moved => 3,
        };
        changes[index] += 1;
    }
    let [added, removed, modified, moved] = changes;
    format!(
        "{}, {}. Elements and connectors: {added} added, {removed} removed, {modified} modified, {moved} only moved.",
        count(of(Severity::Error), "thing to fix").replace("thing to fixs", "things to fix"),
        count(of(Severity::Warning), "warning"),
    )
}
