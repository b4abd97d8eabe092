//! A session: one login on one device, a family of refresh tokens.

use std::net::IpAddr;

use uuid::Uuid;

use crate::clock::Timestamp;

pub use crate::config::FIRST_PARTY_CLIENT;

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `sid` of its tokens.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The client it was made for.
    pub client_id: String,
    /// Address at the login.
    pub ip: Option<IpAddr>,
    /// Browser or app at the login.
    pub user_agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When its tokens were last rotated.
    pub last_used_at: Timestamp,
    /// Idle limit as of the last rotation.
    pub expires_at: Timestamp,
    /// Absolute limit.
    pub ends_at: Timestamp,
    /// When and why it was ended before its time.
    pub revoked: Option<(Timestamp, RevokedBecause)>,
}

/// Why a session was ended. The names are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokedBecause {
    /// The user signed out.
    Logout,
    /// The user ended it from another device.
    RevokedByUser,
    /// A refresh token that had been replaced was presented.
    RefreshReused,
    /// RFC 7009.
    OAuthRevoked,
    /// A new login in the same browser took its place.
    Replaced,
    /// The user left.
    Left,
    /// The person took the app off their account at the provider.
    Unlinked,
    /// The provider says that the person's sessions or credentials there are no longer to be trusted.
    ProviderRevoked,
    /// Its authorization code was presented twice.
    CodeReused,
}

impl RevokedBecause {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Logout,
        Self::RevokedByUser,
        Self::RefreshReused,
        Self::OAuthRevoked,
        Self::Replaced,
        Self::Left,
        Self::Unlinked,
        Self::ProviderRevoked,
        Self::CodeReused,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::RevokedByUser => "revoked_by_user",
            Self::RefreshReused => "refresh_reused",
            Self::OAuthRevoked => "oauth_revoked",
            Self::Replaced => "replaced",
            Self::Left => "left",
            Self::Unlinked => "unlinked",
            Self::ProviderRevoked => "provider_revoked",
            Self::CodeReused => "code_reused",
        }
    }

    /// The reason of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}
