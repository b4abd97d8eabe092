//! An insertion that decides: of several with one key, exactly one is made.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, SqlErr, sea_query::OnConflict};

use super::StorageError;

/// Inserts `row`; false when a row with the same values of `key` was there, or came to be there while this one waited.
pub(super) async fn if_new<A: ActiveModelTrait>(
    db: &impl ConnectionTrait,
    row: A,
    key: impl IntoIterator<Item = <A::Entity as EntityTrait>::Column>,
) -> Result<bool, StorageError> {
    let insert = <A::Entity as EntityTrait>::insert(row);
    if db.get_database_backend() != DbBackend::MySql {
        let nothing = OnConflict::columns(key).do_nothing().to_owned();
        return Ok(insert.on_conflict(nothing).exec_without_returning(db).await? == 1);
    }
    // What MySQL has instead either passes over every other fault of a row too or, with rows counted as found, counts one
    // whether or not it inserted any. But there a refused statement leaves its transaction as it was.
    match insert.exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
