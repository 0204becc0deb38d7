//! What a run is about: the flow files of the commits that its event names, and the settings of the side that decides.
//!
//! In a pull request or a merge queue that is the side before the change, so that no change can excuse itself.

use std::path::{Path, PathBuf};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};
use flowgate_core::text::SourceText;

use super::inputs::{Inputs, Typed, in_repository};
use super::job::Job;
use super::merged::before_merge;
use crate::clock::{Clock as _, SystemClock};
use crate::event::{Event, PullRequest};
use crate::exit::Failure;
use crate::github::Client;
use crate::settings::{FileError, FileSettings, PLACES, PlatformSettings, accepted};
use crate::source::{Differences, History, HistoryError, Place, Untouched};

/// A larger file is no settings file.
const SETTINGS_LIMIT: u64 = 1024 * 1024;

/// What a run is about.
pub(crate) struct Matter<T> {
    /// Settings and flow files.
    pub(crate) inputs: Inputs,
    /// The settings file, as it stands on the side that decides.
    pub(crate) file: FileSettings,
    /// Changed files that say what a change may do.
    pub(crate) policy: Vec<RepoPath>,
    /// HEAD of the checkout, read from git; `GITHUB_SHA` is not trusted.
    pub(crate) checked_out: Option<CommitSha>,
    /// The clone, where its git may be asked.
    pub(crate) root: Option<PathBuf>,
    /// What was started before the flow files were read.
    pub(crate) begun: T,
}

