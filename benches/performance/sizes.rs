//! What the binary is made of, by crate, from its symbols.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Crates that are named; the rest is one line.
const SHOWN: usize = 14;

/// KiB of code by crate, the largest first.
pub(crate) fn by_crate(binary: &Path) -> Result<Vec<(String, u64)>> {
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
