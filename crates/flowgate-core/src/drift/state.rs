//! Where each flow file of a branch stands against what is live, where nobody changes it: what `flowgate drift` reports.

use semver::Version;
use serde::Serialize;

use super::{ConsoleEdit, Files, OnDrift, Standing, console_edits, stands};
use crate::finding::Severity;
use crate::flow::{Flow, Layout, Reading, digest, names};
use crate::ids::{CommitSha, Digest, FlowId, RepoPath, VersionId};
use crate::platform::{Answer, FlowOnPlatform, Published, Record, Wrong, was_wrong};

/// Where a flow stands.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DriftState {
    /// CXone could not say what is live, or the file cannot be read.
    Unknown,
    /// What is live was edited in the console since we put it there.
    Edited,
    /// What is live is ours, and CXone holds other content than was sent.
    Wrong,
    /// What is live is ours, from an older commit: a merge has not been deployed.
    Behind,
    /// What the file says was live and was taken back.
    Held,
    /// Nothing is live.
    Absent,
    /// What is live was never put there by us, and is not what the file says.
    UnmanagedAndDifferent,
    /// What is live was never put there by us, and is what the file says.
    Unmanaged,
    /// What is live is what the file says.
    InSync,
}

impl DriftState {
    /// All of them, the worst first.
    pub const ALL: [DriftState; 9] = [
        DriftState::Unknown,
        DriftState::Edited,
        DriftState::Wrong,
        DriftState::Behind,
        DriftState::Held,
        DriftState::Absent,
        DriftState::UnmanagedAndDifferent,
        DriftState::Unmanaged,
        DriftState::InSync,
    ];

    /// For people, after the flow's name.
    pub fn words(self) -> &'static str {
        match self {
            DriftState::Unknown => "not known",
            DriftState::Edited => "edited in the console",
            DriftState::Wrong => "not what was sent",
            DriftState::Behind => "behind",
            DriftState::Held => "held",
            DriftState::Absent => "not live",
            DriftState::UnmanagedAndDifferent => "unmanaged, and different",
            DriftState::Unmanaged => "unmanaged",
            DriftState::InSync => "in sync",
        }
    }

    /// Whether callers get something else than the file says.
    pub fn is_drift(self) -> bool {
        !matches!(
            self,
            DriftState::Unknown | DriftState::Unmanaged | DriftState::InSync
        )
    }

    /// How bad it is; `None` where all is well. That something is not known is no severity: the run has failed then.
    pub fn severity(self, on_drift: OnDrift) -> Option<Severity> {
        Some(match (self, on_drift) {
            (DriftState::Unknown | DriftState::Unmanaged | DriftState::InSync, _) => return None,
            (DriftState::Edited, OnDrift::Fail) | (DriftState::Behind | DriftState::Wrong, _) => {
                Severity::Error
            }
            (DriftState::Edited, OnDrift::Warn | OnDrift::Overwrite)
            | (DriftState::Held | DriftState::Absent | DriftState::UnmanagedAndDifferent, _) => {
                Severity::Warning
            }
        })
    }
}

/// What is live, as far as it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveVersion {
    /// Its number.
    pub version: Option<Version>,
    /// CXone's id of it.
    pub version_id: Option<VersionId>,
    /// The commit that it comes from.
    pub commit: Option<CommitSha>,
    /// The pull request that brought it.
    pub pull_request: Option<u64>,
    /// Who published it, where somebody else than Flowgate did and CXone tells.
    pub edited_by: Option<String>,
}

/// Where one flow file stands.
#[derive(Debug, Clone)]
pub struct FlowDrift {
    /// The file.
    pub path: RepoPath,
    /// The flow, where the file says one.
    pub flow_id: Option<FlowId>,
    /// The flow's name for people.
    pub name: String,
    /// The file's version, where it says one.
    pub version: Option<Version>,
    /// Where it stands.
    pub state: DriftState,
    /// Why, and what to do about it, in one line. May hold text from CXone.
    pub why: String,
    /// What is live.
    pub live: Option<LiveVersion>,
    /// What was edited in the console, where that can be told.
    pub edits: Vec<ConsoleEdit>,
}

