//! Bringing the schema up to date, safely when several replicas start at once.

use munjigi_migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::{Engine, Storage, StorageError};

/// One change and whether it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name, which sorts by date.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Any number will do, as long as every replica takes the same one. With many rows a change, and the wait for it, takes longer than
/// a statement may elsewhere.
const LOCK: &str = "SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(6077428837)";

/// MySQL's locks are the server's, not a database's, and their names are short: 1 when it was had within ten seconds.
const MYSQL_LOCK: &str = "SELECT COALESCE(GET_LOCK(CONCAT('munjigi.', MD5(DATABASE())), 10), 0) AS had";

/// They outlast the transaction, which the first change of the schema ends.
const MYSQL_UNLOCK: &str = "DO RELEASE_LOCK(CONCAT('munjigi.', MD5(DATABASE())))";

impl Storage {
    /// Applies what is missing and returns the names.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StorageError> {
        // Nothing to do is what nearly every start finds, and it keeps nobody waiting to see that.
        if self.schema_is_current().await? {
            return Ok(Vec::new());
        }
        let before = self.schema_status().await?;
        let tx = self.exclusive().await?;
        let done = Migrator::up(&tx, None).await;
        self.end(tx, done).await?;
        Ok(before.into_iter().filter(|change| !change.applied).map(|change| change.name).collect())
    }

    /// Reverts the newest `steps` changes and returns the names.
    pub async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, StorageError> {
        let applied: Vec<_> = self.schema_status().await?.into_iter().filter(|change| change.applied).collect();
        let tx = self.exclusive().await?;
        let done = Migrator::down(&tx, Some(steps)).await;
        self.end(tx, done).await?;
        Ok(applied.into_iter().rev().take(steps as usize).map(|change| change.name).collect())
    }

    /// Every change in order.
    pub async fn schema_status(&self) -> Result<Vec<Change>, StorageError> {
        let tx = self.exclusive().await?;
        let migrations = Migrator::get_migration_with_status(&tx).await;
        let migrations = self.end(tx, migrations).await?;
        let change = |migration: &sea_orm_migration::Migration| Change {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        };
        Ok(migrations.iter().map(change).collect())
    }

    /// Whether nothing is missing; only reads, for readiness probes.
    pub async fn schema_is_current(&self) -> Result<bool, StorageError> {
        let pending = Migrator::get_pending_migrations_read_only(&self.reader).await?;
        Ok(pending.is_empty())
    }

    /// A transaction that keeps every other migrating process waiting: SQLite's write lock, an advisory lock elsewhere.
    async fn exclusive(&self) -> Result<DatabaseTransaction, StorageError> {
        let tx = self.begin().await?;
        match self.engine {
            Engine::Sqlite => {}
            Engine::Postgres => {
                tx.execute_unprepared(LOCK).await?;
            }
            Engine::MySql => {
                let row = tx.query_one_raw(Statement::from_string(tx.get_database_backend(), MYSQL_LOCK)).await?;
                if !row.is_some_and(|row| row.try_get("", "had").is_ok_and(|had: i32| had == 1)) {
                    let error = DbErr::Custom("another process is changing the schema".to_owned());
                    return Err(StorageError::Busy(error.into()));
                }
            }
        }
        Ok(tx)
    }

    /// Commits what was done in an exclusive transaction, or undoes it, and lets the next process in.
    async fn end<T>(&self, tx: DatabaseTransaction, done: Result<T, DbErr>) -> Result<T, StorageError> {
        if self.engine == Engine::MySql {
            tx.execute_unprepared(MYSQL_UNLOCK).await?;
        }
        let done = done?;
        tx.commit().await?;
        Ok(done)
    }
}
