//! Leaving: sessions end and personal data goes at once; `owed.rs` is about the call that Kakao is owed then, `reconcile.rs`
//! about what is found when that call, or Kakao's own, was lost (contract 3).

mod owed;
mod reconcile;

use std::{sync::Arc, time::Duration};

use mock_kakao::{Ask, ConsentItem, MockConfig};
use munjigi::{
    flow::outbox::Outbox,
    provider::{Provider, http::UpstreamHttp, kakao::Kakao},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Gateway, World, eventually, on_mariadb, on_postgres, text};

const KEY: &str = "the-admin-key-of-the-app";
const WITH_KEY: [(&str, &str); 1] = [("KAKAO_ADMIN_KEY", KEY)];

/// A world whose Kakao knows one admin key.
async fn world(settings: &[(&str, &str)]) -> World {
    World::with_kakao(settings, |kakao| kakao.admin_keys = vec![KEY.to_owned()]).await
}

/// `DELETE /api/auth/profile` at any gateway.
async fn leave_at(base: &str, tokens: &Value) -> Answer {
    let bearer = format!("Bearer {}", text(tokens, "access_token"));
    Browser::new(base).send(Method::DELETE, "/api/auth/profile", &[("authorization", &bearer)], None).await
}

async fn leave(world: &World, tokens: &Value) -> Answer {
    leave_at(&world.gateway.base, tokens).await
}

/// Takes the next look at owed calls, as the gateway does by itself every second.
async fn settle(gateway: &Gateway) -> usize {
    let context = Arc::clone(&gateway.shared.context);
    let http = UpstreamHttp::new().unwrap();
    let kakao: Arc<dyn Provider> =
        Arc::new(Kakao::new(gateway.shared.config.kakao.clone(), &http, Arc::clone(&context.clock)).unwrap());
    Outbox::new(context, kakao).settle_due().await.unwrap()
}

async fn owed(world: &World) -> i64 {
    world.database.count("SELECT COUNT(*) FROM outbox").await
}

async fn is_settled(world: &World) {
    eventually("nothing is owed", async || owed(world).await == 0).await;
}

/// Every value of every column that could hold something about a person.
async fn everything_stored(world: &World) -> String {
    let mut dump = String::new();
    for table in ["users", "identities", "sessions", "refresh_tokens", "audit_events"] {
        let row = if on_postgres() {
            format!("CAST({table} AS text)")
        } else if on_mariadb() {
            let columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()";
            let columns = world.database.texts(&format!("{columns} AND table_name = '{table}'")).await;
            let shown =
                columns.iter().map(|name| format!("COALESCE(CONVERT({name} USING utf8mb4), HEX({name}), 'NULL')"));
            shown.collect::<Vec<_>>().join(" || ',' || ")
        } else {
            let columns = world.database.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
            columns.iter().map(|name| format!("quote({name})")).collect::<Vec<_>>().join(" || ',' || ")
        };
        dump.extend(world.database.texts(&format!("SELECT {row} FROM {table}")).await);
    }
    dump
}

#[tokio::test]
async fn whoever_leaves_is_signed_out_everywhere_at_once() {
    let world = world(&WITH_KEY).await;
    let replica = world.second_gateway().await;
    let (here, there) = (world.sign_in("full").await, world.sign_in("full").await);
    let stranger = world.sign_in("nickname-only").await;
    let answer = leave(&world, &here).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str(), answer.header("set-cookie").as_str()), (204, "", ""));

    let context = &replica.shared.context;
    context.revocations.poll(&context.storage, context.clock.now()).await.unwrap();
    for base in [&world.gateway.base, &replica.base] {
        let browser = Browser::new(base);
        for tokens in [&here, &there] {
            let access = text(tokens, "access_token");
            for path in ["/api/auth/profile", "/api/protected", "/api/auth/sessions"] {
                assert_eq!(browser.get_as(path, &access).await.refusal(), (401, "SESSION_REVOKED".into()), "{path}");
            }
            let verified = browser.post("/api/auth/verify", &json!({"token": access})).await;
            assert_eq!(verified.status, 401);
            let refreshed = browser.refresh(&text(tokens, "refresh_token")).await;
            assert_eq!(refreshed.refusal(), (401, "SESSION_REVOKED".into()));
        }
        let theirs = browser.get_as("/api/auth/profile", &text(&stranger, "access_token")).await.ok().json();
        assert_eq!(theirs["nickname"], "이닉네임", "somebody else's account is not touched");
    }
    let restarted = world.second_gateway().await;
    let answer = Browser::new(&restarted.base).get_as("/api/protected", &text(&there, "access_token")).await;
    assert_eq!(answer.refusal(), (401, "SESSION_REVOKED".into()));
    assert_eq!(leave(&world, &here).await.refusal(), (401, "SESSION_REVOKED".into()), "nobody leaves twice");
    world.browser().refresh(&text(&stranger, "refresh_token")).await.ok();
}

