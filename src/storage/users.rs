//! Users: reading one, finding one by identity, changing a nickname.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{
    Storage, StorageError,
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
#[derive(Clone, Copy)]
pub struct StoredProfile<'a> {
    /// What the provider told.
    pub told: &'a ProviderProfile,
    /// Its private fields, sealed; `None` when there are none.
    pub sealed: Option<&'a SealedFields>,
}

impl Storage {
    /// The user of this id; nobody who has left.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>, StorageError> {
        let row = user::Entity::find_by_id(id).find_also_related(identity::Entity).one(&self.reader).await?;
        Ok(row.filter(|(user, _)| user.left_at.is_none()).map(|(user, identity)| to_user(user, identity)))
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
            .filter(user::Column::LeftAt.is_null())
            .exec(&tx)
            .await?;
        let user = if changed.rows_affected == 0 { None } else { find(&tx, id).await? };
        tx.commit().await?;
        Ok(user)
    }

    /// Stores a profile that was read without a login.
    pub async fn refresh_profile(
        &self,
        identity: &Identity,
        profile: StoredProfile<'_>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let tx = self.begin().await?;
        if let Some(user_id) = touch_identity(&tx, identity, Some(profile), None, now).await?
            && let Some(user) = user::Entity::find_by_id(user_id).lock_exclusive().one(&tx).await?
        {
            apply_profile(&tx, user, profile, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Notes on an identity that its profile was read, or that its person signed in; the user's id, or `None` when there is no
/// such identity (any more). The row stays locked until the transaction ends.
pub(super) async fn touch_identity(
    db: &impl ConnectionTrait,
    identity: &Identity,
    profile: Option<StoredProfile<'_>>,
    login_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Uuid>, StorageError> {
    let whole = profile.filter(|profile| profile.told.is_whole);
    let change = identity::ActiveModel {
        last_login_at: login_at.map_or(NotSet, |at| Set(at.millis())),
        profile_read_at: whole.map_or(NotSet, |_| Set(now.millis())),
        needs_agreement: whole.map_or(NotSet, |profile| Set(profile.told.needs_agreement.join(","))),
        ..Default::default()
    };
    let (provider, subject) = (identity.provider.as_str(), identity.subject.as_str());
    let changed = identity::Entity::update_many()
        .set(change)
        .filter(identity::Column::Provider.eq(provider))
        .filter(identity::Column::Subject.eq(subject))
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

/// Takes over what the provider sent; what it did not send stays, and so does a nickname the user chose. An address that
/// has become somebody else's goes.
pub(super) async fn apply_profile(
    db: &impl ConnectionTrait,
    row: user::Model,
    stored: StoredProfile<'_>,
    now: Timestamp,
) -> Result<user::Model, StorageError> {
    let profile = stored.told;
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
    let is_visible = updated != row;
    // Private fields are as they were told last: one that is no longer told was withdrawn.
    if profile.is_whole {
        updated.sealed_private = stored.sealed.map(|sealed| sealed.0.clone());
    }
    if updated == row {
        return Ok(row);
    }
    // Sealed again the same fields look different; that is no change.
    if is_visible {
        updated.updated_at = now.millis();
    }
    Ok(updated.into_active_model().reset_all().update(db).await?)
}
