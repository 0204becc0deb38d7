//! `flowgate pull`: bring what is live into the flow files. Only files of the repository are written, each whole or not at
//! all, and none through a symbolic link.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use flowgate_core::drift::{DriftState, FlowDrift, drift};
use flowgate_core::flow::{Flow, native};
use flowgate_core::ids::{FlowId, RepoPath};
use flowgate_core::platform::{Answer, FlowOnPlatform};
use flowgate_core::redact::FoundSecrets;
use flowgate_core::review::{FlowFile, Input};

use crate::change::{Inputs, Typed};
use crate::cli::PullArgs;
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure, Plain};
use crate::files::{self, ReplaceError};
use crate::github::Client;
use crate::output::Output;
use crate::pipeline::{self, Ask};
use crate::process::{World, block_on};
use crate::services::recorded::{self, Reading};
use crate::source::{FlowGlobs, History, Place, check_out};

/// What is to be done for one flow.
enum Pull {
    /// Its file is written.
    Write {
        path: RepoPath,
        /// `None` for a new file.
        before: Option<Vec<u8>>,
        text: String,
        why: String,
    },
    /// Nothing, and why.
    Stay { path: RepoPath, why: String },
    /// It cannot be brought in, and why.
    Cannot { flow: String, why: String },
}

/// Runs the command.
pub(super) fn run(
    args: &PullArgs,
    world: &World,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let named = args
        .flow
        .iter()
        .flat_map(|list| &list.0)
        .map(|id| id.parse())
        .collect::<Result<BTreeSet<FlowId>, _>>()
        .map_err(Failure::usage)?;
    let mut files = args.tenant.files.clone();
    // The first flow of a repository may be the one that is brought in.
    if !named.is_empty() {
        files.policy.allow_empty = files.policy.allow_empty.or(Some(true));
    }
    let inputs = Inputs::gather(
        &Typed {
            files: &files,
            ..Typed::of(&args.tenant)
        },
        world,
    )?;
    let redactor = world.redactor();
    let shown = |text: &str| Plain(&redactor.text(text)).to_string();
    for note in inputs.unseen() {
        writeln!(output.err, "note: {}", shown(&note))?;
    }
    let lacking = Lacking {
        left_out: inputs.sources.left_out(),
        unread: inputs.sources.unread,
    };
    let root = Place::find(world.cwd()?, &[]).root;
    let globs = inputs.flows.clone();
    let layout = inputs.terms.review.plan.layout.clone();
    let input = block_on(ask(inputs, &named, &root, world))?;
    redactor.learn_found(&FoundSecrets::of(input.compared()));
    let pulls = decide(&input, &named, &layout, &globs)?;
    let pulls: Vec<Pull> = pulls.into_iter().map(|pull| lacking.hold(pull)).collect();
    let dry_run = args.dry_run.asked();
    let mut exit = Exit::Done;
    let mut written = 0;
    for pull in &pulls {
        match pull {
            Pull::Write {
                path,
                before,
                text,
                why,
            } => {
                let file = path.as_str();
                if !dry_run {
                    write(&root, path, before.as_deref(), text)?;
                }
                written += 1;
                let what = match (dry_run, before) {
                    (true, _) => "would be written",
                    (false, Some(_)) => "brought in",
                    (false, None) => "new",
                };
                writeln!(output.out, "{}: {what}: {}", shown(file), shown(why))?;
            }
            Pull::Stay { path, why } => {
                writeln!(
                    output.out,
                    "{}: nothing to do: {}",
                    shown(path.as_str()),
                    shown(why)
                )?;
            }
            Pull::Cannot { flow, why } => {
                exit = Exit::Failed;
                writeln!(
                    output.err,
                    "error: {} was not brought in: {}",
                    shown(flow),
                    shown(why)
                )?;
            }
        }
    }
    if pulls.is_empty() {
        writeln!(
            output.out,
            "nothing to do: no flow was edited in the console"
        )?;
    } else if written > 0 && !dry_run {
        writeln!(
            output.err,
            "next: look at `git diff`, then open a pull request: merging it puts nothing new live"
        )?;
    }
    Ok(exit)
}

/// Flow files that are not in the work tree although they are there.
struct Lacking {
    left_out: BTreeSet<RepoPath>,
    /// How many there are besides, of which nobody knows whose flows they hold.
    unread: usize,
}

