//! Signing keys through their life: made at the first start, reloaded while serving, rotated by hand (contract 4.4).

use std::{sync::Arc, time::Duration};

use arc_swap::{ArcSwap, Guard};
use secrecy::ExposeSecret;

use crate::{
    clock::Timestamp,
    config::{AccessAlgorithm, TokenConfig},
    storage::{Storage, StorageError},
    token::{
        jws::{KeyError, SigningKey},
        keyring::{AccessProfile, KeyState, Keyring, PUBLISH_AHEAD, StoredKey, states, thumbprint},
        sealed::Sealer,
        secret::Purpose,
    },
};

/// Why keys could not be loaded or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The database.
    #[error("signing keys could not be read or stored")]
    Storage(#[from] StorageError),
    /// A key is damaged, or could not be made.
    #[error("a signing key cannot be used")]
    Key(#[from] KeyError),
    /// `HS256` signs with the master secret: there is nothing to list or rotate.
    #[error("JWT_ALGORITHM=HS256 has no keys in the database")]
    SharedSecret,
    /// Another process rotated at the same moment.
    #[error("another process made a key at the same moment")]
    Raced,
    /// No key of this name.
    #[error("there is no key of this name")]
    Unknown,
    /// Tokens of this key may still be valid until the given moment (`None`: it still signs or will sign).
    #[error("the key is still needed")]
    StillNeeded(Option<Timestamp>),
}

/// A key as `munjigi keys list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: AccessAlgorithm,
    /// Where it stands.
    pub state: KeyState,
    /// From when on it signs or signed.
    pub activates_at: Timestamp,
}

/// The keys in use, replaced as a whole when the database has others.
pub struct Keys {
    profile: AccessProfile,
    sealer: Sealer,
    current: ArcSwap<Keyring>,
}

impl Keys {
    /// Loads the keys, making the first one (or the first of a newly chosen algorithm) when there is none.
    pub async fn load(config: &TokenConfig, storage: &Storage, now: Timestamp) -> Result<Self, KeysError> {
        let profile = AccessProfile {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            typ: config.typ.clone(),
            algorithm: config.algorithm,
            lifetime: config.access_lifetime,
        };
        let sealer = Sealer::new(&config.secret, Purpose::SigningKey);
        let ring = if profile.algorithm == AccessAlgorithm::Hs256 {
            Keyring::shared_secret(&profile, config.secret.expose_secret().as_bytes())
        } else {
            ensure_active(&profile, &sealer, storage, now).await?
        };
        Ok(Self { profile, sealer, current: ArcSwap::from_pointee(ring) })
    }

    /// The keys of this moment.
    pub fn current(&self) -> Guard<Arc<Keyring>> {
        self.current.load()
    }

    /// What access tokens of this gateway look like.
    pub fn profile(&self) -> &AccessProfile {
        &self.profile
    }

    /// Takes over what the database says now: other replicas' keys, and states that time has changed.
    pub async fn reload(&self, storage: &Storage, now: Timestamp) -> Result<(), KeysError> {
        if self.profile.algorithm == AccessAlgorithm::Hs256 {
            return Ok(());
        }
        let (keys, _) = storage.signing_keys(&self.sealer).await?;
        let ring = Keyring::of_keys(&self.profile, &keys, now)?.following(&self.current());
        self.current.store(Arc::new(ring));
        Ok(())
    }

    /// Every key with its state.
    pub async fn list(&self, storage: &Storage, now: Timestamp) -> Result<Vec<KeyInfo>, KeysError> {
        self.require_stored()?;
        let (keys, _) = storage.signing_keys(&self.sealer).await?;
        Ok(with_states(keys, self.profile.algorithm, self.profile.lifetime, now))
    }

    /// The same without making a key when there is none, for who only looks.
    pub async fn inspect(config: &TokenConfig, storage: &Storage, now: Timestamp) -> Result<Vec<KeyInfo>, KeysError> {
        if config.algorithm == AccessAlgorithm::Hs256 {
            return Err(KeysError::SharedSecret);
        }
        let (keys, _) = storage.signing_keys(&Sealer::new(&config.secret, Purpose::SigningKey)).await?;
        for key in &keys {
            SigningKey::from_pkcs8(key.algorithm, &key.pkcs8)?;
        }
        Ok(with_states(keys, config.algorithm, config.access_lifetime, now))
    }

