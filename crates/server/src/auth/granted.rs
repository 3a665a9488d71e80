//! A caller who may do what the type says.

use super::caller::{Caller, recognise};
use super::gate::Gate;
use super::permission::Permission;
use crate::App;
use crate::api::problem::Problem;
use crate::versions::VersionName;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use fettle_deploy::job::Job;
use fettle_fleet::{AssetRow, ScopedView};
use fettle_model::access::{Action, Actor, Decision, Resource, decide};
use fettle_model::ids::{AssetId, JobId};
use fettle_store::AuditEntry;
use jiff::Timestamp;
use serde::Serialize;
use std::marker::PhantomData;
use std::sync::Arc;

/// A recognised caller whose role allows `P`. Nothing else opens the server to a handler.
///
/// Having one says that the role is enough. A single asset or job is decided on once more when it is
/// fetched: `Granted::asset`, `Granted::job`; lists come from `Granted::view`, which is cut to scope.
#[derive(Debug)]
pub struct Granted<P> {
    app: Arc<App>,
    gate: Gate,
    caller: Caller,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> FromRequestParts<Gate> for Granted<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        let caller = recognise(gate.app(), parts).await?;
        answer(decide(&caller.actor, P::ACTION, Resource::Subscription), "address")?;
        Ok(Self { app: Arc::clone(gate.app()), gate: gate.clone(), caller, permission: PhantomData })
    }
}

/// One version of the fleet at one moment, as the caller sees it.
pub(crate) struct Seen {
    /// The fleet.
    pub(crate) view: ScopedView,
    /// What `now` means.
    pub(crate) at: Timestamp,
    /// The name of both.
    pub(crate) version: String,
}

fn version_gone() -> Problem {
    let detail = "The index has changed since, or the server was restarted. Ask again without `version`.";
    Problem::new(StatusCode::GONE, "version-gone", "This version of the answer is gone.", detail)
}

fn answer(decision: Decision, what: &str) -> Result<(), Problem> {
    match decision {
        Decision::Allowed => Ok(()),
        Decision::Forbidden => Err(Problem::forbidden()),
        Decision::Hidden => Err(Problem::not_found(what)),
    }
}

impl<P: Permission> Granted<P> {
    /// The server.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Who asks.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whom decisions are made for.
    pub(crate) fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// The fleet, as far as the caller sees it.
    pub(crate) fn view(&self) -> ScopedView {
        self.app.fleet.view().in_scope(&self.caller.actor).at(self.now())
    }

    /// The fleet as far as the caller sees it, in the version that a request names, or in the current one, which
    /// is kept for requests that will name it.
    ///
    /// # Errors
    /// 410 when the version is gone.
    pub(crate) fn seen(&self, named: Option<VersionName>) -> Result<Seen, Problem> {
        let (versions, now) = (&self.app.versions, self.now());
        let instant = match named {
            Some(name) => versions.find(name, now).ok_or_else(version_gone)?,
            None => versions.keep(self.app.fleet.view(), now),
        };
        let view = instant.view.in_scope(&self.caller.actor).at(instant.at);
        Ok(Seen { view, at: instant.at, version: instant.name.to_string() })
    }

    /// One asset, if the caller may do this to it.
    ///
    /// # Errors
    /// 404 when it is not there or out of scope.
    pub(crate) fn asset(&self, id: AssetId) -> Result<AssetRow, Problem> {
        let row = self.view().asset(id).ok_or_else(|| Problem::not_found("asset"))?;
        answer(decide(self.actor(), P::ACTION, Resource::Asset { tags: &row.card.tags }), "asset")?;
        Ok(row)
    }

    /// One job, if the caller may do this to it.
    ///
    /// # Errors
    /// 404 when it is not there, 403 when it is somebody else's.
    pub(crate) async fn job(&self, id: JobId) -> Result<Job, Problem> {
        let job = self.app.store.job(id).await?.ok_or_else(|| Problem::not_found("job"))?;
        self.on_job(P::ACTION, &job)?;
        Ok(job)
    }

    /// Decides on something else about a job that was fetched.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn on_job(&self, action: Action, job: &Job) -> Result<(), Problem> {
        answer(job_decision(self.actor(), action, job), "job")
    }

    /// Whether the caller may do `action` to a job.
    pub(crate) fn may(&self, action: Action, job: &Job) -> bool {
        job_decision(self.actor(), action, job) == Decision::Allowed
    }

    /// Whether the caller may do `action` to jobs that are not theirs.
    pub(crate) fn may_on_any_job(&self, action: Action) -> bool {
        decide(self.actor(), action, Resource::Job { owner: None, co_authors: &[] }) == Decision::Allowed
    }

    /// Counts an attempt of the caller to prove something secret.
    ///
    /// # Errors
    /// 429 with the time to wait.
    pub(crate) fn attempt(&self) -> Result<(), Problem> {
        self.gate.attempts().count(&self.caller.from, &self.caller.name)
    }

    /// An entry for the audit log about what the caller does.
    pub(crate) fn audit(&self, action: &str, subject: impl std::fmt::Display) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            who: Some(self.caller.actor.user),
            who_name: self.caller.name.clone(),
            from: self.caller.from.clone(),
            action: action.to_owned(),
            subject: subject.to_string(),
            before: None,
            after: None,
        }
    }
}

fn job_decision(actor: &Actor, action: Action, job: &Job) -> Decision {
    decide(actor, action, Resource::Job { owner: job.owner, co_authors: &job.co_authors })
}

/// Adds what was and what is to an audit entry.
pub(crate) trait Changed {
    /// How it was before.
    fn before(self, value: &impl Serialize) -> Self;
    /// How it is now.
    fn after(self, value: &impl Serialize) -> Self;
}

impl Changed for AuditEntry {
    fn before(self, value: &impl Serialize) -> Self {
        Self { before: serde_json::to_value(value).ok(), ..self }
    }

    fn after(self, value: &impl Serialize) -> Self {
        Self { after: serde_json::to_value(value).ok(), ..self }
    }
}
