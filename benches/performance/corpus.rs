//! Flows as people keep them, made by a seeded generator: the same numbers give the same bytes on every machine.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

const WORDS: [&str; 32] = [
    "please",
    "press",
    "one",
    "for",
    "accounts",
    "two",
    "sales",
    "three",
    "support",
    "your",
    "call",
    "is",
    "important",
    "we",
    "will",
    "connect",
    "you",
    "as",
    "soon",
    "possible",
    "thank",
    "waiting",
    "number",
    "customer",
    "order",
    "delivery",
    "claim",
    "moment",
    "agent",
    "welcome",
    "hours",
    "open",
];

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn id(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 48 & 0xFFF,
            low & 0xFFFF_FFFF_FFFF
        )
    }

    fn words(&mut self, count: usize) -> String {
        let words = (0..count).map(|_| WORDS[(self.next() >> 59) as usize]);
        words.collect::<Vec<_>>().join(" ")
    }
}

/// A flow of so many elements. `edits` says how many elements in a hundred another state of the same flow has changed.
pub(crate) fn flow(seed: u64, elements: usize, edits: u64) -> String {
    let mut random = Random(seed);
    let mut edit = Random(!seed);
    let flow_id = random.id();
    let ids: Vec<String> = (0..elements).map(|_| random.id()).collect();
    let minor = u64::from(edits > 0);
    let mut text = format!(
        "{{\n  \"flowId\": \"{flow_id}\",\n  \"version\": {{\n    \"major\": 1,\n    \"minor\": {minor},\n    \"patch\": 0\n  }},\n  \"elements\": [\n"
    );
    let kind = |at: usize| match at {
        0 => "Begin",
        at if at + 1 == elements => "End",
        at => ["IVR", "API", "IVR", "Queue", "Conditional", "IVR"][at % 6],
    };
    for (at, id) in ids.iter().enumerate() {
        let end = if at + 1 == elements { "\n" } else { ",\n" };
        let mut prompt = random.words(12);
        if edit.next() % 100 < edits || edits > 0 && at == 1 {
            prompt.push_str(", and then stay on the line");
        }
        let configuration = match kind(at) {
            "IVR" => format!(
                "\n        \"prompt\": \"{prompt}\",\n        \"timeoutSeconds\": 8,\n        \"maxRetries\": 3,\n        \"bargeIn\": true\n      "
            ),
            "API" => format!(
                "\n        \"endpoint\": \"https://api.example.com/v1/{at}\",\n        \"method\": \"GET\",\n        \"timeoutSeconds\": 5,\n        \"note\": \"{prompt}\"\n      "
            ),
            "Queue" => format!(
                "\n        \"skill\": \"{}\",\n        \"maxWaitSeconds\": 600,\n        \"prompt\": \"{prompt}\"\n      ",
                random.words(1)
            ),
            "Conditional" => format!(
                "\n        \"expression\": \"tier == 'gold' && waiting > {at}\",\n        \"note\": \"{prompt}\"\n      "
            ),
            _ => String::new(),
        };
        let _ = write!(
            text,
            "    {{\n      \"id\": \"{id}\",\n      \"type\": \"{}\",\n      \"name\": \"Step {at}, {}\",\n      \"configuration\": {{{configuration}}},\n      \"position\": {{\n        \"x\": {},\n        \"y\": 120.5\n      }}\n    }}{end}",
            kind(at),
            random.words(2),
            at * 40,
        );
    }
    text.push_str("  ],\n  \"connectors\": [\n");
    let mut connectors = Vec::new();
    let last = elements - 1;
    for at in 0..last {
        let next = if kind(at) == "Conditional" {
            "default"
        } else {
            "next"
        };
        connectors.push((at, at + 1, next));
        match kind(at) {
            "API" | "Queue" if at + 1 != last => connectors.push((at, last, "error")),
            "Conditional" if at + 1 != last => connectors.push((at, last, "gold")),
            _ => {}
        }
    }
    for (nth, (from, to, label)) in connectors.iter().enumerate() {
        let end = if nth + 1 == connectors.len() {
            "\n"
        } else {
            ",\n"
        };
        let _ = write!(
            text,
            "    {{\n      \"id\": \"{}\",\n      \"sourceId\": \"{}\",\n      \"targetId\": \"{}\",\n      \"label\": \"{label}\"\n    }}{end}",
            random.id(),
            ids[*from],
            ids[*to],
        );
    }
    text.push_str("  ]\n}\n");
    text
}

