//! Proving an audit: every line is the successor of the one before, and the last one is the head.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

use serde::Deserialize;

use super::{AuditStatus, first_prev, hash};

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// It is not what it was when the next one was written.
    Altered,
    /// Events are missing before it.
    Dropped,
    /// It stands after a later one, or twice.
    Reordered,
    /// The end is missing.
    Truncated,
    /// It is not an audit event.
    NotAnEvent,
}

/// One thing that is wrong with an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Number of the line from 1.
    pub line: u64,
    /// What kind of fault it is.
    pub kind: FaultKind,
    /// For people, with the events' numbers.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// What was found out about an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Events that could be read.
    pub events: u64,
    /// Hash of the last line.
    pub head: String,
    /// All that is wrong, in order of lines.
    pub faults: Vec<Fault>,
    /// What a reader should know: recovered crashes, runs without an end, what is not proved.
    pub notices: Vec<String>,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

#[derive(Deserialize)]
struct Link {
    seq: u64,
    prev: String,
    status: AuditStatus,
    events: Option<u64>,
}

/// Checks every line of an audit against the one before, and the last one against the head that was printed when it was
/// written. Without `head` this proves that the lines belong together, not that the last ones are unaltered and all there.
///
/// # Errors
/// The reader's.
pub fn verify(mut reader: impl BufRead, head: Option<&str>) -> io::Result<Verification> {
    let mut walk = Walk::new();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let whole = line.pop_if(|last| *last == b'\n').is_some();
        walk.line(&line, whole);
        line.clear();
    }
    Ok(walk.finish(head))
}

struct Walk {
    at: u64,
    events: u64,
    hash: String,
    /// Number of the last event.
    seq: u64,
    /// A line that is no event: forgiven when the next one says that a crash tore it.
    unread: Option<Fault>,
    /// Numbers that were jumped over, and the line that did.
    missing: BTreeMap<u64, u64>,
    run: Option<u64>,
    faults: Vec<Fault>,
    notices: Vec<String>,
}

impl Walk {
    fn new() -> Self {
        Self {
            at: 0,
            events: 0,
            hash: first_prev(),
            seq: 0,
            unread: None,
            missing: BTreeMap::new(),
            run: None,
            faults: Vec::new(),
            notices: Vec::new(),
        }
    }

    fn fault(&self, kind: FaultKind, message: String) -> Fault {
        Fault {
            line: self.at,
            kind,
            message,
        }
    }

    fn line(&mut self, bytes: &[u8], whole: bool) {
        self.at += 1;
        match serde_json::from_slice::<Link>(bytes) {
            Ok(link) => {
                self.events += 1;
                self.link(&link);
            }
            Err(err) => {
                self.accuse_unread();
                let message = format!("not an audit event: {err}");
                self.unread = Some(self.fault(FaultKind::NotAnEvent, message));
                self.seq += 1;
            }
        }
        if !whole {
            let message =
                "the last line has no end: the run was cut off here, or the file was".to_owned();
            self.unread = None;
            self.faults.push(self.fault(FaultKind::Truncated, message));
        }
        self.hash = hash(bytes);
    }

    fn accuse_unread(&mut self) {
        self.faults.extend(self.unread.take());
    }

    fn link(&mut self, link: &Link) {
        let (expected, seq) = (self.seq + 1, link.seq);
        if link.status == AuditStatus::Recovered && link.prev == self.hash && seq == expected {
            let torn = self.unread.take().map_or(0, |fault| fault.line);
            self.notices.push(if torn > 0 {
                format!("line {torn} was torn by a crash and recovered by the next run")
            } else {
                format!("a run was cut off before line {}", self.at)
            });
            self.run = None;
        }
        self.accuse_unread();
        match seq.cmp(&expected) {
            Ordering::Equal if link.prev == self.hash => {}
            Ordering::Equal => self.altered(seq),
            Ordering::Greater => self.jump(expected, seq),
            Ordering::Less => self.reordered(seq),
        }
        self.seq = self.seq.max(seq);
        self.run_bounds(link);
    }

    /// A forged number cannot make this long: past a thousand, naming each missing event helps nobody.
    fn jump(&mut self, expected: u64, seq: u64) {
        for number in expected..seq.min(expected.saturating_add(1000)) {
            self.missing.insert(number, self.at);
        }
    }

    fn reordered(&mut self, seq: u64) {
        let message = if self.missing.remove(&seq).is_some() {
            format!("event {seq} stands after event {}", self.seq)
        } else {
            format!("event {seq} stands here again, after event {}", self.seq)
        };
        self.faults.push(self.fault(FaultKind::Reordered, message));
    }

    fn altered(&mut self, seq: u64) {
        let (line, message) = if seq == 1 {
            (self.at, "event 1 does not begin a chain: its `prev` was altered, or events before it are gone".to_owned())
        } else {
            let before = seq - 1;
            (
                self.at - 1,
                format!("event {before} was altered (or `prev` of event {seq} was)"),
            )
        };
        self.faults.push(Fault {
            line,
            kind: FaultKind::Altered,
            message,
        });
    }

    fn run_bounds(&mut self, link: &Link) {
        match (link.status, self.run) {
            (AuditStatus::RunStart, begun) => {
                if let Some(begun) = begun {
                    self.notices.push(format!(
                        "the run that began with event {begun} has no RUN_END"
                    ));
                }
                self.run = Some(link.seq);
            }
            (AuditStatus::RunEnd, begun) => {
                let counted = begun.map(|begun| link.seq.saturating_sub(begun) + 1);
                if counted.is_none() || counted != link.events {
                    let said = link
                        .events
                        .map_or_else(|| "no number of".to_owned(), |n| n.to_string());
                    let message = format!(
                        "RUN_END counts {said} events, {} are here",
                        counted.unwrap_or(0)
                    );
                    self.faults.push(self.fault(FaultKind::Dropped, message));
                }
                self.run = None;
            }
            _ => {}
        }
    }

    fn finish(mut self, head: Option<&str>) -> Verification {
        self.accuse_unread();
        for (number, line) in std::mem::take(&mut self.missing) {
            self.faults.push(Fault {
                line,
                kind: FaultKind::Dropped,
                message: format!("event {number} is missing before this line"),
            });
        }
        if let Some(begun) = self.run {
            self.notices.push(format!(
                "the run that began with event {begun} has no RUN_END: it is still going on, was cut off, or its end was removed"
            ));
        }
        match head {
            Some(head) if !head.eq_ignore_ascii_case(&self.hash) => {
                let message = format!(
                    "this is not the last line that was written (head {head}, here {}): it was altered, or events after it are gone",
                    self.hash
                );
                self.faults.push(self.fault(FaultKind::Truncated, message));
            }
            Some(_) => {}
            None => self.notices.push(
                "without `--head` the lines are proved to belong together, not that the last ones are unaltered and all there"
                    .to_owned(),
            ),
        }
        self.faults.sort_by_key(|fault| (fault.line, fault.kind));
        Verification {
            events: self.events,
            head: self.hash,
            faults: self.faults,
            notices: self.notices,
        }
    }
}
