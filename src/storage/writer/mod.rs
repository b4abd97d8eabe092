//! The batch writer: the hot writes of this process (rotations, logins, endings of sessions, profiles read beside) go to one
//! task, which has up to 64 of them committed in one transaction. Nobody waits for company: what has come while the batches
//! before were on their way is the next one. Nobody is answered before the commit.
//!
//! Inside a batch each kind of write is a few multi-row statements. Whatever does not fit them — a second write to the same
//! session or person, a token that was not there to be consumed — is done one by one in the same transaction, by the very
//! functions that do it without a writer. Should the transaction fail, every write of it is done again in a transaction of its
//! own, so that one bad write fails alone.
//!
//! MySQL's updates return no rows, so there is nothing there to make such statements of: a batch is dealt out to a few
//! connections, and each does its part one by one with one commit (see [`lanes`]).

mod batch;
mod cells;
mod chain;
mod lanes;
pub(super) mod people;
mod rotations;
mod rows;

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, future::join_all, stream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

use self::{
    batch::{Done, Undone},
    chain::Chain,
};
use super::{
    Engine, Storage, StorageError,
    rotate::{Rotate, Rotation},
    sessions::Revoke,
    sign_in::{SignIn, SignedInRows},
    users::ProfileReading,
};

/// Writes that may wait. At ten thousand a second these are a tenth of a second; whoever comes later is told to come again.
const WAITING: usize = 1024;

/// Writes of one transaction.
const BATCH: usize = rows::MOST;

/// Longer than any statement may take: after that the connection leads nowhere, and the next batch takes another.
const PATIENCE: Duration = Duration::from_secs(12);

/// Writes of a failed batch that are tried at once, each on a connection of its own.
const AT_ONCE: usize = 4;

type Reply<T> = oneshot::Sender<Result<T, StorageError>>;

/// A write on its way.
enum Write {
    Rotate(Rotate, Reply<Rotation>),
    SignIn(Box<SignIn>, Reply<Option<SignedInRows>>),
    Revoke(Revoke, Reply<Vec<Uuid>>),
    Profile(Box<ProfileReading>, Reply<()>),
}

/// What the writer has done since it began.
#[derive(Debug, Default)]
pub struct Counts {
    /// Transactions of one or more writes that were committed.
    pub batches: AtomicU64,
    /// Writes in them.
    pub writes: AtomicU64,
    /// Transactions that were undone, whose writes were then tried one by one.
    pub undone: AtomicU64,
}

/// The way to the batch writer. Cheap to clone; the writer ends when the last one goes.
#[derive(Clone)]
pub struct Queue {
    sender: mpsc::Sender<Write>,
    counts: Arc<Counts>,
}

impl Queue {
    /// Starts the writer of `storage`, which itself has no queue.
    pub(super) fn start(storage: Storage) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let counts = Arc::new(Counts::default());
        tokio::spawn(run(storage, receiver, Arc::clone(&counts)));
        Self { sender, counts }
    }

    /// What it has done so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) async fn rotate(&self, rotate: Rotate) -> Result<Rotation, StorageError> {
        self.ask(|reply| Write::Rotate(rotate, reply)).await
    }

    pub(super) async fn sign_in(&self, input: SignIn) -> Result<Option<SignedInRows>, StorageError> {
        self.ask(|reply| Write::SignIn(Box::new(input), reply)).await
    }

    pub(super) async fn revoke(&self, revoke: Revoke) -> Result<Vec<Uuid>, StorageError> {
        self.ask(|reply| Write::Revoke(revoke, reply)).await
    }

    pub(super) async fn refresh_profile(&self, reading: ProfileReading) -> Result<(), StorageError> {
        self.ask(|reply| Write::Profile(Box::new(reading), reply)).await
    }

    async fn ask<T>(&self, write: impl FnOnce(Reply<T>) -> Write) -> Result<T, StorageError> {
        let (reply, answer) = oneshot::channel();
        self.sender.try_send(write(reply)).map_err(|_| StorageError::QueueFull)?;
        // Gone without an answer: the writer panicked over this batch.
        answer.await.unwrap_or(Err(StorageError::Impossible("a write was dropped")))
    }
}

