//! Which two commits a run compares, and whose settings hold: the one answer for every event.
//!
//! What merging would do is told by GitHub's own trial merge wherever one can be had. A merge commit that the author of a
//! pull request made is never taken for it: only the commits that GitHub names are.

use flowgate_core::ids::CommitSha;
use flowgate_core::rules::{Instead, UnknownBase};

use super::branch;
use super::job::{DeployBranch, Job};
use super::merged::before_merge;
use crate::event::{Event, PullRequest, Push};
use crate::exit::Failure;
use crate::github::{Client, ErrorKind, GitHubError};
use crate::settings::FileSettings;
use crate::source::{History, HistoryError};

/// What a run asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// What merging would do.
    Proposal,
    /// What a merge brought.
    Merge,
    /// The branch as it stands.
    Tip,
}

/// Two commits, and whose settings hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trees {
    /// The side after.
    pub(crate) head: CommitSha,
    /// The side before; `None` where there is none.
    pub(crate) base: Option<Base>,
    /// Why there is none, where nobody can say what it is.
    pub(crate) unknown_base: Option<UnknownBase>,
    /// Whose settings hold.
    pub(crate) settings: SettingsOf,
    /// What a reader should know about how they were found: one sentence each.
    pub(crate) notes: Vec<String>,
}

/// The side before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    /// As a person would call it.
    pub(crate) name: String,
    /// Which commit.
    pub(crate) id: CommitSha,
    /// Where the side after left this one's branch, if that is another commit: files that only the branch has changed
    /// since are no part of the change.
    pub(crate) left_at: Option<CommitSha>,
}

impl Base {
    fn new(name: impl Into<String>, id: CommitSha) -> Self {
        Self {
            name: name.into(),
            id,
            left_at: None,
        }
    }
}

/// The side whose settings hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingsOf {
    /// The side before: a change cannot excuse itself.
    Base,
    /// The side after.
    Head,
}

impl Trees {
    /// The commit whose settings hold.
    pub(crate) fn settings_commit(&self) -> &CommitSha {
        match (self.settings, &self.base) {
            (SettingsOf::Base, Some(base)) => &base.id,
            _ => &self.head,
        }
    }
}

/// Finds the two commits of an event.
pub(super) struct Finder<'f, 'h> {
    pub(super) job: &'f Job<'f>,
    pub(super) github: Option<&'f Client>,
    pub(super) history: &'f mut History<'h>,
    /// HEAD of the checkout, read from git.
    pub(super) checked_out: Option<CommitSha>,
}

impl Finder<'_, '_> {
    /// The two commits that answer a question.
    pub(super) async fn trees(&mut self, question: Question) -> Result<Trees, Failure> {
        match (self.job.event, question) {
            (Event::PullRequest(pull), _) if pull.action == "closed" => {
                self.merged_pull_request(pull).await
            }
            (
                Event::PullRequest(pull)
                | Event::PullRequestTarget(pull)
                | Event::OnPullRequest(_, pull),
                Question::Proposal,
            ) => Ok(self.proposal(pull).await?),
            (Event::MergeGroup(group), Question::Proposal) => Ok(Trees {
                head: group.head_sha.clone(),
                base: Some(Base::new(
                    branch_name(&group.base_ref),
                    group.base_sha.clone(),
                )),
                unknown_base: None,
                settings: SettingsOf::Base,
                notes: Vec::new(),
            }),
            (Event::Push(push), Question::Proposal) if !self.is_default_branch(&push.reference) => {
                self.branch(push.after.clone()).await
            }
            (Event::Push(push), Question::Merge | Question::Proposal) => self.push(push),
            (_, Question::Proposal) => self.branch(None).await,
            (_, Question::Merge | Question::Tip) => {
                let head = self.head(None)?;
                Ok(Trees {
                    base: Some(Base::new("the same commit", head.clone())),
                    head,
                    unknown_base: None,
                    settings: SettingsOf::Head,
                    notes: Vec::new(),
                })
            }
        }
    }

    /// What is checked out, else what the event or GitHub says.
    fn head(&self, said: Option<CommitSha>) -> Result<CommitSha, Failure> {
        let known = self.checked_out.clone().or(said);
        known
            .or_else(|| self.job.context.sha.clone())
            .ok_or_else(|| {
                Failure::usage("there is no commit to look at")
                    .hint("put `actions/checkout` before this step; where it has a `path`, name that folder in `working-directory`")
            })
    }

