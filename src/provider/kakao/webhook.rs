//! Kakao's account-status webhook: security event tokens (RFC 8417) pushed to us (RFC 8935).

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::super::{
    EventError,
    id_token::LEEWAY_SECS,
    jwks::{Audience, JwsError, KeySet},
};
use crate::{
    clock::Timestamp,
    config::{KakaoConfig, is_scope_token},
    domain::{
        identity::Subject,
        provider_event::{Effect, EventDelivery, ProviderEvent},
    },
    token::secret::sha256,
};

/// Deliveries older than this are refused: their `jti` may have been forgotten, so nobody could tell a repetition.
pub const OLDEST_DELIVERY: Duration = Duration::from_hours(24 * 28);

/// One token carries one event as a rule; a few are allowed, a flood is not.
const MAX_EVENTS: usize = 20;

const OAUTH: &str = "https://schemas.openid.net/secevent/oauth/event-type/";
const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
const KAKAO: &str = "https://schemas.kakao.com/platevent/kakao/event-type/";

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<Audience>,
    sub: Option<String>,
    sub_id: Option<NamedSubject>,
    jti: Option<String>,
    iat: Option<i64>,
    /// Time of the event (RFC 8417 section 2.2).
    toe: Option<i64>,
    events: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Event {
    subject: Option<NamedSubject>,
    scope: Option<Scopes>,
}

#[derive(Deserialize)]
struct NamedSubject {
    iss: Option<String>,
    sub: Option<String>,
}

/// A list, or one text with spaces or commas between the items.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    List(Vec<String>),
    Text(String),
}

/// Checks a delivery, signature first, and says what its events ask of us.
pub(super) async fn read_events(
    token: &str,
    keys: &KeySet,
    config: &KakaoConfig,
    now: Timestamp,
) -> Result<EventDelivery, EventError> {
    let claims: Value = keys.verify(token, Some("secevent+jwt")).await.map_err(|error| match error {
        JwsError::Header(what) => EventError::InvalidRequest(what),
        JwsError::UnknownKey => EventError::InvalidKey,
        JwsError::Signature => EventError::AuthenticationFailed,
        JwsError::Unavailable(error) => EventError::Unavailable(error),
    })?;
    let claims: Claims =
        serde_json::from_value(claims).map_err(|_| EventError::InvalidRequest("its claims are malformed"))?;
    check(&claims, config, now)
}

fn check(claims: &Claims, config: &KakaoConfig, now: Timestamp) -> Result<EventDelivery, EventError> {
    let invalid = EventError::InvalidRequest;
    if claims.iss.as_deref() != Some(config.issuer()) {
        return Err(EventError::InvalidIssuer);
    }
    let for_us = |audience: &String| {
        *audience == config.client_id
            || config.app_keys.contains(audience)
            || config.app_id.is_some_and(|id| id.to_string() == *audience)
    };
    if !claims.aud.as_ref().is_some_and(|audience| audience.values().iter().any(for_us)) {
        return Err(EventError::InvalidAudience);
    }
    let jti = claims.jti.as_deref().filter(|jti| (1..=256).contains(&jti.len())).ok_or(invalid("jti is missing"))?;
    let iat = claims.iat.ok_or(invalid("iat is missing"))?;
    let latest = now.secs().saturating_add(LEEWAY_SECS);
    if iat > latest || claims.toe.is_some_and(|toe| toe > latest) {
        return Err(invalid("it comes from the future"));
    }
    if now.since(Timestamp::from_secs(iat)) > OLDEST_DELIVERY {
        return Err(invalid("it is too old"));
    }
    let named = claims.events.as_ref().filter(|events| (1..=MAX_EVENTS).contains(&events.len()));
    let named = named.ok_or(invalid("events is missing, empty or too long"))?;
    let events = named
        .iter()
        .map(|(uri, body)| {
            let event = serde_json::from_value::<Event>(body.clone());
            let (name, effect) = meaning(uri, event.as_ref().ok());
            if effect == Effect::RecordOnly {
                // Whatever it looks like: nothing depends on it, and the events beside it are not to suffer.
                let subject = event.ok().and_then(|event| subject_of(claims, &event, config).ok());
                return Ok(ProviderEvent { subject, name, effect });
            }
            let event = event.map_err(|_| EventError::InvalidRequest("an event is malformed"))?;
            Ok(ProviderEvent { subject: Some(subject_of(claims, &event, config)?), name, effect })
        })
        .collect::<Result<Vec<_>, EventError>>()?;
    let occurred_at = Timestamp::from_secs(claims.toe.unwrap_or(iat));
    Ok(EventDelivery { id: sha256(jti.as_bytes()), occurred_at, events })
}

