//! Many logins and profile readings at once: the same steps as for one (see [`sign_in`](crate::storage::sign_in)).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, IdenStatic, Iterable, QueryResult, Value,
};
use uuid::Uuid;

use super::{
    batch::Undone,
    rows::{Column, Kind, Rows, column, columns_of, nullable},
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
    trail: &mut Vec<audit_event::Model>,
) -> Result<Vec<(usize, Option<SignedInRows>)>, Undone> {
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
    let made = make(tx, &newcomers).await?;

    let mut logins = Vec::new();
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
        let token = sign_in::token_row(&session, session.first_token, touch.now);
        if is_new {
            trail.push(audit::row(input.trace.get(), Event::UserCreated, user.id, None));
        }
        trail.push(audit::row(input.trace.get(), Event::SignedIn, user.id, Some(session.id)));
        let rows = SignedInRows {
            user: users::to_user(user, Some(identity)),
            session: sessions::to_session(session.clone()),
            token: sessions::facts(&token, session.user_id),
            is_new_user: is_new,
            replaced: None,
        };
        done.push((touch.place, Some(rows)));
        logins.push((session, input.awaits_code.is_none().then_some(token)));
    }
    begin_sessions(tx, logins).await?;
    Ok(done)
}

fn key(identity: &Identity) -> Key<'_> {
    (identity.provider.as_str(), identity.subject.as_str())
}

/// Touches the identities that are there, which locks them against a leaving that goes on at this moment, and brings their
/// users up to date. By subject: the gateway has one provider.
async fn known(
    tx: &DatabaseTransaction,
    people: &BTreeMap<Key<'_>, Touch<'_>>,
) -> Result<HashMap<String, (user::Model, identity::Model)>, StorageError> {
    const COLUMNS: &[Column; 5] = &[
        column("provider", Kind::Text),
        column("subject", Kind::Text),
        nullable("login_at", Kind::Integer),
        nullable("read_at", Kind::Integer),
        column("needs_agreement", Kind::Text),
    ];
    const LOCK: &str = "SELECT 1 AS locked FROM identities JOIN v ON identities.provider = v.provider \
        AND identities.subject = v.subject ORDER BY identities.provider, identities.subject FOR UPDATE OF identities";
    static TOUCH: LazyLock<String> = LazyLock::new(|| {
        let columns = columns_of::<identity::Entity>("identities");
        format!(
            "UPDATE identities SET last_login_at = COALESCE(v.login_at, identities.last_login_at), \
        profile_read_at = COALESCE(v.read_at, identities.profile_read_at), \
        needs_agreement = CASE WHEN v.read_at IS NULL THEN identities.needs_agreement ELSE v.needs_agreement END \
        FROM v WHERE identities.provider = v.provider AND identities.subject = v.subject RETURNING {columns}"
        )
    });
    let cells = people.iter().map(|((provider, subject), touch)| {
        let whole = touch.profile.filter(|profile| profile.told.is_whole);
        let login_at = touch.login.map(|_| touch.now.millis());
        let read_at = whole.map(|_| touch.now.millis());
        let needs = whole.map(StoredProfile::needs_agreement).unwrap_or_default();
        [(*provider).into(), (*subject).into(), login_at.into(), read_at.into(), needs.into()]
    });
    let rows = Rows::new(COLUMNS, cells);
    if tx.get_database_backend() == DbBackend::Postgres {
        rows.query(tx, LOCK).await?;
    }
    let mut identities = Vec::new();
    for row in rows.query(tx, &TOUCH).await? {
        identities.push(identity::Model::from_query_result(&row, "")?);
    }
    // A nickname chosen at this moment is not to be written over with the one from before: their rows are locked too.
    let mut users = read_users(tx, identities.iter().map(|row| row.user_id), "FOR UPDATE OF users").await?;
    let mut known = HashMap::new();
    for row in identities {
        let (user, _) = users.remove(&row.user_id).ok_or(StorageError::Impossible("an identity without its user"))?;
        let touch = people.get(&(row.provider.as_str(), row.subject.as_str()));
        let user = match touch.and_then(|touch| touch.profile.map(|profile| (profile, touch.now))) {
            Some((profile, now)) => users::apply_profile(tx, user, profile, now).await?,
            None => user,
        };
        known.insert(row.subject.clone(), (user, row));
    }
    Ok(known)
}

