//! user/me per person, userinfo, logout, unlink.

use serde_json::{Value, json};

use crate::support::{bearer, start, text};

#[tokio::test]
async fn the_bare_person_is_a_number_and_nothing_else() {
    let kakao = start().await;
    assert_eq!(kakao.user_me("bare", "").await, json!({"id": 4_000_000_003_i64}));
}

#[tokio::test]
async fn the_full_person_has_everything() {
    let kakao = start().await;
    let account = kakao.user_me("full", "").await["kakao_account"].clone();
    assert_eq!(account["profile"]["nickname"], "김문지");
    assert_eq!(account["profile"]["is_default_image"], false);
    assert_eq!(account["email"], "munji@example.com");
    assert_eq!((&account["is_email_valid"], &account["is_email_verified"]), (&json!(true), &json!(true)));
    for flag in ["profile_nickname_needs_agreement", "profile_image_needs_agreement", "email_needs_agreement"] {
        assert_eq!(account[flag], false, "{flag}");
    }
}

#[tokio::test]
async fn missing_consent_leaves_the_value_out_and_says_so() {
    let kakao = start().await;
    let account = kakao.user_me("nickname-only", "").await["kakao_account"].clone();
    assert_eq!(account["profile"], json!({"nickname": "이닉네임", "is_default_nickname": false}));
    assert_eq!(account["profile_image_needs_agreement"], true);
    assert_eq!(account["email_needs_agreement"], true);
    assert_eq!(account.get("email"), None);
    let account = kakao.user_me("email-needs-agreement", "").await["kakao_account"].clone();
    assert_eq!((&account["email_needs_agreement"], account.get("email")), (&json!(true), None));
}

#[tokio::test]
async fn doubtful_emails_are_answered_with_their_flags() {
    let kakao = start().await;
    let flags = |account: &Value| (account["is_email_valid"].as_bool(), account["is_email_verified"].as_bool());
    let unverified = kakao.user_me("email-unverified", "").await["kakao_account"].clone();
    assert_eq!(flags(&unverified), (Some(true), Some(false)));
    let invalid = kakao.user_me("email-invalid", "").await["kakao_account"].clone();
    assert_eq!(flags(&invalid), (Some(false), Some(true)));
    assert_eq!(invalid["email"], "ka***@kakao.com");
}

#[tokio::test]
async fn a_big_id_and_a_default_picture_are_themselves() {
    let kakao = start().await;
    assert_eq!(kakao.user_me("big-id", "").await["id"], 1_376_016_924_429_759_228_i64);
    let profile = kakao.user_me("default-image", "").await["kakao_account"]["profile"].clone();
    assert_eq!(profile["is_default_image"], true);
    assert!(text(&profile, "profile_image_url").contains("default_profile"));
}

#[tokio::test]
async fn pictures_are_https_only_when_asked() {
    let kakao = start().await;
    for person in ["full", "default-image"] {
        let plain = kakao.user_me(person, "").await.to_string();
        assert!(plain.contains("http://") && !plain.contains("https://"), "{plain}");
        let secure = kakao.user_me(person, "?secure_resource=true").await.to_string();
        assert!(secure.contains("https://") && !secure.contains("http://"), "{secure}");
    }
}

#[tokio::test]
async fn property_keys_limit_the_answer() {
    let kakao = start().await;
    let bearer = bearer(&kakao, "full").await;
    let ask =
        async |keys: &str| kakao.authorized("POST", "/v2/user/me", &bearer, &format!("property_keys={keys}")).await;
    let email = ask(r#"["kakao_account.email"]"#).await.json();
    assert_eq!(email.get("properties"), None);
    assert_eq!(email["kakao_account"].get("profile"), None);
    assert_eq!(email["kakao_account"]["email"], "munji@example.com");
    let all = ask(r#"["kakao_account."]"#).await.json();
    assert!(all["kakao_account"].get("profile").is_some() && all["kakao_account"].get("email").is_some());
    assert_eq!(ask("kakao_account").await.json()["code"], -2);
}

#[tokio::test]
async fn a_bad_or_expired_token_is_minus_401() {
    let kakao = start().await;
    let bearer = bearer(&kakao, "full").await;
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &bearer, "").await.status, 200);
    kakao.advance(21_599);
    for shown in [bearer.as_str(), "Bearer nonsense", "Basic x"] {
        let answer = kakao.authorized("GET", "/v2/user/me", shown, "").await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=invalid_token"));
        assert_eq!(answer.json(), json!({"msg": "this access token does not exist", "code": -401}));
    }
}

#[tokio::test]
async fn userinfo_says_whether_the_email_is_verified() {
    let kakao = start().await;
    let bearer = bearer(&kakao, "email-unverified").await;
    let info = kakao.authorized("GET", "/v1/oidc/userinfo", &bearer, "").await.json();
    assert_eq!(info["sub"], "4000000004");
    assert_eq!((&info["email"], &info["email_verified"]), (&json!("unverified@example.com"), &json!(false)));
}

#[tokio::test]
async fn logout_ends_one_token_and_unlink_ends_all() {
    let kakao = start().await;
    let (first, second) = (bearer(&kakao, "full").await, bearer(&kakao, "full").await);
    let me = async |token: &str| kakao.authorized("GET", "/v2/user/me", token, "").await.status;
    let id = json!({"id": 4_000_000_001_i64});
    assert_eq!(kakao.authorized("POST", "/v1/user/logout", &first, "").await.json(), id);
    assert_eq!((me(&first).await, me(&second).await), (401, 200));
    assert_eq!(kakao.authorized("POST", "/v1/user/unlink", &second, "").await.json(), id);
    assert_eq!(me(&second).await, 401);
}

#[tokio::test]
async fn the_admin_key_unlinks_by_id_once() {
    let kakao = start().await;
    let token = bearer(&kakao, "77").await;
    let form = "target_id_type=user_id&target_id=77";
    let unlink = async || kakao.authorized("POST", "/v1/user/unlink", "KakaoAK admin", form).await;
    assert_eq!(unlink().await.json(), json!({"id": 77}));
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &token, "").await.status, 401);
    assert_eq!(unlink().await.json()["code"], -101);
    assert_eq!(kakao.mock.counts().unlink, 2);
}
