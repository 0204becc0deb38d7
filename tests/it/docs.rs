//! Documents that name code are held to it, and the house to its map.

mod house;

use std::fs;

use crate::support::Repo;
use crate::support::pages::{code_below, held_fresh_between, root};

#[test]
fn every_place_and_test_in_the_tutorial_table_exists() {
    let code = code_below(&["src", "crates", "tests"]);
    let table = fs::read_to_string(root().join("docs/tutorial.md")).unwrap();
    let mut rows = 0;
    for row in table
        .lines()
        .filter(|row| row.starts_with("| ") && !row.starts_with("| **"))
        .skip(1)
    {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [_, place, test] = cells[..] else {
            panic!("three cells: {row}")
        };
        let bare = |cell: &str| cell.trim_matches(['|', ' ', '`']).to_owned();
        assert!(root().join(bare(place)).is_file(), "no such file: {row}");
        assert!(
            code.contains(&format!("fn {}(", bare(test))),
            "no such test: {row}"
        );
        rows += 1;
    }
    assert!(rows > 30, "{rows} rows");
}

#[test]
fn every_test_that_the_security_page_names_exists() {
    let code = code_below(&["src", "crates", "tests"]);
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let proof = row.trim_end_matches([' ', '|']).rsplit(" | ").next();
        // Every second piece stands between back-ticks.
        for name in proof.unwrap().split('`').skip(1).step_by(2) {
            let place = name.contains('/') && root().join(name).is_file();
            let is_test = code.contains(&format!("fn {name}("));
            if name.contains('_') || name.contains('/') {
                assert!(place || is_test, "no such test: {name}, in {row}");
                named += 1;
            }
        }
    }
    assert!(named > 40, "{named} tests");
}

#[test]
fn the_readme_names_only_commands_and_documents_that_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for line in ["cargo run --release -- demo", "cargo test"] {
        assert!(
            readme.lines().any(|found| found == line),
            "{line} stands on a line of its own"
        );
    }
    for link in readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        let (file, _) = link.split_once('#').unwrap_or((link, ""));
        assert!(
            link.starts_with("http") || root().join(file).exists(),
            "{link}"
        );
    }
    let help = Repo::new().flowgate(&["--help"]).end().out;
    for command in readme.split("`flowgate ").skip(1) {
        let name = command.split([' ', '`']).next().unwrap();
        assert!(
            help.contains(&format!("  {name}")),
            "`flowgate {name}` is in --help"
        );
    }
}

#[test]
fn the_readme_sample_is_fresh() {
    let demo =
        |side: &str| fs::read(root().join("demo").join(side).join("claims-hotline.json")).unwrap();
    let repo = Repo::git()
        .file("flows/claims-hotline.json", demo("before"))
        .commit("as it is live");
    repo.write("flows/claims-hotline.json", demo("change"));
    let said = repo.flowgate(&["check"]).end();
    assert_eq!(said.code, 1, "{}", said.all());
    let sample = format!(
        "\n```console\n$ flowgate check\n{}\n```\n",
        said.out.trim_end()
    );

    held_fresh_between(
        "README.md",
        "<!-- sample: begin",
        "<!-- sample: end -->",
        &sample[1..],
    );
}
