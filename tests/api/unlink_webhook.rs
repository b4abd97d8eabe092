//! The unlink webhook: only Kakao may call it, what it says is durable before the answer, and nothing of a person stays that
//! the policy does not keep (contract 3, security A2 and A3 row 30).

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, FULL, START, World, claims, eventually, is_signed_in, on_postgres,
    raw::{RawAnswer, send_raw},
    text,
};

const UNLINK: &str = "/api/webhooks/kakao/unlink";
const KEY: &str = "0123456789abcdef-admin-key";
const RIGHT: (&str, &str) = ("authorization", "KakaoAK 0123456789abcdef-admin-key");
const SETTINGS: &[(&str, &str)] = &[("KAKAO_ADMIN_KEY", KEY), ("KAKAO_APP_ID", "1234567")];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Method, query, headers, body.
type Call<'a> = (Method, &'a str, Vec<(&'a str, &'a str)>, Option<&'a str>);

async fn world(policy: &str) -> World {
    World::with(&[SETTINGS, &[("ON_UNLINK", policy), ("TRUSTED_PROXIES", "127.0.0.0/8")]].concat()).await
}

async fn get(world: &World, query: &str, headers: &[(&str, &str)]) -> Answer {
    world.browser().send(Method::GET, &format!("{UNLINK}?{query}"), headers, None).await
}

/// Kakao's usual call about somebody.
async fn unlink(world: &World, user_id: &str) -> Answer {
    get(world, &format!("app_id=1234567&user_id={user_id}&referrer_type=UNLINK_FROM_APPS"), &[RIGHT]).await
}

async fn lives(world: &World, tokens: &Value) -> bool {
    is_signed_in(&world.gateway.base, tokens).await
}