/// Two commits, and which of them decides.
struct Span {
    head: CommitSha,
    base: Option<(String, CommitSha)>,
    decides: Side,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Finds out what the run is about. Before the flow files are read, `meanwhile` may start what takes time.
pub(crate) async fn gather<T>(
    job: &Job<'_>,
    github: Option<&Client>,
    untouched: Untouched,
    meanwhile: impl FnOnce(&PlatformSettings, &Differences) -> Result<T, Failure>,
) -> Result<Matter<T>, Failure> {
    let place = Place::find(job.world.cwd()?, &[]);
    // What a stranger proposes is looked at as data: not even its commits are taken from the work tree's git.
    let is_target = matches!(job.event, Event::PullRequestTarget(_));
    let root = (!is_target).then_some(place.root);
    let mut history = History::open(root.as_deref(), &job.world.environment, github);
    let checked_out = history.head();
    let mut span = span(job, checked_out.as_ref(), &mut history, github).await?;
    if let Some(revision) = &job.args.base {
        let base = history.named(revision).ok_or_else(|| {
            Failure::usage(format!("git knows no revision `{revision}`"))
                .hint("leave `base` empty: the event says what to compare with")
        })?;
        span.base = Some((revision.clone(), base));
    }
    let decides = match (span.decides, &span.base) {
        (Side::Before, Some((_, base))) => base,
        _ => &span.head,
    };
    let file = settings(job, decides, &mut history).await?;
    let typed = Typed {
        untouched,
        ..Typed::of(&job.args.tenant)
    };
    let base = span.base.as_ref().map(|(name, base)| (name.as_str(), base));
    let (inputs, policy, begun) = Inputs::of_commits(
        &typed,
        &file,
        &mut history,
        &span.head,
        base,
        SystemClock.today(),
        meanwhile,
    )
    .await?;
    Ok(Matter {
        inputs,
        file,
        policy: if span.decides == Side::Before {
            policy
        } else {
            Vec::new()
        },
        checked_out,
        root,
        begun,
    })
}

async fn span(
    job: &Job<'_>,
    checked_out: Option<&CommitSha>,
    history: &mut History<'_>,
    github: Option<&Client>,
) -> Result<Span, Failure> {
    let after = |head: CommitSha, base: Option<(String, CommitSha)>| Span {
        head,
        base,
        decides: Side::After,
    };
    let same = |head: CommitSha| after(head.clone(), Some(("the same commit".to_owned(), head)));
    Ok(match job.event {
        Event::PullRequest(pull) if pull.action == "closed" => {
            let head = checked_out
                .or(pull.merge_commit.as_ref())
                .unwrap_or(&pull.head_sha);
            let base = before_merge(pull, head, history, github).await?;
            after(
                head.clone(),
                base.map(|base| ("the commit before the merge".to_owned(), base)),
            )
        }
        Event::PullRequest(pull) | Event::PullRequestTarget(pull) => {
            proposal(pull, checked_out, history).await?
        }
        Event::MergeGroup(group) => Span {
            head: group.head_sha.clone(),
            base: Some((branch_name(&group.base_ref), group.base_sha.clone())),
            decides: Side::Before,
        },
        Event::Push(push) => {
            let Some(head) = checked_out.or(push.after.as_ref()) else {
                return Err(Failure::usage(format!(
                    "`{}` is gone: there is nothing to look at",
                    push.reference
                )));
            };
            let base = push.before.clone();
            after(
                head.clone(),
                base.map(|base| ("the commit before the push".to_owned(), base)),
            )
        }
        _ => match checked_out.or(job.context.sha.as_ref()) {
            Some(head) => same(head.clone()),
            None => {
                return Err(Failure::usage("there is no commit to look at")
                    .hint("put `actions/checkout` before this step"));
            }
        },
    })
}

/// What merging the pull request would make, against what it would be merged into: GitHub's trial merge where it is
/// there, else the proposed commit against where it left its base branch.
async fn proposal(
    pull: &PullRequest,
    checked_out: Option<&CommitSha>,
    history: &mut History<'_>,
) -> Result<Span, HistoryError> {
    let into = |base: CommitSha| Some((branch_name(&pull.base_ref), base));
    let mut trials: Vec<&CommitSha> = Vec::new();
    trials.extend(checked_out);
    trials.extend(pull.merge_commit.as_ref());
    for trial in trials {
        if *trial == pull.head_sha {
            break;
        }
        // A trial merge that cannot be looked at, or of an older head, is none. Nor is one that may still lead into
        // the branch that was the base before somebody chose another.
        let parents = history.parents(trial).await.unwrap_or_default();
        if let [base, merged @ ..] = parents.as_slice()
            && merged.contains(&pull.head_sha)
            && (pull.action != "edited" || *base == pull.base_sha)
        {
            return Ok(Span {
                head: trial.clone(),
                base: into(base.clone()),
                decides: Side::Before,
            });
        }
    }
    let base = history.merge_base(&pull.base_sha, &pull.head_sha).await?;
    Ok(Span {
        head: pull.head_sha.clone(),
        base: into(base.unwrap_or_else(|| pull.base_sha.clone())),
        decides: Side::Before,
    })
}

fn branch_name(reference: &str) -> String {
    let name = reference.strip_prefix("refs/heads/").unwrap_or(reference);
    format!("`{name}`")
}

/// The settings file of a commit, with the findings that are accepted there.
pub(crate) async fn settings(
    job: &Job<'_>,
    commit: &CommitSha,
    history: &mut History<'_>,
) -> Result<FileSettings, Failure> {
    let asked = job.args.tenant.files.read.config.as_deref();
    let in_repository = |path: &Path| {
        in_repository(path).ok_or_else(|| {
            Failure::usage(format!(
                "`config` must be a path in the repository, not `{}`",
                path.display()
            ))
        })
    };
    let places = asked.map_or_else(|| PLACES.map(Path::new).to_vec(), |path| vec![path]);
    let places: Vec<RepoPath> = places
        .into_iter()
        .map(in_repository)
        .collect::<Result<_, _>>()?;
    let beside = accepted::places(asked);
    let beside: Vec<RepoPath> = beside
        .iter()
        .map(|path| in_repository(path))
        .collect::<Result<_, _>>()?;
    let all: Vec<RepoPath> = places.iter().chain(&beside).cloned().collect();
    let found = history.files(commit, &all, SETTINGS_LIMIT).await?;
    let (settings, accepted): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(path, _)| places.contains(path));
    let mut file = match one(settings, || {
        FileError::Two(PLACES[0].into(), PLACES[1].into())
    })? {
        Some((path, content)) => {
            let source = text(path, content, commit)?;
            FileSettings::parse(&source)?
        }
        None => match asked {
            Some(path) => return Err(FileError::NotThere(path.to_owned()).into()),
            None => FileSettings::default(),
        },
    };
    if let Some((path, content)) = one(accepted, accepted::two)? {
        file.accepted = accepted::parse(&text(path, content, commit)?)?;
    }
    Ok(file)
}

/// The one file that was found, if any.
fn one(
    found: Vec<(RepoPath, Content)>,
    two: impl FnOnce() -> FileError,
) -> Result<Option<(RepoPath, Content)>, FileError> {
    let mut found = found.into_iter();
    let first = found.next();
    if found.next().is_some() {
        return Err(two());
    }
    Ok(first)
}

/// The text of a settings file of a commit.
fn text(path: RepoPath, content: Content, commit: &CommitSha) -> Result<SourceText, Failure> {
    let text = match content {
        Content::Bytes(bytes) => String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
        Content::Symlink => Err("it is a symbolic link".to_owned()),
        Content::Directory => Err("it is a folder".to_owned()),
        Content::TooLarge { size, .. } => Err(format!("it has {size} bytes")),
        Content::Unreadable(why) => Err(why),
    };
    let text = text.map_err(|why| {
        Failure::usage(format!(
            "could not read `{path}` of commit {}: {why}",
            commit.short()
        ))
    })?;
    tracing::info!("settings from {path} of {}", commit.short());
    Ok(SourceText::new(path, text))
}
