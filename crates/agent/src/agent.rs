//! The running agent: four loops that share a journal.
//!
//! * check-in: holds one request to the server; fetches work and asks for scans when it is nudged
//! * work: takes the next execution one step further (`execute.rs`)
//! * reports: delivers what the journal holds until it is acknowledged
//! * scan: at its interval, and when asked
//!
//! The loops talk through the journal and wake each other; none holds what another needs to survive a crash.

use crate::link::{Link, LinkError};
use crate::platform::Platform;
use crate::settings::Settings;
use crate::state::identity::{Identity, IdentityError, Request};
use crate::state::journal::{JournalError, Number};
use crate::state::{State, StateError};
use crate::status::Status;
use crate::{VERSION, chain};
use fettle_model::clock::{Clock, Entropy};
use fettle_protocol::message::{CheckIn, Nudge, Renew, Renewed, Reports};
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Most events in one delivery: with the longest logs they stay below the limit of a body.
const DELIVERY: usize = 64;
/// Seconds between scans until the server says otherwise: the default profile's four hours.
const SCAN_INTERVAL: u32 = 4 * 3600;
/// Longest pause the server may ask for after a check-in.
const LONGEST_PAUSE: u16 = 3600;
/// Seconds that clocks may differ without a word; the server refuses enrolments from the same difference on.
const MOST_SKEW: i64 = 600;
/// A certificate is renewed when less than a third of its life is left, even when the server does not ask.
const RENEW_FRACTION: i64 = 3;

/// Why an agent cannot run on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is no identity.
    #[error("this machine is not enrolled: run fettle-agent enroll first")]
    NotEnrolled,
    /// The identity is not usable.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The connection cannot be set up.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The state cannot be written; nothing may be done without it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The journal cannot be used; nothing may be done without it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The state machine was handed what does not belong to its state.
    #[error("the execution of a manifest is confused")]
    Misplaced(#[from] fettle_deploy::agent::Misplaced),
}

/// An enrolled agent.
pub struct Agent {
    pub(crate) settings: Settings,
    pub(crate) state: Arc<State>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    link: RwLock<Link>,
    status: Mutex<Status>,
    /// The execution list changed.
    pub(crate) work: Notify,
    /// A scan is asked for.
    scan: Notify,
    /// Events were put into the journal.
    pub(crate) outbox: Notify,
    /// The last event was acknowledged.
    pub(crate) delivered: Notify,
    /// The server's number of the scan that was last asked for.
    pub(crate) scan_asked: AtomicU64,
    interval: watch::Sender<u32>,
    /// Held while the machine is changed, and from observing it until the observation is delivered: a scan
    /// that began before a change must not arrive after it.
    pub(crate) machine: tokio::sync::Mutex<()>,
}

