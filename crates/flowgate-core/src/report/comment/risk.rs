//! How risky the change is, which version it needs, and why.

use std::fmt::Write as _;

use super::Level;
use super::ink::Ink;
use crate::review::FlowReview;
use crate::risk::{ChangeRisk, FlowRisk, Risk};

/// More rows than this are counted: the table of what callers notice follows anyway.
const ROWS: usize = 12;

/// One line for the flow, and one for each risky change; `None` where nothing is different or compared.
pub(super) fn section(flow: &FlowReview, ink: &Ink<'_>, level: Level) -> Option<String> {
    let risk = flow.risk()?;
    let mut text = format!(
        "Risk: **{}** · {}",
        risk.level()?.as_str(),
        step(flow, &risk)
    );
    if level >= Level::FixOnly {
        return Some(text);
    }
    let risky = risk.at_least(Risk::Risky);
    for change in risky.iter().take(ROWS) {
        text.push_str("\n- ");
        text.push_str(&row(change, ink));
    }
    if let Some(more) = risky.len().checked_sub(ROWS).filter(|more| *more > 0) {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n- … and {more} more");
    }
    Some(text)
}

fn step(flow: &FlowReview, risk: &FlowRisk) -> String {
    let Some(needed) = risk.step() else {
        return "no new version is needed".to_owned();
    };
    let versions = flow.baseline.flow().and_then(|before| before.version());
    let versions = versions.zip(flow.head.as_ref().and_then(|head| head.version()));
    match (versions, flow.version_step(risk)) {
        (Some((before, now)), Some(step)) if step.enough => {
            let causes = risk.changes.iter().flat_map(|change| &change.causes);
            let mended = if causes.into_iter().any(|cause| cause.reason.is_refused()) {
                " once that is mended"
            } else {
                ""
            };
            format!("step {before} → {now} is enough{mended}")
        }
        (Some((before, now)), Some(step)) => {
            let lowest = step.lowest;
            let needed = step.needed.as_str();
            format!("step {before} → {now} is too small: {needed} is needed, {lowest} or above")
        }
        _ => format!("needs a {} step", needed.as_str()),
    }
}

/// `breaking at Welcome → Main menu: callers who take “press 2” reach nothing (leads-nowhere)`
fn row(change: &ChangeRisk, ink: &Ink<'_>) -> String {
    let place = if change.way.is_empty() {
        ink.text(&change.name)
    } else {
        ink.way(&change.way)
    };
    let causes = change.causes.iter();
    let risky = causes.filter(|cause| cause.reason.risk() > Risk::Safe);
    let causes: Vec<String> = risky
        .map(|cause| {
            let (notice, code) = (ink.text(&cause.notice), cause.reason.code());
            format!("{notice} (`{code}`)")
        })
        .collect();
    format!(
        "{} at {place}: {}",
        change.risk().as_str(),
        causes.join("; ")
    )
}
