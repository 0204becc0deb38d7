//! A repository with git's plumbing alone: trees in memory, commits without a work tree, trial merges, and checkouts as
//! `actions/checkout` makes them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use crate::support::github::FakeRepository;

use super::story::CheckOut;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// As git writes it, `100644` and so on.
    pub(super) mode: String,
    /// Of a submodule, the commit.
    pub(super) bytes: Vec<u8>,
}

impl Entry {
    pub(super) fn file(text: &str) -> Self {
        Self {
            mode: "100644".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }
}

/// All that a commit holds, by path.
pub(super) type Tree = BTreeMap<Vec<u8>, Entry>;

fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(args);
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "Nobody")
            .env(format!("GIT_{who}_EMAIL"), "nobody@example.com")
            .env(format!("GIT_{who}_DATE"), "2026-01-02T03:04:05Z");
    }
    command
}

/// Whether git did it, and what it printed.
fn git(directory: &Path, args: &[&str], stdin: &[u8]) -> (bool, Vec<u8>) {
    let mut child = command(directory, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let given = stdin.to_vec();
    // Both ends of a pipe fill up.
    let writer = std::thread::spawn(move || input.write_all(&given));
    let output = child.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "git {args:?}: {said}"
    );
    assert!(written.is_ok() || !output.status.success());
    (output.status.success(), output.stdout)
}

fn done(directory: &Path, args: &[&str], stdin: &[u8]) -> Vec<u8> {
    let (good, out) = git(directory, args, stdin);
    assert!(good, "git {args:?}");
    out
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().trim().to_owned()
}

/// What a commit holds, read with `git ls-tree` and `git cat-file`.
pub(super) fn read(root: &Path, commit: &str) -> Tree {
    let listed = done(root, &["ls-tree", "-r", "-z", "--full-tree", commit], b"");
    let mut entries = Vec::new();
    for entry in listed
        .split(|byte| *byte == 0)
        .filter(|entry| !entry.is_empty())
    {
        let tab = entry.iter().position(|byte| *byte == b'\t').unwrap();
        let (head, path) = (line(&entry[..tab]), entry[tab + 1..].to_vec());
        let [mode, _, id]: [&str; 3] = head.split(' ').collect::<Vec<_>>().try_into().unwrap();
        entries.push((path, mode.to_owned(), id.to_owned()));
    }
    let is_blob = |mode: &str| mode != "160000";
    let wanted: Vec<&str> = entries
        .iter()
        .filter(|(_, mode, _)| is_blob(mode))
        .map(|(_, _, id)| id.as_str())
        .collect();
    let mut contents = objects(&done(
        root,
        &["cat-file", "--batch"],
        format!("{}\n", wanted.join("\n")).as_bytes(),
    ))
    .into_iter();
    entries
        .into_iter()
        .map(|(path, mode, id)| {
            let bytes = if is_blob(&mode) {
                contents.next().unwrap().2
            } else {
                id.into_bytes()
            };
            (path, Entry { mode, bytes })
        })
        .collect()
}

/// Id, kind and content of each object that `git cat-file --batch` printed.
fn objects(mut out: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let mut all = Vec::new();
    while let Some(end) = out.iter().position(|byte| *byte == b'\n') {
        let head = line(&out[..end]);
        out = &out[end + 1..];
        let parts: Vec<&str> = head.split(' ').collect();
        let [id, kind, size] = parts[..] else {
            assert!(head.is_empty(), "git cat-file: {head}");
            continue;
        };
        let size: usize = size.parse().unwrap();
        all.push((id.to_owned(), kind.to_owned(), out[..size].to_vec()));
        out = &out[size + 1..];
    }
    all
}

/// The upstream repository, as GitHub holds it.
pub(super) struct Upstream {
    root: PathBuf,
    commits: u32,
    /// Where `main` stands.
    main: String,
    /// What was read before, by commit.
    trees: RefCell<HashMap<String, Rc<Tree>>>,
    /// What the work tree holds.
    detached: Option<String>,
}

impl Upstream {
    pub(super) fn at(root: PathBuf) -> Self {
        for setting in ["uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"] {
            done(&root, &["config", setting, "true"], b"");
        }
        let main = line(&done(&root, &["rev-parse", "main"], b""));
        Self {
            root,
            commits: 0,
            main,
            trees: RefCell::default(),
            detached: None,
        }
    }

