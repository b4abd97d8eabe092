//! What a webhook says: the unlink notice, and the security event tokens, sound or with one defect.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::config::{UnlinkMethod, UnlinkWebhook};
use crate::keys::KeySet;
use crate::sender::{Delivery, Kind, Subject};
use crate::sets;
use crate::state::Mock;

/// Why somebody is no longer linked, as `referrer_type` says it.
pub(crate) const REFERRERS: [&str; 5] =
    ["UNLINK_FROM_APPS", "ACCOUNT_DELETE", "FORCED_ACCOUNT_DELETE", "UNLINK_FROM_ADMIN", "INCOMPLETE_SIGN_UP"];

const DAY: i64 = 24 * 3600;
/// The pause doubles each time; the tenth comes after minutes.
const MOST_ATTEMPTS: u32 = 10;
/// More than any receiver should read.
const OVERSIZED: usize = 100_000;

/// An unlink webhook to send: `POST /__mock/webhooks/unlink`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlinkNotice {
    /// The configured one if missing.
    url: Option<String>,
    /// Name or number.
    user: Option<String>,
    referrer_type: Option<String>,
    method: Option<UnlinkMethod>,
    defect: Option<UnlinkDefect>,
}

/// What is wrong with an unlink webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnlinkDefect {
    WrongKey,
    NoKey,
    WrongAppId,
    NoAppId,
    NoUserId,
    NoReferrerType,
    Oversized,
}

/// Every [`UnlinkDefect`] as it is written.
pub(crate) const UNLINK_DEFECTS: [&str; 7] =
    ["wrong_key", "no_key", "wrong_app_id", "no_app_id", "no_user_id", "no_referrer_type", "oversized"];

/// A SET to send: `POST /__mock/webhooks/account-status`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusNotice {
    /// The configured one if missing.
    url: Option<String>,
    /// Name or number.
    user: Option<String>,
    /// The last part of an event URI, or any URI.
    event: Option<String>,
    /// Several events in one token, in the place of `event`.
    events: Option<Vec<String>>,
    reason: Option<String>,
    /// The items of `user-scope-consent` and `user-scope-withdraw`.
    scope: Option<Vec<String>>,
    /// The audience; the first client if missing.
    aud: Option<String>,
    /// An identifier chosen by the caller.
    jti: Option<String>,
    defect: Option<SetDefect>,
    attempts: Option<u32>,
}

/// What is wrong with a SET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SetDefect {
    BadSignature,
    ForeignKey,
    UnknownKid,
    NoKid,
    BadTyp,
    NoTyp,
    AlgNone,
    Hs256,
    WrongAud,
    WrongIss,
    OldIat,
    FutureIat,
    NoJti,
    NoEvents,
    DuplicateJti,
    Oversized,
    WrongContentType,
    NotAToken,
}

/// Every [`SetDefect`] as it is written.
pub(crate) const SET_DEFECTS: [&str; 18] = [
    "bad_signature",
    "foreign_key",
    "unknown_kid",
    "no_kid",
    "bad_typ",
    "no_typ",
    "alg_none",
    "hs256",
    "wrong_aud",
    "wrong_iss",
    "old_iat",
    "future_iat",
    "no_jti",
    "no_events",
    "duplicate_jti",
    "oversized",
    "wrong_content_type",
    "not_a_token",
];

/// Sends an unlink webhook; the error is for the developer who asked for it.
pub(crate) async fn send_unlink(mock: &Mock, notice: UnlinkNotice) -> Result<Delivery, String> {
    let configured = mock.config.unlink_webhook.as_ref();
    let url = target(notice.url, configured.map(|webhook| webhook.url.as_str()))?;
    let id = user_id(mock, notice.user.as_deref())?;
    let method = notice.method.or(configured.map(|webhook| webhook.method)).unwrap_or_default();
    let referrer = notice.referrer_type.unwrap_or_else(|| REFERRERS[0].to_owned());
    Ok(deliver_unlink(mock, &UnlinkWebhook { url, method }, &id, &referrer, notice.defect).await)
}

/// Sends what Kakao sends when `id` is no longer linked, if the app asked for it.
pub(crate) async fn unlinked(mock: &Mock, id: i64, referrer: &str) -> Vec<Delivery> {
    let id = id.to_string();
    let unlink = async {
        match &mock.config.unlink_webhook {
            Some(webhook) => Some(deliver_unlink(mock, webhook, &id, referrer, None).await),
            None => None,
        }
    };
    let status = status_of(mock, &id, "user-unlinked", json!({"reason": referrer}));
    let (unlink, status) = tokio::join!(unlink, status);
    unlink.into_iter().chain(status).collect()
}

/// Sends what Kakao sends when a person withdraws consent items.
pub(crate) async fn scopes_withdrawn(mock: &Mock, id: i64, scope: &[&str]) -> Vec<Delivery> {
    status_of(mock, &id.to_string(), "user-scope-withdraw", json!({"scope": scope})).await.into_iter().collect()
}

