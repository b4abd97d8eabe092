//! Tag `login`: the redirect flow, and what comes back from Kakao (contract 3, 3.1). `login_url.rs` begins logins of single-page
//! apps.

use std::{sync::Arc, time::Duration};

use poem::{Request, web::Data};
use poem_openapi::{Object, OpenApi, param::Query};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Shared, Tag, auth, authorize,
    body::Body,
    context::FromCaller,
    cookies, faults,
    limits::LoginBudget,
    problem::{Codes, Fault, Problem},
    see_other::SeeOther,
    token_answer::{SignedInAnswer, refresh_cookie},
};
use crate::{
    domain::{
        login_attempt::{ATTEMPT_LIFETIME, CallbackParams, LoginAttempt},
        return_url::ReturnUrl,
    },
    error_code::ErrorCode,
    flow::{
        Issued,
        login::{BeginLogin, Begun},
    },
};

/// A finished attempt's cookie stays this long, so that a reload of the callback gets the same answer (contract 3.1.3).
const FINISHED_ATTEMPT: Duration = Duration::from_mins(1);

/// Codes of a login's beginning.
pub struct BeginCodes;

impl Codes for BeginCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::InvalidReturnUrl,
        ErrorCode::InvalidRedirectUri,
        ErrorCode::UseNavigation,
        ErrorCode::RateLimitExceeded,
    ];
}

/// Codes of a login's end.
pub struct FinishCodes;

impl Codes for FinishCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::LoginStateInvalid,
        ErrorCode::KakaoLoginCancelled,
        ErrorCode::KakaoInteractionRequired,
        ErrorCode::KakaoCodeUsed,
        ErrorCode::KakaoPersonRefused,
        ErrorCode::KakaoUnderAge,
        ErrorCode::KakaoConsentRequired,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalError,
        ErrorCode::KakaoLoginFailed,
        ErrorCode::KakaoMisconfigured,
        ErrorCode::KakaoUnavailable,
        ErrorCode::StorageUnavailable,
    ];
}

/// What Kakao sent back to the front end.
#[derive(Object)]
#[oai(example)]
struct LoginCallback {
    /// The authorization code.
    #[oai(validator(min_length = 1, max_length = 4096))]
    code: String,
    /// As it came back.
    #[oai(validator(min_length = 1, max_length = 4096))]
    state: String,
    /// Of the `code_challenge` the login was begun with (RFC 7636); absent when a cookie carries the login.
    #[oai(validator(min_length = 43, max_length = 128))]
    code_verifier: Option<String>,
}

impl poem_openapi::types::Example for LoginCallback {
    fn example() -> Self {
        Self {
            code: "4VqW…".into(),
            state: "q3r1…".into(),
            code_verifier: Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into()),
        }
    }
}

/// The login routes.
pub struct LoginApi;

