//! Whether git writes other line ends into the work tree than it stores: then they are no part of a file's form.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use flowgate_core::ids::RepoPath;

/// Those of these files whose line ends git converts when it takes them in. Asked are the settings of the user and of the
/// machine too, since they are what git heeds there (on Windows it converts by a setting of the machine); nothing that they
/// name is run. Where git cannot be asked, none is.
pub fn converted(root: &Path, paths: &[RepoPath]) -> BTreeSet<RepoPath> {
    let autocrlf = ask(root, &["config", "--get", "core.autocrlf"], "").unwrap_or_default();
    let by_setting = matches!(autocrlf.trim(), "true" | "input");
    let mut names = String::new();
    for path in paths {
        names.push_str(path.as_str());
        names.push('\0');
    }
    let arguments = ["check-attr", "-z", "--stdin", "text", "eol"];
    let said = ask(root, &arguments, &names).unwrap_or_default();
    let (mut converted, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let fields: Vec<&str> = said.split('\0').collect();
    for field in fields.chunks_exact(3) {
        let (path, name, value) = (field[0], field[1], field[2]);
        match (name, value) {
            ("text", "unset") => drop(kept.insert(path)),
            ("text", "set" | "auto") | ("eol", "lf" | "crlf") => drop(converted.insert(path)),
            _ => {}
        }
    }
    let is_converted = |path: &&RepoPath| {
        !kept.contains(path.as_str()) && (by_setting || converted.contains(path.as_str()))
    };
    paths.iter().filter(is_converted).cloned().collect()
}

/// What git says to a question that changes nothing.
fn ask(root: &Path, arguments: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut questions = child.stdin.take()?;
    let input = input.to_owned();
    // Beside the answer: no pipe holds both.
    let asking = std::thread::spawn(move || {
        let _gone_early = questions.write_all(input.as_bytes());
    });
    let answer = child.wait_with_output().ok()?;
    let _ended = asking.join();
    String::from_utf8(answer.stdout).ok()
}
