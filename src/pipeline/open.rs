//! One flow file, read on both sides of the change, and how many threads do that at once.

use std::num::NonZeroUsize;

use flowgate_core::flow::{Content, native};
use flowgate_core::ids::RepoPath;
use flowgate_core::parallel;
use flowgate_core::plan::Touch;
use flowgate_core::review::FlowFile;

use crate::source::{SourceError, Sources, When};
use crate::threads::{USUAL_BYTES, WORTH_THREADS, workers};

/// Both sides of a file, read on at most so many threads.
pub(super) fn open(
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
                .then(|| sources.texts.read(when, path))
                .transpose()?,
        );
    }
    // Where it cannot be read now either, that is found.
    if let [after, Some(before)] = contents.as_slice()
        && !matches!(after, Some(Content::Unreadable(_)))
    {
        sources.readable_before(path, before)?;
    }
    let read = |content: Option<Content>| Some(native::read(path.clone(), content?));
    let mut readings = parallel::map(threads, contents, read).into_iter();
    let (head, base) = (readings.next().flatten(), readings.next().flatten());
    if sources.covered.contains(path) {
        // Nothing of it was looked after before.
        return Ok(FlowFile {
            path: path.clone(),
            head,
            base: None,
            touch: Touch::Covered,
        });
    }
    let touch = match (sources.changed.contains(path), sources.asked.contains(path)) {
        (true, _) => Touch::Touched,
        (false, true) if head.is_some() => Touch::Asked,
        (false, _) => Touch::Untouched,
    };
    // Neither different nor new: it is what it was.
    let unchanged = || head.clone().filter(|_| touch != Touch::Touched);
    Ok(FlowFile {
        path: path.clone(),
        base: base.or_else(unchanged),
        head,
        touch,
    })
}

/// How many threads read files.
pub(super) struct Threads {
    /// Different files.
    pub(super) for_files: NonZeroUsize,
    /// Both sides of one file, where there are no more files than threads.
    pub(super) for_sides: NonZeroUsize,
    /// How much there is to read, about.
    pub(super) bytes: usize,
}

impl Threads {
    pub(super) fn of(sources: &Sources, paths: &[&RepoPath]) -> Self {
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
            bytes,
        }
    }
}
