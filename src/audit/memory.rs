//! An audit in memory whose writes can be made to fail: for tests.

use std::io;
use std::sync::{Arc, Mutex};

use super::Sink;

/// Lines in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    bytes: Arc<Mutex<Vec<u8>>>,
    fails_after: Option<usize>,
    appends: usize,
}

impl Memory {
    /// The n-th append (from 0) and all after it fail.
    pub(crate) fn failing_after(appends: usize) -> Self {
        Self {
            fails_after: Some(appends),
            ..Self::default()
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().expect("not poisoned").clone()).expect("UTF-8")
    }

    /// `action status` of each line.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |line: &str| {
            let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let word = |key: &str| event[key].as_str().expect("a word").to_owned();
            format!("{} {}", word("action"), word("status"))
        };
        self.text().lines().map(name).collect()
    }
}

impl Sink for Memory {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut all = self.bytes.lock().expect("not poisoned");
        self.appends += 1;
        if self.fails_after.is_some_and(|limit| self.appends > limit) {
            return Err(io::Error::other("disk full"));
        }
        all.extend_from_slice(bytes);
        Ok(())
    }
}
