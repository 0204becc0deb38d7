//! The binaries: the one that is shipped, the one that `cargo bench` builds, and what they are made of.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::found::Found;
use crate::machine::ratio;
use crate::part::Bench;

/// What the shipped binary may have: 12 MiB.
const MOST_BYTES: u64 = 12 << 20;

/// Crates that are named; the rest is one line.
const SHOWN: usize = 14;

/// The program as `cargo bench` builds it, of the release profile: with symbols, and soon built.
pub(crate) fn released() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_flowgate"))
}

/// The program as it is shipped: what is measured is what people run.
pub(crate) struct Shipped {
    pub(crate) program: PathBuf,
    /// The command that builds it.
    pub(crate) how: String,
}

impl Shipped {
    /// Built for musl as a release is, else with glibc linked in, else as `cargo bench` builds it: what this machine can.
    /// `FLOWGATE_STATIC` names one that is built already.
    pub(crate) fn build(root: &Path) -> Result<Self> {
        if let Some(program) = std::env::var_os("FLOWGATE_STATIC") {
            return Ok(Self {
                how: format!("FLOWGATE_STATIC={}", program.display()),
                program: program.into(),
            });
        }
        let musl = format!("{ARCH}-unknown-linux-musl");
        let glibc = "x86_64-unknown-linux-gnu";
        let built = |target: &str, words: &[&str]| {
            println!("building what is shipped: cargo {}", words.join(" "));
            let ended = Command::new(env!("CARGO"))
                .args(words)
                .arg("--quiet")
                .current_dir(root)
                .status()?;
            ensure!(ended.success(), "what is shipped could not be built");
            Ok(Self {
                program: root.join("target").join(target).join("dist/flowgate"),
                how: format!("cargo {}", words.join(" ")),
            })
        };
        if cfg!(target_os = "linux") && can_link(&musl) {
            let words = "build --locked --profile dist --bin flowgate --target";
            let words: Vec<&str> = words.split(' ').chain([musl.as_str()]).collect();
            return built(&musl, &words);
        }
        println!("LEFT OUT: there is no target {musl}, or no musl-gcc");
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            return built(glibc, &["static"]);
        }
        Ok(Self {
            program: released(),
            how: "cargo build --release".to_owned(),
        })
    }
}

/// Whether both the standard library and the C compiler are at hand for a musl target.
fn can_link(target: &str) -> bool {
    let said = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .output();
    let library = said.is_ok_and(|said| {
        let place = String::from_utf8_lossy(&said.stdout);
        Path::new(place.trim()).exists()
    });
    library && Command::new("musl-gcc").arg("--version").output().is_ok()
}

/// Size, whole and by crate.
pub(crate) fn measure(bench: &Bench<'_>) -> Result<Found> {
    let (shipped, released) = (
        fs::metadata(&bench.shipped.program)?.len(),
        fs::metadata(released())?.len(),
    );
    let mebibytes = |bytes| format!("{:.1} MiB", ratio(bytes, 1 << 20));
    let mut found = Found::default();
    found.target(
        "binary",
        "the shipped binary: under 12 MiB, static",
        mebibytes(shipped),
        shipped < MOST_BYTES,
    );
    let mut text = format!(
        "What is shipped (`{}`: {}) has {}; the release build, {}. Code by crate, of the release build, whose symbols are kept: `nm --print-size --demangle target/release/flowgate`.\n\n| crate | KiB |\n|---|---:|\n",
        bench.shipped.how,
        "fat LTO, one codegen unit, no symbols, the C library linked in",
        mebibytes(shipped),
        mebibytes(released),
    );
    for (name, size) in by_crate(&self::released())? {
        let _ = writeln!(text, "| {name} | {size} |");
    }
    found.chapters.push(("The binary", text));
    Ok(found)
}

/// KiB of code by crate, the largest first.
fn by_crate(binary: &Path) -> Result<Vec<(String, u64)>> {
    let output = Command::new("nm")
        .args(["--print-size", "--demangle"])
        .arg(binary)
        .output()
        .context("could not run nm")?;
    ensure!(
        output.status.success(),
        "nm cannot read {}",
        binary.display()
    );
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let [_, size, "t" | "T" | "w" | "W", name] = words[..] else {
            continue;
        };
        let size = u64::from_str_radix(size, 16).unwrap_or(0);
        *sizes.entry(crate_of(name)).or_default() += size;
    }
    let mut sizes: Vec<(String, u64)> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let rest: u64 = sizes.iter().skip(SHOWN).map(|(_, size)| size).sum();
    sizes.truncate(SHOWN);
    sizes.push(("all others".to_owned(), rest));
    Ok(sizes
        .into_iter()
        .map(|(name, size)| (name, size >> 10))
        .collect())
}

/// The crate that a symbol belongs to: of `<a::B as c::D>::e` it is `a`.
fn crate_of(symbol: &str) -> String {
    let start = symbol
        .find(|c: char| c.is_alphanumeric() || c == '_')
        .unwrap_or(0);
    let name: String = symbol[start..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let is_path = symbol[start + name.len()..].starts_with("::");
    if is_path && name != "dyn" {
        name
    } else {
        "C, assembly and what has no path".to_owned()
    }
}