async fn status_of(mock: &Mock, id: &str, event: &str, members: Value) -> Option<Delivery> {
    let url = mock.config.status_webhook.clone()?;
    let notice = StatusNotice {
        reason: members["reason"].as_str().map(str::to_owned),
        scope: serde_json::from_value(members["scope"].clone()).ok(),
        event: Some(event.to_owned()),
        ..StatusNotice::default()
    };
    Some(deliver_set(mock, url, id, notice).await)
}

async fn deliver_unlink(
    mock: &Mock,
    webhook: &UnlinkWebhook,
    id: &str,
    referrer: &str,
    defect: Option<UnlinkDefect>,
) -> Delivery {
    let has = |missing: UnlinkDefect| defect != Some(missing);
    let app_id = if has(UnlinkDefect::WrongAppId) { mock.config.app_id } else { mock.config.app_id + 1 };
    let mut fields = Vec::new();
    for (name, value, missing) in [
        ("app_id", app_id.to_string(), UnlinkDefect::NoAppId),
        ("user_id", id.to_owned(), UnlinkDefect::NoUserId),
        ("referrer_type", referrer.to_owned(), UnlinkDefect::NoReferrerType),
    ] {
        if has(missing) {
            fields.push((name, value));
        }
    }
    if !has(UnlinkDefect::Oversized) {
        fields.push(("padding", "x".repeat(OVERSIZED)));
    }
    let (client, url) = (mock.sender.client(), &webhook.url);
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let request = match webhook.method {
        UnlinkMethod::Get => {
            let separator = if url.contains('?') { '&' } else { '?' };
            client.get(format!("{url}{separator}{form}"))
        }
        UnlinkMethod::Form => {
            client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8").body(form)
        }
        UnlinkMethod::Json => {
            let members: serde_json::Map<_, _> =
                fields.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
            client.post(url).header(CONTENT_TYPE, "application/json").body(Value::Object(members).to_string())
        }
    };
    let request = match defect {
        Some(UnlinkDefect::NoKey) => request,
        Some(UnlinkDefect::WrongKey) => request.header(AUTHORIZATION, "KakaoAK not-the-admin-key"),
        _ => request.header(AUTHORIZATION, format!("KakaoAK {}", mock.config.primary_admin_key())),
    };
    let method = if webhook.method == UnlinkMethod::Get { "GET" } else { "POST" };
    let summary = described(&format!("{referrer} {id}"), defect.map(|defect| UNLINK_DEFECTS[defect as usize]));
    let subject = Subject { kind: Kind::Unlink, method, url: url.clone(), summary, at: mock.now(), attempt: 1 };
    mock.sender.send(subject, request).await
}

/// Sends a SET; the error is for the developer who asked for it.
pub(crate) async fn send_status(mock: &Mock, notice: StatusNotice) -> Result<Delivery, String> {
    let url = target(notice.url.clone(), mock.config.status_webhook.as_deref())?;
    let id = user_id(mock, notice.user.as_deref())?;
    if notice.attempts.is_some_and(|attempts| !(1..=MOST_ATTEMPTS).contains(&attempts)) {
        return Err(format!("attempts: 1 to {MOST_ATTEMPTS}"));
    }
    if notice.defect == Some(SetDefect::DuplicateJti) && mock.last_jti().is_none() {
        return Err("duplicate_jti: nothing was sent yet whose jti could be used again".to_owned());
    }
    Ok(deliver_set(mock, url, &id, notice).await)
}

