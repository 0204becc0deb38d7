//! The way from flow files to a review: read, ask CXone, put together. What the check shows and what the deployment
//! applies both come from here.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::thread;

use flowgate_core::flow::{Content, Reading, native};
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::parallel;
use flowgate_core::plan::Touch;
use flowgate_core::review::{FlowFile, Input, Review, Settings, assemble_on};

use crate::source::Sources;

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
pub fn read(sources: Sources) -> Input {
    let Sources {
        head,
        bystanders,
        base,
        changed,
        asked,
        commit,
        unread,
        ..
    } = sources;
    // Both sides at once: of one large flow alone, too, each side gets a thread.
    let after = head.into_iter().map(|file| (file.path, file.content));
    let after: Vec<_> = after.collect();
    let count = after.len();
    let mut head = read_all(after.into_iter().chain(base).collect());
    let mut before: BTreeMap<RepoPath, Reading> = head.split_off(count).into_iter().collect();
    let mut files: Vec<FlowFile> = head
        .into_iter()
        .map(|(path, reading)| {
            let touch = match (changed.contains(&path), asked.contains(&path)) {
                (true, _) => Touch::Touched,
                (false, true) => Touch::Asked,
                (false, false) => Touch::Untouched,
            };
            // Neither different nor new: it is what it was.
            let unchanged = || (touch != Touch::Touched).then(|| reading.clone());
            let base = before.remove(&path).or_else(unchanged);
            FlowFile {
                path,
                head: Some(reading),
                base,
                touch,
            }
        })
        .collect();
    files.extend(before.into_iter().map(|(path, base)| {
        let touch = if changed.contains(&path) {
            Touch::Touched
        } else {
            Touch::Untouched
        };
        FlowFile {
            path,
            head: None,
            base: Some(base),
            touch,
        }
    }));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Input {
        commit,
        files,
        bystanders,
        policy: Vec::new(),
        unread,
        platform: None,
        recorded: BTreeMap::new(),
        orders: BTreeMap::new(),
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

/// Reads files on all cores, in order.
fn read_all(files: Vec<(RepoPath, Content)>) -> Vec<(RepoPath, Reading)> {
    let size = |(_, content): &(RepoPath, Content)| match content {
        Content::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    let bytes = files.iter().map(size).sum();
    parallel::map(workers(bytes), files, |(path, content)| {
        (path.clone(), native::read(path, content))
    })
}
