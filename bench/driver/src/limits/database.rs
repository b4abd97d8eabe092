//! Durable commits as a refresh makes them, one row consumed and one inserted, and an indexed read; on a table of 100,000 rows.

use std::{path::Path, time::Duration};

use serde::Serialize;
use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::task::JoinSet;

use crate::{Meter, Outcome, Rate, print};

const ROWS: u64 = 100_000;
const GROUP: usize = 64;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Serialize)]
struct Measured {
    /// A transaction an operation, one connection.
    commit_each: Rate,
    /// The same on sixteen connections; SQLite has one writer.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_each_x16: Option<Rate>,
    /// 64 operations a transaction, in two statements of many rows.
    commit_of_64: Rate,
    read: Rate,
}

/// Keys that are all different and in no order: a bijection of 64 bits (the mixer of SplitMix64).
fn key(number: u64) -> Vec<u8> {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    [(mixed ^ (mixed >> 31)).to_be_bytes(), number.to_be_bytes()].concat()
}

pub async fn measure_sqlite(file: &Path, span: Duration) -> Outcome {
    // As src/storage/connect.rs has them.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "memory")
        .pragma("mmap_size", "268435456");
    let mut db = options.connect().await?;
    sqlx::query("CREATE TABLE bare (id BLOB PRIMARY KEY, consumed_at INTEGER, successor BLOB)")
        .execute(&mut db)
        .await?;
    let mut loading = db.begin().await?;
    for number in 0..ROWS {
        sqlx::query("INSERT INTO bare (id) VALUES (?)").bind(key(number)).execute(&mut *loading).await?;
    }
    loading.commit().await?;
    let mut next = ROWS;
    let mut meter = Meter::new(span);
    while meter.goes_on() {
        let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
        sqlite_pair(&mut transaction, next).await?;
        transaction.commit().await?;
        (next, meter.done) = (next + 1, meter.done + 1);
    }
    let commit_each = meter.rate();
    let commit_of_64 = sqlite_groups(&mut db, next, span).await?;
    let mut meter = Meter::new(span);
    while meter.goes_on() {
        let wanted = key(meter.done % ROWS);
        sqlx::query("SELECT consumed_at, successor FROM bare WHERE id = ?").bind(wanted).fetch_one(&mut db).await?;
        meter.done += 1;
    }
    print(&Measured { commit_each, commit_each_x16: None, commit_of_64, read: meter.rate() })
}

async fn sqlite_pair(db: &mut SqliteConnection, next: u64) -> Result<(), Failure> {
    let consume = "UPDATE bare SET consumed_at = ?, successor = ? WHERE id = ? AND consumed_at IS NULL";
    let consumed = sqlx::query(consume).bind(1_i64).bind(key(next)).bind(key(next - ROWS)).execute(&mut *db).await?;
    if consumed.rows_affected() != 1 {
        return Err("a row was not consumed".into());
    }
    sqlx::query("INSERT INTO bare (id) VALUES (?)").bind(key(next)).execute(db).await?;
    Ok(())
}

async fn sqlite_groups(db: &mut SqliteConnection, mut next: u64, span: Duration) -> Result<Rate, Failure> {
    let mut meter = Meter::new(span);
    while meter.goes_on() {
        let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
        let mut consume = sqlx::query(CONSUME_GROUP);
        let mut insert = sqlx::query(INSERT_GROUP);
        for number in next..next + GROUP as u64 {
            consume = consume.bind(key(number - ROWS)).bind(key(number));
            insert = insert.bind(key(number));
        }
        if consume.execute(&mut *transaction).await?.rows_affected() != GROUP as u64 {
            return Err("a row was not consumed".into());
        }
        insert.execute(&mut *transaction).await?;
        transaction.commit().await?;
        next += GROUP as u64;
        meter.done += GROUP as u64;
    }
    Ok(meter.rate())
}

/// Sixty-four of a piece of SQL, without a comma behind the last.
macro_rules! sixty_four {
    ($one:literal) => {
        concat!(
            sixty_four!(@16 $one), ",", sixty_four!(@16 $one), ",",
            sixty_four!(@16 $one), ",", sixty_four!(@16 $one)
        )
    };
    (@16 $one:literal) => {
        concat!(
            $one, ",", $one, ",", $one, ",", $one, ",", $one, ",", $one, ",", $one, ",", $one, ",",
            $one, ",", $one, ",", $one, ",", $one, ",", $one, ",", $one, ",", $one, ",", $one
        )
    };
}

