//! `flowgate sandbox`: serves the embedded CXone until it is interrupted.

use std::collections::BTreeMap;
use std::path::Path;

use flowgate_sandbox::{
    Behaviour, CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT, Hints, LimitKind, Operation,
    RateLimit, Recorded, RetryAfter, Sandbox, Script,
};

use crate::cli::SandboxArgs;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::Output;
use crate::process::block_on;
use crate::signal::interrupted;
use crate::values::List;

/// Runs the command.
pub(super) fn run(args: &SandboxArgs, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let config = config(args)?;
    block_on(async {
        let sandbox = Sandbox::start(config).await.map_err(|error| {
            Failure::new(Exit::Failed, error).context("could not start the sandbox")
        })?;
        for path in &args.seed {
            seed(&sandbox, path)?;
        }
        // For a shell: `eval "$(flowgate sandbox …)"` cannot work on a server, but its lines can be pasted.
        writeln!(output.out, "export CXONE_BASE_URL={}", sandbox.base_url())?;
        writeln!(output.out, "export CXONE_CLIENT_ID={CLIENT_ID}")?;
        writeln!(output.out, "export CXONE_CLIENT_SECRET={CLIENT_SECRET}")?;
        writeln!(output.out, "export CXONE_ENVIRONMENT={ENVIRONMENT}")?;
        output.out.flush()?;
        writeln!(output.err, "the sandbox is ready; interrupt it to stop")?;
        interrupted().await?;
        if let Some(path) = &args.record {
            record(&sandbox, path)?;
        }
        sandbox.shutdown().await;
        Ok(Exit::Done)
    })
}

/// Makes a flow live, as if somebody had published it in the console.
fn seed(sandbox: &Sandbox, path: &Path) -> Result<(), Failure> {
    let attempted = || format!("could not begin with the flow in `{}`", path.display());
    let text = files::read_text(path, 64 * 1024 * 1024)
        .map_err(|error| Failure::new(Exit::Usage, error).context(attempted()))?;
    let flow: Seed = serde_json::from_str(&text)
        .map_err(|error| Failure::new(Exit::Usage, error).context(attempted()))?;
    sandbox
        .seed_published(&text, &flow.version)
        .map_err(|error| Failure::new(Exit::Usage, error).context(attempted()))?;
    Ok(())
}

#[derive(serde::Deserialize)]
struct Seed {
    version: String,
}

/// Writes what was asked of the sandbox, a line a request.
fn record(sandbox: &Sandbox, path: &Path) -> Result<(), Failure> {
    let line = |request: Recorded| {
        serde_json::json!({
            "operation": request.operation.map(Operation::name),
            "method": request.method,
            "path": request.target,
            "headers": request.headers.iter().cloned().collect::<BTreeMap<_, _>>(),
            "body": request.body_text(),
        })
        .to_string()
    };
    let lines: Vec<String> = sandbox.requests().into_iter().map(line).collect();
    Ok(files::write(path, (lines.join("\n") + "\n").as_bytes())?)
}

fn config(args: &SandboxArgs) -> Result<Config, Failure> {
    let plain = if args.minimal.unwrap_or(false) {
        Config::minimal()
    } else {
        Config::default()
    };
    let faults = match &args.faults {
        Some(path) => Script::read(path).map_err(|error| Failure::new(Exit::Usage, error))?,
        None => plain.faults.clone(),
    };
    let behaviours = List::concat(args.behaviours.clone())
        .0
        .iter()
        .map(|name| name.parse::<Behaviour>())
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    Ok(Config {
        port: args.port,
        data: args.data.clone(),
        faults,
        behaviours,
        rate_limit: args.rate_limit.map(|rate| RateLimit {
            kind: LimitKind::TokenBucket {
                rate: f64::from(rate),
                burst: f64::from(rate),
            },
            retry_after: Some(RetryAfter::Seconds(1)),
            hints: Hints::Off,
        }),
        ..plain
    })
}
