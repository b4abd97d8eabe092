//! Many logins and profile readings at once: the same steps as for one (see [`sign_in`](crate::storage::sign_in)).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::{
    batch::audit_rows,
    cells::{Cells, columns},
    rows::{Column, Kind, Rows, Script, column, nullable},
};
use crate::{
    clock::Timestamp,
    domain::identity::Identity,
    storage::{
        StorageError,
        audit::{self, Event},
        entity::{audit_event, identity, refresh_token, session, user},
        sessions,
        sign_in::{self, SignIn, SignedInRows},
        users::{self, ProfileReading, StoredProfile},
    },
};

/// A person of this batch, in the order of their keys: the order in which everybody locks them.
type Key<'a> = (&'a str, &'a str);

/// Somebody whose identity is touched.
struct Touch<'a> {
    /// The moment of a login; `None` when only a profile was read.
    login: Option<&'a SignIn>,
    profile: Option<&'a StoredProfile>,
    now: Timestamp,
    place: usize,
}

/// Writes logins and readings; the rows of each login. Nobody is in it twice.
pub(super) async fn write(
    tx: &DatabaseTransaction,
    sign_ins: &[(usize, &SignIn)],
    readings: &[(usize, &ProfileReading)],
) -> Result<Vec<(usize, Option<SignedInRows>)>, StorageError> {
    let mut people = BTreeMap::new();
    for (place, input) in sign_ins {
        let (profile, now) = (input.profile.as_ref(), input.trace.now);
        people.insert(key(&input.identity), Touch { login: Some(input), profile, now, place: *place });
    }
    for (place, reading) in readings {
        let (profile, now) = (Some(&reading.profile), reading.now);
        people.insert(key(&reading.identity), Touch { login: None, profile, now, place: *place });
    }
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let known = known(tx, &people).await?;
    let newcomers: Vec<_> = people
        .values()
        .filter_map(|touch| touch.login)
        .filter(|input| !known.contains_key(key(&input.identity).1))
        .collect();
    let made = make(&newcomers);

    let mut begun = Begun::default();
    let mut done = Vec::new();
    for (key, touch) in &people {
        let Some(input) = touch.login else {
            done.push((touch.place, None));
            continue;
        };
        let is_new = made.contains_key(key.1);
        let (user, identity) = made
            .get(key.1)
            .or_else(|| known.get(key.1))
            .cloned()
            .ok_or(StorageError::Impossible("a person is neither known nor made"))?;
        let session = sign_in::session_row(input, user.id, is_new);
        let token = sign_in::token_row((session.id, session.expires_at), session.first_token, touch.now);
        if is_new {
            begun.arrivals.push(audit::row(input.trace.get(), Event::UserCreated, user.id, None));
        }
        begun.logins.push(audit::row(input.trace.get(), Event::SignedIn, user.id, Some(session.id)));
        let rows = SignedInRows {
            user: users::to_user(user, Some(identity)),
            session: sessions::to_session(session.clone()),
            token: sessions::facts(&token, session.user_id),
            is_new_user: is_new,
            replaced: None,
        };
        done.push((touch.place, Some(rows)));
        begun.tokens.extend(input.awaits_code.is_none().then_some(token));
        begun.sessions.push(session);
    }
    insert(tx, &newcomers, &made, begun).await?;
    Ok(done)
}

/// What the logins of a batch leave.
#[derive(Default)]
struct Begun {
    sessions: Vec<session::Model>,
    tokens: Vec<refresh_token::Model>,
    arrivals: Vec<audit_event::Model>,
    logins: Vec<audit_event::Model>,
}

