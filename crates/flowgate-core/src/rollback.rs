//! Deciding a rollback: which version that was live before a flow may go back to, and what that would do.
//!
//! In two steps, since a version's content has to be read in between: [`target`] chooses, [`review`] judges. Pure: nothing
//! is asked or written here. The result is a [`FlowReview`] like that of a change, with the version to go back to as
//! `head` and what is live as baseline, so that reports and deployments take it as they take any other.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use semver::Version;

use crate::delta::diff;
use crate::drift::{Files, OnDrift, Standing, console_edits, stands as stands_against};
use crate::flow::{Element, ElementTypes, Flow, FlowView, Layout, digest, names};
use crate::ids::{FlowId, RepoPath};
use crate::plan::{Action, Planned, Reason, Release, Touch};
use crate::platform::{Answer, FlowOnPlatform, History, Published, VersionSummary};
use crate::redact::FoundSecrets;
use crate::review::{Baseline, FlowReview};
use crate::risk::assess;

mod choose;
mod kept;
#[cfg(test)]
mod tests;

/// Where to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// The published version below the highest that was ever published, and that was not taken back itself. What is live does
    /// not matter, so that asking twice (a run that was cut off and is made again) leads to the same version.
    Previous,
    /// This one.
    Version(Version),
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            To::Previous => f.write_str("previous"),
            To::Version(version) => version.fmt(f),
        }
    }
}

impl FromStr for To {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "previous" => Ok(To::Previous),
            other => other.parse().map(To::Version).map_err(|error| {
                format!("`{other}` is neither `previous` nor a version such as `1.2.0`: {error}")
            }),
        }
    }
}

/// What to do where the live version has routing elements that the other one has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Routing {
    /// Block the flow (`preserveRoutingLogic`).
    #[default]
    Preserve,
    /// Go back all the same (`force-routing`).
    Force,
}

/// What a rollback may do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// So many published versions back at most, counted from the highest that was ever published.
    pub max_depth: u32,
    /// What to do about lost routing elements.
    pub routing: Routing,
    /// What to do where what is live was edited in the console.
    pub on_drift: OnDrift,
    /// What is layout.
    pub layout: Layout,
    /// What types mean.
    pub types: ElementTypes,
}

/// One flow that is to be taken back, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its file; where the repository has none, the path that stands for CXone's answer.
    pub path: &'a RepoPath,
    /// Which flow.
    pub flow_id: &'a FlowId,
    /// What CXone said about it.
    pub said: &'a FlowOnPlatform,
    /// What the repository says of it; `None` where it has no such flow.
    pub file: Option<&'a Flow>,
    /// What we sent when we made the live version, where that could be found: it tells a server's additions from edits.
    pub sent: Option<&'a Flow>,
}

/// The version to go back to.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// As the list tells it.
    pub stored: &'a VersionSummary,
    /// Its number.
    pub number: &'a Version,
}

/// The content of the version to go back to.
#[derive(Debug, Clone)]
pub enum Stored {
    /// It could be read.
    Known(Arc<Flow>),
    /// It could not, and why.
    Unknown(String),
}

/// The version that the flow is to go back to; where there is none, what is to be said instead.
///
/// # Errors
/// The flow's place in the plan, which writes nothing.
pub fn target<'a>(
    subject: &Subject<'a>,
    to: &To,
    limits: &Limits,
) -> Result<Target<'a>, Box<FlowReview>> {
    choose::choose(subject, to, limits).map_err(|stays| Box::new(shown(subject, stays)))
}