/// Where a flow file stands. `said` is what CXone answered, `recorded` the file at the commit that our record of what is
/// live names, where somebody looked for it.
pub fn drift(
    path: &RepoPath,
    reading: &Reading,
    said: Option<&FlowOnPlatform>,
    recorded: Option<&Flow>,
    wrong: Option<&Wrong>,
    layout: &Layout,
) -> FlowDrift {
    let flow = reading.flow.as_deref();
    let shown = |state, why: String| FlowDrift {
        path: path.clone(),
        flow_id: flow.and_then(Flow::id).cloned(),
        name: flow.map_or_else(|| path.to_string(), names::flow),
        version: flow.and_then(Flow::version).cloned(),
        state,
        why,
        live: None,
        edits: Vec::new(),
    };
    let (Some(head), Some(digest)) = (flow, flow.and_then(|flow| digest(flow, layout))) else {
        let why = format!(
            "the file says no flow that could be compared: `flowgate check {path}` shows why"
        );
        return shown(DriftState::Unknown, why);
    };
    let Some(said) = said else {
        return shown(
            DriftState::Unknown,
            "CXone was not asked about it".to_owned(),
        );
    };
    let files = Files {
        head,
        base: Some(head),
        recorded,
    };
    match &said.published {
        Answer::Known(published) => {
            let (state, why) = against(published, said, &files, wrong, (&digest, layout));
            FlowDrift {
                live: Some(live(published)),
                edits: match state {
                    DriftState::Edited | DriftState::UnmanagedAndDifferent => {
                        console_edits(published, &files, layout)
                    }
                    _ => Vec::new(),
                },
                ..shown(state, why)
            }
        }
        Answer::Absent => shown(
            DriftState::Absent,
            "CXone has no flow with this id that is live: no deployment has brought it there"
                .to_owned(),
        ),
        Answer::Unavailable(why) => shown(
            DriftState::Unknown,
            format!("CXone could not say what is live: {why}"),
        ),
        Answer::CannotTell => {
            let (state, why, live) = by_records(said, head, &digest);
            FlowDrift {
                live,
                ..shown(state, why)
            }
        }
    }
}

fn against(
    published: &Published,
    said: &FlowOnPlatform,
    files: &Files<'_>,
    wrong: Option<&Wrong>,
    (digest, layout): (&Digest, &Layout),
) -> (DriftState, String) {
    let number = number(published.version());
    match stands(said, published, files, wrong, layout) {
        Standing::Wrong => (
            DriftState::Wrong,
            format!(
                "{number} is live, and CXone holds other content of it than was sent ({}): the next deployment takes it back",
                wrong.map_or("", |wrong| &wrong.what)
            ),
        ),
        Standing::InSync if published.record.is_none() => (
            DriftState::Unmanaged,
            format!("{number} is live, as the file says; Flowgate did not put it there"),
        ),
        Standing::InSync => (
            DriftState::InSync,
            format!("{number} is live, as the file says"),
        ),
        Standing::Behind => behind_or_held(
            said,
            files.head,
            digest,
            (published.version_id.as_ref(), published.version()),
            (published.record.as_ref(), wrong),
        ),
        Standing::Unmanaged if !said.was_ours() => (
            DriftState::Behind,
            format!(
                "{number} is live, which the file said before; Flowgate has not deployed it: its next merge, or a start by hand that names it, publishes what the file says now"
            ),
        ),
        Standing::UnmanagedAndDifferent if !said.was_ours() => (
            DriftState::UnmanagedAndDifferent,
            format!(
                "{number} is live and not what the file says; Flowgate has not deployed it: `flowgate pull` brings it into the file, a pull request that changes the file replaces it"
            ),
        ),
        Standing::Edited | Standing::Unmanaged | Standing::UnmanagedAndDifferent => {
            let by = edited_by(published).map_or_else(String::new, |who| format!(" by {who}"));
            (
                DriftState::Edited,
                format!(
                    "{number} is live and was edited in the console{by} since Flowgate published it: `flowgate pull` brings the edit into the file"
                ),
            )
        }
    }
}

