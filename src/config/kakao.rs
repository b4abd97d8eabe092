//! The provider's section.

use std::{net::IpAddr, time::Duration};

use secrecy::SecretString;
use url::Url;

use super::{AppEnv, Env, OnUnlink, PrivateField, Reader, ServerConfig, hours, server};

/// How to reach Kakao and as whom.
#[derive(Debug, Clone)]
pub struct KakaoConfig {
    /// REST API key.
    pub client_id: String,
    /// Its secret, sent in the body (`client_secret_post`).
    pub client_secret: SecretString,
    /// The gateway's own callback as registered at Kakao.
    pub redirect_uri: String,
    /// Further exact URIs a front end may name.
    pub extra_redirect_uris: Vec<String>,
    /// Consent items of every login; empty = the console decides.
    pub scopes: Vec<String>,
    /// S256 towards Kakao.
    pub pkce: bool,
    /// kauth; also the expected `iss`.
    pub auth_base_url: Url,
    /// kapi.
    pub api_base_url: Url,
    /// A profile read longer ago than this is read again before the answer.
    pub profile_max_age: Duration,
    /// Our app's number: without it no access token of an app can be told from another app's.
    pub app_id: Option<i64>,
    /// Accepted `aud` of ID tokens that apps bring: native and JavaScript keys.
    pub app_keys: Vec<String>,
    /// For unlinking and for reading the list of linked people.
    pub admin_key: Option<SecretString>,
    /// What the unlink webhook shows; the admin key unless they differ.
    pub webhook_admin_key: Option<SecretString>,
    /// Where Kakao's own logout page sends the browser; registered at Kakao.
    pub logout_redirect_uri: Option<String>,
    /// Whether a browser inside KakaoTalk is first signed in without asking.
    pub talk_auto_login: bool,
    /// Personal fields to keep beyond nickname, picture and address.
    pub profile_fields: Vec<PrivateField>,
    /// What becomes of a user who unlinked.
    pub on_unlink: OnUnlink,
}

impl KakaoConfig {
    /// The issuer Kakao writes into ID tokens: its auth base URL without a trailing slash.
    pub fn issuer(&self) -> &str {
        self.auth_base_url.as_str().trim_end_matches('/')
    }

    /// A page of Kakao's that a browser is sent to.
    pub fn kauth_url(&self, path: &str) -> Url {
        let mut url = self.auth_base_url.clone();
        url.set_path(&format!("{}{path}", self.auth_base_url.path().trim_end_matches('/')));
        url
    }
}

pub(super) fn read(reader: &mut Reader<'_>, server: &ServerConfig) -> KakaoConfig {
    let client_id = reader.text("KAKAO_CLIENT_ID").unwrap_or_default();
    if client_id.is_empty() {
        let fix = "copy the REST API key from [앱] > [플랫폼 키] > [REST API 키]; no Kakao app yet? munjigi demo";
        reader.problem("KAKAO_CLIENT_ID", "is not set", "Kakao does not know who is asking (KOE101)", fix);
    }
    let client_secret = reader.required_secret(
        "KAKAO_CLIENT_SECRET",
        "Kakao answers KOE010 without it; new REST keys have the secret switched on",
        "copy it from [앱] > [플랫폼 키] > [REST API 키]",
    );
    let default_redirect = server.url("/api/auth/kakao/callback");
    let redirect_uri =
        reader.parse("KAKAO_REDIRECT_URI", default_redirect, "an absolute URL without a fragment", parse_redirect_uri);
    let extra_redirect_uris =
        reader.list("KAKAO_EXTRA_REDIRECT_URIS", "an absolute URL without a fragment", parse_redirect_uri);
    let scopes = reader.list("KAKAO_SCOPES", "a consent item such as profile_nickname", |text| {
        is_scope_token(text).then(|| text.to_owned())
    });
    let admin_key = reader.secret("KAKAO_ADMIN_KEY");
    let webhook_admin_key = reader.secret("KAKAO_WEBHOOK_ADMIN_KEY").or_else(|| admin_key.clone());
    KakaoConfig {
        client_id,
        client_secret,
        redirect_uri,
        extra_redirect_uris,
        scopes,
        pkce: reader.flag("KAKAO_PKCE", true),
        auth_base_url: upstream(reader, "KAKAO_AUTH_BASE_URL", "https://kauth.kakao.com", server.env),
        api_base_url: upstream(reader, "KAKAO_API_BASE_URL", "https://kapi.kakao.com", server.env),
        profile_max_age: hours(reader.number("PROFILE_MAX_AGE_HOURS", 24, 0..=8760)),
        app_id: reader.parse("KAKAO_APP_ID", None, "the app's number: [앱] > [일반] > 앱 ID", |text| {
            text.parse().ok().filter(|id| *id > 0).map(Some)
        }),
        app_keys: reader.list("KAKAO_APP_KEYS", "an app key such as the native app key", |text| {
            is_scope_token(text).then(|| text.to_owned())
        }),
        admin_key,
        webhook_admin_key,
        logout_redirect_uri: reader.parse(
            "KAKAO_LOGOUT_REDIRECT_URI",
            None,
            "an absolute URL without a fragment",
            |text| parse_redirect_uri(text).map(Some),
        ),
        talk_auto_login: reader.flag("KAKAO_TALK_AUTO_LOGIN", true),
        profile_fields: reader.list(
            "KAKAO_PROFILE_FIELDS",
            "one of name, gender, age_range, birthday, birthyear, phone_number",
            PrivateField::from_name,
        ),
        on_unlink: reader.parse("ON_UNLINK", OnUnlink::Keep, "keep, anonymize or delete", OnUnlink::from_name),
    }
}

