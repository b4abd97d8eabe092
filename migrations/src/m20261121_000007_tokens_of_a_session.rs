//! The refresh tokens of a session lie side by side in one index, which finds them by their session and each by itself: with
//! millions of others, the one a refresh consumes and the one it makes are in one page of it.

use sea_orm_migration::{
    prelude::{
        DbErr, DeriveIden, DeriveMigrationName, ForeignKey, ForeignKeyAction, Index, MigrationTrait, SchemaManager,
        Table, TableCreateStatement,
    },
    schema::{big_integer, big_integer_null, uuid, uuid_null},
    sea_orm::{self, ConnectionTrait, DbBackend},
};

use crate::portable;

/// See the module.
#[derive(DeriveMigrationName, Debug)]
pub struct Migration;

#[derive(DeriveIden, Clone, Copy)]
enum RefreshTokens {
    Table,
    Jti,
    SessionId,
    IssuedAt,
    ExpiresAt,
    ConsumedAt,
    Successor,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
}

const BY_SESSION: &str = "refresh_tokens_session_id";
const BY_EXPIRY: &str = "refresh_tokens_expires_at";

/// Room in each page for the one change of a row: next to it, no index has to learn of it (Heap-Only Tuples).
const WITH_ROOM: &str = "ALTER TABLE refresh_tokens SET (fillfactor = 90); ALTER TABLE sessions SET (fillfactor = 90)";
const WITHOUT_ROOM: &str = "ALTER TABLE refresh_tokens RESET (fillfactor); ALTER TABLE sessions RESET (fillfactor)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        match manager.get_database_backend() {
            DbBackend::Sqlite => {
                let mut key = Index::create();
                key.col(RefreshTokens::SessionId).col(RefreshTokens::Jti);
                return rebuild(manager, table().primary_key(&mut key)).await;
            }
            DbBackend::Postgres => {
                let key = "ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_pkey, \
                           ADD PRIMARY KEY (session_id, jti)";
                db.execute_unprepared(key).await?;
                db.execute_unprepared(WITH_ROOM).await?;
            }
            _ => {
                let key = "ALTER TABLE refresh_tokens DROP PRIMARY KEY, ADD PRIMARY KEY (session_id, jti)";
                db.execute_unprepared(key).await?;
            }
        }
        portable::drop_index(manager, BY_SESSION, RefreshTokens::Table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        match manager.get_database_backend() {
            DbBackend::Sqlite => {
                let mut key = Index::create();
                key.col(RefreshTokens::Jti);
                rebuild(manager, table().primary_key(&mut key)).await?;
            }
            DbBackend::Postgres => {
                let key = "ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_pkey, ADD PRIMARY KEY (jti)";
                db.execute_unprepared(key).await?;
                db.execute_unprepared(WITHOUT_ROOM).await?;
            }
            _ => {
                // First the index: the foreign key needs one of the two.
                portable::create_index(manager, BY_SESSION, RefreshTokens::Table, RefreshTokens::SessionId).await?;
                let key = "ALTER TABLE refresh_tokens DROP PRIMARY KEY, ADD PRIMARY KEY (jti)";
                db.execute_unprepared(key).await?;
                return Ok(());
            }
        }
        portable::create_index(manager, BY_SESSION, RefreshTokens::Table, RefreshTokens::SessionId).await
    }
}

/// SQLite cannot change the key of a table.
async fn rebuild(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared("ALTER TABLE refresh_tokens RENAME TO refresh_tokens_before").await?;
    manager.create_table(table.to_owned()).await?;
    let columns = "session_id, jti, issued_at, expires_at, consumed_at, successor";
    let copy =
        format!("INSERT INTO refresh_tokens ({columns}) SELECT {columns} FROM refresh_tokens_before ORDER BY 1, 2");
    db.execute_unprepared(&copy).await?;
    // Its indexes go with it.
    db.execute_unprepared("DROP TABLE refresh_tokens_before").await?;
    portable::create_index(manager, BY_EXPIRY, RefreshTokens::Table, RefreshTokens::ExpiresAt).await
}

fn table() -> TableCreateStatement {
    Table::create()
        .table(RefreshTokens::Table)
        .col(uuid(RefreshTokens::SessionId))
        .col(uuid(RefreshTokens::Jti))
        .col(big_integer(RefreshTokens::IssuedAt))
        .col(big_integer(RefreshTokens::ExpiresAt))
        .col(big_integer_null(RefreshTokens::ConsumedAt))
        .col(uuid_null(RefreshTokens::Successor))
        .foreign_key(
            ForeignKey::create()
                .from(RefreshTokens::Table, RefreshTokens::SessionId)
                .to(Sessions::Table, Sessions::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
