//! The login: begun in a browser, finished in the same one (contract 3.1).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::sync::Semaphore;
use tracing::Instrument;
use url::Origin;
use uuid::Uuid;

use super::{Caller, Context, Issued};
use crate::{
    config::{self, Config},
    domain::{
        identity::Identity,
        login_attempt::{AttemptError, Binding, CallbackParams, LoginAttempt, VerifiedCallback, is_code_challenge},
        return_url::ReturnUrl,
        session::FIRST_PARTY_CLIENT,
    },
    provider::{AuthorizeOptions, Grant, Person, Provider, ProviderError},
    storage::{
        Engine, StorageError,
        sign_in::{EarlierSignIn, SignIn},
    },
    token::{jws::KeyError, sealed::Sealer, secret::Purpose},
};

/// The same code, state and binding again within this time get the same answer.
const REPLAY_WINDOW: Duration = Duration::from_mins(1);

/// How long to look for the answer of another replica that is exchanging the same code at this moment.
const OTHER_REPLICA: Duration = Duration::from_secs(3);

/// Profiles read again after the answer, at most this many at once; more are left for the next login.
const BACKGROUND_READS: usize = 64;

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

/// Why a login cannot be finished.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// It is not this browser's to finish.
    #[error("the callback was refused")]
    Attempt(#[from] AttemptError),
    /// The provider did not vouch.
    #[error("the provider did not vouch")]
    Provider(#[from] ProviderError),
    /// The database.
    #[error("the login could not be stored")]
    Storage(#[from] Arc<StorageError>),
    /// Signing failed, or the task that finished the login died.
    #[error("the login broke off")]
    Broken,
}

impl From<StorageError> for LoginError {
    fn from(error: StorageError) -> Self {
        Self::Storage(Arc::new(error))
    }
}

impl From<KeyError> for LoginError {
    fn from(_: KeyError) -> Self {
        Self::Broken
    }
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
struct Rules {
    public_url: url::Url,
    return_origins: Vec<Origin>,
    redirect_uri: String,
    extra_redirect_uris: Vec<String>,
    pkce: bool,
    profile_max_age: Duration,
    issuer: String,
}

type Finishing = Shared<BoxFuture<'static, Result<Issued, LoginError>>>;

/// Takes a login off the list of those in flight, also when its task panics.
struct Leave<'a> {
    logins: &'a Logins,
    key: [u8; 32],
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.logins.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Begins and finishes logins.
pub struct Logins {
    context: Arc<Context>,
    provider: Arc<dyn Provider>,
    rules: Rules,
    cookies: Sealer,
    states: Sealer,
    in_flight: Mutex<HashMap<[u8; 32], Finishing>>,
    background: Arc<Semaphore>,
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
        };
        Self {
            context,
            provider,
            rules,
            cookies: Sealer::new(&config.tokens.secret, Purpose::AttemptCookie),
            states: Sealer::new(&config.tokens.secret, Purpose::AttemptState),
            in_flight: Mutex::default(),
            background: Arc::new(Semaphore::new(BACKGROUND_READS)),
        }
    }

    /// The redirect URI of the gateway itself.
    pub fn redirect_uri(&self) -> &str {
        &self.rules.redirect_uri
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
        let options = authorize_options(input)?;
        let mut attempt =
            LoginAttempt::begin(redirect_uri, return_to, binding, self.rules.pkce, self.context.clock.now());
        attempt.replaces = input.replaces;
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
        // RFC 9207 section 2.4: an issuer that arrives must be the one the login went to.
        if issuer.is_some_and(|issuer| issuer != self.rules.issuer) {
            return Err(AttemptError::WrongIssuer);
        }
        let verified = attempt.ok_or(AttemptError::Foreign)?.verify(params, self.context.clock.now())?;
        tracing::info!(event = "callback_verified");
        Ok(verified)
    }

    /// Finishes a login. Runs to its end even if the caller goes away: the code is spent by then.
    pub async fn finish(
        self: &Arc<Self>,
        callback: VerifiedCallback,
        replaces: Option<Uuid>,
        caller: Caller,
    ) -> Result<Issued, LoginError> {
        let key = callback.code_hash();
        let finishing = {
            let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(finishing) = in_flight.get(&key) {
                finishing.clone()
            } else {
                let logins = Arc::clone(self);
                let run = async move {
                    let _done = Leave { logins: &logins, key };
                    logins.run(callback, replaces, caller).await
                };
                let task = tokio::spawn(run.in_current_span());
                let finishing = async move { task.await.unwrap_or(Err(LoginError::Broken)) }.boxed().shared();
                in_flight.insert(key, finishing.clone());
                finishing
            }
        };
        finishing.await
    }

    async fn run(
        self: &Arc<Self>,
        callback: VerifiedCallback,
        replaces: Option<Uuid>,
        caller: Caller,
    ) -> Result<Issued, LoginError> {
        if let Some(earlier) = self.context.storage.earlier_sign_in(&callback.attempt_hash()).await? {
            return self.replay(earlier, &callback);
        }
        let grant = match self.provider.exchange(&callback).await {
            Ok(grant) => grant,
            // Another replica may have the answer to this very code.
            Err(ProviderError::CodeUsed { code }) => match self.await_other_replica(&callback).await? {
                Some(earlier) => return self.replay(earlier, &callback),
                None => return Err(ProviderError::CodeUsed { code }.into()),
            },
            Err(error) => return Err(error.into()),
        };
        let fresh = self.fresh_identity(&grant).await?;
        let person = match fresh {
            Some(_) => None,
            None => Some(self.provider.profile(&grant).await?),
        };
        let identity = match (&person, fresh) {
            (Some(person), _) => person.identity.clone(),
            (None, Some(identity)) => identity,
            (None, None) => return Err(LoginError::Broken),
        };
        let issued = self.store(&callback, &identity, person.as_ref(), replaces, &caller).await?;
        if person.is_none() {
            self.read_profile_later(grant, identity);
        }
        Ok(issued)
    }

    /// The identity of somebody we know whose profile is young enough not to be read before the answer (contract 3.1.5).
    async fn fresh_identity(&self, grant: &Grant) -> Result<Option<Identity>, LoginError> {
        let Some(subject) = &grant.subject else { return Ok(None) };
        let identity = Identity { provider: self.provider.kind(), subject: subject.clone() };
        let read_at = self.context.storage.profile_read_at(&identity).await?;
        let now = self.context.clock.now();
        Ok(read_at.filter(|at| now.since(*at) < self.rules.profile_max_age).map(|_| identity))
    }

    async fn store(
        &self,
        callback: &VerifiedCallback,
        identity: &Identity,
        person: Option<&Person>,
        replaces: Option<Uuid>,
        caller: &Caller,
    ) -> Result<Issued, LoginError> {
        let input = SignIn {
            identity,
            profile: person.map(|person| &person.profile),
            client_id: FIRST_PARTY_CLIENT,
            device: &caller.device,
            attempt_hash: callback.attempt_hash(),
            code_hash: callback.code_hash(),
            replaces: replaces.or(callback.attempt().replaces),
            limits: self.context.limits,
        };
        let now = self.context.clock.now();
        let Some(rows) = self.context.storage.sign_in(&input, caller.trace(now)).await? else {
            let earlier = self.context.storage.earlier_sign_in(&callback.attempt_hash()).await?;
            return self.replay(earlier.ok_or(LoginError::Broken)?, callback);
        };
        self.context.revocations.insert(rows.replaced, now);
        tracing::info!(
            event = "signed_in",
            user_id = %rows.user.id,
            session_id = %rows.session.id,
            is_new_user = rows.is_new_user
        );
        Ok(self.context.issue(rows.user, &rows.session, &rows.token, rows.is_new_user)?)
    }

    /// Answers an attempt that was finished before: the same again, or a refusal.
    fn replay(&self, earlier: EarlierSignIn, callback: &VerifiedCallback) -> Result<Issued, LoginError> {
        let rows = earlier.rows;
        let recent = self.context.clock.now().since(rows.session.created_at) < REPLAY_WINDOW;
        if earlier.code_hash != callback.code_hash() || !recent || rows.session.revoked.is_some() {
            return Err(AttemptError::Finished.into());
        }
        tracing::info!(event = "login_replayed", session_id = %rows.session.id);
        Ok(self.context.issue(rows.user, &rows.session, &rows.token, rows.is_new_user)?)
    }

    async fn await_other_replica(&self, callback: &VerifiedCallback) -> Result<Option<EarlierSignIn>, LoginError> {
        // SQLite has one process, and its in-flight map has answered already.
        let tries = if self.context.storage.engine() == Engine::Sqlite { 1 } else { OTHER_REPLICA.as_millis() / 50 };
        for attempt in 0..tries {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if let Some(earlier) = self.context.storage.earlier_sign_in(&callback.attempt_hash()).await? {
                return Ok(Some(earlier));
            }
        }
        Ok(None)
    }

    fn read_profile_later(self: &Arc<Self>, grant: Grant, identity: Identity) {
        let Ok(permit) = Arc::clone(&self.background).try_acquire_owned() else { return };
        let logins = Arc::clone(self);
        let run = async move {
            let _permit = permit;
            match logins.provider.profile(&grant).await {
                Ok(person) => {
                    let now = logins.context.clock.now();
                    if let Err(error) = logins.context.storage.refresh_profile(&identity, &person.profile, now).await {
                        tracing::warn!(event = "profile_not_stored", error = %error);
                    }
                }
                Err(error) => tracing::warn!(event = "profile_not_read", error = %error, kakao_code = error.code()),
            }
        };
        tokio::spawn(run.in_current_span());
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
