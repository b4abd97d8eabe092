//! Rotation: one conditional statement, whose row count is the decision (contract 4.3). What the batch writer does for many at
//! once is written out here for one: the reference its tests compare with, and what it falls back to.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Storage, StorageError,
    audit::{self, Event, OwnedTrace},
    deadlock,
    entity::{refresh_token, session},
    sessions, sign_in, users,
};
use crate::{
    clock::Timestamp,
    config::SessionLimits,
    domain::{
        refresh_token::{Consumed, Presented, Verdict, judge},
        session::{RevokedBecause, Session},
        user::User,
    },
    token::refresh::RefreshFacts,
};

/// What became of a presented refresh token.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "made once and matched at once")]
pub enum Rotation {
    /// The token to hand out: new, or the same successor again.
    Continued {
        /// The token.
        token: RefreshFacts,
        /// Its session.
        session: Session,
        /// Whose it is.
        user: User,
        /// How it came about.
        how: Continued,
    },
    /// A replaced token was presented; its session is revoked now.
    Reused,
    /// Past the idle or absolute limit.
    Expired,
    /// The session was ended before.
    Revoked,
    /// No such row: cleaned up long ago, or of another database.
    Unknown,
}

/// How a session went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continued {
    /// A new head.
    Rotated,
    /// The same successor inside the reuse window.
    Replayed,
    /// The same successor later, its answer having been lost.
    Recovered,
}

/// A refresh token presented by a client.
#[derive(Debug, Clone)]
pub struct Rotate {
    /// The token.
    pub presented: RefreshFacts,
    /// Who presents it (RFC 6749 section 6: bound to the client it was issued to).
    pub client_id: String,
    /// Lifetimes and windows.
    pub limits: SessionLimits,
    /// Where it comes from.
    pub trace: OwnedTrace,
}

impl Storage {
    /// Rotates the token a client presents, in one transaction.
    pub async fn rotate(&self, rotate: Rotate) -> Result<Rotation, StorageError> {
        if let Some(queue) = &self.queue {
            return queue.rotate(rotate).await;
        }
        deadlock::retried(|| self.try_rotate(&rotate)).await
    }

    async fn try_rotate(&self, rotate: &Rotate) -> Result<Rotation, StorageError> {
        let tx = self.begin().await?;
        let rotation = rotate_in(&tx, rotate).await?;
        tx.commit().await?;
        Ok(rotation)
    }
}

/// Rotates in a transaction of the caller's.
pub(super) async fn rotate_in(db: &impl ConnectionTrait, rotate: &Rotate) -> Result<Rotation, StorageError> {
    match try_rotate(db, rotate).await? {
        Some(rotation) => Ok(rotation),
        None => explain(db, rotate).await,
    }
}

/// Touches the session, consumes the token and inserts its successor; `None` when there was nothing to consume.
///
/// The session comes first: its row stays locked from then on, so that neither a revocation nor another rotation of the same
/// session comes in between. Touched for nothing, it is as the one who was faster left it.
async fn try_rotate(db: &impl ConnectionTrait, rotate: &Rotate) -> Result<Option<Rotation>, StorageError> {
    let (presented, now) = (&rotate.presented, rotate.trace.now);
    let row = session::Entity::find_by_id(presented.session_id).lock_exclusive().one(db).await?;
    let is_rotatable = |row: &session::Model| {
        row.client_id == rotate.client_id && row.revoked_at.is_none() && row.ends_at > now.millis()
    };
    let Some(mut row) = row.filter(is_rotatable) else { return Ok(None) };
    let successor = now.new_uuid();
    let consumed = refresh_token::Entity::update_many()
        .set(refresh_token::ActiveModel {
            consumed_at: Set(Some(now.millis())),
            successor: Set(Some(successor)),
            ..Default::default()
        })
        .filter(refresh_token::Column::Jti.eq(presented.jti))
        .filter(refresh_token::Column::SessionId.eq(row.id))
        .filter(refresh_token::Column::ConsumedAt.is_null())
        .filter(refresh_token::Column::ExpiresAt.gt(now.millis()))
        .exec(db)
        .await?;
    if consumed.rows_affected == 0 {
        return Ok(None);
    }
    row.last_used_at = now.millis();
    row.expires_at = sign_in::token_expiry(now, rotate.limits.idle, Timestamp::from_millis(row.ends_at)).millis();
    session::Entity::update_many()
        .set(session::ActiveModel {
            last_used_at: Set(row.last_used_at),
            expires_at: Set(row.expires_at),
            ..Default::default()
        })
        .filter(session::Column::Id.eq(row.id))
        .exec(db)
        .await?;
    let token = sign_in::insert_token(db, &row, successor, now).await?;
    continued(db, token, row, Continued::Rotated).await.map(Some)
}

