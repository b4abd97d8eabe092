//! What replicas share through Redis or Valkey: the budget of logins, and news of revoked sessions.
//!
//! Nothing depends on it. While it is away limits are each process's own, revocations are polled, and both are said once.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use redis::{
    AsyncTypedCommands, Client, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSubSink, PubSubStream},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep, timeout};

use crate::{storage::watch::News, token::pseudonym::Pseudonyms};

/// A login waits for its place no longer than this.
const TAKE_TIMEOUT: Duration = Duration::from_millis(100);

/// Connecting, and whatever nobody waits for.
const TIMEOUT: Duration = Duration::from_secs(2);

/// After a failure the budget is each process's own for so long, then Redis is asked again.
const REST: Duration = Duration::from_secs(1);

/// In silence the server is asked this often whether it is still there.
const BEAT: Duration = Duration::from_secs(5);

/// What revoked sessions are told on.
const CHANNEL: &str = "munjigi:revoked";

/// The generic cell rate algorithm on the server's own clock, in milliseconds: a budget of `ARGV[1]` a minute, of which one comes
/// back every `each`. The value is the moment when all are back; the answer is how long to wait.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local each = 60000 / ARGV[1]
local back = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + each
if back - now > 60000.5 then return math.ceil(back - now - 60000) end
redis.call('SET', KEYS[1], string.format('%.3f', back), 'PX', math.ceil(back - now))
return 0";

/// Redis cannot be used now.
#[derive(Debug, thiserror::Error)]
pub enum RedisFailure {
    /// It said no, or cannot be reached.
    #[error("Redis does not serve")]
    Refused(#[from] RedisError),
    /// It did not answer in time.
    #[error("Redis does not answer in time")]
    Late,
}

/// A Redis or Valkey server, reached or not.
pub struct Redis {
    client: Client,
    commands: Mutex<ConnectionManager>,
    take: Script,
    names: Pseudonyms,
    away: Mutex<Away>,
}

#[derive(Default)]
struct Away {
    since: Option<Instant>,
    asked_at: Option<Instant>,
}

/// A place where news are heard.
pub struct Subscription {
    sink: PubSubSink,
    news: PubSubStream,
}

impl Redis {
    /// Connects when first used, and again whenever the connection is lost.
    pub fn new(url: &SecretString, master: &SecretString) -> Result<Self, RedisFailure> {
        let client = Client::open(url.expose_secret())?;
        let commands = Mutex::new(unconnected(&client)?);
        let names = Pseudonyms::new(master);
        Ok(Self { client, commands, take: Script::new(TAKE), names, away: Mutex::default() })
    }

    /// Takes a login from the budget of `network`: how long to wait, zero when there was one. `None` while Redis is away.
    pub async fn take_login(&self, network: IpAddr, per_minute: NonZeroU32) -> Option<Duration> {
        if self.rests() {
            return None;
        }
        let name = format!("munjigi:login:{}", self.names.of(&network.to_string()));
        let mut commands = self.commands();
        let mut take = self.take.key(name);
        let asked = take.arg(per_minute.get()).invoke_async::<u64>(&mut commands);
        self.learn(self.within(TAKE_TIMEOUT, asked).await).map(Duration::from_millis)
    }

    /// Asks whether it answers.
    pub async fn ping(&self) -> Result<(), RedisFailure> {
        let mut commands = self.commands();
        self.within(TIMEOUT, commands.ping()).await.map(|_| ())
    }

    /// Whether limits are each process's own at the moment.
    pub fn is_away(&self) -> bool {
        self.state().since.is_some()
    }

    /// Says something to every replica that listens.
    pub async fn publish(&self, text: &str) -> Result<(), RedisFailure> {
        let mut commands = self.commands();
        self.within(TIMEOUT, commands.publish(CHANNEL, text)).await.map(|_| ())
    }

    /// Waits for news, for as long as it takes to subscribe again where necessary.
    pub async fn next(&self, subscription: &mut Option<Subscription>) -> News {
        loop {
            let Some(heard) = subscription else {
                match self.subscribe().await {
                    Ok(new) => {
                        *subscription = Some(new);
                        return News::Connected;
                    }
                    Err(_) => sleep(REST).await,
                }
                continue;
            };
            match timeout(BEAT, heard.news.next()).await {
                Ok(Some(message)) => {
                    if let Ok(text) = message.get_payload() {
                        return News::Said(text);
                    }
                }
                Err(_) if within(TIMEOUT, heard.sink.ping::<()>()).await.is_ok() => {}
                Ok(None) | Err(_) => *subscription = None,
            }
        }
    }

    async fn subscribe(&self) -> Result<Subscription, RedisFailure> {
        let (mut sink, news) = within(TIMEOUT, self.client.get_async_pubsub()).await?.split();
        within(TIMEOUT, sink.subscribe(CHANNEL)).await?;
        Ok(Subscription { sink, news })
    }

    fn commands(&self) -> ConnectionManager {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn within<T>(
        &self,
        limit: Duration,
        asked: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, RedisFailure> {
        let outcome = within(limit, asked).await;
        // A manager whose connection was refused, over a password for example, says so for ever. The next one asks again.
        if let Err(RedisFailure::Refused(_)) = &outcome
            && let Ok(next) = unconnected(&self.client)
        {
            *self.commands.lock().unwrap_or_else(PoisonError::into_inner) = next;
        }
        outcome
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Away> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is not to be asked: it failed lately, or somebody is finding out whether it is back.
    fn rests(&self) -> bool {
        let mut away = self.state();
        if away.since.is_none() || away.asked_at.is_some_and(|at| at.elapsed() >= REST) {
            // Of those who come while it is being asked again only the first waits for the answer.
            away.asked_at = away.since.map(|_| Instant::now());
            return false;
        }
        true
    }

    fn learn<T>(&self, outcome: Result<T, RedisFailure>) -> Option<T> {
        let mut away = self.state();
        match outcome {
            Ok(value) => {
                if let Some(since) = std::mem::take(&mut *away).since {
                    tracing::info!(event = "redis_back", after_ms = since.elapsed().as_millis());
                }
                Some(value)
            }
            Err(error) => {
                away.asked_at = Some(Instant::now());
                if away.since.is_none() {
                    away.since = away.asked_at;
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(event = "redis_away", error = %error, cause, effect = "each replica limits logins by itself");
                }
                None
            }
        }
    }
}

/// Tries once when it is used: who tries again and again has no time left to say why it does not work.
fn unconnected(client: &Client) -> Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT))
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

async fn within<T>(limit: Duration, asked: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisFailure> {
    Ok(timeout(limit, asked).await.map_err(|_| RedisFailure::Late)??)
}
