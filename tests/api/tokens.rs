//! Forged, foreign and misplaced tokens: every class is refused, and nothing in a token is ever obeyed (contract 4.1, 4.2).

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use munjigi::token::secret::base64url;
use serde_json::{Value, json};

use crate::support::{Browser, MASTER_SECRET, START, World, claims, header, text};

async fn accepts(world: &World, token: &str) -> bool {
    let answer = world.browser().get_as("/api/protected", token).await;
    assert!(matches!(answer.status.as_u16(), 200 | 400 | 401), "{token:?}: {}", answer.status);
    let verified = world.browser().post("/api/auth/verify", &json!({"token": token})).await;
    assert_eq!(verified.status == 200, answer.status == 200, "both doors agree on {token:?}");
    answer.status == 200
}

fn join(header: &Value, claims: &Value, signature: &str) -> String {
    format!("{}.{}.{signature}", base64url(header.to_string()), base64url(claims.to_string()))
}

fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let unsigned = join(header, claims, "");
    let message = unsigned.trim_end_matches('.');
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!("{message}.{}", base64url(hmac::sign(&key, message.as_bytes())))
}

#[tokio::test]
async fn a_good_token_is_accepted_and_expires() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "access_token");
    assert!(accepts(&world, &token).await);
    world.advance(Duration::from_secs(929));
    assert!(accepts(&world, &token).await, "thirty seconds of leeway");
    world.advance(Duration::from_secs(1));
    let answer = world.browser().get_as("/api/protected", &token).await;
    assert_eq!(answer.refusal(), (401, "TOKEN_EXPIRED".into()));
    assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn unsigned_and_wrongly_signed_tokens_are_refused() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "access_token");
    let (head, claims) = (header(&token), claims(&token));
    let parts: Vec<_> = token.split('.').collect();
    for alg in ["none", "None", "NONE", "nOnE"] {
        let mut forged = head.clone();
        forged["alg"] = json!(alg);
        for signature in ["", parts[2]] {
            assert!(!accepts(&world, &join(&forged, &claims, signature)).await, "{alg}");
        }
    }
    for signature in
        [String::new(), parts[2][..40].to_owned(), base64url([0; 64]), format!("{}=", parts[2]), "A".repeat(86)]
    {
        assert!(!accepts(&world, &format!("{}.{}.{signature}", parts[0], parts[1])).await, "{signature}");
    }
    let mut richer = claims.clone();
    richer["sub"] = json!("01890000-0000-7000-8000-000000000000");
    assert!(!accepts(&world, &join(&head, &richer, parts[2])).await);
    for forged in
        [format!("{}.{}", parts[0], parts[1]), format!("{token}.x"), format!(".{token}"), "..".into(), "...".into()]
    {
        assert!(!accepts(&world, &forged).await, "{forged}");
    }
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret_and_no_algorithm_is_taken_from_a_token() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "access_token");
    let (head, claims) = (header(&token), claims(&token));
    let jwk = world.browser().get("/.well-known/jwks.json").await.json()["keys"][0].clone();
    let parsed: jsonwebtoken::jwk::Jwk = serde_json::from_value(jwk.clone()).unwrap();
    let coordinate = |name: &str| munjigi::token::secret::from_base64url(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    // SubjectPublicKeyInfo of a P-256 key (RFC 5480), as every PEM file of one has it.
    let algorithm =
        b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
    let der = [algorithm.as_slice(), &point].concat();
    let lines = STANDARD.encode(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &lines[..64], &lines[64..]);
    DecodingKey::from_ec_pem(pem.as_bytes()).unwrap();
    let secrets = [
        pem.trim_end().to_owned().into_bytes(),
        pem.into_bytes(),
        der,
        point,
        jwk.to_string().into_bytes(),
        serde_json::to_vec(&parsed).unwrap(),
        MASTER_SECRET.into(),
        Vec::new(),
    ];
    for secret in secrets {
        let mut forged = head.clone();
        forged["alg"] = json!("HS256");
        assert!(!accepts(&world, &hs256(&forged, &claims, &secret)).await);
        // The header of a good token with a MAC behind it.
        assert!(!accepts(&world, &hs256(&head, &claims, &secret)).await);
    }
    for alg in ["ES384", "RS256", "PS256", "EdDSA", "ES256K"] {
        let mut forged = head.clone();
        forged["alg"] = json!(alg);
        assert!(!accepts(&world, &join(&forged, &claims, token.rsplit('.').next().unwrap())).await, "{alg}");
    }
}

#[tokio::test]
async fn header_tricks_are_refused_even_under_a_good_looking_signature() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "access_token");
    let (head, claims, signature) = (header(&token), claims(&token), token.rsplit('.').next().unwrap());
    let jwk = world.browser().get("/.well-known/jwks.json").await.json()["keys"][0].clone();
    let tricks = [
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("' OR 1=1 --")),
        ("kid", json!("\0")),
        ("kid", json!(null)),
        ("kid", json!(["a"])),
        ("jku", json!(format!("{}/evil.json", world.gateway.base))),
        ("x5u", json!("http://127.0.0.1:1/x")),
        ("x5c", json!(["AAAA"])),
        ("jwk", jwk),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("typ", json!("refresh+jwt")),
        ("typ", json!("secevent+jwt")),
    ];
    for (name, value) in tricks {
        let mut forged = head.clone();
        forged[name] = value.clone();
        assert!(!accepts(&world, &join(&forged, &claims, signature)).await, "{name}: {value}");
    }
    let mut nameless = head;
    nameless.as_object_mut().unwrap().remove("kid");
    assert!(!accepts(&world, &join(&nameless, &claims, signature)).await);
}

