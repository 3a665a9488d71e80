//! `POST` check-in: held until there is something to say.

use super::body::{Message, Reply};
use super::bounds;
use super::peer::Agent;
use super::refusal::Refusal;
use crate::App;
use crate::authority::should_renew;
use axum::extract::State;
use fettle_protocol::message::{CheckIn, Nudge};
use fettle_store::{CheckInNote, Numbers};
use std::sync::Arc;
use std::time::Duration;

pub(super) async fn check_in(
    State(app): State<Arc<App>>,
    agent: Agent,
    Message(message): Message<CheckIn>,
) -> Result<Reply<Nudge>, Refusal> {
    let CheckIn::V1 { agent_version, assess_only, work_seen, scan_seen, wait_seconds } = message;
    bounds::agent_version(&agent_version).map_err(|why| Refusal::BodyDamaged { why })?;
    let now = app.clock.now();
    // Lists show it at once; the store learns it with everybody else's a few seconds later.
    app.fleet.seen(agent.asset, now);
    app.check_ins.note(CheckInNote { asset: agent.asset, at: now, agent_version, assess_only });
    let wait = Duration::from_secs(wait_seconds.min(app.settings.pace.hold).into());
    let deadline = tokio::time::Instant::now() + wait;
    // The seat comes before the numbers: a change between reading them and waiting is not missed.
    let mut seat = app.nudges.sit(agent.asset);
    loop {
        let numbers = app.store.numbers(agent.asset).await.map_err(|error| Refusal::failed("read an asset's numbers", &error))?;
        let numbers = numbers.ok_or(Refusal::CertificateUnknown)?;
        if numbers.work != work_seen || numbers.scan != scan_seen {
            return Ok(Reply(nudge(&app, agent, numbers)));
        }
        tokio::select! {
            () = seat.woken() => {}
            () = tokio::time::sleep_until(deadline) => return Ok(Reply(nudge(&app, agent, numbers))),
            () = app.stopping.cancelled() => return Ok(Reply(nudge(&app, agent, numbers))),
        }
    }
}

fn nudge(app: &App, agent: Agent, numbers: Numbers) -> Nudge {
    let now = app.clock.now();
    Nudge::V1 {
        work: numbers.work,
        scan: numbers.scan,
        scan_interval_seconds: app.settings.pace.scan_interval,
        pause_seconds: app.settings.pace.pause,
        server_time: now,
        renew_certificate: should_renew(agent.not_after, now),
    }
}
