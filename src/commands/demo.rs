//! `flowgate demo`: the whole story on the embedded sandbox with bundled flows; no account, no network, nothing left behind.
//!
//! The same code paths as a real run. The story checks itself: where it does not go as told, the demo fails.

use std::sync::Arc;
use std::time::Instant;

use flowgate_core::flow::{Content, native};
use flowgate_core::plan::Touch;
use flowgate_core::receipt::{Receipt, State};
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::receipts::{self, Deed};
use flowgate_core::report::terminal::{self, Colour};
use flowgate_core::review::{FlowFile, Input, Review};
use flowgate_sandbox::{Operation, Sandbox};

use crate::actions::Reader;
use crate::change::Inputs;
use crate::cli::TextFormat;
use crate::clients::tenant::{Address, Tenant, start_sandbox};
use crate::cxone::Purpose;
use crate::deploy::Deployment;
use crate::exit::{Exit, Failure};
use crate::gate::{self, Permit, Situation, Target};
use crate::github::Client;
use crate::output::Output;
use crate::process::block_on;
use crate::services::deployment::Run;
use crate::services::rollback::{Asked, TakeBack};
use crate::settings::Environment;
use crate::source::History;
use crate::values::List;

/// A bundled flow file: as it is live, as the pull request changes it, and as the designer mends it.
struct Bundled {
    path: &'static str,
    live: &'static str,
    changed: Option<&'static str>,
    mended: Option<&'static str>,
}

const FLOWS: [Bundled; 4] = [
    Bundled {
        path: "flows/after-hours.json",
        live: include_str!("../../demo/before/after-hours.json"),
        changed: Some(include_str!("../../demo/change/after-hours.json")),
        mended: None,
    },
    Bundled {
        path: "flows/claims-hotline.json",
        live: include_str!("../../demo/before/claims-hotline.json"),
        changed: Some(include_str!("../../demo/change/claims-hotline.json")),
        mended: Some(include_str!("../../demo/mended/claims-hotline.json")),
    },
    Bundled {
        path: "flows/customer-survey.json",
        live: include_str!("../../demo/before/customer-survey.json"),
        changed: None,
        mended: None,
    },
    Bundled {
        path: "flows/main-line.json",
        live: include_str!("../../demo/before/main-line.json"),
        changed: Some(include_str!("../../demo/change/main-line.json")),
        mended: None,
    },
];

/// The id of the claims line.
const CLAIMS: &str = "5f0c1f5e-2d0b-4f5e-9a57-0c8a4a1d7e02";

/// Where the story stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before: what is live is deployed for the first time.
    Live,
    /// The pull request as it was opened.
    Changed,
    /// The pull request as it is merged.
    Mended,
}

/// Runs the command.
pub(super) fn run(output: &mut Output<'_>) -> Result<Exit, Failure> {
    block_on(async {
        let sandbox = start_sandbox().await?;
        let told = Story::begin(&sandbox)?.tell(&sandbox, output).await;
        sandbox.shutdown().await;
        told.map(|()| Exit::Done)
    })
}

struct Story {
    run: Run,
    permit: Permit,
}

impl Story {
    fn begin(sandbox: &Sandbox) -> Result<Self, Failure> {
        let mut terms = Inputs::defaults()?;
        // One flow at a time, so that the sandbox counts its ids in the same order every time.
        terms.platform.concurrency = 1;
        let address = Address::of_sandbox(&sandbox.base_url())?;
        let redactor = Arc::new(Redactor::default());
        let tenant = Tenant::connect(
            address,
            Purpose::Write,
            &terms.platform,
            Instant::now(),
            Reader::Person,
            &redactor,
        )?;
        let run = Run::new(tenant, terms, &redactor);
        Ok(Self {
            run,
            permit: gate::decide(&Situation::outside(Target::Sandbox))?,
        })
    }

