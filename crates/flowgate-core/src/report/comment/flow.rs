//! One flow in the comment: its verdict and all of its sections.

use std::fmt::Write as _;

use super::alike::Group;
use super::ink::Ink;
use super::{Level, Light, Severity, Staged, details, fix};
use crate::drift::Standing;
use crate::report::words;
use crate::review::FlowReview;
use crate::risk::Risk;

/// `❌ Main line: 1 thing to fix. Callers who press 2 would reach nothing.`
pub(super) fn verdict(story: &Staged<'_>, ink: &Ink<'_>) -> String {
    format!(
        "{} {}: {}. {}{}",
        story.light().sign(),
        name(story, ink),
        state(story),
        story.risk_sign(),
        said(story)
    )
    .trim_end()
    .to_owned()
}

pub(super) fn name(story: &Staged<'_>, ink: &Ink<'_>) -> String {
    match story.flow {
        Some(flow) => ink.text(&flow.name),
        None => ink.code(story.path.as_str()),
    }
}

fn state(story: &Staged<'_>) -> String {
    let blocked = story.light() == Light::Red && story.count(Severity::Error) == 0;
    let state = if blocked {
        "blocked".to_owned()
    } else {
        fix::summary(story)
    };
    match story.risk() {
        Some(Risk::Breaking) if story.light() != Light::Red => {
            format!("{state}, breaking for callers")
        }
        _ => state,
    }
}

/// What happens to callers, in a sentence.
pub(super) fn said(story: &Staged<'_>) -> String {
    match (&story.told.scenes, story.flow) {
        (Some(scenes), _) => scenes.verdict.clone(),
        (None, Some(flow)) if flow.head.is_none() => {
            "The file holds no flow that could be compared: callers keep what is live.".to_owned()
        }
        (None, Some(flow)) if flow.baseline.side().is_none() => {
            "Callers reach it for the first time.".to_owned()
        }
        _ => String::new(),
    }
}

/// How much room a flow has in a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// The comment is about it alone.
    Alone,
    /// It is one of several.
    Shared,
}

/// Verdict apart: what is to be mended, the picture, what callers notice and what merging does; then what is folded.
pub(super) fn body(story: &Staged<'_>, ink: &Ink<'_>, level: Level, room: Room) -> Vec<String> {
    let Some(flow) = story.flow else {
        return fix::sections(story, ink);
    };
    let mut parts = vec![compared(flow, ink)];
    parts.extend(fix::sections(story, ink));
    let scenes = story.told.scenes.as_ref();
    let scenes = scenes.filter(|_| level < Level::FixOnly);
    if let Some(scenes) = scenes {
        if let Some(picture) = scenes
            .picture
            .as_ref()
            .filter(|_| level < Level::NoPictures)
        {
            parts.push(details::shown_picture(picture, room == Room::Alone));
        }
        parts.extend(scenes.callers.clone());
    }
    parts.push(merging(story, flow, ink));
    if let Some(scenes) = scenes {
        parts.extend(scenes.behind.clone());
    }
    if level < Level::FixOnly {
        parts.extend(super::risk::why(flow, ink));
    }
    if let Some(scenes) = scenes {
        if level < Level::NoFields {
            parts.extend(scenes.fields.clone());
        }
        let delta = flow.delta.as_deref();
        parts.extend(delta.and_then(|delta| details::matrix(delta, ink)));
    }
    if level < Level::FixOnly {
        parts.extend(fix::good_to_know(story, ink));
        parts.extend(fix::waived(story, ink));
    }
    parts
}

fn compared(flow: &FlowReview, ink: &Ink<'_>) -> String {
    let compared = words::compared(flow);
    let lead = if compared.lead.is_empty() {
        String::new()
    } else {
        format!("{} ", compared.lead)
    };
    let why = compared
        .why
        .map(|why| format!(": {}", ink.prose(&why)))
        .unwrap_or_default();
    let mut text = format!("{lead}**{}**{}{why}.", compared.strong, compared.facts);
    if let Some(console) = words::console(flow, |name| format!("**{}**", ink.text(name))) {
        let warn = flow.standing.is_some_and(Standing::is_drift);
        let _ = write!(text, " {}{console}", if warn { "⚠️ " } else { "" });
    }
    text
}

fn merging(story: &Staged<'_>, flow: &FlowReview, ink: &Ink<'_>) -> String {
    let now = if story.is_held && flow.plan.action.writes() {
        "nothing is published, see above".to_owned()
    } else {
        words::merging(flow)
    };
    let mut text = format!("**Merging now:** {}.", ink.prose(&now));
    if let Some(after) = words::after_the_fix(flow) {
        let _ = write!(text, " **After the fix:** {}.", ink.prose(&after));
    }
    let reasons = words::reasons(flow, story).into_iter();
    let mut facts: Vec<String> = reasons.map(|reason| ink.prose(reason)).collect();
    facts.extend(super::risk::line(flow).or_else(|| words::step(flow)));
    facts.extend(flow.said.as_ref().map(words::history));
    facts.extend(words::assumed(flow).map(str::to_owned));
    if !facts.is_empty() {
        text.push('\n');
        text.push_str(&facts.join(" · "));
    }
    text
}

/// A flow among several: the mistakes stand open, all else is folded; `None` where the row in the table says it all. Of
/// flows that are changed alike one is shown as an example.
pub(super) fn section(group: &Group<'_, '_>, ink: &Ink<'_>, level: Level) -> Option<String> {
    let story = group.example();
    let nothing_to_see = story
        .flow
        .and_then(|flow| flow.delta.as_ref())
        .is_some_and(|delta| delta.is_layout_only());
    if story.light() == Light::Green && (nothing_to_see || level >= Level::FixOnly) {
        return None;
    }
    let body = body(story, ink, level, Room::Shared).join("\n\n");
    if let Some(number) = group.several() {
        let (sign, name) = (story.light().sign(), name(story, ink));
        let all = details::folded(&format!("All {number} flows"), &names(group, ink));
        return Some(format!(
            "#### {sign} {number} flows, changed alike: {name} as an example\n\n{body}\n\n{all}"
        ));
    }
    Some(match story.light() {
        Light::Green => format!(
            "<details><summary>{} {}: what changes</summary>\n\n{body}\n\n</details>",
            story.light().sign(),
            name(story, ink)
        ),
        _ => format!("#### {}\n\n{body}", verdict(story, ink)),
    })
}

/// What flows are called that are changed alike, with their files.
fn names(group: &Group<'_, '_>, ink: &Ink<'_>) -> String {
    const SHOWN: usize = 100;
    let name = |story: &&Staged<'_>| {
        let path = ink.code(story.path.as_str());
        format!("- {} ({path})", name(story, ink))
    };
    let mut lines: Vec<String> = group.stories.iter().take(SHOWN).map(name).collect();
    if group.stories.len() > SHOWN {
        lines.push(format!("- and {} more", group.stories.len() - SHOWN));
    }
    lines.join("\n")
}