impl Lacking {
    /// What may be done all the same: nothing is written where git looks for no file, and no flow gets a second one.
    fn hold(&self, pull: Pull) -> Pull {
        match pull {
            Pull::Write { path, .. } if self.left_out.contains(&path) => {
                let why = format!("it is not checked out: {}", check_out(path.as_str()));
                cannot(&path, &why)
            }
            Pull::Write {
                path, before: None, ..
            } if self.unread > 0 => cannot(
                &path,
                &format!(
                    "its file may be one of the {} that are not checked out: `git sparse-checkout disable` brings them",
                    self.unread
                ),
            ),
            pull => pull,
        }
    }
}

/// What the repository holds and CXone says, of its flows and of those that were named.
async fn ask(
    inputs: Inputs,
    named: &BTreeSet<FlowId>,
    root: &Path,
    world: &World,
) -> Result<Input, Failure> {
    let address = Address::of(world.environment.needed_credentials()?)?;
    let tenant = Tenant::connect(
        address,
        Purpose::Read,
        &inputs.terms.platform,
        world.began,
        world.reader(),
        &world.redactor,
    )?;
    tenant.fetch_token();
    let mut input = pipeline::read(inputs.sources, &inputs.terms.deadline)?;
    let mut flows: BTreeSet<FlowId> = named.clone();
    if named.is_empty() {
        flows.extend(pipeline::flows(&input, Ask::All));
    }
    let survey = tenant.survey(flows, inputs.terms.capacity);
    let said = inputs.terms.deadline.bounds("CXone was asked", survey);
    input.platform = Some(said.await??);
    let reading = Reading {
        flows: &inputs.flows,
        layout: &inputs.terms.review.plan.layout,
        limit: inputs.max_file_size,
    };
    let history = || History::open(Some(root), &world.environment, None::<&Client>);
    recorded::complete(&mut input, history, &reading).await;
    Ok(input)
}

fn decide(
    input: &Input,
    named: &BTreeSet<FlowId>,
    layout: &flowgate_core::flow::Layout,
    globs: &[String],
) -> Result<Vec<Pull>, Failure> {
    let said = |id: &FlowId| input.platform.as_ref()?.get(id);
    let mut pulls = Vec::new();
    let mut missing = named.clone();
    for file in &input.files {
        let Some(head) = &file.head else { continue };
        let id = head.flow.as_ref().and_then(|flow| flow.id());
        let is_named = id.is_some_and(|id| missing.remove(id));
        if !named.is_empty() && !is_named {
            continue;
        }
        let recorded = id.and_then(|id| input.recorded.get(id));
        let platform = id.and_then(said);
        let stands = drift(
            &file.path,
            head,
            platform,
            recorded.map(AsRef::as_ref),
            None,
            layout,
        );
        pulls.extend(of_file(file, &stands, platform, is_named, layout));
    }
    for id in missing {
        pulls.push(of_new(&id, said(&id), globs)?);
    }
    Ok(pulls)
}

/// A flow that has a file.
fn of_file(
    file: &FlowFile,
    stands: &FlowDrift,
    platform: Option<&FlowOnPlatform>,
    is_named: bool,
    layout: &flowgate_core::flow::Layout,
) -> Option<Pull> {
    let path = file.path.clone();
    let published = platform.and_then(|said| said.published.known());
    let (Some(live), Some(head)) = (published, file.head.as_ref()?.flow.as_deref()) else {
        let unknown = stands.state == DriftState::Unknown || is_named;
        return unknown.then(|| Pull::Cannot {
            flow: path.to_string(),
            why: match stands.state {
                DriftState::InSync | DriftState::Behind | DriftState::Held => {
                    "this tenant cannot show what is live".to_owned()
                }
                _ => stands.why.clone(),
            },
        });
    };
    match stands.state {
        DriftState::InSync | DriftState::Unmanaged => {
            return is_named.then(|| Pull::Stay {
                path,
                why: stands.why.clone(),
            });
        }
        // Ours, from another commit: no edit. Whoever names the flow wants it all the same.
        DriftState::Behind | DriftState::Held if !is_named => return None,
        _ => {}
    }
    if !live.flow.is_whole() {
        return Some(cannot(&path, "a part of what is live cannot be read"));
    }
    Some(match native::bring_in(head, &live.flow, layout) {
        Some(text) => Pull::Write {
            before: Some(head.source().as_str().as_bytes().to_vec()),
            why: came(stands, live.flow.version().map(ToString::to_string)),
            path,
            text,
        },
        None => cannot(
            &path,
            "what is live could not be written as a flow file that means the same",
        ),
    })
}

