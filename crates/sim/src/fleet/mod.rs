//! Many agents in one process: enrolled with bounded haste, then running until told to stop.

mod kept;

use crate::platform::{Pretended, Tempo};
use crate::world::World;
use crate::world::machine::Blueprint;
use anyhow::{Context, Result, ensure};
use fettle_agent::agent::Agent;
use fettle_agent::enroll::enroll;
use fettle_agent::platform::Platform;
use fettle_agent::settings::{Pace, Settings};
use fettle_agent::state::State;
use fettle_model::clock::{Clock, Entropy};
use fettle_model::ids::AssetId;
use fettle_protocol::key::ActivationKey;
use kept::Kept;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Agents that enrol at the same time: enough to keep a server busy, few enough to leave it usable.
const ENROLLING: usize = 16;

/// A fleet to be.
pub struct Fleet {
    /// The world its machines live in.
    pub world: Arc<World>,
    /// The server's agent address.
    pub server: Url,
    /// Number of machines.
    pub count: u32,
    /// Where identities and changed packages are kept; without it, the fleet is gone with the process.
    pub state: Option<PathBuf>,
    /// How long pretended work takes.
    pub tempo: Tempo,
    /// How patient the agents are.
    pub pace: Pace,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// How far a fleet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Agents that run.
    pub running: u32,
    /// Of these, enrolled just now; the others were enrolled before.
    pub enrolled: u32,
    /// All that are wanted.
    pub count: u32,
}

/// A fleet that runs. Dropping it ends its agents as a power cut would.
pub struct Running {
    agents: JoinSet<Result<()>>,
    cancel: CancellationToken,
    assets: BTreeMap<u32, AssetId>,
}

impl Fleet {
    /// Enrols every machine that is not enrolled yet and starts its agent. `key` says with which activation key.
    ///
    /// # Errors
    /// When a machine cannot be enrolled or its state not be kept; what runs by then is ended.
    pub async fn start(self, key: impl Fn(&Blueprint) -> ActivationKey, progress: Arc<dyn Fn(Progress) + Send + Sync>) -> Result<Running> {
        enough_files(self.count)?;
        let fleet = Arc::new(self);
        let turn = Arc::new(Semaphore::new(ENROLLING));
        let cancel = CancellationToken::new();
        let counts = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let assets = Arc::new(Mutex::new(BTreeMap::new()));
        let mut enrolling = JoinSet::new();
        for number in 0..fleet.count {
            let permit = Arc::clone(&turn).acquire_owned().await.context("the simulation is ending")?;
            let key = key(&fleet.world.machine(number));
            let (fleet, counts, assets, progress) = (Arc::clone(&fleet), Arc::clone(&counts), Arc::clone(&assets), Arc::clone(&progress));
            enrolling.spawn(async move {
                let machine = fleet.enrolled(number, &key).await.with_context(|| format!("could not enrol machine {number}"))?;
                drop(permit);
                let fresh = u32::from(machine.fresh);
                let enrolled = counts.1.fetch_add(fresh, Ordering::SeqCst) + fresh;
                let running = counts.0.fetch_add(1, Ordering::SeqCst) + 1;
                assets.lock().unwrap_or_else(PoisonError::into_inner).insert(number, machine.asset);
                progress(Progress { running, enrolled, count: fleet.count });
                anyhow::Ok(machine)
            });
        }
        let mut agents = JoinSet::new();
        while let Some(machine) = enrolling.join_next().await {
            let machine = machine.context("enrolling a machine broke off")??;
            agents.spawn(Box::pin(machine.run(cancel.clone())));
        }
        let assets = std::mem::take(&mut *assets.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Running { agents, cancel, assets })
    }

    /// One machine with an identity: the one that was kept, or a new one.
    async fn enrolled(&self, number: u32, key: &ActivationKey) -> Result<Machine> {
        let kept = Arc::new(Kept::open(self.state.as_deref(), number, key.authority)?);
        let keep = Arc::clone(&kept);
        let platform: Arc<dyn Platform> = Arc::new(Pretended::new(
            Arc::clone(&self.world),
            number,
            kept.deviation(),
            Arc::clone(&self.clock),
            self.tempo,
            Box::new(move |deviation| keep.keep_deviation(deviation)),
        ));
        let settings = Settings { server: self.server.clone(), proxy: None, assess_only: false, pace: self.pace };
        let state = Arc::new(State::in_memory()?);
        let fresh = match kept.identity() {
            Some(identity) => {
                state.set_identity(identity)?;
                false
            }
            None => {
                enroll(&settings, key, &state, platform.as_ref(), &self.clock).await?;
                kept.keep_identity(&state)?;
                true
            }
        };
        let agent = Agent::new(settings, Arc::clone(&state), platform, Arc::clone(&self.clock), Arc::clone(&self.entropy))?;
        let asset = state.identity().context("an enrolled agent has an identity")?.asset;
        Ok(Machine { agent, state, kept, asset, fresh })
    }
}

impl Running {
    /// Which asset each machine is, by its number.
    #[must_use]
    pub fn assets(&self) -> &BTreeMap<u32, AssetId> {
        &self.assets
    }

    /// Runs until `stop`, or until an agent cannot go on.
    ///
    /// # Errors
    /// When an agent cannot go on, or its state not be kept.
    pub async fn until(mut self, stop: impl Future<Output = ()>) -> Result<()> {
        tokio::pin!(stop);
        let ended = tokio::select! {
            () = &mut stop => Ok(()),
            Some(ended) = self.agents.join_next() => ended.context("an agent broke off")?.context("an agent cannot go on"),
        };
        self.cancel.cancel();
        while let Some(agent) = self.agents.join_next().await {
            agent.context("an agent broke off")??;
        }
        ended
    }
}

/// One enrolled machine.
struct Machine {
    agent: Agent,
    state: Arc<State>,
    kept: Arc<Kept>,
    asset: AssetId,
    fresh: bool,
}

impl Machine {
    async fn run(self, cancel: CancellationToken) -> Result<()> {
        Box::pin(self.agent.run(cancel)).await?;
        // A certificate that was renewed meanwhile is kept for the next start.
        self.kept.keep_identity(&self.state)
    }
}

/// Every agent holds a connection, and every connection is a file.
fn enough_files(agents: u32) -> Result<()> {
    let wanted = u64::from(agents) * 2 + 256;
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let possible = limit.maximum.is_none_or(|maximum| maximum >= wanted);
    ensure!(possible, "{agents} agents need {wanted} open files, and this process may have fewer: raise `ulimit -Hn`, or lower --count");
    limit.current = Some(wanted);
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).context("could not raise the limit of open files")
}
