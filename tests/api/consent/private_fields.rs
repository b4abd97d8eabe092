//! Telephone, birthday and the like: kept only on demand, sealed at rest, shown to their owner alone.

use std::time::Duration;

use mock_kakao::{Ask, ConsentItem, MockConfig};
use serde_json::{Value, json};

use crate::support::{Browser, Gateway, World, eventually, on_postgres, text};

const ALL: &str = "name,gender,age_range,birthday,birthyear,phone_number";
const SEALED: &str = "SELECT COUNT(*) FROM users WHERE sealed_private IS NOT NULL";

/// An app that may ask for everything.
fn asks_all(kakao: &mut MockConfig) {
    let items = ["profile_nickname", "profile_image", "account_email"].into_iter().chain(ALL.split(','));
    kakao.consent_items = items.map(|item| ConsentItem::new(item, Ask::Optional)).collect();
}

async fn keeping(fields: &str) -> World {
    World::with_kakao(&[("KAKAO_PROFILE_FIELDS", fields)], asks_all).await
}

async fn profile(base: &str, tokens: &Value) -> Value {
    Browser::new(base).get_as("/api/auth/profile", &text(tokens, "access_token")).await.ok().json()
}

async fn private(world: &World, tokens: &Value) -> Value {
    profile(&world.gateway.base, tokens).await["private_fields"].clone()
}

fn nothing() -> Value {
    let names = ["name", "gender", "age_range", "birthday", "birthday_type", "birthyear", "phone_number"];
    names.into_iter().map(|name| (name.to_owned(), json!(null))).collect::<serde_json::Map<_, _>>().into()
}

/// What stands in the column, as hex digits.
async fn sealed(world: &World) -> Vec<String> {
    let hex = if on_postgres() { "upper(encode(sealed_private, 'hex'))" } else { "hex(sealed_private)" };
    world.database.texts(&format!("SELECT {hex} FROM users WHERE sealed_private IS NOT NULL")).await
}

#[tokio::test]
async fn nothing_is_kept_that_was_not_asked_for() {
    let world = World::with_kakao(&[], asks_all).await;
    let tokens = world.sign_in("all-fields").await;
    assert_eq!(private(&world, &tokens).await, json!(null));
    assert_eq!(world.database.count(SEALED).await, 0);
}

#[tokio::test]
async fn fields_are_typed_and_a_person_who_lacks_some_has_the_others() {
    let world = keeping(ALL).await;
    let everything = json!({
        "name": "서모두",
        "gender": "female",
        "age_range": "20~29",
        "birthday": "11-30",
        "birthday_type": "lunar",
        "birthyear": 2002,
        "phone_number": "+821012345678",
    });
    let abroad = json!({
        "name": "Dana Fox",
        "gender": "male",
        "age_range": null,
        "birthday": "02-29",
        "birthday_type": "solar",
        "birthyear": null,
        "phone_number": "+12025550143",
    });
    for (person, expected) in [("all-fields", everything), ("abroad", abroad), ("full", nothing())] {
        let tokens = world.sign_in(person).await;
        assert_eq!(private(&world, &tokens).await, expected, "{person}");
    }
    assert_eq!(world.database.count(SEALED).await, 2, "nobody has an empty seal");
}

#[tokio::test]
async fn of_several_fields_only_those_asked_for_are_kept() {
    let world = keeping("birthday,phone_number").await;
    let tokens = world.sign_in("all-fields").await;
    let mut expected = nothing();
    expected["birthday"] = json!("11-30");
    expected["birthday_type"] = json!("lunar");
    expected["phone_number"] = json!("+821012345678");
    assert_eq!(private(&world, &tokens).await, expected);
    // Kept, not only hidden: an instance that asks for more has no more to show.
    let curious = world.gateway_with(&[("KAKAO_PROFILE_FIELDS", ALL)]).await;
    assert_eq!(profile(&curious.base, &tokens).await["private_fields"], expected);
}

#[tokio::test]
async fn a_field_no_longer_asked_for_is_no_longer_shown() {
    let world = keeping(ALL).await;
    let tokens = world.sign_in("all-fields").await;
    let fewer = world.gateway_with(&[("KAKAO_PROFILE_FIELDS", "name")]).await;
    let mut expected = nothing();
    expected["name"] = json!("서모두");
    assert_eq!(profile(&fewer.base, &tokens).await["private_fields"], expected);
    let none = world.gateway_with(&[("KAKAO_PROFILE_FIELDS", "")]).await;
    assert_eq!(profile(&none.base, &tokens).await["private_fields"], json!(null));
}

