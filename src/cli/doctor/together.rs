//! Settings that are each right but do not fit together.

use url::{Origin, Url};

use super::report::Check;
use crate::config::{AppEnv, Config};

/// Kakao takes this many redirect URIs.
const REDIRECT_URIS: usize = 10;

pub(super) fn of_config(config: &Config) -> Vec<Check> {
    let mut checks = redirect_uris(config);
    checks.extend(front_ends(config));
    checks.extend(callbacks_that_may_not_call(config));
    checks.extend(behind_a_proxy(config));
    checks.extend(others(config));
    checks.extend(admin_keys(config));
    checks.push(native_apps(config));
    checks
}

/// What is not possible without admin keys.
fn admin_keys(config: &Config) -> Vec<Check> {
    let (admin_key, webhook_admin_key) = (config.kakao.admin_key.is_some(), config.kakao.webhook_admin_key.is_some());
    let leaving = if admin_key {
        Check::good("leaving", "people who leave are unlinked at Kakao")
    } else {
        let fix = "set KAKAO_ADMIN_KEY: [앱] > [플랫폼 키] > [어드민 키], with the unlink API allowed";
        Check::warning("leaving", "people who leave stay linked at Kakao", "KAKAO_ADMIN_KEY is not set", fix)
    };
    let webhooks = if webhook_admin_key {
        Check::good("webhooks", "the unlink webhook can be authenticated")
    } else {
        let why = "Kakao proves itself with the app's primary (대표) admin key, and none is set";
        let fix = "set KAKAO_ADMIN_KEY, or KAKAO_WEBHOOK_ADMIN_KEY when the primary one is another";
        Check::warning("webhooks", "the unlink webhook is refused", why, fix)
    };
    vec![leaving, webhooks]
}

/// What native apps may bring. A gateway without any is not warned about it.
fn native_apps(config: &Config) -> Check {
    let (app_id, app_keys) = (config.kakao.app_id.is_some(), !config.kakao.app_keys.is_empty());
    match (app_keys, app_id) {
        (false, false) => Check::good("native apps", "off: neither KAKAO_APP_KEYS nor KAKAO_APP_ID is set"),
        (true, false) => Check::good("native apps", "sign in with ID tokens"),
        (true, true) => Check::good("native apps", "sign in with ID tokens and with access tokens"),
        (false, true) => {
            let why = "an access token says nothing of a nonce, so a stolen one signs in as well";
            let fix = "list the native app key in KAKAO_APP_KEYS: [앱] > [플랫폼 키] > [네이티브 앱 키]";
            Check::warning("native apps", "sign in with access tokens only", why, fix)
        }
    }
}

fn redirect_uris(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    let expected = config.server.url("/api/auth/kakao/callback");
    let uri = &config.kakao.redirect_uri;
    if *uri != expected {
        let why = "after the login the browser does not come back to the gateway, or without its cookie";
        let fix = format!("remove it, or register and use {expected}; an SPA's own go into KAKAO_EXTRA_REDIRECT_URIS");
        checks.push(Check::warning(
            "redirect",
            format!("KAKAO_REDIRECT_URI = {uri} is not under PUBLIC_URL"),
            why,
            fix,
        ));
    }
    let extra = &config.kakao.extra_redirect_uris;
    for uri in [uri].into_iter().chain(extra).filter(|uri| uri.contains('?')) {
        let fix = "leave the query out; what the page needs to know can travel in state";
        checks.push(Check::warning("redirect", format!("{uri} has a query"), "Kakao does not register such URIs", fix));
    }
    if extra.len() + 1 > REDIRECT_URIS {
        let what = format!("{} redirect URIs", extra.len() + 1);
        let why = "Kakao's console took ten, and whether it takes more now is not documented";
        checks.push(Check::warning("redirect", what, why, "register those in use first"));
    }
    checks
}

/// Front ends whose browser cannot use the refresh cookie, or to which no login comes back.
fn front_ends(config: &Config) -> Vec<Check> {
    let public_site = site(&config.server.public_url);
    let comes_back = |origin: &Origin| {
        config.server.return_origins.contains(origin) || extra_origins(config).any(|extra| extra == *origin)
    };
    let mut checks = Vec::new();
    for text in &config.server.cors_origins {
        let Ok(url) = Url::parse(text) else { continue };
        let (site, origin) = (site(&url), url.origin());
        if site != public_site {
            let why = format!("PUBLIC_URL is on {public_site}, and SameSite cookies do not cross sites");
            let fix = "keep its tokens in memory (login-url with code_challenge), or put both under one domain";
            checks.push(Check::warning("front end", format!("{text} cannot refresh by cookie"), why, fix));
        }
        if !comes_back(&origin) {
            let why = "it may call the gateway, but no login leads back to it";
            let fix = "add it to LOGIN_RETURN_URLS, or its callback page to KAKAO_EXTRA_REDIRECT_URIS";
            checks.push(Check::warning("front end", format!("{text} cannot log in"), why, fix));
        } else if site == public_site {
            checks.push(Check::good("front end", format!("{text} is on the gateway's site")));
        }
    }
    checks
}

