//! The comment that stays: one on a pull request for each kind and target, written anew in place.
//!
//! What it says is made elsewhere and is safe to show. Here is decided whether to write at all, and over what.

mod ended;
mod marker;
mod reviewed;

use std::collections::BTreeSet;

use flowgate_core::ids::CommitSha;

use crate::github::{self, Account, COMMENT_LIMIT, Client, Comment, GitHubError};

pub use ended::Ended;
pub use marker::{Kind, Marker};
pub use reviewed::{Reviewed, Seen};

/// What the reader should see.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// This.
    Show(&'a str),
    /// This, but only in place of what is there: a pull request that touches no flow gets no comment.
    Replace(&'a str),
}

impl<'a> Wish<'a> {
    fn visible(self) -> &'a str {
        match self {
            Wish::Show(text) | Wish::Replace(text) => text,
        }
    }
}

/// Where a comment stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The pull request.
    pub pull: u64,
    /// Where its head stood before the push that started this run: GitHub may still name it for a moment.
    pub before: Option<&'a CommitSha>,
    /// The file of the workflow that runs: what another one wrote is not measured by numbers of runs. `None` where it is
    /// not told.
    pub workflow: Option<&'a str>,
}

impl From<u64> for Place<'_> {
    fn from(pull: u64) -> Self {
        Self {
            pull,
            before: None,
            workflow: None,
        }
    }
}

/// How often this run may still write to GitHub, over all its comments.
#[derive(Debug)]
pub struct Writes(u8);

impl Default for Writes {
    fn default() -> Self {
        Self(3)
    }
}

impl Writes {
    /// For comments on so many pull requests: one after the other, and no more in all than GitHub takes in a minute.
    pub fn on(pulls: usize) -> Self {
        let most = u8::try_from(pulls.saturating_mul(3)).unwrap_or(u8::MAX);
        Self(most.clamp(3, 60))
    }

    fn take(&mut self) -> Result<(), StickyError> {
        self.0 = self.0.checked_sub(1).ok_or(StickyError::TooManyWrites)?;
        Ok(())
    }
}

/// What became of the wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stands there now.
    Written(Comment),
    /// It stood there before; nothing was written.
    Unchanged(Comment),
    /// There is no comment and none is needed.
    NotNeeded,
    /// The pull request has moved on; its next run writes.
    HeadMoved {
        /// Where it stands now.
        now: CommitSha,
    },
    /// A newer run has written.
    NewerRun {
        /// Its number.
        run: u64,
        /// Its attempt.
        attempt: u64,
    },
}

/// Why the comment is not there. Never a reason for another exit code.
#[derive(Debug, thiserror::Error)]
pub enum StickyError {
    /// GitHub did not do it.
    #[error("no comment on pull request #{pull}: {}", why.told())]
    GitHub {
        /// The pull request.
        pull: u64,
        /// What GitHub said.
        why: GitHubError,
    },
    /// GitHub would refuse it.
    #[error(
        "no comment on pull request #{pull}: its {length} characters are more than the {COMMENT_LIMIT} that GitHub takes"
    )]
    TooLong {
        /// The pull request.
        pull: u64,
        /// How many there are, marker included.
        length: usize,
    },
    /// A run writes so many times and no more.
    #[error("no more comments in this run: it has written as often as it may")]
    TooManyWrites,
}

/// Makes the comment on this pull request say what it should.
pub async fn publish<'a>(
    github: &'a Client,
    place: impl Into<Place<'a>>,
    marker: &'a Marker,
    wish: Wish<'_>,
    writes: &'a mut Writes,
) -> Result<Outcome, StickyError> {
    let place = place.into();
    let pull = place.pull;
    let body = marker.over(wish.visible());
    let length = body.chars().count();
    if length > COMMENT_LIMIT {
        return Err(StickyError::TooLong { pull, length });
    }
    let mut run = Run {
        github,
        pull,
        before: place.before,
        workflow: place.workflow,
        marker,
        body,
        writes,
        me: None,
        others: Vec::new(),
    };
    let outcome = run.publish(wish).await?;
    if let Outcome::Written(_) | Outcome::Unchanged(_) = &outcome {
        run.hide_outdated().await;
    }
    Ok(outcome)
}

