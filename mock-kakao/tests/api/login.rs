//! The whole code flow, and what an ID token says.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

use crate::support::{CLIENT, Kakao, START, part, query, start, start_with, text};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PKCE: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

/// Verifies an ID token as a client does, with the published keys.
async fn verify(kakao: &Kakao, token: &str) -> Result<Value, String> {
    let keys: JwkSet = serde_json::from_value(kakao.get("/.well-known/jwks.json").await.json()).expect("a key set");
    let header = jsonwebtoken::decode_header(token).map_err(|error| error.to_string())?;
    let jwk = header.kid.and_then(|kid| keys.find(&kid).cloned()).ok_or("kid is not published")?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[CLIENT]);
    rules.set_issuer(&[kakao.mock.base_url()]);
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(&jwk).map_err(|error| error.to_string())?;
    decode::<Value>(token, &key, &rules).map(|data| data.claims).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_login_with_pkce_and_nonce_ends_in_tokens_a_client_accepts() {
    let kakao = start().await;
    let back = kakao.agree("full", &[PKCE[0], PKCE[1], ("nonce", "n-1")]).await;
    assert_eq!(query(&back, "state").as_deref(), Some("s t/1"));
    let code = query(&back, "code").unwrap();

    let answer = kakao.exchange(&code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json;charset=UTF-8"));
    let tokens = answer.json();
    assert_eq!(text(&tokens, "token_type"), "bearer");
    assert_eq!(tokens["expires_in"], 21_599);
    assert_eq!(tokens["refresh_token_expires_in"], 5_183_999);
    assert_eq!(text(&tokens, "scope"), "account_email profile_image profile_nickname openid");

    let claims = verify(&kakao, text(&tokens, "id_token")).await.unwrap();
    assert_eq!(claims["sub"], "4000000001");
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["iat"], START);
    assert_eq!(claims["exp"], START + 21_599);
    assert_eq!(claims["auth_time"], START);
    assert_eq!(claims["nickname"], "김문지");
    assert_eq!(claims["email"], "munji@example.com");
    assert!(text(&claims, "picture").starts_with("http://"));
}

#[tokio::test]
async fn a_wrong_or_missing_verifier_uses_the_code_up() {
    let kakao = start().await;
    for verifier in ["", "wrong"] {
        let code = kakao.code("full", &PKCE).await;
        let answer = kakao.exchange(&code, &[("code_verifier", verifier)]).await;
        assert_eq!(answer.status, 400);
        assert_eq!(text(&answer.json(), "error"), "invalid_grant");
        assert_eq!(text(&answer.json(), "error_code"), "MOCK_PKCE");
        let again = kakao.exchange(&code, &[("code_verifier", VERIFIER)]).await;
        assert_eq!(text(&again.json(), "error_code"), "KOE320");
    }
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_ignored() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    assert_eq!(kakao.exchange(&code, &[("code_verifier", VERIFIER)]).await.status, 200);
}

#[tokio::test]
async fn an_id_token_carries_only_what_was_agreed_to() {
    let kakao = start().await;
    for (person, has_nickname, has_picture, has_email) in [
        ("full", true, true, true),
        ("nickname-only", true, false, false),
        ("bare", false, false, false),
        ("email-unverified", true, true, false),
        ("email-invalid", true, true, false),
        ("email-needs-agreement", true, true, false),
    ] {
        let tokens = kakao.login(person, &[]).await;
        let claims = part(text(&tokens, "id_token"), 1);
        assert_eq!(claims.get("nickname").is_some(), has_nickname, "{person}");
        assert_eq!(claims.get("picture").is_some(), has_picture, "{person}");
        assert_eq!(claims.get("email").is_some(), has_email, "{person}");
        assert_eq!(claims.get("nonce"), None, "{person}");
    }
}

#[tokio::test]
async fn a_scope_without_openid_means_no_id_token() {
    let kakao = start().await;
    let tokens = kakao.login("full", &[("scope", "account_email,profile_nickname")]).await;
    assert_eq!(tokens.get("id_token"), None);
    assert_eq!(text(&tokens, "scope"), "account_email profile_image profile_nickname");
    let tokens = kakao.login("full", &[("scope", "openid account_email")]).await;
    assert!(tokens.get("id_token").is_some());
}

#[tokio::test]
async fn without_oidc_there_is_no_id_token() {
    let kakao = start_with(|config| config.oidc = false).await;
    assert_eq!(kakao.login("full", &[]).await.get("id_token"), None);
}

#[tokio::test]
async fn asking_for_the_email_makes_the_undecided_person_agree() {
    let kakao = start().await;
    let tokens = kakao.login("email-needs-agreement", &[("scope", "openid,account_email")]).await;
    assert_eq!(part(text(&tokens, "id_token"), 1)["email"], "later@example.com");
}

#[tokio::test]
async fn rotated_keys_keep_old_tokens_verifiable() {
    let kakao = start().await;
    let before = kakao.login("full", &[]).await;
    kakao.mock.rotate_keys();
    let after = kakao.login("full", &[]).await;
    let (before, after) = (text(&before, "id_token"), text(&after, "id_token"));
    assert_ne!(part(before, 0)["kid"], part(after, 0)["kid"]);
    verify(&kakao, before).await.unwrap();
    verify(&kakao, after).await.unwrap();
}

#[tokio::test]
async fn a_spoiled_signature_or_key_is_seen_by_a_client() {
    use mock_kakao::{Fault, IdTokenFault};
    let kakao = start().await;
    for fault in [
        IdTokenFault::WrongAudience,
        IdTokenFault::WrongIssuer,
        IdTokenFault::AlgNone,
        IdTokenFault::Hs256,
        IdTokenFault::UnknownKid,
        IdTokenFault::NoKid,
        IdTokenFault::ForeignKey,
        IdTokenFault::BadSignature,
    ] {
        kakao.mock.next(Fault::IdToken(fault));
        let spoiled = kakao.login("full", &[]).await;
        assert!(verify(&kakao, text(&spoiled, "id_token")).await.is_err(), "{fault:?}");
        let next = kakao.login("full", &[]).await;
        verify(&kakao, text(&next, "id_token")).await.unwrap();
    }
}

#[tokio::test]
async fn an_sdk_login_has_the_apps_own_key_as_audience() {
    let kakao = start().await;
    let tokens = kakao.mock.sdk_login("native-key", "full", Some("n-2")).unwrap();
    let claims = part(&tokens.id_token.unwrap(), 1);
    assert_eq!(claims["aud"], "native-key");
    assert_eq!(claims["nonce"], "n-2");
    let bearer = format!("Bearer {}", tokens.access_token);
    let info = kakao.authorized("GET", "/v1/user/access_token_info", &bearer, "").await.json();
    assert_eq!(info["app_id"], mock_kakao::APP_ID);
    assert_eq!(info["expires_in"], 21_599);
    assert_eq!(kakao.authorized("POST", "/v1/user/unlink", &bearer, "").await.status, 200);
    assert!(kakao.mock.sdk_login("native-key", "nobody", None).is_err());
}
