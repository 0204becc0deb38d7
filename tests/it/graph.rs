//! `flowgate graph`, as typed. What a browser makes of the page is for the conformance suite.

use crate::support::{FLOW, Repo};

#[test]
fn a_change_is_drawn_as_a_page_and_as_mermaid() {
    let new = FLOW.replace("\"Begin\"", "\"Begin\", \"label\": \"Hello\"");
    let repo = Repo::new().file("old.json", FLOW).file("new.json", &new);
    let drawn = repo
        .flowgate(&[
            "graph",
            "new.json",
            "--against",
            "old.json",
            "--format",
            "mermaid",
        ])
        .end();
    assert_eq!(drawn.code, 0, "{}", drawn.all());
    assert!(drawn.out.starts_with("flowchart LR\n"), "{}", drawn.out);
    assert!(drawn.out.contains("[\"Hello\"]:::changed"), "{}", drawn.out);

    let written = repo
        .flowgate(&[
            "graph",
            "new.json",
            "--against",
            "old.json",
            "-o",
            "page.html",
        ])
        .end();
    assert_eq!(
        (written.code, written.out.as_str()),
        (0, ""),
        "{}",
        written.all()
    );
    let page = std::fs::read_to_string(repo.root().join("page.html")).unwrap();
    assert!(page.starts_with("<!doctype html>"));
    for word in ["Hello", "/label", "node changed", "script-src 'sha256-"] {
        assert!(page.contains(word), "{word}");
    }
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "it needs nothing else"
    );
}

#[test]
fn half_a_flow_is_not_drawn() {
    let repo = Repo::new().file("a.json", "{\"elements\": 1}");
    let refused = repo.flowgate(&["graph", "a.json"]).end();
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (2, ""),
        "{}",
        refused.all()
    );
}
