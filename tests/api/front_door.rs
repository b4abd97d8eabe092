//! Signing in through `GET /oauth/authorize`, as any OAuth or OpenID Connect library does (RFC 6749 section 4.1, RFC 7636, RFC 9207).

use std::time::Duration;

use munjigi::token::secret::{random_text, s256};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, World, claims, header, text};

const REDIRECT: &str = "https://app.example.com/cb?from=kakao";
const CLIENTS: &str = r#"[
    {"id":"spa","redirect_uris":["https://app.example.com/cb?from=kakao","com.example.app:/cb"]},
    {"id":"web","secret":"s3cret","redirect_uris":["https://web.example.com/cb"]},
    {"id":"api","secret":"other"}
]"#;

async fn world() -> World {
    World::with(&[("OAUTH_CLIENTS", CLIENTS)]).await
}

/// A client at the beginning of a login.
struct Client {
    id: &'static str,
    redirect_uri: &'static str,
    verifier: String,
}

impl Client {
    fn spa() -> Self {
        Self { id: "spa", redirect_uri: REDIRECT, verifier: random_text() }
    }

    fn web() -> Self {
        Self { id: "web", redirect_uri: "https://web.example.com/cb", verifier: random_text() }
    }

    fn authorize_url(&self, more: &[(&str, &str)]) -> String {
        let challenge = s256(&self.verifier);
        let mut parameters = vec![
            ("client_id", self.id),
            ("redirect_uri", self.redirect_uri),
            ("response_type", "code"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", "st&te"),
        ];
        for (name, value) in more {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("/oauth/authorize?{query}")
    }

    /// Signs `person` in and returns the query the browser came back with.
    async fn log_in(&self, world: &World, browser: &Browser, person: &str, more: &[(&str, &str)]) -> Back {
        let to_kakao = browser.get(&self.authorize_url(more)).await;
        assert_eq!(to_kakao.status, 303, "{}", to_kakao.body);
        let callback = world.kakao.consent(&to_kakao.location(), person).unwrap();
        Back::of(&browser.get(&callback).await)
    }

    async fn redeem(&self, world: &World, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.id),
            ("redirect_uri", self.redirect_uri),
            ("code", code),
            ("code_verifier", &self.verifier),
        ];
        for (name, value) in more {
            form.retain(|(known, _)| known != name);
            form.push((name, value));
        }
        world.browser().post_form("/oauth/token", &form, &[]).await
    }
}

/// Where a login ended.
struct Back(url::Url);

impl Back {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 303, "{}", answer.body);
        Self(url::Url::parse(&answer.location()).unwrap())
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

async fn profile(world: &World, tokens: &Value) -> Answer {
    world.browser().get_as("/api/auth/profile", &text(tokens, "access_token")).await
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status.as_u16(), answer.json()["error"].as_str()), (status, Some(error)), "{}", answer.body);
}

#[tokio::test]
async fn a_client_comes_back_with_a_code_its_state_and_our_issuer_and_redeems_it() {
    let world = world().await;
    let (client, browser) = (Client::spa(), world.browser());
    let back = client.log_in(&world, &browser, "full", &[]).await;
    assert!(back.0.as_str().starts_with("https://app.example.com/cb?from=kakao&"), "{}", back.0);
    assert_eq!(
        (back.get("state").as_deref(), back.get("iss").as_deref()),
        (Some("st&te"), Some("https://auth.example.com"))
    );
    assert_eq!(browser.cookie("munjigi_rt"), None, "the client's login is not the browser's own");
    let tokens = client.redeem(&world, &back.get("code").unwrap(), &[]).await.ok().json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert!(tokens.get("id_token").is_none(), "nobody asked for one");
    let access = claims(&text(&tokens, "access_token"));
    assert_eq!(access["client_id"], "spa");
    assert_eq!(profile(&world, &tokens).await.ok().json()["nickname"], "김문지");
    let form =
        [("grant_type", "refresh_token"), ("client_id", "spa"), ("refresh_token", &text(&tokens, "refresh_token"))];
    let refreshed = world.browser().post_form("/oauth/token", &form, &[]).await.ok().json();
    assert_eq!(claims(&text(&refreshed, "access_token"))["sid"], access["sid"]);
}

