//! The audit trail: what happened to whom, written in the same transaction as what happened.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::{StorageError, entity::audit_event};
use crate::{clock::Timestamp, domain::session::RevokedBecause};

/// What happened. The names are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody signed in for the first time.
    UserCreated,
    /// Somebody signed in.
    SignedIn,
    /// A lost answer was given again after the reuse window.
    RefreshRecovered,
    /// A replaced refresh token was presented; its session was ended.
    RefreshReused,
    /// A session was ended.
    SessionRevoked(RevokedBecause),
    /// A user left.
    UserLeft,
    /// A person took the app off their account at the provider.
    Unlinked,
    /// The provider reported something, by its own name.
    Provider(&'static str),
}

impl Event {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserCreated => "user_created",
            Self::SignedIn => "signed_in",
            Self::RefreshRecovered => "refresh_recovered",
            Self::RefreshReused => "refresh_reused",
            Self::SessionRevoked(because) => because.as_str(),
            Self::UserLeft => "user_left",
            Self::Unlinked => "user_unlinked",
            Self::Provider(name) => name,
        }
    }
}

/// On whose behalf something is written.
#[derive(Debug, Clone, Copy)]
pub struct Trace<'a> {
    /// When.
    pub now: Timestamp,
    /// The request that did it.
    pub request_id: &'a str,
    /// The client's address.
    pub ip: Option<std::net::IpAddr>,
}

/// A [`Trace`] that waits in the queue of the batch writer.
#[derive(Debug, Clone)]
pub struct OwnedTrace {
    /// When.
    pub now: Timestamp,
    request_id: String,
    ip: Option<std::net::IpAddr>,
}

impl OwnedTrace {
    pub(super) fn get(&self) -> Trace<'_> {
        Trace { now: self.now, request_id: &self.request_id, ip: self.ip }
    }
}

impl From<Trace<'_>> for OwnedTrace {
    fn from(trace: Trace<'_>) -> Self {
        Self { now: trace.now, request_id: trace.request_id.to_owned(), ip: trace.ip }
    }
}

/// The row of one event.
pub(super) fn row(
    trace: Trace<'_>,
    event: Event,
    user_id: impl Into<Option<Uuid>>,
    session_id: Option<Uuid>,
) -> audit_event::Model {
    audit_event::Model {
        id: trace.now.new_uuid(),
        at: trace.now.millis(),
        event: event.as_str().to_owned(),
        user_id: user_id.into(),
        session_id,
        ip: trace.ip.map(|ip| ip.to_string()),
        request_id: Some(trace.request_id.to_owned()),
    }
}

pub(super) async fn record(
    db: &impl ConnectionTrait,
    trace: Trace<'_>,
    event: Event,
    user_id: impl Into<Option<Uuid>>,
    session_id: Option<Uuid>,
) -> Result<(), StorageError> {
    let row = row(trace, event, user_id, session_id).into_active_model().reset_all();
    audit_event::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
