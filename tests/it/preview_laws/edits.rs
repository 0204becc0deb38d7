//! What people do to the files of a repository.

use super::repository::{Entry, Tree};
use super::sketch::Sketch;
use super::story::{Edit, Folder, Odd, Raise};

/// Whoever edits; words and names are used once.
#[derive(Debug, Default)]
pub(super) struct Hand {
    words: u64,
    flows: u64,
    names: u64,
}

type Path = Vec<u8>;

impl Hand {
    /// A new flow in this folder.
    pub(super) fn add(&mut self, tree: &mut Tree, folder: Folder) {
        self.flows += 1;
        let path = format!("{}/{:02}-line.json", folder.path(), self.flows);
        let sketch = Sketch::new(&format!("line{}", self.flows));
        tree.insert(path.into_bytes(), Entry::file(&sketch.text()));
    }

    pub(super) fn apply(&mut self, tree: &mut Tree, edit: &Edit) {
        match *edit {
            Edit::Readme => {
                self.words += 1;
                let text = format!("words {}\n", self.words);
                tree.insert(b"README.md".to_vec(), Entry::file(&text));
            }
            Edit::Add(folder) => self.add(tree, folder),
            Edit::Say(flow, raise) => self.say(tree, flow, raise),
            Edit::Queue(flow) => change(tree, flow, |sketch| {
                sketch.has_queue = !sketch.has_queue;
                sketch.version = raised(sketch.version, Raise::Minor);
            }),
            Edit::Draw(flow) => change(tree, flow, |sketch| sketch.x += 10),
            Edit::Break(flow) => change(tree, flow, |sketch| {
                sketch.is_broken = true;
                sketch.version = raised(sketch.version, Raise::Minor);
            }),
            Edit::Move(flow, folder) => self.move_to(tree, flow, folder),
            Edit::MoveAndSay(flow, raise) => {
                self.say(tree, flow, raise);
                self.move_to(tree, flow, Folder::Flows);
            }
            Edit::Swap(a, b) => {
                let (Some(a), Some(b)) = (nth(tree, a), nth(tree, b)) else {
                    return;
                };
                let (at_a, at_b) = (tree[&a].clone(), tree[&b].clone());
                tree.insert(a, at_b);
                tree.insert(b, at_a);
            }
            Edit::Renumber => {
                let paths = paths(tree);
                let entries: Vec<Entry> = paths.iter().map(|path| tree[path].clone()).collect();
                for (path, entry) in paths.iter().cycle().skip(1).zip(entries) {
                    tree.insert(path.clone(), entry);
                }
            }
            Edit::Label(flow, raise) => {
                self.words += 1;
                let label = self.words;
                change(tree, flow, |sketch| {
                    sketch.label = label;
                    sketch.version = raised(sketch.version, raise);
                });
            }
            Edit::Case(flow) => {
                let Some(path) = nth(tree, flow) else { return };
                let mut text = String::from_utf8(path.clone()).unwrap();
                text = match text.replace("-l", "-L") {
                    other if other != text => other,
                    _ => text.replace("-L", "-l"),
                };
                let entry = tree.remove(&path).unwrap();
                tree.insert(text.into_bytes(), entry);
            }
            Edit::Give(a, b) => {
                let (Some(a), Some(b)) = (nth(tree, a), nth(tree, b)) else {
                    return;
                };
                if a != b {
                    let entry = tree.remove(&b).unwrap();
                    tree.insert(a, entry);
                }
            }
            Edit::Cover(drafts) => {
                let globs = if drafts {
                    r#""flows/**/*.json", "drafts/**/*.json""#
                } else {
                    r#""flows/**/*.json""#
                };
                let text = format!("flows = [{globs}]\n");
                tree.insert(b"flowgate.toml".to_vec(), Entry::file(&text));
            }
            Edit::Odd(odd) => {
                self.flows += 1;
                let (mode, bytes) = match odd {
                    Odd::Submodule => ("160000", format!("{:040x}", self.flows)),
                    Odd::LinkToFolder => {
                        tree.insert(b"docs/guide/a.md".to_vec(), Entry::file("words\n"));
                        ("120000", "../docs/guide".to_owned())
                    }
                    Odd::LinkToFile => ("120000", "../README.md".to_owned()),
                    Odd::NotJson => ("100644", format!("{{ {}", self.flows)),
                    Odd::NotUtf8 | Odd::CapitalJson => {
                        ("100644", Sketch::new(&format!("odd{}", self.flows)).text())
                    }
                };
                let entry = Entry {
                    mode: mode.to_owned(),
                    bytes: bytes.into_bytes(),
                };
                tree.insert(odd.path().0.to_vec(), entry);
            }
            Edit::Delete(flow) => {
                if let Some(path) = nth(tree, flow) {
                    tree.remove(&path);
                }
            }
        }
    }

    fn say(&mut self, tree: &mut Tree, flow: usize, raise: Raise) {
        self.words += 1;
        let words = self.words;
        change(tree, flow, |sketch| {
            sketch.words = words;
            sketch.version = raised(sketch.version, raise);
        });
    }

    fn move_to(&mut self, tree: &mut Tree, flow: usize, folder: Folder) {
        self.names += 1;
        let Some(path) = nth(tree, flow) else { return };
        let entry = tree.remove(&path).unwrap();
        let to = format!("{}/{:02}-moved.json", folder.path(), self.names);
        tree.insert(to.into_bytes(), entry);
    }
}

/// All flow files.
fn paths(tree: &Tree) -> Vec<Path> {
    let is_odd = |path: &Path| Odd::ALL.iter().any(|odd| odd.path().0 == path.as_slice());
    let flows = tree
        .iter()
        .filter(|(path, entry)| !is_odd(path) && Sketch::read(&entry.bytes).is_some());
    flows.map(|(path, _)| path.clone()).collect()
}

/// One of the flow files that are there.
fn nth(tree: &Tree, number: usize) -> Option<Path> {
    let mut paths = paths(tree);
    let number = number % paths.len().max(1);
    (!paths.is_empty()).then(|| paths.swap_remove(number))
}

fn change(tree: &mut Tree, flow: usize, how: impl FnOnce(&mut Sketch)) {
    let Some(path) = nth(tree, flow) else { return };
    let mut sketch = Sketch::read(&tree[&path].bytes).unwrap();
    how(&mut sketch);
    tree.insert(path, Entry::file(&sketch.text()));
}

fn raised((major, minor, patch): (u64, u64, u64), raise: Raise) -> (u64, u64, u64) {
    match raise {
        Raise::Minor => (major, minor + 1, 0),
        Raise::Patch => (major, minor, patch + 1),
        Raise::Not => (major, minor, patch),
    }
}