/// The comments of ours on this pull request of this kind and target, the oldest first; of all jobs of a matrix.
pub async fn standing(
    github: &Client,
    pull: u64,
    kind: Kind,
    target: &str,
) -> Result<Vec<(Marker, Comment)>, StickyError> {
    let is_it = |marker: &Marker| marker.kind == kind && marker.target == target;
    let mut marked = marked(github, pull, is_it).await?;
    if !marked.is_empty() {
        let me = whoami(github).await;
        marked.retain(|(_, comment)| is_by(comment, &me));
    }
    // Of each job the one that its runs write over; what stands further down nobody of ours has left there.
    let mut jobs = BTreeSet::new();
    marked.retain(|(marker, _)| jobs.insert(marker.job));
    Ok(marked)
}

/// What the check's comments on this pull request showed last; nothing where there is none of ours.
pub async fn reviewed(github: &Client, pull: u64, target: &str) -> Result<Reviewed, StickyError> {
    let ours = standing(github, pull, Kind::Check, target).await?;
    let shown = ours
        .iter()
        .map(|(_, comment)| Reviewed::read(&comment.body));
    Ok(shown.fold(Reviewed::default(), Reviewed::and))
}

/// The comments that bear such a marker, whoever wrote them.
async fn marked(
    github: &Client,
    pull: u64,
    is_it: impl Fn(&Marker) -> bool,
) -> Result<Vec<(Marker, Comment)>, StickyError> {
    let all = github.comments(pull).await;
    let all = all.map_err(|why| StickyError::GitHub { pull, why })?;
    Ok(all
        .into_iter()
        .filter_map(|comment| Some((Marker::of(&comment.body)?, comment)))
        .filter(|(marker, _)| is_it(marker))
        .collect())
}

/// Whose token this is. Where GitHub cannot say, most likely the job's own: whoever it is learns better by what it writes.
async fn whoami(github: &Client) -> Account {
    github.whoami().await.unwrap_or_else(|error| {
        tracing::info!(%error, "it is taken to be the job's own token");
        Account::actions_bot()
    })
}

fn is_by(comment: &Comment, account: &Account) -> bool {
    let author = comment.author.as_ref();
    author.is_some_and(|author| author.is(account))
}

struct Run<'a> {
    github: &'a Client,
    pull: u64,
    before: Option<&'a CommitSha>,
    /// See [`Place`].
    workflow: Option<&'a str>,
    marker: &'a Marker,
    body: String,
    writes: &'a mut Writes,
    me: Option<Account>,
    /// Comments with the same marker that somebody else wrote.
    others: Vec<(Marker, Comment)>,
}

/// What stands there after an attempt to create.
enum Created {
    /// What this run wrote.
    Ours(Comment),
    /// What another run wrote in the meantime; ours is not there.
    Theirs(Comment),
}

