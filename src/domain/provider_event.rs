//! What a provider reports about a person by itself: they unlinked, their credentials changed, their profile did.

use super::identity::Subject;
use crate::clock::Timestamp;

/// What an event asks of us. Everything not listed is recorded only: a service once deleted people as they signed up,
/// because it took every event for an unlink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The person is no longer linked to the app.
    Unlinked,
    /// Sessions begun before the event are not to be trusted any longer.
    EndSessions,
    /// The profile has changed.
    RereadProfile,
    /// These consent items were withdrawn.
    Withdrawn(Vec<String>),
    /// Nothing.
    RecordOnly,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// About whom; always there when the event asks for anything.
    pub subject: Option<Subject>,
    /// Its name for logs and the audit trail: ours, never text of the provider.
    pub name: &'static str,
    /// What it asks of us.
    pub effect: Effect,
}

/// A checked delivery of events (RFC 8417).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDelivery {
    /// SHA-256 of `jti`: the same delivery again has no second effect.
    pub id: [u8; 32],
    /// When it happened; what was done later is not touched by it.
    pub occurred_at: Timestamp,
    /// At least one.
    pub events: Vec<ProviderEvent>,
}
