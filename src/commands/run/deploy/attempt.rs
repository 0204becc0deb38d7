//! A deployment that ended before it wrote anything to CXone: the pull requests of the merge are told so, and why.

use flowgate_core::ids::CommitSha;
use flowgate_core::redact::Redactor;
use flowgate_core::report::result::WayBack;

use super::super::told::Told;
use super::allowed::Allowed;
use super::{PATIENCE, commented};
use crate::change::Job;
use crate::cli::CommentChoice;
use crate::event::Event;
use crate::exit::Failure;
use crate::github;
use crate::output::Output;
use crate::services::pulls;
use crate::services::results::{Results, Written};

/// What a deployment knew of itself when it ended.
#[derive(Default)]
pub(super) struct Attempt {
    /// What the gate found out.
    asked: Option<Asked>,
    /// The plan was carried out: what became of it is told elsewhere.
    pub(super) carried_out: bool,
}

struct Asked {
    pull: Option<u64>,
    commit: Option<CommitSha>,
    /// Globs of the flow files.
    flows: Vec<String>,
}

/// Tells of a deployment that ended before anybody knew what it is about.
pub(in crate::commands::run) async fn tell_of(
    job: &Job<'_>,
    failure: &Failure,
    redactor: &Redactor,
    told: &mut Told,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let attempt = Attempt::default();
    attempt.tell(job, failure, redactor, told, output).await
}

impl Attempt {
    /// Keeps what the gate was told and found out.
    pub(super) fn learned(
        &mut self,
        allowed: &Allowed,
        commit: Option<&CommitSha>,
        flows: &[String],
    ) {
        self.asked = Some(Asked {
            pull: allowed.pull,
            commit: commit.cloned(),
            flows: flows.to_vec(),
        });
    }

    /// Tells the pull requests of the merge that nothing of them was deployed, and why.
    pub(super) async fn tell(
        &self,
        job: &Job<'_>,
        failure: &Failure,
        redactor: &Redactor,
        told: &mut Told,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let is_off = job.args.comment == Some(CommentChoice::Off);
        if is_off || job.args.dry_run.asked() || self.carried_out {
            return Ok(());
        }
        let mut written = Written::default();
        let time = tokio::time::timeout(PATIENCE, self.write(job, failure, redactor, &mut written));
        if time.await.is_err() {
            let note = "not every comment was written: the time was up";
            written.notes.push(note.to_owned());
        }
        commented(written, redactor, told, output)
    }

    async fn write(
        &self,
        job: &Job<'_>,
        failure: &Failure,
        redactor: &Redactor,
        written: &mut Written,
    ) {
        // Without a token nobody can be told; the summary has it.
        let Ok(Some(github)) = job.github() else {
            return;
        };
        let commit = self.asked.as_ref().and_then(|asked| asked.commit.as_ref());
        let commit = commit.or(match job.event {
            Event::Push(push) => push.after.as_ref(),
            Event::PullRequest(pull) => pull.merge_commit.as_ref(),
            _ => job.context.sha.as_ref(),
        });
        let Some(commit) = commit else {
            return;
        };
        let default = job.context.repository.default_branch.as_deref();
        let Some(branch) = job.branch.name().or(default) else {
            return;
        };
        // What is pushed elsewhere, or lies in a pull request yet, was not to be deployed.
        let is_merge = match job.event {
            Event::Push(push) => push.reference.strip_prefix("refs/heads/") == Some(branch),
            Event::PullRequest(pull) => pull.merged && pull.base_ref == branch,
            Event::Dispatch(_) => true,
            _ => false,
        };
        if !is_merge {
            return;
        }
        let known = match (&self.asked, job.event) {
            (_, Event::PullRequest(pull)) => Some(pull.number),
            (Some(asked), _) => asked.pull,
            (None, _) => {
                let repository = job.context.repository.id;
                let asked = github::merged_as(&github, commit, branch, repository).await;
                asked.unwrap_or_else(|error| {
                    written.notes.push(format!(
                        "which pull request was merged is not known: {}",
                        error.told()
                    ));
                    None
                })
            }
        };
        let mut pulls = pulls::find(job, &github, known, branch).await;
        let mut why: Vec<String> = failure.error.chain().map(ToString::to_string).collect();
        why.extend(failure.hint.clone());
        let results = Results {
            job,
            github: &github,
            redactor,
            commit,
            audit_head: None,
            way_back: WayBack::ByHand,
        };
        let flows = self.asked.as_ref().map(|asked| asked.flows.as_slice());
        results.of_nothing(&mut pulls, &why, flows, written).await;
        written.notes.extend(pulls.notes);
    }
}
