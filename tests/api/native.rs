//! Native apps: whom a token of Kakao's SDK signs in, and the ways in which it must not (contract 3, security A3 rows 5, 6, 33).

use std::{collections::HashSet, time::Duration};

use mock_kakao::Fault;
use munjigi::token::secret::{base64url, from_base64url, random_text, sha256};

use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, CLIENT_ID, CLIENT_SECRET, FAULTY_ID_TOKENS, FULL, Pkce, START, World, code_and_state, text,
};

const TOKEN: &str = "/api/auth/kakao/token";
const APP_KEY: &str = "native-app-key";
const SETTINGS: &[(&str, &str)] = &[("KAKAO_APP_KEYS", "native-app-key,javascript-key"), ("KAKAO_APP_ID", "1234567")];
const OTHER_SECRET: &str = "the-master-secret-of-quite-another-gateway";

async fn world() -> World {
    World::with(SETTINGS).await
}

async fn nonce(world: &World) -> String {
    let answer = world.browser().post("/api/auth/kakao/nonce", &json!({})).await.ok().json();
    assert_eq!(answer["expires_in"], 600);
    text(&answer, "nonce")
}

/// The ID token that Kakao's SDK gives an app with the key `aud`.
fn id_token(world: &World, aud: &str, person: &str, nonce: &str) -> String {
    world.kakao.sdk_login(aud, person, Some(nonce)).unwrap().id_token.unwrap()
}

fn access_token(world: &World, person: &str) -> String {
    world.kakao.sdk_login(APP_KEY, person, None).unwrap().access_token
}

async fn bring(world: &World, body: &Value) -> Answer {
    world.browser().post(TOKEN, body).await
}

/// An answer that must be the refusal of a token.
#[track_caller]
fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.body);
    assert_eq!(answer.json()["error"], "KAKAO_TOKEN_INVALID", "{what}");
}

async fn bring_id_token(world: &World, id_token: &str, nonce: &str) -> Answer {
    bring(world, &json!({"id_token": id_token, "nonce": nonce})).await
}

