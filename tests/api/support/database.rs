//! A database per test, on the engine of this run.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
};

use munjigi::storage::Storage;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// An empty database, removed when dropped.
pub struct TestDatabase {
    pub url: String,
    /// The same without a pooler between.
    pub direct: String,
    _folder: Option<tempfile::TempDir>,
}

/// Whether this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    server() == Some("postgres")
}

/// Whether this run is on MariaDB.
pub fn on_mariadb() -> bool {
    server() == Some("mariadb")
}

/// The server of this run, as its script is called; none for SQLite.
fn server() -> Option<&'static str> {
    match std::env::var("MUNJIGI_TEST_ENGINE").as_deref() {
        Ok("postgres") => Some("postgres"),
        Ok("mariadb") => Some("mariadb"),
        Ok("sqlite") | Err(_) => None,
        Ok(other) => panic!("MUNJIGI_TEST_ENGINE={other} is none of sqlite, postgres, mariadb"),
    }
}

impl TestDatabase {
    pub async fn create() -> Self {
        match server() {
            Some(server) => Self::on(server).await,
            None => Self::sqlite(),
        }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("munjigi.db").display());
        Self { direct: url.clone(), url, _folder: Some(folder) }
    }

    /// One on PostgreSQL, whatever the engine of this run.
    pub async fn on_postgres() -> Self {
        Self::on("postgres").await
    }

    async fn on(server: &str) -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let folder = &cluster(server).folder;
        let name = format!("t{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        let (url, own): (&dyn Fn(&str) -> String, _) = match server {
            "postgres" => (&|name| format!("postgres://postgres@localhost/{name}?host={folder}"), "postgres"),
            _ => (&|name| format!("mysql://root@localhost/{name}?socket={folder}/socket"), "mysql"),
        };
        let admin = Database::connect(url(own)).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        let direct = url(&name);
        let is_pooled = server == "postgres" && std::env::var_os("MUNJIGI_TEST_PGBOUNCER").is_some();
        let through = if is_pooled { "&port=6432" } else { "" };
        Self { url: format!("{direct}{through}"), direct, _folder: None }
    }

    /// A storage of its own, not migrated.
    pub async fn storage(&self) -> Storage {
        Storage::connect(&self.url.clone().into()).await.unwrap()
    }

    /// One connection past the gateway.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.direct);
        options.max_connections(1);
        Database::connect(options).await.unwrap()
    }

    /// The first column of a query as texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let db = Database::connect(&self.direct).await.unwrap();
        let backend = db.get_database_backend();
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let texts = rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect();
        db.close().await.unwrap();
        texts
    }

    /// The number a `SELECT COUNT(*)` returns.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = Database::connect(&self.direct).await.unwrap();
        let backend: DbBackend = db.get_database_backend();
        let row = db.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
        let count = row.try_get_by_index::<i64>(0).unwrap();
        db.close().await.unwrap();
        count
    }
}

/// A private server of this process. The script stops it when our end of its standard input closes.
struct Cluster {
    folder: String,
    _stdin: ChildStdin,
    _script: Child,
}

fn cluster(server: &str) -> &'static Cluster {
    static POSTGRES: OnceLock<Cluster> = OnceLock::new();
    static MARIADB: OnceLock<Cluster> = OnceLock::new();
    let cluster = if server == "postgres" { &POSTGRES } else { &MARIADB };
    cluster.get_or_init(|| {
        let script = format!("{}/tests/{server}.sh", env!("CARGO_MANIFEST_DIR"));
        let mut script = Command::new("sh").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdin = script.stdin.take().unwrap();
        let mut folder = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut folder).unwrap();
        assert!(!folder.trim().is_empty(), "{server} did not start; see the message above");
        Cluster { folder: folder.trim().to_owned(), _stdin: stdin, _script: script }
    })
}

/// Somebody else's transaction that lets nobody write until it ends.
pub struct WriteLock(DatabaseConnection);

impl TestDatabase {
    /// Begins a transaction. On SQLite nobody else can write from now on.
    pub async fn begin(&self) -> WriteLock {
        let mut options = ConnectOptions::new(&self.direct);
        options.max_connections(1);
        let lock = WriteLock(Database::connect(options).await.unwrap());
        lock.run(if server().is_some() { "BEGIN" } else { "BEGIN IMMEDIATE" }).await;
        lock
    }

    /// Takes the lock: of the whole file, or of the tables of people on a server.
    pub async fn lock_writes(&self) -> WriteLock {
        let lock = self.begin().await;
        if on_postgres() {
            lock.run("LOCK TABLE identities, sessions IN ACCESS EXCLUSIVE MODE").await;
        }
        if on_mariadb() {
            // Every row and the gaps between them; `LOCK TABLES` would end the transaction.
            lock.run("SELECT * FROM identities FOR UPDATE").await;
            lock.run("SELECT * FROM sessions FOR UPDATE").await;
        }
        lock
    }
}

impl WriteLock {
    /// Runs a statement inside the transaction.
    pub async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }

    /// The same, where the database may say no.
    pub async fn try_run(&self, sql: &str) -> Result<(), sea_orm::DbErr> {
        self.0.execute_unprepared(sql).await.map(drop)
    }

    /// Runs a statement as the last one.
    pub async fn run_and_commit(self, sql: &str) {
        self.run(sql).await;
        self.release().await;
    }

    /// Commits.
    pub async fn release(self) {
        self.run("COMMIT").await;
        self.0.close().await.unwrap();
    }
}
