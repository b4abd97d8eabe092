//! The database, its schema and the signing keys in it. Reads only: what is missing stays missing.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::report::{Check, Level};
use crate::{
    clock::Timestamp,
    config::Config,
    flow::keys::{KeyInfo, Keys, KeysError},
    http::error_chain,
    replicas::Redis,
    storage::{Storage, StorageError},
    token::keyring::KeyState,
};

pub(super) async fn checks(config: &Config, now: Timestamp) -> Vec<Check> {
    if let Some(file) = missing_file(&config.database.url) {
        let what = format!("{} does not exist yet", file.display());
        return vec![missing_tables(config, "database", what)];
    }
    let storage = match Storage::connect(&config.database.url).await {
        Ok(storage) => storage,
        Err(error) => return vec![unusable(&error)],
    };
    let checks = match storage.ping().await {
        Ok(()) => of_tables(config, &storage, now).await,
        Err(error) => vec![unusable(&error)],
    };
    storage.close().await;
    checks
}

/// What replicas share, where that is set.
pub(super) async fn redis(config: &Config) -> Option<Check> {
    let url = config.redis_url.as_ref()?;
    let asked = match Redis::new(url, &config.tokens.secret) {
        Ok(redis) => redis.ping().await,
        Err(error) => Err(error),
    };
    Some(match asked {
        Ok(()) => Check::good("redis", "answers; logins are limited over all replicas together"),
        Err(error) => {
            let fix = "check REDIS_URL and that the server runs; without it each replica limits logins by itself";
            Check::warning("redis", "cannot be used", error_chain(&error), fix)
        }
    })
}

async fn of_tables(config: &Config, storage: &Storage, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![Check::good("database", format!("{} answers", storage.engine().as_str()))];
    match storage.schema_is_current().await {
        Ok(true) => {
            checks.push(Check::good("schema", "is current"));
            checks.push(of_keys(Keys::inspect(&config.tokens, storage, now).await));
        }
        Ok(false) => checks.push(missing_tables(config, "schema", "is behind this version".to_owned())),
        Err(error) => {
            checks.push(Check::broken("schema", "cannot be read", error_chain(&error), "check the user's rights"));
        }
    }
    checks
}

fn unusable(error: &StorageError) -> Check {
    let fix = "check DATABASE_URL and that the database runs";
    Check::broken("database", "cannot be used", error_chain(error), fix)
}

/// `serve` makes what is missing, unless it was told not to.
fn missing_tables(config: &Config, about: &'static str, what: String) -> Check {
    let (level, why) = if config.database.auto_migrate {
        (Level::Warning, "munjigi serve sees to that at its start")
    } else {
        (Level::Broken, "AUTO_MIGRATE is false, so munjigi serve refuses to start")
    };
    Check::finding(level, about, what, why, "run: munjigi migrate up")
}

fn of_keys(keys: Result<Vec<KeyInfo>, KeysError>) -> Check {
    match keys {
        Ok(keys) => match keys.iter().find(|key| key.state == KeyState::Active) {
            Some(active) => {
                let more = if keys.len() == 1 { String::new() } else { format!(", {} in all", keys.len()) };
                Check::good("keys", format!("{} {} signs{more}", active.algorithm.as_str(), active.kid))
            }
            None => Check::good("keys", "none signs yet; munjigi serve makes one at its start"),
        },
        Err(KeysError::SharedSecret) => {
            Check::good("keys", "JWT_ALGORITHM=HS256 signs with JWT_SECRET_KEY; there is no JWKS")
        }
        Err(error @ (KeysError::Storage(StorageError::Impossible(_)) | KeysError::Key(_))) => {
            let fix = "use the JWT_SECRET_KEY they were made under; without it, delete the rows of signing_keys and \
                       everybody logs in again";
            Check::broken("keys", "cannot be opened", error_chain(&error), fix)
        }
        Err(error) => Check::broken("keys", "cannot be read", error_chain(&error), "check the user's rights"),
    }
}

/// The SQLite file when there is none: connecting would make it.
fn missing_file(url: &SecretString) -> Option<PathBuf> {
    let path = url.expose_secret().strip_prefix("sqlite:")?.trim_start_matches("//").split('?').next()?;
    let file = PathBuf::from(path);
    (path != ":memory:" && !file.exists()).then_some(file)
}