    fn is_default_branch(&self, reference: &str) -> bool {
        let default = self.job.context.repository.default_branch.as_deref();
        default.is_some() && reference.strip_prefix("refs/heads/") == default
    }

    /// The merge that a `closed` event tells of.
    async fn merged_pull_request(&mut self, pull: &PullRequest) -> Result<Trees, Failure> {
        let known = self.checked_out.clone().or(pull.merge_commit.clone());
        let head = known.unwrap_or_else(|| pull.head_sha.clone());
        let base = before_merge(pull, &head, self.history, self.github).await?;
        Ok(Trees {
            base: base.map(|base| Base::new("the commit before the merge", base)),
            head,
            unknown_base: None,
            settings: SettingsOf::Base,
            notes: Vec::new(),
        })
    }

    /// A push: settings from before it, as its pull requests were checked under them.
    fn push(&self, push: &Push) -> Result<Trees, Failure> {
        let Some(head) = self.checked_out.clone().or(push.after.clone()) else {
            return Err(Failure::usage(format!(
                "`{}` is gone: there is nothing to look at",
                push.reference
            )));
        };
        let before = push.before.clone();
        Ok(Trees {
            base: before.map(|base| Base::new("the commit before the push", base)),
            head,
            unknown_base: None,
            settings: SettingsOf::Base,
            notes: Vec::new(),
        })
    }

    /// A branch by itself, such as one that was pushed or that somebody started a check on: what it changed since it left
    /// the default branch; on the default branch, what its last commit changed.
    async fn branch(&mut self, said: Option<CommitSha>) -> Result<Trees, Failure> {
        let head = self.head(said)?;
        let default = self.job.context.repository.default_branch.clone();
        let tip = match &default {
            Some(default) => self.tip_of(default).await?,
            None => None,
        };
        let unknown_base = |why: String| {
            UnknownBase {
            why,
            hint: "say what to compare with: the input `base`; or give `actions/checkout` `fetch-depth: 0` and the step a token"
                .to_owned(),
            instead: Instead::Everything,
        }
        };
        let named = |default: &Option<String>| match default {
            Some(default) => format!("the default branch `{default}`"),
            None => "the default branch".to_owned(),
        };
        let mut unknown = match &tip {
            None => Some(unknown_base(format!(
                "where {} stands could not be found out",
                named(&default)
            ))),
            Some(_) => None,
        };
        let left = match &tip {
            Some(tip) => self.history.merge_base(tip, &head).await?,
            None => None,
        };
        let base = match left {
            Some(left) if left == head => {
                let parents = self.history.parents(&head).await?;
                let before = parents.into_iter().next();
                before.map(|before| Base::new("the commit before", before))
            }
            Some(left) => {
                let name = default.clone().unwrap_or_default();
                Some(Base::new(format!("where this branch left `{name}`"), left))
            }
            None => {
                let unrelated = || {
                    unknown_base(format!(
                        "no commit was found that this branch and {} have in common",
                        named(&default)
                    ))
                };
                unknown = unknown.or_else(|| Some(unrelated()));
                None
            }
        };
        Ok(Trees {
            head,
            base,
            unknown_base: unknown,
            settings: SettingsOf::Base,
            notes: Vec::new(),
        })
    }

    /// What merging the pull request would make, against what it would be merged into.
    async fn proposal(&mut self, pull: &PullRequest) -> Result<Trees, HistoryError> {
        let base = branch_name(&pull.base_ref);
        if let Some((trial, into)) = self.trial_merge(pull).await? {
            return Ok(Trees {
                head: trial,
                base: Some(Base::new(base, into)),
                unknown_base: None,
                settings: SettingsOf::Base,
                notes: Vec::new(),
            });
        }
        let tip = self.tip_of(&pull.base_ref).await?;
        let tip = tip.unwrap_or_else(|| pull.base_sha.clone());
        let left = self.history.merge_base(&tip, &pull.head_sha).await?;
        let mut notes = vec![format!(
            "the merge itself was not looked at: GitHub has no trial merge of {} into {base} yet; the files of the pull request were held against {base} as it stands",
            pull.head_sha.short()
        )];
        if self.has_conflicts(pull).await {
            notes.push(format!(
                "the pull request conflicts with {base}: resolve the conflicts, then look at this again"
            ));
        }
        Ok(Trees {
            head: pull.head_sha.clone(),
            base: Some(Base {
                left_at: left.filter(|left| *left != tip),
                ..Base::new(base, tip)
            }),
            unknown_base: None,
            settings: SettingsOf::Base,
            notes,
        })
    }

