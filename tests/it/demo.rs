//! `flowgate demo` through the real binary: the README's main command.

use crate::support::Repo;

#[test]
fn the_demo_tells_its_story_the_same_way_twice() {
    let place = Repo::new();
    let tell = || place.flowgate(&["demo"]).end();
    let (first, second) = (tell(), tell());
    assert_eq!(first.code, 0, "{}", first.all());
    assert_eq!(first.out, second.out, "byte-identical between two runs");
    let left = std::fs::read_dir(place.root()).unwrap().count();
    assert_eq!(left, 0, "nothing is left behind");
    for chapter in [
        "Four flows are live",
        "error[connector-missing-target]",
        "### ❌ 🔴 3 flows: 1 to fix, 2 ready to merge, 1 breaking for callers",
        "Callers who press 2 would reach nothing.",
        "3 flows: 2 live, 1 without anything to do",
        "3 flows: 3 without anything to do",
        "puts 2.0.3 live again in place of 2.1.0",
        "2.1.0 was taken back; it stays so until its file changes",
        "How to go on",
    ] {
        assert!(first.out.contains(chapter), "{chapter} in {}", first.out);
    }
}
