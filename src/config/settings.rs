//! The table of all settings: `.env.example`, "did you mean" and `check-config` are made from it.

use std::fmt::Write as _;

/// One setting as contract 2 promises it.
#[derive(Debug)]
pub struct Setting {
    /// Name of the variable.
    pub name: &'static str,
    /// Shown in `.env.example`; `None` means there is no default.
    pub default: Option<&'static str>,
    /// Never printed; may also be given as `NAME_FILE`.
    pub secret: bool,
    /// Accepted, but without effect in this version: said aloud instead of ignored in silence.
    pub reserved: bool,
    /// One line for people.
    pub about: &'static str,
}

const fn plain(name: &'static str, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting { name, default, secret: false, reserved: false, about }
}

const fn secret(name: &'static str, about: &'static str) -> Setting {
    Setting { name, default: None, secret: true, reserved: false, about }
}

const fn reserved(name: &'static str, is_secret: bool, about: &'static str) -> Setting {
    Setting { name, default: None, secret: is_secret, reserved: true, about }
}

/// A heading and its settings, in the order of `.env.example`.
pub const SETTINGS: &[(&str, &[Setting])] = &[
    (
        "Server",
        &[
            plain("APP_ENV", Some("production"), "production or development; development allows http on loopback"),
            plain("LISTEN_ADDR", Some("127.0.0.1:8000"), "address and port to listen on"),
            plain("PUBLIC_URL", Some("http://localhost:8000"), "base URL the browser uses; also the token issuer"),
            plain("CORS_ALLOWED_ORIGINS", Some(""), "exact origins of your front ends, comma-separated"),
            plain("LOGIN_RETURN_URLS", Some(""), "further origins return_to may point at (PUBLIC_URL always may)"),
            plain("TRUSTED_PROXIES", Some(""), "CIDRs of proxies whose X-Forwarded-For counts"),
            plain("RATE_LIMIT_LOGIN_PER_MINUTE", Some("30"), "per client IP over the login routes; 0 = off"),
        ],
    ),
    (
        "Kakao",
        &[
            plain("KAKAO_CLIENT_ID", None, "REST API key: [앱] > [플랫폼 키] > [REST API 키]"),
            secret("KAKAO_CLIENT_SECRET", "client secret of that key"),
            plain("KAKAO_REDIRECT_URI", Some("{PUBLIC_URL}/api/auth/kakao/callback"), "register exactly this at Kakao"),
            plain("KAKAO_EXTRA_REDIRECT_URIS", Some(""), "further exact URIs a front end may name (SPA flow)"),
            plain("KAKAO_SCOPES", Some(""), "consent items to ask for; empty = Kakao's console decides"),
            plain("KAKAO_PKCE", Some("true"), "S256 towards Kakao"),
            plain("KAKAO_AUTH_BASE_URL", Some("https://kauth.kakao.com"), "also the issuer of Kakao's ID tokens"),
            plain("KAKAO_API_BASE_URL", Some("https://kapi.kakao.com"), ""),
            plain("PROFILE_MAX_AGE_HOURS", Some("24"), "older profiles are read again from Kakao before the answer"),
            plain(
                "KAKAO_APP_ID",
                Some(""),
                "app id: [앱] > [일반]; native apps may then sign in with Kakao's access token",
            ),
            plain(
                "KAKAO_APP_KEYS",
                Some(""),
                "native and JavaScript keys whose ID tokens sign people in, comma-separated",
            ),
            secret("KAKAO_ADMIN_KEY", "for unlinking people who leave, reconcile and the unlink webhook"),
            secret("KAKAO_WEBHOOK_ADMIN_KEY", "the primary admin key when KAKAO_ADMIN_KEY is another one"),
            plain(
                "ON_UNLINK",
                Some("keep"),
                "users who unlink at Kakao: keep, anonymize or delete; sessions end always",
            ),
            plain(
                "KAKAO_PROFILE_FIELDS",
                Some(""),
                "any of name, gender, age_range, birthday, birthyear, phone_number",
            ),
            plain(
                "KAKAO_LOGOUT_REDIRECT_URI",
                Some(""),
                "registered logout redirect URI: offers a logout of Kakao too",
            ),
            plain("KAKAO_TALK_AUTO_LOGIN", Some("true"), "inside KakaoTalk try prompt=none first"),
        ],
    ),
    (
        "Tokens and sessions",
        &[
            secret("JWT_SECRET_KEY", "master secret, at least 32 random bytes: openssl rand -base64 48"),
            plain("JWT_ALGORITHM", Some("ES256"), "ES256, RS256, EdDSA or HS256 (HS256 has no JWKS)"),
            plain("JWT_TYP", Some("JWT"), "JWT, or at+jwt for RFC 9068 verifiers"),
            plain("JWT_ISSUER", Some("{PUBLIC_URL}"), ""),
            plain("JWT_AUDIENCE", Some("munjigi"), ""),
            plain("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", Some("15"), ""),
            plain("JWT_REFRESH_TOKEN_EXPIRE_DAYS", Some("7"), "idle limit of a session"),
            plain("JWT_EXTRA_CLAIMS", Some(""), "any of username, nickname, email: personal data in access tokens"),
            plain("SESSION_MAX_DAYS", Some("90"), "absolute limit of a session"),
            plain("REFRESH_REUSE_WINDOW_SECONDS", Some("30"), "a rotated token answers its successor again this long"),
            plain("REFRESH_RECOVERY_HOURS", Some("24"), "the same while the successor was never presented"),
            secret("OAUTH_CLIENTS", "JSON list of {id, redirect_uris, secret?}; one with a secret may introspect"),
        ],
    ),
    (
        "Storage",
        &[
            Setting {
                name: "DATABASE_URL",
                default: Some("sqlite://data/munjigi.db"),
                secret: true,
                reserved: false,
                about: "sqlite: or postgres:",
            },
            plain("AUTO_MIGRATE", Some("true"), "serve brings the schema up to date at its start"),
            plain(
                "BATCH_WRITES",
                Some("true"),
                "false: every login and refresh is a transaction of its own; slower, to compare with",
            ),
            reserved("REDIS_URL", true, "shared rate limits between replicas"),
        ],
    ),
    (
        "Operation",
        &[
            plain("LOG_FORMAT", Some("auto"), "json, text, or auto: json when not a terminal"),
            plain("LOG_LEVEL", Some("info"), "error, warn, info, debug or trace"),
            reserved("METRICS_ADDR", false, "own listener of /metrics"),
        ],
    ),
];

