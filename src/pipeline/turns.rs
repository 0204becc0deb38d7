//! A review whose files are looked at a few at a time: read, asked about, judged, told of and let go, so that it takes no
//! more memory than the flows that are in flight.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use flowgate_core::flow::Flow;
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::order::Provenances;
use flowgate_core::parallel;
use flowgate_core::review::{
    Assembly, FlowFile, FlowReview, Input, Judged, Review, Settings, Teller,
};

use super::{PipelineError, READING, Threads, besides_files, open};
use crate::deadline::Deadline;
use crate::source::Sources;

/// A review that is being made.
pub struct Turns<'a> {
    sources: Sources,
    settings: &'a Settings,
    deadline: &'a Deadline,
    teller: &'a dyn Teller,
    threads: Threads,
    /// Files in which a flow stood before, the last one first: where else a flow stood is known once they have been seen.
    old: Vec<RepoPath>,
    /// All others, and those in which another flow stands now.
    new: Vec<RepoPath>,
    stood_in: BTreeMap<FlowId, RepoPath>,
    judged: Vec<Judged>,
}

/// A few files of a change, read.
pub struct Turn {
    /// The files, and what is said about their flows.
    pub input: Input,
    /// For each, the flow of before that stood in another file.
    moved: Vec<Option<Arc<Flow>>>,
}

impl<'a> Turns<'a> {
    /// A review of these files; what `teller` says of each flow is kept of it.
    pub fn new(
        sources: Sources,
        settings: &'a Settings,
        deadline: &'a Deadline,
        teller: &'a dyn Teller,
    ) -> Self {
        let paths: Vec<&RepoPath> = sources.head.union(&sources.base).collect();
        let threads = Threads::of(&sources, &paths);
        deadline.watch_over(threads.bytes);
        let stood =
            |path: &&RepoPath| sources.base.contains(*path) || !sources.changed.contains(*path);
        let (old, new): (Vec<_>, Vec<_>) = paths
            .into_iter()
            .rev()
            .cloned()
            .partition(|path| stood(&path));
        Self {
            sources,
            settings,
            deadline,
            teller,
            threads,
            old,
            new,
            stood_in: BTreeMap::new(),
            judged: Vec::new(),
        }
    }

    /// So many of the next files, read; `None` where all have been seen.
    pub fn next_turn(&mut self, count: usize) -> Result<Option<Turn>, PipelineError> {
        while let Some(paths) = next_of(&mut self.old, count) {
            let threads = self.threads.for_files;
            let files = parallel::map(threads, &paths, |path| self.open(path));
            let mut here = Vec::new();
            for (path, file) in paths.into_iter().zip(files) {
                let file = file?;
                self.note(&path, base_of(&file));
                if file.moved_from().is_some() {
                    self.new.push(path);
                } else {
                    here.push((file, None));
                }
            }
            if !here.is_empty() {
                return Ok(Some(Turn::new(here, &self.sources)));
            }
        }
        let Some(paths) = next_of(&mut self.new, count) else {
            return Ok(None);
        };
        let open = |path| self.open_moved(path);
        let files = parallel::map(self.threads.for_files, &paths, open);
        let files: Result<Vec<_>, _> = files.into_iter().collect();
        Ok(Some(Turn::new(files?, &self.sources)))
    }

    /// Judges a few files, and lets their flows go.
    pub fn judge(&mut self, turn: Turn) -> Result<(), PipelineError> {
        let Turn { mut input, moved } = turn;
        let files = std::mem::take(&mut input.files);
        let assembly = Assembly::new(&input, self.settings);
        let files: Vec<_> = files.into_iter().zip(moved).collect();
        let judge = |(file, moved): (FlowFile, _)| self.judge_one(&assembly, &file, moved);
        let judged = parallel::map(self.threads.for_files, files, judge);
        for judged in judged {
            self.judged.push(judged?);
        }
        Ok(())
    }

    /// Files that the change does not touch, read once more.
    pub fn again(&self, paths: &[RepoPath]) -> Result<Turn, PipelineError> {
        let open = |path: &RepoPath| Ok((self.open(path)?, None));
        let files: Result<Vec<_>, PipelineError> = paths.iter().map(open).collect();
        Ok(Turn::new(files?, &self.sources))
    }