async fn deliver_set(mock: &Mock, url: String, id: &str, notice: StatusNotice) -> Delivery {
    let events: Vec<String> = match &notice.events {
        Some(events) => events.clone(),
        None => vec![notice.event.clone().unwrap_or_else(|| "user-unlinked".to_owned())],
    };
    let token = token(mock, id, &notice, &events);
    let typ = if notice.defect == Some(SetDefect::WrongContentType) {
        "application/json"
    } else {
        "application/secevent+jwt"
    };
    let names: Vec<&str> = events.iter().map(|event| event.rsplit('/').next().unwrap_or(event)).collect();
    let defect = notice.defect.map(|defect| SET_DEFECTS[defect as usize]);
    let summary = described(&format!("{} {id}", names.join(" + ")), defect);
    let attempts = notice.attempts.unwrap_or(mock.config.set_attempts).clamp(1, MOST_ATTEMPTS);
    let mut wait = mock.config.set_backoff;
    let mut attempt = 1;
    loop {
        let request = mock.sender.client().post(&url).header(CONTENT_TYPE, typ).body(token.clone());
        let (url, summary) = (url.clone(), summary.clone());
        let subject = Subject { kind: Kind::AccountStatus, method: "POST", url, summary, at: mock.now(), attempt };
        let delivery = mock.sender.send(subject, request).await;
        if delivery.is_final() || attempt >= attempts {
            return delivery;
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
        attempt += 1;
    }
}

fn token(mock: &Mock, id: &str, notice: &StatusNotice, events: &[String]) -> String {
    let aud = notice.aud.clone().unwrap_or_else(|| audience(mock));
    let mut claims = sets::claims(mock, &aud, id, &sets::event_uri(&events[0]));
    let mut payload = sets::event(mock, id);
    if let Some(reason) = &notice.reason {
        payload["reason"] = json!(reason);
    }
    if let Some(scope) = &notice.scope {
        payload["scope"] = json!(scope);
    }
    claims["events"] = events.iter().map(|event| (sets::event_uri(event), payload.clone())).collect();
    if let Some(jti) = &notice.jti {
        claims["jti"] = json!(jti);
    }
    let header = spoil(mock, &mut claims, notice.defect);
    if let Some(jti) = claims["jti"].as_str() {
        mock.set_last_jti(jti);
    }
    let key = if notice.defect == Some(SetDefect::ForeignKey) { KeySet::foreign() } else { mock.keys.signing() };
    match notice.defect {
        Some(SetDefect::NotAToken) => "not.a.token".to_owned(),
        Some(SetDefect::BadSignature) => with_bad_signature(&sets::sign(mock, key, &header, &claims)),
        _ => sets::sign(mock, key, &header, &claims),
    }
}

/// Changes the claims and gives the members of the header that differ.
fn spoil(mock: &Mock, claims: &mut Value, defect: Option<SetDefect>) -> Value {
    let now = mock.now();
    match defect {
        Some(SetDefect::UnknownKid) => return json!({"kid": "ffffffffffffffffffffffffffffffff"}),
        Some(SetDefect::NoKid) => return json!({"kid": null}),
        Some(SetDefect::BadTyp) => return json!({"typ": "JWT"}),
        Some(SetDefect::NoTyp) => return json!({"typ": null}),
        Some(SetDefect::AlgNone) => return json!({"alg": "none"}),
        Some(SetDefect::Hs256) => return json!({"alg": "HS256"}),
        Some(SetDefect::WrongAud) => claims["aud"] = json!("00000000000000000000000000000000"),
        Some(SetDefect::WrongIss) => claims["iss"] = json!("https://kauth.example.com"),
        Some(SetDefect::OldIat) => claims["iat"] = json!(now - 30 * DAY),
        Some(SetDefect::FutureIat) => claims["iat"] = json!(now + DAY),
        Some(SetDefect::DuplicateJti) => claims["jti"] = json!(mock.last_jti()),
        Some(SetDefect::Oversized) => claims["padding"] = json!("x".repeat(OVERSIZED)),
        Some(SetDefect::NoJti) => remove(claims, "jti"),
        Some(SetDefect::NoEvents) => remove(claims, "events"),
        _ => {}
    }
    json!({})
}

fn remove(claims: &mut Value, name: &str) {
    if let Some(members) = claims.as_object_mut() {
        members.remove(name);
    }
}

/// The first character of the signature is another one.
fn with_bad_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{signed}.{first}{}", signature.get(1..).unwrap_or_default())
}

/// The audience of a SET: the app's key, as most receivers report.
fn audience(mock: &Mock) -> String {
    let client = mock.config.clients.first();
    client.map_or_else(
        || mock.last_client_id().unwrap_or_else(|| "mock-client-id".to_owned()),
        |client| client.client_id.clone(),
    )
}

fn target(said: Option<String>, configured: Option<&str>) -> Result<String, String> {
    let url = said.or_else(|| configured.map(str::to_owned)).ok_or("url: none is given and none is configured")?;
    let sound = url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if sound { Ok(url) } else { Err(format!("url: {url} is no http or https URL")) }
}

/// The number of a person given by name or number.
fn user_id(mock: &Mock, user: Option<&str>) -> Result<String, String> {
    let user = user.unwrap_or("full");
    let person = mock.person(user).ok_or_else(|| format!("user: {user} is nobody"))?;
    Ok(person.id.to_string())
}

fn described(what: &str, defect: Option<&str>) -> String {
    defect.map_or_else(|| what.to_owned(), |defect| format!("{what} ({defect})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defects_are_written_as_they_are_read() {
        for (position, name) in SET_DEFECTS.into_iter().enumerate() {
            assert_eq!(serde_json::from_value::<SetDefect>(json!(name)).unwrap() as usize, position, "{name}");
        }
        for (position, name) in UNLINK_DEFECTS.into_iter().enumerate() {
            assert_eq!(serde_json::from_value::<UnlinkDefect>(json!(name)).unwrap() as usize, position, "{name}");
        }
    }
}