#[tokio::test]
async fn token_answers_and_access_tokens_carry_none_of_it() {
    let fields = [("KAKAO_PROFILE_FIELDS", ALL), ("JWT_EXTRA_CLAIMS", "username,nickname,email")];
    let world = World::with_kakao(&fields, asks_all).await;
    let tokens = world.sign_in("all-fields").await;
    let refreshed = world.browser().refresh(&text(&tokens, "refresh_token")).await.ok().json();
    assert_eq!(private(&world, &tokens).await["phone_number"], "+821012345678", "there is something to carry");
    for answer in [&tokens, &refreshed] {
        assert_eq!(answer["user"]["private_fields"], json!(null));
        let claims = crate::support::claims(&text(answer, "access_token"));
        for told in [answer.to_string(), claims.to_string()] {
            assert!(!told.contains("12345678") && !told.contains("lunar") && !told.contains("20~29"), "{told}");
        }
    }
    let stranger = world.sign_in("abroad").await;
    assert_eq!(private(&world, &stranger).await["name"], "Dana Fox", "each sees their own");
}

#[tokio::test]
async fn the_column_says_nothing_to_whoever_reads_the_database() {
    let world = keeping(ALL).await;
    world.sign_in("all-fields").await;
    let first = sealed(&world).await.concat();
    for plain in ["12345678", "lunar", "phone_number", "20~29", "female"] {
        let hex = plain.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat();
        assert!(first.len() > 100 && !first.contains(&hex), "{plain} in {first}");
    }
    world.advance(Duration::from_hours(25));
    world.sign_in("all-fields").await;
    assert_ne!(sealed(&world).await.concat(), first, "the same twice does not look the same");
}

#[tokio::test]
async fn another_secret_or_another_person_opens_nothing_and_breaks_nothing() {
    // Stored signing keys need the secret, too; a shared one does not.
    let settings = [("KAKAO_PROFILE_FIELDS", ALL), ("JWT_ALGORITHM", "HS256")];
    let world = World::with_kakao(&settings, asks_all).await;
    let first = world.sign_in("all-fields").await;
    let other: Gateway = world.gateway_with(&[("JWT_SECRET_KEY", "another-master-secret-of-more-than-32-bytes")]).await;
    let there = Browser::new(&other.base).sign_in(&world.kakao, "all-fields").await;
    assert_eq!(there["user"]["id"], first["user"]["id"]);
    // The profile is read after the answer, as for everybody who returns, and makes it good.
    let shown = async || profile(&other.base, &there).await["private_fields"].clone();
    eventually("the reading makes it good", async || shown().await["phone_number"] == "+821012345678").await;
    assert_eq!(private(&world, &first).await, nothing(), "now the first one cannot open it");

    let dana = Browser::new(&other.base).sign_in(&world.kakao, "abroad").await;
    assert_eq!(profile(&other.base, &dana).await["private_fields"]["name"], "Dana Fox");
    let moved = "UPDATE users SET sealed_private = (SELECT sealed_private FROM users WHERE username = 'kakao_4000000009') \
                 WHERE username = 'kakao_4000000010'";
    world.database.begin().await.run_and_commit(moved).await;
    assert_eq!(world.database.count("SELECT COUNT(DISTINCT sealed_private) FROM users").await, 1);
    assert_eq!(profile(&other.base, &dana).await["private_fields"], nothing(), "a seal is good for one person");
}

/// The person takes consent back at Kakao, of which we hear nothing.
async fn withdraw(world: &World, items: &[&str]) {
    let scopes = json!(items).to_string();
    let form = [("target_id_type", "user_id"), ("target_id", "4000000009"), ("scopes", scopes.as_str())];
    let url = format!("{}/v2/user/revoke/scopes", world.kakao.base_url());
    world.browser().post_form(&url, &form, &[("authorization", "KakaoAK any")]).await.ok();
}

#[tokio::test]
async fn what_was_withdrawn_goes_at_the_next_reading() {
    let world = keeping(ALL).await;
    let tokens = world.sign_in("all-fields").await;
    withdraw(&world, &["phone_number", "birthday"]).await;
    assert_eq!(private(&world, &tokens).await["phone_number"], "+821012345678", "nobody has read it again");
    world.advance(Duration::from_hours(25));
    let tokens = world.sign_in("all-fields").await;
    let mut expected = private(&world, &tokens).await;
    assert_eq!((&expected["name"], &expected["birthyear"]), (&json!("서모두"), &json!(2002)));
    for gone in ["phone_number", "birthday", "birthday_type"] {
        assert_eq!(expected[gone].take(), json!(null), "{gone}");
    }
    let needed = tokens["user"]["needs_agreement"].as_array().unwrap();
    assert_eq!(needed, &[json!("birthday"), json!("phone_number")]);

    // Of somebody who has just been read, the reading after the answer finds it.
    withdraw(&world, &["name", "gender", "age_range", "birthyear"]).await;
    world.sign_in("all-fields").await;
    eventually("the seal is gone", async || world.database.count(SEALED).await == 0).await;
    assert_eq!(private(&world, &tokens).await, nothing());
}
