//! Removing what no rule needs any more, in batches small enough not to be felt.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Storage, StorageError,
    entity::{audit_event, refresh_token, session},
};
use crate::clock::Timestamp;

/// Rows a transaction removes at most.
pub const BATCH: u64 = 500;

/// Ended sessions stay visible to support and statistics this long.
const KEEP_SESSIONS: Duration = Duration::from_hours(720);

/// The trail is kept this long.
const KEEP_AUDIT: Duration = Duration::from_hours(8760);

impl Storage {
    /// Removes one batch of each kind and returns how many rows went. Fewer than [`BATCH`] means nothing is left to do.
    pub async fn clean_up(&self, now: Timestamp) -> Result<u64, StorageError> {
        // An expired token is refused by its own `exp`; its row can tell nothing more.
        let tokens: Vec<_> = refresh_token::Entity::find()
            .filter(refresh_token::Column::ExpiresAt.lt(now.millis()))
            .limit(BATCH)
            .all(&self.reader)
            .await?
            .into_iter()
            .map(|row| row.jti)
            .collect();
        let long_ago = (now - KEEP_SESSIONS).millis();
        let sessions: Vec<_> = session::Entity::find()
            .filter(
                Condition::any()
                    .add(session::Column::ExpiresAt.lt(long_ago))
                    .add(session::Column::RevokedAt.lt(long_ago)),
            )
            .limit(BATCH)
            .all(&self.reader)
            .await?
            .into_iter()
            .map(|row| row.id)
            .collect();
        let events: Vec<_> = audit_event::Entity::find()
            .filter(audit_event::Column::At.lt((now - KEEP_AUDIT).millis()))
            .limit(BATCH)
            .all(&self.reader)
            .await?
            .into_iter()
            .map(|row| row.id)
            .collect();
        if tokens.is_empty() && sessions.is_empty() && events.is_empty() {
            return Ok(0);
        }
        let tx = self.begin().await?;
        let tokens =
            refresh_token::Entity::delete_many().filter(refresh_token::Column::Jti.is_in(tokens)).exec(&tx).await?;
        let sessions = session::Entity::delete_many().filter(session::Column::Id.is_in(sessions)).exec(&tx).await?;
        let events = audit_event::Entity::delete_many().filter(audit_event::Column::Id.is_in(events)).exec(&tx).await?;
        tx.commit().await?;
        Ok(tokens.rows_affected + sessions.rows_affected + events.rows_affected)
    }
}
