//! One page a code, and the list of all.

use std::fmt::Write as _;

use super::{MADE_BY, Page, cell, other_language, setting};
use crate::{
    error_code::{Language, Texts},
    explain::{self, Code, Part},
};

/// Pages that help further, below the folder of a language, and the codes they help with.
const GUIDES: &[(&str, Texts, &[&str])] = &[
    (
        "kakao/console-setup.md",
        ("카카오 콘솔 10분 설정", "Kakao's console in ten minutes"),
        &["KOE004", "KOE006", "KOE008", "KOE009", "KOE010", "KOE101", "KOE303", "KAKAO_MISCONFIGURED"],
    ),
    (
        "kakao/consent-and-biz-app.md",
        ("동의항목과 비즈 앱", "Consent items and biz apps"),
        &["KOE203", "KOE205", "-402", "KAKAO_CONSENT_REQUIRED"],
    ),
    ("kakao/webhooks-and-leaving.md", ("웹훅과 탈퇴", "Webhooks and leaving"), &["-3", "-101", "WEBHOOK_KEY_INVALID"]),
    (
        "guides/tutorial-habits.md",
        ("튜토리얼에서 흔히 보는 습관", "Habits of tutorials"),
        &["KOE320", "KOE303", "KOE006", "KOE010", "KAKAO_CODE_USED", "USE_NAVIGATION"],
    ),
    (
        "guides/localhost-and-cookies.md",
        ("localhost와 쿠키", "localhost and cookies"),
        &["LOGIN_STATE_INVALID", "CSRF_REFUSED"],
    ),
    (
        "guides/cross-domain.md",
        ("다른 도메인의 프런트엔드와 CORS", "Front ends on another domain, and CORS"),
        &["CSRF_REFUSED", "INVALID_RETURN_URL", "INVALID_REDIRECT_URI", "LOGIN_STATE_INVALID"],
    ),
    ("guides/mock-kakao-in-ci.md", ("CI에서 쓰는 모의 카카오", "The mock Kakao in CI"), &["KOE237"]),
    (
        "kakao/in-app-browsers.md",
        ("앱 안의 브라우저", "Browsers inside apps"),
        &[
            "KAKAO_INTERACTION_REQUIRED",
            "LOGIN_STATE_INVALID",
            "login_required",
            "consent_required",
            "interaction_required",
        ],
    ),
    (
        "start/native-apps.md",
        ("네이티브 앱", "Native apps"),
        &["KAKAO_TOKEN_INVALID", "INVALID_NONCE", "NATIVE_LOGIN_OFF"],
    ),
    (
        "explain/refresh-and-reuse.md",
        ("갱신과 재사용 감지", "Refresh and reuse"),
        &["REFRESH_TOKEN_REUSED", "INVALID_REFRESH_TOKEN", "SESSION_EXPIRED", "SESSION_REVOKED"],
    ),
    (
        "operate/incidents.md",
        ("장애가 났을 때", "When something is wrong"),
        &[
            "KAKAO_UNAVAILABLE",
            "STORAGE_UNAVAILABLE",
            "INTERNAL_ERROR",
            "KAKAO_MISCONFIGURED",
            "-12",
            "RATE_LIMIT_EXCEEDED",
        ],
    ),
];

/// The pages of all codes, and `README.md`.
pub(super) fn pages(language: Language) -> Vec<Page> {
    let mut names: Vec<_> = explain::all().map(Code::name).collect();
    names.dedup();
    let page = |name: &&'static str| (format!("errors/{name}.md"), page(name, language));
    let mut pages: Vec<_> = names.iter().map(page).collect();
    pages.push(("errors/README.md".to_owned(), list(language)));
    pages
}

fn page(name: &str, language: Language) -> String {
    let say = |ko, en| language.of((ko, en));
    let codes = explain::named(name);
    let mut text = format!("# {name}\n\n{} · ", other_language(language, "../", &format!("errors/{name}.md")));
    let _ = writeln!(text, "[{}](README.md)", say("모든 오류 코드", "All error codes"));
    for code in codes {
        let kind = if matches!(code, Code::Ours(_)) { say("뜻", "title") } else { say("카카오", "Kakao sends") };
        let heading = cell(&code.heading());
        let _ = write!(text, "\n{}\n\n| {kind} | {heading} |\n|---|---|\n", code.summary(language));
        for row in code.rows(language) {
            let parts: String = row.parts.iter().map(part).collect();
            let _ = writeln!(text, "| {} | {parts} |", row.label);
        }
    }
    let guides: Vec<_> = GUIDES.iter().filter(|(_, _, codes)| codes.contains(&name)).collect();
    if !guides.is_empty() {
        let links: Vec<_> =
            guides.iter().map(|(path, title, _)| format!("[{}](../../{path})", language.of(*title))).collect();
        let _ = write!(text, "\n{}: {}\n", say("더 읽을거리", "Read on"), links.join(" · "));
    }
    let _ =
        write!(text, "\n{} `munjigi explain {name}`\n", say("터미널에서 같은 내용 보기:", "The same in a terminal:"));
    text
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => cell(text),
        Part::Code(name) => format!("[`{name}`]({name}.md)"),
        Part::Setting(name) => setting(name, "../"),
    }
}

fn list(language: Language) -> String {
    let say = |ko, en| language.of((ko, en));
    let title = say("오류 코드", "Error codes");
    let mut text = format!("# {title}\n\n{}\n\n", other_language(language, "../", "errors/README.md"));
    text += say(
        "게이트웨이의 오류 응답에는 `error`(코드)와 `type`(그 코드의 설명 페이지 주소)이 있습니다. 카카오가 코드를 준 오류라면 `kakao_code`도 있습니다. \
         같은 설명을 게이트웨이의 `/docs/errors/`와 `munjigi explain`에서도 볼 수 있습니다.",
        "An error of the gateway carries `error`, the code, and `type`, the address of the page about it; where Kakao gave a code of its own, `kakao_code` too. \
         The same texts are at the gateway's `/docs/errors/` and in `munjigi explain`.",
    );
    let _ = write!(text, "\n\n{}\n", language.of(MADE_BY));
    for (heading, ours) in
        [(say("게이트웨이의 코드", "Codes of the gateway"), true), (say("카카오의 코드", "Codes of Kakao's"), false)]
    {
        let _ = write!(text, "\n## {heading}\n\n| {} | {} |\n|---|---|\n", say("코드", "code"), say("뜻", "meaning"));
        for code in explain::all().filter(|code| matches!(code, Code::Ours(_)) == ours) {
            let name = code.name();
            let _ = writeln!(text, "| [`{name}`]({name}.md) | {} |", cell(code.summary(language)));
        }
    }
    text
}
