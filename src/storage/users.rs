//! Users: reading one, finding one by identity, changing a nickname.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{
    Storage, StorageError, deadlock,
    entity::{identity, user},
};
use crate::{
    clock::Timestamp,
    domain::{
        identity::{Identity, ProviderKind, ProviderProfile, Subject},
        private_fields::SealedFields,
        user::{Nickname, User},
    },
};

/// A profile about to be stored.
#[derive(Debug, Clone)]
pub struct StoredProfile {
    /// What the provider told.
    pub told: ProviderProfile,
    /// Its private fields, sealed; `None` when there are none.
    pub sealed: Option<SealedFields>,
}

impl StoredProfile {
    /// The consent items that are missing, as the identity's row has them.
    pub(super) fn needs_agreement(&self) -> String {
        self.told.needs_agreement.join(",")
    }
}

/// A profile that was read without a login.
#[derive(Debug, Clone)]
pub struct ProfileReading {
    /// Whose.
    pub identity: Identity,
    /// What was read.
    pub profile: StoredProfile,
    /// When.
    pub now: Timestamp,
}

impl Storage {
    /// The user of this id; nobody who has left.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>, StorageError> {
        let row = match &self.lookups {
            Some(lookups) => lookups.user(id).await?,
            None => user::Entity::find_by_id(id).find_also_related(identity::Entity).one(&self.reader).await?,
        };
        Ok(row.filter(|(user, _)| user.left_at.is_none()).map(|(user, identity)| to_user(user, identity)))
    }

    /// When the profile of this identity was last read from its provider; `None` for an unknown identity.
    pub async fn profile_read_at(&self, identity: &Identity) -> Result<Option<Timestamp>, StorageError> {
        let row = match &self.lookups {
            Some(lookups) => lookups.identity(identity).await?,
            None => find_identity(&self.reader, identity).await?,
        };
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
            .filter(user::Column::LeftAt.is_null())
            .exec(&tx)
            .await?;
        let user = if changed.rows_affected == 0 { None } else { find(&tx, id).await? };
        tx.commit().await?;
        Ok(user)
    }

    /// Stores a profile that was read without a login.
    pub async fn refresh_profile(&self, reading: ProfileReading) -> Result<(), StorageError> {
        if let Some(queue) = &self.queue {
            return queue.refresh_profile(reading).await;
        }
        deadlock::retried(|| self.try_refresh_profile(&reading)).await
    }

    async fn try_refresh_profile(&self, reading: &ProfileReading) -> Result<(), StorageError> {
        let tx = self.begin().await?;
        refresh_profile(&tx, reading).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) async fn refresh_profile(db: &impl ConnectionTrait, reading: &ProfileReading) -> Result<(), StorageError> {
    let ProfileReading { identity, profile, now } = reading;
    if let Some(user_id) = touch_identity(db, identity, Some(profile), None, *now).await?
        && let Some(user) = user::Entity::find_by_id(user_id).lock_exclusive().one(db).await?
    {
        apply_profile(db, user, profile, *now).await?;
    }
    Ok(())
}

/// Notes on an identity that its profile was read, or that its person signed in; the user's id, or `None` when there is no
/// such identity (any more). The row stays locked until the transaction ends.
pub(super) async fn touch_identity(
    db: &impl ConnectionTrait,
    identity: &Identity,
    profile: Option<&StoredProfile>,
    login_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Uuid>, StorageError> {
    let whole = profile.filter(|profile| profile.told.is_whole);
    let key = (identity.provider.as_str().to_owned(), identity.subject.as_str().to_owned());
    if login_at.is_none() && whole.is_none() {
        return Ok(identity::Entity::find_by_id(key).lock_exclusive().one(db).await?.map(|row| row.user_id));
    }
    let change = identity::ActiveModel {
        last_login_at: login_at.map_or(NotSet, |at| Set(at.millis())),
        profile_read_at: whole.map_or(NotSet, |_| Set(now.millis())),
        needs_agreement: whole.map_or(NotSet, |profile| Set(profile.needs_agreement())),
        ..Default::default()
    };
    let changed = identity::Entity::update_many()
        .set(change)
        .filter(identity::Column::Provider.eq(key.0))
        .filter(identity::Column::Subject.eq(key.1))
        .exec(db)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(None);
    }
    Ok(find_identity(db, identity).await?.map(|row| row.user_id))
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
    Ok(row.map(|(user, identity)| to_user(user, identity)))
}

pub(super) fn to_user(row: user::Model, identity: Option<identity::Model>) -> User {
    let needs_agreement = identity.as_ref().map(|row| row.needs_agreement.as_str()).unwrap_or_default();
    User {
        id: row.id,
        username: row.username,
        nickname: row.nickname,
        email: row.email,
        email_verified: row.email_verified,
        profile_image: row.profile_image,
        needs_agreement: needs_agreement.split(',').filter(|item| !item.is_empty()).map(ToOwned::to_owned).collect(),
        identity: identity.and_then(|row| {
            Some(Identity { provider: ProviderKind::from_name(&row.provider)?, subject: Subject::stored(row.subject) })
        }),
        private: row.sealed_private.map(SealedFields),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    }
}

/// Stores what [`with_profile`] says.
pub(super) async fn apply_profile(
    db: &impl ConnectionTrait,
    row: user::Model,
    stored: &StoredProfile,
    now: Timestamp,
) -> Result<user::Model, StorageError> {
    match with_profile(&row, stored, now) {
        Some(updated) => Ok(updated.into_active_model().reset_all().update(db).await?),
        None => Ok(row),
    }
}

/// Takes over what the provider sent; what it did not send stays, and so does a nickname the user chose. An address that
/// has become somebody else's goes. `None` when nothing changes.
pub(super) fn with_profile(row: &user::Model, stored: &StoredProfile, now: Timestamp) -> Option<user::Model> {
    let profile = &stored.told;
    let mut updated = row.clone();
    if let Some(nickname) = profile.nickname.as_ref().filter(|_| !row.nickname_is_own) {
        updated.nickname = Some(nickname.clone());
    }
    if let Some(email) = &profile.email {
        updated.email = Some(email.clone());
        updated.email_verified = profile.email_verified;
    } else if profile.email_is_lost {
        (updated.email, updated.email_verified) = (None, false);
    }
    if let Some(image) = &profile.profile_image {
        updated.profile_image = Some(image.clone());
    }
    let is_visible = updated != *row;
    // Private fields are as they were told last: one that is no longer told was withdrawn.
    if profile.is_whole {
        updated.sealed_private = stored.sealed.as_ref().map(|sealed| sealed.0.clone());
    }
    if updated == *row {
        return None;
    }
    // Sealed again the same fields look different; that is no change.
    if is_visible {
        updated.updated_at = now.millis();
    }
    Some(updated)
}
