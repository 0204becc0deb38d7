//! How many threads are worth having for so many flow files.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::thread;

/// Less text than this is done with before a second thread has begun.
pub(crate) const WORTH_THREADS: usize = 128 * 1024;

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
