//! The composition root: settings -> a server that is built, asked for its address, and run. The only file that names every
//! concrete type.

use std::{
    future::Future,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{net::TcpListener, sync::Notify, task::JoinSet};

use crate::{
    clock::Clock,
    config::Config,
    flow::{
        Context,
        keys::{Keys, KeysError},
        login::Logins,
        outbox::Outbox,
        webhook::Webhooks,
    },
    http::{self, DemoPage, Shared, listener::Limited},
    metrics::Counts,
    provider::{
        Provider,
        http::UpstreamHttp,
        kakao::{BadUrl, Kakao},
    },
    replicas::{Redis, RedisFailure},
    storage::{
        Storage, StorageError, cleanup,
        outbox::OwedKind,
        revocations::{Revocations, ToTell},
        watch::{News, Watch},
    },
    token::{form_token::FormTokens, refresh::RefreshTokens, sealed::Sealer, secret::Purpose},
};

/// Requests that are being answered when the process is told to stop may finish within this time.
const GRACE: Duration = Duration::from_secs(10);

/// Revocations of other replicas are known after this long at the latest, should nobody tell of them (contract 4.1).
const REVOCATIONS_EVERY: Duration = Duration::from_secs(1);

/// A new key is published ten minutes before it signs, so once a minute is often enough.
const KEYS_EVERY: Duration = Duration::from_mins(1);

/// Owed calls are made when they arise; those of a process that died, or whose pause is over, are found this often.
const OWED_EVERY: Duration = Duration::from_secs(1);

/// Between two looks for rows that nobody needs any more.
const CLEANUP_EVERY: Duration = Duration::from_mins(10);

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Not reachable, or refused.
    #[error("the database cannot be used")]
    Storage(#[from] StorageError),
    /// `AUTO_MIGRATE=false` and changes are missing.
    #[error("the schema is behind and AUTO_MIGRATE is false; run: munjigi migrate up")]
    SchemaBehind,
    /// Damaged, or sealed under another master secret.
    #[error("the signing keys cannot be used")]
    Keys(#[from] KeysError),
    /// The system's certificates.
    #[error("the HTTP client cannot be built")]
    Http(#[from] reqwest::Error),
    /// A base URL.
    #[error("the provider cannot be used")]
    Provider(#[from] BadUrl),
    /// `REDIS_URL`.
    #[error("Redis cannot be used")]
    Redis(#[from] RedisFailure),
    /// The socket.
    #[error("the socket cannot be used")]
    Socket(#[from] std::io::Error),
}

/// A gateway, ready to run.
pub struct App {
    listener: TcpListener,
    shared: Arc<Shared>,
    upstream: UpstreamHttp,
    outbox: Arc<Outbox>,
    watch: Option<Watch>,
    to_tell: ToTell,
    metrics: Option<(TcpListener, Arc<Counts>)>,
}

impl App {
    /// Connects, migrates, loads keys. Serves on `listener` once [`Self::run`] is called.
    pub async fn build(
        config: Config,
        clock: Arc<dyn Clock>,
        listener: TcpListener,
        demo: Option<DemoPage>,
    ) -> Result<Self, StartError> {
        let (storage, watch) = Storage::open(&config.database).await?;
        if config.database.auto_migrate {
            for change in storage.migrate_up().await? {
                tracing::info!(event = "schema_changed", change);
            }
        } else if !storage.schema_is_current().await? {
            return Err(StartError::SchemaBehind);
        }
        let storage = if config.database.batch_writes { storage.batched() } else { storage };
        let tokens = &config.tokens;
        let keys = Keys::load(tokens, &storage, clock.now()).await?;
        let (revocations, to_tell) = Revocations::new(tokens.access_lifetime);
        revocations.load(&storage, clock.now()).await?;
        let context = Arc::new(Context {
            storage,
            clock: Arc::clone(&clock),
            keys,
            refresh_tokens: RefreshTokens::new(&tokens.secret, &tokens.issuer, &config.server.url("/oauth/token")),
            revocations,
            limits: tokens.limits,
            extra_claims: tokens.extra_claims.clone(),
            private_fields: Sealer::new(&tokens.secret, Purpose::PrivateFields),
            codes: Sealer::new(&tokens.secret, Purpose::AuthorizationCode),
            form_tokens: FormTokens::new(&tokens.secret),
            owed: Notify::new(),
        });
        let upstream = UpstreamHttp::later();
        let kakao: Arc<dyn Provider> = Arc::new(Kakao::new(config.kakao.clone(), &upstream, clock)?);
        let logins = Arc::new(Logins::new(Arc::clone(&context), Arc::clone(&kakao), &config));
        let webhooks = Arc::new(Webhooks::new(Arc::clone(&context), Arc::clone(&kakao), config.kakao.on_unlink));
        let outbox = Arc::new(Outbox::new(Arc::clone(&context), kakao));
        warn_of_owed(&config, &context).await?;
        let redis = config.redis_url.as_ref().map(|url| Redis::new(url, &config.tokens.secret)).transpose()?;
        let shared = Arc::new(Shared::new(config, context, logins, webhooks, redis.map(Arc::new), demo));
        Ok(Self { listener, shared, upstream, outbox, watch, to_tell, metrics: None })
    }

    /// Tells these numbers, and its own, at `METRICS_ADDR` once it runs. Returns where that is.
    pub async fn tell_metrics(&mut self, counts: Arc<Counts>) -> Result<SocketAddr, StartError> {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(self.shared.config.metrics.unwrap_or(loopback)).await?;
        let at = listener.local_addr()?;
        self.metrics = Some((listener, counts));
        Ok(at)
    }

    /// The address it listens on.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Settings and state, for the start line and for tests.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Serves until `stop` is ready, then lets requests finish and closes the database.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), StartError> {
        let mut background = background(&self.shared, &self.outbox);
        background.spawn(tell(Arc::clone(&self.shared), self.to_tell));
        if let Some(watch) = self.watch {
            background.spawn(hear_database(Arc::clone(&self.shared), watch));
        }
        if let Some(redis) = self.shared.redis.clone() {
            background.spawn(hear_redis(Arc::clone(&self.shared), redis));
        }
        if let Some((listener, counts)) = self.metrics {
            let server = poem::Server::new_with_acceptor(Limited::new(listener)?);
            let endpoint = http::metrics::endpoint(Arc::clone(&self.shared), counts);
            background.spawn(async move { drop(server.run(endpoint).await) });
        }
        let endpoint = http::endpoint(Arc::clone(&self.shared));
        let acceptor = Limited::new(self.listener)?;
        let gateway = poem::Server::new_with_acceptor(acceptor);
        let served = tokio::select! {
            done = gateway.run_with_graceful_shutdown(endpoint, stop, Some(GRACE)) => done,
            // Nobody could sign in: better seen at the start than at the first login.
            Err(error) = self.upstream.ready() => return Err(error.into()),
        };
        background.shutdown().await;
        self.shared.context.storage.clone().close().await;
        Ok(served?)
    }
}

/// What goes on beside the requests. Aborted when the set is dropped.
fn background(shared: &Arc<Shared>, outbox: &Arc<Outbox>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let outbox = Arc::clone(outbox);
    tasks.spawn(async move {
        loop {
            if let Err(error) = outbox.settle_due().await {
                tracing::warn!(event = "owed_calls_not_made", error = %error);
            }
            outbox.wait(OWED_EVERY).await;
        }
    });
    let (revocations, keys, rows) = (Arc::clone(shared), Arc::clone(shared), Arc::clone(shared));
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(REVOCATIONS_EVERY).await;
            poll_revocations(&revocations).await;
        }
    });
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(KEYS_EVERY).await;
            let context = &keys.context;
            if let Err(error) = context.keys.reload(&context.storage, context.clock.now()).await {
                tracing::warn!(event = "keys_not_read", error = %error);
            }
            keys.login_rate.forget_idle();
        }
    });
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(CLEANUP_EVERY).await;
            clean_up(&rows).await;
        }
    });
    tasks
}

