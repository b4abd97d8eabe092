//! Tag `oauth`: the authorization endpoint (RFC 6749 section 4.1.1, RFC 7636, RFC 9207, OIDC Core section 3.1.2).

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{OpenApi, param::Query};

use super::{
    Shared, Tag, auth, faults,
    limits::LoginBudget,
    login,
    problem::{Codes, Fault, Problem},
    see_other::SeeOther,
};
use crate::{
    config::OAuthClient,
    domain::{authorization::ClientRequest, login_attempt::is_code_challenge},
    error_code::ErrorCode,
    flow::{Issued, login::BeginLogin},
};

/// Its path.
pub const PATH: &str = "/oauth/authorize";

/// What a client may want to have repeated; sealed it has to fit into a cookie beside the rest.
const MAX_TEXT: usize = 512;

/// Codes of the authorization endpoint: what may not be told to the redirect URI.
pub struct AuthorizeCodes;

impl Codes for AuthorizeCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::UnknownClient,
        ErrorCode::InvalidRedirectUri,
        ErrorCode::UseNavigation,
        ErrorCode::RateLimitExceeded,
    ];
}

/// The authorization endpoint.
pub struct AuthorizeApi;

#[OpenApi(prefix_path = "/oauth", tag = "Tag::OAuth")]
#[expect(clippy::too_many_arguments, reason = "one for each parameter of the standard")]
impl AuthorizeApi {
    /// Authorization endpoint
    ///
    /// For clients of OAUTH_CLIENTS, with S256 and an exact redirect URI. Signs the person in through Kakao and comes back with a
    /// code of ours (60 seconds, once) or an error, and with `iss`.
    #[oai(path = "/authorize", method = "get", operation_id = "oauthAuthorize")]
    async fn authorize(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
        /// Of OAUTH_CLIENTS.
        client_id: Query<String>,
        /// One of the client's, to the letter.
        redirect_uri: Query<Option<String>>,
        /// `code`.
        response_type: Query<Option<String>>,
        /// S256.
        code_challenge: Query<Option<String>>,
        /// `S256`.
        code_challenge_method: Query<Option<String>>,
        /// Comes back as it is.
        state: Query<Option<String>>,
        /// `openid` for an ID token; others are ignored.
        scope: Query<Option<String>>,
        /// For the ID token.
        nonce: Query<Option<String>>,
        /// `login`, `none`, `select_account`, `create`; `consent` is Kakao's to ask.
        prompt: Query<Option<String>>,
        /// Seconds; Kakao is made to ask again (`prompt=login`), unless another prompt is given. `auth_time` tells.
        max_age: Query<Option<u32>>,
        /// Fills the id box of Kakao's page.
        login_hint: Query<Option<String>>,
        req: &Request,
    ) -> Result<SeeOther, Problem<AuthorizeCodes>> {
        if auth::is_fetch_of_a_page(req.headers()) {
            return Err(ErrorCode::UseNavigation.into());
        }
        let asked = ClientRequest {
            client_id: client_id.0,
            redirect_uri: redirect_uri.0.unwrap_or_default(),
            state: state.0,
            code_challenge: code_challenge.0.unwrap_or_default(),
            nonce: nonce.0,
            openid: scope.0.is_some_and(|scope| scope.split(' ').any(|item| item == "openid")),
        };
        // Before these two are known to be right nothing goes to the redirect URI (RFC 6749 section 4.1.2.1).
        let client = shared.config.oauth_clients.iter().find(|client| client.id == asked.client_id);
        check_redirect_uri(client, &asked.redirect_uri)?;
        let refuse = |error: &str, description: &str| {
            let parameters = [("error", error), ("error_description", description)];
            Ok(SeeOther { location: answer(&shared, &asked, &parameters), cookies: Vec::new() })
        };
        let form = Form {
            response_type: response_type.0.as_deref(),
            challenge_method: code_challenge_method.0.as_deref(),
            query: req.uri().query().unwrap_or_default(),
        };
        if let Err((error, description)) = form.check(&asked) {
            return refuse(error, description);
        }
        let begun = shared.logins.begin(&BeginLogin {
            prompt: prompt
                .0
                .as_deref()
                .map(kakao_prompt)
                .filter(|prompt| !prompt.is_empty())
                .or_else(|| max_age.0.map(|_| "login".to_owned())),
            login_hint: login_hint.0,
            client: Some(asked.clone()),
            ..BeginLogin::default()
        });
        match begun {
            Ok(begun) => Ok(login::sent_to_kakao(&shared, req, begun)),
            Err(error) => {
                tracing::debug!(event = "authorize_refused", error = %error);
                refuse("invalid_request", "A parameter is not valid.")
            }
        }
    }
}

