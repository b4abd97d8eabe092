//! A first login asks whether a call about this person is still owed: by index, also while thousands are owed.

use sea_orm_migration::{
    prelude::{DbErr, DeriveIden, DeriveMigrationName, IntoIden, MigrationTrait, SchemaManager},
    sea_orm,
};

use crate::portable;

/// See the module.
#[derive(DeriveMigrationName, Debug)]
pub struct Migration;

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Kind,
    Subject,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [Outbox::Subject.into_iden(), Outbox::Kind.into_iden()];
        portable::create_index_of(manager, "outbox_subject_kind", Outbox::Table, columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::drop_index(manager, "outbox_subject_kind", Outbox::Table).await
    }
}