/// Whether `text` can be a consent item: Kakao's are lower-case words with underscores.
pub fn is_scope_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
}

fn parse_redirect_uri(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    // Compared byte for byte by Kakao and by us, hence the text as it was given, not as the parser writes it.
    (url.host().is_some() && url.fragment().is_none() && matches!(url.scheme(), "http" | "https"))
        .then(|| text.to_owned())
}

fn upstream(reader: &mut Reader<'_>, name: &str, default: &str, env: AppEnv) -> Url {
    let text = reader.text(name).unwrap_or_else(|| default.to_owned());
    let Some(url) = server::base_url(&text) else {
        reader.problem(
            name,
            format!("= {text:?} is not an http(s) base URL"),
            "no login could reach Kakao",
            format!("use {default}"),
        );
        return server::unused_url();
    };
    if env == AppEnv::Production {
        if url.scheme() != "https" {
            let why = "codes and the client secret would travel unencrypted, and APP_ENV is production";
            reader.problem(
                name,
                format!("= {url} is not https"),
                why,
                format!("use {default}, or APP_ENV=development"),
            );
        } else if is_internal(&url) {
            let why = "a stand-in such as the mock could sign anybody in, and APP_ENV is production";
            reader.problem(name, format!("= {url} is on this machine or network"), why, format!("use {default}"));
        }
    }
    url
}

/// Loopback, private and link-local hosts: never Kakao.
fn is_internal(url: &Url) -> bool {
    let ip = match url.host() {
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip),
        _ => return server::is_loopback(url),
    };
    // ::ffff:127.0.0.1 is 127.0.0.1.
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
    }
}

/// Keys of the wrong kind are the usual reason of KOE101 and KOE010; their shape gives them away, though Kakao promises none.
pub(super) fn shape_warnings(env: &Env) -> Vec<String> {
    let mut warnings = Vec::new();
    let real_kakao = env.get("KAKAO_AUTH_BASE_URL").is_none_or(|value| value.text.contains("kakao.com"));
    if let Some(value) = env.get("KAKAO_CLIENT_ID").filter(|_| real_kakao) {
        let text = value.text.trim();
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            warnings.push(format!("KAKAO_CLIENT_ID is not 32 hex digits, as REST API keys are    [{}]", value.origin));
        }
    }
    if let Some(value) = env.get("KAKAO_CLIENT_SECRET").filter(|_| real_kakao) {
        let text = value.text.trim();
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            warnings.push(format!(
                "KAKAO_CLIENT_SECRET is not 32 letters and digits, as Kakao's are    [{}]",
                value.origin
            ));
        }
    }
    warnings
}
