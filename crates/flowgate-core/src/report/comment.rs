//! The sticky comment of a pull request, in the words of somebody who edits flows every day and has one minute.
//!
//! What callers notice comes first, then what to mend and how; everything else is folded. Pure: no clock, no links but
//! those that were given. The hidden marker and the posting are the program's.

mod alike;
mod also;
mod behind;
mod callers;
mod details;
mod fix;
mod flow;
mod ink;
mod overview;
mod risk;
mod sides;
#[cfg(test)]
mod tests;
mod unseen;

use std::borrow::Cow;
use std::cell::LazyCell;

use alike::Group;
use ink::Ink;

use sides::Sides;

use super::safe;
use super::story::{Light, Story, count, elsewhere, stories};
use crate::finding::{Finding, Severity};
use crate::flow::FlowView;
use crate::plan::Touch;
use crate::redact::Redactor;
use crate::review::{FlowReview, Review, Scenes, Told};

/// What the comment needs to know beside the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentSettings {
    /// What a file's path is appended to for a link (`https://github.com/OWNER/REPO/blob/SHA/`).
    pub file_link: Option<String>,
    /// Where the whole report is.
    pub full_report_link: Option<String>,
    /// Where it is told how to take a deployment back.
    pub rollback_link: Option<String>,
    /// The most bytes that the comment may have, the marker's own taken off.
    pub max_bytes: usize,
}

impl CommentSettings {
    /// GitHub's limit for a comment (65,536 characters) with room for a marker.
    pub const MOST: usize = 65_536 - 1_024;
}

impl Default for CommentSettings {
    fn default() -> Self {
        Self {
            file_link: None,
            full_report_link: None,
            rollback_link: None,
            max_bytes: Self::MOST,
        }
    }
}

/// How much is shown, from all to counts. Ordered: fullest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// Everything.
    Full,
    /// No pictures.
    NoPictures,
    /// No values of fields.
    NoFields,
    /// Only what is to be mended, and the table of flows.
    FixOnly,
    /// The table of flows, with so many rows.
    Table(usize),
    /// Counts.
    Counts,
}

/// A story with what is told of its flow's two sides, once for all sections and levels.
struct Staged<'a> {
    story: Story<'a>,
    told: Cow<'a, Told>,
    /// Something in the change as a whole keeps all of it from being published.
    is_held: bool,
}

impl<'a> Staged<'a> {
    fn new(story: Story<'a>, is_held: bool, redactor: &Redactor) -> Self {
        let findings = story.mistakes.iter().map(|mistake| mistake.finding);
        let told = story.flow.map(|flow| {
            // What other flows hold as a secret was not known yet when it was told.
            let told = flow.told.as_deref().map(|told| told.redacted(redactor));
            told.unwrap_or_else(|| Cow::Owned(tell(flow, findings, redactor)))
        });
        let told = told.unwrap_or_default();
        Self {
            story,
            told,
            is_held,
        }
    }
}

impl<'a> std::ops::Deref for Staged<'a> {
    type Target = Story<'a>;

    fn deref(&self) -> &Story<'a> {
        &self.story
    }
}

const LADDER: [Level; 9] = [
    Level::Full,
    Level::NoPictures,
    Level::NoFields,
    Level::FixOnly,
    Level::Table(usize::MAX),
    Level::Table(200),
    Level::Table(50),
    Level::Table(10),
    Level::Counts,
];

/// What happens to callers, in a sentence for a terminal; `None` where there is nothing to compare.
pub(super) fn callers(flow: &FlowReview, redactor: &Redactor) -> Option<String> {
    if let Some(told) = &flow.told {
        let callers = told.callers.as_deref();
        return callers.map(|callers| redactor.told(callers).into_owned());
    }
    let redactor = &redactor.with(&flow.secrets);
    let sides = Sides::new(flow)?;
    let settings = CommentSettings::default();
    Some(plainly(&sides, &Ink::new(redactor, &settings)))
}

fn plainly(sides: &Sides<'_>, ink: &Ink<'_>) -> String {
    let plain = |text: &str| ink.redactor.of_flow(&safe::line(text)).into_owned();
    callers::verdict(sides, &plain)
}

/// What is said of a flow whose sides are at hand, and of the places of these findings.
pub(super) fn tell<'f>(
    flow: &FlowReview,
    findings: impl Iterator<Item = &'f Finding>,
    redactor: &Redactor,
) -> Told {
    let redactor = &redactor.with(&flow.secrets);
    let settings = CommentSettings::default();
    let ink = Ink::new(redactor, &settings);
    let sides = Sides::new(flow);
    // Made where a finding asks for it, which most flows have none of.
    let alone = LazyCell::new(|| flow.flow().map(|head| FlowView::new(head, &flow.types)));
    let connectors = findings.filter_map(|finding| {
        let head = sides.as_ref().map(|sides| &sides.new);
        let head = head.or_else(|| alone.as_ref())?;
        let connector = ink.connector_at(head, &finding.location)?;
        Some((finding.fingerprint.clone(), connector))
    });
    let connectors = connectors.collect();
    let scenes = sides.as_ref().map(|sides| Scenes {
        verdict: callers::verdict(sides, &|text| ink.text(text)),
        callers: callers::section(sides, &ink),
        behind: behind::section(sides, &ink),
        picture: details::picture(sides, &ink),
        fields: details::fields(sides, &ink),
    });
    Told {
        callers: sides.map(|sides| plainly(&sides, &ink)),
        scenes,
        connectors,
    }
}

