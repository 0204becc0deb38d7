//! The comment that stays: one on a pull request for each kind and target, written anew in place.
//!
//! What it says is made elsewhere and is safe to show. Here is decided whether to write at all, and over what.

mod marker;
mod reviewed;

use flowgate_core::ids::CommitSha;

use crate::github::{Account, COMMENT_LIMIT, Client, Comment, GitHubError};

pub use marker::{Kind, Marker};
pub use reviewed::Reviewed;

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

/// How often this run may still write to GitHub, over all its comments.
#[derive(Debug)]
pub struct Writes(u8);

impl Default for Writes {
    fn default() -> Self {
        Self(3)
    }
}

impl Writes {
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
    /// The token may not.
    #[error("no comment on pull request #{pull}: the job lacks `permissions: {permission}`")]
    Denied {
        /// The pull request.
        pull: u64,
        /// What is missing.
        permission: &'static str,
        /// What GitHub said.
        source: GitHubError,
    },
    /// GitHub did not do it.
    #[error("no comment on pull request #{pull}")]
    GitHub {
        /// The pull request.
        pull: u64,
        /// What GitHub said.
        source: GitHubError,
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
    /// A run writes three times at most.
    #[error("no more comments in this run: it has written three times")]
    TooManyWrites,
}

/// Makes the comment on this pull request say what it should.
pub async fn publish(
    github: &Client,
    pull: u64,
    marker: &Marker,
    wish: Wish<'_>,
    writes: &mut Writes,
) -> Result<Outcome, StickyError> {
    let body = marker.over(wish.visible());
    let length = body.chars().count();
    if length > COMMENT_LIMIT {
        return Err(StickyError::TooLong { pull, length });
    }
    let mut run = Run {
        github,
        pull,
        marker,
        body,
        writes,
        me: None,
    };
    run.publish(wish).await
}

/// What the check's comment on this pull request showed last; nothing where there is none of ours.
pub async fn reviewed(github: &Client, pull: u64, target: &str) -> Result<Reviewed, StickyError> {
    let all = github
        .comments(pull)
        .await
        .map_err(|error| failed(pull, error))?;
    let marked: Vec<Comment> = all
        .into_iter()
        .filter(|comment| {
            Marker::of(&comment.body)
                .is_some_and(|marker| marker.kind == Kind::Check && marker.target == target)
        })
        .collect();
    if marked.is_empty() {
        return Ok(Reviewed::default());
    }
    let me = github.whoami().await.map_err(|error| failed(pull, error))?;
    let is_ours = |comment: &Comment| comment.author.as_ref().is_some_and(|author| author.is(&me));
    let ours = marked.into_iter().find(is_ours);
    Ok(ours.map_or_else(Reviewed::default, |comment| Reviewed::read(&comment.body)))
}

struct Run<'a> {
    github: &'a Client,
    pull: u64,
    marker: &'a Marker,
    body: String,
    writes: &'a mut Writes,
    me: Option<Account>,
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
        if let Some((_, comment)) = ours.next() {
            if marker::visible(&comment.body) == marker::visible(&self.body) {
                return Ok(Outcome::Unchanged(comment));
            }
            if let Some(outcome) = self.head_moved().await? {
                return Ok(outcome);
            }
            // Read again at the last moment: another run may have been here since the list was read.
            let again = self.github.comment(comment.id).await;
            if let Some(comment) = again.map_err(|error| self.failed(error))? {
                if let Some(outcome) = self.overtaken_by(&comment) {
                    return Ok(outcome);
                }
                let written = self.update(comment.id).await?;
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
            Created::Theirs(comment) => match self.overtaken_by(&comment) {
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
        let outcome = match self.overtaken_by(&first) {
            Some(newer) => newer,
            None => Outcome::Written(self.update(first.id).await?),
        };
        self.remove(created.id).await;
        Ok(outcome)
    }

    /// The comments that bear our kind and target and that we wrote, the lowest id first, as GitHub lists them. The marker
    /// alone proves nothing: anybody can write one.
    async fn ours(&mut self) -> Result<Vec<(Marker, Comment)>, StickyError> {
        let all = self.github.comments(self.pull).await;
        let mut marked: Vec<_> = all
            .map_err(|error| self.failed(error))?
            .into_iter()
            .filter_map(|comment| Some((Marker::of(&comment.body)?, comment)))
            .filter(|(marker, _)| marker.same_place(self.marker))
            .collect();
        if marked.is_empty() {
            return Ok(marked);
        }
        let me = match self.me.take() {
            Some(me) => me,
            None => self
                .github
                .whoami()
                .await
                .map_err(|error| self.failed(error))?,
        };
        marked.retain(|(_, comment)| comment.author.as_ref().is_some_and(|author| author.is(&me)));
        self.me = Some(me);
        Ok(marked)
    }

    /// A check speaks about the head of the pull request as it stands now; a deployment about what was merged.
    async fn head_moved(&self) -> Result<Option<Outcome>, StickyError> {
        if self.marker.kind == Kind::Deployment {
            return Ok(None);
        }
        let pull = self.github.pull_request(self.pull).await;
        let now = pull.map_err(|error| self.failed(error))?.head_sha;
        Ok((now != self.marker.head).then_some(Outcome::HeadMoved { now }))
    }

    fn overtaken_by(&self, comment: &Comment) -> Option<Outcome> {
        let theirs = Marker::of(&comment.body)?;
        theirs.overtakes(self.marker).then_some(Outcome::NewerRun {
            run: theirs.run,
            attempt: theirs.attempt,
        })
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

    fn failed(&self, source: GitHubError) -> StickyError {
        failed(self.pull, source)
    }
}

fn failed(pull: u64, source: GitHubError) -> StickyError {
    match source.missing_permission() {
        Some(permission) => StickyError::Denied {
            pull,
            permission,
            source,
        },
        None => StickyError::GitHub { pull, source },
    }
}
