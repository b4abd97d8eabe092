//! Addresses, origins and proxies.

use std::net::SocketAddr;

use ipnet::IpNet;
use url::{Origin, Url};

use super::Reader;

/// Whether loopback may do without https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppEnv {
    /// Refuses everything that is only safe on a developer's machine.
    Production,
    /// http on loopback, cookies without `Secure` there, any upstream.
    Development,
}

/// Addresses, origins and proxies.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Production or development.
    pub env: AppEnv,
    /// Where to listen.
    pub listen: SocketAddr,
    /// External base URL without a trailing slash; never taken from `Host`.
    pub public_url: Url,
    /// Origins that may call with credentials.
    pub cors_origins: Vec<String>,
    /// Origins `return_to` may point at; contains that of `public_url`.
    pub return_origins: Vec<Origin>,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Requests a minute and client IP over the login routes; 0 = off.
    pub login_rate_per_minute: u32,
}

impl ServerConfig {
    /// `public_url` with a path: `self.url("/oauth/token")`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Whether cookies get `Secure` and the `__Host-` prefix.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> ServerConfig {
    let env = reader.parse("APP_ENV", AppEnv::Production, "production or development", |text| match text {
        "production" => Some(AppEnv::Production),
        "development" => Some(AppEnv::Development),
        _ => None,
    });
    let default_listen = SocketAddr::from(([127, 0, 0, 1], 8000));
    let listen = reader
        .parse("LISTEN_ADDR", default_listen, "an address with a port, e.g. 0.0.0.0:8000", |text| text.parse().ok());
    let public_url = read_public_url(reader, env);
    let cors_origins = read_origins(reader, "CORS_ALLOWED_ORIGINS", env);
    let mut return_origins = vec![public_url.origin()];
    let further = read_origins(reader, "LOGIN_RETURN_URLS", env);
    return_origins.extend(further.iter().filter_map(|text| Url::parse(text).ok()).map(|url| url.origin()));
    let trusted_proxies = reader.list("TRUSTED_PROXIES", "a CIDR such as 10.0.0.0/8", |text| {
        text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
    });
    let rate = reader.number("RATE_LIMIT_LOGIN_PER_MINUTE", 30, 0..=1_000_000);
    let login_rate_per_minute = u32::try_from(rate).unwrap_or(u32::MAX);
    ServerConfig { env, listen, public_url, cors_origins, return_origins, trusted_proxies, login_rate_per_minute }
}

fn read_public_url(reader: &mut Reader<'_>, env: AppEnv) -> Url {
    let url = reader.text("PUBLIC_URL").unwrap_or_else(|| "http://localhost:8000".to_owned());
    let Some(url) = base_url(&url) else {
        let why = "every link and the token issuer are made from it";
        reader.problem("PUBLIC_URL", format!("= {url:?} is not a base URL"), why, "use https://auth.example.com");
        return unused_url();
    };
    if url.scheme() != "https" {
        if env == AppEnv::Production {
            let why = "tokens and cookies would travel unencrypted, and APP_ENV is production";
            reader.problem(
                "PUBLIC_URL",
                format!("= {url} is not https"),
                why,
                "use https, or APP_ENV=development on your own machine",
            );
        } else if !is_loopback(&url) {
            let why = "without https only loopback is safe, also in development";
            reader.problem(
                "PUBLIC_URL",
                format!("= {url} is http and not loopback"),
                why,
                "use http://localhost:PORT or https",
            );
        }
    }
    url
}

/// Stands where a URL could not be read. Nothing uses it: the problem stops the start.
pub(super) fn unused_url() -> Url {
    #[expect(clippy::expect_used, reason = "a constant")]
    Url::parse("http://localhost").expect("parses")
}

/// An http(s) URL without query, fragment or credentials; its path keeps no trailing slash.
pub(super) fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let clean = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    clean.then_some(url)
}

/// Whether the host of `url` is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => false,
    }
}

fn read_origins(reader: &mut Reader<'_>, name: &str, env: AppEnv) -> Vec<String> {
    let text = reader.text(name).unwrap_or_default();
    let mut origins = Vec::new();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        if item.contains('*') {
            let why = "credentials may only go to named origins";
            reader.problem(name, format!("contains {item:?}"), why, format!("{name}=https://app.example.com"));
            continue;
        }
        let url = base_url(item).filter(|url| url.path() == "/" && !item.ends_with("//"));
        match url {
            Some(url) if url.scheme() == "https" || env == AppEnv::Development || is_loopback(&url) => {
                origins.push(url.origin().ascii_serialization());
            }
            Some(_) => {
                let why = "tokens would go to a page anybody on the way can change";
                reader.problem(name, format!("contains {item:?}, which is not https"), why, "use https");
            }
            None => {
                let why = "an origin is scheme, host and port, compared exactly";
                reader.problem(
                    name,
                    format!("contains {item:?}, which is not an origin"),
                    why,
                    "use https://app.example.com",
                );
            }
        }
    }
    origins
}
