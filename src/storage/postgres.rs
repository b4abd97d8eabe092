//! PostgreSQL: its hosts, of which one takes writes, and pools whose connections notice when that one changes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{DbErr, RuntimeErr, SqlxPostgresConnector};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Row,
    pool::PoolConnectionMetadata,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{Instant, timeout};
use url::Url;

use super::{Engine, Storage, StorageError, connect::ACQUIRE_TIMEOUT};

/// A host that takes longer to answer is as good as away.
pub(super) const HOST_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that lay idle this long is asked whether it still stands before it is used.
const ASK_AFTER: Duration = Duration::from_secs(1);

/// A connection is replaced after this, so that replicas spread anew over whatever stands behind the address.
const LIFETIME: Duration = Duration::from_mins(30);

/// What the server ends by itself: a statement that is stuck behind a lock, and a transaction whose client has vanished. The wait of
/// COMMIT for a synchronous standby is no statement, and no timer ends it: PostgreSQL would report what only the primary has as done.
const LIMITS: [(&str, &str); 2] = [("statement_timeout", "10s"), ("idle_in_transaction_session_timeout", "20s")];

/// Every statement finds its rows by key, so nothing is to be read whole and joined: in a new database, where the server takes each
/// table for a few pages until it has counted, it would plan to, and keep that plan for a prepared statement while the table grows.
const BY_INDEX: [(&str, &str); 4] =
    [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off")];

/// A row of one column: whether this host refuses writes.
pub(super) const ASK_ROLE: &str =
    "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean";

/// The hosts of one database, as libpq writes them: `postgres://user@one:5432,two:5432/name`.
#[derive(Clone)]
pub(super) struct Hosts {
    each: Vec<PgConnectOptions>,
    /// Poolers such as pgbouncer refuse connections that bring settings.
    take_settings: bool,
}

impl Hosts {
    pub(super) fn parse(url: &str) -> Result<Self, StorageError> {
        let each = one_by_one(url).iter().map(|url| options(url)).collect::<Result<_, _>>();
        Ok(Self { each: each.map_err(unavailable)?, take_settings: true })
    }

    pub(super) fn get(&self, index: usize) -> PgConnectOptions {
        self.each[index].clone()
    }

    fn with_settings(&self, index: usize) -> PgConnectOptions {
        let options = self.get(index);
        if self.take_settings { options.options(LIMITS).options(BY_INDEX) } else { options }
    }

    /// The first host that takes writes.
    pub(super) async fn find_primary(&mut self) -> Result<usize, StorageError> {
        let mut last = None;
        for index in 0..self.each.len() {
            match timeout(HOST_TIMEOUT, self.takes_writes(index)).await {
                Ok(Ok(true)) => return Ok(index),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => last = Some(error),
                Err(_) => last = Some(sqlx::Error::PoolTimedOut),
            }
        }
        let read_only = || std::io::Error::other("no host takes writes: each is a standby or read-only");
        Err(unavailable(last.unwrap_or_else(|| sqlx::Error::Io(read_only()))))
    }

    async fn takes_writes(&mut self, index: usize) -> Result<bool, sqlx::Error> {
        let mut connection = match PgConnection::connect_with(&self.with_settings(index)).await {
            Err(sqlx::Error::Database(error))
                if self.take_settings && error.message().contains("startup parameter") =>
            {
                self.take_settings = false;
                tracing::warn!(
                    event = "database_limits_not_set",
                    error = error.message(),
                    fix = "set them for the role of DATABASE_URL: ALTER ROLE … SET statement_timeout = '10s'; the same with \
                           enable_seqscan, enable_hashjoin, enable_mergejoin = 'off'",
                );
                PgConnection::connect_with(&self.with_settings(index)).await?
            }
            other => other?,
        };
        let row = sqlx::raw_sql(ASK_ROLE).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(!row.try_get::<bool, _>(0)?)
    }
}

/// What nobody can reach or nothing can be made of.
pub(super) fn unavailable(error: sqlx::Error) -> StorageError {
    DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
}

/// A URL a host. `Url` knows one host, and libpq's way of naming several is what every operator of a cluster writes.
fn one_by_one(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let mut url = Url::parse(url).map_err(|error| sqlx::Error::Configuration(error.into()))?;
    // Only a host that takes writes is ever used, so it need not be said.
    let kept: Vec<_> = url.query_pairs().filter(|(name, _)| name != "target_session_attrs").collect();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    url.set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
    // No floats are read, and poolers know no `extra_float_digits`.
    let options = PgConnectOptions::from_url(&url)?.extra_float_digits(None).disable_statement_logging();
    Ok(if options.get_application_name().is_some() { options } else { options.application_name("munjigi") })
}

/// The pools of a [`Storage`], and what can be done to them while they are in use.
pub(super) struct Pools {
    pub(super) hosts: Hosts,
    pub(super) reader: PgPool,
    writer: PgPool,
    turn: Turn,
}

impl Pools {
    /// New connections go to this host from now on.
    pub(super) fn point_at(&self, index: usize) {
        for pool in [&self.reader, &self.writer] {
            pool.set_connect_options(self.hosts.with_settings(index));
        }
    }

    /// No connection that stands now is used again.
    pub(super) fn renew(&self) {
        self.turn.now();
    }
}

/// When the connections that stood then were given up.
#[derive(Clone)]
struct Turn(Arc<Mutex<Instant>>);

impl Turn {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_before(&self, age: Duration) -> bool {
        age > self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// Connects to the host that takes writes.
pub(super) async fn connect(url: &str, connections: u32) -> Result<(Storage, Pools), StorageError> {
    let mut hosts = Hosts::parse(url)?;
    let primary = hosts.find_primary().await?;
    let turn = Turn(Arc::new(Mutex::new(Instant::now())));
    // Two pools: reads go on while every write waits for a standby that is away.
    let writers = connections / 2;
    let writer = pool(writers, &turn).connect_with(hosts.with_settings(primary)).await;
    let reader = pool(connections - writers, &turn).connect_with(hosts.with_settings(primary)).await;
    let (writer, reader) = (writer.map_err(unavailable)?, reader.map_err(unavailable)?);
    let storage = Storage {
        writer: SqlxPostgresConnector::from_sqlx_postgres_pool(writer.clone()),
        reader: SqlxPostgresConnector::from_sqlx_postgres_pool(reader.clone()),
        engine: Engine::Postgres,
        queue: None,
        lookups: None,
    };
    Ok((storage, Pools { hosts, reader, writer, turn }))
}

fn pool(connections: u32, turn: &Turn) -> PgPoolOptions {
    let (before, after) = (turn.clone(), turn.clone());
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_mins(5))
        .max_lifetime(LIFETIME)
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            let given_up = before.is_before(meta.age);
            Box::pin(async move { Ok(!given_up && (meta.idle_for < ASK_AFTER || answers(connection).await)) })
        })
        // sqlx asks here too, but without end: the place of a connection to a machine that vanished would be lost with it.
        .after_release(move |connection, meta: PoolConnectionMetadata| {
            let given_up = after.is_before(meta.age);
            Box::pin(async move { Ok(!given_up && answers(connection).await) })
        })
}

async fn answers(connection: &mut PgConnection) -> bool {
    matches!(timeout(HOST_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_hosts_are_taken_apart_as_libpq_does() {
        let hosts = one_by_one("postgres://u:p%40w@one:5432,two:5433/db?sslmode=disable");
        let [one, two] = &hosts[..] else { panic!("{hosts:?}") };
        assert_eq!(one, "postgres://u:p%40w@one:5432/db?sslmode=disable");
        assert_eq!(two, "postgres://u:p%40w@two:5433/db?sslmode=disable");
        assert_eq!(one_by_one("postgres://localhost/db?host=/run,x"), ["postgres://localhost/db?host=/run,x"]);
    }

    #[test]
    fn what_is_always_so_need_not_be_said_and_the_rest_stays() {
        let options = options("postgres://u@one/db?target_session_attrs=read-write&application_name=login").unwrap();
        assert_eq!((options.get_host(), options.get_application_name()), ("one", Some("login")));
        let options = super::options("postgres://u@two:1/db?target_session_attrs=primary").unwrap();
        assert_eq!((options.get_port(), options.get_application_name()), (1, Some("munjigi")));
    }
}