impl Agent {
    /// An agent with the identity that is in `state`.
    ///
    /// # Errors
    /// When there is no identity, or it is not usable.
    pub fn new(
        settings: Settings,
        state: Arc<State>,
        platform: Arc<dyn Platform>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, AgentError> {
        let identity = state.identity().ok_or(AgentError::NotEnrolled)?;
        identity.manifest_key()?;
        let link = Link::mutual(&settings, &identity, Arc::clone(&clock))?;
        let status = Status {
            pid: std::process::id(),
            version: VERSION.to_owned(),
            asset: Some(identity.asset),
            server: settings.server.to_string(),
            assess_only: settings.assess_only || platform.only_assessed().is_some(),
            ..Status::default()
        };
        let scan_seen = state.journal().number(Number::ScanSeen)?;
        Ok(Self {
            settings,
            state,
            platform,
            clock,
            entropy,
            link: RwLock::new(link),
            status: Mutex::new(status),
            work: Notify::new(),
            scan: Notify::new(),
            outbox: Notify::new(),
            delivered: Notify::new(),
            scan_asked: AtomicU64::new(scan_seen),
            interval: watch::Sender::new(SCAN_INTERVAL),
            machine: tokio::sync::Mutex::new(()),
        })
    }

    /// Runs until cancelled. Work that was begun goes on at the next start; an installer that runs goes on by itself.
    ///
    /// # Errors
    /// When the state folder cannot be used any more.
    pub async fn run(&self, cancel: CancellationToken) -> Result<(), AgentError> {
        self.note(|_| ());
        let loops = async {
            tokio::try_join!(
                Box::pin(self.check_in_loop()),
                Box::pin(self.report_loop()),
                Box::pin(self.scan_loop()),
                Box::pin(self.work_loop())
            )
        };
        tokio::select! {
            () = cancel.cancelled() => Ok(()),
            ended = loops => ended.map(|_| ()),
        }
    }

    pub(crate) fn link(&self) -> Link {
        self.link.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the status, and writes it when that made a difference. A status that cannot be written stops nothing.
    pub(crate) fn note(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let before = status.clone();
        change(&mut status);
        if (*status != before || before.last_contact.is_none())
            && let Err(error) = self.state.set_status(&status)
        {
            tracing::warn!(error = %chain(&error), "the status could not be written");
        }
    }

    /// The server answered.
    pub(crate) fn heard(&self) {
        let now = self.clock.now();
        self.note(|status| {
            status.last_contact = Some(now);
            status.link_error = None;
        });
    }

    /// The server did not answer, or refused. Logged once per different reason.
    pub(crate) fn unheard(&self, doing: &str, error: &LinkError) {
        let text = chain(error);
        self.note(|status| {
            if status.link_error.as_ref() != Some(&text) {
                tracing::warn!(doing, error = %text, "trying again later");
            }
            status.link_error = Some(text);
        });
    }

    async fn check_in_loop(&self) -> Result<(), AgentError> {
        let mut backoff = Backoff::new(self);
        loop {
            match self.check_in().await? {
                Ok(pause) => {
                    backoff.reset();
                    tokio::time::sleep(pause).await;
                }
                Err(error) => {
                    self.unheard("check in", &error);
                    tokio::time::sleep(backoff.next(&error)).await;
                }
            }
        }
    }

    /// One check-in and what it brings. The outer error ends the agent, the inner is tried again.
    async fn check_in(&self) -> Result<Result<Duration, LinkError>, AgentError> {
        let work_seen = self.state.journal().number(Number::WorkSeen)?;
        let message = CheckIn::V1 {
            agent_version: VERSION.to_owned(),
            assess_only: self.settings.assess_only || self.platform.only_assessed().is_some(),
            work_seen,
            scan_seen: self.scan_asked.load(Ordering::SeqCst),
            wait_seconds: self.settings.pace.wait_seconds,
        };
        let nudge = match self.link().check_in(&message).await {
            Ok(nudge) => nudge,
            Err(error) => return Ok(Err(error)),
        };
        self.heard();
        let Nudge::V1 { work, scan, scan_interval_seconds, pause_seconds, server_time, renew_certificate } = nudge;
        self.compare_clocks(server_time);
        self.interval.send_if_modified(|interval| std::mem::replace(interval, scan_interval_seconds) != scan_interval_seconds);
        if self.scan_asked.swap(scan, Ordering::SeqCst) != scan {
            self.scan.notify_one();
        }
        if (renew_certificate || self.certificate_ends_soon())
            && let Err(error) = self.renew().await?
        {
            return Ok(Err(error));
        }
        // A number that went down is a server restored from a backup: its list counts all the same.
        if work != work_seen {
            match self.link().work().await {
                Ok(list) => self.take_work(list)?,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Duration::from_secs(u64::from(pause_seconds.min(LONGEST_PAUSE)))))
    }

    /// Windows and expiry of manifests are judged by this machine's clock, so a wrong one has to be seen.
    fn compare_clocks(&self, server_time: Timestamp) {
        let ahead = self.clock.now().as_second() - server_time.as_second();
        let skew = (ahead.abs() > MOST_SKEW).then_some(ahead);
        self.note(|status| {
            if status.clock_ahead_seconds.is_none() && skew.is_some() {
                tracing::warn!(ahead_seconds = ahead, "this machine's clock differs from the server's: set it");
            }
            status.clock_ahead_seconds = skew;
        });
    }

    fn certificate_ends_soon(&self) -> bool {
        let validity = self.state.identity().and_then(|identity| identity.validity().ok());
        validity.is_some_and(|(first, last)| {
            let life = last.as_second() - first.as_second();
            last.as_second() - self.clock.now().as_second() < life / RENEW_FRACTION
        })
    }

    /// Replaces key pair and certificate. The old ones are good until the new ones are on disk.
    async fn renew(&self) -> Result<Result<(), LinkError>, AgentError> {
        let old = self.state.identity().ok_or(AgentError::NotEnrolled)?;
        let request = Request::make()?;
        let renewed = match self.link().renew(&Renew::V1 { signing_request: request.signing_request }).await {
            Ok(Renewed::V1 { certificate }) => Identity { key: request.key, certificate, ..Identity::clone(&old) },
            Err(error) => return Ok(Err(error)),
        };
        let link = Link::mutual(&self.settings, &renewed, Arc::clone(&self.clock))?;
        self.state.set_identity(renewed)?;
        *self.link.write().unwrap_or_else(PoisonError::into_inner) = link;
        tracing::info!("the client certificate was renewed");
        Ok(Ok(()))
    }

    async fn report_loop(&self) -> Result<(), AgentError> {
        let mut backoff = Backoff::new(self);
        let mut most = DELIVERY;
        loop {
            let batch = self.state.journal().outbox(most)?;
            if batch.is_empty() {
                self.delivered.notify_waiters();
                self.outbox.notified().await;
                continue;
            }
            let (numbers, events): (Vec<u64>, Vec<_>) = batch.into_iter().unzip();
            match self.link().reports(&Reports::V1 { events }).await {
                Ok(()) => {
                    self.state.journal().acknowledge(&numbers)?;
                    self.heard();
                    backoff.reset();
                    most = DELIVERY;
                }
                // One that the server will never take must not keep the others from it.
                Err(error) if error.is_about_the_body() && numbers.len() > 1 => most = 1,
                Err(error) if error.is_about_the_body() => {
                    tracing::error!(error = %chain(&error), "a report is given up: the server does not accept it");
                    self.state.journal().acknowledge(&numbers)?;
                }
                Err(error) => {
                    self.unheard("deliver reports", &error);
                    tokio::time::sleep(backoff.next(&error)).await;
                }
            }
        }
    }

    async fn scan_loop(&self) -> Result<(), AgentError> {
        let mut interval = self.interval.subscribe();
        loop {
            self.scan_until_delivered().await?;
            let scanned = self.clock.now();
            loop {
                let pause = self.until_next_scan(scanned, *interval.borrow_and_update());
                tokio::select! {
                    () = tokio::time::sleep(pause) => break,
                    () = self.scan.notified() => break,
                    _ = interval.changed() => {}
                }
            }
        }
    }

    /// The rest of the interval, up to a tenth more, so that agents that started together drift apart.
    fn until_next_scan(&self, scanned: Timestamp, interval: u32) -> Duration {
        let interval = u64::from(interval.max(60));
        let gone = u64::try_from(self.clock.now().as_second() - scanned.as_second()).unwrap_or(0);
        Duration::from_secs(interval.saturating_sub(gone)) + fraction(self.entropy.as_ref(), Duration::from_secs(interval / 10))
    }

    /// Scans and delivers; tries again until the server has it.
    pub(crate) async fn scan_until_delivered(&self) -> Result<(), AgentError> {
        let mut backoff = Backoff::new(self);
        loop {
            let asked = self.scan_asked.load(Ordering::SeqCst);
            match self.scan_once().await {
                Ok(()) => {
                    self.heard();
                    return Ok(self.state.journal().set_number(Number::ScanSeen, asked)?);
                }
                Err(error) => {
                    self.unheard("deliver a scan", &error);
                    tokio::time::sleep(backoff.next(&error)).await;
                }
            }
        }
    }
}

/// A part of `whole`, by chance.
fn fraction(entropy: &dyn Entropy, whole: Duration) -> Duration {
    let mut bytes = [0; 2];
    entropy.fill(&mut bytes);
    whole.mul_f64(f64::from(u16::from_le_bytes(bytes)) / 65_536.0)
}

/// Pauses between tries: twice as long each time, at random between half and whole, so that a thousand agents
/// that lost their server together do not come back together.
struct Backoff<'a> {
    agent: &'a Agent,
    failures: u32,
}

impl<'a> Backoff<'a> {
    fn new(agent: &'a Agent) -> Self {
        Self { agent, failures: 0 }
    }

    fn reset(&mut self) {
        self.failures = 0;
    }

    fn next(&mut self, error: &LinkError) -> Duration {
        let (least, most) = self.agent.settings.pace.retry;
        let whole = if error.passes() { least.saturating_mul(1 << self.failures.min(16)).min(most) } else { most };
        self.failures += 1;
        whole / 2 + fraction(self.agent.entropy.as_ref(), whole / 2)
    }
}
