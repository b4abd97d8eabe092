//! A login's one transaction: user, identity, session and first refresh token, or nothing (contract 3.1.6).

use std::time::Duration;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, SqlErr,
};
use uuid::Uuid;

use super::{
    Storage, StorageError,
    audit::{self, Event, OwnedTrace},
    cleanup::KEEP_ENDED,
    deadlock,
    entity::{identity, refresh_token, session, user},
    insert,
    outbox::{self, OwedKind},
    sessions,
    users::{self, StoredProfile},
};
use crate::{
    clock::Timestamp,
    config::SessionLimits,
    domain::{
        device::Device,
        identity::Identity,
        session::{RevokedBecause, Session},
        user::User,
    },
    token::refresh::RefreshFacts,
};

/// Everything a login writes.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Who.
    pub identity: Identity,
    /// What the provider told; `None` when the profile was fresh enough not to ask.
    pub profile: Option<StoredProfile>,
    /// The client the session is for.
    pub client_id: String,
    /// From where.
    pub device: Device,
    /// What may happen only once; `None` when nothing forbids it twice.
    pub once: Option<Once>,
    /// A session that this login takes the place of.
    pub replaces: Option<Uuid>,
    /// The session is for a client that will redeem a code within this time; it has no refresh token before.
    pub awaits_code: Option<Duration>,
    /// Lifetimes.
    pub limits: SessionLimits,
    /// Where it comes from.
    pub trace: OwnedTrace,
}

/// A login that may be finished once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 of the attempt or nonce: unique, so that one attempt makes one session.
    pub attempt_hash: [u8; 32],
    /// SHA-256 of what finished it: the same again gets the same answer.
    pub code_hash: [u8; 32],
}

/// A login's result.
#[derive(Debug, Clone)]
pub struct SignedInRows {
    /// The user, as stored.
    pub user: User,
    /// The new session.
    pub session: Session,
    /// Its first refresh token.
    pub token: RefreshFacts,
    /// Whether this login made the user.
    pub is_new_user: bool,
    /// Another session that ended with it.
    pub replaced: Option<Uuid>,
}

/// An earlier login of the same attempt.
#[derive(Debug, Clone)]
pub struct EarlierSignIn {
    /// What it answered.
    pub rows: SignedInRows,
    /// Its code hash.
    pub code_hash: Vec<u8>,
}

impl Storage {
    /// Writes a login. `None` when the attempt was finished before, here or on another replica; nothing is written then.
    pub async fn sign_in(&self, input: SignIn) -> Result<Option<SignedInRows>, StorageError> {
        if let Some(queue) = &self.queue {
            return queue.sign_in(input).await;
        }
        deadlock::retried(|| self.try_sign_in(&input)).await
    }

    async fn try_sign_in(&self, input: &SignIn) -> Result<Option<SignedInRows>, StorageError> {
        let tx = self.begin().await?;
        let rows = sign_in_in(&tx, input).await?;
        match rows {
            Some(_) => tx.commit().await?,
            None => tx.rollback().await?,
        }
        Ok(rows)
    }

    /// The login that finished this attempt, if one did.
    pub async fn earlier_sign_in(&self, attempt_hash: &[u8; 32]) -> Result<Option<EarlierSignIn>, StorageError> {
        // Every statement outside a transaction sees all commits before it, on a reader too.
        let db = &self.reader;
        let found = if let Some(lookups) = &self.lookups {
            lookups.finished(attempt_hash).await?
        } else {
            let theirs = session::Column::AttemptHash.eq(attempt_hash.to_vec());
            session::Entity::find().filter(theirs).one(db).await?
        };
        let Some(row) = found else { return Ok(None) };
        let token = refresh_token::Entity::find_by_id((row.id, row.first_token)).one(db).await?;
        let Some(user) = users::find(db, row.user_id).await? else { return Ok(None) };
        // None: its code was not redeemed yet, or the token expired long ago.
        let token = token.unwrap_or_else(|| {
            token_row((row.id, row.expires_at), row.first_token, Timestamp::from_millis(row.created_at))
        });
        let token = sessions::facts(&token, row.user_id);
        let (code_hash, is_new_user) = (row.code_hash.clone().unwrap_or_default(), row.first_login);
        let rows = SignedInRows { user, session: sessions::to_session(row), token, is_new_user, replaced: None };
        Ok(Some(EarlierSignIn { rows, code_hash }))
    }
}

