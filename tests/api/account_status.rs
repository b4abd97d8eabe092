//! The account-status webhook: what Kakao's security events do, once, and what they do not (contract 3, security A2; which of
//! them are believed: `forged_events.rs`).

use std::time::Duration;

use mock_kakao::Fault;
use serde_json::json;

use crate::support::{
    CLIENT_ID, FULL, START, World,
    events::{
        CAEP, KAKAO, OAUTH, RISC, SECEVENT, SETTINGS, assert_refused, assert_taken, claims, count, lives, push,
        push_to, report, unlinked, world,
    },
    eventually, text,
};

#[tokio::test]
async fn a_token_for_any_of_our_names_and_of_either_spelling_is_taken() {
    let world = world().await;
    for (number, (header, aud)) in [
        (json!({}), json!(CLIENT_ID)),
        (json!({}), json!("native-app-key")),
        (json!({}), json!("1234567")),
        (json!({}), json!(["of-another-app", CLIENT_ID])),
        (json!({"typ": "application/secevent+jwt"}), json!(CLIENT_ID)),
        (json!({"typ": "SecEvent+JWT"}), json!(CLIENT_ID)),
        (json!({"cty": "x", "x": 1}), json!(CLIENT_ID)),
    ]
    .into_iter()
    .enumerate()
    {
        let id = (5_000_000_000 + number).to_string();
        let tokens = world.sign_in(&id).await;
        let changes = json!({"aud": aud, "txn": null, "txm": "x", "toe": null, "iat": START.secs() + 60});
        assert_taken(&push(&world, &world.kakao.sign_set(&header, &claims(&world, &id, &unlinked(), &changes))).await);
        assert!(!lives(&world, &tokens).await, "{header} {aud}");
    }
    assert_taken(&report(&world, "4000000099", &unlinked(), &json!({})).await);
    assert_taken(&report(&world, "4000000099", &unlinked(), &json!({"iat": START.secs() - 27 * 86_400})).await);
}

#[tokio::test]
async fn every_event_kakao_knows_does_what_it_says_and_no_more() {
    const NOTHING: (bool, bool) = (true, true);
    const ENDS: (bool, bool) = (false, true);
    const ERASES: (bool, bool) = (false, false);
    let world = world().await;
    for (number, (base, name, (session_stays, person_stays))) in [
        (OAUTH, "user-unlinked", ERASES),
        (RISC, "account-purged", ERASES),
        (OAUTH, "tokens-revoked", ENDS),
        (RISC, "sessions-revoked", ENDS),
        (RISC, "account-disabled", ENDS),
        (RISC, "credential-compromise", ENDS),
        (RISC, "account-credential-change-required", ENDS),
        (CAEP, "credential-change", ENDS),
        (OAUTH, "user-linked", NOTHING),
        (OAUTH, "user-scope-consent", NOTHING),
        (OAUTH, "user-scope-withdraw", NOTHING),
        (OAUTH, "token-issued", NOTHING),
        (OAUTH, "token-revoked", NOTHING),
        (RISC, "account-enabled", NOTHING),
        (RISC, "identifier-changed", NOTHING),
        (RISC, "identifier-recycled", NOTHING),
        (CAEP, "assurance-level-change", NOTHING),
        (KAKAO, "user-profile-changed", NOTHING),
        // Nothing of the sort: unknown, or a known name under somebody else's address.
        (OAUTH, "user-unlinked/", NOTHING),
        (OAUTH, "User-Unlinked", NOTHING),
        (RISC, "user-unlinked", NOTHING),
        (OAUTH, "account-purged", NOTHING),
        (KAKAO, "user-unlinked", NOTHING),
        ("https://evil.example/secevent/oauth/event-type/", "user-unlinked", NOTHING),
        ("http://schemas.openid.net/secevent/oauth/event-type/", "user-unlinked", NOTHING),
        ("", "user-unlinked", NOTHING),
        ("", "", NOTHING),
    ]
    .into_iter()
    .enumerate()
    {
        let id = (5_000_000_000 + number).to_string();
        let tokens = world.sign_in(&id).await;
        let audited = if number < 18 { name } else { "unknown" };
        let before = count(&world, audited).await;
        assert_taken(&report(&world, &id, &format!("{base}{name}"), &json!({})).await);
        assert_eq!(count(&world, audited).await, before + 1, "recorded: {base}{name}");
        assert_eq!(lives(&world, &tokens).await, session_stays, "{base}{name}");
        let identities = format!("SELECT COUNT(*) FROM identities WHERE subject = '{id}'");
        assert_eq!(world.database.count(&identities).await == 1, person_stays, "{base}{name}");
    }
    let recorded = world.audit().await.len();
    assert_taken(&report(&world, "4000000099", &format!("{RISC}sessions-revoked"), &json!({})).await);
    assert_eq!(world.audit().await.len(), recorded + 1, "also about people we do not know");
}