async fn continued(
    db: &impl ConnectionTrait,
    token: RefreshFacts,
    row: session::Model,
    how: Continued,
) -> Result<Rotation, StorageError> {
    let user = users::find(db, row.user_id).await?.ok_or(StorageError::Impossible("a session without its user"))?;
    Ok(Rotation::Continued { token, session: sessions::to_session(row), user, how })
}

/// Tells apart why nothing was consumed, and acts on it.
pub(super) async fn explain(db: &impl ConnectionTrait, rotate: &Rotate) -> Result<Rotation, StorageError> {
    let Rotate { presented, limits, .. } = rotate;
    let trace = rotate.trace.get();
    let token = refresh_token::Entity::find_by_id((presented.session_id, presented.jti)).one(db).await?;
    let row = session::Entity::find_by_id(presented.session_id).one(db).await?;
    let (Some(token), Some(row)) = (token, row) else { return Ok(Rotation::Unknown) };
    let successor = match token.successor {
        Some(successor) => refresh_token::Entity::find_by_id((token.session_id, successor)).one(db).await?,
        None => None,
    };
    let verdict = judge(&what_is_known(&token, successor.as_ref(), &row), limits, trace.now);
    let is_foreign = row.client_id != rotate.client_id;
    let (how, successor) = match (verdict, successor) {
        // As if it had not been presented.
        (Verdict::Retry | Verdict::Replay(_) | Verdict::Recover(_), _) if is_foreign => return Ok(Rotation::Unknown),
        (Verdict::Replay(_), Some(successor)) => (Continued::Replayed, successor),
        (Verdict::Recover(_), Some(successor)) => (Continued::Recovered, successor),
        (Verdict::Reused, _) => {
            sessions::revoke_one(db, row.id, RevokedBecause::RefreshReused, trace).await?;
            return Ok(Rotation::Reused);
        }
        (Verdict::Revoked, _) => return Ok(Rotation::Revoked),
        (Verdict::Expired, _) => return Ok(Rotation::Expired),
        (Verdict::Retry | Verdict::Replay(_) | Verdict::Recover(_), _) => {
            return Err(StorageError::Impossible("a live refresh token was not consumed"));
        }
    };
    if how == Continued::Recovered {
        audit::record(db, trace, Event::RefreshRecovered, row.user_id, Some(row.id)).await?;
    }
    let facts = sessions::facts(&successor, row.user_id);
    continued(db, facts, row, how).await
}

fn what_is_known(
    token: &refresh_token::Model,
    successor: Option<&refresh_token::Model>,
    row: &session::Model,
) -> Presented {
    let consumed = token.consumed_at.zip(successor).map(|(at, successor)| Consumed {
        at: Timestamp::from_millis(at),
        successor: successor.jti,
        successor_expires_at: Timestamp::from_millis(successor.expires_at),
        successor_presented: successor.consumed_at.is_some(),
    });
    Presented {
        expires_at: Timestamp::from_millis(token.expires_at),
        session_ends_at: Timestamp::from_millis(row.ends_at),
        session_revoked: row.revoked_at.is_some(),
        consumed,
    }
}
