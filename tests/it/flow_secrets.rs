//! Secrets that stand in flows, through the whole program: what a check, a merge, a failure, drift and pull write for people and
//! programs shows none of them; what goes to CXone and comes back into a file is as it was.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::sync::LazyLock;

use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, ENVIRONMENT, Fault, Operation, Scripted};

use crate::run_check::propose;
use crate::run_deploy::stage::{Done, Stage};

const FLOW: &str = "flows/main.json";

/// Names of secrets as people write them. Another hand's list than the one of core's own law.
const NAMES: [&str; 18] = [
    "apiKey",
    "API_TOKEN",
    "db-password",
    "clientSecret",
    "kennwort",
    "motDePasse",
    "contraseña",
    "senha",
    "wachtwoord",
    "hasło",
    "chiaveApi",
    "ocp-apim-subscription-key",
    "x-functions-key",
    "X-Auth-Token",
    "accessToken",
    "sshKey",
    "appKey",
    "hmacKey",
];

/// Where a secret stands under a name; `¤` is the name and `§` the secret.
const FORMS: [&str; 19] = [
    r#""¤": "§""#,
    r#""¤": ["§"]"#,
    r#""¤": {"value": "§"}"#,
    r#""deep": [{"er": {"¤": "§"}}]"#,
    r#""headers": {"¤": "§"}"#,
    r#""headers": [{"name": "¤", "value": "§"}]"#,
    r#""headers": [{"Value": "§", "Name": "¤"}]"#,
    r#""headers": [["¤", "§"]]"#,
    r#""headers": ["¤: §"]"#,
    r#""headers": "Accept: json\r\n¤: §\r\nHost: a.example""#,
    r#""headers": ["Cookie: lang=de; ¤=§; theme=dark"]"#,
    r#""url": "https://crm.example.com/v1?¤=§&x=1""#,
    r#""body": "{\"login\": {\"¤\": \"§\"}}""#,
    r#""body": "{\"inner\": \"{\\\"¤\\\": \\\"§\\\"}\"}""#,
    r#""script": "ASSIGN ¤ = \"§\"""#,
    r#""script": "headers['¤'] = '§';""#,
    r#""script": "request.set(\"¤\", \"§\")""#,
    r#""¤": "${CRM:-§}""#,
    r#""note": "¤=§""#,
];

/// Places that have no name of their own.
const OTHERS: [&str; 6] = [
    r#""headers": {"Authorization": "Bearer §"}"#,
    r#""headers": ["Cookie: lang=de; session=§"]"#,
    r#""url": "https://ann:§@crm.example.com/v1""#,
    r#""url": "https://crm.example.com/run?code=§""#,
    r#""authorization": "Digest username=ann, realm=crm, response=§""#,
    r#""key": "${CRM:-§}""#,
];

/// Every form with every name, and the others.
static PLACES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let named = FORMS
        .iter()
        .flat_map(|form| NAMES.map(|name| form.replace('¤', name)));
    named.chain(OTHERS.map(str::to_owned)).collect()
});

/// A secret like no other: letters and digits in turn.
fn secret(round: usize, nth: usize) -> String {
    let mut number = (round * 997 + nth + 3) * 2_654_435_761 % 4_294_967_291;
    let mut out = String::new();
    for place in 0..22 {
        number = (number * 48_271 + 11) % 2_147_483_647;
        let digit = u8::try_from(number % 10).unwrap();
        let letter = b"bcdfghjkmnpqrstvwxzBCDFGHJKMNPQRSTVWXZ"[number % 38];
        out.push(char::from(if place % 3 == 0 {
            b'0' + digit
        } else {
            letter
        }));
    }
    out
}

fn secrets(round: usize) -> Vec<String> {
    (0..PLACES.len()).map(|nth| secret(round, nth)).collect()
}

/// A flow with a secret in each place, and again in a label, a note and a prompt where nothing names it.
fn flow(version: &str, secrets: &[String], words: &str) -> String {
    let (mut elements, mut connectors) = (String::new(), String::new());
    for (nth, (place, secret)) in PLACES.iter().zip(secrets).enumerate() {
        let fields = place.replace('§', secret);
        let again = match nth % 4 {
            0 => format!(r#", "label": "Look up {secret}""#),
            1 => format!(r#", "note": "was %2F{secret} once""#),
            _ => String::new(),
        };
        let element = format!(
            r#"  {{"id": "x{nth}", "type": "API", "configuration": {{"prompt": "{words}", {fields}}}{again}}},"#
        );
        elements.push_str(&element);
        elements.push('\n');
        let next = if nth + 1 == PLACES.len() {
            "e".to_owned()
        } else {
            format!("x{}", nth + 1)
        };
        let connector =
            format!(r#", {{"id": "c{nth}", "sourceId": "x{nth}", "targetId": "{next}"}}"#);
        connectors.push_str(&connector);
    }
    format!(
        r#"{{"flowId": "main-line", "version": "{version}", "name": "Main", "elements": [
  {{"id": "b", "type": "Begin"}},
{elements}  {{"id": "e", "type": "End"}}
], "connectors": [{{"id": "first", "sourceId": "b", "targetId": "x0"}}{connectors}]}}
"#
    )
}

/// All eight letters in a row of these secrets.
fn parts(secrets: &[String]) -> HashSet<&[u8]> {
    let parts = secrets.iter().map(|secret| secret.as_bytes().windows(8));
    parts.flatten().collect()
}

