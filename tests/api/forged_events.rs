//! Which security event tokens are believed: those Kakao signed for us, now, about one person (contract 3, security A2 and A3
//! row 30; RFC 8417, RFC 8935).

use munjigi::token::secret::{base64url, from_base64url};
use serde_json::{Value, json};

use crate::support::{
    CLIENT_ID, FULL, START, World,
    events::{PATH, SECEVENT, assert_refused, assert_taken, claims, lives, push, push_to, report, unlinked, world},
    raw::send_raw,
    text,
};

/// That nothing happened to the person of `tokens`, and nothing was written down.
async fn assert_no_effect(world: &World, tokens: &Value) {
    assert!(lives(world, tokens).await);
    assert_eq!(world.audit().await, ["user_created", "signed_in"]);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM seen_events").await, 0);
}

/// What was wrong, the token, and the error it has to be refused with.
type Forged = (String, String, &'static str);

/// A sound token put together in ways in which nobody signed it.
fn taken_apart(sound: &str, signature_of: &str, good: &Value) -> Vec<Forged> {
    let mut forged: Vec<Forged> = Vec::new();
    let parts: Vec<_> = sound.split('.').collect();
    let borrowed = format!("{}.{}.{}", parts[0], parts[1], signature_of.rsplit('.').next().unwrap());
    forged.push(("another token's signature".into(), borrowed, "authentication_failed"));
    forged.push(("no signature".into(), format!("{}.{}.", parts[0], parts[1]), "authentication_failed"));
    forged.push(("two parts".into(), format!("{}.{}", parts[0], parts[1]), "authentication_failed"));
    forged.push(("five parts".into(), format!("{sound}.{}.{}", parts[1], parts[2]), "authentication_failed"));
    let nested = json!({"typ": "secevent+jwt", "cty": "JWT", "alg": "RS256"}).to_string();
    forged.push((
        "one inside another".into(),
        format!("{}.{}.x", base64url(nested), base64url(sound)),
        "invalid_request",
    ));
    let whole = json!({"payload": parts[1], "signatures": [{"protected": parts[0], "signature": parts[2]}]});
    forged.push(("JSON serialisation".into(), whole.to_string(), "invalid_request"));
    forged.push(("the claims alone".into(), good.to_string(), "invalid_request"));
    for nothing in ["", ".", "..", "a.b.c", "null", "\"\""] {
        forged.push((format!("{nothing:?}"), nothing.into(), "invalid_request"));
    }
    forged
}

#[tokio::test]
async fn forged_tokens_are_refused_for_what_is_wrong_with_them_and_change_nothing() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let good = claims(&world, FULL, &unlinked(), &json!({}));
    let sound = world.kakao.sign_set(&json!({}), &good);
    let mut forged: Vec<Forged> = Vec::new();
    for (header, err) in [
        (json!({"alg": "none"}), "invalid_request"),
        (json!({"alg": "None"}), "invalid_request"),
        (json!({"alg": "HS256"}), "invalid_request"),
        (json!({"alg": "RS512"}), "invalid_request"),
        (json!({"alg": "PS256"}), "invalid_request"),
        (json!({"alg": "ES256"}), "invalid_request"),
        (json!({"alg": null}), "invalid_request"),
        (json!({"alg": ["RS256"]}), "invalid_request"),
        (json!({"typ": null}), "invalid_request"),
        (json!({"typ": "JWT"}), "invalid_request"),
        (json!({"typ": "at+jwt"}), "invalid_request"),
        (json!({"typ": "logout+jwt"}), "invalid_request"),
        (json!({"typ": ""}), "invalid_request"),
        (json!({"kid": null}), "invalid_request"),
        (json!({"kid": 1}), "invalid_request"),
        (json!({"kid": "unknown"}), "invalid_key"),
        (json!({"kid": ""}), "invalid_key"),
        (json!({"kid": "unknown", "jku": "https://evil.example/jwks", "jwk": {"kty": "RSA"}}), "invalid_key"),
        (json!({"crit": ["b64"], "b64": false}), "invalid_request"),
    ] {
        forged.push((header.to_string(), world.kakao.sign_set(&header, &good), err));
    }
    let foreign = world.kakao.sign_set_with_foreign_key(&json!({}), &good);
    forged.push(("a foreign key under the right name".into(), foreign, "authentication_failed"));
    for (what, part) in [("claims", 1), ("signature", 2)] {
        forged.push((format!("a bit of the {what}"), flip(&sound, part), "authentication_failed"));
    }
    let other = world.kakao.sign_set(&json!({}), &claims(&world, "1", &unlinked(), &json!({})));
    forged.extend(taken_apart(&sound, &other, &good));
    // Tokens of other kinds, all of them genuine.
    let id_token = world.kakao.sdk_login(CLIENT_ID, "full", Some("x")).unwrap().id_token.unwrap();
    forged.push(("an ID token".into(), id_token, "invalid_request"));
    for name in ["access_token", "refresh_token"] {
        forged.push((format!("our own {name}"), text(&tokens, name), "invalid_request"));
    }
    for (what, token, err) in &forged {
        assert_refused(&push(&world, token).await, err, what);
    }
    assert_eq!(push(&world, &flip(&sound, 0)).await.status, 400, "a bit of the header");
    assert_no_effect(&world, &tokens).await;
    assert_eq!(world.kakao.counts().jwks, 1);
    // And it was not for a mistake in all of them.
    assert_taken(&push(&world, &sound).await);
    assert!(!lives(&world, &tokens).await);
}

