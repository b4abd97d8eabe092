//! Many rotations at once: the same conditions as for one (see [`rotate`](crate::storage::rotate)), in one question.

use std::{collections::HashMap, sync::LazyLock};

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::{
    cells::{Cells, columns},
    rows::{Column, Kind, Rows, Script, column},
};
use crate::{
    clock::Timestamp,
    domain::session::Session,
    storage::{
        StorageError,
        entity::{identity, user},
        rotate::{Continued, Rotate, Rotation},
        sessions, sign_in, users,
    },
};

const PRESENTED: &[Column; 6] = &[
    column("session_id", Kind::Uuid),
    column("jti", Kind::Uuid),
    column("client_id", Kind::Text),
    column("successor", Kind::Uuid),
    column("at", Kind::Integer),
    column("idle", Kind::Integer),
];

/// When a token handed out at `at` expires, in whole seconds as in `token_expiry`.
fn expiry(at: &str, idle: &str) -> String {
    format!("(CASE WHEN {at} + {idle} < sessions.ends_at THEN {at} + {idle} ELSE sessions.ends_at END) / 1000 * 1000")
}

/// What is answered about, of a session that is called `sessions`: it lives, and its login is over.
fn columns_of(sessions: &str) -> String {
    let of_session =
        ["id", "user_id", "client_id", "ip", "user_agent", "created_at", "last_used_at", "expires_at", "ends_at"]
            .map(|column| format!("{sessions}.{column}"));
    let (of_user, of_identity) = (columns::<user::Model>("users"), columns::<identity::Model>("identities"));
    format!("{}, {of_user}, {of_identity}", of_session.join(", "))
}

/// What of it tells a token that was consumed here from one that was not.
const CONSUMED: &[Column; 4] = &[
    column("session_id", Kind::Uuid),
    column("jti", Kind::Uuid),
    column("successor", Kind::Uuid),
    column("idle", Kind::Integer),
];

/// On SQLite, where nobody else writes meanwhile: the first decides (contract 4.3), the others follow those tokens whose
/// successor is the one made here.
static IN_TURN: LazyLock<[String; 4]> = LazyLock::new(|| {
    const FROM: &str = "FROM v JOIN refresh_tokens AS t ON t.session_id = v.session_id AND t.jti = v.jti AND t.successor = v.successor";
    let expiry = expiry("t.consumed_at", "v.idle");
    [
        "UPDATE refresh_tokens SET consumed_at = v.at, successor = v.successor \
         FROM v JOIN sessions ON sessions.id = v.session_id AND sessions.client_id = v.client_id \
            AND sessions.revoked_at IS NULL AND sessions.ends_at > v.at \
         WHERE refresh_tokens.session_id = v.session_id AND refresh_tokens.jti = v.jti \
            AND refresh_tokens.consumed_at IS NULL AND refresh_tokens.expires_at > v.at"
            .to_owned(),
        format!(
            "UPDATE sessions SET last_used_at = t.consumed_at, expires_at = {expiry} {FROM} \
             WHERE sessions.id = t.session_id"
        ),
        format!(
            "INSERT INTO refresh_tokens (session_id, jti, issued_at, expires_at) \
             SELECT sessions.id, v.successor, t.consumed_at / 1000 * 1000, sessions.expires_at \
             {FROM} JOIN sessions ON sessions.id = t.session_id"
        ),
        format!(
            "SELECT {} {FROM} JOIN sessions ON sessions.id = t.session_id \
             JOIN users ON users.id = sessions.user_id LEFT JOIN identities ON identities.user_id = users.id",
            columns_of("sessions")
        ),
    ]
});

