//! People who go: by their own wish here, or by what their provider reports. One transaction each.

use std::time::Duration;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    Storage, StorageError,
    audit::{self, Event, Trace},
    deadlock,
    entity::{audit_event, identity, seen_event, session, user},
    insert,
    outbox::{self, OwedKind},
    sessions, users,
};
use crate::{
    clock::Timestamp,
    config::OnUnlink,
    domain::{
        identity::{Identity, ProviderKind, Subject},
        provider_event::{Effect, EventDelivery, ProviderEvent},
        session::RevokedBecause,
    },
};

/// An emptied row stays this long where it is to go: sessions and access tokens name it until then.
const KEEP_EMPTY_ROW: Duration = Duration::from_hours(720);

/// Clocks of the provider and ours may differ: somebody who came back this soon after an event had not come back.
const CLOCK_DIFFERENCE: Duration = Duration::from_mins(1);

/// What to do about somebody who signed in after they were found to be unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfBack {
    /// The provider itself said when: what began before ends.
    EndOlderSessions,
    /// Its list was read over a while: they may have been linked again meanwhile.
    LeaveAlone,
}

impl Storage {
    /// A user leaves: sessions end, personal data goes, the provider is owed an unlink. The sessions that ended; `None` when
    /// they had left before.
    pub async fn leave(&self, user_id: Uuid, trace: Trace<'_>) -> Result<Option<Vec<Uuid>>, StorageError> {
        // Not even the trail of the leaving itself says from where.
        let trace = Trace { ip: None, ..trace };
        deadlock::retried(|| self.try_leave(user_id, trace)).await
    }

    async fn try_leave(&self, user_id: Uuid, trace: Trace<'_>) -> Result<Option<Vec<Uuid>>, StorageError> {
        let tx = self.begin().await?;
        let identities = identity::Entity::find().filter(identity::Column::UserId.eq(user_id)).all(&tx).await?;
        if !erase(&tx, user_id, true, trace.now).await? {
            return Ok(None);
        }
        for row in identities {
            if let Some(provider) = ProviderKind::from_name(&row.provider) {
                let identity = Identity { provider, subject: Subject::stored(row.subject) };
                outbox::forget(&tx, OwedKind::Profile, &identity).await?;
                outbox::owe(&tx, OwedKind::Unlink, &identity, trace.now).await?;
            }
        }
        let ended = end_sessions(&tx, user_id, None, RevokedBecause::Left, trace).await?;
        audit::record(&tx, trace, Event::UserLeft, user_id, None).await?;
        tx.commit().await?;
        Ok(Some(ended))
    }

    /// A person is no longer linked at their provider, since `occurred_at`. The sessions that ended; none for somebody we do
    /// not know.
    pub async fn end_link(
        &self,
        identity: &Identity,
        policy: OnUnlink,
        occurred_at: Timestamp,
        if_back: IfBack,
        trace: Trace<'_>,
    ) -> Result<Vec<Uuid>, StorageError> {
        deadlock::retried(|| self.try_end_link(identity, policy, occurred_at, if_back, trace)).await
    }