    /// Where `main` stands.
    pub(super) fn main(&self) -> &str {
        &self.main
    }

    /// Lets `main` stand at a commit.
    pub(super) fn set_main(&mut self, commit: &str) {
        done(&self.root, &["update-ref", "refs/heads/main", commit], b"");
        commit.clone_into(&mut self.main);
    }

    /// The work tree is this commit, on no branch.
    pub(super) fn detach(&mut self, commit: &str) {
        if self.detached.as_deref() != Some(commit) {
            done(
                &self.root,
                &["checkout", "--quiet", "--force", "--detach", commit],
                b"",
            );
            self.detached = Some(commit.to_owned());
        }
    }

    pub(super) fn read(&self, commit: &str) -> Rc<Tree> {
        let mut trees = self.trees.borrow_mut();
        let tree = trees
            .entry(commit.to_owned())
            .or_insert_with(|| Rc::new(read(&self.root, commit)));
        Rc::clone(tree)
    }

    /// A commit that holds this tree.
    pub(super) fn commit(&mut self, parent: &str, tree: &Tree) -> String {
        self.commits += 1;
        let message = format!("change {}", self.commits);
        let at = 1_767_323_045 + self.commits;
        let mut stream = format!(
            "commit refs/heads/scratch\nmark :1\ncommitter Nobody <nobody@example.com> {at} +0000\ndata {}\n{message}\nfrom {parent}\ndeleteall\n",
            message.len()
        )
        .into_bytes();
        for (path, entry) in tree {
            let path = quoted(path);
            if entry.mode == "160000" {
                stream.extend(format!("M 160000 {} {path}\n", line(&entry.bytes)).bytes());
                continue;
            }
            stream.extend(
                format!(
                    "M {} inline {path}\ndata {}\n",
                    entry.mode,
                    entry.bytes.len()
                )
                .bytes(),
            );
            stream.extend(&entry.bytes);
            stream.push(b'\n');
        }
        stream.extend(b"get-mark :1\n");
        line(&done(
            &self.root,
            &["fast-import", "--quiet", "--force", "--date-format=raw"],
            &stream,
        ))
    }

    fn commit_tree(&mut self, tree: &str, parents: &[&str]) -> String {
        self.commits += 1;
        let message = format!("merge {}", self.commits);
        let mut args = vec!["commit-tree", tree, "-m", &message];
        for parent in parents {
            args.extend(["-p", parent]);
        }
        line(&done(&self.root, &args, b""))
    }

    fn merged(&self, base: Option<&str>, ours: &str, theirs: &str) -> Option<String> {
        let base = base.map(|base| format!("--merge-base={base}"));
        let mut args = vec!["merge-tree", "--write-tree", "--no-messages"];
        args.extend(base.as_deref());
        args.extend([ours, theirs]);
        let (clean, out) = git(&self.root, &args, b"");
        clean.then(|| line(&out))
    }

    /// GitHub's trial merge, or the commit of a merge; `None` where the two are in conflict.
    pub(super) fn merge(&mut self, into: &str, topic: &str) -> Option<String> {
        let tree = self.merged(None, into, topic)?;
        Some(self.commit_tree(&tree, &[into, topic]))
    }

    /// What the author makes of a branch and `main`, to have what is on `main`.
    pub(super) fn update(&mut self, topic: &str) -> Option<String> {
        let tree = self.merged(None, topic, &self.main)?;
        let main = self.main.clone();
        Some(self.commit_tree(&tree, &[topic, &main]))
    }

    /// The same as one commit of the base branch.
    pub(super) fn squash(&mut self, into: &str, topic: &str) -> Option<String> {
        let tree = self.merged(None, into, topic)?;
        Some(self.commit_tree(&tree, &[into]))
    }

    /// The same commit by commit; the new ones, the oldest first.
    pub(super) fn rebase(
        &mut self,
        into: &str,
        commits: &[String],
        from: &str,
    ) -> Option<Vec<String>> {
        let (mut onto, mut before) = (into.to_owned(), from.to_owned());
        let mut made = Vec::new();
        for commit in commits {
            let tree = self.merged(Some(&before), &onto, commit)?;
            onto = self.commit_tree(&tree, &[&onto]);
            made.push(onto.clone());
            before.clone_from(commit);
        }
        Some(made)
    }