/// On PostgreSQL the same as one statement, which is a transaction of its own if need be. The session's row is locked first:
/// whoever has it decides about its tokens. Those who come after another replica see what it left, since an `UPDATE` looks at
/// its conditions again when it had to wait for a row.
static AT_ONCE: LazyLock<String> = LazyLock::new(|| {
    let expiry = expiry("consumed.at", "consumed.idle");
    let columns = columns_of("touched");
    format!(
        ", held AS (SELECT v.* FROM v JOIN sessions ON sessions.id = v.session_id \
            WHERE sessions.client_id = v.client_id AND sessions.revoked_at IS NULL AND sessions.ends_at > v.at \
            ORDER BY sessions.id FOR UPDATE OF sessions), \
         consumed AS (UPDATE refresh_tokens SET consumed_at = held.at, successor = held.successor FROM held \
            WHERE refresh_tokens.session_id = held.session_id AND refresh_tokens.jti = held.jti \
            AND refresh_tokens.consumed_at IS NULL AND refresh_tokens.expires_at > held.at \
            RETURNING held.session_id, held.successor, held.at, held.idle), \
         touched AS (UPDATE sessions SET last_used_at = consumed.at, expires_at = {expiry} FROM consumed \
            WHERE sessions.id = consumed.session_id RETURNING sessions.*), \
         made AS (INSERT INTO refresh_tokens (session_id, jti, issued_at, expires_at) \
            SELECT touched.id, consumed.successor, consumed.at / 1000 * 1000, touched.expires_at \
            FROM consumed JOIN touched ON touched.id = consumed.session_id) \
         SELECT {columns} FROM touched JOIN users ON users.id = touched.user_id \
            LEFT JOIN identities ON identities.user_id = users.id"
    )
});

/// Rotations that were done, as the database tells of them.
pub(super) struct Rotated {
    rows: Vec<QueryResult>,
    /// Place, successor and time of what was asked for, by session.
    presented: HashMap<Uuid, (usize, Uuid, Timestamp)>,
}

/// Rotates the tokens that can be; the others are missing in the answer and stay as they were. No two are of one session.
pub(super) async fn write(db: &impl ConnectionTrait, rotations: &[(usize, &Rotate)]) -> Result<Rotated, StorageError> {
    let mut presented = HashMap::with_capacity(rotations.len());
    let cells: Vec<[Value; 6]> = rotations
        .iter()
        .map(|(place, rotate)| {
            let (facts, now) = (&rotate.presented, rotate.trace.now);
            let successor = now.new_uuid();
            presented.insert(facts.session_id, (*place, successor, now));
            [
                facts.session_id.into(),
                facts.jti.into(),
                rotate.client_id.clone().into(),
                successor.into(),
                now.millis().into(),
                i64::try_from(rotate.limits.idle.as_millis()).unwrap_or(i64::MAX / 2).into(),
            ]
        })
        .collect();
    let rows = if db.get_database_backend() == DbBackend::Postgres {
        Rows::new(PRESENTED, cells).query(db, &AT_ONCE).await?
    } else {
        let consumed = cells
            .iter()
            .map(|[session_id, jti, _, successor, _, idle]| [session_id, jti, successor, idle].map(Clone::clone));
        let consumed = Rows::new(CONSUMED, consumed);
        let mut script = Script::new(db, rotations.len());
        let [first, others @ ..] = &*IN_TURN;
        script.part(&Rows::new(PRESENTED, cells), |_| first.clone());
        for sql in others {
            script.part(&consumed, |_| sql.clone());
        }
        script.query(db).await?
    };
    Ok(Rotated { rows, presented })
}

impl Rotated {
    /// Whether some token was not consumed.
    pub(super) fn lacks_some(&self) -> bool {
        self.rows.len() < self.presented.len()
    }

    /// What there is to answer. It takes longer than the writing, so whoever can does it after the commit.
    pub(super) fn answers(&self) -> Result<Vec<(usize, Rotation)>, StorageError> {
        let answer = |row: &QueryResult| {
            let mut cells = Cells::of(row);
            let session = Session {
                id: cells.one()?,
                user_id: cells.one()?,
                client_id: cells.one()?,
                ip: cells.one::<Option<String>>()?.and_then(|ip| ip.parse().ok()),
                user_agent: cells.one()?,
                created_at: Timestamp::from_millis(cells.one()?),
                last_used_at: Timestamp::from_millis(cells.one()?),
                expires_at: Timestamp::from_millis(cells.one()?),
                ends_at: Timestamp::from_millis(cells.one()?),
                revoked: None,
            };
            let user = users::to_user(cells.all()?, cells.identity()?);
            let known = self.presented.get(&session.id);
            let (place, successor, now) = *known.ok_or(StorageError::Impossible("a session nobody asked about"))?;
            let row = sign_in::token_row((session.id, session.expires_at.millis()), successor, now);
            let token = sessions::facts(&row, session.user_id);
            Ok((place, Rotation::Continued { token, session, user, how: Continued::Rotated }))
        };
        self.rows.iter().map(answer).collect()
    }
}
