//! Several flows: one verdict, one table with blocked ones on top, and counts where even that does not fit.

use std::cmp::Reverse;

use super::alike::Group;
use super::ink::Ink;
use super::{Finding, Light, Severity, Staged, Story, count, fix, flow};
use crate::delta::ChangeKind;
use crate::report::words;
use crate::risk::Risk;
use crate::rules;

fn lights(stories: &[Staged<'_>]) -> [usize; 3] {
    [Light::Red, Light::Yellow, Light::Green].map(|light| {
        stories
            .iter()
            .filter(|story| story.light() == light)
            .count()
    })
}

/// Takes out what is about the change as a whole, and is no mistake of the flow that it stands in.
pub(super) fn about_all(mut stories: Vec<Story<'_>>) -> (Vec<&Finding>, Vec<Story<'_>>) {
    let mut found = Vec::new();
    for story in &mut stories {
        let (all, own): (Vec<_>, Vec<_>) = std::mem::take(&mut story.mistakes)
            .into_iter()
            .partition(|mistake| {
                let rule = rules::find(mistake.finding.rule.as_str());
                rule.is_some_and(rules::Rule::is_about_all)
            });
        story.mistakes = own;
        found.extend(all.into_iter().map(|mistake| mistake.finding));
    }
    if !found.is_empty() {
        stories.sort_by_key(|story| (story.light(), Reverse(story.risk()), story.path));
    }
    (found, stories)
}

/// What keeps the change as a whole from being published, and what to do; `None` where nothing does.
pub(super) fn held(about_all: &[&Finding], ink: &Ink<'_>) -> Option<String> {
    let line = |finding: &&Finding| {
        let hint = finding.hint.as_deref().map(|hint| ink.prose(hint));
        let hint = hint.map_or_else(String::new, |hint| format!(" To do: {hint}."));
        format!("❌ **{}.**{hint}", ink.prose(&finding.message))
    };
    let lines: Vec<String> = about_all.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

pub(super) fn verdict(stories: &[Staged<'_>], about_all: &[&Finding]) -> String {
    let [red, yellow, green] = lights(stories);
    // What is right by itself is not ready all the same.
    let green = if about_all.is_empty() { green } else { 0 };
    let worst = match stories.first() {
        _ if !about_all.is_empty() => Light::Red,
        first => first.map_or(Light::Green, |story| story.light()),
    };
    let mut parts = Vec::new();
    if !about_all.is_empty() {
        parts.push("nothing is published".to_owned());
    }
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

pub(super) fn table(groups: &[Group<'_, '_>], ink: &Ink<'_>, rows: usize) -> String {
    let mut lines = vec![
        "| | Flow | State | Risk | What callers would notice | Merging |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for group in groups.iter().take(rows) {
        let story = group.example();
        let merging = match story.flow {
            None => "not part of the plan".to_owned(),
            Some(flow) if story.is_held && flow.plan.action.writes() => {
                "nothing is published".to_owned()
            }
            Some(flow) if group.several().is_some() && flow.plan.action.writes() => {
                "makes the version of each file live at once".to_owned()
            }
            Some(flow) => words::merging(flow),
        };
        let name = match group.several() {
            Some(number) => format!("{number} flows, changed alike"),
            None => flow::name(story, ink),
        };
        let state = match story.light() {
            Light::Red if story.count(Severity::Error) == 0 => "blocked".to_owned(),
            _ => fix::summary(story),
        };
        lines.push(format!(
            "| {} | **{name}** | {state} | {} | {} | {} |",
            story.light().sign(),
            story.risk().map_or_else(String::new, |risk| format!(
                "{} {}",
                risk.sign(),
                risk.as_str()
            )),
            flow::said(story),
            ink.prose(&merging),
        ));
    }
    let more = groups.iter().skip(rows).map(|group| group.stories.len());
    let more: usize = more.sum();
    if more > 0 {
        lines.push(format!("| … | and {more} more | | | | |"));
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
