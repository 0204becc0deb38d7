//! Where each flow stands: what is live against what the branch says.

use flowgate_core::drift::{DriftState, drift};
use flowgate_core::policy::FailOn;
use flowgate_core::redact::FoundSecrets;
use flowgate_core::report::drift::Drift;
use flowgate_core::review::Input;

use super::recorded::{self, Older, Reading};
use super::wrong;
use crate::change::Inputs;
use crate::clients::tenant::Tenant;
use crate::exit::{Exit, Failure};
use crate::pipeline::{self, Ask};
use crate::source::History;

/// Asks CXone about all flows and says where each stands.
pub(crate) async fn look<'h>(
    inputs: Inputs,
    tenant: &Tenant,
    history: impl Fn() -> History<'h>,
) -> Result<Drift, Failure> {
    let mut input: Input = pipeline::read(inputs.sources, &inputs.terms.deadline)?;
    let flows = pipeline::flows(&input, Ask::All);
    let survey = tenant.survey(flows, inputs.terms.capacity);
    let said = inputs.terms.deadline.bounds("CXone was asked", survey);
    input.platform = Some(said.await??);
    let reading = Reading {
        flows: &inputs.flows,
        layout: &inputs.terms.review.plan.layout,
        limit: inputs.max_file_size,
    };
    recorded::complete(&mut input, &history, &reading).await;
    recorded::complete_older(&mut input, Older::All, &history, &reading).await;
    let audit = inputs.terms.platform.audit_file.as_deref();
    wrong::find(&mut input, tenant.api.as_ref(), audit, reading.layout).await;
    let redactor = &inputs.terms.review.rules.redactor;
    redactor.learn_found(&FoundSecrets::of(input.compared()));
    let flows = input
        .files
        .iter()
        .filter_map(|file| {
            let head = file.head.as_ref()?;
            let id = head.flow.as_ref().and_then(|flow| flow.id());
            let said = id.and_then(|id| input.platform.as_ref()?.get(id));
            let recorded = id.and_then(|id| input.recorded.get(id));
            let recorded = recorded.map(AsRef::as_ref);
            let wrong = id.and_then(|id| input.wrong.get(id));
            Some(drift(
                &file.path,
                head,
                said,
                recorded,
                wrong,
                reading.layout,
            ))
        })
        .collect();
    Ok(Drift {
        commit: input.commit,
        flows,
        on_drift: inputs.terms.review.plan.on_drift,
    })
}

/// 4 where something is not known, 1 where drift counts.
pub(crate) fn exit(drift: &Drift, fail_on: FailOn) -> Exit {
    let counts = |severity| fail_on.includes(severity);
    if drift
        .flows
        .iter()
        .any(|flow| flow.state == DriftState::Unknown)
    {
        Exit::Failed
    } else if drift
        .flows
        .iter()
        .any(|flow| drift.severity(flow).is_some_and(counts))
    {
        Exit::Findings
    } else {
        Exit::Done
    }
}