/// The one person an event is about. Wherever a subject is named, it must be the same.
fn subject_of(claims: &Claims, event: &Event, config: &KakaoConfig) -> Result<Subject, EventError> {
    let named = [event.subject.as_ref(), claims.sub_id.as_ref()];
    if named.iter().flatten().any(|subject| subject.iss.as_deref().is_some_and(|iss| iss != config.issuer())) {
        return Err(EventError::InvalidIssuer);
    }
    let mut subjects = named.iter().flatten().filter_map(|subject| subject.sub.as_deref()).chain(claims.sub.as_deref());
    let first = subjects.next().ok_or(EventError::InvalidRequest("it names no subject"))?;
    if subjects.any(|other| other != first) {
        return Err(EventError::InvalidRequest("it names different subjects"));
    }
    Subject::kakao(first).ok_or(EventError::InvalidRequest("its subject is no user number"))
}

/// The allow-list: only these events have an effect, told apart by their whole URI.
fn meaning(uri: &str, event: Option<&Event>) -> (&'static str, Effect) {
    let known = [OAUTH, RISC, CAEP, KAKAO].into_iter().find_map(|base| Some((base, uri.strip_prefix(base)?)));
    match known {
        Some((OAUTH, "user-unlinked")) => ("user-unlinked", Effect::Unlinked),
        Some((RISC, "account-purged")) => ("account-purged", Effect::Unlinked),
        Some((OAUTH, "tokens-revoked")) => ("tokens-revoked", Effect::EndSessions),
        Some((RISC, "sessions-revoked")) => ("sessions-revoked", Effect::EndSessions),
        Some((RISC, "account-disabled")) => ("account-disabled", Effect::EndSessions),
        Some((RISC, "credential-compromise")) => ("credential-compromise", Effect::EndSessions),
        Some((RISC, "account-credential-change-required")) => {
            ("account-credential-change-required", Effect::EndSessions)
        }
        Some((CAEP, "credential-change")) => ("credential-change", Effect::EndSessions),
        Some((KAKAO, "user-profile-changed")) => ("user-profile-changed", Effect::RereadProfile),
        Some((RISC, "identifier-changed")) => ("identifier-changed", Effect::RereadProfile),
        Some((OAUTH, "user-scope-withdraw")) => ("user-scope-withdraw", Effect::Withdrawn(scopes_of(event))),
        Some((OAUTH, "user-linked")) => ("user-linked", Effect::RecordOnly),
        Some((OAUTH, "user-scope-consent")) => ("user-scope-consent", Effect::RecordOnly),
        Some((OAUTH, "token-issued")) => ("token-issued", Effect::RecordOnly),
        Some((OAUTH, "token-revoked")) => ("token-revoked", Effect::RecordOnly),
        Some((RISC, "account-enabled")) => ("account-enabled", Effect::RecordOnly),
        Some((RISC, "identifier-recycled")) => ("identifier-recycled", Effect::RecordOnly),
        Some((CAEP, "assurance-level-change")) => ("assurance-level-change", Effect::RecordOnly),
        _ => ("unknown", Effect::RecordOnly),
    }
}

fn scopes_of(event: Option<&Event>) -> Vec<String> {
    let named: Vec<&str> = match event.and_then(|event| event.scope.as_ref()) {
        Some(Scopes::List(list)) => list.iter().map(String::as_str).collect(),
        Some(Scopes::Text(text)) => text.split([' ', ',']).collect(),
        None => Vec::new(),
    };
    named.into_iter().filter(|scope| is_scope_token(scope)).take(30).map(ToOwned::to_owned).collect()
}