/// How the request is made, once it is clear who makes it.
struct Form<'a> {
    response_type: Option<&'a str>,
    challenge_method: Option<&'a str>,
    query: &'a str,
}

impl Form<'_> {
    /// `error` and `error_description` of what is wrong with it.
    fn check(&self, asked: &ClientRequest) -> Result<(), (&'static str, &'static str)> {
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            match name.as_ref() {
                "request" => return Err(("request_not_supported", "Send the parameters themselves.")),
                "request_uri" => return Err(("request_uri_not_supported", "Send the parameters themselves.")),
                "response_mode" if value != "query" => {
                    return Err(("invalid_request", "Only response_mode query is supported."));
                }
                _ => {}
            }
        }
        if self.response_type.is_none_or(str::is_empty) {
            return Err(("invalid_request", "response_type is missing."));
        }
        if self.response_type != Some("code") {
            return Err(("unsupported_response_type", "Only response_type code is supported."));
        }
        if self.challenge_method != Some("S256") || !is_code_challenge(&asked.code_challenge) {
            return Err(("invalid_request", "code_challenge is required, with code_challenge_method S256."));
        }
        // RFC 6749 appendix A.5; other characters would grow in the cookie.
        let fits = |text: &str| text.len() <= MAX_TEXT && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if ![&asked.state, &asked.nonce].into_iter().flatten().all(|text| fits(text)) {
            return Err(("invalid_request", "state and nonce have at most 512 printable ASCII characters."));
        }
        Ok(())
    }
}

fn check_redirect_uri(client: Option<&OAuthClient>, redirect_uri: &str) -> Result<(), Problem<AuthorizeCodes>> {
    let Some(client) = client else { return Err(ErrorCode::UnknownClient.into()) };
    if client.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Ok(());
    }
    let detail = "redirect_uri must equal one of the client's redirect_uris in OAUTH_CLIENTS to the letter.";
    Err(Fault::new(ErrorCode::InvalidRedirectUri).with_detail(detail).into())
}

/// OIDC's values without `consent`, comma-separated as Kakao wants them.
fn kakao_prompt(prompt: &str) -> String {
    let items: Vec<_> = prompt.split(' ').filter(|item| !item.is_empty()).collect();
    // `none` stands alone, also beside `consent` (OIDC Core section 3.1.2.1): let it be refused.
    let keeps_all = items.contains(&"none");
    items.into_iter().filter(|item| keeps_all || *item != "consent").collect::<Vec<_>>().join(",")
}

fn answer(shared: &Shared, asked: &ClientRequest, parameters: &[(&str, &str)]) -> String {
    asked.answer(&shared.config.tokens.issuer, parameters)
}

/// Back to the client with a code.
pub fn signed_in(shared: &Shared, asked: &ClientRequest, issued: &Issued) -> String {
    let code = shared.context.authorization_code(issued, asked);
    answer(shared, asked, &[("code", &code)])
}

/// Back to the client with what went wrong, in the words of RFC 6749 section 4.1.2.1 and OIDC Core section 3.1.2.6.
pub fn failed(shared: &Shared, asked: &ClientRequest, fault: &Fault) -> String {
    let error = match fault.code {
        ErrorCode::KakaoLoginCancelled
        | ErrorCode::KakaoPersonRefused
        | ErrorCode::KakaoUnderAge
        | ErrorCode::LoginStateInvalid => "access_denied",
        ErrorCode::KakaoInteractionRequired => "interaction_required",
        ErrorCode::KakaoConsentRequired => "consent_required",
        code if faults::may_be_tried_again(code) => "temporarily_unavailable",
        _ => "server_error",
    };
    answer(shared, asked, &[("error", error), ("error_description", fault.code.entry().title)])
}
