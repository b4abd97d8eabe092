//! What MySQL and MariaDB want differently. There each statement that changes the schema is committed by itself: a change that
//! was cut off in the middle is done again from its beginning, and passes over what is there already.

use sea_orm_migration::{
    prelude::{
        ColumnDef, ConditionalStatement, DbErr, DynIden, Expr, ExprTrait, Index, IndexCreateStatement, IntoIden,
        SchemaManager, Table, TableCreateStatement, TableDropStatement,
    },
    sea_orm::DbBackend,
};

pub(crate) fn is_mysql(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::MySql
}

pub(crate) async fn create_table(manager: &SchemaManager<'_>, mut table: TableCreateStatement) -> Result<(), DbErr> {
    if is_mysql(manager) {
        // Texts are the same when their bytes are, as on the other engines, whatever the database's own default.
        table.if_not_exists().engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    manager.create_table(table).await
}

pub(crate) async fn drop_table(manager: &SchemaManager<'_>, table: impl IntoIden) -> Result<(), DbErr> {
    let mut drop: TableDropStatement = Table::drop();
    drop.table(table.into_iden());
    if is_mysql(manager) {
        drop.if_exists();
    }
    manager.drop_table(drop).await
}

pub(crate) async fn create_index(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoIden,
    column: impl IntoIden,
) -> Result<(), DbErr> {
    create_index_of(manager, name, table, [column.into_iden()]).await
}

pub(crate) async fn create_index_of<const N: usize>(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoIden,
    columns: [DynIden; N],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    for column in columns {
        index.col(column);
    }
    create(manager, name, table.into_iden(), index).await
}

/// An index of a column that is NULL in most rows: without these, where the engine can leave them out.
pub(crate) async fn create_sparse_index(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoIden,
    column: impl IntoIden,
) -> Result<(), DbErr> {
    let column = column.into_iden();
    let mut index = Index::create();
    index.col(column.clone());
    if !is_mysql(manager) {
        index.and_where(Expr::col(column).is_not_null());
    }
    create(manager, name, table.into_iden(), index).await
}

async fn create(
    manager: &SchemaManager<'_>,
    name: &str,
    table: DynIden,
    mut index: IndexCreateStatement,
) -> Result<(), DbErr> {
    if is_mysql(manager) && manager.has_index(table.to_string(), name).await? {
        return Ok(());
    }
    manager.create_index(index.name(name).table(table).to_owned()).await
}

pub(crate) async fn drop_index(manager: &SchemaManager<'_>, name: &str, table: impl IntoIden) -> Result<(), DbErr> {
    let table = table.into_iden();
    if is_mysql(manager) && !manager.has_index(table.to_string(), name).await? {
        return Ok(());
    }
    manager.drop_index(Index::drop().name(name).table(table).to_owned()).await
}

/// One statement a column: SQLite takes no more.
pub(crate) async fn add_column(
    manager: &SchemaManager<'_>,
    table: impl IntoIden,
    mut column: ColumnDef,
) -> Result<(), DbErr> {
    let table = table.into_iden();
    if is_mysql(manager) && manager.has_column(table.to_string(), column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await
}

pub(crate) async fn drop_column(
    manager: &SchemaManager<'_>,
    table: impl IntoIden,
    column: impl IntoIden,
) -> Result<(), DbErr> {
    let (table, column) = (table.into_iden(), column.into_iden());
    if is_mysql(manager) && !manager.has_column(table.to_string(), column.to_string()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await
}
