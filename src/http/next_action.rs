//! What a front end can offer its visitor next: asking Kakao for further consent.

use poem_openapi::{Enum, Object};

use crate::config::ServerConfig;

/// A step a front end may offer.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub struct NextAction {
    /// What kind of step.
    #[oai(rename = "type")]
    kind: Kind,
    /// Kakao's consent items it asks for. A single-page app gives them as `scope` to `login-url`.
    scope: Vec<String>,
    /// Open it by navigation: Kakao asks for these items alone and sends the person back signed in. Add `return_to`.
    pub(super) url: String,
}

#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "lowercase", rename = "NextActionType")]
enum Kind {
    /// The person may agree to more, or not: nothing here depends on it.
    Consent,
}

impl NextAction {
    /// Asking for these items; `None` when there are none.
    pub fn consent(items: &[String], server: &ServerConfig) -> Option<Self> {
        if items.is_empty() {
            return None;
        }
        let scope: String = url::form_urlencoded::byte_serialize(items.join(",").as_bytes()).collect();
        let url = server.url(&format!("/api/auth/kakao/login?scope={scope}"));
        Some(Self { kind: Kind::Consent, scope: items.to_vec(), url })
    }
}

impl poem_openapi::types::Example for NextAction {
    fn example() -> Self {
        Self {
            kind: Kind::Consent,
            scope: vec!["account_email".into()],
            url: "https://auth.example.com/api/auth/kakao/login?scope=account_email".into(),
        }
    }
}
