//! `flowgate fmt`: flow files in the one form that is easy to compare. What a flow does never changes by it.

use std::collections::BTreeSet;

use flowgate_core::flow::{Content, format, native};
use flowgate_core::ids::RepoPath;
use flowgate_core::text::SourceText;

use crate::change::settings_file;
use crate::cli::{FmtArgs, PolicyArgs};
use crate::exit::{Exit, Failure, Plain};
use crate::files;
use crate::output::Output;
use crate::process::World;
use crate::settings::{PolicySettings, ReadSettings};
use crate::source::{self, BaseChoice, Place, Request, SourceFile, Untouched};

/// What becomes of a file.
enum Form {
    /// It has the form.
    Has,
    /// It gets this text in place of those bytes.
    Gets { before: Vec<u8>, after: String },
    /// It cannot be formatted: where, and why.
    Cannot(String),
    /// It is a symbolic link, or stands behind one.
    Linked,
}

impl Form {
    /// The same where git converts line ends, and the file has those of the work tree: they are no difference.
    fn in_lines_of_the_work_tree(self) -> Self {
        let Form::Gets { before, after } = self else {
            return self;
        };
        let after = after.replace('\n', "\r\n");
        if after.as_bytes() == before {
            return Form::Has;
        }
        Form::Gets { before, after }
    }
}

fn has_crlf(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\r\n")
}

/// Runs the command.
pub(super) fn run(args: &FmtArgs, world: &World, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let cwd = world.cwd()?;
    let place = Place::find(cwd, &args.paths);
    let file = settings_file(&place, cwd, args.read.config.as_deref(), &world.environment)?;
    let read = ReadSettings::resolve(&args.read, &file)?;
    let flows = PolicyArgs {
        globs: args.globs.clone(),
        ..PolicyArgs::default()
    };
    let policy = PolicySettings::resolve(&flows, &file);
    let found = source::files(&Request {
        place: &place,
        cwd,
        paths: &args.paths,
        flows: &policy.flows,
        base: BaseChoice::Default,
        limit: read.max_file_size.0,
        allow_empty: policy.allow_empty,
        untouched: Untouched::Read,
        environment: &world.environment,
    })?;
    let redactor = world.redactor();
    let shown = |text: &str| Plain(&redactor.text(text)).to_string();
    for note in &found.unseen {
        writeln!(output.err, "note: {}", shown(note))?;
    }
    let only_look = args.check.unwrap_or(false);
    let (mut failed, mut others) = (None, 0_usize);
    let forms: Vec<(RepoPath, Form)> = found
        .files
        .into_iter()
        .map(|file| (file.path.clone(), form(file)))
        .collect();
    let with_crlf = |form: &Form| matches!(form, Form::Gets { before, .. } if has_crlf(before));
    let asked = forms.iter().filter(|(_, form)| with_crlf(form));
    let asked: Vec<RepoPath> = asked.map(|(path, _)| path.clone()).collect();
    let converted = if asked.is_empty() {
        BTreeSet::new()
    } else {
        source::converted(&place.root, &asked)
    };
    for (path, form) in forms {
        let form = if converted.contains(&path) {
            form.in_lines_of_the_work_tree()
        } else {
            form
        };
        match form {
            Form::Has => {}
            Form::Gets { before, after } => {
                others += 1;
                if only_look {
                    failed = failed.max(Some(Fault::File));
                    writeln!(output.out, "{}: has another form", shown(path.as_str()))?;
                } else {
                    let at = place.root.join(path.as_str());
                    files::replace(&at, Some(&before), after.as_bytes())?;
                    writeln!(output.out, "{}: formatted", shown(path.as_str()))?;
                }
            }
            Form::Linked => {
                let at = place.root.join(path.as_str());
                let refused = files::through_no_link(&at).err();
                let why = refused.map_or_else(
                    || cannot(&path, Content::Symlink),
                    |refused| refused.to_string(),
                );
                // Who only looks writes through no link.
                failed = failed.max(Some(if only_look { Fault::File } else { Fault::Link }));
                writeln!(
                    output.err,
                    "error: {}; the file was left alone",
                    shown(&why)
                )?;
            }
            Form::Cannot(why) => {
                failed = failed.max(Some(Fault::File));
                writeln!(
                    output.err,
                    "error: {}; the file was left alone",
                    shown(&why)
                )?;
            }
        }
    }
    if only_look && others > 0 {
        writeln!(output.err, "hint: `flowgate fmt` writes them in one form")?;
    }
    Ok(match failed {
        None => Exit::Done,
        Some(Fault::File) => Exit::Findings,
        Some(Fault::Link) => Exit::Usage,
    })
}

/// What is wrong with a file; the worst last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// It has another form, or none.
    File,
    /// To write it would be to write through a link.
    Link,
}

fn form(file: SourceFile) -> Form {
    let path = file.path;
    let text = match file.content {
        Content::Bytes(bytes) => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                return Form::Cannot(cannot(&path, Content::Bytes(error.into_bytes())));
            }
        },
        Content::Symlink => return Form::Linked,
        content => return Form::Cannot(cannot(&path, content)),
    };
    let source = SourceText::new(path.clone(), text);
    match format::format(&source) {
        Ok(after) if after == source.as_str() => Form::Has,
        Ok(after) => Form::Gets {
            before: source.as_str().as_bytes().to_vec(),
            after,
        },
        Err(error) => {
            let at = error.at();
            Form::Cannot(format!("{path}:{}:{}: {error}", at.line, at.column))
        }
    }
}

/// A file that has no text: the words that a check has for it.
fn cannot(path: &RepoPath, content: Content) -> String {
    let reading = native::read(path.clone(), content);
    let why = reading.problems.first();
    let why = why.map_or("it cannot be read", |problem| problem.message.as_str());
    format!("{path}: {why}")
}