/// No eight letters in a row of any secret.
#[track_caller]
fn tells_nothing(what: &str, text: &str, parts: &HashSet<&[u8]>) {
    let seen: String = text
        .chars()
        .filter(|c| !matches!(c, '\\' | '\u{200b}'))
        .collect();
    let told = seen.as_bytes().windows(8).find(|part| parts.contains(part));
    let told = told.map(String::from_utf8_lossy);
    assert!(told.is_none(), "{what} shows {told:?}:\n{text}");
}

fn written(
    what: &str,
    done: &Done,
    files: &[(&str, std::path::PathBuf)],
    all: &mut BTreeMap<String, String>,
) {
    all.insert(format!("{what}: log"), done.log.clone());
    all.insert(format!("{what}: summary"), done.summary.clone());
    all.insert(format!("{what}: outputs"), format!("{:?}", done.outputs));
    all.insert(format!("{what}: audit"), done.audit.clone());
    for (name, path) in files {
        let text = fs::read_to_string(path).unwrap_or_default();
        all.insert(format!("{what}: {name}"), text);
    }
}

#[test]
fn no_secret_of_a_flow_is_shown_by_any_run_and_all_are_sent_as_they_are() {
    let mut stage = Stage::new();
    let files = ["report", "sarif", "metrics"].map(|name| (name, stage.folder.path().join(name)));
    // A team that lets its secrets live on tells them no more than others do.
    let settings = "[rules]\nhardcoded-secret = \"warning\"\n".to_owned();
    stage.commit(&[("flowgate.toml", settings)]);
    let old = secrets(1);
    let new = secrets(2);
    let known: Vec<String> = old.iter().chain(&new).cloned().collect();
    let mut all = BTreeMap::new();
    let run = |stage: &mut Stage, name: &str, payload: &serde_json::Value| {
        let begun = stage.event(name, payload);
        begun
            .env("FLOWGATE_REPORT_FILE", files[0].1.to_str().unwrap())
            .env("FLOWGATE_SARIF_FILE", files[1].1.to_str().unwrap())
            .env("FLOWGATE_METRICS_FILE", files[2].1.to_str().unwrap())
            .end()
    };
    for (round, (version, secrets, words)) in
        [("1.0.0", &old, "Hello"), ("1.1.0", &new, "Good day")]
            .into_iter()
            .enumerate()
    {
        let text = flow(version, secrets, words);
        let number = 7 + u64::try_from(round).unwrap();
        let payload = propose(&stage, number, &[(FLOW, text.clone())]);
        let done = run(&mut stage, "pull_request", &payload);
        let done = done.ends(0, "hardcoded-secret");
        // Each place by itself.
        let found = fs::read_to_string(&files[1].1).unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let results = found["runs"][0]["results"].as_array().unwrap().iter();
        let told = results
            .filter(|result| result["ruleId"] == "hardcoded-secret")
            .count();
        assert!(told >= PLACES.len(), "{told}: {found:#}");
        written(&format!("check {version}"), &done, &files, &mut all);
        stage.repo.run_git(&["checkout", "--quiet", "main"]);
        let before = stage.head();
        stage.merge(number + 10, &[(FLOW, text.clone())]);
        let push = Stage::push_of(&before, &stage.head());
        // The server says no, and repeats what it was sent.
        let fault = Fault::Status(Scripted {
            body: Some(format!(
                r#"{{"error": "cannot take {}"}}"#,
                secrets.join(" nor ")
            )),
            ..Scripted::new(422)
        });
        stage.sandbox.fail_next(Operation::CreateVersion, fault);
        let done = run(&mut stage, "push", &push).ends(4, "cannot take");
        written(&format!("failure {version}"), &done, &files, &mut all);
        let done = run(&mut stage, "push", &push).ends(0, "1 live");
        written(&format!("deployment {version}"), &done, &files, &mut all);
        let tenant = stage.sandbox.state();
        let live = tenant.flow("main-line").unwrap().published().unwrap();
        for secret in secrets {
            let is_sent = live.elements.get().contains(secret.as_str());
            assert!(is_sent, "{secret} was not sent as it is");
        }
    }
    // Somebody edits it in the console, and the branch takes it over.
    let edited = secrets(3);
    let text = flow("1.2.0", &edited, "Good night");
    stage.sandbox.seed_published(&text, "1.2.0").unwrap();
    for args in [
        &["drift"][..],
        &["drift", "--format=json"],
        &["drift", "--format=markdown"],
        &["pull", "--flow=main-line"],
    ] {
        let run = [
            ("CXONE_CLIENT_ID", CLIENT_ID.to_owned()),
            ("CXONE_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("CXONE_ENVIRONMENT", ENVIRONMENT.to_owned()),
            ("CXONE_BASE_URL", stage.sandbox.base_url()),
        ]
        .into_iter()
        .fold(stage.repo.flowgate(args), |run, (name, value)| {
            run.env(name, &value)
        });
        all.insert(args.join(" "), run.end().all());
    }
    let pulled = fs::read_to_string(stage.repo.root().join(FLOW)).unwrap();
    for secret in &edited {
        assert!(
            pulled.contains(secret.as_str()),
            "{secret} was not pulled as it is"
        );
    }
    let known: Vec<String> = known.into_iter().chain(edited).collect();
    let comments = stage.fake.state().comments.clone();
    for comment in comments {
        all.insert(format!("comment on #{}", comment.pull), comment.body);
    }
    assert!(all.len() > 30, "{:?}", all.keys());
    let parts = parts(&known);
    for (what, text) in &all {
        tells_nothing(what, text, &parts);
    }
}
