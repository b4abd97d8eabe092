//! Sessions: listing, ending.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    Storage, StorageError,
    audit::{self, Event, OwnedTrace, Trace},
    deadlock,
    entity::{refresh_token, session},
};
use crate::{
    clock::Timestamp,
    domain::session::{RevokedBecause, Session},
    token::refresh::RefreshFacts,
};

/// Which sessions of a user to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Exactly this one.
    One(Uuid),
    /// All but this one.
    AllBut(Uuid),
    /// Every one.
    All,
}

/// Sessions of a user that are to end.
#[derive(Debug, Clone)]
pub struct Revoke {
    /// Whose.
    pub user_id: Uuid,
    /// Which of them.
    pub which: Which,
    /// Why.
    pub because: RevokedBecause,
    /// Where it comes from.
    pub trace: OwnedTrace,
}

impl Storage {
    /// The live sessions of a user, the one used last first.
    pub async fn live_sessions(&self, user_id: Uuid, now: Timestamp) -> Result<Vec<Session>, StorageError> {
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now.millis()))
            .order_by_desc(session::Column::LastUsedAt)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(to_session).collect())
    }

    /// The session of this id, whatever its state.
    pub async fn session(&self, id: Uuid) -> Result<Option<Session>, StorageError> {
        Ok(session::Entity::find_by_id(id).one(&self.reader).await?.map(to_session))
    }

    /// Whether this refresh token is the live head of its chain: known, never rotated.
    pub async fn is_head(&self, facts: &RefreshFacts) -> Result<bool, StorageError> {
        let row = refresh_token::Entity::find_by_id((facts.session_id, facts.jti)).one(&self.reader).await?;
        Ok(row.is_some_and(|row| row.consumed_at.is_none()))
    }

    /// Ends live sessions of a user and returns their ids. Ending none is no error.
    pub async fn revoke(&self, revoke: Revoke) -> Result<Vec<Uuid>, StorageError> {
        if let Some(queue) = &self.queue {
            return queue.revoke(revoke).await;
        }
        deadlock::retried(|| self.try_revoke(&revoke)).await
    }

    async fn try_revoke(&self, revoke: &Revoke) -> Result<Vec<Uuid>, StorageError> {
        let tx = self.begin().await?;
        let ended = revoke_in(&tx, revoke).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Sessions that were ended at or after `since`, for the set of revoked ids.
    pub async fn revoked_since(&self, since: Timestamp) -> Result<Vec<(Uuid, Timestamp)>, StorageError> {
        let rows =
            session::Entity::find().filter(session::Column::RevokedAt.gte(since.millis())).all(&self.reader).await?;
        let at = |row: &session::Model| row.revoked_at.map_or(since, Timestamp::from_millis);
        Ok(rows.iter().map(|row| (row.id, at(row))).collect())
    }
}

/// Ends sessions in a transaction of the caller's.
pub(super) async fn revoke_in(db: &impl ConnectionTrait, revoke: &Revoke) -> Result<Vec<Uuid>, StorageError> {
    let mut live = session::Entity::find()
        .filter(session::Column::UserId.eq(revoke.user_id))
        .filter(session::Column::RevokedAt.is_null())
        // One order for everybody: two of these at once must not wait for each other in a circle.
        .order_by_asc(session::Column::Id);
    match revoke.which {
        Which::One(id) => live = live.filter(session::Column::Id.eq(id)),
        Which::AllBut(id) => live = live.filter(session::Column::Id.ne(id)),
        Which::All => {}
    }
    let mut ended = Vec::new();
    for row in live.all(db).await? {
        if revoke_one(db, row.id, revoke.because, revoke.trace.get()).await? {
            ended.push(row.id);
        }
    }
    Ok(ended)
}

/// Ends one session; false when it was ended before or is unknown.
pub(super) async fn revoke_one(
    db: &impl ConnectionTrait,
    id: Uuid,
    because: RevokedBecause,
    trace: Trace<'_>,
) -> Result<bool, StorageError> {
    let changed = session::Entity::update_many()
        .set(session::ActiveModel {
            revoked_at: Set(Some(trace.now.millis())),
            revoked_because: Set(Some(because.as_str().to_owned())),
            ..Default::default()
        })
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(false);
    }
    let row = session::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(StorageError::Impossible("a session just ended is missing"))?;
    audit::record(db, trace, Event::SessionRevoked(because), row.user_id, Some(id)).await?;
    Ok(true)
}

pub(super) fn to_session(row: session::Model) -> Session {
    let revoked = row.revoked_at.map(|at| {
        let because = row.revoked_because.as_deref().and_then(RevokedBecause::from_name);
        (Timestamp::from_millis(at), because.unwrap_or(RevokedBecause::RevokedByUser))
    });
    Session {
        id: row.id,
        user_id: row.user_id,
        client_id: row.client_id,
        ip: row.ip.and_then(|ip| ip.parse().ok()),
        user_agent: row.user_agent,
        created_at: Timestamp::from_millis(row.created_at),
        last_used_at: Timestamp::from_millis(row.last_used_at),
        expires_at: Timestamp::from_millis(row.expires_at),
        ends_at: Timestamp::from_millis(row.ends_at),
        revoked,
    }
}

pub(super) fn facts(row: &refresh_token::Model, user_id: Uuid) -> RefreshFacts {
    RefreshFacts {
        jti: row.jti,
        session_id: row.session_id,
        user_id,
        issued_at: Timestamp::from_millis(row.issued_at),
        expires_at: Timestamp::from_millis(row.expires_at),
    }
}
