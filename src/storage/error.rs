//! What can go wrong with the database, as its callers need to know it.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::mysql::MySqlDatabaseError;

/// A failure of the database. Never the caller's fault: outside it is a 503, never a 4xx (contract 4.3).
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// Too much at once, or a lock that was not released in time: the same again may succeed.
    #[error("the database is busy")]
    Busy(#[source] Arc<DbErr>),
    /// More writes are waiting than can be done in time: the same again later may succeed.
    #[error("too many writes are waiting for the database")]
    QueueFull,
    /// No answer in any sensible time. What was asked for may have been done all the same.
    #[error("the database does not answer")]
    TooSlow,
    /// Not reachable, shutting down, full or read-only.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<DbErr>),
    /// A statement of ours was refused: a fault of this program.
    #[error("the database refused a statement")]
    Refused(#[source] Arc<DbErr>),
    /// A row says something that cannot be: a fault of this program, or of a hand on the tables.
    #[error("the database holds an impossible value: {0}")]
    Impossible(&'static str),
}

impl StorageError {
    /// Whether this is the one transaction the database ended of several that waited for each other.
    pub(super) fn is_deadlock(&self) -> bool {
        let Self::Busy(error) = self else { return false };
        let (DbErr::Query(RuntimeErr::SqlxError(sqlx)) | DbErr::Exec(RuntimeErr::SqlxError(sqlx))) = error.as_ref()
        else {
            return false;
        };
        // PostgreSQL's deadlock and serialization failure; MySQL has the latter code for its deadlock 1213.
        let code = sqlx.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01"))
    }
}

impl From<DbErr> for StorageError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) => Self::Busy(error.into()),
            DbErr::Conn(_) => Self::Unavailable(error.into()),
            DbErr::Query(RuntimeErr::SqlxError(sqlx)) | DbErr::Exec(RuntimeErr::SqlxError(sqlx)) => match of_sqlx(sqlx)
            {
                Kind::Busy => Self::Busy(error.into()),
                Kind::Unavailable => Self::Unavailable(error.into()),
                Kind::Refused => Self::Refused(error.into()),
            },
            _ => Self::Refused(error.into()),
        }
    }
}

enum Kind {
    Busy,
    Unavailable,
    Refused,
}

fn of_sqlx(error: &sqlx::Error) -> Kind {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::PoolTimedOut => Kind::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Kind::Unavailable,
            _ => Kind::Refused,
        };
    };
    if let Some(database) = database.try_downcast_ref::<MySqlDatabaseError>() {
        return of_mysql(database.number());
    }
    let Some(code) = database.code() else { return Kind::Refused };
    match code.as_ref() {
        // PostgreSQL: serialization failure, deadlock, lock not available, statement timeout.
        "40001" | "40P01" | "55P03" | "57014" => Kind::Busy,
        // PostgreSQL classes: connection, resources, operator intervention, read-only, system error.
        code if ["08", "53", "57", "58"].iter().any(|class| code.len() == 5 && code.starts_with(class)) => {
            Kind::Unavailable
        }
        "25006" => Kind::Unavailable,
        // SQLite result codes arrive as decimal numbers, extended ones in their upper bytes.
        code => match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Kind::Busy,
            Ok(8 | 10 | 13 | 14) => Kind::Unavailable,
            _ => Kind::Refused,
        },
    }
}

/// Numbers of MySQL that mean a server that cannot work.
const AWAY: [u16; 29] = [
    // Disk full, out of memory, too many connections, no thread, a user's limit.
    1021, 1114, 1037, 1038, 1041, 1040, 1135, 1203, 1226, //
    // Storage engine failed, cluster node not ready, shutting down, connection broken or killed.
    1030, 1047, 1053, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, //
    // Read-only server, transaction or tablespace.
    1290, 1792, 1836,
];

/// MySQL's error numbers, which say more than its SQLSTATE does. MariaDB's are the same up to 1900.
fn of_mysql(number: u16) -> Kind {
    match number {
        // Changed since it was read, lock wait timeout, deadlock, interrupted, statement timeout (of MariaDB, of MySQL).
        1020 | 1205 | 1213 | 1317 | 1969 | 3024 => Kind::Busy,
        number if AWAY.contains(&number) => Kind::Unavailable,
        _ => Kind::Refused,
    }
}
