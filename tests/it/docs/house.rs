//! The house is as its map says: every room has its name on it, every place that a document names is there, every
//! file says on top what lives in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::pages::{files_below, root, rust_below};

/// Where our own Rust stands.
const RUST: [&str; 5] = ["src", "crates", "tests", "benches", "fuzz/fuzz_targets"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_file_says_on_top_what_lives_in_it() {
    let files = rust_below(&RUST);
    assert!(files.len() > 300, "{} files", files.len());
    let mut faults = Vec::new();
    for path in files {
        let text = read(&path);
        if !text.starts_with("//! ") {
            faults.push(format!("{}: says nothing on top", path.display()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_room_is_on_the_map() {
    let map = read(&root().join("docs/architecture.md"));
    let mut missing = Vec::new();
    for (place, title) in [
        ("crates/flowgate-core/src", "### Inside `flowgate-core`"),
        ("src", "### Inside `src/`"),
    ] {
        let (_, part) = map.split_once(title).unwrap();
        let part = part.split("\n### ").next().unwrap();
        for entry in fs::read_dir(root().join(place)).unwrap() {
            let path = entry.unwrap().path();
            let room = path.file_stem().unwrap().to_str().unwrap();
            if room != "lib" && !part.contains(&format!("`{room}`")) {
                missing.push(format!("{place}/{room}"));
            }
        }
    }
    assert!(missing.is_empty(), "not on the map: {missing:?}");
}

/// Pages that speak of what is there. The roadmap speaks of what is not.
fn pages() -> Vec<PathBuf> {
    let mut pages = files_below("docs");
    pages.extend(["README.md", "CONTRIBUTING.md"].map(|page| root().join(page)));
    pages.retain(|page| {
        page.extension().is_some_and(|extension| extension == "md") && !page.ends_with("roadmap.md")
    });
    pages
}

/// What stands between back-ticks.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_place_that_a_page_names_is_there() {
    let mut named = 0;
    for page in pages() {
        let text = read(&page);
        for place in quoted(&text) {
            let first = place.split('/').next().unwrap_or_default();
            let is_ours = place.contains('/')
                && !place.contains([' ', '*', '{', '…'])
                && !matches!(first, "" | "flows" | "target")
                && root().join(first).is_dir();
            if is_ours {
                named += 1;
                let there = root().join(place).exists();
                assert!(there, "{}: no `{place}`", page.display());
            }
        }
    }
    assert!(named > 100, "{named} places");
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        let links = text.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split([')', '\n']).next()) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            if link.contains("://") || link.contains(' ') {
                continue;
            }
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(file)
            };
            assert!(target.exists(), "{}: no {link}", page.display());
            let leads = part.is_empty() || anchors(&read(&target)).any(|anchor| anchor == part);
            assert!(leads, "{}: no part {link}", page.display());
            followed += 1;
        }
    }
    assert!(followed > 60, "{followed} links");
}

/// What GitHub calls the headings of a page.
fn anchors(page: &str) -> impl Iterator<Item = String> {
    page.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter_map(|letter| match letter {
                    ' ' => Some('-'),
                    _ if letter.is_alphanumeric() || "-_".contains(letter) => Some(letter),
                    _ => None,
                })
                .collect()
        })
}