/// The comment: the fullest form that fits. Never cut: each form is whole.
pub fn render(review: &Review, redactor: &Redactor, settings: &CommentSettings) -> String {
    let ink = Ink::new(redactor, settings);
    let (also, stories): (Vec<_>, Vec<_>) =
        stories(review).into_iter().partition(also::is_its_place);
    let (about_all, stories) = overview::about_all(stories);
    let stage = |story| Staged::new(story, !about_all.is_empty(), redactor);
    let stories: Vec<Staged<'_>> = stories.into_iter().map(stage).collect();
    let told = Change {
        review,
        stories: &stories,
        about_all: &about_all,
        also: &also,
    };
    for level in LADDER {
        let body = at_level(&told, &ink, level);
        if body.len() <= settings.max_bytes || level == Level::Counts {
            return body;
        }
    }
    String::new()
}

/// What a comment tells of a change.
struct Change<'c> {
    review: &'c Review,
    stories: &'c [Staged<'c>],
    /// What keeps all of it from being published.
    about_all: &'c [&'c Finding],
    /// What merging does besides.
    also: &'c [Story<'c>],
}

fn at_level(change: &Change<'_>, ink: &Ink<'_>, level: Level) -> String {
    let Change {
        review,
        stories,
        about_all,
        also,
    } = *change;
    let is_short = matches!(level, Level::Table(_) | Level::Counts);
    let mut parts = Vec::new();
    match stories {
        [] => parts.push("### ✅ No flow is changed".to_owned()),
        [story] if !is_short && about_all.is_empty() => {
            parts.push(format!("### {}", flow::verdict(story, ink)));
            parts.extend(flow::body(story, ink, level, flow::Room::Alone));
        }
        _ => {
            let groups = Group::all(stories);
            parts.push(overview::verdict(stories, about_all));
            parts.extend(overview::held(about_all, ink));
            match level {
                Level::Counts => parts.push(overview::counts(stories)),
                Level::Table(rows) => parts.push(overview::table(&groups, ink, rows)),
                _ => {
                    parts.push(overview::table(&groups, ink, usize::MAX));
                    let sections = groups.iter();
                    parts.extend(sections.filter_map(|group| flow::section(group, ink, level)));
                }
            }
        }
    }
    parts.extend(also::section(also, ink, level));
    parts.extend(unseen::section(&review.notes, ink, level));
    if level > Level::NoPictures {
        parts.push("<sub>Shortened: the whole did not fit into a comment.</sub>".to_owned());
    }
    parts.extend(footer(review, stories, ink));
    let mut body = parts.join("\n\n");
    body.push('\n');
    body
}

fn footer(review: &Review, stories: &[Staged<'_>], ink: &Ink<'_>) -> Option<String> {
    let mut facts = Vec::new();
    if let Some(commit) = &review.commit {
        facts.push(format!("Checked {}", commit.short()));
    }
    let links = [
        ("full report", &ink.settings.full_report_link),
        ("take a deployment back", &ink.settings.rollback_link),
    ];
    for (words, link) in links {
        facts.extend(link.as_ref().map(|link| format!("[{words}]({link})")));
    }
    let told = review
        .flows
        .iter()
        .filter(|flow| flow.touch == Touch::Untouched);
    let others = review.untouched.saturating_sub(told.count());
    if others > 0 && !stories.is_empty() {
        let unasked = match review.unasked {
            0 => "",
            _ => " (CXone was not asked whether merging publishes them too)",
        };
        facts.push(match others {
            1 => format!("the other flow is untouched{unasked}"),
            number => format!("the other {number} flows are untouched{unasked}"),
        });
    }
    let old = elsewhere(review);
    if !old.is_empty() {
        const SHOWN: usize = 3;
        let mut paths: Vec<String> = old
            .iter()
            .take(SHOWN)
            .map(|p| ink.code(p.as_str()))
            .collect();
        if old.len() > SHOWN {
            paths.push(format!("and {} more", old.len() - SHOWN));
        }
        facts.push(format!(
            "with older faults, not changed here: {}",
            paths.join(", ")
        ));
    }
    (!facts.is_empty()).then(|| format!("<sub>{}</sub>", facts.join(" · ")))
}
