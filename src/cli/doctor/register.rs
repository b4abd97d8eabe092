//! What has to be entered in Kakao's developer console, to the letter.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::config::Config;

/// Addresses and where to enter them.
pub(super) struct Register {
    redirect_uris: Vec<String>,
    logout_redirect_uris: Vec<String>,
    unlink_webhook: String,
    account_status_webhook: String,
    public: bool,
}

impl Register {
    pub(super) fn of(config: &Config) -> Self {
        let mut redirect_uris = vec![config.kakao.redirect_uri.clone()];
        let extra = config.kakao.extra_redirect_uris.iter().filter(|uri| **uri != config.kakao.redirect_uri);
        redirect_uris.extend(extra.cloned());
        Self {
            redirect_uris,
            logout_redirect_uris: config.kakao.logout_redirect_uri.iter().cloned().collect(),
            unlink_webhook: config.server.url("/api/webhooks/kakao/unlink"),
            account_status_webhook: config.server.url("/api/webhooks/kakao/account-status"),
            public: config.server.public_url.scheme() == "https",
        }
    }

    /// Each address on a line of its own, so that it can be copied.
    pub(super) fn text(&self) -> String {
        let mut text = "Enter at Kakao (developers.kakao.com), to the letter:\n".to_owned();
        let webhook_note = if self.public { "" } else { "; Kakao calls https addresses only" };
        let mut section = |title: &str, place: &str, addresses: &[String]| {
            let _ = writeln!(text, "\n  {title}\n  {place}");
            for address in addresses {
                let _ = writeln!(text, "    {address}");
            }
        };
        section(
            "리다이렉트 URI / Redirect URI (required)",
            "[앱] > [플랫폼 키] > [REST API 키] > [리다이렉트 URI], under the key in KAKAO_CLIENT_ID",
            &self.redirect_uris,
        );
        if !self.logout_redirect_uris.is_empty() {
            let title = "로그아웃 리다이렉트 URI / Logout redirect URI";
            section(title, "[카카오 로그인] > [고급]", &self.logout_redirect_uris);
        }
        section(
            &format!("연결 해제 웹훅 / Unlink webhook (GET or POST{webhook_note})"),
            "[앱] > [웹훅] > [연결 해제 웹훅]",
            std::slice::from_ref(&self.unlink_webhook),
        );
        section(
            &format!("계정 상태 변경 웹훅 / Account status webhook (optional{webhook_note})"),
            "[앱] > [웹훅]",
            std::slice::from_ref(&self.account_status_webhook),
        );
        text
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "redirect_uris": self.redirect_uris,
            "logout_redirect_uris": self.logout_redirect_uris,
            "unlink_webhook": self.unlink_webhook,
            "account_status_webhook": self.account_status_webhook,
        })
    }
}
