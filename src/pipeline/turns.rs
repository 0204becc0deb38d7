//! A review whose files are looked at a few at a time: read, asked about, judged, told of and let go, so that it takes no
//! more memory than the flows that are in flight.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use flowgate_core::flow::Flow;
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::parallel;
use flowgate_core::review::{Assembly, FlowFile, Input, Judged, Review, Settings, Teller};

use super::{Threads, besides_files, open};
use crate::source::{SourceError, Sources};

/// So many flows are in flight for each thread: few enough that what was read is still near when it is judged.
const PER_THREAD: usize = 16;

/// So many times in each turn, all calls are made that may be made at once.
const ROUNDS: usize = 6;

/// A review that is being made.
pub struct Turns<'a> {
    sources: Sources,
    settings: &'a Settings,
    teller: &'a dyn Teller,
    threads: Threads,
    /// So many files are looked at in one turn.
    in_flight: usize,
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
    pub fn new(sources: Sources, settings: &'a Settings, teller: &'a dyn Teller) -> Self {
        let paths: Vec<&RepoPath> = sources.head.union(&sources.base).collect();
        let threads = Threads::of(&sources, &paths);
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
            teller,
            in_flight: threads.for_files.get() * PER_THREAD,
            threads,
            old,
            new,
            stood_in: BTreeMap::new(),
            judged: Vec::new(),
        }
    }

    /// The same where somebody is asked about so many flows at once: they are not kept waiting by each turn.
    #[must_use]
    pub fn asking_about(mut self, at_once: usize) -> Self {
        self.in_flight = self.in_flight.max(at_once * ROUNDS);
        self
    }

    /// The next few files; `None` where all have been seen.
    pub fn next_turn(&mut self) -> Result<Option<Turn>, SourceError> {
        while let Some(paths) = next_of(&mut self.old, self.in_flight) {
            let files = self.open(&paths)?;
            let mut here = Vec::new();
            for (path, file) in paths.into_iter().zip(files) {
                let base = file.base.as_ref().and_then(|base| base.flow.as_ref()?.id());
                self.stood_in
                    .extend(base.map(|id| (id.clone(), path.clone())));
                if file.moved_from().is_some() {
                    self.new.push(path);
                } else {
                    here.push(file);
                }
            }
            if !here.is_empty() {
                let moved = vec![None; here.len()];
                return Ok(Some(Turn::new(here, moved)));
            }
        }
        let Some(paths) = next_of(&mut self.new, self.in_flight) else {
            return Ok(None);
        };
        let files = self.open(&paths)?;
        let moved = |file: &FlowFile| {
            let place = file.moved_from().and_then(|id| self.stood_in.get(id));
            let Some(place) = place else { return Ok(None) };
            let before = open(&self.sources, place, NonZeroUsize::MIN)?.base;
            Ok(before.and_then(|reading| reading.flow))
        };
        let moved = files
            .iter()
            .map(moved)
            .collect::<Result<_, SourceError>>()?;
        Ok(Some(Turn::new(files, moved)))
    }

    /// Judges a few files, and lets their flows go.
    pub fn judge(&mut self, turn: Turn) {
        let Turn { mut input, moved } = turn;
        let files = std::mem::take(&mut input.files);
        let assembly = Assembly::new(&input, self.settings);
        let files: Vec<_> = files.into_iter().zip(moved).collect();
        let judge = |(file, moved): (FlowFile, _)| {
            let mut judged = assembly.judge(&file, moved);
            judged.let_go(self.teller);
            judged
        };
        let judged = parallel::map(self.threads.for_files, files, judge);
        self.judged.extend(judged);
    }

    /// What all of it comes to. `besides` says what concerns no single file.
    pub fn conclude(self, besides: Input) -> Review {
        let input = besides_files(self.sources, besides);
        Assembly::new(&input, self.settings).conclude(self.judged)
    }

    fn open(&self, paths: &[RepoPath]) -> Result<Vec<FlowFile>, SourceError> {
        let open = |path| open(&self.sources, path, self.threads.for_sides);
        let files = parallel::map(self.threads.for_files, paths, open);
        files.into_iter().collect()
    }
}

impl Turn {
    fn new(files: Vec<FlowFile>, moved: Vec<Option<Arc<Flow>>>) -> Self {
        let input = Input {
            files,
            ..Input::default()
        };
        Self { input, moved }
    }
}

/// The next few paths of a list whose last one comes first.
fn next_of(paths: &mut Vec<RepoPath>, count: usize) -> Option<Vec<RepoPath>> {
    let mut next = paths.split_off(paths.len().saturating_sub(count));
    next.reverse();
    (!next.is_empty()).then_some(next)
}