    async fn try_end_link(
        &self,
        identity: &Identity,
        policy: OnUnlink,
        occurred_at: Timestamp,
        if_back: IfBack,
        trace: Trace<'_>,
    ) -> Result<Vec<Uuid>, StorageError> {
        let tx = self.begin().await?;
        if if_back == IfBack::LeaveAlone
            && users::find_identity(&tx, identity).await?.is_some_and(|row| row.last_login_at >= occurred_at.millis())
        {
            return Ok(Vec::new());
        }
        let ended = unlinked(&tx, identity, policy, occurred_at, trace).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Carries out what a delivery of events asks of us. The sessions that ended; `None` when it was carried out before.
    pub async fn take_events(
        &self,
        provider: ProviderKind,
        delivery: &EventDelivery,
        policy: OnUnlink,
        trace: Trace<'_>,
    ) -> Result<Option<Vec<Uuid>>, StorageError> {
        deadlock::retried(|| self.try_take_events(provider, delivery, policy, trace)).await
    }

    async fn try_take_events(
        &self,
        provider: ProviderKind,
        delivery: &EventDelivery,
        policy: OnUnlink,
        trace: Trace<'_>,
    ) -> Result<Option<Vec<Uuid>>, StorageError> {
        let tx = self.begin().await?;
        let row = seen_event::ActiveModel { id: Set(delivery.id.to_vec()), seen_at: Set(trace.now.millis()) };
        if !insert::if_new(&tx, row, [seen_event::Column::Id]).await? {
            return Ok(None);
        }
        let mut ended = Vec::new();
        for event in &delivery.events {
            let Some(subject) = event.subject.clone() else {
                audit::record(&tx, trace, Event::Provider(event.name), None, None).await?;
                continue;
            };
            let identity = Identity { provider, subject };
            ended.extend(carry_out(&tx, &identity, event, delivery.occurred_at, policy, trace).await?);
        }
        tx.commit().await?;
        Ok(Some(ended))
    }

    /// Identities of a provider in the order of their subjects, with the moment of their last login.
    pub async fn identities_after(
        &self,
        provider: ProviderKind,
        after: Option<&Subject>,
        at_most: u64,
    ) -> Result<Vec<(Subject, Timestamp)>, StorageError> {
        let mut query = identity::Entity::find().filter(identity::Column::Provider.eq(provider.as_str()));
        if let Some(after) = after {
            query = query.filter(identity::Column::Subject.gt(after.as_str()));
        }
        let rows = query.order_by_asc(identity::Column::Subject).limit(at_most).all(&self.reader).await?;
        Ok(rows
            .into_iter()
            .map(|row| (Subject::stored(row.subject), Timestamp::from_millis(row.last_login_at)))
            .collect())
    }
}

async fn carry_out(
    db: &impl ConnectionTrait,
    identity: &Identity,
    event: &ProviderEvent,
    occurred_at: Timestamp,
    policy: OnUnlink,
    trace: Trace<'_>,
) -> Result<Vec<Uuid>, StorageError> {
    let user_id = users::find_identity(db, identity).await?.map(|row| row.user_id);
    audit::record(db, trace, Event::Provider(event.name), user_id, None).await?;
    let Some(user_id) = user_id else { return Ok(Vec::new()) };
    match &event.effect {
        Effect::Unlinked => unlinked(db, identity, policy, occurred_at, trace).await,
        Effect::EndSessions => {
            end_sessions(db, user_id, Some(occurred_at), RevokedBecause::ProviderRevoked, trace).await
        }
        Effect::RereadProfile => reread(db, identity, trace.now).await,
        Effect::Withdrawn(items) => {
            // The identity before the user, as a login locks them.
            let ended = reread(db, identity, trace.now).await?;
            withdraw(db, user_id, items, trace.now).await?;
            Ok(ended)
        }
        Effect::RecordOnly => Ok(Vec::new()),
    }
}

async fn unlinked(
    db: &impl ConnectionTrait,
    identity: &Identity,
    policy: OnUnlink,
    occurred_at: Timestamp,
    trace: Trace<'_>,
) -> Result<Vec<Uuid>, StorageError> {
    // Should they come back, their consent is another one. First, because it locks the identity against a login.
    forget_reading(db, identity).await?;
    let Some(row) = users::find_identity(db, identity).await? else { return Ok(Vec::new()) };
    // Who was made after the event is not the one it is about: they went, and signed up again. Times of the provider are whole
    // seconds.
    let is_another = row.created_at >= occurred_at.millis() + 1000;
    let came_back = is_another || Timestamp::from_millis(row.last_login_at) > occurred_at + CLOCK_DIFFERENCE;
    let goes = policy != OnUnlink::Keep && !came_back;
    if goes {
        erase(db, row.user_id, policy == OnUnlink::Delete, trace.now).await?;
        outbox::forget(db, OwedKind::Profile, identity).await?;
    }
    audit::record(db, trace, Event::Unlinked, row.user_id, None).await?;
    // Of somebody who is erased nothing stays signed in, not even a session begun this very minute.
    end_sessions(db, row.user_id, (!goes).then_some(occurred_at), RevokedBecause::Unlinked, trace).await
}

/// The profile is read again: by itself where the admin key allows it, at the next login in any case.
async fn reread(db: &impl ConnectionTrait, identity: &Identity, now: Timestamp) -> Result<Vec<Uuid>, StorageError> {
    forget_reading(db, identity).await?;
    outbox::owe(db, OwedKind::Profile, identity, now).await?;
    Ok(Vec::new())
}

async fn forget_reading(db: &impl ConnectionTrait, identity: &Identity) -> Result<(), StorageError> {
    identity::Entity::update_many()
        .set(identity::ActiveModel { profile_read_at: Set(0), ..Default::default() })
        .filter(identity::Column::Provider.eq(identity.provider.as_str()))
        .filter(identity::Column::Subject.eq(identity.subject.as_str()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends living sessions of a user, those begun after `before` excepted.
async fn end_sessions(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    before: Option<Timestamp>,
    because: RevokedBecause,
    trace: Trace<'_>,
) -> Result<Vec<Uuid>, StorageError> {
    let mut living = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::RevokedAt.is_null());
    if let Some(before) = before {
        // Times of the provider are whole seconds.
        living = living.filter(session::Column::CreatedAt.lt(before.millis() + 1000));
    }
    let ids: Vec<Uuid> = living.order_by_asc(session::Column::Id).into_tuple().all(db).await?;
    let mut ended = Vec::new();
    for id in ids {
        if sessions::revoke_one(db, id, because, trace).await? {
            ended.push(id);
        }
    }
    Ok(ended)
}

/// Takes everything personal from a user and their identities with it; false when that was done before.
async fn erase(db: &impl ConnectionTrait, user_id: Uuid, row_goes: bool, now: Timestamp) -> Result<bool, StorageError> {
    // The identity first, as a login does: it decides which of the two sees the other's result.
    identity::Entity::delete_many().filter(identity::Column::UserId.eq(user_id)).exec(db).await?;
    let emptied = user::Entity::update_many()
        .set(user::ActiveModel {
            username: Set(format!("left_{}", user_id.simple())),
            nickname: Set(None),
            nickname_is_own: Set(false),
            email: Set(None),
            email_verified: Set(false),
            profile_image: Set(None),
            sealed_private: Set(None),
            updated_at: Set(now.millis()),
            left_at: Set(Some(now.millis())),
            remove_at: Set(row_goes.then(|| (now + KEEP_EMPTY_ROW).millis())),
            ..Default::default()
        })
        .filter(user::Column::Id.eq(user_id))
        .filter(user::Column::LeftAt.is_null())
        .exec(db)
        .await?;
    session::Entity::update_many()
        .set(session::ActiveModel { ip: Set(None), user_agent: Set(None), ..Default::default() })
        .filter(session::Column::UserId.eq(user_id))
        .exec(db)
        .await?;
    audit_event::Entity::update_many()
        .set(audit_event::ActiveModel { ip: Set(None), ..Default::default() })
        .filter(audit_event::Column::UserId.eq(user_id))
        .exec(db)
        .await?;
    Ok(emptied.rows_affected == 1)
}

/// Erases what these consent items stand for. Private fields go together: they are sealed as one, and read again soon.
async fn withdraw(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    items: &[String],
    now: Timestamp,
) -> Result<(), StorageError> {
    let Some(row) = user::Entity::find_by_id(user_id).lock_exclusive().one(db).await? else { return Ok(()) };
    let named = |names: &[&str]| items.iter().any(|item| names.contains(&item.as_str()));
    let mut change = user::ActiveModel { updated_at: Set(now.millis()), ..Default::default() };
    if named(&["profile", "profile_nickname"]) && !row.nickname_is_own {
        change.nickname = Set(None);
    }
    if named(&["profile", "profile_image"]) {
        change.profile_image = Set(None);
    }
    if named(&["account_email"]) {
        (change.email, change.email_verified) = (Set(None), Set(false));
    }
    if named(&["name", "gender", "age_range", "birthday", "birthyear", "phone_number"]) {
        change.sealed_private = Set(None);
    }
    user::Entity::update_many().set(change).filter(user::Column::Id.eq(user_id)).exec(db).await?;
    Ok(())
}
