//! MySQL and MariaDB. Whatever the server is set to, a session here behaves as the other engines do.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sqlx::Executor;

use super::ACQUIRE_TIMEOUT;
use crate::storage::{Engine, Storage, StorageError};

/// Every statement sees what was committed before it, as on PostgreSQL: whoever waited for another's row has to see what the
/// other made of it. A snapshot from the beginning of the transaction, the default here, would hide it.
const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// Nothing is cut to fit, `||` joins texts, and nobody waits long: five seconds for a row, ten for a table or a statement. The
/// limit of a statement has another name on each of the two; each reads only its own comment, and MySQL means `SELECT` alone.
const SETTINGS: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
    ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', \
    SESSION innodb_lock_wait_timeout = 5, SESSION lock_wait_timeout = 10 \
    /*M!100100 , SESSION max_statement_time = 10 */ /*!50708 , SESSION max_execution_time = 10000 */";

/// A connection is replaced after this, so that replicas spread anew over whatever stands behind the address.
const LIFETIME: Duration = Duration::from_mins(30);

/// Connects to `mysql:` or, which means the same, `mariadb:`; half of the connections are for writes.
pub(super) async fn connect(url: &str, connections: u32) -> Result<Storage, StorageError> {
    let address = url.split_once(':').map_or(url, |(_, address)| address);
    let url = format!("mysql:{address}");
    let writers = connections / 2;
    let (writer, reader) = (pool(&url, writers).await?, pool(&url, connections - writers).await?);
    Ok(Storage { writer, reader, engine: Engine::MySql, queue: None, lookups: None })
}

async fn pool(url: &str, connections: u32) -> Result<DatabaseConnection, StorageError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_mins(5))
        .max_lifetime(LIFETIME)
        .sqlx_logging(false)
        .map_sqlx_mysql_opts(|options| {
            options.charset("utf8mb4").collation("utf8mb4_bin").statement_cache_capacity(256)
        })
        .map_sqlx_mysql_pool_opts(|pool| {
            pool.after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(ISOLATION).await?;
                    connection.execute(SETTINGS).await?;
                    Ok(())
                })
            })
        });
    Ok(Database::connect(options).await?)
}