/// Makes users for identities that are not there.
async fn make(
    tx: &DatabaseTransaction,
    newcomers: &[&SignIn],
) -> Result<HashMap<String, (user::Model, identity::Model)>, Undone> {
    let mut made = HashMap::new();
    for input in newcomers {
        let now = input.trace.now;
        let blank = sign_in::blank_user(now.new_uuid(), &input.identity.username(), now);
        let told = input.profile.as_ref().and_then(|profile| users::with_profile(&blank, profile, now));
        let user = told.unwrap_or(blank);
        let identity = sign_in::identity_row(&input.identity, user.id, input.profile.as_ref(), now);
        made.insert(identity.subject.clone(), (user, identity));
    }
    let in_order = || newcomers.iter().filter_map(|input| made.get(input.identity.subject.as_str()));
    let users = Rows::new(USERS, in_order().map(|(user, _)| user_cells(user)));
    let count = u64::try_from(made.len()).unwrap_or(u64::MAX);
    if users.insert(tx, "users", "ON CONFLICT (username) DO NOTHING").await? != count {
        // Another replica was faster, or the name is taken by a user of other origin.
        return Err(Undone::OneByOne);
    }
    let identities = Rows::new(IDENTITIES, in_order().map(|(_, identity)| identity_cells(identity)));
    identities.insert(tx, "identities", "").await?;
    // They had left and are back before the provider was told: now it must not be.
    identities.execute(tx, FORGET_UNLINK).await?;
    Ok(made)
}

const FORGET_UNLINK: &str =
    "DELETE FROM outbox WHERE (subject, kind) IN (SELECT v.subject, v.provider || '_unlink' FROM v)";

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

/// Inserts sessions with their first refresh tokens, where there is one already.
async fn begin_sessions(
    tx: &DatabaseTransaction,
    logins: Vec<(session::Model, Option<refresh_token::Model>)>,
) -> Result<(), StorageError> {
    const SESSIONS: &[Column; 13] = &[
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
    ];
    let tokens: Vec<_> = logins.iter().filter_map(|(_, token)| token.clone()).collect();
    let sessions = logins.into_iter().map(|(row, _)| {
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
        ]
    });
    // A second login of one attempt, on another replica, violates the uniqueness of its hash: the batch is undone.
    Rows::new(SESSIONS, sessions).insert(tx, "sessions", "").await?;
    insert_tokens(tx, &tokens).await
}

/// Inserts live refresh tokens.
pub(super) async fn insert_tokens(
    tx: &DatabaseTransaction,
    tokens: &[refresh_token::Model],
) -> Result<(), StorageError> {
    const COLUMNS: &[Column; 4] = &[
        column("jti", Kind::Uuid),
        column("session_id", Kind::Uuid),
        column("issued_at", Kind::Integer),
        column("expires_at", Kind::Integer),
    ];
    let cells =
        tokens.iter().map(|row| [row.jti.into(), row.session_id.into(), row.issued_at.into(), row.expires_at.into()]);
    Rows::new(COLUMNS, cells).insert(tx, "refresh_tokens", "").await?;
    Ok(())
}

/// Users with their identities, by id.
pub(in crate::storage) async fn read_users(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = Uuid>,
    lock: &str,
) -> Result<HashMap<Uuid, (user::Model, Option<identity::Model>)>, StorageError> {
    const COLUMNS: &[Column; 1] = &[column("user_id", Kind::Uuid)];
    static SELECT: LazyLock<String> = LazyLock::new(|| {
        let of_users = user::Column::iter().map(|column| format!("users.{0} AS u_{0}", column.as_str()));
        let of_identities = identity::Column::iter().map(|column| format!("identities.{0} AS i_{0}", column.as_str()));
        let columns: Vec<_> = of_users.chain(of_identities).collect();
        format!(
            "SELECT {} FROM v JOIN users ON users.id = v.user_id LEFT JOIN identities ON identities.user_id = users.id",
            columns.join(", ")
        )
    });
    let distinct: HashSet<Uuid> = ids.collect();
    let rows = Rows::new(COLUMNS, distinct.into_iter().map(|id| [id.into()]));
    let lock = if db.get_database_backend() == DbBackend::Postgres { lock } else { "" };
    let read = |row: QueryResult| {
        let user = user::Model::from_query_result(&row, "u_")?;
        Ok((user.id, (user, identity::Model::from_query_result_optional(&row, "i_")?)))
    };
    rows.query(db, &format!("{} {lock}", *SELECT)).await?.into_iter().map(read).collect()
}

/// The rows of identities that are known. No two of them are equal.
pub(in crate::storage) async fn read_identities(
    db: &impl ConnectionTrait,
    identities: Vec<Identity>,
) -> Result<HashMap<Identity, identity::Model>, StorageError> {
    const COLUMNS: &[Column; 2] = &[column("provider", Kind::Text), column("subject", Kind::Text)];
    static SELECT: LazyLock<String> = LazyLock::new(|| {
        let columns = columns_of::<identity::Entity>("identities");
        format!(
            "SELECT {columns} FROM v JOIN identities ON identities.provider = v.provider \
             AND identities.subject = v.subject"
        )
    });
    let cells = identities.iter().map(key).map(|(provider, subject)| [provider.into(), subject.into()]);
    let mut rows = HashMap::new();
    for row in Rows::new(COLUMNS, cells).query(db, &SELECT).await? {
        let row = identity::Model::from_query_result(&row, "")?;
        rows.insert((row.provider.clone(), row.subject.clone()), row);
    }
    let found = identities.into_iter().filter_map(|identity| {
        let row = rows.remove(&(identity.provider.as_str().to_owned(), identity.subject.as_str().to_owned()))?;
        Some((identity, row))
    });
    Ok(found.collect())
}
