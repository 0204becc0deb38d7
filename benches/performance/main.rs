//! Measures the whole program beside what people would use instead, on the same files, and writes what it found into
//! `docs/performance.md`.
//!
//! ```text
//! cargo bench --bench performance                # everything, about five minutes on a quiet machine where all is built
//! cargo bench --bench performance -- part small  # one part, shown and not written; `part` alone names them all
//! cargo bench --bench performance -- guard       # instruction counts, held to benches/instructions.txt
//! cargo bench --bench performance -- accept      # writes them anew, on purpose
//! ```

#![expect(clippy::print_stdout, reason = "a bench says what it does")]

mod binary;
mod corpus;
mod counts;
mod found;
mod guard;
mod machine;
mod network;
mod page;
mod part;
mod process;
mod rivals;
mod stages;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use part::{Bench, Part};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Outside of the repository: a flow's files are looked for from the root of the one that they stand in.
    let work = std::env::temp_dir().join("flowgate-performance");
    fs::create_dir_all(&work)?;
    let words = std::env::args().skip(1);
    let words: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => everything(root, &work),
        ["guard"] => guard::check(root, &work),
        ["accept"] => guard::accept(root, &work),
        ["part", name] if let Some(part) = Part::named(name) => {
            let found = Bench::new(root, &work)?.measure(part)?;
            print!("{}", page::part(&found));
            Ok(())
        }
        _ => bail!(
            "say nothing, `guard`, `accept`, or `part` and one of {}",
            Part::ALL.map(Part::name).join(", ")
        ),
    }
}

/// One part that fails takes nothing from the others: the page says so, and so does the end of the run.
fn everything(root: &Path, work: &Path) -> Result<()> {
    let bench = Bench::new(root, work)?;
    let measured = Part::ALL.map(|part| (part, bench.measure(part)));
    let mut machine = machine::words(root)?;
    machine.push(format!("`flowgate`: `{}`", bench.shipped.how));
    let page = page::whole(root, &machine, &measured)?;
    let place = root.join("docs/performance.md");
    fs::write(&place, page).context("could not write docs/performance.md")?;
    println!("wrote {}", place.display());
    let failed = measured.iter().filter(|(_, found)| found.is_err());
    let failed: Vec<&str> = failed.map(|(part, _)| part.name()).collect();
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}
