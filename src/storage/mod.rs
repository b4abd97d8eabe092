//! The database. One file a subject; entities stay in here; every public write is one transaction.

pub mod audit;
pub mod cleanup;
mod connect;
mod deadlock;
mod entity;
mod error;
mod insert;
pub mod keys;
pub mod leaving;
mod lookups;
pub mod outbox;
mod postgres;
pub mod redeem;
pub mod revocations;
pub mod rotate;
pub mod schema;
pub mod sessions;
pub mod sign_in;
pub mod users;
pub mod watch;
pub mod writer;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

pub use self::error::StorageError;

/// The database engine behind a [`Storage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, one writer.
    Sqlite,
    /// Many replicas.
    Postgres,
    /// Many replicas; MariaDB as well.
    MySql,
}

impl Engine {
    /// For people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL or MariaDB",
        }
    }
}

/// Connections to the database. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    engine: Engine,
    /// Where hot writes go; without it each is a transaction of its own.
    queue: Option<writer::Queue>,
    /// Where hot reads go; without it each is a statement of its own.
    lookups: Option<lookups::Lookups>,
}

impl Storage {
    /// The engine in use.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The same database, with hot writes going through one batch writer from now on (see [`writer`]), and hot reads together.
    #[must_use]
    pub fn batched(self) -> Self {
        let queue = writer::Queue::start(self.clone());
        // MySQL has no table of parameters that a statement could read them from.
        let lookups = (self.engine != Engine::MySql).then(|| lookups::Lookups::start(&self.reader));
        Self { queue: Some(queue), lookups, ..self }
    }

    /// What the batch writer has done; `None` without one.
    pub fn written(&self) -> Option<&writer::Counts> {
        self.queue.as_ref().map(writer::Queue::counts)
    }

    /// A write transaction. Dropped without a commit it leaves nothing behind.
    async fn begin(&self) -> Result<DatabaseTransaction, StorageError> {
        // A deferred SQLite transaction that reads first may fail when it comes to write; an immediate one waits its turn.
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.engine == Engine::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Asks both connections whether they answer.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.reader.execute_unprepared("SELECT 1").await?;
        self.writer.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes the connections after what they are doing.
    pub async fn close(self) {
        let _ = self.writer.close_by_ref().await;
        let _ = self.reader.close_by_ref().await;
    }
}
