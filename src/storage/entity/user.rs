//! Table `users`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    pub nickname: Option<String>,
    pub nickname_is_own: bool,
    pub email: Option<String>,
    pub email_verified: bool,
    pub profile_image: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub sealed_private: Option<Vec<u8>>,
    pub left_at: Option<i64>,
    pub remove_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_many = "super::identity::Entity")]
    Identity,
}

impl Related<super::identity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Identity.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
