//! Cookies: the refresh token's and the login attempts'. Values are base64url or compact JWS, so nothing needs quoting.

use std::time::Duration;

use poem::{
    Request, Response,
    http::{HeaderValue, header},
};

/// Names and attributes of our cookies, by whether `PUBLIC_URL` is https.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

/// A browser that began more logins than this in ten minutes loses the oldest: every cookie travels with every request.
pub const MAX_ATTEMPTS: usize = 8;

impl Cookies {
    /// `secure` adds `Secure` and the `__Host-` prefix, which keeps sibling hosts from planting cookies.
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    fn prefix(self) -> &'static str {
        if self.secure { "__Host-" } else { "" }
    }

    fn refresh_name(self) -> String {
        format!("{}munjigi_rt", self.prefix())
    }

    fn attempt_prefix(self) -> String {
        format!("{}munjigi_login_", self.prefix())
    }

    /// The refresh token a request carries.
    pub fn refresh_token(self, req: &Request) -> Option<String> {
        value_of(req, &self.refresh_name())
    }

    /// The sealed attempt of a state.
    pub fn attempt(self, req: &Request, state: &str) -> Option<String> {
        is_cookie_text(state).then(|| value_of(req, &format!("{}{state}", self.attempt_prefix())))?
    }

    /// States of all attempts a request carries.
    pub fn attempt_states(self, req: &Request) -> Vec<String> {
        let prefix = self.attempt_prefix();
        pairs(req).filter_map(|(name, _)| name.strip_prefix(&prefix).map(ToOwned::to_owned)).collect()
    }

    /// Sets the refresh token. `Strict`: it is only ever sent by the front end's own requests.
    pub fn set_refresh(self, token: &str, lifetime: Duration) -> String {
        self.set(&self.refresh_name(), token, "Strict", lifetime)
    }

    /// Takes the refresh token away.
    pub fn clear_refresh(self) -> String {
        self.set_refresh("", Duration::ZERO)
    }

    /// Sets an attempt. `Lax`: Kakao's redirect back is a cross-site navigation.
    pub fn set_attempt(self, state: &str, sealed: &str, lifetime: Duration) -> String {
        self.set(&format!("{}{state}", self.attempt_prefix()), sealed, "Lax", lifetime)
    }

    fn set(self, name: &str, value: &str, same_site: &str, lifetime: Duration) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly{secure}; SameSite={same_site}; Max-Age={}", lifetime.as_secs())
    }
}

/// Adds `Set-Cookie` lines to an answer.
pub fn add(response: &mut Response, cookies: impl IntoIterator<Item = String>) {
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

fn pairs(req: &Request) -> impl Iterator<Item = (&str, &str)> {
    let headers = req.headers().get_all(header::COOKIE).iter();
    headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

fn value_of(req: &Request, name: &str) -> Option<String> {
    pairs(req).find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

fn is_cookie_text(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