#[tokio::test]
async fn kakaos_call_is_understood_however_it_is_made() {
    let world = world("keep").await;
    let pairs = "app_id=1234567&user_id=ID&referrer_type=ACCOUNT_DELETE&group_user_token=x";
    let texts = r#"{"app_id":"1234567","user_id":"ID","referrer_type":"ACCOUNT_DELETE","group_user_token":"x"}"#;
    let numbers = r#"{"app_id":1234567,"user_id":ID,"referrer_type":"ACCOUNT_DELETE","members":[{}]}"#;
    let charset = ("content-type", "Application/JSON; charset=UTF-8");
    let form_charset = ("content-type", "application/x-www-form-urlencoded;charset=utf-8");
    let lower = ("authorization", "kakaoak 0123456789abcdef-admin-key");
    let calls: [Call<'_>; 10] = [
        (Method::GET, pairs, vec![RIGHT], None),
        (Method::GET, "user_id=ID", vec![RIGHT], None),
        (Method::GET, "user_id=ID", vec![lower], None),
        (Method::POST, pairs, vec![RIGHT], None),
        (Method::POST, "", vec![RIGHT, FORM], Some(pairs)),
        (Method::POST, "", vec![RIGHT, form_charset], Some("user_id=ID")),
        (Method::POST, "", vec![RIGHT, JSON], Some(texts)),
        (Method::POST, "", vec![RIGHT, charset], Some(numbers)),
        (Method::POST, "app_id=1234567", vec![RIGHT, JSON], Some(r#"{"user_id":ID}"#)),
        (Method::POST, "user_id=ID", vec![RIGHT, JSON], Some("{}")),
    ];
    for (number, (method, query, headers, body)) in calls.into_iter().enumerate() {
        // The last digits of a number a JavaScript number would lose.
        let id = (1_376_016_924_429_759_000 + number).to_string();
        let tokens = world.sign_in(&id).await;
        let url = format!("{UNLINK}?{}", query.replace("ID", &id));
        let answer = world.browser().send(method, &url, &headers, body.map(|body| body.replace("ID", &id))).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{number}");
        assert!(!lives(&world, &tokens).await, "{number}");
    }
}

#[tokio::test]
async fn whoever_does_not_show_the_key_is_refused_and_nothing_happens() {
    let world = world("delete").await;
    let tokens = world.sign_in("full").await;
    let with = |value: &str| vec![("authorization".to_owned(), value.to_owned())];
    let mut calls = vec![vec![], [with(RIGHT.1), with(RIGHT.1)].concat(), [with(RIGHT.1), with("Bearer x")].concat()];
    calls.extend(["", "KakaoAK", "KakaoAK ", "KakaoAK x", KEY, "Basic eDp5"].map(with));
    calls.push(with(&format!("Bearer {KEY}")));
    calls.push(with(&format!("KakaoAK {}", &KEY[..KEY.len() - 1])));
    calls.push(with(&format!("KakaoAK {KEY}0")));
    calls.push(with(&format!("KakaoAK {}", KEY.to_uppercase())));
    calls.push(with(&format!("KakaoAK {KEY}, KakaoAK {KEY}")));
    calls.push(with(&format!("KakaoAK{KEY}")));
    calls.push(with(&format!("Bearer {}", text(&tokens, "access_token"))));
    calls.push(vec![("x-authorization".to_owned(), RIGHT.1.to_owned())]);
    for headers in calls {
        let mut headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (by_get, name) = (get(&world, &format!("user_id={FULL}"), &headers).await, format!("{headers:?}"));
        headers.push(FORM);
        let form = Some(format!("user_id={FULL}&admin_key={KEY}"));
        let by_post = world.browser().send(Method::POST, UNLINK, &headers, form).await;
        for answer in [by_get, by_post] {
            assert_eq!(answer.refusal(), (401, "WEBHOOK_KEY_INVALID".into()), "{name}");
            assert_eq!(answer.header("www-authenticate"), "KakaoAK");
        }
    }
    for query in [format!("user_id={FULL}&authorization=KakaoAK%20{KEY}"), "nothing=right".into(), String::new()] {
        let answer = get(&world, &query, &[]).await;
        assert_eq!(answer.refusal(), (401, "WEBHOOK_KEY_INVALID".into()), "the key before everything else: {query}");
    }
    assert!(lives(&world, &tokens).await);
    assert_eq!(world.browser().refresh(&text(&tokens, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn without_a_key_in_the_settings_nobody_is_kakao() {
    let empty = World::with(&[("KAKAO_ADMIN_KEY", ""), ("KAKAO_WEBHOOK_ADMIN_KEY", "")]).await;
    for world in [World::new().await, empty] {
        let tokens = world.sign_in("full").await;
        for value in ["KakaoAK ", "KakaoAK", "KakaoAK  ", "", "KakaoAK x", "KakaoAK null"] {
            let answer = get(&world, &format!("user_id={FULL}"), &[("authorization", value)]).await;
            assert_eq!(answer.refusal(), (401, "WEBHOOK_KEY_INVALID".into()), "{value:?}");
        }
        assert!(lives(&world, &tokens).await);
    }
}

#[tokio::test]
async fn a_key_of_the_webhook_alone_takes_the_place_of_the_admin_key() {
    let world = World::with(&[SETTINGS, &[("KAKAO_WEBHOOK_ADMIN_KEY", "the-primary-key")]].concat()).await;
    let query = format!("user_id={FULL}");
    assert_eq!(get(&world, &query, &[RIGHT]).await.status, 401);
    assert_eq!(get(&world, &query, &[("authorization", "KakaoAK the-primary-key")]).await.status, 200);
}

#[tokio::test]
async fn a_body_without_the_key_is_not_read_and_one_with_it_only_so_far() {
    let world = world("keep").await;
    let post = async |key: &str, length: &str, body: &str| -> RawAnswer {
        let head =
            format!("POST {UNLINK} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: KakaoAK {key}\r\n");
        let typed = "content-type: application/x-www-form-urlencoded\r\n";
        send_raw(&world.gateway.base, format!("{head}{typed}{length}\r\n\r\n{body}")).await
    };
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let cases = [
        ("announced and never sent", "content-length: 4000", String::new(), 0),
        ("too large", "content-length: 10000", "x".repeat(10_000), 413),
        ("without end", "transfer-encoding: chunked", chunk.repeat(20), 413),
        ("far too large", "content-length: 100000000", String::new(), 413),
    ];
    for (what, length, body, with_key) in cases {
        let refused = post("wrong", length, &body).await;
        // What says itself that it is too large for every route is refused before anybody asks who sent it.
        let expected = if what == "far too large" { 413 } else { 401 };
        assert_eq!(refused.status, expected, "{what}: {}", refused.body);
        if with_key > 0 {
            assert_eq!(post(KEY, length, &body).await.status, with_key, "{what}");
        }
    }
}

#[tokio::test]
async fn a_call_about_another_app_or_about_nobody_is_refused_without_effect() {
    let world = world("delete").await;
    let tokens = world.sign_in("full").await;
    for query in [
        &format!("app_id=7654321&user_id={FULL}"),
        &format!("app_id=&user_id={FULL}"),
        &format!("app_id=01234567&user_id={FULL}"),
        &format!("user_id={FULL}&user_id=1"),
        "app_id=1234567",
        "app_id=1234567&user_id=",
        "user_id=me",
        "user_id=-4000000001",
        "user_id=4000000001.0",
        "user_id=+4000000001",
        "user_id=%EF%BC%94",
        "user_id=400000000140000000014",
        "user_id=4000000001%00",
        "user_id=4000000001'--",
    ] {
        let answer = get(&world, query, &[RIGHT]).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{query}: {}", answer.body);
        let answer = world.browser().send(Method::POST, UNLINK, &[RIGHT, FORM], Some(query.to_owned())).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{query} as a form: {}", answer.body);
    }
    for body in
        ["", "[]", "null", "{", r#"{"user_id":4000000001.5}"#, r#"{"user_id":[4000000001]}"#, r#"{"user_id":4e9}"#]
    {
        let answer = world.browser().send(Method::POST, UNLINK, &[RIGHT, JSON], Some(body.to_owned())).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{body}");
    }
    assert!(lives(&world, &tokens).await);
    // Who does not know the own number believes the key.
    let any = World::with(&[("KAKAO_ADMIN_KEY", KEY)]).await;
    assert_eq!(get(&any, &format!("app_id=7654321&user_id={FULL}"), &[RIGHT]).await.status, 200);
}

#[tokio::test]
async fn people_we_do_not_know_every_reason_and_every_repetition_are_fine() {
    let world = world("anonymize").await;
    let stranger = unlink(&world, "4000000099").await;
    let referrers = [
        "ACCOUNT_DELETE",
        "FORCED_ACCOUNT_DELETE",
        "UNLINK_FROM_ADMIN",
        "UNLINK_FROM_APPS",
        "INCOMPLETE_SIGN_UP",
        "SOMETHING_NEW",
        "",
    ];
    for (number, referrer) in referrers.into_iter().enumerate() {
        let id = (5_000_000_000 + number).to_string();
        let tokens = world.sign_in(&id).await;
        for _ in 0..3 {
            let answer = get(&world, &format!("app_id=1234567&user_id={id}&referrer_type={referrer}"), &[RIGHT]).await;
            assert_eq!((answer.status, &answer.body), (stranger.status, &stranger.body), "known or not: {referrer}");
        }
        assert!(!lives(&world, &tokens).await, "{referrer}");
    }
    let unlinked = world.audit().await.iter().filter(|event| *event == "user_unlinked").count();
    assert_eq!((stranger.status, unlinked), (StatusCode::OK, 7), "once each");
    assert_eq!(world.kakao.counts().unlink, 0, "Kakao knows: it said so");
}

#[tokio::test]
async fn every_session_of_the_person_ends_at_once_on_every_instance_and_nobody_elses() {
    let world = world("keep").await;
    let replica = world.second_gateway().await;
    let (web, app) = (world.sign_in("full").await, Browser::new(&replica.base).sign_in(&world.kakao, "full").await);
    let other = world.sign_in("big-id").await;
    assert!(is_signed_in(&replica.base, &web).await && lives(&world, &app).await);
    assert_eq!(unlink(&world, FULL).await.status, 200);
    for tokens in [&web, &app] {
        assert!(!lives(&world, tokens).await);
        for base in [&world.gateway.base, &replica.base] {
            let refused = Browser::new(base).refresh(&text(tokens, "refresh_token")).await;
            assert_eq!(refused.refusal(), (401, "SESSION_REVOKED".into()));
        }
    }
    eventually("the other instance knows", async || {
        !is_signed_in(&replica.base, &web).await && !is_signed_in(&replica.base, &app).await
    })
    .await;
    assert!(lives(&world, &other).await && is_signed_in(&replica.base, &other).await);
}

/// Signs `person` in from a place and a browser that can be told from all others.
async fn sign_in_from_afar(world: &World, person: &str) -> Value {
    let body = world.browser().callback_body(&world.kakao, person).await;
    let headers = [("x-forwarded-for", "203.0.113.77"), ("user-agent", "canary-browser")];
    world.browser().post_with("/api/auth/kakao/callback", &body, &headers).await.ok().json()
}

/// Everything the database holds of people, as one text.
async fn everything(world: &World) -> String {
    let mut rows = Vec::new();
    for (table, columns) in [
        ("users", &["username", "nickname", "email", "profile_image"][..]),
        ("identities", &["provider", "subject", "needs_agreement"]),
        ("sessions", &["ip", "user_agent", "client_id"]),
        ("audit_events", &["event", "ip"]),
        ("outbox", &["kind", "subject"]),
    ] {
        for column in columns {
            rows.extend(world.database.texts(&format!("SELECT COALESCE({column}, '') FROM {table}")).await);
        }
    }
    let sealed = world.database.count("SELECT COUNT(*) FROM users WHERE sealed_private IS NOT NULL").await;
    format!("{}\nsealed {sealed}", rows.join("\n"))
}

const PERSONAL: [&str; 6] = ["김문지", "munji@example.com", "https://", "4000000001", "203.0.113.77", "canary-browser"];

#[tokio::test]
async fn what_stays_of_a_person_is_what_the_policy_keeps() {
    for (policy, stays) in [("keep", true), ("anonymize", false), ("delete", false)] {
        let world = world(policy).await;
        let before = sign_in_from_afar(&world, "full").await;
        // Something may still be owed that names the person.
        let body = json!({"refresh_token": before["refresh_token"]});
        let headers = [("x-forwarded-for", "203.0.113.77"), ("user-agent", "canary-browser")];
        world.browser().post_with("/api/auth/refresh", &body, &headers).await.ok();
        for personal in PERSONAL {
            assert!(everything(&world).await.contains(personal), "{policy}: {personal} is there before");
        }
        let called = [RIGHT, ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(get(&world, &format!("app_id=1234567&user_id={FULL}"), &called).await.status, 200);
        let after = everything(&world).await;
        for personal in PERSONAL {
            assert_eq!(after.contains(personal), stays, "{policy}: {personal}\n{after}");
        }
        assert!(after.contains("user_unlinked"), "the trail knows that it happened");
        assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 1, "tokens still name the row");
        let again = world.sign_in("full").await;
        assert_eq!((again["user"]["id"] == before["user"]["id"], &again["is_new_user"]), (stays, &json!(!stays)));
        assert!(lives(&world, &again).await && !lives(&world, &before).await, "{policy}");
        // A call that is repeated late must not reach who came back; what it names is long done.
        world.advance(Duration::from_hours(24 * 31));
        world.gateway.shared.context.storage.clean_up(START + Duration::from_hours(24 * 31)).await.unwrap();
        let rows = world.database.count("SELECT COUNT(*) FROM users").await;
        assert_eq!(rows, if policy == "anonymize" { 2 } else { 1 }, "{policy}");
    }
}

#[tokio::test]
async fn private_fields_go_with_the_rest() {
    let settings = [SETTINGS, &[("ON_UNLINK", "anonymize"), ("KAKAO_PROFILE_FIELDS", "name,phone_number")]].concat();
    let world = World::with(&settings).await;
    world.sign_in("all-fields").await;
    let owed = "INSERT INTO outbox (id, kind, subject, attempts, due_at, created_at) \
        SELECT id, 'kakao_profile', '4000000009', 0, 9000000000000, 0 FROM users";
    world.database.begin().await.run_and_commit(owed).await;
    assert_eq!(unlink(&world, "4000000009").await.status, 200);
    let left = everything(&world).await;
    assert!(left.contains("sealed 0") && !left.contains("4000000009"), "{left}");
}

#[tokio::test]
async fn who_leaves_by_themselves_leaves_no_address_behind_either() {
    let world = world("keep").await;
    let tokens = sign_in_from_afar(&world, "full").await;
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", "203.0.113.77")];
    world.browser().send(Method::DELETE, "/api/auth/profile", &headers, None).await.ok();
    eventually("Kakao is told", async || world.database.count("SELECT COUNT(*) FROM outbox").await == 0).await;
    let left = everything(&world).await;
    for personal in PERSONAL {
        assert!(!left.contains(personal), "{personal}\n{left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_can_write_kakao_gets_an_answer_and_the_report_is_not_lost() {
    let world = world("anonymize").await;
    let tokens = world.sign_in("full").await;
    let lock = world.database.lock_writes().await;
    let answer = unlink(&world, FULL).await;
    assert_eq!(answer.refusal(), (503, "STORAGE_UNAVAILABLE".into()));
    assert!(!answer.header("retry-after").is_empty());
    lock.release().await;
    eventually("the sessions end", async || !lives(&world, &tokens).await).await;
    assert!(!everything(&world).await.contains("김문지"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_had_to_wait_does_not_touch_who_came_back_meanwhile() {
    let world = world("delete").await;
    let (old, new) = (world.sign_in("full").await, world.sign_in("full").await);
    let lock = world.database.lock_writes().await;
    lock.run("ALTER TABLE identities RENAME TO identities_away").await;
    lock.release().await;
    assert_eq!(unlink(&world, FULL).await.status, 503);
    // What another instance wrote meanwhile: five minutes later the person signed in again.
    let later = START.millis() + 300_000;
    let session = text(&claims(&text(&new, "access_token")), "sid");
    let id = if on_postgres() { format!("'{session}'") } else { format!("x'{}'", session.replace('-', "")) };
    world.advance(Duration::from_mins(10));
    let lock = world.database.begin().await;
    lock.run(&format!("UPDATE sessions SET created_at = {later} WHERE id = {id}")).await;
    lock.run(&format!("UPDATE identities_away SET last_login_at = {later}")).await;
    lock.run("ALTER TABLE identities_away RENAME TO identities").await;
    lock.release().await;
    let access = async |tokens| world.browser().refresh(&text(tokens, "refresh_token")).await.refusal();
    eventually("the old session ends", async || {
        world.database.count("SELECT COUNT(*) FROM sessions WHERE revoked_at IS NOT NULL").await > 0
    })
    .await;
    assert_eq!(access(&old).await, (401, "SESSION_REVOKED".into()));
    let refreshed = world.browser().refresh(&text(&new, "refresh_token")).await.ok().json();
    assert_eq!(refreshed["user"]["nickname"], "김문지");
}
