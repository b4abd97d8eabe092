//! `munjigi mock-kakao`: the mock provider alone.

use std::{net::SocketAddr, time::Duration};

use mock_kakao::{MockClient, MockConfig, MockKakao};

use super::{Failure, Outcome, stop_signal};

/// How the mock behaves.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
    /// Base URL browsers reach it under, when not http://localhost:PORT; also the issuer
    #[arg(long)]
    public_url: Option<String>,
    /// Milliseconds added to every answer of a machine endpoint
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Accept only this client; without it any is accepted
    #[arg(long)]
    client_id: Option<String>,
    /// Its secret
    #[arg(long, requires = "client_id")]
    client_secret: Option<String>,
    /// Its redirect URIs; may be given several times
    #[arg(long, requires = "client_id")]
    redirect_uri: Vec<String>,
}

pub(super) async fn run(options: Options) -> Outcome {
    let clients = options.client_id.clone().map(|client_id| MockClient {
        client_id,
        client_secret: options.client_secret.clone(),
        redirect_uris: options.redirect_uri.clone(),
    });
    let config = MockConfig {
        listen: options.listen,
        public_url: options.public_url,
        clients: clients.into_iter().collect(),
        delay: Duration::from_millis(options.delay_ms),
        ..MockConfig::default()
    };
    let mock = MockKakao::start(config).await.map_err(|error| {
        Failure::new(
            format!("cannot listen on {}", options.listen),
            error,
            "stop what listens there, or choose --listen",
        )
    })?;
    let stop = stop_signal();
    let base = mock.base_url();
    println!("mock Kakao on {base}   not Kakao, not for production\n");
    match &options.client_id {
        Some(client_id) => println!("accepts the client {client_id} only"),
        None => println!("accepts any client id, secret and redirect URI"),
    }
    println!(
        "\nfor the gateway's .env:\n  APP_ENV=development\n  KAKAO_AUTH_BASE_URL={base}\n  KAKAO_API_BASE_URL={base}"
    );
    tokio::select! {
        () = stop => {}
        () = mock.stopped() => {}
    }
    Ok(())
}
