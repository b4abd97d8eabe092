//! Redeeming an authorization code: the session that waited for it gets its first refresh token, once.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::{
    Storage, StorageError,
    audit::Trace,
    deadlock,
    entity::{refresh_token, session},
    insert, sessions, sign_in, users,
};
use crate::{
    clock::Timestamp,
    config::SessionLimits,
    domain::{
        session::{RevokedBecause, Session},
        user::User,
    },
    token::refresh::RefreshFacts,
};

/// What became of a code.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "made once and matched at once")]
pub enum Redemption {
    /// The session begins.
    Redeemed {
        /// Its first refresh token.
        token: RefreshFacts,
        /// The session.
        session: Session,
        /// Whose it is.
        user: User,
    },
    /// It was redeemed before; the session is revoked now.
    Again,
    /// The session was ended, or is of another client.
    Gone,
}

impl Storage {
    /// Redeems the code of a session. The insertion of the first refresh token decides: its key exists once.
    pub async fn redeem(
        &self,
        session_id: Uuid,
        client_id: &str,
        limits: &SessionLimits,
        trace: Trace<'_>,
    ) -> Result<Redemption, StorageError> {
        deadlock::retried(|| self.try_redeem(session_id, client_id, limits, trace)).await
    }

    async fn try_redeem(
        &self,
        session_id: Uuid,
        client_id: &str,
        limits: &SessionLimits,
        trace: Trace<'_>,
    ) -> Result<Redemption, StorageError> {
        let now = trace.now;
        let tx = self.begin().await?;
        let row = session::Entity::find_by_id(session_id).one(&tx).await?;
        let Some(mut row) = row.filter(|row| row.client_id == client_id) else { return Ok(Redemption::Gone) };
        row.last_used_at = now.millis();
        row.expires_at = sign_in::token_expiry(now, limits.idle, Timestamp::from_millis(row.ends_at)).millis();
        let token = sign_in::token_row((row.id, row.expires_at), row.first_token, now);
        let first = token.clone().into_active_model().reset_all();
        if !insert::if_new(&tx, first, [refresh_token::Column::SessionId, refresh_token::Column::Jti]).await? {
            sessions::revoke_one(&tx, session_id, RevokedBecause::CodeReused, trace).await?;
            tx.commit().await?;
            return Ok(Redemption::Again);
        }
        let touched = session::Entity::update_many()
            .set(session::ActiveModel {
                last_used_at: Set(row.last_used_at),
                expires_at: Set(row.expires_at),
                remove_at: Set(None),
                ..Default::default()
            })
            .filter(session::Column::Id.eq(session_id))
            .filter(session::Column::RevokedAt.is_null())
            .exec(&tx)
            .await?;
        if touched.rows_affected == 0 {
            return Ok(Redemption::Gone);
        }
        let user =
            users::find(&tx, row.user_id).await?.ok_or(StorageError::Impossible("a session without its user"))?;
        let token = sessions::facts(&token, row.user_id);
        tx.commit().await?;
        Ok(Redemption::Redeemed { token, session: sessions::to_session(row), user })
    }
}
