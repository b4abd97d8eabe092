//! Sessions after the login: going on, being checked, ending.

use std::sync::Arc;

use uuid::Uuid;

use super::{Caller, Context, Issued};
use crate::{
    domain::session::{FIRST_PARTY_CLIENT, RevokedBecause, Session},
    storage::{
        StorageError,
        rotate::{Continued, Rotate, Rotation},
        sessions::{Revoke, Which},
    },
    token::{TokenError, access::AccessClaims, jws::KeyError, refresh::RefreshFacts},
};

/// Why a session cannot go on or be changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Not a token of this kind.
    #[error("the token is not valid")]
    Invalid,
    /// An access token past its `exp`.
    #[error("the access token has expired")]
    TokenExpired,
    /// Past the idle or absolute limit.
    #[error("the session has expired")]
    Expired,
    /// Ended before.
    #[error("the session was ended")]
    Revoked,
    /// A replaced refresh token was presented; the session is ended now.
    #[error("a replaced refresh token was presented")]
    Reused,
    /// No such session of this user.
    #[error("no such session")]
    Unknown,
    /// The database.
    #[error("the session could not be read or stored")]
    Storage(#[from] StorageError),
    /// Signing failed.
    #[error("the token could not be signed")]
    Signing(#[from] KeyError),
}

/// Whose access token it is and which session it belongs to: an authenticated caller.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The checked claims.
    pub claims: Arc<AccessClaims>,
}

impl Principal {
    /// The user.
    pub fn user_id(&self) -> Uuid {
        self.claims.user_id
    }

    /// Whether one of our own front ends holds the token.
    pub fn is_first_party(&self) -> bool {
        self.claims.client_id == FIRST_PARTY_CLIENT
    }

    /// The session.
    pub fn session_id(&self) -> Uuid {
        self.claims.sid
    }
}

/// What a sign-out is meant to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutScope {
    /// The session that asks.
    This,
    /// All others of the user.
    Others,
    /// Every session of the user.
    All,
}

impl Context {
    /// Checks an access token: signature and claims, and that its session was not ended. Asks no database.
    pub fn authenticate(&self, access_token: &str) -> Result<Principal, SessionError> {
        let keys = self.keys.current();
        let verified = keys.verify(access_token, self.clock.now());
        let claims = verified.map_err(|error| match error {
            TokenError::Invalid => SessionError::Invalid,
            TokenError::Expired => SessionError::TokenExpired,
        })?;
        if self.revocations.contains(claims.sid) {
            keys.forget(access_token);
            return Err(SessionError::Revoked);
        }
        Ok(Principal { claims })
    }

    /// Reads a refresh token without the database.
    pub fn read_refresh_token(&self, token: &str) -> Result<RefreshFacts, SessionError> {
        self.refresh_tokens.read(token, self.clock.now()).map_err(|error| match error {
            TokenError::Invalid => SessionError::Invalid,
            TokenError::Expired => SessionError::Expired,
        })
    }

    /// Rotates a refresh token that a front end of ours presents (contract 4.3).
    pub async fn rotate(&self, presented: &RefreshFacts, caller: &Caller) -> Result<Issued, SessionError> {
        self.rotate_for(FIRST_PARTY_CLIENT, presented, caller).await
    }

    /// The same for a client that named itself.
    pub async fn rotate_for(
        &self,
        client_id: &str,
        presented: &RefreshFacts,
        caller: &Caller,
    ) -> Result<Issued, SessionError> {
        let now = self.clock.now();
        let rotate = Rotate {
            presented: *presented,
            client_id: client_id.to_owned(),
            limits: self.limits,
            trace: caller.trace(now).into(),
        };
        match self.storage.rotate(rotate).await? {
            Rotation::Continued { token, session, user, how } => {
                let event = match how {
                    Continued::Rotated => "refresh_rotated",
                    Continued::Replayed => "refresh_replayed",
                    Continued::Recovered => "refresh_recovered",
                };
                tracing::info!(event, session_id = %session.id);
                Ok(self.issue(user, &session, &token, false)?)
            }
            Rotation::Reused => {
                self.revocations.insert([presented.session_id], now);
                tracing::warn!(event = "refresh_reused", session_id = %presented.session_id);
                Err(SessionError::Reused)
            }
            Rotation::Expired => Err(SessionError::Expired),
            Rotation::Revoked => Err(SessionError::Revoked),
            Rotation::Unknown => Err(SessionError::Invalid),
        }
    }

    /// Ends sessions of a user. Ending what has ended is no error.
    pub async fn sign_out(
        &self,
        user_id: Uuid,
        session_id: Uuid,
        scope: LogoutScope,
        caller: &Caller,
    ) -> Result<(), SessionError> {
        let which = match scope {
            LogoutScope::This => Which::One(session_id),
            LogoutScope::Others => Which::AllBut(session_id),
            LogoutScope::All => Which::All,
        };
        self.revoke(user_id, which, RevokedBecause::Logout, caller).await.map(|_| ())
    }

    /// Ends one session of a user, from whichever device.
    pub async fn end_session(&self, user_id: Uuid, session_id: Uuid, caller: &Caller) -> Result<(), SessionError> {
        let ended = self.revoke(user_id, Which::One(session_id), RevokedBecause::RevokedByUser, caller).await?;
        if ended == 0 { Err(SessionError::Unknown) } else { Ok(()) }
    }

    /// Ends the session behind a token (RFC 7009).
    pub async fn revoke_session(&self, user_id: Uuid, session_id: Uuid, caller: &Caller) -> Result<(), SessionError> {
        self.revoke(user_id, Which::One(session_id), RevokedBecause::OAuthRevoked, caller).await.map(|_| ())
    }

    /// The live sessions of a user.
    pub async fn sessions(&self, user_id: Uuid) -> Result<Vec<Session>, SessionError> {
        Ok(self.storage.live_sessions(user_id, self.clock.now()).await?)
    }

    /// The session a token belongs to, whatever its state.
    pub async fn session(&self, session_id: Uuid) -> Result<Option<Session>, SessionError> {
        Ok(self.storage.session(session_id).await?)
    }

    /// Whether a refresh token would be rotated now: for introspection.
    pub async fn refresh_token_is_live(&self, facts: &RefreshFacts) -> Result<Option<Session>, SessionError> {
        let now = self.clock.now();
        let alive = |session: &Session| session.revoked.is_none() && session.ends_at > now;
        match self.storage.session(facts.session_id).await?.filter(alive) {
            Some(session) if self.storage.is_head(facts).await? => Ok(Some(session)),
            _ => Ok(None),
        }
    }

    async fn revoke(
        &self,
        user_id: Uuid,
        which: Which,
        because: RevokedBecause,
        caller: &Caller,
    ) -> Result<usize, SessionError> {
        let now = self.clock.now();
        let revoke = Revoke { user_id, which, because, trace: caller.trace(now).into() };
        let ended = self.storage.revoke(revoke).await?;
        for session_id in &ended {
            tracing::info!(event = "session_revoked", %session_id, because = because.as_str());
        }
        let count = ended.len();
        self.revocations.insert(ended, now);
        Ok(count)
    }
}
