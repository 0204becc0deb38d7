//! Measures the whole program beside what people would use instead, on the same files, and writes what it found into
//! `docs/performance.md`.
//!
//! ```text
//! cargo bench --bench performance              # everything, about five minutes on a quiet machine
//! cargo bench --bench performance -- guard     # instruction counts, held to benches/instructions.txt
//! cargo bench --bench performance -- accept    # writes them anew, on purpose
//! ```

#![expect(clippy::print_stdout, reason = "a bench says what it does")]

mod corpus;
mod guard;
mod machine;
mod network;
mod page;
mod process;
mod rivals;
mod sizes;
mod stages;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Outside of the repository: a flow's files are looked for from the root of the one that they stand in.
    let work = std::env::temp_dir().join("flowgate-performance");
    fs::create_dir_all(&work)?;
    let mode = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    match mode.as_deref() {
        None => everything(root, &work),
        Some("guard") => guard::check(root, &work),
        Some("accept") => guard::accept(root, &work),
        Some(other) => bail!("there is no `{other}`; leave it out, or say `guard` or `accept`"),
    }
}

fn everything(root: &Path, work: &Path) -> Result<()> {
    let rivals = rivals::Rivals::prepare(root)?;
    let bench = process::Bench::new(root, work, rivals);
    println!("measuring stage by stage, then whole processes");
    let page = page::Page {
        machine: machine::words(root)?,
        stages: stages::measure(),
        tables: bench.measure()?,
        counts: guard::count(work)?,
        network: network::measure(root, work)?,
        sizes: sizes::by_crate(&binary())?,
        binary: fs::metadata(binary())?.len(),
    };
    let place = root.join("docs/performance.md");
    fs::write(&place, page.render(root)?).context("could not write docs/performance.md")?;
    println!("wrote {}", place.display());
    Ok(())
}

/// The program as `cargo bench` builds it: the release profile.
fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_flowgate"))
}