    /// GitHub's own trial merge of what is proposed now, with the commit that it merges into.
    async fn trial_merge(
        &mut self,
        pull: &PullRequest,
    ) -> Result<Option<(CommitSha, CommitSha)>, HistoryError> {
        // `pull_request_target` runs on the base branch: there `GITHUB_SHA` is no merge.
        let is_target = matches!(self.job.event, Event::PullRequestTarget(_));
        let named = self.job.context.sha.clone().filter(|_| !is_target);
        for trial in named.into_iter().chain(pull.merge_commit.clone()) {
            if let Some(into) = self.merges_into(&trial, pull).await? {
                return Ok(Some((trial, into)));
            }
        }
        let Some(github) = self.github else {
            return Ok(None);
        };
        let said = github.trial_merge(pull.number, &pull.head_sha).await;
        let attempted = "find the trial merge of the pull request";
        let Some(trial) = or_none(said, attempted)?.flatten() else {
            return Ok(None);
        };
        let into = self.merges_into(&trial, pull).await?;
        Ok(into.map(|into| (trial, into)))
    }

    /// The commit that a trial merge merges into; `None` where it is none of this head into this base branch.
    async fn merges_into(
        &mut self,
        trial: &CommitSha,
        pull: &PullRequest,
    ) -> Result<Option<CommitSha>, HistoryError> {
        let parents = match self.history.parents(trial).await {
            Ok(parents) => parents,
            // It is nowhere: it may be of a head that was thrown away.
            Err(error) if error.is_absence() => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok([into, merged]) = <[CommitSha; 2]>::try_from(parents) else {
            return Ok(None);
        };
        if merged != pull.head_sha {
            return Ok(None);
        }
        // Right after somebody chose another base branch, the trial may still be of the one before.
        let is_of_base = !pull.retargeted
            || into == pull.base_sha
            || self.tip_of(&pull.base_ref).await?.as_ref() == Some(&into);
        Ok(is_of_base.then_some(into))
    }

    /// Whether GitHub says that the pull request cannot be merged as it is.
    async fn has_conflicts(&self, pull: &PullRequest) -> bool {
        let Some(github) = self.github else {
            return false;
        };
        let now = github.pull_request(pull.number).await;
        now.is_ok_and(|now| now.head_sha == pull.head_sha && now.mergeable == Some(false))
    }

    /// Where a branch stands: as GitHub says it, else as the clone does.
    async fn tip_of(&mut self, branch: &str) -> Result<Option<CommitSha>, HistoryError> {
        let said = match self.github {
            Some(github) => {
                let said = github.branch_tip(branch).await;
                or_none(said, "find where the base branch stands")?.flatten()
            }
            None => None,
        };
        let local = format!("refs/remotes/origin/{branch}");
        Ok(said.or_else(|| self.history.local_commit(&local)))
    }
}

/// What GitHub said; `None` where it is not there, or this token may not see it.
fn or_none<T>(
    said: Result<T, GitHubError>,
    attempted: &'static str,
) -> Result<Option<T>, HistoryError> {
    match said {
        Ok(said) => Ok(Some(said)),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => Ok(None),
        Err(source) => Err(HistoryError::GitHub { attempted, source }),
    }
}

/// Why merging what is proposed publishes nothing: it goes into a branch that is not deployed. `None` where it is, or where
/// that cannot be told.
pub(super) async fn publishes_nothing(job: &Job<'_>, settings: &FileSettings) -> Option<String> {
    let into = match job.event {
        Event::PullRequest(pull)
        | Event::PullRequestTarget(pull)
        | Event::OnPullRequest(_, pull) => pull.base_ref.as_str(),
        Event::MergeGroup(group) => group.base_ref.strip_prefix("refs/heads/")?,
        _ => return None,
    };
    let default = job.context.repository.default_branch.as_deref()?;
    let deployed = if into == default {
        // The settings that hold are the default branch's own.
        let named = job.args.branch.deploy_branch.as_ref();
        let named = named.or(settings.deploy_branch.as_ref());
        named.map_or(default, String::as_str).to_owned()
    } else {
        match branch::find(job).await {
            Ok(DeployBranch::Is(branch)) => branch,
            Ok(DeployBranch::NotNamed { .. } | DeployBranch::Unknown) | Err(_) => return None,
        }
    };
    (into != deployed).then(|| {
        format!("merging into `{into}` publishes nothing: flows are deployed from `{deployed}`")
    })
}

fn branch_name(reference: &str) -> String {
    let name = reference.strip_prefix("refs/heads/").unwrap_or(reference);
    format!("`{name}`")
}
