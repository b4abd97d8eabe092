//! `munjigi migrate`: the schema.

use std::io::{IsTerminal, Write as _};

use super::{Failure, Outcome, settings};
use crate::{app::StartError, storage::Storage};

/// What to do with the schema.
#[derive(clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Apply what is missing
    Up,
    /// Revert the newest changes; their tables and rows are lost
    Down {
        /// How many changes
        #[arg(long, default_value_t = 1)]
        steps: u32,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// List the changes
    Status,
}

pub(super) async fn run(options: Options) -> Outcome {
    let config = settings()?;
    let storage = Storage::connect(&config.database.url).await.map_err(StartError::from)?;
    match options.action {
        Action::Up => {
            let applied = storage.migrate_up().await.map_err(StartError::from)?;
            for name in &applied {
                println!("applied   {name}");
            }
            if applied.is_empty() {
                println!("nothing to apply");
            }
        }
        Action::Down { steps, yes } => {
            if !yes {
                confirm(&storage, steps).await?;
            }
            let reverted = storage.migrate_down(steps).await.map_err(StartError::from)?;
            for name in reverted {
                println!("reverted  {name}");
            }
        }
        Action::Status => {
            for change in storage.schema_status().await.map_err(StartError::from)? {
                println!("{}  {}", if change.applied { "applied" } else { "pending" }, change.name);
            }
        }
    }
    storage.close().await;
    Ok(())
}

async fn confirm(storage: &Storage, steps: u32) -> Outcome {
    let changes = storage.schema_status().await.map_err(StartError::from)?;
    for change in changes.iter().rev().filter(|change| change.applied).take(steps as usize) {
        eprintln!("would revert {} and lose what its tables hold", change.name);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("not reverted", "nobody is there to confirm", "add --yes"));
    }
    eprint!("type \"down\" to go on: ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let _ = std::io::stdin().read_line(&mut answer);
    if answer.trim() == "down" {
        Ok(())
    } else {
        Err(Failure::new("not reverted", "not confirmed", "nothing was changed"))
    }
}
