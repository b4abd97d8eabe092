//! SQLite's one connection, handed from batch to batch while there is a next one. Given back to its pool and asked for again
//! between two, it would stand still for a quarter of the time: each step of that waits behind the requests that are ready to run.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tokio::sync::{Mutex, MutexGuard};

use crate::storage::{Engine, Storage, StorageError};

/// After so many batches, some tens of milliseconds, whoever else waits for the connection has it first.
const MOST: u32 = 16;

/// Batches that follow each other.
#[derive(Debug, Default)]
pub(super) struct Chain {
    left: Mutex<Option<Left>>,
    /// Batches on their way.
    batches: AtomicUsize,
}

/// A transaction in which nothing was done yet.
#[derive(Debug)]
struct Left {
    tx: DatabaseTransaction,
    /// Batches on its connection so far.
    number: u32,
}

/// A batch on its way.
pub(super) struct Place<'a>(&'a Chain);

/// The transaction of a batch. Dropped without a commit it leaves nothing behind.
pub(super) struct Link<'a> {
    left: Left,
    /// Where to leave it to the next.
    next: Option<(&'a Chain, MutexGuard<'a, Option<Left>>)>,
}

impl Chain {
    /// Counts a batch, which will come to [`Self::begin`].
    pub(super) fn enter(&self) -> Place<'_> {
        self.batches.fetch_add(1, Ordering::Relaxed);
        Place(self)
    }

    /// Begins a transaction, on SQLite after the one of the batch before.
    pub(super) async fn begin(&self, storage: &Storage) -> Result<Link<'_>, StorageError> {
        if storage.engine != Engine::Sqlite {
            return Ok(Link { left: Left { tx: storage.begin().await?, number: 0 }, next: None });
        }
        let mut place = self.left.lock().await;
        let left = match place.take() {
            Some(left) => left,
            None => Left { tx: storage.begin().await?, number: 0 },
        };
        Ok(Link { left, next: Some((self, place)) })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // Should the batch it was left for have failed before it came to it, nobody else would let go of the connection.
        if self.0.batches.fetch_sub(1, Ordering::Relaxed) == 1
            && let Ok(mut left) = self.0.left.try_lock()
        {
            left.take();
        }
    }
}

impl Link<'_> {
    pub(super) fn tx(&self) -> &DatabaseTransaction {
        &self.left.tx
    }

    /// Makes durable what was done.
    pub(super) async fn commit(self) -> Result<(), StorageError> {
        let Left { tx, number } = self.left;
        match self.next {
            Some((chain, mut place)) if chain.batches.load(Ordering::Relaxed) > 1 && number < MOST => {
                // Not IMMEDIATE: it takes no lock until something is written, and so cannot fail after the commit.
                tx.execute_unprepared("COMMIT; BEGIN").await?;
                *place = Some(Left { tx, number: number + 1 });
            }
            _ => tx.commit().await?,
        }
        Ok(())
    }
}