async fn run(storage: Storage, mut queue: mpsc::Receiver<Write>, counts: Arc<Counts>) {
    // While the database does one batch the next is made ready, and the one before is answered. A batch of MySQL has several
    // connections of its own already.
    let turns = Arc::new(Semaphore::new(if storage.engine == Engine::MySql { 1 } else { 2 }));
    let chain = Arc::new(Chain::default());
    while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
        let mut batch = Vec::with_capacity(BATCH);
        if queue.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        // No time passes, but tasks that can run do: what they are about to ask for comes along.
        tokio::task::yield_now().await;
        while batch.len() < BATCH
            && let Ok(write) = queue.try_recv()
        {
            batch.push(write);
        }
        let (storage, counts, chain) = (storage.clone(), Arc::clone(&counts), Arc::clone(&chain));
        tokio::spawn(async move {
            let _turn = turn;
            let _place = chain.enter();
            // A panic drops the writes of this batch, whose callers hear of it.
            if AssertUnwindSafe(write(&storage, &chain, batch, &counts)).catch_unwind().await.is_err() {
                tracing::error!(event = "batch_writer_panicked");
            }
        });
    }
}

async fn write(storage: &Storage, chain: &Chain, batch: Vec<Write>, counts: &Counts) {
    if storage.engine != Engine::MySql {
        return commit(storage, chain, batch, counts).await;
    }
    let (lanes, later) = lanes::of(batch);
    join_all(lanes.into_iter().map(|lane| commit(storage, chain, lane, counts))).await;
    if !later.is_empty() {
        commit(storage, chain, later, counts).await;
    }
}

/// Does all of `batch` in one transaction, or else one by one.
async fn commit(storage: &Storage, chain: &Chain, batch: Vec<Write>, counts: &Counts) {
    let together = tokio::time::timeout(PATIENCE, batch::together(storage, chain, &batch));
    match together.await.unwrap_or(Err(Undone::Whole(StorageError::TooSlow))) {
        Ok(done) => {
            counts.batches.fetch_add(1, Ordering::Relaxed);
            counts.writes.fetch_add(u64::try_from(done.len()).unwrap_or(0), Ordering::Relaxed);
            let mut left = Vec::new();
            for (write, done) in batch.into_iter().zip(done) {
                if let Done::Nothing = done { left.push(write) } else { write.answer(done) }
            }
            if !left.is_empty() {
                tokio::spawn(one_by_one(storage.clone(), left));
            }
        }
        // Nobody's fault among them, and nothing that trying one by one could mend.
        Err(Undone::Whole(error)) => {
            for write in batch {
                write.fail(&error);
            }
        }
        Err(undone) => {
            counts.undone.fetch_add(1, Ordering::Relaxed);
            if let Undone::Storage(error) = undone {
                tracing::debug!(event = "batch_undone", error = %error, writes = batch.len());
            }
            // Beside the writer: one of them may be waiting for a lock, and the next batch need not.
            tokio::spawn(one_by_one(storage.clone(), batch));
        }
    }
}

async fn one_by_one(storage: Storage, batch: Vec<Write>) {
    let at_once = if storage.engine == Engine::Sqlite { 1 } else { AT_ONCE };
    stream::iter(batch).for_each_concurrent(at_once, |write| alone(&storage, write)).await;
}

/// A closed receiver is a client that went away; what it asked for is done all the same.
async fn alone(storage: &Storage, write: Write) {
    match write {
        Write::Rotate(rotate, reply) => drop(reply.send(storage.rotate(rotate).await)),
        Write::SignIn(input, reply) => drop(reply.send(storage.sign_in(*input).await)),
        Write::Revoke(revoke, reply) => drop(reply.send(storage.revoke(revoke).await)),
        Write::Profile(reading, reply) => drop(reply.send(storage.refresh_profile(*reading).await)),
    }
}

