//! Group commit: what many agents send shares a transaction, and each is answered after the commit.
//!
//! One task takes everything that has arrived while the transaction before was being committed. A lone write
//! waits for nobody; under load the cost of a commit is shared by hundreds. When a group fails, its members are
//! tried one by one, so that nobody fails for another's sake.

mod scans;

use crate::engine::{Database, Tx};
use crate::error::{Result, StoreError};
use crate::runs::{ReportsOutcome, apply_reports};
use crate::scans::{AssessedRow, ScanOutcome, Verdict};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::AssetId;
use fettle_protocol::message::Event;
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Most writes in one transaction: bounds how long others wait for the writer, some tens of milliseconds.
const MOST: usize = 256;
/// Most writes that wait. Who comes later waits to be let in, which slows agents down instead of filling memory.
const WAITING: usize = 4096;

/// A scan to be written.
pub(crate) struct Scan {
    pub(crate) asset: AssetId,
    pub(crate) received_at: Timestamp,
    pub(crate) kind: ScanKind,
}

/// What came with it, encoded by the sender so that the writer need not.
pub(crate) enum ScanKind {
    Upload {
        digest: Sha256Digest,
        body: Vec<u8>,
        hostname: String,
        facts: String,
        volatile: String,
        scanned_at: Timestamp,
        assessed: AssessedRow,
        verdict: Verdict,
    },
    Unchanged {
        digest: Sha256Digest,
        volatile: String,
        scanned_at: Timestamp,
        verdict: Verdict,
    },
    Failure {
        reason: String,
    },
}

struct Reports {
    asset: AssetId,
    events: Vec<Event>,
    now: Timestamp,
}

enum Write {
    Scan(Scan),
    Reports(Reports),
}

impl Write {
    fn asset(&self) -> AssetId {
        match self {
            Self::Scan(scan) => scan.asset,
            Self::Reports(reports) => reports.asset,
        }
    }
}

#[derive(Debug)]
enum Done {
    Scan(ScanOutcome),
    Reports(ReportsOutcome),
}

struct Waiting {
    write: Write,
    answer: oneshot::Sender<Result<Done>>,
}

#[derive(Debug)]
pub(crate) struct Group {
    sender: Mutex<Option<mpsc::Sender<Waiting>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Group {
    pub(crate) fn start(database: Database) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let task = tokio::spawn(work(database, receiver));
        Self { sender: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }
    }

    pub(crate) async fn scan(&self, scan: Scan) -> Result<ScanOutcome> {
        match self.write(Write::Scan(scan)).await? {
            Done::Scan(outcome) => Ok(outcome),
            Done::Reports(_) => Err(StoreError::Closed),
        }
    }

    pub(crate) async fn reports(&self, asset: AssetId, events: Vec<Event>, now: Timestamp) -> Result<ReportsOutcome> {
        match self.write(Write::Reports(Reports { asset, events, now })).await? {
            Done::Reports(outcome) => Ok(outcome),
            Done::Scan(_) => Err(StoreError::Closed),
        }
    }

    async fn write(&self, write: Write) -> Result<Done> {
        let sender = self.sender.lock().map_err(|_| StoreError::Closed)?.clone().ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        sender.send(Waiting { write, answer }).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Takes nothing more and waits until everything taken is written.
    pub(crate) async fn close(&self) {
        drop(self.sender.lock().ok().and_then(|mut sender| sender.take()));
        let task = self.task.lock().ok().and_then(|mut task| task.take());
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the group commit task ended badly");
        }
    }
}

async fn work(database: Database, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(MOST);
    while receiver.recv_many(&mut waiting, MOST).await > 0 {
        // One's own writes stay in order; assets are visited by id, so that two nodes never wait for each other.
        waiting.sort_by_key(|waiting| waiting.write.asset());
        let (writes, answers): (Vec<Write>, Vec<_>) = waiting.drain(..).map(|waiting| (waiting.write, waiting.answer)).unzip();
        let results = commit_all(&database, &writes).await;
        for (answer, result) in answers.into_iter().zip(results) {
            // Whoever asked may have hung up; what is written stays written.
            drop(answer.send(result));
        }
    }
}

async fn commit_all(database: &Database, writes: &[Write]) -> Vec<Result<Done>> {
    match commit(database, writes).await {
        Ok(done) => done.into_iter().map(Ok).collect(),
        Err(error) if writes.len() == 1 => vec![Err(error)],
        Err(error) => {
            tracing::warn!(error = %crate::error::chain(&error), writes = writes.len(), "a group of writes failed; trying them one by one");
            one_by_one(database, writes).await
        }
    }
}

async fn one_by_one(database: &Database, writes: &[Write]) -> Vec<Result<Done>> {
    let mut results = Vec::with_capacity(writes.len());
    let mut gone = None;
    for write in writes {
        if let Some(cause) = &gone {
            results.push(Err(StoreError::Group { what: "writes", cause: String::clone(cause) }));
            continue;
        }
        let result = commit(database, std::slice::from_ref(write)).await;
        if let Err(error) = &result
            && error.is_unreachable()
        {
            gone = Some(crate::error::chain(error));
        }
        results.push(result.and_then(|done| done.into_iter().next().ok_or(StoreError::Closed)));
    }
    results
}

/// Writes sorted by asset, in one transaction.
async fn commit(database: &Database, writes: &[Write]) -> Result<Vec<Done>> {
    let mut tx = database.begin().await?;
    let mut done: Vec<Option<Done>> = writes.iter().map(|_| None).collect();
    for round in rounds(writes) {
        write_round(&mut tx, writes, &round, &mut done).await?;
    }
    tx.commit().await?;
    Ok(done.into_iter().flatten().collect())
}

/// Splits writes so that no asset is in a round twice, because a round writes many assets with one statement.
fn rounds(writes: &[Write]) -> Vec<Vec<usize>> {
    let mut of_assets: BTreeMap<AssetId, VecDeque<usize>> = BTreeMap::new();
    for (index, write) in writes.iter().enumerate() {
        of_assets.entry(write.asset()).or_default().push_back(index);
    }
    let mut rounds = Vec::new();
    loop {
        let round: Vec<usize> = of_assets.values_mut().filter_map(VecDeque::pop_front).collect();
        if round.is_empty() {
            return rounds;
        }
        rounds.push(round);
    }
}

async fn write_round(tx: &mut Tx, writes: &[Write], round: &[usize], done: &mut [Option<Done>]) -> Result<()> {
    let mut scans = Vec::new();
    for &index in round {
        match writes.get(index) {
            Some(Write::Scan(scan)) => scans.push((index, scan)),
            Some(Write::Reports(reports)) => {
                let outcome = apply_reports(tx, reports.asset, &reports.events, reports.now).await?;
                put(done, index, Done::Reports(outcome));
            }
            None => {}
        }
    }
    let outcomes = scans::write(tx, &scans.iter().map(|(_, scan)| *scan).collect::<Vec<_>>()).await?;
    for ((index, _), outcome) in scans.into_iter().zip(outcomes) {
        put(done, index, Done::Scan(outcome));
    }
    Ok(())
}

fn put(done: &mut [Option<Done>], index: usize, outcome: Done) {
    if let Some(place) = done.get_mut(index) {
        *place = Some(outcome);
    }
}