/// What going back to this version does, or why it may not be done.
pub fn review(
    subject: &Subject<'_>,
    target: Target<'_>,
    stored: &Stored,
    limits: &Limits,
) -> FlowReview {
    let live = match possible(subject) {
        Ok((live, _)) => live,
        Err(stays) => return shown(subject, stays),
    };
    let content = match stored {
        Stored::Known(content) if content.is_whole() => content,
        Stored::Known(_) => return shown(subject, unknown(target, "a part of it cannot be read")),
        Stored::Unknown(why) => return shown(subject, unknown(target, why)),
    };
    let stands = stands(subject, live, limits);
    let delta = Arc::new(diff(&live.flow, content, &limits.layout));
    let (action, reasons) = judge(subject, target, content, live, limits);
    FlowReview {
        digest: digest(content, &limits.layout),
        head: Some(Arc::clone(content).into()),
        risk: Some(assess(
            FlowView::new(&live.flow, &limits.types),
            FlowView::new(content, &limits.types),
            &delta,
        )),
        types: Arc::new(limits.types.clone()),
        delta: Some(delta),
        secrets: FoundSecrets::of([live.flow.as_ref(), content.as_ref()]),
        standing: Some(stands),
        console_edits: if stands == Standing::Edited {
            console_edits(live, &files(subject, live), &limits.layout)
        } else {
            Vec::new()
        },
        ..shown(subject, (action, reasons))
    }
}

/// Whether what is live was edited in the console, as far as that can be told. Where [`Subject::sent`] is not known, what a
/// server adds looks like an edit.
pub fn looks_edited(subject: &Subject<'_>, limits: &Limits) -> bool {
    let live = subject.said.published.known();
    live.is_some_and(|live| stands(subject, live, limits) == Standing::Edited)
}

/// Whether the repository says something else than what is live after this rollback, for people.
fn aftermath(file: Option<&Flow>, target: &Flow, layout: &Layout) -> Option<String> {
    let Some(file) = file else {
        return Some("the repository holds no file of it".to_owned());
    };
    let (ours, theirs) = (digest(file, layout), digest(target, layout));
    if ours.is_some() && ours == theirs {
        return None;
    }
    let says = file
        .version()
        .map_or_else(|| "something else".to_owned(), Version::to_string);
    // A lower number than what is live is a merge that was missed, as far as anybody can tell.
    let is_lower = file.version().is_some() && file.version() < target.version();
    Some(if is_lower {
        format!(
            "the repository says {says} still, which is a lower number: the next deployment puts it live again, unless a commit changes the file before"
        )
    } else {
        format!(
            "the repository says {says} still: `flowgate drift` reports it as held until a commit changes the file or a deployment names the flow"
        )
    })
}

type Decision = (Action, Vec<Reason>);

fn reason(code: &'static str, text: impl Into<String>) -> Reason {
    Reason {
        code,
        text: text.into(),
    }
}

fn blocked(code: &'static str, text: impl Into<String>) -> Decision {
    (Action::Blocked, vec![reason(code, text)])
}

fn unknown(target: Target<'_>, why: &str) -> Decision {
    let text = format!("what is in {} is not known: {why}", target.number);
    blocked("content-unknown", text)
}

/// What is live and which versions are stored, where a rollback is possible at all.
fn possible<'a>(subject: &Subject<'a>) -> Result<(&'a Published, &'a [VersionSummary]), Decision> {
    let not_offered = |what: &str| {
        blocked(
            "rollback-not-offered",
            format!("{what}: a rollback is not offered here; publish the version in CXone"),
        )
    };
    let live = match &subject.said.published {
        Answer::Known(published) => published,
        Answer::CannotTell => return Err(not_offered("this tenant cannot show what is live")),
        Answer::Absent => {
            return Err(blocked(
                "not-published",
                format!("CXone has no flow `{}` that is live", subject.flow_id),
            ));
        }
        Answer::Unavailable(why) => {
            return Err(blocked(
                "baseline-unavailable",
                format!("CXone could not say what is live: {why}"),
            ));
        }
    };
    match &subject.said.history {
        History::Listed(all) => Ok((live, all)),
        History::Counted(_) => Err(not_offered(
            "this tenant counts its versions and does not list them",
        )),
        History::Unknown(why) => Err(blocked(
            "baseline-unavailable",
            format!("which versions are stored is not known: {why}"),
        )),
    }
}

fn files<'a>(subject: &Subject<'a>, live: &'a Published) -> Files<'a> {
    Files {
        // Where the repository says nothing, what is live is held against our record alone.
        head: subject.file.unwrap_or(&live.flow),
        base: subject.file,
        recorded: subject.sent,
    }
}

fn stands(subject: &Subject<'_>, live: &Published, limits: &Limits) -> Standing {
    match stands_against(
        subject.said,
        live,
        &files(subject, live),
        None,
        &limits.layout,
    ) {
        Standing::UnmanagedAndDifferent if subject.said.was_ours() => Standing::Edited,
        other => other,
    }
}