impl Write {
    fn answer(self, done: Done) {
        match (self, done) {
            (Self::Rotate(_, reply), Done::Rotation(rotation)) => drop(reply.send(Ok(rotation))),
            (Self::SignIn(_, reply), Done::SignIn(rows)) => drop(reply.send(Ok(Some(rows)))),
            (Self::Revoke(_, reply), Done::Revoked(ended)) => drop(reply.send(Ok(ended))),
            (Self::Profile(_, reply), Done::Profile) => drop(reply.send(Ok(()))),
            (write, _) => write.fail(&StorageError::Impossible("a write was answered as another")),
        }
    }

    fn fail(self, error: &StorageError) {
        let error = error.clone();
        match self {
            Self::Rotate(_, reply) => drop(reply.send(Err(error))),
            Self::SignIn(_, reply) => drop(reply.send(Err(error))),
            Self::Revoke(_, reply) => drop(reply.send(Err(error))),
            Self::Profile(_, reply) => drop(reply.send(Err(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Timestamp,
        config::SessionLimits,
        domain::{
            device::Device,
            identity::{Identity, ProviderKind, ProviderProfile, Subject},
            session::RevokedBecause,
        },
        storage::{audit::Trace, sessions::Which, users::StoredProfile},
    };

    fn trace() -> Trace<'static> {
        Trace { now: Timestamp::from_secs(1_800_000_000), request_id: "test", ip: None }
    }

    fn login(person: usize, replaces: Option<Uuid>) -> SignIn {
        let day = Duration::from_hours(24);
        SignIn {
            identity: Identity { provider: ProviderKind::Kakao, subject: Subject::kakao(&person.to_string()).unwrap() },
            profile: None,
            client_id: "munjigi".to_owned(),
            device: Device::default(),
            once: None,
            replaces,
            awaits_code: None,
            limits: SessionLimits { idle: day, absolute: day * 90, reuse_window: day, recovery: day },
            trace: trace().into(),
        }
    }

    /// Every statement asserts it by itself under test ([`rows`]); here each is run, in each of its lengths.
    #[tokio::test]
    async fn no_statement_of_a_batch_reads_a_whole_table() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("plans.db").display());
        let storage = Storage::connect(&url.into()).await.unwrap();
        storage.migrate_up().await.unwrap();
        let storage = storage.batched();
        for count in [1, 3, 9, BATCH] {
            let logins = (1..=count).map(|person| storage.sign_in(login(person, None)));
            let mut people = Vec::new();
            for rows in futures_util::future::join_all(logins).await {
                people.push(rows.unwrap().unwrap());
            }
            let rotations = people.iter().map(|rows| {
                let (presented, limits) = (rows.token, login(1, None).limits);
                storage.rotate(Rotate { presented, client_id: "munjigi".to_owned(), limits, trace: trace().into() })
            });
            assert!(futures_util::future::join_all(rotations).await.iter().all(Result::is_ok));
            let again = people.iter().enumerate();
            let again = again.map(|(index, rows)| storage.sign_in(login(index + 1, Some(rows.session.id))));
            assert!(futures_util::future::join_all(again).await.iter().all(Result::is_ok));
            let readings = (1..=count).map(|person| {
                let told = ProviderProfile { is_whole: true, ..ProviderProfile::default() };
                let (identity, now) = (login(person, None).identity, trace().now);
                storage.refresh_profile(ProfileReading { identity, profile: StoredProfile { told, sealed: None }, now })
            });
            assert!(futures_util::future::join_all(readings).await.iter().all(Result::is_ok));
            let endings = people.iter().map(|rows| {
                let (user_id, which, because) = (rows.user.id, Which::One(rows.session.id), RevokedBecause::Logout);
                storage.revoke(Revoke { user_id, which, because, trace: trace().into() })
            });
            assert!(futures_util::future::join_all(endings).await.iter().all(Result::is_ok));
        }
        assert_eq!(storage.written().unwrap().undone.load(Ordering::Relaxed), 0);
    }
}
