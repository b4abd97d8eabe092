//! The program as an operator runs it: arguments, exit codes, what is printed, how it stops (contract 1).

use serde_json::Value;

use crate::support::{
    Browser, CLIENT_ID, CLIENT_SECRET, MASTER_SECRET,
    binary::{Binary, consent_over_http, demo_urls, started, url_after},
    text,
};

const DEMO: [&str; 5] = ["demo", "--listen", "127.0.0.1:0", "--mock-listen", "127.0.0.1:0"];

/// What `serve` needs in production.
const SETTINGS: [(&str, &str); 6] = [
    ("PUBLIC_URL", "https://auth.example.com"),
    ("KAKAO_CLIENT_ID", CLIENT_ID),
    ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
    ("JWT_SECRET_KEY", MASTER_SECRET),
    ("LISTEN_ADDR", "127.0.0.1:0"),
    ("LOG_FORMAT", "json"),
];

#[test]
fn every_command_explains_itself() {
    let binary = Binary::new();
    let mut found = vec![Vec::<String>::new()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        let mut arguments: Vec<_> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = binary.run(&arguments, &[]);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(help.stdout.contains("Usage: munjigi"), "{}", help.stdout);
        let below = help.stdout.split_once("Commands:\n").map_or("", |(_, rest)| rest);
        let names = below.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
        found.extend(names.filter(|name| *name != "help").map(|name| [&path[..], &[name.to_owned()]].concat()));
        next += 1;
    }
    let commands: Vec<_> = found.iter().map(|path| path.join(" ")).collect();
    for expected in ["demo", "serve", "mock-kakao", "check-config", "migrate down", "keys retire", "openapi"] {
        assert!(commands.iter().any(|command| command == expected), "{expected} is not among {commands:?}");
    }
    let version = binary.run(&["--version"], &[]);
    assert_eq!((version.code, version.stdout.trim()), (Some(0), concat!("munjigi ", env!("CARGO_PKG_VERSION"))));
    let unknown = binary.run(&["serv"], &[]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("serve"), "{}", unknown.stderr);
}

#[test]
fn check_config_names_every_problem_and_where_it_came_from() {
    let binary = Binary::new();
    binary.write(".env", "# settings\nJWT_ALGORITHM=none\nKAKAO_CLIENT_ID=from-the-file\n");
    let ran =
        binary.run(&["check-config"], &[("JWT_SECRET_KEY", "canary-4711"), ("KAKAO_CLIENTSECRET", "canary-4711")]);
    assert_eq!(ran.code, Some(2));
    for expected in [
        "PUBLIC_URL = http://localhost:8000/ is not https",
        "KAKAO_CLIENT_SECRET is not set",
        "[.env:2]",
        "JWT_SECRET_KEY has 11 bytes",
        "[environment]",
        "did you mean KAKAO_CLIENT_SECRET?",
        "4 problems",
    ] {
        assert!(ran.stderr.contains(expected), "{expected} is missing in\n{}", ran.stderr);
    }
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("4711"), "a secret was printed");
}

#[test]
fn check_config_is_content_with_good_settings_and_lists_them_without_secrets() {
    let binary = Binary::new();
    let ran = binary.run(&["check-config"], &SETTINGS);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("0 problems") && ran.stdout.contains("https://auth.example.com"), "{}", ran.stdout);
    for secret in [MASTER_SECRET, CLIENT_SECRET] {
        assert!(!ran.stdout.contains(secret));
        assert!(ran.stdout.contains(&format!("set ({} characters)", secret.len())), "{}", ran.stdout);
    }
    let example = binary.run(&["check-config", "--example"], &[]);
    assert_eq!((example.code, example.stdout), (Some(0), munjigi::config::settings::env_example()));
}

