//! What a team decides in `flowgate.toml` and `flowgate-accepted.toml`, as `flowgate check` and `flowgate accept` take it.

mod old_flows;
mod pull_requests;

use serde_json::Value;

use crate::support::Repo;

/// A flow with a warning: callers reach Info, and nothing follows. Its other way out leads to `next`.
pub(super) fn dead_end(id: &str, next: &str) -> String {
    format!(
        r#"{{
  "flowId": "{id}",
  "version": "1.0.0",
  "elements": [
    {{"id": "b", "type": "Begin"}},
    {{"id": "menu", "type": "IVR", "name": "Menu"}},
    {{"id": "info", "type": "IVR", "name": "Info"}},
    {{"id": "e", "type": "End"}}
  ],
  "connectors": [
    {{"id": "c1", "sourceId": "b", "targetId": "menu"}},
    {{"id": "c2", "sourceId": "menu", "targetId": "{next}", "label": "press 1"}},
    {{"id": "c3", "sourceId": "menu", "targetId": "info", "label": "press 2"}}
  ]
}}
"#
    )
}

/// A check of everything with these settings: its exit code, and each finding as `rule severity excuse`.
pub(super) fn check(repo: &Repo) -> (i32, Vec<String>) {
    let ended = repo.flowgate(&["check", "flows", "--format", "json"]).end();
    assert!(ended.out.starts_with('{'), "{}", ended.all());
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.map(|finding| {
        let [rule, severity] = ["rule", "severity"].map(|key| text(&finding[key]));
        format!("{rule} {severity} {}", text(&finding["excuse"]["kind"]))
    });
    (ended.code, told.collect())
}

fn with(settings: &str) -> Repo {
    Repo::new()
        .file("flows/a.json", dead_end("main", "e"))
        .file("flows/legacy/b.json", dead_end("old", "e"))
        .file("flowgate.toml", settings)
}

#[test]
fn severities_hold_for_all_files_or_for_those_of_a_path() {
    let both = |severity: &str| vec![format!("dead-end {severity} -"); 2];
    assert_eq!(check(&with("")), (0, both("warning")));
    assert_eq!(
        check(&with("[rules]\ndead-end = \"error\"\n")),
        (1, both("error"))
    );
    assert_eq!(
        check(&with("fail-on = \"warning\"\n")),
        (1, both("warning"))
    );
    assert_eq!(
        check(&with("[rules]\ndead-end = \"off\"\n")),
        (0, Vec::new())
    );
    let mixed = "[rules]\ndead-end = \"error\"\n[[paths]]\nmatch = \"flows/legacy/**\"\nrules = { dead-end = \"info\" }\n";
    assert_eq!(
        check(&with(mixed)),
        (1, vec!["dead-end error -".into(), "dead-end info -".into()])
    );
}