#[tokio::test]
async fn an_id_token_is_for_the_client_with_its_nonce_and_is_no_access_token() {
    let world = World::with(&[("OAUTH_CLIENTS", CLIENTS), ("JWT_TYP", "at+jwt")]).await;
    let client = Client::spa();
    let asked = [("scope", "openid profile email"), ("nonce", "n-0S6"), ("prompt", "consent")];
    let back = client.log_in(&world, &world.browser(), "full", &asked).await;
    let tokens = client.redeem(&world, &back.get("code").unwrap(), &[]).await.ok().json();
    let id_token = text(&tokens, "id_token");
    let told = claims(&id_token);
    assert_eq!(
        (&told["iss"], &told["aud"], &told["nonce"]),
        (&json!("https://auth.example.com"), &json!("spa"), &json!("n-0S6"))
    );
    assert_eq!(told["sub"], claims(&text(&tokens, "access_token"))["sub"]);
    assert!(told["auth_time"].is_i64() && told["exp"].as_i64() > told["iat"].as_i64());
    assert_eq!(header(&id_token)["typ"], "JWT", "whatever access tokens are called");
    let kid = text(&header(&id_token), "kid");
    assert!(world.browser().get("/.well-known/jwks.json").await.body.contains(&kid));
    assert_eq!(world.browser().get_as("/api/protected", &id_token).await.status, 401);
    let userinfo = world.browser().get_as("/oauth/userinfo", &text(&tokens, "access_token")).await.ok().json();
    assert_eq!(userinfo["sub"], told["sub"]);
}

#[tokio::test]
async fn a_code_works_once_and_a_second_time_ends_the_session() {
    let world = world().await;
    let client = Client::spa();
    let code = client.log_in(&world, &world.browser(), "full", &[]).await.get("code").unwrap();
    let tokens = client.redeem(&world, &code, &[]).await.ok().json();
    assert_eq!(profile(&world, &tokens).await.status, 200);
    assert_refused(&client.redeem(&world, &code, &[]).await, 400, "invalid_grant");
    assert_eq!(profile(&world, &tokens).await.refusal(), (401, "SESSION_REVOKED".into()));
    assert!(world.audit().await.contains(&"code_reused".to_owned()));
    // Both at once: one of them, or none of them in the end, but never two living sessions.
    let code = client.log_in(&world, &world.browser(), "full", &[]).await.get("code").unwrap();
    let (one, two) = tokio::join!(client.redeem(&world, &code, &[]), client.redeem(&world, &code, &[]));
    assert_eq!([one.status, two.status].iter().filter(|status| status.is_success()).count(), 1);
}

#[tokio::test]
async fn a_code_is_of_no_use_to_anybody_else_or_later() {
    let world = world().await;
    let client = Client::spa();
    let code = client.log_in(&world, &world.browser(), "full", &[]).await.get("code").unwrap();
    let other_verifier = random_text();
    for wrong in [
        [("code_verifier", other_verifier.as_str())],
        [("redirect_uri", "com.example.app:/cb")],
        [("client_id", "munjigi")],
        [("code", "made-up")],
    ] {
        assert_refused(&client.redeem(&world, &code, &wrong).await, 400, "invalid_grant");
    }
    assert_refused(&client.redeem(&world, &code, &[("client_id", "web")]).await, 401, "invalid_client");
    let web = [("client_id", "web"), ("client_secret", "s3cret")];
    assert_refused(&client.redeem(&world, &code, &web).await, 400, "invalid_grant");
    for missing in ["code", "redirect_uri", "code_verifier", "client_id"] {
        let form: Vec<_> = [
            ("grant_type", "authorization_code"),
            ("client_id", "spa"),
            ("redirect_uri", REDIRECT),
            ("code", &code),
            ("code_verifier", &client.verifier),
        ]
        .into_iter()
        .filter(|(name, _)| *name != missing)
        .collect();
        assert_refused(&world.browser().post_form("/oauth/token", &form, &[]).await, 400, "invalid_request");
    }
    world.advance(Duration::from_mins(1));
    assert_refused(&client.redeem(&world, &code, &[]).await, 400, "invalid_grant");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM refresh_tokens").await, 0);
}

