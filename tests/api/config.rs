//! Settings: everything wrong is said at once, nothing unsafe starts, no secret is repeated (contract 2, security A3 row 29).

use munjigi::config::{Config, Env, Problem, settings};
use secrecy::ExposeSecret;

use crate::support::{CLIENT_ID, CLIENT_SECRET, MASTER_SECRET};

/// The least a gateway in production needs, with these settings instead or besides; an empty one counts as not set.
fn production<'a>(changes: &[(&'a str, &'a str)]) -> Env {
    let mut env = Env::from_pairs([
        ("PUBLIC_URL", "https://auth.example.com"),
        ("KAKAO_CLIENT_ID", CLIENT_ID),
        ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
        ("JWT_SECRET_KEY", MASTER_SECRET),
    ]);
    for (name, value) in changes {
        env.set(name, *value);
    }
    env
}

fn development<'a>(changes: &[(&'a str, &'a str)]) -> Env {
    production(&[&[("APP_ENV", "development"), ("PUBLIC_URL", "http://localhost:8000")], changes].concat())
}

fn problems(env: &Env) -> Vec<Problem> {
    Config::from_env(env).err().unwrap_or_default()
}

/// Names of what is wrong, in order of the alphabet.
fn wrong(env: &Env) -> Vec<String> {
    let mut names: Vec<_> = problems(env).into_iter().map(|problem| problem.name).collect();
    names.sort();
    names
}

#[track_caller]
fn assert_refused(env: &Env, name: &str) {
    assert_eq!(wrong(env), [name], "{:?}", problems(env));
}

#[track_caller]
fn assert_accepted(env: &Env) {
    assert_eq!(problems(env), []);
}

