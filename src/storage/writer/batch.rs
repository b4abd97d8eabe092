//! One batch: who goes into the multi-row statements, who after them, and in which order rows are locked.

use std::collections::HashSet;

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    Write,
    chain::Chain,
    people, rotations,
    rows::{Column, Kind, Rows, Script, column, nullable},
};
use crate::domain::{identity::Identity, session::RevokedBecause};
use crate::storage::{
    Engine, Storage, StorageError,
    audit::{self, Event, Trace},
    entity::audit_event,
    rotate::{self, Rotate, Rotation},
    sessions::{self, Revoke, Which},
    sign_in::{self, SignIn, SignedInRows},
    users::{self, ProfileReading},
};

/// The result of one write.
pub(super) enum Done {
    Rotation(Rotation),
    SignIn(SignedInRows),
    Revoked(Vec<Uuid>),
    Profile,
    /// It stays to be done, by itself.
    Nothing,
}

/// Why nothing of a batch was done.
pub(super) enum Undone {
    /// The database is not to be had, for any of them.
    Whole(StorageError),
    /// It refused something.
    Storage(StorageError),
    /// The database would not do for all what it does for one.
    OneByOne,
}

impl<E: Into<StorageError>> From<E> for Undone {
    fn from(error: E) -> Self {
        match error.into() {
            error @ StorageError::Unavailable(_) => Self::Whole(error),
            error => Self::Storage(error),
        }
    }
}