/// Signs in in a transaction of the caller's, who has to roll it back after `None`.
pub(super) async fn sign_in_in(
    db: &impl ConnectionTrait,
    input: &SignIn,
) -> Result<Option<SignedInRows>, StorageError> {
    let (trace, now) = (input.trace.get(), input.trace.now);
    let (user, identity, is_new_user) = upsert_user(db, &input.identity, input.profile.as_ref(), now).await?;
    let session = session_row(input, user.id, is_new_user);
    match session::Entity::insert(session.clone().into_active_model().reset_all()).exec_without_returning(db).await {
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let token = match input.awaits_code {
        Some(_) => sessions::facts(&token_row((session.id, session.expires_at), session.first_token, now), user.id),
        None => insert_token(db, &session, session.first_token, now).await?,
    };
    if is_new_user {
        audit::record(db, trace, Event::UserCreated, user.id, None).await?;
    }
    audit::record(db, trace, Event::SignedIn, user.id, Some(session.id)).await?;
    let replaced = match input.replaces {
        Some(old) => sessions::revoke_one(db, old, RevokedBecause::Replaced, trace).await?.then_some(old),
        None => None,
    };
    let user = users::to_user(user, Some(identity));
    Ok(Some(SignedInRows { user, session: sessions::to_session(session), token, is_new_user, replaced }))
}

/// Finds or makes the user of an identity. Of any number of simultaneous first logins exactly one makes it.
async fn upsert_user(
    db: &impl ConnectionTrait,
    identity: &Identity,
    profile: Option<&StoredProfile>,
    now: Timestamp,
) -> Result<(user::Model, identity::Model, bool), StorageError> {
    if let Some((user, row)) = returning_user(db, identity, profile, now).await? {
        return Ok((user, row, false));
    }
    let id = now.new_uuid();
    let mut username = identity.username();
    loop {
        if insert_user(db, id, &username, now).await? {
            break;
        }
        // Somebody was first. The database waited for their commit, so they are visible now.
        if let Some((user, row)) = returning_user(db, identity, profile, now).await? {
            return Ok((user, row, false));
        }
        // The username alone is taken, by a user of other origin.
        username = format!("{}_{}", identity.username(), &id.simple().to_string()[20..]);
    }
    let row = identity_row(identity, id, profile, now);
    identity::Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(db).await?;
    // They had left and are back before the provider was told: now it must not be.
    outbox::forget(db, OwedKind::Unlink, identity).await?;
    let fresh =
        user::Entity::find_by_id(id).one(db).await?.ok_or(StorageError::Impossible("a user just made is missing"))?;
    let user = match profile {
        Some(profile) => users::apply_profile(db, fresh, profile, now).await?,
        None => fresh,
    };
    Ok((user, row, true))
}

async fn insert_user(
    db: &impl ConnectionTrait,
    id: Uuid,
    username: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let row = blank_user(id, username, now).into_active_model().reset_all();
    insert::if_new(db, row, [user::Column::Username]).await
}

/// The user of an identity that is there, with its new profile.
async fn returning_user(
    db: &impl ConnectionTrait,
    identity: &Identity,
    profile: Option<&StoredProfile>,
    now: Timestamp,
) -> Result<Option<(user::Model, identity::Model)>, StorageError> {
    // First the write: it locks the row against a leaving that goes on at this moment.
    if users::touch_identity(db, identity, profile, Some(now), now).await?.is_none() {
        return Ok(None);
    }
    let Some(row) = users::find_identity(db, identity).await? else { return Ok(None) };
    let user = user::Entity::find_by_id(row.user_id)
        // A nickname chosen at this moment is not to be written over with the one from before.
        .lock_exclusive()
        .one(db)
        .await?
        .ok_or(StorageError::Impossible("an identity without its user"))?;
    let user = match profile {
        Some(profile) => users::apply_profile(db, user, profile, now).await?,
        None => user,
    };
    Ok(Some((user, row)))
}

/// Somebody of whom nothing is known yet.
pub(super) fn blank_user(id: Uuid, username: &str, now: Timestamp) -> user::Model {
    user::Model {
        id,
        username: username.to_owned(),
        nickname: None,
        nickname_is_own: false,
        email: None,
        email_verified: false,
        profile_image: None,
        created_at: now.millis(),
        updated_at: now.millis(),
        sealed_private: None,
        left_at: None,
        remove_at: None,
    }
}

/// The row of an identity at its first login.
pub(super) fn identity_row(
    identity: &Identity,
    user_id: Uuid,
    profile: Option<&StoredProfile>,
    now: Timestamp,
) -> identity::Model {
    let whole = profile.filter(|profile| profile.told.is_whole);
    identity::Model {
        provider: identity.provider.as_str().to_owned(),
        subject: identity.subject.as_str().to_owned(),
        user_id,
        profile_read_at: whole.map_or(0, |_| now.millis()),
        created_at: now.millis(),
        last_login_at: now.millis(),
        needs_agreement: whole.map(StoredProfile::needs_agreement).unwrap_or_default(),
    }
}

/// The row of the session a login begins.
pub(super) fn session_row(input: &SignIn, user_id: Uuid, is_new_user: bool) -> session::Model {
    let now = input.trace.now;
    let ends_at = (now + input.limits.absolute).floor_to_second();
    session::Model {
        id: now.new_uuid(),
        user_id,
        client_id: input.client_id.clone(),
        ip: input.device.ip.map(|ip| ip.to_string()),
        user_agent: input.device.user_agent.clone(),
        created_at: now.millis(),
        last_used_at: now.millis(),
        expires_at: token_expiry(now, input.awaits_code.unwrap_or(input.limits.idle), ends_at).millis(),
        ends_at: ends_at.millis(),
        revoked_at: None,
        revoked_because: None,
        attempt_hash: input.once.map(|once| once.attempt_hash.to_vec()),
        code_hash: input.once.map(|once| once.code_hash.to_vec()),
        first_token: now.new_uuid(),
        first_login: is_new_user,
        // Without a refresh token, whose end would tell.
        remove_at: input.awaits_code.map(|code| (now + code + KEEP_ENDED).millis()),
    }
}

/// Idle limit, but never past the session's end; whole seconds, so that the token can be made again from its row.
pub(super) fn token_expiry(now: Timestamp, idle: Duration, ends_at: Timestamp) -> Timestamp {
    (now + idle).min(ends_at).floor_to_second()
}

/// Inserts a refresh token of `session` that expires with the session's idle limit.
pub(super) async fn insert_token(
    db: &impl ConnectionTrait,
    session: &session::Model,
    jti: Uuid,
    now: Timestamp,
) -> Result<RefreshFacts, StorageError> {
    let row = token_row((session.id, session.expires_at), jti, now);
    let facts = sessions::facts(&row, session.user_id);
    refresh_token::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(db).await?;
    Ok(facts)
}

/// The row of a refresh token of a session, by the id of that and its idle limit, with which it expires.
pub(super) fn token_row((session_id, expires_at): (Uuid, i64), jti: Uuid, now: Timestamp) -> refresh_token::Model {
    refresh_token::Model {
        jti,
        session_id,
        issued_at: now.floor_to_second().millis(),
        expires_at,
        consumed_at: None,
        successor: None,
    }
}