    async fn tell(mut self, sandbox: &Sandbox, output: &mut Output<'_>) -> Result<(), Failure> {
        title(output, "Four flows are live")?;
        let (_, deployment) = self.deploy(Stage::Live, output).await?;
        let live = |deployment: &Deployment| count(deployment, State::Verified);
        expect(live(&deployment) == 4, "four flows go live")?;

        title(
            output,
            "A pull request changes three of them: flowgate check",
        )?;
        let review = self.run.review(input(Stage::Changed)?).await?;
        let redactor = &self.run.redactor;
        output
            .out
            .write_all(terminal::render(&review, redactor, output.colour).as_bytes())?;
        expect(
            self.fails(&review),
            "the check fails on the mistyped target",
        )?;

        title(output, "The comment on the pull request (markdown)")?;
        let markdown = comment::render(&review, redactor, &CommentSettings::default());
        output.out.write_all(markdown.as_bytes())?;

        title(
            output,
            "The designer does what the comment says, and merges: flowgate deploy",
        )?;
        let (review, deployment) = self.deploy(Stage::Mended, output).await?;
        expect(!self.fails(&review), "the check passes once it is mended")?;
        expect(
            live(&deployment) == 2,
            "two flows are published and read back",
        )?;

        title(output, "The same merge again: nothing to do")?;
        let writes = || sandbox.count(Operation::CreateVersion) + sandbox.count(Operation::Publish);
        let before = writes();
        let (_, deployment) = self.deploy(Stage::Mended, output).await?;
        expect(
            writes() == before && live(&deployment) == 0,
            "the second run writes nothing",
        )?;

        title(
            output,
            "Callers of the claims line complain: flowgate rollback",
        )?;
        let (mut story, deployment) = self.take_back(output).await?;
        expect(live(&deployment) == 1, "the claims line is taken back")?;

        title(
            output,
            "The next merge leaves alone what was taken back, until its file changes",
        )?;
        let before = writes();
        let mut next = input(Stage::Mended)?;
        for file in &mut next.files {
            file.touch = Touch::Untouched;
        }
        story.deploy_input(next, output).await?;
        expect(writes() == before, "what was taken back stays taken back")?;

        title(output, "How to go on")?;
        writeln!(output.out, "{NEXT}")?;
        Ok(())
    }

    /// Puts the claims line's earlier version live again.
    async fn take_back(self, output: &mut Output<'_>) -> Result<(Self, Deployment), Failure> {
        let Self { run, permit } = self;
        let mut back = TakeBack {
            asked: Asked::of(&[List(vec![CLAIMS.to_owned()])], None, None)?,
            run,
            flows: Vec::new(),
            limit: 0,
        };
        let environment = Environment::default();
        let mut history = History::open(None, &environment, None::<&Client>);
        let review = back.plan(&input(Stage::Mended)?, &mut history).await?;
        let (deployment, told) = back
            .carry_out(&permit, &review, TextFormat::Text, output)
            .await?;
        told?;
        let run = back.run;
        Ok((Self { run, permit }, deployment))
    }

    fn fails(&self, review: &Review) -> bool {
        self.run.terms.review.policy.verdict(&review.findings).fails
    }

    async fn deploy(
        &mut self,
        stage: Stage,
        output: &mut Output<'_>,
    ) -> Result<(Review, Deployment), Failure> {
        self.deploy_input(input(stage)?, output).await
    }

    async fn deploy_input(
        &mut self,
        input: Input,
        output: &mut Output<'_>,
    ) -> Result<(Review, Deployment), Failure> {
        let review = self.run.review(input).await?;
        let deployment = self.run.deploy(&self.permit, &review, output).await?;
        let told: Vec<Receipt> = deployment.receipts().cloned().collect();
        output
            .out
            .write_all(receipts::text(&told, Deed::Deployed, &self.run.redactor).as_bytes())?;
        Ok((review, deployment))
    }
}

fn input(stage: Stage) -> Result<Input, Failure> {
    let file = |bundled: &Bundled| {
        let path: flowgate_core::ids::RepoPath = bundled.path.parse().map_err(Failure::usage)?;
        let read =
            |text: &str| native::read(path.clone(), Content::Bytes(text.as_bytes().to_vec()));
        let proposed = match stage {
            Stage::Live => Some(bundled.live),
            Stage::Changed => bundled.changed,
            Stage::Mended => bundled.mended.or(bundled.changed),
        };
        Ok(FlowFile {
            head: Some(read(proposed.unwrap_or(bundled.live))),
            base: (stage != Stage::Live).then(|| read(bundled.live)),
            touch: if proposed.is_some() {
                Touch::Touched
            } else {
                Touch::Untouched
            },
            path,
        })
    };
    let files = FLOWS.iter().map(file).collect::<Result<_, Failure>>()?;
    Ok(Input {
        files,
        ..Input::default()
    })
}

fn count(deployment: &Deployment, state: State) -> usize {
    deployment
        .receipts()
        .filter(|receipt| receipt.state == state)
        .count()
}

fn expect(holds: bool, promise: &str) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::new(
            Exit::Failed,
            anyhow::anyhow!("the demo did not go as told: {promise}"),
        )
        .hint("this is a fault of Flowgate: please report it with the output above"))
    }
}

fn title(output: &mut Output<'_>, text: &str) -> Result<(), Failure> {
    let (bold, plain) = match output.colour {
        Colour::Ansi => ("\u{1b}[1m", "\u{1b}[0m"),
        Colour::Plain => ("", ""),
    };
    writeln!(output.out, "\n{bold}━━ {text}{plain}\n")?;
    Ok(())
}

const NEXT: &str = "\
flowgate check                     your own flows (flows/**/*.json), compared with your last commit
flowgate explain RULE              what a finding means for a caller
flowgate diff OLD.json NEW.json    what is different between two flow files
flowgate sandbox                   this CXone, served for your own tests
docs/usage.md                      every command and setting";
