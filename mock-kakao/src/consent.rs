//! The consent items: which exist, which of them an app is configured for, and sets of them.

use serde::{Deserialize, Serialize};

/// A consent item Kakao knows. The order of [`ITEMS`] is the order in which the token endpoint names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: &'static str,
    /// As the consent page and `/v2/user/scopes` call it.
    pub(crate) name: &'static str,
    /// `PRIVACY` or `SERVICE`.
    pub(crate) kind: &'static str,
    bit: u16,
}

const fn privacy(bit: u16, id: &'static str, name: &'static str) -> Item {
    Item { id, name, kind: "PRIVACY", bit: 1 << bit }
}

const fn service(bit: u16, id: &'static str, name: &'static str) -> Item {
    Item { id, name, kind: "SERVICE", bit: 1 << bit }
}

/// Every item that an app can be configured for. `openid` is none of them: it asks for an ID token.
pub(crate) const ITEMS: [Item; 13] = [
    privacy(0, "account_email", "카카오계정(이메일)"),
    privacy(1, "profile_image", "프로필 사진"),
    privacy(2, "profile_nickname", "닉네임"),
    privacy(3, "name", "이름"),
    privacy(4, "gender", "성별"),
    privacy(5, "age_range", "연령대"),
    privacy(6, "birthday", "생일"),
    privacy(7, "birthyear", "출생 연도"),
    privacy(8, "phone_number", "카카오계정(전화번호)"),
    privacy(9, "account_ci", "CI(연계정보)"),
    privacy(10, "shipping_address", "배송지 정보"),
    service(11, "friends", "카카오 서비스 내 친구목록"),
    service(12, "talk_message", "카카오톡 메시지 전송"),
];

/// A set of consent items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Items(u16);

impl Items {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const EMAIL: Self = Self(1);
    pub(crate) const IMAGE: Self = Self(1 << 1);
    pub(crate) const NICKNAME: Self = Self(1 << 2);
    pub(crate) const NAME: Self = Self(1 << 3);
    pub(crate) const GENDER: Self = Self(1 << 4);
    pub(crate) const AGE_RANGE: Self = Self(1 << 5);
    pub(crate) const BIRTHDAY: Self = Self(1 << 6);
    pub(crate) const BIRTHYEAR: Self = Self(1 << 7);
    pub(crate) const PHONE_NUMBER: Self = Self(1 << 8);
    pub(crate) const CI: Self = Self(1 << 9);
    pub(crate) const SHIPPING_ADDRESS: Self = Self(1 << 10);
    pub(crate) const ALL: Self = Self((1 << ITEMS.len()) - 1);

    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    /// The item with this id alone.
    pub(crate) fn named(id: &str) -> Option<Self> {
        ITEMS.iter().find(|item| item.id == id).map(|item| Self(item.bit))
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` are in this set.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The items, in Kakao's usual order.
    pub(crate) fn list(self) -> impl Iterator<Item = &'static Item> {
        ITEMS.iter().filter(move |item| self.0 & item.bit != 0)
    }

    /// Their ids, in Kakao's usual order.
    pub(crate) fn ids(self) -> Vec<&'static str> {
        self.list().map(|item| item.id).collect()
    }
}

impl Item {
    /// The set of this item alone.
    pub(crate) const fn set(&self) -> Items {
        Items(self.bit)
    }
}

/// How the app asks for a consent item, as chosen in Kakao's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// On the first consent page, and it cannot be left out or withdrawn.
    Required,
    /// On the first consent page; may be left out.
    Optional,
    /// Only when a later login asks for it with `scope`.
    OnRequest,
}

/// A consent item the app is configured for. `scope` with any other item is KOE205.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentItem {
    /// Kakao's id of the item, such as `phone_number`.
    pub id: String,
    /// How it is asked for.
    pub ask: Ask,
}

impl ConsentItem {
    /// An item by its id.
    pub fn new(id: impl Into<String>, ask: Ask) -> Self {
        Self { id: id.into(), ask }
    }
}

/// The app's consent items as sets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AppItems {
    pub(crate) configured: Items,
    pub(crate) required: Items,
    /// What the first consent page shows.
    pub(crate) shown_first: Items,
}

impl AppItems {
    /// The error names an item that Kakao does not know.
    pub(crate) fn new(items: &[ConsentItem]) -> Result<Self, String> {
        let mut sets = Self { configured: Items::NONE, required: Items::NONE, shown_first: Items::NONE };
        for item in items.iter().filter(|item| item.id != "openid") {
            let set = Items::named(&item.id).ok_or_else(|| {
                let known: Vec<_> = ITEMS.iter().map(|item| item.id).collect();
                format!("{}: no such consent item; known are {}", item.id, known.join(", "))
            })?;
            sets.configured = sets.configured.or(set);
            if item.ask == Ask::Required {
                sets.required = sets.required.or(set);
            }
            if item.ask != Ask::OnRequest {
                sets.shown_first = sets.shown_first.or(set);
            }
        }
        Ok(sets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_sets_are_the_items_of_these_names() {
        for (set, id) in [
            (Items::EMAIL, "account_email"),
            (Items::IMAGE, "profile_image"),
            (Items::NICKNAME, "profile_nickname"),
            (Items::NAME, "name"),
            (Items::GENDER, "gender"),
            (Items::AGE_RANGE, "age_range"),
            (Items::BIRTHDAY, "birthday"),
            (Items::BIRTHYEAR, "birthyear"),
            (Items::PHONE_NUMBER, "phone_number"),
            (Items::CI, "account_ci"),
            (Items::SHIPPING_ADDRESS, "shipping_address"),
        ] {
            assert_eq!(Items::named(id), Some(set), "{id}");
        }
        assert_eq!(Items::ALL.list().count(), ITEMS.len());
        assert_eq!(Items::named("openid"), None);
    }

    #[test]
    fn an_unknown_item_of_the_app_is_named_with_those_that_exist() {
        let error = AppItems::new(&[ConsentItem::new("phone", Ask::Optional)]).unwrap_err();
        assert!(error.starts_with("phone:") && error.contains("phone_number"), "{error}");
    }
}
