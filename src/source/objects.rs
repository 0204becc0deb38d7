//! Git objects through one `git cat-file --batch` process: commits, trees and blobs.
//!
//! Git is asked by name on its standard input, never by argument, so that no revision can be taken for an option.
//! Answers are read before more questions are asked than fit the pipe, so neither side waits for the other for ever.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};

use super::SourceError;
use crate::settings::Environment;

/// How many questions may be unanswered: at 65 bytes each far less than any pipe holds.
const WINDOW: usize = 32;

/// What git answers where it succeeds.
pub(super) fn answer(
    command: &mut Command,
    attempted: &'static str,
) -> Result<Vec<u8>, SourceError> {
    let output = command.output().map_err(SourceError::NoGit)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(SourceError::Git {
        attempted,
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// A `git` command that sees this repository and nothing else: no variables but the search path, no settings of the
/// user or the machine, no prompt, no network.
pub(super) fn git(root: &Path, environment: &Environment) -> Command {
    let mut command = Command::new(program(environment));
    command.env_clear();
    for name in ["PATH", "SystemRoot"] {
        if let Some(value) = environment.get(name) {
            command.env(name, value);
        }
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env(
            "GIT_CONFIG_GLOBAL",
            if cfg!(windows) { "NUL" } else { "/dev/null" },
        )
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        // In a container the work tree often belongs to somebody else; nothing that we run executes its hooks. Git before
        // 2.38 heeds no such setting here, and asks nobody where it is told which repository is meant. No other repository
        // is trusted with it.
        .arg("-c")
        .arg(safe_directory(root))
        .arg("-C")
        .arg(root);
    if root.join(".git").exists() {
        command.env("GIT_DIR", ".git");
    }
    command
}

/// The setting that trusts the one repository that a folder stands in.
fn safe_directory(root: &Path) -> OsString {
    let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut folders = whole.ancestors();
    let repository = folders.find(|folder| folder.join(".git").exists());
    let mut setting = OsString::from("safe.directory=");
    setting.push(repository.unwrap_or(&whole));
    setting
}

/// Git as the search path has it. Named by its whole path it is started without a copy of this process.
fn program(environment: &Environment) -> PathBuf {
    let places = environment.get("PATH").map(std::env::split_paths);
    let mut found = places.into_iter().flatten().map(|place| place.join("git"));
    let found =
        found.find(|program| program.parent() != Some(Path::new("")) && is_program(program));
    found.unwrap_or_else(|| "git".into())
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Elsewhere names of programs have endings that the system knows best.
#[cfg(not(unix))]
fn is_program(_: &Path) -> bool {
    false
}

/// Those of a commit's symbolic links that lead to folders, or out of the commit to where nobody can say what stands.
pub(super) fn folders_behind(
    root: &Path,
    environment: &Environment,
    commit: &CommitSha,
    links: Vec<RepoPath>,
) -> Result<Vec<RepoPath>, SourceError> {
    let mut leads = Vec::new();
    // One at a time: an answer may have lines of its own, and links where flow files are are few.
    for link in links {
        if link.as_str().contains('\n') {
            leads.push(link);
            continue;
        }
        let mut child = git(root, environment)
            .args(["cat-file", "--batch-check", "--follow-symlinks"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(SourceError::NoGit)?;
        if let Some(mut questions) = child.stdin.take() {
            // What cannot be asked is not answered, which is told below.
            let _ = writeln!(questions, "{commit}:{link}");
        }
        let output = child.wait_with_output().map_err(SourceError::NoGit)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let first = said.lines().next().unwrap_or_default();
        let mut words = first.split(' ');
        let is_known_to_be_no_folder = match (words.next(), words.next()) {
            (Some("dangling" | "loop" | "notdir"), _) => true,
            (Some(_), Some(kind)) => kind == "blob",
            _ => false,
        };
        if !is_known_to_be_no_folder {
            leads.push(link);
        }
    }
    Ok(leads)
}

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Other,
}

/// An object of a repository.
#[derive(Debug)]
pub(super) struct Object {
    /// Its full id.
    pub(super) id: String,
    pub(super) kind: ObjectKind,
    pub(super) bytes: Vec<u8>,
}

struct Header {
    id: String,
    kind: ObjectKind,
    size: u64,
}

/// The running process.
pub(super) struct Objects {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    complaints: Option<JoinHandle<String>>,
    /// What was asked for and not listened to yet.
    ahead: Option<&'static str>,
}

impl Objects {
    /// Starts git in a repository.
    pub(super) fn open(root: &Path, environment: &Environment) -> Result<Self, SourceError> {
        let mut child = git(root, environment)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(SourceError::NoGit)?;
        let (Some(questions), Some(answers), Some(complaints)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(SourceError::NoGit(io::Error::other("it has no pipes")));
        };
        // Drained beside us: git must not stop because nobody listens to what it complains about.
        let complaints = std::thread::spawn(move || {
            let mut heard = Vec::new();
            let mut complaints = complaints;
            let _ = complaints.by_ref().take(4096).read_to_end(&mut heard);
            let _ = io::copy(&mut complaints, &mut io::sink());
            String::from_utf8_lossy(&heard).trim().to_owned()
        });
        Ok(Self {
            child,
            questions: Some(questions),
            answers: BufReader::with_capacity(64 * 1024, answers),
            complaints: Some(complaints),
            ahead: None,
        })
    }

    /// Asks for an object that [`Objects::get`] will want first: git finds it while other things are done.
    pub(super) fn ask_ahead(&mut self, name: &'static str) -> Result<(), SourceError> {
        self.pass_over()?;
        self.ask([name])?;
        self.ahead = Some(name);
        Ok(())
    }

    /// Listens to the answer that nobody wanted in the end.
    fn pass_over(&mut self) -> Result<(), SourceError> {
        if self.ahead.take().is_some()
            && let Some(header) = self.header()?
        {
            self.body(header.size, &mut io::sink())?;
        }
        Ok(())
    }

    /// The object with this name; `None` where there is none.
    pub(super) fn get(&mut self, name: &str) -> Result<Option<Object>, SourceError> {
        // A line is a question: a name with an end of line would be two.
        if name.contains(['\n', '\0']) {
            return Ok(None);
        }
        if self.ahead.take_if(|asked| *asked == name).is_none() {
            self.pass_over()?;
            self.ask([name])?;
        }
        let Some(header) = self.header()? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        self.body(header.size, &mut bytes)?;
        Ok(Some(Object {
            id: header.id,
            kind: header.kind,
            bytes,
        }))
    }

    /// The contents of blobs, one after the other, in the order of their ids.
    pub(super) fn each_blob(
        &mut self,
        ids: &[&str],
        limit: u64,
        mut then: impl FnMut(usize, Content),
    ) -> Result<(), SourceError> {
        self.pass_over()?;
        for (window, ids) in ids.chunks(WINDOW).enumerate() {
            self.ask(ids.iter().copied())?;
            for index in 0..ids.len() {
                let content = match self.header()? {
                    None => Content::Unreadable(
                        "its content is not in this clone; fetch it without `--filter`".to_owned(),
                    ),
                    Some(header) if header.size > limit => {
                        self.body(header.size, &mut io::sink())?;
                        Content::TooLarge {
                            size: header.size,
                            limit,
                        }
                    }
                    Some(header) => {
                        let mut bytes =
                            Vec::with_capacity(usize::try_from(header.size).unwrap_or(0));
                        self.body(header.size, &mut bytes)?;
                        Content::Bytes(bytes)
                    }
                };
                then(window * WINDOW + index, content);
            }
        }
        Ok(())
    }

    /// The content of one blob.
    pub(super) fn blob(&mut self, id: &str, limit: u64) -> Result<Content, SourceError> {
        let mut found = Content::Unreadable("git said nothing about it".to_owned());
        self.each_blob(&[id], limit, |_, content| found = content)?;
        Ok(found)
    }

    fn ask<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> Result<(), SourceError> {
        let mut lines = String::new();
        for name in names {
            lines.push_str(name);
            lines.push('\n');
        }
        let asked = match &mut self.questions {
            Some(questions) => questions
                .write_all(lines.as_bytes())
                .and_then(|()| questions.flush()),
            None => Ok(()),
        };
        asked.map_err(|_| self.failed())
    }

    fn header(&mut self) -> Result<Option<Header>, SourceError> {
        let mut line = Vec::new();
        match self.answers.read_until(b'\n', &mut line) {
            Ok(count) if count > 0 => {}
            _ => return Err(self.failed()),
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        let mut words = line.rsplitn(3, ' ');
        let (last, kind, id) = (words.next(), words.next(), words.next());
        // `NAME missing`, `NAME ambiguous`; a name may hold spaces, a size is a number.
        let (Some(id), Some(kind), Some(Ok(size))) = (id, kind, last.map(str::parse)) else {
            return Ok(None);
        };
        let kind = match kind {
            "commit" => ObjectKind::Commit,
            "tree" => ObjectKind::Tree,
            "blob" => ObjectKind::Blob,
            _ => ObjectKind::Other,
        };
        Ok(Some(Header {
            id: id.to_owned(),
            kind,
            size,
        }))
    }

    fn body(&mut self, size: u64, into: &mut impl Write) -> Result<(), SourceError> {
        let mut body = (&mut self.answers).take(size);
        let copied = io::copy(&mut body, into);
        let mut end = [0];
        let whole =
            copied.is_ok_and(|copied| copied == size) && self.answers.read_exact(&mut end).is_ok();
        if whole { Ok(()) } else { Err(self.failed()) }
    }

    /// Git went away: what it said.
    fn failed(&mut self) -> SourceError {
        self.questions = None;
        let said = self
            .complaints
            .take()
            .and_then(|complaints| complaints.join().ok())
            .unwrap_or_default();
        SourceError::Git {
            attempted: "read the repository",
            said: if said.is_empty() {
                "it ended without a word".to_owned()
            } else {
                said.trim_start_matches("fatal: ").to_owned()
            },
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // The end of the questions is the end of git; waiting for it leaves no zombie behind.
        self.questions = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_trusts_the_one_repository_that_was_asked_about_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let variables = [("PATH", std::env::var_os("PATH").unwrap())];
        let environment = Environment::new(variables);
        for name in ["one", "other"] {
            std::fs::create_dir_all(folder.join(name).join("flows/deep")).unwrap();
            let made = git(&folder.join(name), &environment).arg("init").output();
            assert!(made.unwrap().status.success());
        }
        let trusted = |root: &Path| -> Vec<String> {
            let command = git(root, &environment);
            let args = command
                .get_args()
                .map(|arg| arg.to_string_lossy().into_owned());
            args.filter(|arg| arg.starts_with("safe.")).collect()
        };
        let one = [format!("safe.directory={}", folder.join("one").display())];
        for place in ["one", "one/flows", "one/flows/deep", "other/../one"] {
            assert_eq!(trusted(&folder.join(place)), one, "{place}");
        }
        // All of them belong to somebody else.
        let asked = |root: &str, at: &str| {
            let mut command = git(&folder.join(root), &environment);
            command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
            command.env_remove("GIT_DIR").arg("-C").arg(folder.join(at));
            let output = command
                .args(["rev-parse", "--show-toplevel"])
                .output()
                .unwrap();
            output.status.success()
        };
        assert!(asked("one", "one") && asked("one/flows", "one/flows/deep"));
        assert!(!asked("one", "other") && !asked("one/flows", "other/flows"));
    }
}
