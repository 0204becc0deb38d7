//! The way from flow files to a review: read, ask CXone, put together. What the check shows and what the deployment
//! applies both come from here.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::thread;

use flowgate_core::flow::{Content, native};
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::parallel;
use flowgate_core::plan::Touch;
use flowgate_core::review::{
    Assembly, FlowFile, Input, Judged, Review, Settings, Teller, assemble_on,
};

use crate::source::{SourceError, Sources, When};

/// Which flows CXone is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Those that the change touches, or that somebody asked about.
    Touched,
    /// All: a deployment heals what an earlier one missed.
    All,
    /// All where they are no more than this, else those that the change touches: what merging would heal besides.
    UpTo(usize),
}

/// The files of a change, read; CXone is not asked yet.
pub fn read(sources: Sources) -> Result<Input, SourceError> {
    let paths: Vec<&RepoPath> = sources.head.union(&sources.base).collect();
    let threads = Threads::for_files(&sources, &paths);
    let open = |path: &RepoPath| open(&sources, path, threads.for_sides);
    let files = parallel::map(threads.for_files, paths, open);
    let files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(Input {
        files,
        ..besides_files(sources)
    })
}

/// The review of a change that CXone is not asked about. Each flow is read, judged, told of and let go, so that it takes no
/// more memory than the flows that are looked at together.
pub fn review_one_by_one(
    sources: Sources,
    settings: &Settings,
    teller: &dyn Teller,
) -> Result<Review, SourceError> {
    let paths: Vec<&RepoPath> = sources.head.union(&sources.base).collect();
    let threads = Threads::for_files(&sources, &paths);
    let nothing = Input::default();
    let assembly = Assembly::new(&nothing, settings);
    let judge = |file: &FlowFile, moved| {
        let mut judged = assembly.judge(file, moved);
        judged.let_go(teller);
        judged
    };
    // Where else a flow stood is known once all files have been seen in which one stood.
    let stood = |path: &&RepoPath| sources.base.contains(*path) || is_as_it_was(&sources, path);
    let (old, new): (Vec<_>, Vec<_>) = paths.into_iter().partition(stood);
    let see = |path: &RepoPath| -> Result<Seen, SourceError> {
        let file = open(&sources, path, threads.for_sides)?;
        let base = file.base.as_ref().and_then(|base| base.flow.as_ref()?.id());
        Ok(Seen {
            base: base.cloned(),
            judged: file.moved_from().is_none().then(|| judge(&file, None)),
        })
    };
    let mut judged = Vec::new();
    let mut stood_in = BTreeMap::new();
    let mut left = new;
    for (path, seen) in old
        .iter()
        .zip(parallel::map(threads.for_files, &old, |path| see(path)))
    {
        let seen = seen?;
        stood_in.extend(seen.base.map(|id| (id, *path)));
        match seen.judged {
            Some(done) => judged.push(done),
            None => left.push(path),
        }
    }
    let see = |path: &RepoPath| -> Result<Judged, SourceError> {
        let file = open(&sources, path, threads.for_sides)?;
        let elsewhere = file.moved_from().and_then(|id| stood_in.get(id));
        let moved = match elsewhere {
            Some(place) => open(&sources, place, NonZeroUsize::MIN)?.base,
            None => None,
        };
        Ok(judge(&file, moved.and_then(|reading| reading.flow)))
    };
    for seen in parallel::map(threads.for_files, left, see) {
        judged.push(seen?);
    }
    let input = besides_files(sources);
    Ok(Assembly::new(&input, settings).conclude(judged))
}

/// What was seen of a file in which a flow stood before.
struct Seen {
    /// Whose.
    base: Option<FlowId>,
    /// `None` where another flow stands in it now.
    judged: Option<Judged>,
}

/// Everything that a review is made of but the files.
fn besides_files(sources: Sources) -> Input {
    Input {
        commit: sources.commit,
        bystanders: sources.bystanders,
        unread: sources.unread,
        ..Input::default()
    }
}

