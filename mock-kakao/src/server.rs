//! The handle of a running mock.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::Server;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::authorize::{self, Outcome};
use crate::config::MockConfig;
use crate::fault_queue::Counts;
use crate::faults::Fault;
use crate::keys::KeySet;
use crate::listener::NoDelay;
use crate::persons::{Person, SEEDED};
use crate::state::{Grant, Mock};
use crate::{routes, sets, token};

/// A running mock. Dropping it stops the server and cuts its connections.
pub struct MockKakao {
    mock: Arc<Mock>,
    addr: SocketAddr,
    server: JoinHandle<io::Result<()>>,
    /// The server runs for as long as this exists.
    alive: oneshot::Sender<()>,
}

/// What an app gets when it signs somebody in with Kakao's SDK.
#[derive(Debug, Clone)]
pub struct SdkTokens {
    /// Kakao's access token.
    pub access_token: String,
    /// The ID token, unless OIDC is off or a fault took it away.
    pub id_token: Option<String>,
}

impl MockKakao {
    /// Binds the address and serves in the background. Fails if the address is taken, or with
    /// [`io::ErrorKind::InvalidInput`] if the configuration names a consent item that does not exist.
    pub async fn start(config: MockConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let addr = listener.local_addr()?;
        let base_url = config.base_url(addr);
        let mock = Mock::new(config, base_url).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let mock = Arc::new(mock);
        let acceptor = NoDelay::new(listener)?;
        let (alive, stop) = oneshot::channel::<()>();
        let app = routes::all().into_app(Arc::clone(&mock));
        let server = tokio::spawn(async move {
            let stopped = async {
                // Nothing is ever sent; the handle's end closes the channel.
                let _ = stop.await;
            };
            Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(app, stopped, Some(Duration::ZERO)).await
        });
        Ok(Self { mock, addr, server, alive })
    }

    /// The base URL of both of Kakao's hosts, such as `http://localhost:41234`; also the OIDC issuer.
    pub fn base_url(&self) -> &str {
        &self.mock.base_url
    }

    /// The address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The people who are always there.
    pub fn persons(&self) -> &'static [Person] {
        &SEEDED
    }

    /// Queues a fault; the next request to its endpoint takes it.
    pub fn next(&self, fault: Fault) {
        self.mock.faults.push(fault, 1);
    }

    /// Queues a fault for the next `times` requests to its endpoint.
    pub fn next_times(&self, fault: Fault, times: u32) {
        self.mock.faults.push(fault, times);
    }

    /// How often each endpoint was called so far.
    pub fn counts(&self) -> Counts {
        self.mock.faults.counts()
    }

    /// Signs with a new key from now on; the old ones stay published.
    pub fn rotate_keys(&self) {
        self.mock.keys.rotate();
    }

    /// Follows an authorize URL as a browser would in which `person` (a name or a number) agrees, and gives the `Location`
    /// it is redirected to. The error is the KOE code of the page that was shown instead, or a sentence when the URL or the
    /// person makes no sense.
    pub fn consent(&self, authorize_url: &str, person: &str) -> Result<String, String> {
        let url = url::Url::parse(authorize_url).map_err(|error| error.to_string())?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(url.query_pairs().filter(|(name, _)| name != "mock_user"));
        query.append_pair("mock_user", person);
        match authorize::authorize(&self.mock, &query.finish(), None) {
            Outcome::Redirect(redirect) => Ok(redirect.location),
            Outcome::Page(code) => Err(code.as_str().to_owned()),
            Outcome::Refused(text) => Err(text),
            Outcome::Choose(_) => Err("nobody chose a person".to_owned()),
        }
    }

    /// Signs `person` in as Kakao's SDK inside an app would, without HTTP: `client_id` becomes the audience of the ID token.
    /// The error is a sentence saying that there is no such person.
    pub fn sdk_login(&self, client_id: &str, person: &str, nonce: Option<&str>) -> Result<SdkTokens, String> {
        let person = self.mock.person(person).ok_or_else(|| format!("{person}: no such person"))?;
        let grant = Grant {
            client_id: client_id.to_owned(),
            redirect_uri: String::new(),
            link: self.mock.link(&person, person.consents.and(self.mock.items.shown_first)),
            openid: self.mock.config.oidc,
            nonce: nonce.map(str::to_owned),
            code_challenge: None,
            granted_at: self.mock.now(),
        };
        let tokens = token::issue(&self.mock, &grant);
        Ok(SdkTokens { access_token: tokens.access_token, id_token: tokens.id_token })
    }

    /// Well-formed claims of a security event token about the person with this number: one event, a fresh `jti`.
    pub fn set_claims(&self, aud: &str, user_id: &str, event_uri: &str) -> Value {
        sets::claims(&self.mock, aud, user_id, event_uri)
    }

    /// Signs exactly these claims as a security event token. Members of `header` override the usual
    /// `{"alg":"RS256","typ":"secevent+jwt","kid":<current>}`, and one given as null is left out. With `alg` `none` the
    /// signature is empty; with `HS256` the secret is the DER form of the public key.
    pub fn sign_set(&self, header: &Value, claims: &Value) -> String {
        sets::sign(&self.mock, self.mock.keys.signing(), header, claims)
    }

    /// The same with a key that is not published, under the `kid` of the one that is.
    pub fn sign_set_with_foreign_key(&self, header: &Value, claims: &Value) -> String {
        sets::sign(&self.mock, KeySet::foreign(), header, claims)
    }

    /// Moves the mock's time against [`MockConfig::clock`]. Unlike `POST /__mock/clock` this unlinks nobody who was late with
    /// signing up.
    pub fn advance(&self, seconds: i64) {
        self.mock.advance(seconds);
    }

    /// Everything is as it was at the start: people, links, tokens, faults, counters, keys, time, the seed's sequence.
    pub fn reset(&self) {
        self.mock.reset();
    }

    /// The newest webhook deliveries first, at most 50, as `GET /__mock/webhooks/log` shows them.
    pub fn deliveries(&self) -> Value {
        json!(self.mock.sender.deliveries())
    }

    /// Everybody is unlinked, and every token and code is void; nothing else changes, and no webhook is sent.
    pub fn forget_links(&self) {
        self.mock.links.clear();
    }

    /// Waits until the server ends, which it does only by failing. Dropping the future stops the server.
    pub async fn stopped(self) {
        let Self { server, alive, .. } = self;
        match server.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the mock stopped"),
            Err(error) => tracing::error!(%error, "the mock stopped"),
        }
        drop(alive);
    }
}