#[test]
fn what_is_wrong_with_the_tables_is_said_at_once_with_places_and_suggestions() {
    let settings = r#"[rules]
dead-ends = "off"
dead-end = "warn"
connector-missing-target = "warning"
no-timeout = 3

[[paths]]
match = "flows/[a"
rule = { dead-end = "off" }

[types.Ivr]
roles = ["exit"]

[types.Callback]
roles = ["exits", "door"]
role = ["exit"]
required-branches = ["--"]

[[waivers]]
rule = "connector-missing-target"
reason = " "
until = "2027-02-30"

[[waivers]]
flow = "main line"
reason = "because"
until = 2027-02-03T10:00:00

[waiver]
"#;
    insta::assert_snapshot!(with(settings).flowgate(&["check", "flows"]).end().all(), @r#"
    exit 2
    --- err
    error: the configuration cannot be used
      flowgate.toml:2:1: there is no rule `dead-ends`; did you mean `dead-end`?
      flowgate.toml:3:12: `dead-end`: `warn` is no severity; expected `error`, `warning`, `info` or `off`
      flowgate.toml:4:28: `connector-missing-target` stays an error; CXone refuses such a flow: mend it
      flowgate.toml:5:14: `no-timeout`: expected a text in quotes, found integer
      flowgate.toml:7:1: `rules` is missing: what holds for these files
      flowgate.toml:8:9: `match`: `flows/[a` is no glob: unclosed character class; missing ']'
      flowgate.toml:9:1: unknown key `rule`; did you mean `rules`?
      flowgate.toml:11:8: unknown type `Ivr`; did you mean `IVR`?
      flowgate.toml:15:10: there is no role `exits`; did you mean `exit`?
      flowgate.toml:15:19: there is no role `door`; expected `entry`, `exit`, `fallible`, `input`, `hold`, `decision`
      flowgate.toml:16:1: unknown key `role`; did you mean `roles`?
      flowgate.toml:17:22: `--` names no branch: it has no letter and no digit
      flowgate.toml:20:8: `connector-missing-target` cannot be waived; CXone refuses such a flow: mend it
      flowgate.toml:21:10: `reason` is empty
      flowgate.toml:22:9: `until`: `2027-02-30` is no day of the calendar; expected `YYYY-MM-DD`
      flowgate.toml:24:1: a waiver needs a `rule` or a `fingerprint`: what it is about
      flowgate.toml:25:8: `flow`: `main line` is not a flow id: expected 1 to 128 of `A-Z a-z 0-9 . _ -`, and neither `.` nor `..`
      flowgate.toml:27:9: `until`: `2027-02-03T10:00:00` is no day; expected `YYYY-MM-DD`
      flowgate.toml:29:2: unknown key `waiver`; did you mean `waivers`?
    "#);
}

#[test]
fn a_waived_finding_stays_visible_with_its_reason_and_does_not_count() {
    let waiver = |until: &str| {
        format!(
            "fail-on = \"warning\"\n\n[[waivers]]\nrule = \"dead-end\"\nflow = \"main\"\nelement = \"info\"\nreason = \"the recording hangs up by itself\"\nuntil = {until}\n"
        )
    };
    let repo = with(&waiver("2999-12-31"));
    assert_eq!(
        check(&repo),
        (
            1,
            vec![
                "dead-end warning waived".into(),
                "dead-end warning -".into()
            ]
        )
    );
    let text = repo.flowgate(&["check", "flows/a.json"]).end();
    insta::assert_snapshot!(text.all(), @r#"
    exit 0
    --- out
    waived[dead-end] flows/a.json:7:12: callers reach Info (`info`), and nothing follows (until 2999-12-31: the recording hangs up by itself)

    main (flows/a.json)
      compared    New flow: CXone was not asked what is live
      merging     creates 1.0.0, live at once

    0 errors, 0 warnings in 1 flow file; 1 finding waived
    --- err
    note: compared with nothing: this is not a git repository
    "#);
    let comment = repo
        .flowgate(&["check", "flows/a.json", "--format", "markdown"])
        .end();
    assert!(
        comment
            .out
            .contains("<details><summary>Waived, not counted (1)</summary>")
            && comment
                .out
                .contains("| 2999-12-31 | the recording hangs up by itself |"),
        "{}",
        comment.out
    );

    repo.write("flowgate.toml", waiver("\"2020-02-29\""));
    let over = check(&repo);
    assert_eq!(over.0, 1);
    assert!(
        over.1.contains(&"waiver-expired warning -".into()),
        "{over:?}"
    );
    assert!(
        !over.1.iter().any(|told| told.ends_with("waived")),
        "{over:?}"
    );
}

#[test]
fn a_waiver_that_covers_nothing_is_said_only_where_all_that_it_could_cover_was_looked_at() {
    let waiver = |flow: &str| {
        with(&format!(
            "[[waivers]]\nrule = \"self-loop\"\n{flow}reason = \"old\"\nuntil = 2999-12-31\n"
        ))
    };
    let stale = |repo: &Repo, path: &str| {
        let text = repo.flowgate(&["check", path]).end();
        assert_eq!(text.code, 0, "{}", text.all());
        text.out.contains("waiver-stale")
    };
    let any = waiver("");
    assert!(stale(&any, "flows"));
    assert!(!stale(&any, "flows/a.json"));
    let main = waiver("flow = \"main\"\n");
    assert!(stale(&main, "flows/a.json"));
    assert!(!stale(&main, "flows/legacy/b.json"));
    let gone = waiver("flow = \"gone\"\n");
    assert!(stale(&gone, "flows/a.json"));
    insta::assert_snapshot!(gone.flowgate(&["check", "flows/a.json"]).end().out, @r#"
    warning[waiver-stale]: the waiver of `self-loop` in `gone` covers nothing any more
     --> flowgate.toml:1:1
      |
    1 | [[waivers]]
      | ^
      |
      = help: remove it

    warning[dead-end]: callers reach Info (`info`), and nothing follows
     --> flows/a.json:7:12
      |
    7 |     {"id": "info", "type": "IVR", "name": "Info"},
      |            ^^^^^^ Info (info)
      |
      = help: lead on from it, at least to an `End`

    main (flows/a.json)
      compared    New flow: CXone was not asked what is live
      merging     creates 1.0.0, live at once

    0 errors, 2 warnings in 1 flow file and flowgate.toml
    "#);
}

/// A type that nobody declared is suspected of nothing; once it is declared, its roles decide what rules ask of it.
#[test]
fn roles_of_a_teams_own_types_drive_the_rules() {
    let flow = r#"{
  "flowId": "main",
  "version": "1.0.0",
  "elements": [
    {"id": "b", "type": "Begin"},
    {"id": "crm", "type": "Lookup", "name": "Customer"},
    {"id": "erp", "type": "Lookup", "name": "Orders", "configuration": {"timeoutSeconds": 5}},
    {"id": "way", "type": "Router", "name": "Way"},
    {"id": "tune", "type": "Jingle", "name": "Tune"},
    {"id": "e", "type": "End"}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "b", "targetId": "crm"},
    {"id": "c2", "sourceId": "crm", "targetId": "erp"},
    {"id": "c3", "sourceId": "erp", "targetId": "way"},
    {"id": "c4", "sourceId": "erp", "targetId": "e", "label": "error"},
    {"id": "c5", "sourceId": "way", "targetId": "tune", "condition": "gold"},
    {"id": "c6", "sourceId": "way", "targetId": "e", "condition": "silver"},
    {"id": "c7", "sourceId": "tune", "targetId": "tune"}
  ]
}
"#;
    let found = |types: &str| {
        let repo = Repo::new()
            .file("flows/a.json", flow)
            .file("flowgate.toml", types);
        let (_, told) = check(&repo);
        let mut told: Vec<String> = told
            .iter()
            .map(|told| told.split(' ').next().unwrap().to_owned())
            .collect();
        told.sort();
        told
    };
    assert_eq!(
        found("allowed-node-types = [\"Begin\", \"End\", \"Lookup\", \"Router\", \"Jingle\"]\n"),
        Vec::<String>::new()
    );
    assert_eq!(found("").len(), 4, "each type is not accepted");
    let declared = |lookup: &str, router: &str, jingle: &str| {
        found(&format!(
            "[types.Lookup]\nroles = [{lookup}]\n[types.Router]\nroles = [{router}]\n[types.Jingle]\nroles = [{jingle}]\n"
        ))
    };
    assert_eq!(
        declared("\"fallible\", \"input\"", "\"decision\"", ""),
        [
            "conditional-without-default",
            "no-error-branch",
            "no-timeout",
            "self-loop",
            "trapped-caller",
        ]
    );
    assert_eq!(declared("", "", "\"hold\""), ["trapped-caller"]);
    assert_eq!(declared("", "", "\"exit\", \"hold\""), Vec::<String>::new());
    assert_eq!(
        found(
            "[types.Lookup]\nrequired-branches = [\"error\"]\n[types.Router]\nrequired-branches = [\"default\"]\n[types.Jingle]\n"
        ),
        ["required-branch-missing", "required-branch-missing"]
    );
}

/// Examples of these rules are read by the program itself, not only by the core's tests.
#[test]
fn the_examples_of_rules_about_decisions_of_a_team_are_true() {
    let mut shown = 0;
    for rule in flowgate_core::rules::ALL {
        let is_about_a_team = rule.bad.contains("--- flowgate");
        for (example, raised) in [(rule.bad, true), (rule.good, false)] {
            if !is_about_a_team {
                continue;
            }
            let repo = Repo::new();
            for section in example.split("--- ").skip(1) {
                let (path, text) = section.split_once('\n').unwrap();
                repo.write(path, text);
            }
            let (_, told) = check(&repo);
            let is_raised = told.iter().any(|told| told.starts_with(rule.id.as_str()));
            assert_eq!(is_raised, raised, "{}: {told:?}", rule.id);
            shown += 1;
        }
    }
    assert_eq!(shown, 8);
}

#[test]
fn every_example_of_settings_in_the_docs_is_read() {
    let mut shown = 0;
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    for page in std::fs::read_dir(docs).unwrap() {
        let page = page.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&page) else {
            continue;
        };
        for block in text.split("```toml\n").skip(1) {
            let example = block.split("```").next().unwrap();
            let repo = with("").file("example.toml", example);
            let ended = repo
                .flowgate(&[
                    "check",
                    "--config",
                    "example.toml",
                    "--flows",
                    "flows/a.json",
                ])
                .end();
            assert_ne!(ended.code, 2, "{}: {}", page.display(), ended.all());
            shown += 1;
        }
    }
    assert!(shown >= 2, "{shown}");
}