/// Whether a file is neither different nor new.
fn is_as_it_was(sources: &Sources, path: &RepoPath) -> bool {
    !sources.changed.contains(path)
}

/// Both sides of a file, read on at most so many threads.
fn open(
    sources: &Sources,
    path: &RepoPath,
    threads: NonZeroUsize,
) -> Result<FlowFile, SourceError> {
    let sides = [(When::After, &sources.head), (When::Before, &sources.base)];
    let mut contents = Vec::new();
    for (when, paths) in sides {
        let is_there = paths.contains(path);
        contents.push(
            is_there
                .then(|| sources.texts.take(when, path))
                .transpose()?,
        );
    }
    let read = |content: Option<Content>| Some(native::read(path.clone(), content?));
    let mut readings = parallel::map(threads, contents, read).into_iter();
    let (head, base) = (readings.next().flatten(), readings.next().flatten());
    let touch = match (sources.changed.contains(path), sources.asked.contains(path)) {
        (true, _) => Touch::Touched,
        (false, true) if head.is_some() => Touch::Asked,
        (false, _) => Touch::Untouched,
    };
    let unchanged = || head.clone().filter(|_| is_as_it_was(sources, path));
    Ok(FlowFile {
        path: path.clone(),
        base: base.or_else(unchanged),
        head,
        touch,
    })
}

/// How many threads read files.
struct Threads {
    /// Different files.
    for_files: NonZeroUsize,
    /// Both sides of one file, where there are no more files than threads.
    for_sides: NonZeroUsize,
}

impl Threads {
    fn for_files(sources: &Sources, paths: &[&RepoPath]) -> Self {
        /// Where there are more files than this, how large they are does not matter.
        const FEW: usize = WORTH_THREADS / USUAL_BYTES;
        let size = |path: &&RepoPath| {
            let sides = [When::After, When::Before];
            let both = sides.map(|when| sources.texts.size(when, path));
            both.iter().sum::<usize>()
        };
        let bytes: usize = match paths.len() {
            ..=FEW => paths.iter().map(size).sum(),
            many => many * USUAL_BYTES,
        };
        let workers = workers(bytes);
        Self {
            for_files: workers,
            for_sides: if paths.len() < workers.get() {
                workers
            } else {
                NonZeroUsize::MIN
            },
        }
    }
}

/// The flows that CXone is to be asked about.
pub fn flows(input: &Input, ask: Ask) -> Vec<FlowId> {
    let ids = |wanted: fn(&FlowFile) -> bool| -> Vec<FlowId> {
        let files = input.files.iter().filter(|file| wanted(file));
        let ids: BTreeSet<&FlowId> = files
            .filter_map(|file| file.head.as_ref()?.flow.as_ref()?.id())
            .collect();
        ids.into_iter().cloned().collect()
    };
    let touched = |file: &FlowFile| file.touch != Touch::Untouched;
    match ask {
        Ask::Touched => ids(touched),
        Ask::All => ids(|_| true),
        Ask::UpTo(most) => {
            let all = ids(|_| true);
            // A flow that was not read is not asked about.
            let few = input.bystanders.is_empty() && all.len() <= most;
            if few { all } else { ids(touched) }
        }
    }
}

/// The review of what was read, made on all cores.
pub fn review(input: &Input, settings: &Settings) -> Review {
    let readings = input.files.iter().filter_map(|file| file.head.as_ref());
    let bytes = readings.map(|reading| reading.source.as_str().len()).sum();
    assemble_on(workers(bytes), input, settings)
}

/// Less text than this is done with before a second thread has begun.
const WORTH_THREADS: usize = 128 * 1024;

/// What a flow file has, where that is not known yet.
pub(crate) const USUAL_BYTES: usize = 10_000;

/// How many threads are worth having for so many bytes of flow files.
pub(crate) fn workers(bytes: usize) -> NonZeroUsize {
    // Finding out reads a dozen files of the kernel.
    static WORKERS: OnceLock<NonZeroUsize> = OnceLock::new();
    if bytes < WORTH_THREADS {
        return NonZeroUsize::MIN;
    }
    *WORKERS.get_or_init(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}
