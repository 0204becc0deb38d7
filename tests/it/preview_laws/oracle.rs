//! What a change is and what must come of it, worked out apart from the program: both whole trees, read with plain git,
//! and `serde_json`.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_sandbox::State;
use serde_json::Value;

use super::repository::Tree;

/// Which files are flow files, by the settings of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Globs(Vec<String>);

impl Globs {
    /// `flows` of `flowgate.toml`, written in one line.
    pub(super) fn of(tree: &Tree) -> Self {
        let text = tree
            .get(&b"flowgate.toml"[..])
            .map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned());
        let list = text
            .as_deref()
            .and_then(|text| text.lines().find_map(|line| line.strip_prefix("flows = ")));
        Self(list.map_or_else(
            || vec!["flows/**/*.json".to_owned()],
            |list| serde_json::from_str(list).unwrap(),
        ))
    }

    /// Wherever a generated repository keeps flows.
    pub(super) fn everywhere() -> Self {
        Self(vec![
            "flows/**/*.json".to_owned(),
            "drafts/**/*.json".to_owned(),
        ])
    }

    /// Knows `DIR/**/*.json` and `DIR/*.json`.
    pub(super) fn match_path(&self, path: &[u8]) -> bool {
        let Ok(path) = std::str::from_utf8(path) else {
            return false;
        };
        self.0.iter().any(|glob| {
            let (folder, deep) = match glob.strip_suffix("/**/*.json") {
                Some(folder) => (folder, true),
                None => (glob.strip_suffix("/*.json").unwrap(), false),
            };
            let rest = path
                .strip_prefix(folder)
                .and_then(|rest| rest.strip_prefix('/'));
            rest.and_then(|rest| rest.strip_suffix(".json"))
                .is_some_and(|name| deep || !name.contains('/'))
        })
    }
}

/// A flow as a file or the platform holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) version: Vec<u64>,
    /// By id, without where they are drawn.
    elements: BTreeMap<String, Value>,
    connectors: BTreeMap<String, Value>,
}

fn by_id(list: &Value) -> BTreeMap<String, Value> {
    let list = list.as_array().into_iter().flatten();
    list.map(|item| {
        let mut item = item.clone();
        item.as_object_mut().unwrap().remove("x");
        (item["id"].as_str().unwrap().to_owned(), item)
    })
    .collect()
}

fn version(text: &str) -> Vec<u64> {
    text.split('.').map(|part| part.parse().unwrap()).collect()
}

impl Content {
    fn of(json: &Value) -> Self {
        Self {
            version: version(json["version"].as_str().unwrap()),
            elements: by_id(&json["elements"]),
            connectors: by_id(&json["connectors"]),
        }
    }

    /// Whether both say the same to callers.
    pub(super) fn says(&self, other: &Self) -> bool {
        self.elements == other.elements && self.connectors == other.connectors
    }

    /// Connectors that lead to no element.
    fn loose_ends(&self) -> BTreeSet<&str> {
        let ends = self
            .connectors
            .values()
            .map(|connector| connector["targetId"].as_str().unwrap());
        ends.filter(|end| !self.elements.contains_key(*end))
            .collect()
    }
}

/// A flow in a tree.
#[derive(Debug, Clone)]
pub(super) struct InFile {
    pub(super) path: String,
    bytes: Vec<u8>,
    pub(super) content: Content,
}

/// The flows of the files that the globs match, by id.
pub(super) fn flows(tree: &Tree, globs: &Globs) -> BTreeMap<String, InFile> {
    flow_files(tree, globs).collect()
}

/// The flows that stand in more than one of the files that the globs match.
fn twice(tree: &Tree, globs: &Globs) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let ids = flow_files(tree, globs).map(|(id, _)| id);
    ids.filter(|id| !seen.insert(id.clone())).collect()
}

fn flow_files(tree: &Tree, globs: &Globs) -> impl Iterator<Item = (String, InFile)> {
    let files = tree
        .iter()
        .filter(|(path, entry)| globs.match_path(path) && entry.mode == "100644");
    files.filter_map(|(path, entry)| {
        let json: Value = serde_json::from_slice(&entry.bytes).ok()?;
        let content = Content::of(&json);
        let path = String::from_utf8(path.clone()).unwrap();
        let id = json["flowId"].as_str()?.to_owned();
        Some((
            id,
            InFile {
                path,
                bytes: entry.bytes.clone(),
                content,
            },
        ))
    })
}

impl InFile {
    pub(super) fn says_as(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }

    pub(super) fn stands_as(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

/// What is live, by id, and every stored number.
#[derive(Debug, Clone, Default)]
pub(super) struct Platform {
    pub(super) live: BTreeMap<String, Content>,
    pub(super) stored: BTreeMap<String, Vec<Content>>,
}

impl Platform {
    pub(super) fn of(state: &State) -> Self {
        let mut platform = Self::default();
        for (id, flow) in &state.flows {
            let content = |version: &flowgate_sandbox::Version| Content {
                version: self::version(&version.version),
                elements: by_id(&serde_json::from_str(version.elements.get()).unwrap()),
                connectors: by_id(&serde_json::from_str(version.connectors.get()).unwrap()),
            };
            platform.live.extend(
                flow.published()
                    .map(|version| (id.clone(), content(version))),
            );
            platform
                .stored
                .insert(id.clone(), flow.versions.iter().map(content).collect());
        }
        platform
    }
}

/// The ids of elements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) added: BTreeSet<String>,
    pub(super) removed: BTreeSet<String>,
    pub(super) modified: BTreeSet<String>,
}

impl Delta {
    fn between(before: &Content, after: &Content) -> Self {
        let only = |here: &Content, there: &Content| {
            let ids = here
                .elements
                .keys()
                .filter(|id| !there.elements.contains_key(*id));
            ids.cloned().collect()
        };
        let modified = after
            .elements
            .iter()
            .filter(|(id, element)| before.elements.get(*id).is_some_and(|was| was != *element));
        Self {
            added: only(after, before),
            removed: only(before, after),
            modified: modified.map(|(id, _)| id.clone()).collect(),
        }
    }
}

/// What merging does with a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Writes,
    Nothing,
    Blocked,
}

