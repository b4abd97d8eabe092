//! A user and their profile.

use uuid::Uuid;

use super::{Caller, Context};
use crate::{
    domain::{
        identity::{Identity, ProviderProfile},
        private_fields::{PrivateFields, SealedFields},
        session::RevokedBecause,
        user::{Nickname, User},
    },
    storage::{
        StorageError,
        users::{ProfileReading, StoredProfile},
    },
};

impl Context {
    /// The profile of a user; `None` when they have left.
    pub async fn profile(&self, user_id: Uuid) -> Result<Option<User>, StorageError> {
        self.storage.user(user_id).await
    }

    /// Sets the nickname a user chose.
    pub async fn rename(&self, user_id: Uuid, nickname: &Nickname) -> Result<Option<User>, StorageError> {
        self.storage.rename(user_id, nickname, self.clock.now()).await
    }

    /// A user leaves. Sessions and personal data go at once; the provider is told from the outbox. Leaving twice is no error.
    pub async fn leave(&self, user_id: Uuid, caller: &Caller) -> Result<(), StorageError> {
        let now = self.clock.now();
        let Some(ended) = self.storage.leave(user_id, caller.trace(now)).await? else { return Ok(()) };
        tracing::info!(event = "user_left", %user_id, sessions = ended.len(), because = RevokedBecause::Left.as_str());
        self.revocations.insert(ended, now);
        self.owed.notify_one();
        Ok(())
    }

    /// The private fields of a user, for their own eyes.
    pub fn open_private(&self, user: &User) -> PrivateFields {
        let Some((sealed, identity)) = user.private.as_ref().zip(user.identity.as_ref()) else {
            return PrivateFields::default();
        };
        let opened = self.private_fields.open(seal_context(identity).as_bytes(), &sealed.0);
        opened.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_else(|| {
            // Sealed under another master secret: the next reading of the profile makes it good.
            tracing::warn!(event = "private_fields_not_opened", user_id = %user.id);
            PrivateFields::default()
        })
    }

    /// Stores a profile that was read without a login.
    pub(super) async fn store_profile(
        &self,
        identity: &Identity,
        profile: &ProviderProfile,
    ) -> Result<(), StorageError> {
        let (identity, now) = (identity.clone(), self.clock.now());
        let profile = self.to_store(&identity, profile);
        self.storage.refresh_profile(ProfileReading { identity, profile, now }).await
    }

    /// A profile as it is stored: its private fields sealed.
    pub(super) fn to_store(&self, identity: &Identity, profile: &ProviderProfile) -> StoredProfile {
        StoredProfile { told: profile.clone(), sealed: self.seal_private(identity, profile) }
    }

    /// `None` when there are none.
    fn seal_private(&self, identity: &Identity, profile: &ProviderProfile) -> Option<SealedFields> {
        if profile.private.is_empty() {
            return None;
        }
        let plain = serde_json::to_vec(&profile.private).ok()?;
        Some(SealedFields(self.private_fields.seal(seal_context(identity).as_bytes(), &plain)))
    }
}

/// Binds sealed fields to their person: moved to another row they do not open.
fn seal_context(identity: &Identity) -> String {
    identity.username()
}
