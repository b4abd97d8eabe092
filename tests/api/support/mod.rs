//! A world per test: gateway, mock, database, clock, browsers.

pub mod binary;
mod browser;
mod database;
pub mod events;
pub mod raw;
pub mod redis;
pub mod stub;

use std::{sync::Arc, time::Duration};

use mock_kakao::{IdTokenFault, MockClient, MockConfig, MockKakao};
use munjigi::{
    app::App,
    clock::{Clock, ManualClock, Timestamp},
    config::{Config, Env},
    http::Shared,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use self::{
    browser::{Answer, Browser, Pkce, code_and_state},
    database::{TestDatabase, on_mariadb, on_postgres},
};

pub const CLIENT_ID: &str = "0123456789abcdef0123456789abcdef";
pub const CLIENT_SECRET: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz012345";
pub const MASTER_SECRET: &str = "a-test-master-secret-of-more-than-32-bytes";
pub const FRONT_END: &str = "http://localhost:3000";
/// Kakao's number of the person `full`.
pub const FULL: &str = "4000000001";
pub const SPA_REDIRECT: &str = "http://localhost:3000/auth/kakao/callback";

/// Every way in which an ID token alone can be wrong.
pub const FAULTY_ID_TOKENS: [IdTokenFault; 14] = [
    IdTokenFault::WrongAudience,
    IdTokenFault::WrongIssuer,
    IdTokenFault::AlgNone,
    IdTokenFault::Hs256,
    IdTokenFault::WrongNonce,
    IdTokenFault::NoNonce,
    IdTokenFault::Expired,
    IdTokenFault::FutureIat,
    IdTokenFault::NoIat,
    IdTokenFault::NoSub,
    IdTokenFault::UnknownKid,
    IdTokenFault::NoKid,
    IdTokenFault::ForeignKey,
    IdTokenFault::BadSignature,
];

/// Where the clock of every test starts.
pub const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Everything one test needs.
pub struct World {
    pub gateway: Gateway,
    pub kakao: MockKakao,
    pub clock: Arc<ManualClock>,
    settings: Vec<(String, String)>,
    // Last: removed after its users.
    pub database: TestDatabase,
}

/// A running gateway. Stops when dropped.
pub struct Gateway {
    pub base: String,
    pub shared: Arc<Shared>,
    _stop: oneshot::Sender<()>,
    _task: JoinHandle<()>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A world whose gateway has these settings beside the usual ones.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::with_kakao(settings, |_| ()).await
    }

    /// The same with a mock that is set up otherwise than usual.
    pub async fn with_kakao(settings: &[(&str, &str)], set_up: impl FnOnce(&mut MockConfig)) -> Self {
        Self::over(TestDatabase::create().await, settings, set_up).await
    }

    /// A world over this database.
    pub async fn over(database: TestDatabase, settings: &[(&str, &str)], set_up: impl FnOnce(&mut MockConfig)) -> Self {
        let clock = Arc::new(ManualClock::starting_at(START));
        let kakao_clock = Arc::clone(&clock);
        let client = MockClient {
            client_id: CLIENT_ID.into(),
            client_secret: Some(CLIENT_SECRET.into()),
            redirect_uris: Vec::new(),
        };
        let mut config = MockConfig {
            clients: vec![client],
            clock: Arc::new(move || kakao_clock.now().secs()),
            ..MockConfig::default()
        };
        set_up(&mut config);
        let kakao = MockKakao::start(config).await.unwrap();
        let settings: Vec<_> = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let gateway = Gateway::start(&clock, kakao.base_url(), &database, &settings).await;
        Self { gateway, kakao, clock, settings, database }
    }

    /// Another instance on the same database.
    pub async fn second_gateway(&self) -> Gateway {
        self.gateway_with(&[]).await
    }

    /// Another instance whose settings differ in these.
    pub async fn gateway_with(&self, changes: &[(&str, &str)]) -> Gateway {
        self.gateway_at(&self.clock, changes).await
    }

    /// The same with a clock of its own.
    pub async fn gateway_at(&self, clock: &Arc<ManualClock>, changes: &[(&str, &str)]) -> Gateway {
        let mut settings = self.settings.clone();
        // Replicas stand behind one address.
        settings.push(("PUBLIC_URL".into(), self.gateway.base.clone()));
        settings.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Gateway::start(clock, self.kakao.base_url(), &self.database, &settings).await
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.gateway.base)
    }

    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Signs `person` in as a front end on another site would, and returns the TokenResponse.
    pub async fn sign_in(&self, person: &str) -> Value {
        self.browser().sign_in(&self.kakao, person).await
    }

    /// Names of all audit events, oldest first; of one moment in reverse order of the alphabet.
    pub async fn audit(&self) -> Vec<String> {
        self.database.texts("SELECT event FROM audit_events ORDER BY at, event DESC").await
    }
}

impl Gateway {
    async fn start(
        clock: &Arc<ManualClock>,
        kakao: &str,
        database: &TestDatabase,
        settings: &[(String, String)],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let mut env = Env::from_pairs([
            ("APP_ENV", "development"),
            ("PUBLIC_URL", base.as_str()),
            ("DATABASE_URL", database.url.as_str()),
            ("JWT_SECRET_KEY", MASTER_SECRET),
            ("JWT_ISSUER", "https://auth.example.com"),
            ("KAKAO_CLIENT_ID", CLIENT_ID),
            ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
            ("KAKAO_AUTH_BASE_URL", kakao),
            ("KAKAO_API_BASE_URL", kakao),
            ("KAKAO_EXTRA_REDIRECT_URIS", SPA_REDIRECT),
            ("CORS_ALLOWED_ORIGINS", FRONT_END),
            ("LOGIN_RETURN_URLS", FRONT_END),
            ("RATE_LIMIT_LOGIN_PER_MINUTE", "0"),
        ]);
        if database.url != database.direct {
            env.set("DATABASE_LISTEN_URL", database.direct.as_str());
        }
        for (name, value) in settings {
            env.set(name, value.as_str());
        }
        let config = Config::from_env(&env).unwrap_or_else(|problems| panic!("{problems:?}"));
        let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
        let app = App::build(config, clock, listener, None).await.unwrap();
        let shared = Arc::clone(app.shared());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            app.run(async move { stopped.await.unwrap_or(()) }).await.unwrap();
        });
        Self { base, shared, _stop: stop, _task: task }
    }
}

/// Waits for what goes on beside the requests; a test that waits in vain fails.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..1500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to this: {what}");
}

/// The claims of a JWT, unchecked.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWT, unchecked.
pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let bytes = munjigi::token::secret::from_base64url(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// A member of an answer as text.
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {value}")).to_owned()
}

/// Whether the access token of a TokenResponse counts on the gateway at `base`; its refresh token is left alone.
pub async fn is_signed_in(base: &str, tokens: &Value) -> bool {
    let access = text(tokens, "access_token");
    let ask = async |path| {
        let answer = Browser::new(base).get_as(path, &access).await;
        assert!(answer.status == 200 || answer.refusal() == (401, "SESSION_REVOKED".into()), "{path}: {}", answer.body);
        answer.status == 200
    };
    let (free, stored) = (ask("/api/protected").await, ask("/api/auth/profile").await);
    // It may end between the two, but then for both.
    assert!(free == stored || !ask("/api/protected").await, "one session, one answer");
    stored
}
