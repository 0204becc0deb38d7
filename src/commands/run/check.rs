//! Check, and say on the pull request what merging would do.
//!
//! Comment, summary and annotations are for people; whatever becomes of them, the findings decide how the run ends.

use std::collections::BTreeMap;

use flowgate_core::delta::SubjectKind;
use flowgate_core::drift::Standing;
use flowgate_core::finding::{Finding, Severity};
use flowgate_core::ids::CommitSha;
use flowgate_core::plan::Scope;
use flowgate_core::policy::Verdict;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::{Detail, Telling, safe, terminal};
use flowgate_core::review::Review;

use super::deploy::allowed::direct_push;
use super::told::Told;
use crate::actions::{Annotation, Level, OutputName, Place, SUMMARY_LIMIT, summary_room};
use crate::change::event::{self as matter, Matter};
use crate::change::{Job, Question};
use crate::cli::CommentChoice;
use crate::clients::tenant::Tenant;
use crate::cxone::Purpose;
use crate::event::{Event, PullRequest};
use crate::exit::{Exit, Failure};
use crate::github::Client;
use crate::output::Output;
use crate::pipeline::{self, Ask};
use crate::process::block_on;
use crate::services::check::{Asking, Source, source};
use crate::services::origins::Origins;
use crate::services::recorded::Reading;
use crate::services::sarif;
use crate::settings::FileSettings;
use crate::source::{History, Untouched};
use crate::sticky::{self, Kind, Outcome, Reviewed, StickyError, Wish, Writes};

/// What stands in place of a comment on flows that the pull request does not touch any more.
const NOTHING_LEFT: &str = "### ✅ This pull request touches no flow any more\n";

/// CXone is asked about so many flows: merging looks after all of them, and not only after those of this change.
const MOST_ASKED: usize = 200;

/// Runs the task.
pub(super) fn run(job: &Job<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let redactor = job.world.redactor();
    let mut told = Told::default();
    let ended = block_on(check(job, &redactor, &mut told, output));
    told.end(
        job,
        ended,
        "The flows were not checked",
        &redactor,
        output.err,
    )
}

