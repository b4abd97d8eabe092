//! Verbs: what people and their devices do. One transaction each, none held across a network call.

pub mod finish;
pub mod front_door;
pub mod keys;
pub mod login;
pub mod native;
pub mod outbox;
pub mod reconcile;
pub mod session;
pub mod user;
pub mod webhook;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    clock::{Clock, Timestamp},
    config::{ExtraClaim, SessionLimits},
    domain::{device::Device, session::Session, user::User},
    storage::{Storage, audit::Trace, revocations::Revocations},
    token::{
        access::{AccessClaims, AccessKind},
        form_token::FormTokens,
        jws::KeyError,
        refresh::{RefreshFacts, RefreshTokens},
        sealed::Sealer,
    },
};

/// On whose behalf a flow runs.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Browser or app.
    pub device: Device,
    /// Ties log lines, audit rows and answers together.
    pub request_id: String,
}

impl Caller {
    fn trace(&self, now: Timestamp) -> Trace<'_> {
        Trace { now, request_id: &self.request_id, ip: self.device.ip }
    }
}

/// Tokens for one session: what a login or a rotation hands out.
#[derive(Clone)]
pub struct Issued {
    /// JWT for APIs.
    pub access_token: SecretString,
    /// Seconds until it expires.
    pub expires_in: u64,
    /// JWT for the token endpoint.
    pub refresh_token: SecretString,
    /// How long the refresh token lives from now.
    pub refresh_lifetime: Duration,
    /// Whether this login made the user.
    pub is_new_user: bool,
    /// The user.
    pub user: User,
    /// The session.
    pub session_id: Uuid,
    /// When the provider says the person proved who they are, as far as it said so at this login.
    pub authenticated_at: Option<Timestamp>,
}

/// What every flow needs: the one place where storage, keys and limits come together.
pub struct Context {
    /// The database.
    pub storage: Storage,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Keys of access tokens.
    pub keys: keys::Keys,
    /// Refresh tokens.
    pub refresh_tokens: RefreshTokens,
    /// Sessions revoked lately.
    pub revocations: Revocations,
    /// Lifetimes of sessions.
    pub limits: SessionLimits,
    /// Personal claims of access tokens.
    pub extra_claims: Vec<ExtraClaim>,
    /// Seals private fields of profiles.
    pub private_fields: Sealer,
    /// Seals authorization codes.
    pub codes: Sealer,
    /// Tokens of forms on our own pages.
    pub form_tokens: FormTokens,
    /// Rung when a call to a provider is owed, so that it is made at once.
    pub owed: Notify,
}

impl Context {
    /// Makes the tokens of a session whose current refresh token is `token`.
    fn issue(
        &self,
        user: User,
        session: &Session,
        token: &RefreshFacts,
        is_new_user: bool,
    ) -> Result<Issued, KeyError> {
        let now = self.clock.now();
        // An access token never outlives its session.
        let lifetime = self.keys.profile().lifetime.min(session.ends_at.since(now));
        let extra = |claim| self.extra_claims.contains(&claim);
        let claims = AccessClaims {
            iss: self.keys.profile().issuer.clone(),
            aud: self.keys.profile().audience.clone(),
            sub: user.id,
            iat: now.secs(),
            exp: (now + lifetime).secs(),
            jti: now.new_uuid(),
            sid: session.id,
            client_id: session.client_id.clone(),
            token_type: AccessKind::Access,
            user_id: user.id,
            username: extra(ExtraClaim::Username).then(|| user.username.clone()),
            nickname: user.nickname.clone().filter(|_| extra(ExtraClaim::Nickname)),
            email: user.email.clone().filter(|_| extra(ExtraClaim::Email)),
            email_verified: user.email.is_some().then_some(user.email_verified).filter(|_| extra(ExtraClaim::Email)),
        };
        Ok(Issued {
            access_token: self.keys.current().sign(&claims)?.into(),
            expires_in: u64::try_from(claims.exp - claims.iat).unwrap_or(0),
            refresh_token: self.refresh_tokens.write(token),
            refresh_lifetime: token.expires_at.since(now),
            is_new_user,
            user,
            session_id: session.id,
            authenticated_at: None,
        })
    }
}