/// A directory that is made once for each content.
pub(crate) fn once(place: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let done = place.join(".made");
    if !done.exists() {
        let _ = fs::remove_dir_all(place);
        fs::create_dir_all(place)?;
        make(place).with_context(|| format!("could not make {}", place.display()))?;
        fs::write(done, "")?;
    }
    Ok(place.to_owned())
}

/// One flow before and after a change: `before/flows/flow.json` and `after/flows/flow.json`.
pub(crate) fn pair(root: &Path, elements: usize) -> Result<PathBuf> {
    once(&root.join(format!("pair-{elements}")), |place| {
        for (side, edits) in [("before", 0), ("after", 5)] {
            fs::create_dir_all(place.join(side).join("flows"))?;
            fs::write(
                place.join(side).join("flows/flow.json"),
                flow(7, elements, edits),
            )?;
        }
        Ok(())
    })
}

/// The same pair, each side in a repository with 10,000 files in folders where no flow file may be.
pub(crate) fn pair_among_others(root: &Path, elements: usize) -> Result<PathBuf> {
    let pair = pair(root, elements)?;
    once(&root.join(format!("pair-{elements}-among")), |place| {
        for side in ["before", "after"] {
            let flows = place.join(side).join("flows");
            fs::create_dir_all(&flows)?;
            fs::copy(
                pair.join(side).join("flows/flow.json"),
                flows.join("flow.json"),
            )?;
            for folder in 0..100 {
                let folder = place.join(format!("{side}/node_modules/package-{folder:02}"));
                fs::create_dir_all(&folder)?;
                for file in 0..100 {
                    fs::write(folder.join(format!("file-{file:02}.json")), "{}\n")?;
                }
            }
        }
        Ok(())
    })
}

/// Many flows in `flows/`.
pub(crate) fn many(root: &Path, flows: usize, elements: usize) -> Result<PathBuf> {
    once(&root.join(format!("flows-{flows}x{elements}")), |place| {
        for at in 0..flows {
            let directory = place.join(format!("flows/{:02}", at % 40));
            fs::create_dir_all(&directory)?;
            let text = flow(at as u64, elements, 0);
            fs::write(directory.join(format!("flow-{at:05}.json")), text)?;
        }
        Ok(())
    })
}

/// A git repository of many flows with a clean work tree, whose last commit changed the first `changed` of them.
pub(crate) fn repository(
    root: &Path,
    flows: usize,
    elements: usize,
    changed: usize,
) -> Result<PathBuf> {
    let name = format!("repository-{changed}-of-{flows}x{elements}");
    once(&root.join(name), |place| {
        git(place, &["init", "--quiet", "--initial-branch=main"])?;
        // One pack without a search for deltas: what a checkout gets, in seconds.
        let mut import = Command::new("git")
            .args(["-c", "pack.window=0", "fast-import", "--quiet", "--depth=0"])
            .current_dir(place)
            .stdin(Stdio::piped())
            .spawn()?;
        let mut stream = std::io::BufWriter::new(import.stdin.take().context("git has an input")?);
        for (commit, edits, count) in [("base", 0, flows), ("change", 5, changed)] {
            write!(
                stream,
                "commit refs/heads/main\ncommitter bench <bench@example.com> 1700000000 +0000\ndata {}\n{commit}\n",
                commit.len()
            )?;
            for at in 0..count {
                let text = flow(at as u64, elements, edits);
                write!(
                    stream,
                    "M 100644 inline flows/{:02}/flow-{at:05}.json\ndata {}\n{text}\n",
                    at % 40,
                    text.len()
                )?;
            }
            writeln!(stream)?;
        }
        stream.flush()?;
        drop(stream);
        ensure!(import.wait()?.success(), "git fast-import failed");
        git(place, &["reset", "--quiet", "--hard", "main"])?;
        fs::write(place.join(".git/info/exclude"), ".made\n")?;
        Ok(())
    })
}

fn git(place: &Path, words: &[&str]) -> Result<()> {
    let ended = Command::new("git")
        .args(words)
        .current_dir(place)
        .status()?;
    ensure!(ended.success(), "git {words:?} failed");
    Ok(())
}

/// How many bytes the files of a directory have, `.git` left out.
pub(crate) fn bytes(place: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            if entry.file_name() != ".git" {
                sum += bytes(&entry.path())?;
            }
        } else {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}
