//! Many rows as one parameterised table `v`: a `VALUES` list of a few fixed lengths on SQLite, `unnest` of one array a column
//! on PostgreSQL. The text of a statement is therefore one of six, or the same always, and stays prepared.
//!
//! Each question to the database costs a wait, whose length has little to do with what is asked: a hop to SQLite's thread and
//! back, a round trip to PostgreSQL. So what can be asked together is:
//! in a [`Script`], or in a statement whose parts are `WITH` queries.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value, sea_query::ArrayType};

use crate::storage::StorageError;

/// The most rows a statement takes.
pub(super) const MOST: usize = 64;

/// Lengths of `VALUES` lists; a shorter one is filled up with NULLs. None has a single row: SQLite would put its parameters
/// in place of the columns, look at their values when it plans, and so plan anew for each.
const LENGTHS: [usize; 6] = [2, 4, 8, 16, 32, MOST];

/// Between the statements of one text.
const BETWEEN: &str = ";\n";

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

    /// Runs `WITH v AS (…) {sql}` for its answer; nothing is asked when there is nothing in `v`.
    pub(super) async fn query(&self, db: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, StorageError> {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        let backend = db.get_database_backend();
        let mut values = Vec::new();
        let source = match backend {
            DbBackend::Postgres => self.unnest("v", &mut values),
            _ => self.values(padded(self.rows.len()), &mut values),
        };
        let statement = Statement::from_sql_and_values(backend, format!("WITH {source} {sql}"), values);
        #[cfg(test)]
        tests::read_no_whole_table(db, &statement).await;
        Ok(db.query_all_raw(statement).await?)
    }

    /// `v` as a list of `length` rows, whose parameters follow those in `values`.
    fn values(&self, length: usize, values: &mut Vec<Value>) -> String {
        let mut sql = String::with_capacity(16 + N * 16 + length * (2 * N + 3));
        sql.push_str("v(");
        for (index, Column(name, ..)) in self.columns.iter().enumerate() {
            let _ = write!(sql, "{}{name}", if index == 0 { "" } else { ", " });
        }
        sql.push_str(") AS (VALUES ");
        for parameter in 0..length * N {
            sql.push_str(match parameter {
                // Without numbers: SQLite looks a number up in a list at each binding.
                0 => "(?",
                inside if inside % N != 0 => ",?",
                _ => "),(?",
            });
        }
        sql.push_str("))");
        let filler = std::iter::repeat_with(|| self.columns.map(|column| column.1.null()));
        values.extend(self.rows.iter().cloned().chain(filler).take(length).flatten());
        sql
    }

    /// `v`, or whatever it is to be called, as arrays that follow the parameters in `values`.
    fn unnest(&self, name: &str, values: &mut Vec<Value>) -> String {
        let (mut selected, mut arrays, mut names) = (String::new(), String::new(), String::new());
        for (index, Column(name, kind, may_be_null)) in self.columns.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let (nothing, text) = kind.nothing();
            let _ = match may_be_null {
                true => write!(selected, "{comma}NULLIF({name}, {text}) AS {name}"),
                false => write!(selected, "{comma}{name}"),
            };
            let _ = write!(arrays, "{comma}${}::{}", values.len() + 1, kind.array());
            let _ = write!(names, "{comma}{name}");
            let null = kind.null();
            let cells =
                self.rows.iter().map(|row| if row[index] == null { nothing.clone() } else { row[index].clone() });
            values.push(Value::Array(kind.array_type(), Some(Box::new(cells.collect()))));
        }
        format!("{name} AS (SELECT {selected} FROM unnest({arrays}) AS u({names}))")
    }
}

/// The length of a `VALUES` list for so many rows.
fn padded(rows: usize) -> usize {
    LENGTHS.into_iter().find(|length| *length >= rows).unwrap_or(rows)
}

/// Statements over rows of their own that are one question: a text of several statements on SQLite, on PostgreSQL one statement
/// whose parts are `WITH` queries. None of them may ask for what another has done, except on SQLite, where they run in turn.
pub(super) struct Script {
    backend: DbBackend,
    length: usize,
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Script {
    /// Of parts with at most `most` rows each.
    pub(super) fn new(db: &impl ConnectionTrait, most: usize) -> Self {
        Self { backend: db.get_database_backend(), length: padded(most), parts: Vec::new(), values: Vec::new() }
    }

    /// Inserts `rows` into `table`, whose columns have the same names.
    pub(super) fn insert<const N: usize>(&mut self, table: &str, rows: &Rows<N>) {
        let names = rows.columns.iter().map(|column| column.0).collect::<Vec<_>>().join(", ");
        let first = rows.columns[0].0;
        self.part(rows, |v| format!("INSERT INTO {table} ({names}) SELECT {names} FROM {v} WHERE {first} IS NOT NULL"));
    }

    /// Runs what `sql` makes of the name of the table `rows`, if there are any.
    pub(super) fn part<const N: usize>(&mut self, rows: &Rows<N>, sql: impl Fn(&str) -> String) {
        if rows.rows.is_empty() {
            return;
        }
        let number = self.parts.len();
        self.parts.push(if self.backend == DbBackend::Postgres {
            let v = format!("v{number}");
            format!("{}, done{number} AS ({})", rows.unnest(&v, &mut self.values), sql(&v))
        } else {
            format!("WITH {} {}", rows.values(self.length, &mut self.values), sql("v"))
        });
    }

    /// All of them, or an error.
    pub(super) async fn execute(self, db: &impl ConnectionTrait) -> Result<(), StorageError> {
        let text = match self.backend {
            _ if self.parts.is_empty() => return Ok(()),
            DbBackend::Postgres => format!("WITH {} SELECT 1", self.parts.join(", ")),
            _ => self.parts.join(BETWEEN),
        };
        let statement = Statement::from_sql_and_values(self.backend, text, self.values);
        #[cfg(test)]
        tests::read_no_whole_table(db, &statement).await;
        db.execute_raw(statement).await?;
        Ok(())
    }

    /// All of them, on SQLite, for the rows of the last; the others answer none.
    pub(super) async fn query(self, db: &impl ConnectionTrait) -> Result<Vec<QueryResult>, StorageError> {
        if self.parts.is_empty() {
            return Ok(Vec::new());
        }
        let statement = Statement::from_sql_and_values(self.backend, self.parts.join(BETWEEN), self.values);
        #[cfg(test)]
        tests::read_no_whole_table(db, &statement).await;
        Ok(db.query_all_raw(statement).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stops a test one of whose statements would become slower with every user.
    pub(super) async fn read_no_whole_table(db: &impl ConnectionTrait, text: &Statement) {
        let values = text.values.clone().unwrap_or(sea_orm::Values(Vec::new())).0;
        let mut used = 0;
        for sql in text.sql.split(BETWEEN) {
            let plan = Statement::from_sql_and_values(
                text.db_backend,
                format!("EXPLAIN QUERY PLAN {sql}"),
                values[used..].to_vec(),
            );
            used += sql.matches('?').count();
            for row in db.query_all_raw(plan).await.unwrap() {
                let step: String = row.try_get("", "detail").unwrap();
                let large = ["users", "identities", "sessions", "refresh_tokens", "audit_events", "outbox"];
                assert!(!large.iter().any(|table| step.starts_with(&format!("SCAN {table}"))), "{step}: {sql}");
            }
        }
    }
}
