//! Pages and files that tests write, whole or in part: each has one test that holds it to what it should be.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where this repository begins.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Holds a file to what it should be; writes it anew with `UPDATE_DOCS=1`.
pub(crate) fn held_fresh(path: &str, fresh: &str) {
    let file = root().join(path);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(file, fresh).unwrap();
        return;
    }
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        fresh,
        "{path} is behind: UPDATE_DOCS=1 cargo test --test it fresh"
    );
}

/// The same of what stands between two marks: the line that has `opens`, and `closes`.
pub(crate) fn held_fresh_between(path: &str, opens: &str, closes: &str, fresh: &str) {
    let page = fs::read_to_string(root().join(path)).unwrap();
    let (before, rest) = page.split_once(opens).unwrap();
    let (mark, rest) = rest.split_once('\n').unwrap();
    let (_, after) = rest.split_once(closes).unwrap();
    held_fresh(
        path,
        &format!("{before}{opens}{mark}\n{fresh}{closes}{after}"),
    );
}

/// Every file below a directory of this repository.
pub(crate) fn files_below(directory: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(directory)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Every Rust file below these directories.
pub(crate) fn rust_below(directories: &[&str]) -> Vec<PathBuf> {
    let all = directories.iter().flat_map(|&place| files_below(place));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// All Rust below these directories, as one text.
pub(crate) fn code_below(directories: &[&str]) -> String {
    let files = rust_below(directories);
    files
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}
