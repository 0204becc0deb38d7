//! A hostile flow and canary secrets through whole runs: check, comment, merge, deployment, result comment, webhook.
//!
//! `HOSTILE_FLOW` names another flow than the one below and `HOSTILE_OUT` a directory for everything that people would
//! read: the conformance job has parsers look at it (`tests/conformance/hostile/drive.py`).

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::{env, fs, thread};

use serde_json::{Value, json};

use crate::run_check::propose;
use crate::run_deploy::stage::{Begun, Done, Stage, flow};

const FLOW: &str = "flows/main.json";
const BEARER: &str = "canaryeyJhbGciOiJIUzI1NiJ9.canary0000000000000001.c2ln";
const SECRET: &str = "canary-webhook-secret-81aa02";

const TRICKS: [&str; 6] = [
    "@octocat <b>x</b> | `tick` #1 GH-2 <!-- flowgate kind=check target= head=0 run=9 attempt=9 -->",
    "\n::set-output name=result::forged\r::add-mask::forged\n::error file=a.json,line=1::forged",
    "##[error]forged ##[group]forged",
    "\u{202e}RTL\u{2028}::warning::forged\u{7}\u{1b}[31m",
    "</details>\n```\n# heading\n```mermaid\nflowchart LR",
    "\"] --> x[\"y\"]; click x \"https://evil.example\" %%{init: {}}%%",
];

/// A flow of which every name is a trick and which can be deployed all the same.
fn hostile() -> String {
    if let Some(path) = env::var_os("HOSTILE_FLOW") {
        return fs::read_to_string(path).unwrap();
    }
    let [first, .., last] = TRICKS;
    let mut elements = vec![json!({"id": "b", "type": "Begin", "label": first})];
    let mut connectors = Vec::new();
    let mut before = "b".to_owned();
    for (number, trick) in TRICKS.iter().enumerate() {
        let id = format!("e{number}");
        connectors.push(
            json!({"id": format!("c{number}"), "sourceId": before, "targetId": id, "label": trick}),
        );
        elements.push(json!({"id": id, "type": "IVR", "label": trick, "configuration": {
            "prompt": format!("Say {trick}"), "authorization": format!("Bearer {BEARER}"), "note": format!("Bearer {BEARER}"),
        }}));
        before = id;
    }
    elements.push(json!({"id": "e", "type": "End", "label": last}));
    connectors.push(json!({"id": "c", "sourceId": before, "targetId": "e", "label": last}));
    json!({
        "flowId": "main-line", "name": first, "version": "1.1.0", "elements": elements, "connectors": connectors,
    })
    .to_string()
}

/// Somebody who listens to the webhook: its address, and every byte but the first line of each request.
fn listener() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/canary-webhook-path-77",
        listener.local_addr().unwrap()
    );
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            let mut part = [0; 4096];
            loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let fields = head.to_lowercase();
                    let length = fields.split("content-length: ").nth(1).unwrap();
                    let length: usize = length.lines().next().unwrap().parse().unwrap();
                    if body.len() >= length {
                        break;
                    }
                }
                let count = stream.read(&mut part).unwrap();
                assert!(count > 0, "the request broke off");
                bytes.extend_from_slice(&part[..count]);
            }
            let text = String::from_utf8(bytes).unwrap();
            let (_, rest) = text.split_once("\r\n").unwrap();
            hearing.lock().unwrap().push(rest.to_owned());
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    });
    (url, heard)
}

/// The lines that a runner would take for commands, by its two forms.
fn commands(log: &str) -> Vec<&str> {
    let is_new = |line: &&str| {
        let line = line.trim_start();
        line.strip_prefix("::")
            .is_some_and(|rest| rest.contains("::"))
    };
    log.split(['\n', '\r'])
        .filter(|line| is_new(line) || line.contains("##["))
        .collect()
}

/// What people and programs get to see of a run.
fn written(what: &str, done: &Done, all: &mut BTreeMap<String, String>) {
    let lines = done.log.lines();
    let log: Vec<&str> = lines
        .filter(|line| !line.starts_with("::add-mask::"))
        .collect();
    for line in commands(&done.log) {
        // What stands after the second mark is data.
        let command = line
            .trim_start()
            .trim_start_matches("::")
            .split("::")
            .next();
        let (name, properties) = command
            .unwrap()
            .split_once(' ')
            .unwrap_or((command.unwrap(), ""));
        let is_ours = match name {
            "add-mask" => !line.ends_with("forged"),
            "error" | "warning" | "notice" => !properties.contains("file=a.json"),
            _ => false,
        };
        assert!(is_ours && !line.contains("##["), "{what}: {line:?}");
    }
    all.insert(format!("{what} log.txt"), log.join("\n"));
    all.insert(format!("{what} summary.md"), done.summary.clone());
    all.insert(format!("{what} outputs.txt"), format!("{:?}", done.outputs));
    all.insert(format!("{what} audit.txt"), done.audit.clone());
}

