//! Two replicas over a primary with a synchronous standby, under load: a replica is killed, the primary is paused, then killed for
//! good while its standby takes over. Whatever was acknowledged to a client is there afterwards, and no honest client was signed out.

mod clients;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use mock_kakao::{MockClient, MockConfig, MockKakao};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use self::clients::{Crowd, Ledger};
use crate::support::{
    Browser, CLIENT_ID, CLIENT_SECRET, MASTER_SECRET, SPA_REDIRECT,
    binary::{Binary, Running},
    claims, text,
};

/// A primary and its standby, see the script.
struct Pair {
    ports: [u16; 2],
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    script: Child,
}

impl Pair {
    fn start() -> Self {
        let ports = [free_port(), free_port()];
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres-pair.sh");
        let mut script = Command::new("sh")
            .arg(script)
            .args(ports.map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, answers) = (script.stdin.take(), BufReader::new(script.stdout.take().unwrap()));
        let mut pair = Self { ports, commands, answers, script };
        assert_eq!(pair.line(), "ready", "PostgreSQL did not start; see the message above");
        pair
    }

    /// Both hosts, as libpq writes them. The standby stands first: it is passed over until it takes writes.
    fn url(&self) -> String {
        let [primary, standby] = self.ports;
        format!("postgres://postgres@127.0.0.1:{standby},127.0.0.1:{primary}/postgres?target_session_attrs=read-write")
    }

