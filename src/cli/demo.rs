//! `munjigi demo`: gateway, mock Kakao and demo page in one process. Loopback only; needs no setting.

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use mock_kakao::{MockClient, MockConfig, MockKakao, UnlinkMethod, UnlinkWebhook};

use super::{Failure, Outcome, bind, check_config, clock, start_logging, stop_signal};
use crate::{
    app::App,
    config::{Config, Env},
    http::DemoPage,
    token::secret::{base64url, random},
};

/// Where the demo listens and keeps its file.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Loopback address and port of the gateway; default LISTEN_ADDR or 127.0.0.1:8000
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Loopback address and port of the mock; default the gateway's port + 1
    #[arg(long)]
    mock_listen: Option<SocketAddr>,
    /// Folder for the database and the generated secret
    #[arg(long, default_value = "data/demo")]
    data_dir: PathBuf,
}

const CLIENT_ID: &str = "munjigi-demo";
const CLIENT_SECRET: &str = "munjigi-demo-secret";
const NATIVE_APP_KEY: &str = "munjigi-demo-native-app";

pub(super) async fn run(options: Options) -> Outcome {
    let mut env = Env::read();
    refuse_real_settings(&env)?;
    let said = env.get("LISTEN_ADDR").and_then(|value| value.text.trim().parse().ok());
    let listen = options.listen.or(said).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8000)));
    let beside = SocketAddr::new(listen.ip(), if listen.port() == 0 { 0 } else { listen.port().wrapping_add(1) });
    let mock_listen = options.mock_listen.unwrap_or(beside);
    for addr in [listen, mock_listen] {
        if !addr.ip().is_loopback() {
            let fix = "use 127.0.0.1, or set up a real Kakao app and run: munjigi serve";
            return Err(Failure::new(
                format!("demo does not listen on {addr}"),
                "anybody could sign in as anybody",
                fix,
            ));
        }
    }
    let listener = bind(listen).await?;
    let port = listener.local_addr().map_or(listen.port(), |addr| addr.port());
    let public_url = format!("http://localhost:{port}");
    let created = !options.data_dir.join("munjigi.db").exists();
    fill_in(&mut env, &public_url, port, &options.data_dir)?;
    // Made for this run: nobody but these two needs to know it.
    let admin_key = base64url(random::<24>());
    env.set("KAKAO_ADMIN_KEY", admin_key.as_str());
    env.set("KAKAO_APP_ID", mock_kakao::APP_ID.to_string());
    env.set_if_absent("KAKAO_APP_KEYS", NATIVE_APP_KEY);
    let mock = start_mock(mock_listen, &env, &public_url, admin_key).await?;
    env.set("KAKAO_AUTH_BASE_URL", mock.base_url());
    env.set("KAKAO_API_BASE_URL", mock.base_url());
    let config = Config::from_env(&env)
        .map_err(|problems| Failure::config(check_config::report(&problems, &Config::warnings(&env))))?;
    start_logging(&config.log);
    let persons = mock.persons().iter();
    let persons = persons.map(|person| (person.name.to_string(), person.special, person.special_en)).collect();
    let page = DemoPage { mock_url: mock.base_url().to_owned(), persons };
    let app = App::build(config, clock(), listener, Some(page)).await?;
    let stop = stop_signal();
    greet(&public_url, mock.base_url(), &options.data_dir, created);
    app.run(stop).await?;
    Ok(())
}

fn refuse_real_settings(env: &Env) -> Outcome {
    for name in [
        "KAKAO_CLIENT_ID",
        "KAKAO_CLIENT_SECRET",
        "KAKAO_CLIENT_SECRET_FILE",
        "KAKAO_ADMIN_KEY",
        "KAKAO_ADMIN_KEY_FILE",
    ] {
        if let Some(value) = env.get(name) {
            let what = format!("demo does not start while {name} is set [{}]", value.origin);
            let why = "it lets anybody sign in and must never be mistaken for the real gateway";
            return Err(Failure::new(what, why, format!("run munjigi serve, or unset {name} for the demo")));
        }
    }
    Ok(())
}

