//! How connections are made.

mod mysql;

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::{Engine, Storage, StorageError, postgres, watch::Watch};
use crate::config::DatabaseConfig;

/// Waiting longer for a connection than this is worse than saying 503.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Page caches of SQLite, as its pragma takes them: in KiB, negative. Larger ones, and files mapped into memory, are not faster
/// with a database six times as large (95 MB), and take 190 MB of memory instead of 49.
const WRITER_CACHE: &str = "-16384";
const READER_CACHE: &str = "-4096";

/// Connections of commands that do one thing after the other.
const FEW: u32 = 4;

impl Storage {
    /// Connects to `sqlite:`, `postgres:` or `mysql:`. An SQLite file and its folder are created when missing.
    pub async fn connect(url: &SecretString) -> Result<Self, StorageError> {
        let url = url.expose_secret();
        match scheme(url) {
            "sqlite" => connect_sqlite(url).await,
            "mysql" | "mariadb" => mysql::connect(url, FEW).await,
            _ => Ok(postgres::connect(url, FEW).await?.0),
        }
    }

    /// The same for `serve`: with as many connections as the settings say, and, on PostgreSQL, the watch over it.
    pub async fn open(config: &DatabaseConfig) -> Result<(Self, Option<Watch>), StorageError> {
        let url = config.url.expose_secret();
        match scheme(url) {
            "sqlite" => return Ok((connect_sqlite(url).await?, None)),
            "mysql" | "mariadb" => return Ok((mysql::connect(url, config.pool_size).await?, None)),
            _ => {}
        }
        let (storage, pools) = postgres::connect(url, config.pool_size).await?;
        let watch = Watch::over(pools, config.listen_url.as_ref())?;
        Ok((storage, Some(watch)))
    }
}

impl Storage {
    /// Name, open and idle connections of each pool.
    pub fn connections(&self) -> [(&'static str, usize, usize); 2] {
        let count = |connection: &DatabaseConnection| match self.engine {
            Engine::Sqlite => count(connection.get_sqlite_connection_pool()),
            Engine::Postgres => count(connection.get_postgres_connection_pool()),
            Engine::MySql => count(connection.get_mysql_connection_pool()),
        };
        [("writer", &self.writer), ("reader", &self.reader)].map(|(name, connection)| {
            let (open, idle) = count(connection);
            (name, open, idle)
        })
    }
}

fn count<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> (usize, usize) {
    (pool.size() as usize, pool.num_idle())
}

fn scheme(url: &str) -> &str {
    url.split(':').next().unwrap_or_default()
}

async fn connect_sqlite(url: &str) -> Result<Storage, StorageError> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default();
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // Failure shows as "unable to open database file" below, which says it better.
        let _ = private_folder(folder);
    }
    // The order matters: the writer creates the file and switches it to WAL.
    let writer = sqlite_pool(path, 1, WRITER_CACHE).await?;
    let reader = sqlite_pool(path, 4, READER_CACHE).await?;
    Ok(Storage { writer, reader, engine: Engine::Sqlite, queue: None, lookups: None })
}

/// Makes a folder that only its owner may enter: the file in it holds people.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

async fn sqlite_pool(path: &str, connections: u32, cache: &'static str) -> Result<DatabaseConnection, StorageError> {
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                // FULL: after a power loss no acknowledged rotation may come back.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
                .foreign_keys(true)
                .pragma("cache_size", cache)
                .pragma("temp_store", "memory")
                .statement_cache_capacity(256)
        });
    Ok(Database::connect(options).await?)
}