fn judge(
    subject: &Subject<'_>,
    target: Target<'_>,
    content: &Arc<Flow>,
    live: &Published,
    limits: &Limits,
) -> Decision {
    let name = target.number;
    let edited = stands(subject, live, limits) == Standing::Edited;
    if edited && limits.on_drift == OnDrift::Fail {
        return blocked(
            "edited-in-console",
            format!(
                "what is live ({}) was edited in the console since; going back would undo that: bring the edit into its file (`flowgate pull`) and merge that first",
                number(live.version())
            ),
        );
    }
    let changed = kept::immutable_changed(&live.flow, content, &limits.layout);
    if !changed.is_empty() {
        return blocked(
            "immutable-changed",
            format!(
                "Begin and End may not differ between two versions, and {} in {name}",
                changed.join(", ")
            ),
        );
    }
    let lost = kept::routing_lost(&live.flow, content);
    if !lost.is_empty() && limits.routing == Routing::Preserve {
        return blocked(
            "routing-lost",
            format!(
                "{name} has not the routing that is live: {}; set `force-routing` to go back all the same",
                lost.join(", ")
            ),
        );
    }
    let Some(found) = digest(content, &limits.layout) else {
        return blocked(
            "content-unknown",
            format!("{name} says no flow id, so nothing can be said about its content"),
        );
    };
    let recorded = target
        .stored
        .record
        .as_ref()
        .map(|record| &record.content_digest);
    let mut reasons = vec![reason(
        "rollback",
        format!(
            "puts {name} live again in place of {}",
            number(live.version())
        ),
    )];
    if edited {
        reasons.push(reason(
            "edited-in-console",
            "what is live was edited in the console since: the edit is gone over",
        ));
    }
    if !lost.is_empty() {
        reasons.push(reason(
            "routing-forced",
            format!(
                "although routing is lost (`force-routing`): {}",
                lost.join(", ")
            ),
        ));
    }
    reasons.extend(
        aftermath(subject.file, content, &limits.layout)
            .map(|text| reason("repository-differs", text)),
    );
    let immutable = |element: &&Element| element.kind.is_immutable();
    let release = Release {
        flow_id: subject.flow_id.clone(),
        version: target.number.clone(),
        // What a server added to our content is in the content that it shows, and not in our record.
        digest: recorded.cloned().unwrap_or(found),
        delta: Some(Arc::new(diff(&live.flow, content, &limits.layout))),
        immutable: live
            .flow
            .elements()
            .iter()
            .filter(immutable)
            .map(|element| element.id.clone())
            .collect(),
        content: Some(Arc::clone(content)),
    };
    let action = Action::RollBack {
        release: Box::new(release),
        version_id: target.stored.id.clone(),
    };
    (action, reasons)
}

fn number(version: Option<&Version>) -> String {
    version.map_or_else(|| "an unnumbered version".to_owned(), Version::to_string)
}

/// A flow's place in the plan where nothing else is known to be shown.
fn shown(subject: &Subject<'_>, (action, reasons): Decision) -> FlowReview {
    let published = subject.said.published.known();
    let named = subject
        .file
        .or_else(|| published.map(|published| published.flow.as_ref()));
    FlowReview {
        path: subject.path.clone(),
        flow_id: Some(subject.flow_id.clone()),
        name: named.map_or_else(|| subject.flow_id.to_string(), names::flow),
        touch: Touch::Named,
        head: None,
        digest: None,
        baseline: match published {
            Some(published) => Baseline::Published(Arc::clone(&published.flow).into()),
            None => Baseline::Unknown("nothing is known to be live".to_owned()),
        },
        delta: None,
        risk: None,
        types: Arc::default(),
        said: Some(subject.said.into()),
        platform: Some(subject.said.clone()),
        standing: None,
        console_edits: Vec::new(),
        secrets: FoundSecrets::of(named),
        plan: Planned {
            arrival: None,
            path: subject.path.clone(),
            flow_id: Some(subject.flow_id.clone()),
            action,
            reasons,
        },
        server_adds: BTreeSet::new(),
        told: None,
    }
}