/// A name that is taken by a user of other origin, an identity that another replica made a moment ago and an attempt that was
/// finished there violate a uniqueness: the batch is undone.
async fn insert(
    tx: &DatabaseTransaction,
    newcomers: &[&SignIn],
    made: &HashMap<String, (user::Model, identity::Model)>,
    begun: Begun,
) -> Result<(), StorageError> {
    let mut script = Script::new(tx, begun.sessions.len());
    let in_order = || newcomers.iter().filter_map(|input| made.get(input.identity.subject.as_str()));
    script.insert("users", &Rows::new(USERS, in_order().map(|(user, _)| user_cells(user))));
    let identities = Rows::new(IDENTITIES, in_order().map(|(_, identity)| identity_cells(identity)));
    script.insert("identities", &identities);
    // They had left and are back before the provider was told: now it must not be.
    script.part(&identities, |v| {
        format!("DELETE FROM outbox WHERE (subject, kind) IN (SELECT {v}.subject, {v}.provider || '_unlink' FROM {v})")
    });
    script.insert("sessions", &Rows::new(SESSIONS, begun.sessions.into_iter().map(session_cells)));
    script.insert("refresh_tokens", &Rows::new(TOKENS, begun.tokens.iter().map(token_cells)));
    script.insert("audit_events", &audit_rows(begun.arrivals));
    script.insert("audit_events", &audit_rows(begun.logins));
    script.execute(tx).await
}

fn key(identity: &Identity) -> Key<'_> {
    (identity.provider.as_str(), identity.subject.as_str())
}

const TOUCHED: &[Column; 5] = &[
    column("provider", Kind::Text),
    column("subject", Kind::Text),
    nullable("login_at", Kind::Integer),
    nullable("read_at", Kind::Integer),
    column("needs_agreement", Kind::Text),
];

const KEY: &[Column; 2] = &[column("provider", Kind::Text), column("subject", Kind::Text)];

const TOUCH: &str = "UPDATE identities SET last_login_at = COALESCE(t.login_at, identities.last_login_at), \
    profile_read_at = COALESCE(t.read_at, identities.profile_read_at), \
    needs_agreement = CASE WHEN t.read_at IS NULL THEN identities.needs_agreement ELSE t.needs_agreement END";

const IS_THEIRS: &str = "identities.provider = t.provider AND identities.subject = t.subject";

static READ: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {} FROM v AS t JOIN identities ON {IS_THEIRS} JOIN users ON users.id = identities.user_id",
        columns::<identity::Model>("identities"),
        columns::<user::Model>("users")
    )
});

/// Their users' rows are locked too: a nickname chosen at this moment is not to be written over with the one from before.
static TOUCH_AT_ONCE: LazyLock<String> = LazyLock::new(|| {
    format!(
        ", t AS (SELECT v.* FROM v JOIN identities ON identities.provider = v.provider \
            AND identities.subject = v.subject \
            ORDER BY identities.provider, identities.subject FOR UPDATE OF identities), \
         touched AS ({TOUCH} FROM t WHERE {IS_THEIRS} RETURNING identities.*) \
         SELECT {}, {} FROM touched JOIN users ON users.id = touched.user_id \
         ORDER BY users.id FOR UPDATE OF users",
        columns::<identity::Model>("touched"),
        columns::<user::Model>("users")
    )
});

/// Touches the identities that are there, which locks them against a leaving that goes on at this moment, and brings their
/// users up to date. By subject: the gateway has one provider.
async fn known(
    tx: &DatabaseTransaction,
    people: &BTreeMap<Key<'_>, Touch<'_>>,
) -> Result<HashMap<String, (user::Model, identity::Model)>, StorageError> {
    let cells = people.iter().map(|((provider, subject), touch)| {
        let whole = touch.profile.filter(|profile| profile.told.is_whole);
        let login_at = touch.login.map(|_| touch.now.millis());
        let read_at = whole.map(|_| touch.now.millis());
        let needs = whole.map(StoredProfile::needs_agreement).unwrap_or_default();
        [(*provider).into(), (*subject).into(), login_at.into(), read_at.into(), needs.into()]
    });
    let cells = Rows::new(TOUCHED, cells);
    let rows = if tx.get_database_backend() == DbBackend::Postgres {
        cells.query(tx, &TOUCH_AT_ONCE).await?
    } else {
        let mut script = Script::new(tx, people.len());
        script.part(&cells, |v| format!("{TOUCH} FROM {v} AS t WHERE {IS_THEIRS}"));
        let keys = people.keys().map(|(provider, subject)| [(*provider).into(), (*subject).into()]);
        script.part(&Rows::new(KEY, keys), |_| READ.clone());
        script.query(tx).await?
    };
    let mut known = HashMap::with_capacity(rows.len());
    for row in rows {
        let mut cells = Cells::of(&row);
        let (identity, user): (identity::Model, user::Model) = (cells.all()?, cells.all()?);
        let touch = people.get(&(identity.provider.as_str(), identity.subject.as_str()));
        let user = match touch.and_then(|touch| touch.profile.map(|profile| (profile, touch.now))) {
            Some((profile, now)) => users::apply_profile(tx, user, profile, now).await?,
            None => user,
        };
        known.insert(identity.subject.clone(), (user, identity));
    }
    Ok(known)
}