    /// A clone of all of it with this commit checked out, of which most flows are left out.
    pub(super) fn sparse_clone(&self, commit: &str, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        let script = format!(
            "git clone --quiet --no-checkout 'file://{}' . && git fetch --quiet origin {commit} && git sparse-checkout set --no-cone /flows/eu/ /flowgate.toml && git checkout --quiet --detach {commit}",
            self.root.display()
        );
        shell(&script, to);
    }

    /// Puts all objects into GitHub's hands.
    pub(super) fn mirror(&self, to: &mut FakeRepository) {
        let out = done(
            &self.root,
            &["cat-file", "--batch-all-objects", "--batch", "--unordered"],
            b"",
        );
        for (id, kind, bytes) in objects(&out) {
            match kind.as_str() {
                "blob" => {
                    to.blobs.insert(id, bytes);
                }
                "tree" => {
                    to.trees.insert(id, entries(&bytes));
                }
                kind => {
                    assert_eq!(kind, "commit");
                    let text = String::from_utf8(bytes).unwrap();
                    let head = text.lines().take_while(|line| !line.is_empty());
                    let named = |name: &str| -> Vec<String> {
                        let of = head.clone().filter_map(|line| line.strip_prefix(name));
                        of.map(str::to_owned).collect()
                    };
                    to.roots.insert(id.clone(), named("tree ").remove(0));
                    to.parents.insert(id, named("parent "));
                }
            }
        }
        to.branches.insert("main".to_owned(), self.main.clone());
    }

    /// A checkout of a commit, as `actions/checkout` leaves it at `to`; `reference` is what it fetched it as.
    pub(super) fn check_out(&self, kind: CheckOut, commit: &str, reference: &str, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        let mut fetch = String::from("git -c protocol.version=2 fetch --quiet --no-tags ");
        match kind {
            CheckOut::None => return,
            CheckOut::Whole | CheckOut::Sparse => {}
            CheckOut::Head => fetch.push_str("--depth=1 "),
            CheckOut::InFolder => fetch.push_str("--depth=2 "),
            CheckOut::Depth(depth) => write!(fetch, "--depth={depth} ").unwrap(),
            CheckOut::Blobless => fetch.push_str("--filter=blob:none --depth=1 "),
        }
        fetch.push_str("origin ");
        if kind == CheckOut::Whole {
            fetch.push_str("'+refs/heads/*:refs/remotes/origin/*' ");
        }
        if kind != CheckOut::Whole || !reference.starts_with("refs/remotes/origin/") {
            write!(fetch, "+{commit}:{reference}").unwrap();
        }
        let sparse = match kind {
            CheckOut::Sparse => "git sparse-checkout set --no-cone /tools/ && ",
            _ => "",
        };
        let script = format!(
            "git init --quiet --initial-branch=main && git remote add origin 'file://{}' && {fetch} && {sparse}git checkout --quiet --force --detach {commit}",
            self.root.display()
        );
        shell(&script, to);
    }
}

fn shell(script: &str, at: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-ec", script]).current_dir(at).env_clear();
    let like = command(at, &[]);
    shell.envs(
        like.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = shell.output().unwrap();
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A path as `git fast-import` reads it.
fn quoted(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in path {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            other => write!(text, "\\{other:03o}").unwrap(),
        }
    }
    text.push('"');
    text
}

/// The entries of a tree object.
fn entries(mut bytes: &[u8]) -> Vec<(String, &'static str, String)> {
    let mut all = Vec::new();
    while let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let (mode, name) = head.split_once(' ').unwrap();
        let known = ["40000", "100644", "100755", "120000", "160000"];
        let mode = known.into_iter().find(|known| *known == mode).unwrap();
        let mode = if mode == "40000" { "040000" } else { mode };
        let id = flowgate_core::ids::hex(&bytes[end + 1..end + 21]);
        all.push((name.to_owned(), mode, id));
        bytes = &bytes[end + 21..];
    }
    all
}
