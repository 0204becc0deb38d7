//! The way from flow files to a review: read, ask CXone, put together. What the check shows and what the deployment
//! applies both come from here.

mod open;
mod turns;

use std::collections::BTreeSet;

use flowgate_core::finding::Finding;
use flowgate_core::flow::native;
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::order::Provenances;
use flowgate_core::parallel;
use flowgate_core::plan::Touch;
use flowgate_core::review::{Assembly, FlowFile, Input, Judged, Review, Settings, Teller};

use crate::deadline::{Deadline, DeadlinePassed};
use crate::exit::{Ends, Exit};
use crate::source::{SourceError, Sources, When};
use crate::threads::{USUAL_BYTES, workers};

use open::{Threads, open};
pub use turns::{Turn, Turns};

/// Which flows CXone is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Those that the change touches, or that somebody asked about.
    Touched,
    /// All: a deployment heals what an earlier one missed.
    All,
}

impl Ask {
    /// All where they are no more than this, else those that the change touches: what merging would heal besides.
    pub fn up_to(most: usize, sources: &Sources) -> Self {
        // A flow that was not read is not asked about.
        if sources.bystanders.is_empty() && sources.head.len() <= most {
            Ask::All
        } else {
            Ask::Touched
        }
    }

    /// How many files hold flows that are asked about.
    pub fn count(self, sources: &Sources) -> usize {
        match self {
            Ask::All => sources.head.len(),
            Ask::Touched => {
                let asked = sources.asked.union(&sources.covered);
                let touched: BTreeSet<&RepoPath> = sources.changed.iter().chain(asked).collect();
                touched
                    .into_iter()
                    .filter(|path| sources.head.contains(*path))
                    .count()
            }
        }
    }

    fn is_about(self, file: &FlowFile) -> bool {
        self == Ask::All || file.touch != Touch::Untouched
    }
}

/// Why there is no review.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A file could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The run's time was over first.
    #[error(transparent)]
    Late(#[from] DeadlinePassed),
}

impl Ends for PipelineError {
    fn exit(&self) -> Exit {
        match self {
            PipelineError::Source(error) => error.exit(),
            PipelineError::Late(error) => error.exit(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            PipelineError::Source(error) => error.hint(),
            PipelineError::Late(error) => error.hint(),
        }
    }
}

/// What is under way where flows are looked at, for [`Deadline::holds`].
const READING: &str = "flows were read and judged";

/// The files of a change, all of them read; CXone is not asked yet.
pub fn read(sources: Sources, deadline: &Deadline) -> Result<Input, PipelineError> {
    let paths: Vec<&RepoPath> = sources.head.union(&sources.base).collect();
    let threads = Threads::of(&sources, &paths);
    deadline.watch_over(threads.bytes);
    let open = |path: &RepoPath| -> Result<_, PipelineError> {
        deadline.holds(READING)?;
        Ok(open(&sources, path, threads.for_sides)?)
    };
    let files = parallel::map(threads.for_files, paths, open);
    let files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
    let input = Input {
        files,
        ..Input::default()
    };
    Ok(besides_files(sources, input))
}

/// The review of a change that CXone is not asked about; `policy` are the changed files that say what a change may do.
pub fn review_one_by_one(
    sources: Sources,
    policy: Vec<RepoPath>,
    settings: &Settings,
    deadline: &Deadline,
    teller: &dyn Teller,
) -> Result<Review, PipelineError> {
    let mut turns = Turns::new(sources, settings, deadline, teller);
    turns.judge_unasked()?;
    Ok(turns.conclude(
        Input {
            policy,
            ..Input::default()
        },
        &Provenances::new(),
    ))
}

/// The findings of all flows as the change leaves them, each judged by itself as a whole, whatever the change touches.
pub fn findings_of_all(
    sources: &Sources,
    settings: &Settings,
    deadline: &Deadline,
    teller: &dyn Teller,
) -> Result<Vec<Finding>, PipelineError> {
    let nothing = Input::default();
    let assembly = Assembly::new(&nothing, settings);
    let paths: Vec<&RepoPath> = sources
        .head
        .iter()
        .chain(sources.bystanders.keys())
        .collect();
    deadline.watch_over(paths.len() * USUAL_BYTES);
    let judge = |path: &RepoPath| -> Result<_, PipelineError> {
        deadline.holds(READING)?;
        let content = sources.texts.read(When::After, path)?;
        let reading = native::read(path.clone(), content);
        let file = FlowFile {
            path: path.clone(),
            base: Some(reading.clone()),
            head: Some(reading),
            touch: Touch::Asked,
        };
        let mut judged = assembly.judge(&file, None);
        judged.let_go(teller);
        Ok(judged)
    };
    let threads = workers(paths.len() * USUAL_BYTES);
    let judged = parallel::map(threads, paths, judge);
    let judged = judged.into_iter().collect::<Result<Vec<_>, _>>()?;
    deadline.holds(READING)?;
    let mut findings = assembly.conclude(judged, &Provenances::new()).findings;
    // What the change brings is told by its review.
    for finding in &mut findings {
        finding.existing = true;
    }
    Ok(findings)
}

/// What the files of a change say besides what stands in them.
fn besides_files(sources: Sources, input: Input) -> Input {
    Input {
        commit: sources.commit,
        bystanders: sources.bystanders,
        unread: sources.unread,
        unknown_base: sources.unknown_base,
        notes: sources.unseen,
        ..input
    }
}

/// The flows that CXone is to be asked about.
pub fn flows(input: &Input, ask: Ask) -> Vec<FlowId> {
    let files = input.files.iter().filter(|file| ask.is_about(file));
    let ids: BTreeSet<&FlowId> = files
        .filter_map(|file| file.head.as_ref()?.flow.as_ref()?.id())
        .collect();
    ids.into_iter().cloned().collect()
}

/// The review of what was read, made on all cores.
pub fn review(
    input: &Input,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<Review, DeadlinePassed> {
    let judged = judge(input, settings, deadline)?;
    Ok(conclude(input, settings, judged, &Provenances::new()))
}

/// What is found out about each file by itself, on all cores; [`conclude`] says what they come to.
pub fn judge(
    input: &Input,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<Vec<Judged>, DeadlinePassed> {
    let bytes = size(input);
    deadline.watch_over(bytes);
    let judged = Assembly::new(input, settings).judge_all(workers(bytes));
    deadline.holds(READING)?;
    judged.ok_or_else(|| deadline.passed(READING))
}

/// Judges those files again that `input` has settings of their own for by now.
pub fn judge_again(
    input: &Input,
    settings: &Settings,
    judged: &mut [Judged],
    deadline: &Deadline,
) -> Result<(), DeadlinePassed> {
    let assembly = Assembly::new(input, settings);
    for file in &input.files {
        if input.own_settings.contains_key(&file.path)
            && file.touch == Touch::Untouched
            && let Some(place) = judged.iter_mut().find(|it| it.path() == &file.path)
        {
            // An untouched flow stood where it stands.
            *place = assembly.judge(file, None);
            deadline.holds(READING)?;
        }
    }
    Ok(())
}

/// What all of it comes to, once it is known where what is to be written comes from.
pub fn conclude(
    input: &Input,
    settings: &Settings,
    judged: Vec<Judged>,
    provenances: &Provenances,
) -> Review {
    Assembly::new(input, settings).conclude(judged, provenances)
}

fn size(input: &Input) -> usize {
    let readings = input.files.iter().filter_map(|file| file.head.as_ref());
    readings.map(|reading| reading.source.as_str().len()).sum()
}
