//! The load driver of `bench/`: one scenario against one running system, one JSON object on standard output.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]

mod burst;
mod failure;
mod http;
mod load;
mod system;
mod watch;

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::{
    failure::Failure,
    load::Scenario,
    system::{Session, System},
    watch::Watched,
};

#[derive(Parser)]
#[command(about = "The load driver of bench/")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A closed loop of one operation
    Run(Run),
    /// Many logins at once, and people who show an access token meanwhile
    Burst(Burst),
    /// Memory and processor time of processes, now
    Look {
        /// NAME=PID; with its descendants
        watch: Vec<Watched>,
    },
}

#[derive(clap::Args)]
struct Target {
    /// What answers there
    #[arg(long, value_enum, default_value = "munjigi")]
    system: System,
    /// Its base URL
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    app: String,
    /// The mock's base URL
    #[arg(long, default_value = "http://127.0.0.1:8001")]
    kakao: String,
    /// First of the people used; a random one when absent, so that nobody knows them yet
    #[arg(long)]
    first_person: Option<u64>,
}

impl Target {
    fn first_person(&self) -> u64 {
        // Ids of the mock are positive and below 2^63; a run uses some hundred million of them.
        self.first_person.unwrap_or_else(|| (1 << 52) + (RandomState::new().build_hasher().finish() >> 13))
    }
}

#[derive(clap::Args)]
struct Run {
    #[command(flatten)]
    target: Target,
    #[arg(long, value_enum)]
    scenario: Scenario,
    #[arg(long, default_value_t = 64)]
    connections: u32,
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Seconds that are not counted, before
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// A file of sessions to refresh by turns, a line each: the person's number, a space, the refresh token
    #[arg(long)]
    sessions: Option<PathBuf>,
    /// A file of numbers of people the system knows, a line each, to sign in by turns
    #[arg(long)]
    known: Option<PathBuf>,
    /// NAME=PID: a process whose processor time and memory are reported, with its descendants; several times
    #[arg(long)]
    watch: Vec<Watched>,
}

#[derive(clap::Args)]
struct Burst {
    #[command(flatten)]
    target: Target,
    #[arg(long, default_value_t = 512)]
    logins: u32,
    /// Of people the system knows
    #[arg(long)]
    returning: bool,
    #[arg(long, default_value_t = 4)]
    bystanders: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Options::parse().command {
        Command::Run(run) => measure(run).await,
        Command::Burst(burst) => measure_burst(burst).await,
        Command::Look { watch } => print(&watch.iter().map(|one| (&one.name, one.look())).collect::<Vec<_>>()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("nothing could be measured: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(run: Run) -> Result<(), Failure> {
    let session = |line: &str| {
        let (person, token) = line.split_once(' ')?;
        Some(Session::to_be_refreshed(person.parse().ok()?, token))
    };
    let plan = load::Plan {
        sessions: lines(run.sessions.as_deref(), session)?,
        known: lines(run.known.as_deref(), |line| line.parse().ok())?,
        system: run.target.system,
        scenario: run.scenario,
        first_person: run.target.first_person(),
        app: run.target.app,
        kakao: run.target.kakao,
        connections: run.connections,
        warm_up: Duration::from_secs_f64(run.warm_up),
        seconds: Duration::from_secs_f64(run.seconds),
        watched: run.watch,
    };
    print(&load::run(plan).await?)
}

/// Every line of a file, read as `read` does; nothing when there is no file.
fn lines<T>(file: Option<&Path>, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Failure> {
    let text = file.map_or_else(|| Ok(String::new()), fs::read_to_string).map_err(Failure::transport)?;
    let read = |line| read(line).ok_or_else(|| Failure::wrong("a line of the file"));
    text.lines().map(read).collect()
}

async fn measure_burst(options: Burst) -> Result<(), Failure> {
    let burst = burst::Burst {
        system: options.target.system,
        first_person: options.target.first_person(),
        app: options.target.app,
        kakao: options.target.kakao,
        logins: options.logins,
        returning: options.returning,
        bystanders: options.bystanders,
        calm: Duration::from_secs(1),
    };
    print(&burst::run(&burst).await?)
}

fn print(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|_| Failure::wrong("a number that JSON cannot hold"))?;
    println!("{text}");
    Ok(())
}
