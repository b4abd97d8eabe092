//! Many rotations at once: the same conditions as for one (see [`rotate`](crate::storage::rotate)), in four statements.

use std::{collections::HashMap, sync::LazyLock};

use sea_orm::{DatabaseTransaction, FromQueryResult};
use uuid::Uuid;

use super::{
    people::{insert_tokens, read_users},
    rows::{Column, Kind, Rows, column, columns_of},
};
use crate::storage::{
    StorageError,
    entity::session,
    rotate::{Continued, Rotate, Rotation},
    sessions, sign_in, users,
};

const PRESENTED: &[Column; 6] = &[
    column("session_id", Kind::Uuid),
    column("jti", Kind::Uuid),
    column("client_id", Kind::Text),
    column("successor", Kind::Uuid),
    column("at", Kind::Integer),
    column("idle", Kind::Integer),
];

/// The session first, then its token: whoever has the session's row decides about both. Expiry is in whole seconds, as in
/// `token_expiry`.
static TOUCH: LazyLock<String> = LazyLock::new(|| {
    let columns = columns_of::<session::Entity>("sessions");
    format!(
        "UPDATE sessions SET last_used_at = v.at, \
    expires_at = (CASE WHEN v.at + v.idle < sessions.ends_at THEN v.at + v.idle ELSE sessions.ends_at END) / 1000 * 1000 \
    FROM v WHERE sessions.id = v.session_id AND sessions.client_id = v.client_id \
    AND sessions.revoked_at IS NULL AND sessions.ends_at > v.at \
    AND EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.jti = v.jti \
        AND refresh_tokens.session_id = v.session_id AND refresh_tokens.consumed_at IS NULL \
        AND refresh_tokens.expires_at > v.at) \
    RETURNING {columns}"
    )
});

/// The statement that decides (contract 4.3).
const CONSUME: &str = "UPDATE refresh_tokens SET consumed_at = v.at, successor = v.successor FROM v \
    WHERE refresh_tokens.jti = v.jti AND refresh_tokens.consumed_at IS NULL RETURNING refresh_tokens.jti";

/// Rotates the tokens that can be; the others are missing in the answer and stay as they were. No two are of one session.
pub(super) async fn write(
    tx: &DatabaseTransaction,
    rotations: &[(usize, &Rotate)],
) -> Result<Vec<(usize, Rotation)>, StorageError> {
    if rotations.is_empty() {
        return Ok(Vec::new());
    }
    let presented = |(_, rotate): &(usize, &Rotate)| {
        let (facts, now) = (&rotate.presented, rotate.trace.now);
        let idle = i64::try_from(rotate.limits.idle.as_millis()).unwrap_or(i64::MAX / 2);
        let successor = now.new_uuid();
        let cells = [
            facts.session_id.into(),
            facts.jti.into(),
            rotate.client_id.clone().into(),
            successor.into(),
            now.millis().into(),
            idle.into(),
        ];
        (facts.session_id, successor, cells)
    };
    let presented: Vec<_> = rotations.iter().map(presented).collect();
    let all = presented.iter().map(|(.., cells)| cells.clone());
    let mut touched = HashMap::new();
    for row in Rows::new(PRESENTED, all).query(tx, &TOUCH).await? {
        let session = session::Model::from_query_result(&row, "")?;
        touched.insert(session.id, session);
    }
    let touched_only = presented.iter().filter(|(session_id, ..)| touched.contains_key(session_id));
    let rows = Rows::new(PRESENTED, touched_only.map(|(.., cells)| cells.clone())).query(tx, CONSUME).await?;
    let consumed = rows.iter().map(|row| row.try_get::<Uuid>("", "jti")).collect::<Result<Vec<_>, _>>()?;

    let mut continued = Vec::new();
    for ((place, rotate), (session_id, successor, _)) in rotations.iter().zip(&presented) {
        if consumed.contains(&rotate.presented.jti)
            && let Some(session) = touched.remove(session_id)
        {
            let token = sign_in::token_row(&session, *successor, rotate.trace.now);
            continued.push((*place, token, session));
        }
    }
    let successors: Vec<_> = continued.iter().map(|(_, token, _)| token.clone()).collect();
    insert_tokens(tx, &successors).await?;

    let people = read_users(tx, continued.iter().map(|(.., session)| session.user_id), "").await?;
    let answer = |(place, token, session): (usize, _, session::Model)| {
        let person = people.get(&session.user_id).cloned();
        let (user, identity) = person.ok_or(StorageError::Impossible("a session without its user"))?;
        let token = sessions::facts(&token, session.user_id);
        let (user, session) = (users::to_user(user, identity), sessions::to_session(session));
        Ok((place, Rotation::Continued { token, session, user, how: Continued::Rotated }))
    };
    continued.into_iter().map(answer).collect()
}
