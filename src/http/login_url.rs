//! Tag `login`: where a single-page app sends the browser (contract 3, 3.1). `login.rs` takes what comes back.

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json};

use super::{
    Shared, Tag, faults,
    limits::LoginBudget,
    login::{BeginCodes, signed_in_session},
    problem::Problem,
};
use crate::{domain::login_attempt::ATTEMPT_LIFETIME, flow::login::BeginLogin};

/// Where to send the browser in the SPA flow.
#[derive(Object)]
#[oai(example)]
#[expect(clippy::struct_field_names, reason = "names on the wire")]
struct LoginUrl {
    /// Kakao's authorize address; go there by `location.assign`.
    login_url: String,
    /// Kakao sends it back; post it together with the code.
    state: String,
    /// Seconds until the login can no longer be finished.
    expires_in: u64,
}

impl poem_openapi::types::Example for LoginUrl {
    fn example() -> Self {
        Self {
            login_url: "https://kauth.kakao.com/oauth/authorize?client_id=…&response_type=code&state=…".into(),
            state: "q3r1…".into(),
            expires_in: ATTEMPT_LIFETIME.as_secs(),
        }
    }
}

#[derive(ApiResponse)]
enum LoginUrlAnswer {
    /// Where to send the browser. The cookie carries the login unless a `code_challenge` was given.
    #[oai(status = 200)]
    Url(Json<LoginUrl>, #[oai(header = "Set-Cookie")] Option<String>),
}

/// The route that begins logins of single-page apps.
pub struct LoginUrlApi;

#[OpenApi(prefix_path = "/api/auth/kakao", tag = "Tag::Login")]
impl LoginUrlApi {
    /// Begin a login for a single-page app
    ///
    /// Give a `code_challenge` when the front end is on another site than the gateway: the login then needs no cookie.
    #[oai(path = "/login-url", method = "get", operation_id = "getLoginUrl")]
    async fn login_url(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
        /// Where Kakao sends the code: one of KAKAO_EXTRA_REDIRECT_URIS. Default: the gateway's own callback.
        redirect_uri: Query<Option<String>>,
        /// S256 challenge of a `code_verifier` the front end keeps (RFC 7636).
        #[oai(validator(pattern = "^[A-Za-z0-9_-]{43}$"))]
        code_challenge: Query<Option<String>>,
        /// Only `S256`.
        #[oai(name = "code_challenge_method", validator(pattern = "^S256$"))]
        _code_challenge_method: Query<Option<String>>,
        /// `login`, `none`, `create`, `select_account`, comma-separated.
        prompt: Query<Option<String>>,
        /// Further consent items, comma-separated.
        scope: Query<Option<String>>,
        /// Fills the id box of Kakao's page.
        login_hint: Query<Option<String>>,
        /// Kakao Sync: tags of service terms, comma-separated.
        service_terms: Query<Option<String>>,
        req: &Request,
    ) -> Result<LoginUrlAnswer, Problem<BeginCodes>> {
        let begun = shared.logins.begin(&BeginLogin {
            return_to: None,
            redirect_uri: redirect_uri.0,
            code_challenge: code_challenge.0,
            prompt: prompt.0,
            scope: scope.0,
            login_hint: login_hint.0,
            service_terms: service_terms.0,
            replaces: signed_in_session(&shared, req),
            client: None,
            // A front end that fetches the address decides about prompts itself.
            is_inside_talk: false,
        });
        let begun = begun.map_err(faults::of_begin)?;
        let cookie = begun.cookie.map(|sealed| shared.cookies.set_attempt(&begun.state, &sealed, ATTEMPT_LIFETIME));
        let body =
            LoginUrl { login_url: begun.authorize_url, state: begun.state, expires_in: ATTEMPT_LIFETIME.as_secs() };
        Ok(LoginUrlAnswer::Url(Json(body), cookie))
    }
}
