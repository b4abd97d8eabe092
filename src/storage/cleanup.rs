//! Removing what no rule needs any more, in batches small enough not to be felt.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::IntoCondition,
};

use super::{
    Storage, StorageError, deadlock,
    entity::{audit_event, refresh_token, seen_event, session, user},
};
use crate::clock::Timestamp;

/// Rows a transaction removes at most.
pub const BATCH: u64 = 500;

/// Ended sessions stay visible to support and statistics this long.
const KEEP_SESSIONS: Duration = Duration::from_hours(720);

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
        let long_ago = (now - KEEP_SESSIONS).millis();
        let ended =
            Condition::any().add(session::Column::ExpiresAt.lt(long_ago)).add(session::Column::RevokedAt.lt(long_ago));
        // An expired token is refused by its own `exp`; its row can tell nothing more.
        let expired = refresh_token::Column::ExpiresAt.lt(now.millis());
        let forgotten = audit_event::Column::At.lt((now - KEEP_AUDIT).millis());
        let seen = seen_event::Column::SeenAt.lt((now - KEEP_SEEN_EVENTS).millis());
        let empty = user::Column::RemoveAt.lt(now.millis());
        let tx = self.begin().await?;
        let removed = delete_batch::<refresh_token::Entity>(&tx, refresh_token::Column::Jti, expired).await?
            + delete_batch::<session::Entity>(&tx, session::Column::Id, ended).await?
            + delete_batch::<audit_event::Entity>(&tx, audit_event::Column::Id, forgotten).await?
            + delete_batch::<seen_event::Entity>(&tx, seen_event::Column::Id, seen).await?
            + delete_batch::<user::Entity>(&tx, user::Column::Id, empty).await?;
        tx.commit().await?;
        Ok(removed)
    }
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
    let batch = E::find().select_only().column(key).filter(unneeded.into_condition()).limit(BATCH).into_query();
    Ok(E::delete_many().filter(key.in_subquery(batch)).exec(db).await?.rows_affected)
}