#[tokio::test]
async fn in_cookie_mode_the_cookie_goes_too() {
    let world = world(&WITH_KEY).await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let old = browser.cookie("munjigi_rt").unwrap();
    let tokens = browser.refresh_cookie().await.ok().json();
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let answer = browser.send(Method::DELETE, "/api/auth/profile", &[("authorization", &bearer)], None).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").starts_with("munjigi_rt=;"), "{}", answer.header("set-cookie"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(browser.cookie("munjigi_rt").is_none());
    assert_eq!(world.browser().refresh(&old).await.refusal(), (401, "SESSION_REVOKED".into()));
}

#[tokio::test]
async fn only_an_access_token_can_make_somebody_leave() {
    let world = world(&WITH_KEY).await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let refresh = browser.cookie("munjigi_rt").unwrap();
    let cookie = [("x-munjigi-cookie", "1"), ("origin", world.gateway.base.as_str())];
    let answer = browser.send(Method::DELETE, "/api/auth/profile", &cookie, None).await;
    assert_eq!(answer.refusal(), (401, "UNAUTHENTICATED".into()));
    let as_bearer = format!("Bearer {refresh}");
    let answer = browser.send(Method::DELETE, "/api/auth/profile", &[("authorization", &as_bearer)], None).await;
    assert_eq!(answer.refusal(), (401, "INVALID_TOKEN".into()));
    let body = Some(json!({"refresh_token": refresh}).to_string());
    let headers = [("content-type", "application/json")];
    let answer = world.browser().send(Method::DELETE, "/api/auth/profile", &headers, body).await;
    assert_eq!(answer.refusal(), (401, "UNAUTHENTICATED".into()));
    assert_eq!((browser.refresh_cookie().await.status.as_u16(), owed(&world).await), (200, 0));
}

#[tokio::test]
async fn nothing_personal_is_left_in_any_table() {
    let items = ["profile_nickname", "profile_image", "account_email", "name", "phone_number"];
    let settings = [WITH_KEY[0], ("KAKAO_PROFILE_FIELDS", "name,phone_number")];
    let set_up = |kakao: &mut MockConfig| {
        kakao.consent_items = items.map(|item| ConsentItem::new(item, Ask::Optional)).to_vec();
    };
    let world = World::with_kakao(&settings, set_up).await;
    let callback = world.browser().callback_body(&world.kakao, "all-fields").await;
    let agent = [("user-agent", "Canary/4711")];
    world.browser().post_with("/api/auth/kakao/callback", &callback, &agent).await.ok();
    let tokens = world.sign_in("all-fields").await;
    // Events of every kind: a session ended, a token replayed late, a nickname of their own.
    let second = world.sign_in("all-fields").await;
    let bearer = format!("Bearer {}", text(&second, "access_token"));
    world.browser().post_with("/api/auth/logout", &json!({}), &[("authorization", &bearer)]).await.ok();
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let change = Some(json!({"nickname": "Canary4712"}).to_string());
    world.browser().send(Method::PATCH, "/api/auth/profile", &headers, change).await.ok();

    let traces = ["Canary/4711", "Canary4712", "every@example.com", "kakaocdn", "4000000009", "127.0.0.1"];
    let before = everything_stored(&world).await;
    for trace in traces {
        assert!(before.contains(trace), "the search finds {trace} while it is there: {before}");
    }
    let sealed = "SELECT COUNT(*) FROM users WHERE sealed_private IS NOT NULL";
    assert_eq!(world.database.count(sealed).await, 1);
    assert_eq!(leave(&world, &tokens).await.status, 204);
    let after = everything_stored(&world).await;
    for trace in traces {
        assert!(!after.contains(trace), "{trace} is still there: {after}");
    }
    assert_eq!(world.database.count(sealed).await, 0);
    is_settled(&world).await;
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 1, "an empty row, so that its id is nobody's");
    assert!(world.audit().await.contains(&"user_left".to_owned()));
}

#[tokio::test]
async fn the_empty_row_is_removed_after_thirty_days_and_not_before() {
    let world = world(&WITH_KEY).await;
    let tokens = world.sign_in("full").await;
    let other = world.sign_in("nickname-only").await;
    assert_eq!(leave(&world, &tokens).await.status, 204);
    is_settled(&world).await;
    let storage = &world.gateway.shared.context.storage;
    let users = async || {
        storage.clean_up(world.gateway.shared.context.clock.now()).await.unwrap();
        world.database.count("SELECT COUNT(*) FROM users").await
    };
    assert_eq!(users().await, 2);
    world.advance(Duration::from_hours(720));
    assert_eq!(users().await, 2);
    world.advance(Duration::from_millis(1));
    assert_eq!(users().await, 1);
    let left = world.database.texts("SELECT username FROM users").await;
    assert_eq!(left, [text(&other["user"], "username")], "nobody else's");
    assert_eq!(leave(&world, &tokens).await.status, 401, "an old token is no key to anything");
    assert_eq!(world.browser().refresh(&text(&tokens, "refresh_token")).await.refusal().0, 401);
}

