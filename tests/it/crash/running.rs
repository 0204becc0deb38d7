//! The real process while it runs: ends it, and keeps what it left.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    ByItself,
    BySignal,
}

/// What a run left.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stopped: Stopped,
    pub(super) out: String,
    pub(super) err: String,
    pub(super) took: Duration,
}

impl Ended {
    pub(super) fn all(&self) -> String {
        format!("{:?}\n{}\n{}", self.code, self.out, self.err)
    }
}

/// A run under way.
pub(super) struct Running {
    pub(super) child: Child,
}

impl Running {
    /// SIGKILL.
    pub(super) fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.end()
    }

    /// SIGTERM, and a little later `then`.
    pub(super) fn terminate(self, then: impl FnOnce()) -> Ended {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.unwrap().success());
        std::thread::sleep(Duration::from_millis(100));
        then();
        self.end()
    }

    pub(super) fn end(self) -> Ended {
        let begun = Instant::now();
        let output = self.child.wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            stopped: match output.status.signal() {
                Some(_) => Stopped::BySignal,
                None => Stopped::ByItself,
            },
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            took: begun.elapsed(),
        }
    }
}
