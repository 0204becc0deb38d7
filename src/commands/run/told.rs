//! What a run says outside of its log: the job summary, the step's outputs, annotations. Written whatever its end is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use flowgate_core::redact::Redactor;
use flowgate_core::report::safe;

use crate::actions::{self, Annotation, Level, Log, OutputName, Reader};
use crate::change::Job;
use crate::exit::{Exit, Failure};
use crate::files;

/// Everything that is said at the end, whatever the end is.
#[derive(Debug, Default)]
pub(super) struct Told {
    summary: String,
    /// The same without a limit, for `report-file`.
    report: String,
    pub(super) outputs: BTreeMap<OutputName, String>,
    pub(super) annotations: Vec<Annotation>,
}

impl Told {
    /// Adds a paragraph to the summary and the report.
    pub(super) fn summary(&mut self, markdown: &str) {
        self.shortened(markdown, markdown);
    }

    /// Adds a paragraph of which the summary has room for this much; the report gets the whole.
    pub(super) fn shortened(&mut self, markdown: &str, whole: &str) {
        let _infallible = writeln!(self.summary, "{}\n", markdown.trim_end());
        let _infallible = writeln!(self.report, "{}\n", whole.trim_end());
    }

    /// Says how the run ended, and hands everything to the runner. `failed` is the heading over an error.
    pub(super) fn end(
        &mut self,
        job: &Job<'_>,
        ended: Result<Exit, Failure>,
        failed: &str,
        redactor: &Redactor,
        err: &mut dyn io::Write,
    ) -> Result<Exit, Failure> {
        if let Err(failure) = &ended {
            let mut said: Vec<String> = failure.error.chain().map(ToString::to_string).collect();
            for cause in said.iter_mut().skip(1) {
                cause.insert_str(0, "because: ");
            }
            said.extend(failure.hint.clone());
            let said: Vec<String> = said
                .iter()
                .map(|said| redactor.text(said).into_owned())
                .collect();
            let shown: Vec<String> = said
                .iter()
                .map(|said| safe::prose(&safe::line(said)))
                .collect();
            self.summary(&format!("### ❌ {failed}\n\n{}", shown.join("\n\n")));
            self.annotations.push(Annotation {
                level: Level::Error,
                title: Some(failed.to_owned()),
                message: said.join("\n"),
                place: None,
            });
        }
        let exit = ended
            .as_ref()
            .map_or_else(|failure| failure.exit, |&exit| exit);
        let word = match exit {
            Exit::Done => "passed",
            Exit::Findings => "findings",
            Exit::Refused => "refused",
            Exit::Unknown => "unknown",
            Exit::Usage | Exit::Failed => "failed",
        };
        self.outputs.insert(OutputName::Result, word.to_owned());
        self.hand_over(job, err)?;
        ended
    }

    /// Hands everything to the runner. What cannot be handed over is said in the log and changes nothing else.
    pub(super) fn hand_over(&mut self, job: &Job<'_>, err: &mut dyn io::Write) -> io::Result<()> {
        let mut problems = Vec::new();
        if let Some(path) = &job.context.summary_path
            && !self.summary.is_empty()
            && let Err(error) = actions::append_summary(path, &self.summary)
        {
            problems.push(error.to_string());
        }
        if let Some(path) = &job.args.report_file {
            match files::write(path, self.report.as_ref()) {
                Ok(()) => {
                    let path = path.display().to_string();
                    self.outputs.insert(OutputName::ReportPath, path);
                }
                Err(error) => problems.push(format!("{:#}", anyhow::Error::from(error))),
            }
        }
        if let Some(path) = &job.context.output_path {
            let mut random = [0; 16];
            let filled = getrandom::fill(&mut random).map_err(|error| error.to_string());
            let outputs = std::mem::take(&mut self.outputs);
            let written = filled.and_then(|()| {
                actions::append_outputs(path, &outputs, random).map_err(|error| error.to_string())
            });
            problems.extend(written.err());
        }
        self.annotations
            .sort_by_key(|annotation| std::cmp::Reverse(annotation.level));
        let annotations = std::mem::take(&mut self.annotations);
        Log::new(io::stderr(), Reader::Runner).annotate(&annotations)?;
        self.summary.clear();
        for problem in problems {
            writeln!(err, "warning: {problem}")?;
        }
        Ok(())
    }
}