fn extra_origins(config: &Config) -> impl Iterator<Item = Origin> {
    config.kakao.extra_redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()).map(|url| url.origin())
}

/// Pages that receive a code and cannot hand it in.
fn callbacks_that_may_not_call(config: &Config) -> Vec<Check> {
    let own = config.server.public_url.origin();
    let may_call = |origin: &Origin| config.server.cors_origins.contains(&origin.ascii_serialization());
    let mut origins: Vec<_> = extra_origins(config).filter(|origin| *origin != own && !may_call(origin)).collect();
    origins.dedup();
    let check = |origin: Origin| {
        let origin = origin.ascii_serialization();
        let what = format!("{origin} receives codes but cannot hand them in");
        let fix = format!("add {origin} to CORS_ALLOWED_ORIGINS, unless its server makes the call");
        Check::warning("front end", what, "KAKAO_EXTRA_REDIRECT_URIS names it, CORS_ALLOWED_ORIGINS does not", fix)
    };
    origins.into_iter().map(check).collect()
}

/// The gateway speaks http, so an https `PUBLIC_URL` means a proxy in front.
fn behind_a_proxy(config: &Config) -> Option<Check> {
    let server = &config.server;
    if !server.secure_cookies() || server.login_rate_per_minute == 0 {
        return None;
    }
    Some(if server.trusted_proxies.is_empty() {
        let what = format!("{} logins a minute for everybody together", server.login_rate_per_minute);
        let why =
            "PUBLIC_URL is https, so a proxy is in front, and without TRUSTED_PROXIES all visitors have its address";
        let fix = "set TRUSTED_PROXIES to the proxy's address or network, e.g. 10.0.0.0/8";
        Check::warning("rate limit", what, why, fix)
    } else {
        Check::good("rate limit", format!("{} logins a minute and visitor", server.login_rate_per_minute))
    })
}

fn others(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    if config.kakao.scopes.iter().any(|scope| scope == "account_email") {
        let why = "Kakao answers KOE205 unless the app is a biz app with that item";
        let fix = "empty KAKAO_SCOPES to let [카카오 로그인] > [동의항목] decide";
        checks.push(Check::warning("scopes", "KAKAO_SCOPES asks for account_email", why, fix));
    }
    let (issuer, public_url) = (&config.tokens.issuer, config.server.url(""));
    if *issuer != public_url {
        let why = format!("libraries look for the metadata there, and it is at {public_url}");
        let fix = "remove JWT_ISSUER, or give verifiers the address of the JWKS by hand";
        checks.push(Check::warning("issuer", format!("JWT_ISSUER = {issuer} is not PUBLIC_URL"), why, fix));
    }
    if config.server.env == AppEnv::Development && config.server.secure_cookies() {
        let why = "PUBLIC_URL is https, yet http upstreams and origins are allowed";
        checks.push(Check::warning(
            "app env",
            "APP_ENV is development",
            why,
            "set APP_ENV=production where people log in",
        ));
    }
    checks
}

/// Where anybody can have a name of their own: neighbours there are other sites.
const SHARED_DOMAINS: &[&str] = &[
    "azurewebsites.net",
    "cloudfront.net",
    "duckdns.org",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "herokuapp.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok.io",
    "onrender.com",
    "pages.dev",
    "run.app",
    "trycloudflare.com",
    "vercel.app",
    "web.app",
    "workers.dev",
];

/// Scheme and registrable domain, as SameSite compares them: as far as they can be told without the public suffix list.
fn site(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let Some(name) = url.domain() else { return format!("{}://{host}", url.scheme()) };
    let labels: Vec<_> = name.trim_end_matches('.').split('.').collect();
    // co.kr, or.kr, com.au: two letters below a country.
    let of_country = matches!(labels[..], [.., second, country] if country.len() == 2
        && ["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org", "pe", "re"].contains(&second));
    let shared = SHARED_DOMAINS.iter().any(|domain| name.ends_with(&format!(".{domain}")));
    let kept = if of_country || shared { 3 } else { 2 };
    format!("{}://{}", url.scheme(), labels[labels.len().saturating_sub(kept)..].join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_told_apart_as_browsers_do() {
        let same = |one: &str, other: &str| site(&Url::parse(one).unwrap()) == site(&Url::parse(other).unwrap());
        for (one, other) in [
            ("https://auth.example.com", "https://app.example.com"),
            ("https://auth.example.co.kr", "https://example.co.kr:8443"),
            ("http://localhost:8000", "http://localhost:3000"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:5173"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("https://auth.example.com", "https://example.net"),
            ("https://one.co.kr", "https://two.co.kr"),
            ("https://one.vercel.app", "https://two.vercel.app"),
            ("https://example.com", "http://example.com"),
            ("http://localhost:8000", "http://127.0.0.1:8000"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
