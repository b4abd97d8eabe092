//! How connections are made.

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::{Engine, Storage, StorageError};

/// Waiting longer for a connection than this is worse than saying 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A statement that runs longer is stuck behind a lock; PostgreSQL ends it, the client hears 503.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

impl Storage {
    /// Connects to `sqlite:` or `postgres:`. An SQLite file and its folder are created when missing.
    pub async fn connect(url: &SecretString) -> Result<Self, StorageError> {
        let url = url.expose_secret();
        if url.starts_with("sqlite:") { connect_sqlite(url).await } else { connect_postgres(url).await }
    }
}

async fn connect_sqlite(url: &str) -> Result<Storage, StorageError> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default();
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // Failure shows as "unable to open database file" below, which says it better.
        let _ = private_folder(folder);
    }
    // The order matters: the writer creates the file and switches it to WAL.
    let writer = sqlite_pool(path, 1).await?;
    let reader = sqlite_pool(path, 4).await?;
    Ok(Storage { writer, reader, engine: Engine::Sqlite, queue: None })
}

/// Makes a folder that only its owner may enter: the file in it holds people.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

async fn sqlite_pool(path: &str, connections: u32) -> Result<DatabaseConnection, StorageError> {
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                // FULL: after a power loss no acknowledged rotation may come back.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
                .foreign_keys(true)
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "memory")
                .pragma("mmap_size", "268435456")
                .statement_cache_capacity(256)
        });
    Ok(Database::connect(options).await?)
}

async fn connect_postgres(url: &str) -> Result<Storage, StorageError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(16)
        .min_connections(1)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_mins(5))
        .sqlx_logging(false)
        .statement_timeout(STATEMENT_TIMEOUT);
    let pool = Database::connect(options).await?;
    Ok(Storage { writer: pool.clone(), reader: pool, engine: Engine::Postgres, queue: None })
}
