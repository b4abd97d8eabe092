//! The second half of a login: exchange, profile, one transaction, the answer (contract 3.1.3 to 3.1.6).

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use tracing::Instrument;
use uuid::Uuid;

use super::{Caller, Issued, login::Logins};
use crate::{
    domain::{
        authorization::CODE_LIFETIME,
        identity::{Identity, ProviderProfile},
        login_attempt::{AttemptError, VerifiedCallback},
        session::FIRST_PARTY_CLIENT,
    },
    provider::{Grant, ProviderError},
    storage::{
        Engine, StorageError,
        sign_in::{EarlierSignIn, Once, SignIn},
    },
    token::jws::KeyError,
};

/// How long to look for the answer of another replica that is exchanging the same code at this moment.
const OTHER_REPLICA: Duration = Duration::from_secs(3);

/// The same code, state and binding again within this time get the same answer.
const REPLAY_WINDOW: Duration = Duration::from_mins(1);

/// Why a login cannot be finished.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// It is not this browser's to finish.
    #[error("the callback was refused")]
    Attempt(#[from] AttemptError),
    /// The nonce an app brought is not ours, too old, or was used before.
    #[error("the nonce was refused")]
    Nonce,
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

/// What a login rests on besides the person.
#[derive(Debug, Clone, Default)]
pub(super) struct Proof {
    /// What may finish it only once.
    pub(super) once: Option<Once>,
    /// The session it takes the place of.
    pub(super) replaces: Option<Uuid>,
    /// The client of the standard front door it is for; `None` for our own front ends.
    pub(super) client_id: Option<String>,
}

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

impl Logins {
    /// Finishes a login. Runs to its end even if the caller goes away: the code is spent by then.
    pub async fn finish(
        self: &Arc<Self>,
        callback: VerifiedCallback,
        replaces: Option<Uuid>,
        caller: Caller,
    ) -> Result<Issued, LoginError> {
        let logins = Arc::clone(self);
        let key = callback.code_hash();
        self.once(key, async move { logins.run(callback, replaces, caller).await }.boxed()).await
    }

    /// Runs `login`, or waits for the one of this key that runs already.
    pub(super) async fn once(
        self: &Arc<Self>,
        key: [u8; 32],
        login: BoxFuture<'static, Result<Issued, LoginError>>,
    ) -> Result<Issued, LoginError> {
        let finishing = {
            let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(finishing) = in_flight.get(&key) {
                finishing.clone()
            } else {
                let logins = Arc::clone(self);
                let run = async move {
                    let _done = Leave { logins: &logins, key };
                    login.await
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
        let once = Once { attempt_hash: callback.attempt_hash(), code_hash: callback.code_hash() };
        if let Some(earlier) = self.context.storage.earlier_sign_in(&once.attempt_hash).await? {
            return self.replay(earlier, &once);
        }
        let grant = match self.provider.exchange(&callback).await {
            Ok(grant) => grant,
            // Another replica may have the answer to this very code.
            Err(ProviderError::CodeUsed { code }) => match self.await_other_replica(&once).await? {
                Some(earlier) => return self.replay(earlier, &once),
                None => return Err(ProviderError::CodeUsed { code }.into()),
            },
            Err(error) => return Err(error.into()),
        };
        // Who was asked for more consent wants to see what came of it.
        let fresh = if callback.attempt().asks_more { None } else { self.fresh_identity(&grant).await? };
        let (identity, profile) = if let Some(identity) = fresh {
            (identity, None)
        } else {
            let person = self.provider.profile(&grant).await?;
            (person.identity, Some(person.profile))
        };
        let client_id = callback.attempt().client.as_ref().map(|request| request.client_id.clone());
        // A login for a client leaves the browser's own session alone.
        let replaces = replaces.or(callback.attempt().replaces).filter(|_| client_id.is_none());
        let proof = Proof { once: Some(once), replaces, client_id };
        let mut issued = self.store(&identity, profile.as_ref(), proof, &caller).await?;
        issued.authenticated_at = grant.authenticated_at;
        if profile.is_none() {
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

    pub(super) async fn store(
        &self,
        identity: &Identity,
        profile: Option<&ProviderProfile>,
        proof: Proof,
        caller: &Caller,
    ) -> Result<Issued, LoginError> {
        let now = self.context.clock.now();
        let input = SignIn {
            identity: identity.clone(),
            profile: profile.map(|told| self.context.to_store(identity, told)),
            device: caller.device.clone(),
            once: proof.once,
            replaces: proof.replaces,
            awaits_code: proof.client_id.is_some().then_some(CODE_LIFETIME),
            client_id: proof.client_id.unwrap_or_else(|| FIRST_PARTY_CLIENT.to_owned()),
            limits: self.context.limits,
            trace: caller.trace(now).into(),
        };
        let Some(rows) = self.context.storage.sign_in(input).await? else {
            let once = proof.once.ok_or(LoginError::Broken)?;
            let earlier = self.context.storage.earlier_sign_in(&once.attempt_hash).await?;
            return self.replay(earlier.ok_or(LoginError::Broken)?, &once);
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
    pub(super) fn replay(&self, earlier: EarlierSignIn, once: &Once) -> Result<Issued, LoginError> {
        let rows = earlier.rows;
        let recent = self.context.clock.now().since(rows.session.created_at) < REPLAY_WINDOW;
        if earlier.code_hash != once.code_hash || !recent || rows.session.revoked.is_some() {
            return Err(AttemptError::Finished.into());
        }
        tracing::info!(event = "login_replayed", session_id = %rows.session.id);
        Ok(self.context.issue(rows.user, &rows.session, &rows.token, rows.is_new_user)?)
    }

    async fn await_other_replica(&self, once: &Once) -> Result<Option<EarlierSignIn>, LoginError> {
        // SQLite has one process, and its in-flight map has answered already.
        let tries = if self.context.storage.engine() == Engine::Sqlite { 1 } else { OTHER_REPLICA.as_millis() / 50 };
        for attempt in 0..tries {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if let Some(earlier) = self.context.storage.earlier_sign_in(&once.attempt_hash).await? {
                return Ok(Some(earlier));
            }
        }
        Ok(None)
    }

    fn read_profile_later(self: &Arc<Self>, grant: Grant, identity: Identity) {
        let Ok(place) = Arc::clone(&self.background_places).try_acquire_owned() else { return };
        let logins = Arc::clone(self);
        let run = async move {
            let _place = place;
            let _turn = logins.background_turns.acquire().await;
            match logins.provider.profile(&grant).await {
                Ok(person) => {
                    if let Err(error) = logins.context.store_profile(&identity, &person.profile).await {
                        tracing::warn!(event = "profile_not_stored", error = %error);
                    }
                }
                Err(error) => tracing::warn!(event = "profile_not_read", error = %error, kakao_code = error.code()),
            }
        };
        tokio::spawn(run.in_current_span());
    }
}
