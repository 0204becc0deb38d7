//! A repository, the GitHub that holds it, the sandbox as tenant, and runs of the real process as a runner would make
//! them.

mod by_hand;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::github::{FakeGitHub, File, reference_of};
use crate::support::{Ended, Repo, Run};

/// A flow file.
pub(crate) fn flow(id: &str, version: &str, words: &str) -> String {
    format!(
        r#"{{"flowId": "{id}", "version": "{version}", "elements": [
  {{"id": "b", "type": "Begin", "configuration": {{}}}},
  {{"id": "m", "type": "IVR", "configuration": {{"prompt": "{words}"}}}},
  {{"id": "e", "type": "End", "configuration": {{}}}}
], "connectors": [{{"id": "1", "sourceId": "b", "targetId": "m"}}, {{"id": "2", "sourceId": "m", "targetId": "e"}}]}}
"#
    )
}

/// The same flow, with a queue before its end.
pub(crate) fn with_queue(flow: &str) -> String {
    flow.replace(
        r#"{"id": "e", "type": "End""#,
        r#"{"id": "q", "type": "Queue", "label": "Billing", "configuration": {}},
  {"id": "e", "type": "End""#,
    )
    .replace(
        r#""sourceId": "m", "targetId": "e"}"#,
        r#""sourceId": "m", "targetId": "q"}, {"id": "3", "sourceId": "q", "targetId": "e"}"#,
    )
}

pub(crate) struct Stage {
    pub(crate) repo: Repo,
    pub(crate) fake: FakeGitHub,
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
    run: u64,
    runtime: Runtime,
}

impl Stage {
    /// A branch `main` with one commit and no flow, on GitHub too.
    pub(crate) fn new() -> Self {
        Self::on(Config::default())
    }

    /// The same, with a platform of this kind.
    pub(crate) fn on(config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
        let fake = runtime.block_on(FakeGitHub::start());
        let stage = Self {
            repo: Repo::git().file("README.md", "flows").commit("begin"),
            fake,
            sandbox,
            folder: TempDir::new().unwrap(),
            run: 100,
            runtime,
        };
        stage.mirror();
        stage
    }

    pub(crate) fn head(&self) -> String {
        self.repo.run_git(&["rev-parse", "HEAD"])
    }

    /// GitHub has all commits, and `main` where it stands here.
    pub(crate) fn mirror(&self) {
        let mut state = self.fake.state();
        for line in self
            .repo
            .run_git(&["rev-list", "--all", "--parents"])
            .lines()
        {
            let mut ids = line.split(' ').map(str::to_owned);
            let id = ids.next().unwrap();
            if state.repository.parents.contains_key(&id) {
                continue;
            }
            // `100644 blob ID TAB PATH`. What GitHub could not say in JSON is not mirrored.
            let tree = self.repo.git_bytes(&["ls-tree", "-r", "-z", &id]);
            let entries = tree.split(|&byte| byte == 0);
            let entries = entries.filter_map(|entry| std::str::from_utf8(entry).ok());
            let files: BTreeMap<String, File> = entries
                .filter_map(|entry| entry.split_once('\t'))
                .filter(|(what, _)| !what.starts_with("160000"))
                .map(|(what, path)| {
                    let blob = what.rsplit_once(' ').unwrap().1.to_owned();
                    let bytes = self.repo.git_bytes(&["cat-file", "blob", &blob]);
                    state.repository.real_blobs.insert(bytes.clone(), blob);
                    let file = if what.starts_with("120000") {
                        File::Symlink(String::from_utf8(bytes).unwrap())
                    } else {
                        File::Regular(bytes)
                    };
                    (path.to_owned(), file)
                })
                .collect();
            state.repository.real_commit(&id, ids.collect(), &files);
        }
        let tip = self.repo.run_git(&["rev-parse", "main"]);
        state.repository.branches.insert("main".to_owned(), tip);
    }

    /// Commits these files on `main`; nobody asked for it in a pull request.
    pub(crate) fn commit(&self, files: &[(&str, String)]) -> String {
        for (path, text) in files {
            self.repo.write(path, text);
        }
        self.repo.run_git(&["add", "--all"]);
        self.repo
            .run_git(&["commit", "--quiet", "--allow-empty", "--message", "change"]);
        self.mirror();
        self.head()
    }

    /// A pull request with these files is merged into `main`.
    pub(crate) fn merge(&self, number: u64, files: &[(&str, String)]) -> String {
        self.repo
            .run_git(&["checkout", "--quiet", "-b", &format!("topic-{number}")]);
        let topic = self.commit(files);
        self.repo.run_git(&["checkout", "--quiet", "main"]);
        let message = format!("Merge pull request #{number}");
        let topic_branch = format!("topic-{number}");
        self.repo.run_git(&[
            "merge",
            "--quiet",
            "--no-ff",
            "--message",
            &message,
            &topic_branch,
        ]);
        self.mirror();
        let merge = self.head();
        let mut state = self.fake.state();
        let pull = state.open_pull(number, "nobody");
        pull.head.clone_from(&topic);
        pull.merged = true;
        pull.merge_commit = Some(merge.clone());
        pull.commits = vec![topic, merge.clone()];
        let paths = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        state.files.insert(number, paths);
        state
            .reviews
            .insert(number, vec![("ann".to_owned(), "APPROVED")]);
        merge
    }

    /// The push that brought HEAD where it is.
    pub(crate) fn push(&mut self, before: &str) -> Begun {
        let after = self.head();
        self.event("push", &Self::push_of(before, &after))
    }

    pub(crate) fn push_of(before: &str, after: &str) -> Value {
        json!({
            "ref": "refs/heads/main", "before": before, "after": after,
            "created": false, "deleted": false, "forced": false,
        })
    }

    pub(crate) fn dispatch(&mut self) -> Begun {
        self.event(
            "workflow_dispatch",
            &json!({"ref": "refs/heads/main", "inputs": {}}),
        )
    }

    /// A run for this event, by a runner of its own.
    pub(crate) fn event(&mut self, name: &str, payload: &Value) -> Begun {
        self.run += 1;
        let mut payload = payload.clone();
        payload["repository"] = json!({"id": 10, "default_branch": "main"});
        let path = |name: &str| self.folder.path().join(format!("{name}-{}", self.run));
        let (event, outputs, summary) = (path("event"), path("output"), path("summary"));
        fs::write(&event, payload.to_string()).unwrap();
        let reference = reference_of(name, &payload);
        let head = head_of(name, &payload);
        self.fake
            .state()
            .ran(self.run, 1, name, head.as_deref().unwrap_or(&self.head()));
        let audit = path("audit");
        let run = self.repo.flowgate(&["run"]);
        let pairs = [
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", name.to_owned()),
            ("GITHUB_EVENT_PATH", event.display().to_string()),
            ("GITHUB_REPOSITORY", "acme/flows".to_owned()),
            ("GITHUB_RUN_ID", self.run.to_string()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_ACTOR", "ann".to_owned()),
            ("GITHUB_REF", reference),
            ("GITHUB_API_URL", self.fake.api_url()),
            ("GITHUB_GRAPHQL_URL", self.fake.graphql_url()),
            ("GITHUB_TOKEN", "t0ken".to_owned()),
            ("GITHUB_OUTPUT", outputs.display().to_string()),
            ("GITHUB_STEP_SUMMARY", summary.display().to_string()),
            ("CXONE_CLIENT_ID", CLIENT_ID.to_owned()),
            ("CXONE_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("CXONE_ENVIRONMENT", ENVIRONMENT.to_owned()),
            ("CXONE_BASE_URL", self.sandbox.base_url()),
            ("FLOWGATE_RETRY_BASE", "5ms".to_owned()),
            ("FLOWGATE_ALLOW_EMPTY", "true".to_owned()),
            ("FLOWGATE_AUDIT_FILE", audit.display().to_string()),
        ];
        let run = pairs
            .into_iter()
            .fold(run, |run, (name, value)| run.env(name, &value));
        Begun {
            run,
            outputs,
            summary,
            audit,
        }
    }

    /// The clone holds the last commit and no other, as a checkout without `fetch-depth` makes it.
    pub(crate) fn make_shallow(&mut self) {
        let clone = Repo::new();
        let from = format!("file://{}", self.repo.root().display());
        clone.run_git(&["clone", "--quiet", "--depth=1", "--branch=main", &from, "."]);
        self.repo = clone;
    }

    /// What callers of a flow get.
    pub(crate) fn live(&self, flow: &str) -> Option<String> {
        let state = self.sandbox.state();
        Some(state.flow(flow)?.published()?.version.clone())
    }

    /// Versions that are stored and publications, of all flows.
    pub(crate) fn writes(&self) -> (usize, usize) {
        let state = self.sandbox.state();
        let flows = || state.flows.values();
        (
            flows().map(|flow| flow.versions.len()).sum(),
            flows().map(|flow| flow.publishes.len()).sum(),
        )
    }
}

/// The commit that GitHub lists the run of such an event for, where the event names it.
fn head_of(name: &str, payload: &Value) -> Option<String> {
    let head = match name {
        "push" => &payload["after"],
        _ => &payload["pull_request"]["head"]["sha"],
    };
    head.as_str().map(str::to_owned)
}

/// A run to be made.
pub(crate) struct Begun {
    run: Run,
    outputs: PathBuf,
    summary: PathBuf,
    audit: PathBuf,
}

impl Begun {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.run = self.run.env(name, value);
        self
    }

    /// The same run with other words on its command line.
    pub(crate) fn typed(mut self, args: &[&str]) -> Self {
        self.run = self.run.typed(args);
        self
    }

    /// Where its summary will be.
    pub(crate) fn summary(&self) -> &std::path::Path {
        &self.summary
    }

    /// Runs it in another directory.
    pub(crate) fn cwd(mut self, path: &std::path::Path) -> Self {
        self.run = self.run.cwd(path);
        self
    }

    /// The same, by another way to the binary.
    pub(crate) fn by(mut self, way: &Command) -> Self {
        self.run = self.run.by(way);
        self
    }

    /// Runs it, and kills it as soon as this is so.
    pub(crate) fn killed_once(self, is_so: impl Fn() -> bool) {
        let mut child = self.run.spawn();
        let since = Instant::now();
        while !is_so() && since.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(is_so(), "it came so far");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Runs it, and asks it to stop as soon as this is so.
    pub(crate) fn terminated_once(self, is_so: impl Fn() -> bool) -> Done {
        self.signalled_once("-TERM", is_so)
    }

    /// Runs it, and sends it this signal as soon as this is so.
    pub(crate) fn signalled_once(self, signal: &str, is_so: impl Fn() -> bool) -> Done {
        let Self {
            run,
            outputs,
            summary,
            audit,
        } = self;
        let child = run.spawn();
        let since = Instant::now();
        while !is_so() && since.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let asked = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(asked.unwrap().success());
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert!(
            asked.elapsed() < Duration::from_secs(7),
            "a runner kills it"
        );
        let ended = Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        Done::of(ended, outputs, summary, audit)
    }

    /// Runs it, and sends it a signal so long after its start; its exit code, `None` where the signal ended it.
    pub(crate) fn cut_short(self, after: Duration, signal: &str) -> Option<i32> {
        let child = self.run.spawn();
        std::thread::sleep(after);
        let signal = format!("-{signal}");
        // It may have ended by itself.
        let _sent = Command::new("kill")
            .args([&signal, &child.id().to_string()])
            .stderr(Stdio::null())
            .status();
        child.wait_with_output().unwrap().status.code()
    }

    pub(crate) fn end(self) -> Done {
        Done::of(self.run.end(), self.outputs, self.summary, self.audit)
    }
}

impl Done {
    fn of(ended: Ended, outputs_at: PathBuf, summary: PathBuf, audit: PathBuf) -> Self {
        let Ended { code, out, err } = ended;
        let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        let audit = read(audit);
        // The conformance suite holds every line to the published schema.
        if let Some(record) = std::env::var_os("RECORD_AUDIT") {
            let mut file = fs::OpenOptions::new();
            let file = file.create(true).append(true).open(record);
            std::io::Write::write_all(&mut file.unwrap(), audit.as_bytes()).unwrap();
        }
        Done {
            code,
            log: format!("{out}\n{err}"),
            out,
            outputs: outputs(&read(outputs_at)),
            summary: read(summary),
            audit,
        }
    }
}

/// `name<<delimiter`, value, `delimiter`, as the runner reads them.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut lines = text.lines();
    while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<&str> = lines
            .by_ref()
            .take_while(|line| *line != delimiter)
            .collect();
        all.insert(name.to_owned(), value.join("\n"));
    }
    all
}

/// What a run left.
pub(crate) struct Done {
    pub(crate) code: i32,
    /// Stdout alone.
    pub(crate) out: String,
    /// Stdout, then stderr.
    pub(crate) log: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) audit: String,
}

impl Done {
    /// The exit code is this one, and the log says so much.
    #[track_caller]
    pub(crate) fn ends(self, code: i32, says: &str) -> Self {
        assert_eq!(self.code, code, "{}", self.log);
        assert!(self.log.contains(says), "{says:?} is not in\n{}", self.log);
        self
    }
}