async fn bring_access_token(world: &World, token: &str) -> Answer {
    bring(world, &json!({"access_token": token})).await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

async fn rows(world: &World) -> (i64, i64) {
    let count = async |table: &str| world.database.count(&format!("SELECT COUNT(*) FROM {table}")).await;
    (count("users").await, count("sessions").await)
}

#[tokio::test]
async fn an_app_signs_in_with_the_nonce_as_it_is_or_hashed_as_sdks_send_it() {
    let world = world().await;
    let mut users = HashSet::new();
    let forms = |nonce: &str| {
        let digest = sha256(nonce.as_bytes());
        [nonce.to_owned(), hex(&digest), base64url(digest)]
    };
    for form in 0..3 {
        let nonce = nonce(&world).await;
        let answer =
            bring_id_token(&world, &id_token(&world, APP_KEY, "full", &forms(&nonce)[form]), &nonce).await.ok();
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.json();
        assert_eq!(tokens["user"]["nickname"], "김문지");
        assert_eq!(tokens["user"]["email_verified"], true, "Kakao puts only verified addresses into ID tokens");
        let refreshed = world.browser().refresh(&text(&tokens, "refresh_token")).await.ok().json();
        assert_eq!(refreshed["user"]["id"], tokens["user"]["id"]);
        users.insert(text(&tokens["user"], "id"));
    }
    assert_eq!((users.len(), rows(&world).await), (1, (1, 3)));
    // The hash is for Kakao; to us the nonce itself is the proof that the app has it.
    let nonce = nonce(&world).await;
    let hashed = hex(&sha256(nonce.as_bytes()));
    let answer = bring_id_token(&world, &id_token(&world, APP_KEY, "full", &hashed), &hashed).await;
    assert_eq!(answer.refusal(), (401, "INVALID_NONCE".into()));
}

#[tokio::test]
async fn a_nonce_that_is_not_ours_signs_nobody_in() {
    let (world, other) = (world().await, World::with(&[("JWT_SECRET_KEY", OTHER_SECRET)]).await);
    let begun = world.browser().login_url(&Pkce::new()).await;
    let ours = nonce(&world).await;
    let mut flipped = from_base64url(&ours).unwrap();
    flipped[20] ^= 1;
    for (what, foreign) in [
        ("made up", random_text()),
        ("of another gateway", nonce(&other).await),
        ("a login's state", text(&begun, "state")),
        ("changed", base64url(flipped)),
        ("cut", ours[..ours.len() - 2].to_owned()),
        ("padded", format!("{ours}=")),
        ("spaced", format!(" {ours}")),
    ] {
        let answer = bring_id_token(&world, &id_token(&world, APP_KEY, "full", &foreign), &foreign).await;
        // A state is longer than any nonce.
        let expected = if foreign.len() > 256 { (400, "INVALID_REQUEST") } else { (401, "INVALID_NONCE") };
        assert_eq!(answer.refusal(), (expected.0, expected.1.into()), "{what}: {}", answer.body);
    }
    assert_eq!(rows(&world).await, (0, 0));
    assert_eq!(bring_id_token(&world, &id_token(&world, APP_KEY, "full", &ours), &ours).await.status, 200);
}

#[tokio::test]
async fn a_nonce_is_good_for_ten_minutes() {
    let world = world().await;
    let (early, late) = (nonce(&world).await, nonce(&world).await);
    world.advance(Duration::from_secs(599));
    assert_eq!(bring_id_token(&world, &id_token(&world, APP_KEY, "full", &early), &early).await.status, 200);
    world.advance(Duration::from_secs(1));
    let answer = bring_id_token(&world, &id_token(&world, APP_KEY, "full", &late), &late).await;
    assert_eq!(answer.refusal(), (401, "INVALID_NONCE".into()));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn a_nonce_signs_in_once_and_the_same_post_again_gets_the_same_session_for_a_minute() {
    let world = world().await;
    let nonce = nonce(&world).await;
    let [token, second, of_another] =
        ["full", "full", "big-id"].map(|person| id_token(&world, APP_KEY, person, &hex(&sha256(nonce.as_bytes()))));
    let other_spelling = id_token(&world, APP_KEY, "full", &nonce);
    let first = bring_id_token(&world, &token, &nonce).await.ok().json();
    for replayed in [&of_another, &other_spelling] {
        let answer = bring_id_token(&world, replayed, &nonce).await;
        assert_eq!(answer.refusal(), (401, "INVALID_NONCE".into()));
    }
    world.advance(Duration::from_secs(59));
    let again = bring_id_token(&world, &token, &nonce).await.ok().json();
    assert_eq!((&again["refresh_token"], &again["is_new_user"]), (&first["refresh_token"], &json!(true)));
    world.advance(Duration::from_secs(1));
    assert_eq!(bring_id_token(&world, &token, &nonce).await.refusal(), (401, "INVALID_NONCE".into()));
    assert_eq!(bring_id_token(&world, &second, &nonce).await.refusal(), (401, "INVALID_NONCE".into()));
    assert_eq!(rows(&world).await, (1, 1));
}

#[tokio::test]
async fn a_session_that_was_signed_out_does_not_come_back_by_the_same_post() {
    let world = world().await;
    let nonce = nonce(&world).await;
    let token = id_token(&world, APP_KEY, "full", &nonce);
    let tokens = bring_id_token(&world, &token, &nonce).await.ok().json();
    let body = json!({"refresh_token": tokens["refresh_token"]});
    world.browser().post("/api/auth/logout", &body).await.ok();
    assert_eq!(bring_id_token(&world, &token, &nonce).await.refusal(), (401, "INVALID_NONCE".into()));
}

#[tokio::test]
async fn an_id_token_that_is_not_exactly_right_signs_nobody_in() {
    let world = world().await;
    let now = START.secs();
    let issue = async |header: Value, changes: Value| {
        let nonce = nonce(&world).await;
        let mut claims = json!({"iss": world.kakao.base_url(), "aud": APP_KEY, "sub": FULL, "iat": now,
            "auth_time": now, "exp": now + 3600, "nonce": nonce});
        merge(&mut claims, &changes);
        // A null in the header leaves a member out too; the mock sees to that.
        let mut typed = json!({"typ": "JWT"});
        typed.as_object_mut().unwrap().extend(header.as_object().unwrap().clone());
        (nonce, typed, claims)
    };
    let (nonce, header, claims) = issue(json!({}), json!({})).await;
    let good = world.kakao.sign_set(&header, &claims);
    let foreign = world.kakao.sign_set_with_foreign_key(&header, &claims);
    assert_eq!(bring_id_token(&world, &foreign, &nonce).await.refusal(), (401, "KAKAO_TOKEN_INVALID".into()));
    for broken in [&good[..good.len() - 4], &format!("{good}.{good}"), "a.b.c", "...", ".", "eyJhbGciOiJub25lIn0.."] {
        let answer = bring_id_token(&world, broken, &nonce).await;
        assert_refused(&answer, broken);
    }
    for (part, name) in ["header", "claims", "signature"].into_iter().enumerate() {
        let answer = bring_id_token(&world, &flip(&good, part), &nonce).await;
        assert_refused(&answer, name);
    }
    let cases = [
        (json!({"alg": "none"}), json!({})),
        (json!({"alg": "HS256"}), json!({})),
        (json!({"alg": "RS512"}), json!({})),
        (json!({"kid": null}), json!({})),
        (json!({"kid": "../../dev/null"}), json!({})),
        (json!({"crit": ["x"], "x": 1}), json!({})),
        (json!({}), json!({"iss": "https://kauth.kakao.com"})),
        (json!({}), json!({"iss": null})),
        (json!({}), json!({"iss": format!("{}/", world.kakao.base_url())})),
        (json!({}), json!({"aud": "another-app"})),
        (json!({}), json!({"aud": [APP_KEY, "another-app"]})),
        (json!({}), json!({"aud": []})),
        (json!({}), json!({"aud": null})),
        (json!({}), json!({"aud": "native-app-key,javascript-key"})),
        (json!({}), json!({"sub": null})),
        (json!({}), json!({"sub": "me"})),
        (json!({}), json!({"sub": ""})),
        (json!({}), json!({"sub": 4_000_000_001_i64})),
        (json!({}), json!({"exp": now - 60})),
        (json!({}), json!({"exp": null})),
        (json!({}), json!({"iat": now + 61})),
        (json!({}), json!({"iat": null})),
        (json!({}), json!({"nonce": null})),
        (json!({}), json!({"nonce": ""})),
        (json!({}), json!({"nonce": "another"})),
    ];
    for (header, claims) in cases {
        let name = format!("{header} {claims}");
        let (nonce, header, claims) = issue(header, claims).await;
        let answer = bring_id_token(&world, &world.kakao.sign_set(&header, &claims), &nonce).await;
        assert_refused(&answer, &name);
    }
    assert_eq!(rows(&world).await, (0, 0));
    assert_eq!(bring_id_token(&world, &good, &nonce).await.status, 200, "refusals do not use the nonce up");
}

#[tokio::test]
async fn every_fault_of_kakaos_id_tokens_is_noticed() {
    let world = world().await;
    for fault in FAULTY_ID_TOKENS {
        let nonce = nonce(&world).await;
        world.kakao.next(Fault::IdToken(fault));
        let answer = bring_id_token(&world, &id_token(&world, APP_KEY, "full", &nonce), &nonce).await;
        assert_refused(&answer, &format!("{fault:?}"));
    }
    assert_eq!(rows(&world).await, (0, 0));
}

#[tokio::test]
async fn only_keys_that_are_listed_are_audiences_also_the_rest_key() {
    let world = world().await;
    for (aud, status) in [(APP_KEY, 200), ("javascript-key", 200), (CLIENT_ID, 401), ("of-another-app", 401)] {
        let nonce = nonce(&world).await;
        let before = rows(&world).await;
        let answer = bring_id_token(&world, &id_token(&world, aud, "full", &nonce), &nonce).await;
        assert_eq!(answer.status, status, "{aud}");
        assert_eq!(rows(&world).await == before, status == 401, "{aud}");
    }
    let off = World::new().await;
    for aud in [APP_KEY, CLIENT_ID] {
        let nonce = nonce(&off).await;
        let answer = bring_id_token(&off, &id_token(&off, aud, "full", &nonce), &nonce).await;
        assert_eq!(answer.refusal(), (403, "NATIVE_LOGIN_OFF".into()), "{aud}");
        assert_eq!(answer.json()["action"], "fix_config");
    }
    assert_eq!((rows(&off).await, off.kakao.counts().jwks), ((0, 0), 0));
}

#[tokio::test]
async fn an_id_token_of_a_web_login_cannot_be_brought_as_an_apps() {
    let listed = format!("{APP_KEY},{CLIENT_ID}");
    let world = World::with(&[("KAKAO_APP_KEYS", &listed), ("KAKAO_PKCE", "false")]).await;
    let authorize = world.browser().begin("").await;
    let web_nonce =
        url::Url::parse(&authorize).unwrap().query_pairs().find(|(name, _)| name == "nonce").unwrap().1.into_owned();
    // Somebody who can read the code takes it to Kakao, with our credentials even.
    let (code, _) = code_and_state(&world.kakao.consent(&authorize, "full").unwrap());
    let redirect = format!("{}/api/auth/kakao/callback", world.gateway.base);
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("redirect_uri", &redirect),
        ("code", &code),
    ];
    let url = format!("{}/oauth/token", world.kakao.base_url());
    let web_token = text(&world.browser().post_form(&url, &form, &[]).await.ok().json(), "id_token");
    let ours = nonce(&world).await;
    assert_eq!(bring_id_token(&world, &web_token, &web_nonce).await.refusal(), (401, "INVALID_NONCE".into()));
    assert_eq!(bring_id_token(&world, &web_token, &ours).await.refusal(), (401, "KAKAO_TOKEN_INVALID".into()));
    assert_eq!(rows(&world).await, (0, 0));
}

#[tokio::test]
async fn in_cookie_mode_the_refresh_token_comes_in_a_cookie_only() {
    let world = world().await;
    let nonce = nonce(&world).await;
    let body = json!({"id_token": id_token(&world, APP_KEY, "full", &nonce), "nonce": nonce});
    let browser = world.browser();
    let answer = browser.post_with(TOKEN, &body, &[("x-munjigi-cookie", "1")]).await.ok();
    let cookie = browser.cookie("munjigi_rt").unwrap();
    assert!(answer.json().get("refresh_token").is_none() && !answer.body.contains(&cookie));
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Strict"));
    assert_eq!(browser.refresh_cookie().await.status, 200);
    // Without it no cookie is set.
    let plain = world.browser();
    plain.post(TOKEN, &json!({"access_token": access_token(&world, "full")})).await.ok();
    assert_eq!(plain.cookie_names(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_proof_posted_many_times_at_once_is_one_session() {
    let world = world().await;
    let replica = world.second_gateway().await;
    for bases in [[&world.gateway.base; 2], [&world.gateway.base, &replica.base]] {
        let before = rows(&world).await.1;
        let nonce = nonce(&world).await;
        let body = json!({"id_token": id_token(&world, APP_KEY, "full", &nonce), "nonce": nonce});
        let post = async |index: usize| Browser::new(bases[index % 2]).post(TOKEN, &body).await.ok().json();
        let answers = futures_util::future::join_all((0..64).map(post)).await;
        let tokens: HashSet<_> = answers.iter().map(|answer| text(answer, "refresh_token")).collect();
        assert_eq!((tokens.len(), rows(&world).await), (1, (1, before + 1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_nonce_with_many_id_tokens_at_once_signs_in_with_one_of_them() {
    let world = world().await;
    let nonce = nonce(&world).await;
    let post = async |number: usize| {
        let token = id_token(&world, APP_KEY, &(5_000_000_000 + number).to_string(), &nonce);
        bring_id_token(&world, &token, &nonce).await
    };
    let answers = futures_util::future::join_all((0..16).map(post)).await;
    let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(refused.iter().all(|answer| answer.refusal() == (401, "INVALID_NONCE".into())));
    assert_eq!((good.len(), rows(&world).await), (1, (1, 1)), "those who were refused left no user behind");
}

#[tokio::test]
async fn these_routes_count_against_the_same_budget_as_logins_in_browsers() {
    let limits = [SETTINGS, &[("RATE_LIMIT_LOGIN_PER_MINUTE", "4")]].concat();
    let world = World::with(&limits).await;
    let browser = world.browser();
    browser.begin("").await;
    let nonce = nonce(&world).await;
    assert_eq!(bring_id_token(&world, "a.b.c", &nonce).await.status, 401);
    assert_eq!(bring_access_token(&world, "x").await.status, 401);
    for answer in [
        bring_id_token(&world, &id_token(&world, APP_KEY, "full", &nonce), &nonce).await,
        bring_access_token(&world, &access_token(&world, "full")).await,
        browser.post("/api/auth/kakao/nonce", &json!({})).await,
        browser.get("/api/auth/kakao/login").await,
    ] {
        assert_eq!(answer.refusal(), (429, "RATE_LIMIT_EXCEEDED".into()));
        assert!(!answer.header("retry-after").is_empty());
    }
}

#[tokio::test]
async fn random_key_ids_here_and_at_the_webhook_are_at_most_two_downloads_a_minute() {
    let world = world().await;
    for second in 0..60 {
        let kid = random_text();
        let nonce = nonce(&world).await;
        let forged = world.kakao.sign_set(&json!({"kid": kid, "typ": "JWT"}), &json!({"nonce": nonce}));
        let answer = bring_id_token(&world, &forged, &nonce).await;
        assert_refused(&answer, &format!("second {second}"));
        let set = world.kakao.sign_set(&json!({"kid": kid}), &json!({}));
        let headers = [("content-type", "application/secevent+jwt")];
        let path = "/api/webhooks/kakao/account-status";
        let answer = world.browser().send(reqwest::Method::POST, path, &headers, Some(set)).await;
        assert_eq!((answer.status.as_u16(), answer.json()["err"].clone()), (400, json!("invalid_key")));
        world.advance(Duration::from_secs(1));
    }
    assert_eq!(world.kakao.counts().jwks, 2);
}

#[tokio::test]
async fn keys_that_come_too_late_for_the_webhook_serve_those_who_sign_in_next() {
    let world = world().await;
    world.kakao.next(Fault::JwksSlow(3000));
    let set = world.kakao.sign_set(&json!({}), &json!({}));
    let headers = [("content-type", "application/secevent+jwt")];
    let path = "/api/webhooks/kakao/account-status";
    let answer = world.browser().send(reqwest::Method::POST, path, &headers, Some(set)).await;
    assert_eq!(answer.status, 503, "Kakao does not wait longer than three seconds: {}", answer.body);
    let nonce = nonce(&world).await;
    let answer = bring_id_token(&world, &id_token(&world, APP_KEY, "full", &nonce), &nonce).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(world.kakao.counts().jwks, 1);
}

fn merge(into: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(name);
        } else {
            into[name] = value.clone();
        }
    }
}

/// The token with one bit of one of its parts changed.
fn flip(token: &str, part: usize) -> String {
    let mut parts: Vec<_> = token.split('.').map(|part| from_base64url(part).unwrap()).collect();
    let middle = parts[part].len() / 2;
    parts[part][middle] ^= 1;
    parts.iter().map(base64url).collect::<Vec<_>>().join(".")
}
