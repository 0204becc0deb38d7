//! `flowgate bump`: the version that a change needs, written into the file and nothing else.

use std::fs;

use crate::support::{FLOW, Repo};

/// A flow as no formatter would write it.
const ODD: &str = "{ \"flowId\" : \"main\",\r\n\t\"version\": {\"patch\": 9, \"major\": 1, \"minor\": 2},\r\n\t\"elements\": [{\"id\":\"b\",\"type\":\"Begin\"},{\"id\":\"m\",\"type\":\"IVR\",\"label\":\"Menu\",\"x\":1,\"configuration\":{\"prompt\":\"Hi\"}},{\"id\":\"e\",\"type\":\"End\"}],\r\n\t\"connectors\": [{\"id\":\"c\",\"sourceId\":\"b\",\"targetId\":\"m\"},{\"id\":\"d\",\"sourceId\":\"m\",\"targetId\":\"e\",\"label\":\"press 1\"},{\"id\":\"f\",\"sourceId\":\"m\",\"targetId\":\"b\",\"label\":\"press 2\"}] }\r\n\r\n";

fn read(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.root().join(path)).unwrap()
}

#[test]
fn the_version_rises_by_the_step_that_the_change_needs_and_not_a_byte_more() {
    let gone = ",{\"id\":\"f\",\"sourceId\":\"m\",\"targetId\":\"b\",\"label\":\"press 2\"}";
    let repo = Repo::git().file("flows/a.json", ODD).commit("before");
    for (what, instead, version) in [
        ("\"Menu\"", "\"Main menu\"", (1, 2, 10)),
        ("\"Hi\"", "\"Hello\"", (1, 3, 0)),
        (gone, "", (2, 0, 0)),
    ] {
        let changed = ODD.replace(what, instead);
        assert_ne!(changed, ODD);
        repo.write("flows/a.json", &changed);
        let ended = repo.flowgate(&["bump"]).end();
        assert_eq!(ended.code, 0, "{}", ended.all());
        let (major, minor, patch) = version;
        let wanted = changed.replace(
            "{\"patch\": 9, \"major\": 1, \"minor\": 2}",
            &format!("{{\"patch\": {patch}, \"major\": {major}, \"minor\": {minor}}}"),
        );
        assert_eq!(read(&repo, "flows/a.json"), wanted);
        // Again: it is enough now, and the check agrees.
        let again = repo.flowgate(&["bump"]).end();
        assert!(again.out.contains("nothing to do"), "{}", again.all());
        assert_eq!(read(&repo, "flows/a.json"), wanted);
        let check = repo.flowgate(&["check"]).end().out;
        assert!(!check.contains("version-"), "{check}");
    }
}

#[test]
fn what_was_done_with_each_file_is_said() {
    let prompt = |id: &str, prompt: &str, version: &str| {
        ODD.replace("\"main\"", &format!("\"{id}\""))
            .replace("\"Hi\"", &format!("\"{prompt}\""))
            .replace(
                "{\"patch\": 9, \"major\": 1, \"minor\": 2}",
                &format!("\"{version}\""),
            )
    };
    let repo = Repo::git()
        .file("flows/deleted.json", prompt("deleted", "Hi", "1.0.0"))
        .file("flows/enough.json", prompt("enough", "Hi", "1.0.0"))
        .file("flows/moved.json", prompt("moved", "Hi", "1.0.0"))
        .file("flows/raised.json", prompt("raised", "Hi", "1.0.0"))
        .file("flows/same.json", prompt("same", "Hi", "1.0.0"))
        .commit("before")
        .file("flows/broken.json", "{")
        .file("flows/enough.json", prompt("enough", "Hello", "1.1.0"))
        .file(
            "flows/moved.json",
            prompt("moved", "Hi", "1.0.0").replace("\"x\":1", "\"x\":2"),
        )
        .file("flows/new.json", prompt("new", "Hi", "1.0.0"))
        .file("flows/raised.json", prompt("raised", "Hello", "1.0.1"))
        .file("flows/unversioned.json", prompt("unversioned", "Hi", "1.0"));
    fs::remove_file(repo.root().join("flows/deleted.json")).unwrap();
    let ended = repo.flowgate(&["bump"]).end();
    insta::assert_snapshot!(ended.all(), @r#"
    exit 1
    --- out
    flows/deleted.json: nothing to do: the file is deleted
    flows/enough.json: nothing to do: 1.0.0 → 1.1.0 is enough for a minor step
    flows/moved.json: nothing to do: it was only moved on the canvas
    flows/new.json: nothing to do: the flow is new
    flows/raised.json: 1.0.1 → 1.1.0 (minor: risky, Menu: callers hear something else)
    --- err
    note: compared with the last commit (ea045ab)
    error: flows/broken.json was left alone: it cannot be read as a flow
      hint: `flowgate check flows/broken.json` shows the places
    error: flows/unversioned.json was left alone: it has no version that could be raised
      hint: `flowgate check flows/unversioned.json` shows the places
    "#);
    assert!(read(&repo, "flows/raised.json").contains("\"version\": \"1.1.0\""));
}

#[test]
fn paths_and_base_are_chosen_as_for_a_check() {
    let changed = FLOW.replace(
        "\"targetId\": \"e\"",
        "\"targetId\": \"e\", \"priority\": 1",
    );
    let repo = Repo::new()
        .file("flows/a.json", &changed)
        .file("flows/b.json", changed.replace("main-line", "other"))
        .file("old/flows/a.json", FLOW)
        .file("old/flows/b.json", FLOW.replace("main-line", "other"));
    let ended = repo
        .flowgate(&["bump", "flows/a.json", "--base-dir", "old"])
        .end();
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_eq!(
        read(&repo, "flows/a.json"),
        changed.replace("1.0.0", "1.1.0")
    );
    assert!(read(&repo, "flows/b.json").contains("1.0.0"));
    assert_eq!(repo.flowgate(&["bump", "gone.json"]).end().code, 2);
    let unchanged = Repo::git().file("flows/a.json", FLOW).commit("all");
    let ended = unchanged.flowgate(&["bump"]).end();
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (0, "nothing to do: no flow is changed\n")
    );
}
