//! Users: reading one, finding one by identity, changing a nickname.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::{
    Storage, StorageError,
    entity::{identity, user},
};
use crate::{
    clock::Timestamp,
    domain::{
        identity::{Identity, ProviderKind, ProviderProfile},
        user::{Nickname, User},
    },
};

impl Storage {
    /// The user of this id.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>, StorageError> {
        find(&self.reader, id).await
    }

    /// When the profile of this identity was last read from its provider; `None` for an unknown identity.
    pub async fn profile_read_at(&self, identity: &Identity) -> Result<Option<Timestamp>, StorageError> {
        let row = find_identity(&self.reader, identity).await?;
        Ok(row.map(|row| Timestamp::from_millis(row.profile_read_at)))
    }

    /// Sets the user's own nickname, which later logins leave alone.
    pub async fn rename(&self, id: Uuid, nickname: &Nickname, now: Timestamp) -> Result<Option<User>, StorageError> {
        let tx = self.begin().await?;
        let changed = user::Entity::update_many()
            .set(user::ActiveModel {
                nickname: Set(Some(nickname.as_str().to_owned())),
                nickname_is_own: Set(true),
                updated_at: Set(now.millis()),
                ..Default::default()
            })
            .filter(user::Column::Id.eq(id))
            .exec(&tx)
            .await?;
        let user = if changed.rows_affected == 0 { None } else { find(&tx, id).await? };
        tx.commit().await?;
        Ok(user)
    }

    /// Stores a profile that was read after the answer.
    pub async fn refresh_profile(
        &self,
        identity: &Identity,
        profile: &ProviderProfile,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let tx = self.begin().await?;
        if let Some(row) = find_identity(&tx, identity).await? {
            let user_id = row.user_id;
            let mut row = row.into_active_model();
            row.profile_read_at = Set(now.millis());
            row.update(&tx).await?;
            if let Some(user) = user::Entity::find_by_id(user_id).one(&tx).await? {
                apply_profile(&tx, user, profile, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

pub(super) async fn find_identity(
    db: &impl ConnectionTrait,
    identity: &Identity,
) -> Result<Option<identity::Model>, StorageError> {
    let key = (identity.provider.as_str().to_owned(), identity.subject.as_str().to_owned());
    Ok(identity::Entity::find_by_id(key).one(db).await?)
}

pub(super) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<User>, StorageError> {
    let row = user::Entity::find_by_id(id).find_also_related(identity::Entity).one(db).await?;
    Ok(row.map(|(user, identity)| {
        let provider = identity.and_then(|identity| ProviderKind::from_name(&identity.provider));
        to_user(user, provider)
    }))
}

pub(super) fn to_user(row: user::Model, social_provider: Option<ProviderKind>) -> User {
    User {
        id: row.id,
        username: row.username,
        nickname: row.nickname,
        email: row.email,
        email_verified: row.email_verified,
        profile_image: row.profile_image,
        social_provider,
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    }
}

/// Takes over what the provider sent; what it did not send stays, and so does a nickname the user chose.
pub(super) async fn apply_profile(
    db: &impl ConnectionTrait,
    row: user::Model,
    profile: &ProviderProfile,
    now: Timestamp,
) -> Result<user::Model, StorageError> {
    let mut updated = row.clone();
    if let Some(nickname) = profile.nickname.as_ref().filter(|_| !row.nickname_is_own) {
        updated.nickname = Some(nickname.clone());
    }
    if let Some(email) = &profile.email {
        updated.email = Some(email.clone());
        updated.email_verified = profile.email_verified;
    }
    if let Some(image) = &profile.profile_image {
        updated.profile_image = Some(image.clone());
    }
    if updated == row {
        return Ok(row);
    }
    updated.updated_at = now.millis();
    Ok(updated.into_active_model().reset_all().update(db).await?)
}