const CONSUME_GROUP: &str = concat!(
    "WITH pair (old, new) AS (VALUES ",
    sixty_four!("(?,?)"),
    ") UPDATE bare SET consumed_at = 1, successor = pair.new FROM pair WHERE id = pair.old AND consumed_at IS NULL"
);
const INSERT_GROUP: &str = concat!("INSERT INTO bare (id) VALUES ", sixty_four!("(?)"));

const CONSUME_ONE: &str = "WITH consumed AS (UPDATE bare SET consumed_at = 1, successor = $2 WHERE id = $1 AND \
     consumed_at IS NULL RETURNING successor) INSERT INTO bare (id) SELECT successor FROM consumed";
const CONSUME_MANY: &str = "WITH pair AS (SELECT * FROM unnest($1::bytea[], $2::bytea[]) AS pair (old, new)), consumed AS \
     (UPDATE bare SET consumed_at = 1, successor = pair.new FROM pair WHERE id = pair.old AND consumed_at IS NULL \
     RETURNING successor) INSERT INTO bare (id) SELECT successor FROM consumed";

pub async fn measure_postgres(url: &str, span: Duration) -> Outcome {
    let options: PgConnectOptions = url.parse()?;
    let mut db = options.connect().await?;
    sqlx::query("CREATE TABLE bare (id BYTEA PRIMARY KEY, consumed_at BIGINT, successor BYTEA)")
        .execute(&mut db)
        .await?;
    let keys: Vec<_> = (0..ROWS).map(key).collect();
    sqlx::query("INSERT INTO bare (id) SELECT unnest($1::bytea[])").bind(keys).execute(&mut db).await?;
    sqlx::query("ANALYZE bare").execute(&mut db).await?;
    let mut meter = Meter::new(span);
    postgres_pairs(&mut db, &mut meter, ROWS, 1).await?;
    let commit_each = meter.rate();
    let mut next = ROWS + meter.done;
    // Each connection has numbers of its own, in the rows that were there at first.
    let mut together = Meter::new(span);
    let mut connections = JoinSet::new();
    for offset in 0..16 {
        let (options, first) = (options.clone(), next + offset);
        connections.spawn(async move {
            let (mut db, mut meter) = (options.connect().await?, Meter::new(span));
            postgres_pairs(&mut db, &mut meter, first, 16).await?;
            Ok::<_, Failure>(meter.done)
        });
    }
    let mut most = 0;
    while let Some(done) = connections.join_next().await {
        let done = done??;
        together.done += done;
        most = most.max(done);
    }
    let commit_each_x16 = Some(together.rate());
    next += (most + 1) * 16;
    sqlx::query("TRUNCATE bare").execute(&mut db).await?;
    let keys: Vec<_> = (next - ROWS..next).map(key).collect();
    sqlx::query("INSERT INTO bare (id) SELECT unnest($1::bytea[])").bind(keys).execute(&mut db).await?;
    let mut meter = Meter::new(span);
    while meter.goes_on() {
        let numbers = next..next + GROUP as u64;
        let old: Vec<_> = numbers.clone().map(|number| key(number - ROWS)).collect();
        let new: Vec<_> = numbers.map(key).collect();
        let made = sqlx::query(CONSUME_MANY).bind(old).bind(new).execute(&mut db).await?;
        if made.rows_affected() != GROUP as u64 {
            return Err("a row was not consumed".into());
        }
        (next, meter.done) = (next + GROUP as u64, meter.done + GROUP as u64);
    }
    let commit_of_64 = meter.rate();
    let mut meter = Meter::new(span);
    while meter.goes_on() {
        let wanted = key(next - 1 - meter.done % ROWS);
        sqlx::query("SELECT consumed_at, successor FROM bare WHERE id = $1").bind(wanted).fetch_one(&mut db).await?;
        meter.done += 1;
    }
    print(&Measured { commit_each, commit_each_x16, commit_of_64, read: meter.rate() })
}

/// One statement is one transaction.
async fn postgres_pairs(db: &mut PgConnection, meter: &mut Meter, first: u64, step: u64) -> Result<(), Failure> {
    while meter.goes_on() {
        let next = first + meter.done * step;
        let made = sqlx::query(CONSUME_ONE).bind(key(next - ROWS)).bind(key(next)).execute(&mut *db).await?;
        if made.rows_affected() != 1 {
            return Err("a row was not consumed".into());
        }
        meter.done += 1;
    }
    Ok(())
}