#[OpenApi(prefix_path = "/api/auth/kakao", tag = "Tag::Login")]
impl LoginApi {
    /// Begin a login by redirect
    ///
    /// Open it by navigation (a link, `location.assign`), not by fetch. Ends at `return_to` with the refresh cookie set, or
    /// with `error` and `request_id` in its query.
    #[oai(path = "/login", method = "get", operation_id = "beginLogin")]
    async fn begin(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
        /// A path, or a URL on an origin of LOGIN_RETURN_URLS.
        return_to: Query<Option<String>>,
        /// `login`, `none`, `create`, `select_account`, comma-separated.
        prompt: Query<Option<String>>,
        /// Further consent items, comma-separated.
        scope: Query<Option<String>>,
        /// Fills the id box of Kakao's page.
        login_hint: Query<Option<String>>,
        /// Kakao Sync: tags of service terms, comma-separated.
        service_terms: Query<Option<String>>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<SeeOther, Problem<BeginCodes>> {
        if auth::is_fetch_of_a_page(req.headers()) {
            return Err(ErrorCode::UseNavigation.into());
        }
        let begun = shared.logins.begin(&BeginLogin {
            return_to: return_to.0,
            prompt: prompt.0,
            scope: scope.0,
            login_hint: login_hint.0,
            service_terms: service_terms.0,
            replaces: signed_in_session(&shared, req),
            is_inside_talk: caller.0.device.is_inside_talk(),
            ..BeginLogin::default()
        });
        Ok(sent_to_kakao(&shared, req, begun.map_err(faults::of_begin)?))
    }

    /// Finish a login by redirect
    ///
    /// The redirect URI registered at Kakao. Works only in the browser that began.
    #[oai(path = "/callback", method = "get", operation_id = "finishLoginByRedirect")]
    async fn callback(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
        /// From Kakao.
        code: Query<Option<String>>,
        /// From Kakao.
        state: Query<Option<String>>,
        /// From Kakao, when the login failed there.
        error: Query<Option<String>>,
        /// From Kakao; never shown or logged.
        error_description: Query<Option<String>>,
        /// RFC 9207.
        iss: Query<Option<String>>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<SeeOther, Problem<FinishCodes>> {
        let state = state.0.unwrap_or_default();
        let sealed = shared.cookies.attempt(req, &state);
        let attempt = sealed.as_deref().and_then(|sealed| shared.logins.open_cookie(sealed));
        let return_to = attempt.as_ref().and_then(|attempt| attempt.return_to.clone());
        let client = attempt.as_ref().and_then(|attempt| attempt.client.clone());
        let request_id = caller.0.request_id.clone();
        let finished = match (code.0, error.0) {
            (Some(code), None) => finish(&shared, attempt, state.clone(), code, None, iss.0, None, caller).await,
            (None, Some(error)) => {
                let checked = shared.logins.verify_refusal(attempt.as_ref(), &state, iss.0.as_deref());
                let refused = checked
                    .map_or_else(faults::of_attempt, |()| faults::of_refusal(&error, error_description.0.as_deref()));
                // Nobody asked for silence: the person is asked instead.
                if refused.code == ErrorCode::KakaoInteractionRequired
                    && let Some(silent) = attempt.filter(|attempt| attempt.is_silent_try)
                {
                    return Ok(begin_aloud(&shared, &state, &silent)?);
                }
                Err(refused)
            }
            _ => Err(Fault::new(ErrorCode::InvalidRequest).with_detail("Kakao sends either a code or an error.")),
        };
        let finished_attempt =
            || sealed.iter().map(|sealed| shared.cookies.set_attempt(&state, sealed, FINISHED_ATTEMPT));
        match (finished, client) {
            (Ok(issued), Some(client)) => {
                let location = authorize::signed_in(&shared, &client, &issued);
                Ok(SeeOther { location, cookies: finished_attempt().collect() })
            }
            (Err(fault), Some(client)) => {
                Ok(SeeOther { location: authorize::failed(&shared, &client, &fault), cookies: Vec::new() })
            }
            (Ok(issued), None) => {
                let return_to = return_to.or_else(|| shared.logins.default_return_url());
                let mut cookies = vec![refresh_cookie(&shared, &issued)];
                cookies.extend(finished_attempt());
                let location = return_to.map_or_else(|| "/".to_owned(), |url| url.as_str().to_owned());
                Ok(SeeOther { location, cookies })
            }
            (Err(fault), None) => failed(fault, return_to.as_ref(), &request_id),
        }
    }

    /// Finish a login for a single-page app
    ///
    /// The same code, state and verifier again within 60 seconds get the same session and refresh token.
    #[oai(path = "/callback", method = "post", operation_id = "finishLogin")]
    async fn post_callback(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
        body: Body<LoginCallback>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<SignedInAnswer, Problem<FinishCodes>> {
        let LoginCallback { code, state, code_verifier } = body.0;
        let sealed = shared.cookies.attempt(req, &state);
        let attempt = match sealed {
            // The cookie is the credential here, so it counts only where cookies do.
            Some(sealed) if auth::attempt_cookie_may_count(&shared, req.headers()) => {
                shared.logins.open_cookie(&sealed)
            }
            _ => shared.logins.open_state(&state),
        };
        // A login that a client of the standard front door began ends there, with a code.
        let attempt = attempt.filter(|attempt| attempt.client.is_none());
        let verifier = code_verifier.map(SecretString::from);
        let replaces = signed_in_session(&shared, req);
        let issued = finish(&shared, attempt, state, code, verifier, None, replaces, caller).await?;
        Ok(SignedInAnswer::of(issued, &shared, req.headers()))
    }
}

async fn finish(
    shared: &Arc<Shared>,
    attempt: Option<LoginAttempt>,
    state: String,
    code: String,
    code_verifier: Option<SecretString>,
    iss: Option<String>,
    replaces: Option<Uuid>,
    caller: FromCaller,
) -> Result<Issued, Fault> {
    let params = CallbackParams { state, code: code.into(), code_verifier };
    let verified = shared.logins.verify(attempt, params, iss.as_deref());
    let verified = verified.map_err(faults::of_attempt)?;
    shared.logins.finish(verified, replaces, caller.0).await.map_err(|error| faults::of_login(&error))
}

/// Sends the browser to Kakao, the login sealed in a cookie.
pub(super) fn sent_to_kakao(shared: &Arc<Shared>, req: &Request, begun: Begun) -> SeeOther {
    let mut cookies = surplus_attempts(shared, req);
    cookies.extend(begun.cookie.map(|sealed| shared.cookies.set_attempt(&begun.state, &sealed, ATTEMPT_LIFETIME)));
    SeeOther { location: begun.authorize_url, cookies }
}

/// Begins a login again that was tried without asking the person, now with asking.
fn begin_aloud(shared: &Arc<Shared>, state: &str, silent: &LoginAttempt) -> Result<SeeOther, Fault> {
    let begun = shared.logins.begin(&BeginLogin {
        return_to: silent.return_to.as_ref().map(|url| url.as_str().to_owned()),
        replaces: silent.replaces,
        ..BeginLogin::default()
    });
    let begun = begun.map_err(faults::of_begin)?;
    let mut cookies = vec![shared.cookies.set_attempt(state, "", Duration::ZERO)];
    cookies.extend(begun.cookie.map(|sealed| shared.cookies.set_attempt(&begun.state, &sealed, ATTEMPT_LIFETIME)));
    Ok(SeeOther { location: begun.authorize_url, cookies })
}

/// The session of the refresh cookie a request carries, if it is one of ours.
pub(super) fn signed_in_session(shared: &Arc<Shared>, req: &Request) -> Option<Uuid> {
    let token = shared.cookies.refresh_token(req)?;
    shared.context.read_refresh_token(&token).ok().map(|facts| facts.session_id)
}

/// Takes the oldest attempts away when a browser carries too many.
fn surplus_attempts(shared: &Arc<Shared>, req: &Request) -> Vec<String> {
    let states = shared.cookies.attempt_states(req);
    if states.len() < cookies::MAX_ATTEMPTS {
        return Vec::new();
    }
    let mut dated: Vec<_> = states
        .into_iter()
        .map(|state| {
            let sealed = shared.cookies.attempt(req, &state);
            let attempt = sealed.and_then(|sealed| shared.logins.open_cookie(&sealed));
            (attempt.map(|attempt| attempt.expires_at()), state)
        })
        .collect();
    // `None`, what does not open, sorts first and goes first.
    dated.sort();
    let surplus = dated.len() + 1 - cookies::MAX_ATTEMPTS;
    dated.into_iter().take(surplus).map(|(_, state)| shared.cookies.set_attempt(&state, "", Duration::ZERO)).collect()
}

/// A failed login goes back to where it came from; without such a place the error itself is the page.
fn failed(fault: Fault, return_to: Option<&ReturnUrl>, request_id: &str) -> Result<SeeOther, Problem<FinishCodes>> {
    let scopes = &fault.required_scopes;
    match return_to {
        Some(url) => {
            Ok(SeeOther { location: url.with_error(fault.code.as_str(), request_id, scopes), cookies: Vec::new() })
        }
        None => Err(fault.into()),
    }
}
