//! One connection beside the pools. It hears what other replicas say (LISTEN/NOTIFY), and notices within a second when another
//! host has become the one that takes writes.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Row,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    Engine, Storage, StorageError,
    postgres::{ASK_ROLE, HOST_TIMEOUT, Hosts, Pools, unavailable},
};
use crate::token::secret::random_text;

/// What revoked sessions are told on.
const CHANNEL: &str = "munjigi_revoked";

/// In silence the server is asked this often whether it still takes writes.
const BEAT: Duration = Duration::from_secs(1);

/// Between two tries to find a host.
const PAUSE: Duration = Duration::from_millis(250);

/// Ours needs no WAL on disk and no standby: who missed it polls.
const NOTIFY: &str = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)";

/// Something to be done about the set of revoked sessions.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// A replica said this.
    Said(String),
    /// The connection is new: what was said before it has to be read from the tables.
    Connected,
}

/// See the module.
pub struct Watch {
    pools: Pools,
    /// Where to listen when the pools go through a pooler, which cannot.
    listen_at: Option<Hosts>,
    ear: Option<PgListener>,
    has_heard: Option<bool>,
}

impl Watch {
    pub(super) fn over(pools: Pools, listen_url: Option<&SecretString>) -> Result<Self, StorageError> {
        let listen_at = listen_url.map(|url| Hosts::parse(url.expose_secret())).transpose()?;
        Ok(Self { pools, listen_at, ear: None, has_heard: None })
    }

    /// Waits for news, for as long as it takes to connect again where necessary.
    pub async fn next(&mut self) -> News {
        let mut outage = None;
        loop {
            let Some(ear) = &mut self.ear else {
                match self.attach().await {
                    Ok(()) => {
                        if let Some(since) = outage.map(|at: Instant| at.elapsed()) {
                            tracing::info!(event = "database_back", after_ms = since.as_millis());
                        }
                        return News::Connected;
                    }
                    Err(error) if outage.is_none() => {
                        tracing::warn!(event = "database_away", error = %error);
                        outage = Some(Instant::now());
                    }
                    Err(_) => {}
                }
                sleep(PAUSE).await;
                continue;
            };
            match timeout(BEAT, ear.try_recv()).await {
                Ok(Ok(Some(news))) => return News::Said(news.payload().to_owned()),
                Err(_) if takes_writes(ear).await => {}
                Ok(_) | Err(_) => self.ear = None,
            }
        }
    }

    /// Finds the host that takes writes, listens there and points the pools at it.
    async fn attach(&mut self) -> Result<(), StorageError> {
        let again = self.has_heard.is_some();
        let hosts = self.listen_at.as_mut().unwrap_or(&mut self.pools.hosts);
        let primary = hosts.find_primary().await?;
        let connecting = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(HOST_TIMEOUT)
            .connect_with(hosts.get(primary));
        let pool = connecting.await.map_err(unavailable)?;
        let mut ear = PgListener::connect_with(&pool).await.map_err(unavailable)?;
        ear.ignore_pool_close_event(true);
        ear.eager_reconnect(false);
        ear.listen(CHANNEL).await.map_err(unavailable)?;
        if self.listen_at.is_none() {
            self.pools.point_at(primary);
        }
        if again {
            self.pools.renew();
        }
        let hears = self.hears(&mut ear).await;
        if !hears && self.has_heard != Some(false) {
            tracing::warn!(
                event = "revocations_by_polling",
                error = "what is notified on DATABASE_URL is not heard",
                fix = "behind a pooler set DATABASE_LISTEN_URL to the database itself",
            );
        }
        self.has_heard = Some(hears);
        self.ear = Some(ear);
        Ok(())
    }

    /// Whether what the pools say arrives: through a pooler that shares connections it does not.
    async fn hears(&self, ear: &mut PgListener) -> bool {
        let end = Instant::now() + HOST_TIMEOUT;
        let word = random_text();
        let say = sqlx::query(NOTIFY).bind(CHANNEL).bind(&word).execute(&self.pools.reader);
        if !matches!(timeout_at(end, say).await, Ok(Ok(_))) {
            return false;
        }
        while let Ok(Ok(Some(news))) = timeout_at(end, ear.try_recv()).await {
            if news.payload() == word {
                return true;
            }
        }
        false
    }
}

async fn takes_writes(ear: &mut PgListener) -> bool {
    let asked = timeout(HOST_TIMEOUT, sqlx::raw_sql(ASK_ROLE).fetch_one(ear)).await;
    matches!(asked, Ok(Ok(row)) if matches!(row.try_get(0), Ok(false)))
}

impl Storage {
    /// Says something to every replica that listens. Nothing on SQLite, which has one process.
    pub async fn notify(&self, text: &str) -> Result<(), StorageError> {
        if self.engine == Engine::Postgres {
            let values = [CHANNEL.into(), text.into()];
            let say = Statement::from_sql_and_values(DbBackend::Postgres, NOTIFY, values);
            self.reader.query_one_raw(say).await?;
        }
        Ok(())
    }
}