/// The writes of a batch that go into multi-row statements, by their place in the batch.
#[derive(Default)]
pub(super) struct Plan<'a> {
    rotations: Vec<(usize, &'a Rotate)>,
    sign_ins: Vec<(usize, &'a SignIn)>,
    readings: Vec<(usize, &'a ProfileReading)>,
    endings: Vec<(usize, Ending<'a>)>,
    /// What follows one by one.
    later: Vec<usize>,
    sessions: HashSet<Uuid>,
    people: HashSet<&'a Identity>,
}

/// One session that is to end.
pub(super) struct Ending<'a> {
    session_id: Uuid,
    /// Only if it is theirs.
    user_id: Option<Uuid>,
    because: RevokedBecause,
    trace: Trace<'a>,
}

impl<'a> Plan<'a> {
    /// Whoever comes second to a session or a person comes later.
    pub(super) fn of(batch: &'a [Write]) -> Self {
        let mut plan = Self::default();
        for (place, write) in batch.iter().enumerate() {
            let fits = match write {
                Write::Rotate(rotate, _) => plan.takes_rotation(place, rotate),
                Write::SignIn(input, _) => plan.takes_sign_in(place, input),
                Write::Revoke(revoke, _) => plan.takes_ending(place, revoke),
                Write::Profile(reading, _) => {
                    let fits = plan.people.insert(&reading.identity);
                    if fits {
                        plan.readings.push((place, reading));
                    }
                    fits
                }
            };
            if !fits {
                plan.later.push(place);
            }
        }
        plan
    }

    /// The places of writes no two of which are to one session or person, in the order in which rows are to be locked; and of
    /// those that follow them.
    pub(super) fn in_order(mut self) -> (Vec<usize>, Vec<usize>) {
        let logins = self.sign_ins.iter().map(|(place, input)| (&input.identity, *place));
        let readings = self.readings.iter().map(|(place, reading)| (&reading.identity, *place));
        let mut people: Vec<_> = logins.chain(readings).collect();
        people.sort_by_key(|(identity, _)| (identity.provider.as_str(), identity.subject.as_str()));
        // That of a login is among the people.
        self.endings.retain(|(_, ending)| ending.user_id.is_some());
        self.endings.sort_by_key(|(_, ending)| ending.session_id);
        self.rotations.sort_by_key(|(_, rotate)| rotate.presented.session_id);
        let people = people.into_iter().map(|(_, place)| place);
        let endings = self.endings.into_iter().map(|(place, _)| place);
        let rotations = self.rotations.into_iter().map(|(place, _)| place);
        (people.chain(endings).chain(rotations).collect(), self.later)
    }

    fn takes_rotation(&mut self, place: usize, rotate: &'a Rotate) -> bool {
        let fits = self.sessions.insert(rotate.presented.session_id);
        if fits {
            self.rotations.push((place, rotate));
        }
        fits
    }

    fn takes_sign_in(&mut self, place: usize, input: &'a SignIn) -> bool {
        // Both names are taken though one may be taken already: who comes after this one stays after it.
        let fits = self.people.insert(&input.identity) & input.replaces.is_none_or(|old| self.sessions.insert(old));
        if fits {
            self.sign_ins.push((place, input));
            if let Some(session_id) = input.replaces {
                let trace = input.trace.get();
                let ending = Ending { session_id, user_id: None, because: RevokedBecause::Replaced, trace };
                self.endings.push((place, ending));
            }
        }
        fits
    }

    fn takes_ending(&mut self, place: usize, revoke: &'a Revoke) -> bool {
        let Which::One(session_id) = revoke.which else { return false };
        let fits = self.sessions.insert(session_id);
        if fits {
            let (user_id, because) = (Some(revoke.user_id), revoke.because);
            self.endings.push((place, Ending { session_id, user_id, because, trace: revoke.trace.get() }));
        }
        fits
    }
}

/// Does all of `batch` in one transaction, or nothing of it. Rotations alone are one statement on PostgreSQL, which needs none
/// around it; what it leaves is done after it.
///
/// Rows are locked in the order every flow keeps: identities, users, sessions, tokens; several of a kind in the order of their
/// keys. So two replicas never wait for each other in a circle over what the multi-row statements touch.
pub(super) async fn together(storage: &Storage, chain: &Chain, batch: &[Write]) -> Result<Vec<Done>, Undone> {
    if storage.engine == Engine::MySql {
        return in_turn(storage, batch).await;
    }
    let plan = Plan::of(batch);
    let mut done: Vec<Option<Done>> = batch.iter().map(|_| None).collect();
    if storage.engine == Engine::Postgres && plan.rotations.len() == batch.len() {
        for (place, rotation) in rotations::write(&storage.writer, &plan.rotations).await?.answers()? {
            done[place] = Some(Done::Rotation(rotation));
        }
        return Ok(done.into_iter().map(|done| done.unwrap_or(Done::Nothing)).collect());
    }
    let link = chain.begin(storage).await.map_err(Undone::Whole)?;
    let tx = link.tx();
    for (place, rows) in people::write(tx, &plan.sign_ins, &plan.readings).await? {
        done[place] = Some(rows.map_or(Done::Profile, Done::SignIn));
    }
    if storage.engine == Engine::Postgres && !plan.endings.is_empty() {
        lock_sessions(tx, &plan.sessions).await?;
    }
    for (place, ended) in end_sessions(tx, &plan.endings).await? {
        match &mut done[place] {
            Some(Done::SignIn(rows)) => rows.replaced = ended,
            other => *other = Some(Done::Revoked(ended.into_iter().collect())),
        }
    }
    let rotated = rotations::write(tx, &plan.rotations).await?;
    if rotated.lacks_some() {
        let answered: HashSet<_> = rotated.answers()?.into_iter().map(|(place, _)| place).collect();
        for (place, rotate) in plan.rotations.iter().filter(|(place, _)| !answered.contains(place)) {
            done[*place] = Some(Done::Rotation(rotate::explain(tx, rotate).await?));
        }
    }
    for place in plan.later {
        done[place] = Some(one(tx, &batch[place]).await?);
    }
    link.commit().await?;
    for (place, rotation) in rotated.answers()? {
        done[place] = Some(Done::Rotation(rotation));
    }
    let done = done.into_iter().collect::<Option<_>>();
    Ok(done.ok_or(StorageError::Impossible("a write of a batch was forgotten"))?)
}

/// Does all of `batch` in one transaction, one write after the other.
async fn in_turn(storage: &Storage, batch: &[Write]) -> Result<Vec<Done>, Undone> {
    let tx = storage.begin().await.map_err(Undone::Whole)?;
    let mut done = Vec::with_capacity(batch.len());
    for write in batch {
        done.push(one(&tx, write).await?);
    }
    tx.commit().await?;
    Ok(done)
}

async fn one(tx: &DatabaseTransaction, write: &Write) -> Result<Done, Undone> {
    Ok(match write {
        Write::Rotate(rotate, _) => Done::Rotation(rotate::rotate_in(tx, rotate).await?),
        Write::SignIn(input, _) => {
            // An attempt that was finished before: what it has written must go again.
            Done::SignIn(sign_in::sign_in_in(tx, input).await?.ok_or(Undone::OneByOne)?)
        }
        Write::Revoke(revoke, _) => Done::Revoked(sessions::revoke_in(tx, revoke).await?),
        Write::Profile(reading, _) => {
            users::refresh_profile(tx, reading).await?;
            Done::Profile
        }
    })
}

async fn lock_sessions(tx: &DatabaseTransaction, ids: &HashSet<Uuid>) -> Result<(), StorageError> {
    const COLUMNS: &[Column; 1] = &[column("session_id", Kind::Uuid)];
    let sql = "SELECT sessions.id FROM sessions JOIN v ON sessions.id = v.session_id ORDER BY sessions.id \
               FOR UPDATE OF sessions";
    Rows::new(COLUMNS, ids.iter().map(|id| [(*id).into()])).query(tx, sql).await?;
    Ok(())
}

/// Ends the sessions that live; the id of each that did.
async fn end_sessions(
    tx: &DatabaseTransaction,
    endings: &[(usize, Ending<'_>)],
) -> Result<Vec<(usize, Option<Uuid>)>, StorageError> {
    const COLUMNS: &[Column; 4] = &[
        column("session_id", Kind::Uuid),
        nullable("user_id", Kind::Uuid),
        column("at", Kind::Integer),
        column("because", Kind::Text),
    ];
    let rows = endings.iter().map(|(_, ending)| {
        let (at, because) = (ending.trace.now.millis(), ending.because.as_str());
        [ending.session_id.into(), ending.user_id.into(), at.into(), because.into()]
    });
    let sql = "UPDATE sessions SET revoked_at = v.at, revoked_because = v.because FROM v \
               WHERE sessions.id = v.session_id AND (v.user_id IS NULL OR sessions.user_id = v.user_id) \
               AND sessions.revoked_at IS NULL RETURNING sessions.id, sessions.user_id";
    let mut ended = HashSet::new();
    let mut trail = Vec::new();
    for row in Rows::new(COLUMNS, rows).query(tx, sql).await? {
        let (id, user_id): (Uuid, Uuid) = (row.try_get("", "id")?, row.try_get("", "user_id")?);
        if let Some((_, ending)) = endings.iter().find(|(_, ending)| ending.session_id == id) {
            trail.push(audit::row(ending.trace, Event::SessionRevoked(ending.because), user_id, Some(id)));
            ended.insert(id);
        }
    }
    let mut script = Script::new(tx, trail.len());
    script.insert("audit_events", &audit_rows(trail));
    script.execute(tx).await?;
    Ok(endings.iter().map(|(place, ending)| (*place, ended.get(&ending.session_id).copied())).collect())
}

/// Rows of the audit trail.
pub(super) fn audit_rows(trail: Vec<audit_event::Model>) -> Rows<7> {
    const COLUMNS: &[Column; 7] = &[
        column("id", Kind::Uuid),
        column("at", Kind::Integer),
        column("event", Kind::Text),
        nullable("user_id", Kind::Uuid),
        nullable("session_id", Kind::Uuid),
        nullable("ip", Kind::Text),
        nullable("request_id", Kind::Text),
    ];
    let cells = trail.into_iter().map(|row| {
        let (user_id, session_id) = (row.user_id.into(), row.session_id.into());
        [row.id.into(), row.at.into(), row.event.into(), user_id, session_id, row.ip.into(), row.request_id.into()]
    });
    Rows::new(COLUMNS, cells)
}