    /// Puts a new judgement in place of the one from before.
    pub fn judge_again(&mut self, turn: Turn) -> Result<(), PipelineError> {
        let again: BTreeSet<RepoPath> = turn
            .input
            .files
            .iter()
            .map(|file| file.path.clone())
            .collect();
        self.judged.retain(|file| !again.contains(file.path()));
        self.judge(turn)
    }

    /// Judges all that is left, where nobody is asked: each thread keeps to a flow until it lets it go.
    pub fn judge_unasked(&mut self) -> Result<(), PipelineError> {
        let nothing = Input::default();
        let assembly = Assembly::new(&nothing, self.settings);
        let threads = self.threads.for_files;
        let old = take_all(&mut self.old);
        let look = |path: RepoPath| -> Result<_, PipelineError> {
            let file = self.open(&path)?;
            let judge = || self.judge_one(&assembly, &file, None);
            let judged = file.moved_from().is_none().then(judge).transpose()?;
            Ok((path, base_of(&file).cloned(), judged))
        };
        for seen in parallel::map(threads, old, look) {
            let (path, base, judged) = seen?;
            self.note(&path, base.as_ref());
            match judged {
                Some(judged) => self.judged.push(judged),
                None => self.new.push(path),
            }
        }
        let new = take_all(&mut self.new);
        let look = |path: RepoPath| {
            let (file, moved) = self.open_moved(&path)?;
            self.judge_one(&assembly, &file, moved)
        };
        for judged in parallel::map(threads, new, look) {
            self.judged.push(judged?);
        }
        Ok(())
    }

    /// What was found out about each file so far.
    pub fn reviews(&self) -> impl Iterator<Item = &FlowReview> {
        self.judged.iter().map(Judged::review)
    }

    /// What all of it comes to. `besides` says what concerns no single file.
    pub fn conclude(self, besides: Input, provenances: &Provenances) -> Review {
        let input = besides_files(self.sources, besides);
        Assembly::new(&input, self.settings).conclude(self.judged, provenances)
    }

    fn open(&self, path: &RepoPath) -> Result<FlowFile, PipelineError> {
        self.deadline.holds(READING)?;
        Ok(open(&self.sources, path, self.threads.for_sides)?)
    }

    /// Remembers whose flow stood in a file.
    fn note(&mut self, path: &RepoPath, base: Option<&FlowId>) {
        let stood = base.map(|id| (id.clone(), path.clone()));
        self.stood_in.extend(stood);
    }

    /// A file, with its flow of before where that stood in another file; once all are noted.
    fn open_moved(&self, path: &RepoPath) -> Result<(FlowFile, Option<Arc<Flow>>), PipelineError> {
        let file = self.open(path)?;
        let before = match file.moved_from().and_then(|id| self.stood_in.get(id)) {
            Some(place) => open(&self.sources, place, NonZeroUsize::MIN)?.base,
            None => None,
        };
        Ok((file, before.and_then(|reading| reading.flow)))
    }

    fn judge_one(
        &self,
        assembly: &Assembly<'_>,
        file: &FlowFile,
        moved: Option<Arc<Flow>>,
    ) -> Result<Judged, PipelineError> {
        self.deadline.holds(READING)?;
        let mut judged = assembly.judge(file, moved);
        // It may have been stopped in its middle.
        self.deadline.holds(READING)?;
        judged.let_go(self.teller);
        Ok(judged)
    }
}

impl Turn {
    fn new(files: Vec<(FlowFile, Option<Arc<Flow>>)>, sources: &Sources) -> Self {
        let (files, moved) = files.into_iter().unzip();
        let input = Input {
            files,
            commit: sources.commit.clone(),
            ..Input::default()
        };
        Self { input, moved }
    }
}

/// Whose flow stood in a file before.
fn base_of(file: &FlowFile) -> Option<&FlowId> {
    file.base.as_ref()?.flow.as_ref()?.id()
}

/// All paths of a list whose last one comes first.
fn take_all(paths: &mut Vec<RepoPath>) -> Vec<RepoPath> {
    let mut all = std::mem::take(paths);
    all.reverse();
    all
}

/// The next few paths of a list whose last one comes first.
fn next_of(paths: &mut Vec<RepoPath>, count: usize) -> Option<Vec<RepoPath>> {
    let mut next = paths.split_off(paths.len().saturating_sub(count));
    next.reverse();
    (!next.is_empty()).then_some(next)
}
