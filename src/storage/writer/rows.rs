//! Many rows as one parameterised table `v`: a `VALUES` list of a few fixed lengths on SQLite, `unnest` of one array a column
//! on PostgreSQL. The text of a statement is therefore one of four, or the same always, and stays prepared.

use std::fmt::Write as _;

use sea_orm::{
    ConnectionTrait, EntityTrait, IdenStatic, Iterable, QueryResult, Statement, Value, sea_query::ArrayType,
};

use crate::storage::StorageError;

/// The most rows a statement takes.
pub(super) const MOST: usize = 64;

/// Lengths of `VALUES` lists; a shorter one is filled up with NULLs.
const LENGTHS: [usize; 4] = [1, 4, 16, MOST];

/// The type of a column of `v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Uuid,
    Integer,
    Text,
    Bytes,
    Boolean,
}

impl Kind {
    const fn array(self) -> &'static str {
        match self {
            Self::Uuid => "uuid[]",
            Self::Integer => "bigint[]",
            Self::Text => "text[]",
            Self::Bytes => "bytea[]",
            Self::Boolean => "boolean[]",
        }
    }

    const fn array_type(self) -> ArrayType {
        match self {
            Self::Uuid => ArrayType::Uuid,
            Self::Integer => ArrayType::BigInt,
            Self::Text => ArrayType::String,
            Self::Bytes => ArrayType::Bytes,
            Self::Boolean => ArrayType::Bool,
        }
    }

    const fn null(self) -> Value {
        match self {
            Self::Uuid => Value::Uuid(None),
            Self::Integer => Value::BigInt(None),
            Self::Text => Value::String(None),
            Self::Bytes => Value::Bytes(None),
            Self::Boolean => Value::Bool(None),
        }
    }

    /// What stands for NULL in an array, whose elements cannot be NULL here: a value the column never has.
    fn nothing(self) -> (Value, &'static str) {
        match self {
            Self::Uuid => (uuid::Uuid::nil().into(), "'00000000-0000-0000-0000-000000000000'::uuid"),
            Self::Integer => (i64::MIN.into(), "-9223372036854775808"),
            Self::Text => (String::new().into(), "''"),
            Self::Bytes => (Vec::<u8>::new().into(), "''::bytea"),
            Self::Boolean => (false.into(), "NULL"),
        }
    }
}

/// A column of `v`: its name, its type, and whether it may be NULL. Text and bytes that may be NULL are never empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column(pub &'static str, pub Kind, pub bool);

/// Shorthand for a column that is never NULL.
pub(super) const fn column(name: &'static str, kind: Kind) -> Column {
    Column(name, kind, false)
}

/// Shorthand for one that may be.
pub(super) const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column(name, kind, true)
}

/// Every column of a table by name, for `RETURNING`: SQLite has no `table.*` there, and `*` would mean `v` too.
pub(super) fn columns_of<E: EntityTrait>(table: &str) -> String {
    let names = E::Column::iter().map(|column| format!("{table}.{}", column.as_str()));
    names.collect::<Vec<_>>().join(", ")
}

/// The rows of `v`. The first column is never NULL.
#[derive(Debug, Clone)]
pub(super) struct Rows<const N: usize> {
    columns: &'static [Column; N],
    rows: Vec<[Value; N]>,
}

impl<const N: usize> Rows<N> {
    /// At most [`MOST`] rows.
    pub(super) fn new(columns: &'static [Column; N], rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        let rows: Vec<_> = rows.into_iter().collect();
        debug_assert!(rows.len() <= MOST, "a batch is never longer");
        Self { columns, rows }
    }

    /// Runs `WITH v AS (…) {sql}` and counts the rows it changed; 0 without asking when there is nothing in `v`.
    pub(super) async fn execute(&self, db: &impl ConnectionTrait, sql: &str) -> Result<u64, StorageError> {
        if self.rows.is_empty() {
            return Ok(0);
        }
        let statement = self.statement(db, sql);
        #[cfg(test)]
        tests::reads_no_whole_table(db, &statement).await;
        Ok(db.execute_raw(statement).await?.rows_affected())
    }