/// A flow that has no file yet.
fn of_new(id: &FlowId, said: Option<&FlowOnPlatform>, globs: &[String]) -> Result<Pull, Failure> {
    let cannot = |why: &str| Pull::Cannot {
        flow: id.to_string(),
        why: why.to_owned(),
    };
    let live = match said.map(|said| &said.published) {
        Some(Answer::Known(live)) => live,
        Some(Answer::Unavailable(why)) => {
            return Ok(cannot(&format!("CXone could not say what is live: {why}")));
        }
        Some(Answer::CannotTell) => return Ok(cannot("this tenant cannot show what is live")),
        Some(Answer::Absent) | None => {
            return Ok(cannot("CXone has no flow with this id that is live"));
        }
    };
    if !live.flow.is_whole() {
        return Ok(cannot("a part of what is live cannot be read"));
    }
    let Some(path) = place(id, globs)? else {
        return Ok(cannot(
            "`flows` matches no file that could be named after it: write an empty file in its place, or change `flows`",
        ));
    };
    Ok(Pull::Write {
        why: format!("{} is live", number(&live.flow)),
        before: None,
        text: native::anew(&live.flow),
        path,
    })
}

/// Where the file of a new flow goes: into the first folder that the globs name, if they match it there.
fn place(id: &FlowId, globs: &[String]) -> Result<Option<RepoPath>, Failure> {
    let matching = FlowGlobs::new(globs)?;
    let folders = globs
        .iter()
        .filter(|glob| !glob.starts_with('!'))
        .map(|glob| {
            let parts = glob.split('/');
            let plain = |part: &&str| !part.contains(['*', '?', '[', '{']);
            let mut parts: Vec<&str> = parts.take_while(plain).collect();
            if parts.len() == glob.split('/').count() {
                parts.pop();
            }
            parts.join("/")
        });
    Ok(folders
        .map(|folder| match folder.as_str() {
            "" => format!("{id}.json"),
            folder => format!("{folder}/{id}.json"),
        })
        .find(|path| matching.matches(path))
        .and_then(|path| path.parse().ok()))
}

fn cannot(path: &RepoPath, why: &str) -> Pull {
    Pull::Cannot {
        flow: path.to_string(),
        why: why.to_owned(),
    }
}

/// What was brought in, in a line.
fn came(stands: &FlowDrift, live: Option<String>) -> String {
    let live = live.unwrap_or_else(|| "an unnumbered version".to_owned());
    let names: Vec<&str> = stands.edits.iter().map(|edit| edit.name.as_str()).collect();
    let by = stands
        .live
        .as_ref()
        .and_then(|live| live.edited_by.as_deref());
    let by = by.map_or_else(String::new, |who| format!(" by {who}"));
    match stands.state {
        DriftState::Edited => format!(
            "{live}, edited in the console{by}: {}",
            if names.is_empty() {
                "what was edited cannot be told".to_owned()
            } else {
                names.join(", ")
            }
        ),
        state => format!("{live}, which is live ({})", state.words()),
    }
}

fn number(flow: &Flow) -> String {
    flow.version()
        .map_or_else(|| "an unnumbered version".to_owned(), ToString::to_string)
}

/// Writes a file of the repository. No folder on the way to it may be a symbolic link, which could lead elsewhere.
fn write(root: &Path, path: &RepoPath, before: Option<&[u8]>, text: &str) -> Result<(), Failure> {
    let mut folder = root.to_owned();
    let mut parts: Vec<&str> = path.as_str().split('/').collect();
    let name = parts.pop().unwrap_or_default();
    for part in parts {
        folder.push(part);
        match folder.symlink_metadata() {
            Ok(data) if data.is_dir() => {}
            Ok(data) if data.is_symlink() => {
                return Err(ReplaceError::Link {
                    path: PathBuf::from(path.as_str()),
                    link: folder,
                }
                .into());
            }
            Ok(_) => {
                return Err(Failure::new(
                    Exit::Failed,
                    anyhow::anyhow!(
                        "could not write `{path}`: `{}` is no folder",
                        folder.display()
                    ),
                )
                .hint("remove what stands there, or name another folder"));
            }
            Err(_) => fs::create_dir(&folder).map_err(|error| {
                Failure::new(Exit::Failed, error)
                    .context(format!("could not make the folder `{}`", folder.display()))
            })?,
        }
    }
    files::replace(&folder.join(name), before, text.as_bytes())?;
    Ok(())
}
