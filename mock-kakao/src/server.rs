//! The routes, and the handle of a running mock.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::web::Data;
use poem::{Body, Endpoint, EndpointExt, Response, Route, Server, get, handler, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::answers;
use crate::authorize::{self, Outcome};
use crate::config::MockConfig;
use crate::faults::{self, Counts, Endpoint as Counted, Fault, Queue};
use crate::listener::NoDelay;
use crate::persons::{Person, SEEDED};
use crate::state::{Grant, Mock};
use crate::{kapi, pages, token};

const BODY_LIMIT: usize = 64 * 1024;

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
    /// Binds the address and serves in the background. The first mock of a process also makes the RSA keys, which takes a
    /// few hundred milliseconds.
    pub async fn start(config: MockConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let addr = listener.local_addr()?;
        let base_url = config.base_url(addr);
        let mock = tokio::task::spawn_blocking(move || Arc::new(Mock::new(config, base_url))).await?;
        let acceptor = NoDelay::new(listener)?;
        let (alive, stop) = oneshot::channel::<()>();
        let app = routes(Arc::clone(&mock));
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
        self.mock.faults.push(fault);
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
        let person = Person::find(person).ok_or_else(|| format!("{person}: no such person"))?;
        let grant = Grant {
            client_id: client_id.to_owned(),
            redirect_uri: String::new(),
            agreed: person.consents,
            person: Arc::new(person),
            openid: self.mock.config.oidc,
            nonce: nonce.map(str::to_owned),
            code_challenge: None,
            granted_at: self.mock.now(),
        };
        self.mock.link(grant.person.id);
        let tokens = token::issue(&self.mock, &grant);
        Ok(SdkTokens { access_token: tokens.access_token, id_token: tokens.id_token })
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

fn routes(mock: Arc<Mock>) -> impl Endpoint {
    Route::new()
        .at("/", get(pages::index))
        .at("/oauth/authorize", get(pages::show_authorize))
        .at("/oauth/token", post(token::post_token))
        .at("/.well-known/jwks.json", get(jwks))
        .at("/.well-known/openid-configuration", get(discovery))
        .at("/v2/user/me", get(kapi::user_me).post(kapi::user_me))
        .at("/v1/user/access_token_info", get(kapi::access_token_info))
        .at("/v1/oidc/userinfo", get(kapi::userinfo).post(kapi::userinfo))
        .at("/v1/user/logout", post(kapi::logout))
        .at("/v1/user/unlink", post(kapi::unlink))
        .at("/__mock/consent", post(pages::decide))
        .at("/__mock/style.css", get(pages::style))
        .at("/__mock/persons", get(persons))
        .at("/__mock/next", post(next))
        .at("/__mock/counts", get(counts))
        .at("/__mock/rotate", post(rotate))
        .data(mock)
}

#[handler]
async fn jwks(Data(mock): Data<&Arc<Mock>>) -> Response {
    mock.faults.count(Counted::Jwks);
    mock.delay().await;
    match mock.faults.take(Queue::Jwks) {
        Some(Fault::JwksStatus(status)) => return answers::outage(status),
        Some(Fault::JwksEmpty) => return answers::json(200, &json!({"keys": []})),
        Some(Fault::JwksGarbage) => return answers::garbage(),
        Some(Fault::JwksSlow(milliseconds)) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        _ => {}
    }
    answers::json(200, &mock.keys.jwks())
}

#[handler]
async fn discovery(Data(mock): Data<&Arc<Mock>>) -> Response {
    mock.faults.count(Counted::Discovery);
    mock.delay().await;
    let base = &mock.base_url;
    answers::json(
        200,
        &json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/oauth/authorize"),
            "token_endpoint": format!("{base}/oauth/token"),
            "userinfo_endpoint": format!("{base}/v1/oidc/userinfo"),
            "jwks_uri": format!("{base}/.well-known/jwks.json"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "request_uri_parameter_supported": false,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported":
                ["iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email"],
        }),
    )
}

#[handler]
fn persons() -> Response {
    let list: Vec<Value> = SEEDED.iter().map(Person::listing).collect();
    answers::json(200, &json!({"persons": list}))
}

#[handler]
async fn next(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    let Ok(body) = body.into_bytes_limit(BODY_LIMIT).await else {
        return answers::text(413, "body too large");
    };
    match faults::parse(&body) {
        Ok(fault) => {
            mock.faults.push(fault.clone());
            answers::json(200, &json!({"queued": fault}))
        }
        Err(error) => answers::json(400, &json!({"error": error})),
    }
}

#[handler]
fn counts(Data(mock): Data<&Arc<Mock>>) -> Response {
    answers::json(200, &mock.faults.counts())
}

#[handler]
async fn rotate(Data(mock): Data<&Arc<Mock>>) -> Response {
    let mock = Arc::clone(mock);
    match tokio::task::spawn_blocking(move || mock.keys.rotate()).await {
        Ok(()) => answers::text(204, ""),
        Err(error) => answers::text(500, error.to_string()),
    }
}
