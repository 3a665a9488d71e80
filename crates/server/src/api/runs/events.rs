//! `GET /api/v1/jobs/{job}/runs/{run}/events`

use super::convert;
use crate::Event;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::api::runs::run::RunBody;
use crate::auth::{Granted, permission};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fettle_model::access::Scope;
use fettle_model::ids::{JobId, RunId};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// A stream ends after this time and the client asks again: by then a session may be over or a role changed.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Comments at this pace keep proxies from taking the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Changes within this time are told as one: a run of thousands of assets moves many times a second.
const PACE: Duration = Duration::from_millis(250);
/// The same for counts that are cut to a scope: they are made from every asset of the run.
const SLOW_PACE: Duration = Duration::from_secs(2);

/// Follows a run: a server-sent event `progress` with the run whenever it changed, the first at once.
#[utoipa::path(
    get,
    path = "/jobs/{job}/runs/{run}/events",
    tag = "runs",
    operation_id = "watch_run",
    params(("job" = Uuid, Path, description = "Id of the job."), ("run" = Uuid, Path, description = "Id of the run.")),
    responses((status = 200, description = "Events until the run has ended.", body = RunBody, content_type = "text/event-stream")),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn watch_run(granted: Granted<permission::ViewJob>, Path((job, run)): Path<(JobId, RunId)>) -> Result<Response, Problem> {
    // Who listens from before the first look misses nothing.
    let events = granted.app().events.subscribe();
    convert::find(&granted, job, run).await?;
    let until = Instant::now() + LONGEST;
    let watch = Watch { granted, job, run, events, until, state: State::First };
    let stream = futures::stream::unfold(watch, Watch::next);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// A run that somebody watches.
struct Watch {
    granted: Granted<permission::ViewJob>,
    job: JobId,
    run: RunId,
    events: Receiver<Event>,
    until: Instant,
    state: State,
}

enum State {
    /// Nothing was told yet.
    First,
    /// Waits for a change.
    Watching,
    /// Everything was told.
    Done,
}

type Told = Result<sse::Event, axum::Error>;

impl Watch {
    async fn next(mut self) -> Option<(Told, Self)> {
        match self.state {
            State::Done => return None,
            State::First => self.state = State::Watching,
            State::Watching => self.changed().await?,
        }
        // What cannot be read ends the stream: the client asks again and learns why.
        let found = convert::find(&self.granted, self.job, self.run).await.ok()?;
        let run = convert::body(&self.granted, found).await.ok()?;
        if run.ended_at.is_some() {
            self.state = State::Done;
        }
        let event = sse::Event::default().event("progress").json_data(&run);
        Some((event, self))
    }

    /// Waits until the run has changed; `None` when the stream is to end.
    async fn changed(&mut self) -> Option<()> {
        let stopping = self.granted.app().stopping.clone();
        loop {
            tokio::select! {
                () = stopping.cancelled() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                event = self.events.recv() => match event {
                    Ok(Event::Run(run)) if run == self.run => break,
                    Ok(_) => {}
                    // Who fell behind looks anew.
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
        let cut = *self.granted.actor().scope() != Scope::Everything;
        tokio::time::sleep(if cut { SLOW_PACE } else { PACE }).await;
        self.events = self.events.resubscribe();
        Some(())
    }
}