#[tokio::test]
async fn a_session_whose_code_was_never_redeemed_is_no_device() {
    let world = world().await;
    let own = world.sign_in("full").await;
    Client::spa().log_in(&world, &world.browser(), "full", &[]).await;
    world.advance(Duration::from_secs(61));
    let devices = world.browser().get_as("/api/auth/sessions", &text(&own, "access_token")).await.ok().json();
    assert_eq!(devices.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_session_whose_code_was_never_redeemed_goes_after_a_month_and_a_redeemed_one_lives_on() {
    let world = world().await;
    let client = Client::spa();
    client.log_in(&world, &world.browser(), "full", &[]).await;
    let code = client.log_in(&world, &world.browser(), "full", &[]).await.get("code").unwrap();
    let mut token = text(&client.redeem(&world, &code, &[]).await.ok().json(), "refresh_token");
    let clean = async || {
        let context = &world.gateway.shared.context;
        context.storage.clean_up(context.clock.now()).await.unwrap();
        world.database.count("SELECT COUNT(*) FROM sessions").await
    };
    for _ in 0..6 {
        world.advance(Duration::from_hours(24 * 5));
        assert_eq!(clean().await, 2);
        let form = [("grant_type", "refresh_token"), ("client_id", "spa"), ("refresh_token", token.as_str())];
        token = text(&world.browser().post_form("/oauth/token", &form, &[]).await.ok().json(), "refresh_token");
    }
    world.advance(Duration::from_mins(2));
    assert_eq!(clean().await, 1);
    let form = [("grant_type", "refresh_token"), ("client_id", "spa"), ("refresh_token", token.as_str())];
    world.browser().post_form("/oauth/token", &form, &[]).await.ok();
}

#[tokio::test]
async fn tokens_of_a_client_are_refreshed_by_that_client_alone() {
    let world = world().await;
    let client = Client::web();
    let code = client.log_in(&world, &world.browser(), "full", &[]).await.get("code").unwrap();
    assert_refused(&client.redeem(&world, &code, &[]).await, 401, "invalid_client");
    let secret = [("client_secret", "s3cret")];
    let tokens = client.redeem(&world, &code, &secret).await.ok().json();
    let token = text(&tokens, "refresh_token");
    assert_eq!(world.browser().refresh(&token).await.refusal(), (400, "INVALID_REFRESH_TOKEN".into()));
    let refresh = |client: &'static [(&'static str, &'static str)]| {
        let form = [&[("grant_type", "refresh_token"), ("refresh_token", token.as_str())], client].concat();
        let browser = world.browser();
        async move { browser.post_form("/oauth/token", &form, &[]).await }
    };
    assert_refused(&refresh(&[]).await, 400, "invalid_grant");
    assert_refused(&refresh(&[("client_id", "spa")]).await, 400, "invalid_grant");
    assert_refused(&refresh(&[("client_id", "web")]).await, 401, "invalid_client");
    for form in [&[("token", token.as_str())][..], &[("token", token.as_str()), ("client_id", "spa")]] {
        assert_refused(&world.browser().post_form("/oauth/revoke", form, &[]).await, 400, "unauthorized_client");
    }
    // None of these counted as a use of the token.
    refresh(&[("client_id", "web"), ("client_secret", "s3cret")]).await.ok();
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_the_clients() {
    let world = world().await;
    let client = Client::spa();
    for (more, code) in [
        ([("client_id", "nobody")], "UNKNOWN_CLIENT"),
        ([("client_id", "")], "INVALID_REQUEST"),
        ([("client_id", "api")], "INVALID_REDIRECT_URI"),
        ([("redirect_uri", "")], "INVALID_REDIRECT_URI"),
        ([("redirect_uri", "https://app.example.com/cb")], "INVALID_REDIRECT_URI"),
        ([("redirect_uri", "https://app.example.com/cb?from=kakao&x=1")], "INVALID_REDIRECT_URI"),
        ([("redirect_uri", "https://evil.example.com/")], "INVALID_REDIRECT_URI"),
    ] {
        let answer = world.browser().get(&client.authorize_url(&more)).await;
        assert_eq!(answer.refusal(), (400, code.into()), "{more:?}");
        assert!(answer.location().is_empty());
    }
    let page = [("accept", "text/html"), ("accept-language", "en")];
    let shown = world.browser().send(Method::GET, &client.authorize_url(&[("client_id", "nobody")]), &page, None).await;
    assert!(shown.status == 400 && shown.body.contains("The client is not registered."), "{}", shown.body);
}

#[tokio::test]
async fn what_the_client_did_wrong_is_told_to_the_client() {
    let world = world().await;
    let client = Client::spa();
    let long = "x".repeat(600);
    for (more, error) in [
        ([("response_type", "token")], "unsupported_response_type"),
        ([("response_type", "")], "invalid_request"),
        ([("prompt", "none consent")], "invalid_request"),
        ([("state", "상태")], "invalid_request"),
        ([("code_challenge", "")], "invalid_request"),
        ([("code_challenge_method", "plain")], "invalid_request"),
        ([("code_challenge_method", "")], "invalid_request"),
        ([("response_mode", "fragment")], "invalid_request"),
        ([("prompt", "none login")], "invalid_request"),
        ([("prompt", "maybe")], "invalid_request"),
        ([("nonce", &long)], "invalid_request"),
        ([("request", "eyJ")], "request_not_supported"),
        ([("request_uri", "https://app.example.com/r")], "request_uri_not_supported"),
    ] {
        let back = Back::of(&world.browser().get(&client.authorize_url(&more)).await);
        assert_eq!(back.get("error").as_deref(), Some(error), "{more:?}");
        assert!(back.get("state").is_some() && back.get("iss").is_some());
        assert_eq!(back.0.host_str(), Some("app.example.com"));
    }
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn what_went_wrong_at_kakao_is_told_in_the_words_of_the_standard() {
    use mock_kakao::{Endpoint, Fault, KoeCode};
    let refuse = |error: &str| Fault::AuthorizeError { error: error.into(), description: "Not repeated".into() };
    for (fault, error) in [
        (refuse("access_denied"), "access_denied"),
        (refuse("login_required"), "interaction_required"),
        (refuse("server_error"), "temporarily_unavailable"),
        (Fault::TokenError(KoeCode::Koe010), "server_error"),
        (Fault::TokenStatus(503), "temporarily_unavailable"),
        (Fault::api(Endpoint::UserMe, -406), "access_denied"),
        (Fault::missing_consent(Endpoint::UserMe, &["account_email"]), "consent_required"),
    ] {
        let world = world().await;
        let name = format!("{fault:?}");
        world.kakao.next(fault);
        let back = Client::spa().log_in(&world, &world.browser(), "full", &[]).await;
        assert_eq!(back.get("error").as_deref(), Some(error), "{name}");
        assert!(back.get("code").is_none() && !back.0.as_str().contains("repeated"), "{}", back.0);
        assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 0);
    }
}

#[tokio::test]
async fn only_the_browser_that_began_comes_back_with_a_code() {
    let world = world().await;
    let client = Client::spa();
    let to_kakao = world.browser().get(&client.authorize_url(&[])).await;
    let callback = world.kakao.consent(&to_kakao.location(), "full").unwrap();
    let answer = world.browser().get(&callback).await;
    assert_eq!(answer.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn the_metadata_of_a_gateway_with_such_clients_names_the_endpoint() {
    let world = world().await;
    let metadata = world.browser().get("/.well-known/openid-configuration").await.ok().json();
    assert_eq!(text(&metadata, "authorization_endpoint"), format!("{}/oauth/authorize", world.gateway.base));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], json!(true));
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
}

#[tokio::test]
async fn a_client_learns_who_somebody_is_and_may_do_nothing_else_in_their_name() {
    let settings = [("OAUTH_CLIENTS", CLIENTS), ("KAKAO_PROFILE_FIELDS", "name,phone_number")];
    let world = World::with(&settings).await;
    let own = world.sign_in("full").await;
    let client = Client::spa();
    let code = client.log_in(&world, &world.browser(), "full", &[]).await.get("code").unwrap();
    let tokens = client.redeem(&world, &code, &[]).await.ok().json();
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let sid = text(&claims(&text(&own, "access_token")), "sid");
    for (method, path, body) in [
        (Method::DELETE, "/api/auth/profile", None),
        (Method::PATCH, "/api/auth/profile", Some(r#"{"nickname":"x"}"#)),
        (Method::GET, "/api/auth/sessions", None),
        (Method::DELETE, &*format!("/api/auth/sessions/{sid}"), None),
        (Method::POST, "/api/auth/logout", Some(r#"{"scope":"all"}"#)),
        (Method::POST, "/api/auth/logout", Some(r#"{"scope":"others"}"#)),
    ] {
        let answer = world.browser().send(method, path, &headers, body.map(ToOwned::to_owned)).await;
        assert_eq!(answer.refusal(), (403, "CLIENT_NOT_ALLOWED".into()), "{path}");
    }
    assert_eq!(profile(&world, &tokens).await.ok().json()["private_fields"], json!(null));
    assert!(profile(&world, &own).await.ok().json()["private_fields"].is_object());
    // Itself it may sign out.
    world.browser().send(Method::POST, "/api/auth/logout", &headers, Some("{}".into())).await.ok();
    assert_eq!(profile(&world, &tokens).await.status, 401);
    assert_eq!(profile(&world, &own).await.status, 200);
}

#[tokio::test]
async fn a_login_for_a_client_is_not_finished_as_our_own() {
    let world = world().await;
    let browser = world.browser();
    let to_kakao = browser.get(&Client::spa().authorize_url(&[])).await;
    let callback = world.kakao.consent(&to_kakao.location(), "full").unwrap();
    let (code, state) = crate::support::code_and_state(&callback);
    let answer = browser.post("/api/auth/kakao/callback", &json!({"code": code, "state": state})).await;
    assert_eq!(answer.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn when_the_person_proved_who_they_are_is_kakaos_to_say() {
    let world = world().await;
    let client = Client::spa();
    let asked = [("scope", "openid"), ("max_age", "300")];
    let to_kakao = world.browser().get(&client.authorize_url(&asked)).await.location();
    assert!(to_kakao.contains("prompt=login"), "{to_kakao}");
    let back = client.log_in(&world, &world.browser(), "full", &asked).await;
    let answer = client.redeem(&world, &back.get("code").unwrap(), &[]).await.ok().json();
    assert_eq!(answer["scope"], "openid");
    assert_eq!(claims(&text(&answer, "id_token"))["auth_time"], json!(crate::support::START.secs()));
    world.kakao.next(mock_kakao::Fault::IdToken(mock_kakao::IdTokenFault::Missing));
    let back = client.log_in(&world, &world.browser(), "full", &asked).await;
    let answer = client.redeem(&world, &back.get("code").unwrap(), &[]).await.ok().json();
    assert!(claims(&text(&answer, "id_token")).get("auth_time").is_none(), "nobody said when");
}