#[tokio::test]
async fn claims_that_are_not_for_us_now_and_about_one_person_are_refused() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let (now, day) = (START.secs(), 86_400);
    let event = |subject: Value| json!({"events": {unlinked(): {"subject": subject}}});
    let issuer = world.kakao.base_url();
    let many: Value = (0..21)
        .map(|number| (format!("https://x.example/{number}"), json!({})))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let cases = [
        (json!({"iss": "https://kauth.kakao.com"}), "invalid_issuer"),
        (json!({"iss": format!("{issuer}/")}), "invalid_issuer"),
        (json!({"iss": null}), "invalid_issuer"),
        (json!({"iss": [issuer]}), "invalid_request"),
        (json!({"aud": "of-another-app"}), "invalid_audience"),
        (json!({"aud": ["of-another-app"]}), "invalid_audience"),
        (json!({"aud": []}), "invalid_audience"),
        (json!({"aud": ""}), "invalid_audience"),
        (json!({"aud": null}), "invalid_audience"),
        (json!({"aud": 1_234_567}), "invalid_request"),
        (json!({"jti": null}), "invalid_request"),
        (json!({"jti": ""}), "invalid_request"),
        (json!({"jti": "x".repeat(257)}), "invalid_request"),
        (json!({"jti": 1}), "invalid_request"),
        (json!({"iat": null}), "invalid_request"),
        (json!({"iat": now + 61}), "invalid_request"),
        (json!({"iat": now - 30 * day}), "invalid_request"),
        (json!({"iat": -1}), "invalid_request"),
        (json!({"iat": i64::MIN}), "invalid_request"),
        (json!({"iat": i64::MAX}), "invalid_request"),
        (json!({"iat": now.to_string()}), "invalid_request"),
        (json!({"iat": u64::MAX}), "invalid_request"),
        (json!({"iat": {}}), "invalid_request"),
        (json!({"toe": now + 61}), "invalid_request"),
        (json!({"toe": "now"}), "invalid_request"),
        (json!({"events": null}), "invalid_request"),
        (json!({"events": {}}), "invalid_request"),
        (json!({"events": []}), "invalid_request"),
        (json!({"events": [unlinked()]}), "invalid_request"),
        (json!({"events": unlinked()}), "invalid_request"),
        (json!({"events": many}), "invalid_request"),
        (json!({"events": {unlinked(): null}}), "invalid_request"),
        (json!({"events": {unlinked(): {}}, "sub": null}), "invalid_request"),
        (event(json!({"iss": issuer, "sub": "4000000002"})), "invalid_request"),
        (event(json!({"iss": "https://accounts.example", "sub": FULL})), "invalid_issuer"),
        (event(json!({"iss": issuer, "sub": 4_000_000_001_i64})), "invalid_request"),
        (event(json!(FULL)), "invalid_request"),
        (json!({"sub": "4000000002"}), "invalid_request"),
        (json!({"sub_id": {"format": "iss_sub", "iss": issuer, "sub": "4000000002"}}), "invalid_request"),
        (json!({"sub_id": {"format": "iss_sub", "iss": "https://accounts.example", "sub": FULL}}), "invalid_issuer"),
        (json!({"sub": "me", "events": {unlinked(): {}}}), "invalid_request"),
        (json!({"sub": "", "events": {unlinked(): {}}}), "invalid_request"),
        (json!({"sub": "-1", "events": {unlinked(): {}}}), "invalid_request"),
    ];
    for (changes, err) in cases {
        assert_refused(&report(&world, FULL, &unlinked(), &changes).await, err, &changes.to_string());
    }
    assert_no_effect(&world, &tokens).await;
}

#[tokio::test]
async fn whatever_is_no_push_of_one_token_is_refused_in_the_form_of_the_rfc() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let good = world.kakao.sign_set(&json!({}), &claims(&world, FULL, &unlinked(), &json!({})));
    for content_type in ["application/jwt", "application/json", "text/plain", "application/x-www-form-urlencoded", ""] {
        let answer = push_to(&world.gateway.base, &[("content-type", content_type)], &good).await;
        assert_refused(&answer, "invalid_request", content_type);
    }
    assert_refused(&push_to(&world.gateway.base, &[], &good).await, "invalid_request", "no type");
    let compressed = [SECEVENT, ("content-encoding", "gzip")];
    assert_refused(&push_to(&world.gateway.base, &compressed, &good).await, "invalid_request", "compressed");
    for size in [16 * 1024 + 1, 200_000] {
        assert_refused(&push(&world, &"x".repeat(size)).await, "invalid_request", "too large");
    }
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {}\r\n", SECEVENT.1);
    let endless =
        format!("{head}transfer-encoding: chunked\r\n\r\n{}", format!("1000\r\n{}\r\n", "x".repeat(4096)).repeat(8));
    let no_text = [format!("{head}content-length: 3\r\n\r\n").as_bytes(), b"a\xff."].concat();
    for request in [endless.into_bytes(), no_text] {
        let answer = send_raw(&world.gateway.base, request).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/json")));
        assert!(answer.body.contains(r#""err":"invalid_request""#), "{}", answer.body);
    }
    let by_get = world.browser().get(PATH).await;
    assert_eq!((by_get.status.as_u16(), by_get.header("allow")), (405, "POST".into()));
    assert_no_effect(&world, &tokens).await;
    for content_type in ["application/secevent+jwt; charset=utf-8", "Application/SecEvent+JWT"] {
        let set = world.kakao.sign_set(&json!({}), &claims(&world, FULL, &unlinked(), &json!({})));
        assert_taken(&push_to(&world.gateway.base, &[("content-type", content_type)], &set).await);
    }
}

/// The token with one bit of one of its parts changed.
fn flip(token: &str, part: usize) -> String {
    let mut parts: Vec<_> = token.split('.').map(|part| from_base64url(part).unwrap()).collect();
    let middle = parts[part].len() / 2;
    parts[part][middle] ^= 1;
    parts.iter().map(base64url).collect::<Vec<_>>().join(".")
}