async fn check(
    job: &Job<'_>,
    redactor: &Redactor,
    told: &mut Told,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let github = job.github()?;
    let is_for_scanning = job.args.sarif_file.is_some();
    let untouched = if is_for_scanning {
        Untouched::Judge
    } else {
        Untouched::Identify { beyond: MOST_ASKED }
    };
    let Matter {
        inputs,
        policy,
        root,
        begun: (tenant, note),
        base,
        file,
        ..
    } = matter::gather(
        job,
        github.as_ref(),
        Question::Proposal,
        untouched,
        |settings, differences| {
            let source = source(settings, job.world, job.withheld())?;
            let note = source.note().filter(|_| differences.touch_flows());
            let Source::Tenant(address) = source else {
                return Ok((None, note));
            };
            let tenant = Tenant::connect(
                address,
                Purpose::Read,
                settings,
                job.world.began,
                job.world.reader(),
                redactor,
            )?;
            // Where no flow is touched, nobody need be asked.
            if differences.touch_flows() {
                tenant.fetch_token();
            }
            Ok((Some(tenant), note))
        },
    )
    .await?;
    for note in &inputs.notes {
        writeln!(output.err, "note: {}", redactor.text(note))?;
    }
    let changed = inputs.sources.changed.len();
    let telling = Telling {
        redactor,
        detail: Detail::Comment,
    };
    let of_all = if is_for_scanning {
        let (settings, deadline) = (&inputs.terms.review, &inputs.terms.deadline);
        pipeline::findings_of_all(&inputs.sources, settings, deadline, &telling)?
    } else {
        Vec::new()
    };
    let review = match &tenant {
        None => {
            let (settings, deadline) = (&inputs.terms.review, &inputs.terms.deadline);
            pipeline::review_one_by_one(inputs.sources, policy, settings, deadline, &telling)?
        }
        Some(tenant) => {
            let asking = Asking {
                terms: &inputs.terms,
                which: match inputs.terms.review.plan.scope {
                    // What touches no flow is done with soon.
                    Scope::Managed if changed > 0 => Ask::up_to(MOST_ASKED, &inputs.sources),
                    Scope::Managed | Scope::Changed => Ask::Touched,
                },
                reading: Reading {
                    flows: &inputs.flows,
                    layout: &inputs.terms.review.plan.layout,
                    limit: inputs.max_file_size,
                },
                origins: origins(job, github.as_ref(), base.as_ref(), &file)
                    .map(|origins| (origins, job)),
            };
            let history =
                || History::open(root.as_deref(), &job.world.environment, github.as_ref());
            let review = asking.review(tenant, inputs.sources, policy, &telling, history);
            let (review, warnings) = review.await?;
            for warning in warnings {
                writeln!(output.err, "warning: {warning}")?;
                told.annotations.push(Annotation {
                    level: Level::Warning,
                    title: None,
                    message: warning,
                    place: None,
                });
            }
            review
        }
    };
    let verdict = inputs.terms.review.policy.verdict(&review.findings);
    let text = terminal::render(&review, redactor, output.colour);
    output.out.write_all(text.as_bytes())?;
    // The log stands in order: the annotations go another way.
    output.out.flush()?;

    if let Some(path) = &job.args.sarif_file {
        let rules = job.context.documentation("rules.md");
        let settings = sarif::settings(job.args.target.as_deref(), rules);
        match sarif::write(path, (&review, &of_all), redactor, &settings) {
            Ok(()) => {
                let path = path.display().to_string();
                told.outputs.insert(OutputName::SarifPath, path);
            }
            Err(failure) => {
                let note = redactor.text(&format!("{:#}", failure.error)).into_owned();
                writeln!(output.err, "warning: {note}")?;
                told.annotations.push(Annotation::notice(note));
            }
        }
    }
    told.count(&review, changed, &verdict);
    told.find(&review, redactor);
    let links = links(job);
    let room = job
        .context
        .summary_path
        .as_deref()
        .map_or(SUMMARY_LIMIT, summary_room);
    let summary = CommentSettings {
        full_report_link: None,
        // Room for what else a run may say.
        max_bytes: usize::try_from(room)
            .unwrap_or(usize::MAX)
            .saturating_sub(4096),
        ..links.clone()
    };
    if changed == 0 && review.findings.is_empty() {
        told.summary("### ✅ This change touches no flow");
    } else {
        let whole = CommentSettings {
            max_bytes: usize::MAX,
            ..summary.clone()
        };
        told.shortened(
            &comment::render(&review, redactor, &summary),
            &comment::render(&review, redactor, &whole),
        );
    }
    if let Some(note) = &note {
        notice(note, told, redactor, output)?;
    }
    if let (Some(pull), true) = (
        job.event.pull_request(),
        job.args.comment != Some(CommentChoice::Off),
    ) {
        let said = match &github {
            None => Err(
                "no comment on the pull request: there is no token; pass `github-token`".to_owned(),
            ),
            Some(github) => {
                let touches = changed > 0;
                comment_on(
                    job,
                    github,
                    pull,
                    (touches.then_some(&review), base.as_ref()),
                    redactor,
                    &links,
                )
                .await
                .map_err(|error| error.to_string())
            }
        };
        tell(said, told, redactor, output)?;
    }
    Ok(if verdict.fails {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// How what merging would publish besides came to the branch that is merged into.
fn origins<'a>(
    job: &'a Job<'_>,
    github: Option<&'a Client>,
    base: Option<&'a CommitSha>,
    file: &FileSettings,
) -> Option<Origins<'a>> {
    let branch = match job.event {
        Event::MergeGroup(group) => group.base_ref.strip_prefix("refs/heads/")?,
        event => &event.pull_request()?.base_ref,
    };
    Some(Origins {
        github: github?,
        branch,
        repository: job.context.repository.id,
        head: base?,
        direct_push: direct_push(job, file),
    })
}

fn links(job: &Job<'_>) -> CommentSettings {
    let context = job.context;
    let head = job.event.pull_request().map(|pull| &pull.head_sha);
    let commit = head.or(context.sha.as_ref());
    CommentSettings {
        file_link: commit.map(|commit| {
            format!(
                "{}/{}/blob/{commit}/",
                context.server_url, context.repository.full_name
            )
        }),
        full_report_link: Some(context.run_url()),
        rollback_link: context.rollback_help(),
        ..CommentSettings::default()
    }
}

/// Makes the comment say what the review says, which was made against a commit; `None` where the pull request touches no
/// flow.
async fn comment_on(
    job: &Job<'_>,
    github: &Client,
    pull: &PullRequest,
    (review, base): (Option<&Review>, Option<&CommitSha>),
    redactor: &Redactor,
    links: &CommentSettings,
) -> Result<Outcome, StickyError> {
    let marker = job.marker(Kind::Check, &pull.head_sha);
    let place = sticky::Place {
        pull: pull.number,
        before: pull.before.as_ref(),
        workflow: job.context.workflow.as_deref(),
    };
    let mut writes = Writes::default();
    let Some(review) = review else {
        let wish = Wish::Replace(NOTHING_LEFT);
        return sticky::publish(github, place, &marker, wish, &mut writes).await;
    };
    let shown = Reviewed::of(review, base).line();
    let settings = CommentSettings {
        max_bytes: marker.room().saturating_sub(shown.len()),
        ..links.clone()
    };
    let body = format!("{shown}{}", comment::render(review, redactor, &settings));
    sticky::publish(github, place, &marker, Wish::Show(&body), &mut writes).await
}

/// What became of the comment; that there is none is a notice, never another end.
fn tell(
    said: Result<Outcome, String>,
    told: &mut Told,
    redactor: &Redactor,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let note = match said {
        Ok(Outcome::Written(comment) | Outcome::Unchanged(comment)) => {
            told.outputs
                .insert(OutputName::CommentId, comment.id.to_string());
            told.outputs.insert(OutputName::CommentUrl, comment.url);
            return Ok(());
        }
        Ok(Outcome::NotNeeded) => return Ok(()),
        Ok(Outcome::HeadMoved { now }) => format!(
            "no comment: the pull request stands at {} by now, and the run for that one writes",
            now.short()
        ),
        Ok(Outcome::NewerRun { run, attempt }) => {
            format!("no comment: run {run}, attempt {attempt}, has written it already")
        }
        Err(why) => why,
    };
    notice(&note, told, redactor, output)
}

/// Says something that changes nothing about how the run ends.
fn notice(
    note: &str,
    told: &mut Told,
    redactor: &Redactor,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let note = redactor.text(note).into_owned();
    writeln!(output.err, "notice: {note}")?;
    told.summary(&format!("- {}", safe::prose(&safe::line(&note))));
    told.annotations.push(Annotation::notice(note));
    Ok(())
}

/// What a check adds to what is said at the end of a run.
impl Told {
    fn count(&mut self, review: &Review, changed: usize, verdict: &Verdict) {
        let mut totals: BTreeMap<OutputName, usize> = BTreeMap::from([
            (OutputName::ChangedCount, changed),
            (OutputName::ErrorCount, verdict.errors),
            (OutputName::WarningCount, verdict.warnings),
            (OutputName::Added, 0),
            (OutputName::Removed, 0),
            (OutputName::Modified, 0),
            (OutputName::Moved, 0),
        ]);
        for delta in review.flows.iter().filter_map(|flow| flow.delta.as_ref()) {
            let buckets = delta.buckets(SubjectKind::Element);
            for (name, bucket) in [
                (OutputName::Added, &buckets.added),
                (OutputName::Removed, &buckets.removed),
                (OutputName::Modified, &buckets.modified),
                (OutputName::Moved, &buckets.moved),
            ] {
                *totals.entry(name).or_default() += bucket.len();
            }
        }
        let drifted = review
            .flows
            .iter()
            .filter(|flow| flow.standing.is_some_and(Standing::is_drift));
        totals.insert(OutputName::DriftCount, drifted.count());
        self.outputs.extend(
            totals
                .into_iter()
                .map(|(name, count)| (name, count.to_string())),
        );
    }

    /// An annotation for each thing to mend; what follows from another goes away with it, what is old is no news.
    fn find(&mut self, review: &Review, redactor: &Redactor) {
        let news = review
            .findings
            .iter()
            .filter(|finding| review.counts(finding) && finding.cause.is_none());
        self.annotations
            .extend(news.map(|finding| annotation(finding, redactor)));
    }
}

fn annotation(finding: &Finding, redactor: &Redactor) -> Annotation {
    let hint = finding.hint.as_ref().map(|hint| format!("\n{hint}"));
    let message = format!("{}{}", finding.message, hint.unwrap_or_default());
    Annotation {
        level: match finding.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Info => Level::Notice,
        },
        title: Some(finding.rule.as_str().to_owned()),
        message: redactor.of_flow(&message).into_owned(),
        place: Some(Place {
            path: finding.location.path.to_string(),
            at: Some((finding.location.start.line, finding.location.start.column)),
        }),
    }
}
