//! The first half of a login: begun in a browser, and the check that it comes back to the same one (contract 3.1.1, 3.1.2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::{BoxFuture, Shared};
use tokio::sync::Semaphore;
use url::Origin;
use uuid::Uuid;

use super::{Context, Issued, finish::LoginError};
use crate::{
    config::{self, Config},
    domain::{
        authorization::ClientRequest,
        login_attempt::{AttemptError, Binding, CallbackParams, LoginAttempt, VerifiedCallback, is_code_challenge},
        return_url::ReturnUrl,
    },
    provider::{AuthorizeOptions, Provider},
    token::{sealed::Sealer, secret::Purpose},
};

/// Profiles read again after the answer, at most this many at once: whoever signs in at this moment goes first.
const BACKGROUND_READS: usize = 16;

/// Those that wait for that; more are left for the next login.
const BACKGROUND_WAITING: usize = 1024;

/// Why a login cannot begin. All are faults of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// `return_to` leads elsewhere.
    #[error("return_to is neither a path nor on an allowed origin")]
    ReturnUrl,
    /// Not one of the configured ones.
    #[error("redirect_uri is not one of the configured ones")]
    RedirectUri,
    /// Not 43 characters of base64url.
    #[error("code_challenge is not an S256 challenge")]
    CodeChallenge,
    /// Something Kakao does not know.
    #[error("{0} is not valid")]
    Option(&'static str),
}

/// A login's beginning, as asked for.
#[derive(Debug, Clone, Default)]
pub struct BeginLogin {
    /// Redirect flow: where to go in the end.
    pub return_to: Option<String>,
    /// SPA flow: where the provider sends the code.
    pub redirect_uri: Option<String>,
    /// SPA flow: S256 challenge of the front end; without it the attempt travels in a cookie.
    pub code_challenge: Option<String>,
    /// Comma-separated, as Kakao writes it.
    pub prompt: Option<String>,
    /// Comma- or space-separated.
    pub scope: Option<String>,
    /// Free text.
    pub login_hint: Option<String>,
    /// Comma-separated.
    pub service_terms: Option<String>,
    /// The session this browser is signed in with.
    pub replaces: Option<Uuid>,
    /// The client of the standard front door the login is for.
    pub client: Option<ClientRequest>,
    /// Whether the browser is inside KakaoTalk, which has signed its user in at Kakao already.
    pub is_inside_talk: bool,
}

/// A login that was begun. Nothing is stored anywhere but in what is returned.
pub struct Begun {
    /// Where to send the browser.
    pub authorize_url: String,
    /// `state`.
    pub state: String,
    /// Sealed attempt for a cookie named after `state`; `None` when `state` itself carries it.
    pub cookie: Option<String>,
}

/// What decides where a browser may be sent.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    public_url: url::Url,
    return_origins: Vec<Origin>,
    redirect_uri: String,
    extra_redirect_uris: Vec<String>,
    pkce: bool,
    pub(super) profile_max_age: Duration,
    issuer: String,
    talk_auto_login: bool,
}

type Finishing = Shared<BoxFuture<'static, Result<Issued, LoginError>>>;

/// Begins logins; `finish.rs` is their second half.
pub struct Logins {
    pub(super) context: Arc<Context>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) rules: Rules,
    cookies: Sealer,
    states: Sealer,
    pub(super) nonces: Sealer,
    pub(super) in_flight: Mutex<HashMap<[u8; 32], Finishing>>,
    /// Profile readings after the answer: those that may wait or run, and those that may run.
    pub(super) background_places: Arc<Semaphore>,
    pub(super) background_turns: Semaphore,
}

impl Logins {
    /// Logins through `provider`.
    pub fn new(context: Arc<Context>, provider: Arc<dyn Provider>, config: &Config) -> Self {
        let rules = Rules {
            public_url: config.server.public_url.clone(),
            return_origins: config.server.return_origins.clone(),
            redirect_uri: config.kakao.redirect_uri.clone(),
            extra_redirect_uris: config.kakao.extra_redirect_uris.clone(),
            pkce: config.kakao.pkce,
            profile_max_age: config.kakao.profile_max_age,
            issuer: config.kakao.issuer().to_owned(),
            talk_auto_login: config.kakao.talk_auto_login,
        };
        Self {
            context,
            provider,
            rules,
            cookies: Sealer::new(&config.tokens.secret, Purpose::AttemptCookie),
            states: Sealer::new(&config.tokens.secret, Purpose::AttemptState),
            nonces: Sealer::new(&config.tokens.secret, Purpose::NativeNonce),
            in_flight: Mutex::default(),
            background_places: Arc::new(Semaphore::new(BACKGROUND_READS + BACKGROUND_WAITING)),
            background_turns: Semaphore::new(BACKGROUND_READS),
        }
    }

    /// The redirect URI of the gateway itself.
    pub fn redirect_uri(&self) -> &str {
        &self.rules.redirect_uri
    }

    /// Where a browser is signed out of the provider too; `None` when not configured.
    pub fn provider_logout_url(&self) -> Option<url::Url> {
        self.provider.logout_url()
    }

