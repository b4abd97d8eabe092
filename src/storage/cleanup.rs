//! Removing what no rule needs any more, in batches small enough not to be felt.

use std::{collections::HashSet, time::Duration};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, IntoCondition, LockBehavior, LockType},
};
use uuid::Uuid;

use super::{
    Storage, StorageError, deadlock,
    entity::{audit_event, refresh_token, seen_event, session, user},
};
use crate::clock::Timestamp;

/// Rows of a kind a transaction removes, but for a few that expire in the same second.
pub const BATCH: u64 = 500;

/// Ended sessions stay visible to support and statistics this long.
pub(super) const KEEP_ENDED: Duration = Duration::from_hours(720);

/// The trail is kept this long.
const KEEP_AUDIT: Duration = Duration::from_hours(8760);

/// Deliveries of events are refused when they are older, so nothing has to be remembered longer.
const KEEP_SEEN_EVENTS: Duration = Duration::from_hours(24 * 30);

impl Storage {
    /// Removes one batch of each kind and returns how many rows went. Fewer than [`BATCH`] means nothing is left to do.
    pub async fn clean_up(&self, now: Timestamp) -> Result<u64, StorageError> {
        deadlock::retried(|| self.try_clean_up(now)).await
    }

    async fn try_clean_up(&self, now: Timestamp) -> Result<u64, StorageError> {
        let long_ago = (now - KEEP_ENDED).millis();
        // Looked at again: a code may have been redeemed by a replica of before, which does not know of `remove_at`.
        let noted = session::Column::RemoveAt.lt(now.millis()).and(session::Column::ExpiresAt.lt(long_ago));
        let ended = Condition::any().add(noted).add(session::Column::RevokedAt.lt(long_ago));
        let forgotten = audit_event::Column::At.lt((now - KEEP_AUDIT).millis());
        let seen = seen_event::Column::SeenAt.lt((now - KEEP_SEEN_EVENTS).millis());
        let empty = user::Column::RemoveAt.lt(now.millis());
        let tx = self.begin().await?;
        let removed = delete_tokens(&tx, now).await?
            + delete_batch::<session::Entity>(&tx, session::Column::Id, ended).await?
            + delete_batch::<audit_event::Entity>(&tx, audit_event::Column::Id, forgotten).await?
            + delete_batch::<seen_event::Entity>(&tx, seen_event::Column::Id, seen).await?
            + delete_batch::<user::Entity>(&tx, user::Column::Id, empty).await?;
        tx.commit().await?;
        Ok(removed)
    }
}

/// Removes expired refresh tokens, which are refused by their own `exp`: their rows can tell nothing more. With the newest of a
/// session, which expires when the session does, goes the last that would tell of its end: it is noted.
async fn delete_tokens(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StorageError> {
    let oldest: Vec<(Uuid, i64)> = refresh_token::Entity::find()
        .select_only()
        .columns([refresh_token::Column::SessionId, refresh_token::Column::ExpiresAt])
        .filter(refresh_token::Column::ExpiresAt.lt(now.millis()))
        .order_by_asc(refresh_token::Column::ExpiresAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(db)
        .await?;
    let Some(&(_, until)) = oldest.last() else { return Ok(0) };
    let theirs: HashSet<Uuid> = oldest.into_iter().map(|(session, _)| session).collect();
    let remove_at = Expr::col(session::Column::ExpiresAt).add((now + KEEP_ENDED).millis() - now.millis());
    session::Entity::update_many()
        .col_expr(session::Column::RemoveAt, remove_at)
        .filter(session::Column::Id.is_in(theirs.iter().copied()))
        .filter(session::Column::ExpiresAt.lte(until))
        .exec(db)
        .await?;
    let expired = refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.is_in(theirs))
        .filter(refresh_token::Column::ExpiresAt.lte(until));
    Ok(expired.exec(db).await?.rows_affected)
}

async fn delete_batch<E: EntityTrait>(
    db: &impl ConnectionTrait,
    key: E::Column,
    unneeded: impl IntoCondition,
) -> Result<u64, StorageError> {
    if db.get_database_backend() == DbBackend::MySql {
        // It does not delete from the table a sub-select reads, but takes the limit itself.
        let mut delete = E::delete_many().filter(unneeded.into_condition());
        QueryTrait::query(&mut delete).limit(BATCH);
        return Ok(delete.exec(db).await?.rows_affected);
    }
    let batch = E::find().select_only().column(key).filter(unneeded.into_condition()).limit(BATCH);
    // What another replica is about to remove is left to it.
    let batch = batch.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).into_query();
    Ok(E::delete_many().filter(key.in_subquery(batch)).exec(db).await?.rows_affected)
}
