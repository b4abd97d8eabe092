//! Sessions, and the refresh tokens that continue them.

use sea_orm_migration::{
    prelude::{
        DbErr, DeriveIden, DeriveMigrationName, ForeignKey, ForeignKeyAction, MigrationTrait, SchemaManager, Table,
        TableCreateStatement,
    },
    schema::{
        big_integer, big_integer_null, binary_len_null, boolean, string_len, string_len_null, text_null, uuid,
        uuid_null,
    },
    sea_orm,
};

use crate::portable;

/// See the module.
#[derive(DeriveMigrationName, Debug)]
pub struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
    UserId,
    ClientId,
    Ip,
    UserAgent,
    CreatedAt,
    LastUsedAt,
    ExpiresAt,
    EndsAt,
    RevokedAt,
    RevokedBecause,
    AttemptHash,
    CodeHash,
    FirstToken,
    FirstLogin,
}

#[derive(DeriveIden)]
enum RefreshTokens {
    Table,
    Jti,
    SessionId,
    IssuedAt,
    ExpiresAt,
    ConsumedAt,
    Successor,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::create_table(manager, sessions()).await?;
        portable::create_index(manager, "sessions_user_id", Sessions::Table, Sessions::UserId).await?;
        portable::create_index(manager, "sessions_revoked_at", Sessions::Table, Sessions::RevokedAt).await?;
        portable::create_index(manager, "sessions_expires_at", Sessions::Table, Sessions::ExpiresAt).await?;
        portable::create_table(manager, refresh_tokens()).await?;
        let (table, by_session, by_expiry) = (RefreshTokens::Table, RefreshTokens::SessionId, RefreshTokens::ExpiresAt);
        portable::create_index(manager, "refresh_tokens_session_id", table, by_session).await?;
        portable::create_index(manager, "refresh_tokens_expires_at", RefreshTokens::Table, by_expiry).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::drop_table(manager, RefreshTokens::Table).await?;
        portable::drop_table(manager, Sessions::Table).await
    }
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table(Sessions::Table)
        .col(uuid(Sessions::Id).primary_key())
        .col(uuid(Sessions::UserId))
        .col(string_len(Sessions::ClientId, 255))
        .col(string_len_null(Sessions::Ip, 45))
        .col(text_null(Sessions::UserAgent))
        .col(big_integer(Sessions::CreatedAt))
        .col(big_integer(Sessions::LastUsedAt))
        .col(big_integer(Sessions::ExpiresAt))
        .col(big_integer(Sessions::EndsAt))
        .col(big_integer_null(Sessions::RevokedAt))
        .col(string_len_null(Sessions::RevokedBecause, 32))
        // One login attempt is finished once, on whichever replica: the database decides.
        .col(binary_len_null(Sessions::AttemptHash, 32).unique_key())
        .col(binary_len_null(Sessions::CodeHash, 32))
        .col(uuid(Sessions::FirstToken))
        .col(boolean(Sessions::FirstLogin))
        .foreign_key(
            ForeignKey::create()
                .from(Sessions::Table, Sessions::UserId)
                .to(Users::Table, Users::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table(RefreshTokens::Table)
        .col(uuid(RefreshTokens::Jti).primary_key())
        .col(uuid(RefreshTokens::SessionId))
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
