//! The review of a change whose flows CXone is asked about.

use std::collections::BTreeMap;

use flowgate_core::ids::RepoPath;
use flowgate_core::order::{Provenance, Provenances};
use flowgate_core::review::{FlowReview, Input, Review, Teller};

use super::made_up::{self, MadeUp};
use super::origins::Origins;
use super::recorded::{self, Older, Reading};
use crate::change::{Job, Terms};
use crate::clients::tenant::{Address, Asked, Tenant};
use crate::cxone::asked_at_once;
use crate::event::Withheld;
use crate::exit::Failure;
use crate::pipeline::{self, Ask, Turn, Turns};
use crate::process::World;
use crate::progress;
use crate::settings::PlatformSettings;
use crate::source::{History, Sources};
use crate::values::BaselineChoice;

/// Where to ask what is live.
pub(crate) enum Source {
    /// This tenant.
    Tenant(Address),
    /// The base branch is to serve.
    Base,
    /// The base branch has to serve, since GitHub hands this run no secrets.
    Withheld(Withheld),
}

impl Source {
    /// What a reader should know about it, where nobody chose it.
    pub(crate) fn note(&self) -> Option<String> {
        match self {
            Source::Tenant(_) | Source::Base => None,
            Source::Withheld(why) => Some(format!(
                "{}: the change is compared with its base branch, and CXone was not asked what is live",
                why.words()
            )),
        }
    }
}

/// Where to ask what is live; `withheld` is why this run gets no secrets, if it gets none.
pub(crate) fn source(
    settings: &PlatformSettings,
    world: &World,
    withheld: Option<Withheld>,
) -> Result<Source, Failure> {
    let environment = &world.environment;
    let credentials = match settings.baseline {
        BaselineChoice::Base => None,
        BaselineChoice::Auto => environment.credentials(withheld)?,
        BaselineChoice::Published => Some(world.needed_credentials(withheld)?),
    };
    Ok(match (credentials, withheld) {
        (Some(credentials), _) => Source::Tenant(Address::of(credentials)?),
        (None, Some(why)) if settings.baseline == BaselineChoice::Auto => Source::Withheld(why),
        (None, _) => Source::Base,
    })
}

/// So many times in each turn, as many flows are asked about as may be at once: no call waits long for the others.
const ROUNDS: usize = 6;

/// A check that asks CXone about the flows of a change, a few at a time.
pub(crate) struct Asking<'a> {
    pub(crate) terms: &'a Terms,
    /// Which flows it is asked about.
    pub(crate) which: Ask,
    pub(crate) reading: Reading<'a>,
    /// How what merging would publish besides came to the branch, and for which run that is asked; `None` where nobody can
    /// be asked.
    pub(crate) origins: Option<(Origins<'a>, &'a Job<'a>)>,
}

impl Asking<'_> {
    /// The review of the change, and what a reader should know about asking: one sentence each. `policy` are the changed
    /// files that say what a change may do.
    pub(crate) async fn review<'h>(
        &self,
        tenant: &Tenant,
        sources: Sources,
        policy: Vec<RepoPath>,
        teller: &dyn Teller,
        history: impl Fn() -> History<'h>,
    ) -> Result<(Review, Vec<String>), Failure> {
        let at = Asked::of(self.which.count(&sources));
        let in_flight = ROUNDS * asked_at_once(self.terms.platform.concurrency);
        let deadline = &self.terms.deadline;
        let mut turns = Turns::new(sources, &self.terms.review, deadline, teller);
        let work = Box::pin(async {
            while let Some(mut turn) = turns.next_turn(in_flight)? {
                self.ask(&mut turn, tenant, &at, &history).await;
                turns.judge(turn)?;
            }
            let made_up = self.made_up(turns.reviews(), &history).await;
            let own_settings = made_up.own_settings;
            if !own_settings.is_empty() {
                let paths: Vec<RepoPath> = own_settings.keys().cloned().collect();
                let mut turn = turns.again(&paths)?;
                self.ask(&mut turn, tenant, &at, &history).await;
                turn.input.own_settings.clone_from(&own_settings);
                turns.judge_again(turn)?;
            }
            let provenance = |(flow, arrival)| {
                let arrival = Some(arrival);
                (
                    flow,
                    Provenance {
                        order: None,
                        arrival,
                    },
                )
            };
            let provenances: Provenances = made_up.arrivals.into_iter().map(provenance).collect();
            let besides = Input {
                policy,
                own_settings,
                platform: Some(BTreeMap::new()),
                ..Input::default()
            };
            Ok(turns.conclude(besides, &provenances))
        });
        let work = progress::watched_reading(|| at.to_string(), work);
        let review: Result<Review, Failure> = deadline
            .bounds("CXone and GitHub were asked", work)
            .await??;
        Ok((review?, self.warnings(tenant, &at).await))
    }

    /// Asks CXone about the flows of a few files.
    async fn ask<'h>(
        &self,
        turn: &mut Turn,
        tenant: &Tenant,
        at: &Asked,
        history: &impl Fn() -> History<'h>,
    ) {
        let flows = pipeline::flows(&turn.input, self.which);
        let said = tenant.survey_some(flows, self.terms.capacity, at).await;
        turn.input.platform = Some(said);
        recorded::complete(&mut turn.input, history, &self.reading).await;
        recorded::complete_older(&mut turn.input, Older::Asked, history, &self.reading).await;
    }

    /// Where what merging would publish besides the change comes from: the same question as at the deployment.
    async fn made_up<'h>(
        &self,
        flows: impl Iterator<Item = &FlowReview>,
        history: &impl Fn() -> History<'h>,
    ) -> MadeUp {
        let Some((origins, job)) = &self.origins else {
            return MadeUp::default();
        };
        let flows: Vec<&FlowReview> = flows.filter(|flow| made_up::may_be(flow)).collect();
        let settings = &self.terms.review;
        let by = (settings, &self.reading);
        MadeUp::find(job, origins, &flows, by, history).await
    }

    async fn warnings(&self, tenant: &Tenant, at: &Asked) -> Vec<String> {
        if at.is_nobody() {
            return Vec::new();
        }
        let asked_for = &self.terms.platform.read_scope;
        // A failure here is told by every flow that could not be asked about.
        let granted = tenant.api.granted_scopes().await.ok().flatten();
        let granted = granted.unwrap_or_default();
        let other = granted
            .iter()
            .find(|scope| !asked_for.split(' ').any(|read| read == *scope));
        let warning = other.map(|scope| {
            format!(
                "publish-credentials-in-check: this client was granted `{scope}`; check with a client that can only read"
            )
        });
        warning.into_iter().collect()
    }
}
