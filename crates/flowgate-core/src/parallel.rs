//! The same work on many things, by several threads at once. The answers stand in the order of the things, whoever was
//! first; nothing here reads a clock or decides how many threads there are.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Whether work is to stop in its middle: set from outside, looked at between pieces of work. What is made once it is set is
/// not whole, and is to be thrown away.
#[derive(Debug, Clone, Default)]
pub struct Halt(Arc<AtomicBool>);

impl Halt {
    /// Stops the work.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Two are the same where one stops what the other stops.
impl PartialEq for Halt {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Halt {}

/// Does `work` on each item, on at most so many threads.
pub fn map<T: Send, R: Send>(
    workers: NonZeroUsize,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator + Send>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let items = items.into_iter();
    let count = items.len();
    let workers = workers.get().min(count);
    if workers < 2 {
        return items.map(work).collect();
    }
    // Whoever is free takes the next one: one large flow keeps one thread busy, not a share of all flows.
    let waiting = Mutex::new(items.enumerate());
    let next = || {
        waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next()
    };
    let share = || -> Vec<(usize, R)> {
        let mine = std::iter::from_fn(next);
        mine.map(|(at, item)| (at, work(item))).collect()
    };
    let mut done = thread::scope(|scope| {
        let threads: Vec<_> = (1..workers).map(|_| scope.spawn(share)).collect();
        let mut done = Vec::with_capacity(count);
        // Whoever asks takes a share too.
        done.extend(share());
        for thread in threads {
            match thread.join() {
                Ok(mine) => done.extend(mine),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_order_of_the_things_whatever_each_one_takes() {
        let workers = |count| NonZeroUsize::new(count).unwrap();
        for count in [1, 2, 7] {
            let slow_first = |at: u64| {
                thread::sleep(std::time::Duration::from_millis(if at == 0 {
                    20
                } else {
                    0
                }));
                at * at
            };
            let squares: Vec<u64> = (0..50).map(|at| at * at).collect();
            let items: Vec<u64> = (0..50).collect();
            assert_eq!(map(workers(count), items, slow_first), squares);
        }
        assert!(map(workers(4), Vec::<u8>::new(), |at| at).is_empty());
    }
}