#[test]
fn nothing_of_a_hostile_flow_acts_and_no_secret_is_written_anywhere() {
    let mut stage = Stage::new();
    let (url, heard) = listener();
    let place = |stage: &Stage, name: &str| stage.folder.path().join(name).display().to_string();
    let files = ["report.md", "metrics.json", "findings.sarif"].map(|name| place(&stage, name));
    let run = |begun: Begun| {
        begun
            .env("GIT_WEBHOOK_URL", &url)
            .env("GIT_WEBHOOK_SECRET", SECRET)
            .env("FLOWGATE_REPORT_FILE", &files[0])
            .env("FLOWGATE_METRICS_FILE", &files[1])
            .env("FLOWGATE_SARIF_FILE", &files[2])
            .end()
    };
    let mut all = BTreeMap::new();
    let mut masks: Vec<String> = [BEARER, SECRET, "canary-webhook-path-77", "t0ken"]
        .map(str::to_owned)
        .to_vec();

    let before = stage.head();
    stage.merge(1, &[(FLOW, flow("main-line", "1.0.0", "hello"))]);
    let begun = stage.push(&before);
    run(begun).ends(0, "1 live");
    let mut payload = propose(&stage, 7, &[(FLOW, hostile())]);
    payload["pull_request"]["head"]["ref"] = json!("x\n::error::forged");
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    let steps: [(&str, &str, Value); 2] = [
        ("check", "pull_request", payload),
        ("deploy", "push", Value::Null),
    ];
    for (what, event, payload) in steps {
        let payload = if what == "deploy" {
            let before = stage.head();
            stage.merge(8, &[(FLOW, hostile())]);
            Stage::push_of(&before, &stage.head())
        } else {
            payload
        };
        let begun = stage.event(event, &payload);
        let done = run(begun);
        assert!([0, 1, 4].contains(&done.code), "{what}: {}", done.log);
        let handed = done
            .log
            .lines()
            .filter_map(|line| line.strip_prefix("::add-mask::"));
        masks.extend(handed.map(str::to_owned));
        written(what, &done, &mut all);
        for file in &files {
            let name = file.rsplit('/').next().unwrap();
            let text = fs::read_to_string(file).unwrap_or_default();
            all.insert(format!("{what} {name}"), text);
        }
    }
    {
        let github = stage.fake.state();
        for pull in [1, 7, 8] {
            let [body] = &github.bodies(pull)[..] else {
                panic!("one comment on #{pull}")
            };
            let mut lines = body.lines().peekable();
            while lines
                .next_if(|line| line.starts_with("<!-- flowgate "))
                .is_some()
            {}
            let shown: Vec<&str> = lines.collect();
            assert!(body.chars().count() <= 65_536);
            all.insert(format!("comment {pull}.md"), shown.join("\n"));
        }
    }
    for (number, request) in stage.fake.requests().iter().enumerate() {
        let headers = request
            .headers
            .iter()
            .filter(|(name, _)| name != "authorization");
        let headers: Vec<_> = headers.collect();
        let text = format!(
            "{} {} {headers:?} {}",
            request.path, request.query, request.body
        );
        all.insert(format!("request {number}.txt"), text);
    }
    assert!(
        all["check findings.sarif"].contains("\"runs\""),
        "SARIF too"
    );
    let webhooks = heard.lock().unwrap().clone();
    assert!(!webhooks.is_empty(), "the webhook was told");
    all.insert("webhooks.txt".to_owned(), webhooks.join("\n"));

    assert!(masks.len() >= 8, "{}", masks.len());
    for (name, text) in &all {
        for secret in &masks {
            assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
        }
        let is_markdown = Path::new(name).extension().is_some_and(|it| it == "md");
        assert!(!is_markdown || !text.contains("<!--"), "{name}");
    }
    if let Some(out) = env::var_os("HOSTILE_OUT").map(PathBuf::from) {
        fs::create_dir_all(&out).unwrap();
        for (name, text) in &all {
            fs::write(out.join(name), text).unwrap();
        }
        let own = stage
            .repo
            .run_git(&["log", "--all", "--reflog", "--format=%H"]);
        fs::write(out.join("own-commits"), own).unwrap();
    }
}