/// Every setting, flat.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().flat_map(|(_, settings)| settings.iter())
}

/// The setting of this name.
pub fn find(name: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.name == name)
}

/// The text of `.env.example`; a test keeps the committed file equal to it.
pub fn env_example() -> String {
    let mut text = String::from(
        "# Settings of munjigi. Copy to .env and fill in what has no value; commented lines show the defaults.\n\
         # Every secret can also come from a file: NAME_FILE=/run/secrets/name\n\
         # Check with: munjigi check-config        No Kakao app yet? munjigi demo needs none of this.\n",
    );
    for (heading, settings) in SETTINGS {
        let _ = write!(text, "\n# --- {heading} ---\n");
        for setting in settings.iter().filter(|setting| !setting.reserved) {
            if !setting.about.is_empty() {
                let _ = writeln!(text, "# {}", setting.about);
            }
            match setting.default {
                Some(default) => {
                    let _ = writeln!(text, "#{}={default}", setting.name);
                }
                // Secrets that nothing depends on by itself.
                None if matches!(setting.name, "OAUTH_CLIENTS" | "KAKAO_ADMIN_KEY" | "KAKAO_WEBHOOK_ADMIN_KEY") => {
                    let _ = writeln!(text, "#{}=", setting.name);
                }
                None => {
                    let _ = writeln!(text, "{}=", setting.name);
                }
            }
        }
    }
    text
}

/// Prefixes that are ours alone: a name that begins so and is no setting is a typing error.
const PREFIXES: &[&str] =
    &["KAKAO_", "JWT_", "OAUTH_CLIENT", "CORS_", "RATE_LIMIT_", "REFRESH_", "LOGIN_RETURN", "TRUSTED_P"];

/// The nearest setting to `name`, when `name` looks like one of ours but is none.
pub fn did_you_mean(name: &str) -> Option<Option<&'static str>> {
    let stem = name.strip_suffix("_FILE").unwrap_or(name);
    // Only secrets come from files.
    let known = find(stem).is_some_and(|setting| setting.secret || stem == name);
    if known || !PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return None;
    }
    let nearest = all().map(|setting| (strsim::damerau_levenshtein(stem, setting.name), setting.name)).min();
    Some(nearest.filter(|(distance, _)| *distance <= 5).map(|(_, name)| name))
}
