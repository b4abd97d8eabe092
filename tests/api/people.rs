//! Each kind of person: nobody is turned away for what they did not consent to (contract 3.1.7).

use serde_json::{Value, json};

use crate::support::World;

async fn profile_of(world: &World, person: &str) -> Value {
    world.sign_in(person).await["user"].clone()
}

#[tokio::test]
async fn a_person_who_consented_to_everything_has_a_verified_email_and_an_https_picture() {
    let world = World::new().await;
    let user = profile_of(&world, "full").await;
    assert_eq!((&user["email_verified"], &user["nickname"]), (&json!(true), &json!("김문지")));
    assert!(user["email"].as_str().unwrap().contains('@'));
    assert!(user["profile_image"].as_str().unwrap().starts_with("https://"));
    assert!(user["username"].as_str().unwrap().starts_with("kakao_"));
}

#[tokio::test]
async fn a_person_without_an_email_signs_in() {
    let world = World::new().await;
    let user = profile_of(&world, "nickname-only").await;
    assert_eq!((&user["email"], &user["email_verified"]), (&json!(null), &json!(false)));
    assert!(user["nickname"].is_string());
}

#[tokio::test]
async fn a_person_of_whom_only_the_id_is_known_signs_in() {
    let world = World::new().await;
    let user = profile_of(&world, "bare").await;
    for name in ["email", "nickname", "profile_image"] {
        assert_eq!(user[name], json!(null), "{name}");
    }
    assert_eq!(user["is_social_user"], true);
}

#[tokio::test]
async fn an_unverified_email_is_kept_but_not_called_verified() {
    let world = World::new().await;
    let user = profile_of(&world, "email-unverified").await;
    assert!(user["email"].is_string());
    assert_eq!(user["email_verified"], false);
}

#[tokio::test]
async fn an_address_that_kakao_calls_invalid_is_nobodys() {
    let world = World::new().await;
    let user = profile_of(&world, "email-invalid").await;
    assert_eq!((&user["email"], &user["email_verified"]), (&json!(null), &json!(false)));
}

#[tokio::test]
async fn ids_of_nineteen_digits_are_kept_to_the_last_one() {
    let world = World::new().await;
    let user = profile_of(&world, "big-id").await;
    assert_eq!(user["username"], "kakao_1376016924429759228");
    // One more than a JavaScript number can tell apart, and its neighbour: two people.
    let (one, two) = (profile_of(&world, "9007199254740992").await, profile_of(&world, "9007199254740993").await);
    assert_ne!(one["id"], two["id"]);
    assert_eq!(two["username"], "kakao_9007199254740993");
    let largest = profile_of(&world, "9223372036854775807").await;
    assert_eq!(largest["username"], "kakao_9223372036854775807");
}

#[tokio::test]
async fn a_default_picture_is_a_picture() {
    let world = World::new().await;
    let user = profile_of(&world, "default-image").await;
    assert!(user["profile_image"].as_str().unwrap().starts_with("https://"));
}

#[tokio::test]
async fn the_same_email_of_another_person_is_another_user() {
    let world = World::new().await;
    // Both share nothing but what they are called: identity is provider and id, never an address.
    let (one, two) = (profile_of(&world, "full").await, profile_of(&world, "email-unverified").await);
    assert_ne!(one["id"], two["id"]);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 2);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM identities").await, 2);
}

#[tokio::test]
async fn a_fresh_database_knows_nobody() {
    let world = World::new().await;
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 0);
}

#[tokio::test]
async fn a_chosen_nickname_outlives_later_logins_and_bad_ones_are_refused() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    let token = tokens["access_token"].as_str().unwrap();
    let change = async |body: Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        world.browser().send(reqwest::Method::PATCH, "/api/auth/profile", &headers, Some(body.to_string())).await
    };
    assert_eq!(change(json!({"nickname": "  문지기 😀 "})).await.ok().json()["nickname"], "문지기 😀");
    for bad in ["", " ", "a\u{202e}b", "a\nb", &"가".repeat(31)] {
        assert_eq!(change(json!({"nickname": bad})).await.refusal(), (400, "INVALID_NICKNAME".into()), "{bad:?}");
    }
    for forged in ["id", "username", "email_verified", "social_provider", "is_admin"] {
        let answer = change(json!({"nickname": "x", forged: "x"})).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{forged} is not the user's to set");
    }
    world.advance(std::time::Duration::from_hours(48));
    assert_eq!(profile_of(&world, "full").await["nickname"], "문지기 😀");
}