impl Run<'_> {
    async fn publish(&mut self, wish: Wish<'_>) -> Result<Outcome, StickyError> {
        let mut ours = self.ours().await?.into_iter();
        if let Some((there, comment)) = ours.next() {
            if marker::visible(&comment.body) == marker::visible(&self.body) {
                // What somebody hid because of an earlier push holds for this one, too.
                if there.head != self.marker.head {
                    self.show_again(&comment).await;
                }
                return Ok(Outcome::Unchanged(comment));
            }
            if let Some(outcome) = self.head_moved().await? {
                return Ok(outcome);
            }
            // Read again at the last moment: another run may have been here since the list was read.
            let again = self.github.comment(comment.id).await;
            if let Some(comment) = again.map_err(|error| self.failed(error))? {
                if let Some(outcome) = self.overtaken_by(&comment).await {
                    return Ok(outcome);
                }
                let written = self.update(comment.id).await?;
                self.show_again(&written).await;
                for (_, second) in ours {
                    self.remove(second.id).await;
                }
                return Ok(Outcome::Written(written));
            }
        }
        if matches!(wish, Wish::Replace(_)) {
            return Ok(Outcome::NotNeeded);
        }
        if let Some(outcome) = self.head_moved().await? {
            return Ok(outcome);
        }
        match self.create().await? {
            Created::Ours(comment) => self.settle(comment).await,
            Created::Theirs(comment) => match self.overtaken_by(&comment).await {
                Some(newer) => Ok(newer),
                None => Ok(Outcome::Written(self.update(comment.id).await?)),
            },
        }
    }

    /// Two runs may both have found nothing and created: the lowest id stays.
    async fn settle(&mut self, created: Comment) -> Result<Outcome, StickyError> {
        let Ok(all) = self.ours().await else {
            // The comment is there; a second one, if there is any, is for the next run.
            return Ok(Outcome::Written(created));
        };
        let Some((_, first)) = all.into_iter().next().filter(|(_, c)| c.id < created.id) else {
            return Ok(Outcome::Written(created));
        };
        let outcome = match self.overtaken_by(&first).await {
            Some(newer) => newer,
            None => Outcome::Written(self.update(first.id).await?),
        };
        self.remove(created.id).await;
        Ok(outcome)
    }

    /// The comments that bear our kind and target and that we wrote, the lowest id first, as GitHub lists them. The marker
    /// alone proves nothing: anybody can write one.
    async fn ours(&mut self) -> Result<Vec<(Marker, Comment)>, StickyError> {
        let is_it = |marker: &Marker| marker.same_place(self.marker);
        let all = marked(self.github, self.pull, is_it).await?;
        if all.is_empty() {
            return Ok(all);
        }
        let me = match self.me.take() {
            Some(me) => me,
            None => whoami(self.github).await,
        };
        let (ours, others) = all
            .into_iter()
            .partition(|(_, comment)| is_by(comment, &me));
        (self.me, self.others) = (Some(me), others);
        Ok(ours)
    }

    /// Somebody may have hidden the comment: what is new has to be seen. What fails here is for a person.
    async fn show_again(&mut self, comment: &Comment) {
        let is_hidden = match self.github.is_hidden(comment).await {
            Ok(is_hidden) => is_hidden,
            Err(error) => {
                tracing::info!(%error, "whether somebody hid the comment is not known");
                return;
            }
        };
        if is_hidden
            && self.writes.take().is_ok()
            && let Err(error) = self.github.show(comment).await
        {
            tracing::warn!(%error, "the comment stays hidden");
        }
    }

    /// What an app wrote with another token about an earlier head would contradict what stands there now. A person's
    /// comment is never touched: anybody can write a marker.
    async fn hide_outdated(&mut self) {
        let outdated = std::mem::take(&mut self.others).into_iter();
        let outdated = outdated.filter(|(marker, comment)| {
            let author = comment.author.as_ref();
            marker.head != self.marker.head && author.is_some_and(Account::is_app)
        });
        for (_, comment) in outdated {
            if self.github.is_hidden(&comment).await.unwrap_or(true) || self.writes.take().is_err()
            {
                continue;
            }
            if let Err(error) = self.github.hide(&comment).await {
                tracing::warn!(%error, "an outdated comment under another token's name stays");
            }
        }
    }

    /// A check speaks about the head of the pull request as it stands now; a deployment about what was merged.
    async fn head_moved(&self) -> Result<Option<Outcome>, StickyError> {
        if self.marker.kind == Kind::Deployment {
            return Ok(None);
        }
        let mut waits = self.github.settle();
        loop {
            let pull = self.github.pull_request(self.pull).await;
            let now = pull.map_err(|error| self.failed(error))?.head_sha;
            if now == self.marker.head {
                return Ok(None);
            }
            // GitHub may know of the push that started this run a moment later; or somebody took it back.
            match waits.next().filter(|_| self.before == Some(&now)) {
                Some(wait) => self.github.sleep(wait).await,
                None => return Ok(Some(Outcome::HeadMoved { now })),
            }
        }
    }

    /// Whether a newer run has written this. The words of a comment prove nothing, even where its author is the one of
    /// this token: any workflow of the repository writes under that name, at times what a stranger gave it to write. So
    /// GitHub is asked for the run.
    async fn overtaken_by(&self, comment: &Comment) -> Option<Outcome> {
        let theirs = Marker::of(&comment.body)?;
        let newer = theirs.overtakes(self.marker) && self.is_of_its_run(&theirs).await;
        newer.then_some(Outcome::NewerRun {
            run: theirs.run,
            attempt: theirs.attempt,
        })
    }

    async fn is_of_its_run(&self, theirs: &Marker) -> bool {
        let run = match self.github.run(theirs.run).await {
            Ok(Some(run)) => run,
            Ok(None) => return false,
            Err(error) => {
                tracing::info!(%error, run = theirs.run, "whether a newer run has written the comment is not known");
                // What this run has to say counts for more than what nobody vouches for; that it did nothing does not.
                return self.marker.is_yielding();
            }
        };
        if theirs.attempt > run.attempt {
            return false;
        }
        // A deployment and what takes it back write on one comment; no stranger starts a run by hand.
        if theirs.kind == Kind::Deployment && run.by_hand {
            return true;
        }
        let is_ours = match (&run.workflow, self.workflow) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        };
        is_ours && self.is_about(&run, theirs).await
    }

    /// Whether a run is for the commit that its marker names: a run for a pull request that was merged has its head.
    async fn is_about(&self, run: &github::Run, theirs: &Marker) -> bool {
        if run.head == theirs.head || theirs.kind == Kind::Check {
            return run.head == theirs.head;
        }
        let pulls = self.github.pull_requests_of(&theirs.head).await;
        let made = |pull: github::PullRequest| {
            pull.merged
                && pull.head_sha == run.head
                && pull.merge_commit.as_ref() == Some(&theirs.head)
        };
        pulls.is_ok_and(|pulls| pulls.into_iter().any(made))
    }

    async fn create(&mut self) -> Result<Created, StickyError> {
        for last in [false, true] {
            self.writes.take()?;
            let error = match self.github.create_comment(self.pull, &self.body).await {
                Ok(comment) => {
                    self.me.clone_from(&comment.author);
                    return Ok(Created::Ours(comment));
                }
                Err(error) => error,
            };
            if !error.may_have_happened() {
                return Err(self.failed(error));
            }
            // It may be there all the same: look before writing again.
            let mut ours = self.ours().await?;
            if let Some(place) = ours.iter().position(|(marker, _)| marker == self.marker) {
                return Ok(Created::Ours(ours.swap_remove(place).1));
            }
            if let Some((_, theirs)) = ours.into_iter().next() {
                return Ok(Created::Theirs(theirs));
            }
            if last {
                return Err(self.failed(error));
            }
        }
        Err(StickyError::TooManyWrites)
    }

    async fn update(&mut self, id: u64) -> Result<Comment, StickyError> {
        for last in [false, true] {
            self.writes.take()?;
            let error = match self.github.update_comment(id, &self.body).await {
                Ok(comment) => return Ok(comment),
                Err(error) => error,
            };
            if !error.may_have_happened() {
                return Err(self.failed(error));
            }
            let stored = self.github.comment(id).await.ok().flatten();
            if let Some(stored) = stored.filter(|stored| stored.body == self.body) {
                return Ok(stored);
            }
            if last {
                return Err(self.failed(error));
            }
        }
        Err(StickyError::TooManyWrites)
    }

    /// Takes a second comment away. What fails here is for the next run: the first comment stands.
    async fn remove(&mut self, id: u64) {
        if self.writes.take().is_ok()
            && let Err(error) = self.github.delete_comment(id).await
        {
            tracing::info!(%error, "a second comment stays until the next run");
        }
    }

    fn failed(&self, why: GitHubError) -> StickyError {
        StickyError::GitHub {
            pull: self.pull,
            why,
        }
    }
}
