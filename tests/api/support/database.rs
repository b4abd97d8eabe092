//! A database per test, on the engine of this run.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
};

use munjigi::storage::Storage;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

/// An empty database, removed when dropped.
pub struct TestDatabase {
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

/// Whether this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    std::env::var("MUNJIGI_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

impl TestDatabase {
    pub async fn create() -> Self {
        if on_postgres() { Self::postgres().await } else { Self::sqlite() }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("munjigi.db").display());
        Self { url, _folder: Some(folder) }
    }

    async fn postgres() -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let folder = &cluster().folder;
        let name = format!("t{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        let url = |database: &str| format!("postgres://postgres@localhost/{database}?host={folder}");
        let admin = Database::connect(url("postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        Self { url: url(&name), _folder: None }
    }

    /// A storage of its own, not migrated.
    pub async fn storage(&self) -> Storage {
        Storage::connect(&self.url.clone().into()).await.unwrap()
    }

    /// The first column of a query as texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let db = Database::connect(&self.url).await.unwrap();
        let backend = db.get_database_backend();
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let texts = rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect();
        db.close().await.unwrap();
        texts
    }

    /// The number a `SELECT COUNT(*)` returns.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = Database::connect(&self.url).await.unwrap();
        let backend: DbBackend = db.get_database_backend();
        let row = db.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
        let count = row.try_get_by_index::<i64>(0).unwrap();
        db.close().await.unwrap();
        count
    }
}

/// The private PostgreSQL of this process. The script stops it when our end of its standard input closes.
struct Cluster {
    folder: String,
    _stdin: ChildStdin,
    _script: Child,
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh");
        let mut script = Command::new("sh").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdin = script.stdin.take().unwrap();
        let mut folder = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut folder).unwrap();
        assert!(!folder.trim().is_empty(), "PostgreSQL did not start; see the message above");
        Cluster { folder: folder.trim().to_owned(), _stdin: stdin, _script: script }
    })
}