/// Users for identities that are not there.
fn make(newcomers: &[&SignIn]) -> HashMap<String, (user::Model, identity::Model)> {
    let mut made = HashMap::with_capacity(newcomers.len());
    for input in newcomers {
        let now = input.trace.now;
        let blank = sign_in::blank_user(now.new_uuid(), &input.identity.username(), now);
        let told = input.profile.as_ref().and_then(|profile| users::with_profile(&blank, profile, now));
        let user = told.unwrap_or(blank);
        let identity = sign_in::identity_row(&input.identity, user.id, input.profile.as_ref(), now);
        made.insert(identity.subject.clone(), (user, identity));
    }
    made
}

const USERS: &[Column; 12] = &[
    column("id", Kind::Uuid),
    column("username", Kind::Text),
    nullable("nickname", Kind::Text),
    column("nickname_is_own", Kind::Boolean),
    nullable("email", Kind::Text),
    column("email_verified", Kind::Boolean),
    nullable("profile_image", Kind::Text),
    column("created_at", Kind::Integer),
    column("updated_at", Kind::Integer),
    nullable("sealed_private", Kind::Bytes),
    nullable("left_at", Kind::Integer),
    nullable("remove_at", Kind::Integer),
];

fn user_cells(row: &user::Model) -> [Value; 12] {
    [
        row.id.into(),
        row.username.clone().into(),
        row.nickname.clone().into(),
        row.nickname_is_own.into(),
        row.email.clone().into(),
        row.email_verified.into(),
        row.profile_image.clone().into(),
        row.created_at.into(),
        row.updated_at.into(),
        row.sealed_private.clone().into(),
        row.left_at.into(),
        row.remove_at.into(),
    ]
}

const IDENTITIES: &[Column; 7] = &[
    column("provider", Kind::Text),
    column("subject", Kind::Text),
    column("user_id", Kind::Uuid),
    column("profile_read_at", Kind::Integer),
    column("created_at", Kind::Integer),
    column("last_login_at", Kind::Integer),
    column("needs_agreement", Kind::Text),
];

fn identity_cells(row: &identity::Model) -> [Value; 7] {
    [
        row.provider.clone().into(),
        row.subject.clone().into(),
        row.user_id.into(),
        row.profile_read_at.into(),
        row.created_at.into(),
        row.last_login_at.into(),
        row.needs_agreement.clone().into(),
    ]
}

const SESSIONS: &[Column; 14] = &[
    column("id", Kind::Uuid),
    column("user_id", Kind::Uuid),
    column("client_id", Kind::Text),
    nullable("ip", Kind::Text),
    nullable("user_agent", Kind::Text),
    column("created_at", Kind::Integer),
    column("last_used_at", Kind::Integer),
    column("expires_at", Kind::Integer),
    column("ends_at", Kind::Integer),
    nullable("attempt_hash", Kind::Bytes),
    nullable("code_hash", Kind::Bytes),
    column("first_token", Kind::Uuid),
    column("first_login", Kind::Boolean),
    nullable("remove_at", Kind::Integer),
];

