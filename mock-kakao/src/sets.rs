//! Security event tokens (RFC 8417), as Kakao pushes them when something happens to an account.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::jws::{Draft, Signature, object};
use crate::keys::SigningKey;
use crate::state::Mock;

const OAUTH: &str = "https://schemas.openid.net/secevent/oauth/event-type/";
const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
const KAKAO: &str = "https://schemas.kakao.com/platevent/kakao/event-type/";

/// The events Kakao is known to send: prefix and name of the URI.
pub(crate) const EVENTS: [(&str, &str); 18] = [
    (OAUTH, "user-unlinked"),
    (OAUTH, "user-linked"),
    (OAUTH, "user-scope-consent"),
    (OAUTH, "user-scope-withdraw"),
    (OAUTH, "token-issued"),
    (OAUTH, "token-revoked"),
    (OAUTH, "tokens-revoked"),
    (RISC, "account-disabled"),
    (RISC, "account-enabled"),
    (RISC, "account-purged"),
    (RISC, "account-credential-change-required"),
    (RISC, "credential-compromise"),
    (RISC, "identifier-changed"),
    (RISC, "identifier-recycled"),
    (RISC, "sessions-revoked"),
    (CAEP, "assurance-level-change"),
    (CAEP, "credential-change"),
    (KAKAO, "user-profile-changed"),
];

/// The full URI of an event given by its last part; anything else is taken to be a URI.
pub(crate) fn event_uri(name: &str) -> String {
    let known = EVENTS.iter().find(|(_, last)| *last == name);
    known.map_or_else(|| name.to_owned(), |(prefix, last)| format!("{prefix}{last}"))
}

/// Well-formed claims with one event and a fresh `jti`.
pub(crate) fn claims(mock: &Mock, aud: &str, user_id: &str, event_uri: &str) -> Value {
    let now = mock.now();
    json!({
        "iss": mock.base_url,
        "aud": aud,
        "sub": user_id,
        "iat": now,
        "toe": now,
        "jti": mock.random.opaque(),
        "txn": mock.random.opaque(),
        "events": {event_uri: event(mock, user_id)},
    })
}

/// The payload of an event, before what is special to it.
pub(crate) fn event(mock: &Mock, user_id: &str) -> Value {
    json!({"subject": {"subject_type": "iss-sub", "iss": mock.base_url, "sub": user_id}})
}

/// Signs exactly these claims. Members of `header` override the usual ones, null leaves one out. `alg` decides the signature:
/// `none` leaves it empty, `HS256` takes the public key for a secret, anything else is RS256.
pub(crate) fn sign(mock: &Mock, key: Arc<SigningKey>, header: &Value, claims: &Value) -> String {
    let mut members = object(json!({"alg": "RS256", "typ": "secevent+jwt", "kid": mock.keys.signing().kid()}));
    override_with(&mut members, header);
    let signature = match members.get("alg").and_then(Value::as_str) {
        Some("none") => Signature::None,
        Some("HS256") => Signature::Hs256Der(key),
        _ => Signature::Rs256(key),
    };
    let draft = Draft { header: members, claims: object(claims.clone()), signature, flip: false };
    draft.compact().expect("a key that was parsed can sign")
}

fn override_with(members: &mut Map<String, Value>, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}
