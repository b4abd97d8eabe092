//! Where the gateway listens, and where the world finds it.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use serde_json::Value;
use tokio::net::TcpListener;

use super::report::Check;
use crate::{
    config::Config,
    provider::http::{UpstreamError, UpstreamHttp},
};

pub(super) async fn checks(config: &Config, http: &UpstreamHttp) -> Vec<Check> {
    vec![listener(config.server.listen, http).await, public_url(config, http).await]
}

async fn listener(listen: SocketAddr, http: &UpstreamHttp) -> Check {
    let what = format!("{listen} cannot be used");
    match TcpListener::bind(listen).await {
        Ok(_) => Check::good("listener", format!("{listen} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if matches!(livez(&format!("http://{}", reachable(listen)), http).await, Ok(Livez::Munjigi)) {
                Check::good("listener", format!("munjigi answers on {listen}"))
            } else {
                let fix = "stop it, or choose another LISTEN_ADDR";
                Check::broken("listener", what, "another program listens there", fix)
            }
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Check::broken("listener", what, error, "ports below 1024 need a privilege: choose another LISTEN_ADDR")
        }
        Err(error) => Check::broken("listener", what, error, "LISTEN_ADDR has to be an address of this machine"),
    }
}

/// Every address of this machine (0.0.0.0) is reached at its loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn public_url(config: &Config, http: &UpstreamHttp) -> Check {
    let base = config.server.url("");
    match livez(&base, http).await {
        Ok(Livez::Munjigi) => Check::good("public url", format!("munjigi answers at {base}")),
        Ok(Livez::Other(status)) => {
            let why = "a proxy sends its paths elsewhere, or PUBLIC_URL is wrong";
            let fix = "forward every path of PUBLIC_URL to LISTEN_ADDR";
            Check::warning("public url", format!("{base}/livez answers HTTP {status}, but not as munjigi"), why, fix)
        }
        Err(error) => {
            let fix = "start it with munjigi serve; if it runs, look at DNS, the proxy and its certificate";
            Check::warning("public url", format!("{base}/livez does not answer"), error, fix)
        }
    }
}

enum Livez {
    Munjigi,
    Other(u16),
}

async fn livez(base: &str, http: &UpstreamHttp) -> Result<Livez, UpstreamError> {
    let answer = http.get(&format!("{base}/livez")).await?;
    let healthy = serde_json::from_slice::<Value>(&answer.body).is_ok_and(|body| body["status"] == "healthy");
    Ok(if answer.status.is_success() && healthy { Livez::Munjigi } else { Livez::Other(answer.status.as_u16()) })
}
