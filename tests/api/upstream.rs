//! Kakao's faults: each is told apart, nobody is signed in, the code is exchanged once (contract 3.1.3, 3.1.4).

use mock_kakao::{Fault, IdTokenFault, KoeCode};
use serde_json::json;

use crate::support::{Answer, FAULTY_ID_TOKENS, World};

const CALLBACK: &str = "/api/auth/kakao/callback";

/// A login during which Kakao fails like this.
async fn log_in_with(world: &World, fault: Fault) -> Answer {
    let body = world.browser().callback_body(&world.kakao, "full").await;
    world.kakao.next(fault);
    world.browser().post(CALLBACK, &body).await
}

/// The same in a world of its own, whose Kakao fails like this again when it is asked again.
async fn log_in_with_every(fault: Fault) -> Answer {
    let world = World::new().await;
    let body = world.browser().callback_body(&world.kakao, "full").await;
    world.kakao.next_times(fault, 2);
    let answer = world.browser().post(CALLBACK, &body).await;
    assert!(nobody_was_signed_in(&world).await);
    answer
}

async fn nobody_was_signed_in(world: &World) -> bool {
    world.database.count("SELECT COUNT(*) FROM users").await == 0
        && world.database.count("SELECT COUNT(*) FROM sessions").await == 0
}

#[tokio::test]
async fn every_refusal_of_the_token_endpoint_has_a_code_of_ours_and_shows_kakaos() {
    let world = World::new().await;
    let cases = [
        (KoeCode::Koe009, 502, "KAKAO_MISCONFIGURED", "fix_config"),
        (KoeCode::Koe010, 502, "KAKAO_MISCONFIGURED", "fix_config"),
        (KoeCode::Koe101, 502, "KAKAO_MISCONFIGURED", "fix_config"),
        (KoeCode::Koe237, 503, "KAKAO_UNAVAILABLE", "login"),
        (KoeCode::Koe303, 502, "KAKAO_MISCONFIGURED", "fix_config"),
        (KoeCode::Koe310, 502, "KAKAO_MISCONFIGURED", "fix_config"),
        (KoeCode::Koe319, 502, "KAKAO_LOGIN_FAILED", "login"),
        (KoeCode::Koe320, 400, "KAKAO_CODE_USED", "login"),
        (KoeCode::Koe322, 502, "KAKAO_LOGIN_FAILED", "login"),
    ];
    for (exchanges, (koe, status, code, action)) in (1..).zip(cases) {
        let answer = log_in_with(&world, Fault::TokenError(koe)).await;
        assert_eq!(answer.refusal(), (status, code.into()), "{}", koe.as_str());
        let problem = answer.json();
        assert_eq!((&problem["kakao_code"], &problem["action"]), (&json!(koe.as_str()), &json!(action)));
        assert!(!answer.body.contains("authorization code not found"), "Kakao's text stays outside");
        assert_eq!(world.kakao.counts().token, exchanges, "exactly one exchange each");
    }
    assert!(nobody_was_signed_in(&world).await);
}

#[tokio::test]
async fn an_unwell_token_endpoint_is_said_to_be_unavailable_and_not_asked_again() {
    let world = World::new().await;
    let faults = [
        Fault::TokenStatus(500),
        Fault::TokenStatus(502),
        Fault::TokenGarbage,
        Fault::TokenTruncated,
        Fault::TokenReset,
        Fault::TokenHuge,
        Fault::TokenRedirect,
    ];
    for (exchanges, fault) in (1..).zip(faults) {
        let name = format!("{fault:?}");
        let answer = log_in_with(&world, fault).await;
        assert_eq!(answer.refusal(), (503, "KAKAO_UNAVAILABLE".into()), "{name}");
        assert!(!answer.header("retry-after").is_empty());
        assert_eq!(world.kakao.counts().token, exchanges, "{name}: exactly one exchange");
    }
    assert!(nobody_was_signed_in(&world).await);
}

