//! A user and their profile.

use uuid::Uuid;

use super::Context;
use crate::{
    domain::user::{Nickname, User},
    storage::StorageError,
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
}
