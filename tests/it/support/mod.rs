//! The harness: a temporary repository, and runs of the real binary in it with an environment that holds nothing but
//! what the test gives, and output in which nothing changes from run to run.

pub(crate) mod cxone;
pub(crate) mod github;
pub(crate) mod pages;
pub(crate) mod script;
pub(crate) mod tls;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// A flow that is fine.
pub(crate) const FLOW: &str = r#"{
  "flowId": "main-line",
  "version": "1.0.0",
  "elements": [
    {"id": "b", "type": "Begin", "configuration": {}},
    {"id": "e", "type": "End", "configuration": {}}
  ],
  "connectors": [{"id": "c", "sourceId": "b", "targetId": "e"}]
}
"#;

/// A directory with files in it; a git repository once [`Repo::git`] was called.
pub(crate) struct Repo {
    directory: TempDir,
}

impl Repo {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
        }
    }

    /// An empty git repository.
    pub(crate) fn git() -> Self {
        let repo = Self::new();
        repo.run_git(&["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// Its root, by its real path.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    /// Writes a file.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Makes a directory.
    pub(crate) fn directory(self, path: &str) -> Self {
        fs::create_dir_all(self.root().join(path)).unwrap();
        self
    }

    /// Makes a symbolic link.
    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    /// Makes a named pipe: something that is there and cannot be read.
    pub(crate) fn pipe(self, path: &str) -> Self {
        let made = Command::new("mkfifo").arg(self.root().join(path)).status();
        assert!(made.unwrap().success());
        self
    }

    /// Commits all that is there.
    pub(crate) fn commit(self, message: &str) -> Self {
        self.run_git(&["add", "--all", "--force"]);
        self.run_git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self
    }

    /// Runs git as nobody in particular, at no time in particular; what it printed.
    pub(crate) fn run_git(&self, args: &[&str]) -> String {
        let said = String::from_utf8(self.git_bytes(args)).unwrap();
        said.trim().to_owned()
    }

    /// The same, byte by byte.
    pub(crate) fn git_bytes(&self, args: &[&str]) -> Vec<u8> {
        let output = Command::new("git")
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                [
                    (format!("GIT_{who}_NAME"), "Nobody"),
                    (format!("GIT_{who}_EMAIL"), "nobody@example.com"),
                    (format!("GIT_{who}_DATE"), "2026-01-02T03:04:05Z"),
                ]
            }))
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {said}");
        output.stdout
    }

    /// A run of the binary in this directory.
    pub(crate) fn flowgate(&self, args: &[&str]) -> Run {
        let mut command = assert_cmd::Command::from_std(Command::new(cargo_bin!("flowgate")));
        command
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .args(args);
        Run {
            command,
            redactions: vec![(self.root().display().to_string(), "[ROOT]")],
        }
    }
}

/// A run to be made.
pub(crate) struct Run {
    command: assert_cmd::Command,
    /// What differs from run to run, and what stands in its place; in this order.
    redactions: Vec<(String, &'static str)>,
}

impl Run {
    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// The same run with other arguments.
    pub(crate) fn typed(self, args: &[&str]) -> Self {
        let mut way = Command::new(self.command.get_program());
        way.args(args);
        self.by(&way)
    }

    /// Runs in a directory below the root.
    pub(crate) fn cwd(mut self, path: impl AsRef<Path>) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Replaces what differs from run to run.
    pub(crate) fn redact(mut self, text: impl Into<String>, instead: &'static str) -> Self {
        self.redactions.push((text.into(), instead));
        self
    }

    /// The same, by another way to the binary, with what that way sets besides.
    pub(crate) fn by(mut self, way: &Command) -> Self {
        let mut command = assert_cmd::Command::new(way.get_program());
        command.args(way.get_args()).env_clear();
        if let Some(cwd) = self.command.get_current_dir() {
            command.current_dir(cwd);
        }
        for (name, value) in way.get_envs().chain(self.command.get_envs()) {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        self.command = command;
        self
    }

    /// Starts it, for a test that has more to do with it than to wait.
    pub(crate) fn spawn(self) -> std::process::Child {
        // assert_cmd waits for its children; what it was told is told again.
        let mut command = Command::new(self.command.get_program());
        command
            .args(self.command.get_args())
            .env_clear()
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        if let Some(cwd) = self.command.get_current_dir() {
            command.current_dir(cwd);
        }
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command.spawn().unwrap()
    }

    /// Runs it.
    pub(crate) fn end(mut self) -> Ended {
        let output = self.command.output().unwrap();
        let redact = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            self.redactions
                .iter()
                .fold(text, |text, (what, instead)| text.replace(what, instead))
        };
        Ended {
            code: output.status.code().unwrap(),
            out: redact(output.stdout),
            err: redact(output.stderr),
        }
    }
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// All that a person would see, for snapshots.
    pub(crate) fn all(&self) -> String {
        let mut all = format!("exit {}\n", self.code);
        for (name, text) in [("out", &self.out), ("err", &self.err)] {
            if !text.is_empty() {
                let _ = write!(all, "--- {name}\n{text}");
            }
        }
        all
    }
}