/// What must be said of a flow that a change touches.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) id: String,
    pub(super) path: String,
    /// `published`, `base` or `new`.
    pub(super) baseline: &'static str,
    /// `None` where there is nothing to compare with.
    pub(super) delta: Option<Delta>,
    /// The number did not rise above what it is compared with, though it should.
    pub(super) is_not_raised: bool,
    /// Ways that lead nowhere, and did not in what is live.
    pub(super) has_loose_end: bool,
    pub(super) does: Does,
    /// Only its path is another.
    pub(super) only_moved: bool,
}

/// A change, by its two trees.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) flows: Vec<Expected>,
    /// Flows that are in no file any more, with the file that they were in.
    pub(super) gone: BTreeMap<String, String>,
    /// Flows whose file is no flow file any more.
    pub(super) let_go: BTreeSet<String>,
    /// Flows that several files of the tree after hold.
    pub(super) twice: BTreeSet<String>,
    /// Every path of a flow file that the trees do not have in common.
    pub(super) paths: BTreeSet<String>,
}

pub(super) fn change(base: &Tree, head: &Tree, platform: &Platform) -> Change {
    let globs = Globs::of(base);
    let (before, after) = (flows(base, &globs), flows(head, &globs));
    let anywhere = flows(base, &Globs::everywhere());
    let still = flows(head, &Globs::everywhere());
    let twice = twice(head, &globs);
    let mut changed = Vec::new();
    for (id, file) in after.iter().filter(|(id, _)| !twice.contains(*id)) {
        // What stands in a place of its own still, outside of the globs, is another copy.
        let is_copy = |was: &&InFile| {
            let is_there = head
                .get(was.path.as_bytes())
                .is_some_and(|now| now.bytes == was.bytes);
            was.path != file.path && is_there
        };
        let was = anywhere.get(id).filter(|was| !is_copy(was));
        let same_path = was.is_some_and(|was| was.path == file.path);
        let same_bytes = was.is_some_and(|was| was.bytes == file.bytes);
        if same_path && same_bytes {
            continue;
        }
        // A file that holds another flow than before, whose own file is gone, is an error.
        let replaces = before
            .iter()
            .any(|(old, was)| was.path == file.path && !after.contains_key(old));
        let mut expected = expected(id, file, was, same_bytes, platform);
        if replaces && expected.does == Does::Writes {
            expected.does = Does::Blocked;
        }
        changed.push(expected);
    }
    let gone = before.iter().filter(|(id, _)| !still.contains_key(*id));
    let let_go = before
        .keys()
        .filter(|id| !after.contains_key(*id) && still.contains_key(*id))
        .cloned()
        .collect();
    let paths = base
        .keys()
        .chain(head.keys())
        .filter(|path| globs.match_path(path) && base.get(*path) != head.get(*path));
    Change {
        flows: changed,
        gone: gone
            .map(|(id, file)| (id.clone(), file.path.clone()))
            .collect(),
        let_go,
        twice,
        paths: paths
            .map(|path| String::from_utf8(path.clone()).unwrap())
            .collect(),
    }
}

fn expected(
    id: &str,
    file: &InFile,
    was: Option<&InFile>,
    only_moved: bool,
    platform: &Platform,
) -> Expected {
    let live = platform.live.get(id);
    let (baseline, before) = match (live, was) {
        (Some(live), _) => ("published", Some(live)),
        (None, Some(was)) => ("base", Some(&was.content)),
        (None, None) => ("new", None),
    };
    let now = &file.content;
    let differs = before.is_none_or(|before| !before.says(now));
    let stored = platform.stored.get(id).into_iter().flatten();
    let mut same_number = stored.filter(|stored| stored.version == now.version);
    let again = same_number.clone().any(|stored| stored.says(now));
    let is_taken = same_number.any(|stored| !stored.says(now)) && !again;
    // A number that the base gives to other content may be published with that at any time.
    let taken_on_base =
        was.is_some_and(|was| was.content.version == now.version && !was.content.says(now));
    let not_above = before.is_some_and(|before| now.version <= before.version);
    let is_not_raised = differs && !again && (not_above || taken_on_base);
    let ends = now.loose_ends();
    let borne = live.map(Content::loose_ends).unwrap_or_default();
    let has_loose_end = ends.iter().any(|end| !borne.contains(end));
    let would_write = live.is_none_or(|live| !live.says(now));
    let does = match () {
        () if !would_write => Does::Nothing,
        () if is_not_raised || is_taken || has_loose_end => Does::Blocked,
        () => Does::Writes,
    };
    Expected {
        id: id.to_owned(),
        path: file.path.clone(),
        baseline,
        delta: before.map(|before| Delta::between(before, now)),
        is_not_raised,
        has_loose_end,
        does,
        only_moved,
    }
}