#[test]
fn the_least_that_is_needed_is_enough() {
    assert_accepted(&production(&[]));
    assert_accepted(&development(&[]));
    let config = Config::from_env(&production(&[])).ok().unwrap();
    assert_eq!(config.tokens.issuer, "https://auth.example.com");
    assert_eq!(config.kakao.redirect_uri, "https://auth.example.com/api/auth/kakao/callback");
    assert_eq!((config.kakao.scopes.len(), config.server.login_rate_per_minute), (0, 30));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let nothing = Env::from_pairs::<&str, &str>([]);
    assert_eq!(wrong(&nothing), ["JWT_SECRET_KEY", "KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET", "PUBLIC_URL"]);
    let broken = production(&[
        ("APP_ENV", "staging"),
        ("LISTEN_ADDR", "8000"),
        ("KAKAO_PKCE", "maybe"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_TYP", "jwt"),
        ("JWT_EXTRA_CLAIMS", "email,phone"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,everybody"),
        ("DATABASE_URL", "jdbc:mysql://localhost/x"),
        ("OAUTH_CLIENTS", "api:secret"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("AUTO_MIGRATE", "perhaps"),
        ("KAKAO_EXTRA_REDIRECT_URIS", "/relative"),
        ("KAKAO_SCOPES", "account_email, two words"),
        ("JWT_ISSUER", "two words"),
    ]);
    let names = wrong(&broken);
    assert_eq!(names.len(), 15, "{names:?}");
    for problem in problems(&broken) {
        let text = problem.to_string();
        assert!(text.starts_with(&problem.name) && text.contains("why ") && text.contains("fix "), "{text}");
        assert!(problem.origin.is_some(), "where the value came from is said: {text}");
    }
}

#[test]
fn production_does_not_start_on_what_is_only_safe_on_a_desk() {
    for url in ["http://auth.example.com", "http://localhost:8000", "ftp://auth.example.com", "auth.example.com"] {
        assert_refused(&production(&[("PUBLIC_URL", url)]), "PUBLIC_URL");
    }
    for base in ["KAKAO_AUTH_BASE_URL", "KAKAO_API_BASE_URL"] {
        for url in [
            "http://kauth.kakao.com",
            "http://localhost:8001",
            "https://localhost:8001",
            "https://localhost.:8001",
            "https://mock.localhost",
            "https://127.0.0.1",
            "https://127.1",
            "https://0.0.0.0",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
            "https://10.1.2.3",
            "https://172.16.0.1",
            "https://192.168.0.10",
            "https://169.254.169.254",
            "https://[fd00::1]",
            "https://[fe80::1]",
            "file:///etc/passwd",
            "https://user:password@kauth.kakao.com",
            "https://kauth.kakao.com/?x=y",
        ] {
            assert_refused(&production(&[(base, url)]), base);
        }
        assert_accepted(&production(&[(base, "https://kakao.example.com")]));
    }
}

#[test]
fn production_needs_a_secret_that_nobody_knows() {
    for secret in [
        "short",
        "thirty-one-bytes-are-not-enough",
        "please-change-me-please-change-me-please",
        "django-insecure-0123456789abcdefghijklmnop",
        "your-secret-key-your-secret-key-your-secret",
        "this-is-an-example-secret-of-a-tutorial-0123",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "1234512345123451234512345123451234512345",
    ] {
        assert_refused(&production(&[("JWT_SECRET_KEY", secret)]), "JWT_SECRET_KEY");
    }
    assert_accepted(&production(&[("JWT_SECRET_KEY", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")]));
}

#[test]
fn origins_are_exact_and_never_a_wildcard() {
    for name in ["CORS_ALLOWED_ORIGINS", "LOGIN_RETURN_URLS"] {
        for origin in
            ["*", "https://*.example.com", "null", "app.example.com", "https://app.example.com/path", "ftp://a.b"]
        {
            assert_refused(&production(&[(name, origin)]), name);
            assert_refused(&development(&[(name, origin)]), name);
        }
        assert_refused(&production(&[(name, "http://app.example.com")]), name);
        assert_accepted(&production(&[(name, "https://a.example.com, https://b.example.com:8443,")]));
    }
    let env = production(&[("CORS_ALLOWED_ORIGINS", "*,http://app.example.com,https://app.example.com,null")]);
    assert_eq!(problems(&env).len(), 3, "each of them is named");
}

#[test]
fn development_does_without_https_on_this_machine_only() {
    for url in ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000", "https://auth.example.com"] {
        assert_accepted(&development(&[("PUBLIC_URL", url)]));
    }
    for url in ["http://auth.example.com", "http://192.168.0.10:8000", "http://localhost.example.com"] {
        assert_refused(&development(&[("PUBLIC_URL", url)]), "PUBLIC_URL");
    }
    assert_accepted(&development(&[("KAKAO_AUTH_BASE_URL", "http://localhost:8001")]));
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let secret = "from-a-file-0123456789abcdef0123456789";
    std::fs::write(path("secret"), format!("{secret}\n")).unwrap();
    std::fs::write(path("empty"), "\n").unwrap();
    std::fs::write(path("short"), "short").unwrap();
    std::fs::write(path("clients"), r#"[{"id":"api","secret":"a-secret-of-a-client"}]"#).unwrap();
    let without = |file: &str| production(&[("JWT_SECRET_KEY", ""), ("JWT_SECRET_KEY_FILE", file)]);

    let config = Config::from_env(&without(&path("secret"))).ok().unwrap();
    assert_eq!(config.tokens.secret.expose_secret(), secret, "without its line end");
    let config = Config::from_env(&production(&[("OAUTH_CLIENTS_FILE", &path("clients"))])).ok().unwrap();
    assert_eq!(config.oauth_clients[0].id, "api");

    assert_refused(&without(&path("missing")), "JWT_SECRET_KEY_FILE");
    assert_refused(&without(&path("empty")), "JWT_SECRET_KEY_FILE");
    assert_refused(&without(&path("short")), "JWT_SECRET_KEY");
    let both = production(&[("JWT_SECRET_KEY_FILE", &path("secret")), ("KAKAO_CLIENT_SECRET_FILE", &path("secret"))]);
    assert_eq!(wrong(&both), ["JWT_SECRET_KEY_FILE", "KAKAO_CLIENT_SECRET_FILE"]);
    assert!(problems(&both)[0].to_string().contains("both set"));
}

#[test]
fn a_misspelt_name_is_asked_about_and_a_foreign_one_is_left_alone() {
    let said = |name: &str, value: &str| Config::warnings(&production(&[(name, value)]));
    for (typed, meant) in [
        ("KAKAO_CLIENTID", "KAKAO_CLIENT_ID"),
        ("JWT_SECRETKEY", "JWT_SECRET_KEY"),
        ("CORS_ALLOW_ORIGINS", "CORS_ALLOWED_ORIGINS"),
        ("RATE_LIMIT_LOGIN_PER_MINUTES", "RATE_LIMIT_LOGIN_PER_MINUTE"),
        ("KAKAO_CLIENT_SECRETS_FILE", "KAKAO_CLIENT_SECRET"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
    ] {
        let warnings = said(typed, "canary-4711");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(typed) && warnings[0].contains(&format!("did you mean {meant}?")), "{warnings:?}");
        assert!(!warnings[0].contains("canary-4711"), "a misspelt secret is a secret");
    }
    assert!(said("KAKAO_ZZZZZZZZZZZZZZZZZZZZZZZ", "x")[0].contains("is no setting"));
    let only_secrets = said("JWT_ISSUER_FILE", "/run/issuer");
    assert_eq!(only_secrets.len(), 1, "only secrets come from files, and silence would look like consent");
    for foreign in ["PATH", "HOME", "POSTGRES_PASSWORD", "SOME_JWT_THING"] {
        assert_eq!(said(foreign, "x"), Vec::<String>::new(), "{foreign}");
    }
}

#[test]
fn what_replicas_need_is_checked_and_never_shown() {
    for (name, good) in [
        ("REDIS_URL", "rediss://user:canary-4711@cache.example.com:6380/2"),
        ("DATABASE_LISTEN_URL", "postgres://user:canary-4711@db.example.com/munjigi"),
        ("DATABASE_URL", "postgres://user:canary-4711@one:5432,two:5433/munjigi?target_session_attrs=read-write"),
        ("METRICS_ADDR", "127.0.0.1:9000"),
        ("DATABASE_POOL_SIZE", "2"),
    ] {
        assert_accepted(&production(&[(name, good)]));
        let env = production(&[(name, "canary-4711")]);
        assert_refused(&env, name);
        let secret = settings::find(name).unwrap().secret;
        assert_eq!(!problems(&env)[0].to_string().contains("canary-4711"), secret, "{name}");
    }
}

#[test]
fn keys_of_the_wrong_shape_are_pointed_out_but_accepted() {
    let env = production(&[("KAKAO_CLIENT_ID", "1234567"), ("KAKAO_CLIENT_SECRET", "canary-4711")]);
    assert_accepted(&env);
    let warnings = Config::warnings(&env);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(!warnings.join("").contains("canary-4711"));
}

#[test]
fn no_message_repeats_a_secret() {
    let canary = "canary-4711";
    let env = production(&[
        ("JWT_SECRET_KEY", canary),
        ("KAKAO_CLIENT_SECRET", canary),
        ("KAKAO_CLIENT_SECRET_FILE", "/run/secrets/kakao"),
        ("DATABASE_URL", "jdbc:mysql://root:canary-4711@db/x"),
        ("OAUTH_CLIENTS", r#"[{"id":"api","secrets":"canary-4711"}]"#),
        ("KAKAO_ADMIN_KEY", canary),
        ("REDIS_URL", "redis://:canary-4711@redis"),
    ]);
    let found = problems(&env);
    assert_eq!(found.len(), 4, "{found:?}");
    let said = found.iter().map(|problem| format!("{problem} {problem:?}")).collect::<Vec<_>>().join(" ");
    assert!(!said.contains(canary) && !Config::warnings(&env).join("").contains(canary), "{said}");
    for clients in [r#"[{"id":"a","secret":"canary-4711"},{"id":"a","secret":"canary-4711"}]"#, "{canary-4711"] {
        let found = problems(&production(&[("OAUTH_CLIENTS", clients)]));
        assert!(!found.is_empty() && !format!("{found:?}").contains(canary), "{found:?}");
    }
    let config =
        Config::from_env(&production(&[("JWT_SECRET_KEY", "canary-4711-0123456789-abcdefghijkl")])).ok().unwrap();
    let printed = format!("{:?} {:?} {:?}", config.server, config.kakao, config.tokens);
    assert!(!printed.contains(canary) && !printed.contains(CLIENT_SECRET), "{printed}");
}

#[test]
fn numbers_have_bounds() {
    for (name, lowest, highest) in [
        ("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", 1, 1440),
        ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", 1, 90),
        ("SESSION_MAX_DAYS", 7, 3650),
        ("REFRESH_REUSE_WINDOW_SECONDS", 0, 600),
        ("REFRESH_RECOVERY_HOURS", 0, 168),
        ("PROFILE_MAX_AGE_HOURS", 0, 8760),
        ("RATE_LIMIT_LOGIN_PER_MINUTE", 0, 1_000_000),
    ] {
        for good in [lowest, highest] {
            assert_accepted(&production(&[(name, &good.to_string())]));
        }
        for bad in [&(highest + 1).to_string(), "-1", "1.5", "15m", "0x10", "99999999999999999999"] {
            assert!(!problems(&production(&[(name, bad)])).is_empty(), "{name}={bad}");
        }
    }
    assert_refused(&production(&[("JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "0")]), "JWT_ACCESS_TOKEN_EXPIRE_MINUTES");
}

#[test]
fn a_session_does_not_end_before_its_refresh_token() {
    let shorter = production(&[("SESSION_MAX_DAYS", "10"), ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "11")]);
    assert_refused(&shorter, "SESSION_MAX_DAYS");
    let text = problems(&shorter)[0].to_string();
    assert!(text.contains("10") && text.contains("JWT_REFRESH_TOKEN_EXPIRE_DAYS = 11"), "{text}");
    assert_accepted(&production(&[("SESSION_MAX_DAYS", "11"), ("JWT_REFRESH_TOKEN_EXPIRE_DAYS", "11")]));
}

#[test]
fn the_example_names_every_setting_and_is_the_one_committed() {
    let example = settings::env_example();
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example")).unwrap();
    assert!(example == committed, "mend it with: cargo run -- check-config --example > .env.example");
    for setting in settings::all() {
        let shown = example.lines().any(|line| line.trim_start_matches('#').starts_with(&format!("{}=", setting.name)));
        assert!(shown, "{}", setting.name);
    }
}
