//! What was said ([`Env`]) -> what it means ([`Config`]), or the list of every problem.

mod env;
mod kakao;
mod oauth_clients;
mod people;
mod reader;
mod server;
pub mod settings;
mod tokens;

use std::time::Duration;

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
    /// How to log.
    pub log: LogConfig,
}

/// Where the tables are. The URL may hold a password.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite:` or `postgres:`.
    pub url: SecretString,
    /// Whether `serve` brings the schema up to date itself.
    pub auto_migrate: bool,
    /// Whether hot writes are committed together; otherwise each is a transaction of its own.
    pub batch_writes: bool,
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
        let log = read_log(&mut reader);
        for line in &env.unreadable {
            reader.problem(".env", line, "its settings would be missing", "correct or remove it");
        }
        if reader.problems.is_empty() {
            Ok(Self { server, kakao, tokens, oauth_clients, database, log })
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
        let without_effect = settings::all().filter(|setting| setting.reserved).filter_map(|setting| {
            let value = env.get(setting.name)?;
            Some(format!("{} has no effect in this version    [{}]", setting.name, value.origin))
        });
        unknown.chain(without_effect).chain(kakao::shape_warnings(env)).collect()
    }
}

fn read_database(reader: &mut Reader<'_>) -> DatabaseConfig {
    let supported = |text: &str| {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        matches!(scheme, Some("sqlite" | "postgres" | "postgresql")).then(|| text.to_owned())
    };
    let default = "sqlite://data/munjigi.db".to_owned();
    let url = reader.parse("DATABASE_URL", default, "a URL that begins with sqlite: or postgres:", supported);
    DatabaseConfig {
        url: url.into(),
        auto_migrate: reader.flag("AUTO_MIGRATE", true),
        batch_writes: reader.flag("BATCH_WRITES", true),
    }
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
