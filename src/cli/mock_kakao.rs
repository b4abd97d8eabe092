//! `munjigi mock-kakao`: the mock provider alone.

use std::{net::SocketAddr, time::Duration};

use mock_kakao::{Ask, ConsentItem, MockClient, MockConfig, MockKakao, ServiceTerm, UnlinkMethod, UnlinkWebhook};

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
    /// Makes codes, tokens and identifiers the same in every run
    #[arg(long)]
    seed: Option<u64>,
    /// Asks every time who signs in, instead of letting a browser pass that signed in before
    #[arg(long)]
    ask_every_time: bool,
    /// Applies Kakao's limits: tokens per person, calls of /v1/user/ids
    #[arg(long)]
    rate_limits: bool,
    // Boxed, so that this command is not many times the size of the others.
    #[command(flatten)]
    app: Box<Console>,
    #[command(flatten)]
    webhooks: Box<Webhooks>,
}

/// What would be set in Kakao's console.
#[derive(clap::Args)]
#[command(next_help_heading = "The app")]
struct Console {
    /// Accept only this client; without it any is accepted
    #[arg(long)]
    client_id: Option<String>,
    /// Its secret
    #[arg(long, requires = "client_id")]
    client_secret: Option<String>,
    /// Its redirect URIs; may be given several times
    #[arg(long, requires = "client_id")]
    redirect_uri: Vec<String>,
    /// Where /oauth/logout may lead back to; several times; without it anywhere
    #[arg(long)]
    logout_redirect_uri: Vec<String>,
    /// The app's number
    #[arg(long, default_value_t = mock_kakao::APP_ID)]
    app_id: i64,
    /// An admin key, the first is the primary one; several times; without it any is accepted
    #[arg(long)]
    admin_key: Vec<String>,
    /// A consent item: ID, ID:required, ID:optional or ID:on-request; several times. Without it profile_nickname:required,
    /// profile_image, account_email
    #[arg(long, value_parser = consent_item)]
    scope: Vec<ConsentItem>,
    /// A service term: TAG or TAG:required; several times
    #[arg(long, value_parser = service_term)]
    service_term: Vec<ServiceTerm>,
    /// People are linked by /v1/user/signup, not by signing in
    #[arg(long)]
    manual_signup: bool,
    /// People under 14 are not refused
    #[arg(long)]
    accept_under_14: bool,
    /// No ID tokens
    #[arg(long)]
    no_oidc: bool,
    /// Seconds an authorization code may be used
    #[arg(long, default_value_t = 600)]
    code_lifetime: i64,
}

/// What Kakao tells the app.
#[derive(clap::Args)]
#[command(next_help_heading = "Webhooks")]
struct Webhooks {
    /// URL told that somebody unlinked
    #[arg(long)]
    unlink_webhook: Option<String>,
    /// How it is told: get, form or json
    #[arg(long, default_value = "form", value_parser = unlink_method, requires = "unlink_webhook")]
    unlink_method: UnlinkMethod,
    /// URL account-status events (SETs) are pushed to
    #[arg(long)]
    status_webhook: Option<String>,
    /// How often a SET is sent while the answer is neither 202 nor 400
    #[arg(long, default_value_t = 3)]
    set_attempts: u32,
}

pub(super) async fn run(options: Options) -> Outcome {
    let (listen, config) = (options.listen, options.config());
    let mock = MockKakao::start(config.clone()).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Failure::new("the mock cannot start", error, "correct --scope"),
        _ => Failure::new(format!("cannot listen on {listen}"), error, "stop what listens there, or choose --listen"),
    })?;
    let stop = stop_signal();
    greet(mock.base_url(), &config);
    tokio::select! {
        () = stop => {}
        () = mock.stopped() => {}
    }
    Ok(())
}

impl Options {
    fn config(self) -> MockConfig {
        let (app, webhooks) = (*self.app, *self.webhooks);
        let usual = MockConfig::default();
        let clients = app.client_id.map(|client_id| MockClient {
            client_id,
            client_secret: app.client_secret,
            redirect_uris: app.redirect_uri,
        });
        MockConfig {
            listen: self.listen,
            public_url: self.public_url,
            clients: clients.into_iter().collect(),
            delay: Duration::from_millis(self.delay_ms),
            seed: self.seed,
            stay_signed_in: !self.ask_every_time,
            rate_limits: self.rate_limits,
            logout_redirect_uris: app.logout_redirect_uri,
            app_id: app.app_id,
            admin_keys: app.admin_key,
            consent_items: if app.scope.is_empty() { usual.consent_items } else { app.scope },
            service_terms: app.service_term,
            auto_link: !app.manual_signup,
            refuse_under_14: !app.accept_under_14,
            oidc: !app.no_oidc,
            code_lifetime: app.code_lifetime,
            unlink_webhook: webhooks.unlink_webhook.map(|url| UnlinkWebhook { url, method: webhooks.unlink_method }),
            status_webhook: webhooks.status_webhook,
            set_attempts: webhooks.set_attempts,
            ..usual
        }
    }
}

fn greet(base: &str, config: &MockConfig) {
    println!("mock Kakao on {base}   not Kakao, not for production\n");
    match config.clients.first() {
        Some(client) => println!("accepts the client {} only", client.client_id),
        None => println!("accepts any client id, secret and redirect URI"),
    }
    println!(
        "
  People         {base}/                     who can sign in
  Settings       {base}/__mock/account       withdraw, unlink, delete the account
  Webhooks       {base}/__mock/webhooks      send them, see the answers
  Faults         {base}/__mock/faults        what can go wrong
  API            {base}/__mock/openapi.json

for the gateway's .env:
  APP_ENV=development
  KAKAO_AUTH_BASE_URL={base}
  KAKAO_API_BASE_URL={base}"
    );
}

fn consent_item(text: &str) -> Result<ConsentItem, String> {
    let (id, ask) = text.split_once(':').unwrap_or((text, "optional"));
    let ask = match ask {
        "required" => Ask::Required,
        "optional" => Ask::Optional,
        "on-request" => Ask::OnRequest,
        _ => return Err("after the colon: required, optional or on-request".to_owned()),
    };
    Ok(ConsentItem::new(id, ask))
}

fn service_term(text: &str) -> Result<ServiceTerm, String> {
    match text.split_once(':') {
        None => Ok(ServiceTerm { tag: text.to_owned(), required: false }),
        Some((tag, "required")) => Ok(ServiceTerm { tag: tag.to_owned(), required: true }),
        Some(_) => Err("after the colon: required".to_owned()),
    }
}

fn unlink_method(text: &str) -> Result<UnlinkMethod, String> {
    match text {
        "get" => Ok(UnlinkMethod::Get),
        "form" => Ok(UnlinkMethod::Form),
        "json" => Ok(UnlinkMethod::Json),
        _ => Err("get, form or json".to_owned()),
    }
}
