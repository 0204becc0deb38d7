//! What is measured beside this program: built or installed when it is needed, and left out aloud where it cannot be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::binary::released;
use crate::found::Took;

/// Where to find each of them; `None` for what is left out.
pub(crate) struct Rivals {
    pub(crate) measure: PathBuf,
    pub(crate) parse: PathBuf,
    /// Ajv's program and the schema that it holds files to.
    pub(crate) ajv: Option<(PathBuf, PathBuf)>,
    pub(crate) tutorial: Option<PathBuf>,
}

impl Rivals {
    pub(crate) fn prepare(root: &Path, corpora: &Path) -> Result<Self> {
        let work = root.join("target/performance");
        let package = root.join("benches/rivals");
        let target = work.join("rivals");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--quiet", "--manifest-path"])
            .arg(package.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", &target)
            // The fastest parser is fast with these instructions only; our program does without.
            .env("RUSTFLAGS", rust_flags())
            .status()?;
        ensure!(built.success(), "the rivals in Rust could not be built");
        let node = work.join("node");
        let has_node = install(&package, &node);
        let schema = corpora.join("flow.schema.json");
        let published = Command::new(released()).args(["schema", "flow"]).output()?;
        ensure!(
            published.status.success(),
            "the schema could not be printed"
        );
        fs::write(&schema, published.stdout)?;
        let ajv = has_node.then(|| (node.join("ajv.mjs"), schema));
        let tutorial = if has_node {
            tutorial(root, &node)
        } else {
            None
        };
        Ok(Self {
            measure: target.join("release/measure"),
            parse: target.join("release/parse"),
            ajv,
            tutorial,
        })
    }
}

fn rust_flags() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        return "-C target-cpu=x86-64-v3";
    }
    ""
}

/// Whether node and its packages are at hand.
fn install(package: &Path, node: &Path) -> bool {
    let copied = fs::create_dir_all(node).and_then(|()| {
        for file in ["package.json", "package-lock.json", "ajv.mjs"] {
            fs::copy(package.join(file), node.join(file))?;
        }
        Ok(())
    });
    let installed = node.join("node_modules/.package-lock.json").exists()
        || Command::new("npm")
            .args(["ci", "--silent", "--no-audit", "--no-fund"])
            .current_dir(node)
            .status()
            .is_ok_and(|ended| ended.success());
    if copied.is_err() || !installed {
        println!("LEFT OUT: npm could not install ajv and what the tutorial's program needs");
    }
    copied.is_ok() && installed
}

/// The tutorial's own program, sliced out of its text; nothing of it is kept in this repository.
fn tutorial(root: &Path, node: &Path) -> Option<PathBuf> {
    let text = std::env::var_os("TUTORIAL_TEXT").map_or_else(
        || root.join("../shared/reference/flow-versioning-tutorial.txt"),
        PathBuf::from,
    );
    let program = node.join("tutorial.mjs");
    let slice = || {
        Command::new("node")
            .arg(root.join("benches/rivals/tutorial.mjs"))
            .args([&text, &program])
            .status()
    };
    if text.exists() && slice().is_ok_and(|ended| ended.success()) {
        return Some(program);
    }
    println!(
        "LEFT OUT: the tutorial's text is not at hand ({}); set TUTORIAL_TEXT",
        text.display()
    );
    None
}

impl Rivals {
    /// The best of several runs of a command.
    pub(crate) fn time(&self, runs: usize, command: &Words, cwd: &Path) -> Result<Took> {
        let output = Command::new(&self.measure)
            .arg(runs.to_string())
            .args(&command.0)
            .current_dir(cwd)
            .env_remove("GITHUB_ACTIONS")
            .output()?;
        ensure!(
            output.status.success(),
            "{:?}: {}",
            command.0,
            String::from_utf8_lossy(&output.stderr)
        );
        let said = String::from_utf8(output.stdout)?;
        let numbers: Vec<f64> = said
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [best, wall, _, cpu, peak] = numbers[..] else {
            anyhow::bail!("`measure` said {said}");
        };
        Ok(Took {
            best: best / 1e3,
            wall: wall / 1e3,
            cpu: cpu / 1e3,
            peak: peak / 1024.0,
        })
    }
}

/// A command and its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Words(Vec<PathBuf>);

impl Words {
    pub(crate) fn new(program: impl Into<PathBuf>) -> Self {
        Self(vec![program.into()])
    }

    pub(crate) fn and(mut self, words: &[&str]) -> Self {
        self.0.extend(words.iter().map(PathBuf::from));
        self
    }

    pub(crate) fn and_path(mut self, path: &Path) -> Self {
        self.0.push(path.to_owned());
        self
    }

    /// As a person would type it, with short names for long paths.
    pub(crate) fn shown(&self, names: &[(PathBuf, &str)]) -> String {
        let words = self.0.iter().map(|word| {
            let short = names.iter().find_map(|(path, name)| {
                let rest = word.strip_prefix(path).ok()?;
                Some(PathBuf::from(name).join(rest))
            });
            let word = short.as_ref().unwrap_or(word).display().to_string();
            word.trim_end_matches('/').to_owned()
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// The command under callgrind; nothing is kept of its profile.
    pub(crate) fn counted(&self) -> Command {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args(&self.0);
        command
    }
}

/// How many instructions a command takes, all its threads together.
pub(crate) fn instructions(command: &Words, cwd: &Path) -> Result<u64> {
    let output = command
        .counted()
        .current_dir(cwd)
        .env_remove("GITHUB_ACTIONS")
        .output()
        .context("could not run valgrind; install it (`apt-get install valgrind`)")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .with_context(|| format!("callgrind counted nothing: {said}"))?;
    Ok(collected.1.trim().parse()?)
}