#[test]
fn serve_without_settings_says_what_is_missing_and_points_to_the_demo() {
    let ran = Binary::new().run(&["serve"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    for name in ["KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET", "JWT_SECRET_KEY", "PUBLIC_URL"] {
        assert!(ran.stderr.contains(name), "{name} is missing in\n{}", ran.stderr);
    }
    assert_eq!(ran.stderr.lines().last(), Some("no Kakao app yet? munjigi demo"));
}

#[tokio::test]
async fn serve_in_production_has_nothing_of_the_demo_and_stops_when_asked() {
    let binary = Binary::new();
    let gateway = binary.start(&["serve"], &SETTINGS);
    let browser = Browser::new(&started(&gateway));
    assert_eq!(browser.get("/").await.location(), "/account");
    for path in
        ["/__mock/next", "/__mock/persons", "/assets/demo.js", "/assets/demo.css", "/metrics", "/.env", "/v2/user/me"]
    {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    assert_eq!(browser.get("/readyz").await.status, 200);
    assert!(browser.begin("").await.starts_with("https://kauth.kakao.com/oauth/authorize?"));
    drop(browser);
    let ran = gateway.stop();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    assert!(ran.stderr.lines().last().unwrap().contains("\"event\":\"stopped\""), "{}", ran.stderr);
}

#[test]
fn what_stands_in_the_way_is_said_with_the_way_out() {
    let binary = Binary::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let with = |name, value| [&SETTINGS[..], &[(name, value)]].concat();
    for (name, value, expected) in [
        ("LISTEN_ADDR", address.as_str(), "choose another port"),
        ("DATABASE_URL", "sqlite:///proc/nowhere/munjigi.db", "check DATABASE_URL"),
        ("AUTO_MIGRATE", "false", "munjigi migrate up"),
    ] {
        let ran = binary.run(&["serve"], &with(name, value));
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let last = ran.stderr.lines().last().unwrap();
        assert!(last.contains(expected) && last.matches(" · ").count() == 2, "what, why, what to do: {last}");
    }
}

#[tokio::test]
async fn the_demo_signs_somebody_in_with_no_setting_at_all() {
    let binary = Binary::new();
    let demo = binary.start(&DEMO, &[]);
    let (base, mock) = demo_urls(&demo);
    let browser = Browser::new(&base);
    let home = browser.get("/").await.ok();
    assert!(home.header("content-type").starts_with("text/html") && home.body.contains("/api/auth/kakao/login"));
    let csp = home.header("content-security-policy");
    assert!(csp.contains("script-src 'self'") && csp.contains("frame-ancestors 'none'"), "{csp}");
    for (asset, kind) in [("style.css", "text/css"), ("demo.css", "text/css"), ("demo.js", "text/javascript")] {
        let path = format!("/assets/{asset}");
        assert!(home.body.contains(&format!("\"{path}\"")), "{path}");
        assert!(browser.get(&path).await.ok().header("content-type").starts_with(kind), "{path}");
    }

    let authorize = browser.begin("?return_to=/").await;
    assert!(authorize.starts_with(&format!("{mock}/oauth/authorize?")), "{authorize}");
    let callback = consent_over_http(&browser, &authorize, "full").await;
    assert!(callback.starts_with(&format!("{base}/api/auth/kakao/callback?")), "{callback}");
    assert_eq!(browser.get(&callback).await.location(), format!("{base}/"));
    let tokens = browser.refresh_cookie().await.ok().json();
    assert_eq!(tokens["user"]["nickname"], "김문지");
    assert_eq!(browser.get_as("/api/protected", &text(&tokens, "access_token")).await.status, 200);
    drop(browser);
    assert_eq!(demo.stop().code, Some(0));
    assert!(binary.path("data/demo/munjigi.db").exists());

    let again = binary.start(&DEMO, &[]);
    let base = demo_urls(&again).0;
    assert!(again.find_in_stdout(|text| text.contains("For real").then(|| text.contains("(found)"))));
    let answer = Browser::new(&base).get_as("/api/protected", &text(&tokens, "access_token")).await;
    assert_eq!(answer.status, 401, "another port is another issuer");
    assert_eq!(again.stop().code, Some(0));
}

#[cfg(unix)]
#[test]
fn the_secret_of_the_demo_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let binary = Binary::new();
    let demo = binary.start(&[&DEMO[..], &["--data-dir", "elsewhere"]].concat(), &[]);
    demo_urls(&demo);
    let mode = std::fs::metadata(binary.path("elsewhere/secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(demo.stop().code, Some(0));
    assert!(!binary.path("data").exists());
}

#[test]
fn the_demo_listens_on_this_machine_only_and_never_beside_a_real_app() {
    let binary = Binary::new();
    for (listen, mock) in [
        ("0.0.0.0:0", "127.0.0.1:0"),
        ("127.0.0.1:0", "0.0.0.0:0"),
        ("[::]:0", "127.0.0.1:0"),
        ("192.0.2.1:0", "127.0.0.1:0"),
    ] {
        let ran = binary.run(&["demo", "--listen", listen, "--mock-listen", mock], &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{listen} {mock}");
        assert!(ran.stderr.contains("anybody could sign in as anybody"), "{}", ran.stderr);
    }
    let by_setting = binary.run(&["demo"], &[("LISTEN_ADDR", "0.0.0.0:8000")]);
    assert_eq!(by_setting.code, Some(1), "{}", by_setting.stderr);
    for name in ["KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET", "KAKAO_CLIENT_SECRET_FILE"] {
        let ran = binary.run(&DEMO, &[(name, "canary-4711")]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{name}");
        assert!(ran.stderr.contains(name) && ran.stderr.contains("munjigi serve"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("canary-4711"));
    }
    binary.write(".env", "KAKAO_CLIENT_ID=0123456789abcdef0123456789abcdef\n");
    let ran = binary.run(&DEMO, &[]);
    assert!(ran.code == Some(1) && ran.stderr.contains("[.env:1]"), "{}", ran.stderr);
    assert!(!binary.path("data").exists(), "nothing was made");
}

#[test]
fn the_schema_goes_up_and_down_by_command() {
    let binary = Binary::new();
    let migrate = |arguments: &[&str]| binary.run(&[&["migrate"], arguments].concat(), &SETTINGS);
    let lines = |text: &str, begins: &str| text.lines().filter(|line| line.starts_with(begins)).count();
    let fresh = migrate(&["status"]);
    let count = lines(&fresh.stdout, "pending");
    assert!(count >= 1 && lines(&fresh.stdout, "applied") == 0, "{}{}", fresh.stdout, fresh.stderr);
    let up = migrate(&["up"]);
    assert_eq!((up.code, lines(&up.stdout, "applied")), (Some(0), count), "{}", up.stderr);
    assert_eq!(migrate(&["up"]).stdout.trim(), "nothing to apply");
    assert_eq!(lines(&migrate(&["status"]).stdout, "applied"), count);

    let unasked = migrate(&["down"]);
    assert_eq!(unasked.code, Some(1));
    assert!(unasked.stderr.contains("would revert") && unasked.stderr.contains("--yes"), "{}", unasked.stderr);
    assert_eq!(lines(&migrate(&["status"]).stdout, "applied"), count, "nothing was reverted");
    let down = migrate(&["down", "--yes"]);
    assert_eq!((down.code, lines(&down.stdout, "reverted")), (Some(0), 1), "{}", down.stderr);
    let status = migrate(&["status"]).stdout;
    assert_eq!((lines(&status, "applied"), lines(&status, "pending")), (count - 1, 1));
    assert_eq!(lines(&migrate(&["up"]).stdout, "applied"), 1);
}

#[tokio::test]
async fn keys_are_listed_rotated_and_retired_by_command() {
    let binary = Binary::new();
    let keys = |arguments: &[&str]| binary.run(&[&["keys"], arguments].concat(), &SETTINGS);
    assert_eq!(binary.run(&["migrate", "up"], &SETTINGS).code, Some(0));
    let listed = keys(&["list"]);
    assert_eq!((listed.code, listed.stdout.lines().count()), (Some(0), 1), "{}", listed.stderr);
    assert!(listed.stdout.contains("ES256") && listed.stdout.contains("active"), "{}", listed.stdout);
    let first = listed.stdout.split_whitespace().next().unwrap().to_owned();

    let rotated = keys(&["rotate"]);
    assert!(rotated.code == Some(0) && rotated.stdout.contains("signs from"), "{}", rotated.stderr);
    let second = rotated.stdout.split_whitespace().next().unwrap().to_owned();
    let listed = keys(&["list"]).stdout;
    assert_eq!((listed.lines().count(), listed.matches("pending").count()), (2, 1), "{listed}");
    for (kid, why) in [(first.as_str(), "it signs"), (&second, "about to"), ("made-up", "no key of this name")] {
        let refused = keys(&["retire", kid]);
        assert!(refused.code == Some(1) && refused.stderr.contains("not retired"), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }

    // Long ago, as far as the table knows: the second has signed for a day.
    let file = format!("sqlite://{}", binary.path("data/munjigi.db").display());
    let database = sea_orm::Database::connect(file).await.unwrap();
    let day = 86_400_000;
    let sql = format!(
        "UPDATE signing_keys SET activates_at = activates_at - CASE kid WHEN '{first}' THEN {} ELSE {day} END",
        2 * day
    );
    sea_orm::ConnectionTrait::execute_unprepared(&database, &sql).await.unwrap();
    database.close().await.unwrap();
    let retired = keys(&["retire", &first]);
    assert_eq!(
        (retired.code, retired.stdout.trim()),
        (Some(0), format!("{first}  retired").as_str()),
        "{}",
        retired.stderr
    );
    let listed = keys(&["list"]).stdout;
    assert!(listed.starts_with(&second) && listed.contains("active") && listed.lines().count() == 1, "{listed}");
}

#[test]
fn keys_need_the_secret_they_were_made_under_and_a_shared_one_has_none() {
    let binary = Binary::new();
    assert_eq!(binary.run(&["migrate", "up"], &SETTINGS).code, Some(0));
    assert_eq!(binary.run(&["keys", "list"], &SETTINGS).code, Some(0));
    let other = [&SETTINGS[..], &[("JWT_SECRET_KEY", "another-master-secret-of-more-than-32-bytes")]].concat();
    let ran = binary.run(&["keys", "list"], &other);
    assert!(ran.code == Some(1) && ran.stderr.contains("JWT_SECRET_KEY"), "{}", ran.stderr);
    let shared = [&SETTINGS[..], &[("JWT_ALGORITHM", "HS256")]].concat();
    let ran = binary.run(&["keys", "rotate"], &shared);
    assert!(ran.code == Some(1) && ran.stderr.contains("JWT_ALGORITHM=ES256"), "{}", ran.stderr);
}

#[test]
fn the_document_is_printed_in_both_forms_without_any_setting() {
    let binary = Binary::new();
    let json = binary.run(&["openapi"], &[]);
    let yaml = binary.run(&["openapi", "--format", "yaml"], &[]);
    assert_eq!((json.code, yaml.code, json.stderr.as_str(), yaml.stderr.as_str()), (Some(0), Some(0), "", ""));
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(yaml.stdout.starts_with("openapi:") || yaml.stdout.contains("\nopenapi:"), "{}", yaml.stdout);
    assert_eq!(serde_yaml::from_str::<Value>(&yaml.stdout).unwrap(), document);
    assert_eq!(document, munjigi::http::document());
}

#[tokio::test]
async fn the_mock_runs_alone_for_front_end_teams() {
    let binary = Binary::new();
    let mock = binary.start(&["mock-kakao", "--listen", "127.0.0.1:0"], &[]);
    let base =
        mock.find_in_stdout(|text| text.contains("KAKAO_API_BASE_URL=").then(|| url_after(text, "mock Kakao"))?);
    let browser = Browser::new(&base);
    let discovery = browser.get("/.well-known/openid-configuration").await.ok().json();
    assert_eq!(discovery["issuer"], base);
    assert_eq!(browser.get("/__mock/persons").await.status, 200);
    drop(browser);
    let ran = mock.stop();
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("APP_ENV=development") && ran.stdout.contains("not for production"), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("{base}/__mock/webhooks")), "{}", ran.stdout);
}

#[tokio::test]
async fn the_mocks_app_is_configured_on_the_command_line() {
    let binary = Binary::new();
    let options =
        ["--listen", "127.0.0.1:0", "--scope", "profile_nickname:required", "--scope", "phone_number:on-request"];
    let mock = binary.start(&[&["mock-kakao", "--client-id", "key", "--seed", "7"][..], &options].concat(), &[]);
    let base =
        mock.find_in_stdout(|text| text.contains("KAKAO_API_BASE_URL=").then(|| url_after(text, "mock Kakao"))?);
    let browser = Browser::new(&base);
    let login = format!("/oauth/authorize?client_id=key&redirect_uri={base}/&response_type=code&mock_user=full&scope=");
    let asked = async |scope: &str| browser.get(&format!("{login}{scope}")).await.status.as_u16();
    assert_eq!((asked("phone_number").await, asked("account_email").await), (302, 400));
    drop(browser);
    assert!(mock.stop().stdout.contains("accepts the client key only"));

    let ran = binary.run(&["mock-kakao", "--listen", "127.0.0.1:0", "--scope", "phone"], &[]);
    assert!(ran.code != Some(0) && ran.stderr.contains("phone_number"), "{}", ran.stderr);
    let ran = binary.run(&["mock-kakao", "--scope", "phone_number:maybe"], &[]);
    assert!(ran.code != Some(0) && ran.stderr.contains("on-request"), "{}", ran.stderr);
}