#[tokio::test]
async fn refresh_and_access_tokens_are_refused_at_each_others_door() {
    for algorithm in ["ES256", "HS256"] {
        let world = World::with(&[("JWT_ALGORITHM", algorithm)]).await;
        let tokens = world.sign_in("full").await;
        let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        assert!(accepts(&world, &access).await, "{algorithm}");
        assert!(!accepts(&world, &refresh).await, "{algorithm}: a refresh token is no access token");
        assert_eq!(
            world.browser().refresh(&access).await.refusal(),
            (400, "INVALID_REFRESH_TOKEN".into()),
            "{algorithm}"
        );
        // Nor do the cookies and states of logins open any door.
        let browser = world.browser();
        browser.begin("").await;
        let sealed = browser.cookie(&browser.cookie_names()[0]).unwrap();
        assert!(!accepts(&world, &sealed).await);
        assert_eq!(world.browser().refresh(&sealed).await.status, 400);
    }
}

#[tokio::test]
async fn claims_made_under_the_shared_secret_must_still_be_those_of_an_access_token() {
    let world = World::with(&[("JWT_ALGORITHM", "HS256")]).await;
    let token = text(&world.sign_in("full").await, "access_token");
    let (head, good) = (header(&token), claims(&token));
    let secret = MASTER_SECRET.as_bytes();
    assert!(accepts(&world, &hs256(&head, &good, secret)).await, "who has the secret may sign: HS256 is a shared one");
    let now = START.secs();
    let changes = [
        ("iss", json!("https://evil.example")),
        ("iss", json!("https://auth.example.com/")),
        ("aud", json!("other")),
        ("exp", json!(now - 31)),
        ("exp", json!("tomorrow")),
        ("exp", json!(null)),
        ("iat", json!(now + 31)),
        ("token_type", json!("refresh")),
        ("token_type", json!(null)),
        ("sub", json!(1)),
        ("sid", json!(null)),
        ("sub", json!("not-a-uuid")),
    ];
    for (name, value) in changes {
        let mut forged = good.clone();
        forged[name] = value.clone();
        assert!(!accepts(&world, &hs256(&head, &forged, secret)).await, "{name}: {value}");
    }
    let duplicate = format!("{}{}", good.to_string().trim_end_matches('}'), ",\"aud\":\"munjigi\"}");
    let message = format!("{}.{}", base64url(head.to_string()), base64url(duplicate));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let token = format!("{message}.{}", base64url(hmac::sign(&key, message.as_bytes())));
    assert!(!accepts(&world, &token).await, "a claim given twice");
}

#[tokio::test]
async fn every_algorithm_is_verifiable_by_an_independent_library() {
    for (algorithm, expected) in [("ES256", "EC"), ("RS256", "RSA"), ("EdDSA", "OKP")] {
        for typ in ["JWT", "at+jwt"] {
            let world = World::with(&[("JWT_ALGORITHM", algorithm), ("JWT_TYP", typ)]).await;
            let token = text(&world.sign_in("full").await, "access_token");
            let head = header(&token);
            assert_eq!((&head["alg"], &head["typ"]), (&json!(algorithm), &json!(typ)));
            let jwks = world.browser().get("/.well-known/jwks.json").await.json();
            let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == head["kid"]).unwrap();
            assert_eq!((&key["kty"], &key["use"], &key["alg"]), (&json!(expected), &json!("sig"), &json!(algorithm)));
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key.get(private).is_none(), "{private}");
            }
            let parsed: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.clone()).unwrap();
            let mut validation = Validation::new(algorithm.parse().unwrap());
            validation.validate_exp = false;
            validation.set_audience(&["munjigi"]);
            validation.set_issuer(&["https://auth.example.com"]);
            let decoded = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&parsed).unwrap(), &validation);
            assert_eq!(decoded.unwrap().claims["token_type"], "access");
            assert!(accepts(&world, &token).await);
        }
    }
}

#[tokio::test]
async fn extra_claims_are_there_only_when_asked_for() {
    let world = World::with(&[("JWT_EXTRA_CLAIMS", "username,nickname,email")]).await;
    let claims = claims(&text(&world.sign_in("full").await, "access_token"));
    assert!(claims["username"].as_str().unwrap().starts_with("kakao_"));
    assert_eq!((&claims["nickname"], &claims["email_verified"]), (&json!("김문지"), &json!(true)));
}

#[tokio::test]
async fn a_database_under_another_master_secret_signs_nothing() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "refresh_token");
    // What a thief of the database alone can do: start a gateway with a secret of their own. It refuses to.
    let storage = world.database.storage().await;
    let sealer =
        munjigi::token::sealed::Sealer::new(&"x".repeat(40).into(), munjigi::token::secret::Purpose::SigningKey);
    assert!(storage.signing_keys(&sealer).await.is_err());
    let forged =
        jsonwebtoken::encode(&Header::default(), &claims(&token), &EncodingKey::from_secret(b"guess")).unwrap();
    assert_eq!(Browser::new(&world.gateway.base).refresh(&forged).await.status, 400);
}
