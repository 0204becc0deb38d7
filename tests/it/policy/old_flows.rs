//! A team with hundreds of old flows switches Flowgate on: what is there is accepted, and only what is new fails.

use std::fmt::Write as _;

use super::{check, dead_end};
use crate::support::Repo;

const FLOWS: usize = 300;

/// Old flows with faults of several kinds, errors and warnings, one file each.
fn old() -> Repo {
    let repo = Repo::git();
    for nth in 0..FLOWS {
        let id = format!("flow-{nth:03}");
        let text = match nth % 3 {
            0 => dead_end(&id, "e"),
            1 => dead_end(&id, "e").replace(
                r#""name": "Info""#,
                r#""name": "Info", "configuration": {"password": "Tr0ub4dor&3-horse"}"#,
            ),
            _ => dead_end(&id, "e").replace(r#""type": "Begin""#, r#""type": "IVR""#),
        };
        repo.write(&format!("flows/{id}.json"), text);
    }
    repo.commit("as they are live")
}

#[test]
fn three_hundred_old_flows_are_switched_on_today_and_only_a_new_fault_fails() {
    let repo = old();
    let (code, before) = check(&repo);
    assert_eq!(code, 1);
    let errors = before
        .iter()
        .filter(|told| told.contains(" error "))
        .count();
    assert!(errors >= 200, "{errors}");

    let accepted = repo.flowgate(&["accept"]).end();
    assert_eq!(accepted.code, 0, "{}", accepted.all());
    let first = format!(
        "flowgate-accepted.toml: accepts {} findings of 300 flows; {0} new, 0 gone\n",
        before.len()
    );
    assert_eq!(
        accepted.out,
        first.replace("{0}", &before.len().to_string())
    );
    let file = std::fs::read_to_string(repo.root().join("flowgate-accepted.toml")).unwrap();
    assert!(!file.contains("Tr0ub4dor"), "no secret is written down");
    assert_eq!(
        file.lines().filter(|line| line.contains(" = ")).count(),
        before.len()
    );

    let (code, after) = check(&repo);
    assert_eq!(code, 0);
    assert!(
        after.iter().all(|told| told.ends_with(" accepted")),
        "{after:?}"
    );
    let text = repo.flowgate(&["check", "flows"]).end();
    let total = text.out.lines().last().unwrap();
    assert_eq!(
        total,
        format!(
            "0 errors, 0 warnings in 300 flow files; {} findings accepted",
            before.len()
        )
    );

    // The same again writes the same bytes.
    assert_eq!(repo.flowgate(&["accept"]).end().code, 0);
    let again = std::fs::read_to_string(repo.root().join("flowgate-accepted.toml")).unwrap();
    assert_eq!(again, file);

    // A file that is renamed and written anew, with another name for the element, is as old as before.
    let moved = dead_end("flow-001", "e")
        .replace(
            r#""name": "Info""#,
            r#""configuration": {"password": "Tr0ub4dor&3-horse"}, "x": 9, "name": "News""#,
        )
        .replace("1.0.0", "1.1.0")
        .replace('\n', "\r\n");
    std::fs::remove_file(repo.root().join("flows/flow-001.json")).unwrap();
    repo.write("flows/moved.json", moved);
    assert_eq!(check(&repo).0, 0);

    // One new fault: an element that leads nowhere.
    let broken = dead_end("flow-003", "nowhere").replace("1.0.0", "2.0.0");
    repo.write("flows/flow-003.json", broken);
    let (code, told) = check(&repo);
    assert_eq!(code, 1);
    let new: Vec<&String> = told
        .iter()
        .filter(|told| !told.ends_with(" accepted"))
        .collect();
    assert_eq!(
        new,
        [
            "unreachable-element warning -",
            "connector-missing-target error -"
        ]
    );
}

#[test]
fn what_was_mended_is_said_and_dropped_and_nothing_new_is_accepted_on_the_way() {
    let repo = Repo::new()
        .file("flows/a.json", dead_end("a", "e"))
        .file("flows/b.json", dead_end("b", "e"));
    let file = || std::fs::read_to_string(repo.root().join("flowgate-accepted.toml"));
    insta::assert_snapshot!(repo.flowgate(&["accept"]).end().all(), @r#"
    exit 0
    --- out
    flowgate-accepted.toml: accepts 2 findings of 2 flows; 2 new, 0 gone
    "#);
    insta::assert_snapshot!(file().unwrap(), @r#"
    # Written by `flowgate accept`: findings that were there already. Only others count.

    [accepted.a]
    adfce91870d989b4bd9785fa364910ad = { rule = "dead-end", element = "info" }

    [accepted.b]
    26df0360606f0640e947d9723945c660 = { rule = "dead-end", element = "info" }
    "#);

    let mended = dead_end("a", "e").replace(
        "\"info\", \"label\": \"press 2\"",
        "\"e\", \"label\": \"press 2\"",
    );
    let mended = mended.replace(
        "    {\"id\": \"info\", \"type\": \"IVR\", \"name\": \"Info\"},\n",
        "",
    );
    repo.write("flows/a.json", mended);
    repo.write("flows/b.json", dead_end("b", "menu"));
    let (code, told) = check(&repo);
    assert_eq!(
        (code, told),
        (
            0,
            vec![
                "accepted-stale info -".to_owned(),
                "dead-end warning accepted".to_owned(),
                "unreachable-element warning -".to_owned(),
            ]
        )
    );
    insta::assert_snapshot!(repo.flowgate(&["accept", "--prune"]).end().all(), @r#"
    exit 0
    --- out
    flowgate-accepted.toml: accepts 1 finding of 1 flow; 0 new, 1 gone
    still counted:
      flows/b.json:8:12: warning[unreachable-element]: no way leads from Begin to End `e`
    "#);
    insta::assert_snapshot!(file().unwrap(), @r#"
    # Written by `flowgate accept`: findings that were there already. Only others count.

    [accepted.b]
    26df0360606f0640e947d9723945c660 = { rule = "dead-end", element = "info" }
    "#);

    std::fs::remove_file(repo.root().join("flows/b.json")).unwrap();
    assert_eq!(repo.flowgate(&["accept"]).end().code, 0);
    assert!(file().is_err(), "nothing is accepted any more");
}

#[test]
fn what_cxone_would_refuse_cannot_be_accepted_and_is_told() {
    let repo = Repo::new().file("flows/a.json", dead_end("a", "nowhere"));
    insta::assert_snapshot!(repo.flowgate(&["accept"]).end().all(), @r#"
    exit 1
    --- out
    flowgate-accepted.toml: accepts 1 finding of 1 flow; 1 new, 0 gone
    still counted:
      flows/a.json:8:12: warning[unreachable-element]: no way leads from Begin to End `e`
      flows/a.json:12:50: error[connector-missing-target]: the connector from Menu (`menu`) leads to `nowhere`; no element has that id
    "#);
}

#[test]
fn the_file_stands_beside_the_settings_and_what_is_wrong_with_it_is_said_at_once() {
    let repo = Repo::new()
        .file("flows/a.json", dead_end("a", "e"))
        .file(".github/flowgate.toml", "");
    assert_eq!(repo.flowgate(&["accept"]).end().code, 0);
    let place = repo.root().join(".github/flowgate-accepted.toml");
    let mut text = std::fs::read_to_string(&place).unwrap();
    assert_eq!(check(&repo).0, 0);
    let _ = write!(
        text,
        "not-a-print = true\n\n[accept.b]\n\n[accepted.\"a b\"]\n"
    );
    repo.write(".github/flowgate-accepted.toml", text);
    insta::assert_snapshot!(repo.flowgate(&["check", "flows"]).end().all(), @r#"
    exit 2
    --- err
    error: the configuration cannot be used
      .github/flowgate-accepted.toml:5:1: `not-a-print` is no fingerprint; expected the 32 hexadecimal digits that a finding shows
      .github/flowgate-accepted.toml:7:2: unknown key `accept`; did you mean `accepted`?
      .github/flowgate-accepted.toml:9:11: `a b` is not a flow id: expected 1 to 128 of `A-Z a-z 0-9 . _ -`, and neither `.` nor `..`
    "#);
    repo.write("flowgate-accepted.toml", "");
    repo.write(".github/flowgate-accepted.toml", "");
    insta::assert_snapshot!(repo.flowgate(&["check", "flows"]).end().all(), @r#"
    exit 2
    --- err
    error: there are two configuration files, `flowgate-accepted.toml` and `.github/flowgate-accepted.toml`: keep one
    "#);
}
