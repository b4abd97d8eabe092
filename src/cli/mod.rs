//! The command line: one file a command. Results go to stdout, commentary and errors to stderr.

mod check_config;
#[cfg(feature = "mock")]
mod demo;
mod doctor;
mod explain;
mod keys;
mod layout;
mod migrate;
#[cfg(feature = "mock")]
mod mock_kakao;
mod openapi;
mod reconcile;
mod reference;
mod serve;

use std::{error::Error, fmt::Display, future::Future, io::IsTerminal, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use tracing::Subscriber;

use crate::{
    app::StartError,
    clock::{Clock, SystemClock},
    config::{Config, Env, LogConfig},
    http::error_chain,
    metrics::Counts,
    telemetry,
};

/// munjigi (문지기): a Kakao login gateway. Try it without any setting: munjigi demo
#[derive(Parser)]
#[command(name = "munjigi", version, arg_required_else_help = true)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Gateway, mock Kakao and a demo page in one process; loopback only, needs no setting
    #[cfg(feature = "mock")]
    Demo(demo::Options),
    /// The gateway
    Serve,
    /// The mock provider alone, for front-end teams and their CI
    #[cfg(feature = "mock")]
    MockKakao(mock_kakao::Options),
    /// Check all settings offline; exit 0 or 2
    CheckConfig(check_config::Options),
    /// Check settings, database, keys, clock, Kakao and addresses; exit 0, 1 or 2
    Doctor(doctor::Options),
    /// Cause and remedy of an error code of Kakao's or ours, offline, in Korean and English
    Explain(explain::Options),
    /// Bring the schema up to date, or back
    Migrate(migrate::Options),
    /// List, rotate and retire signing keys
    Keys(keys::Options),
    /// Compare the users with Kakao's list of linked people, and put right what lost calls left behind
    Reconcile(reconcile::Options),
    /// Print the OpenAPI document
    Openapi(openapi::Options),
    /// Write the generated pages of the documentation
    #[command(hide = true)]
    Reference(reference::Options),
}

/// Success, or what to print and exit with.
type Outcome = Result<(), Failure>;

/// A command that failed: what happened, why, what to do.
struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    fn new(what: impl Display, why: impl Display, fix: impl Display) -> Self {
        Self { text: format!("{what} · {why} · {fix}"), code: 1 }
    }

    /// Wrong settings: exit 2.
    fn config(text: String) -> Self {
        Self { text, code: 2 }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let fix = match &error {
            StartError::Storage(_) => "check DATABASE_URL and that the database runs",
            StartError::SchemaBehind => "run: munjigi migrate up",
            StartError::Keys(_) => "use the JWT_SECRET_KEY the keys were made under",
            StartError::Http(_) => "install the system's CA certificates (package ca-certificates)",
            StartError::Provider(_) => "check KAKAO_AUTH_BASE_URL",
            StartError::Redis(_) => "check REDIS_URL",
            StartError::Socket(_) => "choose another LISTEN_ADDR or METRICS_ADDR",
        };
        Self::new(&error, error.source().map(error_chain).unwrap_or_default(), fix)
    }
}

/// Runs the command of this process and returns its exit code.
pub fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.command {
        #[cfg(feature = "mock")]
        Command::Demo(options) => block_on(demo::run(options)),
        Command::Serve => block_on(serve::run()),
        #[cfg(feature = "mock")]
        Command::MockKakao(options) => block_on(mock_kakao::run(options)),
        Command::CheckConfig(options) => check_config::run(options),
        Command::Doctor(options) => block_on(doctor::run(options)),
        Command::Explain(options) => explain::run(options),
        Command::Migrate(options) => block_on(migrate::run(options)),
        Command::Keys(options) => block_on(keys::run(options)),
        Command::Reconcile(options) => block_on(reconcile::run(options)),
        Command::Openapi(options) => {
            openapi::run(options);
            Ok(())
        }
        Command::Reference(options) => reference::run(options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.text);
            ExitCode::from(failure.code)
        }
    }
}

fn block_on(run: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(run),
        Err(error) => Err(Failure::new("the runtime cannot start", error, "check the limits of threads and memory")),
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn start_logging(config: &LogConfig) {
    start_subscriber(telemetry::subscriber(config, std::io::stderr().is_terminal(), std::io::stderr));
}

/// Logs, and counts what is logged.
fn start_counting(config: &LogConfig) -> Arc<Counts> {
    let counts = Arc::<Counts>::default();
    let logging = telemetry::subscriber(config, std::io::stderr().is_terminal(), std::io::stderr);
    start_subscriber(telemetry::counting(logging, Arc::clone(&counts)));
    counts
}

fn start_subscriber(subscriber: impl Subscriber + Send + Sync) {
    // Fails only when a subscriber is set already, which a test may have done.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The settings, or the whole report of `check-config` as the failure.
fn settings() -> Result<Config, Failure> {
    let env = Env::read();
    Config::from_env(&env).map_err(|problems| {
        let report = check_config::report(&problems, &Config::warnings(&env));
        Failure::config(format!("{report}no Kakao app yet? munjigi demo"))
    })
}

async fn bind(addr: std::net::SocketAddr) -> Result<tokio::net::TcpListener, Failure> {
    tokio::net::TcpListener::bind(addr).await.map_err(|error| {
        Failure::new(format!("cannot listen on {addr}"), error, "stop what listens there, or choose another port")
    })
}

/// Ready when the process is asked to stop. Listens from the call on, not from the first poll: who has been told that it
/// runs may stop it at once.
#[cfg(unix)]
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Ready when the process is asked to stop.
#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
