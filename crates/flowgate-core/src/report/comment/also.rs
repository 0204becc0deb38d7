//! What merging does beside this change: flows whose files it leaves alone, and that are not live as they stand there.

use super::Level;
use super::ink::Ink;
use crate::drift::Standing;
use crate::finding::Severity;
use crate::plan::Touch;
use crate::platform::Answer;
use crate::report::story::{Story, count};
use crate::report::words;
use crate::review::FlowReview;

const ROWS: usize = 20;

/// Whether a story is told here: this change leaves its file alone, and nothing in it is to be mended.
pub(super) fn is_its_place(story: &Story<'_>) -> bool {
    story
        .flow
        .is_some_and(|flow| flow.touch == Touch::Untouched)
        && story.count(Severity::Error) == 0
        && story.count(Severity::Warning) == 0
}

/// The section; `None` where there is no such flow.
pub(super) fn section(stories: &[Story<'_>], ink: &Ink<'_>, level: Level) -> Option<String> {
    let flows: Vec<&FlowReview> = stories.iter().filter_map(|story| story.flow).collect();
    let writes = flows.iter().filter(|flow| flow.plan.action.writes());
    let lead = match (writes.count(), flows.len()) {
        (_, 0) => return None,
        (0, all) => format!(
            "{} that this change leaves alone, and merging too",
            count(all, "flow")
        ),
        (writes, _) => format!(
            "Merging also puts {} live that this change leaves alone",
            count(writes, "flow")
        ),
    };
    if matches!(level, Level::Table(_) | Level::Counts) {
        return Some(format!("{lead}."));
    }
    let mut lines = vec![
        format!("**{lead}**"),
        "| Flow | Merging | Why |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    lines.extend(flows.iter().take(ROWS).map(|flow| row(flow, ink)));
    if flows.len() > ROWS {
        lines.push(format!("| and {} more | | |", flows.len() - ROWS));
    }
    Some(lines.join("\n"))
}

fn row(flow: &FlowReview, ink: &Ink<'_>) -> String {
    format!(
        "| **{}** ({}) | {} | {} |",
        ink.text(&flow.name),
        ink.code(flow.path.as_str()),
        ink.prose(&words::merging(flow)),
        ink.prose(&why(flow)),
    )
}

fn why(flow: &FlowReview) -> String {
    let said = flow.said.as_ref();
    let nothing_live = said.is_some_and(|said| matches!(said.live, Answer::Absent));
    match flow.standing {
        Some(Standing::Behind) if flow.plan.action.writes() => {
            "merged earlier, and not live yet".to_owned()
        }
        None if nothing_live && flow.plan.action.writes() => "not live on CXone yet".to_owned(),
        _ => {
            let reasons = flow.plan.reasons.iter();
            let texts: Vec<&str> = reasons.map(|reason| reason.text.as_str()).collect();
            texts.join("; ")
        }
    }
}