fn session_cells(row: session::Model) -> [Value; 14] {
    [
        row.id.into(),
        row.user_id.into(),
        row.client_id.into(),
        row.ip.into(),
        row.user_agent.filter(|agent| !agent.is_empty()).into(),
        row.created_at.into(),
        row.last_used_at.into(),
        row.expires_at.into(),
        row.ends_at.into(),
        row.attempt_hash.into(),
        row.code_hash.into(),
        row.first_token.into(),
        row.first_login.into(),
        row.remove_at.into(),
    ]
}

const TOKENS: &[Column; 4] = &[
    column("jti", Kind::Uuid),
    column("session_id", Kind::Uuid),
    column("issued_at", Kind::Integer),
    column("expires_at", Kind::Integer),
];

fn token_cells(row: &refresh_token::Model) -> [Value; 4] {
    [row.jti.into(), row.session_id.into(), row.issued_at.into(), row.expires_at.into()]
}

/// Users with their identities, by id.
pub(in crate::storage) async fn read_users(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, (user::Model, Option<identity::Model>)>, StorageError> {
    const COLUMNS: &[Column; 1] = &[column("user_id", Kind::Uuid)];
    static SELECT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {}, {} FROM v JOIN users ON users.id = v.user_id \
             LEFT JOIN identities ON identities.user_id = users.id",
            columns::<user::Model>("users"),
            columns::<identity::Model>("identities")
        )
    });
    let distinct: HashSet<Uuid> = ids.collect();
    let rows = Rows::new(COLUMNS, distinct.into_iter().map(|id| [id.into()]));
    let read = |row: QueryResult| {
        let mut cells = Cells::of(&row);
        let user: user::Model = cells.all()?;
        Ok((user.id, (user, cells.identity()?)))
    };
    rows.query(db, &SELECT).await?.into_iter().map(read).collect()
}

/// The rows of identities that are known. No two of them are equal.
pub(in crate::storage) async fn read_identities(
    db: &impl ConnectionTrait,
    identities: Vec<Identity>,
) -> Result<HashMap<Identity, identity::Model>, StorageError> {
    static SELECT: LazyLock<String> = LazyLock::new(|| {
        let columns = columns::<identity::Model>("identities");
        format!(
            "SELECT {columns} FROM v JOIN identities ON identities.provider = v.provider \
             AND identities.subject = v.subject"
        )
    });
    let cells = identities.iter().map(key).map(|(provider, subject)| [provider.into(), subject.into()]);
    let mut rows = HashMap::new();
    for row in Rows::new(KEY, cells).query(db, &SELECT).await? {
        let row: identity::Model = Cells::of(&row).all()?;
        rows.insert((row.provider.clone(), row.subject.clone()), row);
    }
    let found = identities.into_iter().filter_map(|identity| {
        let row = rows.remove(&(identity.provider.as_str().to_owned(), identity.subject.as_str().to_owned()))?;
        Some((identity, row))
    });
    Ok(found.collect())
}

/// The sessions that finished these attempts, by the attempts' hashes.
pub(in crate::storage) async fn read_finished(
    db: &impl ConnectionTrait,
    attempts: Vec<[u8; 32]>,
) -> Result<HashMap<[u8; 32], session::Model>, StorageError> {
    const COLUMNS: &[Column; 1] = &[column("attempt_hash", Kind::Bytes)];
    static SELECT: LazyLock<String> = LazyLock::new(|| {
        let columns = columns::<session::Model>("sessions");
        format!("SELECT {columns} FROM v JOIN sessions ON sessions.attempt_hash = v.attempt_hash")
    });
    let rows = Rows::new(COLUMNS, attempts.iter().map(|hash| [hash.to_vec().into()]));
    let mut finished = HashMap::new();
    for row in rows.query(db, &SELECT).await? {
        let row: session::Model = Cells::of(&row).all()?;
        let hash = row.attempt_hash.as_deref().and_then(|hash| hash.try_into().ok());
        finished.insert(hash.ok_or(StorageError::Impossible("a hash of another length"))?, row);
    }
    Ok(finished)
}