#[tokio::test]
async fn the_same_delivery_again_is_taken_and_does_nothing() {
    let world = world().await;
    let replica = world.second_gateway().await;
    let (event, changes) = (format!("{RISC}sessions-revoked"), json!({"jti": "the-same"}));
    let set = world.kakao.sign_set(&json!({}), &claims(&world, FULL, &event, &changes));
    let old = world.sign_in("full").await;
    assert_taken(&push(&world, &set).await);
    assert!(!lives(&world, &old).await);
    let new = world.sign_in("full").await;
    for base in [&world.gateway.base, &replica.base] {
        assert_taken(&push_to(base, &[SECEVENT], &set).await);
    }
    // Its `jti` names it, whatever else it says.
    assert_taken(&report(&world, FULL, &unlinked(), &changes).await);
    assert!(lives(&world, &new).await);
    assert_eq!((count(&world, "sessions-revoked").await, count(&world, "user-unlinked").await), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_delivery_to_two_instances_at_once_has_one_effect() {
    let world = world().await;
    let replica = world.second_gateway().await;
    world.sign_in("full").await;
    let set = world.kakao.sign_set(&json!({}), &claims(&world, FULL, &format!("{RISC}account-disabled"), &json!({})));
    let bases = [&world.gateway.base, &replica.base];
    let answers =
        futures_util::future::join_all((0..16).map(|index| push_to(bases[index % 2], &[SECEVENT], &set))).await;
    answers.iter().for_each(assert_taken);
    assert_eq!(count(&world, "account-disabled").await, 1);
}

#[tokio::test]
async fn sessions_begun_after_the_event_are_not_meant_by_it() {
    let world = world().await;
    let old = world.sign_in("full").await;
    world.advance(Duration::from_mins(5));
    let new = world.sign_in("full").await;
    for name in ["tokens-revoked", "user-unlinked"] {
        let late = json!({"toe": START.secs() + 60, "iat": START.secs() + 300});
        assert_taken(&report(&world, FULL, &format!("{OAUTH}{name}"), &late).await);
        assert!(!lives(&world, &old).await && lives(&world, &new).await, "{name}");
    }
    assert_eq!(world.browser().refresh(&text(&new, "refresh_token")).await.ok().json()["user"]["nickname"], "김문지");
    // `iat` says when, where `toe` does not.
    let without = json!({"toe": null, "iat": START.secs() + 60});
    assert_taken(&report(&world, FULL, &format!("{OAUTH}tokens-revoked"), &without).await);
    assert!(lives(&world, &new).await);
}

#[tokio::test]
async fn who_was_erased_has_no_session_left_not_even_a_young_one() {
    let world = world().await;
    world.sign_in("full").await;
    world.advance(Duration::from_secs(30));
    let young = world.sign_in("full").await;
    // So close together nobody can tell whose clock is right.
    assert_taken(&report(&world, FULL, &unlinked(), &json!({"toe": START.secs()})).await);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM identities").await, 0);
    assert!(!lives(&world, &young).await);
    assert_eq!(world.browser().refresh(&text(&young, "refresh_token")).await.status, 401);
}

#[tokio::test]
async fn who_signed_up_after_the_event_is_not_the_one_it_is_about() {
    let world = world().await;
    world.sign_in("full").await;
    let occurred_at = START.secs();
    world.advance(Duration::from_secs(2));
    assert_taken(&report(&world, FULL, &unlinked(), &json!({"toe": occurred_at})).await);
    world.advance(Duration::from_secs(3));
    let again = world.sign_in("full").await;
    assert_eq!(again["is_new_user"], true);
    // Kakao tells of one unlinking in two ways, and late.
    assert_taken(&report(&world, FULL, &unlinked(), &json!({"toe": occurred_at})).await);
    assert!(lives(&world, &again).await);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM identities").await, 1);
}

#[tokio::test]
async fn a_withdrawn_consent_takes_exactly_its_field_away() {
    let settings = [SETTINGS, &[("KAKAO_PROFILE_FIELDS", "name,phone_number")]].concat();
    let world = World::with(&settings).await;
    let fields = "SELECT CONCAT(COALESCE(nickname, ''), '|', COALESCE(email, ''), '|', COALESCE(profile_image, ''), '|', \
        CASE WHEN email_verified THEN 'verified' ELSE '' END, '|', \
        CASE WHEN sealed_private IS NULL THEN '' ELSE 'sealed' END) FROM users";
    let mut number = 5_000_000_000_i64;
    for (scope, gone) in [
        (json!(["profile_nickname"]), vec![0]),
        (json!(["profile_image"]), vec![2]),
        (json!(["profile"]), vec![0, 2]),
        (json!(["account_email"]), vec![1, 3]),
        (json!("account_email profile_image"), vec![1, 2, 3]),
        (json!("account_email,profile_nickname"), vec![0, 1, 3]),
        (json!(["friends", "talk_message", "'; DROP TABLE users; --"]), vec![]),
        (json!([]), vec![]),
        (json!(null), vec![]),
    ] {
        number += 1;
        let (id, row) = (number.to_string(), format!("{fields} WHERE username = 'kakao_{number}'"));
        let tokens = world.sign_in(&id).await;
        let before = world.database.texts(&row).await.remove(0);
        let name = format!("{OAUTH}user-scope-withdraw");
        let event = json!({"subject": {"iss": world.kakao.base_url(), "sub": id}, "scope": scope});
        assert_taken(&report(&world, &id, &name, &json!({"events": {name.as_str(): event}})).await);
        let after = world.database.texts(&row).await.remove(0);
        let (before, after): (Vec<_>, Vec<_>) = (before.split('|').collect(), after.split('|').collect());
        for (field, value) in before.iter().enumerate() {
            let expected = if gone.contains(&field) { "" } else { *value };
            assert_eq!(after[field], expected, "{scope}: field {field}");
        }
        assert!(lives(&world, &tokens).await, "who withdraws one consent is still linked");
    }
}

#[tokio::test]
async fn several_events_in_one_token_all_count() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let (subject, revoked) =
        (json!({"subject": {"iss": world.kakao.base_url(), "sub": FULL}}), format!("{OAUTH}tokens-revoked"));
    let linked = format!("{OAUTH}user-linked");
    let events = json!({linked.as_str(): subject, revoked.as_str(): subject, "https://x.example/new": subject});
    assert_taken(&report(&world, FULL, &linked, &json!({"events": events})).await);
    assert!(!lives(&world, &tokens).await);
    for name in ["user-linked", "tokens-revoked", "unknown"] {
        assert_eq!(count(&world, name).await, 1, "{name}");
    }
    // One bad one among them: none counts.
    let new = world.sign_in("full").await;
    let foreign = json!({"subject": {"iss": world.kakao.base_url(), "sub": "1"}});
    let events = json!({revoked.as_str(): subject, unlinked(): foreign});
    assert_refused(&report(&world, FULL, &revoked, &json!({"events": events})).await, "invalid_request", "two people");
    assert!(lives(&world, &new).await);
    assert_eq!(count(&world, "tokens-revoked").await, 1);
}

#[tokio::test]
async fn a_changed_profile_is_read_again_with_the_admin_key() {
    let world = World::with(&[SETTINGS, &[("KAKAO_ADMIN_KEY", "admin-key")]].concat()).await;
    world.sign_in("full").await;
    world.database.begin().await.run_and_commit("UPDATE users SET nickname = 'of before'").await;
    for name in [format!("{KAKAO}user-profile-changed"), format!("{OAUTH}user-scope-withdraw")] {
        let before = world.kakao.counts().user_me;
        assert_taken(&report(&world, FULL, &name, &json!({})).await);
        eventually("the profile is read", async || world.kakao.counts().user_me == before + 1).await;
        eventually("it is stored", async || world.database.count("SELECT COUNT(*) FROM outbox").await == 0).await;
    }
    assert_eq!(world.database.texts("SELECT nickname FROM users").await, ["김문지"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_cannot_be_checked_or_stored_may_be_sent_again() {
    let world = world().await;
    world.kakao.next(Fault::JwksStatus(500));
    let set = world.kakao.sign_set(&json!({}), &claims(&world, FULL, &unlinked(), &json!({})));
    for _ in 0..2 {
        let answer = push(&world, &set).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(!answer.header("retry-after").is_empty());
    }
    assert_eq!(world.kakao.counts().jwks, 1);
    world.advance(Duration::from_secs(31));
    let tokens = world.sign_in("full").await;
    let lock = world.database.lock_writes().await;
    let late = world.kakao.sign_set(&json!({}), &claims(&world, FULL, &unlinked(), &json!({})));
    let answer = push(&world, &late).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(!answer.header("retry-after").is_empty());
    lock.release().await;
    eventually("it is carried out without another call", async || !lives(&world, &tokens).await).await;
    assert_taken(&push(&world, &late).await);
    assert_eq!(count(&world, "user-unlinked").await, 1);
}
