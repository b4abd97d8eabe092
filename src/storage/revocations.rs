//! Revoked sessions in memory: how our own routes refuse an access token at once without asking the database (contract 4.1).

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Storage, StorageError};
use crate::clock::Timestamp;

/// Commits of other replicas become visible a little after their own `revoked_at`: look back this much further each time.
const LOOK_BACK: Duration = Duration::from_secs(30);

/// Sessions of one message: 33 bytes each, and NOTIFY carries fewer than 8000.
const AT_ONCE: usize = 200;

/// Sessions revoked during the last access-token lifetime. Older ones need no entry: their access tokens have expired.
#[derive(Debug)]
pub struct Revocations {
    revoked: RwLock<HashMap<Uuid, Timestamp>>,
    keep: Duration,
    to_tell: mpsc::UnboundedSender<Uuid>,
}

/// What this process has revoked and other replicas are still to be told.
pub struct ToTell(mpsc::UnboundedReceiver<Uuid>);

impl ToTell {
    /// Waits for the next message; `None` when nothing will be revoked any more.
    pub async fn next(&mut self) -> Option<String> {
        let mut ids = Vec::with_capacity(AT_ONCE);
        self.0.recv_many(&mut ids, AT_ONCE).await;
        let words: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

impl Revocations {
    /// An empty set that keeps entries as long as access tokens live.
    pub fn new(access_lifetime: Duration) -> (Self, ToTell) {
        let (to_tell, receiver) = mpsc::unbounded_channel();
        (Self { revoked: RwLock::default(), keep: access_lifetime + LOOK_BACK * 2, to_tell }, ToTell(receiver))
    }

    /// Whether this session was revoked.
    pub fn contains(&self, session_id: Uuid) -> bool {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session_id)
    }

    /// How many are known.
    pub fn count(&self) -> usize {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Notes sessions this process has just revoked.
    pub fn insert(&self, sessions: impl IntoIterator<Item = Uuid>, at: Timestamp) {
        for id in sessions {
            self.note([id], at);
            // Without anybody to tell them the receiver is gone.
            let _ = self.to_tell.send(id);
        }
    }

    /// Notes sessions another replica says it has revoked. What cannot be read is left to [`Self::poll`].
    pub fn hear(&self, text: &str, now: Timestamp) {
        self.note(text.split_ascii_whitespace().filter_map(|word| Uuid::try_parse(word).ok()), now);
    }

    fn note(&self, sessions: impl IntoIterator<Item = Uuid>, at: Timestamp) {
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.extend(sessions.into_iter().map(|id| (id, at)));
    }

    /// Loads everything that still matters, at the start.
    pub async fn load(&self, storage: &Storage, now: Timestamp) -> Result<(), StorageError> {
        self.catch_up(storage, now - self.keep, now).await
    }

    /// Takes over what other processes revoked lately and forgets what has expired.
    pub async fn poll(&self, storage: &Storage, now: Timestamp) -> Result<(), StorageError> {
        self.catch_up(storage, now - LOOK_BACK, now).await
    }

    async fn catch_up(&self, storage: &Storage, since: Timestamp, now: Timestamp) -> Result<(), StorageError> {
        let found = storage.revoked_since(since).await?;
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.extend(found);
        revoked.retain(|_, at| *at + self.keep > now);
        Ok(())
    }
}
