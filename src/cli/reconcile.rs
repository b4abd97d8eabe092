//! `munjigi reconcile`: our people compared with Kakao's list of linked people.

use std::sync::Arc;

use super::{Failure, Outcome, clock, settings};
use crate::{
    app::StartError,
    domain::identity::Identity,
    flow::reconcile::{Differences, ReconcileError, Reconciliation},
    provider::{ProviderError, http::UpstreamHttp, kakao::Kakao},
    storage::Storage,
};

/// People shown by name; the rest is counted.
const SHOWN: usize = 20;

/// More people than this at once are more likely another app's admin key than missed webhooks.
const FEW: usize = 10;

/// What to do about differences.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Treat users Kakao no longer links as ON_UNLINK says, as if the webhook had come
    #[arg(long)]
    apply: bool,
    /// Ask Kakao to unlink people it has linked and we do not know; `serve` makes the calls
    #[arg(long)]
    unlink_unknown: bool,
    /// Apply even if more than a tenth of all users is concerned
    #[arg(long, requires = "apply")]
    force: bool,
}

pub(super) async fn run(options: Options) -> Outcome {
    let config = settings()?;
    let storage = Storage::connect(&config.database.url).await.map_err(StartError::from)?;
    if !storage.schema_is_current().await.map_err(StartError::from)? {
        return Err(StartError::SchemaBehind.into());
    }
    let http = UpstreamHttp::new().map_err(StartError::from)?;
    let kakao = Kakao::new(config.kakao.clone(), &http, clock()).map_err(StartError::from)?;
    let reconciliation = Reconciliation::new(storage.clone(), Arc::new(kakao), clock(), config.kakao.on_unlink);
    let found = reconciliation.compare(|count| eprint!("\r{count} people on Kakao's list")).await;
    eprintln!();
    let found = found.map_err(failure)?;
    print(&found);
    let remaining = put_right(&options, &reconciliation, &found).await?;
    storage.close().await;
    if remaining == 0 {
        return Ok(());
    }
    let fix = "--apply treats users as unlinked, --unlink-unknown asks Kakao to unlink the others";
    Err(Failure::new(format!("{remaining} differences left as they are"), "nothing was asked to be done", fix))
}

/// Does what was asked for; the number of differences nobody asked to do anything about.
async fn put_right(options: &Options, reconciliation: &Reconciliation, found: &Differences) -> Result<usize, Failure> {
    let mut remaining = found.unlinked.len() + found.unknown.len();
    if options.apply {
        let (gone, known) = (found.unlinked.len(), found.known);
        let is_many = (gone > FEW && gone * 10 > known) || (gone > 1 && gone * 2 > known);
        if is_many && !options.force {
            return Err(Failure::new(
                format!("{} of {} users would be treated as unlinked", found.unlinked.len(), found.known),
                "so many at once look like the admin key of another app; nothing was changed",
                "check KAKAO_ADMIN_KEY and KAKAO_CLIENT_ID, then use --force if it is right",
            ));
        }
        reconciliation.end_links(&found.unlinked).await.map_err(failure)?;
        println!("{} treated as unlinked", found.unlinked.len());
        remaining -= found.unlinked.len();
    }
    if options.unlink_unknown {
        reconciliation.unlink_unknown(&found.unknown).await.map_err(failure)?;
        println!("{} unlink calls owed; munjigi serve makes them", found.unknown.len());
        remaining -= found.unknown.len();
    }
    Ok(remaining)
}

fn print(found: &Differences) {
    println!("{} people linked at Kakao, {} users here", found.linked, found.known);
    let list = |what: &str, people: &[Identity]| {
        println!("{} {what}", people.len());
        for identity in people.iter().take(SHOWN) {
            println!("  {}", identity.username());
        }
        if people.len() > SHOWN {
            println!("  and {} more", people.len() - SHOWN);
        }
    };
    list("users here whom Kakao no longer links", &found.unlinked);
    list("people linked at Kakao who are no users here", &found.unknown);
}

fn failure(error: ReconcileError) -> Failure {
    match error {
        ReconcileError::Storage(error) => StartError::Storage(error).into(),
        ReconcileError::Provider(ProviderError::NotConfigured(name)) => Failure::new(
            "Kakao's list cannot be read",
            format!("{name} is not set"),
            "set it: [앱] > [플랫폼 키] > [어드민 키], with the user list API allowed",
        ),
        ReconcileError::Provider(error) => {
            let code = error.code().map(|code| format!(" ({code})")).unwrap_or_default();
            let fix = match error.code() {
                Some(code) => format!("see: munjigi explain {code}"),
                None => "try again later; see: munjigi doctor".to_owned(),
            };
            Failure::new("Kakao's list cannot be read", format!("{error}{code}"), fix)
        }
    }
}