    fn tell(&mut self, command: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        assert_eq!(self.line(), "done");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// The database as it is after the switch.
    async fn survivor(&self) -> DatabaseConnection {
        Database::connect(format!("postgres://postgres@127.0.0.1:{}/postgres", self.ports[1])).await.unwrap()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // The end of its input ends the script and both servers, also one that stands still.
        self.commands = None;
        let _ = self.script.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Two gateways as processes of their own, each on a port that it keeps.
struct Replicas {
    binary: Binary,
    settings: Vec<(&'static str, String)>,
    ports: [u16; 2],
    running: [Option<Running>; 2],
}

impl Replicas {
    fn over(database: &str, kakao: &str) -> Self {
        let ports = [free_port(), free_port()];
        let settings = vec![
            ("APP_ENV", "development".to_owned()),
            ("PUBLIC_URL", format!("http://localhost:{}", ports[0])),
            ("DATABASE_URL", database.to_owned()),
            ("JWT_SECRET_KEY", MASTER_SECRET.to_owned()),
            ("KAKAO_CLIENT_ID", CLIENT_ID.to_owned()),
            ("KAKAO_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("KAKAO_AUTH_BASE_URL", kakao.to_owned()),
            ("KAKAO_API_BASE_URL", kakao.to_owned()),
            ("KAKAO_EXTRA_REDIRECT_URIS", SPA_REDIRECT.to_owned()),
            ("RATE_LIMIT_LOGIN_PER_MINUTE", "0".to_owned()),
        ];
        Self { binary: Binary::new(), settings, ports, running: [None, None] }
    }

    fn bases(&self) -> [String; 2] {
        self.ports.map(|port| format!("http://127.0.0.1:{port}"))
    }

    async fn start(&mut self, index: usize) {
        let listen = format!("127.0.0.1:{}", self.ports[index]);
        let mut settings: Vec<_> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.push(("LISTEN_ADDR", &listen));
        let running = self.binary.start(&["serve"], &settings);
        running.find_in_stderr(|log| log.contains("\"started\"").then_some(()));
        self.running[index] = Some(running);
    }

    /// Ends a replica as the kernel does when memory runs out: at once and without a word.
    fn kill(&mut self, index: usize) {
        self.running[index] = None;
    }

    /// Ends a replica as an orchestrator does.
    fn stop(&mut self, index: usize) {
        let ran = self.running[index].take().unwrap().stop();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
}

#[expect(clippy::print_stdout, reason = "how long it took is worth knowing, and no test: see it with --nocapture")]
#[tokio::test(flavor = "multi_thread")]
async fn kills_a_pause_and_a_switch_of_the_primary_lose_nothing_that_was_acknowledged() {
    let client = MockClient {
        client_id: CLIENT_ID.into(),
        client_secret: Some(CLIENT_SECRET.into()),
        redirect_uris: Vec::new(),
    };
    let kakao = MockKakao::start(MockConfig { clients: vec![client], ..MockConfig::default() }).await.unwrap();
    let mut pair = Pair::start();
    let mut replicas = Replicas::over(&pair.url(), kakao.base_url());
    replicas.start(0).await;
    replicas.start(1).await;

    let crowd = Crowd::enter(replicas.bases(), kakao);
    crowd.go_on("everything is well").await;

    replicas.kill(1);
    crowd.go_on("one replica is gone").await;
    replicas.start(1).await;
    crowd.go_on("it is back").await;

    pair.tell("pause");
    tokio::time::sleep(Duration::from_secs(3)).await;
    pair.tell("resume");
    crowd.go_on("the primary stood still").await;

    replicas.stop(0);
    crowd.go_on("a replica was stopped").await;
    replicas.start(0).await;

    pair.tell("kill");
    let away_since = Instant::now();
    pair.tell("promote");
    let promoted_after = away_since.elapsed();
    crowd.go_on("the standby has taken over").await;
    let recovered_after = crowd.first_since(away_since);

    let ledger = crowd.leave().await;
    println!(
        "promoted after {promoted_after:?}, next acknowledgement after {recovered_after:?}, answers: {:?}",
        ledger.answers
    );
    assert_eq!(ledger.wrongs, Vec::<String>::new(), "answers: {:?}", ledger.answers);
    assert!(ledger.answers.contains_key("unreachable") && ledger.answers.contains_key("503"), "nothing was disturbed");
    let database = pair.survivor().await;
    assert_all_there(&ledger, &database).await;
    assert_chains_go_on(&ledger, &replicas.bases()).await;
    database.close().await.unwrap();
}

/// Every acknowledged login and rotation is a row, and no session has two living heads.
async fn assert_all_there(ledger: &Ledger, database: &DatabaseConnection) {
    let count = async |sql: String| {
        let row = database.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        usize::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()
    };
    let tokens: Vec<_> = ledger.chains.iter().flat_map(|chain| &chain.tokens).map(|token| claims(token)).collect();
    let quoted = |name| tokens.iter().map(|claims| format!("'{}'", text(claims, name))).collect::<Vec<_>>().join(",");
    let stored = count(format!("SELECT COUNT(*) FROM refresh_tokens WHERE jti IN ({})", quoted("jti"))).await;
    assert_eq!(stored, tokens.len(), "every acknowledged refresh token");
    let stored = count(format!("SELECT COUNT(*) FROM sessions WHERE id IN ({})", quoted("sid"))).await;
    assert_eq!(stored, ledger.chains.len(), "every acknowledged login");
    let heads =
        "SELECT session_id FROM refresh_tokens WHERE consumed_at IS NULL GROUP BY session_id HAVING COUNT(*) > 1";
    assert_eq!(count(format!("SELECT COUNT(*) FROM ({heads}) AS forked")).await, 0, "one living head a session");
}

/// The newest acknowledged token of a session gets one successor, the same on both replicas, and that one goes on. Who signed out
/// stays signed out.
async fn assert_chains_go_on(ledger: &Ledger, bases: &[String; 2]) {
    let [one, two] = bases.each_ref().map(|base| Browser::new(base));
    let (out, alive): (Vec<_>, Vec<_>) = ledger.chains.iter().partition(|chain| chain.is_signed_out);
    assert!(out.len() > 5 && alive.len() > 5, "{} signed out, {} alive", out.len(), alive.len());
    for chain in alive {
        let newest = chain.tokens.last().unwrap();
        let successor = text(&one.refresh(newest).await.ok().json(), "refresh_token");
        assert_eq!(successor, text(&two.refresh(newest).await.ok().json(), "refresh_token"));
        two.refresh(&successor).await.ok();
    }
    for chain in out {
        assert_eq!(two.refresh(chain.tokens.last().unwrap()).await.refusal(), (401, "SESSION_REVOKED".into()));
    }
}