    /// Begins a login. Writes nothing to the database (contract 3.1.1).
    pub fn begin(&self, input: &BeginLogin) -> Result<Begun, BeginError> {
        let return_to = match &input.return_to {
            Some(raw) => Some(self.return_url(raw).ok_or(BeginError::ReturnUrl)?),
            None => None,
        };
        let redirect_uri = self.allowed_redirect_uri(input.redirect_uri.as_deref())?;
        let binding = match &input.code_challenge {
            Some(challenge) if is_code_challenge(challenge) => Binding::Verifier(challenge.clone()),
            Some(_) => return Err(BeginError::CodeChallenge),
            None => Binding::Cookie,
        };
        let mut options = authorize_options(input)?;
        let mut attempt =
            LoginAttempt::begin(redirect_uri, return_to, binding, self.rules.pkce, self.context.clock.now());
        attempt.replaces = input.replaces;
        attempt.client.clone_from(&input.client);
        attempt.asks_more = !options.scope.is_empty();
        // Only where nobody asked for anything: a front end that names a prompt or a scope knows what it wants.
        attempt.is_silent_try = self.rules.talk_auto_login
            && input.is_inside_talk
            && matches!(attempt.binding, Binding::Cookie)
            && options.asks_nothing();
        if attempt.is_silent_try {
            options.prompt = Some("none".to_owned());
        }
        let (state, cookie) = match attempt.binding {
            Binding::Cookie => (attempt.id.clone(), Some(self.cookies.seal_json(&attempt))),
            Binding::Verifier(_) => (self.states.seal_json(&attempt), None),
        };
        let authorize_url = self.provider.authorize_url(&attempt, &state, &options).into();
        tracing::info!(event = "login_begun", cookie = cookie.is_some());
        Ok(Begun { authorize_url, state, cookie })
    }

    /// Opens the attempt that a cookie carries.
    pub fn open_cookie(&self, cookie: &str) -> Option<LoginAttempt> {
        self.cookies.open_json(cookie)
    }

    /// Opens the attempt that `state` carries.
    pub fn open_state(&self, state: &str) -> Option<LoginAttempt> {
        self.states.open_json(state)
    }

    /// Checks a callback; `attempt` is `None` when none was found for its state.
    pub fn verify(
        &self,
        attempt: Option<LoginAttempt>,
        params: CallbackParams,
        issuer: Option<&str>,
    ) -> Result<VerifiedCallback, AttemptError> {
        self.check_issuer(issuer)?;
        let verified = attempt.ok_or(AttemptError::Foreign)?.verify(params, self.context.clock.now())?;
        tracing::info!(event = "callback_verified");
        Ok(verified)
    }

    /// Checks a callback that brings a refusal of the provider instead of a code.
    pub fn verify_refusal(
        &self,
        attempt: Option<&LoginAttempt>,
        state: &str,
        issuer: Option<&str>,
    ) -> Result<(), AttemptError> {
        self.check_issuer(issuer)?;
        attempt.ok_or(AttemptError::Foreign)?.check_browser(state, None, self.context.clock.now())
    }

    /// RFC 9207 section 2.4: an issuer that arrives must be the one the login went to.
    fn check_issuer(&self, issuer: Option<&str>) -> Result<(), AttemptError> {
        if issuer.is_some_and(|issuer| issuer != self.rules.issuer) { Err(AttemptError::WrongIssuer) } else { Ok(()) }
    }

    fn return_url(&self, raw: &str) -> Option<ReturnUrl> {
        ReturnUrl::parse(raw, &self.rules.public_url, &self.rules.return_origins)
    }

    /// The page a login ends on when nobody said where to.
    pub fn default_return_url(&self) -> Option<ReturnUrl> {
        self.return_url("/")
    }

    fn allowed_redirect_uri(&self, asked: Option<&str>) -> Result<String, BeginError> {
        let Some(asked) = asked else { return Ok(self.rules.redirect_uri.clone()) };
        let known = asked == self.rules.redirect_uri || self.rules.extra_redirect_uris.iter().any(|uri| uri == asked);
        if known { Ok(asked.to_owned()) } else { Err(BeginError::RedirectUri) }
    }
}

fn authorize_options(input: &BeginLogin) -> Result<AuthorizeOptions, BeginError> {
    let items = |text: &Option<String>, name: &'static str, valid: &dyn Fn(&str) -> bool| {
        let items: Vec<String> = text
            .iter()
            .flat_map(|text| text.split([',', ' ']))
            .filter(|item| !item.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        if items.len() <= 20 && items.iter().all(|item| valid(item)) {
            Ok(items)
        } else {
            Err(BeginError::Option(name))
        }
    };
    let is_prompt = |item: &str| matches!(item, "login" | "none" | "create" | "select_account");
    let prompt = items(&input.prompt, "prompt", &is_prompt)?;
    // OIDC Core section 3.1.2.1: `none` stands alone.
    if prompt.len() > 1 && prompt.iter().any(|item| item == "none") {
        return Err(BeginError::Option("prompt"));
    }
    let hint_is_plain = |hint: &String| hint.chars().count() <= 256 && !hint.chars().any(char::is_control);
    if !input.login_hint.as_ref().is_none_or(hint_is_plain) {
        return Err(BeginError::Option("login_hint"));
    }
    Ok(AuthorizeOptions {
        prompt: (!prompt.is_empty()).then(|| prompt.join(",")),
        scope: items(&input.scope, "scope", &config::is_scope_token)?,
        login_hint: input.login_hint.clone().filter(|hint| !hint.is_empty()),
        service_terms: items(&input.service_terms, "service_terms", &config::is_scope_token)?,
    })
}
