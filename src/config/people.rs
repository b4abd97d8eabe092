//! What is kept of people, and what becomes of it when they go.

/// A personal field kept only on demand. The names are Kakao's consent items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateField {
    /// Legal name.
    Name,
    /// Gender.
    Gender,
    /// Bracket of ages.
    AgeRange,
    /// Month and day.
    Birthday,
    /// Year.
    Birthyear,
    /// Telephone.
    PhoneNumber,
}

impl PrivateField {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::Gender, Self::AgeRange, Self::Birthday, Self::Birthyear, Self::PhoneNumber];

    /// The consent item.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Gender => "gender",
            Self::AgeRange => "age_range",
            Self::Birthday => "birthday",
            Self::Birthyear => "birthyear",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// The field of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }
}

/// What becomes of a user whose person took the app off their account at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnlink {
    /// Sessions end; the user stays and is found again at the next login.
    Keep,
    /// Sessions end, personal data is erased; the row stays, so that its id is never free for others.
    Anonymize,
    /// As `Anonymize`, and the row goes too once no token can name it.
    Delete,
}

impl OnUnlink {
    /// The policy of this name in the settings.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "keep" => Some(Self::Keep),
            "anonymize" => Some(Self::Anonymize),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}
