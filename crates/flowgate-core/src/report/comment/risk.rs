//! How risky the change is, which version it needs, and why.

use super::details::folded;
use super::ink::Ink;
use crate::review::FlowReview;
use crate::risk::{ChangeRisk, FlowRisk, Risk};

/// More rows than this are counted: the table of what callers notice follows anyway.
const ROWS: usize = 12;

/// How risky it is and which version that needs; `None` where nothing is different or compared.
pub(super) fn line(flow: &FlowReview) -> Option<String> {
    let risk = flow.risk.as_ref()?;
    let level = risk.level()?;
    let causes = risk.changes.iter().flat_map(|change| &change.causes);
    let (mended, stays): (Vec<_>, Vec<_>) = causes.partition(|cause| cause.reason.is_refused());
    let stays = stays.into_iter().map(|cause| cause.reason.risk()).max();
    // What a fix brings with it nobody knows yet.
    let once_mended = match stays.filter(|risk| *risk > Risk::Safe) {
        _ if mended.is_empty() => String::new(),
        None => " as it stands".to_owned(),
        Some(risk) => format!(" as it stands, at least **{}** once mended", risk.as_str()),
    };
    let step = step(flow, risk);
    Some(format!(
        "Risk: {} **{}**{once_mended} · {step}",
        level.sign(),
        level.as_str()
    ))
}

/// Where the risk is, one line for each risky change; `None` where there is none.
pub(super) fn why(flow: &FlowReview, ink: &Ink<'_>) -> Option<String> {
    let risk = flow.risk.as_ref()?;
    let risky = risk.at_least(Risk::Risky);
    let mut rows: Vec<String> = risky
        .iter()
        .take(ROWS)
        .map(|change| format!("- {}", row(change, ink)))
        .collect();
    if risky.len() > ROWS {
        rows.push(format!("- … and {} more", risky.len() - ROWS));
    }
    let summary = format!("Why it is {} ({})", risk.level()?.as_str(), risky.len());
    (!rows.is_empty()).then(|| folded(&summary, &rows.join("\n")))
}

fn step(flow: &FlowReview, risk: &FlowRisk) -> String {
    let Some(needed) = risk.step() else {
        return "no new version is needed".to_owned();
    };
    let versions = flow.baseline.version().zip(flow.version());
    match (versions, flow.version_step()) {
        (Some((before, now)), Some(step)) if step.enough => {
            format!("step {before} → {now} is enough")
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
