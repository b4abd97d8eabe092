//! Security event tokens a test signs itself.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use crate::support::{CLIENT, Kakao, START, part, start};

const UNLINKED: &str = "https://schemas.openid.net/secevent/oauth/event-type/user-unlinked";

/// Verifies as a receiver does, with the published keys.
async fn verified(kakao: &Kakao, token: &str) -> bool {
    let keys: JwkSet = serde_json::from_value(kakao.get("/.well-known/jwks.json").await.json()).expect("a key set");
    let Ok(header) = jsonwebtoken::decode_header(token) else { return false };
    let Some(jwk) = header.kid.and_then(|kid| keys.find(&kid).cloned()) else { return false };
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[CLIENT]);
    rules.required_spec_claims.clear();
    decode::<Value>(token, &DecodingKey::from_jwk(&jwk).expect("a key"), &rules).is_ok()
}

#[tokio::test]
async fn a_signed_set_is_what_kakao_sends() {
    let kakao = start().await;
    let claims = kakao.mock.set_claims(CLIENT, "77", UNLINKED);
    let token = kakao.mock.sign_set(&json!({}), &claims);
    assert!(verified(&kakao, &token).await);
    let header = part(&token, 0);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("secevent+jwt")));
    let read = part(&token, 1);
    assert_eq!(read, claims);
    assert_eq!(
        (&read["iss"], &read["sub"], &read["iat"]),
        (&json!(kakao.mock.base_url()), &json!("77"), &json!(START))
    );
    assert_eq!(read["events"][UNLINKED]["subject"]["sub"], "77");
    assert_ne!(kakao.mock.set_claims(CLIENT, "77", UNLINKED)["jti"], claims["jti"]);
}

#[tokio::test]
async fn header_members_are_replaced_added_and_left_out() {
    let kakao = start().await;
    let header = json!({"typ": null, "kid": "other", "cty": "x"});
    let token = kakao.mock.sign_set(&header, &json!({"jti": "1"}));
    assert_eq!(part(&token, 0), json!({"alg": "RS256", "kid": "other", "cty": "x"}));
    assert_eq!(part(&token, 1), json!({"jti": "1"}));
}

#[tokio::test]
async fn forged_sets_are_seen_by_a_receiver() {
    let kakao = start().await;
    let claims = kakao.mock.set_claims(CLIENT, "77", UNLINKED);
    let unsigned = kakao.mock.sign_set(&json!({"alg": "none"}), &claims);
    assert!(unsigned.ends_with('.'));
    let confused = kakao.mock.sign_set(&json!({"alg": "HS256"}), &claims);
    let foreign = kakao.mock.sign_set_with_foreign_key(&json!({}), &claims);
    assert_eq!(part(&foreign, 0)["kid"], part(&kakao.mock.sign_set(&json!({}), &claims), 0)["kid"]);
    for forged in [unsigned, confused, foreign] {
        assert!(!verified(&kakao, &forged).await);
    }
}
