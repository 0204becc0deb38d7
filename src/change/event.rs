//! What a run is about: the flow files of the commits that its event names, and the settings of the side that decides.
//!
//! In a pull request or a merge queue that is the side before the change, so that no change can excuse itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use flowgate_core::ids::{CommitSha, RepoPath};
#[cfg(doc)]
use flowgate_core::review::Input;
use flowgate_core::review::Settings;

use super::inputs::{Asked, Inputs, OfCommits, Typed};
use super::job::Job;
use super::merges::Merges;
use super::settings;
use super::trees::{self, Base, Finder, Question, SettingsOf};
use crate::clock::{Clock as _, SystemClock};
use crate::event::Event;
use crate::exit::Failure;
use crate::github::Client;
use crate::settings::{FileSettings, PlatformSettings};
use crate::source::{Differences, History, Untouched};

/// What a run is about.
pub(crate) struct Matter<T> {
    /// Settings and flow files.
    pub(crate) inputs: Inputs,
    /// The side before the change.
    pub(crate) base: Option<CommitSha>,
    /// The merges that a push consists of.
    pub(crate) merges: Merges,
    /// Settings of single files, see [`Input::own_settings`].
    pub(crate) own_settings: BTreeMap<RepoPath, Arc<Settings>>,
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

/// Finds out what the run is about. Before the flow files are read, `meanwhile` may start what takes time.
pub(crate) async fn gather<T>(
    job: &Job<'_>,
    github: Option<&Client>,
    question: Question,
    untouched: Untouched,
    meanwhile: impl FnOnce(&PlatformSettings, &Differences) -> Result<T, Failure>,
) -> Result<Matter<T>, Failure> {
    let place = job.place()?;
    // What a stranger proposes is looked at as data: not even its commits are taken from the work tree's git.
    let is_target = matches!(job.event, Event::PullRequestTarget(_));
    let root = (!is_target).then_some(place.root);
    let mut history = History::open(root.as_deref(), &job.world.environment, github);
    let checked_out = history.head();
    let mut finder = Finder {
        job,
        github,
        history: &mut history,
        checked_out: checked_out.clone(),
    };
    let mut trees = finder.trees(question).await?;
    if let Some(revision) = &job.args.base {
        let base = history.named(revision).ok_or_else(|| {
            Failure::usage(format!("git knows no revision `{revision}`"))
                .hint("leave `base` empty: the event says what to compare with")
        })?;
        trees.base = Some(Base {
            name: revision.clone(),
            id: base,
            left_at: None,
        });
        trees.unknown_base = None;
    }
    let file = settings::of_commit(job, trees.settings_commit(), &mut history).await?;
    let typed = Typed {
        untouched,
        ..Typed::of(&job.args.tenant)
    };
    let asked = Asked {
        job,
        github,
        question,
        typed: &typed,
        today: SystemClock.today(),
    };
    let (inputs, of_commits, begun) =
        Inputs::of_commits(&asked, &file, &mut history, &trees, meanwhile).await?;
    let OfCommits {
        policy,
        merges,
        own_settings,
    } = of_commits;
    let mut inputs = inputs;
    if question == Question::Proposal {
        inputs.terms.review.plan.publishes_nothing = trees::publishes_nothing(job, &file).await;
    }
    inputs.terms.review.rules.redactor = job.world.redactor();
    Ok(Matter {
        inputs,
        file,
        policy: match (question, trees.settings) {
            (Question::Proposal, SettingsOf::Base) => policy,
            _ => Vec::new(),
        },
        base: trees.base.map(|base| base.id),
        merges,
        own_settings,
        checked_out,
        root,
        begun,
    })
}
