//! Put an earlier version live again, where the gate says yes: only a person who starts the workflow by hand may.

use std::sync::Arc;

use flowgate_core::receipt::Receipt;
use flowgate_core::redact::Redactor;
use flowgate_core::report::result::WayBack;
use flowgate_core::report::rollback as report;

use super::deploy::{self, LITTLE_PATIENCE, PATIENCE, allowed, tell};
use super::told::Told;
use crate::actions::Reader;
use crate::audit::RunInfo;
use crate::change::event::{self as matter, Matter};
use crate::change::{Job, Question};
use crate::cli::{CommentChoice, TextFormat};
use crate::clients::tenant::{Address, Tenant};
use crate::cxone::Purpose;
use crate::exit::{Exit, Failure};
use crate::gate;
use crate::output::Output;
use crate::pipeline;
use crate::process::block_on;
use crate::services::deployment::{About, Run, all_told};
use crate::services::results::{Results, Written};
use crate::services::rollback::{Asked, TakeBack};
use crate::source::{History, Untouched};

/// Runs the task.
pub(super) fn run(job: &Job<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let redactor = Arc::new(job.world.redactor());
    let mut told = Told::default();
    let mut written = false;
    let ended = block_on(take_back(job, &redactor, &mut told, &mut written, output));
    let failed = if written {
        "The rollback was carried out, and not all of it could be told"
    } else {
        "Nothing was taken back"
    };
    told.end(job, ended, failed, &redactor, output.err)
}

async fn take_back(
    job: &Job<'_>,
    redactor: &Arc<Redactor>,
    told: &mut Told,
    written: &mut bool,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let args = job.args;
    let asked = Asked::of(&args.flow, args.to.as_ref(), args.force_routing)?;
    let dry_run = args.dry_run.asked();
    let github = job.github()?;
    let Matter {
        inputs,
        file,
        checked_out: head,
        root,
        ..
    } = matter::gather(
        job,
        github.as_ref(),
        Question::Tip,
        Untouched::Read,
        |_, _| Ok(()),
    )
    .await?;
    let allowed = allowed::ask(
        gate::decide_rollback,
        job,
        github.as_ref(),
        head.as_ref(),
        &file,
    )
    .await;
    let permit = allowed.told(dry_run, redactor, told, output.err)?;
    let address = Address::of(job.needed_credentials()?)?;
    let purpose = permit.map_or(Purpose::Read, |_| Purpose::Write);
    let tenant = Tenant::connect(
        address,
        purpose,
        &inputs.terms.platform,
        job.world.began,
        Reader::Runner,
        redactor,
    )?;
    let context = job.context;
    let run = Run {
        about: About {
            run: RunInfo {
                repository: Some(context.repository.full_name.clone()),
                actor: context.actor.clone(),
                commit: head.as_ref().map(ToString::to_string),
                run_id: Some(context.run_id),
                run_attempt: Some(context.run_attempt),
                ..RunInfo::default()
            },
            ..About::default()
        },
        ..Run::new(tenant, job.kept(inputs.terms), redactor)
    };
    let mut back = TakeBack {
        asked,
        run,
        flows: inputs.flows,
        limit: inputs.max_file_size,
    };
    let mut history = History::open(root.as_deref(), &job.world.environment, github.as_ref());
    let input = pipeline::read(inputs.sources, &back.run.terms.deadline)?;
    let review = back.plan(&input, &mut history).await?;
    told.summary(&report::markdown(&review, redactor));
    let Some(permit) = permit else {
        return back.dry(&review, TextFormat::Text, output);
    };
    let (deployment, shown) = back
        .carry_out(permit, &review, TextFormat::Text, output)
        .await?;
    *written = true;
    let receipts: Vec<Receipt> = deployment.receipts().cloned().collect();
    tell(&back.run, &deployment, &receipts, told);
    let handed = told.hand_over(job, output.err).map_err(Failure::from);
    let mut commented = Ok(());
    if let (Some(github), Some(head), false) =
        (&github, &head, job.args.comment == Some(CommentChoice::Off))
    {
        let results = Results {
            job,
            github,
            redactor,
            commit: head,
            audit_head: None,
            way_back: WayBack::ByHand,
        };
        let mut comments = Written::default();
        let writing = async {
            results.of_rollback(&review, &receipts, &mut comments).await;
            results.of_taken_back(&review, &mut comments).await;
        };
        let writing = tokio::time::timeout(PATIENCE, writing);
        let in_time = Box::pin(back.run.unless_stopped(LITTLE_PATIENCE, writing)).await;
        if !matches!(in_time, Some(Ok(()))) {
            let note = "not every comment was written: the time was up";
            comments.notes.push(note.to_owned());
        }
        commented = deploy::commented(comments, redactor, told, output);
    }
    all_told(shown.and(handed).and(commented), &deployment)
}
