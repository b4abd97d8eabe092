//! Keys, lifetimes and claims.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{Reader, ServerConfig, days, hours, minutes};

/// Signature algorithm of access tokens (RFC 7518, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessAlgorithm {
    /// ECDSA on P-256, the default.
    Es256,
    /// RSA PKCS#1 v1.5 with 3072-bit keys.
    Rs256,
    /// Ed25519.
    EdDsa,
    /// HMAC under `JWT_SECRET_KEY` itself; no JWKS then.
    Hs256,
}

impl AccessAlgorithm {
    /// The name in JOSE headers and JWKs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// The algorithm of this JOSE name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Es256, Self::Rs256, Self::EdDsa, Self::Hs256].into_iter().find(|alg| alg.as_str() == name)
    }
}

/// Personal data an operator may put into access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraClaim {
    /// `kakao_<kakao id>`.
    Username,
    /// As shown to others.
    Nickname,
    /// With `email_verified`.
    Email,
}

/// How long sessions and their tokens live (contract 4.3).
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Idle limit: a refresh token not presented this long is dead.
    pub idle: Duration,
    /// Absolute limit: no rotation passes it.
    pub absolute: Duration,
    /// A rotated token answers its successor again this long after its first rotation.
    pub reuse_window: Duration,
    /// The same, while the successor was never presented.
    pub recovery: Duration,
}

/// Keys, lifetimes and claims.
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// Master secret; every other key of the gateway is derived from or sealed under it.
    pub secret: SecretString,
    /// Algorithm of access tokens.
    pub algorithm: AccessAlgorithm,
    /// JOSE `typ` of access tokens: `JWT` or `at+jwt`.
    pub typ: String,
    /// `iss`.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Lifetime of access tokens.
    pub access_lifetime: Duration,
    /// Lifetimes of sessions.
    pub limits: SessionLimits,
    /// Personal claims of access tokens.
    pub extra_claims: Vec<ExtraClaim>,
}

pub(super) fn read(reader: &mut Reader<'_>, server: &ServerConfig) -> TokenConfig {
    let secret = read_secret(reader);
    let algorithm = reader.parse(
        "JWT_ALGORITHM",
        AccessAlgorithm::Es256,
        "ES256, RS256, EdDSA or HS256",
        AccessAlgorithm::from_name,
    );
    let typ = reader.parse("JWT_TYP", "JWT".to_owned(), "JWT or at+jwt", |text| match text {
        "JWT" | "at+jwt" => Some(text.to_owned()),
        _ => None,
    });
    let no_spaces = |text: &str| (!text.contains(char::is_whitespace)).then(|| text.to_owned());
    let issuer = reader.parse("JWT_ISSUER", server.url(""), "an identifier without spaces", no_spaces);
    let audience = reader.parse("JWT_AUDIENCE", "munjigi".to_owned(), "an identifier without spaces", no_spaces);
    let access_lifetime = minutes(reader.number("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", 15, 1..=1440));
    let extra_claims = reader.list("JWT_EXTRA_CLAIMS", "username, nickname or email", |text| match text {
        "username" => Some(ExtraClaim::Username),
        "nickname" => Some(ExtraClaim::Nickname),
        "email" => Some(ExtraClaim::Email),
        _ => None,
    });
    TokenConfig { secret, algorithm, typ, issuer, audience, access_lifetime, limits: read_limits(reader), extra_claims }
}

fn read_limits(reader: &mut Reader<'_>) -> SessionLimits {
    let idle_days = reader.number("JWT_REFRESH_TOKEN_EXPIRE_DAYS", 7, 1..=365);
    let max_days = reader.number("SESSION_MAX_DAYS", 90, 1..=3650);
    if max_days < idle_days {
        let what = format!("= {max_days} is below JWT_REFRESH_TOKEN_EXPIRE_DAYS = {idle_days}");
        let why = "a session would end before its refresh token does";
        reader.problem("SESSION_MAX_DAYS", what, why, "raise it, or lower JWT_REFRESH_TOKEN_EXPIRE_DAYS");
    }
    SessionLimits {
        idle: days(idle_days),
        absolute: days(max_days),
        reuse_window: Duration::from_secs(reader.number("REFRESH_REUSE_WINDOW_SECONDS", 30, 0..=600)),
        recovery: hours(reader.number("REFRESH_RECOVERY_HOURS", 24, 0..=168)),
    }
}

/// HS256 asks for a key at least as long as its hash (RFC 7518 section 3.2), and everything else hangs on this one too.
const SECRET_BYTES: usize = 32;

fn read_secret(reader: &mut Reader<'_>) -> SecretString {
    const FIX: &str = "make one with: openssl rand -base64 48";
    let secret = reader.required_secret("JWT_SECRET_KEY", "every token and cookie is protected by it", FIX);
    let text = secret.expose_secret();
    if text.is_empty() {
        return secret;
    }
    if text.len() < SECRET_BYTES {
        let what = format!("has {} bytes, fewer than {SECRET_BYTES}", text.len());
        reader.problem("JWT_SECRET_KEY", what, "a shorter secret can be guessed offline from one token", FIX);
    } else if looks_like_an_example(text) {
        reader.problem("JWT_SECRET_KEY", "looks like an example, not like a secret", "everybody knows it", FIX);
    }
    secret
}

fn looks_like_an_example(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = [
        "change-me",
        "changeme",
        "change_me",
        "your-secret",
        "your_secret",
        "django-insecure",
        "example",
        "placeholder",
    ];
    let mut bytes: Vec<u8> = text.bytes().collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len() < 8 || words.iter().any(|word| lower.contains(word))
}
