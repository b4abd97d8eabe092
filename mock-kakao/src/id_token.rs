//! ID tokens, and the ways in which they can be wrong.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::faults::IdTokenFault;
use crate::jws::{Draft, Signature, object};
use crate::keys::{KeySet, SigningKey};
use crate::profile;
use crate::state::{ACCESS_LIFETIME, Mock, Session};

const HOUR: i64 = 3600;

/// Makes the ID token of a login. `None` if it is to be left out, or in the practically impossible case that signing fails.
pub(crate) fn issue(
    mock: &Mock,
    session: &Session,
    nonce: Option<&str>,
    fault: Option<IdTokenFault>,
) -> Option<String> {
    let key = mock.keys.signing();
    let mut draft = Draft {
        header: header(&key),
        claims: claims(mock, session, nonce),
        signature: Signature::Rs256(key),
        flip: false,
    };
    match fault {
        Some(IdTokenFault::Missing) => return None,
        Some(fault) => draft.spoil(fault),
        None => {}
    }
    draft.compact().ok()
}

fn header(key: &SigningKey) -> Map<String, Value> {
    object(json!({"kid": key.kid(), "typ": "JWT", "alg": "RS256"}))
}

fn claims(mock: &Mock, session: &Session, nonce: Option<&str>) -> Map<String, Value> {
    let (now, person) = (mock.now(), session.link.person());
    let mut claims = object(json!({
        "aud": session.client_id,
        "sub": person.id.to_string(),
        "auth_time": session.authenticated_at,
        "iss": mock.base_url,
        "exp": now + ACCESS_LIFETIME,
        "iat": now,
    }));
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    claims.extend(profile::claims(&person, session.link.agreed().and(mock.items.configured)));
    claims
}

impl Draft {
    fn spoil(&mut self, fault: IdTokenFault) {
        match fault {
            IdTokenFault::WrongAudience => self.claim("aud", json!("00000000000000000000000000000000")),
            IdTokenFault::WrongIssuer => self.claim("iss", json!("https://kauth.example.com")),
            IdTokenFault::WrongNonce => self.claim("nonce", json!("another-nonce")),
            IdTokenFault::NoNonce => self.drop_claim("nonce"),
            IdTokenFault::Expired => self.shift(-(ACCESS_LIFETIME + HOUR)),
            IdTokenFault::FutureIat => self.shift(HOUR),
            IdTokenFault::NoIat => self.drop_claim("iat"),
            IdTokenFault::NoSub => self.drop_claim("sub"),
            IdTokenFault::OtherSubject => self.claim("sub", json!("4999999999")),
            IdTokenFault::UnknownKid => self.head("kid", json!("ffffffffffffffffffffffffffffffff")),
            IdTokenFault::NoKid => {
                self.header.remove("kid");
            }
            IdTokenFault::ForeignKey => self.signature = Signature::Rs256(KeySet::foreign()),
            IdTokenFault::BadSignature => self.flip = true,
            IdTokenFault::AlgNone => {
                self.head("alg", json!("none"));
                self.signature = Signature::None;
            }
            IdTokenFault::Hs256 => {
                self.head("alg", json!("HS256"));
                if let Signature::Rs256(key) = &self.signature {
                    self.signature = Signature::Hs256Pem(Arc::clone(key));
                }
            }
            // Handled before there is a draft.
            IdTokenFault::Missing => {}
        }
    }

    /// Moves the whole life of the token by some seconds.
    fn shift(&mut self, seconds: i64) {
        for name in ["iat", "exp", "auth_time"] {
            let moved = self.claims.get(name).and_then(Value::as_i64).map(|time| time + seconds);
            self.claim(name, json!(moved));
        }
    }

    fn claim(&mut self, name: &str, value: Value) {
        self.claims.insert(name.to_owned(), value);
    }

    fn drop_claim(&mut self, name: &str) {
        self.claims.remove(name);
    }

    fn head(&mut self, name: &str, value: Value) {
        self.header.insert(name.to_owned(), value);
    }
}
