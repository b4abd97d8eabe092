//! What was said ([`Env`]) -> what it means ([`Config`]), or the list of every problem.

mod env;
mod kakao;
mod oauth_clients;
mod people;
mod reader;
mod server;
pub mod settings;
mod tokens;

use std::{net::SocketAddr, time::Duration};

pub use env::{Env, Origin};
pub use kakao::{KakaoConfig, is_scope_token};
pub use oauth_clients::{FIRST_PARTY_CLIENT, OAuthClient};
pub use people::{OnUnlink, PrivateField};
pub use reader::{Problem, Reader};
use secrecy::SecretString;
pub use server::{AppEnv, ServerConfig};
pub use tokens::{AccessAlgorithm, ExtraClaim, SessionLimits, TokenConfig};

/// Everything the gateway needs to know, checked.
#[derive(Clone)]
pub struct Config {
    /// Addresses, origins, proxies.
    pub server: ServerConfig,
    /// The provider.
    pub kakao: KakaoConfig,
    /// Keys, lifetimes, claims.
    pub tokens: TokenConfig,
    /// Clients of the standard front door.
    pub oauth_clients: Vec<OAuthClient>,
    /// Where the tables are.
    pub database: DatabaseConfig,
    /// Redis or Valkey, for what replicas share.
    pub redis_url: Option<SecretString>,
    /// How to log.
    pub log: LogConfig,
    /// Where `/metrics` listens.
    pub metrics: Option<SocketAddr>,
}

/// Where the tables are. The URL may hold a password.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite:`, `postgres:` or `mysql:`.
    pub url: SecretString,
    /// Whether `serve` brings the schema up to date itself.
    pub auto_migrate: bool,
    /// Whether hot writes are committed together; otherwise each is a transaction of its own.
    pub batch_writes: bool,
    /// Connections to PostgreSQL of one process.
    pub pool_size: u32,
    /// PostgreSQL itself, when `url` leads to a pooler that cannot LISTEN.
    pub listen_url: Option<SecretString>,
}

/// How to log.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// One JSON object a line, or text; `None` means JSON when not on a terminal.
    pub json: Option<bool>,
    /// Lowest level that is written.
    pub level: tracing::Level,
}

impl Config {
    /// Reads all settings. `Err` holds every problem at once.
    pub fn from_env(env: &Env) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(env);
        let server = server::read(&mut reader);
        let kakao = kakao::read(&mut reader, &server);
        let tokens = tokens::read(&mut reader, &server);
        let oauth_clients = oauth_clients::read(&mut reader, server.env == AppEnv::Production, &tokens.audience);
        let database = read_database(&mut reader);
        let redis_url = read_redis(&mut reader);
        let log = read_log(&mut reader);
        let metrics = reader.parse("METRICS_ADDR", None, "an address with a port, e.g. 127.0.0.1:9000", |text| {
            text.parse().ok().map(Some)
        });
        for line in &env.unreadable {
            reader.problem(".env", line, "its settings would be missing", "correct or remove it");
        }
        if reader.problems.is_empty() {
            Ok(Self { server, kakao, tokens, oauth_clients, database, redis_url, log, metrics })
        } else {
            Err(reader.problems)
        }
    }

    /// Things that are allowed but probably not meant.
    pub fn warnings(env: &Env) -> Vec<String> {
        let unknown = env.iter().filter_map(|(name, value)| {
            settings::did_you_mean(name).map(|nearest| match nearest {
                Some(nearest) => format!("{name} is no setting; did you mean {nearest}?    [{}]", value.origin),
                None => format!("{name} is no setting    [{}]", value.origin),
            })
        });
        unknown.chain(kakao::shape_warnings(env)).collect()
    }
}

fn read_database(reader: &mut Reader<'_>) -> DatabaseConfig {
    let supported = |text: &str| {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        matches!(scheme, Some("sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb")).then(|| text.to_owned())
    };
    let default = "sqlite://data/munjigi.db".to_owned();
    let url = reader.parse("DATABASE_URL", default, "a URL that begins with sqlite:, postgres: or mysql:", supported);
    let auto_migrate = reader.flag("AUTO_MIGRATE", true);
    let batch_writes = reader.flag("BATCH_WRITES", true);
    let pool_size = u32::try_from(reader.number("DATABASE_POOL_SIZE", 16, 2..=1000)).unwrap_or(16);
    let listen_url = reader.parse("DATABASE_LISTEN_URL", None, "a URL that begins with postgres:", |text| {
        let is_postgres = matches!(text.split_once(':'), Some(("postgres" | "postgresql", _)));
        is_postgres.then(|| Some(SecretString::from(text)))
    });
    DatabaseConfig { url: url.into(), auto_migrate, batch_writes, pool_size, listen_url }
}

fn read_redis(reader: &mut Reader<'_>) -> Option<SecretString> {
    reader.parse("REDIS_URL", None, "a URL that begins with redis: or rediss:", |text| {
        let is_tcp = matches!(text.split_once("://"), Some(("redis" | "rediss", _)));
        (is_tcp && redis::IntoConnectionInfo::into_connection_info(text).is_ok()).then(|| Some(text.into()))
    })
}

fn read_log(reader: &mut Reader<'_>) -> LogConfig {
    let json = reader.parse("LOG_FORMAT", None, "json, text or auto", |text| match text {
        "json" => Some(Some(true)),
        "text" => Some(Some(false)),
        "auto" => Some(None),
        _ => None,
    });
    let level = reader.parse("LOG_LEVEL", tracing::Level::INFO, "error, warn, info, debug or trace", |text| {
        text.to_ascii_lowercase().parse().ok()
    });
    LogConfig { json, level }
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

const fn days(count: u64) -> Duration {
    hours(count * 24)
}
