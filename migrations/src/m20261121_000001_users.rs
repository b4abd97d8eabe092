//! Users, and the identities they are found by.

use sea_orm_migration::{
    prelude::{
        DbErr, DeriveIden, DeriveMigrationName, ForeignKey, ForeignKeyAction, Index, MigrationTrait, SchemaManager,
        Table,
    },
    schema::{big_integer, boolean, string_len, text_null, uuid},
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
    Username,
    Nickname,
    NicknameIsOwn,
    Email,
    EmailVerified,
    ProfileImage,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Identities {
    Table,
    Provider,
    Subject,
    UserId,
    ProfileReadAt,
    CreatedAt,
    LastLoginAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = Table::create()
            .table(Users::Table)
            .col(uuid(Users::Id).primary_key())
            .col(string_len(Users::Username, 150).unique_key())
            .col(text_null(Users::Nickname))
            .col(boolean(Users::NicknameIsOwn).default(false))
            .col(text_null(Users::Email))
            .col(boolean(Users::EmailVerified).default(false))
            .col(text_null(Users::ProfileImage))
            .col(big_integer(Users::CreatedAt))
            .col(big_integer(Users::UpdatedAt))
            .to_owned();
        portable::create_table(manager, users).await?;

        // The primary key is the unique (provider, subject) that first logins race for.
        let identities = Table::create()
            .table(Identities::Table)
            .col(string_len(Identities::Provider, 32))
            .col(string_len(Identities::Subject, 255))
            .col(uuid(Identities::UserId))
            .col(big_integer(Identities::ProfileReadAt))
            .col(big_integer(Identities::CreatedAt))
            .col(big_integer(Identities::LastLoginAt))
            .primary_key(Index::create().col(Identities::Provider).col(Identities::Subject))
            .foreign_key(
                ForeignKey::create()
                    .from(Identities::Table, Identities::UserId)
                    .to(Users::Table, Users::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        portable::create_table(manager, identities).await?;
        portable::create_index(manager, "identities_user_id", Identities::Table, Identities::UserId).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::drop_table(manager, Identities::Table).await?;
        portable::drop_table(manager, Users::Table).await
    }
}
