//! Bringing the schema up to date, safely when several replicas start at once.

use munjigi_migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
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

/// Any number will do, as long as every replica takes the same one.
const LOCK: &str = "SELECT pg_advisory_xact_lock(6077428837)";

impl Storage {
    /// Applies what is missing and returns the names.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StorageError> {
        let before = self.schema_status().await?;
        let tx = self.exclusive().await?;
        Migrator::up(&tx, None).await?;
        tx.commit().await?;
        Ok(before.into_iter().filter(|change| !change.applied).map(|change| change.name).collect())
    }

    /// Reverts the newest `steps` changes and returns the names.
    pub async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, StorageError> {
        let applied: Vec<_> = self.schema_status().await?.into_iter().filter(|change| change.applied).collect();
        let tx = self.exclusive().await?;
        Migrator::down(&tx, Some(steps)).await?;
        tx.commit().await?;
        Ok(applied.into_iter().rev().take(steps as usize).map(|change| change.name).collect())
    }

    /// Every change in order.
    pub async fn schema_status(&self) -> Result<Vec<Change>, StorageError> {
        let tx = self.exclusive().await?;
        let migrations = Migrator::get_migration_with_status(&tx).await?;
        tx.commit().await?;
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

    /// A transaction that keeps every other migrating process waiting: SQLite's write lock, PostgreSQL's advisory lock.
    async fn exclusive(&self) -> Result<DatabaseTransaction, StorageError> {
        let tx = self.begin().await?;
        if self.engine == Engine::Postgres {
            tx.execute_unprepared(LOCK).await?;
        }
        Ok(tx)
    }
}