    /// Runs `WITH v AS (…) {sql}` for its answer.
    pub(super) async fn query(&self, db: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, StorageError> {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        let statement = self.statement(db, sql);
        #[cfg(test)]
        tests::reads_no_whole_table(db, &statement).await;
        Ok(db.query_all_raw(statement).await?)
    }

    /// Inserts the rows into `table`, whose columns have the same names; returns how many were inserted.
    pub(super) async fn insert(&self, db: &impl ConnectionTrait, table: &str, rest: &str) -> Result<u64, StorageError> {
        let names = self.columns.iter().map(|column| column.0).collect::<Vec<_>>().join(", ");
        let first = self.columns[0].0;
        self.execute(
            db,
            &format!("INSERT INTO {table} ({names}) SELECT {names} FROM v WHERE {first} IS NOT NULL {rest}"),
        )
        .await
    }

    fn statement(&self, db: &impl ConnectionTrait, sql: &str) -> Statement {
        let backend = db.get_database_backend();
        let (source, values) = if backend == sea_orm::DbBackend::Postgres { self.unnest() } else { self.values() };
        Statement::from_sql_and_values(backend, format!("{source} {sql}"), values)
    }

    fn values(&self) -> (String, Vec<Value>) {
        let length = LENGTHS.into_iter().find(|length| *length >= self.rows.len()).unwrap_or(self.rows.len());
        let mut sql = String::from("WITH v(");
        for (index, Column(name, ..)) in self.columns.iter().enumerate() {
            let _ = write!(sql, "{}{name}", if index == 0 { "" } else { ", " });
        }
        sql.push_str(") AS (VALUES ");
        let row = format!("({})", vec!["?"; N].join(","));
        for index in 0..length {
            let _ = write!(sql, "{}{row}", if index == 0 { "" } else { "," });
        }
        sql.push(')');
        let filler = std::iter::repeat_with(|| self.columns.map(|column| column.1.null()));
        (sql, self.rows.iter().cloned().chain(filler).take(length).flatten().collect())
    }

    fn unnest(&self) -> (String, Vec<Value>) {
        let (mut selected, mut arrays, mut names) = (String::new(), String::new(), String::new());
        let mut values = Vec::with_capacity(N);
        for (index, Column(name, kind, may_be_null)) in self.columns.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let (nothing, text) = kind.nothing();
            let _ = match may_be_null {
                true => write!(selected, "{comma}NULLIF({name}, {text}) AS {name}"),
                false => write!(selected, "{comma}{name}"),
            };
            let _ = write!(arrays, "{comma}${}::{}", index + 1, kind.array());
            let _ = write!(names, "{comma}{name}");
            let null = kind.null();
            let cells =
                self.rows.iter().map(|row| if row[index] == null { nothing.clone() } else { row[index].clone() });
            values.push(Value::Array(kind.array_type(), Some(Box::new(cells.collect()))));
        }
        (format!("WITH v AS (SELECT {selected} FROM unnest({arrays}) AS u({names}))"), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stops a test whose statement would become slower with every user.
    pub(super) async fn reads_no_whole_table(db: &impl ConnectionTrait, statement: &Statement) {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let values = statement.values.clone().unwrap_or(sea_orm::Values(Vec::new()));
        let plan = Statement::from_sql_and_values(statement.db_backend, sql, values.0);
        for row in db.query_all_raw(plan).await.unwrap() {
            let step: String = row.try_get("", "detail").unwrap();
            let large = ["users", "identities", "sessions", "refresh_tokens", "audit_events", "outbox"];
            assert!(!large.iter().any(|table| step.starts_with(&format!("SCAN {table}"))), "{step}: {}", statement.sql);
        }
    }
}