/// What demo decides itself; everything else may be said in the environment as for `serve`.
fn fill_in(env: &mut Env, public_url: &str, port: u16, data_dir: &Path) -> Outcome {
    fs::create_dir_all(data_dir).map_err(|error| {
        Failure::new(format!("cannot make the folder {}", data_dir.display()), error, "choose another with --data-dir")
    })?;
    env.set("APP_ENV", "development");
    env.set("LISTEN_ADDR", format!("127.0.0.1:{port}"));
    env.set("PUBLIC_URL", public_url);
    env.set("KAKAO_CLIENT_ID", CLIENT_ID);
    env.set("KAKAO_CLIENT_SECRET", CLIENT_SECRET);
    env.set("KAKAO_LOGOUT_REDIRECT_URI", format!("{public_url}/"));
    env.set("DATABASE_URL", format!("sqlite://{}", data_dir.join("munjigi.db").display()));
    env.set_if_absent("JWT_SECRET_KEY", secret(&data_dir.join("secret"))?);
    // The ports of create-react-app, Next.js and Vite.
    let front_ends = ["http://localhost:3000", "http://localhost:5173"];
    env.set_if_absent("CORS_ALLOWED_ORIGINS", front_ends.join(","));
    env.set_if_absent("LOGIN_RETURN_URLS", front_ends.join(","));
    let callbacks = front_ends.map(|origin| format!("{origin}/auth/kakao/callback,{origin}/auth/callback"));
    env.set_if_absent("KAKAO_EXTRA_REDIRECT_URIS", callbacks.join(","));
    env.set_if_absent("LOG_LEVEL", "info");
    Ok(())
}

/// The master secret of the demo: made once, kept beside its database, readable by its owner alone.
fn secret(path: &Path) -> Result<String, Failure> {
    if let Ok(text) = fs::read_to_string(path) {
        return Ok(text.trim().to_owned());
    }
    let text = base64url(random::<48>());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        Failure::new(format!("cannot write {}", path.display()), error, "choose another folder with --data-dir")
    })?;
    Ok(text)
}

async fn start_mock(listen: SocketAddr, env: &Env, public_url: &str, admin_key: String) -> Result<MockKakao, Failure> {
    let said = |name: &str| env.get(name).map(|value| value.text.clone()).unwrap_or_default();
    let mut redirect_uris = vec![format!("{public_url}/api/auth/kakao/callback")];
    let extra = format!("{},{}", said("KAKAO_EXTRA_REDIRECT_URIS"), said("KAKAO_REDIRECT_URI"));
    redirect_uris.extend(extra.split(',').map(str::trim).filter(|uri| !uri.is_empty()).map(ToOwned::to_owned));
    let client =
        MockClient { client_id: CLIENT_ID.to_owned(), client_secret: Some(CLIENT_SECRET.to_owned()), redirect_uris };
    let config = MockConfig {
        listen,
        clients: vec![client],
        admin_keys: vec![admin_key],
        // Unlinking on the mock's account page shows what the gateway makes of it.
        unlink_webhook: Some(UnlinkWebhook {
            url: format!("{public_url}/api/webhooks/kakao/unlink"),
            method: UnlinkMethod::Form,
        }),
        status_webhook: Some(format!("{public_url}/api/webhooks/kakao/account-status")),
        logout_redirect_uris: vec![format!("{public_url}/")],
        ..MockConfig::default()
    };
    MockKakao::start(config).await.map_err(|error| {
        Failure::new(
            format!("the mock cannot listen on {listen}"),
            error,
            "stop what listens there, or choose --mock-listen",
        )
    })
}

fn greet(public_url: &str, mock_url: &str, data_dir: &Path, created: bool) {
    let state = if created { "created" } else { "found" };
    println!(
        "munjigi {version} · demo · needs no Kakao app, not for production

  Try it         {public_url}/             press the Kakao button
  Mock Kakao     {mock_url}/             test people
  Webhooks       {mock_url}/__mock/webhooks  send one, see the gateway's answer
  Your account   {public_url}/account      devices, your data, leaving
  API docs       {public_url}/docs         OpenAPI: /openapi.json
  Health         {public_url}/readyz

  Data           {data}/ ({state})             SQLite file, generated secret, ES256 key
  Front ends     http://localhost:3000, http://localhost:5173 (more: CORS_ALLOWED_ORIGINS)

  In your React app   <MunjigiProvider baseUrl=\"{public_url}\">
  For real            put KAKAO_CLIENT_ID and KAKAO_CLIENT_SECRET into .env, then: munjigi serve
",
        version = env!("CARGO_PKG_VERSION"),
        data = data_dir.display(),
    );
    let _ = std::io::stdout().flush();
}
