//! The bare work inside the gateway's stages, with the gateway's own crates and nothing around them: an HTTP answer, a signature,
//! a commit, Kakao's two calls. One JSON object on standard output.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]

mod crypto;
mod database;
mod hello;
mod upstream;

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand};
use serde::Serialize;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "The bare work inside the gateway's stages")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves one JSON answer at /livez, with poem and nothing else
    Hello {
        #[arg(long)]
        listen: SocketAddr,
    },
    /// Signs and verifies JWTs on one thread
    Crypto,
    /// Commits and reads rows in an SQLite file
    Sqlite {
        /// A file that does not exist yet
        file: PathBuf,
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
    /// The same in an empty PostgreSQL database
    Postgres {
        url: String,
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
    /// A code exchanged and a profile read at the mock
    Upstream {
        /// The mock's base URL
        kakao: String,
        #[arg(long, default_value_t = 64)]
        connections: u32,
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Options::parse().command {
        Command::Hello { listen } => hello::serve(listen).await,
        Command::Crypto => crypto::measure(),
        Command::Sqlite { file, seconds } => database::measure_sqlite(&file, Duration::from_secs_f64(seconds)).await,
        Command::Postgres { url, seconds } => database::measure_postgres(&url, Duration::from_secs_f64(seconds)).await,
        Command::Upstream { kakao, connections, seconds } => {
            upstream::measure(&kakao, connections, Duration::from_secs_f64(seconds)).await
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nothing could be measured: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How often something could be done, and what it took of this process.
#[derive(Serialize)]
struct Rate {
    per_second: f64,
    cpu_us_per_operation: f64,
}

/// Counts operations from its making.
struct Meter {
    begun: Instant,
    cpu_before: f64,
    span: Duration,
    done: u64,
}

impl Meter {
    fn new(span: Duration) -> Self {
        Self { begun: Instant::now(), cpu_before: own_cpu_seconds(), span, done: 0 }
    }

    fn goes_on(&self) -> bool {
        self.begun.elapsed() < self.span
    }

    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    fn rate(&self) -> Rate {
        let done = self.done.max(1) as f64;
        let cpu_us_per_operation = (own_cpu_seconds() - self.cpu_before) * 1e6 / done;
        Rate { per_second: self.done as f64 / self.begun.elapsed().as_secs_f64(), cpu_us_per_operation }
    }
}

/// proc_pid_stat(5), in ticks of 10 ms.
#[expect(clippy::cast_precision_loss, reason = "ticks far below 2^52")]
fn own_cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() as f64 / 100.0
}

fn print(value: &impl Serialize) -> Outcome {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}