#[tokio::test]
async fn whoever_comes_back_at_once_is_a_new_user_and_is_not_unlinked() {
    let world = world(&[]).await;
    let before = world.sign_in("full").await;
    world.kakao.consent(&world.browser().begin("").await, "full").unwrap();
    assert_eq!(leave(&world, &before).await.status, 204);
    assert_eq!(owed(&world).await, 1);
    let after = world.sign_in("full").await;
    assert_eq!((&after["is_new_user"], owed(&world).await), (&json!(true), 0));
    assert_ne!(before["user"]["id"], after["user"]["id"]);
    for (name, value) in [("username", "kakao_4000000001"), ("nickname", "김문지"), ("email", "munji@example.com")] {
        assert_eq!(after["user"][name], value, "everything of theirs is there again");
    }
    let with_key = world.gateway_with(&WITH_KEY).await;
    settle(&with_key).await;
    assert_eq!(world.kakao.counts().unlink, 0, "Kakao is not asked to unlink somebody who is back");
    let read = world.browser().get_as("/api/auth/profile", &text(&after, "access_token")).await.ok().json();
    assert_eq!(read["id"], after["user"]["id"]);
    assert_eq!(leave(&world, &before).await.status, 401, "what they held before ends nothing of it");
    world.browser().refresh(&text(&after, "refresh_token")).await.ok();
}

#[tokio::test]
async fn a_login_finished_before_leaving_cannot_be_replayed_after_it() {
    let world = world(&WITH_KEY).await;
    let body = world.browser().callback_body(&world.kakao, "full").await;
    let tokens = world.browser().post("/api/auth/kakao/callback", &body).await.ok().json();
    assert_eq!(leave(&world, &tokens).await.status, 204);
    let again = world.browser().post("/api/auth/kakao/callback", &body).await;
    assert_eq!(again.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users WHERE left_at IS NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_from_many_devices_at_once_is_leaving_once() {
    let world = world(&WITH_KEY).await;
    let replica = world.second_gateway().await;
    let bases = [&world.gateway.base, &replica.base];
    let sessions = [world.sign_in("full").await, world.sign_in("full").await, world.sign_in("full").await];
    let leaving = (0..24).map(|index| leave_at(bases[index % 2], &sessions[index % 3]));
    let answers = futures_util::future::join_all(leaving).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert!(statuses.contains(&204), "{statuses:?}");
    for answer in answers.iter().filter(|answer| answer.status != 204) {
        assert_eq!(answer.refusal(), (401, "SESSION_REVOKED".into()));
    }
    is_settled(&world).await;
    assert_eq!(world.kakao.counts().unlink, 1);
    assert_eq!(world.audit().await.iter().filter(|event| *event == "user_left").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_during_logins_of_the_same_person_leaves_nobody_half_there() {
    let world = world(&WITH_KEY).await;
    let replica = world.second_gateway().await;
    let bases = [&world.gateway.base, &replica.base];
    for round in 0..8 {
        let first = world.sign_in("full").await;
        let logins = futures_util::future::join_all((0..8).map(async |index: usize| {
            let browser = Browser::new(bases[index % 2]);
            let body = browser.callback_body(&world.kakao, "full").await;
            browser.post("/api/auth/kakao/callback", &body).await
        }));
        let leaving = async {
            let answer = leave_at(bases[round % 2], &first).await;
            // PostgreSQL may have to choose between two who wait for each other; the same again succeeds.
            if answer.status == 503 { leave_at(bases[round % 2], &first).await } else { answer }
        };
        let (answers, left) = tokio::join!(logins, leaving);
        assert_eq!(left.status, 204, "{}", left.body);
        for answer in answers {
            // A code from before the unlink is void after it; every other login succeeds.
            let expected = matches!(answer.status.as_u16(), 200 | 400 | 502 | 503);
            assert!(expected, "{} {}", answer.status, answer.body);
            assert!(answer.status == 200 || answer.json()["error"] != "INTERNAL_ERROR", "{}", answer.body);
        }
    }
    let living = "SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id \
                  WHERE s.revoked_at IS NULL AND u.left_at IS NOT NULL";
    assert_eq!(world.database.count(living).await, 0, "no session outlives its user's leaving");
    let homeless = "SELECT COUNT(*) FROM users u LEFT JOIN identities i ON i.user_id = u.id \
                    WHERE u.left_at IS NULL AND i.user_id IS NULL";
    assert_eq!(world.database.count(homeless).await, 0, "nobody is here whom no login finds");
    assert!(world.database.count("SELECT COUNT(*) FROM users WHERE left_at IS NULL").await <= 1);
    assert!(world.database.count("SELECT COUNT(*) FROM users WHERE left_at IS NOT NULL").await >= 8);
}