async fn poll_revocations(shared: &Shared) {
    let context = &shared.context;
    if let Err(error) = context.revocations.poll(&context.storage, context.clock.now()).await {
        tracing::warn!(event = "revocations_not_read", error = %error);
    }
}

/// Takes over what other replicas revoke as soon as they say so.
async fn hear_database(shared: Arc<Shared>, mut watch: Watch) {
    loop {
        take_over(&shared, watch.next().await).await;
    }
}

async fn hear_redis(shared: Arc<Shared>, redis: Arc<Redis>) {
    let mut subscription = None;
    loop {
        take_over(&shared, redis.next(&mut subscription).await).await;
    }
}

async fn take_over(shared: &Shared, news: News) {
    match news {
        News::Said(text) => shared.context.revocations.hear(&text, shared.context.clock.now()),
        News::Connected => poll_revocations(shared).await,
    }
}

/// Says what this replica revokes. Who does not hear it polls.
async fn tell(shared: Arc<Shared>, mut to_tell: ToTell) {
    while let Some(text) = to_tell.next().await {
        if let Err(error) = shared.context.storage.notify(&text).await {
            tracing::warn!(event = "revocations_not_told", error = %error);
        }
        if let Some(redis) = &shared.redis
            && let Err(error) = redis.publish(&text).await
        {
            tracing::warn!(event = "revocations_not_told", error = %error);
        }
    }
}

/// Unlink calls cannot be made without the admin key. They are kept until it is there.
async fn warn_of_owed(config: &Config, context: &Context) -> Result<(), StorageError> {
    if config.kakao.admin_key.is_none() {
        let calls = context.storage.count_owed(OwedKind::Unlink).await?;
        if calls > 0 {
            tracing::warn!(event = "unlink_calls_owed", calls, fix = "set KAKAO_ADMIN_KEY");
        }
    }
    Ok(())
}

async fn clean_up(shared: &Shared) {
    let context = &shared.context;
    loop {
        let begun = Instant::now();
        match context.storage.clean_up(context.clock.now()).await {
            // Four fifths of the time are for people, however much there is to remove.
            Ok(removed) if removed >= cleanup::BATCH => tokio::time::sleep(begun.elapsed() * 4).await,
            Ok(removed) => return tracing::debug!(event = "cleaned_up", removed),
            Err(error) => return tracing::warn!(event = "cleanup_failed", error = %error),
        }
    }
}