/// What a tenant that cannot show what is live has on record.
fn by_records(
    said: &FlowOnPlatform,
    head: &Flow,
    digest: &Digest,
) -> (DriftState, String, Option<LiveVersion>) {
    let unknown = |why: &str| (DriftState::Unknown, why.to_owned(), None);
    let Some(all) = said.history.listed() else {
        return unknown(
            "this tenant can neither show what is live nor list its versions: drift cannot be told here",
        );
    };
    let Some(newest) = said.published_last() else {
        return if all.is_empty() {
            (
                DriftState::Absent,
                "CXone has no version of it".to_owned(),
                None,
            )
        } else {
            unknown(
                "this tenant cannot show what is live, and its list does not say which version was published",
            )
        };
    };
    let version = number(newest.version.as_ref());
    let (state, why) = match &newest.record {
        Some(record) if record.content_digest == *digest => (
            DriftState::InSync,
            format!("{version} was published last, with what the file says"),
        ),
        None => (
            DriftState::Edited,
            format!(
                "{version} was published last, and not by Flowgate; this tenant cannot show what is in it"
            ),
        ),
        Some(record) => behind_or_held(
            said,
            head,
            digest,
            (Some(&newest.id), newest.version.as_ref()),
            (Some(record), None),
        ),
    };
    let live = LiveVersion {
        version: newest.version.clone(),
        version_id: Some(newest.id.clone()),
        ..source(newest.record.as_ref())
    };
    (state, why, Some(live))
}

fn behind_or_held(
    said: &FlowOnPlatform,
    head: &Flow,
    digest: &Digest,
    live: (Option<&VersionId>, Option<&Version>),
    (record, wrong): (Option<&Record>, Option<&Wrong>),
) -> (DriftState, String) {
    let number = number(live.1);
    if let Some(stored) = said.held((digest, head.version()), live.0, live.1) {
        let stored_number = self::number(stored.version.as_ref());
        let is_wrong = wrong.filter(|wrong| wrong.version_id == stored.id);
        if let Some(wrong) = is_wrong {
            return (
                DriftState::Held,
                format!("{number} is live; {}", was_wrong(stored, wrong)),
            );
        }
        let what = if stored.publication.is_known() {
            "was taken back and stays so"
        } else {
            "is stored; CXone does not tell whether it was live and was taken back, and it stays so"
        };
        return (
            DriftState::Held,
            format!(
                "{number} is live; {stored_number}, which the file says, {what} until the file changes or a deployment names the flow"
            ),
        );
    }
    let LiveVersion {
        commit,
        pull_request,
        ..
    } = source(record);
    let from = match (commit, pull_request) {
        (Some(commit), Some(pull)) => format!(", from commit {} (#{pull})", commit.short()),
        (Some(commit), None) => format!(", from commit {}", commit.short()),
        _ => String::new(),
    };
    (
        DriftState::Behind,
        format!(
            "{number} is live{from}; no deployment has brought {} live: start the workflow by hand on the deploy branch (a merge by a bot's own token starts none)",
            self::number(head.version())
        ),
    )
}

fn live(published: &Published) -> LiveVersion {
    LiveVersion {
        version: published.version().cloned(),
        version_id: published.version_id.clone(),
        edited_by: edited_by(published),
        ..source(published.record.as_ref())
    }
}

fn source(record: Option<&Record>) -> LiveVersion {
    let source = record.and_then(|record| record.source.as_ref());
    LiveVersion {
        commit: source.and_then(|source| source.commit.clone()),
        pull_request: source.and_then(|source| source.pull_request),
        ..LiveVersion::default()
    }
}

/// Who published what is live, where it was not us and CXone tells. Nothing in the contract promises a name: the usual
/// members are looked at.
pub fn edited_by(published: &Published) -> Option<String> {
    let text = |key: &str| {
        let value = published.flow.top(key)?;
        Some(value.as_str()?.into_owned()).filter(|text| !text.trim().is_empty())
    };
    let modified = ["modifiedBy", "lastModifiedBy", "updatedBy", "publishedBy"];
    let created = || {
        // Beside our own record these would name us.
        let theirs = published.record.is_none();
        theirs.then(|| text("createdBy")).flatten()
    };
    modified.into_iter().find_map(text).or_else(created)
}

fn number(version: Option<&Version>) -> String {
    version.map_or_else(|| "an unnumbered version".to_owned(), Version::to_string)
}
