//! Which machine measured, and how figures are written.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

/// The machine and the versions of what was used, a line each.
pub(crate) fn words(root: &Path) -> Result<Vec<String>> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
    };
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let cores = std::thread::available_parallelism()?;
    let mut lines = vec![format!(
        "{}, {cores} cores, {memory} of memory, Linux {}",
        field(&read("/proc/cpuinfo"), "model name"),
        read("/proc/sys/kernel/osrelease").trim()
    )];
    lines.extend(versions());
    lines.push(said("git", &["--version"]));
    lines.push(format!("node {}", said("node", &["--version"])));
    let commit = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .current_dir(root)
        .output()?;
    let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
    lines.push(format!("commit {commit}"));
    Ok(lines)
}

/// What instruction counts hang on.
pub(crate) fn versions() -> Vec<String> {
    let libc = said("ldd", &["--version"]);
    vec![
        said("rustc", &["--version"]),
        libc.lines().next().unwrap_or_default().to_owned(),
        said("valgrind", &["--version"]),
    ]
}

fn said(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    output.map_or_else(
        |_| format!("no {program}"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// How many times the second number fits the first.
pub(crate) fn ratio(one: u64, other: u64) -> f64 {
    // Counts of instructions and bytes are far below what a float holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let ratio = one as f64 / other as f64;
    ratio
}