#[tokio::test]
async fn an_id_token_that_is_not_exactly_right_signs_nobody_in() {
    let world = World::new().await;
    // The key set is read first, so that no fault hides behind the cool-down of the next download.
    world.sign_in("nickname-only").await;
    // One more than at the door for apps: there no profile is read that could name somebody else.
    for fault in FAULTY_ID_TOKENS.into_iter().chain([IdTokenFault::OtherSubject]) {
        let name = format!("{fault:?}");
        let answer = log_in_with(&world, Fault::IdToken(fault)).await;
        assert_eq!(answer.refusal(), (502, "KAKAO_LOGIN_FAILED".into()), "{name}: {}", answer.body);
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 1, "only the one who came first");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn without_an_id_token_the_profile_says_who_it_is() {
    let world = World::new().await;
    let answer = log_in_with(&world, Fault::IdToken(IdTokenFault::Missing)).await.ok().json();
    assert_eq!(answer["user"]["nickname"], "김문지");
    // And it has to be asked every time, however young the profile is.
    let answer = log_in_with(&world, Fault::IdToken(IdTokenFault::Missing)).await.ok().json();
    assert_eq!((world.kakao.counts().user_me, &answer["is_new_user"]), (2, &json!(false)));
}

#[tokio::test]
async fn refusals_of_the_profile_are_told_apart_by_code_not_by_status() {
    let cases = [
        (-1, 503, "KAKAO_UNAVAILABLE"),
        (-10, 503, "KAKAO_UNAVAILABLE"),
        (-603, 503, "KAKAO_UNAVAILABLE"),
        (-9798, 503, "KAKAO_UNAVAILABLE"),
        (-401, 502, "KAKAO_LOGIN_FAILED"),
        (-2, 502, "KAKAO_LOGIN_FAILED"),
        (-4, 403, "KAKAO_PERSON_REFUSED"),
        (-406, 403, "KAKAO_UNDER_AGE"),
        (-402, 403, "KAKAO_CONSENT_REQUIRED"),
    ];
    for (kakao, status, code) in cases {
        let answer = log_in_with_every(Fault::UserMeError(kakao)).await;
        assert_eq!(answer.refusal(), (status, code.into()), "{kakao}");
        assert_eq!(answer.json()["kakao_code"], json!(kakao.to_string()));
    }
    for fault in [Fault::UserMeStatus(500), Fault::UserMeGarbage, Fault::UserMeTruncated] {
        let answer = log_in_with_every(fault).await;
        assert_eq!(answer.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
    }
}

#[tokio::test]
async fn keys_are_read_once_for_many_logins_and_again_when_kakao_rotates_them() {
    let world = World::new().await;
    for _ in 0..5 {
        world.sign_in("full").await;
    }
    assert_eq!(world.kakao.counts().jwks, 1);
    world.kakao.rotate_keys();
    world.advance(std::time::Duration::from_secs(31));
    world.sign_in("full").await;
    assert_eq!(world.kakao.counts().jwks, 2);
}

#[tokio::test]
async fn unknown_key_ids_do_not_become_requests_to_kakao() {
    let world = World::new().await;
    world.sign_in("full").await;
    for _ in 0..10 {
        log_in_with(&world, Fault::IdToken(IdTokenFault::UnknownKid)).await;
    }
    assert!(world.kakao.counts().jwks <= 2, "{}", world.kakao.counts().jwks);
}

#[tokio::test]
async fn old_keys_serve_on_while_kakaos_key_set_is_out_of_order() {
    let world = World::new().await;
    world.sign_in("full").await;
    world.advance(std::time::Duration::from_hours(2));
    world.kakao.next(Fault::JwksStatus(500));
    assert!(world.sign_in("full").await["access_token"].is_string());
    // Without any key nobody can be checked, so nobody is signed in.
    let cold = World::new().await;
    cold.kakao.next(Fault::JwksGarbage);
    let body = cold.browser().callback_body(&cold.kakao, "full").await;
    assert_eq!(cold.browser().post(CALLBACK, &body).await.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
}

#[tokio::test]
async fn kakao_being_away_disturbs_only_logins() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    for _ in 0..10 {
        world.kakao.next(Fault::TokenStatus(503));
        world.kakao.next(Fault::JwksStatus(503));
        world.kakao.next(Fault::UserMeStatus(503));
    }
    let refreshed = world.browser().refresh(refresh).await.ok().json();
    let access = refreshed["access_token"].as_str().unwrap();
    assert_eq!(world.browser().get_as("/api/protected", access).await.status, 200);
    assert_eq!(world.browser().get_as("/api/auth/profile", access).await.status, 200);
    assert_eq!(world.browser().get("/readyz").await.status, 200);
}