    /// Publishes a new key that signs from [`PUBLISH_AHEAD`] on.
    pub async fn rotate(&self, storage: &Storage, now: Timestamp) -> Result<KeyInfo, KeysError> {
        self.require_stored()?;
        let (_, generation) = storage.signing_keys(&self.sealer).await?;
        let activates_at = now + PUBLISH_AHEAD;
        let key = new_key(self.profile.algorithm, activates_at)?;
        if !storage.add_signing_key(&self.sealer, &key, generation, now).await? {
            return Err(KeysError::Raced);
        }
        Ok(KeyInfo { kid: key.kid, algorithm: key.algorithm, state: KeyState::Pending, activates_at })
    }

    /// Deletes a key that no living token was signed with.
    pub async fn retire(&self, storage: &Storage, kid: &str, now: Timestamp) -> Result<(), KeysError> {
        let keys = self.list(storage, now).await?;
        let key = keys.iter().find(|key| key.kid == kid).ok_or(KeysError::Unknown)?;
        match key.state {
            KeyState::Gone => {
                storage.delete_signing_key(kid).await?;
                Ok(())
            }
            KeyState::Retiring(until) => Err(KeysError::StillNeeded(Some(until))),
            KeyState::Active | KeyState::Pending => Err(KeysError::StillNeeded(None)),
        }
    }

    fn require_stored(&self) -> Result<(), KeysError> {
        if self.profile.algorithm == AccessAlgorithm::Hs256 { Err(KeysError::SharedSecret) } else { Ok(()) }
    }
}

fn with_states(
    keys: Vec<StoredKey>,
    algorithm: AccessAlgorithm,
    access_lifetime: Duration,
    now: Timestamp,
) -> Vec<KeyInfo> {
    let times: Vec<_> = keys.iter().map(|key| (key.algorithm, key.activates_at)).collect();
    let states = states(&times, algorithm, access_lifetime, now);
    let info = |(key, state): (StoredKey, KeyState)| KeyInfo {
        kid: key.kid,
        algorithm: key.algorithm,
        state,
        activates_at: key.activates_at,
    };
    keys.into_iter().zip(states).map(info).collect()
}

async fn ensure_active(
    profile: &AccessProfile,
    sealer: &Sealer,
    storage: &Storage,
    now: Timestamp,
) -> Result<Keyring, KeysError> {
    let (keys, generation) = storage.signing_keys(sealer).await?;
    let may_sign = |key: &StoredKey| key.algorithm == profile.algorithm && key.activates_at <= now;
    if keys.iter().any(may_sign) {
        return Ok(Keyring::of_keys(profile, &keys, now)?);
    }
    // Nobody can have tokens of this algorithm yet, so the first key may sign at once. Of several replicas starting
    // together one stores it; all of them read it back.
    let first = new_key(profile.algorithm, now)?;
    if storage.add_signing_key(sealer, &first, generation, now).await? {
        tracing::info!(event = "signing_key_made", kid = first.kid, algorithm = profile.algorithm.as_str());
    }
    let (keys, _) = storage.signing_keys(sealer).await?;
    // The other replica's clock may be ahead of ours by a little.
    let now = keys
        .iter()
        .map(|key| key.activates_at)
        .filter(|at| at.since(now) < Duration::from_mins(1))
        .fold(now, Timestamp::max);
    Ok(Keyring::of_keys(profile, &keys, now)?)
}

fn new_key(algorithm: AccessAlgorithm, activates_at: Timestamp) -> Result<StoredKey, KeysError> {
    let pkcs8 = SigningKey::generate(algorithm)?.ok_or(KeysError::SharedSecret)?;
    let public = SigningKey::from_pkcs8(algorithm, &pkcs8)?.public_jwk().ok_or(KeyError)?;
    Ok(StoredKey { kid: thumbprint(&public), algorithm, pkcs8, activates_at })
}
